//! Scores of clusters summed from tiles, without a column of scores, a basis or residuals.

use super::cluster::add_square;
use crate::linear::Tiled;
use crate::linear::symmetric::sandwich;
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::{Remainder, Tile};
use std::ops::Range;

/// Numbers for each row that the sums of all clusters in all chunks may take together.
const ROOM: usize = 4;

/// Four columns side by side.
type Row = [f64; 4];

/// Sum over clusters of the outer products of score sums, in the space of the basis (m x m); `None` where clusters are
/// many and their rows are not neighbours.
pub(super) fn meat(
    tiled: &Tiled<'_>,
    codes: &ScalarBuffer<u32>,
    groups: usize,
) -> Option<Vec<f64>> {
    let of = tiled.of;
    let (blocks, factors) = used(tiled);
    let scan = Scan {
        of,
        blocks: &blocks,
        factors: &factors,
    };
    let found = if of.is_led_by(codes) {
        scan.led()
    } else if of.is_in_order() && codes.is_sorted() {
        scan.in_runs(codes)
    } else if groups * factors.len() * 4 * of.chunks() <= ROOM * of.rows() {
        scan.by_group(codes, groups)
    } else {
        return None;
    };
    let (m, width) = (tiled.basis.len(), factors.len() * 4);
    let place = |block: usize, lane: usize| 4 * blocks[block] + lane;
    let mut across = vec![0.0; m * width];
    for (own, row) in tiled
        .basis
        .iter()
        .zip(across.chunks_exact_mut(width.max(1)))
    {
        for (at, value) in row.iter_mut().enumerate() {
            *value = own.get(place(at / 4, at % 4)).copied().unwrap_or(0.0);
        }
    }
    Some(sandwich(&across, &found, m, width))
}

/// The blocks of columns that have a part in residual or basis, and their coefficients in the residual.
fn used(tiled: &Tiled<'_>) -> (Vec<usize>, Vec<Row>) {
    let count = tiled.residual.len();
    let has_part = |block: &usize| {
        let own = 4 * block..count.min(4 * (block + 1));
        let mut all = tiled.basis.iter().chain([&tiled.residual]);
        all.any(|numbers| numbers[own.clone()].iter().any(|&c| c != 0.0))
    };
    let blocks = (0..count.div_ceil(4)).filter(has_part);
    let row = |block: usize| -> Row {
        std::array::from_fn(|lane| tiled.residual.get(4 * block + lane).copied().unwrap_or(0.0))
    };
    blocks.map(|block| (block, row(block))).unzip()
}

/// Columns and their coefficients in the residual.
struct Scan<'a> {
    of: &'a Remainder,
    blocks: &'a [usize],
    factors: &'a [Row],
}

/// Adds the scores of some places of a tile: each column times residual (and weight).
#[inline(always)]
fn add_scores(score: &mut [Row], tile: &Tile<'_>, factors: &[Row], places: Range<usize>) {
    let weights = tile.weights();
    let weight = |place: usize| weights.map_or(1.0, |(weights, unit)| weights[place] * unit);
    if let ([block], [factors], [score]) = (tile.blocks(), factors, &mut *score) {
        let mut sums = *score;
        for (place, row) in places.clone().zip(&block[places]) {
            let sum: Row = std::array::from_fn(|lane| factors[lane] * row[lane]);
            let residual = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * weight(place);
            for lane in 0..4 {
                sums[lane] += residual * row[lane];
            }
        }
        *score = sums;
        return;
    }
    for place in places {
        let mut sum = [0.0; 4];
        for (block, factors) in tile.blocks().iter().zip(factors) {
            let row = &block[place];
            for lane in 0..4 {
                sum[lane] += factors[lane] * row[lane];
            }
        }
        let residual = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * weight(place);
        for (score, block) in score.iter_mut().zip(tile.blocks()) {
            let row = &block[place];
            for lane in 0..4 {
                score[lane] += residual * row[lane];
            }
        }
    }
}

fn total(parts: Vec<Vec<f64>>, size: usize) -> Vec<f64> {
    let mut total = vec![0.0; size];
    for part in parts {
        total.iter_mut().zip(&part).for_each(|(t, p)| *t += p);
    }
    total
}

/// What a chunk found of clusters whose rows are neighbours: its first and last cluster may go on outside.
struct Runs {
    meat: Vec<f64>,
    first: Option<(u32, Vec<Row>)>,
    last: Option<(u32, Vec<Row>)>,
}

impl Scan<'_> {
    /// Clusters are the levels of the largest effect.
    fn led(&self) -> Vec<f64> {
        let factors = self.factors;
        let (blocks, width) = (factors.len(), factors.len() * 4);
        let parts = self.of.scan(
            self.blocks,
            || vec![0.0; width * width],
            |meat, tile| {
                let mut score = vec![[0.0; 4]; blocks];
                for group in tile.groups() {
                    score.fill([0.0; 4]);
                    add_scores(&mut score, tile, factors, group);
                    add_square(meat, score.as_flattened());
                }
            },
        );
        total(parts, width * width)
    }

    /// Clusters ascend with the rows.
    fn in_runs(&self, codes: &[u32]) -> Vec<f64> {
        let factors = self.factors;
        let (blocks, width) = (factors.len(), factors.len() * 4);
        let begin = || Runs {
            meat: vec![0.0; width * width],
            first: None,
            last: None,
        };
        let parts = self.of.scan(self.blocks, begin, |runs, tile| {
            let own = &codes[tile.row(0)..tile.row(0) + tile.len()];
            let mut start = 0;
            while start < own.len() {
                let code = own[start];
                let end = start + own[start..].iter().take_while(|&&c| c == code).count();
                if runs.last.as_ref().is_none_or(|last| last.0 != code) {
                    let before = runs.last.replace((code, vec![[0.0; 4]; blocks]));
                    match (before, &runs.first) {
                        (None, _) => {}
                        (before, None) => runs.first = before,
                        (Some((_, score)), _) => add_square(&mut runs.meat, score.as_flattened()),
                    }
                }
                if let Some((_, score)) = &mut runs.last {
                    add_scores(score, tile, factors, start..end);
                }
                start = end;
            }
        });
        let mut meats = Vec::with_capacity(parts.len());
        let mut ends: Vec<(u32, Vec<Row>)> = Vec::new();
        for part in parts {
            meats.push(part.meat);
            for (code, score) in part.first.into_iter().chain(part.last) {
                match ends.last_mut() {
                    Some((last, total)) if *last == code => {
                        let pairs = total.as_flattened_mut().iter_mut();
                        pairs.zip(score.as_flattened()).for_each(|(t, s)| *t += s);
                    }
                    _ => ends.push((code, score)),
                }
            }
        }
        let mut out = total(meats, width * width);
        for (_, score) in &ends {
            add_square(&mut out, score.as_flattened());
        }
        out
    }

    /// Few clusters in any order.
    fn by_group(&self, codes: &[u32], groups: usize) -> Vec<f64> {
        let factors = self.factors;
        let (blocks, width) = (factors.len(), factors.len() * 4);
        let parts = self.of.scan(
            self.blocks,
            || vec![[0.0; 4]; groups * blocks],
            |sums, tile| {
                for place in 0..tile.len() {
                    let group = codes[tile.row(place)] as usize;
                    let score = &mut sums[group * blocks..(group + 1) * blocks];
                    add_scores(score, tile, factors, place..place + 1);
                }
            },
        );
        let parts = parts
            .into_iter()
            .map(|part| part.into_flattened())
            .collect();
        let sums = total(parts, groups * width);
        let mut out = vec![0.0; width * width];
        for score in sums.chunks_exact(width) {
            add_square(&mut out, score);
        }
        out
    }
}
