//! What commands that run a study have in common: their arguments, and what they tell of a run that ended well.

use std::path::PathBuf;

use clap::Args;
use panelyst_report::Lang;
use panelyst_study::{Finished, Options, Overrides, Stop};

use crate::output::Output;

/// A study, where its results go and where its inputs are.
#[derive(Debug, Args)]
pub(crate) struct StudyArgs {
    /// Study file
    #[arg(value_name = "STUDY.toml")]
    pub(crate) study: PathBuf,

    /// Folder of the outputs; `out` beside the study if not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Folder of the inputs; that of the study if not given
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl StudyArgs {
    /// What stands beside the study file.
    pub(crate) fn overrides(&self, output: &Output) -> Overrides {
        Overrides {
            data: self.data.clone(),
            lang: output.asked_lang(),
        }
    }

    /// A run that accepts whatever the lock file says.
    pub(crate) fn options(&self, overrides: Overrides, stop: Stop) -> Options {
        Options {
            out: self.out.clone(),
            overrides,
            locked: false,
            stop,
        }
    }
}

/// How many files a run wrote, and where.
pub(crate) fn wrote(finished: &Finished) -> String {
    let (files, folder) = (finished.files.len(), finished.folder.display());
    match finished.lang {
        Lang::En => format!("wrote {files} files to {folder}"),
        Lang::Zh => format!("已将{files}个文件写入{folder}"),
    }
}
