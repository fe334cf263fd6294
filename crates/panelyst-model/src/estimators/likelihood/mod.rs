//! Poisson pseudo-likelihood and logit with absorbed effects, by iteratively reweighted least squares.
//!
//! Each step regresses the working outcome `z = eta + (y - mu) / V(mu)` on the regressors with weights `V(mu)` after
//! the effects were partialled out with the same weights (Correia, Guimaraes and Zylkin 2020, section 3). Columns stay
//! partialled out from step to step: what was subtracted lies in the space of the effects whatever the weights.

mod family;
mod margins;
mod rows;
mod separation;

pub use family::Family;
pub use separation::{without_levels, without_rows};

use super::within::{
    Within, absorber, renumber, weighted_absorber, within_columns_by, within_columns_loosely,
};
use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes_by};
use crate::Error;
use crate::design::Design;
use crate::linear::large::{cross_products, factor};
use crate::linear::sums::combination;
use crate::linear::{Collinear, Constant, least_squares, least_squares_owned, small};
use crate::request::Estimator;
use crate::results::Note;
use margins::Margins;
use panelyst_absorb::{Absorber, EffectRank, FixedEffects};
use rows::{Rows, by_row, weighted_products};

/// What a likelihood tells beside its estimates.
#[derive(Clone, Debug)]
pub struct Likelihood {
    /// Deviance.
    pub deviance: f64,
    /// Log-likelihood of a constant alone.
    pub null: f64,
    /// Steps of the iteration.
    pub steps: usize,
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

/// Error that partialling out may leave in the last step, relative to the norm of a column.
const TOLERANCE: f64 = 1e-11;

/// The same in the second step.
const LOOSE: f64 = 1e-3;

/// The same in the first, where it must show which regressors the effects absorb: none of those that keep [`SURE`] of
/// their norm, and of their squared norm beside each other.
const BEGINNING: f64 = 1e-4;
const SURE: f64 = 0.02;

/// Share of a regressor's squared norm that those before it must leave for cross-products to tell that it is none of
/// their combinations.
const INDEPENDENT: f64 = 1e-6;

/// Partialling out may leave this share of the change that is expected two steps ahead, so that Newton's steps shrink as
/// they would without (Correia, Guimaraes and Zylkin 2020, section 3.2; Dembo, Eisenstat and Steihaug 1982).
const SHARE: f64 = 0.01;

/// Poisson pseudo-maximum likelihood of a design.
///
/// # Errors
/// A negative outcome, an outcome of zeros, separated rows, those of the absorber, every regressor dropped, no convergence.
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
#[derive(Default)]
pub(super) struct Effects {
    now: Option<FixedEffects>,
}

impl Effects {
    /// Residuals of columns from the effects of a design with these weights, in place.
    pub(super) fn partial_out(
        &mut self,
        design: &Design,
        weights: Vec<f64>,
        tolerance: f64,
        columns: &mut [Vec<f64>],
    ) -> Result<(), Error> {
        let known = self.now.take().map_or_else(|| absorber(design), Ok)?;
        let mut absorber = known.reweighted(weights)?;
        absorber.set_tolerance(tolerance)?;
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
    /// What removes the effects.
    pub(super) effects: Effects,
    /// The first working outcome without effects, where there are any.
    first: Option<Vec<f64>>,
}

/// Which regressors the effects absorb or others explain does not depend on weights, so it is decided once: under the weights of
/// the first step where there are rows to begin with, and together with that step's outcome.
fn regressors(design: &Design, rows: Option<&Rows<'_>>) -> Result<Regressors, Error> {
    if design.effects.is_empty() {
        let constant = constant(design);
        let found = least_squares(&design.y, &design.x, constant, None)?;
        return Ok(Regressors {
            x: found.kept.iter().map(|&c| design.x[c].to_vec()).collect(),
            places: found.kept,
            dropped: found.dropped,
            rank: None,
            effects: Effects::default(),
            first: None,
        });
    }
    let weights = rows.map_or(design.weights.as_deref(), |rows| Some(rows.weights()));
    let mut absorber = weighted_absorber(design, weights)?;
    let (within, first, independent) = match rows.map(|rows| rows.working(true)) {
        Some(outcome) => {
            absorber.set_tolerance(BEGINNING)?;
            let sure = |x: &[Vec<f64>]| share_left(x, weights) >= SURE;
            let (within, outcome, independent) =
                within_columns_loosely(design, &mut absorber, &outcome, (SURE, TOLERANCE), sure)?;
            (within, Some(outcome), independent)
        }
        None => (within_columns_by(design, &absorber)?, None, false),
    };
    let Within {
        y,
        mut x,
        columns,
        absorbed,
        rank,
        ..
    } = within;
    let (mut kept, mut dropped) = (columns.clone(), Vec::new());
    if !independent && share_left(&x, weights) < INDEPENDENT {
        let mut found = least_squares(&y, &x, Constant::None, weights)?;
        let mut place = 0;
        x.retain(|_| {
            place += 1;
            found.kept.binary_search(&(place - 1)).is_ok()
        });
        renumber(&mut found.kept, &mut found.dropped, &columns);
        (kept, dropped) = (found.kept, found.dropped);
    }
    dropped.extend(absorbed.into_iter().map(|column| Collinear {
        column,
        with: Vec::new(),
    }));
    dropped.sort_by_key(|c| c.column);
    Ok(Regressors {
        x,
        places: kept,
        dropped,
        rank: Some(rank),
        effects: Effects {
            now: Some(absorber),
        },
        first,
    })
}

/// The smallest share of a column's squared norm that those before it leave, as far as cross-products tell it.
fn share_left(x: &[Vec<f64>], weights: Option<&[f64]>) -> f64 {
    let products = match weights {
        None => cross_products(x, &[]),
        Some(weights) => {
            let columns: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
            weighted_products(&columns, weights)
        }
    };
    factor(&products, x.len(), x.len()).map_or(0.0, |(_, left)| left)
}

fn constant(design: &Design) -> Constant<'static> {
    if design.constant {
        Constant::Ones
    } else {
        Constant::None
    }
}

fn maximise(design: &Design, family: Family) -> Result<Estimation, Error> {
    check_outcome(design, family)?;
    let mut rows = Rows::new(family, &design.y, design.weights.as_deref());
    let start = regressors(design, Some(&rows))?;
    climb(design, family, &mut rows, start).map_err(|stopped| match stopped {
        Error::NoConvergence { .. } | Error::Absorb(_) => {
            separation::reason(design, family, &rows).unwrap_or(stopped)
        }
        other => other,
    })
}

/// Newton's steps from the first predictors to the maximum.
fn climb(
    design: &Design,
    family: Family,
    rows: &mut Rows<'_>,
    start: Regressors,
) -> Result<Estimation, Error> {
    let Regressors {
        mut x,
        places,
        dropped,
        rank,
        mut effects,
        mut first,
    } = start;
    let with_effects = !design.effects.is_empty();
    let why = if with_effects {
        let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
        format!("the effects {} absorb it", names.join(", "))
    } else {
        "it does not vary".to_owned()
    };
    let mut notes = collinear_notes_by(design, &dropped, |place| {
        let column = &design.x[place];
        if column.iter().all(|value| *value == column[0]) {
            // As after separation, where all rows that told it apart are gone.
            "it does not vary".to_owned()
        } else {
            why.clone()
        }
    })?;
    if family == Family::Logit && with_effects {
        notes.push(Note::new(
            "logit",
            "effects are estimated as dummies (unconditional logit): with few rows a level the coefficients are too large in size by about rows / (rows - 1), the incidental-parameters bias",
        ));
    }

    let margins = Margins::new(design);
    let mut coefficients = vec![0.0; x.len()];
    let (mut moved, mut ratio) = (f64::INFINITY, 1.0f64);
    let mut asked = false;
    for step in 1..=STEPS {
        let mut tolerance = TOLERANCE;
        let (outcome, solved, change) = if with_effects {
            let outcome = match first.take() {
                Some(outcome) => {
                    tolerance = BEGINNING;
                    outcome
                }
                None => {
                    // The change falls by more each time than the time before.
                    tolerance = (SHARE * moved * ratio.powi(3)).clamp(TOLERANCE, LOOSE);
                    let mut columns = std::mem::take(&mut x);
                    // The first predictor is no combination of effects and regressors; later ones are.
                    columns.push(rows.working(false));
                    let weights = by_row(design.n(), |row| rows.weights()[row]);
                    effects.partial_out(design, weights, tolerance, &mut columns)?;
                    let outcome = columns.pop().unwrap_or_default();
                    x = columns;
                    outcome
                }
            };
            let change = coefficients_by_normal_equations(&outcome, &x, rows.weights());
            let change = change.ok_or_else(|| no_convergence(family, step))?;
            rows.advance(&outcome, &x, &change);
            (outcome, None, change)
        } else {
            let outcome = rows.working(true);
            let solution = least_squares(&outcome, &x, constant(design), Some(rows.weights()))?;
            if !solution.dropped.is_empty() && step > 1 && !asked {
                // The weights of rows that told regressors apart are gone.
                separation::reason(design, family, rows).map_or(Ok(()), Err)?;
                asked = true;
            }
            rows.advance(&solution.residuals, &[], &[]);
            (outcome, Some(solution), Vec::new())
        };
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            if step == 1 || rows.does_not_rise() {
                break;
            }
            share *= 0.5;
            rows.halve();
        }
        if !rows.next.deviance.is_finite() {
            break;
        }
        if family == Family::Logit && rows.next.deviance <= PREDICTED * rows.mass {
            separation::reason(design, family, rows).map_or(Ok(()), Err)?;
        }
        let change_before = std::mem::replace(&mut moved, rows.moved());
        if change_before.is_finite() {
            ratio = (moved / change_before).min(1.0);
        }
        let done = share == 1.0 && moved <= CONVERGED && tolerance <= TOLERANCE;
        if !done {
            for (b, change) in coefficients.iter_mut().zip(&change) {
                *b += share * change;
            }
            rows.balance(&margins);
            rows.accept();
            continue;
        }
        separation::check(design, family, rows)?;
        let mut solution = match solved {
            Some(solution) => solution,
            None => {
                // The whole outcome less its effects: what was partialled out and what was known of it.
                let mut columns: Vec<(f64, &[f64])> = vec![(1.0, &outcome)];
                columns.extend(coefficients.iter().zip(&x).map(|(b, x)| (*b, &x[..])));
                let whole = combination(&columns);
                drop(outcome);
                least_squares_owned(whole, x, Some(rows.weights()))?
            }
        };
        solution.kept = solution.kept.iter().map(|&c| places[c]).collect();
        let told = rows.finish();
        solution.residuals = told.residuals.into();
        solution.rss = told.rss;
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
            tss: told.tss,
            centred: true,
            tss_within: None,
            loglik: Some(told.saturated - 0.5 * told.deviance),
            components: None,
            extra: Extra::Likelihood(Box::new(Likelihood {
                deviance: told.deviance,
                null: told.null,
                steps: step,
            })),
            notes,
            solution,
        });
    }
    Err(no_convergence(family, STEPS))
}

fn no_convergence(family: Family, iterations: usize) -> Error {
    Error::NoConvergence {
        what: format!("the {} estimator", name(family)),
        iterations,
    }
}

fn name(family: Family) -> &'static str {
    match family {
        Family::Poisson => "poisson",
        Family::Logit => "logit",
    }
}

/// Coefficients of a weighted regression on a few columns, by its normal equations scaled to unit diagonal.
fn coefficients_by_normal_equations(
    outcome: &[f64],
    x: &[Vec<f64>],
    weights: &[f64],
) -> Option<Vec<f64>> {
    let k = x.len();
    if k == 0 {
        return Some(Vec::new());
    }
    let columns: Vec<&[f64]> = x.iter().map(Vec::as_slice).chain([outcome]).collect();
    let products = weighted_products(&columns, weights);
    let width = k + 1;
    let scale: Vec<f64> = (0..k).map(|i| products[i * width + i].sqrt()).collect();
    let (mut matrix, mut right) = (vec![0.0; k * k], vec![0.0; k]);
    for i in 0..k {
        right[i] = products[k * width + i] / scale[i];
        for j in 0..k {
            matrix[i * k + j] = products[i.max(j) * width + i.min(j)] / (scale[i] * scale[j]);
        }
    }
    let coefficients = small::solve(&matrix, &right, k, 1)?;
    Some(
        coefficients
            .iter()
            .zip(&scale)
            .map(|(b, s)| b / s)
            .collect(),
    )
}
