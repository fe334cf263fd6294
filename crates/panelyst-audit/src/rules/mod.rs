//! The rules, one row each.

mod claims;
mod conventions;
mod counts;
mod integers;
mod means;
mod moments;
mod page;
mod registry;
mod shown;
mod signs;
mod simple;
mod stars;
mod text;
mod transforms;

pub use registry::RULES;

use crate::finding::{Finding, Severity};
use crate::paper::{Column, Paper, Regression};

/// A row of the list of rules.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Name in results.
    pub name: &'static str,
    /// The gravest severity it gives.
    pub severity: Severity,
    /// Name for readers.
    pub label: &'static str,
    /// Name for readers, in Chinese.
    pub label_zh: &'static str,
    /// What must have been typed for it to have something to check.
    pub needs: &'static str,
    /// The mathematics and its source.
    pub doc: &'static str,
    /// What an author should check.
    pub check: &'static str,
    /// What an author should check, in Chinese.
    pub check_zh: &'static str,
    /// The function.
    pub run: fn(&Paper) -> Vec<Found>,
}

/// A finding before its rule is written to it.
#[derive(Clone, Debug, Default)]
pub struct Found {
    severity: Option<Severity>,
    table: String,
    column: String,
    row: String,
    reported: String,
    implied: String,
    message: String,
}

impl Found {
    fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity: Some(severity),
            message: message.into(),
            ..Self::default()
        }
    }

    fn at(mut self, table: &Regression, column: &Column, row: &str) -> Self {
        self.table.clone_from(&table.name);
        self.column.clone_from(&column.label);
        row.clone_into(&mut self.row);
        self
    }

    fn place(mut self, table: &str, column: &str, row: &str) -> Self {
        table.clone_into(&mut self.table);
        column.clone_into(&mut self.column);
        row.clone_into(&mut self.row);
        self
    }

    fn values(mut self, reported: impl Into<String>, implied: impl Into<String>) -> Self {
        self.reported = reported.into();
        self.implied = implied.into();
        self
    }
}

/// Puts every rule to a paper: gravest findings first, then in the order of the rules and of the page.
pub fn audit(paper: &Paper) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for rule in RULES {
        for found in (rule.run)(paper) {
            let severity = found.severity.unwrap_or(rule.severity).max(rule.severity);
            findings.push(Finding {
                rule: rule.name,
                severity,
                table: found.table,
                column: found.column,
                row: found.row,
                reported: found.reported,
                implied: found.implied,
                message: found.message,
            });
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// A few sentences that a referee can paste: what follows from the numbers, gravest first, notes only counted.
pub fn summary(paper: &Paper, findings: &[Finding]) -> Vec<String> {
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let counts: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| format!("{severity} {}", count(*severity)))
        .collect();
    let title = if paper.title.is_empty() {
        "the paper".to_owned()
    } else {
        format!("\"{}\"", paper.title)
    };
    let mut sentences = vec![format!(
        "Arithmetic on the printed numbers of {title}, with allowance for rounding: {}.",
        counts.join(", ")
    )];
    for severity in [Severity::Impossible, Severity::Inconsistent] {
        for finding in findings.iter().filter(|f| f.severity == severity) {
            let place: Vec<&str> = [&finding.table, &finding.column, &finding.row]
                .into_iter()
                .map(String::as_str)
                .filter(|part| !part.is_empty())
                .collect();
            let place = if place.is_empty() {
                "Text".to_owned()
            } else {
                place.join(", ")
            };
            sentences.push(format!("{place}: {}.", finding.message));
        }
    }
    sentences
}
