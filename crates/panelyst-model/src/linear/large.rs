//! Least squares on many rows: cross-products in one scan, an orthogonal basis and residuals in a second.
//!
//! Cholesky QR (Golub and Van Loan 2013, section 5.2), run twice where the columns are far from orthogonal (Yamamoto and
//! others 2015: twice is enough). It serves columns of which none is nearly explained by the others; all other cases are
//! left to Gram and Schmidt's process in [`super::least_squares()`].

use super::least_squares::{LeastSquares, back_substitute, least_squares, transformation};
use super::{Constant, sums::CHUNK};
use crate::Error;
use rayon::prelude::*;
use std::sync::Arc;

/// With fewer rows the other way takes no time worth saving.
const ROWS: usize = 4 * CHUNK;

/// Share of a column's squared norm that the columns before it must leave.
const INDEPENDENT: f64 = 1e-8;

/// With less left than this share the basis is made orthogonal twice.
const ORTHOGONAL: f64 = 1e-2;

/// A correction of the residuals below this share of the outcome is rounding.
const ROUNDING: f64 = 1e-14;

/// Regresses `y` on the columns `x` without a constant, with positive `weights` if given. Takes the columns over.
///
/// # Errors
/// A column of another length than `y`.
pub fn least_squares_owned(
    mut y: Vec<f64>,
    mut x: Vec<Vec<f64>>,
    weights: Option<&[f64]>,
) -> Result<LeastSquares, Error> {
    let n = y.len();
    let ragged = x.iter().any(|c| c.len() != n) || weights.is_some_and(|w| w.len() != n);
    if n < ROWS || x.is_empty() || ragged {
        return least_squares(&y, &x, Constant::None, weights);
    }
    if let Some(weights) = weights {
        for column in x.iter_mut().chain([&mut y]) {
            column
                .par_chunks_mut(CHUNK)
                .zip(weights.par_chunks(CHUNK))
                .for_each(|(column, weights)| {
                    let pairs = column.iter_mut().zip(weights);
                    pairs.for_each(|(value, weight)| *value *= weight.sqrt());
                });
        }
    }
    let k = x.len();
    let products = cross_products(&x, &y);
    let Some((mut upper, left)) = factor(&products, k).filter(|(_, left)| *left >= INDEPENDENT)
    else {
        let mut solution = least_squares(&y, &x, Constant::None, None)?;
        unweigh(&mut solution, weights);
        return Ok(solution);
    };
    if left < ORTHOGONAL {
        scan(&mut x, &upper, None);
        let products = cross_products(&x, &y);
        let Some((second, _)) = factor(&products, k) else {
            return least_squares(&y, &x, Constant::None, None);
        };
        // R = R2 R1, by columns.
        let first = upper;
        upper = (0..k)
            .map(|j| {
                let value = |i: usize| (i..=j).map(|l| second[l][i] * first[j][l]).sum();
                (0..=j).map(value).collect()
            })
            .collect();
        return finish(y, x, &upper, &second, &products, weights);
    }
    let again = upper.clone();
    finish(y, x, &upper, &again, &products, weights)
}

/// Orthogonalises `x` by `last`, takes the outcome's part out of it and puts the solution together; `upper` is the
/// triangle of the columns as given, `products` are those of the columns as they are now.
fn finish(
    mut y: Vec<f64>,
    mut x: Vec<Vec<f64>>,
    upper: &[Vec<f64>],
    last: &[Vec<f64>],
    products: &[f64],
    weights: Option<&[f64]>,
) -> Result<LeastSquares, Error> {
    let k = x.len();
    let with_outcome = &products[k * (k + 1)..];
    let outcome_square = with_outcome[k];
    let mut z = forward_substitute(last, &with_outcome[..k]);
    let mut found = scan(&mut x, last, Some((&mut y, &z)));
    let size = outcome_square.sqrt();
    for round in 0..4 {
        for (z, more) in z.iter_mut().zip(&found.on_basis) {
            *z += more;
        }
        let more = found
            .on_basis
            .iter()
            .fold(0.0f64, |high, v| high.max(v.abs()));
        if more <= ROUNDING * size || round == 3 {
            break;
        }
        let identity: Vec<Vec<f64>> = (0..k)
            .map(|j| (0..=j).map(|i| f64::from(u8::from(i == j))).collect())
            .collect();
        let step = std::mem::take(&mut found.on_basis);
        found = scan(&mut x, &identity, Some((&mut y, &step)));
    }
    let coefficients = back_substitute(upper, &z);
    let mut solution = LeastSquares {
        kept: (0..k).collect(),
        dropped: Vec::new(),
        constant: false,
        coefficients,
        residuals: Arc::default(),
        weighted_residuals: Arc::new(y),
        rss: found.square,
        tss: outcome_square,
        outcome_square,
        basis: x,
        transform: transformation(upper, None),
        information_inverse: None,
    };
    unweigh(&mut solution, weights);
    Ok(solution)
}

/// Residuals in the outcome's own units from the weighted ones.
fn unweigh(solution: &mut LeastSquares, weights: Option<&[f64]>) {
    solution.residuals = match weights {
        None => Arc::clone(&solution.weighted_residuals),
        Some(weights) => Arc::new(
            solution
                .weighted_residuals
                .par_iter()
                .with_min_len(CHUNK)
                .zip(weights)
                .map(|(e, w)| e / w.sqrt())
                .collect(),
        ),
    };
}

/// Cross-products of columns and, last, of the outcome: the lower triangle of a square matrix by rows.
fn cross_products(x: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let columns: Vec<&[f64]> = x.iter().map(Vec::as_slice).chain([y]).collect();
    let width = columns.len();
    let parts: Vec<Vec<f64>> = (0..columns[0].len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let range = chunk * CHUNK..columns[0].len().min((chunk + 1) * CHUNK);
            let mut part = vec![0.0; width * width];
            for i in 0..width {
                for j in 0..=i {
                    let (a, b) = (&columns[i][range.clone()], &columns[j][range.clone()]);
                    part[i * width + j] = super::sums::dot(a, b);
                }
            }
            part
        })
        .collect();
    let mut total = vec![0.0; width * width];
    for part in &parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    total
}

/// Columns of the upper triangle `R` of the first `k` columns, and the smallest share of a column's square that the ones
/// before it leave; `None` if nothing is left of one.
fn factor(products: &[f64], k: usize) -> Option<(Vec<Vec<f64>>, f64)> {
    let width = k + 1;
    let mut upper: Vec<Vec<f64>> = Vec::with_capacity(k);
    let mut least = f64::INFINITY;
    for j in 0..k {
        let mut column: Vec<f64> = Vec::with_capacity(j + 1);
        for (i, earlier) in upper.iter().enumerate() {
            let known: f64 = (0..i).map(|l| earlier[l] * column[l]).sum();
            column.push((products[j * width + i] - known) / earlier[i]);
        }
        let square = products[j * width + j];
        let left = square - column.iter().map(|r| r * r).sum::<f64>();
        if left.is_nan() || left <= 0.0 || !square.is_normal() {
            return None;
        }
        least = least.min(left / square);
        column.push(left.sqrt());
        upper.push(column);
    }
    Some((upper, least))
}

/// Solves `R' z = right`.
fn forward_substitute(upper: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut z: Vec<f64> = Vec::with_capacity(upper.len());
    for (column, right) in upper.iter().zip(right) {
        let known: f64 = column.iter().zip(&z).map(|(r, z)| r * z).sum();
        z.push((right - known) / column[z.len()]);
    }
    z
}

/// What a scan met of the residuals.
struct Found {
    square: f64,
    on_basis: Vec<f64>,
}

/// Chunks of the columns and of the outcome.
type Piece<'a> = (Vec<&'a mut [f64]>, Option<&'a mut [f64]>);

/// Replaces `x` by `x R^-1` and the outcome by what is left after `z` times these columns.
fn scan(x: &mut [Vec<f64>], upper: &[Vec<f64>], outcome: Option<(&mut [f64], &[f64])>) -> Found {
    let k = x.len();
    let n = x[0].len();
    let mut pieces: Vec<Piece<'_>> = (0..n.div_ceil(CHUNK))
        .map(|_| (Vec::with_capacity(k), None))
        .collect();
    for column in x.iter_mut() {
        for (piece, chunk) in pieces.iter_mut().zip(column.chunks_mut(CHUNK)) {
            piece.0.push(chunk);
        }
    }
    let mut z: &[f64] = &[];
    if let Some((y, own)) = outcome {
        z = own;
        for (piece, chunk) in pieces.iter_mut().zip(y.chunks_mut(CHUNK)) {
            piece.1 = Some(chunk);
        }
    }
    let parts: Vec<Found> = pieces
        .into_par_iter()
        .map(|(mut columns, y)| {
            for j in 0..k {
                let (done, rest) = columns.split_at_mut(j);
                for (i, earlier) in done.iter().enumerate() {
                    let factor = upper[j][i];
                    if factor != 0.0 {
                        let pairs = rest[0].iter_mut().zip(earlier.iter());
                        pairs.for_each(|(value, q)| *value -= factor * q);
                    }
                }
                if upper[j][j] != 1.0 {
                    let scale = 1.0 / upper[j][j];
                    rest[0].iter_mut().for_each(|value| *value *= scale);
                }
            }
            let Some(y) = y else {
                return Found {
                    square: 0.0,
                    on_basis: Vec::new(),
                };
            };
            for (column, z) in columns.iter().zip(z) {
                let pairs = y.iter_mut().zip(column.iter());
                pairs.for_each(|(value, q)| *value -= z * q);
            }
            Found {
                square: super::sums::dot(y, y),
                on_basis: columns.iter().map(|q| super::sums::dot(q, y)).collect(),
            }
        })
        .collect();
    let mut total = Found {
        square: 0.0,
        on_basis: vec![0.0; k],
    };
    for part in &parts {
        total.square += part.square;
        for (total, part) in total.on_basis.iter_mut().zip(&part.on_basis) {
            *total += part;
        }
    }
    total
}
