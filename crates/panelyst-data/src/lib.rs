//! Yearbook tables and data files in: readers, cleaning, joins, panels, transforms, indices.

pub mod error;
pub mod indices;
pub mod ledger;
pub mod panel;
pub mod transforms;

pub use error::Error;
pub use ledger::{Entry, Ledger};
pub use panel::{Panel, PanelReport};
