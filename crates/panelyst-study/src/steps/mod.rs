//! The steps of a run, in order: sources, panel, variables, groups, estimates, tables, reading.

pub mod columns;
pub mod curve;
pub mod estimates;
pub mod figures;
pub mod groups;
pub mod page;
pub mod panel;
#[cfg(feature = "pdf")]
pub mod paper;
pub mod publication;
pub mod reading;
pub mod sources;
pub mod tables;
pub mod variables;
pub mod variants;
