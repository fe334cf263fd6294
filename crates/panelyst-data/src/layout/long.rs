//! Long tables: one header, one row an observation.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};

use super::furniture::is_note;
use crate::cleaning::Marks;
use crate::cleaning::series::{Cells, GridColumn};
use crate::error::Error;
use crate::files::grid::{Cell, Grid};
use crate::files::{ReadOptions, Source, source_entry};
use crate::ledger::{Entry, Ledger};

/// Types the columns of a long table.
pub(crate) fn typed(mut grid: Grid, path: &Path, options: &ReadOptions) -> Result<Source, Error> {
    let top = first_row(&grid, options.skip_rows);
    if top >= grid.rows() {
        return Err(Error::Empty {
            at: Box::new(grid.place()),
        });
    }
    let below = top + options.header_rows.unwrap_or(1).max(1);
    let names = header(&grid, top, below.min(grid.rows()))?;
    for name in &options.text_columns {
        if !names.contains(name) {
            return Err(no_column(&grid, name, &names));
        }
    }
    let mut ledger = Ledger::default();
    for (row, at) in grid.fill_merged(below) {
        let name = names.get(at).map_or("", String::as_str);
        ledger.push(Entry {
            after: grid.cell(row, at).shown(),
            rule: "merged cell of the sheet, repeated in each of its rows".into(),
            ..source_entry(
                "filled",
                &grid.file,
                grid.row_place(row).column(name).within(),
                name,
            )
        });
    }
    let grid = &grid;
    let rows = data_rows(grid, below, names.len(), &mut ledger)?;
    if rows.is_empty() {
        return Err(Error::NoDataRows {
            at: Box::new(grid.place()),
        });
    }
    let marks = Marks {
        extra: options.missing.clone(),
        negative_parentheses: options.negative_parentheses,
    };
    let wanted = options.wanted(names.iter().map(String::as_str));
    let mut notes = grid.notes.clone();
    let mut fields = Vec::with_capacity(names.len());
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        if !wanted[at] {
            continue;
        }
        let column = GridColumn {
            grid,
            rows: &rows,
            at,
        };
        let cells = Cells {
            column,
            name,
            marks: &marks,
        };
        let column = cells.read(options.as_text(name))?;
        fields.push(Field::new(name, column.array.data_type().clone(), true));
        arrays.push(column.array);
        ledger.append(column.ledger);
        notes.extend(column.notes);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    let rows_at = rows.iter().map(|&row| grid.lines[row]).collect();
    let mut source = Source::new(path, batch, rows_at, options)?;
    source.notes = notes;
    source.ledger = ledger;
    Ok(source)
}

/// The first row with anything in it after the rows to skip.
pub(crate) fn first_row(grid: &Grid, skip: usize) -> usize {
    (0..grid.rows())
        .find(|&row| grid.lines[row] > skip && grid.filled(row) > 0)
        .unwrap_or(grid.rows())
}

/// Names of the columns out of the header rows `top..below`; several rows are joined by a space.
fn header(grid: &Grid, top: usize, below: usize) -> Result<Vec<String>, Error> {
    let width = (top..below)
        .map(|row| grid.filled_width(row))
        .max()
        .unwrap_or(0);
    let mut names: Vec<String> = vec![String::new(); width];
    for row in top..below {
        let mut carried = String::new();
        for (column, name) in names.iter_mut().enumerate() {
            let shown = grid.cell(row, column).shown();
            // A cell above others stands for all blanks to its right; the last header row stands for itself.
            if !shown.is_empty() {
                carried = shown;
            } else if row + 1 == below {
                carried.clear();
            }
            if carried.is_empty() || *name == carried {
                continue;
            }
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(&carried);
        }
    }
    for (position, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::UnnamedColumn {
                at: Box::new(grid.row_place(below - 1)),
                position: position + 1,
            });
        }
        if let Some(first) = names[..position].iter().position(|other| other == name) {
            return Err(Error::DuplicateColumn {
                at: Box::new(grid.row_place(below - 1).column(name)),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    Ok(names)
}

/// Rows of data below the header; blank rows and notes at the end go to the ledger.
fn data_rows(
    grid: &Grid,
    from: usize,
    width: usize,
    ledger: &mut Ledger,
) -> Result<Vec<usize>, Error> {
    let mut end = grid.rows();
    while end > from {
        let row = end - 1;
        let note = matches!(grid.cell(row, 0), Cell::Text(text) if grid.filled(row) == 1 && width > 1 && is_note(text));
        if !note && grid.filled_width(row) > 0 {
            break;
        }
        end -= 1;
    }
    let mut rows = Vec::with_capacity(end.saturating_sub(from));
    for row in from..end {
        let cells = grid.width(row);
        let filled = if cells == width {
            width
        } else {
            grid.filled_width(row)
        };
        if cells < width || filled > width {
            // A row without anything in it is a blank row however many cells it has.
            if grid.filled_width(row) > 0 && (filled > width || !grid.is_sheet()) {
                return Err(Error::Ragged {
                    at: Box::new(grid.row_place(row)),
                    hint: hint_for_width(filled, width),
                    expected: width,
                    found: if filled > width { filled } else { cells },
                });
            }
        }
        if grid.is_blank_row(row) {
            ledger.push(skipped(grid, row, "blank row"));
        } else {
            rows.push(row);
        }
    }
    for row in end..grid.rows() {
        if grid.filled_width(row) > 0 {
            ledger.push(skipped(grid, row, "note below the table"));
        }
    }
    Ok(rows)
}

/// A row is as wide as the header of its table; a sheet's rows may end early.
///
/// # Errors
/// A row with cells beyond the header, or a line of text with too few.
pub(crate) fn check_width(grid: &Grid, row: usize, width: usize) -> Result<(), Error> {
    let filled = grid.filled_width(row);
    if filled <= width && (grid.width(row) >= width || grid.is_sheet()) {
        return Ok(());
    }
    Err(Error::Ragged {
        at: Box::new(grid.row_place(row)),
        hint: hint_for_width(filled, width),
        expected: width,
        found: if filled > width {
            filled
        } else {
            grid.width(row)
        },
    })
}

/// What to do about a row of another width than the header.
fn hint_for_width(filled: usize, width: usize) -> String {
    if width == 1 {
        "if the table starts further down, skip the rows above it"
    } else if filled > width {
        "put cells that hold the delimiter in quotes, or name the missing columns"
    } else {
        "add the missing cells, blank if need be"
    }
    .into()
}

/// The ledger entry of a row that is left out.
pub(crate) fn skipped(grid: &Grid, row: usize, rule: &str) -> Entry {
    let text: Vec<String> = (0..grid.filled_width(row))
        .map(|column| grid.cell(row, column).shown())
        .filter(|text| !text.is_empty())
        .collect();
    Entry {
        before: text.join(" "),
        rule: rule.into(),
        ..source_entry("dropped", &grid.file, grid.row_place(row).within(), "")
    }
}

/// The error of a column that is not there.
pub(crate) fn no_column(grid: &Grid, name: &str, names: &[String]) -> Error {
    let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Error::NoColumn {
        at: Box::new(grid.place().column(name)),
        known: known.join(", "),
    }
}
