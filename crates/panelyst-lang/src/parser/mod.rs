//! Text to expressions and formulas.

pub mod expression;
pub mod formula;
mod items;
mod regressors;
mod source;
mod stepwise;

pub use expression::{parse_expression, parse_expression_list};
pub use formula::parse_formula;
