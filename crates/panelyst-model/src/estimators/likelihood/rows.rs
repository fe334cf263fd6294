//! The rows of an iteration: predictors, means and weights, and the scans that change them.

use super::margins::Margins;
use super::{Family, RUNNING};
use crate::linear::sums::{CHUNK, dot};
use rayon::prelude::*;

/// Weights are at least this, so that every row counts.
const SMALLEST: f64 = f64::MIN_POSITIVE * 1e30;

/// Rows whose weight is below this share of the mean have next to no part in a step.
const VANISHED: f64 = 1e-9;

/// Rows whose products are taken while they are at hand.
const BLOCK: usize = 1024;

/// Linear predictors with what follows from them.
#[derive(Default)]
pub(super) struct Point {
    eta: Vec<f64>,
    mean: Vec<f64>,
    /// Prior weight times the variance of the outcome.
    weights: Vec<f64>,
    pub(super) deviance: f64,
    /// Weighted sum of squared changes of the predictors from the point before.
    moved: f64,
}

/// Predictors, means and weights of one chunk of rows, with its number.
type Piece<'a> = (usize, ((&'a mut [f64], &'a mut [f64]), &'a mut [f64]));

impl Point {
    /// The rows in chunks.
    fn pieces(&mut self) -> impl IndexedParallelIterator<Item = Piece<'_>> {
        self.eta
            .par_chunks_mut(CHUNK)
            .zip(self.mean.par_chunks_mut(CHUNK))
            .zip(self.weights.par_chunks_mut(CHUNK))
            .enumerate()
    }
}

/// Where an iteration stands and where it goes next.
pub(super) struct Rows<'a> {
    family: Family,
    y: &'a [f64],
    prior: Option<&'a [f64]>,
    /// Of each row the part of its deviance that does not change.
    own: Vec<f64>,
    /// Sum of the prior weights.
    pub(super) mass: f64,
    mean: f64,
    now: Point,
    pub(super) next: Point,
}

/// What is left when an iteration is over.
pub(super) struct Told {
    pub(super) residuals: Vec<f64>,
    pub(super) rss: f64,
    pub(super) tss: f64,
    pub(super) deviance: f64,
    /// Log-likelihood of means equal to the outcomes.
    pub(super) saturated: f64,
    /// Log-likelihood of a constant mean.
    pub(super) null: f64,
}

impl<'a> Rows<'a> {
    /// The first predictors, from outcomes and their mean.
    pub(super) fn new(family: Family, y: &'a [f64], prior: Option<&'a [f64]>) -> Self {
        let n = y.len();
        let weight = |row: usize| prior.map_or(1.0, |w| w[row]);
        let mass = total(n, weight);
        let mean = total(n, |r| weight(r) * y[r]) / mass;
        let mut rows = Self {
            family,
            y,
            prior,
            own: by_row(n, |r| family.own(y[r])),
            mass,
            mean,
            now: Point::default(),
            next: Point {
                eta: by_row(n, |r| family.start(y[r], mean)),
                mean: vec![0.0; n],
                weights: vec![0.0; n],
                ..Point::default()
            },
        };
        rows.look();
        rows.now = std::mem::take(&mut rows.next);
        rows.next = Point {
            eta: vec![0.0; n],
            mean: vec![0.0; n],
            weights: vec![0.0; n],
            ..Point::default()
        };
        rows
    }

    fn prior(&self, row: usize) -> f64 {
        self.prior.map_or(1.0, |w| w[row])
    }

    pub(super) fn weights(&self) -> &[f64] {
        &self.now.weights
    }

    /// The working outcome less the predictor, or all of it.
    pub(super) fn working(&self, whole: bool) -> Vec<f64> {
        let now = &self.now;
        by_row(self.y.len(), |r| {
            let rest = self.prior(r) * (self.y[r] - now.mean[r]) / now.weights[r];
            if whole { now.eta[r] + rest } else { rest }
        })
    }

    /// The next predictors: the working outcome less what a step leaves of it, which is `outcome` less the columns times
    /// their coefficients.
    pub(super) fn advance(&mut self, outcome: &[f64], x: &[Vec<f64>], coefficients: &[f64]) {
        let (family, y, own, prior, now) = (self.family, self.y, &self.own, self.prior, &self.now);
        let next = &mut self.next;
        let parts: Vec<[f64; 2]> = next
            .pieces()
            .map(|(chunk, ((eta, mean), weights))| {
                let start = chunk * CHUNK;
                let rows = start..start + eta.len();
                eta.copy_from_slice(&outcome[rows.clone()]);
                for (column, b) in x.iter().zip(coefficients) {
                    let pairs = eta.iter_mut().zip(&column[rows.clone()]);
                    pairs.for_each(|(left, x)| *left -= b * x);
                }
                let mut sums = [0.0; 2];
                for (place, row) in rows.enumerate() {
                    let weight = prior.map_or(1.0, |w| w[row]);
                    let rest = weight * (y[row] - now.mean[row]) / now.weights[row];
                    let step = rest - eta[place];
                    let predictor = now.eta[row] + step;
                    let at = family.at(y[row], predictor, own[row]);
                    eta[place] = predictor;
                    mean[place] = at.mean;
                    weights[place] = (weight * at.variance).max(SMALLEST);
                    sums[0] += weight * at.deviance;
                    sums[1] += now.weights[row] * step * step;
                }
                sums
            })
            .collect();
        next.deviance = parts.iter().map(|sums| sums[0]).sum();
        next.moved = parts.iter().map(|sums| sums[1]).sum();
    }

    /// Means, weights and deviance of the next predictors.
    fn look(&mut self) {
        let (family, y, own, prior) = (self.family, self.y, &self.own, self.prior);
        let next = &mut self.next;
        let parts: Vec<f64> = next
            .pieces()
            .map(|(chunk, ((eta, mean), weights))| {
                let mut deviance = 0.0;
                for (place, eta) in eta.iter().enumerate() {
                    let row = chunk * CHUNK + place;
                    let weight = prior.map_or(1.0, |w| w[row]);
                    let at = family.at(y[row], *eta, own[row]);
                    mean[place] = at.mean;
                    weights[place] = (weight * at.variance).max(SMALLEST);
                    deviance += weight * at.deviance;
                }
                deviance
            })
            .collect();
        next.deviance = parts.iter().sum();
    }

    /// Deviance of a constant mean.
    fn null(&self) -> f64 {
        let (family, y, constant) = (self.family, self.y, self.family.link(self.mean));
        let n = y.len();
        // The deviance is linear in the outcome, but for its own part.
        let at = |outcome: f64| family.at(outcome, constant, 0.0).deviance;
        let (none, one) = (at(0.0), at(1.0) - at(0.0));
        total(n, |r| {
            self.prior(r) * (2.0 * self.own[r] + none + one * y[r])
        })
    }

    /// Brings the levels of effects to the sums of their outcomes, which is the best place for each given all else.
    pub(super) fn balance(&mut self, margins: &Margins<'_>) {
        if self.family != Family::Poisson || margins.is_empty() {
            return;
        }
        let (y, own, prior) = (self.y, &self.own, self.prior);
        let weight = |row: usize| prior.map_or(1.0, |w| w[row]);
        let next = &mut self.next;
        let factors = margins.factors(|row| weight(row) * next.mean[row]);
        let logarithms = factors.logarithms();
        let parts: Vec<f64> = next
            .pieces()
            .map(|(chunk, ((eta, mean), weights))| {
                let mut deviance = 0.0;
                for place in 0..eta.len() {
                    let row = chunk * CHUNK + place;
                    eta[place] += logarithms.sum(row);
                    mean[place] *= factors.at(row);
                    weights[place] = (weight(row) * mean[place]).max(SMALLEST);
                    deviance += weight(row) * 2.0 * (own[row] - y[row] * eta[place] + mean[place]);
                }
                deviance
            })
            .collect();
        next.deviance = parts.iter().sum();
    }

    /// Goes half as far.
    pub(super) fn halve(&mut self) {
        let now = &self.now;
        let pieces = self
            .next
            .eta
            .par_chunks_mut(CHUNK)
            .zip(now.eta.par_chunks(CHUNK));
        pieces.for_each(|(next, now)| {
            let pairs = next.iter_mut().zip(now);
            pairs.for_each(|(next, now)| *next = now + 0.5 * (*next - now));
        });
        self.next.moved *= 0.25;
        self.look();
    }

    /// Whether the deviance falls, or rises by no more than rounding.
    pub(super) fn does_not_rise(&self) -> bool {
        let before = self.now.deviance;
        self.next.deviance <= before + 1e-9 * (before.abs() + 1.0)
    }

    /// Root mean square of the change of predictors, with the weights of the step.
    pub(super) fn moved(&self) -> f64 {
        let weights = total(self.y.len(), |r| self.now.weights[r]);
        (self.next.moved / weights).sqrt()
    }

    /// Goes on to the next predictors.
    pub(super) fn accept(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
    }

    /// Rows whose predictors still move.
    pub(super) fn running(&self) -> Vec<usize> {
        let pairs = self.next.eta.par_iter().zip(&self.now.eta).enumerate();
        let running = pairs.filter(|(_, (next, now))| (*next - *now).abs() > RUNNING);
        running.map(|(row, _)| row).collect()
    }

    /// Whether the weight of some row has vanished: a step is then too coarse to tell whether its predictor moves.
    pub(super) fn vanishing(&self) -> bool {
        let next = &self.next;
        let all = total(self.y.len(), |row| next.weights[row]);
        let small = VANISHED * all / self.y.len() as f64;
        let rows = next.weights.par_iter().zip(self.y);
        rows.any(|(weight, y)| *weight < small && self.family.is_boundary(*y))
    }

    /// Rows whose outcome is as good as certain.
    pub(super) fn undecided(&self) -> Vec<usize> {
        let rows = 0..self.y.len();
        rows.filter(|&r| self.next.weights[r] < 1e-6 * self.prior(r))
            .collect()
    }

    /// Sums of the predictors that were reached.
    pub(super) fn finish(&self) -> Told {
        let (n, family, y) = (self.y.len(), self.family, self.y);
        let residuals = by_row(n, |r| y[r] - self.next.mean[r]);
        let saturated = total(n, |r| self.prior(r) * family.saturated(y[r], self.own[r]));
        let null = saturated - 0.5 * self.null();
        Told {
            rss: total(n, |r| self.prior(r) * residuals[r].powi(2)),
            tss: total(n, |r| self.prior(r) * (y[r] - self.mean).powi(2)),
            residuals,
            deviance: self.next.deviance,
            saturated,
            null,
        }
    }
}

/// Weighted cross-products of columns: the lower triangle of a square matrix by rows.
pub(super) fn weighted_products(columns: &[&[f64]], weights: &[f64]) -> Vec<f64> {
    let (width, rows) = (columns.len(), weights.len());
    let parts: Vec<Vec<f64>> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut part = vec![0.0; width * width];
            let mut weighted = [0.0; BLOCK];
            let end = rows.min((chunk + 1) * CHUNK);
            for start in (chunk * CHUNK..end).step_by(BLOCK) {
                let range = start..end.min(start + BLOCK);
                let weighted = &mut weighted[..range.len()];
                for i in 0..width {
                    let own = columns[i][range.clone()]
                        .iter()
                        .zip(&weights[range.clone()]);
                    for (weighted, (value, weight)) in weighted.iter_mut().zip(own) {
                        *weighted = value * weight;
                    }
                    for j in 0..=i {
                        part[i * width + j] += dot(weighted, &columns[j][range.clone()]);
                    }
                }
            }
            part
        })
        .collect();
    let mut products = vec![0.0; width * width];
    for part in &parts {
        for (total, part) in products.iter_mut().zip(part) {
            *total += part;
        }
    }
    products
}

/// One value for each row.
pub(super) fn by_row(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let each = (0..rows).into_par_iter().with_min_len(CHUNK);
    each.map(&value).collect()
}

/// Sum over rows, in chunks combined in order.
fn total(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let parts: Vec<f64> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            (chunk * CHUNK..rows.min((chunk + 1) * CHUNK))
                .map(&value)
                .sum()
        })
        .collect();
    parts.iter().sum()
}
