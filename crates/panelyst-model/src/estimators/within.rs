//! Least squares after all effects were partialled out (Frisch and Waugh 1933; Lovell 1963).

use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::least_squares::{ROUNDING, TOLERANCE};
use crate::linear::sums::{dot, weighted_square};
use crate::linear::{Collinear, LeastSquares, least_squares_of_remainder, least_squares_owned};
use crate::request::Estimator;
use panelyst_absorb::{
    Absorbed, Absorber, ColumnSize, Effect, EffectRank, FixedEffects, Options, Remainder,
};
use std::sync::Arc;

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

/// What effects left of the columns of a design.
struct Left {
    /// Regressors that the effects do not absorb, by place.
    columns: Vec<usize>,
    /// Those that they absorb.
    absorbed: Vec<usize>,
    /// Weighted sum of squares of the outcome around its mean.
    tss: f64,
}

impl Left {
    /// Judges by the norms of the outcome and of the regressors, in this order.
    ///
    /// A regressor is absorbed when what is left of it is at most 1e-9 of its norm around its mean (1e-13 of its raw norm
    /// for one that hardly varies); where effects are removed by iteration, at most 100 times the remaining imbalance.
    fn new(design: &Design, done: &Absorbed) -> Result<Self, Error> {
        let spans_mean = design.effects.iter().any(|(_, e)| e.intercept);
        let imbalance = if done.iterations > 0 {
            done.residual
        } else {
            0.0
        };
        let tolerance = TOLERANCE.max(100.0 * imbalance);
        let gone = |met: &ColumnSize| {
            let whole = if spans_mean { met.centred } else { met.raw };
            met.left <= tolerance * whole || met.left <= ROUNDING * met.raw
        };
        let Some((outcome, regressors)) = done.columns.split_first() else {
            return Err(Error::Length {
                what: "the outcome".to_owned(),
                expected: 1,
                got: 0,
            });
        };
        if gone(outcome) {
            return Err(Error::NoVariation {
                outcome: design.outcome.clone(),
                why: format!(
                    "does not vary once the effects {} are removed",
                    effect_names(design)
                ),
            });
        }
        let (absorbed, columns) = (0..regressors.len()).partition(|&j| gone(&regressors[j]));
        Ok(Self {
            columns,
            absorbed,
            tss: outcome.centred.powi(2),
        })
    }
}

/// Names of the effects, for messages.
fn effect_names(design: &Design) -> String {
    let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
    names.join(", ")
}

/// What removes the effects of a design.
///
/// # Errors
/// Those of the absorber.
pub(super) fn absorber(design: &Design) -> Result<FixedEffects, Error> {
    weighted_absorber(design, design.weights.as_deref())
}

/// As [`absorber`] under other weights than the design's.
///
/// # Errors
/// Those of the absorber.
pub(super) fn weighted_absorber(
    design: &Design,
    weights: Option<&[f64]>,
) -> Result<FixedEffects, Error> {
    let effects: Vec<&Effect> = design.effects.iter().map(|(_, effect)| effect).collect();
    let weights = weights.map(<[f64]>::to_vec);
    Ok(FixedEffects::of(&effects, weights, Options::default())?)
}

/// Removes all effects of a design from its outcome and regressors.
///
/// # Errors
/// Those of the absorber, and an outcome that the effects absorb.
pub fn within_columns(design: &Design) -> Result<Within, Error> {
    within_columns_by(design, &absorber(design)?)
}

/// As [`within_columns`], by an absorber of the design.
///
/// # Errors
/// As [`within_columns`].
pub(super) fn within_columns_by(design: &Design, absorber: &FixedEffects) -> Result<Within, Error> {
    let own = std::iter::once(&design.y).chain(&design.x);
    let columns: Vec<&[f64]> = own.map(|column| &column[..]).collect();
    let (columns, done) = absorber.residuals(&columns)?;
    let left = Left::new(design, &done)?;
    Ok(Within::new(left, columns, absorber.rank()))
}

/// As [`within_columns`], by an absorber of the design, beside which it removes the effects from one more column.
///
/// Effects are removed to the absorber's tolerance where every column keeps more than `sure` of its norm, so that none can be
/// absorbed, and `independent` has nothing to say against the regressors that are left; else to `tight`. Whether the former was
/// enough comes back with the columns.
///
/// # Errors
/// As [`within_columns`].
pub(super) fn within_columns_loosely(
    design: &Design,
    absorber: &mut FixedEffects,
    more: &[f64],
    (sure, tight): (f64, f64),
    independent: impl Fn(&[Vec<f64>]) -> bool,
) -> Result<(Within, Vec<f64>, bool), Error> {
    let own = std::iter::once(&design.y).chain(&design.x);
    let columns: Vec<&[f64]> = own.map(|column| &column[..]).chain([more]).collect();
    let (mut columns, mut done) = absorber.residuals(&columns)?;
    let keeps = |met: &ColumnSize| met.left > sure * met.centred;
    let own = columns.len() - 1;
    let enough = done.columns[..own].iter().all(keeps) && independent(&columns[1..own]);
    if enough {
        // None is absorbed, whatever imbalance is left.
        done.residual = 0.0;
    } else {
        absorber.set_tolerance(tight)?;
        let again = absorber.residualize(&mut columns)?;
        for (met, again) in done.columns.iter_mut().zip(&again.columns) {
            met.left = again.left;
        }
        (done.iterations, done.residual) = (again.iterations, again.residual);
    }
    let more = columns.pop().unwrap_or_default();
    done.columns.truncate(columns.len());
    let left = Left::new(design, &done)?;
    Ok((Within::new(left, columns, absorber.rank()), more, enough))
}

impl Within {
    /// Outcome and regressors as they are left.
    fn new(left: Left, columns: Vec<Vec<f64>>, rank: EffectRank) -> Self {
        let mut columns = columns.into_iter();
        let y = columns.next().unwrap_or_default();
        let regressors = columns.enumerate();
        let x = regressors.filter(|(j, _)| left.columns.binary_search(j).is_ok());
        Self {
            y,
            x: x.map(|(_, column)| column).collect(),
            columns: left.columns,
            absorbed: left.absorbed,
            rank,
            tss: left.tss,
        }
    }
}

/// Fixed-effects least squares of a design.
///
/// # Errors
/// Those of the absorber, an outcome that the effects absorb, every regressor dropped.
pub fn within(design: &Design) -> Result<Estimation, Error> {
    if design.n() >= TILED
        && let Some(estimation) = tiled(design)?
    {
        return Ok(estimation);
    }
    from_columns(design, within_columns(design)?)
}

/// With fewer rows columns are kept as they are left.
const TILED: usize = 32_768;

/// As [`within`] without keeping what is left of any column; `None` for effects with slopes.
fn tiled(design: &Design) -> Result<Option<Estimation>, Error> {
    let Some(of) = remainder(design)? else {
        return Ok(None);
    };
    let regressors: Vec<usize> = (1..of.width()).collect();
    within_of(design, &of, (0, &regressors)).map(Some)
}

/// What the effects of a design leave of its outcome and regressors; `None` for effects with slopes.
///
/// # Errors
/// Those of the absorber.
pub(crate) fn remainder(design: &Design) -> Result<Option<Arc<Remainder>>, Error> {
    let mut effects = design.effects.iter().map(|(_, effect)| effect);
    if !effects.all(Effect::is_plain) {
        return Ok(None);
    }
    let absorber = absorber(design)?;
    let columns: Vec<_> = std::iter::once(&design.y)
        .chain(&design.x)
        .cloned()
        .collect();
    let of = absorber.remainder(&columns)?;
    Ok(of.map(Arc::new))
}

/// What effects leave of the columns of a design, not made yet: the outcome first, then all regressors.
pub(super) struct Tiles {
    pub(super) of: Arc<Remainder>,
    /// Regressors that the effects do not absorb, by place.
    pub(super) columns: Vec<usize>,
    /// Those that they absorb.
    pub(super) absorbed: Vec<usize>,
    /// Weighted sum of squares of the outcome around its mean.
    pub(super) tss: f64,
}

/// What the effects of a design leave of its columns, where rows are many; `None` for few rows and effects with slopes.
///
/// # Errors
/// Those of the absorber, and an outcome that the effects absorb.
pub(super) fn tiles(design: &Design) -> Result<Option<Tiles>, Error> {
    if design.n() < TILED || design.effects.is_empty() {
        return Ok(None);
    }
    let Some(of) = remainder(design)? else {
        return Ok(None);
    };
    let left = Left::new(design, of.absorbed())?;
    Ok(Some(Tiles {
        of,
        columns: left.columns,
        absorbed: left.absorbed,
        tss: left.tss,
    }))
}

/// Fixed-effects least squares of one column of a remainder on others, by place; a design says how they are called.
///
/// # Errors
/// An outcome that the effects absorb, every regressor dropped.
pub(crate) fn within_of(
    design: &Design,
    of: &Arc<Remainder>,
    (outcome, regressors): (usize, &[usize]),
) -> Result<Estimation, Error> {
    let all = of.absorbed();
    let own = std::iter::once(outcome).chain(regressors.iter().copied());
    let told = Absorbed {
        columns: own.map(|column| all.columns[column]).collect(),
        ..all.clone()
    };
    let left = Left::new(design, &told)?;
    let places: Vec<usize> = left.columns.iter().map(|&j| regressors[j]).collect();
    if of.rows() >= TILED {
        let weights = design.weights.as_deref();
        if let Some(solution) = least_squares_of_remainder(of, outcome, &places, weights) {
            let tss_within = of.products()[outcome * of.width() + outcome];
            return assemble(design, solution, left, of.rank(), tss_within);
        }
    }
    let made = |column: usize| {
        let mut only = vec![0.0; of.width()];
        only[column] = 1.0;
        of.combine(&only)
    };
    let within = Within {
        y: made(outcome),
        x: places.into_iter().map(made).collect(),
        columns: left.columns,
        absorbed: left.absorbed,
        rank: of.rank(),
        tss: left.tss,
    };
    from_columns(design, within)
}

/// Least squares of what is left.
fn from_columns(design: &Design, within: Within) -> Result<Estimation, Error> {
    let weights = design.weights.as_deref();
    let tss_within = match weights {
        None => dot(&within.y, &within.y),
        Some(w) => weighted_square(&within.y, w),
    };
    let left = Left {
        columns: within.columns,
        absorbed: within.absorbed,
        tss: within.tss,
    };
    let solution = least_squares_owned(within.y, within.x, weights)?;
    assemble(design, solution, left, within.rank, tss_within)
}

fn assemble(
    design: &Design,
    mut solution: LeastSquares,
    left: Left,
    rank: EffectRank,
    tss_within: f64,
) -> Result<Estimation, Error> {
    renumber(&mut solution.kept, &mut solution.dropped, &left.columns);
    let mut dropped = solution.dropped.clone();
    dropped.extend(left.absorbed.into_iter().map(|column| Collinear {
        column,
        with: Vec::new(),
    }));
    dropped.sort_by_key(|c| c.column);
    let why = format!("the effects {} absorb it", effect_names(design));
    let notes = collinear_notes(design, &dropped, &why)?;
    Ok(Estimation {
        estimator: Estimator::Within,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank: Some(rank),
        tss: left.tss,
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
