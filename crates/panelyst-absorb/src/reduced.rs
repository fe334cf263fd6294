//! The normal equations of several effects, one of them eliminated.
//!
//! With each effect orthonormal by itself the normal equations are `G = I + C`, where `C` holds the cross-products of
//! pairs of effects. Eliminating effect `e` leaves the Schur complement `S = G_rr - C_re C_er` in the others: as in a
//! block Gauss elimination, `S a_r = b_r - C_re b_e` and then `a_e = b_e - C_er a_r`.

use crate::basis::Basis;
use crate::cross::{Cross, Lanes};
use crate::scan::CHUNK_LEVELS;
use rayon::prelude::*;

/// Cross-products of all pairs of effects and which effect is eliminated.
#[derive(Clone, Debug)]
pub(crate) struct Reduced {
    /// The effect that is eliminated: the one with most columns.
    pub(crate) eliminated: usize,
    /// The effects that remain.
    pub(crate) rest: Vec<usize>,
    /// Where each remaining effect begins among the unknowns, and the end.
    pub(crate) offsets: Vec<usize>,
    /// Number of columns of each effect over all levels.
    sizes: Vec<usize>,
    /// Columns of each level of each effect.
    widths: Vec<usize>,
    /// `crosses[e][f]` for each pair of different effects.
    crosses: Vec<Vec<Option<Cross>>>,
}

impl Reduced {
    /// Compresses all pairs of effects.
    pub(crate) fn new(bases: &[Basis], weights: Option<&[f64]>) -> Self {
        let sizes: Vec<usize> = bases.iter().map(Basis::len).collect();
        let mut eliminated = 0;
        for (effect, &size) in sizes.iter().enumerate() {
            if size > sizes[eliminated] {
                eliminated = effect;
            }
        }
        let rest: Vec<usize> = (0..bases.len()).filter(|&e| e != eliminated).collect();
        let mut offsets = vec![0];
        for &effect in &rest {
            offsets.push(offsets[offsets.len() - 1] + sizes[effect]);
        }
        let mut crosses = vec![vec![None; bases.len()]; bases.len()];
        // The larger effect's levels hold few rows each, so its order is the one to sort within.
        let mut by_size: Vec<usize> = (0..bases.len()).collect();
        by_size.sort_by_key(|&effect| std::cmp::Reverse(bases[effect].levels()));
        for (position, &e) in by_size.iter().enumerate() {
            if position + 1 == by_size.len() {
                break;
            }
            let order = bases[e].grouping.order();
            for &f in &by_size[position + 1..] {
                let cross = Cross::new(&bases[e], &bases[f], &order, weights);
                crosses[f][e] = Some(cross.transpose(bases[f].levels()));
                crosses[e][f] = Some(cross);
            }
        }
        Self {
            eliminated,
            rest,
            offsets,
            sizes,
            widths: bases.iter().map(Basis::width).collect(),
            crosses,
        }
    }

    /// Number of unknowns that remain.
    pub(crate) fn unknowns(&self) -> usize {
        self.offsets[self.rest.len()]
    }

    /// Number of unknowns that are eliminated.
    pub(crate) fn eliminated_unknowns(&self) -> usize {
        self.sizes[self.eliminated]
    }

    /// Cross-products of two different effects.
    pub(crate) fn cross(&self, e: usize, f: usize) -> Option<&Cross> {
        self.crosses[e][f].as_ref()
    }

    /// Adds `sign C_er input` to `output`, a vector over the eliminated effect.
    pub(crate) fn onto_eliminated<const M: usize>(
        &self,
        sign: f64,
        input: &[Lanes<M>],
        output: &mut [Lanes<M>],
    ) {
        let step = CHUNK_LEVELS * self.widths[self.eliminated];
        output
            .par_chunks_mut(step)
            .enumerate()
            .for_each(|(chunk, output)| {
                for (position, &f) in self.rest.iter().enumerate() {
                    if let Some(cross) = self.cross(self.eliminated, f) {
                        let source = &input[self.offsets[position]..self.offsets[position + 1]];
                        cross.accumulate(sign, source, chunk * CHUNK_LEVELS, output);
                    }
                }
            });
    }

    /// Adds `sign C_re input` to `output`, where `input` is a vector over the eliminated effect.
    pub(crate) fn onto_rest<const M: usize>(
        &self,
        sign: f64,
        input: &[Lanes<M>],
        output: &mut [Lanes<M>],
    ) {
        for (position, &f) in self.rest.iter().enumerate() {
            let target = &mut output[self.offsets[position]..self.offsets[position + 1]];
            let step = CHUNK_LEVELS * self.widths[f];
            if let Some(cross) = self.cross(f, self.eliminated) {
                target
                    .par_chunks_mut(step)
                    .enumerate()
                    .for_each(|(chunk, target)| {
                        cross.accumulate(sign, input, chunk * CHUNK_LEVELS, target);
                    });
            }
        }
    }

    /// `output = S input`; `inner` is room for a vector over the eliminated effect.
    pub(crate) fn multiply<const M: usize>(
        &self,
        input: &[Lanes<M>],
        inner: &mut [Lanes<M>],
        output: &mut [Lanes<M>],
    ) {
        inner
            .par_chunks_mut(CHUNK_LEVELS)
            .for_each(|piece| piece.fill([0.0; M]));
        self.onto_eliminated(1.0, input, inner);
        output.copy_from_slice(input);
        for (position, &f) in self.rest.iter().enumerate() {
            for (other, &g) in self.rest.iter().enumerate() {
                let Some(cross) = self.cross(f, g) else {
                    continue;
                };
                let source = &input[self.offsets[other]..self.offsets[other + 1]];
                output[self.offsets[position]..self.offsets[position + 1]]
                    .par_chunks_mut(CHUNK_LEVELS * self.widths[f])
                    .enumerate()
                    .for_each(|(chunk, target)| {
                        cross.accumulate(1.0, source, chunk * CHUNK_LEVELS, target);
                    });
            }
        }
        self.onto_rest(-1.0, inner, output);
    }

    /// Diagonal of the Schur complement.
    pub(crate) fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![1.0; self.unknowns()];
        for (position, &f) in self.rest.iter().enumerate() {
            let Some(cross) = self.cross(f, self.eliminated) else {
                continue;
            };
            diagonal[self.offsets[position]..self.offsets[position + 1]]
                .par_iter_mut()
                .enumerate()
                .with_min_len(CHUNK_LEVELS)
                .for_each(|(row, value)| {
                    let mut square = 0.0;
                    cross.each_in_row(row, |_, c| square += c * c);
                    *value -= square;
                });
        }
        diagonal
    }

    /// The Schur complement as a dense matrix, by rows.
    pub(crate) fn dense(&self) -> Vec<f64> {
        let n = self.unknowns();
        let mut matrix = vec![0.0; n * n];
        for (position, &f) in self.rest.iter().enumerate() {
            let (start, end) = (self.offsets[position], self.offsets[position + 1]);
            matrix[start * n..end * n]
                .par_chunks_mut(n)
                .enumerate()
                .for_each(|(row, target)| {
                    target[start + row] = 1.0;
                    for (other, &g) in self.rest.iter().enumerate() {
                        if let Some(cross) = self.cross(f, g) {
                            let target = &mut target[self.offsets[other]..];
                            cross.each_in_row(row, |column, value| target[column] += value);
                        }
                    }
                    let Some(to) = self.cross(f, self.eliminated) else {
                        return;
                    };
                    for (other, &g) in self.rest.iter().enumerate() {
                        if let Some(back) = self.cross(self.eliminated, g) {
                            let target = &mut target[self.offsets[other]..];
                            to.each_in_row(row, |inner, left| {
                                back.each_in_row(inner, |column, right| {
                                    target[column] -= left * right;
                                });
                            });
                        }
                    }
                });
        }
        matrix
    }
}
