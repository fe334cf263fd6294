//! Groups of rows by the values of a variable.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use panelyst_lang::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use panelyst_lang::{Scope, Span, Value};

use crate::failure::Failure;
use crate::language;

/// More groups than this are taken for a slip.
const MAX_GROUPS: usize = 1_000;

/// Rows with one value of a variable.
pub(crate) struct Group {
    /// The condition as it is read: `region = "East"`.
    pub(crate) label: String,
    rows: Expr,
}

impl Group {
    /// The group's rows that also fulfil another condition.
    pub(crate) fn condition(&self, other: Option<&Expr>) -> Expr {
        match other {
            None => self.rows.clone(),
            Some(other) => binary(BinaryOp::And, other.clone(), self.rows.clone()),
        }
    }
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

/// One group for each value of the variable, in sorted order; rows where it is missing are in none.
pub(crate) fn groups(batch: &RecordBatch, variable: &Expr) -> Result<Vec<Group>, Failure> {
    let scope = Scope { batch, panel: None };
    let evaluated = panelyst_lang::evaluate(variable, &scope)
        .map_err(|error| language::cannot_evaluate(&variable.to_string(), "--split", &error))?;
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
        return Err(Failure::data(format!(
            "--split {variable} has no value in any row"
        )));
    }
    if conditions.len() > MAX_GROUPS {
        return Err(Failure::data(format!(
            "--split {variable} has {} values; more than {MAX_GROUPS} groups are not estimated one by one",
            conditions.len()
        )));
    }
    Ok(conditions
        .into_iter()
        .map(|rows| Group {
            label: format!("{rows:#}"),
            rows,
        })
        .collect())
}
