//! The regressors of a model on other data.

use crate::failure::Failure;
use crate::model::Inner;
use arrow_array::{RecordBatch, UInt64Array};
use arrow_schema::{Field, Schema};
use panelyst::lang::ast::{Expr, ExprKind, Factor, Formula};
use panelyst::lang::{Scope, Span};
use panelyst::model::design::Keys;
use panelyst::model::{Estimator, Request, design};
use std::sync::Arc;

/// The formula with all regressors, endogenous ones included, and nothing else; its outcome is zero.
fn right_hand_side(formula: &Formula) -> Formula {
    let mut own = formula.clone();
    if let Some(instruments) = own.instruments.take() {
        own.regressors.extend(instruments.endogenous);
    }
    own.effects.clear();
    own.outcome = Expr {
        kind: ExprKind::Number(0.0),
        span: Span::default(),
    };
    own.constant = true;
    own
}

/// Columns of the regressors and effects, and of the panel where lags need it.
pub(crate) fn columns(inner: &Inner) -> Vec<String> {
    let own = right_hand_side(&inner.formula);
    let mut names = own.columns();
    let mut add = |name: &String| {
        if !names.contains(name) {
            names.push(name.clone());
        }
    };
    let effects = &inner.formula.effects;
    effects.iter().flat_map(|e| &e.columns).for_each(&mut add);
    if let Some(panel) = &inner.request.panel {
        if own.needs_panel() {
            [&panel.unit, &panel.time].into_iter().for_each(&mut add);
        } else if effects.is_empty() && inner.request.estimator == Some(Estimator::Within) {
            add(&panel.unit);
        }
    }
    names
}

/// The columns of the terms below each other, a constant for `_cons`; not numbers in rows with a missing value.
///
/// Indicators of levels are those of the sample: one row of it for each level stands before the rows of the data, and a
/// level that the sample lacks is an error.
pub(crate) fn regressors(
    inner: &Inner,
    terms: &[String],
    batch: &RecordBatch,
) -> Result<Vec<f64>, Failure> {
    let sample = inner.estimated()?.design();
    if sample.estimator == Estimator::FirstDifference {
        return Err(Failure::Data(
            "predictions for other data are not made from first differences, which say nothing about levels"
                .to_owned(),
        ));
    }
    let formula = right_hand_side(&inner.formula);
    let rows = batch.num_rows();
    let (before, batch) = if formula.terms().any(has_levels) {
        if formula.needs_panel() {
            return Err(Failure::Data(
                "predictions for other data are not made from formulas with both i() and lags"
                    .to_owned(),
            ));
        }
        let examples = examples(inner, &formula)?;
        (examples.num_rows(), joined(&examples, batch, &formula)?)
    } else {
        (0, batch.clone())
    };
    let mut request = Request::new(Vec::new());
    request.estimator = Some(Estimator::Pooled);
    request.invalid = inner.request.invalid;
    if formula.needs_panel() {
        request.panel.clone_from(&inner.request.panel);
    }
    let found = design(&batch, &formula, &request)?;
    if let Some(new) = found.names.iter().find(|name| !sample.names.contains(name)) {
        return Err(Failure::Data(format!(
            "`{new}`: a level that does not occur in the rows the model was estimated on"
        )));
    }
    let mut out = vec![f64::NAN; rows * terms.len()];
    for (column, term) in out.chunks_mut(rows.max(1)).zip(terms) {
        let place = found.names.iter().position(|name| name == term);
        if place.is_none() && term != "_cons" {
            return Err(Failure::Data(format!(
                "`{term}` cannot be made from these data"
            )));
        }
        for (place_of, row) in found.rows.iter().enumerate() {
            if row >= before {
                column[row - before] = place.map_or(1.0, |place| found.x[place][place_of]);
            }
        }
    }
    Ok(out)
}

fn has_levels(term: &panelyst::lang::ast::Term) -> bool {
    let mut factors = term.factors.iter();
    factors.any(|factor| matches!(factor, Factor::Levels { .. }))
}

/// One row of the sample for each level of each factor.
fn examples(inner: &Inner, formula: &Formula) -> Result<RecordBatch, Failure> {
    let sample = inner.estimated()?.design();
    let scope = Scope {
        batch: &inner.batch,
        panel: None,
    };
    let mut rows: Vec<u64> = Vec::new();
    for factor in formula.terms().flat_map(|term| &term.factors) {
        let Factor::Levels { column, .. } = factor else {
            continue;
        };
        let value = panelyst::lang::evaluate(column, &scope)
            .map_err(|error| Failure::shown(&column.to_string(), "i()", &[error.diagnostic()]))?;
        let keys = Keys::new(&value.value)?;
        let mut seen = vec![false; keys.len()];
        for row in sample.rows.iter() {
            let code = keys.codes[row] as usize;
            if seen.get(code) == Some(&false) {
                seen[code] = true;
                rows.push(row as u64);
            }
        }
    }
    let names = formula.columns();
    let columns = names
        .iter()
        .filter_map(|name| inner.batch.schema_ref().index_of(name).ok())
        .collect::<Vec<_>>();
    let batch = inner.batch.project(&columns)?;
    Ok(arrow_select::take::take_record_batch(
        &batch,
        &UInt64Array::from(rows),
    )?)
}

/// The columns of a formula, those of the sample first.
fn joined(
    examples: &RecordBatch,
    batch: &RecordBatch,
    formula: &Formula,
) -> Result<RecordBatch, Failure> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for name in formula.columns() {
        let Some(first) = examples.column_by_name(&name) else {
            continue;
        };
        // A column that is lacking is told by the design, with the names there are.
        let Some(second) = batch.column_by_name(&name) else {
            return Ok(batch.clone());
        };
        let plain = match first.data_type() {
            arrow_schema::DataType::Dictionary(_, values) => values.as_ref(),
            other => other,
        };
        let first = arrow_cast::cast(first, plain)?;
        let second = arrow_cast::cast(second, plain)?;
        columns.push(arrow_select::concat::concat(&[&first, &second])?);
        fields.push(Field::new(name, plain.clone(), true));
    }
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}
