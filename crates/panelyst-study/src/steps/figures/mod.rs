//! Figures of a study: of its tables, of its index and of its model, each where its data are there.

mod indices;
mod model;
mod tables;

use super::estimates::Data;
use super::tables::Made;
use crate::error::Error;
use crate::output::Output;
use crate::plan::Study;
use panelyst_model::Fit;
use panelyst_report::Lang;
use panelyst_report::builders::Style;
use panelyst_report::figures::{Content, Figure, on_white};
use panelyst_report::words::WORDS;

/// Folder of the figures below that of the outputs.
const FOLDER: &str = "figures";

/// What figures are made from.
struct Context<'a> {
    study: &'a Study,
    data: &'a Data,
    style: &'a Style,
    lang: Lang,
}

impl Context<'_> {
    /// One of two texts by the language of the study.
    fn say(&self, en: impl Into<String>, zh: impl Into<String>) -> String {
        match self.lang {
            Lang::En => en.into(),
            Lang::Zh => zh.into(),
        }
    }

    /// Formula, sample and errors of a fit in a sentence.
    fn source(&self, fit: &Fit) -> String {
        let (formula, vcov) = (&fit.formula, &fit.vcov);
        let model = WORDS.iter().find(|word| word.key == fit.model);
        let model = model.map_or(&*fit.model, |word| word.say(self.lang));
        self.say(
            format!(
                "{formula} ({model}), {} observations; errors {}, convention {}.",
                fit.nobs, vcov.kind, vcov.convention
            ),
            format!(
                "{formula}（{model}），{}个观测；标准误{}，惯例{}。",
                fit.nobs, vcov.kind, vcov.convention
            ),
        )
    }
}

/// A figure before it has its number.
struct Draft {
    /// Machine word: `coefficients`.
    kind: &'static str,
    title: String,
    caption: String,
    content: Content,
}

/// The figures of a study with their drawings, in order: of each table, of the index, of the model.
///
/// # Errors
/// Columns that can no longer be estimated, and what the plotting library reports.
pub fn figures(
    study: &Study,
    data: &Data,
    style: &Style,
    made: &[Made],
) -> Result<Vec<(Figure, String)>, Error> {
    let lang = study.settings.lang;
    let context = Context {
        study,
        data,
        style,
        lang,
    };
    let mut drafts = tables::drafts(&context, made);
    drafts.extend(indices::drafts(&context));
    drafts.extend(model::drafts(&context, made)?);
    let mut list = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.into_iter().enumerate() {
        let number = place + 1;
        let figure = Figure {
            id: format!("figure{number}-{}", draft.kind),
            label: context.say(format!("Figure {number}"), format!("图{number}")),
            title: draft.title,
            caption: draft.caption,
            lang,
            content: draft.content,
        };
        let drawn = figure.draw().map_err(|error| {
            Error::step(format!("{FOLDER}/{}.svg", figure.id), error.to_string())
        })?;
        list.push((figure, drawn));
    }
    Ok(list)
}

/// The files of the figures.
pub fn files(figures: &[(Figure, String)]) -> Vec<Output> {
    figures
        .iter()
        .map(|(figure, drawn)| Output::new(format!("{FOLDER}/{}.svg", figure.id), on_white(drawn)))
        .collect()
}
