//! Findings in Chinese.
#![allow(clippy::unwrap_used)]

mod languages;

use languages::{agree, words};
use panelyst_audit::{Finding, RULES, audit, read, summary};
use std::collections::BTreeSet;
use std::path::Path;

/// Papers in which every rule finds something.
const PAPERS: [&str; 4] = [
    "examples/audit-reference-paper/paper.toml",
    "book/examples/slips.toml",
    "crates/panelyst-audit/tests/languages/counts_and_stars.toml",
    "crates/panelyst-audit/tests/languages/logarithms_and_claims.toml",
];

fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn findings(file: &str) -> Vec<Finding> {
    audit(&read(file).unwrap_or_else(|mistakes| panic!("{mistakes:#?}")))
}

fn han(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

#[test]
fn every_rule_says_the_same_in_both_languages() {
    let mut rules = BTreeSet::new();
    for path in PAPERS {
        let file = file(path);
        let found = findings(&file);
        agree(words(&found), &file);
        for finding in &found {
            assert!(han(&finding.message.zh), "{finding:?}");
            rules.insert(finding.rule);
        }
    }
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(rules, all);
}

/// Every sentence of the rules is among those of the papers above, so that none of them escapes the comparison.
#[test]
fn the_papers_bring_out_every_sentence() {
    let said: Vec<String> = PAPERS
        .iter()
        .flat_map(|path| findings(&file(path)))
        .map(|finding| finding.message.en)
        .collect();
    for part in SENTENCES {
        assert!(said.iter().any(|message| message.contains(part)), "{part}");
    }
}

#[test]
fn the_summary_says_the_same_in_both_languages() {
    for path in PAPERS {
        let file = file(path);
        let paper = read(&file).unwrap();
        let sentences = summary(&paper, &audit(&paper));
        agree(&sentences, &file);
        assert!(sentences.iter().all(|sentence| han(&sentence.zh)));
        assert!(sentences.iter().all(|sentence| sentence.zh.ends_with('。')));
    }
}

const SENTENCES: &[&str] = &[
    // Claims.
    "is smaller than",
    ": not significant at 5 per cent; 2 pairs",
    "significant at 5 per cent by the normal",
    "of the smaller group p",
    "per cent in the text, no star in the table",
    "in the table stands for p <",
    "by the legend; the text follows another",
    "no effect in the text, *** in the table",
    "outside the first interval",
    "is no logarithm",
    "gives",
    "in the text, 0.310** in the table",
    // Counts.
    "rows are more than",
    "lag of each unit ",
    "leave no degree of freedom",
    "a cluster has one row at least",
    "the subsamples have",
    "is listed twice",
    "in no list",
    "not named",
    "unless rows are missing",
    "has rank at most",
    "the values fit log10 of a count",
    "a count without a transform is a whole number; 0.123457 is not and",
    "only log10 gives whole numbers",
    "no base gives whole numbers",
    "declared ln of a count",
    "n times the mean",
    // Means and moments.
    "a constant of 0.3529 would fit",
    "column (1) implies a mean of rd",
    "puts the mean of all effects at zero",
    "it is the level of an omitted unit or period",
    "exceeds Max",
    "a standard deviation is not negative",
    "the standard deviation is at most",
    "a standard deviation of at least",
    "mean and median differ",
    // The page.
    "have 4 decimals",
    "have 3 significant digits",
    "does not: a spreadsheet reads",
    "of 20 statistics of the table stand in brackets, 5.00 does not",
    "stars without a legend",
    "but the legend ends at 2",
    "the legend differs",
    // Coefficients, errors, R2.
    "and this statistic has no bracket",
    "a standard error is not negative",
    "is at least 99",
    "lies in [2.4",
    "a p-value lies between",
    "earns no star by the legend",
    "above 1",
    "so the errors are not classical",
    "R2 is at most 1",
    "R2 lies between 0 and 1",
    "does not exceed R2",
    "with one regressor R2",
    "plus the same of all other regressors",
    // Stars.
    "gives at most * under N-K (df 47 to 48)",
    "no single convention gives all stars of the column",
    "no single convention gives all stars; by column",
    "all stars together are consistent with normal only",
    "would go with classical or heteroskedasticity-robust errors",
    "the errors are stated as classical",
    "no kind of standard errors is stated",
    // The text.
    "the symbol i stands for",
    "the text describes inv in",
    "the table of definitions gives no calculation",
    "is a regressor, but the descriptive statistics leave it out",
    "with df 30 or 43",
    "its classical form",
    "the variant decides",
    "gaps were filled",
    // Transforms.
    "is a ratio within these bounds",
    "but that ratio lies between 0.1 and 0.2",
    "the values would run from",
    "only ln gives values between 1 and 20",
    "the tail of a ratio",
    "the unit is not stated either",
    "; unit tons",
];
