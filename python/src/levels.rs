//! Absorbed effects level by level, and fitted values.

use crate::failure::Failure;
use crate::model::Inner;
use arrow_array::RecordBatch;
use panelyst::lang::ast::{Expr, ExprKind};
use panelyst::lang::{Scope, Span};
use panelyst::model::Design;
use panelyst::model::design::Keys;
use panelyst::model::estimators::{Estimation, Observations};
use panelyst_absorb::{Absorber, FixedEffects, Options};
use std::collections::HashMap;

/// One absorbed effect, or the slopes of one variable by its levels.
pub(crate) struct Effect {
    /// As typed without spaces; slopes are `effect[variable]`.
    pub(crate) name: String,
    /// Values of its columns, joined by `^`.
    pub(crate) labels: Vec<String>,
    /// One value a level.
    pub(crate) values: Vec<f64>,
}

/// Fitted values of the observations: outcome less residual, or the linear predictor behind it.
pub(crate) fn fitted(inner: &Inner, link: bool) -> Result<Vec<f64>, Failure> {
    let estimated = inner.estimated()?;
    let (design, estimation) = (estimated.design(), estimated.estimation());
    if estimation.observations != Observations::Rows || estimation.components.is_some() {
        return regression_line(design, estimation);
    }
    let residuals = estimation.solution.residuals.shared();
    let mean = design.y.iter().zip(&residuals[..]).map(|(y, e)| y - e);
    Ok(match (design.estimator.family(), link) {
        (Some(family), true) => mean.map(|mean| family.link(mean)).collect(),
        _ => mean.collect(),
    })
}

/// Regressors times coefficients on the rows of the design.
fn regression_line(design: &Design, estimation: &Estimation) -> Result<Vec<f64>, Failure> {
    let mut line = vec![0.0; design.n()];
    for (name, &b) in estimation
        .names
        .iter()
        .zip(&estimation.solution.coefficients)
    {
        match design.names.iter().position(|n| n == name) {
            Some(place) => {
                for (sum, x) in line.iter_mut().zip(design.x[place].iter()) {
                    *sum += b * x;
                }
            }
            None => line.iter_mut().for_each(|sum| *sum += b),
        }
    }
    Ok(line)
}

/// The effects of a model: coefficients of all dummies given the slopes; the first level of every later component is zero.
pub(crate) fn effects(inner: &Inner) -> Result<Vec<Effect>, Failure> {
    let estimated = inner.estimated()?;
    let (design, estimation) = (estimated.design(), estimated.estimation());
    if design.effects.is_empty() {
        return Ok(Vec::new());
    }
    let mut left = fitted(inner, true)?;
    for (name, &b) in estimation
        .names
        .iter()
        .zip(&estimation.solution.coefficients)
    {
        if let Some(place) = design.names.iter().position(|n| n == name) {
            for (sum, x) in left.iter_mut().zip(design.x[place].iter()) {
                *sum -= b * x;
            }
        }
    }
    let list = design.effect_list();
    let absorber = FixedEffects::new(list, None, Options::default())?;
    let coefficients = absorber.coefficients(&left)?;
    let mut all = Vec::new();
    for ((name, effect), own) in design.effects.iter().zip(coefficients) {
        let labels = labels(inner, design, name, &effect.codes, effect.levels)?;
        let term = inner.formula.effects.iter().find(|term| term.name == *name);
        let slopes = term.map_or(&[][..], |term| &term.slopes[..]);
        let base = term.map_or_else(|| name.clone(), |term| term.columns.join("^"));
        let own_names = effect.intercept.then(|| base.clone());
        let slopes = slopes.iter().map(|slope| format!("{base}[{slope}]"));
        let names = own_names.into_iter().chain(slopes);
        for (name, values) in names.zip(own.chunks(effect.levels)) {
            all.push(Effect {
                name,
                labels: labels.clone(),
                values: values.to_vec(),
            });
        }
    }
    Ok(all)
}

/// Columns of an effect; one that the model implies has the name of its column.
fn columns_of(inner: &Inner, name: &str) -> Vec<String> {
    let effects = &inner.formula.effects;
    match effects.iter().find(|term| term.name == name) {
        Some(term) => term.columns.clone(),
        None => vec![name.to_owned()],
    }
}

/// A column as codes of its values.
fn keys(batch: &RecordBatch, name: &str) -> Result<Keys, Failure> {
    let column = Expr {
        kind: ExprKind::Column(name.to_owned()),
        span: Span::default(),
    };
    let scope = Scope { batch, panel: None };
    let found = panelyst::lang::evaluate(&column, &scope).map_err(|error| {
        Failure::Data(panelyst::mistakes::shown(
            name,
            "effect",
            &[error.diagnostic()],
            false,
        ))
    })?;
    Ok(Keys::new(&found.value)?)
}

/// The label of a row; `None` where a value is missing.
fn label(keys: &[Keys], row: usize) -> Option<String> {
    let parts: Option<Vec<String>> = keys
        .iter()
        .map(|keys| {
            let code = keys.codes[row];
            ((code as usize) < keys.len()).then(|| keys.label(code))
        })
        .collect();
    parts.map(|parts| parts.join("^"))
}

/// What each level of an effect is called: the values of its columns in the first row that has it.
fn labels(
    inner: &Inner,
    design: &Design,
    name: &str,
    codes: &[u32],
    levels: usize,
) -> Result<Vec<String>, Failure> {
    let mut first = vec![0usize; levels];
    for (row, &code) in codes.iter().enumerate().rev() {
        first[code as usize] = row;
    }
    let keys = columns_of(inner, name)
        .iter()
        .map(|column| keys(&inner.batch, column))
        .collect::<Result<Vec<_>, _>>()?;
    let rows = first.into_iter().map(|row| design.rows.at(row));
    Ok(rows
        .map(|row| label(&keys, row).unwrap_or_default())
        .collect())
}

/// The sum of the effects on the rows of other data.
pub(crate) fn effects_of(inner: &Inner, batch: &RecordBatch) -> Result<Vec<f64>, Failure> {
    let mut sums = vec![0.0; batch.num_rows()];
    let design = inner.estimated()?.design();
    if design.effects.iter().any(|(_, effect)| !effect.is_plain()) {
        return Err(Failure::Data(
            "predictions for other data are not made with slopes that differ between levels: use the fitted values of the sample"
                .to_owned(),
        ));
    }
    for (effect, (name, _)) in effects(inner)?.into_iter().zip(&design.effects) {
        let known: HashMap<&str, f64> = effect
            .labels
            .iter()
            .map(String::as_str)
            .zip(effect.values.iter().copied())
            .collect();
        let keys = columns_of(inner, name)
            .iter()
            .map(|column| keys(batch, column))
            .collect::<Result<Vec<_>, _>>()?;
        let value = |label: Option<String>| {
            let label = label.as_deref();
            label
                .and_then(|l| known.get(l))
                .copied()
                .unwrap_or(f64::NAN)
        };
        if let [only] = keys.as_slice() {
            let by_code: Vec<f64> = (0..only.len() as u32)
                .map(|code| value(Some(only.label(code))))
                .collect();
            for (sum, &code) in sums.iter_mut().zip(only.codes.iter()) {
                *sum += by_code.get(code as usize).copied().unwrap_or(f64::NAN);
            }
            continue;
        }
        for (row, sum) in sums.iter_mut().enumerate() {
            *sum += value(label(&keys, row));
        }
    }
    Ok(sums)
}
