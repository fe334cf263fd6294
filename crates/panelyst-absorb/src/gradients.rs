//! Preconditioned conjugate gradients on the reduced normal equations, several right-hand sides at once.
//!
//! Each right-hand side keeps its own recurrence (Hestenes and Stiefel 1952), so its bits do not depend on which others
//! run beside it; the matrix is read once an iteration for all of them. The iteration stops by an estimate of the error
//! in the energy norm, which is the norm of the error of the residualised column itself: the sum of the last decreases
//! of the energy (Strakos and Tichy 2002, "On error estimation in the conjugate gradient method and why it works in finite
//! precision computations", section 3).

use crate::cross::Lanes;
use crate::lanes::{CHUNK, combine, dot, weighted_square};
use crate::reduced::Reduced;
use rayon::prelude::*;

/// A pivot below this share of an effect's own column is rounding: the column lies in the eliminated effect.
const DEPENDENT: f64 = 1e-13;

/// A residual this small beside the column is rounding of the level sums: steps along it would be noise.
const NOISE: f64 = 16.0 * f64::EPSILON;

/// A direction whose curvature is below this share of its size lies in the null space (the effects' redundancy).
const FLAT: f64 = 1e-13;

/// Diagonal preconditioner.
#[derive(Clone, Debug)]
pub(crate) struct Diagonal {
    value: Vec<f64>,
    /// Zero where a column depends on the eliminated effect alone.
    inverse: Vec<f64>,
}

impl Diagonal {
    /// Diagonal of the Schur complement.
    pub(crate) fn new(system: &Reduced) -> Self {
        let value = system.diagonal();
        let inverse = value
            .iter()
            .map(|&d| if d > DEPENDENT { 1.0 / d } else { 0.0 })
            .collect();
        Self { value, inverse }
    }
}

/// What stops one right-hand side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Target {
    /// Square of the column's norm less that of its projection on the eliminated effect.
    pub(crate) square: f64,
    /// Square of the column's norm.
    pub(crate) column: f64,
}

/// Limits of the iteration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Error of the residualised column relative to its norm.
    pub(crate) tolerance: f64,
    /// Iterations at most.
    pub(crate) iterations: usize,
}

/// Solution and iterations of each right-hand side.
pub(crate) struct Solved<const M: usize> {
    pub(crate) solution: Vec<Lanes<M>>,
    pub(crate) iterations: [usize; M],
}

/// Solves `S x = right` from zero. Right-hand sides that do not converge are returned as they are: the caller measures
/// what remains in the rows.
pub(crate) fn solve<const M: usize>(
    system: &Reduced,
    diagonal: &Diagonal,
    right: Vec<Lanes<M>>,
    targets: &[Target; M],
    limits: Limits,
) -> Solved<M> {
    let n = right.len();
    let inverse = &diagonal.inverse[..];
    let mut solution = vec![[0.0; M]; n];
    let mut residual = right;
    let mut direction: Vec<Lanes<M>> = residual
        .par_iter()
        .with_min_len(CHUNK)
        .zip(inverse)
        .map(|(r, &scale)| r.map(|value| value * scale))
        .collect();
    let mut product = vec![[0.0; M]; n];
    let mut inner = vec![[0.0; M]; system.eliminated_unknowns()];
    let mut rho = dot(&residual, &direction);
    let mut energy = [0.0; M];
    let mut decreases: Vec<Lanes<M>> = Vec::new();
    let mut active = [false; M];
    for lane in 0..M {
        active[lane] = rho[lane] > NOISE * NOISE * targets[lane].column;
    }
    let mut iterations = [0; M];
    for iteration in 1..=limits.iterations {
        if !active.contains(&true) {
            break;
        }
        system.multiply(&direction, &mut inner, &mut product);
        let curvature = dot(&direction, &product);
        let size = weighted_square(&direction, &diagonal.value, |value| value);
        let mut step = [0.0; M];
        for lane in 0..M {
            if !active[lane] {
                continue;
            }
            if curvature[lane] > FLAT * size[lane] {
                step[lane] = rho[lane] / curvature[lane];
                iterations[lane] = iteration;
            } else {
                active[lane] = false;
            }
        }
        let new_rho = advance(
            &mut solution,
            &mut residual,
            &direction,
            &product,
            inverse,
            &step,
        );
        let mut decrease = [0.0; M];
        for lane in 0..M {
            decrease[lane] = step[lane] * rho[lane];
            energy[lane] += decrease[lane];
        }
        decreases.push(decrease);
        // Slow iterations decrease slowly, so the window of the estimate grows with them.
        let window = 4.max(iteration / 4);
        let mut turn = [0.0; M];
        for lane in 0..M {
            if !active[lane] {
                continue;
            }
            turn[lane] = new_rho[lane] / rho[lane];
            let left = (targets[lane].square - energy[lane]).max(1e-14 * targets[lane].column);
            let goal = limits.tolerance * limits.tolerance * left;
            let recent: f64 = decreases
                .iter()
                .rev()
                .take(window)
                .map(|decrease| decrease[lane])
                .sum();
            let noise = NOISE * NOISE * targets[lane].column;
            if new_rho[lane] <= noise || (iteration > window && recent <= goal) {
                active[lane] = false;
            }
        }
        rho = new_rho;
        direction
            .par_iter_mut()
            .with_min_len(CHUNK)
            .zip(&residual)
            .zip(inverse)
            .for_each(|((direction, residual), &scale)| {
                for lane in 0..M {
                    direction[lane] = scale * residual[lane] + turn[lane] * direction[lane];
                }
            });
    }
    Solved {
        solution,
        iterations,
    }
}

/// Steps along the directions and returns the new squared residual norms under the preconditioner.
fn advance<const M: usize>(
    solution: &mut [Lanes<M>],
    residual: &mut [Lanes<M>],
    direction: &[Lanes<M>],
    product: &[Lanes<M>],
    inverse: &[f64],
    step: &Lanes<M>,
) -> Lanes<M> {
    let partial: Vec<Lanes<M>> = solution
        .par_chunks_mut(CHUNK)
        .zip(residual.par_chunks_mut(CHUNK))
        .enumerate()
        .map(|(chunk, (solution, residual))| {
            let start = chunk * CHUNK;
            let mut sum = [0.0; M];
            for i in 0..solution.len() {
                for lane in 0..M {
                    solution[i][lane] += step[lane] * direction[start + i][lane];
                    residual[i][lane] -= step[lane] * product[start + i][lane];
                    sum[lane] += residual[i][lane] * residual[i][lane] * inverse[start + i];
                }
            }
            sum
        })
        .collect();
    combine(&partial)
}
