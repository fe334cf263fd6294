//! Data of the tests: published panels and reference numbers beside the checkout's root.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use panelyst_lang::{Expr, Formula, parse_expression, parse_formula};

use crate::request::{PanelColumns, Request};

fn read(path: &str) -> Vec<Vec<String>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(path);
    let text = std::fs::read_to_string(&file).unwrap();
    text.lines().map(fields).collect()
}

/// Fields of a line, quotes removed.
fn fields(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().unwrap().push(c),
        }
    }
    out
}

/// The records of a CSV file below `tests/`, without its header.
pub(crate) fn records(path: &str) -> Vec<Vec<String>> {
    read(path).into_iter().skip(1).collect()
}

/// A CSV file below `tests/` as columns; rows are numbered from 1 for `keep`, which also sees the first field.
pub(crate) fn data(path: &str, mut keep: impl FnMut(usize, &str) -> bool) -> RecordBatch {
    let mut rows = read(path);
    let header = rows.remove(0);
    let mut number = 0;
    rows.retain(|row| {
        number += 1;
        keep(number, &row[0])
    });
    batch(
        header
            .iter()
            .enumerate()
            .map(|(j, name)| {
                let cells: Vec<&str> = rows.iter().map(|row| row[j].as_str()).collect();
                let numbers: Option<Vec<f64>> = cells.iter().map(|c| c.parse().ok()).collect();
                match numbers {
                    Some(numbers) => (name.as_str(), number_column(&numbers)),
                    None => (name.as_str(), text_column(&cells)),
                }
            })
            .collect(),
    )
}

/// Munnell's states, all rows.
pub(crate) fn munnell() -> RecordBatch {
    data("canonical/munnell.csv", |_, _| true)
}

/// Grunfeld's ten firms.
pub(crate) fn grunfeld() -> RecordBatch {
    data("canonical/grunfeld.csv", |_, firm| firm != "American Steel")
}

pub(crate) fn number_column(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

pub(crate) fn text_column(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Columns by name.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// The same data with one more column.
pub(crate) fn with_column(data: &RecordBatch, name: &str, column: ArrayRef) -> RecordBatch {
    let mut fields: Vec<Field> = data
        .schema()
        .fields()
        .iter()
        .map(|f| f.as_ref().clone())
        .collect();
    fields.push(Field::new(name, DataType::clone(column.data_type()), true));
    let mut columns = data.columns().to_vec();
    columns.push(column);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// A formula that stands for one regression.
pub(crate) fn formula(text: &str) -> Formula {
    parse_formula(text).unwrap().remove(0)
}

/// Expressions from their texts.
pub(crate) fn expressions(texts: &[&str]) -> Vec<Expr> {
    texts.iter().map(|t| parse_expression(t).unwrap()).collect()
}

/// A request on a panel.
pub(crate) fn request(unit: &str, time: &str) -> Request {
    let mut request = Request::new(Vec::new());
    request.panel = Some(panel(unit, time));
    request
}

pub(crate) fn panel(unit: &str, time: &str) -> PanelColumns {
    PanelColumns {
        unit: unit.to_owned(),
        time: time.to_owned(),
    }
}

/// Asserts closeness relative to the size of the expected number.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(
        found == expected || error <= tolerance,
        "{what}: {found:e} instead of {expected:e} (relative error {error:e})"
    );
}
