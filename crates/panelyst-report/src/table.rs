//! The one table model: every format is written from it, every builder makes it.

use serde::Serialize;

/// Language of words that the program adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// A publication table: title, header rows, body and notes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// File stem, for example `table3-baseline`.
    pub id: String,
    /// `Table 3` or `表3`; empty for an unnumbered table.
    pub label: String,
    /// Title without the label.
    pub title: String,
    /// Header rows, top first; each covers all columns.
    pub header: Vec<Vec<HeaderCell>>,
    /// Body rows; each has as many cells as there are columns.
    pub rows: Vec<Row>,
    /// Notes below, one paragraph each.
    pub notes: Vec<String>,
    /// Language of the words in it.
    pub lang: Lang,
}

impl Table {
    /// Number of columns, the label column included: that of the longest row, header or body.
    pub fn columns(&self) -> usize {
        let header = self
            .header
            .iter()
            .map(|row| row.iter().map(|cell| cell.span.max(1)).sum());
        let body = self.rows.iter().map(|row| row.cells.len());
        header.chain(body).max().unwrap_or(0)
    }
}

/// A header cell over one or more columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderCell {
    /// Text, may be empty.
    pub text: String,
    /// Columns covered, at least one.
    pub span: usize,
}

/// A body row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What the row is, for rules between blocks.
    pub kind: RowKind,
    /// One cell a column, the label first.
    pub cells: Vec<Cell>,
}

/// Kinds of row; formats draw a thin rule where [`RowKind::Statistic`] begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// Ordinary row, or coefficients.
    Body,
    /// The brackets below a coefficient; belongs to the row above.
    Bracket,
    /// Rows below the coefficients: effects, constants of the fit, N.
    Statistic,
    /// A heading over the rows that follow, text in the first cell.
    Panel,
}

/// One cell. Numbers stay numbers until a format prints them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text {
        /// The text.
        text: String,
    },
    /// A count.
    Integer {
        /// The count.
        value: i64,
    },
    /// A number.
    Number {
        /// Full precision.
        value: f64,
        /// How it is printed.
        digits: Digits,
    },
    /// An estimate with its stars.
    Estimate {
        /// Full precision.
        value: f64,
        /// How it is printed.
        digits: Digits,
        /// Number of stars, 0 to 3.
        stars: u8,
    },
    /// A t statistic or standard error in brackets; always text in a spreadsheet.
    Bracket {
        /// Full precision.
        value: f64,
        /// How it is printed.
        digits: Digits,
    },
}

/// How a number is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "rule", content = "n")]
pub enum Digits {
    /// That many decimals.
    Decimals(u8),
    /// That many significant digits, adaptive as esttab's `a3`.
    Significant(u8),
}
