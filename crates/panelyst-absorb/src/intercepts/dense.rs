//! The normal equations of the effects beside the leading one, as a dense matrix, when they are few.

use super::layout::Layout;
use crate::components::Forest;
use crate::cross::Lanes;
use crate::direct::Factor;
use rayon::prelude::*;
use std::ops::Range;

/// Numbers that the tasks' matrices may hold together.
const ROOM: usize = 1 << 22;

/// A smallest pivot below this after one level of every component was fixed: more is redundant than pairs of effects show.
const REDUNDANT: f64 = 1e-10;

/// Factored equations, scaled to a unit diagonal.
#[derive(Debug)]
pub(super) struct Dense {
    factor: Factor,
    /// One over the root of each unknown's weight.
    scale: Vec<f64>,
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

    /// Forms and factors the equations of the effects at some positions beside the leading one; `mass` is the weight of
    /// each of their levels.
    pub(super) fn new(layout: &Layout, mass: &[f64], positions: Range<usize>) -> Self {
        let size = mass.len();
        let width = positions.len();
        let mut matrix = if width == layout.rest.len() {
            form(layout, &layout.unknowns, width, size)
        } else {
            let offset = layout.offsets[positions.start] as u32;
            let own: Vec<u32> = layout
                .unknowns
                .chunks_exact(layout.rest.len())
                .flat_map(|all| all[positions.clone()].iter().map(|u| u - offset))
                .collect();
            form(layout, &own, width, size)
        };
        let scale: Vec<f64> = mass.iter().map(|mass| 1.0 / mass.sqrt()).collect();
        for row in 0..size {
            for column in 0..=row {
                let value = matrix[row * size + column] * scale[row] * scale[column];
                matrix[row * size + column] = value;
                matrix[column * size + row] = value;
            }
        }
        let first = layout.offsets[positions.start];
        let grounded: Vec<bool> = layout.offsets[positions.start..=positions.end]
            .windows(2)
            .flat_map(|pair| first_of_components(&matrix, size, pair[0] - first..pair[1] - first))
            .collect();
        let factor = match Factor::definite(&matrix, size, &grounded) {
            Ok(factor) if width == 1 || factor.smallest_pivot() > REDUNDANT => factor,
            _ => Factor::semidefinite(&matrix, size),
        };
        Self { factor, scale }
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
