//! From the layout of a file to a long table: header rows, rows above and below the data, wide tables.

pub(crate) mod furniture;
pub(crate) mod long;
pub mod wide;

pub use wide::{Orientation, Wide, read_wide};
