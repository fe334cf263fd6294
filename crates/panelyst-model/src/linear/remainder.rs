//! Least squares on what effects leave of columns, from their cross-products alone.
//!
//! The normal equations are factored as they are (Golub and Van Loan 2013, section 5.3.2), which is as good as an
//! orthogonal basis where the regressors are far from collinear and the outcome far from explained. Other cases are left
//! to [`super::least_squares_owned()`]. Neither basis nor residuals are made until somebody looks at them.

use super::Column;
use super::large::{Several, factor, forward_substitute};
use super::least_squares::{LeastSquares, back_substitute, transformation};
use panelyst_absorb::Remainder;
use std::sync::Arc;

/// Share of a regressor's squared norm that the regressors before it must leave: the coefficients lose three digits of
/// sixteen then.
const INDEPENDENT: f64 = 1e-3;

/// Share of the outcome's squared norm that the regressors must leave: the residual sum of squares loses four digits.
const UNEXPLAINED: f64 = 1e-4;

/// Columns from whose tiles scores are summed without a basis.
#[derive(Clone, Debug)]
pub struct Tiled<'a> {
    /// The columns.
    pub of: &'a Arc<Remainder>,
    /// Coefficients of all columns whose sum is each vector of the basis.
    pub basis: Vec<&'a [f64]>,
    /// Those whose sum is the residual.
    pub residual: &'a [f64],
}

impl<'a> Tiled<'a> {
    /// The columns that a solution is made of, where neither basis nor residual need be made.
    pub fn of(solution: &'a LeastSquares) -> Option<Self> {
        let residual = solution.weighted_residuals.recipe()?;
        let recipes = solution.basis.iter().map(Column::recipe);
        let basis = recipes.map(|own| own.filter(|own| own.is_like(residual)));
        Some(Self {
            of: &residual.of,
            basis: basis
                .map(|own| own.map(|own| &own.coefficients[..]))
                .collect::<Option<_>>()?,
            residual: &residual.coefficients,
        })
    }
}

/// Regresses one column on others, which are `outcome` and `regressors` among the columns; `None` where an orthogonal basis
/// is needed. `weights` are those of the remainder, by row.
#[must_use]
pub fn least_squares_of_remainder(
    of: &Arc<Remainder>,
    outcome: usize,
    regressors: &[usize],
    weights: Option<&[f64]>,
) -> Option<LeastSquares> {
    let several = least_squares_of_several_left(of, &[outcome], regressors, weights)?;
    Some(several.solution)
}

/// As [`least_squares_of_remainder`], of several outcomes on the same columns.
#[must_use]
pub fn least_squares_of_several_left(
    of: &Arc<Remainder>,
    outcomes: &[usize],
    regressors: &[usize],
    weights: Option<&[f64]>,
) -> Option<Several> {
    let (k, all, all_columns) = (regressors.len(), of.products(), of.width());
    let order: Vec<usize> = regressors.iter().chain(outcomes).copied().collect();
    let width = order.len();
    let products: Vec<f64> = order
        .iter()
        .flat_map(|&i| order.iter().map(move |&j| all[i * all_columns + j]))
        .collect();
    let (upper, left) = factor(&products, width, k)?;
    if k == 0 || left < INDEPENDENT {
        return None;
    }
    let weights = weights.map(|weights| Arc::new(weights.to_vec()));
    let transform = transformation(&upper, None);
    let (mut on_basis, mut residuals, mut squares) = (Vec::new(), Vec::new(), Vec::new());
    for (place, &outcome) in (k..).zip(outcomes) {
        let square = products[place * width + place];
        let own = forward_substitute(&upper, &products[place * width..place * width + k]);
        let rss = square - own.iter().map(|z| z * z).sum::<f64>();
        if rss.is_nan() || rss < UNEXPLAINED * square {
            return None;
        }
        let mut residual = vec![0.0; all_columns];
        residual[outcome] = 1.0;
        for (&column, b) in regressors.iter().zip(back_substitute(&upper, &own)) {
            residual[column] = -b;
        }
        on_basis.push(own);
        residuals.push(Column::later(of, residual, weights.clone()));
        squares.push((square, rss));
    }
    let basis = (0..k)
        .map(|j| {
            let mut own = vec![0.0; all_columns];
            for (i, &column) in regressors.iter().enumerate() {
                own[column] = transform[i * k + j];
            }
            Column::later(of, own, weights.clone())
        })
        .collect();
    let mut residuals = residuals.into_iter();
    let weighted_residuals = residuals.next()?;
    let (square, rss) = squares[0];
    let solution = LeastSquares {
        kept: (0..k).collect(),
        coefficients: back_substitute(&upper, &on_basis[0]),
        residuals: weighted_residuals.unweighted(weights.as_deref().map(Vec::as_slice)),
        weighted_residuals,
        rss,
        tss: square,
        outcome_square: square,
        basis,
        transform,
        ..LeastSquares::default()
    };
    Some(Several {
        solution,
        on_basis,
        left: residuals.collect(),
    })
}
