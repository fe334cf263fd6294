//! Dependence between units: whether residuals of different units in the same period are correlated.

use super::models::{Fitted, Models};
use super::verdict::{Law, Verdict};
use crate::Error;

/// Common periods that a pair of units needs: a correlation of two points is one or minus one.
const PERIODS: usize = 3;
/// Units above which pairs are not formed: their number grows with the square.
const UNITS: usize = 3_000;

/// Correlation of residuals between units, over all pairs of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrossSectionDependence {
    /// CD = sum over the pairs of sqrt(T_ij) r_ij, over the root of their number (N(N-1)/2 of N units where all have enough
    /// periods in common); standard normal when units are independent.
    pub statistic: f64,
    /// Mean of the correlations r_ij.
    pub mean_correlation: f64,
    /// Pairs of units with at least three periods in common.
    pub pairs: usize,
}

impl CrossSectionDependence {
    /// Probability of a statistic further from zero when units are independent.
    pub fn p_value(&self) -> f64 {
        Law::TwoSidedNormal.upper(self.statistic)
    }
}

/// The CD statistic of residuals (Pesaran 2004, equations 7 and 11; Pesaran 2015, equation 38 for unbalanced panels): r_ij is
/// the correlation of two units over the T_ij periods in which both have a residual.
///
/// `unit` and `time` number the unit and the period of each residual; a unit has at most one in a period. Residuals of a
/// model with period effects have a mean of zero in each period, so that the statistic is negative whether units depend on
/// each other or not (Juodis and Reese 2022): do not ask for them.
///
/// # Errors
/// In words why there is no statistic: no pair of units with three common periods, residuals without variation in all such
/// pairs, more than 3 000 units.
pub fn cross_section_dependence(
    residuals: &[f64],
    unit: &[u32],
    time: &[u32],
) -> Result<CrossSectionDependence, String> {
    let units = unit.iter().max().map_or(0, |last| *last as usize + 1);
    if units > UNITS {
        return Err(format!("pairs of more than {UNITS} units are not formed"));
    }
    let mut series: Vec<Vec<(u32, f64)>> = vec![Vec::new(); units];
    for ((e, unit), time) in residuals.iter().zip(unit).zip(time) {
        series[*unit as usize].push((*time, *e));
    }
    for one in &mut series {
        one.sort_unstable_by_key(|(time, _)| *time);
    }
    let (mut sum, mut correlations, mut pairs) = (0.0, 0.0, 0);
    for (place, first) in series.iter().enumerate() {
        for second in &series[place + 1..] {
            let common = common_periods(first, second);
            if let Some(r) = correlation(&common) {
                sum += (common.len() as f64).sqrt() * r;
                correlations += r;
                pairs += 1;
            }
        }
    }
    if pairs == 0 {
        return Err(format!(
            "no two units have {PERIODS} periods in common with residuals that vary"
        ));
    }
    Ok(CrossSectionDependence {
        statistic: sum / (pairs as f64).sqrt(),
        mean_correlation: correlations / pairs as f64,
        pairs,
    })
}

/// The values of two series, sorted by period, in the periods of both.
fn common_periods(first: &[(u32, f64)], second: &[(u32, f64)]) -> Vec<(f64, f64)> {
    let mut common = Vec::with_capacity(first.len().min(second.len()));
    let (mut i, mut j) = (0, 0);
    while let (Some((s, a)), Some((t, b))) = (first.get(i), second.get(j)) {
        if s == t {
            common.push((*a, *b));
        }
        i += usize::from(s <= t);
        j += usize::from(t <= s);
    }
    common
}

/// Pearson's correlation; `None` with too few pairs, or where one series does not vary by more than rounding.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    if pairs.len() < PERIODS {
        return None;
    }
    let (mut a_mean, mut b_mean) = (0.0, 0.0);
    for (a, b) in pairs {
        a_mean += a / n;
        b_mean += b / n;
    }
    let (mut aa, mut ab, mut bb, mut a_square, mut b_square) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (da, db) = (a - a_mean, b - b_mean);
        aa += da * da;
        ab += da * db;
        bb += db * db;
        a_square += a * a;
        b_square += b * b;
    }
    let varies = aa > 1e-24 * a_square && bb > 1e-24 * b_square;
    varies.then(|| ab / (aa * bb).sqrt())
}

/// The mean correlation, and how many pairs have one where not all do.
fn pairs_words(found: &CrossSectionDependence, units: usize) -> String {
    let all = units * (units - 1) / 2;
    let some = if found.pairs < all {
        format!(" over {} of {all} pairs", found.pairs)
    } else {
        String::new()
    };
    format!("mean correlation {:.3}{some}", found.mean_correlation)
}

fn verdict(m: &Models<'_>, fitted: Result<&Fitted, &String>) -> Verdict {
    let law = Law::TwoSidedNormal;
    let found = match fitted {
        Err(reason) => Err(reason.clone()),
        Ok(fitted) if !fitted.has_residuals() => Err("the model fits exactly".to_owned()),
        Ok(fitted) => cross_section_dependence(&fitted.ls.residuals, &m.unit, &m.time),
    };
    match found {
        Ok(found) => Verdict::found(found.statistic, law, pairs_words(&found, m.units)),
        Err(reason) => Verdict::undefined(law, reason),
    }
}

pub(super) fn pooled(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(verdict(m, Ok(&m.pooled)))
}

pub(super) fn unit(m: &Models<'_>) -> Result<Verdict, Error> {
    Ok(verdict(m, m.within_unit.as_ref()))
}
