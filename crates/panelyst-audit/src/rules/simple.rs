//! Regressions against the moments of their variables: correlations, R2, bounds of coefficients.

use super::Found;
use super::shown::{at_least, at_most, lies, num, range};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Column, Errors, Moment, Paper, R2, Term};
use crate::said::{Bilingual, said};

/// Standard deviation on the rows of a column.
fn sd(paper: &Paper, name: &str, column: &Column) -> Option<Interval> {
    let moments = paper.moments(name, column.n)?;
    if moments.obs.is_some() && moments.obs != column.n {
        return None;
    }
    let sd = moments.get(Moment::Sd)?;
    (sd.low > 0.0).then_some(sd)
}

/// The only slope of a least-squares regression with a constant and no effects.
fn only_slope(column: &Column) -> Option<&Term> {
    let mut slopes = column.slopes();
    let slope = slopes.next()?;
    let simple = slopes.next().is_none() && column.constant().is_some();
    (simple && column.least_squares() && !column.effects()).then_some(slope)
}

/// r = b sd(x) / sd(y), in absolute value.
fn correlation(paper: &Paper, column: &Column, slope: &Term) -> Option<Interval> {
    let x = sd(paper, &slope.row, column)?;
    let y = sd(paper, column.outcome.as_deref()?, column)?;
    Some(slope.coefficient.interval().abs() * x / y)
}

/// abs(r) <= 1, and the classical t statistic r sqrt((n - 2) / (1 - r^2)).
pub(super) fn simple_regression(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in paper.regressions.iter().filter(|table| !table.weighted) {
        for column in &table.columns {
            let Some(slope) = only_slope(column) else {
                continue;
            };
            let (Some(r), Some(n)) = (correlation(paper, column, slope), column.n) else {
                continue;
            };
            if Interval::point(1.0).below(r) {
                let message = said!(
                    "the slope of a simple regression gives r = b sd(x) / sd(y) in {}, above 1",
                    "由一元回归的斜率得r = b sd(x) / sd(y)位于{}，大于1",
                    range(r)
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .at(table, column, &slope.row)
                        .values(&slope.coefficient.text, format!("r = {}", num(r.middle()))),
                );
                continue;
            }
            let Some(t) = slope.abs_t().filter(|t| t.high.is_finite()) else {
                continue;
            };
            let classical = |r: f64| {
                let left = 1.0 - r * r;
                if left <= 0.0 {
                    f64::INFINITY
                } else {
                    r * ((n - 2.0) / left).sqrt()
                }
            };
            let implied = r.map_increasing(classical);
            if implied.meets(t) {
                continue;
            }
            let stated = table.errors.or(paper.sample.errors);
            let severity = if stated == Some(Errors::Classical) {
                Severity::Inconsistent
            } else {
                Severity::Note
            };
            // Where r may reach one, t has no upper end.
            let least = if implied.high.is_finite() {
                implied.middle()
            } else {
                implied.low
            };
            let message = said!(
                "r = b sd(x) / sd(y) = {} and the classical t = r sqrt((n - 2) / (1 - r^2)) with n = {} {}; abs(t) = {} is {} times that, so \
                 the errors are not classical: robust or clustered",
                "r = b sd(x) / sd(y) = {}，同方差标准误的t = r sqrt((n - 2) / (1 - r^2))在n = {}时{}；abs(t) = {}，为其{}倍，故标准误并非同方差，\
                 而是稳健或聚类",
                num(r.middle()),
                num(n),
                lies(implied),
                num(t.middle()),
                num(t.middle() / least)
            );
            let own = num(t.middle());
            let found_here = Found::new(severity, message).at(table, column, &slope.row);
            found.push(if implied.high.is_finite() {
                found_here.values(own, num(least))
            } else {
                found_here.values(own, at_least(num(least)))
            });
        }
    }
    found
}

/// 0 <= R2 <= 1; R2 = r^2 with one regressor; adjusted R2 = 1 - (1 - R2)(n - 1)/(n - K).
pub(super) fn r2(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            let get = |kind: R2| column.r2.iter().find(|(k, ..)| *k == kind);
            for (kind, row, printed) in &column.r2 {
                let value = printed.interval();
                // Adjusted, or not of least squares, it may be negative.
                let (low, bounds) = if *kind == R2::Adjusted || !column.least_squares() {
                    (f64::NEG_INFINITY, ("is at most 1", "至多为1"))
                } else {
                    (0.0, ("lies between 0 and 1", "在0与1之间"))
                };
                if value.high < low || value.low > 1.0 {
                    let message = said!(
                        "{row} {}, but {} is printed",
                        "{row}{}，但表中为{}",
                        bounds,
                        printed.text
                    );
                    let implied = if low == 0.0 {
                        ("0 to 1", "0至1").said()
                    } else {
                        at_most("1")
                    };
                    found.push(
                        Found::new(Severity::Impossible, message)
                            .at(table, column, row)
                            .values(&printed.text, implied),
                    );
                }
            }
            if !column.least_squares() {
                continue;
            }
            let Some((_, row, plain)) = get(R2::Plain) else {
                continue;
            };
            if let Some((_, adjusted_row, adjusted)) = get(R2::Adjusted)
                && plain.interval().below(adjusted.interval())
            {
                let message = said!(
                    "adjusted R2 = 1 - (1 - R2)(n - 1)/(n - K) does not exceed R2, but {} > {}",
                    "调整后R2 = 1 - (1 - R2)(n - 1)/(n - K)，不大于R2，但{} > {}",
                    adjusted.text,
                    plain.text
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .at(table, column, adjusted_row)
                        .values(&adjusted.text, at_most(&plain.text)),
                );
            }
            if table.weighted {
                continue;
            }
            let Some(r) = only_slope(column).and_then(|slope| correlation(paper, column, slope))
            else {
                continue;
            };
            let implied = r.square();
            if !implied.meets(plain.interval()) {
                let message = said!(
                    "with one regressor R2 = (b sd(x) / sd(y))^2 lies in {}, but {} is printed",
                    "仅有一个解释变量时R2 = (b sd(x) / sd(y))^2，位于{}，但表中为{}",
                    range(implied),
                    plain.text
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .at(table, column, row)
                        .values(&plain.text, num(implied.middle())),
                );
            }
        }
    }
    found
}

/// abs(b_j) sd(x_j) <= sd(y) + sum over the others of abs(b_i) sd(x_i): the triangle inequality for
/// b_j x_j = fitted - sum of the others, with sd(fitted) <= sd(y).
pub(super) fn size(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in paper.regressions.iter().filter(|table| !table.weighted) {
        for column in table
            .columns
            .iter()
            .filter(|c| c.least_squares() && !c.effects())
        {
            let Some(y) = column.outcome.as_deref().and_then(|y| sd(paper, y, column)) else {
                continue;
            };
            let parts: Option<Vec<(&Term, Interval)>> = column
                .slopes()
                .map(|term| {
                    Some((
                        term,
                        term.coefficient.interval().abs() * sd(paper, &term.row, column)?,
                    ))
                })
                .collect();
            let Some(parts) = parts.filter(|parts| parts.len() > 1 && column.constant().is_some())
            else {
                continue;
            };
            for (j, (term, part)) in parts.iter().enumerate() {
                let others: f64 = (0..parts.len())
                    .filter(|i| *i != j)
                    .map(|i| parts[i].1.high)
                    .sum();
                let bound = others + y.high;
                if part.low > bound * (1.0 + 1e-9) {
                    let message = said!(
                        "abs(b) sd(x) = {} exceeds sd(y) plus the same of all other regressors, {}: the fitted values would vary more than the outcome",
                        "abs(b) sd(x) = {}，大于sd(y)与其余解释变量的abs(b) sd(x)之和{}：拟合值的变动将大于被解释变量",
                        num(part.low),
                        num(bound)
                    );
                    found.push(
                        Found::new(Severity::Impossible, message)
                            .at(table, column, &term.row)
                            .values(
                                &term.coefficient.text,
                                at_most(
                                    num(bound / (part.middle() / term.coefficient.value.abs())),
                                ),
                            ),
                    );
                }
            }
        }
    }
    found
}
