//! `panelyst describe`: observations, moments and quantiles of variables.

use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use clap::Args;
use panelyst_data::Panel;
use panelyst_lang::ast::{Expr, ExprKind};
use panelyst_lang::{Scope, Span};
use panelyst_model::PanelColumns;
use panelyst_model::description::summarise;
use panelyst_report::builders::{MOMENTS, Style, SummaryPanel, description};

use crate::failure::Failure;
use crate::input::{DataArgs, panel_columns};
use crate::language;
use crate::output::{Format, Output};

/// Describe variables: observations, mean, deviation, quantiles; on a panel between and within
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Variables or expressions, separated by commas; all number columns without it
    #[arg(long, value_name = "A,B", allow_hyphen_values = true)]
    vars: Option<String>,

    /// Unit and time column of the panel
    #[arg(long, value_name = "UNIT,TIME", value_parser = panel_columns)]
    panel: Option<PanelColumns>,

    /// Rows to keep
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true)]
    condition: Option<String>,
}

impl DescribeArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let condition = language::condition(self.condition.as_deref())?;
        let asked = self
            .vars
            .as_deref()
            .map(|text| language::list(text, "--vars"))
            .transpose()?;
        let source = self.data.read(output)?;
        let panel = match &self.panel {
            Some(columns) => Some(Panel::declare(&source.batch, &columns.unit, &columns.time)?),
            None => None,
        };
        let batch = panel.as_ref().map_or(&source.batch, Panel::batch);
        let scope = Scope {
            batch,
            panel: panel.as_ref().map(Panel::index),
        };
        let variables = match asked {
            Some(variables) => variables,
            None => self.number_columns(batch)?,
        };
        let rows = match (&condition, &self.condition) {
            (Some(condition), Some(text)) => Some(kept(condition, text, &scope)?),
            _ => None,
        };
        let summaries = summarise(batch, &variables, self.panel.as_ref(), rows.as_deref())?;
        if output.format == Format::Json {
            return output.json(&summaries);
        }
        let panels = [SummaryPanel {
            heading: String::new(),
            summaries,
        }];
        let style = Style::new(output.lang());
        let table = description("describe", "", "", &panels, MOMENTS, &style);
        output.tables(&[table])
    }

    /// All columns that hold numbers, without those that declare the panel.
    fn number_columns(&self, batch: &RecordBatch) -> Result<Vec<Expr>, Failure> {
        let declares = |name: &str| {
            self.panel
                .as_ref()
                .is_some_and(|panel| panel.unit == name || panel.time == name)
        };
        let columns: Vec<Expr> = batch
            .schema()
            .fields()
            .iter()
            .filter(|field| {
                field.data_type().is_numeric() || field.data_type() == &DataType::Boolean
            })
            .filter(|field| !declares(field.name()))
            .map(|field| Expr {
                kind: ExprKind::Column(field.name().clone()),
                span: Span::default(),
            })
            .collect();
        if columns.is_empty() {
            return Err(Failure::data(
                "no column holds numbers; name expressions with --vars",
            ));
        }
        Ok(columns)
    }
}

/// Rows on which the condition is true.
fn kept(condition: &Expr, text: &str, scope: &Scope<'_>) -> Result<Vec<usize>, Failure> {
    let (truth, losses) = panelyst_lang::evaluate_condition(condition, scope)
        .map_err(|error| language::cannot_evaluate(text, "--where", &error))?;
    if let Some(loss) = losses.first() {
        return Err(Failure::data(format!(
            "--where {text}: {loss} has no value in {} row(s), first in row {}",
            loss.rows.len(),
            loss.rows[0] + 1
        )));
    }
    let rows: Vec<usize> = (0..truth.len())
        .filter(|&row| truth.is_valid(row) && truth.value(row))
        .collect();
    if rows.is_empty() {
        return Err(Failure::data(format!(
            "no row is left of {}: --where {text} is true in none",
            truth.len()
        )));
    }
    Ok(rows)
}
