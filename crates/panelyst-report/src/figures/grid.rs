//! Numbers by unit and period as a grid of colours around zero: residuals.

use super::canvas::{POINT, width_of};
use super::chart::{
    Area, BLUE, Drawn, GRID, INK, SMALL, VERMILION, WIDTH, cut, stroke, style, write,
};
use super::number;
use crate::table::Lang;
use plotters::prelude::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

/// Numbers around zero by row and column.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Words of the number.
    pub what: String,
    /// Rows: units.
    pub rows: Vec<String>,
    /// Columns: periods.
    pub columns: Vec<i64>,
    /// Row, column and number; a cell without one stays empty.
    pub cells: Vec<(usize, usize, f64)>,
}

/// Ends of the steps of colour, in the unit of the numbers.
const STEPS: [f64; 4] = [0.5, 1.0, 2.0, 3.0];
/// Strength of the colour in each step.
const SHADES: [f64; 5] = [0.0, 0.2, 0.45, 0.7, 1.0];
const STEP: i32 = 14;
const TOP: i32 = 34;

/// Height in points.
pub(super) fn height(content: &Grid) -> i32 {
    TOP + i32::try_from(content.rows.len()).unwrap_or(1) * STEP + 28
}

/// Draws the cells.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &Grid) -> Drawn {
    let longest = content.rows.iter().map(|r| width_of(r, SMALL)).max();
    let left = longest.unwrap_or(0).min(150 * POINT) + 12 * POINT;
    let right = (WIDTH - 10) * POINT;
    let count = i32::try_from(content.columns.len()).unwrap_or(1).max(1);
    let at = |column: usize| {
        let column = i32::try_from(column).unwrap_or(0);
        left + (right - left) * column / count
    };
    let top = |row: usize| (TOP + i32::try_from(row).unwrap_or(0) * STEP) * POINT;
    for (row, name) in content.rows.iter().enumerate() {
        let place = (left - 6 * POINT, top(row) + STEP * POINT / 2);
        let text = cut(name, left - 8 * POINT, SMALL);
        write(
            area,
            &text,
            place,
            style(INK, SMALL, HPos::Right, VPos::Center),
        )?;
    }
    for &(row, column, value) in &content.cells {
        let corners = [(at(column), top(row)), (at(column + 1), top(row + 1))];
        let step = STEPS.iter().filter(|s| value.abs() >= **s).count();
        let color = if value < 0.0 { BLUE } else { VERMILION };
        if step > 0 {
            area.draw(&Rectangle::new(corners, color.mix(SHADES[step]).filled()))?;
        }
        area.draw(&Rectangle::new(corners, stroke(GRID, 6)))?;
    }
    // Periods below, as many as fit.
    let room = (right - left) / count;
    let every = usize::try_from((42 * POINT + room - 1) / room.max(1))
        .unwrap_or(1)
        .max(1);
    for (column, period) in content.columns.iter().enumerate().step_by(every) {
        let place = (
            (at(column) + at(column + 1)) / 2,
            top(content.rows.len()) + 5 * POINT,
        );
        let words = style(INK, SMALL, HPos::Center, VPos::Top);
        write(area, &period.to_string(), place, words)?;
    }
    key(area, content, left)
}

/// The steps of colour, with their ends.
fn key(area: &Area<'_>, content: &Grid, left: i32) -> Drawn {
    let (mut x, y) = (left, 4 * POINT);
    let (w, h) = (26 * POINT, 10 * POINT);
    for place in 0..9_usize {
        let step = place.abs_diff(4);
        let color = if place < 4 { BLUE } else { VERMILION };
        let corners = [(x, y), (x + w, y + h)];
        if step > 0 {
            area.draw(&Rectangle::new(corners, color.mix(SHADES[step]).filled()))?;
        }
        area.draw(&Rectangle::new(corners, stroke(GRID, 6)))?;
        if place > 0 {
            let end = if place <= 4 {
                -STEPS[4 - place]
            } else {
                STEPS[place - 5]
            };
            let words = style(INK, SMALL, HPos::Center, VPos::Top);
            write(area, &super::chart::tick(&end), (x, y + h + POINT), words)?;
        }
        x += w;
    }
    let words = style(INK, SMALL, HPos::Left, VPos::Center);
    let text = cut(&content.what, (WIDTH - 8) * POINT - x, SMALL);
    write(area, &text, (x + 8 * POINT, y + h / 2), words)
}

/// The largest numbers in words.
pub(super) fn words(content: &Grid, lang: Lang) -> String {
    let mut cells: Vec<&(usize, usize, f64)> = content.cells.iter().collect();
    cells.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let named: Vec<String> = cells
        .iter()
        .take(5)
        .map(|(row, column, value)| {
            format!(
                "{} {} {}",
                content.rows[*row],
                content.columns[*column],
                number(*value)
            )
        })
        .collect();
    match lang {
        Lang::En => format!("{}; largest: {}", content.what, named.join(", ")),
        Lang::Zh => format!("{}；绝对值最大：{}", content.what, named.join("，")),
    }
}
