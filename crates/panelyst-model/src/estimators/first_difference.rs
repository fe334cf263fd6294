//! Least squares on differences to the previous calendar period.

use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes, gaussian_loglik};
use crate::Error;
use crate::design::Design;
use crate::linear::{Constant, least_squares};
use crate::request::Estimator;
use crate::results::Note;
use panelyst_lang::PanelIndex;

/// The first-difference estimator of a design; the observations are the rows whose previous period is used too.
///
/// # Errors
/// No panel, no two consecutive periods, every regressor dropped.
pub fn first_difference(design: &Design) -> Result<Estimation, Error> {
    let (unit, units) = design.units("the first-difference estimator")?;
    let time = design.time.clone().unwrap_or_default();
    let index = PanelIndex::new(unit.to_vec(), time).map_err(|pair| Error::Unsupported {
        what: format!(
            "a second row for the same unit and period (rows {} and {} of the sample)",
            pair.first + 1,
            pair.second + 1
        ),
        with: "first differences".to_owned(),
        advice: "keep one row for each unit and period".to_owned(),
    })?;
    let pairs: Vec<(usize, usize)> = (0..design.n())
        .filter_map(|row| index.lagged(row, 1).map(|before| (row, before)))
        .collect();
    if pairs.is_empty() {
        return Err(Error::NoRows {
            rows: design.n(),
            reasons: "no unit has two consecutive periods".to_owned(),
        });
    }
    let difference = |column: &[f64]| -> Vec<f64> {
        pairs.iter().map(|&(r, b)| column[r] - column[b]).collect()
    };
    let y = difference(&design.y);
    let x: Vec<Vec<f64>> = design.x.iter().map(|x| difference(x)).collect();
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
    let why = if design.constant {
        "its differences do not vary"
    } else {
        "it does not change over time"
    };
    let mut notes = collinear_notes(design, &solution.dropped, why)?;
    notes.push(Note::new(
        "first-difference",
        format!(
            "the observations are {} differences to the previous period of {} rows in {units} units; {}",
            pairs.len(),
            design.n(),
            if design.constant {
                "the constant is a drift, write `0 +` to leave it out"
            } else {
                "without a constant"
            }
        ),
    ));
    Ok(Estimation {
        estimator: Estimator::FirstDifference,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Some(pairs.iter().map(|&(r, _)| r).collect()),
        regressor_leverages: None,
        rank: None,
        tss: solution.tss,
        centred: design.constant,
        tss_within: None,
        loglik: gaussian_loglik(pairs.len(), solution.rss, None),
        extra: Extra::None,
        components: None,
        notes,
        solution,
    })
}
