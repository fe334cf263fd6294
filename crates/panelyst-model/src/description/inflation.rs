//! How much collinearity inflates the variance of each coefficient.

use arrow_array::RecordBatch;
use panelyst_lang::Formula;

use crate::Error;
use crate::design::{Design, design};
use crate::estimators::within_columns;
use crate::linear::{Constant, least_squares};
use crate::request::Request;
use crate::results::VarianceInflation;

/// Variance inflation factors of the regressors of a formula on its estimation sample (Marquardt 1970).
///
/// On levels 1 / (1 - R2) of the regression of a regressor on the others and a constant; within, the same after all
/// effects of the formula were absorbed (R2 then around zero), which is what the variances of a fixed-effects model
/// depend on. Infinite for a combination of the others (or a regressor that does not vary); within `None` without effects
/// and for a regressor that the effects absorb. Weights of the request count.
///
/// # Errors
/// Those of building the design and of absorbing its effects.
pub fn variance_inflation(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
) -> Result<Vec<VarianceInflation>, Error> {
    inflation(&design(batch, formula, request)?)
}

pub(super) fn inflation(design: &Design) -> Result<Vec<VarianceInflation>, Error> {
    let weights = design.weights.as_deref();
    let levels = factors(&design.x, Constant::Ones, weights)?;
    let mut within = vec![None; design.x.len()];
    if !design.effects.is_empty() {
        let columns = within_columns(design)?;
        let values = factors(&columns.x, Constant::None, weights)?;
        for (&column, value) in columns.columns.iter().zip(values) {
            within[column] = Some(value);
        }
    }
    Ok(design
        .names
        .iter()
        .zip(levels)
        .zip(within)
        .map(|((name, levels), within)| VarianceInflation {
            variable: name.clone(),
            levels,
            within,
        })
        .collect())
}

/// Total over residual sum of squares of each column on the others.
fn factors(
    columns: &[impl AsRef<[f64]>],
    constant: Constant<'_>,
    weights: Option<&[f64]>,
) -> Result<Vec<f64>, Error> {
    // Below this share the residuals are rounding, as for a regressor dropped from a model.
    const COLLINEAR: f64 = 1e-18;
    (0..columns.len())
        .map(|j| {
            let others: Vec<&[f64]> = columns
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != j)
                .map(|(_, column)| column.as_ref())
                .collect();
            let ls = least_squares(columns[j].as_ref(), &others, constant, weights)?;
            Ok(
                if ls.rss <= COLLINEAR * ls.tss || ls.tss <= 1e-28 * ls.outcome_square {
                    f64::INFINITY
                } else {
                    ls.tss / ls.rss
                },
            )
        })
        .collect()
}
