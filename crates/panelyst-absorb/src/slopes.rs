//! Effects of which at least one has slopes: accumulate, solve, apply.
//!
//! One scan of the rows sums every column by the levels of every effect. The normal equations of the effects are solved
//! in the space of levels. A second scan subtracts the effects, and sums again to check that what is left is orthogonal
//! to every level; where it is not, what remains is solved for again (iterative refinement), so that digits lost in the
//! normal equations come back.

use crate::Error;
use crate::absorber::{Absorbed, ColumnSize, Effect, EffectRank};
use crate::basis::{Basis, largest, safe_scale};
use crate::components::components;
use crate::fixed_effects::Options;
use crate::gradients::Limits;
use crate::leverage;
use crate::rank;
use crate::scan::{CHUNK_ROWS, total};
use crate::solver::{Solver, first_levels};
use rayon::prelude::*;

/// Columns that share one pass over codes, so that sums by level stay small.
const COLUMN_BLOCK: usize = 8;

/// Rounds of refinement at most.
const ROUNDS: usize = 30;

/// A column whose residual is this small beside it is absorbed: what is left is rounding.
const ABSORBED: f64 = 1e-13;

/// Level sums below this share of the column's norm cannot be told from rounding.
const ROUNDING: f64 = 1e-13;

/// A correction that no longer shrinks is rounding when it is this small beside the column that is left, or when the
/// column that is left is this small itself: rounding in the level sums, divided by the root of the smallest eigenvalue
/// of the normal equations.
const STALLED: f64 = 1e-10;

/// Any number of effects, with slopes and weights, prepared to be removed from columns.
#[derive(Debug)]
pub(crate) struct Slopes {
    /// As given, for other weights.
    effects: Vec<Effect>,
    bases: Vec<Basis>,
    weights: Option<Vec<f64>>,
    solver: Solver,
    options: Options,
    rows: usize,
}

impl Slopes {
    /// Prepares effects; `weights` are positive and finite.
    pub(crate) fn new(
        effects: Vec<Effect>,
        weights: Option<Vec<f64>>,
        options: Options,
    ) -> Result<Self, Error> {
        let rows = effects[0].codes.len();
        let bases = effects
            .iter()
            .enumerate()
            .map(|(index, effect)| Basis::new(index, effect.clone(), rows, weights.as_deref()))
            .collect::<Result<Vec<_>, _>>()?;
        let solver = Solver::new(&bases, weights.as_deref(), options.dense_limit);
        Ok(Self {
            effects,
            bases,
            weights,
            solver,
            options,
            rows,
        })
    }

    /// The same effects under other weights, which are positive and finite.
    pub(crate) fn reweighted(self, weights: Vec<f64>) -> Result<Self, Error> {
        Self::new(self.effects, Some(weights), self.options)
    }

    pub(crate) fn set_tolerance(&mut self, tolerance: f64) {
        self.options.tolerance = tolerance;
    }

    /// Whether the effects are removed without iterating.
    pub(crate) fn is_direct(&self) -> bool {
        self.solver.is_direct()
    }

    /// Rank by a pivoted factorisation, which also finds redundancy that pairs of effects do not show.
    ///
    /// `None` when the columns of dummies outside the largest effect are more than `limit`; the work is cubic in them.
    pub(crate) fn exact_rank(&self, limit: usize) -> Option<EffectRank> {
        rank::exact(&self.bases, self.weights.as_deref(), limit)
    }

    /// Removes effects from columns in place; adds coefficients in the basis to `sums` where given.
    fn absorb(
        &self,
        columns: &mut [Column<'_>],
        mut sums: Option<&mut Vec<Vec<f64>>>,
    ) -> Result<Absorbed, Error> {
        let mut told = Absorbed::default();
        let mut sizes = Vec::with_capacity(columns.len());
        let mut active: Vec<usize> = Vec::new();
        for (index, column) in columns.iter_mut().enumerate() {
            self.centre(column);
            column.norm = self.norm(column.values);
            column.left = column.norm;
            sizes.push(self.sizes(column));
            if column.norm > 0.0 {
                active.push(index);
            }
        }
        let tolerance = self.options.tolerance;
        let mut iterate = false;
        for round in 0..=ROUNDS {
            let products = self.products(columns, &active);
            let mut unfinished = Vec::new();
            for (position, &index) in active.iter().enumerate() {
                let high = products.iter().fold(0.0, |high: f64, effect| {
                    high.max(largest(&effect[position]))
                });
                let column = &mut columns[index];
                column.residual = high / column.norm;
                let orthogonal = high <= tolerance * column.left;
                let absorbed = column.left <= ABSORBED * column.norm;
                let proven = orthogonal && self.solver.is_well_conditioned();
                if round == 0 || !(absorbed || proven) {
                    unfinished.push(position);
                }
            }
            let products = keep(products, &unfinished, active.len());
            active = unfinished
                .iter()
                .map(|&position| active[position])
                .collect();
            if active.is_empty() {
                break;
            }
            let squares: Vec<f64> = active.iter().map(|&i| columns[i].left.powi(2)).collect();
            let limits = Limits {
                tolerance: 0.5 * tolerance,
                iterations: self.options.max_iterations,
            };
            let (solved, iterations) = self.solver.solve(&products, &squares, limits, iterate);
            let mut applied = Vec::new();
            let mut tried = iterate;
            for (position, &index) in active.iter().enumerate() {
                let column = &mut columns[index];
                column.iterations += iterations[position];
                let change = energy(&products, &solved, position).max(0.0).sqrt();
                // Level sums alone do not bound the error of an ill-conditioned design; the next correction does.
                if round > 0 && change <= tolerance * column.left {
                    continue;
                }
                if change > 0.5 * column.change || round == ROUNDS {
                    let rounding = column.left <= STALLED * column.norm
                        || (column.residual <= tolerance.max(ROUNDING)
                            && change <= STALLED * column.left);
                    if rounding {
                        continue;
                    }
                    if iterate || !self.solver.is_direct() || self.bases.len() < 2 {
                        return Err(Error::NoConvergence {
                            tolerance,
                            iterations: column.iterations,
                            reached: column.residual.max(change / column.norm),
                        });
                    }
                    tried = true;
                }
                column.change = if tried == iterate {
                    change
                } else {
                    f64::INFINITY
                };
                applied.push(position);
            }
            iterate = tried;
            if let (Some(sums), Some(&position)) = (sums.as_deref_mut(), applied.first()) {
                for (sum, part) in sums.iter_mut().zip(&solved[position]) {
                    sum.iter_mut()
                        .zip(part)
                        .for_each(|(sum, part)| *sum += part);
                }
            }
            let corrections: Vec<(usize, &[Vec<f64>])> = applied
                .iter()
                .map(|&position| (active[position], &solved[position][..]))
                .collect();
            self.apply(columns, &corrections);
            active = applied.iter().map(|&position| active[position]).collect();
            for &index in &active {
                columns[index].left = self.norm(columns[index].values);
            }
            active.retain(|&index| {
                let column = &mut columns[index];
                if column.left == 0.0 {
                    column.residual = 0.0;
                }
                column.left > 0.0
            });
        }
        for (column, mut size) in columns.iter_mut().zip(sizes) {
            size.left = column.left / column.scale;
            told.columns.push(size);
            told.iterations = told.iterations.max(column.iterations);
            told.residual = told.residual.max(column.residual);
            if column.scale != 1.0 {
                column
                    .values
                    .iter_mut()
                    .for_each(|value| *value /= column.scale);
            }
        }
        Ok(told)
    }

    /// Scales a column to a safe range and, where the effects contain the constant, subtracts its mean.
    fn centre(&self, column: &mut Column<'_>) {
        let values = &mut *column.values;
        column.scale = safe_scale(largest(values));
        if column.scale != 1.0 {
            values.iter_mut().for_each(|value| *value *= column.scale);
        }
        if !self.bases.iter().any(|basis| basis.intercept) {
            return;
        }
        let mean = match self.weights.as_deref() {
            Some(w) => {
                total(self.rows, |row| w[row] * values[row]) / total(self.rows, |row| w[row])
            }
            None => total(self.rows, |row| values[row]) / self.rows as f64,
        };
        values
            .par_chunks_mut(CHUNK_ROWS)
            .for_each(|piece| piece.iter_mut().for_each(|value| *value -= mean));
        column.mean = mean;
    }

    /// Norms of a scaled and shifted column in its own units; what is left is not known yet.
    fn sizes(&self, column: &Column<'_>) -> ColumnSize {
        let values = &column.values[..];
        let weight = |row: usize| self.weights.as_deref().map_or(1.0, |w| w[row]);
        let mass = total(self.rows, weight);
        let sum = total(self.rows, |row| weight(row) * values[row]);
        let centred = (column.norm * column.norm - sum / mass * sum).max(0.0);
        let mean = column.mean + sum / mass;
        ColumnSize {
            raw: (centred + mass * mean * mean).sqrt() / column.scale,
            centred: centred.sqrt() / column.scale,
            left: 0.0,
        }
    }

    fn norm(&self, values: &[f64]) -> f64 {
        match self.weights.as_deref() {
            Some(w) => total(self.rows, |row| w[row] * values[row] * values[row]),
            None => total(self.rows, |row| values[row] * values[row]),
        }
        .sqrt()
    }

    /// Products of every effect with the active columns.
    fn products(&self, columns: &[Column<'_>], active: &[usize]) -> Vec<Vec<Vec<f64>>> {
        let views: Vec<&[f64]> = active
            .iter()
            .map(|&index| &columns[index].values[..])
            .collect();
        self.bases
            .iter()
            .map(|basis| basis.products(&views, self.weights.as_deref()))
            .collect()
    }

    /// Subtracts effects from columns, chunk by chunk; a correction is a column and its coefficients by effect.
    fn apply(&self, columns: &mut [Column<'_>], corrections: &[(usize, &[Vec<f64>])]) {
        let mut pieces: Vec<Vec<Piece<'_>>> = (0..self.rows.div_ceil(CHUNK_ROWS))
            .map(|_| Vec::new())
            .collect();
        let mut corrections = corrections.iter().peekable();
        for (index, column) in columns.iter_mut().enumerate() {
            let Some(&(_, coefficients)) = corrections.next_if(|(other, _)| *other == index) else {
                continue;
            };
            for (chunk, piece) in column.values.chunks_mut(CHUNK_ROWS).enumerate() {
                pieces[chunk].push((coefficients, piece));
            }
        }
        pieces
            .into_par_iter()
            .enumerate()
            .for_each(|(chunk, pieces)| {
                for (coefficients, piece) in pieces {
                    for (basis, own) in self.bases.iter().zip(coefficients) {
                        basis.subtract(own, piece, chunk * CHUNK_ROWS);
                    }
                }
            });
    }
}

impl Slopes {
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Replaces columns by their residuals.
    pub(crate) fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        let mut told = Absorbed::default();
        for block in columns.chunks_mut(COLUMN_BLOCK) {
            let mut block: Vec<Column<'_>> = block.iter_mut().map(Column::new).collect();
            let part = self.absorb(&mut block, None)?;
            told.append(part);
        }
        Ok(told)
    }

    /// Coefficients of each effect for one column.
    pub(crate) fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        let mut copy = column.to_vec();
        let mut sums: Vec<Vec<f64>> = self.bases.iter().map(|b| vec![0.0; b.len()]).collect();
        let mut columns = [Column::new(&mut copy)];
        self.absorb(&mut columns, Some(&mut sums))?;
        let (mean, scale) = (columns[0].mean, columns[0].scale);
        let mut own: Vec<Vec<f64>> = self
            .bases
            .iter()
            .zip(&sums)
            .map(|(basis, sums)| basis.own_coefficients(sums))
            .collect();
        let with_intercept: Vec<usize> = (0..self.bases.len())
            .filter(|&effect| self.bases[effect].intercept)
            .collect();
        if let Some((&first, later)) = with_intercept.split_first() {
            let levels = self.bases[first].levels();
            own[first][..levels]
                .iter_mut()
                .for_each(|value| *value += mean);
            for &effect in later {
                self.fix_first_levels(first, effect, &mut own);
            }
        }
        own.iter_mut().flatten().for_each(|value| *value /= scale);
        Ok(own)
    }

    pub(crate) fn rank(&self) -> EffectRank {
        rank::by_pairs(&self.bases)
    }

    /// Leverage of each row.
    pub(crate) fn leverages(&self) -> Result<Vec<f64>, Error> {
        leverage::leverages(&self.bases, self.weights.as_deref())
    }
}

impl Slopes {
    /// Shifts intercepts between two effects so that the later one has zero at the first level of each component.
    fn fix_first_levels(&self, first: usize, later: usize, own: &mut [Vec<f64>]) {
        let (a, b) = (&self.bases[first], &self.bases[later]);
        let graph = components(&a.grouping.codes, a.levels(), &b.grouping.codes, b.levels());
        let mut shift = vec![0.0; graph.count];
        for (level, is_first) in first_levels(&graph, &graph.second).into_iter().enumerate() {
            if is_first {
                shift[graph.second[level] as usize] = own[later][level];
            }
        }
        for (level, &component) in graph.first.iter().enumerate() {
            own[first][level] += shift[component as usize];
        }
        for (level, &component) in graph.second.iter().enumerate() {
            own[later][level] -= shift[component as usize];
        }
    }
}

/// A chunk of a column and the coefficients of each effect to subtract from it.
type Piece<'a> = (&'a [Vec<f64>], &'a mut [f64]);

/// A column on its way.
struct Column<'a> {
    values: &'a mut Vec<f64>,
    /// Power of two the values were multiplied by.
    scale: f64,
    /// Mean subtracted, after scaling.
    mean: f64,
    /// Norm after centring.
    norm: f64,
    /// Norm of what is left.
    left: f64,
    /// Largest remaining level sum relative to `norm`.
    residual: f64,
    /// Norm of the last correction.
    change: f64,
    iterations: usize,
}

impl<'a> Column<'a> {
    fn new(values: &'a mut Vec<f64>) -> Self {
        Self {
            values,
            scale: 1.0,
            mean: 0.0,
            norm: 0.0,
            left: 0.0,
            residual: 0.0,
            change: f64::INFINITY,
            iterations: 0,
        }
    }
}

/// Squared norm of a correction: its coefficients times the products that they were solved from.
fn energy(products: &[Vec<Vec<f64>>], solved: &[Vec<Vec<f64>>], position: usize) -> f64 {
    products
        .iter()
        .zip(&solved[position])
        .map(|(effect, own)| {
            let pairs = effect[position].iter().zip(own);
            pairs.map(|(product, value)| product * value).sum::<f64>()
        })
        .sum()
}

/// Products of the columns that are not finished.
fn keep(products: Vec<Vec<Vec<f64>>>, unfinished: &[usize], columns: usize) -> Vec<Vec<Vec<f64>>> {
    if unfinished.len() == columns {
        return products;
    }
    products
        .into_iter()
        .map(|mut effect| {
            unfinished
                .iter()
                .map(|&position| std::mem::take(&mut effect[position]))
                .collect()
        })
        .collect()
}
