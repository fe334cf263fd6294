//! Groups of rows by the values of a variable.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use panelyst_lang::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use panelyst_lang::{Scope, Span, Value};

use panelyst_model::Request;
use panelyst_model::results::Note;

use crate::refusal::Refusal;

/// More groups than this are taken for a slip.
const MAX_GROUPS: usize = 1_000;

/// The request for each group of rows, with the group as a condition reads: `region = "East"`. One group for each value of the
/// variable, in sorted order; rows where it is missing are in none. `origin` says where the variable was typed.
///
/// # Errors
/// A variable that the data cannot give, that has no value or too many.
pub fn by_group(
    request: &Request,
    variable: &Expr,
    batch: &RecordBatch,
    origin: &str,
) -> Result<Vec<(String, Request)>, Refusal> {
    let of = |rows: Expr| {
        let label = format!("{rows:#}");
        let condition = match &request.condition {
            None => rows,
            Some(other) => binary(BinaryOp::And, other.clone(), rows),
        };
        let part = Request {
            condition: Some(condition),
            ..request.clone()
        };
        (label, part)
    };
    let groups = conditions(batch, variable, origin)?;
    Ok(groups.into_iter().map(of).collect())
}

/// What is said of a fit on one group.
#[must_use]
pub fn note(label: &str) -> Note {
    Note::new("split", format!("only rows with {label}"))
}

fn expr(kind: ExprKind) -> Expr {
    Expr {
        kind,
        span: Span::default(),
    }
}

fn binary(operator: BinaryOp, left: Expr, right: Expr) -> Expr {
    expr(ExprKind::Binary(operator, Box::new(left), Box::new(right)))
}

fn conditions(batch: &RecordBatch, variable: &Expr, origin: &str) -> Result<Vec<Expr>, Refusal> {
    let scope = Scope { batch, panel: None };
    let evaluated =
        panelyst_lang::evaluate(variable, &scope).map_err(|error| Refusal::Unevaluated {
            text: variable.to_string(),
            origin: origin.to_owned(),
            mistake: error.diagnostic(),
        })?;
    let conditions: Vec<Expr> = match evaluated.value {
        Value::Bool(column) => {
            let present: BTreeSet<bool> = column.iter().flatten().collect();
            let one = |truth| {
                if truth {
                    variable.clone()
                } else {
                    expr(ExprKind::Unary(UnaryOp::Not, Box::new(variable.clone())))
                }
            };
            present.into_iter().map(one).collect()
        }
        Value::Number(column) => {
            let mut present: Vec<f64> = column.iter().flatten().collect();
            present.sort_by(f64::total_cmp);
            present.dedup();
            let equal = |value: f64| {
                let size = expr(ExprKind::Number(value.abs()));
                let value = if value < 0.0 {
                    expr(ExprKind::Unary(UnaryOp::Negate, Box::new(size)))
                } else {
                    size
                };
                binary(BinaryOp::Equal, variable.clone(), value)
            };
            present.into_iter().map(equal).collect()
        }
        Value::Text(column) => {
            let present: BTreeSet<&str> = column.iter().flatten().collect();
            let equal = |value: &str| {
                let value = expr(ExprKind::Text(value.to_owned()));
                binary(BinaryOp::Equal, variable.clone(), value)
            };
            present.into_iter().map(equal).collect()
        }
    };
    if conditions.is_empty() {
        return Err(Refusal::Data(format!(
            "{origin} {variable} has no value in any row"
        )));
    }
    if conditions.len() > MAX_GROUPS {
        return Err(Refusal::Data(format!(
            "{origin} {variable} has {} values; more than {MAX_GROUPS} groups are not estimated one by one",
            conditions.len()
        )));
    }
    Ok(conditions)
}
