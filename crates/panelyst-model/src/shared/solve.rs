//! Least squares from a matrix of cross-products of all columns, one scan of the rows for each model.

use crate::Error;
use crate::linear::large::{cross_products, factor, forward_substitute, weigh};
use crate::linear::least_squares::{back_substitute, least_squares};
use crate::linear::sums::{CHUNK, dot};
use crate::linear::{Column, Constant, LeastSquares, least_squares_of_remainder};
use panelyst_absorb::Remainder;
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// Share of a column's squared norm that the columns of its model before it must leave: cross-products then keep all
/// digits but four, and one correction from the rows restores them.
const INDEPENDENT: f64 = 1e-2;

/// A correction of the fitted values below this share of the outcome is rounding.
const ROUNDING: f64 = 1e-14;

/// Rows whose residuals are formed and laid on the columns while they are at hand.
const BLOCK: usize = 1024;

/// Columns without their effects, and their cross-products.
pub(super) struct Pool<'a> {
    tiled: Option<Arc<Remainder>>,
    /// Root-weighted; made where tiles do not serve.
    columns: OnceLock<Vec<Column>>,
    weights: Option<&'a [f64]>,
    /// Lower triangle by rows.
    products: Vec<f64>,
    width: usize,
    /// Whether bases must be orthonormal, as for leverages.
    orthonormal: bool,
}

impl<'a> Pool<'a> {
    /// Takes columns over and multiplies them by the roots of the weights.
    pub(super) fn new(
        columns: Vec<Vec<f64>>,
        weights: Option<&'a [f64]>,
        orthonormal: bool,
    ) -> Self {
        let columns = weighed(columns, weights);
        Self {
            tiled: None,
            products: cross_products(&columns, &[]),
            width: columns.len(),
            columns: OnceLock::from(columns.into_iter().map(Column::from).collect::<Vec<_>>()),
            weights,
            orthonormal,
        }
    }

    /// The columns of a remainder, of which none is made before one is needed.
    pub(super) fn of(of: Arc<Remainder>, weights: Option<&'a [f64]>, orthonormal: bool) -> Self {
        Self {
            products: of.products().to_vec(),
            width: of.width(),
            columns: OnceLock::new(),
            tiled: Some(of),
            weights,
            orthonormal,
        }
    }

    fn columns(&self) -> &[Column] {
        self.columns.get_or_init(|| {
            let columns = self.tiled.as_ref().map(|of| of.residuals());
            let columns = weighed(columns.unwrap_or_default(), self.weights);
            columns.into_iter().map(Column::from).collect()
        })
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        self.products[i.max(j) * self.width + i.min(j)]
    }

    /// The (weighted) square of a column.
    pub(super) fn square(&self, column: usize) -> f64 {
        self.product(column, column)
    }

    /// The regression of one column on others.
    ///
    /// # Errors
    /// None that a pool of columns of one length can have.
    pub(super) fn regress(&self, outcome: usize, x: &[usize]) -> Result<LeastSquares, Error> {
        if let Some(of) = &self.tiled
            && let Some(solution) = least_squares_of_remainder(of, outcome, x, self.weights)
        {
            return Ok(solution);
        }
        let k = x.len();
        let width = k + 1;
        let mut own = vec![0.0; width * width];
        let all: Vec<usize> = x.iter().copied().chain([outcome]).collect();
        for i in 0..width {
            for j in 0..=i {
                own[i * width + j] = self.product(all[i], all[j]);
            }
        }
        let upper = factor(&own, width, k).filter(|(_, left)| *left >= INDEPENDENT);
        let Some((upper, _)) = upper.filter(|_| k > 0 && !self.orthonormal) else {
            let x: Vec<Vec<f64>> = x.iter().map(|&c| self.columns()[c].to_vec()).collect();
            let y = &self.columns()[outcome];
            let mut solution = least_squares(y, &x, Constant::None, None)?;
            solution.residuals = self.unweighted(&solution.weighted_residuals);
            return Ok(solution);
        };
        Ok(self.solve(outcome, x, &own[k * width..], &upper))
    }

    /// Solves the normal equations and corrects the solution from the rows.
    fn solve(
        &self,
        outcome: usize,
        x: &[usize],
        right: &[f64],
        upper: &[Vec<f64>],
    ) -> LeastSquares {
        let k = x.len();
        let y = &self.columns()[outcome];
        let columns: Vec<Column> = x.iter().map(|&c| self.columns()[c].clone()).collect();
        let half = forward_substitute(upper, &right[..k]);
        let mut coefficients = back_substitute(upper, &half);
        let size = self.square(outcome).sqrt();
        let mut left = vec![0.0; y.len()];
        let mut rss = 0.0;
        for _ in 0..4 {
            let (square, on_columns) = residuals(&mut left, y, &columns, &coefficients);
            rss = square;
            let half = forward_substitute(upper, &on_columns);
            let more = half.iter().fold(0.0f64, |high, v| high.max(v.abs()));
            if more <= ROUNDING * size {
                break;
            }
            for (b, step) in coefficients.iter_mut().zip(back_substitute(upper, &half)) {
                *b += step;
            }
        }
        // (X'X)^-1 turns cross-products into coefficients, so the columns themselves stand for a basis.
        let mut inverse = vec![0.0; k * k];
        for j in 0..k {
            let mut unit = vec![0.0; k];
            unit[j] = 1.0;
            let column = back_substitute(upper, &forward_substitute(upper, &unit));
            for (i, value) in column.into_iter().enumerate() {
                inverse[i * k + j] = value;
            }
        }
        let left = Column::from(left);
        LeastSquares {
            kept: (0..k).collect(),
            coefficients,
            residuals: self.unweighted(&left),
            weighted_residuals: left,
            rss,
            tss: self.square(outcome),
            outcome_square: self.square(outcome),
            basis: columns,
            information_inverse: Some(inverse.clone()),
            transform: inverse,
            ..LeastSquares::default()
        }
    }

    fn unweighted(&self, residuals: &Column) -> Column {
        match self.weights {
            None => residuals.clone(),
            Some(weights) => {
                let pairs = residuals.par_iter().zip(weights).with_min_len(CHUNK);
                pairs
                    .map(|(e, w)| e / w.sqrt())
                    .collect::<Vec<f64>>()
                    .into()
            }
        }
    }
}

/// Columns times the roots of weights.
fn weighed(mut columns: Vec<Vec<f64>>, weights: Option<&[f64]>) -> Vec<Vec<f64>> {
    if let Some(weights) = weights {
        columns.iter_mut().for_each(|column| weigh(column, weights));
    }
    columns
}

/// Residuals of an outcome, their square and their cross-products with the columns.
fn residuals(
    left: &mut [f64],
    y: &[f64],
    columns: &[Column],
    coefficients: &[f64],
) -> (f64, Vec<f64>) {
    let k = columns.len();
    let parts: Vec<Vec<f64>> = left
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, left)| {
            let mut found = vec![0.0; k + 1];
            for (block, left) in left.chunks_mut(BLOCK).enumerate() {
                let start = chunk * CHUNK + block * BLOCK;
                let rows = start..start + left.len();
                left.copy_from_slice(&y[rows.clone()]);
                for (column, b) in columns.iter().zip(coefficients) {
                    let pairs = left.iter_mut().zip(&column[rows.clone()]);
                    pairs.for_each(|(e, x)| *e -= b * x);
                }
                for (found, column) in found.iter_mut().zip(columns) {
                    *found += dot(left, &column[rows.clone()]);
                }
                found[k] += dot(left, left);
            }
            found
        })
        .collect();
    let mut total = vec![0.0; k + 1];
    for part in &parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    let square = total.pop().unwrap_or(0.0);
    (square, total)
}
