//! Effects that are intercepts only: the leading effect by group means, the others by their normal equations.
//!
//! A first scan demeans every column by the leading effect and sums what is left by the levels of the others. The normal
//! equations of the others, with the leading effect eliminated, are solved without touching rows: factored where they
//! are few or sparse, by preconditioned conjugate gradients otherwise. A second scan subtracts, demeans and sums again:
//! what remains is checked, and solved for again where it is more than rounding. No scan writes a column: what is left
//! of one is made tile by tile, from the column as given, whenever it is looked at.

mod absorb;
mod blocks;
mod border;
mod cells;
mod conjugate;
mod dense;
mod graph;
mod laplacian;
mod large;
mod layout;
mod levels;
mod passes;
mod preconditioner;
mod remainder;
mod sampled;
mod sparse;
mod sweep;
mod tile;

use crate::Error;
use crate::absorber::{Absorbed, Effect, EffectRank};
use crate::basis::Basis;
use crate::fixed_effects::Options;
use crate::leverage::leverages;
use crate::scan::CHUNK_ROWS;
use dense::Dense;
use layout::Layout;
use rayon::prelude::*;
pub use remainder::{Remainder, Tile};
use sparse::Sparse;
use std::borrow::Cow;
use std::sync::OnceLock;
use sweep::masses;

/// Multiplications for each row, and in all, that forming a dense matrix may take before iterating is the better way.
const COST_A_ROW: f64 = 40.0;
const COST: f64 = 1e6;

/// Effects of intercepts, prepared.
#[derive(Debug)]
pub(crate) struct Intercepts {
    layout: Layout,
    /// Number of levels of each effect.
    levels: Vec<usize>,
    /// Weight of each unknown.
    mass: Vec<f64>,
    system: System,
    last_resort: OnceLock<Dense>,
    options: Options,
    rank: OnceLock<EffectRank>,
}

/// How the unknowns are solved for.
#[derive(Debug)]
enum System {
    /// There are none.
    Single,
    /// Factored as a dense matrix.
    Dense(Dense),
    /// As a graph, at once or by iteration.
    Sparse(Sparse),
}

impl Intercepts {
    /// Prepares effects without slopes. `weights` are positive and finite.
    pub(crate) fn new(
        effects: &[&Effect],
        weights: Option<Vec<f64>>,
        options: Options,
    ) -> Result<Self, Error> {
        let layout = Layout::new(effects, weights)?;
        let mut out = Self {
            layout,
            levels: effects.iter().map(|effect| effect.levels).collect(),
            mass: Vec::new(),
            system: System::Single,
            last_resort: OnceLock::new(),
            options,
            rank: OnceLock::new(),
        };
        out.weigh()?;
        out.system = out.factored();
        Ok(out)
    }

    /// Weighs the levels.
    fn weigh(&mut self) -> Result<(), Error> {
        let layout = &self.layout;
        if layout.rest.is_empty() {
            return Ok(());
        }
        self.mass = masses(layout);
        if let Some(unknown) = self.mass.iter().position(|&mass| mass == 0.0) {
            let position = layout.offsets.partition_point(|&offset| offset <= unknown) - 1;
            return Err(Error::UnusedLevel {
                effect: layout.rest[position],
                level: unknown - layout.offsets[position],
            });
        }
        Ok(())
    }

    /// The equations of the levels, ready to be solved.
    fn factored(&self) -> System {
        let layout = &self.layout;
        let all = 0..layout.rest.len();
        if all.is_empty() {
            return System::Single;
        }
        let cheap = layout.size() <= self.options.dense_limit
            && Dense::cost(layout, &all) <= COST_A_ROW * layout.rows as f64 + COST;
        if cheap {
            System::Dense(Dense::new(layout, &self.mass, all))
        } else {
            System::Sparse(Sparse::new(layout, &self.mass, &self.options))
        }
    }

    /// The same effects under other weights.
    pub(crate) fn reweighted(mut self, weights: Vec<f64>) -> Result<Self, Error> {
        self.layout.reweight(Some(weights));
        self.last_resort = OnceLock::new();
        self.weigh()?;
        let known = match &mut self.system {
            System::Sparse(sparse) => sparse.reweight(&self.layout, &self.mass),
            System::Single | System::Dense(_) => false,
        };
        if !known {
            self.system = self.factored();
        }
        Ok(self)
    }

    pub(crate) fn set_tolerance(&mut self, tolerance: f64) {
        self.options.tolerance = tolerance;
    }

    pub(crate) fn rows(&self) -> usize {
        self.layout.rows
    }

    pub(crate) fn is_direct(&self) -> bool {
        match &self.system {
            System::Single | System::Dense(_) => true,
            System::Sparse(sparse) => sparse.is_exact(),
        }
    }

    /// Residuals of columns, by place.
    pub(crate) fn residuals(&self, columns: &[&[f64]]) -> Result<(Vec<Vec<f64>>, Absorbed), Error> {
        if columns.is_empty() {
            return Ok((Vec::new(), Absorbed::default()));
        }
        let placed: Vec<Cow<'_, [f64]>> = columns.iter().map(|c| self.placed(c)).collect();
        let views: Vec<&[f64]> = placed.iter().map(AsRef::as_ref).collect();
        let (solution, told) = self.solve_for(&views, false)?;
        let mut out = vec![vec![0.0; self.rows()]; columns.len()];
        let targets = out.iter_mut().map(Vec::as_mut_slice).collect();
        solution.write(&self.layout, &views, targets);
        Ok((out, told))
    }

    /// Replaces columns by their residuals.
    pub(crate) fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        if self.layout.order.is_some() {
            let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let (residuals, told) = self.residuals(&views)?;
            for (column, residual) in columns.iter_mut().zip(residuals) {
                *column = self.by_row(residual);
            }
            return Ok(told);
        }
        if columns.is_empty() {
            return Ok(Absorbed::default());
        }
        self.solve_in_place(columns)
    }

    /// A column in the order of places.
    fn placed<'a>(&self, column: &'a [f64]) -> Cow<'a, [f64]> {
        match &self.layout.order {
            None => Cow::Borrowed(column),
            Some(_) => Cow::Owned(self.layout.in_order(column)),
        }
    }

    /// A column by place put in the order of the rows.
    pub(crate) fn by_row(&self, by_place: Vec<f64>) -> Vec<f64> {
        match &self.layout.places {
            None => by_place,
            Some(places) => places
                .par_iter()
                .with_min_len(CHUNK_ROWS)
                .map(|&place| by_place[place as usize])
                .collect(),
        }
    }

    /// The effects as general columns, rows in order of places.
    pub(crate) fn bases(&self) -> Result<Vec<Basis>, Error> {
        let levels = self.levels.iter().enumerate();
        levels
            .map(|(index, &levels)| {
                let effect = Effect {
                    codes: self.layout.codes(index),
                    levels,
                    intercept: true,
                    slopes: Vec::new(),
                };
                Basis::new(index, effect, self.rows(), self.weights())
            })
            .collect()
    }

    /// Leverage of each row.
    pub(crate) fn leverages(&self) -> Result<Vec<f64>, Error> {
        Ok(self.by_row(leverages(&self.bases()?, self.weights())?))
    }

    /// Weights in order of places.
    pub(crate) fn weights(&self) -> Option<&[f64]> {
        self.layout.weights.as_deref()
    }
}
