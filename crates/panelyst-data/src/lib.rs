//! Yearbook tables and data files in: readers, cleaning, joins, panels, transforms, indices.

pub mod cleaning;
pub mod error;
pub mod files;
pub mod indices;
pub mod join;
pub mod layout;
pub mod ledger;
pub mod names;
pub mod panel;
pub mod transforms;
pub mod units;

pub use error::{Error, Place};
pub use files::{Format, ReadOptions, Source, read, read_cells, read_many};
pub use join::{JoinKind, Joined, join};
pub use layout::{Orientation, Wide, read_wide};
pub use ledger::{Entry, Ledger};
pub use names::{NameTable, Standardised, standardise};
pub use panel::{Panel, PanelReport};
