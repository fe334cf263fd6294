//! Errors of declaring and changing a panel.

/// Why a table is not a panel, or a column does not fit one. Rows count from 1, without the header.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PanelError {
    /// A column that the table does not have.
    #[error("there is no column `{column}`; the columns are {known}")]
    NoColumn {
        /// The column asked for.
        column: String,
        /// The columns of the table.
        known: String,
    },
    /// Two rows of the same unit and period.
    #[error(
        "unit `{unit}` has two rows for {time_column} {time}: rows {first} and {second}; \
         a panel has one row a unit and period, so drop or add up one of them"
    )]
    Duplicate {
        /// Name of the unit.
        unit: String,
        /// The time column.
        time_column: String,
        /// The period.
        time: i64,
        /// The row that came first, from 1.
        first: usize,
        /// The row that repeats it, from 1.
        second: usize,
    },
    /// A row without a unit or a time.
    #[error(
        "row {row} has no value in `{column}`; every row of a panel needs its unit and its time"
    )]
    MissingKey {
        /// The unit or time column.
        column: String,
        /// The row, from 1.
        row: usize,
    },
    /// A time that is not a whole number.
    #[error(
        "row {row} has `{value}` in the time column `{column}`; times are whole numbers, such as years"
    )]
    NotATime {
        /// The time column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// The value there.
        value: String,
    },
    /// A column whose type cannot serve.
    #[error("column `{column}` holds {found}, but {wanted} is needed")]
    ColumnType {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// What is needed.
        wanted: &'static str,
    },
    /// A number column with a value that is not finite.
    #[error("row {row} of column `{column}` is {value}; leave a missing value empty instead")]
    NotFinite {
        /// The column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// The value there.
        value: f64,
    },
    /// The same column asked to be the unit and the time.
    #[error("`{column}` cannot be both the unit and the time of a panel")]
    SameColumn {
        /// The column.
        column: String,
    },
    /// A column of another length.
    #[error("column `{column}` has {found} values, but the panel has {rows} rows")]
    Length {
        /// The column.
        column: String,
        /// Its length.
        found: usize,
        /// Rows of the panel.
        rows: usize,
    },
    /// A change to the unit or the time.
    #[error("column `{column}` identifies the rows of the panel and cannot be replaced")]
    KeyColumn {
        /// The column.
        column: String,
    },
    /// More units than codes.
    #[error("column `{column}` has more than {} different values", u32::MAX)]
    TooManyUnits {
        /// The column.
        column: String,
    },
    /// A table without rows.
    #[error("the table has no rows, so it is no panel")]
    Empty,
    /// Arrow refused to build a table.
    #[error("the table could not be built: {0}")]
    Arrow(String),
}

impl From<arrow_schema::ArrowError> for PanelError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Arrow(error.to_string())
    }
}
