//! The study as meant: every word of the file resolved, every formula parsed, mistakes collected.

mod curve;
mod models;
mod publication;
mod series;
mod settings;
mod sources;
mod tables;

pub use curve::{Choice, ChoiceKind, Chosen, CurvePlan};
pub use models::{ColumnPlan, ModelPlan, Variant, covariance, term};
pub use publication::{PublicationPlan, PublishedColumn, PublishedRow};
pub use series::{GroupPlan, GroupRule, VariablePlan, VariableRule};
pub use settings::{HypothesisPlan, PanelPlan, Pdf, Settings, Sign};
pub use sources::{Keys, Layout, Measure, SourcePlan};
pub use tables::{Sample, TableKind, TablePlan};

use crate::check::Mistakes;
use crate::file::{Entries, read_entries};
use panelyst_lang::Span;
use panelyst_report::Lang;
use std::path::{Path, PathBuf};

/// A study ready to run.
#[derive(Clone, Debug)]
pub struct Study {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// The folder that relative inputs start from.
    pub data: PathBuf,
    /// Title, language, formats, style.
    pub settings: Settings,
    /// What is expected.
    pub hypothesis: Option<HypothesisPlan>,
    /// Units and periods.
    pub panel: PanelPlan,
    /// Tables to read, in the order of the file.
    pub sources: Vec<SourcePlan>,
    /// Variables, each after those it needs.
    pub variables: Vec<VariablePlan>,
    /// Groups of units.
    pub groups: Vec<GroupPlan>,
    /// The main model.
    pub model: ModelPlan,
    /// Tables in order.
    pub tables: Vec<TablePlan>,
}

/// What is asked for beside the file itself.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Another folder for the study's inputs.
    pub data: Option<PathBuf>,
    /// Another language.
    pub lang: Option<Lang>,
}

impl Study {
    /// Reads the meaning of a study file's text.
    ///
    /// # Errors
    /// Every mistake of the file, with places.
    pub fn parse(path: &Path, text: &str, overrides: &Overrides) -> Result<Self, Mistakes> {
        match Self::read(path, text, overrides) {
            (Some(study), mistakes) => mistakes.finish().map(|()| study),
            (None, mistakes) => Err(mistakes),
        }
    }

    /// What can be read of a study file, and its mistakes; no study at all where the text is no TOML.
    pub fn read(path: &Path, text: &str, overrides: &Overrides) -> (Option<Self>, Mistakes) {
        let mut mistakes = Mistakes::new(path.display().to_string(), text);
        let study = read_entries(text, &mut mistakes)
            .map(|entries| Self::mean(path, &entries, overrides, &mut mistakes));
        (study, mistakes)
    }

    fn mean(
        path: &Path,
        entries: &Entries,
        overrides: &Overrides,
        mistakes: &mut Mistakes,
    ) -> Self {
        let data = overrides.data.clone().unwrap_or_else(|| {
            path.parent()
                .filter(|p| !p.as_os_str().is_empty())
                .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
        });
        let panel = settings::panel(&entries.panel, &data, mistakes);
        let sources = sources::sources(&entries.sources, &data, mistakes);
        let variables = series::variables(&entries.variables, &sources, mistakes);
        let groups = series::groups(&entries.groups, mistakes);
        let model = models::model(&entries.model, &panel, &variables, mistakes);
        let settings = settings::settings(&entries.study, &entries.style, overrides.lang, mistakes);
        let context = tables::Context {
            variables: &variables,
            groups: &groups,
            model: &model,
        };
        let tables = tables::tables(&entries.tables, &context, mistakes);
        Self {
            path: path.to_path_buf(),
            text: text_of(mistakes),
            data,
            settings,
            hypothesis: settings::hypothesis(entries.hypothesis.as_ref(), mistakes),
            panel,
            sources,
            variables,
            groups,
            model,
            tables,
        }
    }

    /// A collector for mistakes that come to light while the study runs.
    pub fn mistakes(&self) -> Mistakes {
        Mistakes::new(self.path.display().to_string(), self.text.as_str())
    }

    /// The variable of that name.
    pub fn variable(&self, name: &str) -> Option<&VariablePlan> {
        self.variables.iter().find(|v| v.name == name)
    }
}

fn text_of(mistakes: &Mistakes) -> String {
    mistakes.text.clone()
}

/// One word out of a fixed list; the first one when nothing was typed, and also after a mistake.
fn choice<T: Copy>(
    typed: Option<&crate::file::At<String>>,
    what: &str,
    known: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> T {
    let Some(typed) = typed else {
        return known[0].1;
    };
    match known.iter().find(|(word, _)| *word == typed.value) {
        Some((_, meant)) => *meant,
        None => {
            let words = known.iter().map(|(word, _)| *word);
            mistakes.at(
                typed.span,
                format!("`{}` is no {what}", typed.value),
                format!("one of {}", words.collect::<Vec<_>>().join(", ")),
            );
            known[0].1
        }
    }
}

/// A span at the head of the file, for what is missing altogether.
fn head() -> Span {
    Span::new(0, 0)
}
