//! Least squares by an orthogonal basis built column by column, with a relative rule for collinear columns.
//!
//! The constant is projected out of all columns first (so that columns are centred), then modified Gram-Schmidt with
//! reorthogonalisation is run in the order of the columns (Bjorck 1967; Giraud, Langou and Rozloznik 2005: twice is
//! enough). A column is dropped when what is left of it after the earlier ones is at most [`TOLERANCE`] times its norm
//! after centring: a rule that does not depend on units of measurement.

use super::Column;
use super::sums::{dot, norm, subtract};
use super::symmetric::sandwich;
use crate::Error;
use arrow_buffer::ScalarBuffer;

/// Share of a column's norm, after the constant and any effects were removed, below which the part that earlier
/// columns do not explain counts as rounding. Data of 16 digits leave 1e-15 for an exact combination.
pub const TOLERANCE: f64 = 1e-9;

/// Share of a column's raw norm below which its deviation from the constant counts as rounding.
pub const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// What stands for the constant in a regression.
#[derive(Clone, Copy, Debug)]
pub enum Constant<'a> {
    /// No constant.
    None,
    /// A column of ones.
    Ones,
    /// A column that was ones before a transformation, such as `1 - theta` in a random-effects regression.
    Column(&'a [f64]),
}

/// A column that earlier ones explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collinear {
    /// Its place among the columns offered.
    pub column: usize,
    /// The earlier columns that have a weight in it; empty when it is (a multiple of) the constant.
    pub with: Vec<usize>,
}

/// A least-squares solution with what any covariance needs.
#[derive(Clone, Debug, Default)]
pub struct LeastSquares {
    /// Columns kept, ascending.
    pub kept: Vec<usize>,
    /// Columns dropped, ascending.
    pub dropped: Vec<Collinear>,
    /// Whether the last coefficient is that of a constant.
    pub constant: bool,
    /// Coefficients of the columns kept, the constant last.
    pub coefficients: Vec<f64>,
    /// Outcome less fitted values, unweighted, one a row.
    pub residuals: Column,
    /// Residuals times the root of the weight.
    pub weighted_residuals: Column,
    /// Weighted sum of squared residuals.
    pub rss: f64,
    /// Weighted sum of squares of the outcome after the constant was projected out (raw without a constant).
    pub tss: f64,
    /// Weighted sum of squares of the outcome.
    pub outcome_square: f64,
    /// Orthonormal basis of the (root-weighted) regressors, m columns.
    pub basis: Vec<Column>,
    /// Coefficients are `transform * basis' y`: k x m, row-major.
    pub transform: Vec<f64>,
    /// Inverse of the matrix whose inverse is the bread, k x k, where it is not `transform * transform'`, as for
    /// k-class estimators.
    pub information_inverse: Option<Vec<f64>>,
    /// Clusters by row and the sum over them of the outer products of score sums, in the space of the basis (m x m), where
    /// it was made together with that of other models.
    pub clustered: Option<(ScalarBuffer<u32>, Vec<f64>)>,
}

impl LeastSquares {
    /// Number of coefficients with the constant.
    pub fn k(&self) -> usize {
        self.coefficients.len()
    }

    /// Inverse of the (weighted) cross-product matrix, k x k, row-major.
    pub fn bread(&self) -> Vec<f64> {
        if let Some(inverse) = &self.information_inverse {
            return inverse.clone();
        }
        let m = self.basis.len();
        let mut identity = vec![0.0; m * m];
        for i in 0..m {
            identity[i * m + i] = 1.0;
        }
        self.sandwich(&identity)
    }

    /// `transform * meat * transform'` for an m x m `meat` in the space of the basis: k x k, symmetric to the last bit.
    pub fn sandwich(&self, meat: &[f64]) -> Vec<f64> {
        sandwich(&self.transform, meat, self.k(), self.basis.len())
    }

    /// Weights of a root-weighted column on the basis, and what the basis leaves of the column.
    pub fn project(&self, mut column: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
        let mut weights = vec![0.0; self.basis.len()];
        for _ in 0..2 {
            // The constant stands last but comes first, as in the solution.
            for (weight, q) in weights.iter_mut().zip(&self.basis).rev() {
                let h = dot(q, &column);
                subtract(&mut column, h, q);
                *weight += h;
            }
        }
        (weights, column)
    }

    /// Weights of each regressor on the basis, the constant last, where coefficients are as many as basis vectors.
    pub fn coordinates(&self) -> Vec<Vec<f64>> {
        let k = self.k();
        let p = k - usize::from(self.constant);
        let at = |i: usize, j: usize| self.transform[i * k + j];
        let mut out: Vec<Vec<f64>> = Vec::with_capacity(k);
        for j in 0..p {
            // The column of the inverse of the triangle, from its diagonal up.
            let mut column = vec![0.0; k];
            column[j] = 1.0 / at(j, j);
            for i in (0..j).rev() {
                let known: f64 = (i + 1..=j).map(|l| at(i, l) * column[l]).sum();
                column[i] = -known / at(i, i);
            }
            if self.constant {
                let known: f64 = (0..=j).map(|l| at(p, l) * column[l]).sum();
                column[p] = -known / at(p, p);
            }
            out.push(column);
        }
        if self.constant {
            let mut column = vec![0.0; k];
            column[p] = 1.0 / at(p, p);
            out.push(column);
        }
        out
    }

    /// Coefficients of a column whose weights on the basis are known.
    pub fn coefficients_of(&self, weights: &[f64]) -> Vec<f64> {
        self.transform
            .chunks_exact(weights.len().max(1))
            .map(|row| row.iter().zip(weights).map(|(t, w)| t * w).sum())
            .collect()
    }

    /// Keeps some of the coefficients (by place); residuals and basis stay those of the whole regression.
    pub fn select(&mut self, places: &[usize]) {
        let m = self.basis.len();
        self.transform = places
            .iter()
            .flat_map(|&p| self.transform[p * m..(p + 1) * m].to_vec())
            .collect();
        self.coefficients = places.iter().map(|&p| self.coefficients[p]).collect();
        self.kept = places
            .iter()
            .filter_map(|&p| self.kept.get(p).copied())
            .collect();
    }

    /// Leverage of each row (diagonal of the projection on the regressors).
    pub fn leverages(&self) -> Vec<f64> {
        let mut h = vec![0.0; self.residuals.len()];
        for q in &self.basis {
            for (h, q) in h.iter_mut().zip(q) {
                *h += q * q;
            }
        }
        h
    }
}

/// Regresses `y` on the columns `x` and the constant, with positive `weights` if given.
///
/// # Errors
/// A column of another length than `y`.
pub fn least_squares(
    y: &[f64],
    x: &[impl AsRef<[f64]>],
    constant: Constant<'_>,
    weights: Option<&[f64]>,
) -> Result<LeastSquares, Error> {
    let x: Vec<&[f64]> = x.iter().map(AsRef::as_ref).collect();
    of_columns(y, &x, constant, weights)
}

fn of_columns(
    y: &[f64],
    x: &[&[f64]],
    constant: Constant<'_>,
    weights: Option<&[f64]>,
) -> Result<LeastSquares, Error> {
    let n = y.len();
    check_lengths(n, x, constant, weights)?;
    let root: Option<Vec<f64>> = weights.map(|w| w.iter().map(|w| w.sqrt()).collect());
    let weighted = |column: &[f64]| -> Vec<f64> {
        match &root {
            Some(root) => column.iter().zip(root).map(|(v, r)| v * r).collect(),
            None => column.to_vec(),
        }
    };

    // The constant, as the first vector of the basis.
    let ones = match constant {
        Constant::None => None,
        Constant::Ones => Some(weighted(&vec![1.0; n])),
        Constant::Column(c) => Some(weighted(c)),
    };
    let centre = ones.and_then(|mut c| {
        let length = norm(&c);
        (length > 0.0).then(|| {
            c.iter_mut().for_each(|v| *v /= length);
            (c, length)
        })
    });

    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    // Of each kept column: its weights on the basis (upper triangle), its coefficient on the constant, its norm.
    let mut upper: Vec<Vec<f64>> = Vec::new();
    let mut on_constant: Vec<f64> = Vec::new();
    let mut norms: Vec<f64> = Vec::new();
    for (index, column) in x.iter().enumerate() {
        let mut v = weighted(column);
        let raw = norm(&v);
        let m = centre.as_ref().map_or(0.0, |(c, _)| project_out(&mut v, c));
        let size = norm(&v);
        if size <= ROUNDING * raw || raw == 0.0 {
            dropped.push(Collinear {
                column: index,
                with: Vec::new(),
            });
            continue;
        }
        let mut r = vec![0.0; basis.len()];
        for _ in 0..2 {
            for (r, q) in r.iter_mut().zip(&basis) {
                let h = dot(q, &v);
                subtract(&mut v, h, q);
                *r += h;
            }
            if let Some((c, _)) = &centre {
                let h = dot(c, &v);
                subtract(&mut v, h, c);
            }
        }
        let left = norm(&v);
        if left <= TOLERANCE * size {
            let weights = back_substitute(&upper, &r);
            let with = kept
                .iter()
                .zip(weights.iter().zip(&norms))
                .filter(|(_, (w, other))| (**w * **other).abs() > 1e-6 * size)
                .map(|(k, _)| *k)
                .collect();
            dropped.push(Collinear {
                column: index,
                with,
            });
            continue;
        }
        v.iter_mut().for_each(|v| *v /= left);
        r.push(left);
        basis.push(v);
        upper.push(r);
        on_constant.push(m);
        norms.push(size);
        kept.push(index);
    }

    // The outcome: its weights on the basis, and what is left.
    let mut e = weighted(y);
    let outcome_square = dot(&e, &e);
    let y_on_constant = centre.as_ref().map_or(0.0, |(c, _)| project_out(&mut e, c));
    let tss = dot(&e, &e);
    let mut z = vec![0.0; basis.len()];
    for _ in 0..2 {
        for (z, q) in z.iter_mut().zip(&basis) {
            let h = dot(q, &e);
            subtract(&mut e, h, q);
            *z += h;
        }
        if let Some((c, _)) = &centre {
            let h = dot(c, &e);
            subtract(&mut e, h, c);
        }
    }
    let mut coefficients = back_substitute(&upper, &z);
    let transform = transformation(&upper, centre.as_ref().map(|(_, l)| (*l, &on_constant[..])));
    if let Some((c, length)) = centre {
        let explained: f64 = coefficients
            .iter()
            .zip(&on_constant)
            .map(|(b, m)| b * m)
            .sum();
        coefficients.push((y_on_constant - explained) / length);
        basis.push(c);
    }
    let rss = dot(&e, &e);
    let e = Column::from(e);
    let residuals = match &root {
        Some(root) => e.iter().zip(root).map(|(e, r)| e / r).collect(),
        None => e.clone(),
    };
    Ok(LeastSquares {
        constant: coefficients.len() > kept.len(),
        kept,
        dropped,
        coefficients,
        residuals,
        rss,
        weighted_residuals: e,
        tss,
        outcome_square,
        basis: basis.into_iter().map(Column::from).collect(),
        transform,
        information_inverse: None,
        clustered: None,
    })
}

fn check_lengths(
    n: usize,
    x: &[&[f64]],
    constant: Constant<'_>,
    weights: Option<&[f64]>,
) -> Result<(), Error> {
    let wrong = |what: String, got: usize| Error::Length {
        what,
        expected: n,
        got,
    };
    for (index, column) in x.iter().enumerate() {
        if column.len() != n {
            return Err(wrong(format!("regressor {}", index + 1), column.len()));
        }
    }
    if let Constant::Column(c) = constant
        && c.len() != n
    {
        return Err(wrong("the constant".to_owned(), c.len()));
    }
    match weights {
        Some(w) if w.len() != n => Err(wrong("the weights".to_owned(), w.len())),
        _ => Ok(()),
    }
}

/// Removes the unit vector `c` from `v` and returns the length of what was removed.
fn project_out(v: &mut [f64], c: &[f64]) -> f64 {
    let mut total = 0.0;
    for _ in 0..2 {
        let h = dot(c, v);
        subtract(v, h, c);
        total += h;
    }
    total
}

/// Solves `R b = z` for the upper triangle given by its columns.
pub(crate) fn back_substitute(upper: &[Vec<f64>], z: &[f64]) -> Vec<f64> {
    let mut b = z[..upper.len()].to_vec();
    for j in (0..upper.len()).rev() {
        b[j] /= upper[j][j];
        for i in 0..j {
            b[i] -= upper[j][i] * b[j];
        }
    }
    b
}

/// The matrix that turns weights on the basis into coefficients; the constant is last.
pub(super) fn transformation(upper: &[Vec<f64>], constant: Option<(f64, &[f64])>) -> Vec<f64> {
    let p = upper.len();
    let k = p + usize::from(constant.is_some());
    let mut t = vec![0.0; k * k];
    let mut unit = vec![0.0; p];
    for j in 0..p {
        unit.fill(0.0);
        unit[j] = 1.0;
        for (i, v) in back_substitute(upper, &unit).into_iter().enumerate() {
            t[i * k + j] = v;
        }
    }
    if let Some((length, on_constant)) = constant {
        for j in 0..p {
            let v: f64 = (0..p).map(|i| on_constant[i] * t[i * k + j]).sum();
            t[p * k + j] = -v / length;
        }
        t[p * k + p] = 1.0 / length;
    }
    t
}
