//! Estimates with their intervals, one a row: coefficient plots, and estimates without each unit.

use super::canvas::{POINT, width_of};
use super::chart::{
    Area, BLUE, Drawn, INK, LINE, SMALL, Sides, TEXT, VERMILION, around, axes, chart, cut, filled,
    line, stroke, style, write,
};
use super::number;
use crate::table::Lang;
use plotters::prelude::Circle;
use plotters::style::text_anchor::{HPos, VPos};

/// Rows of estimates.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// Words of the axis.
    pub axis: String,
    /// Rows from above.
    pub rows: Vec<Interval>,
    /// An estimate to compare all with, drawn as a line with its words.
    pub reference: Option<(f64, String)>,
    /// Whether zero is on the axis.
    pub from_zero: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Words on the left.
    pub label: String,
    /// Estimate; nothing where there is none.
    pub estimate: Option<f64>,
    /// Ends of the interval, where there is one; an end without bound is infinite.
    pub interval: Option<(f64, f64)>,
    /// Whether the row stands out.
    pub marked: bool,
}

/// Points from row to row, less where there are many.
fn step(content: &Intervals) -> i32 {
    if content.rows.len() > 24 { 15 } else { 26 }
}

fn top(content: &Intervals) -> i32 {
    if content.reference.is_some() { 26 } else { 8 }
}

/// Height in points.
pub(super) fn height(content: &Intervals) -> i32 {
    let rows = i32::try_from(content.rows.len()).unwrap_or(1).max(1);
    top(content) + rows * step(content) + 52
}

/// Draws the rows.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Intervals) -> Drawn {
    let size = if content.rows.len() > 24 { SMALL } else { TEXT };
    let longest = content.rows.iter().map(|r| width_of(&r.label, size)).max();
    let left = longest.unwrap_or(0).min(210 * POINT) / POINT + 16;
    let values = content.rows.iter().flat_map(|row| {
        let ends = row.interval.unwrap_or((f64::NAN, f64::NAN));
        [row.estimate.unwrap_or(f64::NAN), ends.0, ends.1]
    });
    let reference = content.reference.iter().map(|(value, _)| *value);
    let zero = content.from_zero.then_some(0.0);
    let x = around(values.chain(reference).chain(zero));
    let count = content.rows.len().max(1) as f64;
    let sides = Sides {
        left,
        below: 48,
        right: 14,
        above: top(content),
    };
    let mut chart = chart(area, (x.clone(), count..0.0), &sides)?;
    axes(&mut chart, (&content.axis, ""), (true, false), false)?;
    if x.contains(&0.0) {
        chart.draw_series([line((0.0, 0.0), (0.0, count), stroke(INK, 10))])?;
    }
    if let Some((value, words)) = &content.reference {
        chart.draw_series([line((*value, 0.0), (*value, count), stroke(VERMILION, 12))])?;
        let at = chart.backend_coord(&(*value, 0.0));
        let middle = (x.start + x.end) / 2.0;
        let side = if *value > middle {
            HPos::Right
        } else {
            HPos::Left
        };
        let above = (at.0, at.1 - 6 * POINT);
        write(
            area,
            words,
            above,
            style(VERMILION, SMALL, side, VPos::Bottom),
        )?;
    }
    for (place, row) in content.rows.iter().enumerate() {
        let y = place as f64 + 0.5;
        let color = if row.marked { VERMILION } else { BLUE };
        if let Some((low, high)) = row.interval.filter(|(l, h)| !l.is_nan() && !h.is_nan()) {
            let ends = (low.max(x.start), high.min(x.end));
            chart.draw_series([line((ends.0, y), (ends.1, y), stroke(color, 20))])?;
        }
        if let Some(estimate) = row.estimate {
            let radius = if content.rows.len() > 24 { 30 } else { 42 };
            chart.draw_series([Circle::new((estimate, y), radius, filled(color))])?;
        }
        let at = chart.backend_coord(&(x.start, y));
        let text = cut(&row.label, (left - 12) * POINT, size);
        let words = if row.estimate.is_some() { INK } else { LINE };
        let place = (at.0 - 8 * POINT, at.1);
        write(
            area,
            &text,
            place,
            style(words, size, HPos::Right, VPos::Center),
        )?;
    }
    Ok(())
}

/// Each row in words.
pub(super) fn words(content: &Intervals, lang: Lang) -> String {
    let rows: Vec<String> = content
        .rows
        .iter()
        .map(|row| match (row.estimate, row.interval) {
            (Some(estimate), Some((low, high))) => match lang {
                Lang::En => format!(
                    "{}: {}, {} to {}",
                    row.label,
                    number(estimate),
                    number(low),
                    number(high)
                ),
                Lang::Zh => format!(
                    "{}：{}，{}至{}",
                    row.label,
                    number(estimate),
                    number(low),
                    number(high)
                ),
            },
            (Some(estimate), None) => format!("{}: {}", row.label, number(estimate)),
            (None, _) => match lang {
                Lang::En => format!("{}: no estimate", row.label),
                Lang::Zh => format!("{}：无估计值", row.label),
            },
        })
        .collect();
    rows.join("; ")
}
