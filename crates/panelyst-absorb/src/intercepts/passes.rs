//! Passes over the rows of columns that effects are taken out of: columns that stay as they are, or that are overwritten.

use super::absorb::State;
use super::layout::Layout;
use super::sweep::{Columns, Sums, Swept, sweep};
use super::tile::{Block, LANES, Row, Source, tiles};
use rayon::prelude::*;

/// Columns by place, scanned as often as it takes.
pub(super) trait Passes {
    /// The columns; before anything is taken out these are the columns as given.
    fn columns(&self) -> Vec<&[f64]>;

    /// Sums of the columns before anything but the leading effect is taken out.
    fn begin(&mut self, layout: &Layout, states: &[State]) -> Swept;

    /// Takes a solution of each block out, beside all that was taken out before, and sums what is left.
    fn subtract(&mut self, layout: &Layout, states: &[State], more: Vec<Vec<Row>>) -> Swept;
}

/// Columns that stay as they are.
pub(super) struct Kept<'a> {
    columns: &'a [&'a [f64]],
    /// Whether cross-products of what is left are wanted.
    products: bool,
    /// What is taken out in all, for each block.
    pub(super) coefficients: Vec<Vec<Row>>,
}

impl<'a> Kept<'a> {
    pub(super) fn new(layout: &Layout, columns: &'a [&'a [f64]], products: bool) -> Self {
        let blocks = columns.len().div_ceil(LANES);
        Self {
            columns,
            products,
            coefficients: vec![vec![[0.0; LANES]; layout.size()]; blocks],
        }
    }

    fn sweep(&self, layout: &Layout, states: &[State], begun: bool) -> Swept {
        let pairs = self.columns.iter().zip(states);
        let sources: Vec<Source<'_>> = pairs.map(|(values, state)| state.source(values)).collect();
        let columns = Columns::new(&sources);
        let solution = begun.then_some(&self.coefficients[..]);
        let products = self.products && (begun || layout.rest.is_empty());
        sweep(layout, &columns, solution, products)
    }
}

impl Passes for Kept<'_> {
    fn columns(&self) -> Vec<&[f64]> {
        self.columns.to_vec()
    }

    fn begin(&mut self, layout: &Layout, states: &[State]) -> Swept {
        self.sweep(layout, states, false)
    }

    fn subtract(&mut self, layout: &Layout, states: &[State], more: Vec<Vec<Row>>) -> Swept {
        for (total, more) in self.coefficients.iter_mut().zip(more) {
            for (total, more) in total.iter_mut().zip(more) {
                for lane in 0..LANES {
                    total[lane] += more[lane];
                }
            }
        }
        self.sweep(layout, states, true)
    }
}

/// Columns that are overwritten by what is left of them.
pub(super) struct Overwritten<'a> {
    columns: &'a mut [Vec<f64>],
    /// Whether the columns hold what is left already, which is neither shifted nor has a mean in any group.
    pub(super) begun: bool,
}

impl<'a> Overwritten<'a> {
    pub(super) fn new(columns: &'a mut [Vec<f64>]) -> Self {
        Self {
            columns,
            begun: false,
        }
    }
}

impl Passes for Overwritten<'_> {
    fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    fn begin(&mut self, layout: &Layout, states: &[State]) -> Swept {
        Kept::new(layout, &self.columns(), false).begin(layout, states)
    }

    fn subtract(&mut self, layout: &Layout, states: &[State], more: Vec<Vec<Row>>) -> Swept {
        let mut states = states.to_vec();
        if self.begun {
            states.iter_mut().for_each(|state| state.shift = 0.0);
        }
        self.begun = true;
        let targets = self.columns.iter_mut().map(Vec::as_mut_slice).collect();
        let sums = write(layout, &states, &more, None, targets, true);
        Sums::add(layout, sums)
    }
}

/// Writes what is left of columns by place, in their own units; without `sources` the targets hold the columns. What is left
/// is summed, chunk by chunk, where `sums` asks for it.
pub(super) fn write(
    layout: &Layout,
    states: &[State],
    solution: &[Vec<Row>],
    sources: Option<&[&[f64]]>,
    targets: Vec<&mut [f64]>,
    sums: bool,
) -> Vec<Sums> {
    let mut work = Vec::with_capacity(layout.chunks.len());
    let mut left = targets;
    for chunk in 0..layout.chunks.len() {
        let count = layout.chunk_places(chunk).len();
        let (mut own, mut rest) = (
            Vec::with_capacity(left.len()),
            Vec::with_capacity(left.len()),
        );
        for target in left {
            let (piece, after) = target.split_at_mut(count);
            own.push(piece);
            rest.push(after);
        }
        work.push((chunk, own));
        left = rest;
    }
    let each = |(chunk, mut pieces): (usize, Vec<&mut [f64]>)| {
        let first = layout.chunk_places(chunk).start;
        let mut rows = Vec::new();
        let mut told = Sums::new(layout, solution.len(), false);
        for levels in tiles(layout, chunk) {
            let start = layout.starts[levels.start] as usize;
            let places = start - first..layout.starts[levels.end] as usize - first;
            for (block, coefficients) in solution.iter().enumerate() {
                let lanes = block * LANES..pieces.len().min((block + 1) * LANES);
                let states = &states[lanes.clone()];
                let own: Vec<Source<'_>> = lanes
                    .clone()
                    .zip(states)
                    .map(|(column, state)| match sources {
                        None => state.source(&pieces[column][..]),
                        Some(sources) => state.source(&sources[column][first..]),
                    })
                    .collect();
                let one = Block {
                    first,
                    solution: Some(coefficients),
                    ..Columns::new(&own).only_block()
                };
                one.fill(layout, levels.clone(), &mut rows, &mut told.met[block]);
                if sums {
                    told.scatter(layout, start, block, &rows);
                }
                for (lane, (column, state)) in lanes.zip(states).enumerate() {
                    let target = &mut pieces[column][places.clone()];
                    for (target, row) in target.iter_mut().zip(&rows) {
                        *target = row[lane];
                    }
                    if state.scale != 1.0 {
                        target.iter_mut().for_each(|value| *value /= state.scale);
                    }
                }
            }
        }
        told
    };
    if work.len() == 1 {
        return work.into_iter().map(each).collect();
    }
    work.into_par_iter().map(each).collect()
}
