//! Expressions of a request evaluated over the data, with their losses judged.

use super::Selection;
use super::keys::Keys;
use super::sample::Rows;
use crate::Error;
use crate::error::first_names;
use crate::request::{Invalid, PanelColumns};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, BooleanArray, Float64Array, RecordBatch};
use arrow_buffer::ScalarBuffer;
use panelyst_lang::ast::ExprKind;
use panelyst_lang::{
    EvalError, Expr, Loss, PanelIndex, Scope, Span, Value, evaluate, evaluate_condition,
    parse_expression, suggest::nearest,
};

/// The data with their panel: what every expression of one request sees.
pub(super) struct Variables<'a> {
    pub(super) batch: &'a RecordBatch,
    pub(super) invalid: Invalid,
    /// The formula, for messages.
    pub(super) text: &'a str,
    pub(super) panel: Option<PanelKeys<'a>>,
}

/// Unit and time of every row of the data.
pub(super) struct PanelKeys<'a> {
    pub(super) columns: &'a PanelColumns,
    pub(super) unit: Keys,
    pub(super) time: Keys,
    /// For lags; absent where units and periods repeat and nothing needs lags.
    pub(super) index: Option<PanelIndex>,
}

/// One variable on all rows of the data; clones share its values.
#[derive(Clone)]
pub(super) struct Variable {
    /// How it is called when rows are lost for it.
    pub(super) name: String,
    /// Its values where it is numeric, empty for keys.
    pub(super) numbers: Option<Float64Array>,
    /// Its codes where its distinct values matter.
    pub(super) keys: Option<Keys>,
    pub(super) losses: Vec<Loss>,
}

impl Variable {
    /// Whether a value is missing in any row.
    pub(super) fn has_missing(&self) -> bool {
        self.numbers.as_ref().is_some_and(|n| n.null_count() > 0)
            || self.keys.as_ref().is_some_and(Keys::has_missing)
    }

    pub(super) fn is_missing(&self, row: usize) -> bool {
        self.numbers.as_ref().is_some_and(|n| n.is_null(row))
            || self
                .keys
                .as_ref()
                .is_some_and(|k| k.codes[row] == super::keys::MISSING)
    }

    /// The values of some rows, none of which is missing.
    /// Those of all rows are shared, not copied.
    pub(super) fn values(&self, rows: &Selection) -> ScalarBuffer<f64> {
        match &self.numbers {
            Some(numbers) if rows.len() == numbers.len() => numbers.values().clone(),
            Some(numbers) => rows.values_of(numbers.values()).into(),
            None => ScalarBuffer::default(),
        }
    }
}

impl<'a> Variables<'a> {
    fn scope(&self) -> Scope<'_> {
        Scope {
            batch: self.batch,
            panel: self.panel.as_ref().and_then(|p| p.index.as_ref()),
        }
    }

    fn language(&self, error: &EvalError) -> Error {
        Error::Language {
            text: self.text.to_owned(),
            diagnostic: Box::new(error.diagnostic()),
        }
    }

    /// For each row whether a condition holds, nothing where it is missing; and its losses.
    pub(super) fn condition(&self, expr: &Expr) -> Result<(BooleanArray, Vec<Loss>), Error> {
        let (truth, losses) =
            evaluate_condition(expr, &self.scope()).map_err(|e| Error::Language {
                text: expr.to_string(),
                diagnostic: Box::new(e.diagnostic()),
            })?;
        Ok((truth, losses))
    }

    /// A numeric expression; `outcome` chooses the message for text.
    pub(super) fn number(&self, name: &str, expr: &Expr, outcome: bool) -> Result<Variable, Error> {
        let evaluated = evaluate(expr, &self.scope()).map_err(|e| self.language(&e))?;
        let numbers = match evaluated.value {
            Value::Number(numbers) => numbers,
            Value::Bool(truth) => truth
                .iter()
                .map(|v| v.map(|v| f64::from(u8::from(v))))
                .collect(),
            Value::Text(_) => {
                let term = expr.to_string();
                return Err(if outcome {
                    Error::TextOutcome { term }
                } else {
                    Error::TextRegressor { term }
                });
            }
        };
        Ok(Variable {
            name: name.to_owned(),
            numbers: Some(numbers),
            keys: None,
            losses: evaluated.losses,
        })
    }

    /// An expression whose distinct values matter.
    pub(super) fn levels(&self, name: &str, expr: &Expr) -> Result<Variable, Error> {
        let evaluated = evaluate(expr, &self.scope()).map_err(|e| self.language(&e))?;
        Ok(Variable {
            name: name.to_owned(),
            numbers: None,
            keys: Some(Keys::new(&evaluated.value)?),
            losses: evaluated.losses,
        })
    }

    /// A column by its name, whose distinct values matter.
    pub(super) fn keys(&self, name: &str, role: &'static str) -> Result<Variable, Error> {
        self.known(name, role)?;
        // Whole numbers are coded as they are, not by way of floating-point numbers.
        if let Some(integers) = self
            .batch
            .column_by_name(name)
            .and_then(|column| column.as_primitive_opt::<Int64Type>())
        {
            return Ok(Variable {
                name: name.to_owned(),
                numbers: None,
                keys: Some(Keys::whole(integers)?),
                losses: Vec::new(),
            });
        }
        self.levels(name, &column(name))
    }

    /// A numeric column by its name.
    pub(super) fn numeric_column(&self, name: &str, role: &'static str) -> Result<Variable, Error> {
        self.known(name, role)?;
        self.number(name, &column(name), false)
            .map_err(|e| match e {
                Error::TextRegressor { .. } => Error::ColumnType {
                    role,
                    name: name.to_owned(),
                    problem: "is text; it must be a number".to_owned(),
                },
                other => other,
            })
    }

    fn known(&self, name: &str, role: &'static str) -> Result<(), Error> {
        let schema = self.batch.schema_ref();
        if schema.index_of(name).is_ok() {
            return Ok(());
        }
        let names = || schema.fields().iter().map(|f| f.name().as_str());
        let near = nearest(name, names(), 3);
        let known = if near.is_empty() {
            format!("; columns: {}", first_names(names()))
        } else {
            format!("; did you mean {}?", near.join(" or "))
        };
        Err(Error::UnknownColumn {
            role,
            name: name.to_owned(),
            known,
        })
    }

    /// Judges losses: an error that names the first row, or rows dropped and counted.
    pub(super) fn judge(&self, losses: &[Loss], rows: &mut Rows) -> Result<(), Error> {
        for loss in losses {
            let hit: Vec<usize> = loss
                .rows
                .iter()
                .copied()
                .filter(|&r| rows.is_alive(r))
                .collect();
            let Some(&first) = hit.first() else { continue };
            let bad_data = loss.function == "column";
            match self.invalid {
                Invalid::Error if bad_data => {
                    return Err(Error::NotFinite {
                        name: loss.argument.clone(),
                        row: first + 1,
                    });
                }
                Invalid::Error => {
                    return Err(Error::NoValue {
                        expression: loss.to_string(),
                        detail: self.detail(loss, first),
                        row: first + 1,
                        count: hit.len(),
                    });
                }
                Invalid::Drop => {
                    let reason = if bad_data {
                        format!("{} not finite", loss.argument)
                    } else {
                        format!("{loss} without a value")
                    };
                    rows.drop_where(&reason, |r| hit.binary_search(&r).is_ok());
                }
            }
        }
        Ok(())
    }

    /// What the argument of a function was in a row.
    fn detail(&self, loss: &Loss, row: usize) -> String {
        let value = parse_expression(&loss.argument)
            .ok()
            .filter(|_| loss.to_string() != loss.argument)
            .and_then(|expr| evaluate(&expr, &self.scope()).ok());
        match value.map(|v| v.value) {
            Some(Value::Number(numbers)) if !numbers.is_null(row) => {
                format!(" where {} is {}", loss.argument, numbers.value(row))
            }
            _ => String::new(),
        }
    }
}

/// The expression that is a column.
fn column(name: &str) -> Expr {
    Expr {
        kind: ExprKind::Column(name.to_owned()),
        span: Span::default(),
    }
}
