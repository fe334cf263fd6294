//! Models with the same sample, estimated from one set of columns.

use super::Model;
use super::sample::{Union, by_lost_rows, may_lack_values};
use crate::design::{Design, design};
use crate::estimated::fit_with;
use crate::estimators::{remainder, within_of};
use crate::results::Fit;
use crate::{Error, conventions};
use arrow_array::RecordBatch;

/// Where results go, by model, and whether the caller wants no more of them.
type Results<'a> = (&'a mut [Option<Result<Fit, Error>>], &'a dyn Fn() -> bool);

/// Estimates a family of models; those that must be estimated alone, also for the sake of an error, stay without result.
pub(super) fn fit(
    batch: &RecordBatch,
    models: &[Model<'_>],
    family: &[usize],
    (results, stop): Results<'_>,
) {
    let union = Union::new(models, family);
    let Ok(whole) = design(batch, &union.formula, models[family[0]].request) else {
        return;
    };
    if !may_lack_values(&whole.sample, models[family[0]].request) {
        group(batch, models, family, (union, whole), (results, stop));
        return;
    }
    let Ok(groups) = by_lost_rows(batch, models, family) else {
        return;
    };
    if groups.len() == 1 {
        group(batch, models, family, (union, whole), (results, stop));
        return;
    }
    drop(whole);
    for places in groups.iter().filter(|places| places.len() > 1) {
        let union = Union::new(models, places);
        if let Ok(whole) = design(batch, &union.formula, models[places[0]].request) {
            group(batch, models, places, (union, whole), (results, stop));
        }
    }
}

/// Models whose sample is that of their union.
fn group(
    batch: &RecordBatch,
    models: &[Model<'_>],
    places: &[usize],
    (union, mut design): (Union, Design),
    (results, stop): Results<'_>,
) {
    let request = models[places[0]].request;
    let Ok(convention) = conventions::by_name(&request.convention) else {
        return;
    };
    let Ok(Some(of)) = remainder(&design) else {
        return;
    };
    let mut x = std::mem::take(&mut design.x);
    let names = std::mem::take(&mut design.names);
    for (&place, (outcome, terms)) in places.iter().zip(&union.terms) {
        if stop() {
            return;
        }
        let formula = models[place].formula;
        let outcome = outcome.map(|term| design.term_starts[term]);
        let offered: Vec<usize> = terms
            .iter()
            .flat_map(|&term| design.term_starts[term]..design.term_starts[term + 1])
            .collect();
        design.formula.clone_from(&formula.text);
        design.outcome = formula.outcome.to_string();
        design.names = offered.iter().map(|&c| names[c].clone()).collect();
        if let Some(column) = outcome {
            std::mem::swap(&mut design.y, &mut x[column]);
        }
        // The first column of the remainder is the outcome of the union.
        let regressors: Vec<usize> = offered.iter().map(|c| c + 1).collect();
        let columns = (outcome.map_or(0, |c| c + 1), &regressors[..]);
        let result = within_of(&design, &of, columns).and_then(|estimation| {
            let parts = (&design, &estimation);
            let said = (request.weights.as_deref(), request.constant);
            fit_with(parts, &request.vcov, convention, Some(batch), said)
        });
        results[place] = Some(result);
        if let Some(column) = outcome {
            std::mem::swap(&mut design.y, &mut x[column]);
        }
    }
}
