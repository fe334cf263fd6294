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
        let size = positions
            .iter()
            .map(|&p| layout.offsets[p + 1] - layout.offsets[p]);
        let matrix = form(&Chosen::new(layout, positions), size.sum());
        Self::from_triangle(layout, mass, positions, matrix)
    }

    /// Factors the equations of such effects, of which the lower triangle is given by rows.
    pub(super) fn from_triangle(
        layout: &Layout,
        mass: &[f64],
        positions: &[usize],
        matrix: Vec<f64>,
    ) -> Self {
        // Unknowns of these effects, numbered one after the other.
        let mut offsets = vec![0];
        let mut scale = Vec::new();
        for &position in positions {
            let range = layout.offsets[position]..layout.offsets[position + 1];
            offsets.push(offsets[offsets.len() - 1] + range.len());
            scale.extend(mass[range].iter().map(|mass| 1.0 / mass.sqrt()));
        }
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

/// Unknowns of some effects, numbered one after the other.
pub(super) struct Chosen<'a> {
    layout: &'a Layout,
    positions: &'a [usize],
    /// What is taken from an unknown among all to get its number, for each effect.
    shifts: Vec<usize>,
}

impl<'a> Chosen<'a> {
    /// Effects at some positions beside the leading one, ascending.
    pub(super) fn new(layout: &'a Layout, positions: &'a [usize]) -> Self {
        let mut first = 0;
        let mut shifts = Vec::with_capacity(positions.len());
        for &position in positions {
            shifts.push(layout.offsets[position] - first);
            first += layout.offsets[position + 1] - layout.offsets[position];
        }
        Self {
            layout,
            positions,
            shifts,
        }
    }

    /// Number of effects.
    pub(super) fn effects(&self) -> usize {
        self.positions.len()
    }

    /// The numbers at a place, ascending.
    pub(super) fn at(&self, place: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        self.of(self.layout.at(place))
    }

    /// The numbers among all unknowns of a place, ascending.
    pub(super) fn of<'b>(&'b self, all: &'b [u32]) -> impl Iterator<Item = usize> + Clone + 'b {
        let own = self.positions.iter().zip(&self.shifts);
        own.map(move |(&position, shift)| all[position] as usize - shift)
    }

    /// Whether places have the same unknowns one by one.
    pub(super) fn are_equal(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
        let (layout, width) = (self.layout, self.layout.rest.len());
        if first.len() != second.len() {
            return false;
        }
        if self.positions.len() == width {
            return layout.unknowns_of(first) == layout.unknowns_of(second);
        }
        let rows = |places| layout.unknowns_of(places).chunks_exact(width);
        self.positions.iter().all(|&p| {
            let pairs = rows(first).zip(rows(second));
            pairs.fold(true, |all, (a, b)| all & (a[p] == b[p]))
        })
    }
}

/// `sum over rows w u u' - sum over groups z z' / w`, where `u` marks the unknowns of a row and `z` sums `w u` in a group:
/// the lower triangle, by rows.
fn form(chosen: &Chosen<'_>, size: usize) -> Vec<f64> {
    let layout = chosen.layout;
    let square = size * size;
    let tasks = (ROOM / square.max(1)).clamp(2, layout.chunks.len().max(2));
    let step = layout.chunks.len().div_ceil(tasks);
    let ranges: Vec<_> = layout.chunks.chunks(step.max(1)).collect();
    let parts: Vec<Vec<f64>> = ranges
        .into_par_iter()
        .map(|chunks| {
            let mut part = Part {
                chosen,
                matrix: vec![0.0; square],
                size,
                sums: vec![0.0; size],
                seen: Vec::new(),
            };
            // Groups with the same unknowns row by row, as in a balanced panel, are counted and entered once.
            let (mut pattern, mut mass, mut repeats) = (0..0, 1.0, 0.0);
            for level in chunks.iter().flat_map(Clone::clone) {
                let places = layout.places(level);
                if layout.weights.is_some() {
                    part.enter(places, layout.mass[level], 1.0);
                } else if chosen.are_equal(&places, &pattern) {
                    repeats += 1.0;
                } else {
                    part.enter(pattern, mass, repeats);
                    (pattern, mass, repeats) = (places, layout.mass[level], 1.0);
                }
            }
            part.enter(pattern, mass, repeats);
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
struct Part<'a> {
    chosen: &'a Chosen<'a>,
    matrix: Vec<f64>,
    size: usize,
    /// Weight of each unknown in the group at hand; zero elsewhere.
    sums: Vec<f64>,
    /// Unknowns of the group at hand.
    seen: Vec<usize>,
}

impl Part<'_> {
    /// Enters a group `repeats` times.
    fn enter(&mut self, places: Range<usize>, mass: f64, repeats: f64) {
        if repeats == 0.0 {
            return;
        }
        let weights = self.chosen.layout.weights.as_deref();
        for place in places {
            let weight = weights.map_or(1.0, |w| w[place]);
            let own = self.chosen.at(place);
            for (index, a) in own.clone().enumerate() {
                if self.sums[a] == 0.0 {
                    self.seen.push(a);
                }
                self.sums[a] += weight;
                // Later effects have larger unknowns, so this is the lower triangle; the diagonal is the sum itself.
                for b in own.clone().take(index) {
                    self.matrix[a * self.size + b] += repeats * weight;
                }
            }
        }
        if 2 * self.seen.len() >= self.size {
            // Nearly all unknowns: neighbours are quicker than a choice.
            for a in 0..self.size {
                self.subtract(a, mass, repeats, |row, factor, sums| {
                    let pairs = row.iter_mut().zip(sums);
                    pairs.for_each(|(value, sum)| *value -= factor * sum);
                });
            }
        } else {
            if !self.seen.is_sorted() {
                self.seen.sort_unstable();
            }
            let seen = std::mem::take(&mut self.seen);
            for (index, &a) in seen.iter().enumerate() {
                self.subtract(a, mass, repeats, |row, factor, sums| {
                    for &b in &seen[..=index] {
                        row[b] -= factor * sums[b];
                    }
                });
            }
            self.seen = seen;
        }
        for unknown in self.seen.drain(..) {
            self.sums[unknown] = 0.0;
        }
    }

    /// Adds an unknown's weight to the diagonal, and calls for what its group takes from the lower triangle of its row.
    #[inline(always)]
    fn subtract(
        &mut self,
        unknown: usize,
        mass: f64,
        repeats: f64,
        take: impl Fn(&mut [f64], f64, &[f64]),
    ) {
        let start = unknown * self.size;
        let row = &mut self.matrix[start..=start + unknown];
        let weight = repeats * self.sums[unknown];
        row[unknown] += weight;
        take(row, weight / mass, &self.sums[..=unknown]);
    }
}
