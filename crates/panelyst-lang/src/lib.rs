//! The expression and formula language: one parser, one evaluator over Arrow columns.
//!
//! Study variables, `--where` and formulas share it. Every mistake carries the place in the typed text and a hint.

pub mod ast;
mod columns;
mod display;
pub mod evaluate;
pub mod functions;
mod lexer;
pub mod panel;
pub mod parser;
pub mod span;
pub mod suggest;

pub use ast::{Expr, Formula};
pub use display::{plain_name, quote_name, ticked};
pub use evaluate::{
    EvalError, Evaluated, Loss, Scope, Value, evaluate, evaluate_condition, evaluate_number,
};
pub use panel::PanelIndex;
pub use parser::{parse_expression, parse_expression_list, parse_formula};
pub use span::{Diagnostic, Span};
