//! Approximate inverses of the equations of the effects beside the leading one, effect by effect.

use super::cells::Cells;
use super::dense::Dense;
use super::graph::Graph;
use super::laplacian::Laplacian;
use super::large::edges_to_form;
use super::layout::Layout;
use super::sampled::Sampled;
use crate::cross::Lanes;
use crate::fixed_effects::SparseMethod;
use rayon::prelude::*;

/// A symmetric positive semidefinite approximation of the inverse, one block for each effect beside the leading one.
#[derive(Debug)]
pub(super) struct Preconditioner {
    blocks: Vec<Block>,
    /// Unknowns of each block: the first, and the end.
    offsets: Vec<usize>,
}

#[derive(Debug)]
enum Block {
    /// One over the diagonal of the equations.
    Diagonal(Vec<f64>),
    /// The block's equations factored as a dense matrix.
    Dense(Dense),
    /// The block's equations factored as a graph, whose vertices are these levels.
    Exact(Vec<u32>, Laplacian),
    /// The same, approximately.
    Sampled(Vec<u32>, Sampled),
}

/// Levels at most of an effect that is factored as a dense matrix.
const SMALL: usize = 256;

/// Multiplications for each row at most that forming a dense matrix may take.
const COST: f64 = 40.0;

impl Preconditioner {
    /// Factors the equations of each effect where that is cheap, approximately where its graph is sparse, and takes their
    /// diagonal elsewhere. No more levels than `limit` are factored as a dense matrix.
    pub(super) fn new(layout: &Layout, mass: &[f64], limit: usize) -> Self {
        let block = |position: usize| {
            let size = layout.offsets[position + 1] - layout.offsets[position];
            let cost = Dense::cost(layout, &(position..position + 1));
            if size <= SMALL.min(limit) && cost <= COST * layout.rows as f64 {
                return Block::Dense(Dense::of(layout, mass, &[position]));
            }
            let cells = Cells::new(layout, position);
            let Some(edges) = edges_to_form(&cells, SparseMethod::Chosen) else {
                return Block::Diagonal(cells.inverse_diagonal());
            };
            let graph = Graph::new(&cells, edges);
            match Laplacian::new(&graph, false) {
                Some(factor) => Block::Exact(graph.levels, factor),
                None => {
                    let factor = Sampled::new(&graph);
                    let levels = factor.order().iter();
                    let levels = levels.map(|&vertex| graph.levels[vertex as usize]);
                    Block::Sampled(levels.collect(), factor)
                }
            }
        };
        Self {
            blocks: (0..layout.rest.len()).map(block).collect(),
            offsets: layout.offsets.clone(),
        }
    }

    /// Whether it is the inverse itself.
    pub(super) fn is_exact(&self) -> bool {
        matches!(&self.blocks[..], [Block::Exact(..) | Block::Dense(_)])
    }

    /// Applies it in place.
    pub(super) fn apply<const M: usize>(&self, values: &mut [Lanes<M>]) {
        for (block, pair) in self.blocks.iter().zip(self.offsets.windows(2)) {
            let part = &mut values[pair[0]..pair[1]];
            match block {
                Block::Diagonal(inverse) => {
                    part.par_iter_mut()
                        .with_min_len(8192)
                        .zip(inverse)
                        .for_each(|(value, scale)| {
                            value.iter_mut().for_each(|value| *value *= scale);
                        });
                }
                Block::Dense(factor) => factor.solve(part),
                Block::Exact(levels, factor) => on(levels, part, |own| factor.solve(own)),
                Block::Sampled(levels, factor) => on(levels, part, |own| factor.solve(own)),
            }
        }
    }
}

/// Solves for some levels; the others are zero.
fn on<const M: usize>(levels: &[u32], part: &mut [Lanes<M>], solve: impl FnOnce(&mut [Lanes<M>])) {
    let mut own: Vec<Lanes<M>> = levels.iter().map(|&level| part[level as usize]).collect();
    solve(&mut own);
    part.fill([0.0; M]);
    for (&level, value) in levels.iter().zip(own) {
        part[level as usize] = value;
    }
}
