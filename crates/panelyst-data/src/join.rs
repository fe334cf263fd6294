//! Joins of two tables by keys of text and whole numbers.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::take::take;

use crate::error::{Error, Place};

/// Which rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Rows whose key stands in both tables.
    Inner,
    /// Every row of the left table.
    Left,
    /// Every row of both tables.
    Full,
}

/// Two tables side by side, and what did not match.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Keys, the other columns of the left table, the other columns of the right one.
    pub batch: RecordBatch,
    /// Keys that stand in the left table only, in its order.
    pub left_only: Vec<Vec<String>>,
    /// Keys that stand in the right table only, in its order.
    pub right_only: Vec<Vec<String>>,
}

/// Joins two tables whose keys are unique in each.
///
/// `names` are the names of the tables in messages. Keys are text, `Int64`, or `Float64` with whole values; the two kinds
/// of number match each other and the result holds `Int64`. Rows stand in the order of the left table, then those of the
/// right table only.
///
/// # Errors
/// Keys that stand twice, are missing or cannot be matched; a column other than the keys that stands in both tables.
pub fn join(
    left: &RecordBatch,
    right: &RecordBatch,
    keys: &[&str],
    kind: JoinKind,
    names: (&str, &str),
) -> Result<Joined, Error> {
    let left_keys = key_rows(left, keys, names.0)?;
    let right_keys = key_rows(right, keys, names.1)?;
    check_types(left, right, keys, names)?;
    let carried = carried_columns(left, right, keys, names)?;
    let left_index = unique(&left_keys, keys, names.0)?;
    let right_index = unique(&right_keys, keys, names.1)?;

    let mut pairs: Vec<(Option<u64>, Option<u64>)> = Vec::with_capacity(left_keys.len());
    let mut left_only = Vec::new();
    for (row, key) in left_keys.iter().enumerate() {
        let other = right_index.get(key.as_slice()).copied();
        if other.is_none() {
            left_only.push(shown(key));
        }
        if other.is_some() || kind != JoinKind::Inner {
            pairs.push((Some(row as u64), other.map(|row| row as u64)));
        }
    }
    let mut right_only = Vec::new();
    for (row, key) in right_keys.iter().enumerate() {
        if !left_index.contains_key(key.as_slice()) {
            right_only.push(shown(key));
            if kind == JoinKind::Full {
                pairs.push((None, Some(row as u64)));
            }
        }
    }
    let left_rows: UInt64Array = pairs.iter().map(|pair| pair.0).collect();
    let right_rows: UInt64Array = pairs.iter().map(|pair| pair.1).collect();

    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (position, name) in keys.iter().enumerate() {
        let column = key_column(&pairs, position, &left_keys, &right_keys);
        fields.push(Field::new(*name, column.data_type().clone(), true));
        columns.push(column);
    }
    for (table, column, rows) in carried.iter().map(|(from_left, column)| {
        if *from_left {
            (left, *column, &left_rows)
        } else {
            (right, *column, &right_rows)
        }
    }) {
        let field = table.schema().field(column).clone().with_nullable(true);
        fields.push(field);
        columns.push(take(table.column(column), rows, None)?);
    }
    Ok(Joined {
        batch: RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?,
        left_only,
        right_only,
    })
}

/// One part of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Whole(i64),
}

impl Part {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
        }
    }
}

fn shown(key: &[Part]) -> Vec<String> {
    key.iter().map(Part::shown).collect()
}

/// The key of each row.
fn key_rows(batch: &RecordBatch, keys: &[&str], table: &str) -> Result<Vec<Vec<Part>>, Error> {
    let mut rows: Vec<Vec<Part>> = vec![Vec::with_capacity(keys.len()); batch.num_rows()];
    for key in keys {
        let column = batch.column_by_name(key).ok_or_else(|| {
            let schema = batch.schema();
            let known: Vec<String> = schema
                .fields()
                .iter()
                .map(|f| format!("`{}`", f.name()))
                .collect();
            Error::NoColumn {
                at: Box::new(Place::file(table).column(*key)),
                known: known.join(", "),
            }
        })?;
        if let Some(row) = (0..column.len()).find(|row| column.is_null(*row)) {
            return Err(Error::MissingKey {
                table: table.into(),
                row: row + 1,
                column: (*key).into(),
            });
        }
        let wrong = |reason: String| Error::KeyType {
            table: table.into(),
            column: (*key).into(),
            reason,
        };
        match column.data_type() {
            DataType::Utf8 => {
                let text = column.as_string::<i32>();
                for (row, key) in rows.iter_mut().enumerate() {
                    key.push(Part::Text(text.value(row).to_string()));
                }
            }
            DataType::Int64 => {
                let numbers = column.as_primitive::<Int64Type>();
                for (row, key) in rows.iter_mut().enumerate() {
                    key.push(Part::Whole(numbers.value(row)));
                }
            }
            DataType::Float64 => {
                let numbers = column.as_primitive::<Float64Type>();
                for (row, key) in rows.iter_mut().enumerate() {
                    let number = numbers.value(row);
                    // Above 2^53 neighbouring whole numbers are the same double.
                    if number.fract() != 0.0
                        || number.abs() > 9_007_199_254_740_992.0
                        || number.is_nan()
                    {
                        return Err(wrong(format!(
                            "holds {number} in row {}; keys are text or whole numbers",
                            row + 1
                        )));
                    }
                    key.push(Part::Whole(number as i64));
                }
            }
            other => {
                return Err(wrong(format!(
                    "is of type {other}; keys are text or whole numbers"
                )));
            }
        }
    }
    Ok(rows)
}

/// Text never matches a number; better said than found as a table without a match.
fn check_types(
    left: &RecordBatch,
    right: &RecordBatch,
    keys: &[&str],
    names: (&str, &str),
) -> Result<(), Error> {
    for key in keys {
        let text = |batch: &RecordBatch| {
            batch
                .column_by_name(key)
                .is_some_and(|column| column.data_type() == &DataType::Utf8)
        };
        let (left_text, right_text) = (text(left), text(right));
        if left_text != right_text {
            let kind = |text: bool| if text { "text" } else { "a number" };
            return Err(Error::KeyType {
                table: names.0.into(),
                column: (*key).into(),
                reason: format!(
                    "is {} there and {} in {}; declare it as text in both files, or match the names first",
                    kind(left_text),
                    kind(right_text),
                    names.1
                ),
            });
        }
    }
    Ok(())
}

/// Columns beside the keys, as (from the left table, position).
fn carried_columns(
    left: &RecordBatch,
    right: &RecordBatch,
    keys: &[&str],
    names: (&str, &str),
) -> Result<Vec<(bool, usize)>, Error> {
    let mut carried = Vec::new();
    for (position, field) in left.schema().fields().iter().enumerate() {
        if !keys.contains(&field.name().as_str()) {
            carried.push((true, position));
        }
    }
    for (position, field) in right.schema().fields().iter().enumerate() {
        let name = field.name().as_str();
        if keys.contains(&name) {
            continue;
        }
        if left.column_by_name(name).is_some() {
            return Err(Error::ColumnClash {
                column: name.into(),
                left: names.0.into(),
                right: names.1.into(),
            });
        }
        carried.push((false, position));
    }
    Ok(carried)
}

/// The row of each key; an error when a key stands twice.
fn unique<'a>(
    rows: &'a [Vec<Part>],
    keys: &[&str],
    table: &str,
) -> Result<HashMap<&'a [Part], usize>, Error> {
    let mut index: HashMap<&[Part], usize> = HashMap::with_capacity(rows.len());
    let mut repeated: Vec<(usize, usize)> = Vec::new();
    for (row, key) in rows.iter().enumerate() {
        if let Some(first) = index.get(key.as_slice()) {
            repeated.push((*first, row));
        } else {
            index.insert(key, row);
        }
    }
    let Some(&(first, second)) = repeated.first() else {
        return Ok(index);
    };
    let named = |row: usize| {
        let parts: Vec<String> = keys
            .iter()
            .zip(&rows[row])
            .map(|(name, part)| format!("{name} = {}", part.shown()))
            .collect();
        parts.join(", ")
    };
    let mut others: Vec<usize> = repeated.iter().map(|pair| pair.0).collect();
    others.sort_unstable();
    others.dedup();
    let count = others.len();
    let more: Vec<String> = others
        .iter()
        .filter(|row| **row != first)
        .take(4)
        .map(|row| named(*row))
        .collect();
    let more = match (more.is_empty(), count > more.len() + 1) {
        (true, _) => String::new(),
        (false, false) => format!("; also {}", more.join("; ")),
        (false, true) => format!(
            "; also {} and {} more",
            more.join("; "),
            count - 1 - more.len()
        ),
    };
    Err(Error::DuplicateKey {
        table: table.into(),
        count,
        key: named(first),
        first: first + 1,
        second: second + 1,
        more,
    })
}

fn key_column(
    pairs: &[(Option<u64>, Option<u64>)],
    position: usize,
    left: &[Vec<Part>],
    right: &[Vec<Part>],
) -> ArrayRef {
    let parts: Vec<Option<&Part>> = pairs
        .iter()
        .map(|pair| match pair {
            (Some(row), _) => left.get(*row as usize).map(|key| &key[position]),
            (None, Some(row)) => right.get(*row as usize).map(|key| &key[position]),
            (None, None) => None,
        })
        .collect();
    // A column is of one kind throughout; without rows it is that of either table.
    let sample = left.first().or(right.first()).map(|key| &key[position]);
    if matches!(sample, Some(Part::Whole(_))) {
        let numbers: Int64Array = parts
            .into_iter()
            .map(|part| match part {
                Some(Part::Whole(number)) => Some(*number),
                _ => None,
            })
            .collect();
        Arc::new(numbers)
    } else {
        let text: StringArray = parts
            .into_iter()
            .map(|part| match part {
                Some(Part::Text(text)) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        Arc::new(text)
    }
}
