//! Least squares and small symmetric matrices.

pub mod large;
pub mod least_squares;
pub mod small;
pub mod sums;
pub mod symmetric;

pub use large::least_squares_owned;
pub use least_squares::{Collinear, Constant, LeastSquares, least_squares};
