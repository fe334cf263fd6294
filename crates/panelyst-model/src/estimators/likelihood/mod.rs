//! Poisson pseudo-likelihood and logit with absorbed effects, by iteratively reweighted least squares.
//!
//! Each step regresses the working outcome `z = eta + (y - mu) / V(mu)` on the regressors with weights `V(mu)` after
//! the effects were partialled out with the same weights (Correia, Guimaraes and Zylkin 2020, section 3). Columns stay
//! partialled out from step to step: what was subtracted lies in the space of the effects whatever the weights.

mod family;
mod separation;

pub use family::Family;
pub use separation::{without_levels, without_rows};

use super::within::{Within, renumber, within_columns};
use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes};
use crate::Error;
use crate::design::Design;
use crate::linear::sums::dot;
use crate::linear::{Collinear, Constant, least_squares, small};
use crate::request::Estimator;
use crate::results::Note;
use panelyst_absorb::{Absorber, EffectRank, FixedEffects, Options};
use rayon::prelude::*;

/// What a likelihood tells beside its estimates.
#[derive(Clone, Debug)]
pub struct Likelihood {
    /// Deviance.
    pub deviance: f64,
    /// Log-likelihood of a constant alone.
    pub null: f64,
    /// Steps of the iteration.
    pub steps: usize,
    /// Rows (of the design) on which estimates do not exist: their means run to the boundary.
    pub separated: Vec<usize>,
}

/// Steps at most.
const STEPS: usize = 200;

/// Halvings of a step that does not lower the deviance.
const HALVINGS: usize = 12;

/// The iteration ends when the root mean square of the change of linear predictors, with the weights of the step, is at
/// most this; the error that is left is about its square.
const CONVERGED: f64 = 1e-8;

/// Linear predictors that still move by this when all else has converged run to infinity.
const RUNNING: f64 = 1e-3;

/// A deviance of a logit below this share of the rows is that of perfect prediction.
const PREDICTED: f64 = 1e-9;

/// Level sums that may remain in a step, relative to the norm of a column.
const TOLERANCE: f64 = 1e-11;

/// Rows that a thread takes at a time in work row by row.
const CHUNK: usize = 16_384;

/// Poisson pseudo-maximum likelihood of a design.
///
/// # Errors
/// A negative outcome, an outcome of zeros, those of the absorber, every regressor dropped, no convergence.
pub fn poisson(design: &Design) -> Result<Estimation, Error> {
    maximise(design, Family::Poisson)
}

/// Logit of a design.
///
/// # Errors
/// An outcome other than 0 and 1 or with one value, perfect prediction, and those of [`poisson`].
pub fn logit(design: &Design) -> Result<Estimation, Error> {
    maximise(design, Family::Logit)
}

/// Whether the outcome is one that the family allows.
///
/// # Errors
/// The first row that is not.
pub(super) fn check_outcome(design: &Design, family: Family) -> Result<(), Error> {
    let wrong = |y: f64| match family {
        Family::Poisson => y < 0.0,
        Family::Logit => y != 0.0 && y != 1.0,
    };
    let Some(place) = design.y.iter().position(|&y| wrong(y)) else {
        let first = design.y.first().copied().unwrap_or(0.0);
        if family.is_boundary(first) && design.y.iter().all(|&y| y == first) {
            return Err(Error::NoVariation {
                outcome: design.outcome.clone(),
                why: format!("is {first} in every row used"),
            });
        }
        return Ok(());
    };
    Err(Error::Outcome {
        outcome: design.outcome.clone(),
        value: design.y[place],
        row: design.rows.at(place) + 1,
        needed: match family {
            Family::Poisson => "the poisson estimator needs outcomes of zero or more",
            Family::Logit => "the logit estimator needs outcomes of 0 and 1",
        }
        .to_owned(),
    })
}

/// Removes effects with weights that change from step to step.
pub(super) struct Effects {
    now: Option<FixedEffects>,
}

impl Effects {
    pub(super) fn new() -> Self {
        Self { now: None }
    }

    /// Residuals of columns from the effects of a design with these weights, in place.
    pub(super) fn partial_out(
        &mut self,
        design: &Design,
        weights: &[f64],
        columns: &mut [Vec<f64>],
    ) -> Result<(), Error> {
        let absorber = match self.now.take() {
            Some(known) => known.reweighted(weights.to_vec())?,
            None => FixedEffects::new(
                design.effect_list(),
                Some(weights.to_vec()),
                Options {
                    tolerance: TOLERANCE,
                    ..Options::default()
                },
            )?,
        };
        absorber.residualize(columns)?;
        self.now = Some(absorber);
        Ok(())
    }
}

/// Regressors that are neither absorbed nor collinear.
pub(super) struct Regressors {
    /// Without effects, where there are any.
    pub(super) x: Vec<Vec<f64>>,
    /// Places in the design.
    pub(super) places: Vec<usize>,
    dropped: Vec<Collinear>,
    rank: Option<EffectRank>,
}

/// Which regressors the effects absorb or others explain does not depend on weights, so it is decided once.
pub(super) fn regressors(design: &Design) -> Result<Regressors, Error> {
    if design.effects.is_empty() {
        let constant = constant(design);
        let found = least_squares(&design.y, &design.x, constant, None)?;
        return Ok(Regressors {
            x: found.kept.iter().map(|&c| design.x[c].to_vec()).collect(),
            places: found.kept,
            dropped: found.dropped,
            rank: None,
        });
    }
    let Within {
        y,
        x,
        columns,
        absorbed,
        rank,
        ..
    } = within_columns(design)?;
    let mut found = least_squares(&y, &x, Constant::None, design.weights.as_deref())?;
    let kept = found.kept.clone();
    renumber(&mut found.kept, &mut found.dropped, &columns);
    let mut dropped = found.dropped;
    dropped.extend(absorbed.into_iter().map(|column| Collinear {
        column,
        with: Vec::new(),
    }));
    dropped.sort_by_key(|c| c.column);
    let x = x
        .into_iter()
        .enumerate()
        .filter(|(c, _)| kept.binary_search(c).is_ok())
        .map(|(_, x)| x)
        .collect();
    Ok(Regressors {
        x,
        places: found.kept,
        dropped,
        rank: Some(rank),
    })
}

fn constant(design: &Design) -> Constant<'static> {
    if design.constant {
        Constant::Ones
    } else {
        Constant::None
    }
}

/// One value for each row, computed in chunks.
fn by_row(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let mut out = vec![0.0; rows];
    out.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, piece)| {
            for (offset, out) in piece.iter_mut().enumerate() {
                *out = value(chunk * CHUNK + offset);
            }
        });
    out
}

/// Sum over rows, in chunks combined in order.
fn total(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let parts: Vec<f64> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            (chunk * CHUNK..rows.min((chunk + 1) * CHUNK))
                .map(&value)
                .sum()
        })
        .collect();
    parts.iter().sum()
}

fn maximise(design: &Design, family: Family) -> Result<Estimation, Error> {
    check_outcome(design, family)?;
    let n = design.n();
    let prior = |row: usize| design.weights.as_ref().map_or(1.0, |w| w[row]);
    let y = &design.y;
    let Regressors {
        mut x,
        places,
        dropped,
        rank,
    } = regressors(design)?;
    let why = if design.effects.is_empty() {
        "it does not vary".to_owned()
    } else {
        let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
        format!("the effects {} absorb it", names.join(", "))
    };
    let mut notes = collinear_notes(design, &dropped, &why)?;
    if family == Family::Logit && !design.effects.is_empty() {
        notes.push(Note::new(
            "logit",
            "effects are estimated as dummies (unconditional logit): with few rows a level the coefficients are too large in size by about rows / (rows - 1), the incidental-parameters bias",
        ));
    }

    let rows_weight = total(n, prior);
    let mean = total(n, |r| prior(r) * y[r]) / rows_weight;
    let mut eta = by_row(n, |r| family.start(y[r], mean));
    let deviance_of = |eta: &[f64]| total(n, |r| prior(r) * family.deviance(y[r], eta[r]));
    let mut deviance = deviance_of(&eta);
    let mut effects = Effects::new();
    let mut last: Option<(Vec<f64>, Vec<f64>)> = None;
    for step in 1..=STEPS {
        let weights = by_row(n, |r| {
            (prior(r) * family.moments(eta[r]).1).max(f64::MIN_POSITIVE * 1e30)
        });
        let working = by_row(n, |r| {
            let (mu, variance) = family.moments(eta[r]);
            eta[r] + (y[r] - mu) / variance.max(f64::MIN_POSITIVE * 1e30)
        });
        // What the step leaves of the working outcome.
        let (left, solution) = if design.effects.is_empty() {
            let solution = least_squares(&working, &x, constant(design), Some(&weights))?;
            (solution.residuals.clone(), Some(solution))
        } else {
            let mut outcome = match last.take() {
                None => working.clone(),
                Some((known, residual)) => by_row(n, |r| residual[r] + (working[r] - known[r])),
            };
            let mut columns = std::mem::take(&mut x);
            columns.push(std::mem::take(&mut outcome));
            effects.partial_out(design, &weights, &mut columns)?;
            outcome = columns.pop().unwrap_or_default();
            x = columns;
            let left = regression_residual(&outcome, &x, &weights).ok_or_else(|| {
                Error::NoConvergence {
                    what: format!("the {} estimator", name(family)),
                    iterations: step,
                }
            })?;
            last = Some((working.clone(), outcome));
            (left.into(), None)
        };
        let next = by_row(n, |r| working[r] - left[r]);
        let moved = total(n, |r| weights[r] * (next[r] - eta[r]).powi(2));
        let before = deviance;
        let mut share = 1.0;
        let mut now = next;
        deviance = deviance_of(&now);
        for _ in 0..HALVINGS {
            if deviance <= before + 1e-9 * (before.abs() + 1.0) || step == 1 {
                break;
            }
            share *= 0.5;
            now = by_row(n, |r| eta[r] + 0.5 * (now[r] - eta[r]));
            deviance = deviance_of(&now);
        }
        if !deviance.is_finite() {
            break;
        }
        if family == Family::Logit && deviance <= PREDICTED * rows_weight {
            let running = (0..n).filter(|&r| family.moments(now[r]).1 < 1e-6);
            separation::certified(design, family, running.collect())?;
        }
        let done = share == 1.0 && (moved / total(n, |r| weights[r])).sqrt() <= CONVERGED;
        if !done {
            eta = now;
            continue;
        }
        let separated: Vec<usize> = (0..n)
            .filter(|&r| (now[r] - eta[r]).abs() > RUNNING)
            .collect();
        let separated = separation::certified(design, family, separated)?;
        let mut solution = match (solution, last.take()) {
            (Some(solution), _) => solution,
            (None, Some((_, outcome))) => {
                least_squares(&outcome, &x, Constant::None, Some(&weights))?
            }
            (None, None) => break,
        };
        solution.kept = solution.kept.iter().map(|&c| places[c]).collect();
        let saturated = total(n, |r| prior(r) * family.saturated(y[r]));
        let constant_only = family.link(mean);
        let null = saturated - 0.5 * total(n, |r| prior(r) * family.deviance(y[r], constant_only));
        solution.residuals = by_row(n, |r| y[r] - family.moments(now[r]).0).into();
        solution.rss = total(n, |r| prior(r) * solution.residuals[r].powi(2));
        return Ok(Estimation {
            estimator: match family {
                Family::Poisson => Estimator::Poisson,
                Family::Logit => Estimator::Logit,
            },
            names: coefficient_names(design, &solution),
            parameters: solution.k(),
            observations: Observations::Rows,
            regressor_leverages: None,
            rank,
            tss: total(n, |r| prior(r) * (y[r] - mean).powi(2)),
            centred: true,
            tss_within: None,
            loglik: Some(saturated - 0.5 * deviance),
            components: None,
            extra: Extra::Likelihood(Box::new(Likelihood {
                deviance,
                null,
                steps: step,
                separated,
            })),
            notes,
            solution,
        });
    }
    Err(Error::NoConvergence {
        what: format!("the {} estimator", name(family)),
        iterations: STEPS,
    })
}

fn name(family: Family) -> &'static str {
    match family {
        Family::Poisson => "poisson",
        Family::Logit => "logit",
    }
}

/// What a weighted regression on a few columns leaves of the outcome, by its normal equations scaled to unit diagonal.
fn regression_residual(outcome: &[f64], x: &[Vec<f64>], weights: &[f64]) -> Option<Vec<f64>> {
    let (n, k) = (outcome.len(), x.len());
    if k == 0 {
        return Some(outcome.to_vec());
    }
    let (mut matrix, mut right) = (vec![0.0; k * k], vec![0.0; k]);
    for i in 0..k {
        let weighted = by_row(n, |r| weights[r] * x[i][r]);
        for j in 0..=i {
            let v = dot(&weighted, &x[j]);
            matrix[i * k + j] = v;
            matrix[j * k + i] = v;
        }
        right[i] = dot(&weighted, outcome);
    }
    let scale: Vec<f64> = (0..k).map(|i| matrix[i * k + i].sqrt()).collect();
    for i in 0..k {
        right[i] /= scale[i];
        for j in 0..k {
            matrix[i * k + j] /= scale[i] * scale[j];
        }
    }
    let coefficients = small::solve(&matrix, &right, k, 1)?;
    let coefficients: Vec<f64> = coefficients
        .iter()
        .zip(&scale)
        .map(|(b, s)| b / s)
        .collect();
    Some(by_row(n, |r| {
        let fitted: f64 = x.iter().zip(&coefficients).map(|(x, b)| x[r] * b).sum();
        outcome[r] - fitted
    }))
}
