//! Preconditioned conjugate gradients on the equations of the effects beside the leading one.
//!
//! Each right-hand side keeps its own recurrence (Hestenes and Stiefel 1952), so its bits do not depend on which others
//! run beside it. It stops by an estimate of the error in the energy norm, which is the norm of the error of the
//! residualised column itself: the coming decreases of the energy, read off the last ones (Strakos and Tichy 2002, "On
//! error estimation in the conjugate gradient method and why it works in finite precision computations", section 3).

use crate::cross::Lanes;
use crate::lanes::{CHUNK, dot, weighted_square};
use rayon::prelude::*;

/// A residual this small beside the column is rounding of the level sums: steps along it would be noise.
const NOISE: f64 = 16.0 * f64::EPSILON;

/// A direction whose curvature is below this share of its size lies in the null space (the effects' redundancy).
const FLAT: f64 = 1e-13;

/// Iterations over which the decrease of the energy is watched at least.
const WINDOW: usize = 3;

/// Symmetric positive semidefinite equations with a preconditioner.
pub(super) trait Equations<const M: usize> {
    /// The product with a vector.
    fn multiply(&mut self, x: &[Lanes<M>], out: &mut [Lanes<M>]);

    /// Applies the preconditioner in place.
    fn precondition(&mut self, values: &mut [Lanes<M>]);

    /// Weight of each unknown.
    fn mass(&self) -> &[f64];
}

/// What stops one right-hand side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target {
    /// Error that is allowed in the residualised column, relative to its norm.
    pub(super) allowed: f64,
    /// Square of the norm of what the leading effect leaves of the column.
    pub(super) left: f64,
    /// Square of the column's norm, against which rounding is judged.
    pub(super) column: f64,
}

/// Solution of each right-hand side and how it was reached.
pub(super) struct Solved<const M: usize> {
    pub(super) solution: Vec<Lanes<M>>,
    pub(super) iterations: [usize; M],
    /// Squared norm of the residual that the recurrence ended with, by unknown over the unknown's weight.
    pub(super) residual: Lanes<M>,
    /// Whether the error is estimated to be as small as allowed.
    pub(super) reached: [bool; M],
}

impl<const M: usize> Solved<M> {
    /// A solution that took no iteration.
    pub(super) fn direct(solution: Vec<Lanes<M>>) -> Self {
        Self {
            solution,
            iterations: [0; M],
            residual: [0.0; M],
            reached: [true; M],
        }
    }
}

/// Solves `S x = right` from zero in at most `limit` iterations; right-hand sides that are zero cost nothing.
pub(super) fn solve<const M: usize>(
    equations: &mut impl Equations<M>,
    right: &[Lanes<M>],
    targets: &[Target; M],
    limit: usize,
) -> Solved<M> {
    let mut solution = vec![[0.0; M]; right.len()];
    let mut residual = right.to_vec();
    let mut direction = residual.clone();
    equations.precondition(&mut direction);
    let mut product = vec![[0.0; M]; right.len()];
    let mut conditioned = product.clone();
    let mut rho = dot(&residual, &direction);
    let mut active = [false; M];
    let mut reached = [true; M];
    for lane in 0..M {
        active[lane] = rho[lane] > NOISE * NOISE * targets[lane].column;
        reached[lane] = !active[lane];
    }
    let mut iterations = [0; M];
    let mut decreases: Vec<Lanes<M>> = Vec::new();
    let mut energy = [0.0; M];
    for iteration in 1..=limit {
        if !active.contains(&true) {
            break;
        }
        equations.multiply(&direction, &mut product);
        let curvature = dot(&direction, &product);
        let size = weighted_square(&direction, equations.mass(), |mass| mass);
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
                reached[lane] = true;
            }
        }
        advance(&mut solution, &direction, &step, 1.0);
        advance(&mut residual, &product, &step, -1.0);
        conditioned.copy_from_slice(&residual);
        equations.precondition(&mut conditioned);
        let new_rho = dot(&residual, &conditioned);
        let mut decrease = [0.0; M];
        let mut turn = [0.0; M];
        for lane in 0..M {
            decrease[lane] = step[lane] * rho[lane];
        }
        decreases.push(decrease);
        for lane in 0..M {
            if !active[lane] {
                continue;
            }
            turn[lane] = new_rho[lane] / rho[lane];
            let target = &targets[lane];
            energy[lane] += decrease[lane];
            let left = (target.left - energy[lane]).max(1e-14 * target.column);
            let allowed = target.allowed * target.allowed * left;
            let noise = new_rho[lane] <= NOISE * NOISE * target.column;
            if noise || error_left(&decreases, lane) <= allowed {
                active[lane] = false;
                reached[lane] = true;
            }
        }
        rho = new_rho;
        direction
            .par_chunks_mut(CHUNK)
            .zip(conditioned.par_chunks(CHUNK))
            .for_each(|(direction, conditioned)| {
                for (direction, conditioned) in direction.iter_mut().zip(conditioned) {
                    for lane in 0..M {
                        direction[lane] = conditioned[lane] + turn[lane] * direction[lane];
                    }
                }
            });
    }
    Solved {
        residual: weighted_square(&residual, equations.mass(), |mass| 1.0 / mass),
        solution,
        iterations,
        reached,
    }
}

/// Estimate of the squared error left, from the decreases of the energy so far.
///
/// The decreases fall by about the same factor each, once the iteration has settled: the slowest factor of the last
/// ones gives the sum of those to come. Before it has settled, or where it falls slowly, the window is longer.
fn error_left<const M: usize>(decreases: &[Lanes<M>], lane: usize) -> f64 {
    let count = decreases.len();
    let window = WINDOW.max(count / 8);
    if count <= window {
        return f64::INFINITY;
    }
    let last = decreases[count - 1][lane];
    let first = decreases[count - 1 - window][lane];
    if last <= 0.0 || first <= 0.0 {
        return last.max(0.0);
    }
    let pairs = decreases[count - 1 - window..].windows(2);
    let slowest = pairs
        .map(|pair| pair[1][lane] / pair[0][lane])
        .fold(0.0, f64::max);
    let factor = slowest.min((last / first).powf(1.0 / window as f64).max(0.9));
    if factor >= 1.0 {
        return f64::INFINITY;
    }
    last * factor / (1.0 - factor)
}

/// `vector += sign * step * by`, lane by lane.
fn advance<const M: usize>(vector: &mut [Lanes<M>], by: &[Lanes<M>], step: &Lanes<M>, sign: f64) {
    vector
        .par_chunks_mut(CHUNK)
        .zip(by.par_chunks(CHUNK))
        .for_each(|(vector, by)| {
            for (value, by) in vector.iter_mut().zip(by) {
                for lane in 0..M {
                    value[lane] += sign * step[lane] * by[lane];
                }
            }
        });
}
