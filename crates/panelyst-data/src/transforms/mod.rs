//! Changes to the values or the rows of a panel, each with a ledger of what it did.

mod complete;
mod error;
mod interpolate;
mod sample;
mod winsorise;

pub use complete::complete;
pub use error::TransformError;
pub use interpolate::{Fill, FillRule, interpolate};
pub use sample::{drop_periods, drop_units, keep};
pub use winsorise::{Winsorise, percentile, winsorise};
