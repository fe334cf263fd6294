//! Published numbers beside our estimates: whether rounding explains the difference, and which errors they are.

use super::estimates::{Data, Estimated, estimate_all, plain_request};
use crate::error::Error;
use crate::plan::{ColumnPlan, PublicationPlan, PublishedColumn, Study};
use panelyst_audit::{Interval, Printed};
use panelyst_lang::{plain_name, ticked};
use panelyst_model::conventions::CONVENTIONS;
use panelyst_model::results::Coefficient;
use panelyst_model::{Fit, Vcov, side_by_side};
use panelyst_report::publication::{Compared, ComparedColumn, Publication, Quantity};

/// Estimates the model of each published column and compares.
///
/// # Errors
/// What a model reports, and a term that an estimated model does not have.
pub fn publication(
    study: &Study,
    data: &Data,
    plan: &PublicationPlan,
    place: impl Fn(usize) -> String,
) -> Result<(Publication, Vec<Estimated>), Error> {
    let models: Vec<ColumnPlan> = plan.columns.iter().map(|c| c.column.clone()).collect();
    let estimated = estimate_all(study, data, &models, |column| place(column + 1))?;
    let mut columns = Vec::with_capacity(estimated.len());
    for (published, ours) in plan.columns.iter().zip(&estimated) {
        columns.push(compared(study, data, published, &ours.fit)?);
    }
    let publication = Publication {
        source: plan.source.get(study.settings.lang).to_owned(),
        columns,
    };
    Ok((publication, estimated))
}

fn compared(
    study: &Study,
    data: &Data,
    published: &PublishedColumn,
    fit: &Fit,
) -> Result<ComparedColumn, Error> {
    let mut numbers = Vec::new();
    let mut mistakes = study.mistakes();
    for row in &published.rows {
        let term = row.term.value.as_str();
        let Some(ours) = fit.coefficient(term) else {
            let names: Vec<&str> = fit
                .coefficients
                .iter()
                .map(|c| plain_name(&c.term))
                .collect();
            mistakes.at(
                row.term.span,
                format!("our model has no coefficient of {}", ticked(term)),
                format!("it has {}", names.join(", ")),
            );
            continue;
        };
        numbers.push(number(
            Quantity::Coefficient,
            term,
            &row.estimate,
            Some(ours.estimate),
        ));
        if let Some(below) = &row.below {
            let (quantity, value) = bracket(published.t_below, ours);
            numbers.push(number(quantity, term, below, Some(value)));
        }
        if let Some(levels) = &published.stars {
            numbers.push(stars(term, row.estimate.stars, ours, levels));
        }
    }
    mistakes.finish()?;
    let statistics = [
        (
            Quantity::Observations,
            &published.nobs,
            Some(fit.nobs as f64),
        ),
        (Quantity::R2, &published.r2[0], fit.r2),
        (Quantity::R2Adjusted, &published.r2[1], fit.r2_adjusted),
        (Quantity::R2Within, &published.r2[2], fit.r2_within),
    ];
    for (quantity, printed, ours) in statistics {
        if let Some(printed) = printed {
            numbers.push(number(quantity, "", printed, ours));
        }
    }
    let lang = study.settings.lang;
    let mut column = ComparedColumn {
        heading: published
            .column
            .heading
            .as_ref()
            .map_or_else(String::new, |h| h.get(lang).to_owned()),
        formula: fit.formula.clone(),
        vcov: fit.vcov.kind.clone(),
        convention: fit.vcov.convention.clone(),
        numbers,
        errors_of: None,
        brackets_hold: None,
    };
    let of_errors = [Quantity::StdError, Quantity::Statistic];
    let unlike = column.differing().any(|n| of_errors.contains(&n.quantity));
    if unlike {
        explain(study, data, published, fit, &mut column)?;
    }
    Ok(column)
}

/// What the numbers in brackets are where they are not ours as read: read the other way, ours; or those of another covariance
/// or convention, as read or read the other way.
fn explain(
    study: &Study,
    data: &Data,
    published: &PublishedColumn,
    fit: &Fit,
    column: &mut ComparedColumn,
) -> Result<(), Error> {
    let (as_read, other) = (published.t_below, !published.t_below);
    let quantity = in_brackets(other);
    if gives(fit, published, other) {
        column.brackets_hold = Some(quantity);
        return Ok(());
    }
    let mut found = errors_of(study, data, published, as_read)?;
    if found.is_empty() {
        found = errors_of(study, data, published, other)?;
        if !found.is_empty() {
            column.brackets_hold = Some(quantity);
        }
    }
    column.errors_of = Some(found);
    Ok(())
}

/// What stands in brackets.
fn in_brackets(t_below: bool) -> Quantity {
    match t_below {
        true => Quantity::Statistic,
        false => Quantity::StdError,
    }
}

/// What stands in brackets, and ours of it.
fn bracket(t_below: bool, ours: &Coefficient) -> (Quantity, f64) {
    let value = match t_below {
        true => ours.statistic,
        false => ours.std_error,
    };
    (in_brackets(t_below), value)
}

fn number(quantity: Quantity, term: &str, printed: &Printed, ours: Option<f64>) -> Compared {
    let interval = printed.interval();
    // A coefficient may have no error.
    let ours = ours.filter(|ours| !ours.is_nan());
    let agrees = ours.is_some_and(|ours| interval.meets(Interval::point(ours)));
    Compared {
        quantity,
        term: term.to_owned(),
        published: printed.text.clone(),
        decimals: printed.decimals,
        low: interval.low,
        high: interval.high,
        ours,
        difference: ours.map(|ours| ours - printed.value),
        agrees,
        factor: ours
            .filter(|_| !agrees && quantity == Quantity::Coefficient)
            .and_then(|ours| factor(interval, ours)),
    }
}

/// Units that a coefficient may be off by.
const LN_10: f64 = std::f64::consts::LN_10;

/// A factor of units on ours that lies in the published interval: told only where the interval is narrow enough that not
/// everything near zero does, that is where it excludes zero.
fn factor(published: Interval, ours: f64) -> Option<f64> {
    if published.contains(0.0) {
        return None;
    }
    let factors = [
        -1.0,
        LN_10,
        1.0 / LN_10,
        10.0,
        0.1,
        100.0,
        0.01,
        1e3,
        1e-3,
        1e4,
        1e-4,
    ];
    let mut found = factors
        .into_iter()
        .filter(|f| published.meets(Interval::point(ours * f)));
    found.next()
}

fn stars(term: &str, printed: usize, ours: &Coefficient, levels: &[f64]) -> Compared {
    let own = levels.iter().filter(|level| ours.p_value < **level).count();
    let value = printed as f64;
    Compared {
        quantity: Quantity::Stars,
        term: term.to_owned(),
        published: "*".repeat(printed),
        decimals: Some(0),
        low: value,
        high: value,
        ours: Some(own as f64),
        difference: Some(own as f64 - value),
        agrees: own == printed,
        factor: None,
    }
}

/// Covariances and conventions under which all numbers in brackets of a column are ours, read as `t_below` says: iid, robust, and clustered by unit and
/// by time, under every convention.
fn errors_of(
    study: &Study,
    data: &Data,
    published: &PublishedColumn,
    t_below: bool,
) -> Result<Vec<(String, String)>, Error> {
    let (mut asked, batch) = plain_request(study, data, &published.column, None)?;
    let (unit, time) = (&study.panel.unit, &study.panel.time);
    let mut kinds = vec![published.column.vcov.clone()];
    for vcov in [
        Vcov::Iid,
        Vcov::Hc0,
        Vcov::Hc1,
        Vcov::Hc2,
        Vcov::Hc3,
        Vcov::Cluster(vec![unit.clone()]),
        Vcov::Cluster(vec![time.clone()]),
        Vcov::Cluster(vec![unit.clone(), time.clone()]),
    ] {
        if !kinds.contains(&vcov) {
            kinds.push(vcov);
        }
    }
    let all: Vec<_> = CONVENTIONS.iter().collect();
    let mut found = Vec::new();
    for vcov in kinds {
        asked.vcov = vcov;
        // What an estimator refuses is no candidate.
        let Ok(tried) = side_by_side(&batch, &published.column.formula, &asked, &all) else {
            continue;
        };
        let tried = tried.fits.iter();
        for fit in tried.filter(|fit| gives(fit, published, t_below)) {
            let pair = (asked.vcov.to_string(), fit.vcov.convention.clone());
            // Conventions may turn one covariance into another: hc1 is clustered by unit under xtreg.
            if !found.contains(&pair) {
                found.push(pair);
            }
        }
    }
    Ok(found)
}

/// Whether a fit has all published numbers in brackets, read as t statistics or as standard errors.
fn gives(fit: &Fit, published: &PublishedColumn, t_below: bool) -> bool {
    published.rows.iter().all(|row| {
        let Some(below) = &row.below else {
            return true;
        };
        fit.coefficient(&row.term).is_some_and(|ours| {
            let (_, value) = bracket(t_below, ours);
            below.interval().meets(Interval::point(value))
        })
    })
}
