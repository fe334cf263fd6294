//! `panelyst index`: indices of location and specialisation.

use clap::Args;
use panelyst_data::indices::{self, INDICES, IndexRequest};
use panelyst_report::builders::records;
use panelyst_report::{Digits, Lang};

use crate::failure::Failure;
use crate::input::DataArgs;
use crate::output::{Format, Output};
use crate::table;

/// Compute an index of location, specialisation or concentration
#[derive(Debug, Args)]
#[command(after_help = registry())]
pub(crate) struct IndexArgs {
    /// Name of the index
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    data: DataArgs,

    /// Column of amounts (employment, output ...)
    #[arg(long, value_name = "COLUMN")]
    value: String,

    /// Column of regions
    #[arg(long, value_name = "COLUMN")]
    region: String,

    /// Column of activities
    #[arg(long, value_name = "COLUMN")]
    activity: String,

    /// Column of periods
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,

    /// Column of the nation's amount of the activity, in place of the sum over regions
    #[arg(long, value_name = "COLUMN")]
    national: Option<String>,

    /// Column of the Herfindahl index of plant sizes
    #[arg(long, value_name = "COLUMN")]
    plants: Option<String>,

    /// Column of the groups that regions belong to
    #[arg(long, value_name = "COLUMN")]
    groups: Option<String>,
}

/// The indices with their formulas, for help.
fn registry() -> String {
    let width = INDICES.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::from("Indices:");
    for row in INDICES {
        text.push_str(&format!("\n  {:width$}  {}", row.name, row.formula));
    }
    text
}

impl IndexArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let wanted = self.name.replace('_', "-");
        let Some(row) = INDICES.iter().find(|row| row.name == wanted) else {
            let near = panelyst_lang::suggest::nearest(&wanted, INDICES.iter().map(|r| r.name), 1);
            let hint = match near.first() {
                Some(name) => format!("; did you mean {name}?"),
                None => format!("; the indices are {}", indices::names()),
            };
            return Err(Failure::usage(format!(
                "there is no index `{}`{hint}",
                self.name
            )));
        };
        let source = self.data.read(output)?;
        let request = IndexRequest {
            value: &self.value,
            region: &self.region,
            activity: &self.activity,
            time: self.time.as_deref(),
            plants: self.plants.as_deref(),
            national: self.national.as_deref(),
            groups: self.groups.as_deref(),
        };
        let answer = indices::compute(&self.name, &source.batch, &request)?;
        output.notes(&answer.notes);
        if output.format == Format::Json {
            return output.json(&panelyst::records::objects(&answer.batch));
        }
        let schema = answer.batch.schema();
        let headers: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        let title = match output.lang() {
            Lang::En => row.label,
            Lang::Zh => row.label_zh,
        };
        let rows = table::cells(
            &answer.batch,
            Digits::Decimals(4),
            output.format == Format::Csv,
        );
        let notes = vec![format!("{}. {}", row.formula, row.citation)];
        let table = records(row.name, "", title, &headers, rows, notes, output.lang());
        output.tables(&[table])
    }
}
