//! Least squares from a matrix of cross-products of all columns, one scan of the rows for each model.

use crate::Error;
use crate::linear::large::{cross_products, factor, forward_substitute, weigh};
use crate::linear::least_squares::{back_substitute, least_squares};
use crate::linear::sums::{CHUNK, dot};
use crate::linear::{Column, Constant, LeastSquares};
use rayon::prelude::*;

/// Share of a column's squared norm that the columns of its model before it must leave: cross-products then keep all
/// digits but four, and one correction from the rows restores them.
const INDEPENDENT: f64 = 1e-2;

/// A correction of the fitted values below this share of the outcome is rounding.
const ROUNDING: f64 = 1e-14;

/// Rows whose residuals are formed and laid on the columns while they are at hand.
const BLOCK: usize = 1024;

/// Root-weighted columns without their effects, and their cross-products.
pub(super) struct Pool<'a> {
    columns: Vec<Column>,
    weights: Option<&'a [f64]>,
    /// Lower triangle by rows.
    products: Vec<f64>,
    /// Whether bases must be orthonormal, as for leverages.
    orthonormal: bool,
}

impl<'a> Pool<'a> {
    /// Takes columns over and multiplies them by the roots of the weights.
    pub(super) fn new(
        mut columns: Vec<Vec<f64>>,
        weights: Option<&'a [f64]>,
        orthonormal: bool,
    ) -> Self {
        if let Some(weights) = weights {
            for column in &mut columns {
                weigh(column, weights);
            }
        }
        Self {
            products: cross_products(&columns, &[]),
            columns: columns.into_iter().map(Column::from).collect(),
            weights,
            orthonormal,
        }
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        self.products[i.max(j) * self.columns.len() + i.min(j)]
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
            let x: Vec<Vec<f64>> = x.iter().map(|&c| self.columns[c].to_vec()).collect();
            let y = &self.columns[outcome];
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
        let y = &self.columns[outcome];
        let columns: Vec<Column> = x.iter().map(|&c| self.columns[c].clone()).collect();
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
                let own: Vec<f64> = pairs.map(|(e, w)| e / w.sqrt()).collect();
                own.into()
            }
        }
    }
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
