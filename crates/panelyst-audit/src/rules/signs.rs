//! Coefficient, standard error and t statistic against each other.

use super::Found;
use super::shown::{at_least, lies, num, starred};
use crate::finding::Severity;
use crate::paper::{Below, Paper};
use crate::printed::Enclosure;
use crate::said::{Bilingual, Said, said};

/// t = b / se with se > 0, so b and t have one sign.
pub(super) fn sign(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            for term in &column.terms {
                let Some(t) = term.get(Below::T) else {
                    continue;
                };
                let b = term.coefficient.interval();
                let opposite = (b.low > 0.0 && t.interval().high < 0.0)
                    || (b.high < 0.0 && t.interval().low > 0.0);
                if !opposite {
                    continue;
                }
                let bare = t.enclosure == Enclosure::Bare && t.value < 0.0;
                let reading = if bare {
                    said!(
                        "; a spreadsheet reads ({}) as {}, and this statistic has no bracket",
                        "；电子表格会把({})读成{}，而该统计量不带括号",
                        t.text.trim_start_matches('-'),
                        t.text
                    )
                } else {
                    Said::default()
                };
                found.push(
                    Found::new(
                        Severity::Impossible,
                        said!(
                            "t = b / se with se > 0 has the sign of b, but b = {} and t = {}{}",
                            "t = b / se且se > 0，故t与b同号，但b = {}，t = {}{}",
                            term.coefficient.text,
                            t.text,
                            reading
                        ),
                    )
                    .at(table, column, &term.row)
                    .values(
                        format!("{} {}", term.coefficient.text, t.text),
                        num(-t.value),
                    ),
                );
            }
        }
    }
    found
}

/// b / se within the rounding of t; a standard error below zero.
pub(super) fn ratio(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            for term in &column.terms {
                let Some(error) = term.get(Below::Se) else {
                    continue;
                };
                let interval = error.interval();
                if interval.high < 0.0 {
                    found.push(
                        Found::new(
                            Severity::Impossible,
                            said!(
                                "a standard error is not negative, but se = {}",
                                "标准误不为负，但se = {}",
                                error.text
                            ),
                        )
                        .at(table, column, &term.row)
                        .values(&error.text, num(-error.value)),
                    );
                    continue;
                }
                let Some(t) = term.get(Below::T) else {
                    continue;
                };
                let implied = term.coefficient.interval().abs_over_positive(interval);
                if implied.meets(t.interval().abs()) {
                    continue;
                }
                found.push(
                    Found::new(
                        Severity::Impossible,
                        said!(
                            "abs(b) / se = {} / {} {}, but abs(t) = {}",
                            "abs(b) / se = {} / {}，{}，但abs(t) = {}",
                            num(term.coefficient.value.abs()),
                            error.text,
                            lies(implied),
                            num(t.value.abs())
                        ),
                    )
                    .at(table, column, &term.row)
                    .values(
                        &t.text,
                        if implied.high.is_finite() {
                            num(term.coefficient.value / error.value).said()
                        } else {
                            at_least(num(implied.low))
                        },
                    ),
                );
            }
        }
    }
    found
}

/// A p-value lies between 0 and 1, and stars follow it.
pub(super) fn p_values(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            for term in &column.terms {
                let Some(p) = term.get(Below::P) else {
                    continue;
                };
                let interval = p.interval();
                if interval.high < 0.0 || interval.low > 1.0 {
                    found.push(
                        Found::new(
                            Severity::Impossible,
                            said!(
                                "a p-value lies between 0 and 1, but p = {}",
                                "p值在0与1之间，但p = {}",
                                p.text
                            ),
                        )
                        .at(table, column, &term.row)
                        .values(&p.text, ("0 to 1", "0至1")),
                    );
                    continue;
                }
                if table.stars.is_empty() {
                    continue;
                }
                let most = table.stars.iter().filter(|l| interval.low < **l).count();
                // A p-value printed as 0.050 may lie on either side of the level.
                let least = table.stars.iter().filter(|l| interval.high < **l).count();
                let printed = term.coefficient.stars;
                if printed < least || printed > most {
                    let message = said!(
                        "p = {} earns {} by the legend, but {} printed",
                        "按星号说明，p = {}应{}，但表中{}",
                        p.text,
                        starred(least),
                        starred(printed)
                    );
                    found.push(
                        Found::new(Severity::Inconsistent, message)
                            .at(table, column, &term.row)
                            .values(term.coefficient.text.clone(), "*".repeat(least)),
                    );
                }
            }
        }
    }
    found
}
