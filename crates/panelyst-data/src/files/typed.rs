//! Files whose columns have types of their own: what is left to do once a column is a number, text or truth value.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;

use super::columnar::{not_finite, schema};
use super::source::entry;
use super::{Format, ReadOptions, Source};
use crate::error::{Error, Place};
use crate::ledger::{Entry, Ledger};

/// A table that is put together column by column.
pub(crate) struct Typed<'a> {
    path: &'a Path,
    file: String,
    options: &'a ReadOptions,
    rows: usize,
    names: Vec<String>,
    arrays: Vec<ArrayRef>,
    pub labels: Vec<(String, String)>,
    pub notes: Vec<String>,
    pub ledger: Ledger,
}

/// An error for options that only text files and workbooks have.
pub(crate) fn check_options(
    path: &Path,
    options: &ReadOptions,
    format: Format,
) -> Result<(), Error> {
    let option = if options.sheet.is_some() {
        "sheet"
    } else if options.range.is_some() {
        "range"
    } else if options.skip_rows > 0 {
        "skip_rows"
    } else if options.header_rows.is_some() {
        "header_rows"
    } else {
        return Ok(());
    };
    Err(Error::OptionNotForFormat {
        file: path.display().to_string(),
        option: option.into(),
        format: format.label().into(),
    })
}

impl<'a> Typed<'a> {
    pub fn new(path: &'a Path, options: &'a ReadOptions, rows: usize) -> Result<Self, Error> {
        let file = path.display().to_string();
        if rows == 0 {
            return Err(Error::NoDataRows {
                at: Box::new(Place::file(file)),
            });
        }
        Ok(Self {
            path,
            file,
            options,
            rows,
            names: Vec::new(),
            arrays: Vec::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            ledger: Ledger::default(),
        })
    }

    /// Whether the user wants a column as text.
    pub fn wants_text(&self, name: &str) -> bool {
        self.options.as_text(name)
    }

    /// Adds a column: cells that are not a number or declared as missing become nulls.
    pub fn add(&mut self, name: &str, array: ArrayRef) -> Result<(), Error> {
        if let Some(first) = self.names.iter().position(|known| known == name) {
            return Err(Error::DuplicateColumn {
                at: Box::new(Place::file(&self.file).column(name)),
                first: first + 1,
                second: self.names.len() + 1,
            });
        }
        let (nan, infinite, row) = not_finite(&array);
        if infinite > 0 {
            return Err(Error::NotFinite {
                at: Box::new(Place::file(&self.file).row(row + 1).column(name)),
                count: infinite,
            });
        }
        let before = array.null_count();
        if before > 0 {
            self.missing(name, before, "missing in the file");
        }
        let array = if nan > 0 {
            self.missing(name, nan, "not a number (NaN)");
            let values = array.as_primitive::<Float64Type>();
            let kept: Float64Array = values
                .iter()
                .map(|value| value.filter(|v| !v.is_nan()))
                .collect();
            Arc::new(kept) as ArrayRef
        } else {
            array
        };
        let array = self.declared(name, array);
        self.names.push(name.into());
        self.arrays.push(array);
        Ok(())
    }

    /// Notes a column that holds neither numbers nor text nor truth values.
    pub fn leave_out(&mut self, name: &str, kind: &str) {
        self.notes.push(format!(
            "{}: column `{name}` of type {kind} is left out",
            self.file
        ));
        self.ledger.push(Entry {
            rule: format!("columns of type {kind} are not read"),
            cells: self.rows,
            ..entry("dropped", &self.file, format!("column `{name}`"), name)
        });
    }

    /// Nulls for cells that the user declared as missing.
    fn declared(&mut self, name: &str, array: ArrayRef) -> ArrayRef {
        if self.options.missing.is_empty() {
            return array;
        }
        let before = array.null_count();
        let marks = &self.options.missing;
        let cleaned: ArrayRef = match array.data_type() {
            DataType::Utf8 => {
                let text = array.as_string::<i32>();
                let kept: StringArray = text
                    .iter()
                    .map(|cell| {
                        cell.filter(|cell| !marks.iter().any(|mark| mark.trim() == cell.trim()))
                    })
                    .collect();
                Arc::new(kept)
            }
            DataType::Int64 => {
                let codes: Vec<i64> = marks
                    .iter()
                    .filter_map(|mark| mark.trim().parse().ok())
                    .collect();
                let values = array.as_primitive::<Int64Type>();
                let kept: Int64Array = values
                    .iter()
                    .map(|cell| cell.filter(|cell| !codes.contains(cell)))
                    .collect();
                Arc::new(kept)
            }
            DataType::Float64 => {
                let codes: Vec<f64> = marks
                    .iter()
                    .filter_map(|mark| mark.trim().parse().ok())
                    .collect();
                let values = array.as_primitive::<Float64Type>();
                let kept: Float64Array = values
                    .iter()
                    .map(|cell| cell.filter(|cell| !codes.contains(cell)))
                    .collect();
                Arc::new(kept)
            }
            _ => return array,
        };
        let found = cleaned.null_count() - before;
        if found == 0 {
            return array;
        }
        self.missing(name, found, "declared as missing");
        cleaned
    }

    /// One ledger entry for the missing cells of a column.
    pub fn missing(&mut self, name: &str, cells: usize, rule: &str) {
        self.ledger.push(Entry {
            rule: rule.into(),
            cells,
            ..entry("missing", &self.file, format!("column `{name}`"), name)
        });
    }

    /// The table.
    pub fn finish(self) -> Result<Source, Error> {
        for wanted in &self.options.text_columns {
            if !self.names.contains(wanted) {
                let known: Vec<String> =
                    self.names.iter().map(|name| format!("`{name}`")).collect();
                return Err(Error::NoColumn {
                    at: Box::new(Place::file(&self.file).column(wanted)),
                    known: known.join(", "),
                });
            }
        }
        if self.names.is_empty() {
            return Err(Error::Empty {
                at: Box::new(Place::file(&self.file)),
            });
        }
        let batch = RecordBatch::try_new(schema(&self.names, &self.arrays), self.arrays)?;
        let mut source = Source::new(self.path, batch, (1..=self.rows).collect(), self.options)?;
        source.labels = self.labels;
        source.notes = self.notes;
        source.ledger = self.ledger;
        Ok(source)
    }
}
