//! Coefficients and scores from scans that subtract the effects.

use super::absorb::{Absorbed, solve_for};
use super::lanes::Scans;
use super::levels::Gathered;
use super::plan::Plan;
use super::regression::{Factor, Solved};
use super::residuals::{Residuals, scan};
use super::width::add;
use crate::Error;
use crate::linear::Collinear;

/// Largest weighted level sum of what is left, relative to its norm, that counts as orthogonal.
const ORTHOGONAL: f64 = 1e-10;

/// Sum of squares of the change of fitted values in the last round, relative to the residual sum of squares, below which
/// scores are those of the final coefficients to 1e-11.
const SETTLED: f64 = 1e-22;

/// Scans of this kind after which no better is expected.
const ROUNDS: usize = 4;

/// What the last of them may leave, of either kind: rounding of nearly collinear columns stays below.
const UNSETTLED: f64 = 1e-8;

/// A column whose square is at most this share of its total is taken as absorbed before the scan has looked at it.
const PROBABLY_ABSORBED: f64 = 1e-12;

/// Share of a column's norm, after its mean was removed, below which what effects leave of it counts as rounding.
const ABSORBED: f64 = 1e-9;

/// What the second scan gives.
pub(super) struct Applied {
    /// Regressors kept, ascending.
    pub kept: Vec<usize>,
    /// Regressors dropped; those without others in them are absorbed or do not vary.
    pub dropped: Vec<Collinear>,
    /// Coefficients of the regressors kept, and of the constant if there is one.
    pub coefficients: Vec<f64>,
    /// Inverse of the cross-products of the regressors kept, after effects and means were removed.
    pub inverse: Vec<f64>,
    /// Coefficients are this matrix times the scores of the orthonormal columns.
    pub transform: Vec<f64>,
    /// Weighted means of the regressors kept, of which the constant is free.
    pub means: Vec<f64>,
    pub rss: f64,
    /// Sum of squares of the outcome after the effects were removed.
    pub tss_within: f64,
    /// Sum over rows or clusters of the outer products of scores, in the space of the orthonormal columns and the constant; for
    /// two-way clusters those of both, less that of their combinations.
    pub meat: Vec<f64>,
    /// Number of clusters of each cluster variable.
    pub clusters: Vec<usize>,
    /// Largest remaining level sum, relative.
    pub imbalance: f64,
}

/// Runs the scan until what is left is orthogonal to every level and the coefficients rest.
pub(super) fn apply(
    plan: &Plan<'_>,
    gathered: &Gathered,
    mut absorbed: Absorbed,
    scans: &mut Scans<'_>,
) -> Result<(Absorbed, Applied), Error> {
    let width = plan.width();
    let centre = centre(plan, gathered);
    let totals: Vec<f64> = (0..width)
        .map(|j| {
            let own = gathered.cross[j * width + j];
            if plan.centred() {
                own - gathered.totals[j] * gathered.totals[j] / gathered.weight
            } else {
                own
            }
        })
        .collect();
    let guess = projected(plan, gathered, &absorbed);
    let absent = |cross: &[f64], share: f64| -> Vec<bool> {
        (0..width)
            .map(|j| {
                let left = cross[j * width + j];
                left <= share * totals[j] || left <= ROUNDING * gathered.raw[j]
            })
            .collect()
    };
    let mut solved = Solved::new(&guess, &absent(&guess, PROBABLY_ABSORBED), width);
    let mut round = 1;
    loop {
        let lane = scan(plan, gathered, &absorbed, &centre, &solved, scans)?;
        let imbalance = imbalance(gathered, &lane, width, &totals);
        let share = if absorbed.iterations > 0 {
            ABSORBED.max(100.0 * imbalance)
        } else {
            ABSORBED
        };
        let gone = absent(&lane.cross, share * share);
        if gone[0] {
            return Err(outcome_gone(plan));
        }
        let mut next = Solved::new(&lane.cross, &gone, width);
        if next.kept == solved.kept {
            let places: Vec<usize> = next.kept.iter().map(|c| c + 1).collect();
            let Some(second) = Factor::new(&part_of(&lane.basis, width, &places), places.len())
            else {
                return Err(Error::NoConvergence {
                    what: "the orthogonalisation of the regressors".into(),
                    iterations: round,
                });
            };
            // The residuals themselves tell the last digits of the coefficients.
            let sums: Vec<f64> = places.iter().map(|&at| lane.with_residual[at]).collect();
            let step = second.solve(sums.clone());
            let change: f64 = step.iter().zip(&sums).map(|(a, b)| a * b).sum();
            let steps = solved.turn_back(&step);
            for (b, step) in solved.coefficients.iter_mut().zip(steps) {
                *b += step;
            }
            let settled = imbalance <= ORTHOGONAL && change <= SETTLED * lane.rss;
            if round == ROUNDS && (imbalance > UNSETTLED || change > UNSETTLED * lane.rss) {
                return Err(Error::NoConvergence {
                    what: "the absorption of the effects".into(),
                    iterations: absorbed.iterations,
                });
            }
            if settled || round == ROUNDS {
                solved.dropped = next.dropped;
                let quality = (change, imbalance);
                let applied = finish(plan, gathered, &centre, solved, &second, lane, quality)?;
                return Ok((absorbed, applied));
            }
            // Refined coefficients hold more digits than those of cross-products.
            next.coefficients.clone_from(&solved.coefficients);
        } else if round == ROUNDS {
            return Err(Error::NoConvergence {
                what: "the choice of regressors that are not collinear".into(),
                iterations: round,
            });
        }
        if imbalance > ORTHOGONAL {
            let sums: Vec<&[f64]> = lane.imbalance.iter().map(|s| &s[..]).collect();
            let more = solve_for(plan, gathered, scans, &sums)?;
            absorbed.iterations += more.iterations;
            for (all, more) in absorbed.effects.iter_mut().zip(&more.effects) {
                add(all, more);
            }
        }
        solved = next;
        round += 1;
    }
}

/// Share of a column's raw square below which its deviation from the constant counts as rounding.
const ROUNDING: f64 = (64.0 * f64::EPSILON) * (64.0 * f64::EPSILON);

/// What is subtracted from each column beside the effects.
fn centre(plan: &Plan<'_>, gathered: &Gathered) -> Vec<f64> {
    let means = gathered.totals.iter().map(|total| total / gathered.weight);
    gathered
        .shift
        .iter()
        .zip(means)
        .map(|(shift, mean)| {
            if plan.constant() {
                shift + mean
            } else {
                *shift
            }
        })
        .collect()
}

/// Cross-products after effects or means, from the first scan alone.
fn projected(plan: &Plan<'_>, gathered: &Gathered, absorbed: &Absorbed) -> Vec<f64> {
    let width = plan.width();
    let mut cross = gathered.cross.clone();
    if plan.constant() {
        for j in 0..width {
            for i in 0..=j {
                cross[j * width + i] -= gathered.totals[i] * gathered.totals[j] / gathered.weight;
            }
        }
    }
    for (levels, effects) in gathered.levels.iter().zip(&absorbed.effects) {
        let pairs = levels
            .sums
            .chunks_exact(width)
            .zip(effects.chunks_exact(width));
        for (sums, effects) in pairs {
            for j in 0..width {
                for i in 0..=j {
                    cross[j * width + i] -= 0.5 * (sums[i] * effects[j] + sums[j] * effects[i]);
                }
            }
        }
    }
    cross
}

/// Largest norm of the level sums, each divided by the root of its weight, relative to that of its column.
fn imbalance(gathered: &Gathered, lane: &Residuals, width: usize, totals: &[f64]) -> f64 {
    let mut worst = 0.0f64;
    for j in 0..width {
        let mut square = 0.0;
        for (sums, levels) in lane.imbalance.iter().zip(&gathered.levels) {
            let of_column = sums.iter().skip(j).step_by(width);
            for (sum, weight) in of_column.zip(&levels.weights) {
                if *weight > 0.0 {
                    square += sum * sum / weight;
                }
            }
        }
        // A column that is absorbed has nothing left to compare with.
        let left = lane.cross[j * width + j];
        if left > ABSORBED * ABSORBED * totals[j] {
            worst = worst.max((square / left).sqrt());
        }
    }
    worst
}

fn outcome_gone(plan: &Plan<'_>) -> Error {
    let names: Vec<&str> = plan.effects.iter().map(|e| e.name.as_str()).collect();
    Error::NoVariation {
        outcome: plan.formula.outcome.to_string(),
        why: if names.is_empty() {
            "does not vary in the rows used".to_owned()
        } else {
            format!(
                "does not vary once the effects {} are removed",
                names.join(", ")
            )
        },
    }
}

/// The lower triangle of a matrix, for some of its rows and columns.
fn part_of(matrix: &[f64], width: usize, places: &[usize]) -> Vec<f64> {
    let mut out = Vec::with_capacity(places.len() * places.len());
    for &i in places {
        out.extend(places.iter().map(|&j| matrix[i.max(j) * width + i.min(j)]));
    }
    out
}

fn finish(
    plan: &Plan<'_>,
    gathered: &Gathered,
    centre: &[f64],
    solved: Solved,
    second: &Factor,
    lane: Residuals,
    (change, imbalance): (f64, f64),
) -> Result<Applied, Error> {
    let width = plan.width();
    // The scores in the order of the coefficients: those of regressors, then that of the constant, which is the first.
    let mut places: Vec<usize> = solved.kept.iter().map(|c| c + 1).collect();
    if plan.constant() {
        places.push(0);
    }
    let scored = places.len();
    let mut meat = part_of(&lane.white, width, &places);
    let ways = plan.cluster_groups.len();
    for (at, sums) in lane.scores.iter().enumerate() {
        let sign = if at < ways { 1.0 } else { -1.0 };
        for score in sums.chunks_exact(width) {
            for (i, &a) in places.iter().enumerate() {
                for (j, &b) in places.iter().enumerate() {
                    meat[i * scored + j] += sign * score[a] * score[b];
                }
            }
        }
    }
    // Column by column: from orthonormal columns, and from the regressors themselves.
    let slopes = solved.kept.len();
    let mut transform = vec![0.0; slopes * slopes];
    let mut inverse = vec![0.0; slopes * slopes];
    for j in 0..slopes {
        let mut unit = vec![0.0; slopes];
        unit[j] = 1.0;
        let turned: Vec<f64> = solved
            .rotation
            .iter()
            .map(|row| row.get(j).copied().unwrap_or(0.0))
            .collect();
        for (right, out) in [(unit, &mut transform), (turned, &mut inverse)] {
            let solution = solved.turn_back(&second.solve(right));
            for (i, value) in solution.into_iter().enumerate() {
                out[i * slopes + j] = value;
            }
        }
    }
    let means: Vec<f64> = solved.kept.iter().map(|&c| centre[c + 1]).collect();
    let mut coefficients = solved.coefficients;
    if plan.constant() {
        let explained: f64 = coefficients.iter().zip(&means).map(|(b, m)| b * m).sum();
        coefficients.push(centre[0] - explained);
    }
    Ok(Applied {
        clusters: plan
            .cluster_groups
            .iter()
            .map(|&group| gathered.groups_in_use(group, &plan.effect_groups))
            .collect::<Result<_, _>>()?,
        kept: solved.kept,
        dropped: solved.dropped,
        coefficients,
        inverse,
        transform,
        means,
        rss: lane.rss - change,
        tss_within: lane.cross[0],
        meat,
        imbalance,
    })
}
