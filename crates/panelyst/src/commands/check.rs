//! `panelyst check`: every mistake of a study file at once.

use std::path::PathBuf;

use clap::Args;
use panelyst_report::builders::records;
use panelyst_report::{Cell, Lang};
use panelyst_study::Overrides;
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Format, Output};

/// Check a study file: every mistake at once, nothing run
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Study file
    #[arg(value_name = "STUDY.toml")]
    study: PathBuf,

    /// Folder of the inputs; that of the study if not given
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl CheckArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let overrides = Overrides {
            data: self.data.clone(),
            lang: output.asked_lang(),
        };
        let study = panelyst_study::check(&self.study, &overrides)?;
        let name = self.study.display().to_string();
        let counts = [
            ("sources", study.sources.len()),
            ("variables", study.variables.len()),
            ("groups", study.groups.len()),
            ("tables", study.tables.len()),
        ];
        match output.format {
            Format::Text => {
                let lang = study.settings.lang;
                let counted = counts.iter().zip(["来源", "变量", "分组", "表"]);
                let counted = counted.map(|((what, n), zh)| match lang {
                    Lang::En => format!("{what} {n}"),
                    Lang::Zh => format!("{zh}{n}"),
                });
                let counted: Vec<String> = counted.collect();
                output.text(&match lang {
                    Lang::En => format!("{name}: no mistakes ({})\n", counted.join(", ")),
                    Lang::Zh => format!("{name}：没有错误（{}）\n", counted.join("，")),
                })
            }
            Format::Json => {
                let mut object = json!({ "study": name, "mistakes": [] });
                for (what, n) in counts {
                    object[what] = json!(n);
                }
                output.json(&object)
            }
            _ => {
                let headers = ["", "number"].map(str::to_owned);
                let rows = counts.iter().map(|(what, n)| {
                    vec![
                        Cell::Text {
                            text: (*what).to_owned(),
                        },
                        Cell::Text {
                            text: n.to_string(),
                        },
                    ]
                });
                let title = format!("{name}: no mistakes");
                let table = records(
                    "check",
                    "",
                    &title,
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
