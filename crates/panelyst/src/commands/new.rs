//! `panelyst new`: a study to start from.

use std::path::PathBuf;

use clap::Args;
use panelyst_report::Cell;
use panelyst_report::builders::records;

use crate::failure::Failure;
use crate::output::{Format, Output};

/// Write a commented study with data to start from
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// New or empty folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl NewArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let files: Vec<String> = panelyst_study::scaffold(&self.folder)?
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        output.notes([format!(
            "now run: panelyst run {}",
            self.folder.join("study.toml").display()
        )]);
        match output.format {
            Format::Text => output.text(&format!("{}\n", files.join("\n"))),
            Format::Json => output.json(&files),
            _ => {
                let rows = files.into_iter().map(|text| vec![Cell::Text { text }]);
                let headers = ["file".to_owned()];
                let table = records(
                    "new",
                    "",
                    "",
                    &headers,
                    rows.collect(),
                    Vec::new(),
                    output.lang(),
                );
                output.tables(&[table])
            }
        }
    }
}
