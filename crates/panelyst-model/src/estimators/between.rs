//! Least squares on unit means (Baltagi 2021, section 2.3).

use super::units::{counts, means};
use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::{Constant, least_squares};
use crate::request::Estimator;
use crate::results::Note;

/// The between estimator of a design: one observation a unit, in the order of unit codes.
///
/// # Errors
/// No panel, every regressor dropped.
pub fn between(design: &Design) -> Result<Estimation, Error> {
    let (unit, units) = design.units("the between estimator")?;
    let counts = counts(unit, units);
    let y = means(&design.y, unit, &counts);
    let x: Vec<Vec<f64>> = design.x.iter().map(|x| means(x, unit, &counts)).collect();
    if x.is_empty() && !design.constant {
        return Err(Error::NoRegressor {
            formula: design.formula.clone(),
        });
    }
    let constant = if design.constant {
        Constant::Ones
    } else {
        Constant::None
    };
    let solution = least_squares(&y, &x, constant, None)?;
    let mut notes = collinear_notes(design, &solution.dropped, "its unit means do not vary")?;
    notes.push(Note::new(
        "between",
        format!(
            "the observations are the means of {units} units; a unit with fewer rows counts as much"
        ),
    ));
    Ok(Estimation {
        estimator: Estimator::Between,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Units,
        regressor_leverages: None,
        rank: None,
        tss: solution.tss,
        centred: design.constant,
        tss_within: None,
        loglik: gaussian_loglik(units, solution.rss, None),
        extra: Extra::None,
        components: None,
        notes,
        solution,
    })
}
