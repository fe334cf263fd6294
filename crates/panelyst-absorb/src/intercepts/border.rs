//! Small effects beside a large one: their part of the equations is dense and is eliminated.
//!
//! With `A` the equations of the large effect, `C` those of the small ones and `B` between them, the small effects'
//! unknowns are `C+ (r - B' x)` and the large effect's equations become `A - B C+ B'`.

use super::cells::Cells;
use super::dense::{Chosen, Dense};
use super::laplacian::Laplacian;
use super::layout::Layout;
use super::tile::LANES;
use crate::cross::Lanes;
use rayon::prelude::*;
use std::ops::Range;

/// Tasks that sum the block between the effects, each in a block of its own.
const TASKS: usize = 4;

/// Equations of small effects, and the block between them and a large one.
#[derive(Debug)]
pub(super) struct Border {
    /// Unknowns of each small effect among all.
    ranges: Vec<Range<usize>>,
    /// Number of the small effects' unknowns.
    width: usize,
    /// The block, a row for each unknown of the large effect in the order of its solver.
    cross: Vec<f64>,
    /// The small effects' equations.
    own: Dense,
    /// Their generalised inverse.
    inverse: Vec<f64>,
}

impl Border {
    /// Small effects at some positions beside the leading one; the large one stands at `position`. `mass` is the weight of
    /// each unknown.
    pub(super) fn new(
        layout: &Layout,
        mass: &[f64],
        cells: &Cells,
        position: usize,
        small: &[usize],
    ) -> Self {
        let ranges: Vec<Range<usize>> = small
            .iter()
            .map(|&p| layout.offsets[p]..layout.offsets[p + 1])
            .collect();
        let width = ranges.iter().map(Range::len).sum();
        let own = Dense::of(layout, mass, small);
        Self {
            cross: cross(layout, cells, position, small, width),
            inverse: own.inverse(),
            own,
            width,
            ranges,
        }
    }

    /// Puts the rows of the block in another order: `order` gives the level at each place.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        let mut cross = Vec::with_capacity(order.len() * self.width);
        for &level in order {
            let start = level as usize * self.width;
            cross.extend_from_slice(&self.cross[start..start + self.width]);
        }
        self.cross = cross;
    }

    /// The small effects' elements of a vector of all unknowns.
    pub(super) fn part<const M: usize>(&self, all: &[Lanes<M>]) -> Vec<Lanes<M>> {
        let parts = self.ranges.iter().flat_map(|range| &all[range.clone()]);
        parts.copied().collect()
    }

    /// Writes the small effects' elements into a vector of all unknowns.
    pub(super) fn put<const M: usize>(&self, part: &[Lanes<M>], all: &mut [Lanes<M>]) {
        let mut first = 0;
        for range in &self.ranges {
            all[range.clone()].copy_from_slice(&part[first..first + range.len()]);
            first += range.len();
        }
    }

    /// `C+ values`.
    pub(super) fn invert<const M: usize>(&self, values: &[Lanes<M>]) -> Vec<Lanes<M>> {
        let rows = self.inverse.chunks_exact(self.width.max(1));
        rows.map(|row| {
            let mut sum = [0.0; M];
            for (factor, value) in row.iter().zip(values) {
                for lane in 0..M {
                    sum[lane] += factor * value[lane];
                }
            }
            sum
        })
        .collect()
    }

    /// `B' x`.
    pub(super) fn gather<const M: usize>(&self, x: &[Lanes<M>]) -> Vec<Lanes<M>> {
        let mut sums = vec![[0.0; M]; self.width];
        for (row, x) in self.cross.chunks_exact(self.width).zip(x) {
            for (sum, factor) in sums.iter_mut().zip(row) {
                for lane in 0..M {
                    sum[lane] += factor * x[lane];
                }
            }
        }
        sums
    }

    /// Subtracts `B' x` from the small effects' elements.
    pub(super) fn subtract_from_small<const M: usize>(
        &self,
        x: &[Lanes<M>],
        small: &mut [Lanes<M>],
    ) {
        for (small, taken) in small.iter_mut().zip(self.gather(x)) {
            for lane in 0..M {
                small[lane] -= taken[lane];
            }
        }
    }

    /// Subtracts `B values`.
    pub(super) fn subtract<const M: usize>(&self, values: &[Lanes<M>], out: &mut [Lanes<M>]) {
        for (row, out) in self.cross.chunks_exact(self.width).zip(out) {
            let mut sum = [0.0; M];
            for (value, factor) in values.iter().zip(row) {
                for lane in 0..M {
                    sum[lane] += factor * value[lane];
                }
            }
            for lane in 0..M {
                out[lane] -= sum[lane];
            }
        }
    }
}

/// What is left to the small effects once the large one is eliminated exactly.
#[derive(Debug)]
pub(super) struct Rest {
    /// `A+ B`.
    solved: Vec<f64>,
    width: usize,
    /// `C - B' A+ B`.
    factor: Dense,
}

impl Border {
    /// Eliminates the large effect, whose equations are factored.
    pub(super) fn rest(&self, factor: &Laplacian) -> Rest {
        let width = self.width;
        let count = self.cross.len() / width;
        let starts: Vec<usize> = (0..width).step_by(LANES).collect();
        let parts: Vec<Vec<Lanes<LANES>>> = starts
            .par_iter()
            .map(|&start| {
                let rows = self.cross.chunks_exact(width);
                let mut own: Vec<Lanes<LANES>> = rows
                    .map(|row| {
                        std::array::from_fn(|lane| row.get(start + lane).map_or(0.0, |v| *v))
                    })
                    .collect();
                factor.solve(&mut own);
                own
            })
            .collect();
        let mut solved = vec![0.0; count * width];
        for (&start, part) in starts.iter().zip(&parts) {
            for (row, part) in solved.chunks_exact_mut(width).zip(part) {
                for (value, own) in row[start..].iter_mut().zip(part) {
                    *value = *own;
                }
            }
        }
        let mut taken = vec![0.0; width * width];
        let rows = self.cross.chunks_exact(width);
        for (a, b) in rows.zip(solved.chunks_exact(width)) {
            for (row, a) in taken.chunks_exact_mut(width).zip(a) {
                for (sum, b) in row.iter_mut().zip(b) {
                    *sum += a * b;
                }
            }
        }
        Rest {
            solved,
            width,
            factor: self.own.less(&taken),
        }
    }
}

impl Rest {
    /// Solves for the small effects and takes what they explain from the large one's solution.
    pub(super) fn solve<const M: usize>(&self, small: &mut [Lanes<M>], large: &mut [Lanes<M>]) {
        self.factor.solve(small);
        for (row, own) in self.solved.chunks_exact(self.width).zip(large) {
            for (factor, value) in row.iter().zip(&*small) {
                for lane in 0..M {
                    own[lane] -= factor * value[lane];
                }
            }
        }
    }
}

/// `sum over rows w e e' - sum over groups z z' / w`, levels of the large effect by those of the small ones. Groups with
/// one level of the large effect add nothing.
fn cross(
    layout: &Layout,
    cells: &Cells,
    position: usize,
    small: &[usize],
    width: usize,
) -> Vec<f64> {
    let chosen = Chosen::new(layout, small);
    let first = layout.offsets[position];
    // Where the row of a place's level begins in the block.
    let row_of = |place: usize| (layout.at(place)[position] as usize - first) * width;
    let step = cells.pieces.len().div_ceil(TASKS).max(1);
    let parts: Vec<Vec<f64>> = cells
        .pieces
        .par_chunks(step)
        .map(|pieces| {
            let mut part = Part {
                cross: vec![0.0; cells.count * width],
                width,
                waiting: vec![0.0; cells.count],
                touched: Vec::new(),
                pattern: Vec::new(),
            };
            let mut sums = vec![0.0; width];
            let mut pattern: Vec<(u32, f64)> = Vec::new();
            let mut last = 0..0;
            if let Some(weights) = &layout.weights {
                for piece in pieces {
                    for (&level, &scale) in piece.groups.iter().zip(&piece.scale) {
                        let places = layout.places(level as usize);
                        part.enter(&chosen, weights, places, scale, row_of, &mut sums);
                    }
                }
                return part.cross;
            }
            for piece in pieces {
                for (group, &level) in piece.groups.iter().enumerate() {
                    let places = layout.places(level as usize);
                    // In a balanced panel the small effects' levels are those of the last group, row by row.
                    let repeats = chosen.are_equal(&places, &last);
                    last = places.clone();
                    pattern.clear();
                    for place in places {
                        let row = row_of(place);
                        for at in chosen.at(place) {
                            part.cross[row + at] += 1.0;
                            if repeats {
                                continue;
                            }
                            if sums[at] == 0.0 {
                                pattern.push((at as u32, 0.0));
                            }
                            sums[at] += 1.0;
                        }
                    }
                    for (at, sum) in &mut pattern {
                        *sum = std::mem::replace(&mut sums[*at as usize], 0.0);
                    }
                    if !repeats && pattern != part.pattern {
                        part.flush();
                        std::mem::swap(&mut part.pattern, &mut pattern);
                    }
                    let scale = piece.scale[group];
                    for cell in piece.range(group) {
                        part.wait(piece.levels[cell], piece.weight(cell) * scale);
                    }
                }
            }
            part.flush();
            part.cross
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut total = parts
        .next()
        .unwrap_or_else(|| vec![0.0; cells.count * width]);
    let parts: Vec<Vec<f64>> = parts.collect();
    total
        .par_chunks_mut(1 << 14)
        .enumerate()
        .for_each(|(range, total)| {
            for part in &parts {
                for (total, part) in total.iter_mut().zip(&part[range << 14..]) {
                    *total += part;
                }
            }
        });
    total
}

/// One task's share of the block. Neighbouring groups with the same levels of the small effects, as in a balanced panel, are
/// entered together.
struct Part {
    cross: Vec<f64>,
    width: usize,
    /// What the groups with the pattern at hand leave by level of the large effect.
    waiting: Vec<f64>,
    touched: Vec<u32>,
    /// Levels of the small effects and their weight in each of these groups.
    pattern: Vec<(u32, f64)>,
}

impl Part {
    /// Enters a group with weights, of which `scale` is one over the sum; `sums` is zero and left so.
    fn enter(
        &mut self,
        chosen: &Chosen<'_>,
        weights: &[f64],
        places: Range<usize>,
        scale: f64,
        row_of: impl Fn(usize) -> usize,
        sums: &mut [f64],
    ) {
        self.pattern.clear();
        for place in places.clone() {
            for at in chosen.at(place) {
                if sums[at] == 0.0 {
                    self.pattern.push((at as u32, 0.0));
                }
                sums[at] += weights[place];
            }
        }
        let all = 2 * self.pattern.len() >= self.width;
        for place in places {
            let weight = weights[place];
            let share = weight * scale;
            let row = &mut self.cross[row_of(place)..][..self.width];
            if all {
                for (value, sum) in row.iter_mut().zip(&*sums) {
                    *value -= share * sum;
                }
            } else {
                for &(at, _) in &self.pattern {
                    row[at as usize] -= share * sums[at as usize];
                }
            }
            for at in chosen.at(place) {
                row[at] += weight;
            }
        }
        for &(at, _) in &self.pattern {
            sums[at as usize] = 0.0;
        }
    }

    fn wait(&mut self, level: u32, share: f64) {
        let waiting = &mut self.waiting[level as usize];
        if *waiting == 0.0 {
            self.touched.push(level);
        }
        *waiting += share;
    }

    fn flush(&mut self) {
        for level in self.touched.drain(..) {
            let share = std::mem::replace(&mut self.waiting[level as usize], 0.0);
            let row = &mut self.cross[level as usize * self.width..][..self.width];
            for &(at, weight) in &self.pattern {
                row[at as usize] -= share * weight;
            }
        }
    }
}
