//! Indices of location, specialisation and concentration of activities over regions.

mod error;
mod registry;
mod request;
mod two_series;

pub use error::IndexError;
pub use registry::{INDICES, IndexRow, names};
pub use request::{IndexRequest, IndexTable, compute};
pub use two_series::{NationalTotals, location_quotient_two_series};
