//! Scans over groups: demean by the leading effect, subtract the others, sum what is left by their levels.

use super::layout::Layout;
use crate::cross::Lanes;
use rayon::prelude::*;

/// Sums of a scan, one lane a column.
pub(super) struct Swept<const M: usize> {
    /// Weighted sums of what is left by level of the effects beside the leading one.
    pub(super) sums: Vec<Lanes<M>>,
    /// Weighted squares before the leading effect was removed.
    pub(super) square: Lanes<M>,
    /// Weighted squares of what is left.
    pub(super) left: Lanes<M>,
    /// Largest weighted sum of what is left in a level of the leading effect, over the root of the level's weight.
    pub(super) high: Lanes<M>,
}

/// Unknowns of one chunk when partial sums are added up.
const RANGE: usize = 4_096;

/// Replaces `targets[j]` by `value(j, place, row, now)` less the mean of its group, for each lane `j` in `active`.
///
/// Targets are by place. Chunks and their order depend on the data only, so the sums have the same bits at any number of
/// threads.
pub(super) fn sweep<const M: usize>(
    layout: &Layout,
    targets: &mut [&mut [f64]],
    active: &[usize],
    value: impl Fn(usize, usize, usize, f64) -> f64 + Sync,
) -> Swept<M> {
    let order = layout.order.as_deref();
    let weights = layout.weights.as_deref();
    let work = |(chunk, mut pieces): (usize, Vec<&mut [f64]>)| {
        let first = layout.chunk_places(chunk).start;
        let mut part = Swept {
            sums: vec![[0.0; M]; layout.size()],
            square: [0.0; M],
            left: [0.0; M],
            high: [0.0; M],
        };
        let width = layout.rest.len();
        for level in layout.chunks[chunk].clone() {
            let places = layout.places(level);
            let unknowns = &layout.unknowns[places.start * width..places.end * width];
            let weights = weights.map(|w| &w[places.clone()]);
            let mass = layout.mass[level];
            for (&j, piece) in active.iter().zip(&mut pieces) {
                let group = &mut piece[places.start - first..places.end - first];
                let mut sum = 0.0;
                for (offset, now) in group.iter_mut().enumerate() {
                    let place = places.start + offset;
                    let row = order.map_or(place, |order| order[place] as usize);
                    *now = value(j, place, row, *now);
                    let weight = weights.map_or(1.0, |w| w[offset]);
                    sum += weight * *now;
                    part.square[j] += weight * *now * *now;
                }
                let mean = sum / mass;
                let mut over = 0.0;
                for (offset, now) in group.iter_mut().enumerate() {
                    *now -= mean;
                    let weighted = weights.map_or(*now, |w| w[offset] * *now);
                    over += weighted;
                    part.left[j] += weighted * *now;
                    for &unknown in &unknowns[offset * width..(offset + 1) * width] {
                        part.sums[unknown as usize][j] += weighted;
                    }
                }
                part.high[j] = part.high[j].max(over.abs() / mass.sqrt());
            }
        }
        part
    };
    let parts: Vec<Swept<M>> = pieces(layout, targets)
        .into_par_iter()
        .enumerate()
        .map(work)
        .collect();
    let mut total = Swept {
        sums: Vec::new(),
        square: [0.0; M],
        left: [0.0; M],
        high: [0.0; M],
    };
    let mut sums = Vec::with_capacity(parts.len());
    for part in parts {
        for j in 0..M {
            total.square[j] += part.square[j];
            total.left[j] += part.left[j];
            total.high[j] = total.high[j].max(part.high[j]);
        }
        sums.push(part.sums);
    }
    total.sums = add(sums, layout.size());
    total
}

/// `S x` for the normal equations of the effects beside the leading one, which is eliminated: sums by level of what
/// demeaning by the leading effect leaves of `x`, read off at every place.
pub(super) fn multiply<const M: usize>(layout: &Layout, x: &[Lanes<M>]) -> Vec<Lanes<M>> {
    let width = layout.rest.len();
    let weights = layout.weights.as_deref();
    let parts = (0..layout.chunks.len())
        .into_par_iter()
        .map(|chunk| {
            let mut sums = vec![[0.0; M]; layout.size()];
            let mut values: Vec<Lanes<M>> = Vec::new();
            for level in layout.chunks[chunk].clone() {
                let places = layout.places(level);
                let unknowns = &layout.unknowns[places.start * width..places.end * width];
                values.clear();
                let mut mean = [0.0; M];
                for (offset, own) in unknowns.chunks_exact(width).enumerate() {
                    let mut value = x[own[0] as usize];
                    for &unknown in &own[1..] {
                        let other = &x[unknown as usize];
                        for j in 0..M {
                            value[j] += other[j];
                        }
                    }
                    let weight = weights.map_or(1.0, |w| w[places.start + offset]);
                    for j in 0..M {
                        mean[j] += weight * value[j];
                    }
                    values.push(value);
                }
                let scale = 1.0 / layout.mass[level];
                for value in &mut mean {
                    *value *= scale;
                }
                for (offset, (own, value)) in unknowns.chunks_exact(width).zip(&values).enumerate()
                {
                    let weight = weights.map_or(1.0, |w| w[places.start + offset]);
                    let mut left = [0.0; M];
                    for j in 0..M {
                        left[j] = weight * (value[j] - mean[j]);
                    }
                    for &unknown in own {
                        let sum = &mut sums[unknown as usize];
                        for j in 0..M {
                            sum[j] += left[j];
                        }
                    }
                }
            }
            sums
        })
        .collect();
    add(parts, layout.size())
}

/// Weight of each level of the effects beside the leading one.
pub(super) fn masses(layout: &Layout) -> Vec<f64> {
    let width = layout.rest.len();
    let parts = (0..layout.chunks.len())
        .into_par_iter()
        .map(|chunk| {
            let mut sums = vec![[0.0; 1]; layout.size()];
            let places = layout.chunk_places(chunk);
            let unknowns = &layout.unknowns[places.start * width..places.end * width];
            match &layout.weights {
                None => unknowns.iter().for_each(|&u| sums[u as usize][0] += 1.0),
                Some(weights) => {
                    for (own, weight) in unknowns.chunks_exact(width.max(1)).zip(&weights[places]) {
                        own.iter().for_each(|&u| sums[u as usize][0] += weight);
                    }
                }
            }
            sums
        })
        .collect();
    add(parts, layout.size())
        .into_iter()
        .map(|[sum]| sum)
        .collect()
}

/// Targets cut into chunks.
fn pieces<'a>(layout: &Layout, targets: &'a mut [&mut [f64]]) -> Vec<Vec<&'a mut [f64]>> {
    let mut pieces: Vec<Vec<&mut [f64]>> = layout.chunks.iter().map(|_| Vec::new()).collect();
    for target in targets {
        let mut left = &mut target[..];
        for (chunk, pieces) in pieces.iter_mut().enumerate() {
            let (piece, after) = left.split_at_mut(layout.chunk_places(chunk).len());
            pieces.push(piece);
            left = after;
        }
    }
    pieces
}

/// Sums of the chunks' sums, in the order of the chunks.
fn add<const M: usize>(mut parts: Vec<Vec<Lanes<M>>>, size: usize) -> Vec<Lanes<M>> {
    if parts.is_empty() {
        return vec![[0.0; M]; size];
    }
    let mut total = parts.swap_remove(0);
    // The last part took the first one's place; it is added last.
    if !parts.is_empty() {
        parts.rotate_left(1);
    }
    total
        .par_chunks_mut(RANGE)
        .enumerate()
        .for_each(|(range, total)| {
            for part in &parts {
                let part = &part[range * RANGE..];
                for (total, part) in total.iter_mut().zip(part) {
                    for j in 0..M {
                        total[j] += part[j];
                    }
                }
            }
        });
    total
}
