//! Tables of results in every format, from one table model, and their reading.

pub mod table;

pub use table::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};
