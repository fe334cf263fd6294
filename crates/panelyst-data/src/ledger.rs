//! The ledger: every cell that was filled, dropped, converted or transformed, and by which rule.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What happened: `filled`, `unfilled` (asked to be filled, but stays missing), `missing`, `added` (a row), `dropped`,
    /// `converted`, `transformed`, `winsorised`, `matched`, `unmatched`, `silenced` (a pitfall that the study does not
    /// want told).
    pub action: String,
    /// Source name or step of the study.
    pub step: String,
    /// File the cell came from, where known.
    pub file: String,
    /// Place in the file (sheet, row, column) or in the panel.
    pub place: String,
    /// Unit of the panel, where it applies.
    pub unit: String,
    /// Time of the panel, where it applies.
    pub time: String,
    /// Variable.
    pub variable: String,
    /// Value before, as read.
    pub before: String,
    /// Value after.
    pub after: String,
    /// Rule, for example `linear between 2004 and 2006`, `10k-yuan to 100m-yuan (x 0.0001)`.
    pub rule: String,
    /// Number of cells when the entry stands for more than one (a whole column converted), else 1.
    pub cells: usize,
}

impl Default for Entry {
    /// An entry for one cell, all texts empty.
    fn default() -> Self {
        Self {
            action: String::new(),
            step: String::new(),
            file: String::new(),
            place: String::new(),
            unit: String::new(),
            time: String::new(),
            variable: String::new(),
            before: String::new(),
            after: String::new(),
            rule: String::new(),
            cells: 1,
        }
    }
}

/// Entries in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// Columns of the ledger as CSV, in the order of the fields of [`Entry`].
pub const COLUMNS: [&str; 11] = [
    "action", "step", "file", "place", "unit", "time", "variable", "before", "after", "rule",
    "cells",
];

impl Ledger {
    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes over the entries of another ledger.
    pub fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Cells by action and variable, sorted by both.
    pub fn counts(&self) -> Vec<(String, String, usize)> {
        let mut cells: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for entry in &self.entries {
            *cells.entry((&entry.action, &entry.variable)).or_default() += entry.cells;
        }
        cells
            .into_iter()
            .map(|((action, variable), cells)| (action.to_owned(), variable.to_owned(), cells))
            .collect()
    }
}

/// Writes a ledger as CSV: UTF-8, one header row ([`COLUMNS`]), lines ending in `\n`, fields quoted where they need it.
///
/// # Errors
/// What the writer reports.
pub fn write_csv(ledger: &Ledger, output: impl Write) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(COLUMNS)?;
    for entry in &ledger.entries {
        let cells = entry.cells.to_string();
        writer.write_record([
            &entry.action,
            &entry.step,
            &entry.file,
            &entry.place,
            &entry.unit,
            &entry.time,
            &entry.variable,
            &entry.before,
            &entry.after,
            &entry.rule,
            &cells,
        ])?;
    }
    writer.flush()
}

/// A number with 17 significant digits, which is enough to give back the same `f64`; trailing zeros are left out.
///
/// Plain digits between 1e-5 and 1e17, else with an exponent: `1.8245780000000001`, `31`, `2.5e-7`.
pub fn number_text(value: f64) -> String {
    let scientific = format!("{value:.16e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let trimmed = |text: &str| -> String {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    match exponent.parse::<i32>() {
        Ok(power @ -5..=16) => trimmed(&format!("{value:.*}", (16 - power) as usize)),
        _ => format!("{}e{exponent}", trimmed(mantissa)),
    }
}
