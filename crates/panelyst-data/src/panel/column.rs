//! Columns read by name: numbers as `f64`, keys as sorted codes.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch};
use arrow_schema::DataType;

use super::PanelError;
use crate::Error;

/// The column of a name.
///
/// # Errors
/// No such column: the message lists those there are.
pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, Error> {
    batch.column_by_name(name).ok_or_else(|| {
        PanelError::NoColumn {
            column: name.to_owned(),
            known: batch
                .schema()
                .fields()
                .iter()
                .map(|field| format!("`{}`", field.name()))
                .collect::<Vec<_>>()
                .join(", "),
        }
        .into()
    })
}

/// A number column, whole or not, with missing cells as nulls.
///
/// # Errors
/// No such column, a column that holds no numbers, a value that is not finite.
pub(crate) fn numbers(batch: &RecordBatch, name: &str) -> Result<Float64Array, Error> {
    let array = column(batch, name)?;
    match array.data_type() {
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().clone();
            for (row, value) in values.iter().enumerate() {
                if let Some(value) = value.filter(|value| !value.is_finite()) {
                    return Err(PanelError::NotFinite {
                        column: name.to_owned(),
                        row: row + 1,
                        value,
                    }
                    .into());
                }
            }
            Ok(values)
        }
        // Counts and amounts of statistics lie far below 2^53, where the conversion is exact.
        DataType::Int64 => Ok(array
            .as_primitive::<Int64Type>()
            .iter()
            .map(|value| value.map(|value| value as f64))
            .collect()),
        other => Err(wrong_type(name, other, "a number column").into()),
    }
}

/// Codes of a key column. Codes follow the sorted order of the values: numbers by size, text by code point.
pub(crate) struct Keys {
    /// Code of each row.
    pub codes: Vec<u32>,
    /// Text of each code.
    pub labels: Vec<String>,
    /// A row (from 0) where each code occurs first.
    pub first_rows: Vec<usize>,
}

/// Reads a text or whole-number column as keys.
///
/// # Errors
/// No such column, a missing key, a number that is not whole, another type.
pub(crate) fn keys(batch: &RecordBatch, name: &str) -> Result<Keys, Error> {
    let array = column(batch, name)?;
    let missing = |row: usize| PanelError::MissingKey {
        column: name.to_owned(),
        row: row + 1,
    };
    match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            let mut values = Vec::with_capacity(texts.len());
            for row in 0..texts.len() {
                // A text of blanks names nothing.
                if texts.is_null(row) || texts.value(row).trim().is_empty() {
                    return Err(missing(row).into());
                }
                values.push(texts.value(row));
            }
            coded(name, &values, |text| (*text).to_owned())
        }
        DataType::Int64 | DataType::Float64 => {
            let values = whole_numbers(batch, name, |row, value| PanelError::ColumnType {
                column: name.to_owned(),
                found: format!("{value} in row {row}"),
                wanted: "a text or a whole number",
            })?;
            coded(name, &values, i64::to_string)
        }
        other => Err(wrong_type(name, other, "a text or whole-number column").into()),
    }
}

/// Whole numbers of an Int64 or Float64 column without missing values.
///
/// # Errors
/// A missing value; a fraction, as `fraction` says from its row (from 1) and value; another type.
pub(crate) fn whole_numbers(
    batch: &RecordBatch,
    name: &str,
    fraction: impl Fn(usize, f64) -> PanelError,
) -> Result<Vec<i64>, Error> {
    // The largest magnitude below which every whole number has its own f64.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let array = column(batch, name)?;
    if array.null_count() > 0 {
        let row = (0..array.len())
            .find(|&row| array.is_null(row))
            .unwrap_or(0);
        return Err(PanelError::MissingKey {
            column: name.to_owned(),
            row: row + 1,
        }
        .into());
    }
    match array.data_type() {
        DataType::Int64 => Ok(array.as_primitive::<Int64Type>().values().to_vec()),
        DataType::Float64 => array
            .as_primitive::<Float64Type>()
            .values()
            .iter()
            .enumerate()
            .map(|(row, &value)| {
                if value.fract() == 0.0 && value.abs() < EXACT {
                    Ok(value as i64)
                } else {
                    Err(fraction(row + 1, value).into())
                }
            })
            .collect(),
        other => Err(wrong_type(name, other, "a whole-number column").into()),
    }
}

fn coded<T: Ord + Copy + std::hash::Hash>(
    name: &str,
    values: &[T],
    label: impl Fn(&T) -> String,
) -> Result<Keys, Error> {
    let mut provisional: HashMap<T, u32> = HashMap::new();
    let mut first_rows: Vec<usize> = Vec::new();
    let mut codes = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let code = match provisional.get(value) {
            Some(&code) => code,
            None => {
                let code =
                    u32::try_from(first_rows.len()).map_err(|_| PanelError::TooManyUnits {
                        column: name.to_owned(),
                    })?;
                provisional.insert(*value, code);
                first_rows.push(row);
                code
            }
        };
        codes.push(code);
    }
    let mut order: Vec<usize> = (0..first_rows.len()).collect();
    order.sort_unstable_by_key(|&code| values[first_rows[code]]);
    let mut rank = vec![0_u32; order.len()];
    for (position, &code) in order.iter().enumerate() {
        rank[code] = position as u32;
    }
    for code in &mut codes {
        *code = rank[*code as usize];
    }
    let first_rows: Vec<usize> = order.into_iter().map(|code| first_rows[code]).collect();
    let labels = first_rows.iter().map(|&row| label(&values[row])).collect();
    Ok(Keys {
        codes,
        labels,
        first_rows,
    })
}

pub(crate) fn wrong_type(name: &str, found: &DataType, wanted: &'static str) -> PanelError {
    let found = match found {
        DataType::Utf8 => "text".to_owned(),
        DataType::Boolean => "yes or no".to_owned(),
        DataType::Float64 | DataType::Int64 => "numbers".to_owned(),
        other => format!("values of type {other}"),
    };
    PanelError::ColumnType {
        column: name.to_owned(),
        found,
        wanted,
    }
}
