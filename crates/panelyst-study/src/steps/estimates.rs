//! Columns of tables to fits.

use super::columns;
use super::groups::{Grouping, unit_place};
use super::sources::{Input, Loaded};
use crate::error::Error;
use crate::plan::{ColumnPlan, Study};
use crate::run::Stop;
use arrow_array::{Float64Array, RecordBatch};
use arrow_schema::DataType;
use panelyst_data::names::NameTable;
use panelyst_data::panel::Panel;
use panelyst_data::transforms::winsorise;
use panelyst_data::{Entry, Ledger};
use panelyst_lang::{Expr, parse_expression, quote_name};
use panelyst_model::{Fit, Model, PanelColumns, Request, SmallSampleRule, fit_models_until};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that models are estimated from.
#[derive(Clone, Debug)]
pub struct Data {
    /// The panel with its variables.
    pub panel: Panel,
    /// The same columns with those of the groups.
    pub batch: RecordBatch,
    /// Groups.
    pub groupings: Vec<Grouping>,
    /// Rows of each variable that hold a filled value.
    pub filled: BTreeMap<String, Vec<bool>>,
    /// Unit names.
    pub names: Option<NameTable>,
    /// What was done to cells.
    pub ledger: Ledger,
    /// Notes of the way.
    pub notes: Vec<String>,
    /// Files read.
    pub inputs: Vec<Input>,
    /// Columns that each source gave.
    pub provided: Vec<(String, Vec<String>)>,
    /// The panel before its variables were built, and the tables that it was joined from: what variables are built from
    /// again in another way.
    pub joined: Panel,
    /// See [`Self::joined`].
    pub loaded: Vec<Loaded>,
    /// How the caller stops the run.
    pub stop: Stop,
}

impl Data {
    /// Estimates models, sharing what they have in common, until the caller stops the run.
    pub fn fit_models(
        &self,
        batch: &RecordBatch,
        models: &[Model<'_>],
    ) -> Vec<Result<Fit, panelyst_model::Error>> {
        fit_models_until(batch, models, &|| self.stop.is_set())
    }

    /// Whether a column of the study came from a source.
    pub fn gives(&self, source: &str, column: &str) -> bool {
        self.provided
            .iter()
            .any(|(name, columns)| name == source && columns.iter().any(|c| c == column))
    }
}

/// An estimated column.
#[derive(Clone, Debug)]
pub struct Estimated {
    /// What was asked for.
    pub plan: ColumnPlan,
    /// What came out.
    pub fit: Fit,
    /// Variables of the model with filled cells in its sample, and how many.
    pub filled: Vec<(String, usize)>,
    /// Cells that a winsorising variant changed.
    pub winsorised: usize,
    /// Cells changed and rows lost on the way.
    pub ledger: Ledger,
}

/// Name of the working column that marks rows with a filled cell.
const FILLED: &str = "__filled";

/// The request of a column, the columns that it is estimated from, and the cells that a variant changed.
///
/// # Errors
/// Units that the panel does not have, a winsorising that has no values.
pub fn request(
    study: &Study,
    data: &Data,
    plan: &ColumnPlan,
    within: Option<(&str, &str)>,
) -> Result<(Request, RecordBatch, Ledger), Error> {
    let mut batch = data.batch.clone();
    let mut changed = Ledger::default();
    if let Some(rule) = &plan.variant.winsorise {
        let mut targets = plan.formula.columns();
        targets.retain(|name| {
            data.panel.numbers(name).is_ok()
                && name != data.panel.time_column()
                && name != data.panel.unit_column()
        });
        for name in &targets {
            let step = format!("robustness, {name} winsorised");
            let (values, ledger) =
                winsorise(&data.panel, name, rule, &step).map_err(Error::data(&step))?;
            changed.append(ledger);
            batch = columns::with(&batch, name, Arc::new(values))
                .map_err(|error| Error::step(&step, error.to_string()))?;
        }
    }
    let mut parts = Vec::new();
    if let Some((_, typed)) = &plan.condition {
        parts.push(format!("({typed})"));
    }
    if let Some((column, value)) = within {
        parts.push(format!("{} = {}", quote_name(column), quoted_text(value)));
    }
    if !plan.variant.drop_units.is_empty() {
        parts.push(without_units(study, data, plan)?);
    }
    if !plan.variant.drop_periods.is_empty() {
        let mut mistakes = study.mistakes();
        for period in &plan.variant.drop_periods {
            if !data.panel.index().times().contains(&period.value) {
                mistakes.at(
                    period.span,
                    format!("the panel has no period {}", period.value),
                    "",
                );
            }
        }
        mistakes.finish()?;
        let list: Vec<String> = plan
            .variant
            .drop_periods
            .iter()
            .map(|p| p.value.to_string())
            .collect();
        parts.push(format!(
            "{} not in ({})",
            quote_name(&study.panel.time),
            list.join(", ")
        ));
    }
    if plan.variant.drop_filled {
        let marks = filled_rows(data, plan);
        let values: Float64Array = marks
            .iter()
            .map(|m| Some(f64::from(u8::from(*m))))
            .collect();
        batch = columns::with(&batch, FILLED, Arc::new(values))
            .map_err(|error| Error::step("robustness", error.to_string()))?;
        parts.push(format!("{FILLED} = 0"));
    }
    let mut request = Request::new(vec![plan.formula.clone()]);
    request.estimator = plan.estimator;
    request.panel = Some(PanelColumns {
        unit: study.panel.unit.clone(),
        time: study.panel.time.clone(),
    });
    request.vcov = plan.vcov.clone();
    request.convention = plan.convention.clone();
    request.weights = study.model.weights.clone();
    request.constant = plan.constant;
    request.small_samples = SmallSampleRule::Auto;
    request.condition = condition(&parts.join(" and "))?;
    Ok((request, batch, changed))
}

fn condition(text: &str) -> Result<Option<Expr>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    match parse_expression(text) {
        Ok(expr) => Ok(Some(expr)),
        Err(found) => {
            let messages: Vec<String> = found.iter().map(ToString::to_string).collect();
            Err(Error::step(
                format!("condition `{text}`"),
                messages.join("; "),
            ))
        }
    }
}

/// A text as the language writes it.
fn quoted_text(text: &str) -> String {
    if text.contains('"') {
        format!("'{text}'")
    } else {
        format!("\"{text}\"")
    }
}

/// The condition that leaves units out, typed names resolved.
fn without_units(study: &Study, data: &Data, plan: &ColumnPlan) -> Result<String, Error> {
    let mut mistakes = study.mistakes();
    let panel = &data.panel;
    let text = panel
        .batch()
        .column_by_name(panel.unit_column())
        .is_some_and(|c| c.data_type() == &DataType::Utf8);
    let mut list = Vec::new();
    for typed in &plan.variant.drop_units {
        match unit_place(typed, panel, data.names.as_ref()) {
            Some(place) if text => list.push(quoted_text(&panel.unit_names()[place])),
            Some(place) => list.push(panel.unit_names()[place].clone()),
            None => mistakes.at(
                typed.span,
                format!("the panel has no unit `{}`", typed.value),
                crate::check::mistakes::advice(
                    typed,
                    panel.unit_names().iter().map(String::as_str),
                ),
            ),
        }
    }
    mistakes.finish()?;
    Ok(format!(
        "{} not in ({})",
        quote_name(panel.unit_column()),
        list.join(", ")
    ))
}

/// Rows that hold a filled cell in a variable of the model.
fn filled_rows(data: &Data, plan: &ColumnPlan) -> Vec<bool> {
    let mut marks = vec![false; data.batch.num_rows()];
    for name in plan.formula.columns() {
        if let Some(filled) = data.filled.get(&name) {
            for (mark, more) in marks.iter_mut().zip(filled) {
                *mark |= more;
            }
        }
    }
    marks
}

/// Estimates a column, on one group if asked.
///
/// # Errors
/// What the model reports, with the place in the study.
pub fn estimate(
    study: &Study,
    data: &Data,
    plan: &ColumnPlan,
    within: Option<(&str, &str)>,
    place: &str,
) -> Result<Estimated, Error> {
    let (request, batch, ledger) = request(study, data, plan, within)?;
    let model = Model {
        formula: &plan.formula,
        request: &request,
    };
    let fit = data.fit_models(&batch, &[model]).pop();
    estimated(data, plan, place, ledger, fit)
}

/// What a model reports as an error of a place in the study.
pub fn model(place: &str) -> impl Fn(panelyst_model::Error) -> Error + '_ {
    move |error| match error {
        panelyst_model::Error::Interrupted => Error::Interrupted,
        error => Error::Model {
            place: place.to_owned(),
            source: Box::new(error),
        },
    }
}

/// How a column is asked for without what few clusters ask for, and its rows.
///
/// # Errors
/// As [`request`].
pub fn plain_request(
    study: &Study,
    data: &Data,
    plan: &ColumnPlan,
    within: Option<(&str, &str)>,
) -> Result<(Request, RecordBatch), Error> {
    let (mut asked, batch, _) = request(study, data, plan, within)?;
    asked.small_samples = SmallSampleRule::Never;
    Ok((asked, batch))
}

/// How many observations a column has on all rows; nothing where it cannot be estimated.
pub fn observations(study: &Study, data: &Data, plan: &ColumnPlan) -> Option<usize> {
    let (request, batch) = plain_request(study, data, plan, None).ok()?;
    let model = Model {
        formula: &plan.formula,
        request: &request,
    };
    let fit = data.fit_models(&batch, &[model]).pop()?.ok()?;
    Some(fit.nobs)
}

/// Estimates the columns of a table; those on the same cells share their work.
///
/// # Errors
/// What the first model that fails reports, with its place in the study.
pub fn estimate_all(
    study: &Study,
    data: &Data,
    plans: &[ColumnPlan],
    place: impl Fn(usize) -> String,
) -> Result<Vec<Estimated>, Error> {
    let asked = plans
        .iter()
        .map(|plan| request(study, data, plan, None))
        .collect::<Result<Vec<_>, _>>()?;
    // Variants with cells of their own are estimated from them.
    let changed = |plan: &ColumnPlan| plan.variant.winsorise.is_some() || plan.variant.drop_filled;
    let mut models = Vec::new();
    for (plan, (request, _, _)) in plans.iter().zip(&asked).filter(|(plan, _)| !changed(plan)) {
        models.push(Model {
            formula: &plan.formula,
            request,
        });
    }
    let mut shared = data.fit_models(&data.batch, &models).into_iter();
    let mut columns = Vec::with_capacity(plans.len());
    for (column, (plan, (request, batch, ledger))) in plans.iter().zip(&asked).enumerate() {
        let fit = if changed(plan) {
            let model = Model {
                formula: &plan.formula,
                request,
            };
            data.fit_models(batch, &[model]).pop()
        } else {
            shared.next()
        };
        columns.push(estimated(data, plan, &place(column), ledger.clone(), fit)?);
    }
    Ok(columns)
}

/// A column with its fit and the account of its cells.
fn estimated(
    data: &Data,
    plan: &ColumnPlan,
    place: &str,
    mut ledger: Ledger,
    fit: Option<Result<Fit, panelyst_model::Error>>,
) -> Result<Estimated, Error> {
    let winsorised = ledger.entries.iter().map(|e| e.cells).sum();
    let fit = fit
        .ok_or_else(|| Error::step(place, "the formula gave no model"))?
        .map_err(model(place))?;
    let filled = plan
        .formula
        .columns()
        .into_iter()
        .filter_map(|name| {
            let marks = data.filled.get(&name)?;
            let count = fit.rows_used.iter().filter(|row| marks[*row]).count();
            (count > 0).then_some((name, count))
        })
        .collect();
    for entry in &mut ledger.entries {
        place.clone_into(&mut entry.step);
    }
    for lost in &fit.sample.dropped {
        ledger.push(Entry {
            action: "dropped".to_owned(),
            step: place.to_owned(),
            rule: lost.reason.clone(),
            cells: lost.count,
            ..Entry::default()
        });
    }
    Ok(Estimated {
        plan: plan.clone(),
        fit,
        filled,
        winsorised,
        ledger,
    })
}
