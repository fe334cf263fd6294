//! The commands beside estimation, answered as JSON.

use crate::data::Data;
use crate::failure::Failure;
use crate::model::{condition, invalid};
use crate::tables::language;
use crate::work::detached;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema};
use panelyst::data::indices::{IndexRequest, compute};
use panelyst::describe::Description;
use panelyst::lang::Expr;
use panelyst::model::{PanelColumns, Request};
use panelyst::records::objects;
use panelyst::report::{RenderOptions, TextFormat};
use panelyst::study::{Options, Overrides};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::Internal(format!("cannot write JSON: {error}")))
}

/// The columns in the types that files have: texts of one kind, no dictionaries.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, Failure> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let values = match field.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            other => other,
        };
        let kind = match values {
            DataType::LargeUtf8 | DataType::Utf8View => &DataType::Utf8,
            whole if whole.is_integer() && whole != &DataType::UInt64 => &DataType::Int64,
            number if number.is_floating() => &DataType::Float64,
            other => other,
        };
        columns.push(arrow_cast::cast(column, kind)?);
        fields.push(Field::new(field.name(), kind.clone(), true));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    Ok(RecordBatch::try_new_with_options(
        schema, columns, &options,
    )?)
}

/// Description of variables (expressions separated by commas; all number columns without them).
#[pyfunction]
#[pyo3(signature = (data, variables, panel, r#where))]
pub(crate) fn describe(
    py: Python<'_>,
    data: &Data,
    variables: Option<String>,
    panel: Option<(String, String)>,
    r#where: Option<String>,
) -> PyResult<String> {
    let batch = data.batch.clone();
    detached(py, move |_| {
        let batch = plain(&batch)?;
        let holds = condition(r#where.as_deref())?;
        let asked = variables.as_deref().map(list).transpose()?;
        let panel = panel.map(|(unit, time)| PanelColumns { unit, time });
        let description = Description {
            variables: asked.as_deref(),
            panel: panel.as_ref(),
            condition: holds.as_ref().zip(r#where.as_deref()),
            condition_name: "where",
            advice: "name expressions as variables",
        };
        let found = description.of(&batch)?;
        json(&found)
    })
}

/// Expressions separated by commas.
fn list(text: &str) -> Result<Vec<Expr>, Failure> {
    panelyst::lang::parse_expression_list(text)
        .map_err(|mistakes| Failure::shown(text, "variables", &mistakes))
}

/// An index by name; columns by their parts. Gives rows as JSON and notes.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub(crate) fn index(
    py: Python<'_>,
    name: String,
    data: &Data,
    value: String,
    region: String,
    activity: String,
    time: Option<String>,
    national: Option<String>,
    plants: Option<String>,
    groups: Option<String>,
) -> PyResult<(String, Vec<String>)> {
    let batch = data.batch.clone();
    detached(py, move |_| {
        let batch = plain(&batch)?;
        let request = IndexRequest {
            value: &value,
            region: &region,
            activity: &activity,
            time: time.as_deref(),
            plants: plants.as_deref(),
            national: national.as_deref(),
            groups: groups.as_deref(),
        };
        let answer = compute(&name, &batch, &request)?;
        Ok((json(&objects(&answer.batch))?, answer.notes))
    })
}

/// The table of specification tests of each formula.
#[pyfunction]
pub(crate) fn specification_tests(
    py: Python<'_>,
    data: &Data,
    formula: String,
    panel: (String, String),
    condition_text: Option<String>,
    invalid_rule: String,
) -> PyResult<String> {
    let batch = data.batch.clone();
    detached(py, move |_| {
        let formulas = panelyst::lang::parse_formula(&formula)
            .map_err(|mistakes| Failure::shown(&formula, "formula", &mistakes))?;
        let mut request = Request::new(formulas.clone());
        let (unit, time) = panel;
        request.panel = Some(PanelColumns { unit, time });
        request.condition = condition(condition_text.as_deref())?;
        request.invalid = invalid(&invalid_rule)?;
        let mut rows = Vec::new();
        for formula in &formulas {
            rows.extend(panelyst::model::specification_tests(
                &batch, formula, &request,
            )?);
        }
        json(&rows)
    })
}

/// Findings on a paper as JSON, and sentences to paste.
#[pyfunction]
pub(crate) fn audit(py: Python<'_>, path: PathBuf) -> PyResult<(String, Vec<String>)> {
    detached(py, move |_| {
        let paper = panelyst::paper::read(&path)?;
        let found = panelyst_audit::audit(&paper);
        let summary = panelyst_audit::summary(&paper, &found);
        let english = summary.into_iter().map(|sentence| sentence.en).collect();
        Ok((json(&found)?, english))
    })
}

/// What a run of a study leaves: folder, files, notes, reading, and the tables as text and as HTML.
type Ran = (
    PathBuf,
    Vec<String>,
    Vec<String>,
    String,
    Vec<String>,
    Vec<String>,
);

/// Runs a study and writes its outputs; Ctrl-C ends it before its next step or estimate, and before anything is written.
#[pyfunction]
pub(crate) fn run(
    py: Python<'_>,
    study: PathBuf,
    out: Option<PathBuf>,
    data: Option<PathBuf>,
    locked: bool,
    lang: Option<String>,
) -> PyResult<Ran> {
    let lang = lang.as_deref().map(language).transpose()?;
    detached(py, move |stop| {
        let options = Options {
            out,
            overrides: Overrides { data, lang },
            locked,
            stop: stop.clone(),
        };
        let done = panelyst::study::run(&study, &options, &mut |_, _, _| ())?;
        let written = |format: TextFormat| -> Vec<String> {
            let options = RenderOptions::default();
            let tables = done.tables.iter();
            tables
                .map(|table| panelyst::report::render(table, format, &options))
                .collect()
        };
        let (text, html) = (written(TextFormat::Text), written(TextFormat::Html));
        Ok((
            done.folder,
            done.files,
            done.notes,
            done.reading,
            text,
            html,
        ))
    })
}
