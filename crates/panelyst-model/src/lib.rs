//! Formulas to designs, estimators, covariances, specification tests and results.
//!
//! Columns come from any source of Arrow arrays; nothing here reads files.

pub mod conventions;
pub mod covariance;
pub mod design;
pub mod distributions;
mod error;
pub mod estimators;
pub mod fit;
pub mod linear;
pub mod request;
pub mod results;

pub use design::{Design, design};
pub use error::Error;
pub use fit::{fit, fit_design};
pub use request::{ConstantRule, Estimator, Invalid, PanelColumns, Request, Vcov};
pub use results::{Fit, Note, TestRow};
