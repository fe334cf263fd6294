//! Approximate inverses of the equations of the effects beside the leading one, effect by effect.

use super::dense::Dense;
use super::laplacian::Laplacian;
use super::layout::Layout;
use crate::cross::Lanes;
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
    /// The block's equations factored as a graph.
    Graph(Box<Laplacian>),
}

/// A diagonal element below this share of the unknown's weight is rounding: the level lies in one group of the leading
/// effect.
const DEPENDENT: f64 = 1e-13;

/// Levels at most of an effect that is factored as a dense matrix.
const SMALL: usize = 256;

/// Multiplications for each row at most that forming a dense matrix may take.
const COST: f64 = 40.0;

impl Preconditioner {
    /// Factors the equations of each effect where that is cheap, and takes their diagonal elsewhere.
    pub(super) fn new(layout: &Layout, mass: &[f64]) -> Self {
        let mut diagonal: Option<Vec<f64>> = None;
        let mut blocks = Vec::with_capacity(layout.rest.len());
        for position in 0..layout.rest.len() {
            let range = layout.offsets[position]..layout.offsets[position + 1];
            let cheap = Dense::cost(layout, &(position..position + 1));
            if range.len() <= SMALL && cheap <= COST * layout.rows as f64 {
                let own = Dense::new(layout, &mass[range], position..position + 1);
                blocks.push(Block::Dense(own));
            } else if let Some(factor) = Laplacian::new(layout, position) {
                blocks.push(Block::Graph(Box::new(factor)));
            } else {
                let all = diagonal.get_or_insert_with(|| layout.diagonal(mass));
                let inverse = all[range.clone()].iter().zip(&mass[range]);
                let inverse =
                    inverse.map(|(&d, &mass)| if d > DEPENDENT * mass { 1.0 / d } else { 0.0 });
                blocks.push(Block::Diagonal(inverse.collect()));
            }
        }
        Self {
            blocks,
            offsets: layout.offsets.clone(),
        }
    }

    /// Whether it is the inverse itself.
    pub(super) fn is_exact(&self) -> bool {
        match &self.blocks[..] {
            [Block::Graph(factor)] => factor.is_exact(),
            [Block::Dense(_)] => true,
            _ => false,
        }
    }

    /// The product with a vector.
    pub(super) fn apply<const M: usize>(&self, vector: &[Lanes<M>]) -> Vec<Lanes<M>> {
        let mut out = vector.to_vec();
        for (block, pair) in self.blocks.iter().zip(self.offsets.windows(2)) {
            let part = &mut out[pair[0]..pair[1]];
            match block {
                Block::Diagonal(inverse) => {
                    part.par_iter_mut()
                        .with_min_len(8192)
                        .zip(inverse)
                        .for_each(|(value, scale)| {
                            value.iter_mut().for_each(|value| *value *= scale);
                        });
                }
                Block::Graph(factor) => factor.solve(part),
                Block::Dense(factor) => factor.solve(part),
            }
        }
        out
    }
}

impl Layout {
    /// Diagonal of the equations of the effects beside the leading one.
    fn diagonal(&self, mass: &[f64]) -> Vec<f64> {
        let width = self.rest.len();
        let parts: Vec<Vec<f64>> = self
            .chunks
            .par_iter()
            .map(|levels| {
                let mut taken = vec![0.0; self.size()];
                let mut sums = vec![0.0; self.size()];
                for level in levels.clone() {
                    let places = self.places(level);
                    let unknowns = &self.unknowns[places.start * width..places.end * width];
                    for (offset, own) in unknowns.chunks_exact(width).enumerate() {
                        let weight = self
                            .weights
                            .as_ref()
                            .map_or(1.0, |w| w[places.start + offset]);
                        own.iter().for_each(|&u| sums[u as usize] += weight);
                    }
                    for &unknown in unknowns {
                        let sum = std::mem::replace(&mut sums[unknown as usize], 0.0);
                        taken[unknown as usize] += sum * sum / self.mass[level];
                    }
                }
                taken
            })
            .collect();
        let mut diagonal = mass.to_vec();
        for part in &parts {
            for (value, taken) in diagonal.iter_mut().zip(part) {
                *value -= taken;
            }
        }
        diagonal
    }
}
