//! Cross-products of each unit, so that any set of units can be estimated without its rows.
//!
//! The coefficients of a group of units depend on its rows only through sums over units. With unit effects a unit's
//! deviations from its own means do not depend on who else is in the group; the other effects (periods, say) do, and
//! are partialled out of the summed cross-products by a small dense elimination (Frisch and Waugh 1933; Lovell 1963).

use crate::Error;
use crate::linear::sums::mean;

/// Rows of the units that are compared, columns already evaluated.
pub(super) struct Rows<'a> {
    /// Outcome.
    pub outcome: &'a [f64],
    /// Regressors.
    pub regressors: &'a [&'a [f64]],
    /// Analytic weights.
    pub weights: Option<&'a [f64]>,
    /// Unit of each row, below `units`.
    pub unit: &'a [u32],
    /// Number of units.
    pub units: usize,
    /// Whether each unit has its own intercept.
    pub unit_effects: bool,
    /// Everything else to be partialled out.
    pub nuisance: &'a [Nuisance],
}

/// A set of dummies, or of dummies times a variable, to be partialled out.
#[derive(Clone, Debug)]
pub(super) struct Nuisance {
    /// Level of each row.
    pub codes: Vec<u32>,
    /// Number of levels.
    pub levels: usize,
    /// The variable with a slope for each level; `None` for intercepts.
    pub slope: Option<Vec<f64>>,
}

/// Squared length left of a column, relative to what it had, below which it counts as a combination of earlier ones.
const COLLINEAR: f64 = 1e-10;

/// Largest number of stored values, one gibibyte.
const CAPACITY: usize = 1 << 27;

/// Cross-products of every unit, flat and packed by lower triangle: variables (the outcome last), nuisance times
/// variables, nuisance.
pub(super) struct Moments {
    regressors: usize,
    nuisance: usize,
    size: usize,
    by_unit: Vec<f64>,
    total: Vec<f64>,
    /// Squared length of each variable and each nuisance column before anything was partialled out.
    lengths: Vec<f64>,
    /// Coefficients are in scaled columns; times this they are in the units of the data.
    rescale: Vec<f64>,
}

/// Room for the estimation of two groups.
pub(super) struct Scratch {
    first: Vec<f64>,
    second: Vec<f64>,
    /// Coefficients of the first group; `NaN` inside where a regressor is not identified.
    pub coefficients: [Vec<f64>; 2],
}

fn packed(rows: usize) -> usize {
    rows * (rows + 1) / 2
}

impl Moments {
    /// Sums the cross-products of each unit.
    ///
    /// # Errors
    /// More dummies than can be held for every unit.
    pub(super) fn new(rows: &Rows<'_>) -> Result<Self, Error> {
        let k = rows.regressors.len();
        let m = k + 1;
        let offsets: Vec<usize> = rows
            .nuisance
            .iter()
            .scan(0, |next, n| {
                let start = *next;
                *next += n.levels;
                Some(start)
            })
            .collect();
        let l: usize = rows.nuisance.iter().map(|n| n.levels).sum();
        let size = packed(m) + l * m + packed(l);
        if size.saturating_mul(rows.units) > CAPACITY {
            return Err(Error::Unsupported {
                what: format!("a permutation of {} units", rows.units),
                with: format!("{l} dummies beside the unit effects"),
                advice: "use the interaction method alone".to_owned(),
            });
        }
        let has_level = rows.unit_effects || rows.nuisance.iter().any(|n| n.slope.is_none());
        let (columns, scales) = scaled_columns(rows, has_level);
        let mut moments = Self {
            regressors: k,
            nuisance: l,
            size,
            by_unit: vec![0.0; size * rows.units],
            total: vec![0.0; size],
            lengths: vec![0.0; m + l],
            rescale: (0..k).map(|j| scales[k] / scales[j]).collect(),
        };
        moments.accumulate(rows, &columns, &offsets);
        for unit in moments.by_unit.chunks_exact(size) {
            for (sum, value) in moments.total.iter_mut().zip(unit) {
                *sum += value;
            }
        }
        Ok(moments)
    }

    fn accumulate(&mut self, rows: &Rows<'_>, columns: &[Vec<f64>], offsets: &[usize]) {
        let m = self.regressors + 1;
        let l = self.nuisance;
        let mut members = vec![Vec::new(); rows.units];
        for (row, unit) in rows.unit.iter().enumerate() {
            members[*unit as usize].push(row);
        }
        let mut touched: Vec<(usize, f64)> = Vec::new();
        let mut level_sums = vec![0.0; l];
        for (unit, own) in members.iter().enumerate() {
            let block = &mut self.by_unit[unit * self.size..(unit + 1) * self.size];
            let weight = |row: usize| rows.weights.map_or(1.0, |w| w[row]);
            let total: f64 = own.iter().map(|&row| weight(row)).sum();
            let means: Vec<f64> = columns
                .iter()
                .map(|c| {
                    if rows.unit_effects {
                        own.iter().map(|&row| weight(row) * c[row]).sum::<f64>() / total
                    } else {
                        0.0
                    }
                })
                .collect();
            let (squares, rest) = block.split_at_mut(packed(m));
            let (cross, gram) = rest.split_at_mut(l * m);
            level_sums.fill(0.0);
            for &row in own {
                let w = weight(row);
                touched.clear();
                for (n, start) in rows.nuisance.iter().zip(offsets) {
                    let value = n.slope.as_ref().map_or(1.0, |s| s[row]);
                    touched.push((start + n.codes[row] as usize, value));
                }
                for p in 0..m {
                    self.lengths[p] += w * columns[p][row].powi(2);
                    let a = w * (columns[p][row] - means[p]);
                    for q in 0..=p {
                        squares[packed(p) + q] += a * (columns[q][row] - means[q]);
                    }
                    for &(at, value) in &touched {
                        cross[at * m + p] += a * value;
                    }
                }
                for &(at, value) in &touched {
                    self.lengths[m + at] += w * value * value;
                    level_sums[at] += w * value;
                    for &(other, second) in &touched {
                        if other <= at {
                            gram[packed(at) + other] += w * value * second;
                        }
                    }
                }
            }
            if rows.unit_effects && total > 0.0 {
                for i in 0..l {
                    for j in 0..=i {
                        gram[packed(i) + j] -= level_sums[i] * level_sums[j] / total;
                    }
                }
            }
        }
    }

    /// Room for [`Moments::estimate`].
    pub(super) fn scratch(&self) -> Scratch {
        Scratch {
            first: vec![0.0; self.size],
            second: vec![0.0; self.size],
            coefficients: [vec![0.0; self.regressors], vec![0.0; self.regressors]],
        }
    }

    /// Estimates the group of the units in `first` and the group of all others.
    pub(super) fn estimate(&self, first: &[usize], scratch: &mut Scratch) {
        scratch.first.fill(0.0);
        for &unit in first {
            let block = &self.by_unit[unit * self.size..(unit + 1) * self.size];
            for (sum, value) in scratch.first.iter_mut().zip(block) {
                *sum += value;
            }
        }
        for ((rest, total), sum) in scratch
            .second
            .iter_mut()
            .zip(&self.total)
            .zip(&scratch.first)
        {
            *rest = total - sum;
        }
        let [one, two] = &mut scratch.coefficients;
        self.solve(&mut scratch.first, one);
        self.solve(&mut scratch.second, two);
    }

    fn solve(&self, sums: &mut [f64], coefficients: &mut [f64]) {
        let k = self.regressors;
        let m = k + 1;
        let l = self.nuisance;
        let (squares, rest) = sums.split_at_mut(packed(m));
        let (cross, gram) = rest.split_at_mut(l * m);
        factorise(gram, l, &self.lengths[m..]);
        for i in 0..l {
            let pivot = gram[packed(i) + i];
            let (done, row) = cross.split_at_mut(i * m);
            let row = &mut row[..m];
            if pivot == 0.0 {
                row.fill(0.0);
                continue;
            }
            for t in 0..i {
                let factor = gram[packed(i) + t];
                for (value, earlier) in row.iter_mut().zip(&done[t * m..(t + 1) * m]) {
                    *value -= factor * earlier;
                }
            }
            for value in row.iter_mut() {
                *value /= pivot;
            }
            for p in 0..m {
                for q in 0..=p {
                    squares[packed(p) + q] -= row[p] * row[q];
                }
            }
        }
        // The last row of the factor is the forward substitution of the products with the outcome.
        factorise(squares, m, &self.lengths[..m]);
        for i in (0..k).rev() {
            let pivot = squares[packed(i) + i];
            if pivot == 0.0 {
                coefficients[i] = f64::NAN;
                continue;
            }
            let mut value = squares[packed(k) + i];
            for t in i + 1..k {
                if squares[packed(t) + t] != 0.0 {
                    value -= squares[packed(t) + i] * coefficients[t];
                }
            }
            coefficients[i] = value / pivot;
        }
        for (b, scale) in coefficients.iter_mut().zip(&self.rescale) {
            *b *= scale;
        }
    }
}

/// Cholesky factor of a packed lower triangle in place; a column that is a combination of earlier ones gets pivot 0
/// and leaves the rest as if it were absent.
fn factorise(a: &mut [f64], rows: usize, lengths: &[f64]) {
    for i in 0..rows {
        let (above, own) = a.split_at_mut(packed(i));
        for j in 0..i {
            let other = &above[packed(j)..packed(j) + j + 1];
            let pivot = other[j];
            own[j] = if pivot == 0.0 {
                0.0
            } else {
                let dot: f64 = own[..j].iter().zip(other).map(|(x, y)| x * y).sum();
                (own[j] - dot) / pivot
            };
        }
        let left = own[i] - own[..i].iter().map(|x| x * x).sum::<f64>();
        own[i] = if left > COLLINEAR * lengths[i] {
            left.sqrt()
        } else {
            0.0
        };
    }
}

/// Regressors and outcome centred (where the model has a level to take the centre up) and scaled to at most 1.
fn scaled_columns(rows: &Rows<'_>, centre: bool) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut scales = Vec::with_capacity(rows.regressors.len() + 1);
    let columns = rows
        .regressors
        .iter()
        .copied()
        .chain([rows.outcome])
        .map(|column| {
            let shift = if centre { mean(column, None) } else { 0.0 };
            let scale = column.iter().fold(0.0f64, |s, v| s.max((v - shift).abs()));
            let scale = if scale > 0.0 { scale } else { 1.0 };
            scales.push(scale);
            column.iter().map(|v| (v - shift) / scale).collect()
        })
        .collect();
    (columns, scales)
}
