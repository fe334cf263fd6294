//! Variable definitions: the table that tells how each variable is measured.

use super::style::Style;
use super::{body, head, text};
use crate::table::{Cell, Table};
use crate::words::{self, Word};

/// What a variable does in the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Left-hand side.
    Outcome,
    /// The regressor of the hypothesis.
    Core,
    /// A control.
    Control,
    /// Replaces the core variable in a robustness test.
    Substitute,
    /// Splits the sample.
    Grouping,
    /// Anything else.
    Other,
}

impl Role {
    /// Its word.
    pub const fn word(self) -> Word {
        match self {
            Self::Outcome => words::OUTCOME,
            Self::Core => words::CORE,
            Self::Control => words::CONTROL,
            Self::Substitute => words::SUBSTITUTE,
            Self::Grouping => words::GROUPING,
            Self::Other => words::OTHER,
        }
    }
}

/// One row of the definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it does.
    pub role: Role,
    /// Name in formulas.
    pub name: String,
    /// Name in words.
    pub label: String,
    /// How it is measured.
    pub definition: String,
    /// Unit, may be empty.
    pub unit: String,
    /// Source, may be empty.
    pub source: String,
}

/// Heading of a column and how it is read off a row.
type Column = (Word, fn(&Definition) -> &str);

/// The definitions as a table; a role is printed once for rows that follow each other, columns without any entry are
/// left out.
pub fn definitions(
    id: &str,
    label: &str,
    title: &str,
    rows: &[Definition],
    style: &Style,
) -> Table {
    let lang = style.lang;
    let columns: [Column; 5] = [
        (words::LABEL, |row| &row.label),
        (words::NAME, |row| &row.name),
        (words::DEFINITION, |row| &row.definition),
        (words::UNIT, |row| &row.unit),
        (words::SOURCE, |row| &row.source),
    ];
    let used = columns
        .into_iter()
        .filter(|(_, read)| rows.iter().any(|row| !read(row).is_empty()));
    let used: Vec<_> = used.collect();
    let mut header = vec![head(words::ROLE.say(lang))];
    header.extend(used.iter().map(|(word, _)| head(word.say(lang))));
    let mut before = None;
    let body_rows = rows.iter().map(|row| {
        let role = if before == Some(row.role) {
            Cell::Empty
        } else {
            text(row.role.word().say(lang))
        };
        before = Some(row.role);
        let mut cells = vec![role];
        cells.extend(used.iter().map(|(_, read)| text(read(row))));
        body(cells)
    });
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        rows: body_rows.collect(),
        header: vec![header],
        notes: Vec::new(),
        lang,
    }
}
