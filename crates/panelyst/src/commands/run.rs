//! `panelyst run`: all of a study.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use panelyst_study::{Options, Overrides};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::Failure;
use crate::output::{Format, Output};

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

/// Exit code of a program ended by the user, as shells have it.
const INTERRUPTED: i32 = 130;

/// A flag that Ctrl-C and a request to end set. A run looks at it between its steps and never while it writes, so
/// that an interrupted run leaves the previous output whole.
fn stopped_by_signals() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Without the handler the signal ends the program as usual.
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    stop
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
        };
        // Drawn on standard error, and only where that is a terminal.
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        let stop = stopped_by_signals();
        let finished = panelyst_study::run(&self.study, &options, &mut |step, steps, name| {
            if stop.load(Ordering::Relaxed) {
                bar.finish_and_clear();
                std::process::exit(INTERRUPTED);
            }
            bar.set_length(steps as u64);
            bar.set_position(step as u64);
            bar.set_message(name.to_owned());
        });
        bar.finish_and_clear();
        let finished = finished?;
        output.notes(&finished.notes);
        output.notes([format!(
            "wrote {} files to {}",
            finished.files.len(),
            finished.folder.display()
        )]);
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
