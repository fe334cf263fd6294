//! Seemingly unrelated estimation: each group estimated alone, their scores stacked.
//!
//! The covariance of both groups' coefficients is the sandwich of the stacked scores, summed over the clusters of both
//! groups together, so that it holds where clusters are in both (Weesie 1999; White 1982, theorem 3.2); Wald's statistic of
//! equality is a chi-squared with one degree of freedom.

use panelyst_absorb::singletons::singleton_rows;

use super::{Pair, STACKED};
use crate::design::Design;
use crate::distributions::normal_two_sided;
use crate::estimators::Estimation;
use crate::results::GroupDifference;
use crate::{Error, conventions};

/// One group's estimates: for each regressor of the design its coefficient and each cluster's share in its error.
struct Alone {
    found: Vec<Option<(f64, Vec<f64>)>>,
    /// Which clusters have rows that were used.
    used: Vec<bool>,
}

/// The difference of each term with Wald's test.
///
/// # Errors
/// An unknown convention; what the data do not allow is a row without a p-value.
pub(super) fn test(pair: &Pair<'_>, terms: &[usize]) -> Result<Vec<GroupDifference>, Error> {
    let (clusters, name) = clusters(pair);
    let count = clusters.iter().max().map_or(0, |&c| c as usize + 1);
    if let Some(group) = (0..2).find(|&g| pair.clusters[g] < 2) {
        let reason = format!("{} has fewer than two clusters", pair.names[group]);
        return Ok(pair.undefined(terms, STACKED, &reason));
    }
    let mut groups = Vec::with_capacity(2);
    for group in 0..2usize {
        match alone(pair, group as u32, &clusters, count) {
            Ok(found) => groups.push(found),
            Err(error @ (Error::UnknownName { .. } | Error::Length { .. } | Error::Absorb(_))) => {
                return Err(error);
            }
            Err(error) => {
                let reason = format!("{}: {error}", pair.names[group]);
                return Ok(pair.undefined(terms, STACKED, &reason));
            }
        }
    }
    // The scores of a group sum to zero: over one cluster they say nothing, whatever rounding leaves of them.
    let used = |group: &Alone| group.used.iter().filter(|used| **used).count();
    if let Some(group) = (0..2).find(|&g| used(&groups[g]) < 2) {
        let reason = format!(
            "{} has fewer than two clusters of {name}",
            pair.names[group]
        );
        return Ok(pair.undefined(terms, STACKED, &reason));
    }
    let either = groups[0].used.iter().zip(&groups[1].used);
    let count = either.filter(|(a, b)| **a || **b).count();
    let rows = terms.iter().map(|&term| {
        let blank = pair.blank(term, STACKED);
        let (Some(first), Some(second)) = (&groups[0].found[term], &groups[1].found[term]) else {
            let identified = |group: usize| groups[group].found[term].is_some();
            return GroupDifference {
                note: pair.not_identified(term, identified),
                ..blank
            };
        };
        let estimates = [first.0, second.0];
        let difference = estimates[0] - estimates[1];
        let shares = first.1.iter().zip(&second.1);
        let squares: f64 = shares.map(|(a, b)| (a - b).powi(2)).sum();
        let variance = squares * count as f64 / (count as f64 - 1.0);
        let size: f64 = first.1.iter().chain(&second.1).map(|v| v * v).sum();
        // Rounding of the sums, not information.
        if variance.is_nan() || variance <= 1e-14 * size {
            return GroupDifference {
                estimates,
                difference,
                note: "undefined: the variance of the difference is zero".to_owned(),
                ..blank
            };
        }
        let std_error = variance.sqrt();
        let statistic = difference / std_error;
        let mut note = format!("stacked scores summed over {count} clusters of {name}");
        if let Some(caution) = pair.caution() {
            note = format!("{note}; {caution}");
        }
        GroupDifference {
            estimates,
            difference,
            std_error: Some(std_error),
            statistic: Some(statistic),
            p_value: Some(normal_two_sided(statistic)),
            note,
            ..blank
        }
    });
    Ok(rows.collect())
}

/// The clusters of the rows, and their name: the cluster variable of the request if it is one, else the unit, else rows.
fn clusters(pair: &Pair<'_>) -> (Vec<u32>, String) {
    if let [cluster] = pair.design.clusters.as_slice() {
        return (cluster.codes.to_vec(), cluster.name.clone());
    }
    match (&pair.unit, &pair.design.panel) {
        (Some(unit), Some(panel)) => (unit.to_vec(), panel.unit.clone()),
        _ => ((0..pair.design.n() as u32).collect(), "rows".to_owned()),
    }
}

/// Estimates one group alone, without its singletons where the convention drops them.
fn alone(pair: &Pair<'_>, group: u32, clusters: &[u32], count: usize) -> Result<Alone, Error> {
    let mut rows: Vec<usize> = (0..pair.second.len())
        .filter(|&row| pair.second[row] == group)
        .collect();
    let mut design = pair.design.select(&rows)?;
    let convention = conventions::by_name(&pair.request.convention)?;
    let effects = design.effects.iter().filter(|(_, e)| e.intercept);
    let codes: Vec<&[u32]> = effects.map(|(_, e)| &e.codes[..]).collect();
    if convention.drops_singletons && !codes.is_empty() {
        let found = singleton_rows(&codes)?;
        if found.removed > 0 {
            let keep: Vec<usize> = (0..design.n()).filter(|&row| found.kept[row]).collect();
            rows = keep.iter().map(|&row| rows[row]).collect();
            design = design.select(&keep)?;
        }
    }
    let estimation = (design.estimator.row().function)(&design)?;
    let of_rows: Vec<u32> = rows.iter().map(|&row| clusters[row]).collect();
    let mut used = vec![false; count];
    of_rows.iter().for_each(|&c| used[c as usize] = true);
    Ok(Alone {
        used,
        found: (0..design.names.len())
            .map(|term| shares(&design, &estimation, term, &of_rows, count))
            .collect(),
    })
}

/// The coefficient of a regressor, and the sums over clusters of `T q_i e_i`.
fn shares(
    design: &Design,
    estimation: &Estimation,
    term: usize,
    clusters: &[u32],
    count: usize,
) -> Option<(f64, Vec<f64>)> {
    let solution = &estimation.solution;
    let place = estimation
        .names
        .iter()
        .position(|n| *n == design.names[term])?;
    let m = solution.basis.len();
    let direction = &solution.transform[place * m..(place + 1) * m];
    let mut sums = vec![0.0; count];
    for (row, (&cluster, e)) in clusters
        .iter()
        .zip(solution.weighted_residuals.iter())
        .enumerate()
    {
        let along: f64 = solution
            .basis
            .iter()
            .zip(direction)
            .map(|(q, t)| q[row] * t)
            .sum();
        sums[cluster as usize] += along * e;
    }
    Some((solution.coefficients[place], sums))
}
