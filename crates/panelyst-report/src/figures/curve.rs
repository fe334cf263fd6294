//! The specification curve: sorted estimates with intervals above, the choices behind each below (Simonsohn, Simmons and
//! Nelson 2020, figure 1).

use super::canvas::{POINT, width_of};
use super::chart::{
    Area, BLUE, Drawn, INK, LINE, MUTED, SMALL, Sides, VERMILION, around, axes, chart, cut, filled,
    line, stroke, style, write,
};
use super::number;
use crate::curve::Specification;
use crate::table::Lang;
use plotters::prelude::{Circle, Rectangle};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

/// Specifications drawn at most; of more, one from each of as many neighbourhoods, with the first, the last and that of the
/// study.
pub const DRAWN: usize = 2000;

/// A curve to draw.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Words of the axis of estimates.
    pub axis: String,
    /// Specifications with an estimate, sorted.
    pub rows: Vec<Specification>,
    /// Choices with several options: words, place among the options of a specification, and words of each option.
    pub choices: Vec<(String, usize, Vec<String>)>,
    /// Level of significance whose estimates are coloured.
    pub level: f64,
}

impl Curve {
    /// Places of the rows drawn.
    pub fn drawn(&self) -> Vec<usize> {
        let n = self.rows.len();
        if n <= DRAWN {
            return (0..n).collect();
        }
        // Equal estimates lie in a regular order of their choices: every third row may be all of one option. So the row of a
        // neighbourhood is drawn by lot, the same each time.
        let mut list: Vec<usize> = (0..DRAWN)
            .map(|i| {
                let (first, end) = (i * n / DRAWN, (i + 1) * n / DRAWN);
                first + usize::try_from(lot(i as u64) % (end - first) as u64).unwrap_or(0)
            })
            .collect();
        list.extend([0, n - 1]);
        list.extend(self.rows.iter().position(|row| row.baseline));
        list.sort_unstable();
        list.dedup();
        list
    }

    fn lines(&self) -> i32 {
        let options: usize = self.choices.iter().map(|(_, _, o)| o.len() + 1).sum();
        i32::try_from(options).unwrap_or(0)
    }
}

/// Numbers without order from numbers in order (Steele, Lea and Flood 2014, SplitMix64).
fn lot(place: u64) -> u64 {
    let mut z = (place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const UPPER: i32 = 250;
const STEP: i32 = 15;

/// Height in points.
pub(super) fn height(content: &Curve) -> i32 {
    UPPER + content.lines() * STEP + 12
}

/// Draws curve and choices.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Curve, lang: Lang) -> Drawn {
    let options = content.choices.iter().flat_map(|(_, _, options)| options);
    let longest = options.map(|o| width_of(o, SMALL)).max().unwrap_or(0);
    let left = (longest / POINT + 22).clamp(56, 190);
    let sides = Sides {
        left,
        below: 12,
        right: 14,
        above: 26,
    };
    let drawn = content.drawn();
    let rows: Vec<&Specification> = drawn.iter().map(|&place| &content.rows[place]).collect();
    let values = rows.iter().flat_map(|row| {
        let ends = row.ci_low.zip(row.ci_high).unwrap_or((f64::NAN, f64::NAN));
        [row.estimate.unwrap_or(f64::NAN), ends.0, ends.1]
    });
    let y = around(values.chain([0.0]));
    let count = rows.len().max(1) as f64;
    let (upper, lower) = area.split_vertically(UPPER * POINT);
    let mut curve = chart(&upper, (-0.5..count - 0.5, y.clone()), &sides)?;
    axes(&mut curve, ("", &content.axis), (false, true), false)?;
    curve.draw_series([line((-0.5, 0.0), (count - 0.5, 0.0), stroke(INK, 10))])?;
    let width = if rows.len() > 120 { 8 } else { 14 };
    for (place, row) in rows.iter().enumerate() {
        let x = place as f64;
        let Some(estimate) = row.estimate else {
            continue;
        };
        let significant = row.p_value.is_some_and(|p| p < content.level);
        let color = if significant { BLUE } else { LINE };
        if let Some((low, high)) = row.ci_low.zip(row.ci_high) {
            let ends = (low.max(y.start), high.min(y.end));
            let shade = color.mix(0.45).stroke_width(width);
            curve.draw_series([line((x, ends.0), (x, ends.1), shade)])?;
        }
        let radius = if rows.len() > 120 { 14 } else { 24 };
        curve.draw_series([Circle::new((x, estimate), radius, filled(color))])?;
    }
    if let Some(own) = rows.iter().position(|row| row.baseline)
        && let Some(estimate) = rows[own].estimate
    {
        curve.draw_series([Circle::new((own as f64, estimate), 40, filled(VERMILION))])?;
    }
    legend(&upper, content, left, lang)?;
    // Below, one line an option: a mark under each specification that takes it.
    let side = left * POINT;
    let right = (super::chart::WIDTH - 14) * POINT;
    let slot = f64::from(right - side) / count;
    let mut top = 4 * POINT;
    for (words, choice, options) in &content.choices {
        let heading = style(MUTED, SMALL, HPos::Left, VPos::Center);
        write(&lower, words, (side, top + STEP * POINT / 2), heading)?;
        top += STEP * POINT;
        for (option, label) in options.iter().enumerate() {
            let middle = top + STEP * POINT / 2;
            let text = cut(label, side - 12 * POINT, SMALL);
            let words = style(INK, SMALL, HPos::Right, VPos::Center);
            write(&lower, &text, (side - 8 * POINT, middle), words)?;
            marks(&lower, &rows, (*choice, option), (side, middle, slot))?;
            top += STEP * POINT;
        }
    }
    Ok(())
}

/// Runs of specifications that take an option, each as one bar.
fn marks(
    area: &Area<'_>,
    rows: &[&Specification],
    (choice, option): (usize, usize),
    (side, middle, slot): (i32, i32, f64),
) -> Drawn {
    let takes = |place: usize| rows[place].options.get(choice) == Some(&Some(option));
    #[allow(clippy::cast_possible_truncation)]
    let at = |place: usize| side + (place as f64 * slot).round() as i32;
    let mut place = 0;
    while place < rows.len() {
        if !takes(place) {
            place += 1;
            continue;
        }
        let start = place;
        while place < rows.len() && takes(place) {
            place += 1;
        }
        // A hair between bars where single specifications can be told apart.
        let gap = if slot > 40.0 { 8 } else { 0 };
        let half = 4 * POINT;
        let ends = (at(start) + gap, at(place) - gap);
        area.draw(&Rectangle::new(
            [(ends.0, middle - half), (ends.1, middle + half)],
            filled(INK),
        ))?;
    }
    Ok(())
}

fn legend(area: &Area<'_>, content: &Curve, left: i32, lang: Lang) -> Drawn {
    let percent = super::chart::tick(&(100.0 * content.level));
    let words = match lang {
        Lang::En => [
            (BLUE, format!("significant at {percent} %")),
            (LINE, "not significant".to_owned()),
            (VERMILION, "as in the study".to_owned()),
        ],
        Lang::Zh => [
            (BLUE, format!("{percent}%水平显著")),
            (LINE, "不显著".to_owned()),
            (VERMILION, "与研究设定一致".to_owned()),
        ],
    };
    let own = content.rows.iter().any(|row| row.baseline);
    let mut x = left * POINT;
    for (color, text) in words.iter().take(if own { 3 } else { 2 }) {
        let middle = 12 * POINT;
        area.draw(&Circle::new((x + 40, middle), 40, filled(*color)))?;
        let at = (x + 12 * POINT, middle);
        write(area, text, at, style(INK, SMALL, HPos::Left, VPos::Center))?;
        x += 24 * POINT + width_of(text, SMALL);
    }
    Ok(())
}

/// The curve in words.
pub(super) fn words(content: &Curve, lang: Lang) -> String {
    let estimates: Vec<f64> = content.rows.iter().filter_map(|row| row.estimate).collect();
    let (Some(low), Some(high)) = (estimates.first(), estimates.last()) else {
        return String::new();
    };
    let median = estimates[estimates.len() / 2];
    let below = |row: &&Specification| row.p_value.is_some_and(|p| p < content.level);
    let significant = content.rows.iter().filter(below).count();
    let n = estimates.len();
    let (low, high, median) = (number(*low), number(*high), number(median));
    match lang {
        Lang::En => format!(
            "{n} estimates from {low} to {high}, median {median}, {significant} of them significant at {} %",
            super::chart::tick(&(100.0 * content.level))
        ),
        Lang::Zh => format!(
            "共{n}个估计值，从{low}到{high}，中位数{median}，其中{significant}个在{}%水平显著",
            super::chart::tick(&(100.0 * content.level))
        ),
    }
}
