//! Small effects beside a large one: their part of the equations is dense and is eliminated.
//!
//! With `A` the equations of the large effect, `C` those of the small ones and `B` between them, the small effects'
//! unknowns are `C+ (r - B' x)` and the large effect's equations become `A - B C+ B'`.

use super::blocks::{Blocks, TASKS};
use super::cells::Cells;
use super::dense::{Chosen, Dense};
use super::laplacian::Laplacian;
use super::layout::Layout;
use super::tile::LANES;
use crate::cross::Lanes;
use rayon::prelude::*;
use std::ops::Range;

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
        let (own, cross) = match &layout.weights {
            None => (
                Dense::of(layout, mass, small),
                cross(layout, cells, position, small, width),
            ),
            Some(weights) => {
                let blocks = Blocks::new(layout, weights, cells, position, small, width);
                (
                    Dense::from_triangle(layout, mass, small, blocks.own),
                    blocks.cross,
                )
            }
        };
        Self {
            cross,
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

/// The block between the effects, where rows have no weights: [`Blocks::cross`].
fn cross(
    layout: &Layout,
    cells: &Cells,
    position: usize,
    small: &[usize],
    width: usize,
) -> Vec<f64> {
    let chosen = Chosen::new(layout, small);
    let first = layout.offsets[position];
    let step = cells.pieces.len().div_ceil(TASKS).max(1);
    let parts: Vec<Vec<f64>> = cells
        .pieces
        .par_chunks(step)
        .map(|pieces| {
            let mut part = Part::new(cells.count, width);
            let mut last = 0..0;
            for piece in pieces {
                for (group, &level) in piece.groups.iter().enumerate() {
                    let places = layout.places(level as usize);
                    for row in layout.unknowns_of(&places).chunks_exact(layout.rest.len()) {
                        let level = row[position] as usize - first;
                        part.count(level * width, chosen.of(row));
                    }
                    // In a balanced panel the small effects' levels are those of the last group, row by row.
                    if !chosen.are_equal(&places, &last) {
                        part.meet(places.clone().flat_map(|place| chosen.at(place)));
                    }
                    last = places;
                    let scale = piece.scale[group];
                    for cell in piece.range(group) {
                        part.wait(piece.levels[cell], piece.weight(cell) * scale);
                    }
                }
            }
            part.finish()
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
    /// Rows that are not in the block yet, by their place in it: a byte each, so that they stay at hand.
    rows: Vec<u8>,
    width: usize,
    /// What the groups with the pattern at hand leave by level of the large effect.
    waiting: Vec<f64>,
    touched: Vec<u32>,
    /// Levels of the small effects and their weight in each of these groups.
    pattern: Vec<(u32, f64)>,
    /// The pattern of another group.
    other: Vec<(u32, f64)>,
    /// Weight of each small effect's level, zero outside a group.
    sums: Vec<f64>,
}

impl Part {
    fn new(count: usize, width: usize) -> Self {
        Self {
            cross: vec![0.0; count * width],
            rows: vec![0; count * width],
            width,
            waiting: vec![0.0; count],
            touched: Vec::new(),
            pattern: Vec::new(),
            other: Vec::new(),
            sums: vec![0.0; width],
        }
    }

    /// Counts a row with a level of the large effect, whose row of the block begins at `first`, and some of the small ones.
    fn count(&mut self, first: usize, levels: impl Iterator<Item = usize>) {
        for at in levels {
            let count = &mut self.rows[first + at];
            *count = count.wrapping_add(1);
            if *count == 0 {
                self.cross[first + at] += 256.0;
            }
        }
    }

    /// Takes up the small effects' levels in the rows of the group that is entered from now on.
    fn meet(&mut self, levels: impl Iterator<Item = usize>) {
        self.other.clear();
        for at in levels {
            if self.sums[at] == 0.0 {
                self.other.push((at as u32, 0.0));
            }
            self.sums[at] += 1.0;
        }
        for (at, sum) in &mut self.other {
            *sum = std::mem::replace(&mut self.sums[*at as usize], 0.0);
        }
        if self.other != self.pattern {
            self.flush();
            std::mem::swap(&mut self.pattern, &mut self.other);
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

    /// The block, once all groups are entered.
    fn finish(mut self) -> Vec<f64> {
        self.flush();
        let pairs = self.cross.iter_mut().zip(&self.rows);
        pairs.for_each(|(value, &rows)| *value += f64::from(rows));
        self.cross
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::absorber::Effect;

    /// Rows of `groups` groups with two to five rows each, for a large effect of five levels and small ones of 3 and 40;
    /// some groups have a single level of the large effect, and some rows its levels twice.
    fn rows(groups: usize) -> Vec<[usize; 4]> {
        let mut state = 9u64;
        let mut draw = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut rows = Vec::new();
        for group in 0..groups {
            let single = (group % 7 == 0).then(|| draw(5));
            for _ in 0..2 + draw(4) {
                let level = single.unwrap_or_else(|| draw(5));
                rows.push([group, level, draw(3), draw(40)]);
            }
        }
        rows
    }

    /// `sum over rows w a b' - sum over groups y z' / w` by its definition; a row's levels of `a` and of `b`, numbered from 0.
    fn block(
        rows: &[[usize; 4]],
        weights: &[f64],
        (height, width): (usize, usize),
        a: impl Fn(&[usize; 4]) -> Vec<usize>,
        b: impl Fn(&[usize; 4]) -> Vec<usize>,
    ) -> Vec<f64> {
        let mut out = vec![0.0; height * width];
        let mut start = 0;
        for group in rows.chunk_by(|x, y| x[0] == y[0]) {
            let weights = &weights[start..start + group.len()];
            start += group.len();
            let mass: f64 = weights.iter().sum();
            for (row, weight) in group.iter().zip(weights) {
                for i in a(row) {
                    b(row).iter().for_each(|j| out[i * width + j] += weight);
                    for (other, beside) in group.iter().zip(weights) {
                        for j in b(other) {
                            out[i * width + j] -= weight * beside / mass;
                        }
                    }
                }
            }
        }
        out
    }

    fn layout(rows: &[[usize; 4]], weights: Option<Vec<f64>>) -> Result<Layout, crate::Error> {
        let effect = |at: usize, levels: usize| {
            let codes: Vec<u32> = rows.iter().map(|row| row[at] as u32).collect();
            Effect {
                codes: codes.into(),
                levels,
                intercept: true,
                slopes: Vec::new(),
            }
        };
        let groups = rows.last().map_or(0, |row| row[0] + 1);
        let effects = [effect(0, groups), effect(1, 5), effect(2, 3), effect(3, 40)];
        Layout::new(&effects.iter().collect::<Vec<_>>(), weights)
    }

    fn close(got: &[f64], expected: &[f64]) {
        assert_eq!(got.len(), expected.len());
        for (got, expected) in got.iter().zip(expected) {
            // Sums of thousands of numbers of about one.
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
    }

    #[test]
    fn blocks_are_those_of_their_definition() -> Result<(), crate::Error> {
        // So many rows that bytes run over: about 2,000 for each level of the large effect with one of three.
        let rows = rows(9_000);
        let weights: Vec<f64> = (0..rows.len()).map(|row| 0.5 + (row % 11) as f64).collect();
        let ones = vec![1.0; rows.len()];
        type Levels = fn(&[usize; 4]) -> Vec<usize>;
        let cases: [(&[usize], usize, Levels); 3] = [
            (&[1], 3, |row| vec![row[2]]),
            (&[2], 40, |row| vec![row[3]]),
            (&[1, 2], 43, |row| vec![row[2], 3 + row[3]]),
        ];
        for (small, width, levels) in cases {
            let large = |row: &[usize; 4]| vec![row[1]];
            let plain = layout(&rows, None)?;
            let cells = Cells::new(&plain, 0);
            let expected = block(&rows, &ones, (5, width), large, levels);
            close(&cross(&plain, &cells, 0, small, width), &expected);
            let weighted = layout(&rows, Some(weights.clone()))?;
            let cells = Cells::new(&weighted, 0);
            let found = Blocks::new(&weighted, &weights, &cells, 0, small, width);
            close(
                &found.cross,
                &block(&rows, &weights, (5, width), large, levels),
            );
            let mut own = block(&rows, &weights, (width, width), levels, levels);
            for row in 0..width {
                own[row * width + row + 1..(row + 1) * width].fill(0.0);
            }
            close(&found.own, &own);
        }
        Ok(())
    }
}
