//! Lines over time, each named at its end.

use super::canvas::{POINT, width_of};
use super::chart::{
    Area, Drawn, SERIES, SMALL, Sides, around, axes, chart, cut, filled, stroke, style, write,
};
use super::number;
use plotters::prelude::{Circle, PathElement};
use plotters::style::text_anchor::{HPos, VPos};

/// Lines over the same periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// Words of the axis of periods.
    pub time: String,
    /// Words of the axis of values.
    pub axis: String,
    /// A value drawn as a line of reference, such as 1 for a location quotient.
    pub reference: Option<f64>,
    /// Lines in order.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub label: String,
    /// Period and value; a gap in the periods is a gap in the line.
    pub values: Vec<(i64, f64)>,
}

/// Height in points.
pub(super) fn height(content: &Lines) -> i32 {
    let lines = i32::try_from(content.lines.len()).unwrap_or(1);
    340.max(lines * 16 + 80)
}

/// Draws the lines.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Lines) -> Drawn {
    let longest = content
        .lines
        .iter()
        .map(|l| width_of(&l.label, SMALL))
        .max();
    let right = longest.unwrap_or(0).min(130 * POINT) / POINT + 20;
    let all = || content.lines.iter().flat_map(|l| l.values.iter());
    let y = around(all().map(|(_, v)| *v).chain(content.reference));
    let times = around(all().map(|(t, _)| *t as f64));
    let sides = Sides {
        left: 66,
        below: 48,
        right,
        above: 10,
    };
    let mut chart = chart(area, (times.clone(), y), &sides)?;
    axes(
        &mut chart,
        (&content.time, &content.axis),
        (true, true),
        true,
    )?;
    if let Some(value) = content.reference {
        let ends = vec![(times.start, value), (times.end, value)];
        chart.draw_series([PathElement::new(ends, stroke(super::chart::INK, 10))])?;
    }
    let mut ends = Vec::new();
    for (place, line) in content.lines.iter().enumerate() {
        let color = SERIES[place % SERIES.len()];
        for run in runs(&line.values) {
            let points: Vec<(f64, f64)> = run.iter().map(|(t, v)| (*t as f64, *v)).collect();
            let dots = points.clone();
            chart.draw_series([PathElement::new(points, stroke(color, 18))])?;
            for at in dots {
                chart.draw_series([Circle::new(at, 22, filled(color))])?;
            }
        }
        if let Some((time, value)) = line.values.last() {
            ends.push((chart.backend_coord(&(*time as f64, *value)), place));
        }
    }
    // Names at the ends of the lines, from above, moved apart where they would lie on one another.
    ends.sort_by_key(|((_, y), place)| (*y, *place));
    let apart = 14 * POINT;
    let mut heights: Vec<i32> = ends.iter().map(|((_, y), _)| *y).collect();
    for place in 1..heights.len() {
        heights[place] = heights[place].max(heights[place - 1] + apart);
    }
    let lowest = (height(content) - 56) * POINT;
    for place in (0..heights.len()).rev() {
        let limit = match heights.get(place + 1) {
            Some(below) => below - apart,
            None => lowest,
        };
        heights[place] = heights[place].min(limit);
    }
    for (((x, _), place), y) in ends.iter().zip(heights) {
        let text = cut(&content.lines[*place].label, (right - 12) * POINT, SMALL);
        let color = SERIES[place % SERIES.len()];
        let words = style(color, SMALL, HPos::Left, VPos::Center);
        write(area, &text, (x + 16 * POINT, y), words)?;
    }
    Ok(())
}

/// Runs of periods without a gap.
fn runs(values: &[(i64, f64)]) -> Vec<&[(i64, f64)]> {
    let step = values.windows(2).map(|w| w[1].0 - w[0].0).min();
    let step = step.unwrap_or(1);
    values.chunk_by(|a, b| b.0 - a.0 == step).collect()
}

/// Each line's first and last value in words.
pub(super) fn words(content: &Lines) -> String {
    let lines: Vec<String> = content
        .lines
        .iter()
        .filter_map(|line| {
            let ((from, first), (to, last)) = (line.values.first()?, line.values.last()?);
            let (first, last) = (number(*first), number(*last));
            Some(format!("{}: {first} ({from}), {last} ({to})", line.label))
        })
        .collect();
    lines.join("; ")
}
