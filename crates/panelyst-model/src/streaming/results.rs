//! Sums to a [`Fit`].

use super::absorb::Absorbed;
use super::apply::Applied;
use super::covariance::covariance;
use super::levels::Gathered;
use super::plan::Plan;
use crate::Error;
use crate::design::Selection;
use crate::fit::{inference, without_error};
use crate::linear::Column;
use crate::request::{Estimator, Request};
use crate::results::{Fit, FixedEffect, Note, VcovInfo};

/// Residual sums of squares below this share of the outcome's sum of squares are rounding noise.
const EXACT: f64 = 1e-28;

/// Puts the results together. Rows and residuals are not held, so that those fields are empty.
pub(super) fn fit(
    plan: &Plan<'_>,
    request: &Request,
    gathered: &Gathered,
    absorbed: &Absorbed,
    applied: &Applied,
    mut notes: Vec<Note>,
) -> Result<Fit, Error> {
    let n = gathered.rows as f64;
    let outcome = plan.formula.outcome.to_string();
    let tss = if plan.centred() {
        gathered.cross[0] - gathered.totals[0] * gathered.totals[0] / gathered.weight
    } else {
        gathered.raw[0]
    };
    let mut names: Vec<String> = applied
        .kept
        .iter()
        .map(|&c| plan.names[c].clone())
        .collect();
    if plan.constant() {
        names.push("_cons".to_owned());
    }
    if applied.rss <= EXACT * gathered.raw[0] {
        let terms: Vec<String> = names
            .iter()
            .zip(&applied.coefficients)
            .map(|(name, b)| format!("{b:.10} {name}"))
            .collect();
        return Err(Error::ExactFit {
            equation: format!("{outcome} = {}", terms.join(" + ")),
            outcome,
        });
    }
    notes.extend(dropped(plan, applied)?);
    let covariance = covariance(plan, gathered, applied)?;
    if let Some(weights) = plan.weights {
        notes.push(
            Note::new(
                "weights",
                format!("weighted least squares with {weights} as analytic weights"),
            )
            .about([weights.to_owned()]),
        );
    }
    if absorbed.iterations > 0 {
        notes.push(Note::new(
            "iterations",
            format!(
                "the effects took {} iterations; what is left is orthogonal to every level to {:.0e} of its norm",
                absorbed.iterations, applied.imbalance
            ),
        )
        .about([absorbed.iterations.to_string()]));
    }
    notes.extend(covariance.notes);
    if !plan.centred() {
        notes.push(Note::new(
            "r2",
            "without a constant R2 is around zero, not around the mean",
        ));
    }
    let coefficients = inference(
        &names,
        &applied.coefficients,
        &covariance.matrix,
        Some(covariance.df_test),
        &covariance.usual,
    );
    notes.extend(without_error(&coefficients));
    let r2 = 1.0 - applied.rss / tss;
    let total_df = if plan.centred() { n - 1.0 } else { n };
    let within = plan.estimator.estimator == Estimator::Within;
    let loglik = -0.5 * n * ((std::f64::consts::TAU * applied.rss / n).ln() + 1.0)
        + 0.5 * gathered.log_weight;
    let levels = gathered.levels_in_use();
    let mut columns_used: Vec<String> = request.panel.iter().map(|p| p.unit.clone()).collect();
    for name in &plan.clusters {
        if !columns_used.contains(name) {
            columns_used.push(name.clone());
        }
    }
    Ok(Fit {
        formula: plan.formula.text.clone(),
        model: plan.estimator.name.to_owned(),
        outcome,
        sample: gathered.sample.clone(),
        nobs: gathered.rows,
        vcov: VcovInfo {
            kind: covariance.kind,
            convention: plan.convention.name.to_owned(),
            clusters: plan
                .clusters
                .iter()
                .zip(&applied.clusters)
                .map(|(name, &groups)| (name.clone(), groups.into()))
                .collect(),
            small_sample_factor: covariance.factor,
            factor_rule: covariance.rule,
            parameters: covariance.parameters,
        },
        df_residual: covariance.df_residual,
        df_test: Some(covariance.df_test),
        coefficients,
        fixed_effects: plan
            .effects
            .iter()
            .zip(levels)
            .map(|(effect, levels)| FixedEffect {
                name: effect.name.clone(),
                levels,
            })
            .collect(),
        r2: Some(r2),
        r2_adjusted: Some(1.0 - (1.0 - r2) * total_df / covariance.df_residual),
        r2_within: within.then(|| 1.0 - applied.rss / applied.tss_within),
        rmse: (applied.rss / n).sqrt(),
        rss: applied.rss,
        loglik: loglik.is_finite().then_some(loglik),
        deviance: None,
        pseudo_r2: None,
        variance_components: None,
        first_stages: Vec::new(),
        instruments: None,
        small_samples: None,
        notes,
        covariance: covariance.matrix,
        rows_used: Selection::default(),
        residuals: Column::default(),
        columns_used,
    })
}

/// One note for each dropped regressor; an error if none is left of some.
fn dropped(plan: &Plan<'_>, applied: &Applied) -> Result<Vec<Note>, Error> {
    let effects: Vec<&str> = plan.effects.iter().map(|e| e.name.as_str()).collect();
    let alone = if !effects.is_empty() {
        format!("the effects {} absorb it", effects.join(", "))
    } else if plan.formula.constant {
        "it does not vary".to_owned()
    } else {
        "it is zero in every row".to_owned()
    };
    let mut notes = Vec::new();
    for column in &applied.dropped {
        let name = &plan.names[column.column];
        let with: Vec<&str> = column
            .with
            .iter()
            .map(|&c| plan.names[c].as_str())
            .collect();
        let why = if with.is_empty() {
            alone.clone()
        } else {
            format!("it is collinear with {}", with.join(", "))
        };
        notes.push(
            Note::new("collinear", format!("{name} was dropped: {why}")).about([name.clone()]),
        );
    }
    if !plan.names.is_empty() && applied.dropped.len() == plan.names.len() {
        let reasons: Vec<String> = notes.iter().map(|note| note.text.clone()).collect();
        return Err(Error::AllDropped {
            reasons: reasons.join("; "),
        });
    }
    Ok(notes)
}
