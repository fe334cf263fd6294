//! Levels of effects brought to the sums of their outcomes.
//!
//! At the maximum of a Poisson pseudo-likelihood with effects the means of every level add up to its outcomes, and given
//! all else one factor for the level makes them do so (iterative proportional fitting, Deming and Stephan 1940). A round
//! of this after a step of Newton's never raises the deviance and costs a few passes over the rows, where a step costs
//! many: it takes away most of the steps in which levels with few or extreme outcomes creep to their place.

use crate::design::Design;
use crate::linear::sums::CHUNK;
use panelyst_absorb::Effect;
use rayon::prelude::*;

/// Tasks that sum by level side by side, at most: a number that depends on the data only.
const TASKS: usize = 16;

/// Rows that a task has for each level at least, so that adding up its sums costs little beside making them.
const ROWS_A_LEVEL: usize = 4;

/// The intercepts among the effects of a design, those with fewest levels first.
#[derive(Default)]
pub(super) struct Margins<'a> {
    effects: Vec<Margin<'a>>,
}

/// One effect.
struct Margin<'a> {
    codes: &'a [u32],
    /// Weighted sum of the outcomes of each level.
    outcomes: Vec<f64>,
}

/// Factors of the levels of each effect.
pub(super) struct Factors<'a> {
    effects: Vec<(&'a [u32], Vec<f64>)>,
}

impl<'a> Margins<'a> {
    /// Sums the outcomes of the levels.
    pub(super) fn new(design: &'a Design) -> Self {
        let mut own: Vec<&Effect> = design.effects.iter().map(|(_, effect)| effect).collect();
        own.retain(|effect| effect.intercept);
        own.sort_by_key(|effect| effect.levels);
        let weights = design.weights.as_deref();
        let outcome = |row: usize| weights.map_or(1.0, |w| w[row]) * design.y[row];
        let effects = own.into_iter().map(|effect| Margin {
            codes: &effect.codes,
            outcomes: by_level(&effect.codes, effect.levels, outcome),
        });
        Self {
            effects: effects.collect(),
        }
    }

    /// Whether there is no effect.
    pub(super) fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// Factors that bring weighted means to the sums of the outcomes, effect after effect.
    pub(super) fn factors(&self, mean: impl Fn(usize) -> f64 + Sync) -> Factors<'a> {
        let mut found = Factors {
            effects: Vec::with_capacity(self.effects.len()),
        };
        for effect in &self.effects {
            let scaled = |row: usize| mean(row) * found.at(row);
            let mut factors = by_level(effect.codes, effect.outcomes.len(), scaled);
            for (factor, outcome) in factors.iter_mut().zip(&effect.outcomes) {
                let wanted = outcome / *factor;
                // A level whose means are as good as zero is left to Newton's steps.
                *factor = if wanted.is_normal() { wanted } else { 1.0 };
            }
            found.effects.push((effect.codes, factors));
        }
        found
    }
}

impl Factors<'_> {
    /// The product of the factors of a row.
    #[inline(always)]
    pub(super) fn at(&self, row: usize) -> f64 {
        self.joined(row, 1.0, |a, b| a * b)
    }

    /// The sum of the numbers of a row's levels.
    #[inline(always)]
    pub(super) fn sum(&self, row: usize) -> f64 {
        self.joined(row, 0.0, |a, b| a + b)
    }

    /// The numbers of a row's levels put together; up to three without a loop.
    #[inline(always)]
    fn joined(&self, row: usize, none: f64, join: impl Fn(f64, f64) -> f64) -> f64 {
        let own = |(codes, numbers): &(&[u32], Vec<f64>)| numbers[codes[row] as usize];
        match &self.effects[..] {
            [] => none,
            [a] => own(a),
            [a, b] => join(own(a), own(b)),
            [a, b, c] => join(join(own(a), own(b)), own(c)),
            more => more.iter().map(own).fold(none, join),
        }
    }

    /// The logarithms of the factors, which are added up by [`Factors::sum`].
    pub(super) fn logarithms(&self) -> Self {
        let own = self.effects.iter().map(|(codes, factors)| {
            let logarithms = factors.iter().map(|factor| factor.ln());
            (*codes, logarithms.collect())
        });
        Self {
            effects: own.collect(),
        }
    }
}

/// Sums of one value a row by level, in tasks whose number depends on the data only.
fn by_level(codes: &[u32], levels: usize, value: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let rows = codes.len();
    let tasks = (rows / (ROWS_A_LEVEL * levels.max(1))).clamp(1, TASKS);
    let step = rows.div_ceil(tasks).max(CHUNK);
    let parts: Vec<Vec<f64>> = codes
        .par_chunks(step)
        .enumerate()
        .map(|(task, codes)| {
            let mut sums = vec![0.0; levels];
            for (row, &code) in (task * step..).zip(codes) {
                sums[code as usize] += value(row);
            }
            sums
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; levels]);
    for part in parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_bring_levels_to_their_outcomes() {
        let outcomes = [3.0, 0.5, 2.0, 7.0, 1.0, 4.0];
        let means = [1.0, 2.0, 0.5, 1.5, 3.0, 1.0];
        let margin = |codes: &'static [u32], levels: usize| Margin {
            codes,
            outcomes: by_level(codes, levels, |row| outcomes[row]),
        };
        let margins = Margins {
            effects: vec![
                margin(&[0, 0, 0, 1, 1, 1], 2),
                margin(&[0, 1, 2, 0, 1, 2], 3),
            ],
        };
        let factors = margins.factors(|row| means[row]);
        let logarithms = factors.logarithms();
        // The effect that comes last is met exactly.
        for level in 0..3 {
            let rows = [level, level + 3];
            let sum: f64 = rows.iter().map(|&r| means[r] * factors.at(r)).sum();
            let wanted: f64 = rows.iter().map(|&r| outcomes[r]).sum();
            assert!((sum - wanted).abs() <= 1e-14 * wanted, "{level}: {sum}");
            assert!((logarithms.sum(level).exp() - factors.at(level)).abs() < 1e-14);
        }
    }

    #[test]
    fn a_level_of_zeros_is_left_alone() {
        let margins = Margins {
            effects: vec![Margin {
                codes: &[0, 0, 1],
                outcomes: vec![0.0, 2.0],
            }],
        };
        let factors = margins.factors(|_| 0.5);
        assert_eq!([factors.at(0), factors.at(2)], [1.0, 4.0]);
    }
}
