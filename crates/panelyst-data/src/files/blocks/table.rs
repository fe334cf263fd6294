//! Columns of blocks to a table with its ledger.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{Field, Schema};

use super::cells::Found;
use super::head::Head;
use super::{Column, Values};
use crate::cleaning::Marks;
use crate::cleaning::series::{CellColumn, Cells, LISTED};
use crate::error::{Error, Place};
use crate::files::grid::Cell;
use crate::files::{ReadOptions, Source};
use crate::ledger::Ledger;

/// The table of columns that were read to their end.
pub(crate) fn source(
    path: &Path,
    head: &Head,
    columns: Vec<Column>,
    as_text: &[bool],
    rows: usize,
    options: &ReadOptions,
) -> Result<Source, Error> {
    let file = path.display().to_string();
    let marks = Marks {
        extra: Vec::new(),
        negative_parentheses: options.negative_parentheses,
    };
    let (mut fields, mut arrays) = (Vec::new(), Vec::<ArrayRef>::new());
    let (mut notes, mut ledger) = (Vec::new(), Ledger::default());
    let wanted = options.wanted(head.names.iter().map(String::as_str));
    for (at, column) in columns.into_iter().enumerate() {
        if !wanted[at] {
            continue;
        }
        let cells = Cells {
            column: TextColumn {
                file: &file,
                text: match column.values {
                    Values::None => text(&column.parts, rows)?,
                    _ => StringArray::new_null(0),
                },
            },
            name: &head.names[at],
            marks: &marks,
        };
        let array = match column.values {
            Values::None => {
                let read = cells.read(as_text[at])?;
                ledger.append(read.ledger);
                notes.extend(read.notes);
                read.array
            }
            values => {
                let (shown, marked, blanks) = missing(&column.parts);
                cells.missing_cells(&shown, marked, blanks, &mut ledger);
                numbers(values, &column.parts, rows)
            }
        };
        fields.push(Field::new(&head.names[at], array.data_type().clone(), true));
        arrays.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    // Line 1 holds the names.
    let mut source = Source::new(path, batch, (2..rows + 2).collect(), options)?;
    source.notes = notes;
    source.ledger = ledger;
    Ok(source)
}

fn numbers(values: Values, parts: &[Found], rows: usize) -> ArrayRef {
    let nulls = nulls(parts, rows);
    if nulls
        .as_ref()
        .is_some_and(|nulls| nulls.null_count() == rows)
    {
        return Arc::new(Float64Array::new(vec![0.0; rows].into(), nulls));
    }
    match values {
        Values::Whole(values) => Arc::new(Int64Array::new(values.into(), nulls)),
        Values::Real(values) => Arc::new(Float64Array::new(values.into(), nulls)),
        Values::None => Arc::new(Float64Array::new_null(rows)),
    }
}

fn nulls(parts: &[Found], rows: usize) -> Option<NullBuffer> {
    if parts.iter().all(|part| part.nulls.is_empty()) {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(rows);
    valid.append_n(rows, true);
    let mut before = 0;
    for part in parts {
        for row in &part.nulls {
            valid.set_bit(before + row, false);
        }
        before += part.rows;
    }
    Some(NullBuffer::new(valid.finish()))
}

/// The first marks of missing cells with their rows, the number of marks and that of blanks.
fn missing(parts: &[Found]) -> (Vec<(usize, String)>, usize, usize) {
    let (mut shown, mut marked, mut blanks, mut before) = (Vec::new(), 0, 0, 0);
    for part in parts {
        for (row, mark) in &part.marks {
            if shown.len() <= LISTED {
                shown.push((before + row, mark.clone()));
            }
        }
        marked += part.marked;
        blanks += part.blanks;
        before += part.rows;
    }
    (shown, marked, blanks)
}

fn text(parts: &[Found], rows: usize) -> Result<StringArray, Error> {
    let length = parts.iter().map(|part| part.text.len()).sum();
    let mut bytes: Vec<u8> = Vec::with_capacity(length);
    let mut offsets: Vec<i32> = Vec::with_capacity(rows + 1);
    offsets.push(0);
    for part in parts {
        let before = bytes.len();
        for end in &part.ends {
            offsets.push(i32::try_from(before + end).map_err(|_| {
                Error::Arrow("a text column holds more than 2 GB; split the file".into())
            })?);
        }
        bytes.extend_from_slice(&part.text);
    }
    Ok(StringArray::try_new(
        OffsetBuffer::new(ScalarBuffer::from(offsets)),
        bytes.into(),
        nulls(parts, rows),
    )?)
}

/// A column of trimmed cells; blank ones are nulls.
struct TextColumn<'a> {
    file: &'a str,
    text: StringArray,
}

impl CellColumn for TextColumn<'_> {
    fn len(&self) -> usize {
        self.text.len()
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        if self.text.is_null(row) {
            Cell::Blank
        } else {
            Cell::Text(self.text.value(row))
        }
    }

    fn place(&self) -> Place {
        Place::file(self.file)
    }

    fn line(&self, row: usize) -> usize {
        row + 2
    }

    fn held_as_text(&self) -> Option<&StringArray> {
        Some(&self.text)
    }
}
