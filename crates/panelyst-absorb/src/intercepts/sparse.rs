//! The equations of the effects beside the leading one where they are many.
//!
//! Most often one of these effects is large and the others are small. Then the small ones are eliminated, and the large
//! one's equations are a sparse matrix that is formed, factored exactly or approximately, and never needs the rows again.
//! Several large effects are solved for by iterating over the rows, preconditioned effect by effect.

use super::conjugate::{self, Equations, Solved, Target};
use super::graph::Graph;
use super::large::Large;
use super::layout::Layout;
use super::preconditioner::Preconditioner;
use super::sweep;
use crate::cross::Lanes;
use crate::fixed_effects::{Options, SparseMethod};

/// Levels of small effects together that are eliminated beside a large one.
const SMALL: usize = 256;

/// Numbers in the block between a large effect and small ones at most, for each row.
const BLOCK: usize = 4;

/// Equations of many unknowns.
#[derive(Debug)]
pub(super) enum Sparse {
    /// One large effect, perhaps with small ones.
    One(Box<Large>),
    /// Several large effects.
    Several(Preconditioner),
}

impl Sparse {
    /// Prepares the equations; `mass` is the weight of each unknown.
    pub(super) fn new(layout: &Layout, mass: &[f64], options: &Options) -> Self {
        let method = options.method;
        let size = |p: usize| layout.offsets[p + 1] - layout.offsets[p];
        let positions = 0..layout.rest.len();
        let large = positions.clone().rev().max_by_key(|&p| size(p));
        let large = large.unwrap_or(0);
        let small: Vec<usize> = positions.filter(|&p| p != large).collect();
        let width: usize = small.iter().map(|&p| size(p)).sum();
        let by_rows = width > SMALL || width * size(large) > BLOCK * layout.rows;
        if method == SparseMethod::Rows || method == SparseMethod::Chosen && by_rows {
            return Self::Several(Preconditioner::new(layout, mass, options.dense_limit));
        }
        Self::One(Box::new(Large::new(layout, mass, large, small, method)))
    }

    /// The graph of the effect at a position beside the leading one, where it is kept.
    pub(super) fn graph_of(&self, position: usize) -> Option<&Graph> {
        match self {
            Self::One(large) => large.graph_of(position),
            Self::Several(_) => None,
        }
    }

    /// Takes other weights where what is known of the rows need not be found again; whether that is so.
    pub(super) fn reweight(&mut self, layout: &Layout, mass: &[f64]) -> bool {
        match self {
            Self::One(large) => large.reweight(layout, mass),
            Self::Several(_) => false,
        }
    }

    /// Whether solutions are exact but for rounding.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::One(large) => large.is_exact(),
            Self::Several(preconditioner) => preconditioner.is_exact(),
        }
    }

    /// Solves for several right-hand sides.
    pub(super) fn solve<const M: usize>(
        &self,
        layout: &Layout,
        mass: &[f64],
        right: &[Lanes<M>],
        targets: &[Target; M],
        limit: usize,
    ) -> Solved<M> {
        match self {
            Self::One(large) => large.solve(right, targets, limit),
            Self::Several(preconditioner) if preconditioner.is_exact() => {
                let mut solution = right.to_vec();
                preconditioner.apply(&mut solution);
                Solved::direct(solution)
            }
            Self::Several(preconditioner) => {
                let mut rows = Rows {
                    layout,
                    mass,
                    preconditioner,
                };
                conjugate::solve(&mut rows, right, targets, limit)
            }
        }
    }
}

/// Equations by rows.
struct Rows<'a> {
    layout: &'a Layout,
    mass: &'a [f64],
    preconditioner: &'a Preconditioner,
}

impl<const M: usize> Equations<M> for Rows<'_> {
    fn multiply(&mut self, x: &[Lanes<M>], out: &mut [Lanes<M>]) {
        out.copy_from_slice(&sweep::multiply(self.layout, x));
    }

    fn precondition(&mut self, values: &mut [Lanes<M>]) {
        self.preconditioner.apply(values);
    }

    fn mass(&self) -> &[f64] {
        self.mass
    }
}
