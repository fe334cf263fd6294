//! Expressions over the columns of a record batch.
//!
//! A missing operand makes arithmetic and comparisons missing; `and` and `or` are Kleene's. A row whose arguments are
//! present but for which a function has no finite value is missing too, and is counted as a loss: the caller decides
//! whether that is an error.

mod arithmetic;
mod column;
mod error;
mod logic;
mod operand;
mod panel;

use std::fmt;

use arrow_array::{BooleanArray, Float64Array, RecordBatch, StringArray};

pub use error::EvalError;

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::functions::{self, Kernel};
use crate::panel::PanelIndex;
use operand::Operand;

/// What an expression may see.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The columns.
    pub batch: &'a RecordBatch,
    /// Units and periods of the same rows, where a panel is declared.
    pub panel: Option<&'a PanelIndex>,
}

/// The value of an expression, one entry a row; missing is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Numbers, all finite.
    Number(Float64Array),
    /// Texts; dates and times are texts in ISO form.
    Text(StringArray),
    /// Truth values.
    Bool(BooleanArray),
}

/// Rows on which a function had its arguments but no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The function or operator, or `column` when the data themselves hold a number that is not finite.
    pub function: &'static str,
    /// Its argument as source text; of an operator, the whole operation.
    pub argument: String,
    /// The rows from 0, ascending.
    pub rows: Vec<usize>,
}

/// The lost computation as source text: `log(x)`, `a/b`, or the name of a column.
impl fmt::Display for Loss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if functions::find(self.function).is_some() {
            write!(out, "{}({})", self.function, self.argument)
        } else {
            out.write_str(&self.argument)
        }
    }
}

/// A value with what was lost on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// One entry a row.
    pub value: Value,
    /// Losses in the order of evaluation, operands before operators.
    pub losses: Vec<Loss>,
}

/// Computes an expression for every row.
///
/// # Errors
/// An unknown column, text where numbers are needed, or a lag without a panel.
pub fn evaluate(expr: &Expr, scope: &Scope<'_>) -> Result<Evaluated, EvalError> {
    let mut evaluator = Evaluator {
        scope,
        rows: scope.batch.num_rows(),
        losses: Vec::new(),
    };
    let value = evaluator.operand(expr)?.into_value(evaluator.rows);
    Ok(Evaluated {
        value,
        losses: evaluator.losses,
    })
}

/// Computes an expression that must give numbers; truth values count as 0 and 1.
///
/// # Errors
/// Those of [`evaluate`], and text.
pub fn evaluate_number(
    expr: &Expr,
    scope: &Scope<'_>,
) -> Result<(Float64Array, Vec<Loss>), EvalError> {
    let Evaluated { value, losses } = evaluate(expr, scope)?;
    let numbers = Operand::from(value).into_numbers(expr, "this", scope.batch.num_rows())?;
    Ok((numbers, losses))
}

/// Computes a condition; numbers count as true unless they are 0. A row is kept where the entry is true, not where it
/// is missing.
///
/// # Errors
/// Those of [`evaluate`], and text.
pub fn evaluate_condition(
    expr: &Expr,
    scope: &Scope<'_>,
) -> Result<(BooleanArray, Vec<Loss>), EvalError> {
    let Evaluated { value, losses } = evaluate(expr, scope)?;
    if let Value::Number(numbers) = &value
        && numbers.iter().flatten().any(|v| v != 0.0 && v != 1.0)
    {
        return Err(EvalError::NumberForCondition {
            what: expr.to_string(),
            span: expr.span,
        });
    }
    let truth = logic::truth(
        &Operand::from(value),
        expr,
        "a condition",
        scope.batch.num_rows(),
    )?;
    Ok((truth, losses))
}

struct Evaluator<'a> {
    scope: &'a Scope<'a>,
    rows: usize,
    losses: Vec<Loss>,
}

impl Evaluator<'_> {
    fn lose(
        &mut self,
        function: &'static str,
        argument: impl FnOnce() -> String,
        rows: Vec<usize>,
    ) {
        if !rows.is_empty() {
            self.losses.push(Loss {
                function,
                argument: argument(),
                rows,
            });
        }
    }

    fn operand(&mut self, expr: &Expr) -> Result<Operand, EvalError> {
        match &expr.kind {
            ExprKind::Number(value) => Ok(Operand::NumberConstant(*value)),
            ExprKind::Text(text) => Ok(Operand::TextConstant(text.clone())),
            ExprKind::Column(name) => {
                let (operand, lost) = column::read(self.scope.batch, name, expr.span)?;
                self.lose("column", || crate::quote_name(name), lost);
                Ok(operand)
            }
            ExprKind::Unary(UnaryOp::Negate, inner) => {
                let numbers = self.numbers(inner, "the sign -")?;
                Ok(arithmetic::negate(&numbers))
            }
            ExprKind::Unary(UnaryOp::Not, inner) => {
                let operand = self.operand(inner)?;
                let truth = logic::truth(&operand, inner, "`not`", self.rows)?;
                Ok(Operand::Bool(logic::not(&truth)))
            }
            ExprKind::Binary(operator, left, right) => self.binary(expr, *operator, left, right),
            ExprKind::Call(name, arguments) => self.call(expr, name, arguments),
            ExprKind::IsMissing(inner, not) => {
                let operand = self.operand(inner)?;
                Ok(Operand::Bool(logic::is_missing(&operand, *not, self.rows)))
            }
            ExprKind::In(inner, members, not) => self.membership(expr, inner, members, *not),
        }
    }

    fn binary(
        &mut self,
        whole: &Expr,
        operator: BinaryOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<Operand, EvalError> {
        match operator {
            BinaryOp::And | BinaryOp::Or => {
                let word = if operator == BinaryOp::And {
                    "`and`"
                } else {
                    "`or`"
                };
                let a = self.operand(left)?;
                let a = logic::truth(&a, left, word, self.rows)?;
                let b = self.operand(right)?;
                let b = logic::truth(&b, right, word, self.rows)?;
                Ok(Operand::Bool(logic::kleene(operator, &a, &b)))
            }
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Power => {
                let a = self.numbers(left, operator.symbol())?;
                let b = self.numbers(right, operator.symbol())?;
                let (result, lost) = arithmetic::binary(operator, &a, &b, self.rows);
                self.lose(operator.symbol(), || whole.to_string(), lost);
                Ok(result)
            }
            _ => {
                let a = self.operand(left)?;
                let b = self.operand(right)?;
                logic::compare(operator, (&a, left), (&b, right), whole.span, self.rows)
                    .map(Operand::Bool)
            }
        }
    }

    fn membership(
        &mut self,
        whole: &Expr,
        inner: &Expr,
        members: &[Expr],
        not: bool,
    ) -> Result<Operand, EvalError> {
        let operand = self.operand(inner)?;
        let mut found: Option<BooleanArray> = None;
        for member in members {
            let other = self.operand(member)?;
            let equal = logic::compare(
                BinaryOp::Equal,
                (&operand, inner),
                (&other, member),
                whole.span,
                self.rows,
            )?;
            found = Some(match found {
                None => equal,
                Some(before) => logic::kleene(BinaryOp::Or, &before, &equal),
            });
        }
        let found = found.unwrap_or_else(|| BooleanArray::from(vec![false; self.rows]));
        Ok(Operand::Bool(if not { logic::not(&found) } else { found }))
    }

    /// Evaluates an operand that must be numeric.
    fn numbers(&mut self, expr: &Expr, operation: &str) -> Result<Operand, EvalError> {
        self.operand(expr)?.numeric(expr, operation)
    }

    fn call(
        &mut self,
        whole: &Expr,
        name: &'static str,
        arguments: &[Expr],
    ) -> Result<Operand, EvalError> {
        let wrong = || EvalError::Call {
            function: name.to_owned(),
            span: whole.span,
        };
        let function = functions::find(name).ok_or_else(wrong)?;
        let first = arguments.first().ok_or_else(wrong)?;
        let operation = || format!("{name}()");
        let (result, lost) = match function.kernel {
            Kernel::Identity => return self.operand(first),
            Kernel::Levels => return Err(wrong()),
            Kernel::Number(f) => {
                let x = self.numbers(first, &operation())?;
                arithmetic::map(f, &x, self.rows)
            }
            Kernel::Numbers(f) => {
                let mut operands = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    operands.push(self.numbers(argument, &operation())?);
                }
                arithmetic::map_rows(f, &operands, self.rows)
            }
            Kernel::Shift { sign, difference } => {
                let periods = match arguments.get(1) {
                    None => 1,
                    Some(count) => count.whole_number().ok_or(EvalError::Periods {
                        function: name,
                        span: count.span,
                    })?,
                };
                let index = panel::index(self.scope, name, whole.span)?;
                let x = self.numbers(first, &operation())?.into_numbers(
                    first,
                    &operation(),
                    self.rows,
                )?;
                panel::shift(&x, index, sign * periods, difference)
            }
        };
        self.lose(
            function.name,
            || {
                let texts: Vec<String> = arguments.iter().map(Expr::to_string).collect();
                texts.join(",")
            },
            lost,
        );
        Ok(result)
    }
}
