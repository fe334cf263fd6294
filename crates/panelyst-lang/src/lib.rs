//! The expression and formula language: one parser, one evaluator over Arrow columns.
//!
//! Study variables, `--where` and formulas share it. Every mistake carries the place in the typed text and a hint.

pub mod ast;
pub mod panel;
pub mod span;

pub use ast::{Expr, Formula};
pub use panel::PanelIndex;
pub use span::{Diagnostic, Span};
