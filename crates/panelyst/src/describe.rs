//! Moments and quantiles of variables on the rows of a table.

use crate::refusal::Refusal;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use panelyst_data::Panel;
use panelyst_lang::ast::{Expr, ExprKind};
use panelyst_lang::{Scope, Span};
use panelyst_model::PanelColumns;
use panelyst_model::description::summarise;
use panelyst_model::results::Summary;

/// What is to be described.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// Variables; all number columns without them.
    pub variables: Option<&'a [Expr]>,
    /// The panel, for moments between and within units.
    pub panel: Option<&'a PanelColumns>,
    /// Rows to keep, with the text that was typed.
    pub condition: Option<(&'a Expr, &'a str)>,
    /// How the caller's users write the condition: `--where`.
    pub condition_name: &'a str,
    /// What to do where no column holds numbers.
    pub advice: &'a str,
}

impl Description<'_> {
    /// Describes a table.
    ///
    /// # Errors
    /// A panel with repeated keys, expressions without a value, a condition that is true in no row, a table without numbers.
    pub fn of(&self, table: &RecordBatch) -> Result<Vec<Summary>, Refusal> {
        let declared = match self.panel {
            Some(columns) => Some(Panel::declare(table, &columns.unit, &columns.time)?),
            None => None,
        };
        let batch = declared.as_ref().map_or(table, Panel::batch);
        let scope = Scope {
            batch,
            panel: declared.as_ref().map(Panel::index),
        };
        let numbers;
        let variables = match self.variables {
            Some(variables) => variables,
            None => {
                numbers = self.number_columns(batch)?;
                &numbers
            }
        };
        let rows = match self.condition {
            Some((condition, text)) => Some(self.kept(condition, text, &scope)?),
            None => None,
        };
        Ok(summarise(batch, variables, self.panel, rows.as_deref())?)
    }

    /// All columns that hold numbers, without those that declare the panel.
    fn number_columns(&self, batch: &RecordBatch) -> Result<Vec<Expr>, Refusal> {
        let declares = |name: &String| {
            self.panel
                .is_some_and(|panel| panel.unit == *name || panel.time == *name)
        };
        let schema = batch.schema();
        let numbers = schema.fields().iter().filter(|field| {
            let kind = field.data_type();
            (kind.is_numeric() || kind == &DataType::Boolean) && !declares(field.name())
        });
        let columns: Vec<Expr> = numbers
            .map(|field| Expr {
                kind: ExprKind::Column(field.name().clone()),
                span: Span::default(),
            })
            .collect();
        if columns.is_empty() {
            let advice = self.advice;
            return Err(Refusal::Data(format!("no column holds numbers; {advice}")));
        }
        Ok(columns)
    }

    /// Rows on which the condition is true.
    fn kept(&self, condition: &Expr, text: &str, scope: &Scope<'_>) -> Result<Vec<usize>, Refusal> {
        let name = self.condition_name;
        let (truth, losses) =
            panelyst_lang::evaluate_condition(condition, scope).map_err(|error| {
                Refusal::Unevaluated {
                    text: text.to_owned(),
                    origin: name.to_owned(),
                    mistake: error.diagnostic(),
                }
            })?;
        if let Some(loss) = losses.first() {
            return Err(Refusal::Data(format!(
                "{name} {text}: {loss} has no value in {} row(s), first in row {}",
                loss.rows.len(),
                loss.rows[0] + 1
            )));
        }
        let rows: Vec<usize> = (0..truth.len())
            .filter(|&row| truth.is_valid(row) && truth.value(row))
            .collect();
        if rows.is_empty() {
            return Err(Refusal::Data(format!(
                "no row is left of {}: {name} {text} is true in none",
                truth.len()
            )));
        }
        Ok(rows)
    }
}
