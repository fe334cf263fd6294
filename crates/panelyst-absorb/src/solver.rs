//! From products of effects with columns to coefficients: the part of the work that never sees rows.

use crate::basis::Basis;
use crate::components::Components;
use crate::cross::Lanes;
use crate::direct::Factor;
use crate::gradients::{self, Diagonal, Limits, Target};
use crate::reduced::Reduced;
use std::sync::OnceLock;

/// With pivots above this, rounding in the level sums moves residuals by less than a thousand times rounding.
const WELL_CONDITIONED: f64 = 1e-6;

/// The normal equations of all effects, prepared for many right-hand sides.
#[derive(Debug)]
pub(crate) struct Solver {
    /// Absent for a single effect, whose normal equations are the identity.
    system: Option<System>,
}

#[derive(Debug)]
struct System {
    reduced: Reduced,
    factor: Option<Factor>,
    well_conditioned: bool,
    /// Preconditioner, for the iteration.
    diagonal: OnceLock<Diagonal>,
}

/// Coefficients: for each column, for each effect, a vector over the effect's columns; and iterations of each column.
pub(crate) type Coefficients = (Vec<Vec<Vec<f64>>>, Vec<usize>);

impl Solver {
    /// Compresses pairs of effects and factors what remains when it has at most `dense_limit` unknowns.
    pub(crate) fn new(bases: &[Basis], weights: Option<&[f64]>, dense_limit: usize) -> Self {
        if bases.len() < 2 {
            return Self { system: None };
        }
        let reduced = Reduced::new(bases, weights);
        let factor = (reduced.unknowns() <= dense_limit)
            .then(|| Factor::semidefinite(&reduced.dense(), reduced.unknowns()));
        let well_conditioned = factor
            .as_ref()
            .is_some_and(|factor| factor.smallest_pivot() >= WELL_CONDITIONED);
        Self {
            system: Some(System {
                reduced,
                factor,
                well_conditioned,
                diagonal: OnceLock::new(),
            }),
        }
    }

    /// Whether the solution is direct.
    pub(crate) fn is_direct(&self) -> bool {
        self.system.as_ref().is_none_or(|s| s.factor.is_some())
    }

    /// Whether level sums at rounding prove the residuals right: the solution is direct and far from singular.
    pub(crate) fn is_well_conditioned(&self) -> bool {
        match &self.system {
            None => true,
            Some(system) => system.well_conditioned,
        }
    }

    /// Solves for the products of each effect with each column (`products[effect][column]`).
    pub(crate) fn solve(
        &self,
        products: &[Vec<Vec<f64>>],
        squares: &[f64],
        limits: Limits,
        iterate: bool,
    ) -> Coefficients {
        let columns = squares.len();
        let Some(system) = &self.system else {
            let solved = products
                .iter()
                .flatten()
                .map(|product| vec![product.clone()])
                .collect();
            return (solved, vec![0; columns]);
        };
        match &system.factor {
            Some(factor) if !iterate => {
                (system.direct(factor, products, columns), vec![0; columns])
            }
            _ => system.iterate(products, squares, limits),
        }
    }
}

/// Which levels are the first of their component.
pub(crate) fn first_levels(graph: &Components, side: &[u32]) -> Vec<bool> {
    let mut seen = vec![false; graph.count];
    side.iter()
        .map(|&component| !std::mem::replace(&mut seen[component as usize], true))
        .collect()
}

impl System {
    fn direct(
        &self,
        factor: &Factor,
        products: &[Vec<Vec<f64>>],
        columns: usize,
    ) -> Vec<Vec<Vec<f64>>> {
        let reduced = &self.reduced;
        let mut rest = Vec::with_capacity(columns);
        for j in 0..columns {
            let mut right = reduced.gather::<1>(products, &[Some(j)]);
            let inner = lanes(&products[reduced.eliminated], &[Some(j)]);
            reduced.onto_rest::<1>(-1.0, &inner, &mut right);
            rest.push(right.into_iter().map(|[value]| value).collect());
        }
        factor.solve(&mut rest);
        rest.into_iter()
            .enumerate()
            .map(|(j, solution)| {
                let solution: Vec<Lanes<1>> = solution.into_iter().map(|value| [value]).collect();
                let mut inner = lanes(&products[reduced.eliminated], &[Some(j)]);
                reduced.onto_eliminated::<1>(-1.0, &solution, &mut inner);
                reduced.scatter(&solution, &inner, 0)
            })
            .collect()
    }

    fn iterate(&self, products: &[Vec<Vec<f64>>], squares: &[f64], limits: Limits) -> Coefficients {
        let (mut solved, mut iterations) = (Vec::new(), Vec::new());
        let mut start = 0;
        while start < squares.len() {
            let left = squares.len() - start;
            let count = match left {
                1 => self.iterate_block::<1>(
                    products,
                    squares,
                    start,
                    limits,
                    &mut solved,
                    &mut iterations,
                ),
                _ => self.iterate_block::<4>(
                    products,
                    squares,
                    start,
                    limits,
                    &mut solved,
                    &mut iterations,
                ),
            };
            start += count;
        }
        (solved, iterations)
    }

    /// Solves for up to `M` columns from `start` and returns how many.
    fn iterate_block<const M: usize>(
        &self,
        products: &[Vec<Vec<f64>>],
        squares: &[f64],
        start: usize,
        limits: Limits,
        solved: &mut Vec<Vec<Vec<f64>>>,
        iterations: &mut Vec<usize>,
    ) -> usize {
        let reduced = &self.reduced;
        let count = M.min(squares.len() - start);
        let mut which = [None; M];
        for (lane, slot) in which.iter_mut().enumerate().take(count) {
            *slot = Some(start + lane);
        }
        let inner = lanes(&products[reduced.eliminated], &which);
        let mut right = reduced.gather(products, &which);
        reduced.onto_rest(-1.0, &inner, &mut right);
        let mut targets = [Target::default(); M];
        for lane in 0..count {
            let column = squares[start + lane];
            let projected: f64 = inner.iter().map(|value| value[lane] * value[lane]).sum();
            targets[lane] = Target {
                square: column - projected,
                column,
            };
        }
        let diagonal = self.diagonal.get_or_init(|| Diagonal::new(reduced));
        let done = gradients::solve(reduced, diagonal, right, &targets, limits);
        let mut inner = inner;
        reduced.onto_eliminated(-1.0, &done.solution, &mut inner);
        for lane in 0..count {
            solved.push(reduced.scatter(&done.solution, &inner, lane));
            iterations.push(done.iterations[lane]);
        }
        count
    }
}

impl Reduced {
    /// Products of the remaining effects as one vector of unknowns.
    fn gather<const M: usize>(
        &self,
        products: &[Vec<Vec<f64>>],
        which: &[Option<usize>; M],
    ) -> Vec<Lanes<M>> {
        self.rest
            .iter()
            .flat_map(|&effect| lanes(&products[effect], which))
            .collect()
    }

    /// Coefficients of one lane by effect.
    fn scatter<const M: usize>(
        &self,
        rest: &[Lanes<M>],
        eliminated: &[Lanes<M>],
        lane: usize,
    ) -> Vec<Vec<f64>> {
        let mut effects = vec![Vec::new(); self.rest.len() + 1];
        effects[self.eliminated] = eliminated.iter().map(|value| value[lane]).collect();
        for (position, &effect) in self.rest.iter().enumerate() {
            effects[effect] = rest[self.offsets[position]..self.offsets[position + 1]]
                .iter()
                .map(|value| value[lane])
                .collect();
        }
        effects
    }
}

/// Columns side by side; lanes without a column are zero.
fn lanes<const M: usize>(columns: &[Vec<f64>], which: &[Option<usize>; M]) -> Vec<Lanes<M>> {
    let mut all = vec![[0.0; M]; columns.first().map_or(0, Vec::len)];
    for (lane, column) in which.iter().enumerate() {
        if let Some(column) = column {
            for (target, value) in all.iter_mut().zip(&columns[*column]) {
                target[lane] = *value;
            }
        }
    }
    all
}
