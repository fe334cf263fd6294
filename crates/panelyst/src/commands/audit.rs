//! `panelyst audit`: published tables checked from their numbers alone.

use std::path::PathBuf;

use clap::Args;
use panelyst::files::named;
use panelyst_audit::RULES;
use panelyst_audit::convert::{self, Grid};
use panelyst_data::ReadOptions;

use crate::failure::Failure;
use crate::findings;
use crate::output::{Format, Output};

/// Check published tables from their numbers alone
#[derive(Debug, Args)]
#[command(after_help = rules())]
pub(crate) struct AuditArgs {
    /// The paper: its tables as they stand on the page, and what its text says
    #[arg(
        value_name = "PAPER.toml",
        required_unless_present_any = ["convert", "rules"],
        conflicts_with_all = ["convert", "rules"]
    )]
    paper: Option<PathBuf>,

    /// Exit with 1 when there is any finding but a note
    #[arg(long)]
    strict: bool,

    /// Only sentences to paste into a report
    #[arg(long)]
    summary: bool,

    /// Write a table of a CSV, Markdown, LaTeX or xlsx file as a block for PAPER.toml
    #[arg(long, value_name = "TABLE")]
    convert: Option<String>,

    /// List the rules with their mathematics and sources
    #[arg(long)]
    rules: bool,
}

/// The rules, for help.
fn rules() -> String {
    let width = RULES.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::from("Rules (--rules gives mathematics and sources):");
    for row in RULES {
        text.push_str(&format!("\n  {:width$}  {}", row.name, row.label));
    }
    text
}

impl AuditArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        if self.rules {
            return match output.format {
                Format::Json => output.json(&findings::rule_values()),
                _ => output.tables(&[findings::rule_table(output.lang())]),
            };
        }
        if let Some(table) = &self.convert {
            return output.text(&converted(table)?);
        }
        let Some(path) = &self.paper else {
            return Err(Failure::usage("name the file of a paper"));
        };
        let paper = panelyst::paper::read(path)?;
        let found = panelyst_audit::audit(&paper);
        if self.summary {
            let sentences: String = panelyst_audit::summary(&paper, &found)
                .iter()
                .map(|sentence| format!("{}\n", findings::of(output.lang(), sentence)))
                .collect();
            output.text(&sentences)?;
        } else {
            match output.format {
                Format::Json => output.json(&found)?,
                Format::Csv => output.tables(&[findings::records_of(&found, output.lang())])?,
                _ => output.tables(&findings::tables(&paper, &found, output.lang()))?,
            }
        }
        let grave = found
            .iter()
            .filter(|finding| finding.severity != panelyst_audit::Severity::Note)
            .count();
        if self.strict && grave > 0 {
            let findings = if grave == 1 { "finding" } else { "findings" };
            return Err(Failure::data(format!(
                "{grave} {findings} besides notes, and --strict was given"
            )));
        }
        Ok(())
    }
}

/// Endings of workbooks.
const WORKBOOKS: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xls", "ods"];

/// The tables of a file as blocks.
fn converted(typed: &str) -> Result<String, Failure> {
    let (path, sheet) = named(typed);
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let text = || {
        std::fs::read_to_string(&path)
            .map_err(|error| Failure::data(format!("cannot read {}: {error}", path.display())))
    };
    let in_workbook = WORKBOOKS.contains(&extension.as_str());
    let sheet_not_named = sheet.is_none();
    let grids: Vec<Grid> = match extension.as_str() {
        "md" | "markdown" => convert::markdown(&text()?),
        "tex" => convert::latex(&text()?),
        "csv" | "txt" => convert::csv(&text()?)
            .map_err(|error| Failure::data(format!("{}: {error}", path.display())))?,
        other if other == "tsv" || in_workbook => {
            let options = ReadOptions {
                sheet,
                ..ReadOptions::default()
            };
            Grid::stacked(panelyst_data::read_cells(&path, &options)?)
        }
        other => {
            return Err(Failure::usage(format!(
                "cannot convert a file `.{other}`; known: csv, tsv, md, tex, xlsx, xls, ods"
            )));
        }
    };
    if grids.is_empty() {
        return Err(Failure::data(format!("{} holds no table", path.display())));
    }
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut blocks = Vec::with_capacity(grids.len());
    let mut refused = Vec::new();
    for (place, grid) in grids.iter().enumerate() {
        let name = if grids.len() == 1 {
            stem.clone()
        } else if grid.title.is_empty() {
            format!("{stem} {}", place + 1)
        } else {
            grid.title.clone()
        };
        match convert::block(&name, grid) {
            Ok(block) => blocks.push(block),
            Err(why) => {
                blocks.push(format!("# {name} is left out: {why}\n"));
                refused.push(why);
            }
        }
    }
    if refused.len() == grids.len() {
        let why = refused.join("; ");
        let hint = if in_workbook && sheet_not_named {
            "; FILE#SHEET names another sheet"
        } else {
            ""
        };
        return Err(Failure::data(format!("{}: {why}{hint}", path.display())));
    }
    let head = if in_workbook { convert::WORKBOOK } else { "" };
    Ok(format!("{head}{}", blocks.join("\n")))
}
