//! Covariances of a least-squares regression that is cut into its clusters.

use super::{Ingredients, OwnTest, Sandwich, cluster};
use crate::Error;
use crate::design::Cluster;
use crate::request::{Pairs, Vcov, Wild};
use crate::results::Note;
use crate::small_samples::{Blocks, LeaveOneOut, WildBootstrap, bias_reduced, pairs_bootstrap};

/// Random numbers of a bootstrap at most.
const NUMBERS: usize = 1_000_000_000;

/// The regression by clusters, and the clusters.
fn blocks<'a>(ingredients: &Ingredients<'a>) -> Result<(Blocks, &'a Cluster), Error> {
    let name = ingredients.vcov.name();
    let what = || format!("the {name} covariance");
    let [cluster] = ingredients.clusters else {
        return Err(Error::Unsupported {
            what: what(),
            with: format!("{} cluster variables", ingredients.clusters.len()),
            advice: "name one column".to_owned(),
        });
    };
    if cluster.groups < 2 {
        return Err(Error::OneCluster {
            name: cluster.name.clone(),
            rows: ingredients.estimation.nobs(),
        });
    }
    if ingredients.estimation.regressor_leverages.is_some() {
        return Err(Error::Unsupported {
            what: what(),
            with: "a constant beside absorbed effects".to_owned(),
            advice: "it is a normalisation that changes with the clusters; ask for no constant, or for cluster errors"
                .to_owned(),
        });
    }
    let blocks = Blocks::new(ingredients.design, ingredients.estimation, cluster, name)?;
    Ok((blocks, cluster))
}

/// `state (48)`.
fn named(cluster: &Cluster) -> String {
    format!("{} ({})", cluster.name, cluster.groups)
}

pub(super) fn crv3(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let (blocks, cluster) = blocks(ingredients)?;
    let left_out = LeaveOneOut::new(&blocks);
    let Some(matrix) = left_out.covariance() else {
        let (group, coefficient) = left_out.unidentified().unwrap_or_default();
        return Err(not_identified(ingredients, cluster, group, coefficient));
    };
    let groups = cluster.groups as f64;
    Ok(Sandwich {
        matrix,
        factor: (groups - 1.0) / groups,
        rule: "(G-1)/G".to_owned(),
        formula: format!(
            "clusters {}, (G-1)/G times the squared changes when each cluster is left out, G = {groups}",
            named(cluster)
        ),
        df_test: Some(groups - 1.0),
        ..Sandwich::default()
    })
}

fn not_identified(
    ingredients: &Ingredients<'_>,
    cluster: &Cluster,
    group: usize,
    coefficient: usize,
) -> Error {
    let first = cluster
        .codes
        .iter()
        .position(|&code| code as usize == group);
    let name = ingredients.estimation.names.get(coefficient);
    Error::Unsupported {
        what: format!("the {} covariance", ingredients.vcov.name()),
        with: format!(
            "a coefficient that one cluster identifies alone: without the cluster of row {} (of {}) `{}` is not identified",
            ingredients.input_row(first.unwrap_or(0)) + 1,
            cluster.name,
            name.map_or("", String::as_str)
        ),
        advice: "leave the term out, or use cluster or cr2 errors and distrust them".to_owned(),
    }
}

pub(super) fn cr2(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let (blocks, cluster) = blocks(ingredients)?;
    let Some(found) = bias_reduced(&blocks) else {
        return Err(Error::Unsupported {
            what: "the cr2 covariance".to_owned(),
            with: format!("{} clusters of {}", cluster.groups, cluster.name),
            advice: "a coefficient has no degree of freedom: leave out terms that single clusters identify"
                .to_owned(),
        });
    };
    let least = found.df.iter().copied().fold(f64::INFINITY, f64::min);
    let each: Vec<String> = ingredients
        .estimation
        .names
        .iter()
        .zip(&found.df)
        .map(|(name, df)| format!("{name} {df:.2}"))
        .collect();
    Ok(Sandwich {
        matrix: found.covariance,
        formula: format!("clusters {}, no factor", named(cluster)),
        df_test: Some(least),
        tests: found
            .df
            .iter()
            .map(|&df| OwnTest {
                df: Some(df),
                ..OwnTest::default()
            })
            .collect(),
        notes: vec![Note::new(
            "satterthwaite",
            format!(
                "each coefficient has degrees of freedom of its own (Satterthwaite): {}; the smallest stands for all where one number is needed",
                each.join(", ")
            ),
        )],
        ..Sandwich::default()
    })
}

pub(super) fn wild(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let Vcov::Wild(asked) = ingredients.vcov else {
        return cluster::clustered(ingredients);
    };
    let (blocks, cluster) = blocks(ingredients)?;
    check_draws(ingredients, asked.draws, cluster.groups)?;
    let mut sandwich = cluster::clustered(ingredients)?;
    let bootstrap = WildBootstrap::new(&blocks, asked);
    let mut open = Vec::new();
    for (coefficient, name) in ingredients.estimation.names.iter().enumerate() {
        let test = bootstrap.test(coefficient, true);
        if test.interval.iter().any(|limit| limit.is_infinite()) {
            open.push(name.as_str());
        }
        sandwich.tests.push(OwnTest {
            p_value: Some(test.p_value),
            interval: Some(test.interval),
            df: None,
        });
    }
    sandwich
        .notes
        .push(Note::new("wild", drawn(asked, &bootstrap)));
    if !open.is_empty() {
        let note = Note::new(
            "wild",
            format!(
                "the confidence set of {} has no end: the bootstrap rejects no value on that side at 5 %",
                open.join(", ")
            ),
        );
        sandwich.notes.push(note.about(open));
    }
    Ok(sandwich)
}

/// How p-values were drawn, in words.
fn drawn(asked: &Wild, bootstrap: &WildBootstrap<'_>) -> String {
    let draws = bootstrap.draws();
    let weights = asked.weights.name();
    if draws.enumerated() {
        format!(
            "p-values and intervals are those of the wild cluster bootstrap with the null imposed, {weights} weights, all {} combinations",
            draws.combinations()
        )
    } else {
        format!(
            "p-values and intervals are those of the wild cluster bootstrap with the null imposed, {weights} weights, {} draws, seed {}",
            draws.count(),
            asked.seed
        )
    }
}

pub(super) fn pairs(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let usual;
    let asked = match ingredients.vcov {
        Vcov::Pairs(asked) => asked,
        _ => {
            usual = Pairs {
                cluster: String::new(),
                draws: Pairs::DRAWS,
                seed: Pairs::SEED,
            };
            &usual
        }
    };
    let (blocks, cluster) = blocks(ingredients)?;
    check_draws(ingredients, asked.draws, cluster.groups)?;
    let found = pairs_bootstrap(&blocks, asked).filter(|found| 2 * found.valid > asked.draws);
    let Some(found) = found else {
        return Err(Error::Unsupported {
            what: "the pairs covariance".to_owned(),
            with: format!("{} clusters of {}", cluster.groups, cluster.name),
            advice: "in most draws of clusters a coefficient is not identified; use wild or cr2"
                .to_owned(),
        });
    };
    let groups = cluster.groups as f64;
    let mut notes: Vec<Note> = cluster::few_clusters(&cluster.name, cluster.groups)
        .into_iter()
        .collect();
    if found.valid < asked.draws {
        notes.push(Note::new(
            "pairs",
            format!(
                "{} of {} draws of clusters identified not all coefficients and were left out",
                asked.draws - found.valid,
                asked.draws
            ),
        ));
    }
    Ok(Sandwich {
        matrix: found.covariance,
        formula: format!(
            "clusters {}, covariance of {} draws of whole clusters, seed {}",
            named(cluster),
            found.valid,
            asked.seed
        ),
        df_test: Some(groups - 1.0),
        notes,
        ..Sandwich::default()
    })
}

fn check_draws(ingredients: &Ingredients<'_>, draws: usize, groups: usize) -> Result<(), Error> {
    if draws.saturating_mul(groups) <= NUMBERS {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("the {} covariance", ingredients.vcov.name()),
        with: format!("{draws} draws of {groups} clusters"),
        advice: "ask for fewer draws; with so many clusters use cluster errors".to_owned(),
    })
}
