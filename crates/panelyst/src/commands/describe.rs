//! `panelyst describe`: observations, moments and quantiles of variables.

use clap::Args;
use panelyst::describe::Description;
use panelyst_model::PanelColumns;
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
        let variables = self
            .vars
            .as_deref()
            .map(|text| language::list(text, "--vars"))
            .transpose()?;
        let source = match &variables {
            // Other columns are not looked at, so that they may hold anything.
            Some(variables) => {
                let typed = variables.iter().chain(&condition);
                let mut columns: Vec<String> =
                    typed.flat_map(panelyst_lang::Expr::columns).collect();
                columns.extend(
                    self.panel
                        .iter()
                        .flat_map(|p| [p.unit.clone(), p.time.clone()]),
                );
                self.data.read_columns(columns, output)?
            }
            None => self.data.read(output)?,
        };
        let asked = Description {
            variables: variables.as_deref(),
            panel: self.panel.as_ref(),
            condition: condition.as_ref().zip(self.condition.as_deref()),
            condition_name: "--where",
            advice: "name expressions with --vars",
        };
        let summaries = asked.of(&source.batch)?;
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
}
