//! What formulas of variables do, seen through the variables that they use.

use crate::plan::{Study, VariablePlan, VariableRule};
use panelyst_lang::Expr;
use panelyst_lang::ast::{BinaryOp, ExprKind};

/// Variables may be built on each other this deep before one stops following them.
const DEPTH: usize = 16;

/// Whether any part of an expression is as asked.
pub(super) fn any(expr: &Expr, asked: &dyn Fn(&ExprKind) -> bool) -> bool {
    if asked(&expr.kind) {
        return true;
    }
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Column(_) => false,
        ExprKind::Unary(_, inner) | ExprKind::IsMissing(inner, _) => any(inner, asked),
        ExprKind::Binary(_, left, right) => any(left, asked) || any(right, asked),
        ExprKind::Call(_, arguments) => arguments.iter().any(|a| any(a, asked)),
        ExprKind::In(inner, list, _) => any(inner, asked) || list.iter().any(|a| any(a, asked)),
    }
}

/// Whether a variable's formula, or that of a variable it is made from, has a part as asked.
pub(super) fn made_with(
    study: &Study,
    variable: &VariablePlan,
    asked: &dyn Fn(&ExprKind) -> bool,
) -> bool {
    behind(study, &variable.name)
        .iter()
        .any(|v| matches!(&v.rule, VariableRule::Formula(expr, _) if any(expr, asked)))
}

/// A variable and those it is made from.
pub(super) fn behind<'a>(study: &'a Study, name: &str) -> Vec<&'a VariablePlan> {
    let mut found: Vec<&VariablePlan> = study.variable(name).into_iter().collect();
    let mut next = 0;
    while next < found.len() && next < DEPTH {
        for need in found[next].needs() {
            if let Some(other) = study.variable(&need)
                && !found.iter().any(|v| v.name == other.name)
            {
                found.push(other);
            }
        }
        next += 1;
    }
    found
}

/// A logarithm of any base.
pub(super) fn is_log(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Call("log" | "log10" | "log2" | "log1p" | "asinh", _)
    )
}

/// `log1p(x)`, or the logarithm of a sum of something and a number.
pub(super) fn is_log_of_sum(kind: &ExprKind) -> bool {
    let sum = |expr: &Expr| {
        let ExprKind::Binary(BinaryOp::Add, left, right) = &expr.kind else {
            return false;
        };
        let number = |e: &Expr| matches!(e.kind, ExprKind::Number(_));
        number(left) || number(right)
    };
    match kind {
        ExprKind::Call("log1p", _) => true,
        ExprKind::Call("log" | "log10" | "log2", arguments) => arguments.first().is_some_and(sum),
        _ => false,
    }
}

/// `l(x)`, or a difference from an earlier period.
pub(super) fn is_lag(kind: &ExprKind) -> bool {
    let ExprKind::Call(name @ ("l" | "d"), arguments) = kind else {
        return false;
    };
    // A negative lag looks ahead.
    let steps = arguments.get(1).and_then(Expr::whole_number).unwrap_or(1);
    *name == "d" || steps > 0
}
