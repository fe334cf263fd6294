//! Least squares after all effects were partialled out (Frisch and Waugh 1933; Lovell 1963).

use super::{Estimation, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::least_squares::{ROUNDING, TOLERANCE};
use crate::linear::sums::{dot, mean, norm};
use crate::linear::{Collinear, Constant, least_squares};
use crate::request::Estimator;
use panelyst_absorb::{Absorber, EffectRank, FixedEffects, Options};

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
    let weights = design.weights.as_deref();
    let absorber = FixedEffects::new(
        design.effect_list(),
        design.weights.clone(),
        Options::default(),
    )?;
    within_by(design, &absorber, weights)
}

/// As [`within_columns`], with any absorber.
fn within_by(
    design: &Design,
    absorber: &dyn Absorber,
    weights: Option<&[f64]>,
) -> Result<Within, Error> {
    // Centred first, so that a large mean takes no digits from what varies.
    let spans_mean = design.effects.iter().any(|(_, e)| e.intercept);
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(design.x.len() + 1);
    let mut before = Vec::with_capacity(design.x.len() + 1);
    for column in std::iter::once(&design.y).chain(&design.x) {
        let centre = mean(column, weights);
        let centred: Vec<f64> = column.iter().map(|v| v - centre).collect();
        before.push((size(&centred, weights), size(column, weights)));
        columns.push(if spans_mean { centred } else { column.clone() });
    }
    let done = absorber.residualize(&mut columns)?;
    let tolerance = TOLERANCE.max(
        100.0
            * if done.iterations > 0 {
                done.residual
            } else {
                0.0
            },
    );
    let mut columns = columns.into_iter();
    let y = columns.next().unwrap_or_default();
    let gone = |left: f64, (centred, raw): (f64, f64)| {
        let whole = if spans_mean { centred } else { raw };
        left <= tolerance * whole || left <= ROUNDING * raw
    };
    if gone(size(&y, weights), before[0]) {
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
        tss: before[0].0.powi(2),
    };
    for (index, column) in columns.enumerate() {
        if gone(size(&column, weights), before[index + 1]) {
            out.absorbed.push(index);
        } else {
            out.columns.push(index);
            out.x.push(column);
        }
    }
    Ok(out)
}

/// Norm with weights.
fn size(column: &[f64], weights: Option<&[f64]>) -> f64 {
    match weights {
        None => norm(column),
        Some(w) => {
            let squares: Vec<f64> = column.iter().zip(w).map(|(v, w)| v * w.sqrt()).collect();
            norm(&squares)
        }
    }
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
    let mut solution = least_squares(&y, &x, Constant::None, weights)?;
    renumber(&mut solution.kept, &mut solution.dropped, &columns);
    let mut dropped = solution.dropped.clone();
    dropped.extend(absorbed.into_iter().map(|column| Collinear {
        column,
        with: Vec::new(),
    }));
    dropped.sort_by_key(|c| c.column);
    let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
    let why = format!("the effects {} absorb it", names.join(", "));
    let notes = collinear_notes(design, &dropped, &why)?;
    let tss_within = match weights {
        None => dot(&y, &y),
        Some(_) => size(&y, weights).powi(2),
    };
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
        loglik: gaussian_loglik(design.n(), solution.rss, weights),
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
