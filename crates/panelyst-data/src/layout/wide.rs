//! Wide tables, as yearbooks print them: units in rows and years in columns, or the reverse.

use std::path::Path;

use crate::error::Error;
use crate::files::{ReadOptions, Source, read_grid};

/// Where the units of a wide table stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// One row a unit, years in columns.
    #[default]
    Rows,
    /// One column a unit, years in rows.
    Columns,
}

/// How a wide table becomes a long one.
#[derive(Clone, Debug, PartialEq)]
pub struct Wide {
    /// Where the units stand.
    pub units: Orientation,
    /// Name of the unit column of the result.
    pub unit_name: String,
    /// Name of the time column of the result.
    pub time_name: String,
    /// Name of the value column when the table holds one series; several series go by their own names.
    pub value_name: String,
}

/// Reads a wide table into a long one: unit (`Utf8`), time (`Int64`), one `Float64` column a series.
///
/// # Errors
/// When the file cannot be read, no years are found, or a cell is neither a number nor missing.
pub fn read_wide(path: &Path, options: &ReadOptions, wide: &Wide) -> Result<Source, Error> {
    let format = options.format_of(path)?;
    let grid = read_grid(path, format, options)?;
    let _ = wide;
    Err(Error::NoTimeHeads {
        at: Box::new(grid.place()),
        sought: "year heads".into(),
        hint: "wide tables are not read yet".into(),
    })
}
