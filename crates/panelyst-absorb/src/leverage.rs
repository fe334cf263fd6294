//! Leverages of the effects: the diagonal of the projection on all dummy columns.
//!
//! With each effect orthonormal by itself, `Z = [Z_e, Z_r]` the columns of the eliminated effect and of the others, `C`
//! the cross-products of `e` with the rest and `S = G_rr - C'C` the Schur complement, the leverage of a row `z` is
//!
//! ```text
//! h = |z_e|^2 + u' P u,   u = z_r - C' z_e,   P a generalised inverse of S
//!   = |z_e|^2 + z_r' P z_r - 2 z_e' (C P) z_r + z_e' (C P C') z_e
//! ```
//!
//! (Rao 1973, "Linear Statistical Inference and Its Applications", section 1c, for the projection on a partitioned space).
//! `z_e` and `z_r` have a value for each column of the row's own levels only, so that after `P` the work is one product
//! of `P` with each pair of levels that occurs, and a few numbers a row.

use crate::Error;
use crate::basis::Basis;
use crate::components::components;
use crate::direct::{Factor, REDUNDANT, UNCERTAIN};
use crate::reduced::Reduced;
use crate::scan::CHUNK_LEVELS;
use crate::solver::first_levels;
use rayon::prelude::*;

/// Dummy columns outside the largest effect at most: `P` then fills 32 MB and takes seconds.
const LIMIT: usize = 2048;

/// Largest distance of the sum of leverages from the rank it must be, relative to the rank: above it the system of the
/// effects was too ill-conditioned.
const TRACE: f64 = 1e-7;

/// Leverage of each row; `weights` are those under which the bases are orthonormal.
///
/// # Errors
/// [`Error::Leverage`] where more than [`LIMIT`] columns are left beside the largest effect, [`Error::Factorization`]
/// where rounding took the digits.
pub(crate) fn leverages(bases: &[Basis], weights: Option<&[f64]>) -> Result<Vec<f64>, Error> {
    let columns: usize = bases.iter().map(Basis::len).sum();
    let largest = bases.iter().map(Basis::len).max().unwrap_or(0);
    if columns - largest > LIMIT {
        return Err(Error::Leverage {
            columns: columns - largest,
            limit: LIMIT,
        });
    }
    let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
    if let [basis] = bases {
        let rows = basis.grouping.codes.len();
        let own = |row: usize| -> f64 {
            (0..basis.width())
                .map(|k| basis.value(row, k).powi(2))
                .sum()
        };
        return Ok((0..rows)
            .into_par_iter()
            .map(|row| (weight(row) * own(row)).min(1.0))
            .collect());
    }
    let reduced = Reduced::new(bases, weights);
    let unknowns = reduced.unknowns();
    let factor = factored(&reduced, bases)?;
    let inverse = generalised_inverse(&factor, unknowns);
    let leverages = by_level(bases, weights, &reduced, &inverse);
    let constant: usize = bases[reduced.eliminated].constant_slopes();
    let zero: usize = reduced
        .rest
        .iter()
        .map(|&f| bases[f].constant_slopes())
        .sum();
    // A slope that does not vary in its level is a zero column: it stands as an unknown of its own with no row.
    let rank = (largest - constant + factor.rank() - zero) as f64;
    let trace: f64 = leverages.iter().sum();
    if (trace - rank).abs() > TRACE * rank {
        return Err(Error::Factorization { size: unknowns });
    }
    Ok(leverages)
}

/// The Schur complement factored: a grounded Laplacian for two effects without slopes, otherwise with pivoting.
fn factored(reduced: &Reduced, bases: &[Basis]) -> Result<Factor, Error> {
    let (matrix, size) = (reduced.dense(), reduced.unknowns());
    if let ([first, second], true) = (bases, bases.iter().all(|basis| basis.slopes.is_empty())) {
        let graph = components(
            &first.grouping.codes,
            first.levels(),
            &second.grouping.codes,
            second.levels(),
        );
        let side = if reduced.rest[0] == 0 {
            &graph.first
        } else {
            &graph.second
        };
        return Factor::definite(&matrix, size, &first_levels(&graph, side));
    }
    let factor = Factor::semidefinite_above(&matrix, size, REDUNDANT);
    if factor.smallest_pivot() < UNCERTAIN {
        return Err(Error::Factorization { size });
    }
    Ok(factor)
}

/// `P` by rows, column after column solved.
fn generalised_inverse(factor: &Factor, size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; size * size];
    inverse
        .par_chunks_mut(size)
        .enumerate()
        .for_each(|(index, target)| {
            let mut column = vec![vec![0.0; size]];
            column[0][index] = 1.0;
            factor.solve(&mut column);
            target.copy_from_slice(&column[0]);
        });
    inverse
}

/// The formula above, level by level of the eliminated effect.
fn by_level(
    bases: &[Basis],
    weights: Option<&[f64]>,
    reduced: &Reduced,
    inverse: &[f64],
) -> Vec<f64> {
    let eliminated = &bases[reduced.eliminated];
    let (width, n) = (eliminated.width(), reduced.unknowns());
    let order = eliminated.grouping.order();
    let pieces: Vec<Vec<(u32, f64)>> = (0..eliminated.levels().div_ceil(CHUNK_LEVELS))
        .into_par_iter()
        .map(|chunk| {
            let end = eliminated.levels().min((chunk + 1) * CHUNK_LEVELS);
            let mut found = Vec::new();
            // Rows of C of this level, C P and C P C'.
            let mut crossed = vec![0.0; width * n];
            let mut solved = vec![0.0; width * n];
            let mut inner = vec![0.0; width * width];
            let mut own: Vec<f64> = vec![0.0; width];
            let mut others: Vec<(usize, f64)> = Vec::new();
            for level in chunk * CHUNK_LEVELS..end {
                crossed.fill(0.0);
                solved.fill(0.0);
                for k in 0..width {
                    let (crossed, solved) = (
                        &mut crossed[k * n..(k + 1) * n],
                        &mut solved[k * n..(k + 1) * n],
                    );
                    for (position, &f) in reduced.rest.iter().enumerate() {
                        if let Some(cross) = reduced.cross(reduced.eliminated, f) {
                            cross.each_in_row(level * width + k, |column, value| {
                                let place = reduced.offsets[position] + column;
                                crossed[place] += value;
                                let line = &inverse[place * n..(place + 1) * n];
                                for (sum, p) in solved.iter_mut().zip(line) {
                                    *sum += value * p;
                                }
                            });
                        }
                    }
                }
                for a in 0..width {
                    for b in 0..width {
                        inner[a * width + b] = crossed[a * n..(a + 1) * n]
                            .iter()
                            .zip(&solved[b * n..(b + 1) * n])
                            .map(|(c, s)| c * s)
                            .sum();
                    }
                }
                order.each_row(level, |row| {
                    for (k, value) in own.iter_mut().enumerate() {
                        *value = eliminated.value(row, k);
                    }
                    others.clear();
                    for (position, &f) in reduced.rest.iter().enumerate() {
                        let basis = &bases[f];
                        let first = reduced.offsets[position]
                            + basis.grouping.codes[row] as usize * basis.width();
                        others.extend((0..basis.width()).map(|k| (first + k, basis.value(row, k))));
                    }
                    let mut sum: f64 = own.iter().map(|value| value * value).sum();
                    for &(a, left) in &others {
                        for &(b, right) in &others {
                            sum += left * inverse[a * n + b] * right;
                        }
                        for (k, value) in own.iter().enumerate() {
                            sum -= 2.0 * left * solved[k * n + a] * value;
                        }
                    }
                    for (a, left) in own.iter().enumerate() {
                        for (b, right) in own.iter().enumerate() {
                            sum += left * inner[a * width + b] * right;
                        }
                    }
                    let weight = weights.map_or(1.0, |w| w[row]);
                    found.push((row as u32, (weight * sum).clamp(0.0, 1.0)));
                });
            }
            found
        })
        .collect();
    let mut leverages = vec![0.0; eliminated.grouping.codes.len()];
    for (row, value) in pieces.into_iter().flatten() {
        leverages[row as usize] = value;
    }
    leverages
}
