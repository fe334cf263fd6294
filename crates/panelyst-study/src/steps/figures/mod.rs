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
use panelyst_report::figures::{Content, Figure, Picture, on_white, picture};
use panelyst_report::formats::Format;
use panelyst_report::words::WORDS;
use rayon::prelude::*;

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

/// The figures as pictures, in order; none where neither files of their own nor a format is to hold them.
///
/// # Errors
/// A drawing that cannot be turned into a picture.
pub fn pictures(study: &Study, figures: &[(Figure, String)]) -> Result<Vec<Picture>, Error> {
    let settings = &study.settings;
    if !settings.png && !asks_for(study, Format::needs_pictures) {
        return Ok(Vec::new());
    }
    let made: Vec<_> = figures
        .par_iter()
        .map(|(figure, drawn)| {
            picture(&figure.label, drawn).map_err(|error| {
                Error::step(format!("{FOLDER}/{}.png", figure.id), error.to_string())
            })
        })
        .collect();
    made.into_iter().collect()
}

/// Whether one of the formats asked for is such.
fn asks_for(study: &Study, such: impl Fn(Format) -> bool) -> bool {
    let mut names = study.settings.formats.iter();
    names.any(|name| name.parse().is_ok_and(&such))
}

/// What a reader of the pictures must know: characters that their font does not have.
pub fn notes(figures: &[(Figure, String)], pictures: &[Picture], lang: Lang) -> Vec<String> {
    let made = figures.iter().zip(pictures);
    made.filter(|(_, picture)| !picture.missing.is_empty())
        .map(|((figure, _), picture)| {
            let (label, id, missing) = (&figure.label, &figure.id, &picture.missing);
            match lang {
                Lang::En => format!(
                    "{label} as a picture has boxes for characters that its font does not have: {missing}; {FOLDER}/{id}.svg \
                     has them"
                ),
                Lang::Zh => format!(
                    "{label}的图片中，字体所缺字符显示为方框：{missing}；{FOLDER}/{id}.svg中完整"
                ),
            }
        })
        .collect()
}

/// The files of the figures: drawings, and pictures where they are asked for.
pub fn files(study: &Study, figures: &[(Figure, String)], pictures: &[Picture]) -> Vec<Output> {
    let path = |figure: &Figure, extension: &str| format!("{FOLDER}/{}.{extension}", figure.id);
    // A document in LaTeX takes its figures from their files.
    let png = study.settings.png || asks_for(study, |format| format == Format::Latex);
    let mut files = Vec::with_capacity(2 * figures.len());
    for (place, (figure, drawn)) in figures.iter().enumerate() {
        files.push(Output::new(path(figure, "svg"), on_white(drawn)));
        if let Some(picture) = pictures.get(place).filter(|_| png) {
            files.push(Output::new(path(figure, "png"), picture.png.clone()));
        }
    }
    files
}
