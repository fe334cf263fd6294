//! `panelyst test`: the table of specification tests.

use clap::Args;
use panelyst_model::specification::{SPECIFICATION_TESTS, specification_tests};
use panelyst_model::{PanelColumns, Request};
use panelyst_report::builders::{Style, specification};

use crate::commands::fit::InvalidRule;
use crate::failure::Failure;
use crate::input::{DataArgs, panel_columns};
use crate::language;
use crate::output::{Format, Output};

/// Test which model the data ask for: pooled, unit or time effects, random or fixed
#[derive(Debug, Args)]
#[command(after_help = registry())]
pub(crate) struct TestArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Formula: y ~ x1 + x2
    #[arg(value_name = "FORMULA", allow_hyphen_values = true)]
    formula: String,

    /// Unit and time column of the panel
    #[arg(long, required = true, value_name = "UNIT,TIME", value_parser = panel_columns)]
    panel: PanelColumns,

    /// Rows to keep; lags are taken before
    #[arg(long = "where", value_name = "EXPR", allow_hyphen_values = true)]
    condition: Option<String>,

    /// Rows on which a transform has no value
    #[arg(long, value_enum, default_value_t = InvalidRule::Error)]
    invalid: InvalidRule,
}

/// The tests, for help.
fn registry() -> String {
    let mut text = String::from("Tests:");
    for row in SPECIFICATION_TESTS {
        text.push_str(&format!(
            "\n  {:16}{:16}{}",
            row.test, row.variant, row.label
        ));
    }
    text
}

impl TestArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let formulas = self.data.formula(&self.formula)?;
        let mut request = Request::new(formulas.clone());
        request.panel = Some(self.panel.clone());
        request.condition = language::condition(self.condition.as_deref())?;
        request.invalid = self.invalid.into();
        let source = self.data.read_columns(request.columns(), output)?;
        let style = Style::new(output.lang());
        let mut rows = Vec::new();
        let mut tables = Vec::new();
        for formula in &formulas {
            let found = specification_tests(&source.batch, formula, &request)?;
            let title = if formulas.len() > 1 {
                formula.text.as_str()
            } else {
                ""
            };
            tables.push(specification("test", "", title, &found, &style));
            rows.extend(found);
        }
        if output.format == Format::Json {
            return output.json(&rows);
        }
        output.tables(&tables)
    }
}
