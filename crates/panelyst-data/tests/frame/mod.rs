//! Small tables written out in tests.

#![allow(dead_code)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use panelyst_data::Panel;

/// A table of named columns.
pub fn frame(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

pub fn text<T: AsRef<str>>(values: &[T]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

pub fn number(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// Numbers with gaps.
pub fn gaps(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// A panel of `province`, `year` and `y`.
pub fn panel(rows: &[(&str, i64, Option<f64>)]) -> Panel {
    let units: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let values: Vec<Option<f64>> = rows.iter().map(|row| row.2).collect();
    let batch = frame(vec![
        ("province", text(&units)),
        ("year", whole(&times)),
        ("y", gaps(&values)),
    ]);
    Panel::declare(&batch, "province", "year").unwrap()
}

/// A number column of a table.
pub fn column(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    batch
        .column_by_name(name)
        .unwrap_or_else(|| panic!("no column {name}"))
        .as_primitive::<Float64Type>()
        .iter()
        .collect()
}

/// A text column of a table.
pub fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let array = batch.column_by_name(name).unwrap().as_string::<i32>();
    (0..array.len())
        .map(|row| array.value(row).to_owned())
        .collect()
}
