//! Pitfalls: what studies of regional panels often get wrong, looked for in every run.
//!
//! Each is a row of [`PITFALLS`] with a function that looks at the study, its data and its tables, and says something
//! only where the pitfall is met. A study silences one by its name (`silence = ["..."]` under `[study]`); the ledger
//! keeps what was silenced.

mod columns;
mod dependence;
mod expressions;
mod facts;
mod registry;
mod samples;
mod variables;

pub use facts::Facts;
pub use registry::{PITFALLS, Pitfall};

use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::At;
use crate::plan::Study;
use crate::steps::estimates::Data;
use crate::steps::tables::Made;
use panelyst_data::{Entry, Ledger};
use panelyst_report::Lang;
use serde::Serialize;

/// A pitfall that was met, in the language of the study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caution {
    /// Name of the row of [`PITFALLS`].
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What was met, and where.
    pub text: String,
    /// What to do about it.
    pub fix: &'static str,
}

impl Caution {
    /// One line for a terminal.
    pub fn line(&self, lang: Lang) -> String {
        match lang {
            Lang::En => format!("{} [{}]: {} {}", self.label, self.name, self.text, self.fix),
            Lang::Zh => format!("{}[{}]：{}{}", self.label, self.name, self.text, self.fix),
        }
    }
}

/// What was met: shown, and silenced by the study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cautions {
    /// To be printed.
    pub shown: Vec<Caution>,
    /// Silenced by name.
    pub silenced: Vec<Caution>,
}

/// Looks for every pitfall.
pub fn look(study: &Study, data: &Data, made: &[Made]) -> Cautions {
    let facts = Facts::new(study, data, made);
    let mut cautions = Cautions::default();
    for row in PITFALLS {
        let met = (row.look)(&facts).into_iter().map(|text| Caution {
            name: row.name,
            label: facts.pick(row.label, row.label_zh),
            text,
            fix: facts.pick(row.fix, row.fix_zh),
        });
        if study.settings.silence.iter().any(|name| name == row.name) {
            cautions.silenced.extend(met);
        } else {
            cautions.shown.extend(met);
        }
    }
    cautions
}

/// What the study silenced, for the ledger: one entry for each pitfall met, and one of no cells for a name that
/// silenced nothing.
pub fn ledger(study: &Study, cautions: &Cautions) -> Ledger {
    let mut ledger = Ledger::default();
    for name in &study.settings.silence {
        let mut met = cautions
            .silenced
            .iter()
            .filter(|c| c.name == name)
            .peekable();
        let nothing = met.peek().is_none();
        for caution in met {
            ledger.push(Entry {
                action: "silenced".to_owned(),
                step: format!("pitfall {name}"),
                rule: caution.text.clone(),
                ..Entry::default()
            });
        }
        if nothing {
            ledger.push(Entry {
                action: "silenced".to_owned(),
                step: format!("pitfall {name}"),
                rule: "not met in this run".to_owned(),
                cells: 0,
                ..Entry::default()
            });
        }
    }
    ledger
}

/// The section of the reading; empty where nothing was met.
pub fn section(cautions: &[Caution], lang: Lang) -> String {
    if cautions.is_empty() {
        return String::new();
    }
    let mut text = match lang {
        Lang::En => "\n## Cautions\n\n".to_owned(),
        Lang::Zh => "\n## 注意事项\n\n".to_owned(),
    };
    for caution in cautions {
        text.push_str(&match lang {
            Lang::En => format!(
                "- **{}.** {} {}\n",
                caution.label, caution.text, caution.fix
            ),
            Lang::Zh => format!("- **{}。**{}{}\n", caution.label, caution.text, caution.fix),
        });
    }
    text
}

/// The names that a study silences; an unknown one is a mistake at its place.
pub(crate) fn silenced(typed: &[At<String>], mistakes: &mut Mistakes) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in typed {
        if !PITFALLS.iter().any(|row| row.name == name.value) {
            mistakes.at(
                name.span,
                format!("there is no pitfall `{}` to silence", name.value),
                advice(name, PITFALLS.iter().map(|row| row.name)),
            );
        } else if names.contains(&name.value) {
            mistakes.at(name.span, format!("`{}` is named twice", name.value), "");
        } else {
            names.push(name.value.clone());
        }
    }
    names
}
