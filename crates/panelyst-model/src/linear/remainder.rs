//! Least squares on what effects leave of columns, from their cross-products alone.
//!
//! The normal equations are factored as they are (Golub and Van Loan 2013, section 5.3.2), which is as good as an
//! orthogonal basis where the regressors are far from collinear and the outcome far from explained. Other cases are left
//! to [`super::least_squares_owned()`]. Neither basis nor residuals are made until somebody looks at them.

use super::Column;
use super::large::{factor, forward_substitute};
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
pub struct Tiled {
    /// The columns.
    pub of: Arc<Remainder>,
    /// Where the regressors stand among the columns.
    pub regressors: Vec<usize>,
    /// Coefficients of all columns whose sum is the residual.
    pub residual: Vec<f64>,
    /// The matrix that turns scores of the regressors, summed, into scores of the basis: its transpose, by rows.
    pub to_basis: Vec<f64>,
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
    let (k, width) = (regressors.len(), of.width());
    let order: Vec<usize> = regressors.iter().copied().chain([outcome]).collect();
    let all = of.products();
    let products: Vec<f64> = order
        .iter()
        .flat_map(|&i| order.iter().map(move |&j| all[i * width + j]))
        .collect();
    let (upper, left) = factor(&products, k + 1, k)?;
    if k == 0 || left < INDEPENDENT {
        return None;
    }
    let square = products[k * (k + 1) + k];
    let on_basis = forward_substitute(&upper, &products[k * (k + 1)..k * (k + 1) + k]);
    let rss = square - on_basis.iter().map(|z| z * z).sum::<f64>();
    if rss.is_nan() || rss < UNEXPLAINED * square {
        return None;
    }
    let coefficients = back_substitute(&upper, &on_basis);
    let transform = transformation(&upper, None);
    let mut residual = vec![0.0; width];
    residual[outcome] = 1.0;
    for (&column, b) in regressors.iter().zip(&coefficients) {
        residual[column] = -b;
    }
    let weights = weights.map(|weights| Arc::new(weights.to_vec()));
    let basis = (0..k)
        .map(|j| {
            let mut own = vec![0.0; width];
            for (i, &column) in regressors.iter().enumerate() {
                own[column] = transform[i * k + j];
            }
            Column::later(of, own, weights.clone())
        })
        .collect();
    let residuals = Column::later(of, residual.clone(), None);
    let weighted_residuals = match &weights {
        None => residuals.clone(),
        Some(_) => Column::later(of, residual.clone(), weights),
    };
    Some(LeastSquares {
        kept: (0..k).collect(),
        coefficients,
        residuals,
        weighted_residuals,
        rss,
        tss: square,
        outcome_square: square,
        basis,
        tiled: Some(Tiled {
            of: Arc::clone(of),
            regressors: regressors.to_vec(),
            residual,
            to_basis: transform.clone(),
        }),
        transform,
        ..LeastSquares::default()
    })
}
