//! Definitions, symbols, tests and gaps as the text describes them.

use super::Found;
use super::shown::count;
use crate::finding::Severity;
use crate::paper::{ClaimKind, Paper};

/// One symbol with several meanings.
pub(super) fn symbols(paper: &Paper) -> Vec<Found> {
    several(paper, true)
}

/// One thing described in several ways.
pub(super) fn described(paper: &Paper) -> Vec<Found> {
    several(paper, false)
}

fn several(paper: &Paper, symbol: bool) -> Vec<Found> {
    let mut found = Vec::new();
    for term in paper.terms.iter().filter(|term| term.symbol == symbol) {
        let mut meanings: Vec<&str> = Vec::new();
        for meaning in &term.meanings {
            if !meanings
                .iter()
                .any(|known| known.eq_ignore_ascii_case(meaning))
            {
                meanings.push(meaning);
            }
        }
        if meanings.len() < 2 {
            continue;
        }
        let listed: Vec<String> = meanings.iter().map(|m| format!("\"{m}\"")).collect();
        let (name, number, all) = (&term.name, meanings.len(), listed.join("; "));
        let message = if symbol {
            format!("the symbol {name} stands for {number} things: {all}")
        } else {
            format!("the text describes {name} in {number} ways: {all}")
        };
        found.push(
            Found::new(Severity::Questionable, message)
                .place("", "", &term.name)
                .values(listed.join("; "), "one meaning"),
        );
    }
    found
}

/// Variables without a definition, and regressors without descriptive statistics.
pub(super) fn undefined(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for variable in paper.variables.iter().filter(|v| v.undefined) {
        let message = format!(
            "the table of definitions gives no calculation for {}",
            variable.name
        );
        found.push(
            Found::new(Severity::Note, message)
                .place("", "", &variable.name)
                .values("no definition", "a definition"),
        );
    }
    if paper.descriptions.is_empty() {
        return found;
    }
    let described = |name: &str| {
        paper
            .descriptions
            .iter()
            .any(|t| t.rows.iter().any(|r| r.variable == name))
    };
    let mut seen: Vec<&str> = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            for term in column.slopes() {
                let known = paper.variable(&term.row).is_some();
                if known && !described(&term.row) && !seen.contains(&term.row.as_str()) {
                    seen.push(&term.row);
                    let message = format!(
                        "{} is a regressor, but the descriptive statistics leave it out, so its mean and deviation cannot be compared",
                        term.row
                    );
                    found.push(
                        Found::new(Severity::Note, message)
                            .at(table, column, &term.row)
                            .values("not described", "a row of descriptive statistics"),
                    );
                }
            }
        }
    }
    found
}

/// What the name of a test leaves open.
fn open(test: &str, paper: &Paper) -> String {
    let units = paper.sample.units.unwrap_or(0.0);
    let periods = paper.sample.periods.unwrap_or(0.0);
    let lower = test.to_lowercase();
    if lower.contains("lr") || lower.contains("likelihood") {
        let df = if units > 1.0 && periods > 1.0 {
            format!(
                " with df {} or {}",
                count(units - 1.0),
                count(units + periods - 2.0)
            )
        } else {
            String::new()
        };
        format!(
            "three tests go by this name: n ln(RSS0/RSS1) of pooled against fixed effects{df}, the chibar2(1) of pooled against random effects by maximum \
             likelihood, and that of groupwise heteroskedasticity"
        )
    } else if lower.contains("hausman") {
        "its classical form can be negative or undefined, since V(FE) - V(RE) need not be positive definite; sigmamore and Mundlak forms differ".to_owned()
    } else {
        "the variant decides the statistic and its distribution".to_owned()
    }
}

/// Tests that decide the model, named without statistic, degrees of freedom and p-value.
pub(super) fn tests(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in paper
        .claims
        .iter()
        .filter(|c| c.kind == ClaimKind::Test && c.value.is_none())
    {
        let message = format!(
            "the {} test is named without statistic, degrees of freedom and p-value; {}",
            claim.test,
            open(&claim.test, paper)
        );
        found.push(
            Found::new(Severity::Note, message)
                .place(&claim.table, "", &claim.test)
                .values("no statistic", "statistic, df, p"),
        );
    }
    found
}

/// Filled gaps without their number.
pub(super) fn interpolation(paper: &Paper) -> Vec<Found> {
    let Some(text) = &paper.sample.interpolation else {
        return Vec::new();
    };
    if paper.sample.interpolated_share.is_some() {
        return Vec::new();
    }
    let message = "gaps were filled by interpolation, but neither their number nor the variables are stated; filled values count as rows in N and \
                   in every standard error";
    vec![
        Found::new(Severity::Note, message)
            .values(text.clone(), "number of filled cells by variable"),
    ]
}
