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
