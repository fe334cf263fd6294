//! Comma-separated values with the cells as they are printed, stars and brackets included.
//!
//! Fields are quoted by RFC 4180; lines end in LF. A header over several columns is repeated in each, so that every column has its
//! names. A fragment is a plain rectangle of header and body rows; a document adds title and notes as records of one
//! field and a byte order mark where there is a character beyond ASCII, without which spreadsheets misread Chinese.
//!
//! Text that begins with `=`, `+`, `@`, a tab or a carriage return would be run as a formula by a spreadsheet; it gets
//! a single quote in front. Spreadsheets take `(0.81)` in a CSV file for -0.81: the Excel format is for them.

use super::RenderOptions;
use super::cells::{Piece, caption};
use crate::table::{Cell, Table};

/// Writes tables as CSV, with an empty line between two of them.
pub fn csv(tables: &[Table], options: &RenderOptions) -> String {
    let mut out = String::new();
    for table in tables {
        if !out.is_empty() {
            out.push('\n');
        }
        write_table(&mut out, table, options.document);
    }
    if options.document && !out.is_ascii() {
        out.insert(0, '\u{feff}');
    }
    out
}

fn write_table(out: &mut String, table: &Table, document: bool) {
    let count = table.columns();
    let title = caption(table);
    if document && !title.is_empty() {
        record(out, std::iter::once(guarded(&title)));
    }
    for row in &table.header {
        let cells = row
            .iter()
            .flat_map(|cell| std::iter::repeat_n(&cell.text, cell.span.max(1)));
        let missing = std::iter::repeat_n(String::new(), count);
        record(
            out,
            cells.map(|text| guarded(text)).chain(missing).take(count),
        );
    }
    for row in &table.rows {
        let cells = (0..count).map(|column| match row.cells.get(column) {
            Some(Cell::Text { text }) => guarded(text),
            cell => Piece::of(cell).plain("-"),
        });
        record(out, cells);
    }
    if document {
        for note in &table.notes {
            record(out, std::iter::once(guarded(note)));
        }
    }
}

fn record(out: &mut String, fields: impl Iterator<Item = String>) {
    let start = out.len();
    for (number, field) in fields.enumerate() {
        if number > 0 {
            out.push(',');
        }
        let spaced = field.starts_with(' ') || field.ends_with(' ');
        if spaced || field.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    // A record of one empty field would be an empty line, which readers skip.
    if out.len() == start {
        out.push_str("\"\"");
    }
    out.push('\n');
}

/// Text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
