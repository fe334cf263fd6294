//! GitHub flavoured Markdown: pipe tables whose source reads well too.
//!
//! A pipe table has one header row and no spans: several header rows are joined by line breaks, and a header over several
//! columns is repeated in each.

mod whole;

pub use whole::whole;

use unicode_width::UnicodeWidthStr;

use super::cells::{Alignment, Grid, caption, one_line};
use super::wrapping::{Place, push_filled};
use crate::table::Table;

/// Writes tables as Markdown, with an empty line between two of them.
pub fn markdown(tables: &[Table]) -> String {
    let mut out = String::new();
    for table in tables {
        if !out.is_empty() {
            out.push('\n');
        }
        write_table(&mut out, table);
    }
    out
}

fn write_table(out: &mut String, table: &Table) {
    let grid = Grid::of(table);
    let title = caption(table);
    if !title.is_empty() {
        out.push_str(&format!("**{}**\n\n", escaped(&title)));
    }
    if !grid.columns.is_empty() {
        write_grid(out, &grid);
    }
    for note in &table.notes {
        out.push('\n');
        out.push_str(&paragraph(&one_line(note)));
        out.push('\n');
    }
}

fn write_grid(out: &mut String, grid: &Grid) {
    let mut rows = vec![header(grid)];
    for (number, (_, pieces)) in grid.rows.iter().enumerate() {
        let mut cells: Vec<String> = pieces
            .iter()
            .map(|piece| escaped(&piece.plain("-")))
            .collect();
        if grid.heading(number).is_some() {
            cells[0] = format!("**{}**", cells[0]);
        }
        rows.push(cells);
    }
    let widths: Vec<usize> = (0..grid.columns.len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].width())
                .max()
                .unwrap_or(0)
                .max(3)
        })
        .collect();
    for (number, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let place = match grid.columns[column] {
                Alignment::Left => Place::Left,
                _ => Place::Centre,
            };
            out.push_str("| ");
            push_filled(out, cell, widths[column], place);
            out.push(' ');
        }
        out.push_str("|\n");
        if number == 0 {
            for (column, &width) in widths.iter().enumerate() {
                let (open, close) = match grid.columns[column] {
                    Alignment::Left => (':', '-'),
                    _ => (':', ':'),
                };
                out.push_str(&format!("| {open}{}{close} ", "-".repeat(width - 2)));
            }
            out.push_str("|\n");
        }
    }
}

/// One header cell a column, from all header rows.
fn header(grid: &Grid) -> Vec<String> {
    let mut cells = vec![String::new(); grid.columns.len()];
    for row in &grid.header {
        let mut start = 0;
        for cell in row {
            for joined in cells.iter_mut().skip(start).take(cell.span) {
                if !joined.is_empty() && !cell.text.is_empty() {
                    joined.push_str("<br>");
                }
                joined.push_str(&escaped(&cell.text));
            }
            start += cell.span;
        }
    }
    cells
}

/// Text with every character that Markdown, its HTML or its mathematics could take for markup escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '$' | '&'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// An escaped paragraph that cannot be taken for a heading, a list or a rule.
fn paragraph(text: &str) -> String {
    let escaped = escaped(text);
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    match escaped[digits..].chars().next() {
        Some('#' | '+' | '-' | '=') if digits == 0 => format!("\\{escaped}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &escaped[..digits], &escaped[digits..]),
        _ => escaped,
    }
}
