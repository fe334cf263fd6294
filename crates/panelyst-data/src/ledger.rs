//! The ledger: every cell that was filled, dropped, converted or transformed, and by which rule.

use serde::Serialize;

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What happened: `filled`, `missing`, `dropped`, `converted`, `transformed`, `winsorised`, `matched`, `unmatched`.
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

/// Entries in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes over the entries of another ledger.
    pub fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }
}
