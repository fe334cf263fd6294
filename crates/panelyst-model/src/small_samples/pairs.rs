//! The bootstrap of whole clusters with all their rows (Cameron, Gelbach and Miller 2008, section III.B).
//!
//! A draw takes G clusters with replacement; one that is drawn twice counts twice, with effects nested in it of its own.
//! In the basis of [`Blocks`] its coefficients are `beta + T (sum m_g A_g)^-1 sum m_g s_g`, m_g the times drawn.

use super::blocks::Blocks;
use super::jackknife::identified;
use crate::random::{below, stream};
use crate::request::Pairs;
use rayon::prelude::*;

/// The experiment's number, beside those of other random numbers under the same seed.
const EXPERIMENT: u64 = 0x0070_6169_7273;

/// What a bootstrap of clusters found.
#[derive(Clone, Debug)]
pub struct PairsBootstrap {
    /// Covariance of the drawn coefficients around their mean, k x k.
    pub covariance: Vec<f64>,
    /// Draws with coefficients.
    pub valid: usize,
}

/// Draws clusters; `None` where fewer than two draws identify all coefficients.
pub fn pairs_bootstrap(blocks: &Blocks, asked: &Pairs) -> Option<PairsBootstrap> {
    let (groups, p, k) = (blocks.groups(), blocks.width(), blocks.k());
    let grams: Vec<Vec<f64>> = (0..groups).map(|g| blocks.gram(g)).collect();
    let scores: Vec<Vec<f64>> = (0..groups).map(|g| blocks.score(g)).collect();
    let changes: Vec<Option<Vec<f64>>> = (0..asked.draws)
        .into_par_iter()
        .map_init(
            || (vec![0usize; groups], vec![0.0; p * p], vec![0.0; p]),
            |(times, gram, score), draw| {
                draw_clusters(asked.seed, draw, times);
                gram.fill(0.0);
                score.fill(0.0);
                for (group, &count) in times.iter().enumerate().filter(|(_, count)| **count > 0) {
                    let count = count as f64;
                    let pairs = gram.iter_mut().zip(&grams[group]);
                    pairs.for_each(|(sum, value)| *sum += count * value);
                    let pairs = score.iter_mut().zip(&scores[group]);
                    pairs.for_each(|(sum, value)| *sum += count * value);
                }
                identified(blocks, gram, score).into_iter().collect()
            },
        )
        .collect();
    let valid: Vec<&Vec<f64>> = changes.iter().flatten().collect();
    if valid.len() < 2 {
        return None;
    }
    let count = valid.len() as f64;
    let mean: Vec<f64> = (0..k)
        .map(|i| valid.iter().map(|c| c[i]).sum::<f64>() / count)
        .collect();
    let mut covariance = vec![0.0; k * k];
    for change in &valid {
        for i in 0..k {
            for j in 0..k {
                covariance[i * k + j] += (change[i] - mean[i]) * (change[j] - mean[j]);
            }
        }
    }
    covariance.iter_mut().for_each(|v| *v /= count - 1.0);
    Some(PairsBootstrap {
        covariance,
        valid: valid.len(),
    })
}

/// How often each cluster is in a draw.
fn draw_clusters(seed: u64, draw: usize, times: &mut [usize]) {
    let mut random = stream(seed, EXPERIMENT, draw as u64);
    times.fill(0);
    for _ in 0..times.len() {
        times[below(&mut random, times.len() as u64) as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::canonical::{close, formula, munnell, number_column, request, with_column};
    use crate::request::Vcov;
    use arrow_array::cast::AsArray;

    #[test]
    fn a_draw_is_a_regression_with_the_times_drawn_as_weights() {
        let data = munnell();
        let states: Vec<&str> = data
            .column_by_name("state")
            .unwrap()
            .as_string::<i32>()
            .iter()
            .map(Option::unwrap)
            .collect();
        let mut names = states.clone();
        names.sort_unstable();
        names.dedup();
        let asked = Pairs {
            cluster: "state".to_owned(),
            draws: 99,
            seed: 5,
        };
        let mut found = Vec::new();
        for draw in 0..asked.draws {
            let mut times = vec![0; names.len()];
            draw_clusters(asked.seed, draw, &mut times);
            assert_eq!(times.iter().sum::<usize>(), 48);
            let weights: Vec<f64> = states
                .iter()
                .map(|s| times[names.binary_search(s).unwrap()] as f64)
                .collect();
            let mut weighted = request("state", "yr");
            weighted.formulas = vec![formula("log(gsp) ~ log(emp) + unemp | state + yr")];
            weighted.weights = Some("times".to_owned());
            let batch = with_column(&data, "times", number_column(&weights));
            let fit = crate::fit(&batch, &weighted).unwrap().remove(0);
            found.push([0, 1].map(|place| fit.coefficients[place].estimate));
        }
        let mut pairs = request("state", "yr");
        pairs.formulas = vec![formula("log(gsp) ~ log(emp) + unemp | state + yr")];
        pairs.vcov = Vcov::Pairs(asked);
        let fit = crate::fit(&data, &pairs).unwrap().remove(0);
        for place in 0..2 {
            let mean = found.iter().map(|b| b[place]).sum::<f64>() / 99.0;
            let squares: f64 = found.iter().map(|b| (b[place] - mean).powi(2)).sum();
            close(
                fit.coefficients[place].std_error,
                (squares / 98.0).sqrt(),
                1e-9,
                "pairs",
            );
        }
    }
}
