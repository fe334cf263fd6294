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
use crate::results::{FirstStage, Instruments};
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
