//! Plain tables of records: descriptions, indices and lists of the command line.

use super::head;
use crate::table::{Cell, Lang, Row, RowKind, Table};

/// A table of rows under one header row. Rows are cut or filled with empty cells to the width of the header.
pub fn records(
    id: &str,
    label: &str,
    title: &str,
    headers: &[String],
    rows: Vec<Vec<Cell>>,
    notes: Vec<String>,
    lang: Lang,
) -> Table {
    let rows = rows.into_iter().map(|mut cells| {
        cells.resize(headers.len(), Cell::Empty);
        Row {
            kind: RowKind::Body,
            cells,
        }
    });
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        rows: rows.collect(),
        header: vec![headers.iter().map(|text| head(text)).collect()],
        notes,
        lang,
    }
}
