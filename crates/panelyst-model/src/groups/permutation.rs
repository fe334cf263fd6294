//! Random and exact reassignment of whole units to two groups.

use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::moments::Moments;
use crate::Error;
use crate::random::{below, stream};

/// A difference counts as large as the observed one when it falls short by no more than this share of it:
/// the same assignment summed in another order may differ in the last digits.
const TIE: f64 = 1e-9;

/// What the reassignments said about each requested regressor.
pub(super) struct Outcome {
    /// Draws (random) or assignments (exact) with a value.
    pub valid: Vec<usize>,
    /// p-value of each requested regressor.
    pub p_value: Vec<Option<f64>>,
    /// All draws or assignments.
    pub draws: usize,
    /// Whether every assignment was enumerated.
    pub exact: bool,
}

/// Reassigns units, `first` of `units` (the observed first group) staying that many.
///
/// `draws` random assignments, each from its own stream of a 64-bit-output PCG generator (O'Neill 2014) whose 256-bit
/// state and stream are filled by SplitMix64 (Steele, Lea and Flood 2014) from `seed`, `pair` and the number of the
/// draw, so that the draws do not depend on the number of threads. All assignments instead when there are no more than
/// `draws` of them. p = (1 + #{|d*| >= |d|}) / (draws + 1) (Phipson and Smyth 2010), the share itself when exact.
pub(super) fn permute(
    moments: &Moments,
    first: &[usize],
    units: usize,
    observed: &[(usize, f64)],
    (draws, seed, pair): (usize, u64, u64),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Outcome, Error> {
    let assignments = combinations(units, first.len());
    let exact = assignments.is_some_and(|count| count <= draws as u128);
    let differences: Vec<Vec<f64>> = if exact {
        all_subsets(units, first.len())
            .par_iter()
            .map_init(
                || moments.scratch(),
                |scratch, subset| {
                    going(stop)?;
                    moments.estimate(subset, scratch);
                    Ok(difference(&scratch.coefficients, observed))
                },
            )
            .collect::<Result<_, Error>>()?
    } else {
        (0..draws as u64)
            .into_par_iter()
            .map_init(
                || (moments.scratch(), Vec::with_capacity(units)),
                |(scratch, order), draw| {
                    going(stop)?;
                    let mut random = stream(seed, pair, draw);
                    sample(units, first.len(), &mut random, order);
                    moments.estimate(&order[..first.len()], scratch);
                    Ok(difference(&scratch.coefficients, observed))
                },
            )
            .collect::<Result<_, Error>>()?
    };
    let mut valid = Vec::with_capacity(observed.len());
    let mut p_value = Vec::with_capacity(observed.len());
    for (at, (_, value)) in observed.iter().enumerate() {
        let bound = value.abs() * (1.0 - TIE);
        let drawn = differences.iter().map(|d| d[at].abs());
        let count = drawn.clone().filter(|d| d.is_finite()).count();
        let large = drawn.filter(|d| d.is_finite() && *d >= bound).count();
        valid.push(count);
        p_value.push(if exact {
            (count > 0).then(|| large as f64 / count as f64)
        } else {
            (count > 0).then(|| (1 + large) as f64 / (count + 1) as f64)
        });
    }
    Ok(Outcome {
        valid,
        p_value,
        draws: differences.len(),
        exact,
    })
}

fn going(stop: &(dyn Fn() -> bool + Sync)) -> Result<(), Error> {
    match stop() {
        true => Err(Error::Interrupted),
        false => Ok(()),
    }
}

fn difference(coefficients: &[Vec<f64>; 2], observed: &[(usize, f64)]) -> Vec<f64> {
    observed
        .iter()
        .map(|(term, _)| coefficients[0][*term] - coefficients[1][*term])
        .collect()
}

/// Number of ways to choose `chosen` of `units`; `None` when it exceeds 128 bits.
pub(super) fn combinations(units: usize, chosen: usize) -> Option<u128> {
    let chosen = chosen.min(units - chosen);
    let mut count = 1u128;
    for i in 0..chosen {
        count = count.checked_mul((units - i) as u128)? / (i as u128 + 1);
    }
    Some(count)
}

/// All subsets of `0..units` of one size, in lexicographic order.
fn all_subsets(units: usize, size: usize) -> Vec<Vec<usize>> {
    let mut subsets = Vec::new();
    let mut current: Vec<usize> = (0..size).collect();
    loop {
        subsets.push(current.clone());
        // The last position that can still move up.
        let Some(at) = (0..size).rev().find(|&i| current[i] < units - size + i) else {
            return subsets;
        };
        current[at] += 1;
        for later in at + 1..size {
            current[later] = current[later - 1] + 1;
        }
    }
}

/// Puts a uniformly drawn subset of `0..units` into the first `size` places, ascending (Fisher and Yates, stopped).
fn sample(units: usize, size: usize, random: &mut Pcg64, order: &mut Vec<usize>) {
    order.clear();
    order.extend(0..units);
    for i in 0..size {
        let j = i + below(random, (units - i) as u64) as usize;
        order.swap(i, j);
    }
    order[..size].sort_unstable();
}
