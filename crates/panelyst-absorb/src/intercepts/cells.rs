//! Cells of one effect: what its levels weigh within the groups of the leading effect.
//!
//! Rows of a group that share the level are one cell. A group with a single level is left out: once the group's mean is
//! taken nothing of the level is left in it, so it adds nothing to any equation.

use super::layout::Layout;
use crate::cross::Lanes;
use rayon::prelude::*;
use std::ops::Range;

/// Levels whose neighbours are counted to learn how many a level has.
const SAMPLE: usize = 16;

/// Unknowns of one task when partial sums are added up.
const RANGE: usize = 4_096;

/// A diagonal element below this share of the level's weight is rounding.
const DEPENDENT: f64 = 1e-13;

/// Tasks at most that sum by level side by side, and cells for each level that a task has at least: 1e6 cells of 4348
/// levels are summed in 14 tasks, whose sums take a sixteenth of the time of the cells.
const TASKS: usize = 32;
const CELLS_A_LEVEL: usize = 16;

/// Cells of one effect in the groups that hold at least two of its levels.
#[derive(Debug)]
pub(super) struct Cells {
    /// Levels of the effect.
    pub(super) count: usize,
    pub(super) pieces: Vec<Piece>,
    /// Weight of each level in these groups: zero for a level that shares no group.
    pub(super) weight: Vec<f64>,
    /// What eliminating the leading effect takes from this on the diagonal.
    taken: Vec<f64>,
}

/// Cells of neighbouring groups.
#[derive(Debug)]
pub(super) struct Piece {
    /// First cell of each group, and the end.
    pub(super) starts: Vec<u32>,
    /// Level of each cell.
    pub(super) levels: Vec<u32>,
    /// Weight of each cell; empty where all weigh one.
    pub(super) weights: Vec<f64>,
    /// Level of the leading effect of each group.
    pub(super) groups: Vec<u32>,
    /// One over the weight of each group.
    pub(super) scale: Vec<f64>,
}

impl Piece {
    fn new() -> Self {
        Self {
            starts: vec![0],
            levels: Vec::new(),
            weights: Vec::new(),
            groups: Vec::new(),
            scale: Vec::new(),
        }
    }

    /// Cells of a group.
    pub(super) fn range(&self, group: usize) -> Range<usize> {
        self.starts[group] as usize..self.starts[group + 1] as usize
    }

    /// Weight of a cell.
    pub(super) fn weight(&self, cell: usize) -> f64 {
        self.weights.get(cell).copied().unwrap_or(1.0)
    }

    /// Takes the weights of the places; `sums` is zero for every level and is left so.
    fn reweight(&mut self, layout: &Layout, position: usize, weights: &[f64], sums: &mut [f64]) {
        self.weights.resize(self.levels.len(), 0.0);
        let offset = layout.offsets[position];
        for (group, &level) in self.groups.iter().enumerate() {
            let range = self.starts[group] as usize..self.starts[group + 1] as usize;
            let places = layout.places(level as usize);
            self.scale[group] = 1.0 / layout.mass[level as usize];
            if range.len() == places.len() {
                // Each row is a cell.
                self.weights[range].copy_from_slice(&weights[places]);
                continue;
            }
            for place in places {
                sums[layout.at(place)[position] as usize - offset] += weights[place];
            }
            for cell in range {
                let sum = &mut sums[self.levels[cell] as usize];
                self.weights[cell] = std::mem::replace(sum, 0.0);
            }
        }
    }
}

impl Cells {
    /// Cells of the effect at a position beside the leading one.
    pub(super) fn new(layout: &Layout, position: usize) -> Self {
        let count = layout.offsets[position + 1] - layout.offsets[position];
        let pieces: Vec<Piece> = layout
            .chunks
            .par_iter()
            .map_init(
                || Scratch::new(count),
                |scratch, chunk| piece(layout, position, chunk.clone(), scratch),
            )
            .collect();
        let mut out = Self {
            count,
            pieces,
            weight: Vec::new(),
            taken: Vec::new(),
        };
        out.weigh();
        out
    }

    /// Takes the weights of a layout; without any (all rows weigh one) nothing is changed and the answer is no.
    pub(super) fn reweight(&mut self, layout: &Layout, position: usize) -> bool {
        let Some(weights) = &layout.weights else {
            return false;
        };
        let count = self.count;
        self.pieces.par_iter_mut().for_each_init(
            || vec![0.0; count],
            |sums, piece| piece.reweight(layout, position, weights, sums),
        );
        self.weigh();
        true
    }

    /// Sums the cells of each level.
    fn weigh(&mut self) {
        let parts = self.by_task(|pieces| {
            let mut sums = vec![[0.0; 2]; self.count];
            for piece in pieces {
                for (group, scale) in piece.scale.iter().enumerate() {
                    for cell in piece.range(group) {
                        let weight = piece.weight(cell);
                        let sum = &mut sums[piece.levels[cell] as usize];
                        sum[0] += weight;
                        sum[1] += weight * weight * scale;
                    }
                }
            }
            sums
        });
        let all = (0..self.count).map(|level| {
            let own = parts.iter().map(|part| part[level]);
            own.fold((0.0, 0.0), |all, own| (all.0 + own[0], all.1 + own[1]))
        });
        (self.weight, self.taken) = all.unzip();
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.levels.len()).sum()
    }

    /// What each of a fixed number of tasks makes of its pieces, in order.
    pub(super) fn by_task<T: Send>(&self, work: impl Fn(&[Piece]) -> T + Sync + Send) -> Vec<T> {
        let tasks = (self.len() / (CELLS_A_LEVEL * self.count.max(1))).clamp(2, TASKS);
        let step = self.pieces.len().div_ceil(tasks).max(1);
        self.pieces.par_chunks(step).map(work).collect()
    }

    /// Pairs of cells that share a group.
    pub(super) fn pairs(&self) -> f64 {
        let pairs = |piece: &Piece| -> f64 {
            let sizes = piece.starts.windows(2);
            sizes
                .map(|pair| f64::from(pair[1] - pair[0]))
                .map(|size| 0.5 * size * (size - 1.0))
                .sum()
        };
        self.pieces.iter().map(pairs).sum()
    }

    /// Mean number of other levels that share a group with a level which shares any, by a sample of these.
    pub(super) fn mean_degree(&self) -> f64 {
        let joined: Vec<usize> = (0..self.count).filter(|&v| self.weight[v] > 0.0).collect();
        if joined.is_empty() {
            return 0.0;
        }
        let sample = SAMPLE.min(joined.len());
        let mut mark = vec![0u16; self.count];
        for index in 0..sample {
            mark[joined[joined.len() * index / sample]] |= 1 << index;
        }
        let seen = self.by_task(|pieces| {
            let mut seen = vec![0u16; self.count];
            for piece in pieces {
                for group in 0..piece.groups.len() {
                    let own = &piece.levels[piece.range(group)];
                    let mask = own.iter().fold(0, |mask, &v| mask | mark[v as usize]);
                    if mask != 0 {
                        own.iter().for_each(|&v| seen[v as usize] |= mask);
                    }
                }
            }
            seen
        });
        let total: u32 = (0..self.count)
            .map(|v| {
                let all = seen.iter().fold(0, |all, seen| all | seen[v]);
                all.count_ones()
            })
            .sum();
        f64::from(total) / sample as f64 - 1.0
    }

    /// One over the diagonal of the effect's equations, zero where that is rounding.
    pub(super) fn inverse_diagonal(&self) -> Vec<f64> {
        let pairs = self.weight.iter().zip(&self.taken);
        pairs
            .map(|(weight, taken)| match weight - taken {
                left if left > DEPENDENT * weight => 1.0 / left,
                _ => 0.0,
            })
            .collect()
    }

    /// The product of the effect's equations with `x`; `parts` holds one vector for each task.
    pub(super) fn multiply<const M: usize>(
        &self,
        x: &[Lanes<M>],
        out: &mut [Lanes<M>],
        parts: &mut [Vec<Lanes<M>>],
    ) {
        let step = self.pieces.len().div_ceil(parts.len().max(1)).max(1);
        self.pieces
            .par_chunks(step)
            .zip(parts.par_iter_mut())
            .for_each(|(pieces, sums)| {
                sums.fill([0.0; M]);
                pieces.iter().for_each(|piece| piece.means(x, sums));
            });
        let parts = &*parts;
        out.par_chunks_mut(RANGE)
            .enumerate()
            .for_each(|(range, out)| {
                let first = range * RANGE;
                for (offset, out) in out.iter_mut().enumerate() {
                    let v = first + offset;
                    for lane in 0..M {
                        let taken: f64 = parts.iter().map(|part| part[v][lane]).sum();
                        out[lane] = self.weight[v] * x[v][lane] - taken;
                    }
                }
            });
    }

    /// Vectors that [`Cells::multiply`] sums in.
    pub(super) fn parts<const M: usize>(&self) -> Vec<Vec<Lanes<M>>> {
        self.by_task(|_| vec![[0.0; M]; self.count])
    }
}

impl Piece {
    /// Adds each group's mean of `x`, times the weight of each of its cells, to the cell's level.
    fn means<const M: usize>(&self, x: &[Lanes<M>], sums: &mut [Lanes<M>]) {
        for (group, scale) in self.scale.iter().enumerate() {
            let range = self.range(group);
            let levels = &self.levels[range.clone()];
            let mut mean = [0.0; M];
            if self.weights.is_empty() {
                for &level in levels {
                    let own = &x[level as usize];
                    for lane in 0..M {
                        mean[lane] += own[lane];
                    }
                }
                for mean in &mut mean {
                    *mean *= scale;
                }
                for &level in levels {
                    let sum = &mut sums[level as usize];
                    for lane in 0..M {
                        sum[lane] += mean[lane];
                    }
                }
                continue;
            }
            let weights = &self.weights[range];
            for (&level, weight) in levels.iter().zip(weights) {
                let own = &x[level as usize];
                for lane in 0..M {
                    mean[lane] += weight * own[lane];
                }
            }
            for mean in &mut mean {
                *mean *= scale;
            }
            for (&level, weight) in levels.iter().zip(weights) {
                let sum = &mut sums[level as usize];
                for lane in 0..M {
                    sum[lane] += weight * mean[lane];
                }
            }
        }
    }
}

/// What the levels of the effect have to do with the group at hand.
struct Scratch {
    /// The last group in which each level was met.
    last: Vec<u32>,
    /// Weight of each level, zero outside a group.
    sums: Vec<f64>,
}

impl Scratch {
    fn new(levels: usize) -> Self {
        Self {
            last: vec![u32::MAX; levels],
            sums: vec![0.0; levels],
        }
    }
}

/// Cells of one chunk of groups.
fn piece(layout: &Layout, position: usize, chunk: Range<usize>, scratch: &mut Scratch) -> Piece {
    let (width, offset) = (layout.rest.len(), layout.offsets[position] as u32);
    let mut piece = Piece::new();
    for level in chunk {
        let places = layout.places(level);
        let own = layout.unknowns_of(&places);
        let head = own[position];
        let single = match width {
            1 => own.iter().all(|&unknown| unknown == head),
            _ => own.chunks_exact(width).all(|row| row[position] == head),
        };
        if single {
            continue;
        }
        let first = piece.levels.len();
        let others = own.chunks_exact(width).map(|row| row[position] - offset);
        for other in others.clone() {
            let last = &mut scratch.last[other as usize];
            if *last != level as u32 {
                *last = level as u32;
                piece.levels.push(other);
            }
        }
        let weight = |place: usize| layout.weights.as_ref().map_or(1.0, |w| w[place]);
        // Weights are kept from the first cell on that does not weigh one.
        let each_is_a_cell = piece.levels.len() - first == places.len();
        let unit = each_is_a_cell && layout.weights.is_none();
        if !unit && piece.weights.is_empty() {
            piece.weights.resize(first, 1.0);
        }
        let keep = !unit || !piece.weights.is_empty();
        if keep && each_is_a_cell {
            piece.weights.extend(places.map(weight));
        } else if keep {
            for (other, place) in others.zip(places) {
                scratch.sums[other as usize] += weight(place);
            }
            for &other in &piece.levels[first..] {
                let sum = &mut scratch.sums[other as usize];
                piece.weights.push(std::mem::replace(sum, 0.0));
            }
        }
        piece.starts.push(piece.levels.len() as u32);
        piece.groups.push(level as u32);
        piece.scale.push(1.0 / layout.mass[level]);
    }
    piece
}
