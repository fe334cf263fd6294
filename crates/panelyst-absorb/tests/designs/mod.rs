//! Designs that the tests share: random, panels, chains.
#![allow(dead_code)]

use panelyst_absorb::{Effect, codes, components};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Effects, weights and columns of one sample.
#[derive(Clone, Debug)]
pub struct Design {
    /// Effects.
    pub effects: Vec<Effect>,
    /// Weights.
    pub weights: Option<Vec<f64>>,
    /// Columns: the first is the outcome.
    pub columns: Vec<Vec<f64>>,
}

impl Design {
    /// What coefficients fit in each row.
    pub fn fitted(&self, coefficients: &[Vec<f64>]) -> Vec<f64> {
        (0..self.columns[0].len())
            .map(|row| {
                let mut value = 0.0;
                for (effect, own) in self.effects.iter().zip(coefficients) {
                    let mut start = effect.codes[row] as usize;
                    if effect.intercept {
                        value += own[start];
                        start += effect.levels;
                    }
                    for slope in &effect.slopes {
                        value += own[start] * slope[row];
                        start += effect.levels;
                    }
                }
                value
            })
            .collect()
    }

    /// Component of a row in the graph of the first two effects.
    pub fn component(&self, row: usize) -> u32 {
        let [a, b] = [&self.effects[0], &self.effects[1]];
        components(&a.codes, a.levels, &b.codes, b.levels).first[a.codes[row] as usize]
    }
}

/// An effect of plain levels.
pub fn plain(codes: &[u32]) -> Effect {
    let (codes, levels) = codes::compact(codes).unwrap();
    Effect {
        codes: codes.into(),
        levels: levels.len(),
        intercept: true,
        slopes: Vec::new(),
    }
}

/// Pseudo-random numbers that differ from run to run in nothing.
pub fn noise(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..rows)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        })
        .collect()
}

/// A balanced panel of units by periods with two columns.
pub fn panel(units: u32, periods: u32) -> Design {
    let rows = units * periods;
    let unit: Vec<u32> = (0..rows).map(|row| row / periods).collect();
    let period: Vec<u32> = (0..rows).map(|row| row % periods).collect();
    Design {
        effects: vec![plain(&unit), plain(&period)],
        weights: None,
        columns: vec![noise(rows as usize, 1), noise(rows as usize, 2)],
    }
}

/// Two effects whose graph is a chain, twice over so that residuals are not zero.
pub fn chain(length: u32) -> Design {
    let left: Vec<u32> = (0..4 * length).map(|row| row / 4).collect();
    let right: Vec<u32> = (0..4 * length).map(|row| row / 4 + row % 2).collect();
    let rows = left.len();
    Design {
        effects: vec![plain(&left), plain(&right)],
        weights: None,
        columns: vec![noise(rows, 3), noise(rows, 4)],
    }
}

/// Workers in firms over eight rows each, joined by moves of few of them between firms drawn at random, some of which no
/// worker leaves; with years if there are any.
pub fn moves(workers: u32, firms: u32, years: u32) -> Design {
    let rows = workers * 8;
    let draw = noise(rows as usize, 5);
    let mut firm = vec![0u32; rows as usize];
    for row in 0..rows as usize {
        let drawn = ((draw[row] + 0.5) * f64::from(firms)) as u32;
        let moves = row % 8 == 0 || draw[row].abs() * 1e3 % 1.0 < 0.08;
        firm[row] = if moves { drawn } else { firm[row - 1] };
    }
    let worker: Vec<u32> = (0..rows).map(|row| row / 8).collect();
    let mut effects = vec![plain(&worker), plain(&firm)];
    if years > 0 {
        let year: Vec<u32> = (0..rows).map(|row| row % 8 * row % years).collect();
        effects.push(plain(&year));
    }
    Design {
        effects,
        weights: None,
        columns: (6..9).map(|seed| noise(rows as usize, seed)).collect(),
    }
}

/// Random panels of groups in levels that they change seldom or often, with a second small effect or without, weighted or
/// not: graphs in pieces, parallel edges, groups alone.
pub fn arbitrary_match() -> impl Strategy<Value = Design> {
    (2usize..14, 1usize..7, 2u32..16, 0u32..5, 0.05..1.0f64).prop_flat_map(
        |(groups, long, levels, periods, change)| {
            let rows = groups * long;
            (
                vec((0..levels, 0.0..1.0f64, 0..periods.max(1)), rows),
                prop::option::of(vec(0.1..10.0f64, rows)),
                vec(vec(-1.0..1.0f64, rows), 3),
            )
                .prop_map(move |(drawn, weights, columns)| {
                    let group: Vec<u32> = (0..rows).map(|row| (row / long) as u32).collect();
                    let mut level: Vec<u32> = Vec::with_capacity(rows);
                    for (row, &(new, u, _)) in drawn.iter().enumerate() {
                        let stays = row % long != 0 && u >= change;
                        level.push(if stays { level[row - 1] } else { new });
                    }
                    let mut effects = vec![plain(&group), plain(&level)];
                    if periods > 0 {
                        let period: Vec<u32> = drawn.iter().map(|row| row.2).collect();
                        effects.push(plain(&period));
                    }
                    Design {
                        effects,
                        weights,
                        columns,
                    }
                })
        },
    )
}

/// Fixed seed and number of cases, so that a run repeats; with PROPTEST_CASES set, that many at random.
pub fn cases(cases: u32) -> ProptestConfig {
    let open = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return open;
    }
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_261_122),
        ..open
    }
}

/// Weighted norm.
pub fn norm(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let mut sum = 0.0;
    for (row, value) in values.iter().enumerate() {
        sum += weights.map_or(1.0, |w| w[row]) * value * value;
    }
    sum.sqrt()
}

/// Slopes of the first column on the second and third, or none where those are absorbed or collinear.
pub fn slopes_of(left: &[Vec<f64>], raw: &[Vec<f64>], weights: Option<&[f64]>) -> Option<Vec<f64>> {
    let dot = |a: &[f64], b: &[f64]| -> f64 {
        (0..a.len())
            .map(|row| weights.map_or(1.0, |w| w[row]) * a[row] * b[row])
            .sum()
    };
    let [y, x, z] = left else { return None };
    for (column, raw) in [x, z].into_iter().zip(&raw[1..]) {
        if dot(column, column) <= 1e-4 * dot(raw, raw) {
            return None;
        }
    }
    let (a, b, c) = (dot(x, x), dot(x, z), dot(z, z));
    let determinant = a * c - b * b;
    if determinant <= 1e-2 * a * c {
        return None;
    }
    Some(vec![
        (c * dot(x, y) - b * dot(z, y)) / determinant,
        (a * dot(z, y) - b * dot(x, y)) / determinant,
    ])
}

/// Random designs: one to four effects, few or many levels, slopes (some constant within levels, some with a large
/// mean), weights over four decades, columns that are noise, levels of an effect, or constants.
pub fn arbitrary_design() -> impl Strategy<Value = Design> {
    (2usize..40, 1usize..5).prop_flat_map(|(rows, effects)| {
        (
            vec(arbitrary_effect(rows), effects),
            prop::option::of(vec((-2.0..2.0f64).prop_map(|e| 10f64.powf(e)), rows)),
            vec(vec(-1.0..1.0f64, rows), 3),
            0u8..6,
            -6.0..6.0f64,
        )
            .prop_map(|(effects, weights, mut columns, kind, shift)| {
                match kind {
                    0 => {
                        let codes = &effects[0].codes;
                        columns[0] = codes.iter().map(|&code| f64::from(code) / 3.0).collect();
                    }
                    1 => columns[1].fill(2.0 / 3.0),
                    2 => columns[2].iter_mut().for_each(|v| *v += 10f64.powf(shift)),
                    _ => {}
                }
                Design {
                    effects,
                    weights,
                    columns,
                }
            })
    })
}

/// Random designs of two plain effects.
pub fn arbitrary_pair() -> impl Strategy<Value = Design> {
    (2usize..60, 1u32..12, 1u32..12).prop_flat_map(|(rows, first, second)| {
        (
            vec(0..first, rows),
            vec(0..second, rows),
            prop::option::of(vec(0.1..10.0f64, rows)),
            vec(vec(-1.0..1.0f64, rows), 3),
        )
            .prop_map(|(first, second, weights, columns)| Design {
                effects: vec![plain(&first), plain(&second)],
                weights,
                columns,
            })
    })
}

fn arbitrary_effect(rows: usize) -> impl Strategy<Value = Effect> {
    (1u32..16, 0u8..8, any::<bool>()).prop_flat_map(move |(levels, kind, large)| {
        let slopes = match kind {
            0 | 1 => 1,
            2 => 2,
            _ => 0,
        };
        (
            vec(0..levels, rows),
            // Few distinct values make slopes constant within many levels.
            vec(vec((0i8..4).prop_map(f64::from), rows), slopes),
        )
            .prop_map(move |(codes, mut slopes)| {
                // Without intercepts a large mean makes slopes nearly collinear with other effects' intercepts,
                // which costs digits in any method; that has a test of its own.
                if large && kind != 1 {
                    slopes.iter_mut().flatten().for_each(|x| *x += 2000.0);
                }
                Effect {
                    intercept: kind != 1,
                    slopes,
                    ..plain(&codes)
                }
            })
    })
}
