//! Checks of a study file before anything runs.

pub mod mistakes;
mod references;

pub use mistakes::Mistakes;
pub use references::{references, variants};
