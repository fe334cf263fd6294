//! Clustered sandwiches, one-way (Liang and Zeger 1986; Arellano 1987) and multi-way (Cameron, Gelbach and Miller 2011).

use crate::Error;
use crate::design::Cluster;
use crate::linear::LeastSquares;
use crate::linear::symmetric::without_negative_eigenvalues;
use panelyst_absorb::codes::combine;

/// Sum over clusters of the outer products of score sums, in the space of the basis (m x m).
pub fn meat(solution: &LeastSquares, codes: &[u32], groups: usize) -> Vec<f64> {
    let m = solution.basis.len();
    let mut sums = vec![0.0; groups * m];
    for (j, q) in solution.basis.iter().enumerate() {
        for ((&g, q), e) in codes.iter().zip(q).zip(&solution.weighted_residuals) {
            sums[g as usize * m + j] += q * e;
        }
    }
    let mut out = vec![0.0; m * m];
    for score in sums.chunks_exact(m.max(1)) {
        for i in 0..m {
            for j in 0..m {
                out[i * m + j] += score[i] * score[j];
            }
        }
    }
    out
}

/// The clustered covariance without any factor, and whether negative eigenvalues were set to zero.
///
/// For several variables the meats of all their combinations are added (odd) and subtracted (even).
///
/// # Errors
/// Codes of different lengths.
pub fn sandwich(solution: &LeastSquares, clusters: &[Cluster]) -> Result<(Vec<f64>, bool), Error> {
    let m = solution.basis.len();
    let mut total = vec![0.0; m * m];
    for subset in 1..1u32 << clusters.len() {
        let members: Vec<&[u32]> = clusters
            .iter()
            .enumerate()
            .filter(|(place, _)| subset & 1 << place != 0)
            .map(|(_, cluster)| cluster.codes.as_slice())
            .collect();
        let (codes, levels) = combine(&members)?;
        let sign = if members.len() % 2 == 1 { 1.0 } else { -1.0 };
        for (total, part) in total.iter_mut().zip(meat(solution, &codes, levels.len())) {
            *total += sign * part;
        }
    }
    let covariance = solution.sandwich(&total);
    if clusters.len() > 1
        && let Some(repaired) = without_negative_eigenvalues(&covariance, solution.k())
    {
        return Ok((repaired, true));
    }
    Ok((covariance, false))
}
