//! Record batches as rows of JSON objects and of printed tables.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use panelyst_report::{Cell, Digits};
use serde_json::{Map, Value};

/// One JSON object a row, keyed by the column names; missing values are `null`.
pub(crate) fn objects(batch: &RecordBatch) -> Vec<Map<String, Value>> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|row| {
            schema
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, column)| (field.name().clone(), value(column, row)))
                .collect()
        })
        .collect()
}

fn value(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        _ => Value::Null,
    }
}

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
