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
use crate::said::{Bilingual, Said, said};

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
    reported: Said,
    implied: Said,
    message: Said,
}

impl Found {
    fn new(severity: Severity, message: impl Bilingual) -> Self {
        Self {
            severity: Some(severity),
            message: message.said(),
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

    fn values(mut self, reported: impl Bilingual, implied: impl Bilingual) -> Self {
        self.reported = reported.said();
        self.implied = implied.said();
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
pub fn summary(paper: &Paper, findings: &[Finding]) -> Vec<Said> {
    let counts: Vec<Said> = Severity::ALL
        .iter()
        .map(|severity| {
            let count = findings.iter().filter(|f| f.severity == *severity).count();
            said!(
                "{} {count}",
                "{} {count}",
                (severity.name(), severity.name_zh())
            )
        })
        .collect();
    let title = if paper.title.is_empty() {
        ("the paper", "该文").said()
    } else {
        said!("\"{}\"", "《{}》", paper.title)
    };
    let mut sentences = vec![said!(
        "Arithmetic on the printed numbers of {}, with allowance for rounding: {}.",
        "{}所载数值的算术核查，已计入舍入：{}。",
        title,
        Said::joined(&counts, ", ", "，")
    )];
    for severity in [Severity::Impossible, Severity::Inconsistent] {
        for finding in findings.iter().filter(|f| f.severity == severity) {
            let parts: Vec<&String> = [&finding.table, &finding.column, &finding.row]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            let place = if parts.is_empty() {
                ("Text", "正文").said()
            } else {
                Said::joined(&parts, ", ", "，")
            };
            sentences.push(said!("{}: {}.", "{}：{}。", place, finding.message));
        }
    }
    sentences
}
