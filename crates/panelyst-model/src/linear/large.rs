//! Least squares on many rows: cross-products in one scan, an orthogonal basis and residuals in a second; of several
//! outcomes at once where they have the same regressors.
//!
//! Cholesky QR (Golub and Van Loan 2013, section 5.2), run twice where the columns are far from orthogonal (Yamamoto and
//! others 2015: twice is enough). It serves columns of which none is nearly explained by the others; all other cases are
//! left to Gram and Schmidt's process in [`super::least_squares()`].

use super::least_squares::{LeastSquares, back_substitute, least_squares, transformation};
use super::sums::{CHUNK, dot};
use super::{Column, Constant};
use crate::Error;
use rayon::prelude::*;

/// With fewer rows the other way takes no time worth saving.
const ROWS: usize = 4 * CHUNK;

/// Share of a column's squared norm that the columns before it must leave.
const INDEPENDENT: f64 = 1e-8;

/// With less left than this share the basis is made orthogonal twice.
const ORTHOGONAL: f64 = 1e-2;

/// A correction of the residuals below this share of the outcome is rounding.
const ROUNDING: f64 = 1e-14;

/// Regressions of several outcomes on the same columns.
#[derive(Clone, Debug)]
pub struct Several {
    /// The regression of the first outcome.
    pub solution: LeastSquares,
    /// Weights of each outcome on the basis.
    pub on_basis: Vec<Vec<f64>>,
    /// Root-weighted residuals of the outcomes after the first.
    pub left: Vec<Column>,
}

/// Regresses `y` on the columns `x` without a constant, with positive `weights` if given. Takes the columns over.
///
/// # Errors
/// A column of another length than `y`.
pub fn least_squares_owned(
    y: Vec<f64>,
    x: Vec<Vec<f64>>,
    weights: Option<&[f64]>,
) -> Result<LeastSquares, Error> {
    Ok(least_squares_of_several(vec![y], x, Constant::None, weights)?.solution)
}

/// Regresses each of the `outcomes`, of which there is at least one, on the columns `x` and the constant, with positive
/// `weights` if given. Takes the columns over: the basis stands where they stood.
///
/// # Errors
/// A column of another length than the first outcome.
pub fn least_squares_of_several(
    mut outcomes: Vec<Vec<f64>>,
    mut x: Vec<Vec<f64>>,
    constant: Constant<'_>,
    weights: Option<&[f64]>,
) -> Result<Several, Error> {
    let n = outcomes.first().map_or(0, Vec::len);
    let columns = || x.iter().chain(&outcomes);
    let ragged = columns().any(|c| c.len() != n) || weights.is_some_and(|w| w.len() != n);
    let centred = !matches!(constant, Constant::None);
    if n < ROWS || x.is_empty() || ragged || centred {
        return one_by_one(outcomes, &x, constant, weights, weights);
    }
    if let Some(weights) = weights {
        x.iter_mut()
            .chain(&mut outcomes)
            .for_each(|column| weigh(column, weights));
    }
    let k = x.len();
    let products = cross_products(&x, &outcomes);
    let width = k + outcomes.len();
    let Some((mut upper, left)) =
        factor(&products, width, k).filter(|(_, left)| *left >= INDEPENDENT)
    else {
        return one_by_one(outcomes, &x, Constant::None, None, weights);
    };
    if left >= ORTHOGONAL {
        let again = upper.clone();
        return Ok(finish(outcomes, x, &upper, &again, &products, weights));
    }
    scan(&mut x, &upper, &mut [], &[]);
    let products = cross_products(&x, &outcomes);
    let second = factor(&products, width, k).map_or_else(|| identity(k), |(second, _)| second);
    // R = R2 R1, by columns.
    let first = upper;
    upper = (0..k)
        .map(|j| {
            let value = |i: usize| (i..=j).map(|l| second[l][i] * first[j][l]).sum();
            (0..=j).map(value).collect()
        })
        .collect();
    Ok(finish(outcomes, x, &upper, &second, &products, weights))
}

/// As [`least_squares_of_several`], column by column. `weights` are those of the columns as they are now, `own` those of
/// the rows.
fn one_by_one(
    outcomes: Vec<Vec<f64>>,
    x: &[Vec<f64>],
    constant: Constant<'_>,
    weights: Option<&[f64]>,
    own: Option<&[f64]>,
) -> Result<Several, Error> {
    let mut outcomes = outcomes.into_iter();
    let mut first = outcomes.next().unwrap_or_default();
    let mut solution = least_squares(&first, x, constant, weights)?;
    if weights.is_none() {
        solution.residuals = solution.weighted_residuals.unweighted(own);
    }
    let (mut on_basis, mut left) = (Vec::new(), Vec::new());
    if outcomes.len() > 0 {
        if let Some(weights) = weights {
            weigh(&mut first, weights);
        }
        on_basis.push(solution.project(first).0);
    }
    for mut outcome in outcomes {
        if outcome.len() != solution.residuals.len() {
            return Err(Error::Length {
                what: "an outcome".to_owned(),
                expected: solution.residuals.len(),
                got: outcome.len(),
            });
        }
        if let Some(weights) = weights {
            weigh(&mut outcome, weights);
        }
        let (own, rest) = solution.project(outcome);
        on_basis.push(own);
        left.push(rest.into());
    }
    Ok(Several {
        solution,
        on_basis,
        left,
    })
}

/// Multiplies a column by the roots of weights.
pub(crate) fn weigh(column: &mut [f64], weights: &[f64]) {
    column
        .par_chunks_mut(CHUNK)
        .zip(weights.par_chunks(CHUNK))
        .for_each(|(column, weights)| {
            let pairs = column.iter_mut().zip(weights);
            pairs.for_each(|(value, weight)| *value *= weight.sqrt());
        });
}

/// Columns of the identity's upper triangle.
fn identity(k: usize) -> Vec<Vec<f64>> {
    (0..k)
        .map(|j| (0..=j).map(|i| f64::from(u8::from(i == j))).collect())
        .collect()
}

/// Orthogonalises `x` by `last`, takes its part out of the outcomes and puts the solution together; `upper` is the
/// triangle of the columns as given, `products` are those of the columns as they are now.
fn finish(
    mut outcomes: Vec<Vec<f64>>,
    mut x: Vec<Vec<f64>>,
    upper: &[Vec<f64>],
    last: &[Vec<f64>],
    products: &[f64],
    weights: Option<&[f64]>,
) -> Several {
    let k = x.len();
    let width = k + outcomes.len();
    let with = |j: usize| &products[(k + j) * width..(k + j) * width + k];
    let square = |j: usize| products[(k + j) * width + k + j];
    let mut on_basis: Vec<Vec<f64>> = (0..outcomes.len())
        .map(|j| forward_substitute(last, with(j)))
        .collect();
    let mut step = on_basis.clone();
    let identity = identity(k);
    let mut by = last;
    let mut rss = 0.0;
    for _ in 0..4 {
        let found = scan(&mut x, by, &mut outcomes, &step);
        let mut more = 0.0f64;
        for (j, own) in on_basis.iter_mut().enumerate() {
            for (weight, rest) in own.iter_mut().zip(&found[j].on_basis) {
                *weight += rest;
                // An outcome of zeros has no part; the maximum leaves its 0 / 0 out.
                more = more.max(rest.abs() / square(j).sqrt());
            }
        }
        rss = found[0].square;
        if more <= ROUNDING {
            break;
        }
        step = found.into_iter().map(|found| found.on_basis).collect();
        by = &identity;
    }
    let mut outcomes = outcomes.into_iter();
    let weighted_residuals = Column::from(outcomes.next().unwrap_or_default());
    let solution = LeastSquares {
        kept: (0..k).collect(),
        dropped: Vec::new(),
        constant: false,
        coefficients: back_substitute(upper, &on_basis[0]),
        residuals: weighted_residuals.unweighted(weights),
        weighted_residuals,
        rss,
        tss: square(0),
        outcome_square: square(0),
        basis: x.into_iter().map(Column::from).collect(),
        transform: transformation(upper, None),
        information_inverse: None,
        clustered: None,
    };
    Several {
        solution,
        on_basis,
        left: outcomes.map(Column::from).collect(),
    }
}

/// Rows whose cross-products are taken while they are at hand.
const BLOCK: usize = 1024;

/// Cross-products of columns and, after them, of outcomes: the lower triangle of a square matrix by rows.
pub(crate) fn cross_products(x: &[Vec<f64>], outcomes: &[Vec<f64>]) -> Vec<f64> {
    let columns: Vec<&[f64]> = x.iter().chain(outcomes).map(Vec::as_slice).collect();
    let width = columns.len();
    let rows = columns.first().map_or(0, |column| column.len());
    let parts: Vec<Vec<f64>> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut part = vec![0.0; width * width];
            let end = rows.min((chunk + 1) * CHUNK);
            for start in (chunk * CHUNK..end).step_by(BLOCK) {
                let range = start..end.min(start + BLOCK);
                for i in 0..width {
                    let own = &columns[i][range.clone()];
                    for j in 0..=i {
                        part[i * width + j] += dot(own, &columns[j][range.clone()]);
                    }
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

/// Columns of the upper triangle `R` of the first `k` of `width` columns, and the smallest share of a column's square that the ones
/// before it leave; `None` if nothing is left of one.
pub(crate) fn factor(products: &[f64], width: usize, k: usize) -> Option<(Vec<Vec<f64>>, f64)> {
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
pub(crate) fn forward_substitute(upper: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut z: Vec<f64> = Vec::with_capacity(upper.len());
    for (column, right) in upper.iter().zip(right) {
        let known: f64 = column.iter().zip(&z).map(|(r, z)| r * z).sum();
        z.push((right - known) / column[z.len()]);
    }
    z
}

/// What a scan met of the residuals of one outcome.
#[derive(Clone, Debug, Default)]
struct Found {
    square: f64,
    on_basis: Vec<f64>,
}

/// Chunks of the columns and of the outcomes.
type Piece<'a> = (Vec<&'a mut [f64]>, Vec<&'a mut [f64]>);

/// Replaces `x` by `x R^-1` and each outcome by what is left after its weights times these columns.
fn scan(
    x: &mut [Vec<f64>],
    upper: &[Vec<f64>],
    outcomes: &mut [Vec<f64>],
    weights: &[Vec<f64>],
) -> Vec<Found> {
    let k = x.len();
    let n = x[0].len();
    let mut pieces: Vec<Piece<'_>> = (0..n.div_ceil(BLOCK)).map(|_| Piece::default()).collect();
    for column in x.iter_mut() {
        for (piece, chunk) in pieces.iter_mut().zip(column.chunks_mut(BLOCK)) {
            piece.0.push(chunk);
        }
    }
    for outcome in outcomes.iter_mut() {
        for (piece, chunk) in pieces.iter_mut().zip(outcome.chunks_mut(BLOCK)) {
            piece.1.push(chunk);
        }
    }
    let parts: Vec<Vec<Found>> = pieces
        .par_chunks_mut(CHUNK / BLOCK)
        .map(|pieces| {
            let mut found = vec![Found::default(); weights.len()];
            for (columns, outcomes) in pieces {
                orthogonalise(columns, upper);
                for ((outcome, weights), found) in outcomes.iter_mut().zip(weights).zip(&mut found)
                {
                    for (column, weight) in columns.iter().zip(weights) {
                        let pairs = outcome.iter_mut().zip(column.iter());
                        pairs.for_each(|(value, q)| *value -= weight * q);
                    }
                    found.add(dot(outcome, outcome), |j| dot(columns[j], outcome), k);
                }
            }
            found
        })
        .collect();
    let mut total = vec![Found::default(); weights.len()];
    for part in &parts {
        for (total, part) in total.iter_mut().zip(part) {
            total.add(part.square, |j| part.on_basis[j], k);
        }
    }
    total
}

impl Found {
    fn add(&mut self, square: f64, on_basis: impl Fn(usize) -> f64, k: usize) {
        self.square += square;
        self.on_basis.resize(k, 0.0);
        for (j, total) in self.on_basis.iter_mut().enumerate() {
            *total += on_basis(j);
        }
    }
}

/// Replaces blocks of columns by themselves times the inverse of the triangle.
fn orthogonalise(columns: &mut [&mut [f64]], upper: &[Vec<f64>]) {
    for j in 0..columns.len() {
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
}
