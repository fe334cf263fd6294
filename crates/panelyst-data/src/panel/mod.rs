//! The panel: rows identified by a unit and a calendar time.

pub(crate) mod column;
mod error;
mod report;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::take::take_record_batch;
use panelyst_lang::PanelIndex;

pub use error::PanelError;
pub use report::{Gap, MissingCells, PanelReport, UnitPeriod};

use crate::Error;

/// A table sorted by unit, then time, with one row a unit and period.
///
/// Units are in sorted order (text by code point, numbers by size), so the order of the input's rows has no influence.
/// The unit column keeps its type; the time column is Int64.
#[derive(Clone, Debug)]
pub struct Panel {
    batch: RecordBatch,
    index: PanelIndex,
    unit_names: Vec<String>,
    unit_column: String,
    time_column: String,
}

impl Panel {
    /// Declares which columns are the unit and the time of a table, and sorts it.
    ///
    /// Units are text or whole numbers. Times are whole numbers, or text that is one, such as `2004` or `2004年`.
    ///
    /// # Errors
    /// A duplicate unit and period (names both rows), a missing unit or time (names the row), a time that is no whole
    /// number, a table without rows, a column that does not exist. Rows are those of `batch`, from 1.
    pub fn declare(batch: &RecordBatch, unit: &str, time: &str) -> Result<Self, Error> {
        if unit == time {
            return Err(PanelError::SameColumn {
                column: unit.to_owned(),
            }
            .into());
        }
        let unit_keys = column::keys(batch, unit)?;
        let times = read_times(batch, time)?;
        if batch.num_rows() == 0 {
            return Err(PanelError::Empty.into());
        }

        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_unstable_by_key(|&row| (unit_keys.codes[row], times[row], row));
        let sorted_times: Vec<i64> = order.iter().map(|&row| times[row]).collect();
        let sorted_units: Vec<u32> = order.iter().map(|&row| unit_keys.codes[row]).collect();
        let index =
            PanelIndex::new(sorted_units.clone(), sorted_times.clone()).map_err(|duplicate| {
                PanelError::Duplicate {
                    unit: unit_keys.labels[sorted_units[duplicate.first] as usize].clone(),
                    time_column: time.to_owned(),
                    time: sorted_times[duplicate.first],
                    first: order[duplicate.first] + 1,
                    second: order[duplicate.second] + 1,
                }
            })?;
        let rows: UInt64Array = order.iter().map(|&row| Some(row as u64)).collect();
        let sorted = take_record_batch(batch, &rows).map_err(PanelError::from)?;
        let batch = replaced(&sorted, time, Arc::new(Int64Array::from(sorted_times)))
            .map_err(PanelError::from)?;
        Ok(Self {
            batch,
            index,
            unit_names: unit_keys.labels,
            unit_column: unit.to_owned(),
            time_column: time.to_owned(),
        })
    }

    /// The table, sorted by unit and time.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// Unit code and time of each row. Codes are positions in [`Self::unit_names`].
    pub fn index(&self) -> &PanelIndex {
        &self.index
    }

    /// Names of the units, in sorted order.
    pub fn unit_names(&self) -> &[String] {
        &self.unit_names
    }

    /// The unit column.
    pub fn unit_column(&self) -> &str {
        &self.unit_column
    }

    /// The time column.
    pub fn time_column(&self) -> &str {
        &self.time_column
    }

    /// The panel with a number column replaced, or added at the end.
    ///
    /// # Errors
    /// Another length than the panel's, a value that is not finite, the name of the unit or the time column.
    pub fn with_column(self, name: &str, values: Float64Array) -> Result<Self, Error> {
        if name == self.unit_column || name == self.time_column {
            return Err(PanelError::KeyColumn {
                column: name.to_owned(),
            }
            .into());
        }
        if values.len() != self.batch.num_rows() {
            return Err(PanelError::Length {
                column: name.to_owned(),
                found: values.len(),
                rows: self.batch.num_rows(),
            }
            .into());
        }
        let batch = replaced(&self.batch, name, Arc::new(values)).map_err(PanelError::from)?;
        column::numbers(&batch, name)?;
        Ok(Self { batch, ..self })
    }

    /// Size, balance, gaps and missing cells.
    pub fn report(&self) -> PanelReport {
        report::report(self)
    }

    /// Name of the unit of a row.
    pub fn unit_of(&self, row: usize) -> &str {
        &self.unit_names[self.index.units()[row] as usize]
    }

    /// Time of a row.
    pub fn time_of(&self, row: usize) -> i64 {
        self.index.times()[row]
    }

    /// Rows of each unit, in the order of [`Self::unit_names`]: consecutive, by time.
    pub fn unit_rows(&self) -> Vec<std::ops::Range<usize>> {
        let units = self.index.units();
        let mut ranges = Vec::with_capacity(self.unit_names.len());
        let mut start = 0;
        for row in 1..=units.len() {
            if row == units.len() || units[row] != units[start] {
                ranges.push(start..row);
                start = row;
            }
        }
        ranges
    }

    /// A number column of the panel as `f64`, with missing cells as nulls.
    ///
    /// # Errors
    /// No such column, a column of text, a value that is not finite.
    pub fn numbers(&self, name: &str) -> Result<Float64Array, Error> {
        column::numbers(&self.batch, name)
    }
}

fn read_times(batch: &RecordBatch, time: &str) -> Result<Vec<i64>, Error> {
    let array = column::column(batch, time)?;
    if array.data_type() != &DataType::Utf8 {
        return column::whole_numbers(batch, time, |row, value| PanelError::NotATime {
            column: time.to_owned(),
            row,
            value: value.to_string(),
        });
    }
    let texts = array.as_string::<i32>();
    (0..texts.len())
        .map(|row| {
            let text = if texts.is_null(row) {
                ""
            } else {
                texts.value(row).trim()
            };
            if text.is_empty() {
                return Err(PanelError::MissingKey {
                    column: time.to_owned(),
                    row: row + 1,
                }
                .into());
            }
            let digits = text.strip_suffix('年').unwrap_or(text).trim_end();
            digits.parse().map_err(|_| {
                PanelError::NotATime {
                    column: time.to_owned(),
                    row: row + 1,
                    value: text.to_owned(),
                }
                .into()
            })
        })
        .collect()
}

/// The table with one column replaced in its place, or added at the end.
///
/// # Errors
/// Another length.
pub fn replaced(
    batch: &RecordBatch,
    name: &str,
    values: ArrayRef,
) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    let mut columns = batch.columns().to_vec();
    let field = Arc::new(Field::new(name, values.data_type().clone(), true));
    match schema.index_of(name) {
        Ok(place) => {
            fields[place] = field;
            columns[place] = values;
        }
        Err(_) => {
            fields.push(field);
            columns.push(values);
        }
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), columns)
}
