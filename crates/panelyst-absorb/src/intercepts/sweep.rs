//! Scans over groups: demean by the leading effect, subtract the others, sum what is left by their levels.

use super::layout::Layout;
use crate::cross::Lanes;
use rayon::prelude::*;

/// Sums of a scan.
pub(super) struct Swept {
    /// Weighted sums of what is left by level of the effects beside the leading one, lanes fastest.
    pub(super) sums: Vec<f64>,
    /// What was met of each column.
    pub(super) columns: Vec<Column>,
}

/// Sums of one column over a scan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    /// Weighted sum before the leading effect was removed.
    pub(super) total: f64,
    /// Weighted squares before the leading effect was removed.
    pub(super) square: f64,
    /// Weighted squares of what is left.
    pub(super) left: f64,
    /// Largest weighted sum of what is left in a level of the leading effect, over the root of the level's weight.
    pub(super) high: f64,
}

/// Where a scan takes its values from.
#[derive(Clone, Copy)]
pub(super) enum Load<'a> {
    /// What stands at each place, times the scale less the shift.
    Place { scale: f64, shift: f64 },
    /// A column by row, times the scale less the shift.
    Column {
        values: &'a [f64],
        scale: f64,
        shift: f64,
    },
    /// What stands at each place less the solution at its unknowns (lanes fastest, this lane).
    Subtract { solution: &'a [f64], lane: usize },
}

/// Unknowns of one chunk when partial sums are added up.
const RANGE: usize = 16_384;

/// Replaces each target by what its load gives less the mean of its group.
///
/// Targets are by place. Chunks and their order depend on the data only, so the sums have the same bits at any number of
/// threads.
pub(super) fn sweep(
    layout: &Layout,
    targets: &mut [&mut [f64]],
    loads: &[Load<'_>],
    lanes: usize,
) -> Swept {
    let work = |(chunk, mut pieces): (usize, Vec<&mut [f64]>)| {
        let mut sums = vec![0.0; layout.size() * lanes];
        let mut columns = vec![Column::default(); pieces.len()];
        for (lane, piece) in pieces.iter_mut().enumerate() {
            let out = &mut sums[..];
            columns[lane] = match layout.rest.len() {
                1 => by_weight::<1>(layout, chunk, piece, loads[lane], out, lane, lanes),
                2 => by_weight::<2>(layout, chunk, piece, loads[lane], out, lane, lanes),
                _ => by_weight::<0>(layout, chunk, piece, loads[lane], out, lane, lanes),
            };
        }
        (sums, columns)
    };
    let parts: Vec<(Vec<f64>, Vec<Column>)> = pieces(layout, targets)
        .into_par_iter()
        .enumerate()
        .map(work)
        .collect();
    let mut columns = vec![Column::default(); targets.len()];
    let mut sums = Vec::with_capacity(parts.len());
    for (part, own) in parts {
        for (total, own) in columns.iter_mut().zip(own) {
            total.total += own.total;
            total.square += own.square;
            total.left += own.left;
            total.high = total.high.max(own.high);
        }
        sums.push(part);
    }
    Swept {
        sums: add(sums, layout.size() * lanes),
        columns,
    }
}

fn by_weight<const R: usize>(
    layout: &Layout,
    chunk: usize,
    piece: &mut [f64],
    load: Load<'_>,
    sums: &mut [f64],
    lane: usize,
    lanes: usize,
) -> Column {
    let own = Own {
        chunk,
        sums,
        lane,
        lanes,
    };
    match &layout.weights {
        None => by_load::<R>(layout, piece, load, own, |_| 1.0),
        Some(weights) => by_load::<R>(layout, piece, load, own, |place| weights[place]),
    }
}

/// What one column of one chunk writes to.
struct Own<'a> {
    chunk: usize,
    sums: &'a mut [f64],
    lane: usize,
    lanes: usize,
}

fn by_load<const R: usize>(
    layout: &Layout,
    piece: &mut [f64],
    load: Load<'_>,
    own: Own<'_>,
    weight: impl Fn(usize) -> f64,
) -> Column {
    match (load, layout.order.as_deref()) {
        (Load::Place { scale, shift }, _) => {
            groups::<R>(layout, piece, own, weight, |_, now| now * scale - shift)
        }
        (
            Load::Column {
                values,
                scale,
                shift,
            },
            None,
        ) => groups::<R>(layout, piece, own, weight, |place, _| {
            values[place] * scale - shift
        }),
        (
            Load::Column {
                values,
                scale,
                shift,
            },
            Some(order),
        ) => groups::<R>(layout, piece, own, weight, |place, _| {
            values[order[place] as usize] * scale - shift
        }),
        (Load::Subtract { solution, lane }, _) => {
            let lanes = own.lanes;
            groups::<R>(layout, piece, own, weight, |place, now| {
                let mut value = now;
                for &unknown in unknowns_at::<R>(layout, place) {
                    value -= solution[unknown as usize * lanes + lane];
                }
                value
            })
        }
    }
}

/// Unknowns at a place; `R` of them, or as many as there are effects when `R` is zero.
#[inline(always)]
fn unknowns_at<const R: usize>(layout: &Layout, place: usize) -> &[u32] {
    let width = if R == 0 { layout.rest.len() } else { R };
    &layout.unknowns[place * width..place * width + width]
}

/// One column of one chunk, group by group.
#[inline(always)]
fn groups<const R: usize>(
    layout: &Layout,
    piece: &mut [f64],
    own: Own<'_>,
    weight: impl Fn(usize) -> f64,
    value: impl Fn(usize, f64) -> f64,
) -> Column {
    let mut column = Column::default();
    let first = layout.chunk_places(own.chunk).start;
    let sums = own.sums;
    for level in layout.chunks[own.chunk].clone() {
        let places = layout.places(level);
        let group = &mut piece[places.start - first..places.end - first];
        let mass = layout.mass[level];
        let (mut sum, mut square) = (0.0, 0.0);
        for (place, now) in places.clone().zip(group.iter_mut()) {
            let new = value(place, *now);
            let weighted = weight(place) * new;
            sum += weighted;
            square += weighted * new;
            *now = new;
        }
        let mean = sum / mass;
        let (mut over, mut left) = (0.0, 0.0);
        for (place, now) in places.zip(group.iter_mut()) {
            let new = *now - mean;
            let weighted = weight(place) * new;
            over += weighted;
            left += weighted * new;
            *now = new;
            for &unknown in unknowns_at::<R>(layout, place) {
                sums[unknown as usize * own.lanes + own.lane] += weighted;
            }
        }
        column.total += sum;
        column.square += square;
        column.left += left;
        // Squared, so that no root is taken for each group.
        column.high = column.high.max(over * over / mass);
    }
    column.high = column.high.sqrt();
    column
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
fn add(parts: Vec<Vec<f64>>, size: usize) -> Vec<f64> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; size]);
    let parts: Vec<Vec<f64>> = parts.collect();
    total
        .par_chunks_mut(RANGE)
        .enumerate()
        .for_each(|(range, total)| {
            for part in &parts {
                for (total, part) in total.iter_mut().zip(&part[range * RANGE..]) {
                    *total += part;
                }
            }
        });
    total
}
