//! Models that share their work: those of one call or of one study that have the same sample, effects and weights.
//!
//! Formulas that differ in regressors or outcome only are joined: one design holds the columns of all of them, their
//! effects are removed once, and one matrix of cross-products serves them all (Frisch and Waugh 1933: what is partialled
//! out of a column does not depend on the others). Each model is then a block of that matrix and a scan for its errors.
//! Where regressors with missing values give models other samples, only models with the same of them are joined. Every
//! result is that of the model estimated alone, to rounding.

mod joined;
mod sample;

use crate::Error;
use crate::estimated::Estimated;
use crate::estimators;
use crate::request::{ConstantRule, Estimator, Request};
use crate::results::Fit;
use arrow_array::RecordBatch;
use panelyst_lang::Formula;

/// One model: a formula and how it is to be estimated (the formulas of the request itself play no part).
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// The formula.
    pub formula: &'a Formula,
    /// Everything else.
    pub request: &'a Request,
}

/// Estimates models on the same data, sharing what they have in common; results are in the order of the models.
pub fn fit_models(batch: &RecordBatch, models: &[Model<'_>]) -> Vec<Result<Fit, Error>> {
    fit_models_until(batch, models, &|| false)
}

/// The same for a caller who may stop it: once `stop` says so, before one of the models, those without a result are
/// [`Error::Interrupted`].
pub fn fit_models_until(
    batch: &RecordBatch,
    models: &[Model<'_>],
    stop: &dyn Fn() -> bool,
) -> Vec<Result<Fit, Error>> {
    let mut results: Vec<Option<Result<Fit, Error>>> = models.iter().map(|_| None).collect();
    for family in families(models) {
        joined::fit(batch, models, &family, (&mut results, stop));
    }
    let pairs = results.into_iter().zip(models);
    pairs
        .map(|(result, model)| match result {
            Some(result) => result,
            None if stop() => Err(Error::Interrupted),
            None => alone(batch, model),
        })
        .collect()
}

/// A model by itself.
fn alone(batch: &RecordBatch, model: &Model<'_>) -> Result<Fit, Error> {
    Estimated::new(batch, model.formula, model.request)?.fit(model.request)
}

/// Places of models that differ in regressors or outcome only, at least two of each kind.
fn families(models: &[Model<'_>]) -> Vec<Vec<usize>> {
    let mut families: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, model) in models.iter().enumerate() {
        let Some(key) = key(model) else { continue };
        match families.iter_mut().find(|(known, _)| *known == key) {
            Some((_, family)) => family.push(place),
            None => families.push((key, vec![place])),
        }
    }
    let families = families.into_iter().map(|(_, family)| family);
    families.filter(|family| family.len() > 1).collect()
}

/// What models must have in common to be joined; `None` for those that are estimated alone.
fn key(model: &Model<'_>) -> Option<String> {
    let Model { formula, request } = model;
    let (estimator, _) = estimators::choose(formula, request).ok()?;
    if estimator.estimator != Estimator::Within || request.constant != ConstantRule::None {
        return None;
    }
    let effects: Vec<&str> = formula.effects.iter().map(|e| e.name.as_str()).collect();
    let condition = request.condition.as_ref().map(ToString::to_string);
    Some(format!(
        "{effects:?} {:?} {} {} {:?} {condition:?} {:?}",
        request.panel, request.vcov, request.convention, request.weights, request.invalid
    ))
}
