//! What the text says against the tables.

use super::Found;
use super::conventions::p_values;
use super::shown::{digits, num, range, stars};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Claim, ClaimKind, Column, Paper, Regression, Term, Transform};
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

/// `the abstract says "...": `
fn quoted(claim: &Claim) -> String {
    match (claim.text.is_empty(), claim.place.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{}: ", claim.place),
        (false, true) => format!("claim \"{}\": ", claim.text),
        (false, false) => format!("claim \"{}\" ({}): ", claim.text, claim.place),
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
        let message = format!(
            "{}{t1} in {} is smaller than {t2} in {}",
            quoted(claim),
            here.label,
            there.label
        );
        return Some(
            Found::new(Severity::Inconsistent, message).values(t1.clone(), format!("below {t2}")),
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
    let arithmetic = format!(
        "difference {} - {} = {}, z = difference / sqrt(se^2 + se^2) = {} / sqrt({}^2 + {}^2) = {}, p = {}",
        num(first.coefficient.value),
        num(second.coefficient.value),
        num(gap.middle()),
        num(gap.middle()),
        num(se1.middle()),
        num(se2.middle()),
        num(z.middle()),
        digits(p.middle(), 2)
    );
    let in_small = small.map_or(String::new(), |(df, p)| {
        format!(
            "; with G-1 = {df:.0} of the smaller group p = {}",
            digits(p.middle(), 2)
        )
    });
    let (severity, verdict) = if plain {
        (Severity::Questionable, "not significant at 5 per cent")
    } else {
        (
            Severity::Note,
            "significant at 5 per cent by the normal, not after allowance for the number of pairs or of clusters",
        )
    };
    let correction = if pairs > 1 {
        format!(
            "; {pairs} pairs, Bonferroni p = {}",
            digits((p.middle() * pairs as f64).min(1.0), 2)
        )
    } else {
        String::new()
    };
    Some(
        Found::new(
            severity,
            format!(
                "{}{arithmetic}: {verdict}{correction}{in_small}",
                quoted(claim)
            ),
        )
        .values(
            format!("{t1} in {} greater than {t2}", here.label),
            format!("z = {}, p = {}", num(z.middle()), digits(p.middle(), 2)),
        ),
    )
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
                    format!(
                        "significant at {per_cent} per cent in the text, {} in the table",
                        stars(printed)
                    ),
                    "not significant".to_owned(),
                )),
                Some(own) if *own > level * (1.0 + 1e-9) => Some((
                    Severity::Inconsistent,
                    format!(
                        "significant at {per_cent} per cent in the text, {} in the table stands for p < {own}",
                        stars(printed)
                    ),
                    format!("p < {own}"),
                )),
                Some(own) if claim.level.is_some() && *own < level * (1.0 - 1e-9) => Some((
                    Severity::Note,
                    format!(
                        "the text says {per_cent} per cent where {} stands for p < {own} by the legend; the text follows another legend or understates",
                        stars(printed)
                    ),
                    format!("p < {own}"),
                )),
                Some(_) => None,
            };
            found.extend(made.map(|(severity, message, implied)| {
                Found::new(severity, format!("{}{message}", quoted(claim)))
                    .at(table, column, &claim.row)
                    .values(format!("{per_cent} per cent"), implied)
            }));
        }
    }
    found
}

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
                let message = format!(
                    "{}no effect in the text, {} in the table",
                    quoted(claim),
                    stars(term.coefficient.stars)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, &claim.row)
                        .values("no effect", term.coefficient.text.clone()),
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
                .map_or(String::new(), |g| {
                    let half = t_two_sided_quantile(0.05, g - 1.0) * se;
                    format!(
                        ", with G-1 = {:.0} {}",
                        g - 1.0,
                        range(Interval::new(b - half, b + half))
                    )
                });
            let reference = largest(table, &claim.row, column);
            let holds = reference.as_ref().map_or(String::new(), |(label, value)| {
                let inside = Interval::new(b - half, b + half).contains(*value);
                format!(
                    "; the {} of {label} lies {} the first interval",
                    num(*value),
                    if inside { "inside" } else { "outside" }
                )
            });
            let message = format!(
                "{}not significant is not zero: b = {} with se = abs(b / t) = {} has the 95 per cent interval {}{few}{holds}",
                quoted(claim),
                num(b),
                num(se),
                range(Interval::new(b - half, b + half))
            );
            found.push(
                Found::new(Severity::Note, message)
                    .at(table, column, &claim.row)
                    .values("no effect", range(Interval::new(b - half, b + half))),
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
        let Some(said) = &claim.value else {
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
            if printed.interval().meets(said.interval()) {
                continue;
            }
            let message = format!(
                "{}{} in the text, {} in the table",
                quoted(claim),
                said.text,
                printed.text
            );
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .place(&claim.table, &label, &claim.row)
                    .values(said.text.clone(), printed.text.clone()),
            );
        }
    }
    found
}

/// The size of an effect in words: b dx, dx by the transform of the regressor, in per cent by that of the outcome.
pub(super) fn effect(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in claims(paper, ClaimKind::Effect) {
        let (Some(said), Some(table)) = (&claim.value, table(paper, claim)) else {
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
                    fits |= implied.meets(said.interval()) || linear.meets(said.interval());
                    words.push(format!(
                        "{} * {formula} gives {}",
                        term.coefficient.text,
                        num(implied.middle())
                    ));
                }
            }
            let message = if outcomes.is_empty() {
                format!(
                    "{}the outcome is no logarithm, so a coefficient gives units of it, not per cent",
                    quoted(claim)
                )
            } else if fits {
                continue;
            } else {
                format!(
                    "{}{} in the text, but {}",
                    quoted(claim),
                    said.text,
                    words.join("; ")
                )
            };
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .at(table, column, &claim.row)
                    .values(said.text.clone(), words.join("; ")),
            );
        }
    }
    found
}
