//! What a reader of a table with few clusters should see beside its errors.

use super::blocks::Blocks;
use super::jackknife::LeaveOneOut;
use super::wild::WildBootstrap;
use crate::Error;
use crate::design::{Cluster, Design};
use crate::distributions::t_two_sided;
use crate::estimators::Estimation;
use crate::request::Wild;
use crate::results::{ClusterShare, LeftOut, Note, SmallSampleRow, SmallSamples, WildDraws};

/// With this many clusters and more the usual errors are taken to hold (Cameron and Miller 2015, section VI).
pub const FEW_CLUSTERS: usize = 50;

/// With more observations the statistics are not computed unless they are asked for.
pub const MANY_OBSERVATIONS: usize = 100_000;

/// Level at which a note compares the tests.
const LEVEL: f64 = 0.05;

/// Jackknife, wild bootstrap, effective clusters, leverages and leave-one-out range of a least-squares estimation without
/// a constant beside absorbed effects; `label` names a cluster.
///
/// # Errors
/// Those of [`Blocks::new`].
pub(crate) fn summary(
    design: &Design,
    estimation: &Estimation,
    cluster: &Cluster,
    label: impl Fn(usize) -> String,
) -> Result<SmallSamples, Error> {
    let blocks = Blocks::new(design, estimation, cluster, "crv3")?;
    let groups = blocks.groups();
    let left_out = LeaveOneOut::new(&blocks);
    let asked = Wild::new(cluster.name.clone());
    let bootstrap = WildBootstrap::new(&blocks, &asked);
    let p = blocks.width();
    let traces: Vec<f64> = bootstrap
        .grams()
        .iter()
        .map(|gram| gram.iter().step_by(p + 1).sum())
        .collect();
    let mut rows = Vec::with_capacity(blocks.k());
    for (coefficient, term) in estimation.names.iter().enumerate() {
        let direction = blocks.direction(coefficient);
        let tau: f64 = direction.iter().map(|t| t * t).sum();
        let forms: Vec<f64> = bootstrap
            .grams()
            .iter()
            .map(|gram| form(gram, direction))
            .collect();
        let levels: Option<Vec<f64>> = (0..groups)
            .map(|group| {
                let level = blocks.level(group)?;
                let along: f64 = level.iter().zip(direction).map(|(a, b)| a * b).sum();
                Some(along * along)
            })
            .collect();
        let estimate = blocks.coefficients[coefficient];
        let changes = left_out.of(coefficient);
        let std_error = changes.as_ref().map(|changes| {
            let squares: f64 = changes.iter().map(|c| c * c).sum();
            ((groups as f64 - 1.0) / groups as f64 * squares).sqrt()
        });
        let extreme = |sign: f64| {
            let place = largest(
                &changes
                    .as_ref()?
                    .iter()
                    .map(|c| sign * c)
                    .collect::<Vec<_>>(),
            );
            Some(LeftOut {
                estimate: estimate + changes.as_ref()?[place],
                without: label(place),
            })
        };
        let most = largest(&forms);
        rows.push(SmallSampleRow {
            term: term.clone(),
            std_error_crv3: std_error,
            p_value_crv3: std_error.map(|se| {
                let ratio = estimate / se;
                let statistic = if ratio.is_nan() {
                    0.0
                } else {
                    ratio.clamp(-f64::MAX, f64::MAX)
                };
                t_two_sided(statistic, groups as f64 - 1.0)
            }),
            p_value_wild: bootstrap.test(coefficient, false).p_value,
            effective_clusters: effective(&forms),
            effective_clusters_correlated: levels.map(|levels| effective(&levels)),
            leave_one_out_low: extreme(-1.0),
            leave_one_out_high: extreme(1.0),
            partial_leverage_largest: ClusterShare {
                cluster: label(most),
                value: forms[most] / tau,
            },
        });
    }
    let most = largest(&traces);
    Ok(SmallSamples {
        cluster: cluster.name.clone(),
        clusters: groups,
        wild: WildDraws {
            weights: asked.weights.name().to_owned(),
            draws: bootstrap.draws().combinations(),
            enumerated: bootstrap.draws().enumerated(),
            seed: asked.seed,
        },
        leverage_mean: traces.iter().sum::<f64>() / groups as f64,
        leverage_largest: ClusterShare {
            cluster: label(most),
            value: traces[most],
        },
        coefficients: rows,
    })
}

/// The note on coefficients whose significance at 5 % depends on the test; `None` where all agree.
pub(crate) fn disagreement(
    few: &SmallSamples,
    printed: impl Fn(&str) -> Option<f64>,
) -> Option<Note> {
    let mut flips = Vec::new();
    let mut terms = Vec::new();
    for row in &few.coefficients {
        let (Some(printed), Some(crv3)) = (printed(&row.term), row.p_value_crv3) else {
            continue;
        };
        let significant = [printed, crv3, row.p_value_wild].map(|p| p < LEVEL);
        if significant.contains(&!significant[0]) {
            flips.push(format!(
                "{} (p {printed:.3} as printed, {crv3:.3} by CRV3, {:.3} by the wild bootstrap)",
                row.term, row.p_value_wild
            ));
            terms.push(row.term.clone());
        }
    }
    if flips.is_empty() {
        return None;
    }
    let limit = few.wild.least_p_value().map_or(String::new(), |least| {
        format!(
            "; with {} combinations of signs no p-value of the wild bootstrap lies below {least:.3}, so that it cannot reject",
            few.wild.draws
        )
    });
    let text = format!(
        "with {} clusters of {} significance at 5 % depends on the test: {}{limit}",
        few.clusters,
        few.cluster,
        flips.join("; ")
    );
    Some(Note::new("small-samples", text).about(terms))
}

/// `t'A t`.
fn form(gram: &[f64], direction: &[f64]) -> f64 {
    gram.chunks_exact(direction.len().max(1))
        .zip(direction)
        .map(|(row, t)| {
            let product: f64 = row.iter().zip(direction).map(|(a, b)| a * b).sum();
            t * product
        })
        .sum()
}

/// Place of the first largest number.
fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = place;
        }
    }
    best
}

/// G / (1 + Gamma), Gamma the squared coefficient of variation of the clusters' numbers (Carter, Schnepel and Steigerwald
/// 2017, equation 6).
fn effective(parts: &[f64]) -> f64 {
    let groups = parts.len() as f64;
    let mean = parts.iter().sum::<f64>() / groups;
    let spread = parts.iter().map(|v| (v / mean - 1.0).powi(2)).sum::<f64>() / groups;
    groups / (1.0 + spread)
}
