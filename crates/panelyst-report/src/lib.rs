//! Tables of results in every format, from one table model, and their reading.

pub mod builders;
pub mod curve;
pub mod error;
pub mod figures;
pub mod formats;
pub mod numbers;
pub mod page;
pub mod paper;
pub(crate) mod prose;
pub mod publication;
pub mod reading;
pub mod table;
pub mod words;

pub use error::Error;
pub use formats::{FORMATS, Format, RenderOptions, TextFormat, excel, render, render_many, word};
pub use table::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};
