//! Fixed effects absorbed from columns: codes, columns and weights, no names.
//!
//! [`FixedEffects`] removes any number of effects (with varying slopes and weights) from columns; `DenseAbsorber` does
//! the same with explicit dummies and is the oracle of the tests (feature `oracle`). Beside them are what estimators
//! need around effects: level [`codes`], [`singletons`], connected [`components()`] and [`nested`] groupings.

pub mod absorber;
mod basis;
mod cholesky;
pub mod codes;
pub mod components;
mod cross;
#[cfg(feature = "oracle")]
pub mod dense;
mod direct;
mod error;
mod fixed_effects;
mod gradients;
mod intercepts;
mod lanes;
mod leverage;
mod memory;
pub mod nested;
mod rank;
mod reduced;
mod scan;
pub mod singletons;
mod slopes;
mod solver;

pub use absorber::{Absorbed, Absorber, ColumnSize, Effect, EffectRank};
pub use components::{Components, components};
#[cfg(feature = "oracle")]
pub use dense::DenseAbsorber;
pub use error::Error;
pub use fixed_effects::{FixedEffects, Options, SparseMethod};
pub use intercepts::{Remainder, Tile};
pub use nested::is_nested;
pub use singletons::{Singletons, singleton_rows};
