//! Models with the same sample, estimated from one set of columns.

use super::Model;
use super::sample::{Union, by_lost_rows, may_lack_values};
use super::solve::Pool;
use crate::design::{Design, design};
use crate::estimated::fit_with;
use crate::estimators::{Within, assemble_within, within_columns};
use crate::linear::sums::{dot, mean};
use crate::results::Fit;
use crate::{Error, conventions};
use arrow_array::RecordBatch;

/// Estimates a family of models; those that must be estimated alone, also for the sake of an error, stay without result.
pub(super) fn fit(
    batch: &RecordBatch,
    models: &[Model<'_>],
    family: &[usize],
    results: &mut [Option<Result<Fit, Error>>],
) {
    let union = Union::new(models, family);
    let Ok(whole) = design(batch, &union.formula, models[family[0]].request) else {
        return;
    };
    if !may_lack_values(&whole.sample, models[family[0]].request) {
        group(batch, models, family, (union, whole), results);
        return;
    }
    let Ok(groups) = by_lost_rows(batch, models, family) else {
        return;
    };
    if groups.len() == 1 {
        group(batch, models, family, (union, whole), results);
        return;
    }
    drop(whole);
    for places in groups.iter().filter(|places| places.len() > 1) {
        let union = Union::new(models, places);
        if let Ok(whole) = design(batch, &union.formula, models[places[0]].request) {
            group(batch, models, places, (union, whole), results);
        }
    }
}

/// Models whose sample is that of their union.
fn group(
    batch: &RecordBatch,
    models: &[Model<'_>],
    places: &[usize],
    (union, mut design): (Union, Design),
    results: &mut [Option<Result<Fit, Error>>],
) {
    let request = models[places[0]].request;
    let Ok(convention) = conventions::by_name(&request.convention) else {
        return;
    };
    let Ok(within) = within_columns(&design) else {
        return;
    };
    let Within {
        y,
        x,
        columns,
        absorbed: _,
        rank,
        tss,
    } = within;
    // Columns of the pool: the outcome first, then what is left of each regressor.
    let mut at: Vec<Option<usize>> = vec![None; design.x.len()];
    for (place, &column) in columns.iter().enumerate() {
        at[column] = Some(place + 1);
    }
    let weights = design.weights.clone();
    let all: Vec<Vec<f64>> = std::iter::once(y).chain(x).collect();
    let pool = Pool::new(all, weights.as_deref(), request.vcov.needs_leverages());
    let mut x = std::mem::take(&mut design.x);
    let names = std::mem::take(&mut design.names);
    for (&place, (outcome, terms)) in places.iter().zip(&union.terms) {
        let formula = models[place].formula;
        let outcome_column = outcome.map(|term| design.term_starts[term]);
        let (outcome_at, tss) = match outcome_column {
            None => (0, tss),
            Some(column) => match at[column] {
                Some(place) => (place, around_mean(&x[column], weights.as_deref())),
                None => continue,
            },
        };
        let offered: Vec<usize> = terms
            .iter()
            .flat_map(|&term| design.term_starts[term]..design.term_starts[term + 1])
            .collect();
        design.formula.clone_from(&formula.text);
        design.outcome = formula.outcome.to_string();
        design.names = offered.iter().map(|&c| names[c].clone()).collect();
        if let Some(column) = outcome_column {
            std::mem::swap(&mut design.y, &mut x[column]);
        }
        let kept: Vec<usize> = (0..offered.len())
            .filter(|&c| at[offered[c]].is_some())
            .collect();
        let absorbed: Vec<usize> = (0..offered.len())
            .filter(|&c| at[offered[c]].is_none())
            .collect();
        let columns: Vec<usize> = kept.iter().filter_map(|&c| at[offered[c]]).collect();
        let squares = (tss, pool.square(outcome_at));
        let result = pool
            .regress(outcome_at, &columns)
            .and_then(|solution| {
                assemble_within(&design, solution, (kept, absorbed), squares, rank.clone())
            })
            .and_then(|estimation| {
                let parts = (&design, &estimation);
                let said = (request.weights.as_deref(), request.constant);
                fit_with(parts, &request.vcov, convention, Some(batch), said)
            });
        results[place] = Some(result);
        if let Some(column) = outcome_column {
            std::mem::swap(&mut design.y, &mut x[column]);
        }
    }
}

/// Weighted sum of squares around the mean.
fn around_mean(column: &[f64], weights: Option<&[f64]>) -> f64 {
    let mean = mean(column, weights);
    let rest: Vec<f64> = column.iter().map(|v| v - mean).collect();
    match weights {
        None => dot(&rest, &rest),
        Some(weights) => crate::linear::sums::weighted_square(&rest, weights),
    }
}
