//! From the layout of a file to a long table: header rows, rows above and below the data, wide tables.

mod by_columns;
mod by_rows;
pub(crate) mod furniture;
mod heads;
pub(crate) mod long;
mod melt;
pub mod wide;

pub use wide::{Orientation, Wide, read_wide};
