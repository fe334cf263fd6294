//! Formulas to designs, estimators, covariances, specification tests and results.
//!
//! Columns come from any source of Arrow arrays; nothing here reads files.

mod added_variable;
#[cfg(test)]
mod canonical;
pub mod conventions;
pub mod covariance;
pub mod description;
pub mod design;
pub mod distributions;
mod error;
mod estimated;
pub mod estimators;
pub mod fit;
pub mod groups;
pub mod instruments;
pub mod linear;
mod random;
pub mod request;
pub mod results;
pub mod shared;
pub mod side_by_side;
pub mod small_samples;
pub mod specification;
pub mod streaming;

pub use added_variable::{AddedVariable, Without};
pub use description::{correlations, summarise, variance_inflation};
pub use design::{Design, design};
pub use error::Error;
pub use estimated::Estimated;
pub use fit::{fit, fit_design};
pub use groups::{GroupOptions, group_differences, group_differences_until};
pub use request::{
    Conley, ConstantRule, Estimator, Invalid, Kernel, Pairs, PanelColumns, Request,
    SmallSampleRule, Vcov, Wild, WildWeights,
};
pub use results::{Fit, Note, TestRow};
pub use shared::{Model, fit_models, fit_models_until};
pub use side_by_side::{SideBySide, side_by_side};
pub use specification::specification_tests;
