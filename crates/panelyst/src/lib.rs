//! Raw statistical tables to a paper's tables: the crates of the workspace under one name.

pub mod mistakes;

pub use panelyst_data as data;
pub use panelyst_lang as lang;
pub use panelyst_model as model;
pub use panelyst_report as report;
pub use panelyst_study as study;
