//! Errors of the indices.

/// Why an index cannot be computed. Rows count from 1, without the header.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// No index of that name.
    #[error("there is no index `{name}`; the indices are {}", super::names())]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// An input that the index needs and did not get.
    #[error("`{index}` needs the column of {input}; give --{input}")]
    Needs {
        /// The index.
        index: &'static str,
        /// The input.
        input: &'static str,
    },
    /// An input that the index does not use.
    #[error("`{index}` does not use {input}; leave out --{input}")]
    NotUsed {
        /// The index.
        index: &'static str,
        /// The input.
        input: &'static str,
    },
    /// One column for two inputs.
    #[error("column `{column}` is given both as {one} and as {two}")]
    SameColumn {
        /// The column.
        column: String,
        /// One input.
        one: &'static str,
        /// The other input.
        two: &'static str,
    },
    /// Two rows of the same region, activity and period.
    #[error("rows {first} and {second} are both {place}; add them up or drop one")]
    Duplicate {
        /// Region, activity and period.
        place: String,
        /// The row that came first, from 1.
        first: usize,
        /// The row that repeats it, from 1.
        second: usize,
    },
    /// A negative amount.
    #[error("`{column}` is {value} in row {row} ({place}); shares need amounts of zero or more")]
    Negative {
        /// The column.
        column: String,
        /// Region, activity and period, or unit and period.
        place: String,
        /// The row, from 1.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A value that should be the same in several rows, and is not.
    #[error(
        "`{column}` must be one value for {place}, but rows {first} and {second} have {one} and {other}"
    )]
    NotConstant {
        /// The column.
        column: String,
        /// Where one value is needed.
        place: String,
        /// A row, from 1.
        first: usize,
        /// Another row, from 1.
        second: usize,
        /// Value of the first row.
        one: String,
        /// Value of the other row.
        other: String,
    },
    /// A plant Herfindahl index out of its range.
    #[error(
        "`{column}` is {value} in row {row}; a Herfindahl index of plants lies above 0 and at most at 1"
    )]
    NotAHerfindahl {
        /// The column.
        column: String,
        /// The row, from 1.
        row: usize,
        /// The value.
        value: f64,
    },
    /// The value's name would collide with an input column.
    #[error(
        "the result is named `{name}`, which is also the name of an input column; rename that column"
    )]
    NameTaken {
        /// Name of the result.
        name: String,
    },
    /// A table without rows.
    #[error("the table has no rows")]
    Empty,
    /// A sum beyond the range of numbers.
    #[error("the sum of `{column}` over {place} leaves the range of numbers")]
    Overflow {
        /// The column.
        column: String,
        /// What is summed over.
        place: String,
    },
    /// National totals that do not make sense.
    #[error("the national {series} of {time} is {value}; national totals must be above zero")]
    NationalTotal {
        /// Which series.
        series: String,
        /// The period.
        time: i64,
        /// The value.
        value: f64,
    },
    /// A period that occurs twice among the national totals.
    #[error("the national {series} has two values for {time}")]
    NationalTwice {
        /// Which series.
        series: String,
        /// The period.
        time: i64,
    },
}
