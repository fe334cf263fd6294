//! The second scan: effects subtracted, cross-products of what is left, residuals and their scores.

use arrow_array::Array;

use super::absorb::{Absorbed, solve_for};
use super::batch::{Sample, number_columns};
use super::lanes::Scans;
use super::levels::{Gathered, add};
use super::plan::Plan;
use super::store::Rows;
use crate::Error;
use crate::linear::Collinear;
use crate::request::Vcov;

/// Largest weighted level sum of what is left, relative to its norm, that counts as orthogonal.
const ORTHOGONAL: f64 = 1e-10;

/// Sum of squares of the change of fitted values in the last round, relative to the residual sum of squares, below which
/// scores are those of the final coefficients to 1e-11.
const SETTLED: f64 = 1e-22;

/// Scans of this kind after which no better is expected.
const ROUNDS: usize = 4;

/// A column whose square is at most this share of its total is taken as absorbed before the scan has looked at it.
const PROBABLY_ABSORBED: f64 = 1e-12;

/// Share of a column's square that earlier columns leave, below which it counts as collinear: cross-products hold no
/// more digits.
const COLLINEAR: f64 = 1e-12;

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

/// Sums of one lane.
struct Lane {
    /// Cross-products of the orthonormal columns.
    basis: Vec<f64>,
    part: usize,
    row: usize,
    used: usize,
    cross: Vec<f64>,
    with_residual: Vec<f64>,
    rss: f64,
    white: Vec<f64>,
    imbalance: Vec<Vec<f64>>,
    scores: Vec<Vec<f64>>,
    rows: Rows,
}

/// Regressors in use and their coefficients.
///
/// The scan combines the regressors into columns that are nearly orthonormal by the Cholesky factor known so far, and takes
/// the cross-products of those: together the two factors lose no more digits than orthogonalising the rows would
/// (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya 2015, "Roundoff error analysis of the CholeskyQR2 algorithm").
#[derive(Clone, Default)]
struct Solved {
    kept: Vec<usize>,
    dropped: Vec<Collinear>,
    coefficients: Vec<f64>,
    factor: Factor,
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
    let mut solved = least_squares(&guess, &absent(&guess, PROBABLY_ABSORBED), width);
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
        let mut next = least_squares(&lane.cross, &gone, width);
        if next.kept == solved.kept {
            let slopes = next.kept.len();
            let Some(second) = Factor::new(&lane.basis, slopes) else {
                return Err(Error::NoConvergence {
                    what: "the orthogonalisation of the regressors".into(),
                    iterations: round,
                });
            };
            // The residuals themselves tell the last digits of the coefficients.
            let step = second.solve(lane.with_residual[..slopes].to_vec());
            let change: f64 = step
                .iter()
                .zip(&lane.with_residual)
                .map(|(a, b)| a * b)
                .sum();
            for (b, step) in solved.coefficients.iter_mut().zip(solved.factor.back(step)) {
                *b += step;
            }
            let settled = imbalance <= ORTHOGONAL && change <= SETTLED * lane.rss;
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
fn imbalance(gathered: &Gathered, lane: &Lane, width: usize, totals: &[f64]) -> f64 {
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

/// Least squares of column 0 on the others from the lower triangle of their cross-products, by Cholesky's factors in the
/// order of the columns; those that earlier ones explain are dropped.
fn least_squares(cross: &[f64], gone: &[bool], width: usize) -> Solved {
    let at = |a: usize, b: usize| cross[a.max(b) * width + a.min(b)];
    let mut out = Solved::default();
    for column in 1..width {
        let dropped = |with| Collinear {
            column: column - 1,
            with,
        };
        if gone[column] {
            out.dropped.push(dropped(Vec::new()));
            continue;
        }
        let own = at(column, column);
        let with_earlier: Vec<f64> = out.kept.iter().map(|&c| at(column, c + 1)).collect();
        let row = out.factor.forward(with_earlier);
        let left = own - row.iter().map(|v| v * v).sum::<f64>();
        if left <= COLLINEAR * own {
            let weights = out.factor.back(row);
            let with = out
                .kept
                .iter()
                .zip(&weights)
                .filter(|(other, weight)| {
                    let size = at(**other + 1, **other + 1).sqrt();
                    (**weight * size).abs() > 1e-5 * own.sqrt()
                })
                .map(|(other, _)| *other)
                .collect();
            out.dropped.push(dropped(with));
            continue;
        }
        out.factor.push(row, left.sqrt());
        out.kept.push(column - 1);
    }
    let with_outcome = out.kept.iter().map(|&c| at(c + 1, 0)).collect();
    out.coefficients = out.factor.solve(with_outcome);
    out
}

/// A lower triangle, row by row.
#[derive(Clone, Default)]
struct Factor(Vec<Vec<f64>>);

impl Factor {
    /// The Cholesky factor of a small positive definite matrix given by its lower triangle.
    fn new(matrix: &[f64], order: usize) -> Option<Self> {
        let mut factor = Self::default();
        for i in 0..order {
            let row = factor.forward(matrix[i * order..i * order + i].to_vec());
            let left = matrix[i * order + i] - row.iter().map(|v| v * v).sum::<f64>();
            if left <= 0.0 || left.is_nan() {
                return None;
            }
            factor.push(row, left.sqrt());
        }
        Some(factor)
    }

    fn push(&mut self, mut row: Vec<f64>, own: f64) {
        row.push(own);
        self.0.push(row);
    }

    /// Solves `L x = right`, for as many rows as `right` has.
    fn forward(&self, mut right: Vec<f64>) -> Vec<f64> {
        self.forward_in(&mut right);
        right
    }

    fn forward_in(&self, right: &mut [f64]) {
        for i in 0..right.len() {
            let row = &self.0[i];
            for l in 0..i {
                right[i] -= row[l] * right[l];
            }
            right[i] /= row[i];
        }
    }

    /// Solves `L' x = right`.
    fn back(&self, mut right: Vec<f64>) -> Vec<f64> {
        for i in (0..right.len()).rev() {
            right[i] /= self.0[i][i];
            for l in 0..i {
                right[l] -= self.0[i][l] * right[i];
            }
        }
        right
    }

    /// Solves `L L' x = right`.
    fn solve(&self, right: Vec<f64>) -> Vec<f64> {
        self.back(self.forward(right))
    }
}

fn scan(
    plan: &Plan<'_>,
    gathered: &Gathered,
    absorbed: &Absorbed,
    centre: &[f64],
    solved: &Solved,
    scans: &mut Scans<'_>,
) -> Result<Lane, Error> {
    let width = plan.width();
    let scored = solved.kept.len() + usize::from(plan.constant());
    let clustered: Vec<usize> = plan
        .cluster_groups
        .iter()
        .copied()
        .chain(plan.crossed)
        .collect();
    let white = matches!(plan.vcov, Vcov::Hc0 | Vcov::Hc1) && clustered.is_empty();
    let groups: Vec<usize> = plan
        .effect_groups
        .iter()
        .chain(&clustered)
        .copied()
        .collect();
    let effects = plan.effect_groups.len();
    let start = |_: usize| Lane {
        basis: vec![0.0; solved.kept.len() * solved.kept.len()],
        part: usize::MAX,
        row: 0,
        used: 0,
        cross: vec![0.0; width * width],
        with_residual: vec![0.0; scored],
        rss: 0.0,
        white: vec![0.0; if white { scored * scored } else { 0 }],
        imbalance: gathered
            .levels
            .iter()
            .map(|levels| vec![0.0; levels.sums.len()])
            .collect(),
        scores: clustered
            .iter()
            .map(|&group| vec![0.0; gathered.keys.size(group) * scored])
            .collect(),
        rows: Rows::default(),
    };
    let changed = || Error::Source {
        reason: "the data are not what they were in the scan before".into(),
    };
    let lanes = scans.scan(&number_columns(plan), start, |lane, piece| {
        if lane.part != piece.part {
            (lane.part, lane.row, lane.used) = (piece.part, 0, 0);
        }
        let mut sample = Sample::new(piece.batch, piece.first_row);
        for (row, keep) in sample.keep.iter_mut().enumerate() {
            *keep = gathered.store.keeps(piece.part, lane.row + row);
        }
        let kept: Vec<usize> = (0..sample.keep.len()).filter(|&r| sample.keep[r]).collect();
        lane.row += sample.keep.len();
        let columns = sample.numbers_again(plan)?;
        if columns
            .iter()
            .any(|c| c.null_count() > 0 && kept.iter().any(|&row| c.is_null(row)))
        {
            return Err(changed());
        }
        let mut rows = std::mem::take(&mut lane.rows);
        let range = lane.used..lane.used + kept.len();
        gathered
            .store
            .unpack(piece.part, range.clone(), &groups, &mut rows)?;
        lane.used = range.end;
        let mut left = vec![0.0; width * kept.len()];
        for (j, column) in columns.iter().enumerate() {
            let values = column.values();
            for (at, &row) in kept.iter().enumerate() {
                left[at * width + j] = values[row] - centre[j];
            }
        }
        for (codes, effect) in rows.codes.iter().zip(&absorbed.effects) {
            for (u, &code) in left.chunks_exact_mut(width).zip(codes) {
                let level = &effect[code as usize * width..(code as usize + 1) * width];
                for (u, a) in u.iter_mut().zip(level) {
                    *u -= a;
                }
            }
        }
        for (codes, sums) in rows.codes.iter().zip(&mut lane.imbalance) {
            for ((at, u), &code) in left.chunks_exact(width).enumerate().zip(codes) {
                let weight = rows.weight(at);
                let level = &mut sums[code as usize * width..(code as usize + 1) * width];
                for (sum, u) in level.iter_mut().zip(u) {
                    *sum += weight * u;
                }
            }
        }
        let mut cross = vec![0.0; width * width];
        let mut with_residual = vec![0.0; scored];
        let mut score = vec![0.0; scored];
        let slopes = solved.kept.len();
        let mut basis = vec![0.0; slopes * slopes];
        let mut v = vec![0.0; slopes];
        let mut rss = 0.0;
        for (at, u) in left.chunks_exact(width).enumerate() {
            let weight = rows.weight(at);
            for j in 0..width {
                let weighted = weight * u[j];
                for i in 0..=j {
                    cross[j * width + i] += weighted * u[i];
                }
            }
            let mut residual = u[0];
            for (b, &column) in solved.coefficients.iter().zip(&solved.kept) {
                residual -= b * u[column + 1];
            }
            rss += weight * residual * residual;
            for (v, &column) in v.iter_mut().zip(&solved.kept) {
                *v = u[column + 1];
            }
            solved.factor.forward_in(&mut v);
            for i in 0..slopes {
                let weighted = weight * v[i];
                score[i] = weighted * residual;
                for l in 0..=i {
                    basis[i * slopes + l] += weighted * v[l];
                }
            }
            if plan.constant() {
                score[scored - 1] = weight * residual;
            }
            add(&mut with_residual, &score);
            if white {
                for i in 0..scored {
                    for j in 0..=i {
                        lane.white[i * scored + j] += score[i] * score[j];
                    }
                }
            }
            for (codes, sums) in rows.codes[effects..].iter().zip(&mut lane.scores) {
                let group = codes[at] as usize;
                add(&mut sums[group * scored..(group + 1) * scored], &score);
            }
        }
        lane.rss += rss;
        add(&mut lane.basis, &basis);
        add(&mut lane.cross, &cross);
        add(&mut lane.with_residual, &with_residual);
        lane.rows = rows;
        Ok(())
    })?;
    let mut lanes = lanes.into_iter();
    let mut all = lanes.next().ok_or_else(changed)?;
    for lane in lanes {
        all.rss += lane.rss;
        add(&mut all.basis, &lane.basis);
        add(&mut all.cross, &lane.cross);
        add(&mut all.with_residual, &lane.with_residual);
        add(&mut all.white, &lane.white);
        for (all, lane) in all.imbalance.iter_mut().zip(&lane.imbalance) {
            add(all, lane);
        }
        for (all, lane) in all.scores.iter_mut().zip(&lane.scores) {
            add(all, lane);
        }
    }
    Ok(all)
}

fn finish(
    plan: &Plan<'_>,
    gathered: &Gathered,
    centre: &[f64],
    solved: Solved,
    second: &Factor,
    lane: Lane,
    (change, imbalance): (f64, f64),
) -> Result<Applied, Error> {
    let scored = solved.kept.len() + usize::from(plan.constant());
    let mut meat = vec![0.0; scored * scored];
    let ways = plan.cluster_groups.len();
    for (at, sums) in lane.scores.iter().enumerate() {
        let sign = if at < ways { 1.0 } else { -1.0 };
        for score in sums.chunks_exact(scored.max(1)) {
            for i in 0..scored {
                for j in 0..scored {
                    meat[i * scored + j] += sign * score[i] * score[j];
                }
            }
        }
    }
    if !lane.white.is_empty() {
        for i in 0..scored {
            for j in 0..scored {
                meat[i * scored + j] = lane.white[i.max(j) * scored + i.min(j)];
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
        let first = solved.factor.forward(unit.clone());
        for (right, out) in [(unit, &mut transform), (first, &mut inverse)] {
            let solution = solved.factor.back(second.solve(right));
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
            .map(|&group| gathered.groups_in_use(group))
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
