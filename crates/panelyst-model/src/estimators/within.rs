//! Least squares after all effects were partialled out (Frisch and Waugh 1933; Lovell 1963).

use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::least_squares::{ROUNDING, TOLERANCE};
use crate::linear::sums::{dot, weighted_square};
use crate::linear::{Collinear, LeastSquares, least_squares_owned};
use crate::request::Estimator;
use panelyst_absorb::{Absorber, ColumnSize, Effect, EffectRank, FixedEffects, Options};

/// Outcome and regressors without their effects.
#[derive(Clone, Debug)]
pub struct Within {
    /// Outcome.
    pub y: Vec<f64>,
    /// Regressors that the effects do not absorb.
    pub x: Vec<Vec<f64>>,
    /// Their places among the regressors of the design.
    pub columns: Vec<usize>,
    /// Regressors that the effects absorb.
    pub absorbed: Vec<usize>,
    /// Rank of the effects.
    pub rank: EffectRank,
    /// Weighted sum of squares of the outcome around its mean, before the effects were removed.
    pub tss: f64,
}

/// Removes all effects of a design from its outcome and regressors.
///
/// A regressor is absorbed when what is left of it is at most 1e-9 of its norm around its mean (1e-13 of its raw norm
/// for one that hardly varies); where effects are removed by iteration, at most 100 times the remaining imbalance.
///
/// # Errors
/// Those of the absorber, and an outcome that the effects absorb.
pub fn within_columns(design: &Design) -> Result<Within, Error> {
    let effects: Vec<&Effect> = design.effects.iter().map(|(_, effect)| effect).collect();
    let absorber = FixedEffects::of(&effects, design.weights.clone(), Options::default())?;
    let spans_mean = design.effects.iter().any(|(_, e)| e.intercept);
    let columns: Vec<&[f64]> = std::iter::once(&design.y)
        .chain(&design.x)
        .map(|column| &column[..])
        .collect();
    let (columns, done) = absorber.residuals(&columns)?;
    let tolerance = TOLERANCE.max(
        100.0
            * if done.iterations > 0 {
                done.residual
            } else {
                0.0
            },
    );
    let mut columns = columns.into_iter().zip(done.columns);
    let (y, met) = columns.next().unwrap_or_default();
    let gone = |met: &ColumnSize| {
        let whole = if spans_mean { met.centred } else { met.raw };
        met.left <= tolerance * whole || met.left <= ROUNDING * met.raw
    };
    if gone(&met) {
        let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
        return Err(Error::NoVariation {
            outcome: design.outcome.clone(),
            why: format!(
                "does not vary once the effects {} are removed",
                names.join(", ")
            ),
        });
    }
    let mut out = Within {
        y,
        x: Vec::new(),
        columns: Vec::new(),
        absorbed: Vec::new(),
        rank: absorber.rank(),
        tss: met.centred.powi(2),
    };
    for (index, (column, met)) in columns.enumerate() {
        if gone(&met) {
            out.absorbed.push(index);
        } else {
            out.columns.push(index);
            out.x.push(column);
        }
    }
    Ok(out)
}

/// Fixed-effects least squares of a design.
///
/// # Errors
/// Those of the absorber, an outcome that the effects absorb, every regressor dropped.
pub fn within(design: &Design) -> Result<Estimation, Error> {
    let weights = design.weights.as_deref();
    let Within {
        y,
        x,
        columns,
        absorbed,
        rank,
        tss,
    } = within_columns(design)?;
    let tss_within = match weights {
        None => dot(&y, &y),
        Some(w) => weighted_square(&y, w),
    };
    let solution = least_squares_owned(y, x, weights)?;
    let dropped = (&columns[..], absorbed);
    assemble_within(design, (solution, tss_within), dropped, rank, tss)
}

/// The estimation of a design from the regression without effects, with the outcome's sum of squares there, the places
/// of the columns in it and of those that the effects absorb, and the outcome's sum of squares with its effects.
///
/// # Errors
/// Every regressor dropped.
pub(crate) fn assemble_within(
    design: &Design,
    (mut solution, tss_within): (LeastSquares, f64),
    (columns, absorbed): (&[usize], Vec<usize>),
    rank: EffectRank,
    tss: f64,
) -> Result<Estimation, Error> {
    renumber(&mut solution.kept, &mut solution.dropped, columns);
    let mut dropped = solution.dropped.clone();
    dropped.extend(absorbed.into_iter().map(|column| Collinear {
        column,
        with: Vec::new(),
    }));
    dropped.sort_by_key(|c| c.column);
    let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
    let why = format!("the effects {} absorb it", names.join(", "));
    let notes = collinear_notes(design, &dropped, &why)?;
    Ok(Estimation {
        estimator: Estimator::Within,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank: Some(rank),
        tss,
        centred: true,
        tss_within: Some(tss_within),
        loglik: gaussian_loglik(design.n(), solution.rss, design.weights.as_deref()),
        extra: Extra::None,
        components: None,
        notes,
        solution,
    })
}

/// Places among the columns that were left to places among all.
pub(super) fn renumber(kept: &mut [usize], dropped: &mut [Collinear], columns: &[usize]) {
    for k in kept {
        *k = columns[*k];
    }
    for d in dropped {
        d.column = columns[d.column];
        for w in &mut d.with {
            *w = columns[*w];
        }
    }
}
