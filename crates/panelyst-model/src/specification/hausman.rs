//! Fixed against random unit effects (Hausman 1978).
//!
//! H = (b_F - b_R)' (V_F - V_R)^-1 (b_F - b_R) over the coefficients that both models have. V_F - V_R is positive definite
//! only in the limit; in a sample it need not be, and then there is no statistic. Both models of a test have the same
//! regressors; those that do not vary within units have no fixed-effects coefficient and take no part.

use super::models::{Fitted, Models, levels, within};
use super::verdict::{Law, Verdict};
use crate::Error;
use crate::covariance::cluster::sandwich;
use crate::design::{Cluster, Design};
use crate::estimators::{Estimation, random};
use crate::linear::symmetric::eigen;

/// A contrast of a coefficient whose variance is below this share of the larger variance is zero by construction.
const NO_CONTRAST: f64 = 1e-9;

/// Eigenvalues of the difference scaled to unit diagonal within this of zero count as zero; the entries carry the
/// rounding of two covariances, at most about 1e-16 / [`NO_CONTRAST`].
const SINGULAR: f64 = 1e-7;

/// Whose error variance the two covariances take.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Variance {
    /// Each its own.
    Own,
    /// Both that of the random-effects model.
    Efficient,
    /// Both that of the fixed-effects model.
    Consistent,
}

pub(super) fn classic(m: &Models<'_>) -> Result<Verdict, Error> {
    contrast(m, m.design, &m.within_unit, Variance::Own)
}

pub(super) fn sigmamore(m: &Models<'_>) -> Result<Verdict, Error> {
    contrast(m, m.design, &m.within_unit, Variance::Efficient)
}

pub(super) fn sigmaless(m: &Models<'_>) -> Result<Verdict, Error> {
    contrast(m, m.design, &m.within_unit, Variance::Consistent)
}

/// Indicators of the periods are in both models; only the coefficients of the regressors are compared.
pub(super) fn sigmamore_time(m: &Models<'_>) -> Result<Verdict, Error> {
    let design = with_periods(m);
    let fixed = within(&design, vec![levels(&m.unit, m.units)])?;
    contrast(m, &design, &fixed, Variance::Efficient)
}

pub(super) fn mundlak(m: &Models<'_>) -> Result<Verdict, Error> {
    means_test(m, m.design, &m.within_unit)
}

/// Indicators of the periods are in the model beside the regressors and the unit means of the regressors.
pub(super) fn mundlak_time(m: &Models<'_>) -> Result<Verdict, Error> {
    let design = with_periods(m);
    let fixed = within(&design, vec![levels(&m.unit, m.units)])?;
    means_test(m, &design, &fixed)
}

/// The design with an indicator of each period but the first before the regressors' collinear ones are dropped.
fn with_periods(m: &Models<'_>) -> Design {
    let mut design = m.design.clone();
    for (dummy, period) in m.period_dummies().into_iter().zip(m.periods.iter().skip(1)) {
        design.names.push(period.to_string());
        design.x.push(dummy.into());
    }
    design
}

/// Random effects, or the reason why they cannot be estimated.
fn random_effects(design: &Design) -> Result<Result<Estimation, String>, Error> {
    match random(design) {
        Ok(estimation) => Ok(Ok(estimation)),
        Err(error @ (Error::Unsupported { .. } | Error::TooFewRows { .. })) => {
            Ok(Err(format!("random effects cannot be estimated: {error}")))
        }
        Err(error) => Err(error),
    }
}

/// The statistic over the regressors that the formula gives; those that `design` has beside them are not compared.
fn contrast(
    m: &Models<'_>,
    design: &Design,
    fixed: &Result<Fitted, String>,
    variance: Variance,
) -> Result<Verdict, Error> {
    let none = Law::Chi2(0.0);
    let compared = m.design.x.len();
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(reason) => return Ok(Verdict::undefined(none, reason.as_str())),
    };
    if !fixed.has_residuals() {
        return Ok(Verdict::undefined(
            none,
            "the fixed-effects model fits exactly",
        ));
    }
    let random = match random_effects(design)? {
        Ok(random) => random,
        Err(reason) => return Ok(Verdict::undefined(none, reason)),
    };
    let solution = &random.solution;
    let s2_fixed = fixed.s2();
    let s2_random = solution.rss / (solution.residuals.len() - solution.k()) as f64;
    let (factor_fixed, factor_random) = match variance {
        Variance::Own => (s2_fixed, s2_random),
        Variance::Efficient => (s2_random, s2_random),
        Variance::Consistent => (s2_fixed, s2_fixed),
    };
    // Places of the common coefficients in either solution.
    let common: Vec<(usize, usize, usize)> = fixed
        .kept
        .iter()
        .enumerate()
        .filter(|(_, column)| **column < compared)
        .filter_map(|(at, column)| {
            let other = solution.kept.iter().position(|c| c == column)?;
            Some((*column, at, other))
        })
        .collect();
    let (bread_fixed, bread_random) = (fixed.ls.bread(), solution.bread());
    let (kf, kr) = (fixed.ls.k(), solution.k());
    let difference = |a: usize, b: usize| {
        let (_, fa, ra) = common[a];
        let (_, fb, rb) = common[b];
        factor_fixed * bread_fixed[fa * kf + fb] - factor_random * bread_random[ra * kr + rb]
    };
    // On the inverse cross-products, so that two error variances do not make a contrast where there is none.
    let differs = |a: &usize| {
        let (_, fa, ra) = common[*a];
        let larger = bread_fixed[fa * kf + fa];
        (larger - bread_random[ra * kr + ra]).abs() > NO_CONTRAST * larger
    };
    let (used, equal): (Vec<usize>, Vec<usize>) = (0..common.len()).partition(differs);
    let matrix: Vec<f64> = used
        .iter()
        .flat_map(|&a| used.iter().map(move |&b| (a, b)))
        .map(|(a, b)| difference(a, b))
        .collect();
    let gaps: Vec<f64> = used
        .iter()
        .map(|&a| {
            let (_, fa, ra) = common[a];
            fixed.ls.coefficients[fa] - solution.coefficients[ra]
        })
        .collect();
    let mut notes = Vec::new();
    let missing: Vec<usize> = (0..compared)
        .filter(|j| solution.kept.contains(j) && !fixed.kept.contains(j))
        .collect();
    if !missing.is_empty() {
        notes.push(format!(
            "without {}, absorbed by the fixed effects",
            m.names(&missing)
        ));
    }
    if !equal.is_empty() {
        let columns: Vec<usize> = equal.iter().map(|&a| common[a].0).collect();
        notes.push(format!(
            "without {}, estimated alike by both models",
            m.names(&columns)
        ));
    }
    if random
        .components
        .as_ref()
        .is_some_and(|c| c.sigma2_u == 0.0)
    {
        notes.push(
            "the variance of the unit effect was estimated as zero: the random-effects model is pooled least squares"
                .to_owned(),
        );
    }
    Ok(quadratic(&matrix, &gaps, notes))
}

/// The statistic, if the covariance of the differences is positive definite. A positive value of the formula for a matrix
/// that is not is kept without a p-value, for it is what other programs print.
///
/// Decided on the matrix scaled by its diagonal, since in the units of the data valid eigenvalues can be 1e-11.
fn quadratic(matrix: &[f64], gaps: &[f64], mut notes: Vec<String>) -> Verdict {
    let q = gaps.len();
    let law = Law::Chi2(q as f64);
    if q == 0 {
        notes.insert(0, "no coefficient can be compared".to_owned());
        return Verdict::undefined(law, notes.join("; "));
    }
    let scales: Vec<f64> = (0..q).map(|a| matrix[a * q + a].abs().sqrt()).collect();
    let scaled: Vec<f64> = (0..q * q)
        .map(|at| matrix[at] / (scales[at / q] * scales[at % q]))
        .collect();
    let Some((values, vectors)) = eigen(&scaled, q) else {
        notes.insert(0, "the eigenvalues could not be computed".to_owned());
        return Verdict::undefined(law, notes.join("; "));
    };
    let mut statistic = 0.0;
    let mut rank = 0;
    for (value, vector) in values.iter().zip(&vectors) {
        if value.abs() > SINGULAR {
            let along: f64 = (0..q).map(|a| vector[a] * gaps[a] / scales[a]).sum();
            statistic += along * along / value;
            rank += 1;
        }
    }
    let smallest = values.first().copied().unwrap_or(0.0);
    if smallest < -SINGULAR {
        let mut reason = format!(
            "V(FE) - V(RE) is not positive definite, smallest eigenvalue {smallest:.2e} of the matrix scaled by its diagonal, so that the statistic has no distribution"
        );
        if statistic < 0.0 {
            reason = format!("{reason} (the formula gives {statistic:.4})");
        }
        notes.insert(0, reason);
        notes.push("the cluster-robust Mundlak form decides".to_owned());
        return Verdict::without_distribution(statistic, law, notes.join("; "));
    }
    if rank < q {
        notes.push(format!(
            "{} of {q} contrasts are combinations of the others and count once",
            q - rank
        ));
    }
    Verdict::found(statistic, Law::Chi2(rank as f64), notes.join("; "))
}

/// Random effects with the unit means of the regressors added; the means' coefficients are zero if the effects are
/// uncorrelated with the regressors (Mundlak 1978). Means of period indicators, which vary in an unbalanced panel, are
/// added too and not tested (Wooldridge 2019). Wald test with a covariance clustered by unit and the factor
/// G / (G - 1) * (n - 1) / (n - K).
fn means_test(
    m: &Models<'_>,
    base: &Design,
    fixed: &Result<Fitted, String>,
) -> Result<Verdict, Error> {
    let none = Law::Chi2(0.0);
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(reason) => return Ok(Verdict::undefined(none, reason.as_str())),
    };
    if m.units < 2 {
        return Ok(Verdict::undefined(none, "one unit"));
    }
    let by_unit = m.rows_by_unit();
    let mut design = base.clone();
    let first = design.x.len();
    for &column in &fixed.kept {
        let source = &base.x[column];
        let mut means = vec![0.0; source.len()];
        for rows in &by_unit {
            let mean = rows.iter().map(|&r| source[r]).sum::<f64>() / rows.len() as f64;
            for &row in rows {
                means[row] = mean;
            }
        }
        design.names.push(format!("mean of {}", base.names[column]));
        design.x.push(means.into());
    }
    let random = match random_effects(&design)? {
        Ok(random) => random,
        Err(reason) => return Ok(Verdict::undefined(none, reason)),
    };
    let solution = &random.solution;
    let k = solution.k();
    let n = solution.residuals.len();
    let last = first + fixed.kept.iter().filter(|j| **j < m.design.x.len()).count();
    let tested: Vec<usize> = (0..solution.kept.len())
        .filter(|&at| (first..last).contains(&solution.kept[at]))
        .collect();
    let q = tested.len();
    let law = Law::Chi2(q as f64);
    if q == 0 {
        return Ok(Verdict::undefined(
            law,
            "no unit mean varies beside the regressors",
        ));
    }
    if q >= m.units {
        return Ok(Verdict::undefined(
            law,
            format!("{q} means cannot be tested with {} clusters", m.units),
        ));
    }
    if solution.rss <= 1e-18 * solution.outcome_square {
        return Ok(Verdict::undefined(law, "the model fits exactly"));
    }
    let cluster = Cluster {
        name: String::new(),
        codes: m.unit.clone().into(),
        groups: m.units,
    };
    let (covariance, _) = sandwich(solution, &[&cluster])?;
    let groups = m.units as f64;
    let factor = groups / (groups - 1.0) * (n as f64 - 1.0) / (n - k) as f64;
    let matrix: Vec<f64> = tested
        .iter()
        .flat_map(|&a| tested.iter().map(move |&b| (a, b)))
        .map(|(a, b)| factor * covariance[a * k + b])
        .collect();
    let estimates: Vec<f64> = tested.iter().map(|&a| solution.coefficients[a]).collect();
    let mut verdict = quadratic(&matrix, &estimates, Vec::new());
    if let (Some(statistic), Law::Chi2(df), true) =
        (verdict.statistic, verdict.law, verdict.defined)
    {
        let p = Law::F(df, groups - 1.0).upper(statistic / df);
        let mut note = format!(
            "{} clusters; as F({df}, {}) = {:.4}: p = {p:.4}",
            m.units,
            m.units - 1,
            statistic / df
        );
        if !verdict.note.is_empty() {
            note = format!("{note}; {}", verdict.note);
        }
        verdict.note = note;
    } else {
        verdict = Verdict::undefined(law, "the clustered covariance of the means is singular");
    }
    Ok(verdict)
}
