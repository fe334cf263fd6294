//! The fast absorber: which engine removes which effects.

use crate::Error;
use crate::absorber::{Absorbed, Absorber, Effect, EffectRank};
use crate::basis::{check_column, first_without, largest};
use crate::intercepts::{Intercepts, Remainder};
use crate::memory::keep_freed;
use crate::rank;
use crate::slopes::Slopes;
use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

/// How exactly and how long effects are absorbed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Largest level sum that may remain, relative to the norm of the residualised column, and for the iteration the
    /// error of the residualised column relative to its norm; between 0 and 1.
    pub tolerance: f64,
    /// Iterations of conjugate gradients at most, for each round of refinement.
    pub max_iterations: usize,
    /// With at most this many columns of dummies outside the largest effect the solution is direct.
    pub dense_limit: usize,
    /// How more columns than that are solved for, where they are dummies of levels.
    pub method: SparseMethod,
}

/// Ways to solve for the effects beside the largest one where they are many. All give the same numbers to the tolerance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SparseMethod {
    /// As the sizes suggest.
    #[default]
    Chosen,
    /// The graph of the largest of these effects, factored exactly.
    Exact,
    /// Iterating on that graph, preconditioned by an approximate factor.
    Sampled,
    /// Iterating on the cells of that effect and the largest one.
    Cells,
    /// Iterating on the rows.
    Rows,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tolerance: 1e-12,
            max_iterations: 10_000,
            dense_limit: 512,
            method: SparseMethod::Chosen,
        }
    }
}

/// Any number of effects, with slopes and weights, prepared to be removed from columns.
#[derive(Debug)]
pub struct FixedEffects {
    engine: Engine,
    /// Power of two the weights were multiplied by.
    scale: f64,
    options: Options,
}

#[derive(Debug)]
enum Engine {
    Intercepts(Box<Intercepts>),
    Slopes(Box<Slopes>),
}

impl FixedEffects {
    /// Checks and prepares effects for a fixed set of rows; `weights` are one positive finite value a row.
    ///
    /// Rows are sorted by the effect with most levels; the equations of the others are factored where they are few or
    /// sparse.
    ///
    /// # Errors
    /// No effect, no row, vectors of different lengths, codes outside their levels, levels without rows, slopes or
    /// weights that are not finite, weights that are not positive, options out of range.
    pub fn new(
        effects: Vec<Effect>,
        weights: Option<Vec<f64>>,
        options: Options,
    ) -> Result<Self, Error> {
        Self::of(&effects.iter().collect::<Vec<_>>(), weights, options)
    }

    /// As [`FixedEffects::new`], of effects that stay with the caller.
    ///
    /// # Errors
    /// As [`FixedEffects::new`].
    pub fn of(
        effects: &[&Effect],
        weights: Option<Vec<f64>>,
        options: Options,
    ) -> Result<Self, Error> {
        check(effects, weights.as_deref(), &options)?;
        keep_freed(effects.first().map_or(0, |effect| effect.codes.len()));
        let plain = effects.iter().all(|effect| effect.is_plain());
        let (weights, scale) = match weights.map(tame) {
            Some((weights, scale)) => (Some(weights), scale),
            None => (None, 1.0),
        };
        let engine = if plain {
            Engine::Intercepts(Box::new(Intercepts::new(effects, weights, options)?))
        } else {
            Engine::Slopes(Box::new(Slopes::new(
                effects.iter().map(|&e| e.clone()).collect(),
                weights,
                options,
            )?))
        };
        Ok(Self {
            engine,
            scale,
            options,
        })
    }

    /// The same effects under other weights (one positive finite value a row), without sorting again.
    ///
    /// # Errors
    /// Weights of another length, not finite or not positive.
    pub fn reweighted(self, weights: Vec<f64>) -> Result<Self, Error> {
        check_weights(&weights, self.rows())?;
        let (weights, scale) = tame(weights);
        let engine = match self.engine {
            Engine::Intercepts(own) => Engine::Intercepts(Box::new(own.reweighted(weights)?)),
            Engine::Slopes(own) => Engine::Slopes(Box::new(own.reweighted(weights)?)),
        };
        Ok(Self {
            engine,
            scale,
            options: self.options,
        })
    }

    /// Takes another tolerance for the columns to come (see [`Options::tolerance`]).
    ///
    /// # Errors
    /// A tolerance that is not between 0 and 1.
    pub fn set_tolerance(&mut self, tolerance: f64) -> Result<(), Error> {
        check_tolerance(tolerance)?;
        self.options.tolerance = tolerance;
        match &mut self.engine {
            Engine::Intercepts(own) => own.set_tolerance(tolerance),
            Engine::Slopes(own) => own.set_tolerance(tolerance),
        }
        Ok(())
    }

    /// Whether the effects are removed without iterating.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        match &self.engine {
            Engine::Intercepts(own) => own.is_direct(),
            Engine::Slopes(own) => own.is_direct(),
        }
    }

    /// Rank by a pivoted factorisation, which also finds redundancy that pairs of effects do not show.
    ///
    /// `None` when the columns of dummies outside the largest effect are more than `limit`; the work is cubic in them.
    #[must_use]
    pub fn exact_rank(&self, limit: usize) -> Option<EffectRank> {
        match &self.engine {
            Engine::Slopes(own) => own.exact_rank(limit),
            Engine::Intercepts(own) => {
                let pairs = own.rank();
                if pairs.exact {
                    return Some(pairs);
                }
                let bases = own.bases().ok()?;
                rank::exact(&bases, own.weights(), limit)
            }
        }
    }

    /// Residuals of columns from the effects, one value a row.
    ///
    /// # Errors
    /// As [`Absorber::residualize`].
    pub fn residuals(&self, columns: &[&[f64]]) -> Result<(Vec<Vec<f64>>, Absorbed), Error> {
        self.check_columns(columns)?;
        match &self.engine {
            Engine::Intercepts(own) => {
                let (columns, told) = own.residuals(columns)?;
                let columns = columns.into_iter().map(|c| own.by_row(c)).collect();
                Ok((columns, untame(told, self.scale)))
            }
            Engine::Slopes(own) => {
                let mut out: Vec<Vec<f64>> = columns.iter().map(|c| c.to_vec()).collect();
                let told = own.residualize(&mut out)?;
                Ok((out, untame(told, self.scale)))
            }
        }
    }

    /// What the effects leave of columns, made anew whenever it is looked at; `None` for effects with slopes, which are not
    /// removed that way. The columns are shared, not copied, where rows stand in the order of the largest effect.
    ///
    /// # Errors
    /// As [`Absorber::residualize`].
    pub fn remainder(self, columns: &[ScalarBuffer<f64>]) -> Result<Option<Remainder>, Error> {
        let rows = self.rows();
        for (index, column) in columns.iter().enumerate() {
            if column.len() != rows {
                return Err(Error::Length {
                    what: format!("column {index}"),
                    expected: rows,
                    got: column.len(),
                });
            }
        }
        match self.engine {
            Engine::Slopes(_) => Ok(None),
            Engine::Intercepts(_) if columns.is_empty() => Ok(None),
            Engine::Intercepts(own) => {
                let mut out = Remainder::new(own, columns, self.scale)?;
                let told = out.absorbed_mut();
                *told = untame(std::mem::take(told), self.scale);
                Ok(Some(out))
            }
        }
    }

    fn check_columns(&self, columns: &[&[f64]]) -> Result<(), Error> {
        for (index, column) in columns.iter().enumerate() {
            check_column(&format!("column {index}"), column, self.rows())?;
        }
        Ok(())
    }
}

impl Absorber for FixedEffects {
    fn rows(&self) -> usize {
        match &self.engine {
            Engine::Intercepts(own) => own.rows(),
            Engine::Slopes(own) => own.rows(),
        }
    }

    /// As the trait says; after an error of convergence the columns hold intermediate values.
    fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.check_columns(&views)?;
        let told = match &self.engine {
            Engine::Intercepts(own) => own.residualize(columns),
            Engine::Slopes(own) => own.residualize(columns),
        }?;
        Ok(untame(told, self.scale))
    }

    fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        check_column("column 0", column, self.rows())?;
        match &self.engine {
            Engine::Intercepts(own) => own.coefficients(column),
            Engine::Slopes(own) => own.coefficients(column),
        }
    }

    fn rank(&self) -> EffectRank {
        match &self.engine {
            Engine::Intercepts(own) => own.rank(),
            Engine::Slopes(own) => own.rank(),
        }
    }

    fn leverages(&self) -> Result<Vec<f64>, Error> {
        match &self.engine {
            Engine::Intercepts(own) => own.leverages(),
            Engine::Slopes(own) => own.leverages(),
        }
    }
}

/// Weights times an even power of two that brings the largest near one, and that power.
fn tame(mut weights: Vec<f64>) -> (Vec<f64>, f64) {
    let high = largest(&weights);
    let exponent = (-(high.log2().floor() as i32)).clamp(-1022, 1022);
    let scale = 2f64.powi(exponent / 2 * 2);
    if scale != 1.0 {
        weights
            .par_iter_mut()
            .with_min_len(1 << 14)
            .for_each(|weight| *weight *= scale);
    }
    (weights, scale)
}

/// Norms under the weights as they were given.
fn untame(mut told: Absorbed, scale: f64) -> Absorbed {
    let root = scale.sqrt();
    for size in &mut told.columns {
        size.raw /= root;
        size.centred /= root;
        size.left /= root;
    }
    told
}

/// Checks what is common to all effects and returns the number of rows.
fn check(effects: &[&Effect], weights: Option<&[f64]>, options: &Options) -> Result<usize, Error> {
    let Some(first) = effects.first() else {
        return Err(Error::NoEffect);
    };
    let rows = first.codes.len();
    if rows == 0 {
        return Err(Error::NoRows);
    }
    let limit = u32::MAX as usize / 2;
    let columns = effects
        .iter()
        .map(|effect| effect.levels.saturating_mul(1 + effect.slopes.len()))
        .fold(0, usize::saturating_add);
    for (what, got) in [("rows", rows), ("columns of effects", columns)] {
        if got > limit {
            return Err(Error::TooLarge {
                what: what.into(),
                got,
                limit,
            });
        }
    }
    check_tolerance(options.tolerance)?;
    if let Some(weights) = weights {
        check_weights(weights, rows)?;
    }
    Ok(rows)
}

fn check_tolerance(tolerance: f64) -> Result<(), Error> {
    if tolerance > 0.0 && tolerance < 1.0 {
        return Ok(());
    }
    Err(Error::Setting {
        name: "tolerance".into(),
        expected: "between 0 and 1".into(),
        got: tolerance,
    })
}

/// Checks that weights are positive and finite, one a row.
pub(crate) fn check_weights(weights: &[f64], rows: usize) -> Result<(), Error> {
    if weights.len() == rows && first_without(weights, |w| w > 0.0 && w.is_finite()).is_none() {
        return Ok(());
    }
    check_column("weights", weights, rows)?;
    match first_without(weights, |weight| weight > 0.0) {
        Some(row) => Err(Error::Weight {
            row,
            value: weights[row],
        }),
        None => Ok(()),
    }
}
