//! The dense oracle: explicit dummies and a pivoted QR factorisation.
//!
//! Meant for tests and for checks of small problems: it needs memory for rows times dummies. It shares no numerical code
//! with [`crate::FixedEffects`].

use crate::Error;
use crate::absorber::{Absorbed, Absorber, ColumnSize, Effect, EffectRank};
use crate::basis::check_column;
use crate::components::components;
use crate::fixed_effects::check_weights;
use crate::rank::ranked;
use faer::Mat;
use faer::linalg::solvers::ColPivQr;

/// Numbers that the matrix of dummies may hold (320 MB).
const LIMIT: usize = 40_000_000;

/// A column whose pivot falls below this share of its norm is redundant.
const REDUNDANT: f64 = 1e-11;

/// Effects as explicit dummy columns (times slopes), with an orthonormal basis of their span.
///
/// Slopes of an effect with intercepts are centred within levels first. The span stays the same, and the factorisation
/// does not lose the digits that a large mean would cost (years: six of them).
#[derive(Clone, Debug)]
pub struct DenseAbsorber {
    rows: usize,
    /// Effects with centred slopes.
    effects: Vec<Effect>,
    /// Mean of each effect's slopes within each level, levels fastest; zero without intercepts.
    means: Vec<Vec<f64>>,
    /// Root of each row's weight.
    roots: Vec<f64>,
    /// Orthonormal basis of the weighted dummies.
    span: Mat<f64>,
    rank: EffectRank,
}

impl DenseAbsorber {
    /// Builds the dummies and factors them. `weights` are one positive finite value a row.
    ///
    /// # Errors
    /// As [`crate::FixedEffects::new`], and [`Error::TooLarge`] when rows times dummies exceed 40 million.
    pub fn new(effects: Vec<Effect>, weights: Option<&[f64]>) -> Result<Self, Error> {
        let rows = effects.first().ok_or(Error::NoEffect)?.codes.len();
        if rows == 0 {
            return Err(Error::NoRows);
        }
        if let Some(weights) = weights {
            check_weights(weights, rows)?;
        }
        for (index, effect) in effects.iter().enumerate() {
            check_effect(index, effect, rows)?;
        }
        let columns: Vec<usize> = effects.iter().map(columns_of).collect();
        let size = rows.saturating_mul(columns.iter().sum());
        if size > LIMIT {
            return Err(Error::TooLarge {
                what: "dense dummies".into(),
                got: size,
                limit: LIMIT,
            });
        }
        let roots: Vec<f64> = match weights {
            Some(weights) => weights.iter().map(|weight| weight.sqrt()).collect(),
            None => vec![1.0; rows],
        };
        let mut effects = effects;
        let means = effects
            .iter_mut()
            .map(|effect| centre(effect, &roots))
            .collect();
        let (mut redundant, mut before) = (Vec::new(), 0);
        let mut span = Mat::zeros(rows, 0);
        for count in 1..=effects.len() {
            let all = dummies(&effects[..count], &roots);
            let (qr, rank) = factor(&all);
            redundant.push(columns[count - 1] - (rank - before));
            before = rank;
            span = qr.compute_thin_Q().subcols(0, rank).to_owned();
        }
        Ok(Self {
            rows,
            effects,
            means,
            roots,
            span,
            rank: ranked(columns, redundant, true),
        })
    }

    /// Columns of dummies that the identification rule fixes at zero: the first level of a later effect's intercepts in
    /// each component that it makes with the first effect with intercepts.
    fn fixed_at_zero(&self) -> Vec<bool> {
        let mut fixed = Vec::new();
        let mut first: Option<&Effect> = None;
        for effect in &self.effects {
            let start = fixed.len();
            fixed.resize(start + columns_of(effect), false);
            if !effect.intercept {
                continue;
            }
            let Some(first) = first else {
                first = Some(effect);
                continue;
            };
            let graph = components(&first.codes, first.levels, &effect.codes, effect.levels);
            for component in 0..graph.count as u32 {
                if let Some(level) = graph.second.iter().position(|&c| c == component) {
                    fixed[start + level] = true;
                }
            }
        }
        fixed
    }
}

impl Absorber for DenseAbsorber {
    fn rows(&self) -> usize {
        self.rows
    }

    fn residualize(&self, columns: &mut [Vec<f64>]) -> Result<Absorbed, Error> {
        let mut told = Absorbed::default();
        for (index, column) in columns.iter_mut().enumerate() {
            check_column(&format!("column {index}"), column, self.rows)?;
            let before = weighted(column, &self.roots);
            let roots = Mat::from_fn(self.rows, 1, |row, _| self.roots[row]);
            let norm = before.norm_l2();
            let mean = (roots.transpose() * &before)[(0, 0)] / roots.squared_norm_l2();
            let centred = (&before - roots * faer::Scale(mean)).norm_l2();
            // The second projection removes what rounding left of the first (Giraud and others 2005).
            for _ in 0..2 {
                let weighted = weighted(column, &self.roots);
                let fitted = &self.span * (self.span.transpose() * &weighted);
                for row in 0..self.rows {
                    column[row] = (weighted[(row, 0)] - fitted[(row, 0)]) / self.roots[row];
                }
            }
            if norm > 0.0 {
                let left = self.span.transpose() * weighted(column, &self.roots);
                told.residual = told.residual.max(left.norm_max() / norm);
            }
            told.columns.push(ColumnSize {
                raw: norm,
                centred,
                left: weighted(column, &self.roots).norm_l2(),
            });
        }
        Ok(told)
    }

    fn coefficients(&self, column: &[f64]) -> Result<Vec<Vec<f64>>, Error> {
        check_column("column 0", column, self.rows)?;
        let all = dummies(&self.effects, &self.roots);
        let fixed = self.fixed_at_zero();
        let free: Vec<usize> = (0..all.ncols()).filter(|&j| !fixed[j]).collect();
        let norms: Vec<f64> = free
            .iter()
            .map(|&j| all.col(j).norm_l2())
            .map(|norm| if norm > 0.0 { norm } else { 1.0 })
            .collect();
        let chosen = Mat::from_fn(self.rows, free.len(), |i, j| all[(i, free[j])] / norms[j]);
        let (qr, rank) = factor(&chosen);
        let right = qr.compute_thin_Q().transpose() * weighted(column, &self.roots);
        let triangle = qr.thin_R();
        let (pivots, _) = qr.P().arrays();
        let mut flat = vec![0.0; all.ncols()];
        let mut solved = vec![0.0; rank];
        for i in (0..rank).rev() {
            let mut value = right[(i, 0)];
            for later in i + 1..rank {
                value -= triangle[(i, later)] * solved[later];
            }
            solved[i] = value / triangle[(i, i)];
            flat[free[pivots[i]]] = solved[i] / norms[pivots[i]];
        }
        let mut rest = flat.into_iter();
        Ok(self
            .effects
            .iter()
            .zip(&self.means)
            .map(|(effect, means)| {
                let mut own: Vec<f64> = rest.by_ref().take(columns_of(effect)).collect();
                if effect.intercept {
                    for (index, mean) in means.iter().enumerate() {
                        own[index % effect.levels] -= mean * own[effect.levels + index];
                    }
                }
                own
            })
            .collect())
    }

    fn rank(&self) -> EffectRank {
        self.rank.clone()
    }

    fn leverages(&self) -> Result<Vec<f64>, Error> {
        Ok((0..self.rows)
            .map(|row| self.span.row(row).squared_norm_l2())
            .collect())
    }
}

/// Subtracts the weighted mean within levels from each slope of an effect with intercepts, and returns the means.
fn centre(effect: &mut Effect, roots: &[f64]) -> Vec<f64> {
    let mut means = Vec::new();
    for slope in &mut effect.slopes {
        let start = means.len();
        means.resize(start + effect.levels, 0.0);
        if !effect.intercept {
            continue;
        }
        // The second mean is what rounding left of the first.
        for _ in 0..2 {
            let mut sums = vec![(0.0, 0.0); effect.levels];
            for (row, &code) in effect.codes.iter().enumerate() {
                let weight = roots[row] * roots[row];
                let sum = &mut sums[code as usize];
                *sum = (sum.0 + weight, sum.1 + weight * slope[row]);
            }
            for (row, &code) in effect.codes.iter().enumerate() {
                let (mass, sum) = sums[code as usize];
                slope[row] -= sum / mass;
            }
            for (level, (mass, sum)) in sums.into_iter().enumerate() {
                means[start + level] += sum / mass;
            }
        }
        for (row, &code) in effect.codes.iter().enumerate() {
            let mean = means[start + code as usize];
            if slope[row].abs() <= 1e-14 * mean.abs() {
                slope[row] = 0.0;
            }
        }
    }
    means
}

/// Number of dummy columns of an effect.
fn columns_of(effect: &Effect) -> usize {
    effect.levels * (usize::from(effect.intercept) + effect.slopes.len())
}

/// Weighted dummy columns, levels fastest.
fn dummies(effects: &[Effect], roots: &[f64]) -> Mat<f64> {
    let mut all = Mat::zeros(roots.len(), effects.iter().map(columns_of).sum());
    let mut start = 0;
    for effect in effects {
        if effect.intercept {
            for (row, &code) in effect.codes.iter().enumerate() {
                all[(row, start + code as usize)] = roots[row];
            }
            start += effect.levels;
        }
        for slope in &effect.slopes {
            for (row, &code) in effect.codes.iter().enumerate() {
                all[(row, start + code as usize)] = roots[row] * slope[row];
            }
            start += effect.levels;
        }
    }
    all
}

/// Pivoted QR of the columns scaled to norm one, and the numerical rank.
fn factor(columns: &Mat<f64>) -> (ColPivQr<f64>, usize) {
    let norms: Vec<f64> = (0..columns.ncols())
        .map(|j| columns.col(j).norm_l2())
        .map(|norm| if norm > 0.0 { norm } else { 1.0 })
        .collect();
    let qr = Mat::from_fn(columns.nrows(), columns.ncols(), |i, j| {
        columns[(i, j)] / norms[j]
    })
    .col_piv_qr();
    let triangle = qr.thin_R();
    let size = triangle.nrows().min(triangle.ncols());
    let rank = (0..size)
        .take_while(|&i| triangle[(i, i)].abs() > REDUNDANT)
        .count();
    (qr, rank)
}

fn weighted(column: &[f64], roots: &[f64]) -> Mat<f64> {
    Mat::from_fn(column.len(), 1, |row, _| column[row] * roots[row])
}

fn check_effect(index: usize, effect: &Effect, rows: usize) -> Result<(), Error> {
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
    let mut used = vec![false; effect.levels];
    for (row, &code) in effect.codes.iter().enumerate() {
        let Some(slot) = used.get_mut(code as usize) else {
            return Err(Error::Code {
                effect: index,
                row,
                code,
                levels: effect.levels,
            });
        };
        *slot = true;
    }
    if let Some(level) = used.iter().position(|used| !used) {
        return Err(Error::UnusedLevel {
            effect: index,
            level,
        });
    }
    for (k, slope) in effect.slopes.iter().enumerate() {
        check_column(&format!("slope {k} of effect {index}"), slope, rows)?;
    }
    Ok(())
}
