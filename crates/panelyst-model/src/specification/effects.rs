//! F and likelihood-ratio tests of unit and time effects, and poolability.

use super::models::{Fitted, Models, pooled};
use super::verdict::{Law, Verdict};
use crate::Error;
use crate::estimators::random_ml;

/// F = ((RSS_0 - RSS_1) / df1) / (RSS_1 / df2) with df1 the difference of the ranks of the two models and
/// df2 = n - rank of the larger (Baltagi 2021, equations 2.11 and 3.4).
///
/// A regressor that the effects absorb stays in the smaller model, so that its column counts once in each rank.
fn f_test(restricted: &Fitted, full: &Fitted, note: String) -> Verdict {
    let df1 = full.rank as f64 - restricted.rank as f64;
    let df2 = full.df_residual();
    let law = Law::F(df1.max(0.0), df2.max(0.0));
    if let Some(reason) = not_nested(df1, full) {
        return Verdict::undefined(law, reason);
    }
    let gain = (restricted.ls.rss - full.ls.rss).max(0.0);
    Verdict::found((gain / df1) / full.s2(), law, note)
}

/// LR = n ln(RSS_0 / RSS_1) of two nested least-squares models with normal errors, chi-squared with the difference of
/// ranks (EViews calls it the redundant-effects test).
fn likelihood_ratio(restricted: &Fitted, full: &Fitted, note: String) -> Verdict {
    let df = full.rank as f64 - restricted.rank as f64;
    let law = Law::Chi2(df.max(0.0));
    if let Some(reason) = not_nested(df, full) {
        return Verdict::undefined(law, reason);
    }
    let n = full.ls.residuals.len() as f64;
    let statistic = n * (restricted.ls.rss / full.ls.rss).ln();
    Verdict::found(statistic.max(0.0), law, note)
}

fn not_nested(df: f64, full: &Fitted) -> Option<String> {
    if df <= 0.0 {
        return Some("the effects add nothing to the smaller model".to_owned());
    }
    if full.df_residual() < 1.0 {
        return Some("the larger model leaves no degree of freedom".to_owned());
    }
    (!full.has_residuals()).then(|| "the larger model fits exactly".to_owned())
}

/// Says which regressors the effects of the larger model absorb.
fn absorbed(models: &Models<'_>, full: &Fitted) -> String {
    let lost: Vec<usize> = full
        .absorbed
        .iter()
        .chain(&full.collinear)
        .copied()
        .filter(|j| models.pooled.kept.contains(j))
        .collect();
    if lost.is_empty() {
        String::new()
    } else {
        format!(
            "the effects absorb {}, which the model without them keeps",
            models.names(&lost)
        )
    }
}

/// One test of two nested models, if both exist.
fn nested(
    m: &Models<'_>,
    test: fn(&Fitted, &Fitted, String) -> Verdict,
    law: Law,
    restricted: Result<&Fitted, &String>,
    full: &Result<Fitted, String>,
) -> Result<Verdict, Error> {
    Ok(match (restricted, full) {
        (Ok(restricted), Ok(full)) => test(restricted, full, absorbed(m, full)),
        (_, Err(reason)) | (Err(reason), _) => Verdict::undefined(law, reason.as_str()),
    })
}

fn f(
    m: &Models<'_>,
    restricted: Result<&Fitted, &String>,
    full: &Result<Fitted, String>,
) -> Result<Verdict, Error> {
    nested(m, f_test, Law::F(0.0, 0.0), restricted, full)
}

fn lr(
    m: &Models<'_>,
    restricted: Result<&Fitted, &String>,
    full: &Result<Fitted, String>,
) -> Result<Verdict, Error> {
    nested(m, likelihood_ratio, Law::Chi2(0.0), restricted, full)
}

pub(super) fn f_unit(m: &Models<'_>) -> Result<Verdict, Error> {
    f(m, Ok(&m.pooled), &m.within_unit)
}

pub(super) fn f_time(m: &Models<'_>) -> Result<Verdict, Error> {
    f(m, Ok(&m.pooled), &m.within_time)
}

pub(super) fn f_both(m: &Models<'_>) -> Result<Verdict, Error> {
    f(m, Ok(&m.pooled), &m.within_both)
}

pub(super) fn f_unit_both(m: &Models<'_>) -> Result<Verdict, Error> {
    f(m, m.within_unit.as_ref(), &m.within_both)
}

pub(super) fn f_time_both(m: &Models<'_>) -> Result<Verdict, Error> {
    f(m, m.within_time.as_ref(), &m.within_both)
}

pub(super) fn lr_unit(m: &Models<'_>) -> Result<Verdict, Error> {
    lr(m, Ok(&m.pooled), &m.within_unit)
}

pub(super) fn lr_time(m: &Models<'_>) -> Result<Verdict, Error> {
    lr(m, Ok(&m.pooled), &m.within_time)
}

pub(super) fn lr_both(m: &Models<'_>) -> Result<Verdict, Error> {
    lr(m, Ok(&m.pooled), &m.within_both)
}

pub(super) fn lr_unit_both(m: &Models<'_>) -> Result<Verdict, Error> {
    lr(m, m.within_unit.as_ref(), &m.within_both)
}

/// A regression for each unit against common slopes with unit intercepts (Chow 1960; Baltagi 2021, section 4.1).
pub(super) fn poolability_slopes(m: &Models<'_>) -> Result<Verdict, Error> {
    poolability(m, m.within_unit.as_ref().ok())
}

/// A regression for each unit against one regression for all.
pub(super) fn poolability_all(m: &Models<'_>) -> Result<Verdict, Error> {
    poolability(m, Some(&m.pooled))
}

fn poolability(m: &Models<'_>, restricted: Option<&Fitted>) -> Result<Verdict, Error> {
    let (Some(restricted), Ok(within)) = (restricted, &m.within_unit) else {
        return Ok(Verdict::undefined(
            Law::F(0.0, 0.0),
            "the unit effects absorb the outcome",
        ));
    };
    let k = within.kept.len();
    let full_rank = m.units * (k + 1);
    let law = Law::F(
        full_rank.saturating_sub(restricted.rank) as f64,
        m.n().saturating_sub(full_rank) as f64,
    );
    let by_unit = m.rows_by_unit();
    let name = |unit: usize| m.design.unit_names[unit].as_str();
    if let Some(short) = by_unit.iter().position(|rows| rows.len() <= k + 1) {
        let count = by_unit.iter().filter(|rows| rows.len() <= k + 1).count();
        return Ok(Verdict::undefined(
            law,
            format!(
                "{count} of {} units have no more rows than coefficients (k + 1 = {}), first {} with {}",
                m.units,
                k + 1,
                name(short),
                by_unit[short].len()
            ),
        ));
    }
    let mut rss = 0.0;
    let mut rank = 0;
    for (unit, rows) in by_unit.iter().enumerate() {
        let y: Vec<f64> = rows.iter().map(|&r| m.design.y[r]).collect();
        let x: Vec<Vec<f64>> = within
            .kept
            .iter()
            .map(|&j| rows.iter().map(|&r| m.design.x[j][r]).collect())
            .collect();
        let own = pooled(&y, &x)?;
        if own.rank < k + 1 {
            return Ok(Verdict::undefined(
                law,
                format!(
                    "within unit {} not all slopes can be told apart ({} of {} coefficients)",
                    name(unit),
                    own.rank,
                    k + 1
                ),
            ));
        }
        rss += own.ls.rss;
        rank += own.rank;
    }
    let df1 = rank as f64 - restricted.rank as f64;
    let df2 = m.n() as f64 - rank as f64;
    if df1 <= 0.0 || df2 < 1.0 || rss <= 1e-18 * restricted.ls.outcome_square {
        return Ok(Verdict::undefined(
            law,
            "the regressions by unit fit exactly",
        ));
    }
    let statistic = ((restricted.ls.rss - rss).max(0.0) / df1) / (rss / df2);
    let left_out = &within.absorbed;
    let note = if left_out.is_empty() {
        String::new()
    } else {
        format!("without {}, constant within units", m.names(left_out))
    };
    Ok(Verdict::found(statistic, Law::F(df1, df2), note))
}

/// LR = 2 (l_RE - l_pooled) of random unit effects by maximum likelihood against none; the variance is on its boundary
/// under the null, so half of the chi-squared tail counts (Self and Liang 1987).
pub(super) fn lr_random_ml(m: &Models<'_>) -> Result<Verdict, Error> {
    let law = Law::ChiBar2;
    if !m.pooled.has_residuals() {
        return Ok(Verdict::undefined(law, "the pooled model fits exactly"));
    }
    let random = match random_ml(m.design) {
        Ok(random) => random,
        Err(
            error @ (Error::Unsupported { .. }
            | Error::TooFewRows { .. }
            | Error::NoConvergence { .. }),
        ) => {
            return Ok(Verdict::undefined(
                law,
                format!("random effects cannot be estimated by maximum likelihood: {error}"),
            ));
        }
        Err(error) => return Err(error),
    };
    let n = m.n() as f64;
    let pooled = -0.5 * n * ((std::f64::consts::TAU * m.pooled.ls.rss / n).ln() + 1.0);
    let Some(loglik) = random.loglik else {
        return Ok(Verdict::undefined(law, "no likelihood"));
    };
    let statistic = 2.0 * (loglik - pooled);
    let note = format!("log-likelihoods {pooled:.6} and {loglik:.6}");
    // At the boundary the two models are one; what is left is rounding.
    let statistic = if statistic <= 1e-9 * pooled.abs().max(1.0) {
        0.0
    } else {
        statistic
    };
    Ok(Verdict::found(statistic, law, note))
}
