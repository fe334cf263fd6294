//! Long text tables read in blocks, in parallel, from bytes straight to columns.
//!
//! A first pass counts the lines that start in each block; a second one parses every block into its part of the columns.
//! What the kinds of the first rows promise may turn out wrong: the columns concerned are then read once more as text and
//! judged as the cells of a grid are. Everything that needs a look at the whole table (quotes around line breaks, ragged
//! and blank rows, notes below it, other encodings, marks and ranges that the user told) is left to the grid, so that
//! both give the same table, the same ledger and the same errors.

mod cells;
mod file;
mod head;
mod table;

use std::path::Path;

use rayon::prelude::*;

use super::{Format, ReadOptions, Source};
use crate::error::Error;
use crate::layout::furniture::is_note;
use cells::{Block, Found, Kind, Line, Slots};
use file::{Span, TextFile};

/// Bytes of a block: it stays in the cache of one core while it is parsed.
const BLOCK: u64 = 1 << 20;

/// Files below this size are not worth a second thread.
const SMALL: u64 = 1 << 19;

/// Why a table is left to the grid: it is not as plain as it must be here, or the file could not be read.
pub(crate) struct NotPlain;

/// Reads a long text table in blocks; none when it is for the grid to read, or to refuse.
pub(crate) fn read(
    path: &Path,
    format: Format,
    options: &ReadOptions,
) -> Result<Option<Source>, Error> {
    let told = options.sheet.is_some()
        || options.range.is_some()
        || options.encoding.is_some()
        || options.skip_rows > 0
        || options.header_rows.is_some_and(|rows| rows != 1)
        || !options.missing.is_empty();
    if told {
        return Ok(None);
    }
    match plain(path, format, options, BLOCK) {
        Ok(source) => source.map(Some),
        Err(NotPlain) => Ok(None),
    }
}

/// The table; the outer result says whether it is plain, the inner one what the table itself gives.
fn plain(
    path: &Path,
    format: Format,
    options: &ReadOptions,
    block: u64,
) -> Result<Result<Source, Error>, NotPlain> {
    let file = TextFile::open(path)?;
    let head = head::read(&file, format)?;
    let names: Vec<&str> = head.names.iter().map(String::as_str).collect();
    if options
        .text_columns
        .iter()
        .any(|name| !head.names.contains(name))
    {
        return Err(NotPlain);
    }
    let wanted = options.wanted(names.iter().copied());
    let as_text: Vec<bool> = head
        .names
        .iter()
        .map(|name| options.as_text(name))
        .collect();
    let mut kinds: Vec<Kind> = (0..names.len())
        .map(|at| match (wanted[at], as_text[at]) {
            (false, _) => Kind::Skipped,
            (true, true) => Kind::Text,
            (true, false) => head.kinds[at],
        })
        .collect();
    let spans = file.spans(head.data, block);
    let rows = rows_of(&file, &spans)?;
    let total: usize = rows.iter().sum();
    if total == 0 {
        return Err(NotPlain);
    }
    let reader = Reader {
        file: &file,
        spans: &spans,
        rows: &rows,
        total,
        delimiter: head.delimiter,
        negative_parentheses: options.negative_parentheses,
    };
    let mut columns = reader.columns(&kinds)?;
    // Columns whose first cells promised something else; text holds everything, so this happens at most twice.
    loop {
        let again: Vec<Kind> = columns
            .iter()
            .zip(&kinds)
            .map(|(column, kind)| match column.needs {
                Some(needs) if needs > *kind => needs,
                _ => Kind::Skipped,
            })
            .collect();
        if again.iter().all(|kind| *kind == Kind::Skipped) {
            break;
        }
        for (at, column) in reader.columns(&again)?.into_iter().enumerate() {
            if again[at] != Kind::Skipped {
                columns[at] = column;
                kinds[at] = again[at];
            }
        }
    }
    if reader.ends_in_a_note()? {
        return Err(NotPlain);
    }
    Ok(table::source(
        path, &head, columns, &as_text, total, options,
    ))
}

/// Lines that start in each block.
fn rows_of(file: &TextFile, spans: &[Span]) -> Result<Vec<usize>, NotPlain> {
    if file.length < SMALL {
        return spans.iter().map(|span| file.lines(*span)).collect();
    }
    spans.par_iter().map(|span| file.lines(*span)).collect()
}

/// A column as it was read: parts in the order of the blocks.
pub(crate) struct Column {
    pub values: Values,
    pub needs: Option<Kind>,
    pub parts: Vec<Found>,
}

/// Values of a column on all rows, zero where they are missing; text lies in the parts.
pub(crate) enum Values {
    None,
    Whole(Vec<i64>),
    Real(Vec<f64>),
}

/// What every pass over the rows needs.
struct Reader<'a> {
    file: &'a TextFile,
    spans: &'a [Span],
    rows: &'a [usize],
    total: usize,
    delimiter: u8,
    negative_parentheses: bool,
}

impl Reader<'_> {
    /// Reads the columns of these kinds.
    fn columns(&self, kinds: &[Kind]) -> Result<Vec<Column>, NotPlain> {
        let mut values: Vec<Values> = kinds
            .iter()
            .map(|kind| match kind {
                Kind::Whole => Values::Whole(vec![0; self.total]),
                Kind::Real => Values::Real(vec![0.0; self.total]),
                Kind::Text | Kind::Skipped => Values::None,
            })
            .collect();
        let mut work = self.split(&mut values, kinds);
        let parsed: Vec<Vec<Found>> = if self.file.length < SMALL {
            work.iter_mut()
                .map(|(at, slots)| self.parse(*at, slots))
                .collect::<Result<_, _>>()?
        } else {
            work.par_iter_mut()
                .map(|(at, slots)| self.parse(*at, slots))
                .collect::<Result<_, _>>()?
        };
        drop(work);
        let mut columns: Vec<Column> = values
            .into_iter()
            .map(|values| Column {
                values,
                needs: None,
                parts: Vec::with_capacity(self.spans.len()),
            })
            .collect();
        for block in parsed {
            for (column, found) in columns.iter_mut().zip(block) {
                column.needs = column.needs.max(found.needs);
                column.parts.push(found);
            }
        }
        Ok(columns)
    }

    /// The part of every column that each block fills.
    fn split<'v>(&self, values: &'v mut [Values], kinds: &[Kind]) -> Vec<(usize, Vec<Slots<'v>>)> {
        let mut work: Vec<(usize, Vec<Slots<'v>>)> = (0..self.spans.len())
            .map(|at| (at, Vec::with_capacity(kinds.len())))
            .collect();
        for (values, kind) in values.iter_mut().zip(kinds) {
            match values {
                Values::None => {
                    for (_, slots) in &mut work {
                        slots.push(if *kind == Kind::Text {
                            Slots::Text
                        } else {
                            Slots::Skipped
                        });
                    }
                }
                Values::Whole(values) => {
                    let mut rest = values.as_mut_slice();
                    for ((_, slots), rows) in work.iter_mut().zip(self.rows) {
                        let (part, after) = rest.split_at_mut(*rows);
                        slots.push(Slots::Whole(part));
                        rest = after;
                    }
                }
                Values::Real(values) => {
                    let mut rest = values.as_mut_slice();
                    for ((_, slots), rows) in work.iter_mut().zip(self.rows) {
                        let (part, after) = rest.split_at_mut(*rows);
                        slots.push(Slots::Real(part));
                        rest = after;
                    }
                }
            }
        }
        work
    }

    fn parse(&self, at: usize, slots: &mut [Slots<'_>]) -> Result<Vec<Found>, NotPlain> {
        let bytes = self.file.bytes_of_lines(self.spans[at])?;
        let block = Block {
            bytes: &bytes,
            delimiter: self.delimiter,
            negative_parentheses: self.negative_parentheses,
        };
        block.parse(self.rows[at], slots)
    }

    /// Whether the last row is a note below the table.
    fn ends_in_a_note(&self) -> Result<bool, NotPlain> {
        let Some(span) = self
            .spans
            .iter()
            .zip(self.rows)
            .rev()
            .find(|(_, rows)| **rows > 0)
            .map(|(span, _)| *span)
        else {
            return Ok(false);
        };
        let bytes = self.file.bytes_of_lines(span)?;
        let before = &bytes[..bytes.len() - 1];
        let last = &bytes[memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)..];
        let mut cells = Line::new(last, self.delimiter);
        let note = match cells.next() {
            Some(first) => is_note(first?),
            None => false,
        };
        // The other cells of a note are blank; a table of one column has no notes.
        let (mut others, mut filled) = (0, false);
        for cell in cells {
            others += 1;
            filled |= !cell?.is_empty();
        }
        Ok(note && others > 0 && !filled)
    }
}

#[cfg(test)]
mod tests;
