//! The second stage and the k-class in the space of the first stages' basis, where every vector has as many numbers
//! as there are exogenous regressors and instruments.

use crate::Error;
use crate::linear::small::product;
use crate::linear::sums::dot;
use crate::linear::symmetric::{eigen, sandwich};
use crate::linear::{Collinear, Column, Constant, LeastSquares, least_squares, small};
use std::ops::Range;

/// One endogenous regressor and its first stage.
pub(super) struct Stage {
    /// Place in the design.
    pub(super) place: usize,
    /// Weights on the basis of the reduced form.
    pub(super) on_basis: Vec<f64>,
    /// Root-weighted residual.
    pub(super) left: Column,
    /// Norm of the regressor, after the constant.
    pub(super) whole: f64,
    /// Whether the instruments have any part in it.
    pub(super) relevant: bool,
    /// Whether nothing of it is left.
    pub(super) exact: bool,
}

pub(super) fn length(weights: &[f64]) -> f64 {
    weights.iter().map(|w| w * w).sum::<f64>().sqrt()
}

/// Cross-products of vectors.
pub(crate) fn cross(vectors: &[&[f64]]) -> Vec<f64> {
    symmetric(vectors.len(), |i, j| dot(vectors[i], vectors[j]))
}

/// Cross-products of root-weighted columns.
pub(crate) fn products(columns: &[&Column]) -> Vec<f64> {
    symmetric(columns.len(), |i, j| columns[i].product(columns[j]))
}

/// A symmetric matrix by its lower triangle.
fn symmetric(n: usize, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let v = value(i, j);
            out[i * n + j] = v;
            out[j * n + i] = v;
        }
    }
    out
}

/// The smallest root k of `det(Y'M1 Y - k Y'M Y) = 0`, from `k - 1`, the smallest eigenvalue of
/// `(Y'M Y)^-1/2 C'C (Y'M Y)^-1/2`, C the weights of Y on the instruments' part of the basis.
pub(super) fn smallest_root(
    reduced: &LeastSquares,
    outcome: &[f64],
    span: Range<usize>,
    first: &[Stage],
) -> Option<f64> {
    let p = first.len() + 1;
    let mut columns: Vec<&Column> = vec![&reduced.weighted_residuals];
    columns.extend(first.iter().map(|s| &s.left));
    let inner = small::power(&products(&columns), p, -0.5)?;
    let mut weights: Vec<&[f64]> = vec![&outcome[span.clone()]];
    weights.extend(first.iter().map(|s| &s.on_basis[span.clone()]));
    let middle = cross(&weights);
    let half = product(&inner, &middle, p, p, p);
    let (values, _) = eigen(&product(&half, &inner, p, p, p), p)?;
    Some(1.0 + values[0].max(0.0))
}

/// Projected endogenous regressors that the exogenous ones and earlier projections explain, with the columns that do so
/// (exogenous regressors, then endogenous ones). All are vectors of weights on the basis.
pub(super) fn collinear_projections(
    reduced: &LeastSquares,
    exogenous: usize,
    first: &[Stage],
) -> Vec<Collinear> {
    let coordinates = reduced.coordinates();
    let m = reduced.basis.len();
    let mut columns: Vec<Vec<f64>> = coordinates[..exogenous].to_vec();
    columns.extend(first.iter().map(|s| s.on_basis.clone()));
    let mut unit = vec![0.0; m];
    let constant = match unit.last_mut().filter(|_| reduced.constant) {
        Some(last) => {
            *last = 1.0;
            Constant::Column(&unit)
        }
        None => Constant::None,
    };
    let found = least_squares(&vec![0.0; m], &columns, constant, None);
    let dropped = found.map(|found| found.dropped).unwrap_or_default();
    let own = dropped.into_iter().filter(|d| d.column >= exogenous);
    own.map(|d| Collinear {
        column: d.column - exogenous,
        with: d.with,
    })
    .collect()
}

/// The second stage and the k-class estimate.
pub(super) struct Second {
    pub(super) coefficients: Vec<f64>,
    pub(super) transform: Vec<f64>,
    /// Coefficients, transformation and inverse information.
    pub(super) k_class: LeastSquares,
}

/// The second stage on projected regressors and the k-class estimate, from weights on the basis of the reduced form.
///
/// The exogenous regressors span the first vectors of the basis and the constant the last, so the coefficients of the
/// endogenous ones are those of a regression in the vectors of the instruments, `span`. `None` where the system of the
/// k-class is singular.
pub(super) fn structural(
    reduced: &LeastSquares,
    outcome: &[f64],
    span: Range<usize>,
    first: &[Stage],
    kappa: f64,
) -> Result<Option<Second>, Error> {
    let (m, p, at) = (reduced.basis.len(), first.len(), span.start);
    let k = at + p + usize::from(reduced.constant);
    let columns: Vec<Vec<f64>> = first
        .iter()
        .map(|s| s.on_basis[span.clone()].to_vec())
        .collect();
    let own = least_squares(&outcome[span.clone()], &columns, Constant::None, None)?;
    if own.kept.len() < p {
        return Ok(None);
    }
    let mut transform = vec![0.0; k * m];
    for i in 0..p {
        for (j, place) in span.clone().enumerate() {
            transform[(at + i) * m + place] = (0..p)
                .map(|l| own.transform[i * p + l] * own.basis[l][j])
                .sum();
        }
    }
    // Exogenous regressors and the constant: their own coefficients, less those of the projections.
    let beside = (0..at).chain(reduced.constant.then_some(m - 1));
    for place in beside.clone() {
        let row = if place < at { place } else { k - 1 };
        for column in beside.clone() {
            transform[row * m + column] = reduced.transform[place * m + column];
        }
        for (i, stage) in first.iter().enumerate() {
            let theirs: f64 = beside
                .clone()
                .map(|c| reduced.transform[place * m + c] * stage.on_basis[c])
                .sum();
            for column in span.clone() {
                transform[row * m + column] -= theirs * transform[(at + i) * m + column];
            }
        }
    }
    let coefficients = product(&transform, outcome, k, m, 1);
    let mut k_class = LeastSquares {
        constant: reduced.constant,
        coefficients: coefficients.clone(),
        transform: transform.clone(),
        ..LeastSquares::default()
    };
    if kappa != 1.0 {
        let factor = 1.0 - kappa;
        let residuals: Vec<&Column> = first.iter().map(|s| &s.left).collect();
        let squares = products(&residuals);
        let bread = sandwich(&transform, &unit_matrix(m), k, m);
        // I + (1 - k) B V'V and b + (1 - k) B V'y, V'V and V'y in the places of the endogenous regressors.
        let mut matrix = unit_matrix(k);
        let mut right = coefficients.clone();
        let with_outcome: Vec<f64> = first
            .iter()
            .map(|s| s.left.product(&reduced.weighted_residuals))
            .collect();
        for i in 0..k {
            let row = &bread[i * k + at..i * k + at + p];
            for j in 0..p {
                let v: f64 = (0..p).map(|l| row[l] * squares[l * p + j]).sum();
                matrix[i * k + at + j] += factor * v;
            }
            let v: f64 = row.iter().zip(&with_outcome).map(|(b, v)| b * v).sum();
            right[i] += factor * v;
        }
        let solved = small::solve(&matrix, &right, k, 1)
            .zip(small::solve(&matrix, &transform, k, m))
            .zip(small::solve(&matrix, &bread, k, k));
        let Some(((coefficients, transform), inverse)) = solved else {
            return Ok(None);
        };
        k_class.coefficients = coefficients;
        k_class.transform = transform;
        k_class.information_inverse = Some(
            (0..k * k)
                .map(|e| 0.5 * (inverse[e] + inverse[e % k * k + e / k]))
                .collect(),
        );
    }
    Ok(Some(Second {
        coefficients,
        transform,
        k_class,
    }))
}

fn unit_matrix(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|e| f64::from(u8::from(e / n == e % n)))
        .collect()
}
