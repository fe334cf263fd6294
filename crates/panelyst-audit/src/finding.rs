//! What an audit finds.

use crate::said::Said;
use serde::Serialize;
use std::fmt;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No data give these numbers.
    Impossible,
    /// Two statements of the paper exclude each other.
    Inconsistent,
    /// The numbers do not carry what is concluded from them, or need an explanation.
    Questionable,
    /// Something a reader should know.
    Note,
}

impl Severity {
    /// All, gravest first.
    pub const ALL: [Self; 4] = [
        Self::Impossible,
        Self::Inconsistent,
        Self::Questionable,
        Self::Note,
    ];

    /// The word in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Impossible => "impossible",
            Self::Inconsistent => "inconsistent",
            Self::Questionable => "questionable",
            Self::Note => "note",
        }
    }

    /// The word in Chinese tables.
    pub fn name_zh(self) -> &'static str {
        match self {
            Self::Impossible => "不可能",
            Self::Inconsistent => "不一致",
            Self::Questionable => "存疑",
            Self::Note => "提示",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One finding: arithmetic on what is printed, never a judgement of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the rule in [`crate::RULES`].
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The table as typed; empty where the finding is about the text.
    pub table: String,
    /// Number and heading of the column, `(4) North-east region`; the heading alone in descriptive statistics.
    pub column: String,
    /// The row as typed.
    pub row: String,
    /// What is printed.
    pub reported: Said,
    /// What follows from the other numbers.
    pub implied: Said,
    /// The arithmetic; in English plain ASCII, but for what the paper itself has.
    pub message: Said,
}
