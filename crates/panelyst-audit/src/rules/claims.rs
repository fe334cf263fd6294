//! What the text says against the tables.

use super::Found;
use super::conventions::p_values;
use super::shown::{count, digits, num, range, starred, stars};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Claim, ClaimKind, Column, Paper, Regression, Term, Transform};
use crate::said::{Bilingual, Said, said};
use panelyst_model::distributions::t_two_sided_quantile;

fn table<'a>(paper: &'a Paper, claim: &Claim) -> Option<&'a Regression> {
    paper.regressions.iter().find(|t| t.name == claim.table)
}

fn cell<'a>(table: &'a Regression, number: &str, row: &str) -> Option<(&'a Column, &'a Term)> {
    let column = table.columns.iter().find(|c| c.number == number)?;
    Some((column, column.term(row)?))
}

fn claims(paper: &Paper, kind: ClaimKind) -> impl Iterator<Item = &Claim> {
    paper.claims.iter().filter(move |claim| claim.kind == kind)
}

/// `claim "..." (Abstract): `
fn quoted(claim: &Claim) -> Said {
    let (text, place) = (&claim.text, &claim.place);
    match (text.is_empty(), place.is_empty()) {
        (true, true) => Said::default(),
        (true, false) => said!("{place}: ", "{place}："),
        (false, true) => said!("claim \"{text}\": ", "文中称“{text}”："),
        (false, false) => said!(
            "claim \"{text}\" ({place}): ",
            "文中称“{text}”（{place}）："
        ),
    }
}

/// z = (b1 - b2) / sqrt(se1^2 + se2^2) for independent samples.
pub(super) fn greater(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::Greater) {
        let Some(table) = table(paper, claim) else {
            continue;
        };
        for here in &claim.columns {
            for there in &claim.than {
                let (Some(first), Some(second)) = (
                    cell(table, here, &claim.row),
                    cell(table, there, &claim.row),
                ) else {
                    continue;
                };
                found.extend(
                    difference(paper, claim, first, second)
                        .map(|f| f.at(table, second.0, &claim.row)),
                );
            }
        }
    }
    found
}

fn difference(
    paper: &Paper,
    claim: &Claim,
    (here, first): (&Column, &Term),
    (there, second): (&Column, &Term),
) -> Option<Found> {
    let (b1, b2) = (first.coefficient.interval(), second.coefficient.interval());
    let (t1, t2) = (&first.coefficient.text, &second.coefficient.text);
    if b1.below(b2) {
        let message = said!(
            "{0}{t1} in {1} is smaller than {t2} in {2}",
            "{0}{1}列的{t1}小于{2}列的{t2}",
            quoted(claim),
            here.label,
            there.label
        );
        return Some(
            Found::new(Severity::Inconsistent, message).values(t1, said!("below {t2}", "小于{t2}")),
        );
    }
    let (se1, se2) = (first.error()?, second.error()?);
    let gap = b1 - b2;
    let z = gap / (se1.square() + se2.square()).sqrt();
    let z = Interval::new(z.low.max(0.0), z.high);
    let p = p_values(z, Interval::new(f64::INFINITY, f64::INFINITY));
    let pairs = claim.columns.len() * claim.than.len();
    let few = paper
        .units(here)
        .zip(paper.units(there))
        .map(|(a, b)| a.min(b) - 1.0)
        .filter(|df| *df >= 1.0);
    let small = few.map(|df| (df, p_values(z, Interval::point(df))));
    // Only what no rounding brings below the level of 5 per cent.
    let plain = p.low >= 0.05;
    let adjusted = p.low * pairs as f64 >= 0.05;
    let clustered = small.is_some_and(|(_, p)| p.low >= 0.05);
    if !plain && !adjusted && !clustered {
        return None;
    }
    let arithmetic = said!(
        "difference {0} - {1} = {2}, z = difference / sqrt(se^2 + se^2) = {2} / sqrt({3}^2 + {4}^2) = {5}, p = {6}",
        "两系数之差{0} - {1} = {2}，z = 差 / sqrt(se^2 + se^2) = {2} / sqrt({3}^2 + {4}^2) = {5}，p = {6}",
        num(first.coefficient.value),
        num(second.coefficient.value),
        num(gap.middle()),
        num(se1.middle()),
        num(se2.middle()),
        num(z.middle()),
        digits(p.middle(), 2)
    );
    let in_small = small.map_or(Said::default(), |(df, p)| {
        said!(
            "; with G-1 = {df:.0} of the smaller group p = {}",
            "；按较小一组的G-1 = {df:.0}，p = {}",
            digits(p.middle(), 2)
        )
    });
    let (severity, verdict) = if plain {
        (
            Severity::Questionable,
            ("not significant at 5 per cent", "在5%水平上不显著"),
        )
    } else {
        (
            Severity::Note,
            (
                "significant at 5 per cent by the normal, not after allowance for the number of pairs or of clusters",
                "按正态分布在5%水平上显著，计入比较的对数或聚类数后不显著",
            ),
        )
    };
    let correction = if pairs > 1 {
        said!(
            "; {pairs} pairs, Bonferroni p = {}",
            "；共{pairs}对比较，Bonferroni校正后p = {}",
            digits((p.middle() * pairs as f64).min(1.0), 2)
        )
    } else {
        Said::default()
    };
    let message = said!(
        "{}{}: {}{}{}",
        "{}{}：{}{}{}",
        quoted(claim),
        arithmetic,
        verdict,
        correction,
        in_small
    );
    Some(Found::new(severity, message).values(
        said!(
            "{t1} in {} greater than {t2}",
            "{}列的{t1}大于{t2}",
            here.label
        ),
        said!(
            "z = {}, p = {}",
            "z = {}，p = {}",
            num(z.middle()),
            digits(p.middle(), 2)
        ),
    ))
}

/// Significance in the text against stars and t.
pub(super) fn significant(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::Significant) {
        let Some(table) = table(paper, claim) else {
            continue;
        };
        for number in &claim.columns {
            let Some((column, term)) = cell(table, number, &claim.row) else {
                continue;
            };
            let printed = term.coefficient.stars;
            let level = claim.level.unwrap_or(0.05);
            let per_cent = num(100.0 * level);
            let implied = printed.checked_sub(1).and_then(|j| table.stars.get(j));
            let made = match implied {
                _ if table.stars.is_empty() => None,
                None => Some((
                    Severity::Inconsistent,
                    said!(
                        "significant at {per_cent} per cent in the text, {} in the table",
                        "正文为{per_cent}%水平上显著，表中{}",
                        starred(printed)
                    ),
                    ("not significant", "不显著").said(),
                )),
                Some(own) if *own > level * (1.0 + 1e-9) => Some((
                    Severity::Inconsistent,
                    said!(
                        "significant at {per_cent} per cent in the text, {} in the table stands for p < {own}",
                        "正文为{per_cent}%水平上显著，表中{}表示p < {own}",
                        stars(printed)
                    ),
                    format!("p < {own}").said(),
                )),
                Some(own) if claim.level.is_some() && *own < level * (1.0 - 1e-9) => Some((
                    Severity::Note,
                    said!(
                        "the text says {per_cent} per cent where {} stands for p < {own} by the legend; the text follows another legend or understates",
                        "正文为{per_cent}%水平，而按星号说明{}表示p < {own}；正文所依的星号说明不同，或表述偏保守",
                        stars(printed)
                    ),
                    format!("p < {own}").said(),
                )),
                Some(_) => None,
            };
            found.extend(made.map(|(severity, message, implied)| {
                Found::new(severity, said!("{}{}", "{}{}", quoted(claim), message))
                    .at(table, column, &claim.row)
                    .values(said!("{per_cent} per cent", "{per_cent}%水平"), implied)
            }));
        }
    }
    found
}

const NONE: (&str, &str) = ("no effect", "无影响");

/// The interval of an effect that is said to be none.
pub(super) fn no_effect(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::NoEffect) {
        let Some(table) = table(paper, claim) else {
            continue;
        };
        for number in &claim.columns {
            let Some((column, term)) = cell(table, number, &claim.row) else {
                continue;
            };
            if term.coefficient.stars > 0 {
                let message = said!(
                    "{}no effect in the text, {} in the table",
                    "{}正文为无影响，表中{}",
                    quoted(claim),
                    starred(term.coefficient.stars)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, &claim.row)
                        .values(NONE, &term.coefficient.text),
                );
                continue;
            }
            let Some(error) = term.error() else {
                continue;
            };
            let (b, se) = (term.coefficient.value, error.middle());
            let half = 1.96 * se;
            let few = paper
                .units(column)
                .filter(|g| *g >= 2.0)
                .map_or(Said::default(), |g| {
                    let half = t_two_sided_quantile(0.05, g - 1.0) * se;
                    said!(
                        ", with G-1 = {} {}",
                        "，按G-1 = {}则为{}",
                        count(g - 1.0),
                        range(Interval::new(b - half, b + half))
                    )
                });
            let reference = largest(table, &claim.row, column);
            let holds = reference
                .as_ref()
                .map_or(Said::default(), |(label, value)| {
                    let inside = Interval::new(b - half, b + half).contains(*value);
                    let side = if inside {
                        ("inside", "内")
                    } else {
                        ("outside", "外")
                    };
                    said!(
                        "; the {} of {label} lies {} the first interval",
                        "；{label}列的{}在第一个区间之{}",
                        num(*value),
                        side
                    )
                });
            let message = said!(
                "{}not significant is not zero: b = {} with se = abs(b / t) = {} has the 95 per cent interval {}{}{}",
                "{}不显著不等于为零：b = {}，se = abs(b / t) = {}，95%置信区间为{}{}{}",
                quoted(claim),
                num(b),
                num(se),
                range(Interval::new(b - half, b + half)),
                few,
                holds
            );
            found.push(
                Found::new(Severity::Note, message)
                    .at(table, column, &claim.row)
                    .values(NONE, range(Interval::new(b - half, b + half))),
            );
        }
    }
    found
}

/// The largest coefficient of the row in the other columns.
fn largest(table: &Regression, row: &str, without: &Column) -> Option<(String, f64)> {
    table
        .columns
        .iter()
        .filter(|column| !std::ptr::eq(*column, without))
        .filter_map(|column| Some((column.label.clone(), column.term(row)?.coefficient.value)))
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
}

/// Numbers that the text repeats.
pub(super) fn value(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::Value) {
        let Some(typed) = &claim.value else {
            continue;
        };
        for number in &claim.columns {
            let description = paper.descriptions.iter().find(|t| t.name == claim.table);
            let printed = description
                .and_then(|t| t.rows.iter().find(|r| r.variable == claim.row))
                .and_then(|r| r.values.iter().find(|(_, heading, _)| heading == number))
                .map(|(_, heading, printed)| (heading.clone(), printed));
            let printed = printed.or_else(|| {
                let (column, term) = cell(table(paper, claim)?, number, &claim.row)?;
                Some((column.label.clone(), &term.coefficient))
            });
            let Some((label, printed)) = printed else {
                continue;
            };
            if printed.interval().meets(typed.interval()) {
                continue;
            }
            let message = said!(
                "{}{} in the text, {} in the table",
                "{}正文为{}，表中为{}",
                quoted(claim),
                typed.text,
                printed.text
            );
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .place(&claim.table, &label, &claim.row)
                    .values(&typed.text, &printed.text),
            );
        }
    }
    found
}

/// The size of an effect in words: b dx, dx by the transform of the regressor, in per cent by that of the outcome.
pub(super) fn effect(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::Effect) {
        let (Some(typed), Some(table)) = (&claim.value, table(paper, claim)) else {
            continue;
        };
        for number in &claim.columns {
            let Some((column, term)) = cell(table, number, &claim.row) else {
                continue;
            };
            let x = paper.variable(&claim.row).and_then(|v| v.transform);
            let y = column
                .outcome
                .as_deref()
                .and_then(|y| paper.variable(y))
                .and_then(|v| v.transform);
            let steps: Vec<(f64, &str)> = match (claim.percent, x) {
                (None, _) => vec![(1.0, "1")],
                (Some(p), Some(Transform::Log10)) => {
                    vec![((p / 100.0).ln_1p() / 10f64.ln(), "log10(1 + p/100)")]
                }
                (Some(p), Some(Transform::Ln)) => vec![((p / 100.0).ln_1p(), "ln(1 + p/100)")],
                (Some(p), Some(Transform::Log)) => vec![
                    ((p / 100.0).ln_1p(), "ln(1 + p/100)"),
                    ((p / 100.0).ln_1p() / 10f64.ln(), "log10(1 + p/100)"),
                ],
                // A change in per cent of a level depends on the level.
                (Some(_), _) => continue,
            };
            let outcomes: Vec<Option<f64>> = match (claim.outcome_percent, y) {
                (false, _) => vec![None],
                (true, Some(Transform::Ln)) => vec![Some(1.0)],
                (true, Some(Transform::Log10)) => vec![Some(10f64.ln())],
                (true, Some(Transform::Log)) => vec![Some(1.0), Some(10f64.ln())],
                (true, _) => Vec::new(),
            };
            let mut words = Vec::new();
            let mut fits = false;
            for (step, formula) in &steps {
                for outcome in &outcomes {
                    let change = term.coefficient.interval() * *step;
                    let implied = match outcome {
                        None => change,
                        Some(factor) => change.map_increasing(|c| 100.0 * (c * factor).exp_m1()),
                    };
                    // The usual reading of small changes, 100 b dx, is not held against anybody.
                    let linear = outcome.map_or(change, |factor| change * (100.0 * factor));
                    fits |= implied.meets(typed.interval()) || linear.meets(typed.interval());
                    words.push(said!(
                        "{} * {formula} gives {}",
                        "{} * {formula}得{}",
                        term.coefficient.text,
                        num(implied.middle())
                    ));
                }
            }
            let words = Said::joined(&words, "; ", "；");
            let message = if outcomes.is_empty() {
                said!(
                    "{}the outcome is no logarithm, so a coefficient gives units of it, not per cent",
                    "{}被解释变量未取对数，系数表示以其单位计的变化，而非百分比",
                    quoted(claim)
                )
            } else if fits {
                continue;
            } else {
                said!(
                    "{}{} in the text, but {}",
                    "{}正文为{}，但{}",
                    quoted(claim),
                    typed.text,
                    words
                )
            };
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .at(table, column, &claim.row)
                    .values(&typed.text, words),
            );
        }
    }
    found
}
