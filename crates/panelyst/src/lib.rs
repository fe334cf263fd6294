//! Raw statistical tables to a paper's tables: the crates of the workspace under one name.

pub mod describe;
pub mod files;
pub mod mistakes;
pub mod paper;
pub mod records;
pub mod refusal;
pub mod split;

/// What is said of a fit where no covariance was asked for.
pub const UNASKED: &str =
    "no covariance was asked for: standard errors are iid (homoskedastic, no clusters); see --vcov";

pub use panelyst_data as data;
pub use panelyst_lang as lang;
pub use panelyst_model as model;
pub use panelyst_report as report;
pub use panelyst_study as study;
