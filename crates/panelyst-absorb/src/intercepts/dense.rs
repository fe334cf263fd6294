//! The normal equations of the effects beside the leading one, as a dense matrix, when they are few.

use super::layout::Layout;
use crate::components::Forest;
use crate::cross::Lanes;
use crate::direct::Factor;
use crate::scan::CHUNK_ROWS;
use rayon::prelude::*;
use std::ops::Range;

/// Numbers that the tasks' matrices may hold together.
const ROOM: usize = 1 << 22;

/// A smallest pivot below this after one level of every component was fixed: more is redundant than pairs of effects show.
const REDUNDANT: f64 = 1e-10;

/// Equations of at most so many unknowns are kept beside their factor.
const KEPT: usize = 256;

/// Factored equations, scaled to a unit diagonal.
#[derive(Debug)]
pub(super) struct Dense {
    factor: Factor,
    /// One over the root of each unknown's weight.
    scale: Vec<f64>,
    /// Unknowns that are fixed: the first of each component.
    grounded: Vec<bool>,
    /// The scaled equations, while they are few.
    matrix: Vec<f64>,
}

impl Dense {
    /// Multiplications that forming the matrix of the effects at some positions takes, at most.
    pub(super) fn cost(layout: &Layout, positions: &Range<usize>) -> f64 {
        let size = layout.offsets[positions.end] - layout.offsets[positions.start];
        let pairs = |level: usize| {
            let own = (layout.places(level).len() * positions.len()).min(size) as f64;
            0.5 * own * own
        };
        (0..layout.levels()).map(pairs).sum()
    }

    /// Forms and factors the equations of the effects at neighbouring positions beside the leading one.
    pub(super) fn new(layout: &Layout, mass: &[f64], positions: Range<usize>) -> Self {
        Self::of(layout, mass, &positions.collect::<Vec<_>>())
    }

    /// Forms and factors the equations of the effects at some positions beside the leading one, ascending; `mass` is the
    /// weight of each unknown.
    pub(super) fn of(layout: &Layout, mass: &[f64], positions: &[usize]) -> Self {
        let width = positions.len();
        // Unknowns of these effects, numbered one after the other.
        let mut offsets = vec![0];
        let mut scale = Vec::new();
        for &position in positions {
            let range = layout.offsets[position]..layout.offsets[position + 1];
            offsets.push(offsets[offsets.len() - 1] + range.len());
            scale.extend(mass[range].iter().map(|mass| 1.0 / mass.sqrt()));
        }
        let size = scale.len();
        let matrix = if width == layout.rest.len() {
            form(layout, &layout.unknowns, width, size)
        } else {
            let shifts: Vec<u32> = (0..width)
                .map(|index| (layout.offsets[positions[index]] - offsets[index]) as u32)
                .collect();
            let mut own = vec![0u32; layout.rows * width];
            own.par_chunks_mut(CHUNK_ROWS * width)
                .zip(layout.unknowns.par_chunks(CHUNK_ROWS * layout.rest.len()))
                .for_each(|(own, all)| {
                    let all = all.chunks_exact(layout.rest.len());
                    for (own, all) in own.chunks_exact_mut(width).zip(all) {
                        for index in 0..width {
                            own[index] = all[positions[index]] - shifts[index];
                        }
                    }
                });
            form(layout, &own, width, size)
        };
        Self::factored(matrix, scale, &offsets)
    }

    /// Factors equations given by their lower triangle (by rows); `scale` is one over the root of each unknown's weight,
    /// `offsets` the first unknown of each effect, and the end.
    fn factored(mut matrix: Vec<f64>, scale: Vec<f64>, offsets: &[usize]) -> Self {
        let size = scale.len();
        for row in 0..size {
            for column in 0..=row {
                let value = matrix[row * size + column] * scale[row] * scale[column];
                matrix[row * size + column] = value;
                matrix[column * size + row] = value;
            }
        }
        let effects = offsets.windows(2);
        let grounded: Vec<bool> = effects
            .flat_map(|pair| first_of_components(&matrix, size, pair[0]..pair[1]))
            .collect();
        let mut out = Self {
            factor: factor(&matrix, size, &grounded, offsets.len() == 2),
            scale,
            grounded,
            matrix: Vec::new(),
        };
        if size <= KEPT {
            out.matrix = matrix;
        }
        out
    }

    /// The equations less `taken` (by rows), which some other effect takes from them.
    pub(super) fn less(&self, taken: &[f64]) -> Self {
        let size = self.scale.len();
        let mut matrix = self.matrix.clone();
        for row in 0..size {
            for column in 0..size {
                // Both triangles by the same rounding.
                let both = 0.5 * (taken[row * size + column] + taken[column * size + row]);
                matrix[row * size + column] -= both * self.scale[row] * self.scale[column];
            }
        }
        Self {
            factor: factor(&matrix, size, &self.grounded, false),
            scale: self.scale.clone(),
            grounded: self.grounded.clone(),
            matrix,
        }
    }

    /// The generalised inverse, by rows.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let size = self.scale.len();
        let mut columns: Vec<Vec<f64>> = (0..size)
            .map(|k| {
                let mut column = vec![0.0; size];
                column[k] = self.scale[k];
                column
            })
            .collect();
        self.factor.solve(&mut columns);
        let at = |row: usize, column: usize| columns[column][row] * self.scale[row];
        let mut inverse = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..size {
                inverse[row * size + column] = 0.5 * (at(row, column) + at(column, row));
            }
        }
        inverse
    }

    /// Smallest pivot.
    pub(super) fn smallest_pivot(&self) -> f64 {
        self.factor.smallest_pivot()
    }

    /// Solves in place for several right-hand sides.
    pub(super) fn solve<const M: usize>(&self, values: &mut [Lanes<M>]) {
        let mut columns: Vec<Vec<f64>> = (0..M)
            .map(|lane| {
                let own = values.iter().zip(&self.scale);
                own.map(|(value, scale)| value[lane] * scale).collect()
            })
            .collect();
        self.factor.solve(&mut columns);
        for (lane, column) in columns.iter().enumerate() {
            for ((value, solved), scale) in values.iter_mut().zip(column).zip(&self.scale) {
                value[lane] = solved * scale;
            }
        }
    }
}

/// Factors scaled equations with some unknowns fixed, or with pivoting where more is redundant.
fn factor(matrix: &[f64], size: usize, grounded: &[bool], single: bool) -> Factor {
    match Factor::definite(matrix, size, grounded) {
        Ok(factor) if single || factor.smallest_pivot() > REDUNDANT => factor,
        _ => Factor::semidefinite(matrix, size),
    }
}

/// `sum over rows w u u' - sum over groups z z' / w`, where `u` marks the unknowns of a row and `z` sums `w u` in a group:
/// the lower triangle, by rows.
fn form(layout: &Layout, unknowns: &[u32], width: usize, size: usize) -> Vec<f64> {
    let square = size * size;
    let tasks = (ROOM / square.max(1)).clamp(2, layout.chunks.len().max(2));
    let step = layout.chunks.len().div_ceil(tasks);
    let ranges: Vec<_> = layout.chunks.chunks(step.max(1)).collect();
    let parts: Vec<Vec<f64>> = ranges
        .into_par_iter()
        .map(|chunks| {
            let mut part = Part {
                matrix: vec![0.0; square],
                size,
                sums: vec![0.0; size],
                seen: Vec::new(),
            };
            // Groups with the same unknowns row by row, as in a balanced panel, are counted and entered once.
            let (mut pattern, mut mass, mut repeats): (&[u32], f64, f64) = (&[], 1.0, 0.0);
            for level in chunks.iter().flat_map(Clone::clone) {
                let places = layout.places(level);
                let unknowns = &unknowns[places.start * width..places.end * width];
                match &layout.weights {
                    None if unknowns == pattern => repeats += 1.0,
                    None => {
                        part.enter(pattern, width, None, mass, repeats);
                        (pattern, mass, repeats) = (unknowns, layout.mass[level], 1.0);
                    }
                    Some(weights) => {
                        let weights = Some(&weights[places]);
                        part.enter(unknowns, width, weights, layout.mass[level], 1.0);
                    }
                }
            }
            part.enter(pattern, width, None, mass, repeats);
            part.matrix
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        for (total, part) in total.iter_mut().zip(&part) {
            *total += part;
        }
    }
    total
}

/// Marks the first unknown of each component among those of one effect, which are joined where they share a group.
fn first_of_components(matrix: &[f64], size: usize, range: Range<usize>) -> Vec<bool> {
    let mut forest = Forest::new(range.len());
    for row in range.clone() {
        for column in range.start..row {
            if matrix[row * size + column] != 0.0 {
                forest.join((row - range.start) as u32, (column - range.start) as u32);
            }
        }
    }
    forest.firsts()
}

/// One task's share of the matrix.
struct Part {
    matrix: Vec<f64>,
    size: usize,
    /// Weight of each unknown in the group at hand; zero elsewhere.
    sums: Vec<f64>,
    /// Unknowns of the group at hand.
    seen: Vec<u32>,
}

impl Part {
    /// Enters a group `repeats` times.
    fn enter(
        &mut self,
        unknowns: &[u32],
        width: usize,
        weights: Option<&[f64]>,
        mass: f64,
        repeats: f64,
    ) {
        if repeats == 0.0 {
            return;
        }
        for (offset, own) in unknowns.chunks_exact(width).enumerate() {
            let weight = weights.map_or(1.0, |w| w[offset]);
            for (index, &a) in own.iter().enumerate() {
                let a = a as usize;
                if self.sums[a] == 0.0 {
                    self.seen.push(a as u32);
                }
                self.sums[a] += weight;
                // Later effects have larger unknowns, so this is the lower triangle.
                for &b in &own[..=index] {
                    self.matrix[a * self.size + b as usize] += repeats * weight;
                }
            }
        }
        self.seen.sort_unstable();
        for (index, &a) in self.seen.iter().enumerate() {
            let a = a as usize;
            let factor = repeats * self.sums[a] / mass;
            let row = &mut self.matrix[a * self.size..(a + 1) * self.size];
            for &b in &self.seen[..=index] {
                row[b as usize] -= factor * self.sums[b as usize];
            }
        }
        for &unknown in &self.seen {
            self.sums[unknown as usize] = 0.0;
        }
        self.seen.clear();
    }
}
