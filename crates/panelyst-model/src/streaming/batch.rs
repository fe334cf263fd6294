//! One piece of a source: which rows count, and their numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::{Array, Float64Array, RecordBatch};
use panelyst_lang::{EvalError, Expr, Loss, Scope, Value, evaluate, evaluate_condition};

use super::keys::{Codes, MISSING, column};
use super::plan::Plan;
use crate::Error;
use crate::request::Invalid;

/// Rows lost, by the step that took them and the reason.
pub(super) type Losses = BTreeMap<(usize, String), usize>;

/// The rows of a piece that count.
pub(super) struct Sample<'b> {
    batch: &'b RecordBatch,
    first_row: u64,
    /// Which rows count; all do where there is none.
    pub keep: Option<Vec<bool>>,
    pub left: usize,
}

/// Numbers of a piece on all of its rows; the outcome first.
pub(super) struct Numbers {
    pub columns: Vec<Float64Array>,
    pub weights: Option<Float64Array>,
}

/// Names of the columns from which the numbers are computed.
pub(super) fn number_columns(plan: &Plan<'_>) -> Vec<String> {
    let mut names = plan.formula.outcome.columns();
    for expr in plan.regressors.iter().flatten() {
        for name in expr.columns() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// Names of all columns of a plan.
pub(super) fn all_columns(plan: &Plan<'_>) -> Vec<String> {
    let mut names = number_columns(plan);
    let condition = plan.condition.iter().flat_map(|expr| expr.columns());
    let weights = plan.weights.iter().map(|name| (*name).to_owned());
    for name in plan.keys.iter().cloned().chain(condition).chain(weights) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl<'b> Sample<'b> {
    pub fn new(batch: &'b RecordBatch, first_row: u64) -> Self {
        Self {
            batch,
            first_row,
            keep: None,
            left: batch.num_rows(),
        }
    }

    /// The rows of a piece of which some are known not to count.
    pub fn of(batch: &'b RecordBatch, first_row: u64, keep: Option<Vec<bool>>) -> Self {
        let left = match &keep {
            None => batch.num_rows(),
            Some(keep) => keep.iter().filter(|keep| **keep).count(),
        };
        Self {
            batch,
            first_row,
            keep,
            left,
        }
    }

    /// Whether a row counts.
    fn keeps(&self, row: usize) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep[row])
    }

    /// The values of the rows that count.
    pub fn used<'v, T: Copy>(&self, values: &'v [T]) -> Cow<'v, [T]> {
        match &self.keep {
            None => Cow::Borrowed(values),
            Some(keep) => values
                .iter()
                .zip(keep)
                .filter(|(_, keep)| **keep)
                .map(|(value, _)| *value)
                .collect(),
        }
    }

    /// Whether a value of a row that counts is missing.
    pub fn lacks(&self, values: &Float64Array) -> bool {
        values.null_count() > 0
            && (0..values.len()).any(|row| values.is_null(row) && self.keeps(row))
    }

    fn scope(&self) -> Scope<'b> {
        Scope {
            batch: self.batch,
            panel: None,
        }
    }

    /// Takes out rows under one reason.
    pub fn drop_where(
        &mut self,
        losses: &mut Losses,
        step: usize,
        reason: impl FnOnce() -> String,
        lost: impl Fn(usize) -> bool,
    ) {
        let mut count = 0;
        let rows = self.batch.num_rows();
        let keep = self.keep.get_or_insert_with(|| vec![true; rows]);
        for (row, keep) in keep.iter_mut().enumerate() {
            if *keep && lost(row) {
                *keep = false;
                count += 1;
            }
        }
        if count > 0 {
            self.left -= count;
            *losses.entry((step, reason())).or_default() += count;
        }
    }

    /// Applies the condition, then computes every number and takes out rows where one is missing, a key is missing or the
    /// weight is zero.
    pub fn numbers(
        &mut self,
        plan: &Plan<'_>,
        codes: &[Codes],
        lost: &mut Losses,
    ) -> Result<Numbers, Error> {
        if let Some(condition) = plan.condition {
            let (holds, losses) =
                evaluate_condition(condition, &self.scope()).map_err(|error| Error::Language {
                    text: condition.to_string(),
                    diagnostic: Box::new(error.diagnostic()),
                })?;
            self.judge(plan, &losses, lost)?;
            self.drop_where(
                lost,
                1,
                || "condition".into(),
                |r| holds.is_valid(r) && !holds.value(r),
            );
            self.drop_where(
                lost,
                2,
                || "missing in the condition".into(),
                |r| holds.is_null(r),
            );
        }
        let (numbers, parts) = self.evaluate(plan, lost)?;
        for (at, (name, values)) in parts.iter().enumerate() {
            if values.null_count() > 0 {
                self.drop_where(
                    lost,
                    10 + at,
                    || format!("missing {name}"),
                    |r| values.is_null(r),
                );
            }
        }
        let mut step = 10 + parts.len();
        for (name, codes) in plan.keys.iter().zip(codes) {
            if codes.missing {
                self.drop_where(
                    lost,
                    step,
                    || format!("missing {name}"),
                    |r| codes.codes[r] == MISSING,
                );
            }
            step += 1;
        }
        if let (Some(weights), Some(name)) = (&numbers.weights, plan.weights)
            && (weights.null_count() > 0 || !weights.values().iter().all(|w| *w > 0.0))
        {
            self.drop_where(
                lost,
                step,
                || format!("missing {name}"),
                |r| weights.is_null(r),
            );
            if let Some(row) = (0..weights.len()).find(|&r| self.keeps(r) && weights.value(r) < 0.0)
            {
                return Err(Error::Weight {
                    name: name.to_owned(),
                    value: weights.value(row),
                    row: self.row(row),
                });
            }
            self.drop_where(
                lost,
                step + 1,
                || format!("weight {name} zero"),
                |r| weights.value(r) == 0.0,
            );
        }
        Ok(numbers)
    }

    /// The numbers alone, for rows that are known already.
    pub fn numbers_again(&mut self, plan: &Plan<'_>) -> Result<Vec<Float64Array>, Error> {
        let mut lost = Losses::new();
        Ok(self.evaluate(plan, &mut lost)?.0.columns)
    }

    /// Columns, and the variables whose missing values lose rows.
    fn evaluate(
        &mut self,
        plan: &Plan<'_>,
        lost: &mut Losses,
    ) -> Result<(Numbers, Vec<(String, Float64Array)>), Error> {
        let mut parts = Vec::with_capacity(plan.width());
        let outcome = &plan.formula.outcome;
        let y = self.number(plan, outcome, true, lost)?;
        parts.push((outcome.to_string(), y.clone()));
        let mut columns = vec![y];
        for factors in &plan.regressors {
            let mut product: Option<Float64Array> = None;
            for expr in factors {
                let values = self.number(plan, expr, false, lost)?;
                parts.push((expr.to_string(), values.clone()));
                product = Some(match product {
                    None => values,
                    Some(before) => before
                        .iter()
                        .zip(values.iter())
                        .map(|(a, b)| Some(a? * b?))
                        .collect(),
                });
            }
            columns.extend(product);
        }
        let weights = match plan.weights {
            Some(name) if self.batch.column_by_name(name).is_some() => {
                let array = arrow_number(column(self.batch, name)?);
                Some(array)
            }
            _ => None,
        };
        Ok((Numbers { columns, weights }, parts))
    }

    fn number(
        &mut self,
        plan: &Plan<'_>,
        expr: &Expr,
        outcome: bool,
        lost: &mut Losses,
    ) -> Result<Float64Array, Error> {
        let failed = |error: EvalError| Error::Language {
            text: plan.formula.text.clone(),
            diagnostic: Box::new(error.diagnostic()),
        };
        let evaluated = evaluate(expr, &self.scope()).map_err(failed)?;
        self.judge(plan, &evaluated.losses, lost)?;
        match evaluated.value {
            Value::Number(numbers) => Ok(numbers),
            Value::Bool(truth) => Ok(truth
                .iter()
                .map(|v| v.map(|v| f64::from(u8::from(v))))
                .collect()),
            Value::Text(_) => {
                let term = expr.to_string();
                Err(if outcome {
                    Error::TextOutcome { term }
                } else {
                    Error::TextRegressor { term }
                })
            }
        }
    }

    fn judge(&mut self, plan: &Plan<'_>, losses: &[Loss], lost: &mut Losses) -> Result<(), Error> {
        for loss in losses {
            let hit: Vec<usize> = loss
                .rows
                .iter()
                .copied()
                .filter(|&r| self.keeps(r))
                .collect();
            let Some(&first) = hit.first() else { continue };
            let bad_data = loss.function == "column";
            match plan.invalid {
                Invalid::Error if bad_data => {
                    return Err(Error::NotFinite {
                        name: loss.argument.clone(),
                        row: self.row(first),
                    });
                }
                Invalid::Error => {
                    return Err(Error::NoValue {
                        expression: loss.to_string(),
                        detail: String::new(),
                        row: self.row(first),
                        count: hit.len(),
                    });
                }
                Invalid::Drop => {
                    let reason = || {
                        if bad_data {
                            format!("{} not finite", loss.argument)
                        } else {
                            format!("{loss} without a value")
                        }
                    };
                    self.drop_where(lost, 3, reason, |r| hit.binary_search(&r).is_ok());
                }
            }
        }
        Ok(())
    }

    /// A row as its user counts it.
    fn row(&self, row: usize) -> usize {
        self.first_row as usize + row + 1
    }
}

/// A column of numbers or truth values as numbers.
fn arrow_number(array: &arrow_array::ArrayRef) -> Float64Array {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    if let Some(values) = array.as_primitive_opt::<Float64Type>() {
        return values.clone();
    }
    if let Some(values) = array.as_primitive_opt::<Int64Type>() {
        return values.iter().map(|v| v.map(|v| v as f64)).collect();
    }
    match array.as_boolean_opt() {
        Some(values) => values
            .iter()
            .map(|v| v.map(|v| f64::from(u8::from(v))))
            .collect(),
        None => Float64Array::new_null(array.len()),
    }
}
