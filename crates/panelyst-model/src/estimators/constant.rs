//! The constant of a model with absorbed effects, which is a normalisation and not a parameter.
//!
//! Each form is the constant of an actual regression whose slopes are those of the model, so its standard error under any
//! covariance is that regression's.

use super::within::{renumber, within_columns};
use super::{Estimation, Within};
use crate::Error;
use crate::design::Design;
use crate::linear::sums::mean;
use crate::linear::{Constant, least_squares};
use crate::request::ConstantRule;
use crate::results::Note;

/// Adds the constant of a rule to a within estimation.
///
/// `MeanPreserving`: the overall means are added back to the columns without effects, so that the constant is the mean of
/// the outcome less the means of the regressors times their coefficients. `TimeDummies`: the same after the unit effects
/// alone were removed, with dummies for every period but the first among the regressors.
///
/// # Errors
/// `TimeDummies` for effects other than unit and time, and the errors of the within estimator.
pub fn with_constant(
    design: &Design,
    mut estimation: Estimation,
    rule: ConstantRule,
) -> Result<Estimation, Error> {
    let (base, extra, note) = match rule {
        ConstantRule::None => return Ok(estimation),
        ConstantRule::MeanPreserving => (
            design.clone(),
            0,
            Note::new(
                "constant",
                "_cons is the mean of the outcome less the means of the regressors times their coefficients: the effects are normalised to average zero over the rows",
            )
            .about(["mean-preserving"]),
        ),
        ConstantRule::TimeDummies => time_dummies(design)?,
    };
    let weights = design.weights.as_deref();
    let Within { y, x, columns, .. } = within_columns(&base)?;
    let shift = |column: &[f64], raw: &[f64]| -> Vec<f64> {
        let centre = mean(raw, weights);
        column.iter().map(|v| v + centre).collect()
    };
    let y = shift(&y, &base.y);
    let x: Vec<Vec<f64>> = x
        .iter()
        .zip(&columns)
        .map(|(x, &c)| shift(x, &base.x[c]))
        .collect();
    let mut solution = least_squares(&y, &x, Constant::Ones, weights)?;
    renumber(&mut solution.kept, &mut solution.dropped, &columns);
    // The slopes of the model and the constant; time dummies stand after the regressors.
    let slopes = base.x.len() - extra;
    let mut places: Vec<usize> = (0..solution.kept.len())
        .filter(|&p| solution.kept[p] < slopes)
        .collect();
    places.push(solution.coefficients.len() - 1);
    solution.select(&places);
    estimation.regressor_leverages = Some(estimation.solution.leverages());
    estimation.names.push("_cons".to_owned());
    estimation.notes.push(note);
    // Residuals and sums of squares stay those of the model; they are equal but for rounding.
    solution.rss = estimation.solution.rss;
    solution.tss = estimation.solution.tss;
    solution.outcome_square = estimation.solution.outcome_square;
    solution.residuals = std::mem::take(&mut estimation.solution.residuals);
    solution.weighted_residuals = std::mem::take(&mut estimation.solution.weighted_residuals);
    solution.dropped = std::mem::take(&mut estimation.solution.dropped);
    estimation.solution = solution;
    Ok(estimation)
}

/// The design with unit effects and time dummies, the number of dummies, and the note.
fn time_dummies(design: &Design) -> Result<(Design, usize, Note), Error> {
    let other = || {
        Error::Unsupported {
        what: "the constant with time dummies".to_owned(),
        with: "these effects".to_owned(),
        advice: "it is defined for unit effects, alone or with time effects; ask for the mean-preserving constant"
            .to_owned(),
    }
    };
    let unit = design.unit_effect.ok_or_else(other)?;
    if design.effects.len() > 2 || !design.effects.iter().all(|(_, e)| e.is_plain()) {
        return Err(other());
    }
    let mut base = design.clone();
    let unit = base.effects.swap_remove(unit);
    let time = std::mem::replace(&mut base.effects, vec![unit]).pop();
    let Some((name, time)) = time else {
        return Ok((
            base,
            0,
            Note::new(
                "constant",
                "_cons is that of xtreg, fe: the unit effects average zero over the rows",
            )
            .about(["time-dummies"]),
        ));
    };
    for level in 1..time.levels as u32 {
        let dummy = |&code: &u32| if code == level { 1.0 } else { 0.0 };
        base.x.push(time.codes.iter().map(dummy).collect());
        base.names.push(format!("{name}::{level}"));
    }
    let note = Note::new(
        "constant",
        format!(
            "_cons is that of a regression with unit effects and dummies for {name} whose first period is left out, as xtreg with i.{name} prints: it is the level of the first period, with unit effects that average zero over the rows"
        ),
    )
    .about(["time-dummies"]);
    Ok((base, time.levels.saturating_sub(1), note))
}
