//! Record batches as rows of printed tables.

use arrow_array::RecordBatch;
use panelyst::records::value;
use panelyst_report::{Cell, Digits};
use serde_json::Value;

/// The rows as cells; with `full` numbers are written with all their digits.
pub(crate) fn cells(batch: &RecordBatch, digits: Digits, full: bool) -> Vec<Vec<Cell>> {
    (0..batch.num_rows())
        .map(|row| {
            batch
                .columns()
                .iter()
                .map(|column| match value(column, row) {
                    Value::Null => Cell::Empty,
                    Value::String(text) => Cell::Text { text },
                    Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                        // A year is a name and no count: it gets no thousands marks.
                        (Some(whole), _) => Cell::Text {
                            text: whole.to_string(),
                        },
                        (None, Some(value)) if !full => Cell::Number { value, digits },
                        _ => Cell::Text {
                            text: number.to_string(),
                        },
                    },
                    other => Cell::Text {
                        text: other.to_string(),
                    },
                })
                .collect()
        })
        .collect()
}
