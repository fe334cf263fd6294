//! From a request to results.

use crate::covariance::{Covariance, OwnTest};
use crate::design::Design;
use crate::distributions::{
    normal_two_sided, normal_upper_quantile, t_two_sided, t_two_sided_quantile,
};
use crate::estimated::{estimate, fit_with};
use crate::estimators::{Estimation, Extra};
use crate::request::{ConstantRule, Estimator, Request};
use crate::results::{Coefficient, Fit, FixedEffect, Note, VcovInfo};
use crate::shared::{Model, fit_models};
use crate::{Error, conventions};
use arrow_array::RecordBatch;

/// Residual sums of squares below this share of the outcome's sum of squares are rounding noise.
const EXACT: f64 = 1e-28;

/// Residual sums of squares below this share of the total are worth a note.
const NEARLY_EXACT: f64 = 1e-20;

/// Estimates every formula of a request on the rows of a batch, sharing what the models have in common.
///
/// # Errors
/// The first formula that cannot be estimated.
pub fn fit(batch: &RecordBatch, request: &Request) -> Result<Vec<Fit>, Error> {
    let models: Vec<Model<'_>> = request
        .formulas
        .iter()
        .map(|formula| Model { formula, request })
        .collect();
    fit_models(batch, &models).into_iter().collect()
}

/// Estimates one design; `request` says which covariance, convention and constant.
///
/// # Errors
/// Those of the estimator and of the covariance, and an outcome that does not vary or is fitted exactly.
pub fn fit_design(design: &Design, request: &Request) -> Result<Fit, Error> {
    let convention = conventions::by_name(&request.convention)?;
    let (estimation, smaller) = estimate(design, request)?;
    let design = smaller.as_ref().unwrap_or(design);
    let said = (request.weights.as_deref(), request.constant);
    fit_with((design, &estimation), &request.vcov, convention, None, said)
}

/// The result of an estimation with a covariance.
pub(crate) fn result(
    design: &Design,
    estimation: &Estimation,
    covariance: &Covariance,
    convention: &str,
    (weights, constant): (Option<&str>, ConstantRule),
) -> Fit {
    let mut notes = design.notes.clone();
    if let Some(weights) = weights {
        notes.push(
            Note::new(
                "weights",
                match design.estimator.family() {
                    None => format!("weighted least squares with {weights} as analytic weights"),
                    Some(_) => format!("the log-likelihood of each row is weighted with {weights}"),
                },
            )
            .about([weights.to_owned()]),
        );
    }
    notes.extend(estimation.notes.iter().cloned());
    if constant != ConstantRule::None && design.estimator != Estimator::Within {
        notes.push(Note::new(
            "constant",
            "the constant is that of the regression; a rule for it concerns models with absorbed effects",
        ));
    }
    notes.extend(covariance.notes.iter().cloned());
    let likelihood = match &estimation.extra {
        Extra::Likelihood(told) => Some(told),
        _ => None,
    };
    if likelihood.is_none() && estimation.solution.rss <= NEARLY_EXACT * estimation.tss {
        notes.push(Note::new(
            "perfect-fit",
            "the residuals are next to rounding noise (R2 is 1): standard errors and tests mean little",
        ));
    }
    if !estimation.centred {
        notes.push(Note::new(
            "r2",
            "without a constant R2 is around zero, not around the mean",
        ));
    }
    if matches!(design.estimator, Estimator::Random | Estimator::RandomMl) {
        notes.push(Note::new(
            "r2",
            "R2, RSS and RMSE are those of the quasi-demeaned regression",
        ));
    }
    let mut fit = assemble(design, estimation, covariance, convention, notes);
    if let (Some(told), Some(loglik)) = (likelihood, fit.loglik) {
        fit.deviance = Some(told.deviance);
        fit.pseudo_r2 = Some(1.0 - loglik / told.null);
        fit.r2 = None;
        fit.r2_adjusted = None;
    }
    fit
}

/// That the outcome varies and is not fitted exactly.
pub(crate) fn check_exact(design: &Design, estimation: &Estimation) -> Result<(), Error> {
    let solution = &estimation.solution;
    if design.estimator.family().is_some() {
        return Ok(());
    }
    if estimation.tss <= EXACT * solution.outcome_square || estimation.tss == 0.0 {
        return Err(Error::NoVariation {
            outcome: design.outcome.clone(),
            why: "does not vary in the rows used".to_owned(),
        });
    }
    if solution.rss > EXACT * solution.outcome_square {
        return Ok(());
    }
    let terms: Vec<String> = estimation
        .names
        .iter()
        .zip(&solution.coefficients)
        .map(|(name, b)| format!("{b:.10} {name}"))
        .collect();
    Err(Error::ExactFit {
        outcome: design.outcome.clone(),
        equation: format!("{} = {}", design.outcome, terms.join(" + ")),
    })
}

fn assemble(
    design: &Design,
    estimation: &Estimation,
    covariance: &Covariance,
    convention: &str,
    mut notes: Vec<Note>,
) -> Fit {
    let solution = &estimation.solution;
    let found = inference(
        &estimation.names,
        &solution.coefficients,
        &covariance.matrix,
        covariance.df_test,
        &covariance.usual,
    );
    let coefficients = own_tests(found, &covariance.tests);
    notes.extend(without_error(&coefficients));
    let n = estimation.nobs() as f64;
    let clusters = covariance
        .clusters
        .iter()
        .map(|(name, groups)| (name.clone(), (*groups).into()))
        .collect();
    let r2 = 1.0 - solution.rss / estimation.tss;
    let total_df = if estimation.centred { n - 1.0 } else { n };
    let mut columns_used: Vec<String> = design.panel.iter().map(|p| p.unit.clone()).collect();
    for (name, _) in &covariance.clusters {
        if !columns_used.contains(name) {
            columns_used.push(name.clone());
        }
    }
    Fit {
        formula: design.formula.clone(),
        model: design.estimator.row().name.to_owned(),
        outcome: design.outcome.clone(),
        sample: design.sample.clone(),
        nobs: estimation.nobs(),
        vcov: VcovInfo {
            kind: covariance.kind.clone(),
            convention: convention.to_owned(),
            clusters,
            small_sample_factor: covariance.factor,
            factor_rule: covariance.rule.clone(),
            parameters: covariance
                .rule
                .contains('K')
                .then_some(covariance.parameters),
        },
        df_residual: covariance.df_residual,
        df_test: covariance.df_test,
        coefficients,
        fixed_effects: design
            .effects
            .iter()
            .map(|(name, effect)| FixedEffect {
                name: name.clone(),
                levels: effect.levels,
            })
            .collect(),
        r2: Some(r2),
        r2_adjusted: Some(1.0 - (1.0 - r2) * total_df / covariance.df_residual),
        r2_within: estimation.tss_within.map(|tss| 1.0 - solution.rss / tss),
        rmse: (solution.rss / n).sqrt(),
        rss: solution.rss,
        loglik: estimation.loglik,
        deviance: None,
        pseudo_r2: None,
        first_stages: Vec::new(),
        instruments: None,
        small_samples: None,
        variance_components: estimation.components.clone(),
        notes,
        covariance: covariance.matrix.clone(),
        rows_used: design.rows.clone(),
        residuals: solution.residuals.clone(),
        columns_used,
    }
}

/// Level of the intervals: 95 %.
const OUTSIDE: f64 = 0.05;

/// A variance below this share of that by homoskedastic errors is rounding of scores that cancel: what absorbing effects leaves
/// of them is far below its root.
const CANCELS: f64 = 1e-20;

/// Tests and intervals of each coefficient from a covariance; t with `df` degrees of freedom, normal without. `usual` are the
/// variances by homoskedastic errors: a coefficient whose variance is rounding beside its own has no error.
pub fn inference(
    names: &[String],
    estimates: &[f64],
    covariance: &[f64],
    df: Option<f64>,
    usual: &[f64],
) -> Vec<Coefficient> {
    let k = estimates.len();
    let critical = match df {
        Some(df) => t_two_sided_quantile(OUTSIDE, df),
        None => normal_upper_quantile(0.5 * OUTSIDE),
    };
    names
        .iter()
        .zip(estimates)
        .enumerate()
        .map(|(i, (name, &estimate))| {
            let variance = covariance[i * k + i];
            if usual[i].is_normal() && variance <= CANCELS * usual[i] {
                return Coefficient {
                    df: None,
                    term: name.clone(),
                    estimate,
                    std_error: f64::NAN,
                    statistic: f64::NAN,
                    p_value: f64::NAN,
                    ci_low: f64::NAN,
                    ci_high: f64::NAN,
                };
            }
            let std_error = variance.max(0.0).sqrt();
            let ratio = estimate / std_error;
            // An error of exactly zero makes every value but zero infinitely far from zero.
            let statistic = if ratio.is_nan() {
                0.0
            } else {
                ratio.clamp(-f64::MAX, f64::MAX)
            };
            Coefficient {
                df: None,
                term: name.clone(),
                estimate,
                std_error,
                statistic,
                p_value: match df {
                    Some(df) => t_two_sided(statistic, df),
                    None => normal_two_sided(statistic),
                },
                ci_low: estimate - critical * std_error,
                ci_high: estimate + critical * std_error,
            }
        })
        .collect()
}

/// That some coefficients have no error, if some have none.
pub(crate) fn without_error(coefficients: &[Coefficient]) -> Option<Note> {
    let none = coefficients.iter().filter(|c| c.std_error.is_nan());
    let names: Vec<&str> = none.map(|c| c.term.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let text = format!(
        "no standard error of {}: the variance is zero but for rounding, since the residuals times what is left of the regressor cancel in every sum (as with two units under effects of units and periods, or with dummies of the clusters) or a negative variance was set to zero; iid errors are defined",
        names.join(", ")
    );
    Some(Note::new("no-error", text).about(names))
}

/// Coefficients with the tests that they have of their own, but for those without an error.
fn own_tests(mut coefficients: Vec<Coefficient>, tests: &[OwnTest]) -> Vec<Coefficient> {
    let pairs = coefficients.iter_mut().zip(tests);
    for (coefficient, test) in pairs.filter(|(c, _)| !c.std_error.is_nan()) {
        if let Some(df) = test.df {
            coefficient.df = Some(df);
            coefficient.p_value = t_two_sided(coefficient.statistic, df);
            let half = t_two_sided_quantile(OUTSIDE, df) * coefficient.std_error;
            coefficient.ci_low = coefficient.estimate - half;
            coefficient.ci_high = coefficient.estimate + half;
        }
        if let Some(p_value) = test.p_value {
            coefficient.p_value = p_value;
        }
        if let Some([low, high]) = test.interval {
            coefficient.ci_low = low;
            coefficient.ci_high = high;
        }
    }
    coefficients
}
