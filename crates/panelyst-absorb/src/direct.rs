//! Direct solution of the reduced normal equations when few unknowns remain.

use crate::Error;
use crate::cholesky::{Lower, cholesky};

/// A pivot of the Schur complement below this is a redundant column: its sums over up to 1e7 cells leave 1e-12.
pub(crate) const REDUNDANT: f64 = 1e-11;

/// A pivot below this, but not redundant, might be either: neither leverages nor an exact rank are given then.
pub(crate) const UNCERTAIN: f64 = 1e-10;

/// A symmetric positive semidefinite matrix factored as `P S P' = L L'` on its first `rank` pivots.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    lower: Lower,
    /// Unknown at each pivot; unknowns beyond the rank are set to zero.
    pivots: Vec<usize>,
    /// Number of unknowns.
    size: usize,
}

impl Factor {
    /// Factors a matrix (by rows) after fixing the `grounded` unknowns at zero, which must leave it positive definite
    /// (a graph Laplacian with one level of each component fixed is).
    ///
    /// # Errors
    /// [`Error::Factorization`] when a pivot is not positive.
    pub(crate) fn definite(matrix: &[f64], size: usize, grounded: &[bool]) -> Result<Self, Error> {
        let pivots: Vec<usize> = (0..size).filter(|&i| !grounded[i]).collect();
        let n = pivots.len();
        let lower = Lower::from_fn(n, |i, j| matrix[pivots[i] * size + pivots[j]]);
        let lower = cholesky(lower).ok_or(Error::Factorization { size })?;
        Ok(Self {
            lower,
            pivots,
            size,
        })
    }

    /// Factors a positive semidefinite matrix (by rows) with diagonal at most 1, largest pivot first, until the largest
    /// remaining pivot is rounding (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 10.3).
    pub(crate) fn semidefinite(matrix: &[f64], size: usize) -> Self {
        Self::semidefinite_above(matrix, size, 16.0 * size as f64 * f64::EPSILON)
    }

    /// As [`Factor::semidefinite`], until the largest remaining pivot is at most `tolerance`.
    pub(crate) fn semidefinite_above(matrix: &[f64], size: usize, tolerance: f64) -> Self {
        let mut pivots: Vec<usize> = (0..size).collect();
        let mut diagonal: Vec<f64> = (0..size).map(|i| matrix[i * size + i]).collect();
        // Column j of L over original unknowns.
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut done = vec![false; size];
        for step in 0..size {
            let mut best = step;
            for position in step + 1..size {
                if diagonal[pivots[position]] > diagonal[pivots[best]] {
                    best = position;
                }
            }
            pivots.swap(step, best);
            let pivot = pivots[step];
            if diagonal[pivot] <= tolerance {
                break;
            }
            done[pivot] = true;
            let mut column = matrix[pivot * size..(pivot + 1) * size].to_vec();
            for earlier in &columns {
                let factor = earlier[pivot];
                for (value, other) in column.iter_mut().zip(earlier) {
                    *value -= factor * other;
                }
            }
            let root = diagonal[pivot].sqrt();
            for i in 0..size {
                if i == pivot {
                    column[i] = root;
                } else if done[i] {
                    column[i] = 0.0;
                } else {
                    column[i] /= root;
                    diagonal[i] -= column[i] * column[i];
                }
            }
            columns.push(column);
        }
        pivots.truncate(columns.len());
        let lower = Lower::from_fn(pivots.len(), |i, j| columns[j][pivots[i]]);
        Self {
            lower,
            pivots,
            size,
        }
    }

    /// Rank found.
    pub(crate) fn rank(&self) -> usize {
        self.pivots.len()
    }

    /// Smallest pivot: an estimate from above of the smallest eigenvalue that is not zero.
    pub(crate) fn smallest_pivot(&self) -> f64 {
        (0..self.rank())
            .map(|i| self.lower.at(i, i).powi(2))
            .fold(1.0, f64::min)
    }

    /// Solves for several right-hand sides in place, each a vector of unknowns.
    pub(crate) fn solve(&self, columns: &mut [Vec<f64>]) {
        // Plain substitution, a column at a time: its bits do not depend on the other columns.
        for column in columns {
            let mut right: Vec<f64> = self.pivots.iter().map(|&pivot| column[pivot]).collect();
            self.lower.solve(&mut right);
            column.clear();
            column.resize(self.size, 0.0);
            for (&pivot, value) in self.pivots.iter().zip(right) {
                column[pivot] = value;
            }
        }
    }
}
