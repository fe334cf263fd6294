//! Diagnostics of instrumental regressions: strength of the instruments, overidentification, endogeneity, and inference
//! that does not need strong instruments.
//!
//! Every statistic is formed in the orthonormal basis of the instruments after exogenous regressors, effects and
//! weights were taken care of, where it is a form of the cross-products with one residual and of the covariance of
//! these. That covariance is the one of the fit, whatever its kind, with the small-sample factor of the convention
//! unless a formula says otherwise.

mod bench;
mod confidence_set;
mod statistics;

use crate::Error;
use crate::conventions::Convention;
use crate::covariance::Columns;
use crate::design::Design;
use crate::estimators::{Estimation, Extra};
use crate::request::Vcov;
use crate::results::{FirstStage, Instruments, Note};
use bench::Bench;

/// First stages and tests of an estimation with instruments, by a covariance from the columns that it needs; `None` for
/// other estimations.
///
/// # Errors
/// Those of the covariance, for example no degree of freedom left in the first stage.
pub fn diagnose(
    design: &Design,
    estimation: &Estimation,
    (vcov, convention): (&Vcov, &Convention),
    columns: &Columns<'_>,
) -> Result<Option<(Vec<FirstStage>, Instruments)>, Error> {
    let Extra::Instrumental(parts) = &estimation.extra else {
        return Ok(None);
    };
    let by = (vcov, convention);
    let mut bench = Bench::new(design, estimation, parts, by, columns);
    let laid = parts
        .residuals
        .iter()
        .map(|residual| bench.lay(residual.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    let first_stages = laid
        .iter()
        .enumerate()
        .map(|(j, laid)| statistics::first_stage(&mut bench, parts, laid, j))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tests = statistics::strength(&mut bench, parts, &laid)?;
    let residual = &estimation.solution.weighted_residuals;
    tests.extend(statistics::overidentification(&mut bench, parts, residual)?);
    let (test, confidence_set) = confidence_set::anderson_rubin(&mut bench, parts, &laid)?;
    drop(bench);
    tests.push(statistics::wu_hausman(
        design, estimation, parts, by, columns,
    )?);
    tests.push(test);
    let excluded = parts.names[parts.exogenous..parts.exogenous + parts.excluded].to_vec();
    Ok(Some((
        first_stages,
        Instruments {
            endogenous: parts.endogenous.clone(),
            excluded,
            kappa: parts.kappa,
            tests,
            confidence_set,
        },
    )))
}

/// First-stage F below which instruments count as weak (Staiger and Stock 1997, section 5).
const STRONG: f64 = 10.0;

/// A note where the instruments are weak by the rule of Staiger and Stock (1997): the effective F of Montiel Olea and Pflueger
/// (2013), or with several endogenous regressors the Wald F of Kleibergen and Paap (2006), is below ten.
pub fn weakness(instruments: &Instruments) -> Option<Note> {
    let value = |name: &str| {
        let found = instruments.tests.iter().find(|test| test.test == name);
        found.and_then(|test| test.statistic)
    };
    let (name, value) = match value("effective-f") {
        Some(value) => ("effective", value),
        None => ("Kleibergen-Paap", value("kleibergen-paap-f")?),
    };
    (value < STRONG).then(|| {
        let shown = format!("{value:.2}");
        let text = format!(
            "weak instruments: the {name} F of the first stage is {shown}, below 10 (Staiger and Stock 1997), so that estimates lean towards least squares and t tests reject too often; read the Anderson-Rubin test and its confidence set, which hold however weak the instruments are, or find stronger instruments"
        );
        Note::new("weak-instruments", text).about([name.to_owned(), shown])
    })
}
