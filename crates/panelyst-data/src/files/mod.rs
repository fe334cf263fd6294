//! Readers: tables out of text files, workbooks, Parquet, Arrow and Stata files.
//!
//! Every reader ends in a [`Source`]: one `RecordBatch` whose columns are numbers (`Float64`, whole numbers `Int64`),
//! text (`Utf8`) or truth values (`Boolean`), with missing cells as nulls, and a ledger of what was not taken as it stood.

mod blocks;
mod columnar;
pub(crate) mod delimited;
pub(crate) mod encoding;
pub(crate) mod grid;
mod ipc_lengths;
mod options;
mod parts;
mod range;
mod source;
mod stack;
mod stata;
mod typed;
mod workbook;

use std::path::{Path, PathBuf};

pub use options::{Format, ReadOptions};
pub use parts::{Parts, parquet_files};
pub use source::Source;
pub(crate) use source::entry as source_entry;
pub use stack::stack;

use crate::error::Error;
use crate::layout;
use grid::Grid;

/// Reads a long table: one header row, one row an observation.
///
/// A column of a text file or a sheet is numeric when each of its cells is a number or missing; text in a column that is
/// numeric for at least four fifths of its cells is an error. Whole numbers with leading zeros keep their column text.
///
/// # Errors
/// When the file cannot be read as what it claims to be; the message names file, sheet, row and column.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Source, Error> {
    let format = options.format_of(path)?;
    check_is_file(path)?;
    match format {
        Format::Csv | Format::Tsv | Format::Excel => {
            if format != Format::Excel
                && let Some(source) = blocks::read(path, format, options)?
            {
                return Ok(source);
            }
            let grid = read_grid(path, format, options)?;
            layout::long::typed(grid, path, options)
        }
        Format::Parquet => guarded(path, || columnar::parquet(path, options)),
        Format::Arrow => guarded(path, || columnar::arrow(path, options)),
        Format::Stata => guarded(path, || stata::read(path, options)),
    }
}

/// Reads the cells of a text table or of one sheet as they stand there, without looking for heads or types; blank rows are
/// left out and every cell is what a reader of the file sees.
///
/// # Errors
/// When the file cannot be read, or is of a format that has no cells.
pub fn read_cells(path: &Path, options: &ReadOptions) -> Result<Vec<Vec<String>>, Error> {
    let format = options.format_of(path)?;
    check_is_file(path)?;
    let grid = read_grid(path, format, options)?;
    let rows = (0..grid.rows()).filter(|&row| !grid.is_blank_row(row));
    let cells = |row| (0..grid.filled_width(row)).map(move |column| (row, column));
    Ok(rows
        .map(|row| {
            cells(row)
                .map(|(row, column)| grid.cell(row, column).shown())
                .collect()
        })
        .collect())
}

/// Reads several long tables with the same columns and stacks them in the order given.
///
/// Columns are matched by name. A column that is whole in one file and fractional in another becomes `Float64`;
/// one that holds no value at all in some file takes its type from the others.
///
/// # Errors
/// Those of [`read`], and [`Error::OtherColumns`] when the columns of two files differ.
pub fn read_many(paths: &[PathBuf], options: &ReadOptions) -> Result<Source, Error> {
    let sources = paths
        .iter()
        .map(|path| read(path, options))
        .collect::<Result<Vec<_>, _>>()?;
    stack(sources)
}

/// The cells of a text file or of one sheet.
pub(crate) fn read_grid(path: &Path, format: Format, options: &ReadOptions) -> Result<Grid, Error> {
    check_is_file(path)?;
    let grid = match format {
        Format::Csv | Format::Tsv => delimited::read(path, format, options)?,
        Format::Excel => guarded(path, || workbook::read(path, options))?,
        _ => {
            return Err(Error::OptionNotForFormat {
                file: path.display().to_string(),
                option: "a wide layout".into(),
                format: format.label().into(),
            });
        }
    };
    match &options.range {
        Some(range) => range::part(&grid, range),
        None => Ok(grid),
    }
}

/// Runs a reader of a binary format whose library may panic on a damaged file (arrow-ipc does on a wrong buffer length).
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(unreadable(path, &"the file is damaged")))
}

/// Bytes of a file, with an error that says what is wrong.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// The error of a format's library, with the file.
pub(crate) fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::Unreadable {
        file: path.display().to_string(),
        reason: reason.to_string(),
    }
}

fn check_is_file(path: &Path) -> Result<(), Error> {
    let file = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(Error::Folder { file }),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound { file }),
        Err(error) => Err(unreadable(path, &error)),
    }
}
