//! A table as text for the file of a paper.

use super::Grid;
use super::kind::{Kind, kind_of};
use super::notes::{brackets, errors, estimator, legend};

/// What workbooks do not tell.
pub const WORKBOOK: &str = "# numbers as the workbook stores them: digits that its formats round or add, and stars or brackets that are part of\n# a format, are not in the cells; compare with the page\n";

/// The table as text for the file of a paper.
///
/// # Errors
/// One sentence where the table is none that an audit reads.
pub fn block(name: &str, grid: &Grid) -> Result<String, String> {
    let kind = kind_of(grid)?;
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = format!("[[table]]\nname = {}\n", quoted(name));
    if kind == Kind::Description {
        text.push_str("kind = \"description\"\n");
    } else {
        text.push_str("kind = \"regression\"\n");
        text.push_str(&brackets(grid));
        let starred = |cell: &String| cell.contains(['*', '\u{FF0A}']);
        text.push_str(&legend(
            &grid.notes,
            grid.rows.iter().flatten().any(starred),
        ));
        text.push_str(&errors(&grid.notes));
        text.push_str(&estimator(grid));
    }
    text.push_str("block = '''\n");
    let cells: Vec<Vec<String>> = grid
        .rows
        .iter()
        .map(|row| (0..width).map(|j| clean(row.get(j))).collect())
        .collect();
    let widths: Vec<usize> = (0..width)
        .map(|j| {
            cells
                .iter()
                .map(|row| row[j].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &cells {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        text.push_str(padded.join(" | ").trim_end());
        text.push('\n');
    }
    text.push_str("'''\n");
    Ok(text)
}

/// A cell that cannot break out of its block.
fn clean(cell: Option<&String>) -> String {
    let cell = cell
        .map_or("", String::as_str)
        .replace(['|', '\n', '\r', '\t'], " ");
    cell.replace("'''", "").trim().to_owned()
}

pub(super) fn quoted(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect();
    format!("\"{plain}\"")
}
