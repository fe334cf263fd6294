//! What can go wrong while effects are absorbed.

/// A reason why effects could not be absorbed; the numbers say what to look at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column, code or weight vector of another length.
    #[error("{what} has {got} rows, expected {expected}")]
    Length {
        /// What was given.
        what: String,
        /// Rows expected.
        expected: usize,
        /// Rows given.
        got: usize,
    },
    /// A non-finite value would make every residual of its levels non-finite.
    #[error("{what} is not finite in row {row}")]
    NotFinite {
        /// What was given.
        what: String,
        /// Row, from 0.
        row: usize,
    },
    /// A code outside `0..levels`.
    #[error("level {code} of effect {effect} in row {row} is not below {levels}")]
    Code {
        /// Effect, from 0.
        effect: usize,
        /// Row, from 0.
        row: usize,
        /// Code found.
        code: u32,
        /// Levels declared.
        levels: usize,
    },
    /// A level that no row uses would count as an absorbed column.
    #[error("level {level} of effect {effect} is used by no row; compact the codes first")]
    UnusedLevel {
        /// Effect, from 0.
        effect: usize,
        /// First level without rows.
        level: usize,
    },
    /// A weight that is zero or negative; such rows are removed (and counted) before.
    #[error("weight {value} in row {row} is not positive; remove the row first")]
    Weight {
        /// Row, from 0.
        row: usize,
        /// Weight found.
        value: f64,
    },
    /// Nothing to absorb: no effects at all.
    #[error("no effect was given to absorb")]
    NoEffect,
    /// An effect with neither intercepts nor slopes.
    #[error("effect {effect} has neither an intercept nor a slope")]
    EmptyEffect {
        /// Effect, from 0.
        effect: usize,
    },
    /// A sample without rows.
    #[error("no row is left to absorb effects from")]
    NoRows,
    /// More rows, levels or columns than an index or a method can hold.
    #[error("{what}: {got} is more than {limit}")]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How many there are.
        got: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A tolerance or limit that no computation can meet.
    #[error("{name} must be {expected}, got {got}")]
    Setting {
        /// Name of the option.
        name: String,
        /// What is allowed.
        expected: String,
        /// Value given.
        got: f64,
    },
    /// A factorisation broke down.
    #[error("a {size} by {size} system of effects could not be factored")]
    Factorization {
        /// Rows of the system.
        size: usize,
    },
    /// Too many columns of dummies for exact leverages.
    #[error(
        "the leverages of these effects need a system of {columns} columns of dummies beside the largest effect, and it is solved exactly up to {limit}; use errors that need no leverage"
    )]
    Leverage {
        /// Columns beside the largest effect.
        columns: usize,
        /// Columns at most.
        limit: usize,
    },
    /// The iteration did not reach the tolerance.
    #[error(
        "effects were not absorbed to {tolerance:e} within {iterations} iterations (reached {reached:e})"
    )]
    NoConvergence {
        /// Tolerance asked for.
        tolerance: f64,
        /// Iterations done.
        iterations: usize,
        /// Residual reached.
        reached: f64,
    },
}
