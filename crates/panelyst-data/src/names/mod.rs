//! Region names: Chinese, English, abbreviated or coded, to one key each.

mod nearest;
mod standardise;
mod table;

pub(crate) use nearest::nearest;
pub use standardise::{Standardised, standardise};
pub use table::NameTable;
pub(crate) use table::known_name;
