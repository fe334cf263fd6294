//! Groups of neighbouring rows with their effects removed, a tile of a few groups at a time.
//!
//! What effects leave of columns is never kept where it need not be: a tile is made from the columns as given, the
//! solution of the other effects and the means of its groups, stays in the processor's cache while it is looked at, and
//! is made anew when it is looked at again.

use super::layout::Layout;
use std::ops::Range;

/// Columns that stand side by side.
pub(super) const LANES: usize = 4;

/// One row of a block of columns.
pub(super) type Row = [f64; LANES];

/// Rows of a tile, unless one group alone has more: four columns of it fill half of a first-level cache.
const TILE: usize = 512;

/// A mean that is left of a group above this share of the root mean square is taken out again: it is rounding of large
/// values whose differences are small.
const UNCENTRED: f64 = 1e-15;

/// A column by place: its values from some first place on, and how they are scaled and shifted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) values: &'a [f64],
    pub(super) scale: f64,
    pub(super) shift: f64,
}

/// Sums of one block of columns over tiles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    /// Weighted sum before any effect was removed; only where no solution was subtracted.
    pub(super) total: Row,
    /// Weighted squares before any effect was removed; only where no solution was subtracted.
    pub(super) square: Row,
    /// Weighted squares of what is left.
    pub(super) left: Row,
    /// Largest squared weighted sum of what is left in a group, over the group's weight.
    pub(super) high: Row,
}

impl Met {
    /// Takes up the sums of the tiles that follow.
    pub(super) fn append(&mut self, next: &Self) {
        for lane in 0..LANES {
            self.total[lane] += next.total[lane];
            self.square[lane] += next.square[lane];
            self.left[lane] += next.left[lane];
            self.high[lane] = self.high[lane].max(next.high[lane]);
        }
    }
}

/// The leading levels of a chunk, cut into tiles.
pub(super) fn tiles(layout: &Layout, chunk: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let Range { mut start, end } = layout.chunks[chunk].clone();
    std::iter::from_fn(move || {
        if start == end {
            return None;
        }
        let goal = layout.starts[start] as usize + TILE;
        let mut stop = start + 1;
        while stop < end && (layout.starts[stop + 1] as usize) <= goal {
            stop += 1;
        }
        let tile = start..stop;
        start = stop;
        Some(tile)
    })
}

/// A block of columns and what is subtracted from it.
pub(super) struct Block<'a> {
    pub(super) sources: [Source<'a>; LANES],
    /// Place of the first value of the sources.
    pub(super) first: usize,
    /// Solution of the effects beside the leading one, if any.
    pub(super) solution: Option<&'a [Row]>,
}

impl Block<'_> {
    /// Fills `out` with what the effects leave of the rows of some leading levels, and adds up what it meets.
    pub(super) fn fill(
        &self,
        layout: &Layout,
        levels: Range<usize>,
        out: &mut Vec<Row>,
        met: &mut Met,
    ) {
        match &layout.weights {
            None => self.by_width(layout, levels, out, met, |_| 1.0),
            Some(weights) => self.by_width(layout, levels, out, met, |place| weights[place]),
        }
    }

    fn by_width(
        &self,
        layout: &Layout,
        levels: Range<usize>,
        out: &mut Vec<Row>,
        met: &mut Met,
        weight: impl Fn(usize) -> f64,
    ) {
        let unknowns = &layout.unknowns[..];
        match (self.solution, layout.rest.len()) {
            (None, _) | (_, 0) => {
                let none = |_: usize, _: &mut Row| {};
                self.groups::<true>(layout, levels, out, met, weight, none);
            }
            (Some(solution), 1) => {
                let one = |place: usize, row: &mut Row| {
                    let own = &solution[unknowns[place] as usize];
                    for lane in 0..LANES {
                        row[lane] -= own[lane];
                    }
                };
                self.groups::<false>(layout, levels, out, met, weight, one);
            }
            (Some(solution), width) => {
                let several = |place: usize, row: &mut Row| {
                    for &unknown in &unknowns[place * width..(place + 1) * width] {
                        let own = &solution[unknown as usize];
                        for lane in 0..LANES {
                            row[lane] -= own[lane];
                        }
                    }
                };
                self.groups::<false>(layout, levels, out, met, weight, several);
            }
        }
    }

    #[inline(always)]
    fn groups<const WHOLE: bool>(
        &self,
        layout: &Layout,
        levels: Range<usize>,
        out: &mut Vec<Row>,
        met: &mut Met,
        weight: impl Fn(usize) -> f64,
        subtract: impl Fn(usize, &mut Row),
    ) {
        let start = layout.starts[levels.start] as usize;
        let end = layout.starts[levels.end] as usize;
        out.resize(end - start, [0.0; LANES]);
        let scale = self.sources.map(|source| source.scale);
        let shift = self.sources.map(|source| source.shift);
        for level in levels {
            let places = layout.places(level);
            let rows = &mut out[places.start - start..places.end - start];
            let own = places.start - self.first..places.end - self.first;
            let values = self.sources.map(|source| &source.values[own.clone()]);
            let mass = layout.mass[level];
            let (mut sum, mut square) = ([0.0; LANES], [0.0; LANES]);
            for (offset, row) in rows.iter_mut().enumerate() {
                let place = places.start + offset;
                let mut new = [0.0; LANES];
                for lane in 0..LANES {
                    new[lane] = values[lane][offset] * scale[lane] - shift[lane];
                }
                subtract(place, &mut new);
                let weight = weight(place);
                for lane in 0..LANES {
                    let weighted = weight * new[lane];
                    sum[lane] += weighted;
                    if WHOLE {
                        square[lane] += weighted * new[lane];
                    }
                }
                *row = new;
            }
            let (mut over, mut left) = centre(rows, places.start, mass, &sum, &weight);
            let uncentred: [bool; LANES] = std::array::from_fn(|lane| {
                over[lane] * over[lane] > UNCENTRED * UNCENTRED * left[lane] * mass
            });
            if uncentred.contains(&true) {
                // The other columns stay as they are: no column depends on those beside it.
                for lane in 0..LANES {
                    if !uncentred[lane] {
                        over[lane] = 0.0;
                    }
                }
                let kept = over;
                (over, left) = centre(rows, places.start, mass, &kept, &weight);
            }
            for lane in 0..LANES {
                if WHOLE {
                    met.total[lane] += sum[lane];
                    met.square[lane] += square[lane];
                }
                met.left[lane] += left[lane];
                met.high[lane] = met.high[lane].max(over[lane] * over[lane] / mass);
            }
        }
    }
}

/// Takes the mean out of a group whose weighted sums are known; weighted sums and squares of what is left.
#[inline(always)]
fn centre(
    rows: &mut [Row],
    first: usize,
    mass: f64,
    sum: &Row,
    weight: &impl Fn(usize) -> f64,
) -> (Row, Row) {
    let mean = sum.map(|sum| sum / mass);
    let (mut over, mut left) = ([0.0; LANES], [0.0; LANES]);
    for (offset, row) in rows.iter_mut().enumerate() {
        let weight = weight(first + offset);
        for lane in 0..LANES {
            let new = row[lane] - mean[lane];
            let weighted = weight * new;
            over[lane] += weighted;
            left[lane] += weighted * new;
            row[lane] = new;
        }
    }
    (over, left)
}
