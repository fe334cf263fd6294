//! Tables made from results. Each builder takes plain results and a [`Style`] and gives one [`crate::Table`],
//! with notes made from the same objects as its numbers.

mod conventions;
mod correlation;
mod definitions;
mod description;
mod groups;
mod instruments;
mod labels;
mod notes;
mod print;
mod publication;
mod reasons;
mod records;
mod regression;
mod sample;
mod small_samples;
mod specification;
mod specification_curve;
mod statistics;
mod style;

pub use conventions::{Flip, conventions, flips};
pub use correlation::{correlation, variance_inflation};
pub use definitions::{Definition, Role, definitions};
pub use description::{MOMENTS, Moment, PAPER_MOMENTS, SummaryPanel, description};
pub use groups::group_differences;
pub use notes::note_words;
pub use publication::publication;
pub use reasons::{dropped_words, error_words};
pub use records::records;
pub use regression::{RegressionColumn, regression};
pub use sample::loss_words;
pub use specification::specification;
pub use specification_curve::{
    choice_words, option_words, specification_curve, specification_rows,
};
pub use statistics::{STATISTICS, Statistic};
pub use style::{Brackets, Style};

pub(crate) use groups::{Pair, pairs};
pub(crate) use labels::{fewest_clusters, vcov_words};
pub(crate) use print::{p_words, plain, significant};
pub(crate) use specification::{distribution_words, null_words, test_words};

use crate::table::{Cell, Digits, HeaderCell, Row, RowKind};

/// Clusters below which cluster-robust t tests reject true nulls clearly too often; what counts as few "may range
/// from less than 20 to less than 50" (Cameron and Miller 2015, Journal of Human Resources 50(2), section VI).
pub const FEW_CLUSTERS: u64 = 20;

/// Clusters below which values near a threshold deserve care; the upper end of the same range.
pub const MODERATE_CLUSTERS: u64 = 50;

fn header(texts: &[&str]) -> Vec<HeaderCell> {
    texts.iter().map(|text| head(text)).collect()
}

fn head(text: &str) -> HeaderCell {
    HeaderCell {
        text: text.to_owned(),
        span: 1,
    }
}

fn text(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text { text }
    }
}

fn body(cells: Vec<Cell>) -> Row {
    Row {
        kind: RowKind::Body,
        cells,
    }
}

fn integer(value: usize) -> Cell {
    i64::try_from(value).map_or(Cell::Empty, |value| Cell::Integer { value })
}

/// A number, or nothing where it is not finite.
fn number(value: f64, digits: Digits) -> Cell {
    if value.is_finite() {
        Cell::Number { value, digits }
    } else {
        Cell::Empty
    }
}

/// A p-value with three decimals; one that would print as zero is printed as a bound.
fn p_cell(value: Option<f64>) -> Cell {
    match value {
        Some(p) if p < 0.0005 => text("<0.001"),
        Some(p) => number(p, Digits::Decimals(3)),
        None => Cell::Empty,
    }
}

/// Notes of rows collected once each, in order, and referred to by number.
#[derive(Default)]
struct Numbered {
    notes: Vec<String>,
}

impl Numbered {
    /// The mark `[n]` of a note; empty for an empty note.
    fn mark(&mut self, note: &str) -> String {
        if note.is_empty() {
            return String::new();
        }
        let place = self.notes.iter().position(|known| known == note);
        let place = place.unwrap_or_else(|| {
            self.notes.push(note.to_owned());
            self.notes.len() - 1
        });
        format!("[{}]", place + 1)
    }

    /// The notes as paragraphs.
    fn paragraphs(self) -> Vec<String> {
        let numbered = self.notes.into_iter().enumerate();
        numbered
            .map(|(place, note)| format!("[{}] {note}", place + 1))
            .collect()
    }
}

/// A table whose rows are values of an index: its unit, activity and time columns and the value under its name.
pub use records::records as index_values;
