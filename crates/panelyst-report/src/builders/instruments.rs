//! Rows of a regression table on the instruments of its columns.

use panelyst_model::Fit;
use panelyst_model::results::{ConfidenceSet, FirstStage, InstrumentTest};

use super::print::{p_words, significant};
use super::style::Style;
use super::text;
use crate::table::{Cell, Row, RowKind};
use crate::words::{self, Word};

/// Tests in the order of their rows, with printed names.
const TESTS: &[(&str, Word)] = &[
    ("kleibergen-paap-lm", words::KLEIBERGEN_PAAP_LM),
    ("kleibergen-paap-f", words::KLEIBERGEN_PAAP_F),
    ("cragg-donald-f", words::CRAGG_DONALD_F),
    ("effective-f", words::EFFECTIVE_F),
    ("sargan", words::SARGAN),
    ("hansen-j", words::HANSEN_J),
    ("wu-hausman", words::WU_HAUSMAN),
    ("anderson-rubin", words::ANDERSON_RUBIN),
];

/// First-stage F of every endogenous regressor, tests, and the confidence set of a single one; no row without
/// instruments.
pub(super) fn instrument_rows(fits: &[&Fit], style: &Style) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut endogenous: Vec<&str> = Vec::new();
    for stage in fits.iter().flat_map(|fit| &fit.first_stages) {
        if !endogenous.contains(&stage.endogenous.as_str()) {
            endogenous.push(&stage.endogenous);
        }
    }
    let label = |word: Word, name: &str| match style.lang {
        crate::Lang::En => format!("{} ({})", word.say(style.lang), style.label(name)),
        crate::Lang::Zh => format!("{}（{}）", word.say(style.lang), style.label(name)),
    };
    for name in endogenous {
        let stage = |fit: &&Fit| -> Option<FirstStage> {
            let found = fit.first_stages.iter().find(|s| s.endogenous == name);
            found.cloned()
        };
        rows.push(row(
            label(words::FIRST_STAGE_F, name),
            fits.iter().map(|fit| value(stage(fit).map(|s| s.f))),
        ));
        rows.push(row(
            label(words::PARTIAL_R2, name),
            fits.iter().map(|fit| match stage(fit) {
                Some(stage) => text(significant(stage.partial_r2, 3)),
                None => Cell::Empty,
            }),
        ));
    }
    for (test, word) in TESTS {
        let found = |fit: &&Fit| -> Option<InstrumentTest> {
            let instruments = fit.instruments.as_ref()?;
            instruments.test(test).cloned()
        };
        if fits.iter().any(|fit| found(fit).is_some()) {
            rows.push(row(
                word.say(style.lang).to_owned(),
                fits.iter().map(|fit| value(found(fit))),
            ));
        }
    }
    let set = |fit: &&Fit| -> Option<ConfidenceSet> {
        let instruments = fit.instruments.as_ref()?;
        instruments.confidence_set.clone()
    };
    let mut terms: Vec<String> = fits.iter().filter_map(set).map(|s| s.term).collect();
    terms.dedup();
    for term in terms {
        rows.push(row(
            label(words::ANDERSON_RUBIN_SET, &term),
            fits.iter().map(|fit| match set(fit) {
                Some(set) if set.term == term => text(set_words(&set, style)),
                _ => Cell::Empty,
            }),
        ));
    }
    rows
}

fn row(label: String, cells: impl Iterator<Item = Cell>) -> Row {
    Row {
        kind: RowKind::Statistic,
        cells: std::iter::once(text(label)).chain(cells).collect(),
    }
}

/// A statistic with its p-value, if it has one.
fn value(test: Option<InstrumentTest>) -> Cell {
    let Some(test) = test else {
        return Cell::Empty;
    };
    match (test.statistic, test.p_value) {
        (Some(statistic), Some(p)) => {
            text(format!("{} ({})", significant(statistic, 4), p_words(p)))
        }
        (Some(statistic), None) => text(significant(statistic, 4)),
        _ => text("-"),
    }
}

/// A confidence set: `[0.1, 0.4]`, `(-inf, 0.1] or [0.4, inf)`, the whole line, or empty.
fn set_words(set: &ConfidenceSet, style: &Style) -> String {
    match set.shape.as_str() {
        "empty" => words::EMPTY_SET.say(style.lang).to_owned(),
        "line" => words::WHOLE_LINE.say(style.lang).to_owned(),
        _ => {
            let pieces: Vec<String> = set
                .intervals
                .iter()
                .map(|[low, high]| {
                    let low = low.map_or("(-inf".to_owned(), |v| format!("[{}", significant(v, 4)));
                    let high =
                        high.map_or("inf)".to_owned(), |v| format!("{}]", significant(v, 4)));
                    format!("{low}, {high}")
                })
                .collect();
            pieces.join(match style.lang {
                crate::Lang::En => " or ",
                crate::Lang::Zh => " 或 ",
            })
        }
    }
}
