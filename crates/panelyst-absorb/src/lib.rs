//! Fixed effects absorbed from columns: codes, columns and weights, no names.

pub mod absorber;
mod error;

pub use absorber::{Absorbed, Absorber, Effect, EffectRank};
pub use error::Error;
