//! Wide tables, as yearbooks print them: units in rows and years in columns, or the reverse.

use std::path::Path;

use super::{by_columns, by_rows, melt};
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
/// Recognised without being told:
/// - titles above the header, and notes below the data (`Note:`, `Source:`, `注:`, `资料来源`, `a)`, or a last row of which only
///   the first cell is filled and is no province or state); both are left out, the notes stand in the ledger;
/// - a row of series names above the years (or below them) whose cells stand for the blank ones to their right;
/// - a row or a cell with units of measure, which go to [`Source::units`];
/// - years as `2003`, `2003年`, `２００３`, `2003-12`, with a footnote mark, or behind the series name (`gdp2003`).
///
/// Units keep the names they have in the table, without footnote marks; rows of totals are kept. The result has the units in
/// their order and each unit's times in ascending order.
///
/// # Errors
/// When the file cannot be read, no years are found, a cell is neither a number nor missing, or a unit and time stand twice.
pub fn read_wide(path: &Path, options: &ReadOptions, wide: &Wide) -> Result<Source, Error> {
    let format = options.format_of(path)?;
    let grid = read_grid(path, format, options)?;
    let table = match wide.units {
        Orientation::Rows => by_rows::table(&grid, options, wide)?,
        Orientation::Columns => by_columns::table(&grid, options)?,
    };
    melt::melt(&grid, table, path, options, wide)
}
