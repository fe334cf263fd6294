//! What can go wrong in a study, with exit codes.

use crate::check::Mistakes;
use std::path::PathBuf;

/// Why a study did not run to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The study file has mistakes, shown by [`Mistakes::render`].
    #[error("{} in {}", count(.0.list.len()), .0.file)]
    Mistakes(Box<Mistakes>),
    /// The study file could not be read.
    #[error("cannot read the study file {}: {source}", path.display())]
    Study {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Inputs cannot give what a step asks for.
    #[error("{step}: {source}")]
    Data {
        /// Source or variable.
        step: String,
        /// Why.
        source: Box<panelyst_data::Error>,
    },
    /// A model cannot be estimated.
    #[error("{place}: {source}")]
    Model {
        /// Table and column.
        place: String,
        /// Why.
        source: Box<panelyst_model::Error>,
    },
    /// A step found something that the data cannot give.
    #[error("{step}: {message}")]
    Step {
        /// Source, variable, group or table.
        step: String,
        /// What, where, and what to do.
        message: String,
    },
    /// A table could not be written in a format.
    #[error("table {table}: {source}")]
    Format {
        /// Table id.
        table: String,
        /// Why.
        source: panelyst_report::Error,
    },
    /// An output could not be written.
    #[error("cannot write {}: {source}; {left}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
        /// What became of the previous output.
        left: &'static str,
    },
    /// The user stopped the run.
    #[error("stopped before the end; nothing was written")]
    Interrupted,
    /// `--locked`, and something is not what the lock file says.
    #[error("{} differs from what {} says:\n  {}\nrun without --locked to accept the change", count_things(.differences.len()), lock.display(), .differences.join("\n  "))]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// One line for each difference.
        differences: Vec<String>,
    },
}

fn count(mistakes: usize) -> String {
    match mistakes {
        1 => "1 mistake".to_owned(),
        n => format!("{n} mistakes"),
    }
}

fn count_things(things: usize) -> String {
    match things {
        1 => "one thing".to_owned(),
        n => format!("{n} things"),
    }
}

impl Error {
    /// 2 for mistakes of the study file, 1 for what the data or the model cannot give.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Mistakes(_) | Self::Study { .. } => 2,
            _ => 1,
        }
    }

    /// An error of a data step.
    pub(crate) fn data(step: &str) -> impl Fn(panelyst_data::Error) -> Self + '_ {
        move |source| Self::Data {
            step: step.to_owned(),
            source: Box::new(source),
        }
    }

    /// What a step found.
    pub(crate) fn step(step: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Step {
            step: step.into(),
            message: message.into(),
        }
    }
}

impl From<Mistakes> for Error {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(Box::new(mistakes))
    }
}
