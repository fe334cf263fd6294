//! Least squares on the rows.

use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::{Constant, least_squares};
use crate::request::Estimator;

/// Pooled least squares of a design; effects, if any, are left out.
///
/// # Errors
/// No regressor and no constant, or every regressor dropped.
pub fn pooled(design: &Design) -> Result<Estimation, Error> {
    if design.x.is_empty() && !design.constant {
        return Err(Error::NoRegressor {
            formula: design.formula.clone(),
        });
    }
    let constant = if design.constant {
        Constant::Ones
    } else {
        Constant::None
    };
    let weights = design.weights.as_deref();
    let solution = least_squares(&design.y, &design.x, constant, weights)?;
    let why = if design.constant {
        "it does not vary"
    } else {
        "it is zero in every row"
    };
    let notes = collinear_notes(design, &solution.dropped, why)?;
    Ok(Estimation {
        estimator: Estimator::Pooled,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank: None,
        tss: solution.tss,
        centred: design.constant,
        tss_within: None,
        loglik: gaussian_loglik(design.n(), solution.rss, weights),
        extra: Extra::None,
        components: None,
        notes,
        solution,
    })
}
