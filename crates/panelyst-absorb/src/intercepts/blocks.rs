//! The blocks of small effects beside a large one where rows have weights, in one pass over the rows: weights change from
//! one step of a likelihood to the next, and the blocks with them.

use super::cells::{Cells, Piece};
use super::dense::Chosen;
use super::layout::Layout;
use super::sweep::add_to;
use rayon::prelude::*;
use std::ops::Range;

/// Tasks that sum blocks, each in blocks of its own.
pub(super) const TASKS: usize = 4;

/// With `u` the levels of the small effects in a row, `e` that of the large one, and `z` and `y` their sums in a group.
pub(super) struct Blocks {
    /// `sum over rows w u u' - sum over groups z z' / w`: the lower triangle by rows.
    pub(super) own: Vec<f64>,
    /// `sum over rows w e u' - sum over groups y z' / w`, by rows. Groups with one level of the large effect add nothing.
    pub(super) cross: Vec<f64>,
}

impl Blocks {
    /// Sums the blocks of effects at some positions beside the leading one, whose levels are `width` in all, and the large
    /// one, which stands at `position` and has these cells.
    pub(super) fn new(
        layout: &Layout,
        weights: &[f64],
        cells: &Cells,
        position: usize,
        small: &[usize],
        width: usize,
    ) -> Self {
        let chosen = Chosen::new(layout, small);
        let effects = layout.rest.len();
        let first = layout.offsets[position];
        let step = cells.pieces.len().div_ceil(TASKS).max(1);
        let work = |(pieces, chunks): (&[Piece], &[Range<usize>])| {
            let mut part = Part {
                own: vec![0.0; width * width],
                cross: vec![0.0; cells.count * width],
                sums: vec![0.0; width],
                met: Vec::new(),
            };
            for (piece, chunk) in pieces.iter().zip(chunks) {
                let mut joined = piece.groups.iter().peekable();
                for level in chunk.clone() {
                    let places = layout.places(level);
                    let group = Group {
                        unknowns: layout.unknowns_of(&places),
                        effects,
                        weights: &weights[places],
                        scale: 1.0 / layout.mass[level],
                    };
                    let all = part.meet(&chosen, &group);
                    part.enter_own(all, group.scale);
                    if joined.next_if_eq(&&(level as u32)).is_some() {
                        let row_of = |row: &[u32]| (row[position] as usize - first) * width;
                        part.enter_cross(&chosen, &group, all, row_of);
                    }
                    part.leave(all);
                }
            }
            part
        };
        let pieces = cells.pieces.par_chunks(step);
        let mut parts: Vec<Part> = pieces
            .zip(layout.chunks.par_chunks(step))
            .map(work)
            .collect();
        let mut out = match parts.is_empty() {
            true => Self {
                own: vec![0.0; width * width],
                cross: vec![0.0; cells.count * width],
            },
            false => {
                let Part { own, cross, .. } = parts.remove(0);
                Self { own, cross }
            }
        };
        for part in &parts {
            add_to(&mut out.own, &part.own);
            add_to(&mut out.cross, &part.cross);
        }
        out
    }
}

/// The rows of one group.
struct Group<'a> {
    /// Unknowns of each row, side by side, one for each effect beside the leading one.
    unknowns: &'a [u32],
    effects: usize,
    weights: &'a [f64],
    /// One over the weight of the group.
    scale: f64,
}

impl Group<'_> {
    /// The unknowns and the weight of each row.
    fn rows(&self) -> impl Iterator<Item = (&[u32], f64)> {
        let rows = self.unknowns.chunks_exact(self.effects);
        rows.zip(self.weights.iter().copied())
    }
}

/// One task's share of the blocks.
struct Part {
    own: Vec<f64>,
    cross: Vec<f64>,
    /// Weight of each level of the small effects in the group at hand, zero outside.
    sums: Vec<f64>,
    /// The levels that were met, where the group has few.
    met: Vec<usize>,
}

impl Part {
    /// Sums the weights of a group; whether it has so many rows that all levels are quicker than a choice.
    fn meet(&mut self, chosen: &Chosen<'_>, group: &Group<'_>) -> bool {
        let width = self.sums.len();
        let all = 2 * group.weights.len() * chosen.effects() >= width;
        for (row, weight) in group.rows() {
            let levels = chosen.of(row);
            for (index, a) in levels.clone().enumerate() {
                if !all && self.sums[a] == 0.0 {
                    self.met.push(a);
                }
                self.sums[a] += weight;
                // Later effects have larger numbers, so this is the lower triangle; the diagonal is the sum itself.
                for b in levels.clone().take(index) {
                    self.own[a * width + b] += weight;
                }
            }
        }
        self.met.sort_unstable();
        all
    }

    fn enter_own(&mut self, all: bool, scale: f64) {
        let Self { own, sums, met, .. } = self;
        let width = sums.len();
        if all {
            for (a, row) in own.chunks_exact_mut(width).enumerate() {
                take(&mut row[..=a], &sums[..=a], scale * sums[a]);
                row[a] += sums[a];
            }
            return;
        }
        for (index, &a) in met.iter().enumerate() {
            let row = &mut own[a * width..=a * width + a];
            for &b in &met[..=index] {
                row[b] -= scale * sums[a] * sums[b];
            }
            row[a] += sums[a];
        }
    }

    /// `row_of` tells where the row of the block that a row of the data belongs to begins.
    fn enter_cross(
        &mut self,
        chosen: &Chosen<'_>,
        group: &Group<'_>,
        all: bool,
        row_of: impl Fn(&[u32]) -> usize,
    ) {
        let Self {
            cross, sums, met, ..
        } = self;
        for (row, weight) in group.rows() {
            let share = weight * group.scale;
            let block = &mut cross[row_of(row)..][..sums.len()];
            if all {
                take(block, sums, share);
            } else {
                for &at in &*met {
                    block[at] -= share * sums[at];
                }
            }
            for at in chosen.of(row) {
                block[at] += weight;
            }
        }
    }

    /// Forgets the weights of the group.
    fn leave(&mut self, all: bool) {
        if all {
            self.sums.fill(0.0);
        }
        for at in self.met.drain(..) {
            self.sums[at] = 0.0;
        }
    }
}

/// `values - share * sums`, in place, two by two.
#[inline(always)]
fn take(values: &mut [f64], sums: &[f64], share: f64) {
    let (twos, rest) = values.as_chunks_mut::<2>();
    let (sums, last) = sums.as_chunks::<2>();
    for (values, sums) in twos.iter_mut().zip(sums) {
        values[0] -= share * sums[0];
        values[1] -= share * sums[1];
    }
    for (value, sum) in rest.iter_mut().zip(last) {
        *value -= share * sum;
    }
}
