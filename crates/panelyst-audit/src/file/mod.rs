//! The file of a published paper: tables typed as they stand on the page, and what the text says.

mod block;
mod description;
mod fields;
mod read;
mod regression;
pub(crate) mod words;

pub use read::read;
