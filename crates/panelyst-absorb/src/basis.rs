//! The columns of one effect, made orthonormal within each level.
//!
//! The dummy columns of an effect (and its slopes times dummies) are zero outside their level, so Gram and Schmidt's
//! process runs in each level by itself: the intercept becomes one over the root of the level's weight, a slope is
//! centred within the level and scaled. The normal equations of one effect are then the identity. A slope that does not
//! vary within a level (given the columns before it) has no direction there: its column is zero.

use crate::scan::{CHUNK_ROWS, Grouping, total};
use crate::{Effect, Error};
use rayon::prelude::*;

/// A slope whose norm within a level falls below this share of its norm before centring does not vary there.
const CONSTANT: f64 = 1e-12;

/// Columns of one effect, orthonormal within each level under the weights.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    pub(crate) grouping: Grouping,
    pub(crate) intercept: bool,
    /// One over the root of each level's weight.
    pub(crate) scale: Vec<f64>,
    /// Slopes, orthonormal within levels, one value a row.
    pub(crate) slopes: Vec<Vec<f64>>,
    /// Upper triangle `R` of each level (width x width, by rows), columns = basis x R; empty without slopes.
    triangles: Vec<f64>,
}

/// Power of two by which a vector is multiplied so that squares neither overflow nor vanish.
pub(crate) fn safe_scale(largest: f64) -> f64 {
    if largest == 0.0 || (1e-100..=1e100).contains(&largest) {
        return 1.0;
    }
    // The power itself must stay in range, also for subnormal numbers.
    let exponent = -(largest.log2().floor() as i32);
    2f64.powi(exponent.clamp(-1022, 1022))
}

/// Largest absolute value.
pub(crate) fn largest(values: &[f64]) -> f64 {
    let of = |piece: &[f64]| piece.iter().fold(0.0, |high, value| value.abs().max(high));
    let pieces: Vec<f64> = values.par_chunks(CHUNK_ROWS).map(of).collect();
    pieces.into_iter().fold(0.0, f64::max)
}

impl Basis {
    /// Checks an effect and orthonormalises its columns. `weights` are positive and finite.
    pub(crate) fn new(
        index: usize,
        effect: Effect,
        rows: usize,
        weights: Option<&[f64]>,
    ) -> Result<Self, Error> {
        check(index, &effect, rows)?;
        let grouping = Grouping::new(effect.codes, effect.levels);
        let mass = match weights {
            Some(w) => grouping.sums(1, |_| |row: usize| w[row]),
            None => grouping.sums(1, |_| |_| 1.0),
        }
        .swap_remove(0);
        // A positive weight makes a positive sum, so a zero sum is a level without rows.
        if let Some(level) = mass.iter().position(|&sum| sum == 0.0) {
            return Err(Error::UnusedLevel {
                effect: index,
                level,
            });
        }
        let mut basis = Self {
            scale: mass.iter().map(|sum| 1.0 / sum.sqrt()).collect(),
            grouping,
            intercept: effect.intercept,
            slopes: Vec::new(),
            triangles: Vec::new(),
        };
        if !effect.slopes.is_empty() {
            let width = usize::from(effect.intercept) + effect.slopes.len();
            basis.triangles = vec![0.0; basis.levels() * width * width];
            if effect.intercept {
                for (level, sum) in mass.iter().enumerate() {
                    basis.triangles[level * width * width] = sum.sqrt();
                }
            }
            for slope in effect.slopes {
                basis.push_slope(slope, width, weights);
            }
        }
        Ok(basis)
    }

    /// Number of levels.
    pub(crate) fn levels(&self) -> usize {
        self.grouping.levels
    }

    /// Columns of each level: intercept and slopes.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.intercept) + self.slopes.len()
    }

    /// Number of columns over all levels.
    pub(crate) fn len(&self) -> usize {
        self.levels() * self.width()
    }

    /// Slope columns that are zero because the slope does not vary within its level.
    pub(crate) fn constant_slopes(&self) -> usize {
        if self.triangles.is_empty() {
            return 0;
        }
        let width = self.width();
        self.triangles
            .chunks_exact(width * width)
            .flat_map(|triangle| triangle.iter().step_by(width + 1))
            .filter(|&&pivot| pivot == 0.0)
            .count()
    }

    /// Value in a row of column `k` of the row's level.
    pub(crate) fn value(&self, row: usize, k: usize) -> f64 {
        match (self.intercept, k) {
            (true, 0) => self.scale[self.grouping.codes[row] as usize],
            _ => self.slopes[k - usize::from(self.intercept)][row],
        }
    }

    /// Products of the basis with columns under the weights: for each column a vector over levels, `k` fastest.
    pub(crate) fn products(&self, columns: &[&[f64]], weights: Option<&[f64]>) -> Vec<Vec<f64>> {
        if self.slopes.is_empty() {
            return self.intercept_products(columns, weights);
        }
        let width = self.width();
        let mut all = vec![vec![0.0; self.len()]; columns.len()];
        for k in 0..width {
            let sums = if self.intercept && k == 0 {
                self.intercept_products(columns, weights)
            } else {
                let slope = &self.slopes[k - usize::from(self.intercept)][..];
                match weights {
                    Some(w) => self.grouping.sums(columns.len(), |j| {
                        let column = columns[j];
                        move |row: usize| w[row] * slope[row] * column[row]
                    }),
                    None => self.grouping.sums(columns.len(), |j| {
                        let column = columns[j];
                        move |row: usize| slope[row] * column[row]
                    }),
                }
            };
            for (target, sums) in all.iter_mut().zip(sums) {
                for (slot, sum) in target.iter_mut().skip(k).step_by(width).zip(sums) {
                    *slot = sum;
                }
            }
        }
        all
    }

    fn intercept_products(&self, columns: &[&[f64]], weights: Option<&[f64]>) -> Vec<Vec<f64>> {
        let mut sums = match weights {
            Some(w) => self.grouping.sums(columns.len(), |j| {
                let column = columns[j];
                move |row: usize| w[row] * column[row]
            }),
            None => self.grouping.sums(columns.len(), |j| {
                let column = columns[j];
                move |row: usize| column[row]
            }),
        };
        for column in &mut sums {
            for (sum, scale) in column.iter_mut().zip(&self.scale) {
                *sum *= scale;
            }
        }
        sums
    }

    /// Subtracts basis times coefficients (levels, `k` fastest) from a piece of a column that begins at row `start`.
    pub(crate) fn subtract(&self, coefficients: &[f64], piece: &mut [f64], start: usize) {
        let codes = &self.grouping.codes[start..start + piece.len()];
        let width = self.width();
        let first = usize::from(self.intercept);
        if self.intercept {
            for (value, &code) in piece.iter_mut().zip(codes) {
                let level = code as usize;
                *value -= coefficients[level * width] * self.scale[level];
            }
        }
        for (k, slope) in self.slopes.iter().enumerate() {
            let slope = &slope[start..start + piece.len()];
            for ((value, &code), z) in piece.iter_mut().zip(codes).zip(slope) {
                *value -= coefficients[code as usize * width + first + k] * z;
            }
        }
    }

    /// Coefficients of the effect's own columns (levels fastest) from those of the basis (`k` fastest).
    ///
    /// A slope that does not vary within a level gets zero there.
    pub(crate) fn own_coefficients(&self, coefficients: &[f64]) -> Vec<f64> {
        let (levels, width) = (self.levels(), self.width());
        if self.slopes.is_empty() {
            return coefficients
                .iter()
                .zip(&self.scale)
                .map(|(a, scale)| a * scale)
                .collect();
        }
        let mut own = vec![0.0; levels * width];
        for level in 0..levels {
            let triangle = &self.triangles[level * width * width..(level + 1) * width * width];
            for k in (0..width).rev() {
                let pivot = triangle[k * width + k];
                if pivot == 0.0 {
                    continue;
                }
                let mut value = coefficients[level * width + k];
                for later in k + 1..width {
                    value -= triangle[k * width + later] * own[later * levels + level];
                }
                own[k * levels + level] = value / pivot;
            }
        }
        own
    }

    /// Orthogonalises one more slope against the columns before it, twice, and scales it.
    fn push_slope(&mut self, mut slope: Vec<f64>, width: usize, weights: Option<&[f64]>) {
        let rows = slope.len();
        let scale = safe_scale(largest(&slope));
        slope.iter_mut().for_each(|value| *value *= scale);
        let mut before = self.level_norms(&slope, weights);
        let mut mean = 0.0;
        if self.intercept {
            // A common shift is the intercept's; taking it first keeps digits of slopes such as years.
            mean = match weights {
                Some(w) => total(rows, |row| w[row] * slope[row]) / total(rows, |row| w[row]),
                None => total(rows, |row| slope[row]) / rows as f64,
            };
            slope.iter_mut().for_each(|value| *value -= mean);
            // What the shift leaves of a slope that is constant within a level is rounding of the shift.
            for (norm, scale) in before.iter_mut().zip(&self.scale) {
                *norm += mean.abs() / scale;
            }
        }
        let column = self.width();
        let square = width * width;
        for _ in 0..2 {
            if column == 0 {
                break;
            }
            let products = self.products(&[&slope], weights).swap_remove(0);
            slope
                .par_chunks_mut(CHUNK_ROWS)
                .enumerate()
                .for_each(|(chunk, piece)| self.subtract(&products, piece, chunk * CHUNK_ROWS));
            for (level, products) in products.chunks_exact(column).enumerate() {
                for (k, product) in products.iter().enumerate() {
                    self.triangles[level * square + k * width + column] += product / scale;
                }
            }
        }
        let after = self.level_norms(&slope, weights);
        let mut inverse = vec![0.0; after.len()];
        for (level, (&after, &before)) in after.iter().zip(&before).enumerate() {
            let triangle = &mut self.triangles[level * square..(level + 1) * square];
            if self.intercept {
                triangle[column] += mean / scale * triangle[0];
            }
            if after > CONSTANT * before {
                triangle[column * width + column] = after / scale;
                inverse[level] = 1.0 / after;
            }
        }
        for (value, &code) in slope.iter_mut().zip(&self.grouping.codes) {
            *value *= inverse[code as usize];
        }
        self.slopes.push(slope);
    }

    /// Norm of a column within each level.
    fn level_norms(&self, column: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
        let mut squares = match weights {
            Some(w) => self
                .grouping
                .sums(1, |_| |row: usize| w[row] * column[row] * column[row]),
            None => self
                .grouping
                .sums(1, |_| |row: usize| column[row] * column[row]),
        }
        .swap_remove(0);
        squares.iter_mut().for_each(|sum| *sum = sum.sqrt());
        squares
    }
}

/// Checks lengths, codes and slopes of an effect.
fn check(index: usize, effect: &Effect, rows: usize) -> Result<(), Error> {
    if !effect.intercept && effect.slopes.is_empty() {
        return Err(Error::EmptyEffect { effect: index });
    }
    if effect.codes.len() != rows {
        return Err(Error::Length {
            what: format!("effect {index}"),
            expected: rows,
            got: effect.codes.len(),
        });
    }
    let levels = effect.levels;
    if let Some(row) = effect.codes.iter().position(|&c| c as usize >= levels) {
        return Err(Error::Code {
            effect: index,
            row,
            code: effect.codes[row],
            levels,
        });
    }
    if levels > rows {
        let mut used = vec![false; levels];
        effect.codes.iter().for_each(|&c| used[c as usize] = true);
        if let Some(level) = used.iter().position(|used| !used) {
            return Err(Error::UnusedLevel {
                effect: index,
                level,
            });
        }
    }
    for (k, slope) in effect.slopes.iter().enumerate() {
        check_column(&format!("slope {k} of effect {index}"), slope, rows)?;
    }
    Ok(())
}

/// The first value that is not as it should be, where most often all are.
pub(crate) fn first_without(values: &[f64], holds: impl Fn(f64) -> bool + Sync) -> Option<usize> {
    // Without leaving early, so that several numbers are looked at together.
    let all = |piece: &[f64]| piece.iter().fold(true, |all, &value| all & holds(value));
    if values.par_chunks(CHUNK_ROWS).all(all) {
        return None;
    }
    values.iter().position(|&value| !holds(value))
}

/// Checks that a column has a finite value for each row.
pub(crate) fn check_column(what: &str, column: &[f64], rows: usize) -> Result<(), Error> {
    if column.len() != rows {
        return Err(Error::Length {
            what: what.into(),
            expected: rows,
            got: column.len(),
        });
    }
    match first_without(column, f64::is_finite) {
        Some(row) => Err(Error::NotFinite {
            what: what.into(),
            row,
        }),
        None => Ok(()),
    }
}
