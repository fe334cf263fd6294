//! `panelyst run`: all of a study.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use panelyst_study::{Options, Stop};

use crate::commands::study::{StudyArgs, wrote};
use crate::failure::Failure;
use crate::output::{Format, Output};
use crate::signals::stopped_by_signals;

/// Run a study: read, build, estimate, print the tables and write the output folder
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    study: StudyArgs,

    /// Refuse to run on anything but what the lock file says
    #[arg(long)]
    locked: bool,
}

impl RunArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let stop = Stop::new(stopped_by_signals());
        let options = Options {
            locked: self.locked,
            ..self.study.options(self.study.overrides(output), stop)
        };
        // Drawn on standard error, and only where that is a terminal.
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        let finished =
            panelyst_study::run(&self.study.study, &options, &mut |step, steps, name| {
                bar.set_length(steps as u64);
                bar.set_position(step as u64);
                bar.set_message(name.to_owned());
            });
        bar.finish_and_clear();
        let finished = finished?;
        output.notes(&finished.notes);
        output.notes([wrote(&finished)]);
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
