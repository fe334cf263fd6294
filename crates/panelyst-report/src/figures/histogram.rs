//! A distribution as a histogram, with the values beyond Tukey's fences named.

use super::canvas::POINT;
use super::chart::{
    Area, BLUE, Drawn, GRID, INK, MUTED, SMALL, Sides, VERMILION, around, axes, chart, cut, filled,
    line, stroke, style, write,
};
use super::number;
use crate::table::Lang;
use plotters::prelude::{Circle, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};

/// A variable's values.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Words of the axis of values.
    pub axis: String,
    /// Words of the axis of counts.
    pub count: String,
    /// Values with their names.
    pub values: Vec<(String, f64)>,
    /// First quartile, median and third quartile.
    pub quartiles: [f64; 3],
    /// Words before the median.
    pub median: String,
}

impl Histogram {
    /// Ends of the range beyond which a value is an outlier: 1.5 interquartile ranges beyond the quartiles (Tukey 1977,
    /// section 2D).
    pub fn fences(&self) -> (f64, f64) {
        let [low, _, high] = self.quartiles;
        let step = 1.5 * (high - low);
        (low - step, high + step)
    }

    /// Values beyond the fences.
    pub fn outliers(&self) -> Vec<&(String, f64)> {
        let (low, high) = self.fences();
        let beyond = |v: &&(String, f64)| v.1 < low || v.1 > high;
        self.values.iter().filter(beyond).collect()
    }

    /// Bins as start, end and count, of equal width by the rule of Freedman and Diaconis (1981), 5 to 40 of them.
    pub fn bins(&self) -> Vec<(f64, f64, usize)> {
        let low = self
            .values
            .iter()
            .map(|v| v.1)
            .fold(f64::INFINITY, f64::min);
        let high = self
            .values
            .iter()
            .map(|v| v.1)
            .fold(f64::NEG_INFINITY, f64::max);
        if low >= high {
            let half = if low == 0.0 { 0.5 } else { 0.05 * low.abs() };
            return vec![(low - half, high + half, self.values.len())];
        }
        let rule =
            2.0 * (self.quartiles[2] - self.quartiles[0]) / (self.values.len() as f64).cbrt();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let count = (((high - low) / rule).ceil().min(40.0) as usize).clamp(5, 40);
        let width = (high - low) / count as f64;
        let mut bins: Vec<(f64, f64, usize)> = (0..count)
            .map(|i| (low + i as f64 * width, low + (i + 1) as f64 * width, 0))
            .collect();
        for (_, value) in &self.values {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let place = (((value - low) / width) as usize).min(count - 1);
            bins[place].2 += 1;
        }
        bins
    }
}

/// Draws bins, median, fences and outliers.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Histogram) -> Drawn {
    let bins = content.bins();
    let most = bins.iter().map(|b| b.2).max().unwrap_or(1) as f64;
    let x = around(bins.iter().flat_map(|b| [b.0, b.1]));
    let sides = Sides {
        left: 62,
        below: 48,
        right: 14,
        above: 26,
    };
    let mut chart = chart(area, (x.clone(), 0.0..1.12 * most), &sides)?;
    axes(
        &mut chart,
        (&content.axis, &content.count),
        (true, true),
        false,
    )?;
    for (from, to, count) in &bins {
        let corners = [(*from, 0.0), (*to, *count as f64)];
        chart.draw_series([Rectangle::new(corners, filled(BLUE))])?;
        chart.draw_series([Rectangle::new(corners, stroke(GRID, 6))])?;
    }
    let median = content.quartiles[1];
    chart.draw_series([line((median, 0.0), (median, 1.12 * most), stroke(INK, 14))])?;
    let at = chart.backend_coord(&(median, 1.12 * most));
    let words = format!("{} {}", content.median, number(median));
    let place = (at.0, at.1 - 4 * POINT);
    write(
        area,
        &words,
        place,
        style(INK, SMALL, HPos::Center, VPos::Bottom),
    )?;
    let (low, high) = content.fences();
    for fence in [low, high] {
        if x.contains(&fence) {
            chart.draw_series([line((fence, 0.0), (fence, most), stroke(MUTED, 8))])?;
        }
    }
    let outliers = content.outliers();
    for (_, value) in &outliers {
        chart.draw_series([Circle::new((*value, 0.03 * most), 34, filled(VERMILION))])?;
    }
    // The furthest on each side is named.
    let furthest = |side: f64| {
        let own = outliers.iter().filter(|o| side * (o.1 - median) > 0.0);
        own.max_by(|a, b| (side * a.1).total_cmp(&(side * b.1)))
    };
    for (side, h) in [(-1.0, HPos::Left), (1.0, HPos::Right)] {
        if let Some((name, value)) = furthest(side) {
            let at = chart.backend_coord(&(*value, 0.06 * most));
            let text = cut(name, 160 * POINT, SMALL);
            let place = (at.0, at.1 - 6 * POINT);
            write(area, &text, place, style(VERMILION, SMALL, h, VPos::Bottom))?;
        }
    }
    Ok(())
}

/// The distribution in words.
pub(super) fn words(content: &Histogram, lang: Lang) -> String {
    let outliers = content.outliers();
    let [low, median, high] = content.quartiles.map(number);
    let n = content.values.len();
    let count = outliers.len();
    match lang {
        Lang::En => {
            format!("{n} values, quartiles {low}, {median} and {high}, {count} beyond the fences")
        }
        Lang::Zh => format!("共{n}个值，四分位数为{low}、{median}、{high}，其中{count}个超出界限"),
    }
}
