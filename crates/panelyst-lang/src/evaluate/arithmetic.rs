//! Arithmetic by row. A result that is not finite although its operands are present means no value.

use arrow_array::Float64Array;
use arrow_array::builder::Float64Builder;

use super::operand::{Numbers, Operand};
use crate::ast::BinaryOp;

/// Values as they are computed, with the rows on which there was none.
struct Results {
    values: Float64Builder,
    lost: Vec<usize>,
    row: usize,
}

impl Results {
    fn with_rows(rows: usize) -> Self {
        Self {
            values: Float64Builder::with_capacity(rows),
            lost: Vec::new(),
            row: 0,
        }
    }

    fn push(&mut self, value: Option<f64>) {
        match value {
            Some(value) if value.is_finite() => self.values.append_value(value),
            Some(_) => {
                self.lost.push(self.row);
                self.values.append_null();
            }
            None => self.values.append_null(),
        }
        self.row += 1;
    }

    fn finish(mut self) -> (Operand, Vec<usize>) {
        (Operand::Number(self.values.finish()), self.lost)
    }
}

/// The operand with its sign changed.
pub(super) fn negate(operand: &Operand) -> Operand {
    match operand {
        Operand::NumberConstant(value) => Operand::NumberConstant(-value),
        Operand::Number(column) => Operand::Number(column.iter().map(|v| v.map(|v| -v)).collect()),
        other => other.clone(),
    }
}

fn operation(operator: BinaryOp) -> fn(f64, f64) -> f64 {
    match operator {
        BinaryOp::Add => |a, b| a + b,
        BinaryOp::Subtract => |a, b| a - b,
        BinaryOp::Multiply => |a, b| a * b,
        BinaryOp::Divide => |a, b| a / b,
        BinaryOp::Power => power,
        _ => |_, _| f64::NAN,
    }
}

/// A square is the product, to the last bit; other powers are those of the mathematical library.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 2.0 {
        base * base
    } else {
        base.powf(exponent)
    }
}

/// `a operator b` by row; both operands are numeric.
pub(super) fn binary(
    operator: BinaryOp,
    a: &Operand,
    b: &Operand,
    rows: usize,
) -> (Operand, Vec<usize>) {
    let f = operation(operator);
    if let (Operand::NumberConstant(a), Operand::NumberConstant(b)) = (a, b) {
        let value = f(*a, *b);
        return if value.is_finite() {
            (Operand::NumberConstant(value), Vec::new())
        } else {
            (
                Operand::Number(Float64Array::new_null(rows)),
                (0..rows).collect(),
            )
        };
    }
    let missing = Float64Array::new_null(rows);
    let a = a.numbers().unwrap_or(Numbers::Column(&missing));
    let b = b.numbers().unwrap_or(Numbers::Column(&missing));
    let mut results = Results::with_rows(rows);
    for row in 0..rows {
        results.push(a.get(row).zip(b.get(row)).map(|(a, b)| f(a, b)));
    }
    results.finish()
}

/// `f` of every row of a numeric operand.
pub(super) fn map(f: fn(f64) -> f64, x: &Operand, rows: usize) -> (Operand, Vec<usize>) {
    map_rows_with(|values| f(values[0]), std::slice::from_ref(x), rows)
}

/// `f` of the values of each row; missing when one of them is.
pub(super) fn map_rows(
    f: fn(&[f64]) -> f64,
    operands: &[Operand],
    rows: usize,
) -> (Operand, Vec<usize>) {
    map_rows_with(f, operands, rows)
}

fn map_rows_with(
    f: impl Fn(&[f64]) -> f64,
    operands: &[Operand],
    rows: usize,
) -> (Operand, Vec<usize>) {
    let missing = Float64Array::new_null(rows);
    let columns: Vec<Numbers<'_>> = operands
        .iter()
        .map(|o| o.numbers().unwrap_or(Numbers::Column(&missing)))
        .collect();
    let mut values = vec![0.0; columns.len()];
    let mut results = Results::with_rows(rows);
    for row in 0..rows {
        let present = values
            .iter_mut()
            .zip(&columns)
            .all(|(value, column)| column.get(row).map(|v| *value = v).is_some());
        results.push(present.then(|| f(&values)));
    }
    results.finish()
}
