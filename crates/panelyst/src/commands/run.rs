//! `panelyst run`: all of a study.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use panelyst_report::Lang;
use panelyst_study::{Options, Overrides, Stop};

use crate::failure::Failure;
use crate::output::{Format, Output};
use crate::signals::stopped_by_signals;

/// Run a study: read, build, estimate, print the tables and write the output folder
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Study file
    #[arg(value_name = "STUDY.toml")]
    study: PathBuf,

    /// Folder of the outputs; `out` beside the study if not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Folder of the inputs; that of the study if not given
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Refuse to run on anything but what the lock file says
    #[arg(long)]
    locked: bool,
}

impl RunArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let options = Options {
            out: self.out.clone(),
            overrides: Overrides {
                data: self.data.clone(),
                lang: output.asked_lang(),
            },
            locked: self.locked,
            stop: Stop::new(stopped_by_signals()),
        };
        // Drawn on standard error, and only where that is a terminal.
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        let finished = panelyst_study::run(&self.study, &options, &mut |step, steps, name| {
            bar.set_length(steps as u64);
            bar.set_position(step as u64);
            bar.set_message(name.to_owned());
        });
        bar.finish_and_clear();
        let finished = finished?;
        output.notes(&finished.notes);
        let (files, folder) = (finished.files.len(), finished.folder.display());
        output.notes([match finished.lang {
            Lang::En => format!("wrote {files} files to {folder}"),
            Lang::Zh => format!("已将{files}个文件写入{folder}"),
        }]);
        if output.format == Format::Json {
            let path = finished.folder.join("results.json");
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Failure::data(format!("cannot read {}: {error}", path.display()))
            })?;
            return output.text(&text);
        }
        output.tables(&finished.tables)
    }
}
