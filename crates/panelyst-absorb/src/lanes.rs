//! Sums over vectors of several right-hand sides, in fixed chunks combined in order.

use crate::cross::Lanes;
use rayon::prelude::*;

/// Elements of one chunk of a vector operation.
pub(crate) const CHUNK: usize = 8_192;

/// Products summed, lane by lane.
pub(crate) fn dot<const M: usize>(left: &[Lanes<M>], right: &[Lanes<M>]) -> Lanes<M> {
    let partial: Vec<Lanes<M>> = left
        .par_chunks(CHUNK)
        .zip(right.par_chunks(CHUNK))
        .map(|(left, right)| {
            let mut sum = [0.0; M];
            for (l, r) in left.iter().zip(right) {
                for lane in 0..M {
                    sum[lane] += l[lane] * r[lane];
                }
            }
            sum
        })
        .collect();
    combine(&partial)
}

/// Sum of squares, each times a function of the element's weight.
pub(crate) fn weighted_square<const M: usize>(
    vector: &[Lanes<M>],
    mass: &[f64],
    factor: impl Fn(f64) -> f64 + Sync,
) -> Lanes<M> {
    let partial: Vec<Lanes<M>> = vector
        .par_chunks(CHUNK)
        .zip(mass.par_chunks(CHUNK))
        .map(|(vector, mass)| {
            let mut sum = [0.0; M];
            for (v, &mass) in vector.iter().zip(mass) {
                let factor = factor(mass);
                for lane in 0..M {
                    sum[lane] += v[lane] * v[lane] * factor;
                }
            }
            sum
        })
        .collect();
    combine(&partial)
}

/// Partial sums added in order.
pub(crate) fn combine<const M: usize>(partial: &[Lanes<M>]) -> Lanes<M> {
    let mut sum = [0.0; M];
    for piece in partial {
        for lane in 0..M {
            sum[lane] += piece[lane];
        }
    }
    sum
}
