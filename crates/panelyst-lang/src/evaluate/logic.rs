//! Comparisons and three-valued logic (Kleene 1938: `false and missing` is false, `true or missing` is true).

use std::cmp::Ordering;

use arrow_array::{Array, BooleanArray};

use super::EvalError;
use super::operand::Operand;
use crate::ast::{BinaryOp, Expr};
use crate::span::Span;

/// Truth values of a condition; numbers are true unless 0, text is an error.
pub(super) fn truth(
    operand: &Operand,
    expr: &Expr,
    operation: &str,
    rows: usize,
) -> Result<BooleanArray, EvalError> {
    match operand {
        Operand::Bool(column) => Ok(column.clone()),
        Operand::Number(column) => Ok(column.iter().map(|v| v.map(|v| v != 0.0)).collect()),
        Operand::NumberConstant(value) => Ok(BooleanArray::from(vec![*value != 0.0; rows])),
        Operand::Text(_) | Operand::TextConstant(_) => Err(EvalError::TextForNumber {
            what: expr.to_string(),
            operation: operation.to_owned(),
            span: expr.span,
        }),
    }
}

/// The opposite where it is known.
pub(super) fn not(truth: &BooleanArray) -> BooleanArray {
    truth.iter().map(|entry| entry.map(|t| !t)).collect()
}

/// `a and b` or `a or b`.
pub(super) fn kleene(operator: BinaryOp, a: &BooleanArray, b: &BooleanArray) -> BooleanArray {
    // The value that decides the result whatever the other is.
    let decisive = operator == BinaryOp::Or;
    a.iter()
        .zip(b.iter())
        .map(|pair| match pair {
            (Some(a), _) if a == decisive => Some(decisive),
            (_, Some(b)) if b == decisive => Some(decisive),
            (Some(_), Some(_)) => Some(!decisive),
            _ => None,
        })
        .collect()
}

/// Whether each entry is missing, or with `not` whether it is present.
pub(super) fn is_missing(operand: &Operand, not: bool, rows: usize) -> BooleanArray {
    let missing = |row: usize| match operand {
        Operand::Number(column) => column.is_null(row),
        Operand::Text(column) => column.is_null(row),
        Operand::Bool(column) => column.is_null(row),
        Operand::NumberConstant(_) | Operand::TextConstant(_) => false,
    };
    (0..rows).map(|row| Some(missing(row) != not)).collect()
}

fn holds(operator: BinaryOp, order: Ordering) -> bool {
    match operator {
        BinaryOp::Equal => order.is_eq(),
        BinaryOp::NotEqual => order.is_ne(),
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// A comparison by row, missing where an operand is; text with text by code points, numbers with numbers.
pub(super) fn compare(
    operator: BinaryOp,
    (a, left): (&Operand, &Expr),
    (b, right): (&Operand, &Expr),
    span: Span,
    rows: usize,
) -> Result<BooleanArray, EvalError> {
    if let (Some(a), Some(b)) = (a.texts(), b.texts()) {
        let entry = |row| Some(holds(operator, a.get(row)?.cmp(b.get(row)?)));
        return Ok((0..rows).map(entry).collect());
    }
    if a.is_text() != b.is_text() {
        let (text, number) = if a.is_text() {
            (left, right)
        } else {
            (right, left)
        };
        return Err(EvalError::TextWithNumber {
            text: text.to_string(),
            number: number.to_string(),
            span,
        });
    }
    let a = a.clone().numeric(left, operator.symbol())?;
    let b = b.clone().numeric(right, operator.symbol())?;
    let (Some(a), Some(b)) = (a.numbers(), b.numbers()) else {
        return Ok(BooleanArray::new_null(rows));
    };
    let entry = |row| Some(holds(operator, a.get(row)?.partial_cmp(&b.get(row)?)?));
    Ok((0..rows).map(entry).collect())
}
