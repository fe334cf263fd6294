//! Published columns as meant: numbers with their rounding, and the models that they are compared with.

use super::choice;
use super::models::{ColumnPlan, ModelPlan};
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::{ColumnEntry, TableEntry};
use crate::file::published::PublishedEntry;
use crate::file::{At, Text};
use panelyst_audit::Printed;
use panelyst_lang::ast::Factor;
use panelyst_lang::{Span, plain_name, quote_name, ticked};
use panelyst_model::ConstantRule;

/// How rows are typed.
const ROWS: &str = "rows = [[\"x\", \"0.373***\", \"(0.040)\"]], and brackets = \"t\" where t statistics stand in brackets";

/// A publication that is compared with our estimates.
#[derive(Clone, Debug)]
pub struct PublicationPlan {
    /// Where the numbers were published.
    pub source: Text,
    /// Its columns.
    pub columns: Vec<PublishedColumn>,
}

/// One published column.
#[derive(Clone, Debug)]
pub struct PublishedColumn {
    /// The model of ours.
    pub column: ColumnPlan,
    /// Rows of the page.
    pub rows: Vec<PublishedRow>,
    /// Whether brackets hold t statistics rather than standard errors.
    pub t_below: bool,
    /// Observations.
    pub nobs: Option<Printed>,
    /// R squared, adjusted, within.
    pub r2: [Option<Printed>; 3],
    /// Levels of stars, where the publication prints any.
    pub stars: Option<Vec<f64>>,
}

/// A published coefficient.
#[derive(Clone, Debug)]
pub struct PublishedRow {
    /// Term of our formula.
    pub term: At<String>,
    /// Coefficient.
    pub estimate: Printed,
    /// What stands in brackets.
    pub below: Option<Printed>,
}

pub(super) fn publication(
    entry: &At<TableEntry>,
    model: &ModelPlan,
    mistakes: &mut Mistakes,
) -> Option<PublicationPlan> {
    let source = entry.source.clone();
    if source.is_none() {
        mistakes.at(
            entry.span,
            "a comparison with a publication needs `source`",
            "say where the numbers stand: source = \"Author (year), Table 3\"",
        );
    }
    let typed = entry.published.as_deref().unwrap_or_default();
    if typed.is_empty() {
        mistakes.at(
            entry.span,
            "a comparison with a publication needs published numbers",
            format!("add [[table.published]] with {ROWS}"),
        );
    }
    let columns = typed
        .iter()
        .filter_map(|published| column(published, model, mistakes))
        .collect();
    Some(PublicationPlan {
        source: source?,
        columns,
    })
}

fn column(
    entry: &At<PublishedEntry>,
    model: &ModelPlan,
    mistakes: &mut Mistakes,
) -> Option<PublishedColumn> {
    let ours = match &entry.formula {
        Some(_) => model.typed(&as_column(entry), entry.span, mistakes)?,
        None => {
            let full = model.full(entry.span, mistakes)?;
            model.overridden(full, &as_column(entry), mistakes)
        }
    };
    if entry.rows.is_empty() {
        mistakes.at(entry.span, "a published column has no `rows`", ROWS);
    }
    let mut rows: Vec<PublishedRow> = Vec::new();
    for typed in &entry.rows {
        let Some(mut row) = row(typed, mistakes) else {
            continue;
        };
        known(&mut row.term, &ours, mistakes);
        if rows.iter().any(|other| other.term.value == row.term.value) {
            mistakes.at(
                row.term.span,
                format!("{} has two rows", ticked(&row.term)),
                "",
            );
        }
        rows.push(row);
    }
    let stars = entry.stars.as_ref().map(|levels| {
        if levels.iter().any(|level| !(*level > 0.0 && *level < 1.0)) || levels.len() > 3 {
            mistakes.at(
                levels.span,
                "levels of stars are at most three numbers between 0 and 1",
                "stars = [0.1, 0.05, 0.01]",
            );
        }
        levels.value.clone()
    });
    let starred = rows.iter().any(|row| row.estimate.stars > 0);
    let of_study = || starred.then(|| vec![0.05, 0.01, 0.001]);
    let column = PublishedColumn {
        column: ours,
        rows,
        t_below: choice(
            entry.brackets.as_ref(),
            "word for what stands in brackets",
            &[("se", false), ("t", true)],
            mistakes,
        ),
        nobs: number(entry.n.as_ref(), mistakes),
        r2: [&entry.r2, &entry.r2_adjusted, &entry.r2_within]
            .map(|typed| number(typed.as_ref(), mistakes)),
        stars: stars.or_else(of_study),
    };
    impossible(entry, &column, mistakes);
    Some(column)
}

/// What no rounding makes possible, at its place: such numbers are typed wrongly, or read as what they are not.
fn impossible(entry: &PublishedEntry, column: &PublishedColumn, mistakes: &mut Mistakes) {
    let levels = column.stars.as_ref().map_or(3, Vec::len);
    for typed in &entry.rows {
        let [_, estimate, rest @ ..] = typed.value.as_slice() else {
            continue;
        };
        if let Ok(Some(read)) = Printed::parse(estimate)
            && read.stars > levels
        {
            mistakes.at(
                estimate.span,
                format!(
                    "`{}` has {} stars, and the key has {levels} level{}",
                    read.text,
                    read.stars,
                    if levels == 1 { "" } else { "s" }
                ),
                "stars = [0.1, 0.05, 0.01] says for one, two and three stars which level each stands for",
            );
        }
        if let [below, ..] = rest
            && !column.t_below
            && let Ok(Some(read)) = Printed::parse(below)
            && read.interval().high < 0.0
        {
            mistakes.at(
                below.span,
                format!("`{}` is no standard error: none is below zero", read.text),
                "brackets = \"t\" where t statistics stand in brackets; a spreadsheet turns (0.81) into -0.81; \"\" leaves the number out",
            );
        }
    }
    let instruments = column.column.formula.instruments.is_some();
    let squares = [
        ("R2", &entry.r2, !instruments),
        ("adjusted R2", &entry.r2_adjusted, false),
        ("within R2", &entry.r2_within, false),
    ];
    for (name, typed, not_below_zero) in squares {
        let Some(typed) = typed else { continue };
        let Ok(Some(read)) = Printed::parse(typed) else {
            continue;
        };
        let range = read.interval();
        if range.low > 1.0 {
            mistakes.at(
                typed.span,
                format!("{name} of {} is above 1", read.text),
                "type it as a share: 0.17 for 17 %",
            );
        } else if not_below_zero && range.high < 0.0 {
            mistakes.at(
                typed.span,
                format!("{name} of {} is below 0", read.text),
                "r2-adjusted takes an adjusted R2, which may be",
            );
        }
    }
    if let Some(typed) = &entry.n
        && let Ok(Some(read)) = Printed::parse(typed)
    {
        let range = read.interval();
        if range.high < 1.0 || range.high.floor() < range.low {
            mistakes.at(
                typed.span,
                format!("`{}` is no number of observations", read.text),
                "type a whole number above zero, as it stands on the page",
            );
        }
    }
}

/// The part of a published column that says which model it is.
fn as_column(entry: &PublishedEntry) -> ColumnEntry {
    ColumnEntry {
        formula: entry.formula.clone(),
        heading: entry.heading.clone(),
        model: entry.model.clone(),
        vcov: entry.vcov.clone(),
        convention: entry.convention.clone(),
        constant: entry.constant.clone(),
        condition: entry.condition.clone(),
    }
}

fn row(typed: &At<Vec<At<String>>>, mistakes: &mut Mistakes) -> Option<PublishedRow> {
    let (term, estimate, below) = match typed.value.as_slice() {
        [term, estimate] => (term, estimate, None),
        [term, estimate, below] => (term, estimate, Some(below)),
        _ => {
            mistakes.at(
                typed.span,
                "a row is a term, a coefficient and the number below it if there is one",
                "[\"x\", \"0.373***\", \"(0.040)\"]",
            );
            return None;
        }
    };
    let below = number(below, mistakes);
    let estimate = match number(Some(estimate), mistakes) {
        Some(estimate) => estimate,
        None => {
            if estimate.value.trim().is_empty() {
                mistakes.at(estimate.span, "a row has no coefficient", "");
            }
            return None;
        }
    };
    Some(PublishedRow {
        term: term.clone(),
        estimate,
        below,
    })
}

/// A number as printed; a mistake at its place where it is none.
fn number(typed: Option<&At<String>>, mistakes: &mut Mistakes) -> Option<Printed> {
    let typed = typed?;
    match Printed::parse(typed) {
        Ok(printed) => printed,
        Err(why) => {
            mistakes.at(typed.span, why, "type it as it stands on the page");
            None
        }
    }
}

/// A term is one of our formula, as far as that can be told before it is estimated.
/// Its name becomes that of the formula where it was typed as it is printed, without the backquotes of a formula.
fn known(term: &mut At<String>, ours: &ColumnPlan, mistakes: &mut Mistakes) {
    let formula = &ours.formula;
    let endogenous = formula.instruments.iter().flat_map(|i| &i.endogenous);
    let terms: Vec<&panelyst_lang::ast::Term> =
        formula.regressors.iter().chain(endogenous).collect();
    let levels = |t: &&panelyst_lang::ast::Term| {
        let mut factors = t.factors.iter();
        factors.any(|f| matches!(f, Factor::Levels { .. }))
    };
    if term.value == "_cons" {
        if !formula.effects.is_empty() && ours.constant == ConstantRule::None {
            mistakes.at(
                term.span,
                "the model has effects, and no constant is reported beside them",
                "add constant = \"mean\" or \"time-dummies\"",
            );
        }
        return;
    }
    // The terms of indicators are known when there are data.
    let named = |name: &str| terms.iter().find(|t| t.name == name);
    let quoted = quote_name(&term.value);
    if let Some(found) = named(&term.value).or_else(|| named(&quoted)) {
        term.value.clone_from(&found.name);
        return;
    }
    if terms.iter().any(levels) {
        return;
    }
    let names = terms.iter().map(|t| plain_name(&t.name));
    mistakes.at(
        term.span,
        format!("the model has no term {}", ticked(term)),
        advice(plain_name(term), names.collect::<Vec<_>>()),
    );
}

impl PublishedColumn {
    /// Where a term was typed.
    pub fn place(&self, term: &str) -> Option<Span> {
        let found = self.rows.iter().find(|row| row.term.value == term);
        found.map(|row| row.term.span)
    }
}
