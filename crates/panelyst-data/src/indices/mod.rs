//! Indices of location, specialisation and concentration of activities over regions.

mod distribution;
mod ellison_glaeser;
mod error;
mod gini;
mod herfindahl;
mod krugman;
mod location_quotient;
mod registry;
mod request;
mod table;
mod theil;
mod two_series;

pub use error::IndexError;
pub use registry::{INDICES, IndexRow, names};
pub use request::{IndexRequest, IndexTable, compute};
pub use two_series::{NationalTotals, location_quotient_two_series};
