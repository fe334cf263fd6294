//! Names in models and tables exist among the columns and variables, and units and periods in the panel.

use super::mistakes::advice;
use crate::error::Error;
use crate::file::At;
use crate::plan::{ColumnPlan, Study, TableKind};
use crate::steps::estimates::{Data, request};
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use panelyst_lang::ast::{ExprKind, Factor};
use panelyst_lang::{Expr, Span, quote_name, ticked};

/// Every name that a model or table uses is among `there`.
///
/// # Errors
/// All names that nothing has, with places.
pub fn references(study: &Study, there: &[String]) -> Result<(), Error> {
    let mut mistakes = study.mistakes();
    for plan in columns(study) {
        let mut wanted: Vec<String> = plan.formula.columns();
        if let Some((expr, _)) = &plan.condition {
            wanted.extend(expr.columns());
        }
        for name in plan.vcov.columns() {
            // `a^b` in clusters is the combination of two columns, unless a column has that name.
            if there.iter().any(|known| known == name) {
                continue;
            }
            wanted.extend(name.split('^').map(|part| part.trim().to_owned()));
        }
        wanted.extend(study.model.weights.clone());
        for name in wanted.iter().filter(|name| !there.contains(name)) {
            mistakes.at(
                place(study, plan, name),
                format!("there is no column or variable `{name}`"),
                advice(name, there.iter().map(String::as_str)),
            );
        }
    }
    for table in &study.tables {
        let (TableKind::Description(variables, _) | TableKind::Correlation(variables)) =
            &table.kind
        else {
            continue;
        };
        for name in variables.iter().filter(|name| !there.contains(name)) {
            let typed = study.model.places.iter().find(|p| p.value == **name);
            mistakes.at(
                typed.map_or(table.span, |p| inside(study, p, name)),
                format!("there is no column or variable `{name}`"),
                advice(name, there.iter().map(String::as_str)),
            );
        }
    }
    Ok(mistakes.finish()?)
}

/// Units and periods that variants leave out are in the panel, and no outcome or regressor is a column of text.
///
/// # Errors
/// All that are not, with places.
pub fn variants(study: &Study, data: &Data) -> Result<(), Error> {
    let mut mistakes = study.mistakes();
    for plan in columns(study) {
        for (name, hint) in texts(plan, &data.batch) {
            mistakes.at(
                place(study, plan, &name),
                format!("{} is text, and a number is needed here", ticked(&name)),
                hint,
            );
        }
        mistakes.merge(request(study, data, plan, None).map(|_| ()))?;
    }
    Ok(mistakes.finish()?)
}

/// Columns of text that a model takes as numbers, with advice.
fn texts(plan: &ColumnPlan, batch: &RecordBatch) -> Vec<(String, String)> {
    let formula = &plan.formula;
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::Column(name) => {
            let column = batch.column_by_name(name)?;
            (column.data_type() == &DataType::Utf8).then(|| name.clone())
        }
        _ => None,
    };
    let outcome = text(&formula.outcome).map(|name| (name, String::new()));
    let instruments = formula.instruments.iter();
    let terms = instruments.flat_map(|i| i.endogenous.iter().chain(&i.excluded));
    let terms = formula.regressors.iter().chain(terms);
    let factors = terms.flat_map(|term| &term.factors);
    let regressors = factors.filter_map(|factor| match factor {
        Factor::Expr(expr) => text(expr),
        Factor::Levels { .. } => None,
    });
    let regressors = regressors.map(|name| {
        let quoted = quote_name(&name);
        let hint = format!(
            "write i({quoted}) for an indicator of each value, or put it among the effects"
        );
        (name, hint)
    });
    outcome.into_iter().chain(regressors).collect()
}

/// The columns of all tables of estimates.
fn columns(study: &Study) -> impl Iterator<Item = &ColumnPlan> {
    study.tables.iter().flat_map(|table| match &table.kind {
        TableKind::Baseline(columns) | TableKind::Robustness(columns) => columns.iter().collect(),
        TableKind::Heterogeneity { column, .. } | TableKind::Conventions { column, .. } => {
            vec![column.as_ref()]
        }
        TableKind::SpecificationCurve(curve) => curve.singles.iter().collect(),
        TableKind::Publication(plan) => plan.columns.iter().map(|c| &c.column).collect(),
        _ => Vec::new(),
    })
}

/// Where a name was typed: in the column's own words, else in those of the model, else where the column comes from.
fn place(study: &Study, plan: &ColumnPlan, name: &str) -> Span {
    let typed = || plan.places.iter().chain(&study.model.places);
    let found = typed()
        .find(|p| p.value == name)
        .or_else(|| typed().find(|p| p.value.contains(name)));
    found.map_or(plan.span, |found| inside(study, found, name))
}

/// A name within the words that were typed.
fn inside(study: &Study, typed: &At<String>, name: &str) -> Span {
    let text = study.text.get(typed.span.start..typed.span.end);
    text.and_then(|text| text.find(name))
        .map_or(typed.span, |at| {
            let start = typed.span.start + at;
            Span::new(start, start + name.len())
        })
}
