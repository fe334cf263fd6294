//! Checks of a study file before anything runs.

pub mod mistakes;

pub use mistakes::Mistakes;
