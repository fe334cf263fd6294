//! The equations of one large effect, with small ones beside it that are eliminated.

use super::border::{Border, Rest};
use super::cells::Cells;
use super::conjugate::{self, Equations, Solved, Target};
use super::graph::Graph;
use super::laplacian::Laplacian;
use super::layout::Layout;
use super::sampled::Sampled;
use crate::cross::Lanes;
use crate::fixed_effects::SparseMethod;
use rayon::prelude::*;

/// Mean number of neighbours up to which a graph is formed in any case. One with more is formed while it has no more edges
/// than there are cells, so that multiplying by it takes no longer: many groups then join the same levels, so that these
/// lie in clusters and a mere diagonal would be a poor preconditioner. Graphs of levels that meet at random are dense,
/// and so well conditioned that the diagonal serves (8 iterations for 1e6 rows of 1e5 groups and 4348 levels).
const DEGREE: f64 = 64.0;

/// Equations of a large effect once the small ones are eliminated.
#[derive(Debug)]
pub(super) struct Large {
    /// The effect's position beside the leading one.
    position: usize,
    /// Positions of the small effects.
    small: Vec<usize>,
    /// First unknown of the effect.
    first: usize,
    /// Levels in the order in which they are solved for; the others are zero.
    order: Vec<u32>,
    /// Weight of each of these.
    mass: Vec<f64>,
    border: Option<Border>,
    kernel: Kernel,
}

/// How the large effect's equations are solved.
#[derive(Debug)]
enum Kernel {
    /// Factored exactly, and what the small effects are left with.
    Exact(Laplacian, Option<Rest>),
    /// By iteration over the edges of the graph.
    Edges(Graph, Sampled),
    /// By iteration over cells; the inverse of the diagonal.
    Cells(Cells, Vec<f64>),
}

impl Large {
    /// Prepares the effect at a position beside the leading one, with small ones at others.
    pub(super) fn new(
        layout: &Layout,
        mass: &[f64],
        position: usize,
        small: Vec<usize>,
        method: SparseMethod,
    ) -> Self {
        let cells = Cells::new(layout, position);
        let mut border =
            (!small.is_empty()).then(|| Border::new(layout, mass, &cells, position, &small));
        let mut reorder = |order: &[u32]| {
            if let Some(border) = &mut border {
                border.reorder(order);
            }
        };
        let (order, kernel) = if let Some(edges) = edges_to_form(&cells, method) {
            let graph = Graph::new(&cells, edges);
            // Whether the exact factor fills up is known when it has; the other is made meanwhile.
            let always = method == SparseMethod::Exact;
            let exact = || match method {
                SparseMethod::Sampled => None,
                _ => Laplacian::new(&graph, always),
            };
            let sampled = || (!always).then(|| Sampled::new(&graph));
            match rayon::join(exact, sampled) {
                (Some(exact), _) => {
                    reorder(&graph.levels);
                    let left = border.as_ref().map(|border| border.rest(&exact));
                    (graph.levels, Kernel::Exact(exact, left))
                }
                (None, factor) => {
                    let factor = factor.unwrap_or_else(|| Sampled::new(&graph));
                    let graph = graph.reordered(factor.order());
                    reorder(&graph.levels);
                    (graph.levels.clone(), Kernel::Edges(graph, factor))
                }
            }
        } else {
            let inverse = cells.inverse_diagonal();
            let order = (0..cells.count as u32).collect();
            (order, Kernel::Cells(cells, inverse))
        };
        let first = layout.offsets[position];
        let own = order.iter().map(|&level| mass[first + level as usize]);
        Self {
            position,
            small,
            first,
            mass: own.collect(),
            order,
            border,
            kernel,
        }
    }

    /// The graph of the effect at a position beside the leading one, where it is kept.
    pub(super) fn graph_of(&self, position: usize) -> Option<&Graph> {
        match &self.kernel {
            Kernel::Edges(graph, _) if position == self.position => Some(graph),
            _ => None,
        }
    }

    /// Takes other weights where the equations are iterated on by cells; whether they are.
    pub(super) fn reweight(&mut self, layout: &Layout, mass: &[f64]) -> bool {
        let Kernel::Cells(cells, inverse) = &mut self.kernel else {
            return false;
        };
        if !cells.reweight(layout, self.position) {
            return false;
        }
        *inverse = cells.inverse_diagonal();
        if self.border.is_some() {
            let border = Border::new(layout, mass, cells, self.position, &self.small);
            self.border = Some(border);
        }
        let own = self.order.iter();
        self.mass = own.map(|&l| mass[self.first + l as usize]).collect();
        true
    }

    /// Whether solutions are exact but for rounding.
    pub(super) fn is_exact(&self) -> bool {
        matches!(self.kernel, Kernel::Exact(..))
    }

    /// Solves for several right-hand sides, each with one number for every unknown of all effects.
    pub(super) fn solve<const M: usize>(
        &self,
        right: &[Lanes<M>],
        targets: &[Target; M],
        limit: usize,
    ) -> Solved<M> {
        let levels = self.order.iter();
        let own: Vec<Lanes<M>> = levels
            .map(|&level| right[self.first + level as usize])
            .collect();
        // Within the pool: a caller outside would wait for it at every step.
        let inside = || match &self.border {
            None => (self.solve_own(own, targets, limit), Vec::new()),
            Some(border) => self.solve_bordered(border, own, border.part(right), targets, limit),
        };
        let (mut solved, small) = rayon::join(inside, || ()).0;
        let mut all = vec![[0.0; M]; right.len()];
        for (&level, value) in self.order.iter().zip(&solved.solution) {
            all[self.first + level as usize] = *value;
        }
        if let Some(border) = &self.border {
            border.put(&small, &mut all);
        }
        solved.solution = all;
        solved
    }

    fn solve_bordered<const M: usize>(
        &self,
        border: &Border,
        mut own: Vec<Lanes<M>>,
        mut small: Vec<Lanes<M>>,
        targets: &[Target; M],
        limit: usize,
    ) -> (Solved<M>, Vec<Lanes<M>>) {
        if let Kernel::Exact(factor, Some(rest)) = &self.kernel {
            factor.solve(&mut own);
            border.subtract_from_small(&own, &mut small);
            rest.solve(&mut small, &mut own);
            return (Solved::direct(own), small);
        }
        let inner = border.invert(&small);
        border.subtract(&inner, &mut own);
        let mut targets = *targets;
        for (lane, target) in targets.iter_mut().enumerate() {
            let pairs = small.iter().zip(&inner);
            let taken: f64 = pairs.map(|(a, b)| a[lane] * b[lane]).sum();
            target.left = (target.left - taken).max(0.0);
        }
        let solved = self.solve_own(own, &targets, limit);
        border.subtract_from_small(&solved.solution, &mut small);
        (solved, border.invert(&small))
    }

    /// Solves the large effect's equations, which are less what small ones take where they are iterated on.
    fn solve_own<const M: usize>(
        &self,
        mut right: Vec<Lanes<M>>,
        targets: &[Target; M],
        limit: usize,
    ) -> Solved<M> {
        match &self.kernel {
            Kernel::Exact(factor, _) => {
                factor.solve(&mut right);
                Solved::direct(right)
            }
            Kernel::Edges(graph, factor) => {
                let mut equations = ByEdges {
                    large: self,
                    graph,
                    factor,
                };
                by_lanes(&mut equations, &right, targets, limit)
            }
            Kernel::Cells(cells, inverse) => {
                let mut equations = ByCells {
                    large: self,
                    cells,
                    inverse,
                    parts: cells.parts(),
                };
                conjugate::solve(&mut equations, &right, targets, limit)
            }
        }
    }

    /// Subtracts what the small effects take of a product with `x`.
    fn take_border<const M: usize>(&self, x: &[Lanes<M>], out: &mut [Lanes<M>]) {
        if let Some(border) = &self.border {
            let inner = border.invert(&border.gather(x));
            border.subtract(&inner, out);
        }
    }
}

/// The number of edges that the graph will have, about, if it is to be formed.
pub(super) fn edges_to_form(cells: &Cells, method: SparseMethod) -> Option<f64> {
    let joined = cells.weight.iter().filter(|&&weight| weight > 0.0).count() as f64;
    let most = match method {
        SparseMethod::Exact | SparseMethod::Sampled => f64::INFINITY,
        SparseMethod::Cells => return None,
        SparseMethod::Chosen | SparseMethod::Rows => {
            (0.5 * DEGREE * joined).max(cells.len() as f64)
        }
    };
    let pairs = cells.pairs();
    if pairs <= joined {
        return Some(pairs);
    }
    let edges = pairs.min(0.5 * joined * cells.mean_degree());
    (edges <= most).then_some(edges)
}

/// Solves with each half of the right-hand sides on a thread: every right-hand side's bits are its own.
fn by_lanes<const M: usize>(
    equations: &mut ByEdges<'_>,
    right: &[Lanes<M>],
    targets: &[Target; M],
    limit: usize,
) -> Solved<M> {
    let is_active = |lane: &usize| right.iter().any(|value| value[*lane] != 0.0);
    let active: Vec<usize> = (0..M).filter(is_active).collect();
    let half = active.len().div_ceil(2).max(1);
    let equations = &*equations;
    let parts: Vec<Solved<2>> = active
        .par_chunks(half)
        .map(|lanes| {
            let mut own = vec![[0.0; 2]; right.len()];
            let mut goals = [Target::default(); 2];
            for (to, &lane) in lanes.iter().enumerate() {
                goals[to] = targets[lane];
                for (own, value) in own.iter_mut().zip(right) {
                    own[to] = value[lane];
                }
            }
            conjugate::solve(&mut equations.clone(), &own, &goals, limit)
        })
        .collect();
    let mut out = Solved::direct(vec![[0.0; M]; right.len()]);
    for (lanes, part) in active.chunks(half).zip(parts) {
        for (from, &lane) in lanes.iter().enumerate() {
            out.iterations[lane] = part.iterations[from];
            out.residual[lane] = part.residual[from];
            out.reached[lane] = part.reached[from];
            for (own, value) in out.solution.iter_mut().zip(&part.solution) {
                own[lane] = value[from];
            }
        }
    }
    out
}

/// Equations by edges.
#[derive(Clone)]
struct ByEdges<'a> {
    large: &'a Large,
    graph: &'a Graph,
    factor: &'a Sampled,
}

impl<const M: usize> Equations<M> for ByEdges<'_> {
    fn multiply(&mut self, x: &[Lanes<M>], out: &mut [Lanes<M>]) {
        self.graph.multiply(x, out);
        self.large.take_border(x, out);
    }

    fn precondition(&mut self, values: &mut [Lanes<M>]) {
        self.factor.solve(values);
    }

    fn mass(&self) -> &[f64] {
        &self.large.mass
    }
}

/// Equations by cells.
struct ByCells<'a, const M: usize> {
    large: &'a Large,
    cells: &'a Cells,
    inverse: &'a [f64],
    parts: Vec<Vec<Lanes<M>>>,
}

impl<const M: usize> Equations<M> for ByCells<'_, M> {
    fn multiply(&mut self, x: &[Lanes<M>], out: &mut [Lanes<M>]) {
        self.cells.multiply(x, out, &mut self.parts);
        self.large.take_border(x, out);
    }

    fn precondition(&mut self, values: &mut [Lanes<M>]) {
        for (value, scale) in values.iter_mut().zip(self.inverse) {
            value.iter_mut().for_each(|value| *value *= scale);
        }
    }

    fn mass(&self) -> &[f64] {
        &self.large.mass
    }
}
