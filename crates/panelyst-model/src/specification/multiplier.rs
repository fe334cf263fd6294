//! Lagrange-multiplier tests of random effects, balanced or not.
//!
//! With e the pooled residuals, A_1 = 1 - sum_i (sum_t e_it)^2 / sum e^2, M_1 = sum_i T_i^2, and A_2, M_2 the same over
//! periods: the score of a variance component is -A sqrt(n^2 / 2 / (M - n)) (Breusch and Pagan 1980; Honda 1985;
//! Baltagi and Li 1990 for unbalanced panels).

use super::models::Models;
use super::verdict::{Law, Verdict};
use crate::Error;

/// The standardised score of a variance component; `None` where every level has one row.
fn score(residuals: &[f64], codes: &[u32], levels: usize) -> Option<f64> {
    let mut sums = vec![0.0; levels];
    let mut counts = vec![0.0f64; levels];
    for (e, code) in residuals.iter().zip(codes) {
        sums[*code as usize] += e;
        counts[*code as usize] += 1.0;
    }
    let n = residuals.len() as f64;
    let pairs = counts.iter().map(|t| t * t).sum::<f64>() - n;
    let total: f64 = residuals.iter().map(|e| e * e).sum();
    (pairs > 0.0).then(|| {
        let a = 1.0 - sums.iter().map(|s| s * s).sum::<f64>() / total;
        -a * (n * n / 2.0 / pairs).sqrt()
    })
}

fn unit_score(m: &Models<'_>) -> Result<f64, String> {
    scored(m, &m.unit, m.units, "every unit has one row")
}

fn time_score(m: &Models<'_>) -> Result<f64, String> {
    scored(m, &m.time, m.periods.len(), "every period has one row")
}

fn scored(m: &Models<'_>, codes: &[u32], levels: usize, why: &str) -> Result<f64, String> {
    if !m.pooled.has_residuals() {
        return Err("the pooled model fits exactly".to_owned());
    }
    score(&m.pooled.ls.residuals, codes, levels).ok_or_else(|| why.to_owned())
}

fn verdict(law: Law, statistic: Result<f64, String>, note: impl Fn(f64) -> String) -> Verdict {
    match statistic {
        Ok(value) => Verdict::found(value, law, note(value)),
        Err(reason) => Verdict::undefined(law, reason),
    }
}

fn one_way(score: Result<f64, String>) -> Verdict {
    let positive = score.as_ref().is_ok_and(|s| *s > 0.0);
    verdict(Law::Chi2(1.0), score.map(|s| s * s), |statistic| {
        let half = if positive {
            format!("{:.4}", Law::ChiBar2.upper(statistic))
        } else {
            "1, since residuals are negatively correlated within levels".to_owned()
        };
        format!("against a positive variance alone, chibar2(01): p = {half}")
    })
}

pub(super) fn breusch_pagan_unit(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(one_way(unit_score(m)))
}

pub(super) fn breusch_pagan_time(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(one_way(time_score(m)))
}

pub(super) fn breusch_pagan_both(m: &Models<'_>) -> Result<Verdict, Error> {
    let sum = unit_score(m).and_then(|u| time_score(m).map(|t| u * u + t * t));
    Ok(verdict(Law::Chi2(2.0), sum, |_| String::new()))
}

pub(super) fn honda_unit(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(verdict(Law::Normal, unit_score(m), |_| String::new()))
}

pub(super) fn honda_time(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(verdict(Law::Normal, time_score(m), |_| String::new()))
}

pub(super) fn honda_both(m: &Models<'_>) -> Result<Verdict, Error> {
    let sum = unit_score(m).and_then(|u| time_score(m).map(|t| (u + t) / std::f64::consts::SQRT_2));
    Ok(verdict(Law::Normal, sum, |_| String::new()))
}
