//! Yearbook tables and data files in: readers, cleaning, joins, panels, transforms, indices.

pub mod ledger;

pub use ledger::{Entry, Ledger};
