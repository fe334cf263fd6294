//! Tables of results in every format, from one table model, and their reading.

pub mod builders;
pub mod reading;
pub mod table;
pub mod words;

pub use table::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};
