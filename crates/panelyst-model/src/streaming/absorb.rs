//! The normal equations of the effects, solved in the space of their levels.
//!
//! The effect with most levels is eliminated (its block is diagonal); what remains, the Schur complement, is solved for all
//! columns at once by conjugate gradients preconditioned with its diagonal weights (Golub and Van Loan 2013, section
//! 11.5). Pairs of levels are never stored: a product with the Schur complement runs over the packed codes.

use rayon::prelude::*;

use super::lanes::Scans;
use super::levels::{Gathered, LevelSums};
use super::plan::Plan;
use super::sorted::{Order, Sorted};
use super::store::Rows;
use super::width::add;
use crate::Error;

/// Residual of the normal equations, relative to their right-hand sides, at which iterations end. What is left of it is
/// seen and mended by the scan that applies the effects.
const TOLERANCE: f64 = 1e-12;

/// Most iterations.
const MOST: usize = 5000;

/// Coefficients of every level of every effect, a level's columns side by side.
#[derive(Clone)]
pub(super) struct Absorbed {
    pub effects: Vec<Vec<f64>>,
    pub iterations: usize,
}

/// Solves for the sums of the first scan.
pub(super) fn solve(
    plan: &Plan<'_>,
    gathered: &Gathered,
    scans: &Scans<'_>,
) -> Result<Absorbed, Error> {
    let sums: Vec<&[f64]> = gathered.levels.iter().map(|l| &l.sums[..]).collect();
    solve_for(plan, gathered, scans, &sums)
}

/// Solves the normal equations for weighted level sums of any columns.
pub(super) fn solve_for(
    plan: &Plan<'_>,
    gathered: &Gathered,
    scans: &Scans<'_>,
    sums: &[&[f64]],
) -> Result<Absorbed, Error> {
    let levels = &gathered.levels;
    let Some(first) =
        (0..levels.len()).max_by_key(|&at| (levels[at].counts.len(), levels.len() - at))
    else {
        return Ok(Absorbed {
            effects: Vec::new(),
            iterations: 0,
        });
    };
    let rest: Vec<usize> = (0..levels.len()).filter(|at| *at != first).collect();
    let mut order = vec![first];
    order.extend(&rest);
    let system = System {
        gathered,
        scans,
        groups: order.iter().map(|&at| plan.effect_groups[at]).collect(),
        levels: order.iter().map(|&at| &levels[at]).collect(),
        width: plan.width(),
    };
    let ordered: Vec<&[f64]> = order.iter().map(|&at| sums[at]).collect();
    let (solved, iterations) = system.solve(&ordered)?;
    let mut effects = vec![Vec::new(); levels.len()];
    for (at, solved) in order.into_iter().zip(solved) {
        effects[at] = solved;
    }
    Ok(Absorbed {
        effects,
        iterations,
    })
}

/// The effects, the one that is eliminated first.
struct System<'a> {
    gathered: &'a Gathered,
    scans: &'a Scans<'a>,
    groups: Vec<usize>,
    levels: Vec<&'a LevelSums>,
    width: usize,
}

impl System<'_> {
    fn solve(&self, sums: &[&[f64]]) -> Result<(Vec<Vec<f64>>, usize), Error> {
        let mut of_first = sums[0].to_vec();
        self.divide(0, &mut of_first);
        if sums.len() == 1 {
            return Ok((vec![of_first], 0));
        }
        let weights = self.rest_weights();
        let size =
            |column: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..self.width).map(column).collect() };
        let scale = size(&|j| {
            sums.iter()
                .zip(&self.levels)
                .map(|(sums, levels)| self.weighted(&sums[..], &levels.weights, j))
                .sum()
        });
        // Right-hand sides: what the first effect leaves of the sums of the others.
        let mut residual: Vec<f64> = sums[1..].concat();
        let taken = self.scatter(&of_first, None)?;
        add(&mut residual, &taken);
        let mut solution = vec![0.0; residual.len()];
        let mut direction = vec![0.0; residual.len()];
        let mut before = vec![0.0; self.width];
        let mut iterations = 0;
        let sorted = self.sorted()?;
        loop {
            // Preconditioned residuals, and their products with the residuals.
            let now = size(&|j| self.weighted(&residual, &weights, j));
            if (0..self.width).all(|j| now[j] <= TOLERANCE * TOLERANCE * scale[j]) {
                break;
            }
            if iterations == MOST {
                return Err(Error::NoConvergence {
                    what: "the absorption of the effects".into(),
                    iterations,
                });
            }
            self.each_level(&weights, |level, weight| {
                for j in 0..self.width {
                    let at = level * self.width + j;
                    let kept = if before[j] > 0.0 {
                        now[j] / before[j]
                    } else {
                        0.0
                    };
                    direction[at] = residual[at] / weight + kept * direction[at];
                }
            });
            let product = self.product(&direction, sorted.as_ref())?;
            let along = size(&|j| {
                let pairs = direction.iter().zip(&product).skip(j).step_by(self.width);
                pairs.map(|(d, p)| d * p).sum()
            });
            for j in 0..self.width {
                // A column that has converged has no direction left.
                let step = if along[j] > 0.0 {
                    now[j] / along[j]
                } else {
                    0.0
                };
                for at in (j..solution.len()).step_by(self.width) {
                    solution[at] += step * direction[at];
                    residual[at] -= step * product[at];
                }
            }
            before = now;
            iterations += 1;
        }
        let mut first = self.gather(&solution)?;
        for (gathered, sum) in first.iter_mut().zip(sums[0]) {
            *gathered = sum - *gathered;
        }
        self.divide(0, &mut first);
        let mut effects = vec![first];
        let mut from = 0;
        for levels in &self.levels[1..] {
            let to = from + levels.counts.len() * self.width;
            effects.push(solution[from..to].to_vec());
            from = to;
        }
        Ok((effects, iterations))
    }

    fn rest_weights(&self) -> Vec<f64> {
        let rest = self.levels[1..].iter();
        rest.flat_map(|levels| levels.weights.iter().copied())
            .collect()
    }

    /// Sum over the levels of a column's squares divided by the weights.
    fn weighted(&self, values: &[f64], weights: &[f64], column: usize) -> f64 {
        let mut sum = 0.0;
        self.each_level(weights, |level, weight| {
            let value = values[level * self.width + column];
            sum += value * value / weight;
        });
        sum
    }

    /// Levels that have rows.
    fn each_level(&self, weights: &[f64], mut visit: impl FnMut(usize, f64)) {
        for (level, &weight) in weights.iter().enumerate() {
            if weight > 0.0 {
                visit(level, weight);
            }
        }
    }

    /// Sums of an effect to means.
    fn divide(&self, effect: usize, sums: &mut [f64]) {
        let weights = &self.levels[effect].weights;
        for (sums, &weight) in sums.chunks_exact_mut(self.width).zip(weights) {
            let factor = if weight > 0.0 { weight } else { f64::INFINITY };
            sums.iter_mut().for_each(|sum| *sum /= factor);
        }
    }

    /// The rows in the order of the first effect's levels, where memory allows.
    fn sorted(&self) -> Result<Option<Sorted>, Error> {
        let rest = self.levels[1..].iter().map(|l| l.counts.len());
        let order = Order {
            store: &self.gathered.store,
            parts: self.gathered.parts(),
            groups: &self.groups,
            offsets: &self.offsets(),
            size: rest.sum(),
            width: self.width,
            weighted: self.gathered.store.weighted(),
        };
        order.sorted(self.levels[0], self.gathered.left)
    }

    /// The Schur complement times a vector.
    fn product(&self, vector: &[f64], sorted: Option<&Sorted>) -> Result<Vec<f64>, Error> {
        let Some(sorted) = sorted else {
            let mut of_first = self.gather(vector)?;
            self.divide(0, &mut of_first);
            return self.scatter(&of_first, Some(vector));
        };
        if !self.scans.goes_on() {
            return Err(Error::Interrupted);
        }
        let mut out = sorted.product(self.levels[0], vector);
        if let [_, only] = self.levels.as_slice() {
            self.add_own(only, vector, &mut out);
        }
        Ok(out)
    }

    /// Adds what the levels of the only other effect weigh times their entries.
    fn add_own(&self, only: &LevelSums, vector: &[f64], out: &mut [f64]) {
        for (level, &weight) in only.weights.iter().enumerate() {
            for at in level * self.width..(level + 1) * self.width {
                out[at] += weight * vector[at];
            }
        }
    }

    /// Where the levels of each effect but the first begin in a vector.
    fn offsets(&self) -> Vec<usize> {
        let mut offsets = Vec::new();
        let mut at = 0;
        for levels in &self.levels[1..] {
            offsets.push(at);
            at += levels.counts.len();
        }
        offsets
    }

    /// Weighted sums of a vector's entries over the rows of each level of the first effect.
    fn gather(&self, vector: &[f64]) -> Result<Vec<f64>, Error> {
        let length = self.levels[0].counts.len() * self.width;
        match self.width {
            1 => self.run(length, |out, rows, o| gather::<1>(out, rows, vector, o)),
            2 => self.run(length, |out, rows, o| gather::<2>(out, rows, vector, o)),
            3 => self.run(length, |out, rows, o| gather::<3>(out, rows, vector, o)),
            4 => self.run(length, |out, rows, o| gather::<4>(out, rows, vector, o)),
            width => self.run(length, |out, rows, offsets| {
                for row in 0..rows.len {
                    let weight = rows.weight(row);
                    let to = rows.codes[0][row] as usize * width;
                    for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
                        let from = (offset + codes[row] as usize) * width;
                        for j in 0..width {
                            out[to + j] += weight * vector[from + j];
                        }
                    }
                }
            }),
        }
    }

    /// Weighted sums over the rows of each level of the other effects: of a vector's entries, if given, less those of the
    /// first effect.
    fn scatter(&self, of_first: &[f64], vector: Option<&[f64]>) -> Result<Vec<f64>, Error> {
        let rest: usize = self.levels[1..].iter().map(|l| l.counts.len()).sum();
        let length = rest * self.width;
        // With one effect beside the first, the entries of its own levels are summed by the weights alone.
        if let (Some(vector), [_, only]) = (vector, self.levels.as_slice()) {
            let mut out = self.scatter(of_first, None)?;
            self.add_own(only, vector, &mut out);
            return Ok(out);
        }
        match self.width {
            1 => self.run(length, |out, rows, o| {
                scatter::<1>(out, rows, of_first, vector, o)
            }),
            2 => self.run(length, |out, rows, o| {
                scatter::<2>(out, rows, of_first, vector, o)
            }),
            3 => self.run(length, |out, rows, o| {
                scatter::<3>(out, rows, of_first, vector, o)
            }),
            4 => self.run(length, |out, rows, o| {
                scatter::<4>(out, rows, of_first, vector, o)
            }),
            width => self.run(length, |out, rows, offsets| {
                let mut value = vec![0.0; width];
                for row in 0..rows.len {
                    let from = rows.codes[0][row] as usize * width;
                    for j in 0..width {
                        value[j] = -of_first[from + j];
                    }
                    if let Some(vector) = vector {
                        for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
                            let from = (offset + codes[row] as usize) * width;
                            for j in 0..width {
                                value[j] += vector[from + j];
                            }
                        }
                    }
                    let weight = rows.weight(row);
                    for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
                        let to = (offset + codes[row] as usize) * width;
                        for j in 0..width {
                            out[to + j] += weight * value[j];
                        }
                    }
                }
            }),
        }
    }

    /// Runs over all rows, lane by lane, and adds what the lanes give in their order.
    fn run(
        &self,
        length: usize,
        block: impl Fn(&mut [f64], &Rows, &[usize]) + Sync,
    ) -> Result<Vec<f64>, Error> {
        let offsets = self.offsets();
        let parts: Vec<Result<Vec<f64>, Error>> = self
            .gathered
            .lanes
            .par_iter()
            .with_max_len(1)
            .map(|lane| {
                let mut out = vec![0.0; length];
                self.gathered
                    .store
                    .each(lane.clone(), &self.groups, |rows| {
                        block(&mut out, rows, &offsets);
                    })?;
                Ok(out)
            })
            .collect();
        if !self.scans.goes_on() {
            return Err(Error::Interrupted);
        }
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| Ok(vec![0.0; length]))?;
        for part in parts {
            add(&mut all, &part?);
        }
        Ok(all)
    }
}

/// [`System::gather`] with a known number of columns.
fn gather<const W: usize>(out: &mut [f64], rows: &Rows, vector: &[f64], offsets: &[usize]) {
    let (out, _) = out.as_chunks_mut::<W>();
    let (vector, _) = vector.as_chunks::<W>();
    for row in 0..rows.len {
        let weight = rows.weight(row);
        let to = &mut out[rows.codes[0][row] as usize];
        for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
            let from = &vector[offset + codes[row] as usize];
            for j in 0..W {
                to[j] += weight * from[j];
            }
        }
    }
}

/// [`System::scatter`] with a known number of columns.
fn scatter<const W: usize>(
    out: &mut [f64],
    rows: &Rows,
    of_first: &[f64],
    vector: Option<&[f64]>,
    offsets: &[usize],
) {
    let (out, _) = out.as_chunks_mut::<W>();
    let (of_first, _) = of_first.as_chunks::<W>();
    let vector = vector.map(|vector| vector.as_chunks::<W>().0);
    for row in 0..rows.len {
        let mut value = of_first[rows.codes[0][row] as usize].map(|value| -value);
        if let Some(vector) = vector {
            for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
                let from = &vector[offset + codes[row] as usize];
                for j in 0..W {
                    value[j] += from[j];
                }
            }
        }
        let weight = rows.weight(row);
        for (codes, offset) in rows.codes[1..].iter().zip(offsets) {
            let to = &mut out[offset + codes[row] as usize];
            for j in 0..W {
                to[j] += weight * value[j];
            }
        }
    }
}
