//! Covariances from sums, by the rules of the conventions.

use super::apply::Applied;
use super::levels::Gathered;
use super::plan::Plan;
use crate::Error;
use crate::conventions::{ClusterTest, RowFactor};
use crate::covariance::cluster::few_clusters;
use crate::covariance::{COVARIANCES, Effects, count, usual};
use crate::linear::symmetric::{self, without_negative_eigenvalues};
use crate::request::Vcov;
use crate::results::Note;

/// A covariance with its constants.
pub(super) struct Streamed {
    pub matrix: Vec<f64>,
    pub kind: String,
    pub factor: f64,
    pub df_residual: f64,
    pub df_test: f64,
    pub rule: String,
    pub parameters: Option<usize>,
    pub notes: Vec<Note>,
    /// Variance of each coefficient by homoskedastic errors without a factor.
    pub usual: Vec<f64>,
}

/// The covariance of the coefficients, the constant last.
pub(super) fn covariance(
    plan: &Plan<'_>,
    gathered: &Gathered,
    applied: &Applied,
) -> Result<Streamed, Error> {
    let k = applied.coefficients.len();
    let n = gathered.rows;
    let convention = plan.convention;
    let effects = Streams::new(plan, gathered)?;
    let counted = |rule| count(rule, k, &effects);
    let all = counted(convention.iid)?;
    let too_few = |counted: usize| Error::TooFewRows {
        observations: n,
        coefficients: counted,
        effects: counted - k.min(counted),
    };
    if n <= all {
        return Err(too_few(all));
    }
    let mut notes = Vec::new();
    let mut vcov = plan.vcov.clone();
    if vcov == Vcov::Hc1 && !plan.clusters.is_empty() {
        notes.push(Note::new(
            "vcov",
            format!(
                "robust errors of {} are clustered on {}",
                convention.label,
                plan.clusters.join(" and ")
            ),
        ));
        vcov = Vcov::Cluster(plan.clusters.clone());
    }
    let rows = n as f64;
    let bread = bread(plan, gathered, applied);
    let mut later = Vec::new();
    let mut rule = String::from("1");
    let mut parameters = None;
    let (matrix, factor, formula) = match &vcov {
        Vcov::Iid => {
            let factor = rows / (rows - all as f64);
            let variance = applied.rss / rows * factor;
            (rule, parameters) = ("n/(n-K)".to_owned(), Some(all));
            let matrix = bread.iter().map(|v| v * variance).collect();
            (matrix, factor, format!("RSS/(n-K), n = {n}, K = {all}"))
        }
        Vcov::Hc0 | Vcov::Hc1 => {
            let mut matrix = sandwich(plan, applied, gathered);
            let (mut factor, mut formula) = (1.0, "no factor".to_owned());
            if vcov == Vcov::Hc1 {
                let counted = counted(convention.hetero)?;
                factor = rows / (rows - counted as f64);
                (rule, parameters) = ("n/(n-K)".to_owned(), Some(counted));
                formula = format!("factor n/(n-K) = {factor:.6}, n = {n}, K = {counted}");
                matrix.iter_mut().for_each(|v| *v *= factor);
            }
            (matrix, factor, formula)
        }
        _ => {
            for (name, &groups) in plan.clusters.iter().zip(&applied.clusters) {
                if groups < 2 {
                    return Err(Error::OneCluster {
                        name: name.clone(),
                        rows: n,
                    });
                }
                later.extend(few_clusters(name, groups));
            }
            let mut matrix = sandwich(plan, applied, gathered);
            if plan.clusters.len() > 1
                && let Some(repaired) = without_negative_eigenvalues(&matrix, k)
            {
                matrix = repaired;
                later.push(Note::new(
                    "vcov",
                    "the two-way clustered covariance was not positive semidefinite; its negative eigenvalues were set to zero",
                ));
            }
            let counted = counted(convention.cluster)?;
            let groups = applied.clusters.iter().copied().min().unwrap_or(0) as f64;
            let mut factor = 1.0;
            let mut words = Vec::new();
            if convention.cluster_groups {
                factor *= groups / (groups - 1.0);
                words.push("G/(G-1)");
            }
            if convention.cluster_rows != RowFactor::None {
                if n <= counted {
                    return Err(too_few(counted));
                }
                let (of_rows, word) = convention.cluster_rows.factor(n, counted);
                factor *= of_rows;
                words.push(word);
                parameters = Some(counted);
            }
            if !words.is_empty() {
                rule = words.join(" * ");
            }
            let names: Vec<String> = plan
                .clusters
                .iter()
                .zip(&applied.clusters)
                .map(|(name, groups)| format!("{name} ({groups})"))
                .collect();
            let names = names.join(" and ");
            let formula = if words.is_empty() {
                format!("clusters {names}, no factor")
            } else {
                format!(
                    "clusters {names}, factor {} = {factor:.6}, n = {n}, K = {counted}, G = {groups}",
                    words.join(" * ")
                )
            };
            matrix.iter_mut().for_each(|v| *v *= factor);
            (matrix, factor, formula)
        }
    };
    let df_residual = (n - all) as f64;
    let df_test = match (&vcov, convention.cluster_test) {
        (Vcov::Cluster(_), rule) => {
            let groups = applied.clusters.iter().copied().min().unwrap_or(0) as f64 - 1.0;
            match rule {
                ClusterTest::Groups => groups,
                ClusterTest::Smaller => groups.min(df_residual),
                ClusterTest::Residual => df_residual,
            }
        }
        _ => df_residual,
    };
    let label = COVARIANCES
        .iter()
        .find(|row| row.name == vcov.name())
        .map_or("", |row| row.label);
    notes.push(Note::new(
        "convention",
        format!(
            "{label} errors by the rules of {}: {formula}; tests use t({df_test})",
            convention.name
        ),
    ));
    notes.extend(later);
    Ok(Streamed {
        matrix,
        kind: vcov.to_string(),
        factor,
        df_residual,
        df_test,
        rule,
        parameters,
        notes,
        usual: usual(&bread, applied.rss / rows),
    })
}

/// A matrix over the regressors with the row of the constant, which takes the means of the others along.
fn with_constant(plan: &Plan<'_>, applied: &Applied, matrix: &[f64]) -> Vec<f64> {
    let slopes = applied.kept.len();
    if !plan.constant() {
        return matrix.to_vec();
    }
    let k = slopes + 1;
    let mut out = vec![0.0; k * k];
    for i in 0..slopes {
        for j in 0..slopes {
            let value = matrix[i * slopes + j];
            out[i * k + j] = value;
            out[slopes * k + j] -= applied.means[i] * value;
        }
    }
    out
}

/// Coefficients are this matrix times the scores of the orthonormal columns and of the constant: k x k.
fn transform(plan: &Plan<'_>, applied: &Applied, gathered: &Gathered) -> Vec<f64> {
    let mut out = with_constant(plan, applied, &applied.transform);
    if plan.constant()
        && let Some(last) = out.last_mut()
    {
        *last = 1.0 / gathered.weight;
    }
    out
}

/// Inverse of the cross-products of the regressors and the constant.
fn bread(plan: &Plan<'_>, gathered: &Gathered, applied: &Applied) -> Vec<f64> {
    let mut out = with_constant(plan, applied, &applied.inverse);
    if plan.constant() {
        let slopes = applied.kept.len();
        let k = slopes + 1;
        for i in 0..slopes {
            out[i * k + slopes] = out[slopes * k + i];
        }
        let of_means: f64 = (0..slopes)
            .map(|i| -applied.means[i] * out[slopes * k + i])
            .sum();
        out[slopes * k + slopes] = 1.0 / gathered.weight + of_means;
    }
    out
}

fn sandwich(plan: &Plan<'_>, applied: &Applied, gathered: &Gathered) -> Vec<f64> {
    let k = applied.coefficients.len();
    let t = transform(plan, applied, gathered);
    symmetric::sandwich(&t, &applied.meat, k, k)
}

/// The effects of streamed data.
struct Streams<'a> {
    plan: &'a Plan<'a>,
    gathered: &'a Gathered,
    levels: Vec<usize>,
    nested: Vec<bool>,
    nested_in_all: Vec<bool>,
}

impl<'a> Streams<'a> {
    fn new(plan: &'a Plan<'a>, gathered: &'a Gathered) -> Result<Self, Error> {
        let mut effects = Self {
            plan,
            gathered,
            levels: gathered.levels_in_use(),
            nested: Vec::new(),
            nested_in_all: Vec::new(),
        };
        for &effect in &plan.effect_groups {
            let mut within = Vec::new();
            for &cluster in &plan.cluster_groups {
                within.push(gathered.nested(effect, cluster)?);
            }
            effects.nested.push(within.contains(&true));
            effects
                .nested_in_all
                .push(!within.is_empty() && !within.contains(&false));
        }
        Ok(effects)
    }
}

impl Effects for Streams<'_> {
    type Error = Error;

    fn count(&self) -> usize {
        self.levels.len()
    }

    fn columns(&self, effect: usize) -> usize {
        self.levels[effect]
    }

    fn levels(&self, effect: usize) -> usize {
        self.levels[effect]
    }

    fn intercept(&self, _: usize) -> bool {
        true
    }

    fn nested(&self, effect: usize) -> bool {
        self.nested[effect]
    }

    fn nested_in_all(&self, effect: usize) -> bool {
        self.nested_in_all[effect]
    }

    fn unit(&self) -> Option<usize> {
        self.plan.unit_effect
    }

    /// Levels less the components that each effect makes with that earlier one with which it makes most.
    fn rank(&self) -> Result<usize, Error> {
        let mut total = 0;
        for effect in 0..self.levels.len() {
            let mut redundant = 0;
            for earlier in 0..effect {
                redundant = redundant.max(self.components(earlier, effect)?);
            }
            total += self.levels[effect] - redundant;
        }
        Ok(total)
    }

    fn components(&self, first: usize, second: usize) -> Result<usize, Error> {
        let groups = &self.plan.effect_groups;
        let most = self.levels[first] + self.levels[second];
        self.gathered
            .components(groups[first], groups[second], most)
    }
}
