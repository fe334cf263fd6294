//! The wild bootstrap of one value with signs, from tabulated quadratic forms.
//!
//! With one value of the coefficient the numerator of a draw is `a'v` and its variance `v'Bv`, `B = K'K` with K of
//! the changes of scores: G numbers and a G x G matrix, whatever the rows and regressors. Signs of four
//! neighbouring clusters have sixteen patterns, so that the parts of `v'Bv` that belong to two such fours are one of 256
//! numbers, tabulated once: a draw is then a sum of so many numbers as there are pairs of fours.

use super::weights::Draws;
use crate::linear::sums::dot;
use rayon::prelude::*;

/// Clusters whose signs are one pattern.
pub(super) const FOUR: usize = 4;

/// Patterns of them.
const PATTERNS: usize = 1 << FOUR;

/// With more clusters the tables outgrow the caches.
const MOST: usize = 64;

/// A variance that is a smaller share than this of the trace of B has lost digits and is summed cluster by cluster; the
/// others keep eleven, two more than ties need.
const CANCELS: f64 = 1e-4;

/// Draws that are looked at together.
const BLOCK: usize = 512;

/// The tables of one coefficient.
pub(super) struct Forms<'a> {
    /// Columns of K.
    changes: &'a [Vec<f64>],
    trace: f64,
    /// `a'v` of each four by pattern.
    linear: Vec<[f64; PATTERNS]>,
    /// For each pair of fours, in order, the part of `v'Bv` by both patterns; what lies within a four is in its pair with
    /// the next.
    pairs: Vec<[f64; PATTERNS * PATTERNS]>,
}

impl<'a> Forms<'a> {
    /// The tables of `a` and of the columns of K, or nothing where they do not pay: few draws, many clusters, two fours at
    /// least.
    pub(super) fn new(a: &[f64], changes: &'a [Vec<f64>], draws: &Draws) -> Option<Self> {
        let groups = a.len();
        if !draws.tabulates()
            || !(FOUR + 1..=MOST).contains(&groups)
            || draws.count() <= PATTERNS * PATTERNS
        {
            return None;
        }
        let mut products = vec![0.0; groups * groups];
        for i in 0..groups {
            for j in i..groups {
                products[i * groups + j] = dot(&changes[i], &changes[j]);
            }
        }
        // The lower places are not asked for.
        let inner = |i: usize, j: usize| products[i * groups + j];
        let fours: Vec<std::ops::Range<usize>> = (0..groups)
            .step_by(FOUR)
            .map(|start| start..(start + FOUR).min(groups))
            .collect();
        let mut linear = Vec::with_capacity(fours.len());
        // Twice the part within a four, by pattern.
        let mut within = Vec::with_capacity(fours.len());
        for four in &fours {
            let mut sums = [0.0; PATTERNS];
            let mut own = [0.0; PATTERNS];
            for (i, first) in four.clone().enumerate() {
                for (pattern, sum) in sums.iter_mut().enumerate() {
                    *sum += sign(pattern, i) * a[first];
                }
                for (j, second) in four.clone().enumerate().skip(i + 1) {
                    let product = 2.0 * inner(first, second);
                    for (pattern, own) in own.iter_mut().enumerate() {
                        *own += sign(pattern, i) * sign(pattern, j) * product;
                    }
                }
            }
            linear.push(sums);
            within.push(own);
        }
        let last = fours.len() - 1;
        let mut pairs = Vec::with_capacity(fours.len() * last / 2);
        for first in 0..last {
            for second in first + 1..fours.len() {
                let mut table = [0.0; PATTERNS * PATTERNS];
                for (row, entries) in table.chunks_exact_mut(PATTERNS).enumerate() {
                    for (j, right) in fours[second].clone().enumerate() {
                        let left = fours[first].clone().enumerate();
                        let product: f64 = left
                            .map(|(i, left)| 2.0 * sign(row, i) * inner(left, right))
                            .sum();
                        for (pattern, entry) in entries.iter_mut().enumerate() {
                            *entry += sign(pattern, j) * product;
                        }
                    }
                    if second == first + 1 {
                        for (pattern, entry) in entries.iter_mut().enumerate() {
                            *entry += within[first][row];
                            if second == last {
                                *entry += within[last][pattern];
                            }
                        }
                    }
                }
                pairs.push(table);
            }
        }
        Some(Self {
            changes,
            trace: (0..groups).map(|g| inner(g, g)).sum(),
            linear,
            pairs,
        })
    }

    /// How many draws are as large as asked: by numerator and variance.
    pub(super) fn count(&self, draws: &Draws, large: impl Fn(f64, f64) -> bool + Sync) -> usize {
        let fours = self.linear.len();
        draws
            .fours()
            .par_chunks(BLOCK * fours)
            .enumerate()
            .map(|(block, patterns)| {
                let draws_of = patterns.chunks_exact(fours).enumerate();
                draws_of
                    .filter(|(place, patterns)| {
                        let mut numerator = 0.0;
                        let mut variance = self.trace;
                        let mut tables = self.pairs.iter();
                        for (first, &row) in patterns.iter().enumerate() {
                            let row = usize::from(row) % PATTERNS;
                            numerator += self.linear[first][row];
                            let rest = &patterns[first + 1..];
                            let mut sum = 0.0;
                            for (&pattern, table) in rest.iter().zip(&mut tables) {
                                sum += table[row * PATTERNS + usize::from(pattern) % PATTERNS];
                            }
                            variance += sum;
                        }
                        if variance < CANCELS * self.trace {
                            variance = self.summed(&draws.numbers(block * BLOCK + place));
                        }
                        large(numerator, variance)
                    })
                    .count()
            })
            .sum()
    }

    /// The variance of one draw, cluster by cluster.
    fn summed(&self, numbers: &[f64]) -> f64 {
        let mut sums = vec![0.0; numbers.len()];
        for (column, number) in self.changes.iter().zip(numbers) {
            for (sum, change) in sums.iter_mut().zip(column) {
                *sum += number * change;
            }
        }
        sums.iter().map(|sum| sum * sum).sum()
    }
}

/// The sign of a cluster in a pattern: a bit makes it negative.
fn sign(pattern: usize, place: usize) -> f64 {
    if pattern >> place & 1 == 1 { -1.0 } else { 1.0 }
}
