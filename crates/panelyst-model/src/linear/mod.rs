//! Least squares and small symmetric matrices.

pub mod least_squares;
pub mod sums;
pub mod symmetric;

pub use least_squares::{Collinear, Constant, LeastSquares, least_squares};
