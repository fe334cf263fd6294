//! Operands: columns, or one value that stands for every row.

use arrow_array::{Array, BooleanArray, Float64Array, StringArray};

use super::{EvalError, Value};
use crate::ast::Expr;

/// A column or a constant.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Number(Float64Array),
    NumberConstant(f64),
    Text(StringArray),
    TextConstant(String),
    Bool(BooleanArray),
}

/// Numbers by row.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'a> {
    Column(&'a Float64Array),
    Constant(f64),
}

impl Numbers<'_> {
    pub(super) fn get(self, row: usize) -> Option<f64> {
        match self {
            Self::Column(column) => column.is_valid(row).then(|| column.value(row)),
            Self::Constant(value) => Some(value),
        }
    }
}

/// Texts by row.
#[derive(Clone, Copy)]
pub(super) enum Texts<'a> {
    Column(&'a StringArray),
    Constant(&'a str),
}

impl<'a> Texts<'a> {
    pub(super) fn get(self, row: usize) -> Option<&'a str> {
        match self {
            Self::Column(column) => column.is_valid(row).then(|| column.value(row)),
            Self::Constant(value) => Some(value),
        }
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        match value {
            Value::Number(column) => Self::Number(column),
            Value::Text(column) => Self::Text(column),
            Value::Bool(column) => Self::Bool(column),
        }
    }
}

fn zero_one(column: &BooleanArray) -> Float64Array {
    column
        .iter()
        .map(|entry| entry.map(|truth| f64::from(u8::from(truth))))
        .collect()
}

impl Operand {
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::TextConstant(_))
    }

    /// The same with truth values as 0 and 1; text is an error.
    pub(super) fn numeric(self, expr: &Expr, operation: &str) -> Result<Self, EvalError> {
        match self {
            Self::Text(_) | Self::TextConstant(_) => Err(EvalError::TextForNumber {
                what: expr.to_string(),
                operation: operation.to_owned(),
                span: expr.span,
            }),
            Self::Bool(column) => Ok(Self::Number(zero_one(&column))),
            numbers => Ok(numbers),
        }
    }

    /// Numbers for every row; text is an error.
    pub(super) fn into_numbers(
        self,
        expr: &Expr,
        operation: &str,
        rows: usize,
    ) -> Result<Float64Array, EvalError> {
        match self.numeric(expr, operation)? {
            Self::NumberConstant(value) => Ok(Float64Array::from(vec![value; rows])),
            Self::Number(column) => Ok(column),
            _ => Ok(Float64Array::new_null(rows)),
        }
    }

    /// Numbers by row, if these are numbers.
    pub(super) fn numbers(&self) -> Option<Numbers<'_>> {
        match self {
            Self::Number(column) => Some(Numbers::Column(column)),
            Self::NumberConstant(value) => Some(Numbers::Constant(*value)),
            _ => None,
        }
    }

    /// Texts by row, if these are texts.
    pub(super) fn texts(&self) -> Option<Texts<'_>> {
        match self {
            Self::Text(column) => Some(Texts::Column(column)),
            Self::TextConstant(value) => Some(Texts::Constant(value)),
            _ => None,
        }
    }

    pub(super) fn into_value(self, rows: usize) -> Value {
        match self {
            Self::Number(column) => Value::Number(column),
            Self::NumberConstant(value) => Value::Number(Float64Array::from(vec![value; rows])),
            Self::Text(column) => Value::Text(column),
            Self::TextConstant(text) => Value::Text(StringArray::from_iter_values(
                std::iter::repeat_n(text, rows),
            )),
            Self::Bool(column) => Value::Bool(column),
        }
    }
}
