//! Errors of filling, winsorising and choosing rows.

/// Why a transform cannot give a number.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformError {
    /// The logarithm of zero or less would be needed.
    #[error(
        "log-linear filling of `{column}` needs positive values, but unit `{unit}` has {value} in {time}; \
         fill linearly, or leave this unit out"
    )]
    NotPositive {
        /// The column.
        column: String,
        /// The unit.
        unit: String,
        /// The period.
        time: i64,
        /// The value there.
        value: f64,
    },
    /// A filled value beyond the range of numbers.
    #[error(
        "filling `{column}` of unit `{unit}` in {time} leaves the range of numbers; do not fill outwards so far"
    )]
    Overflow {
        /// The column.
        column: String,
        /// The unit.
        unit: String,
        /// The period.
        time: i64,
    },
    /// Percentiles that cut nothing or everything.
    #[error(
        "winsorising needs percentiles with 0 <= lower < upper <= 100, but {lower} and {upper} were given"
    )]
    Percentiles {
        /// The lower percentile.
        lower: f64,
        /// The upper percentile.
        upper: f64,
    },
    /// A column without a value.
    #[error("column `{column}` has no value at all")]
    NoValues {
        /// The column.
        column: String,
    },
    /// A panel too wide to be completed.
    #[error(
        "completing the panel would make {rows} rows ({units} units from {first} to {last}); \
         use a time that counts periods one by one, such as years"
    )]
    TooManyRows {
        /// Rows that would result.
        rows: u128,
        /// Units.
        units: usize,
        /// First period.
        first: i64,
        /// Last period.
        last: i64,
    },
    /// A unit to be dropped that does not exist.
    #[error("there is no unit `{unit}` in `{column}`; for example, there is `{example}`")]
    NoUnit {
        /// The unit asked for.
        unit: String,
        /// The unit column.
        column: String,
        /// A unit that exists.
        example: String,
    },
    /// A period to be dropped that does not exist.
    #[error("there is no row of {column} {time}; the panel runs from {first} to {last}")]
    NoPeriod {
        /// The period asked for.
        time: i64,
        /// The time column.
        column: String,
        /// First period of the panel.
        first: i64,
        /// Last period of the panel.
        last: i64,
    },
    /// A mask of another length.
    #[error("the condition has {found} values, but the panel has {rows} rows")]
    MaskLength {
        /// Length of the mask.
        found: usize,
        /// Rows of the panel.
        rows: usize,
    },
    /// No row would be left.
    #[error("no row is left after `{rule}`")]
    NothingLeft {
        /// The rule that dropped the last rows.
        rule: String,
    },
}
