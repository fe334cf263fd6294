//! Scores of clusters summed from tiles, without a column of scores, a basis or residuals.

use super::cluster::add_square;
use crate::linear::Tiled;
use crate::linear::symmetric::sandwich;
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::{Remainder, Tile};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

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
    if of.is_led_by(codes) {
        return meats_led(&[tiled], codes)?.pop();
    }
    let (blocks, factors) = used(tiled);
    let scan = Scan {
        of,
        blocks: &blocks,
        factors: &factors,
    };
    let found = if of.is_in_order() && codes.is_sorted() {
        scan.in_runs(codes)
    } else if groups * factors.len() * 4 * of.chunks() <= ROOM * of.rows() {
        scan.by_group(codes, groups)
    } else {
        return None;
    };
    Some(on_basis(tiled, &blocks, &found))
}

/// The same for several models on the same columns in one scan; `None` where clusters are not the levels of the largest
/// effect, or columns differ.
pub(super) fn meats_led(tiled: &[&Tiled<'_>], codes: &ScalarBuffer<u32>) -> Option<Vec<Vec<f64>>> {
    let of = tiled.first()?.of;
    if !of.is_led_by(codes) || !tiled.iter().all(|one| Arc::ptr_eq(one.of, of)) {
        return None;
    }
    let models: Vec<(Vec<usize>, Vec<Row>)> = tiled.iter().map(|one| used(one)).collect();
    if let Some(levels) = of.products_by_level() {
        let each = tiled.iter().zip(&models);
        let of_one = |(one, (blocks, factors)): (&&Tiled<'_>, &(Vec<usize>, Vec<Row>))| {
            let found = factors.first().map(|own| meat_of_levels(levels, own));
            on_basis(one, blocks, &found.unwrap_or_default())
        };
        return Some(each.map(of_one).collect());
    }
    let mut wanted: Vec<usize> = models.iter().flat_map(|(own, _)| own).copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let size = |factors: &[Row]| factors.len() * factors.len() * 16;
    let parts = of.scan(
        &wanted,
        || models.iter().map(|(_, own)| vec![0.0; size(own)]).collect(),
        |meats: &mut Vec<Vec<f64>>, tile| {
            for ((own, factors), meat) in models.iter().zip(meats) {
                let blocks = own.iter().filter_map(|block| {
                    let place = wanted.binary_search(block).ok()?;
                    Some(&tile.blocks()[place][..])
                });
                let blocks: Vec<&[Row]> = blocks.collect();
                let mut score = vec![[0.0; 4]; factors.len()];
                for group in tile.groups() {
                    score.fill([0.0; 4]);
                    add_scores(&mut score, (tile, &blocks), factors, group);
                    add_square(meat, score.as_flattened());
                }
            }
        },
    );
    let mut totals: Vec<Vec<f64>> = models.iter().map(|(_, own)| vec![0.0; size(own)]).collect();
    for part in &parts {
        for (total, part) in totals.iter_mut().zip(part) {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        }
    }
    let meats = tiled.iter().zip(&models).zip(&totals);
    Some(
        meats
            .map(|((one, (blocks, _)), found)| on_basis(one, blocks, found))
            .collect(),
    )
}

/// Sum over clusters of the outer products of score sums, from the cross-products within each: a score is their product with
/// the coefficients of the residual. No more is lost than where residuals are made first, for these are differences as well.
fn meat_of_levels(levels: &[Vec<[f64; 10]>], factors: &Row) -> Vec<f64> {
    let parts = levels.par_iter().map(|levels| {
        let mut meat = [0.0; 16];
        for own in levels {
            let at = |i: usize, j: usize| own[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
            let score: Row = std::array::from_fn(|i| {
                let part = |j: usize| factors[j] * at(i, j);
                (part(0) + part(1)) + (part(2) + part(3))
            });
            for i in 0..4 {
                for j in 0..4 {
                    meat[4 * i + j] += score[i] * score[j];
                }
            }
        }
        meat.to_vec()
    });
    total(parts.collect(), 16)
}

/// From sums over products of the columns of some blocks to those over products of the basis.
fn on_basis(tiled: &Tiled<'_>, blocks: &[usize], found: &[f64]) -> Vec<f64> {
    let (m, width) = (tiled.basis.len(), blocks.len() * 4);
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
    sandwich(&across, found, m, width)
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
fn add_scores(
    score: &mut [Row],
    (tile, blocks): (&Tile<'_>, &[&[Row]]),
    factors: &[Row],
    places: Range<usize>,
) {
    match tile.weights() {
        None => add_weighted(score, blocks, factors, places, |_| 1.0),
        Some((weights, unit)) => {
            add_weighted(score, blocks, factors, places, |place| {
                weights[place] * unit
            });
        }
    }
}

/// The same by the number of blocks; the sums of a few blocks stay in registers.
#[inline(always)]
fn add_weighted(
    score: &mut [Row],
    blocks: &[&[Row]],
    factors: &[Row],
    places: Range<usize>,
    weight: impl Fn(usize) -> f64,
) {
    match blocks.len() {
        1 => add_blocks::<1>(score, blocks, factors, places, weight),
        2 => add_blocks::<2>(score, blocks, factors, places, weight),
        3 => add_blocks::<3>(score, blocks, factors, places, weight),
        _ => {
            for place in places {
                let mut sum = [0.0; 4];
                for (block, factors) in blocks.iter().zip(factors) {
                    let row = &block[place];
                    for lane in 0..4 {
                        sum[lane] += factors[lane] * row[lane];
                    }
                }
                let residual = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * weight(place);
                for (score, block) in score.iter_mut().zip(blocks) {
                    let row = &block[place];
                    for lane in 0..4 {
                        score[lane] += residual * row[lane];
                    }
                }
            }
        }
    }
}

/// The same for a number of blocks that is known beforehand.
#[inline(always)]
fn add_blocks<const N: usize>(
    score: &mut [Row],
    blocks: &[&[Row]],
    factors: &[Row],
    places: Range<usize>,
    weight: impl Fn(usize) -> f64,
) {
    let factors: [Row; N] = std::array::from_fn(|block| factors[block]);
    let rows: [&[Row]; N] = std::array::from_fn(|block| &blocks[block][places.clone()]);
    let mut sums: [Row; N] = std::array::from_fn(|block| score[block]);
    for (offset, place) in places.enumerate() {
        let own: [&Row; N] = std::array::from_fn(|block| &rows[block][offset]);
        let mut sum = [0.0; 4];
        for block in 0..N {
            for lane in 0..4 {
                sum[lane] += factors[block][lane] * own[block][lane];
            }
        }
        let residual = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * weight(place);
        for block in 0..N {
            for lane in 0..4 {
                sums[block][lane] += residual * own[block][lane];
            }
        }
    }
    score[..N].copy_from_slice(&sums);
}

/// All blocks of a tile.
fn whole<'a>(tile: &'a Tile<'_>) -> Vec<&'a [Row]> {
    tile.blocks().iter().map(Vec::as_slice).collect()
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
            let made = whole(tile);
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
                    add_scores(score, (tile, &made), factors, start..end);
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
                let own = whole(tile);
                for place in 0..tile.len() {
                    let group = codes[tile.row(place)] as usize;
                    let score = &mut sums[group * blocks..(group + 1) * blocks];
                    add_scores(score, (tile, &own), factors, place..place + 1);
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
