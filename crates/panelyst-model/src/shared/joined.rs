//! Models with the same sample, estimated from one set of columns.

use super::Model;
use super::sample::{Terms, Union, by_lost_rows, may_lack_values};
use crate::covariance::cluster::sum_together;
use crate::covariance::cluster_columns;
use crate::design::{Design, design};
use crate::estimated::fit_with;
use crate::estimators::{Estimation, remainder, within_of};
use crate::results::Fit;
use crate::{Error, conventions};
use arrow_array::RecordBatch;
use arrow_buffer::ScalarBuffer;
use panelyst_lang::Formula;

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

/// Models whose sums over clusters are made in one scan.
const TOGETHER: usize = 16;

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
    // Clusters whose sums may be made together; a mistake in their name is told by each model.
    let vcov = &request.vcov;
    let names = cluster_columns(vcov, convention, design.robust_unit.as_deref());
    let codes = match &names[..] {
        [name] => design.cluster(name, Some(batch), vcov).ok(),
        _ => None,
    };
    let codes = codes.map(|cluster| cluster.codes.clone());
    let said = (request.weights.as_deref(), request.constant);
    let mut whole = Whole {
        x: std::mem::take(&mut design.x),
        names: std::mem::take(&mut design.names),
        design,
    };
    let own: Vec<_> = places.iter().zip(&union.terms).collect();
    for own in own.chunks(TOGETHER) {
        if stop() {
            return;
        }
        let estimate = |(place, terms): &(&usize, &Terms)| {
            let formula = models[**place].formula;
            whole.as_model(formula, terms, |design, (outcome, regressors)| {
                within_of(design, &of, (outcome, regressors))
            })
        };
        let mut estimations: Vec<Result<Estimation, Error>> = own.iter().map(estimate).collect();
        if let Some(codes) = &codes {
            let sound = estimations.iter_mut().filter_map(|made| made.as_mut().ok());
            let mut solutions: Vec<_> = sound.map(|made| &mut made.solution).collect();
            sum_together(&mut solutions, codes);
        }
        for (&(&place, terms), estimation) in own.iter().zip(estimations) {
            if stop() {
                return;
            }
            let formula = models[place].formula;
            let result = estimation.and_then(|estimation| {
                whole.as_model(formula, terms, |design, _| {
                    let parts = (design, &estimation);
                    fit_with(parts, vcov, convention, Some(batch), said)
                })
            });
            results[place] = Some(result);
        }
    }
}

/// The design of a union with its regressors beside it.
struct Whole {
    design: Design,
    x: Vec<ScalarBuffer<f64>>,
    names: Vec<String>,
}

impl Whole {
    /// Looks at the design as that of one model, and at its outcome and regressors among the columns of the remainder, the
    /// first of which is the outcome of the union.
    fn as_model<T>(
        &mut self,
        formula: &Formula,
        (outcome, terms): &Terms,
        look: impl FnOnce(&Design, (usize, &[usize])) -> T,
    ) -> T {
        let design = &mut self.design;
        let outcome = outcome.map(|term| design.term_starts[term]);
        let offered: Vec<usize> = terms
            .iter()
            .flat_map(|&term| design.term_starts[term]..design.term_starts[term + 1])
            .collect();
        design.formula.clone_from(&formula.text);
        design.outcome = formula.outcome.to_string();
        design.names = offered.iter().map(|&c| self.names[c].clone()).collect();
        if let Some(column) = outcome {
            std::mem::swap(&mut design.y, &mut self.x[column]);
        }
        let regressors: Vec<usize> = offered.iter().map(|c| c + 1).collect();
        let seen = look(design, (outcome.map_or(0, |c| c + 1), &regressors));
        if let Some(column) = outcome {
            std::mem::swap(&mut design.y, &mut self.x[column]);
        }
        seen
    }
}
