//! Formulas to designs, estimators, covariances, specification tests and results.
//!
//! Columns come from any source of Arrow arrays; nothing here reads files.

pub mod request;
pub mod results;

pub use request::{ConstantRule, Estimator, Invalid, PanelColumns, Request, Vcov};
pub use results::{Fit, Note, TestRow};
