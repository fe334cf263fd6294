//! The jackknife over clusters: coefficients without each cluster, and CRV3.

use super::blocks::{Blocks, GONE};
use crate::linear::symmetric::eigen;
use rayon::prelude::*;

/// How the coefficients change when a cluster is left out.
#[derive(Clone, Debug)]
pub struct LeaveOneOut {
    /// Change of each coefficient for each cluster, k numbers a cluster; `None` where a coefficient is not identified
    /// without the cluster.
    pub changes: Vec<Vec<Option<f64>>>,
}

impl LeaveOneOut {
    /// Leaves out each cluster in turn, exactly: every effect is estimated anew.
    pub fn new(blocks: &Blocks) -> Self {
        let changes = (0..blocks.groups())
            .into_par_iter()
            .with_min_len(32)
            .map(|group| without(blocks, group))
            .collect();
        Self { changes }
    }

    /// The first cluster without which a coefficient is not identified, with the coefficient.
    pub fn unidentified(&self) -> Option<(usize, usize)> {
        self.changes.iter().enumerate().find_map(|(group, change)| {
            let coefficient = change.iter().position(Option::is_none)?;
            Some((group, coefficient))
        })
    }

    /// The changes of one coefficient over clusters, where all are identified.
    pub fn of(&self, coefficient: usize) -> Option<Vec<f64>> {
        self.changes.iter().map(|c| c[coefficient]).collect()
    }

    /// CRV3, `(G - 1)/G sum_g (beta_g - beta)(beta_g - beta)'`, k x k (Bell and McCaffrey 2002; MacKinnon, Nielsen and
    /// Webb 2023, equation 12); `None` where a coefficient is not identified without some cluster.
    pub fn covariance(&self) -> Option<Vec<f64>> {
        let groups = self.changes.len() as f64;
        let k = self.changes.first().map_or(0, Vec::len);
        let mut sum = vec![0.0; k * k];
        for change in &self.changes {
            let change: Vec<f64> = change.iter().copied().collect::<Option<_>>()?;
            for i in 0..k {
                for j in 0..k {
                    sum[i * k + j] += change[i] * change[j];
                }
            }
        }
        sum.iter_mut().for_each(|v| *v *= (groups - 1.0) / groups);
        Some(sum)
    }
}

/// Changes of the coefficients without one cluster.
fn without(blocks: &Blocks, group: usize) -> Vec<Option<f64>> {
    let score = blocks.score(group);
    let p = blocks.width();
    let mut left = blocks.gram(group);
    for (place, value) in left.iter_mut().enumerate() {
        *value = if place % (p + 1) == 0 {
            1.0 - *value
        } else {
            -*value
        };
    }
    let changes = identified(blocks, &left, &score);
    changes.into_iter().map(|c| c.map(|c| -c)).collect()
}

/// `T left^-1 score`, one number a coefficient; `None` for one that is not identified by `left`, a sum of matrices `A_g`
/// with `score` in its range.
pub(super) fn identified(blocks: &Blocks, left: &[f64], score: &[f64]) -> Vec<Option<f64>> {
    let p = blocks.width();
    if let Some(step) = definite(left, score, p) {
        return blocks
            .coefficients_of(&step)
            .into_iter()
            .map(Some)
            .collect();
    }
    // Directions that only missing clusters span: nothing is left of them, and so of their score. A coefficient without
    // weight on them stays identified.
    let Some((values, vectors)) = eigen(left, p) else {
        return vec![None; blocks.k()];
    };
    let mut step = vec![0.0; p];
    let mut gone = Vec::new();
    for (value, vector) in values.iter().zip(&vectors) {
        if *value <= GONE {
            gone.push(vector);
            continue;
        }
        let along: f64 = vector.iter().zip(score).map(|(v, s)| v * s).sum();
        for (step, v) in step.iter_mut().zip(vector) {
            *step += along / value * v;
        }
    }
    let changes = blocks.coefficients_of(&step);
    changes
        .into_iter()
        .enumerate()
        .map(|(coefficient, change)| {
            let direction = blocks.direction(coefficient);
            let length = direction.iter().map(|t| t * t).sum::<f64>().sqrt();
            let lost = gone.iter().any(|vector| {
                let along: f64 = vector.iter().zip(direction).map(|(v, t)| v * t).sum();
                along.abs() > 1e-6 * length
            });
            (!lost).then_some(change)
        })
        .collect()
}

/// Solves `a x = b` by Cholesky's factor; `None` where the matrix is not safely definite (its scale is 1).
fn definite(a: &[f64], b: &[f64], p: usize) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; p * p];
    let mut x = vec![0.0; p];
    for i in 0..p {
        for j in 0..=i {
            let (row, other) = (&factor[i * p..i * p + j], &factor[j * p..j * p + j]);
            let known: f64 = row.iter().zip(other).map(|(l, m)| l * m).sum();
            let value = a[i * p + j] - known;
            if i == j {
                if value.is_nan() || value <= 100.0 * GONE {
                    return None;
                }
                factor[i * p + i] = value.sqrt();
            } else {
                factor[i * p + j] = value / factor[j * p + j];
            }
        }
        let known: f64 = (0..i).map(|l| factor[i * p + l] * x[l]).sum();
        x[i] = (b[i] - known) / factor[i * p + i];
    }
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).map(|l| factor[l * p + i] * x[l]).sum();
        x[i] = (x[i] - known) / factor[i * p + i];
    }
    Some(x)
}
