//! Scores of the observations and sums of their products.

use crate::linear::LeastSquares;

/// Scores in the space of the basis, one row of m numbers an observation: (root-weighted) regressors times residual.
pub(super) fn scores(solution: &LeastSquares) -> Vec<f64> {
    let m = solution.basis.len();
    let mut scores = vec![0.0; solution.weighted_residuals.len() * m];
    for (j, q) in solution.basis.iter().enumerate() {
        let column = scores.iter_mut().skip(j).step_by(m);
        for (score, (q, e)) in column.zip(q.iter().zip(solution.weighted_residuals.iter())) {
            *score = q * e;
        }
    }
    scores
}

/// Sums of rows of m numbers by group.
pub(super) fn by_group(rows: &[f64], m: usize, codes: &[u32], groups: usize) -> Vec<f64> {
    let mut sums = vec![0.0; groups * m];
    for (row, &group) in rows.chunks_exact(m.max(1)).zip(codes) {
        let sum = &mut sums[group as usize * m..(group as usize + 1) * m];
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

/// Adds `weight` times the row to a sum.
pub(super) fn add(sum: &mut [f64], weight: f64, row: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += weight * value;
    }
}

/// Adds `a b' + b a'` to a symmetric m x m sum.
pub(super) fn add_both_ways(sum: &mut [f64], a: &[f64], b: &[f64]) {
    let m = a.len();
    for i in 0..m {
        for j in 0..m {
            sum[i * m + j] += a[i] * b[j] + b[i] * a[j];
        }
    }
}
