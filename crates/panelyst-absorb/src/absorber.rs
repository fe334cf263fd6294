//! The one seam between numerics and econometrics.
//!
//! Estimators see columns with their effects removed, coefficients of effects and degrees of freedom;
//! they never see how. Two implementations: the fast one, and explicit dummies for tests.

use crate::Error;
use arrow_buffer::ScalarBuffer;

/// One effect to absorb: a level for each row, and optionally a slope variable for each level.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Level of each row, `0..levels`, every level used. Shared, not copied, when the effect is cloned.
    pub codes: ScalarBuffer<u32>,
    /// Number of levels.
    pub levels: usize,
    /// Whether level intercepts are absorbed (false for slopes alone).
    pub intercept: bool,
    /// Slope variables, one value a row each.
    pub slopes: Vec<Vec<f64>>,
}

impl Effect {
    /// Whether it is an intercept for each level and nothing else.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.intercept && self.slopes.is_empty()
    }
}

/// What removing effects from columns told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Absorbed {
    /// Iterations of the slowest column; 0 for a direct solution.
    pub iterations: usize,
    /// Largest remaining level sum, relative to the column's norm.
    pub residual: f64,
    /// What was met of each column.
    pub columns: Vec<ColumnSize>,
}

/// Weighted norms of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ColumnSize {
    /// As given.
    pub raw: f64,
    /// Around its weighted mean.
    pub centred: f64,
    /// Of what the effects leave.
    pub left: f64,
}

impl Absorbed {
    /// Takes up what another block of columns told.
    pub(crate) fn append(&mut self, other: Self) {
        self.iterations = self.iterations.max(other.iterations);
        self.residual = self.residual.max(other.residual);
        self.columns.extend(other.columns);
    }
}

/// Rank of the absorbed effects, and what a small-sample rule needs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectRank {
    /// Number of dummy columns of each effect (levels, or levels x slopes).
    pub columns: Vec<usize>,
    /// Redundant columns of each effect given the earlier ones, as the rank is counted (first effect 0).
    pub redundant: Vec<usize>,
    /// Rank of all effects together: the sum of columns less the sum of redundant ones.
    pub rank: usize,
    /// Whether the rank is exact (one and two effects by connected components) or an upper bound.
    pub exact: bool,
}

/// Removes effects from columns of a fixed set of rows with fixed weights.
pub trait Absorber {
    /// Rows.
    fn rows(&self) -> usize;

    /// Replaces each column by its (weighted) residual from the effects.
    ///
    /// # Errors
    /// A column of another length or with a non-finite value, or no convergence to the tolerance.
    fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error>;

    /// Effect coefficients of one column: for each effect a vector of its dummy columns, levels fastest.
    /// Unidentified directions are set by giving the first level of every later component zero.
    ///
    /// # Errors
    /// As [`Absorber::residualize`].
    fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error>;

    /// Rank of the effects.
    fn rank(&self) -> EffectRank;

    /// Leverage of each row: the diagonal of the projection on all (root-weighted) dummy columns, between 0 and 1.
    ///
    /// # Errors
    /// [`Error::Leverage`] where the effects are too many to be solved for exactly.
    fn leverages(&self) -> Result<Vec<f64>, Error>;
}
