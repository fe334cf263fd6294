//! Least squares and small symmetric matrices.

mod column;
pub mod large;
pub mod least_squares;
pub mod remainder;
pub mod small;
pub mod sums;
pub mod symmetric;

pub use column::Column;
pub use large::{Several, least_squares_of_several, least_squares_owned};
pub use least_squares::{Collinear, Constant, LeastSquares, least_squares};
pub use remainder::{Tiled, least_squares_of_remainder, least_squares_of_several_left};
