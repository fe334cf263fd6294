//! A table as text for the file of a paper.

use super::Grid;
use super::kind::{Kind, kind_of};
use crate::file::words;
use crate::paper::Errors;

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
        text.push_str(&brackets(&grid.notes));
        let starred = |cell: &String| cell.contains(['*', '\u{FF0A}']);
        text.push_str(&legend(
            &grid.notes,
            grid.rows.iter().flatten().any(starred),
        ));
        text.push_str(&errors(&grid.notes));
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

fn quoted(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect();
    format!("\"{plain}\"")
}

fn brackets(notes: &str) -> String {
    let lower = notes.to_lowercase();
    let after = ["parentheses", "brackets", "\u{62EC}\u{53F7}"]
        .iter()
        .find_map(|word| lower.find(word).map(|at| (at, &lower[at..])));
    let kind = match after {
        Some((at, rest)) => {
            let until: String = rest.chars().take(60).collect();
            let before: String = lower[..at]
                .chars()
                .rev()
                .take(40)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let near = format!("{before}{until}");
            if near.contains("standard error") || near.contains("\u{6807}\u{51C6}\u{8BEF}") {
                "se"
            } else if near.contains("p-value")
                || near.contains("p value")
                || near.contains("p\u{503C}")
            {
                "p"
            } else {
                "t"
            }
        }
        None => {
            return "# t, se or p, as the note below the table says\nbrackets = \"t\"\n".to_owned();
        }
    };
    format!("brackets = \"{kind}\"\n")
}

/// The legend of the notes; as a comment where no cell has a star, since an audit would miss every one of them.
fn legend(notes: &str, starred: bool) -> String {
    let levels = words::legend(notes);
    if levels.is_empty() {
        return "# stars = \"* p < 0.05, ** p < 0.01, *** p < 0.001\"\n".to_owned();
    }
    let start = if starred {
        ""
    } else {
        "# no cell has a star; with the stars of the page typed in, this is their legend\n# "
    };
    let parts: Vec<String> = levels
        .iter()
        .enumerate()
        .map(|(j, level)| format!("{} p < {level}", "*".repeat(j + 1)))
        .collect();
    format!("{start}stars = \"{}\"\n", parts.join(", "))
}

fn errors(notes: &str) -> String {
    let lower = notes.to_lowercase();
    let stated = ["standard errors:", "\u{6807}\u{51C6}\u{8BEF}\u{FF1A}"]
        .iter()
        .find_map(|word| lower.find(word).map(|at| &lower[at..]))
        .map(|text| text.split("distribution").next().unwrap_or(text));
    match stated.and_then(words::errors) {
        Some(Errors::Clustered) => "errors = \"clustered\"\n".to_owned(),
        Some(Errors::Robust) => "errors = \"robust\"\n".to_owned(),
        Some(Errors::Classical) => "errors = \"classical\"\n".to_owned(),
        Some(Errors::Mixed) => "errors = \"mixed\"\n".to_owned(),
        None => String::new(),
    }
}
