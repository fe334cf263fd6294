//! A regression cut into its clusters, in an orthonormal basis.
//!
//! Let X be all regressors, the dummies of the absorbed effects among them, with rows times the root of the weight. Effects
//! nested in the clusters (unit effects, clusters of units) are block diagonal over clusters: whichever clusters are left
//! out, doubled or multiplied by a sign, removing them from the other clusters is the same, so they are removed once. What
//! is left, the effects that cross the clusters (years) and the regressors without all effects, gets an orthonormal basis
//! Q. Of a cluster g the small matrix `A_g = Q_g'Q_g` and the score `s_g = Q_g'e_g` then say everything:
//!
//! ```text
//! beta without g = beta - T (I - A_g)^-1 s_g        (MacKinnon, Nielsen and Webb 2023, equation 9, in the basis)
//! ```
//!
//! with `T` the matrix that turns weights on the basis into coefficients.

use crate::Error;
use crate::design::{Cluster, Design};
use crate::estimators::{Estimation, Observations};
use crate::linear::least_squares::TOLERANCE;
use crate::linear::small::product;
use crate::linear::sums::dot;
use crate::linear::{Column, Constant, LeastSquares, least_squares};
use panelyst_absorb::{Absorber, Effect, FixedEffects, Options, is_nested};

/// Columns of dummies of effects that cross the clusters at most.
const CROSSING: usize = 1_000;

/// Numbers in their columns at most.
const NUMBERS: usize = 50_000_000;

/// What is left of a direction without one cluster counts as rounding below this share.
pub(super) const GONE: f64 = 1e-9;

/// A least-squares regression by clusters.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Orthonormal columns, by rows: those of the crossing effects first; the rows sorted by cluster.
    basis: Vec<f64>,
    /// Root-weighted residuals in the same order.
    residuals: Vec<f64>,
    /// First row of each cluster, and the end.
    starts: Vec<usize>,
    /// Columns of the basis.
    width: usize,
    /// Coefficients are `transform` times the weights on the basis: k x width.
    transform: Vec<f64>,
    /// Coefficients.
    pub coefficients: Vec<f64>,
    /// Root-weighted ones in the same order, where no absorbed effect takes the level of a cluster.
    ones: Option<Vec<f64>>,
}

impl Blocks {
    /// Cuts a regression into clusters; `cluster` is on the observations.
    ///
    /// `estimation` must be a least-squares solution without a constant beside absorbed effects.
    ///
    /// # Errors
    /// Too many levels of effects that cross the clusters, and the errors of the absorber.
    pub fn new(
        design: &Design,
        estimation: &Estimation,
        cluster: &Cluster,
        vcov: &str,
    ) -> Result<Self, Error> {
        let solution = &estimation.solution;
        let n = estimation.nobs();
        let absorbed: &[(String, Effect)] = match estimation.rank {
            Some(_) => &design.effects,
            None => &[],
        };
        let nested: Vec<bool> = absorbed
            .iter()
            .map(|(_, effect)| is_nested(&effect.codes, &cluster.codes))
            .collect();
        let crossing = crossing_basis(design, absorbed, &nested, vcov)?;
        let own = orthonormal(solution)?;
        let m = own.basis.len();
        let width = crossing.len() + m;
        let k = solution.k();
        let mut transform = vec![0.0; k * width];
        for (row, own) in transform
            .chunks_exact_mut(width.max(1))
            .zip(own.transform.chunks_exact(m.max(1)))
        {
            row[crossing.len()..].copy_from_slice(own);
        }
        let mut starts = vec![0usize; cluster.groups + 1];
        for &code in cluster.codes.iter() {
            starts[code as usize + 1] += 1;
        }
        for group in 0..cluster.groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut basis = vec![0.0; n * width];
        let mut residuals = vec![0.0; n];
        let weights = match estimation.observations {
            Observations::Rows => design.weights.as_deref(),
            _ => None,
        };
        let levelled = absorbed
            .iter()
            .zip(&nested)
            .any(|((_, e), n)| *n && e.intercept);
        let mut ones = (!levelled).then(|| vec![0.0; n]);
        for (row, &code) in cluster.codes.iter().enumerate() {
            let place = next[code as usize];
            next[code as usize] += 1;
            let columns = crossing.iter().chain(&own.basis);
            for (slot, column) in basis[place * width..(place + 1) * width]
                .iter_mut()
                .zip(columns)
            {
                *slot = column[row];
            }
            residuals[place] = solution.weighted_residuals[row];
            if let Some(ones) = &mut ones {
                ones[place] = weights.map_or(1.0, |w| w[row].sqrt());
            }
        }
        Ok(Self {
            basis,
            residuals,
            starts,
            width,
            transform,
            coefficients: solution.coefficients.clone(),
            ones,
        })
    }

    /// Number of clusters.
    pub fn groups(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of coefficients.
    pub fn k(&self) -> usize {
        self.coefficients.len()
    }

    /// Columns of the basis.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Weights of a coefficient on the basis.
    pub fn direction(&self, coefficient: usize) -> &[f64] {
        &self.transform[coefficient * self.width..(coefficient + 1) * self.width]
    }

    /// Rows of the basis in a cluster.
    pub fn rows(&self, group: usize) -> impl Iterator<Item = &[f64]> {
        self.basis[self.starts[group] * self.width..self.starts[group + 1] * self.width]
            .chunks_exact(self.width.max(1))
    }

    /// Rows of a cluster.
    pub fn size(&self, group: usize) -> usize {
        self.starts[group + 1] - self.starts[group]
    }

    /// `A_g = Q_g'Q_g`, width x width.
    pub fn gram(&self, group: usize) -> Vec<f64> {
        let p = self.width;
        let mut gram = vec![0.0; p * p];
        for row in self.rows(group) {
            for i in 0..p {
                let value = row[i];
                for (sum, other) in gram[i * p..i * p + i + 1].iter_mut().zip(row) {
                    *sum += value * other;
                }
            }
        }
        for i in 0..p {
            for j in 0..i {
                gram[j * p + i] = gram[i * p + j];
            }
        }
        gram
    }

    /// `s_g = Q_g'e_g`.
    pub fn score(&self, group: usize) -> Vec<f64> {
        let mut score = vec![0.0; self.width];
        let residuals = &self.residuals[self.starts[group]..self.starts[group + 1]];
        for (row, e) in self.rows(group).zip(residuals) {
            for (sum, q) in score.iter_mut().zip(row) {
                *sum += q * e;
            }
        }
        score
    }

    /// `Q_g'1`, where no absorbed effect takes the level of a cluster.
    pub fn level(&self, group: usize) -> Option<Vec<f64>> {
        let ones = self.ones.as_ref()?;
        let mut level = vec![0.0; self.width];
        let ones = &ones[self.starts[group]..self.starts[group + 1]];
        for (row, one) in self.rows(group).zip(ones) {
            for (sum, q) in level.iter_mut().zip(row) {
                *sum += q * one;
            }
        }
        Some(level)
    }

    /// Coefficients of weights on the basis.
    pub fn coefficients_of(&self, weights: &[f64]) -> Vec<f64> {
        self.transform
            .chunks_exact(self.width.max(1))
            .map(|row| row.iter().zip(weights).map(|(t, w)| t * w).sum())
            .collect()
    }
}

/// Orthonormal columns of a solution, and what turns weights on them into coefficients.
struct Own {
    basis: Vec<Column>,
    transform: Vec<f64>,
}

/// The basis of a solution made orthonormal where it is not: the regressors themselves may stand for one.
fn orthonormal(solution: &LeastSquares) -> Result<Own, Error> {
    if solution.information_inverse.is_none() {
        return Ok(Own {
            basis: solution.basis.clone(),
            transform: solution.transform.clone(),
        });
    }
    let nothing = vec![0.0; solution.residuals.len()];
    let columns: Vec<&[f64]> = solution.basis.iter().map(|c| &c[..]).collect();
    let basis = least_squares(&nothing, &columns, Constant::None, None)?.basis;
    // Columns are Q R, so that their products with an outcome are R'Q'y.
    let (m, given) = (basis.len(), columns.len());
    let products: Vec<f64> = columns
        .iter()
        .flat_map(|column| basis.iter().map(|q| dot(column, q)))
        .collect();
    let transform = product(&solution.transform, &products, solution.k(), given, m);
    Ok(Own { basis, transform })
}

/// Orthonormal columns that span the effects which cross the clusters, without those that do not.
fn crossing_basis(
    design: &Design,
    absorbed: &[(String, Effect)],
    nested: &[bool],
    vcov: &str,
) -> Result<Vec<Column>, Error> {
    let n = design.n();
    let crossing: Vec<&Effect> = absorbed
        .iter()
        .zip(nested)
        .filter(|(_, nested)| !**nested)
        .map(|((_, effect), _)| effect)
        .collect();
    let count: usize = crossing
        .iter()
        .map(|e| {
            e.levels
                .saturating_mul(usize::from(e.intercept) + e.slopes.len())
        })
        .fold(0, usize::saturating_add);
    if count == 0 {
        return Ok(Vec::new());
    }
    if count > CROSSING || count.saturating_mul(n) > NUMBERS {
        return Err(Error::Unsupported {
            what: format!("the {vcov} covariance"),
            with: format!("{count} levels of effects that cross the clusters, on {n} rows"),
            advice: format!(
                "with at most {CROSSING} levels (and {NUMBERS} numbers in their columns) each cluster is left out exactly; use cluster errors, or clusters in which the effects are nested"
            ),
        });
    }
    let mut columns = Vec::with_capacity(count);
    for effect in crossing {
        for level in 0..effect.levels as u32 {
            let dummy = || {
                effect
                    .codes
                    .iter()
                    .map(move |&code| f64::from(u8::from(code == level)))
            };
            if effect.intercept {
                columns.push(dummy().collect::<Vec<f64>>());
            }
            for slope in &effect.slopes {
                columns.push(dummy().zip(slope).map(|(d, s)| d * s).collect());
            }
        }
    }
    let inside: Vec<&Effect> = absorbed
        .iter()
        .zip(nested)
        .filter(|(_, nested)| **nested)
        .map(|((_, effect), _)| effect)
        .collect();
    if !inside.is_empty() {
        let absorber = FixedEffects::of(&inside, design.weights.clone(), Options::default())?;
        let done = absorber.residualize(&mut columns)?;
        // A dummy that the nested effects take up leaves rounding, which must not become a direction.
        let mut sizes = done.columns.into_iter();
        columns.retain(|_| {
            let met = sizes.next().unwrap_or_default();
            met.left > TOLERANCE * met.raw
        });
    }
    let nothing = vec![0.0; n];
    let weights = design.weights.as_deref();
    Ok(least_squares(&nothing, &columns, Constant::None, weights)?.basis)
}
