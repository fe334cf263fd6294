//! Cells to values: numbers as statistical tables print them, marks for missing cells, footnote marks.

pub mod number;
pub(crate) mod series;
#[cfg(test)]
mod tests;

pub use number::{Aside, Marks, Reading, read_number};
