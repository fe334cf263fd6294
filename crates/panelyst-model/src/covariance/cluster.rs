//! Clustered sandwiches, one-way (Liang and Zeger 1986; Arellano 1987) and multi-way (Cameron, Gelbach and Miller 2011).

use super::{Ingredients, Sandwich, repaired_note, rule_of, scaled, tiled};
use crate::Error;
use crate::conventions::{ClusterTest, RowFactor};
use crate::design::Cluster;
use crate::linear::symmetric::{clear, without_negative_eigenvalues};
use crate::linear::{Column, LeastSquares, Tiled};
use crate::results::Note;
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::codes::combine;
use rayon::prelude::*;

/// Rows of clusters that one task sums.
const ROWS: usize = 16_384;

/// Sum over clusters of the outer products of score sums, in the space of the basis (m x m).
pub fn meat(solution: &LeastSquares, codes: &ScalarBuffer<u32>, groups: usize) -> Vec<f64> {
    if let Some((known, meat)) = &solution.clustered
        && known.len() == codes.len()
        && std::ptr::eq(known.as_ptr(), codes.as_ptr())
    {
        return meat.clone();
    }
    if let Some(tiled) = Tiled::of(solution)
        && let Some(meat) = tiled::meat(&tiled, codes, groups)
    {
        return meat;
    }
    let m = solution.basis.len();
    let residuals = &solution.weighted_residuals[..];
    if codes.len() > ROWS && codes.is_sorted() {
        return sorted_meat(&solution.basis, residuals, codes);
    }
    let mut sums = vec![0.0; groups * m];
    for (j, q) in solution.basis.iter().enumerate() {
        for ((&g, q), e) in codes.iter().zip(q).zip(residuals) {
            sums[g as usize * m + j] += q * e;
        }
    }
    let mut out = vec![0.0; m * m];
    for score in sums.chunks_exact(m.max(1)) {
        add_square(&mut out, score);
    }
    out
}

/// Makes [`meat`] for several solutions in one scan, kept in each, where they are sums of the same columns and the clusters
/// are the levels of the largest effect; else leaves them as they are.
pub(crate) fn sum_together(solutions: &mut [&mut LeastSquares], codes: &ScalarBuffer<u32>) {
    let tiled: Option<Vec<Tiled<'_>>> = solutions.iter().map(|s| Tiled::of(s)).collect();
    let found = tiled.and_then(|tiled| {
        let tiled: Vec<&Tiled<'_>> = tiled.iter().collect();
        tiled::meats_led(&tiled, codes)
    });
    for (solution, meat) in solutions.iter_mut().zip(found.into_iter().flatten()) {
        solution.clustered = Some((codes.clone(), meat));
    }
}

/// As [`meat`], of clusters whose rows are neighbours: cut between clusters and summed in the order of the cuts.
fn sorted_meat(basis: &[Column], residuals: &[f64], codes: &[u32]) -> Vec<f64> {
    let m = basis.len();
    let mut cuts = vec![0];
    while let Some(&last) = cuts.last()
        && last < codes.len()
    {
        let end = codes.len().min(last + ROWS) - 1;
        cuts.push(last + codes[last..].partition_point(|&code| code <= codes[end]));
    }
    let parts: Vec<Vec<f64>> = cuts
        .par_windows(2)
        .map(|cut| {
            let mut out = vec![0.0; m * m];
            let mut score = vec![0.0; m];
            let mut start = cut[0];
            while start < cut[1] {
                let own = codes[start..cut[1]].iter();
                let end = start + own.take_while(|&&code| code == codes[start]).count();
                for (score, q) in score.iter_mut().zip(basis) {
                    let pairs = q[start..end].iter().zip(&residuals[start..end]);
                    *score = pairs.map(|(q, e)| q * e).sum();
                }
                add_square(&mut out, &score);
                start = end;
            }
            out
        })
        .collect();
    let mut total = vec![0.0; m * m];
    for part in &parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    total
}

/// Adds the outer product of a score with itself.
pub(super) fn add_square(out: &mut [f64], score: &[f64]) {
    let m = score.len();
    for i in 0..m {
        for j in 0..m {
            out[i * m + j] += score[i] * score[j];
        }
    }
}

/// The clustered covariance without any factor, and whether negative eigenvalues were set to zero.
///
/// For several variables the meats of all their combinations are added (odd) and subtracted (even): Cameron, Gelbach
/// and Miller (2011), equation 2.13.
///
/// # Errors
/// Codes of different lengths.
pub fn sandwich(solution: &LeastSquares, clusters: &[&Cluster]) -> Result<(Vec<f64>, bool), Error> {
    let m = solution.basis.len();
    let mut total = vec![0.0; m * m];
    let mut size = vec![0.0; m * m];
    for subset in 1..1u32 << clusters.len() {
        let members: Vec<&ScalarBuffer<u32>> = clusters
            .iter()
            .enumerate()
            .filter(|(place, _)| subset & 1 << place != 0)
            .map(|(_, cluster)| &cluster.codes)
            .collect();
        let part = match members[..] {
            [codes] => {
                let groups = codes.iter().fold(0, |high, &code| code.max(high)) as usize + 1;
                meat(solution, codes, groups)
            }
            _ => {
                let members: Vec<&[u32]> = members.iter().map(AsRef::as_ref).collect();
                let (codes, levels) = combine(&members)?;
                meat(solution, &codes.into(), levels.len())
            }
        };
        let sign = if members.len() % 2 == 1 { 1.0 } else { -1.0 };
        for ((total, size), part) in total.iter_mut().zip(&mut size).zip(part) {
            *total += sign * part;
            *size += part.abs();
        }
    }
    let mut covariance = solution.sandwich(&total);
    forget_rounding(solution, &size, &mut covariance);
    if clusters.len() > 1
        && let Some(repaired) = without_negative_eigenvalues(&covariance, solution.k())
    {
        return Ok((repaired, true));
    }
    Ok((covariance, false))
}

/// A variance of no more than this share of the sizes that it is summed from has no digit left.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Sets variances to zero, with their rows and columns, that are rounding beside the sizes of the meat: as where dummies of the
/// periods are regressors, whose scores do not cancel in clusters in which those of the others do.
fn forget_rounding(solution: &LeastSquares, size: &[f64], covariance: &mut [f64]) {
    let (k, m) = (solution.k(), solution.basis.len());
    let rows = solution.transform.chunks_exact(m.max(1));
    for (own, row) in rows.enumerate() {
        let pairs = size.chunks_exact(m.max(1)).zip(row);
        let gross: f64 = pairs
            .map(|(sizes, a)| {
                let inner = sizes.iter().zip(row).map(|(size, b)| size * b.abs());
                a.abs() * inner.sum::<f64>()
            })
            .sum();
        if covariance[own * k + own].abs() <= ROUNDING * gross {
            clear(covariance, k, own);
        }
    }
}

/// Fewer clusters than this make clustered errors unreliable enough for a note.
const FEW_CLUSTERS: usize = 10;

/// What to know of errors from few clusters.
pub(crate) fn few_clusters(name: &str, groups: usize) -> Option<Note> {
    let text = format!(
        "{name} has only {groups} clusters: clustered errors are too small on average with so few"
    );
    (groups < FEW_CLUSTERS).then(|| Note::new("few-clusters", text).about([name]))
}

pub(super) fn clustered(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let (estimation, clusters) = (ingredients.estimation, ingredients.clusters);
    let convention = ingredients.convention;
    let n = estimation.nobs();
    let mut notes = Vec::new();
    for cluster in clusters {
        if cluster.groups < 2 {
            return Err(Error::OneCluster {
                name: cluster.name.clone(),
                rows: n,
            });
        }
        notes.extend(few_clusters(&cluster.name, cluster.groups));
    }
    let (raw, repaired) = sandwich(&estimation.solution, clusters)?;
    if repaired {
        let ways = ["", "one", "two", "three", "four"]
            .get(clusters.len())
            .unwrap_or(&"multi");
        notes.push(repaired_note(&format!("{ways}-way clustered")));
    }
    let k = ingredients.parameters(convention.cluster);
    let groups = clusters.iter().map(|c| c.groups).min().unwrap_or(0) as f64;
    let mut factor = 1.0;
    let mut words = Vec::new();
    if convention.cluster_groups {
        factor *= groups / (groups - 1.0);
        words.push("G/(G-1)");
    }
    if convention.cluster_rows != RowFactor::None {
        ingredients.check_left(k)?;
        let (rows, word) = convention.cluster_rows.factor(n, k);
        factor *= rows;
        words.push(word);
    }
    let names: Vec<String> = clusters
        .iter()
        .map(|c| format!("{} ({})", c.name, c.groups))
        .collect();
    let formula = if words.is_empty() {
        format!("clusters {}, no factor", names.join(" and "))
    } else {
        format!(
            "clusters {}, factor {} = {factor:.6}, n = {n}, K = {k}, G = {groups}",
            names.join(" and "),
            words.join(" * "),
        )
    };
    let residual = ingredients.df_residual;
    Ok(Sandwich {
        matrix: scaled(raw, factor),
        factor,
        formula,
        parameters: k,
        notes,
        rule: rule_of(&words),
        df_test: Some(match convention.cluster_test {
            ClusterTest::Groups => groups - 1.0,
            ClusterTest::Smaller => (groups - 1.0).min(residual),
            ClusterTest::Residual => residual,
        }),
        ..Sandwich::default()
    })
}
