//! The study file: what may be typed, and how it is read.

pub mod at;
pub mod choices;
pub mod entries;
pub mod published;
pub mod read;

pub use at::{At, OneOrMany, Text};
pub use read::{Entries, read_entries};
