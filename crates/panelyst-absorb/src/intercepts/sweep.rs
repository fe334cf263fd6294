//! Scans over all rows: what the effects leave, summed by the levels of the effects beside the leading one.

use super::layout::Layout;
use super::tile::{Block, LANES, Met, Row, Source, tiles};
use crate::cross::Lanes;
use rayon::prelude::*;
use std::ops::Range;

/// Columns by place, four to a block; the last block is filled up with columns of zeros.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    blocks: Vec<[Source<'a>; LANES]>,
}

impl<'a> Columns<'a> {
    /// Puts columns side by side. None is empty.
    pub(super) fn new(sources: &[Source<'a>]) -> Self {
        let block = |own: &[Source<'a>]| {
            let zero = Source {
                scale: 0.0,
                shift: 0.0,
                ..own[0]
            };
            std::array::from_fn(|lane| own.get(lane).copied().unwrap_or(zero))
        };
        Self {
            blocks: sources.chunks(LANES).map(block).collect(),
        }
    }

    /// The first block, from which nothing is subtracted.
    pub(super) fn only_block(&self) -> Block<'a> {
        Block {
            sources: self.blocks[0],
            first: 0,
            solution: None,
        }
    }

    /// The blocks with what is subtracted from them.
    pub(super) fn blocks<'b>(&'b self, solution: Option<&'b [Vec<Row>]>) -> Vec<Block<'b>> {
        let block = |(index, sources): (usize, &[Source<'b>; LANES])| Block {
            sources: *sources,
            first: 0,
            solution: solution.map(|all| all[index].as_slice()),
        };
        self.blocks.iter().enumerate().map(block).collect()
    }
}

/// Sums of a scan.
pub(super) struct Swept {
    /// Of each block: weighted sums of what is left by level of the effects beside the leading one.
    pub(super) sums: Vec<Vec<Row>>,
    /// What was met of each block.
    pub(super) met: Vec<Met>,
    /// Weighted cross-products of what is left: the lower triangle by rows, zeros above, all lanes of all blocks; empty
    /// where they were not asked for.
    pub(super) products: Vec<f64>,
    /// The same of the only block within each leading level, chunk by chunk; empty where there are more blocks, or levels have
    /// few rows.
    pub(super) by_level: Vec<Vec<Triangle>>,
}

/// Cross-products of a block: the lower triangle by rows.
pub type Triangle = [f64; LANES * (LANES + 1) / 2];

/// Rows that a leading level has on average where its products are kept: ten numbers then take little beside the rows.
const KEPT_ROWS: usize = 8;

/// Unknowns of one chunk when partial sums are added up.
const RANGE: usize = 16_384;

/// Removes the leading effect's means from the columns less a solution, and sums what is left.
///
/// Chunks and their order depend on the data only, so the sums have the same bits at any number of threads.
pub(super) fn sweep(
    layout: &Layout,
    columns: &Columns<'_>,
    solution: Option<&[Vec<Row>]>,
    products: bool,
) -> Swept {
    let blocks = columns.blocks(solution);
    let work = |chunk: usize| {
        let mut own = Sums::new(layout, blocks.len(), products);
        if own.products.keeps_levels(layout) {
            own.products.by_level = Vec::with_capacity(layout.chunks[chunk].len());
        }
        let mut rows = vec![Vec::new(); blocks.len()];
        for tile in tiles(layout, chunk) {
            let places = layout.starts[tile.start] as usize..layout.starts[tile.end] as usize;
            for (index, block) in blocks.iter().enumerate() {
                block.fill(layout, tile.clone(), &mut rows[index], &mut own.met[index]);
                own.scatter(layout, places.start, index, &rows[index]);
            }
            if products {
                let weights = layout.weights.as_ref().map(|w| &w[places.clone()]);
                if own.products.keeps_levels(layout) {
                    own.products.add_levels(layout, tile, &rows[0], weights);
                } else {
                    own.products.add(&rows, weights);
                }
            }
        }
        own
    };
    Sums::add(layout, layout.each_chunk(work))
}

/// Sums of one chunk.
pub(super) struct Sums {
    /// Of each block, the sums by level.
    sums: Vec<Row>,
    pub(super) met: Vec<Met>,
    products: Products,
}

impl Sums {
    pub(super) fn new(layout: &Layout, blocks: usize, products: bool) -> Self {
        Self {
            sums: vec![[0.0; LANES]; layout.size() * blocks],
            met: vec![Met::default(); blocks],
            products: Products::new(if products { blocks } else { 0 }),
        }
    }

    /// Adds rows of a block to the sums of their unknowns.
    pub(super) fn scatter(&mut self, layout: &Layout, first: usize, block: usize, rows: &[Row]) {
        let size = layout.size();
        let sums = &mut self.sums[block * size..(block + 1) * size];
        scatter(layout, first, rows, sums);
    }

    /// The sums of all chunks, in their order.
    pub(super) fn add(layout: &Layout, chunks: Vec<Self>) -> Swept {
        let size = layout.size();
        let mut met: Vec<Met> = Vec::new();
        let mut products: Vec<f64> = Vec::new();
        let mut by_level = Vec::new();
        let mut sums = Vec::with_capacity(chunks.len());
        for own in chunks {
            met.resize(own.met.len(), Met::default());
            for (met, own) in met.iter_mut().zip(&own.met) {
                met.append(own);
            }
            products.resize(own.products.total.len(), 0.0);
            add_to(&mut products, &own.products.total);
            if !own.products.by_level.is_empty() {
                by_level.push(own.products.by_level);
            }
            sums.push(own.sums.into_flattened());
        }
        let all = add(sums, size * met.len() * LANES);
        let rows = all.as_chunks::<LANES>().0;
        Swept {
            sums: (0..met.len())
                .map(|index| rows[index * size..(index + 1) * size].to_vec())
                .collect(),
            met,
            products,
            by_level,
        }
    }
}

/// Adds rows to the sums of their unknowns.
fn scatter(layout: &Layout, first: usize, rows: &[Row], sums: &mut [Row]) {
    match layout.rest.len() {
        0 => {}
        1 => scatter_by_weight::<1>(layout, first, rows, sums),
        2 => scatter_by_weight::<2>(layout, first, rows, sums),
        _ => scatter_by_weight::<0>(layout, first, rows, sums),
    }
}

fn scatter_by_weight<const R: usize>(
    layout: &Layout,
    first: usize,
    rows: &[Row],
    sums: &mut [Row],
) {
    match &layout.weights {
        None => scatter_weighted::<R>(layout, first, rows, sums, |_| 1.0),
        Some(weights) => scatter_weighted::<R>(layout, first, rows, sums, |place| weights[place]),
    }
}

#[inline(always)]
fn scatter_weighted<const R: usize>(
    layout: &Layout,
    first: usize,
    rows: &[Row],
    sums: &mut [Row],
    weight: impl Fn(usize) -> f64,
) {
    for (place, row) in (first..).zip(rows) {
        let weight = weight(place);
        let row = row.map(|value| weight * value);
        for &unknown in unknowns_at::<R>(layout, place) {
            let sum = &mut sums[unknown as usize];
            for lane in 0..LANES {
                sum[lane] += row[lane];
            }
        }
    }
}

/// Weighted cross-products of blocks, summed tile by tile so that rounding grows with tiles and rows of a tile apart.
struct Products {
    blocks: usize,
    total: Vec<f64>,
    by_level: Vec<Triangle>,
}

impl Products {
    fn new(blocks: usize) -> Self {
        Self {
            blocks,
            total: vec![0.0; (blocks * LANES).pow(2)],
            by_level: Vec::new(),
        }
    }

    fn keeps_levels(&self, layout: &Layout) -> bool {
        let rows = layout.starts[layout.levels()] as usize;
        self.blocks == 1 && layout.levels() * KEPT_ROWS <= rows
    }

    /// Adds the only block of a tile level by level.
    fn add_levels(
        &mut self,
        layout: &Layout,
        levels: Range<usize>,
        rows: &[Row],
        weights: Option<&[f64]>,
    ) {
        let first = layout.starts[levels.start] as usize;
        for level in levels {
            let places = layout.places(level);
            let own = &rows[places.start - first..places.end - first];
            let part = match weights.map(|w| &w[places.start - first..places.end - first]) {
                None => outer(own, own, |_| 1.0),
                Some(weights) => outer(own, own, |place| weights[place]),
            };
            let mut triangle = Triangle::default();
            let mut at = 0;
            for i in 0..LANES {
                for j in 0..=i {
                    triangle[at] = part[i][j];
                    self.total[i * LANES + j] += part[i][j];
                    at += 1;
                }
            }
            self.by_level.push(triangle);
        }
    }

    fn add(&mut self, rows: &[Vec<Row>], weights: Option<&[f64]>) {
        let width = self.blocks * LANES;
        for left in 0..self.blocks {
            for right in 0..=left {
                let part = match weights {
                    None => outer(&rows[left], &rows[right], |_| 1.0),
                    Some(weights) => outer(&rows[left], &rows[right], |place| weights[place]),
                };
                for i in 0..LANES {
                    let from = (left * LANES + i) * width + right * LANES;
                    let end = if left == right { i + 1 } else { LANES };
                    let total = &mut self.total[from..from + end];
                    total.iter_mut().zip(&part[i]).for_each(|(t, p)| *t += p);
                }
            }
        }
    }
}

#[inline(always)]
fn outer(left: &[Row], right: &[Row], weight: impl Fn(usize) -> f64) -> [Row; LANES] {
    let mut out = [[0.0; LANES]; LANES];
    for (place, (left, right)) in left.iter().zip(right).enumerate() {
        let weight = weight(place);
        for i in 0..LANES {
            let scaled = weight * left[i];
            for j in 0..LANES {
                out[i][j] += scaled * right[j];
            }
        }
    }
    out
}

/// Unknowns at a place; `R` of them, or as many as there are effects when `R` is zero.
#[inline(always)]
fn unknowns_at<const R: usize>(layout: &Layout, place: usize) -> &[u32] {
    let width = if R == 0 { layout.rest.len() } else { R };
    &layout.unknowns[place * width..place * width + width]
}

/// `S x` for the normal equations of the effects beside the leading one, which is eliminated: sums by level of what
/// demeaning by the leading effect leaves of `x`, read off at every place.
pub(super) fn multiply<const M: usize>(layout: &Layout, x: &[Lanes<M>]) -> Vec<Lanes<M>> {
    match layout.rest.len() {
        1 => product::<M, 1>(layout, x),
        2 => product::<M, 2>(layout, x),
        _ => product::<M, 0>(layout, x),
    }
}

fn product<const M: usize, const R: usize>(layout: &Layout, x: &[Lanes<M>]) -> Vec<Lanes<M>> {
    match &layout.weights {
        None => weighted_product::<M, R>(layout, x, |_| 1.0),
        Some(weights) => weighted_product::<M, R>(layout, x, |place| weights[place]),
    }
}

fn weighted_product<const M: usize, const R: usize>(
    layout: &Layout,
    x: &[Lanes<M>],
    weight: impl Fn(usize) -> f64 + Sync,
) -> Vec<Lanes<M>> {
    let parts = (0..layout.chunks.len())
        .into_par_iter()
        .map(|chunk| {
            let mut sums = vec![[0.0; M]; layout.size()];
            let mut values: Vec<Lanes<M>> = Vec::new();
            for level in layout.chunks[chunk].clone() {
                let places = layout.places(level);
                values.clear();
                let mut mean = [0.0; M];
                for place in places.clone() {
                    let mut value = [0.0; M];
                    for &unknown in unknowns_at::<R>(layout, place) {
                        let own = &x[unknown as usize];
                        for j in 0..M {
                            value[j] += own[j];
                        }
                    }
                    let weight = weight(place);
                    for j in 0..M {
                        mean[j] += weight * value[j];
                    }
                    values.push(value);
                }
                let scale = 1.0 / layout.mass[level];
                for value in &mut mean {
                    *value *= scale;
                }
                for (place, value) in places.zip(&values) {
                    let weight = weight(place);
                    let mut left = [0.0; M];
                    for j in 0..M {
                        left[j] = weight * (value[j] - mean[j]);
                    }
                    for &unknown in unknowns_at::<R>(layout, place) {
                        let sum = &mut sums[unknown as usize];
                        for j in 0..M {
                            sum[j] += left[j];
                        }
                    }
                }
            }
            sums.into_flattened()
        })
        .collect();
    let total = add(parts, layout.size() * M);
    total.as_chunks::<M>().0.to_vec()
}

/// Weight of each level of the effects beside the leading one.
pub(super) fn masses(layout: &Layout) -> Vec<f64> {
    let width = layout.rest.len();
    let parts = (0..layout.chunks.len())
        .into_par_iter()
        .map(|chunk| {
            let mut sums = vec![0.0; layout.size()];
            let places = layout.chunk_places(chunk);
            let unknowns = &layout.unknowns[places.start * width..places.end * width];
            match &layout.weights {
                None => unknowns.iter().for_each(|&u| sums[u as usize] += 1.0),
                Some(weights) => {
                    for (own, weight) in unknowns.chunks_exact(width.max(1)).zip(&weights[places]) {
                        own.iter().for_each(|&u| sums[u as usize] += weight);
                    }
                }
            }
            sums
        })
        .collect();
    add(parts, layout.size())
}

/// Sums of the chunks' sums, in the order of the chunks.
fn add(parts: Vec<Vec<f64>>, size: usize) -> Vec<f64> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; size]);
    let parts: Vec<Vec<f64>> = parts.collect();
    total
        .par_chunks_mut(RANGE)
        .enumerate()
        .for_each(|(range, total)| {
            for part in &parts {
                add_to(total, &part[range * RANGE..]);
            }
        });
    total
}

/// `total + part`, in place.
pub(super) fn add_to(total: &mut [f64], part: &[f64]) {
    for (total, part) in total.iter_mut().zip(part) {
        *total += part;
    }
}
