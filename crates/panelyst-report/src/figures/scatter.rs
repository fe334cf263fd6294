//! Points with a line through them: added-variable plots.

use super::canvas::{POINT, width_of};
use super::chart::{
    Area, BLUE, Drawn, INK, LINE, SMALL, Sides, VERMILION, around, axes, chart, filled, line,
    stroke, style, write,
};
use super::number;
use crate::table::Lang;
use plotters::prelude::Circle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

/// Points and a line through the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Words of the horizontal axis.
    pub x: String,
    /// Words of the vertical axis.
    pub y: String,
    /// Points.
    pub dots: Vec<Dot>,
    /// Slope of the line.
    pub slope: f64,
}

/// A point.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Place on the horizontal axis.
    pub x: f64,
    /// Place on the vertical axis.
    pub y: f64,
    /// Name, written where the point is marked.
    pub name: String,
    /// Whether the point stands out.
    pub marked: bool,
}

/// Draws points and line.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Scatter) -> Drawn {
    let x = around(content.dots.iter().map(|d| d.x));
    let y = around(content.dots.iter().map(|d| d.y));
    let sides = Sides {
        left: 72,
        below: 48,
        right: 16,
        above: 10,
    };
    let mut chart = chart(area, (x.clone(), y.clone()), &sides)?;
    axes(&mut chart, (&content.x, &content.y), (true, true), false)?;
    if y.contains(&0.0) {
        chart.draw_series([line((x.start, 0.0), (x.end, 0.0), stroke(LINE, 8))])?;
    }
    if x.contains(&0.0) {
        chart.draw_series([line((0.0, y.start), (0.0, y.end), stroke(LINE, 8))])?;
    }
    for dot in &content.dots {
        let color = if dot.marked {
            filled(VERMILION)
        } else {
            BLUE.mix(0.45).filled()
        };
        let radius = if dot.marked { 30 } else { 22 };
        chart.draw_series([Circle::new((dot.x, dot.y), radius, color)])?;
    }
    // The line ends where it leaves the plain.
    let ends: Vec<(f64, f64)> = [x.start, x.end]
        .map(|at| {
            let value = (content.slope * at).clamp(y.start, y.end);
            let at = if content.slope == 0.0 {
                at
            } else {
                value / content.slope
            };
            (at, value)
        })
        .into();
    chart.draw_series([line(ends[0], ends[1], stroke(INK, 18))])?;
    // Names of marked points, each where it covers least.
    let frame = {
        let (from, to) = (
            chart.backend_coord(&(x.start, y.end)),
            chart.backend_coord(&(x.end, y.start)),
        );
        Place::between(from, to)
    };
    let places: Vec<(i32, i32)> = content
        .dots
        .iter()
        .map(|dot| chart.backend_coord(&(dot.x, dot.y)))
        .collect();
    let mut written: Vec<Place> = Vec::new();
    for (dot, &at) in content.dots.iter().zip(&places).filter(|(d, _)| d.marked) {
        let around = beside(at, width_of(&dot.name, SMALL));
        let free = around
            .into_iter()
            .filter(|name| name.inside(&frame) && !written.iter().any(|w| w.meets(name)));
        let covered = |name: &Place| places.iter().filter(|&&place| name.holds(place)).count();
        let Some(name) = free.min_by_key(covered) else {
            continue;
        };
        let words = style(INK, SMALL, HPos::Left, VPos::Center);
        write(
            area,
            &dot.name,
            (name.left, (name.top + name.bottom) / 2),
            words,
        )?;
        written.push(name);
    }
    Ok(())
}

/// What a name takes up.
#[derive(Clone, Copy, Debug)]
struct Place {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Place {
    fn between((left, top): (i32, i32), (right, bottom): (i32, i32)) -> Self {
        Self {
            left,
            right,
            top,
            bottom,
        }
    }

    fn holds(&self, (x, y): (i32, i32)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    fn inside(&self, other: &Self) -> bool {
        other.holds((self.left, self.top)) && other.holds((self.right, self.bottom))
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// Where a name of some width can stand beside its point: right, left, above, below.
fn beside((x, y): (i32, i32), width: i32) -> [Place; 4] {
    let (gap, half) = (6 * POINT, 6 * POINT);
    [
        (x + gap, y),
        (x - gap - width, y),
        (x - width / 2, y - gap - half),
        (x - width / 2, y + gap + half),
    ]
    .map(|(left, middle)| Place::between((left, middle - half), (left + width, middle + half)))
}

/// The line in words.
pub(super) fn words(content: &Scatter, lang: Lang) -> String {
    let (n, slope) = (content.dots.len(), number(content.slope));
    let names: Vec<&str> = content
        .dots
        .iter()
        .filter(|d| d.marked)
        .map(|d| d.name.as_str())
        .collect();
    match lang {
        Lang::En => format!(
            "{n} points, slope {slope}; furthest from the line or the middle: {}",
            names.join(", ")
        ),
        Lang::Zh => format!("共{n}个点，斜率{slope}；偏离最大的点：{}", names.join("、")),
    }
}
