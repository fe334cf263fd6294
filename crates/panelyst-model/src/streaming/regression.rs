//! Least squares from cross-products, and the rotation that makes its regressors nearly orthonormal.

use crate::linear::Collinear;

/// Share of a column's square that earlier columns leave, below which it counts as collinear: cross-products hold no
/// more digits.
const COLLINEAR: f64 = 1e-12;

/// Regressors in use and their coefficients.
///
/// The scan combines the regressors into columns that are nearly orthonormal by the inverse of the Cholesky factor known so
/// far, and takes the cross-products of those: together the two factors lose no more digits than orthogonalising the rows
/// would (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya 2015, "Roundoff error analysis of the CholeskyQR2 algorithm").
#[derive(Clone, Default)]
pub(super) struct Solved {
    /// Regressors kept, ascending.
    pub kept: Vec<usize>,
    pub dropped: Vec<Collinear>,
    pub coefficients: Vec<f64>,
    /// Lower triangle, row by row: nearly orthonormal columns are this matrix times the regressors kept.
    pub rotation: Vec<Vec<f64>>,
}

impl Solved {
    /// Least squares of column 0 on the others from the lower triangle of their cross-products, by Cholesky's factors in
    /// the order of the columns; those that earlier ones explain are dropped.
    pub fn new(cross: &[f64], gone: &[bool], width: usize) -> Self {
        let at = |a: usize, b: usize| cross[a.max(b) * width + a.min(b)];
        let mut out = Self::default();
        let mut factor = Factor::default();
        for column in 1..width {
            let dropped = |with| Collinear {
                column: column - 1,
                with,
            };
            if gone[column] {
                out.dropped.push(dropped(Vec::new()));
                continue;
            }
            let own = at(column, column);
            let with_earlier: Vec<f64> = out.kept.iter().map(|&c| at(column, c + 1)).collect();
            let row = factor.forward(with_earlier);
            let left = own - row.iter().map(|v| v * v).sum::<f64>();
            if left <= COLLINEAR * own {
                let weights = factor.back(row);
                let with = out
                    .kept
                    .iter()
                    .zip(&weights)
                    .filter(|(other, weight)| {
                        let size = at(**other + 1, **other + 1).sqrt();
                        (**weight * size).abs() > 1e-5 * own.sqrt()
                    })
                    .map(|(other, _)| *other)
                    .collect();
                out.dropped.push(dropped(with));
                continue;
            }
            factor.push(row, left.sqrt());
            out.kept.push(column - 1);
        }
        let with_outcome = out.kept.iter().map(|&c| at(c + 1, 0)).collect();
        out.coefficients = factor.solve(with_outcome);
        let slopes = out.kept.len();
        out.rotation = (0..slopes).map(|i| vec![0.0; i + 1]).collect();
        for j in 0..slopes {
            let mut unit = vec![0.0; slopes];
            unit[j] = 1.0;
            for (i, value) in factor.forward(unit).into_iter().enumerate().skip(j) {
                out.rotation[i][j] = value;
            }
        }
        out
    }

    /// The transpose of the rotation times a vector.
    pub fn turn_back(&self, vector: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; vector.len()];
        for (row, value) in self.rotation.iter().zip(vector) {
            for (out, r) in out.iter_mut().zip(row) {
                *out += r * value;
            }
        }
        out
    }

    /// The rotation among all columns, square; rows and columns of those not kept are zero.
    pub fn rotation_of_all(&self, width: usize) -> Vec<f64> {
        let mut out = vec![0.0; width * width];
        for (row, &i) in self.rotation.iter().zip(&self.kept) {
            for (value, &j) in row.iter().zip(&self.kept) {
                out[(i + 1) * width + j + 1] = *value;
            }
        }
        out
    }

    /// The coefficients of all columns; those of columns not kept are zero.
    pub fn coefficients_of_all(&self, width: usize) -> Vec<f64> {
        let mut out = vec![0.0; width];
        for (value, &column) in self.coefficients.iter().zip(&self.kept) {
            out[column + 1] = *value;
        }
        out
    }
}

/// A lower triangle, row by row.
#[derive(Clone, Default)]
pub(super) struct Factor(Vec<Vec<f64>>);

impl Factor {
    /// The Cholesky factor of a small positive definite matrix given by its lower triangle.
    pub fn new(matrix: &[f64], order: usize) -> Option<Self> {
        let mut factor = Self::default();
        for i in 0..order {
            let row = factor.forward(matrix[i * order..i * order + i].to_vec());
            let left = matrix[i * order + i] - row.iter().map(|v| v * v).sum::<f64>();
            if left <= 0.0 || left.is_nan() {
                return None;
            }
            factor.push(row, left.sqrt());
        }
        Some(factor)
    }

    fn push(&mut self, mut row: Vec<f64>, own: f64) {
        row.push(own);
        self.0.push(row);
    }

    /// Solves `L x = right`, for as many rows as `right` has.
    fn forward(&self, mut right: Vec<f64>) -> Vec<f64> {
        for i in 0..right.len() {
            let row = &self.0[i];
            for l in 0..i {
                right[i] -= row[l] * right[l];
            }
            right[i] /= row[i];
        }
        right
    }

    /// Solves `L' x = right`.
    fn back(&self, mut right: Vec<f64>) -> Vec<f64> {
        for i in (0..right.len()).rev() {
            right[i] /= self.0[i][i];
            for l in 0..i {
                right[l] -= self.0[i][l] * right[i];
            }
        }
        right
    }

    /// Solves `L L' x = right`.
    pub fn solve(&self, right: Vec<f64>) -> Vec<f64> {
        self.back(self.forward(right))
    }
}
