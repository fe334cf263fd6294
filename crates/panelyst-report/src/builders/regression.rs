//! Regression tables: columns of fits side by side, coefficients with stars, brackets below.

use panelyst_model::Fit;
use panelyst_model::results::Coefficient;

use super::instruments::instrument_rows;
use super::notes::regression_notes;
use super::small_samples;
use super::statistics::statistic_rows;
use super::style::{Brackets, Style};
use super::{head, text};
use crate::table::{Cell, HeaderCell, Row, RowKind, Table};
use crate::words;

/// One column of a regression table.
#[derive(Clone, Debug)]
pub struct RegressionColumn<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// Group or model name above the column number; may be empty.
    pub heading: String,
    /// Variables with values of this sample that were filled in by rule, and how many.
    pub filled_cells: Vec<(String, usize)>,
    /// Sentences to print below the table for this column, in the language of the style.
    pub notes: Vec<String>,
}

impl<'a> RegressionColumn<'a> {
    /// A column without heading, filled cells or notes.
    pub fn new(fit: &'a Fit) -> Self {
        Self {
            fit,
            heading: String::new(),
            filled_cells: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The same column under a heading.
    #[must_use]
    pub fn heading(mut self, heading: impl Into<String>) -> Self {
        self.heading = heading.into();
        self
    }
}

/// The table of several fits: headings, numbers and outcomes as header, terms in the order of first appearance with
/// the constant last, one row for each effect, the statistics of the style, and notes on everything that was set.
pub fn regression(
    id: &str,
    label: &str,
    title: &str,
    columns: &[RegressionColumn<'_>],
    style: &Style,
) -> Table {
    let fits: Vec<&Fit> = columns.iter().map(|column| column.fit).collect();
    let mut rows = Vec::new();
    for term in terms(&fits) {
        rows.extend(coefficient_rows(&term, &fits, style));
    }
    rows.extend(model_row(&fits, style));
    rows.extend(effect_rows(&fits, style));
    rows.extend(statistic_rows(&fits, style));
    rows.extend(instrument_rows(&fits, style));
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: headers(columns, style),
        rows,
        notes: regression_notes(columns, style),
        lang: style.lang,
    }
}

/// Headings where there are any (equal neighbours joined), numbers, outcomes.
fn headers(columns: &[RegressionColumn<'_>], style: &Style) -> Vec<Vec<HeaderCell>> {
    let mut header = Vec::new();
    if columns.iter().any(|column| !column.heading.is_empty()) {
        let mut row: Vec<HeaderCell> = vec![head("")];
        for (place, column) in columns.iter().enumerate() {
            match row.last_mut() {
                Some(last) if place > 0 && last.text == column.heading => last.span += 1,
                _ => row.push(head(&column.heading)),
            }
        }
        header.push(row);
    }
    let numbers = (1..=columns.len()).map(|place| head(&format!("({place})")));
    header.push(std::iter::once(head("")).chain(numbers).collect());
    let outcomes = columns
        .iter()
        .map(|column| head(&style.label(&column.fit.outcome)));
    header.push(std::iter::once(head("")).chain(outcomes).collect());
    header
}

/// Terms in the order of first appearance, the constant last.
fn terms(fits: &[&Fit]) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for coefficient in fits.iter().flat_map(|fit| &fit.coefficients) {
        if !terms.contains(&coefficient.term) {
            terms.push(coefficient.term.clone());
        }
    }
    terms.sort_by_key(|term| term == "_cons");
    terms
}

fn coefficient_rows(term: &str, fits: &[&Fit], style: &Style) -> Vec<Row> {
    let found: Vec<Option<&Coefficient>> = fits.iter().map(|fit| fit.coefficient(term)).collect();
    let mut estimates = vec![text(style.label(term))];
    estimates.extend(found.iter().map(|found| match found {
        Some(coefficient) if coefficient.estimate.is_finite() => Cell::Estimate {
            value: coefficient.estimate,
            digits: style.digits,
            stars: style.stars_of(coefficient.p_value),
        },
        _ => Cell::Empty,
    }));
    let mut rows = vec![Row {
        kind: RowKind::Body,
        cells: estimates,
    }];
    let bracket: Option<fn(&Coefficient) -> f64> = match style.brackets {
        Brackets::T => Some(|coefficient| coefficient.statistic),
        Brackets::StdError => Some(|coefficient| coefficient.std_error),
        Brackets::PValue => Some(|coefficient| coefficient.p_value),
        Brackets::None => None,
    };
    if let Some(bracket) = bracket {
        let mut cells = vec![Cell::Empty];
        cells.extend(found.iter().map(|found| match found.map(bracket) {
            Some(value) if value.is_finite() => Cell::Bracket {
                value,
                digits: style.bracket_digits,
            },
            _ => Cell::Empty,
        }));
        rows.push(Row {
            kind: RowKind::Bracket,
            cells,
        });
    }
    rows.extend(small_samples::rows(term, fits, style));
    rows
}

/// The estimator of each column, where it is not plain least squares with or without effects.
fn model_row(fits: &[&Fit], style: &Style) -> Option<Row> {
    let plain = |fit: &&Fit| matches!(fit.model.as_str(), "pooled" | "within");
    if fits.iter().all(plain) {
        return None;
    }
    let name = |fit: &&Fit| {
        let word = words::WORDS.iter().find(|word| word.key == fit.model);
        text(word.map_or(fit.model.as_str(), |word| word.say(style.lang)))
    };
    let mut cells = vec![text(words::MODEL.say(style.lang))];
    cells.extend(fits.iter().map(name));
    Some(Row {
        kind: RowKind::Statistic,
        cells,
    })
}

/// YES or NO for each effect that any column has.
fn effect_rows(fits: &[&Fit], style: &Style) -> Vec<Row> {
    let mut effects: Vec<&str> = Vec::new();
    for effect in fits.iter().flat_map(|fit| &fit.fixed_effects) {
        if !effects.contains(&effect.name.as_str()) {
            effects.push(&effect.name);
        }
    }
    let rows = effects.into_iter().map(|effect| {
        let mut cells = vec![text(style.effect_label(effect))];
        cells.extend(fits.iter().map(|fit| {
            let has = fit.fixed_effects.iter().any(|known| known.name == effect);
            text(if has { words::YES } else { words::NO }.say(style.lang))
        }));
        Row {
            kind: RowKind::Statistic,
            cells,
        }
    });
    rows.collect()
}
