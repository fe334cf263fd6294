//! Title, language, style, hypothesis and panel.

use super::{choice, head};
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::Text;
use crate::file::entries::{HypothesisEntry, PanelEntry, StudyEntry, StyleEntry};
use panelyst_data::names::NameTable;
use panelyst_report::builders::Brackets;
use panelyst_report::{Digits, Lang};
use std::path::{Path, PathBuf};

/// How results are printed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Title.
    pub title: Option<Text>,
    /// Language.
    pub lang: Lang,
    /// Formats of tables by name.
    pub formats: Vec<String>,
    /// Whether figures are written as PNG beside their SVG.
    pub png: bool,
    /// Whether `report.pdf` is written.
    pub pdf: Pdf,
    /// Pitfalls that are not told of, by name.
    pub silence: Vec<String>,
    /// What stands in brackets.
    pub brackets: Brackets,
    /// Levels of one, two and three stars.
    pub stars: Vec<f64>,
    /// Printing of coefficients.
    pub digits: Digits,
    /// Printing in brackets.
    pub bracket_digits: Digits,
    /// Whether p-values for few clusters stand in tables.
    pub small_samples: bool,
}

/// Whether `report.pdf` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pdf {
    /// No.
    No,
    /// As one of all formats: a note where it cannot be.
    WherePossible,
    /// It was asked for by name: an error where it cannot be.
    Asked,
}

/// Name of figures as PNG among the formats.
const PNG: &str = "png";
/// Name of the PDF among the formats.
const PDF: &str = "pdf";

/// What the study expects.
#[derive(Clone, Debug)]
pub struct HypothesisPlan {
    /// In words.
    pub text: Option<Text>,
    /// Sign of the core variable.
    pub sign: Sign,
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Above zero.
    Positive,
    /// Below zero.
    Negative,
}

/// Units and periods.
#[derive(Clone, Debug)]
pub struct PanelPlan {
    /// Unit column.
    pub unit: String,
    /// Time column.
    pub time: String,
    /// Table of unit names, with the file that extended it.
    pub names: Option<NameTable>,
    /// CSV with further spellings.
    pub names_file: Option<(PathBuf, panelyst_lang::Span)>,
    /// First period kept.
    pub first: Option<i64>,
    /// Last period kept.
    pub last: Option<i64>,
    /// Names left out in every source.
    pub leave_out: Vec<String>,
    /// Whether missing unit-periods become rows.
    pub complete: bool,
    /// Word for a unit.
    pub unit_label: Option<Text>,
    /// Word for a period.
    pub time_label: Option<Text>,
}

pub(super) fn settings(
    entry: &StudyEntry,
    style: &StyleEntry,
    lang: Option<Lang>,
    mistakes: &mut Mistakes,
) -> Settings {
    let known: Vec<&str> = panelyst_report::formats::FORMATS
        .iter()
        .map(|f| f.name)
        .collect();
    let mut formats = Vec::new();
    let mut png = false;
    let mut pdf = Pdf::No;
    match &entry.formats {
        None => {
            png = true;
            formats.extend(known.iter().map(|f| (*f).to_owned()));
            if cfg!(feature = "pdf") {
                pdf = Pdf::WherePossible;
            }
        }
        Some(typed) => {
            for format in typed {
                if format.value == PDF && pdf == Pdf::No {
                    pdf = Pdf::Asked;
                    if !cfg!(feature = "pdf") {
                        mistakes.at(
                            format.span,
                            "`report.pdf` is written by a Panelyst that was built with the feature `pdf`, and this one was not",
                            "build it with: cargo install --path crates/panelyst --features pdf; or leave out `pdf`",
                        );
                    }
                } else if format.value == PNG && !png {
                    png = true;
                } else if formats.contains(&format.value) || [PNG, PDF].contains(&format.as_str()) {
                    mistakes.at(
                        format.span,
                        format!("`{}` is named twice", format.value),
                        "",
                    );
                } else if known.contains(&format.as_str()) {
                    formats.push(format.value.clone());
                } else {
                    mistakes.at(
                        format.span,
                        format!("`{}` is no table format", format.value),
                        advice(format, known.iter().copied().chain([PNG, PDF])),
                    );
                }
            }
        }
    }
    let stars = match &style.stars {
        None => vec![0.05, 0.01, 0.001],
        Some(levels) => {
            let sorted = levels.windows(2).all(|w| w[0] > w[1]);
            if levels.is_empty()
                || levels.len() > 3
                || !sorted
                || levels.iter().any(|l| !(0.0..1.0).contains(l) || *l == 0.0)
            {
                mistakes.at(
                    levels.span,
                    "star levels must be one to three falling numbers between 0 and 1",
                    "for example stars = [0.1, 0.05, 0.01]",
                );
            }
            levels.value.clone()
        }
    };
    Settings {
        title: entry.title.clone(),
        lang: lang.unwrap_or_else(|| {
            choice(
                entry.lang.as_ref(),
                "language",
                &[("en", Lang::En), ("zh", Lang::Zh)],
                mistakes,
            )
        }),
        formats,
        png,
        pdf,
        silence: crate::pitfalls::silenced(&entry.silence, mistakes),
        brackets: choice(
            style.brackets.as_ref(),
            "choice for brackets",
            &[
                ("t", Brackets::T),
                ("se", Brackets::StdError),
                ("p", Brackets::PValue),
                ("none", Brackets::None),
            ],
            mistakes,
        ),
        stars,
        digits: decimals(style.decimals.as_ref(), Digits::Significant(3), mistakes),
        bracket_digits: decimals(
            style.bracket_decimals.as_ref(),
            Digits::Decimals(2),
            mistakes,
        ),
        small_samples: style.small_samples,
    }
}

fn decimals(
    typed: Option<&crate::file::At<u8>>,
    default: Digits,
    mistakes: &mut Mistakes,
) -> Digits {
    match typed {
        None => default,
        Some(n) if n.value <= 15 => Digits::Decimals(n.value),
        Some(n) => {
            mistakes.at(n.span, "a table prints at most 15 decimals", "");
            default
        }
    }
}

pub(super) fn hypothesis(
    entry: Option<&HypothesisEntry>,
    mistakes: &mut Mistakes,
) -> Option<HypothesisPlan> {
    entry.map(|entry| HypothesisPlan {
        text: entry.text.clone(),
        sign: choice(
            entry.sign.as_ref(),
            "sign",
            &[("positive", Sign::Positive), ("negative", Sign::Negative)],
            mistakes,
        ),
    })
}

pub(super) fn panel(entry: &PanelEntry, data: &Path, mistakes: &mut Mistakes) -> PanelPlan {
    let mut column = |typed: &Option<crate::file::At<String>>, key: &str, example: &str| match typed
    {
        Some(name) if !name.trim().is_empty() => name.value.clone(),
        _ => {
            mistakes.at(
                typed.as_ref().map_or(head(), |t| t.span),
                format!("the panel has no `{key}`"),
                format!("add to [panel]: {key} = \"{example}\""),
            );
            key.to_owned()
        }
    };
    let unit = column(&entry.unit, "unit", "province");
    let time = column(&entry.time, "time", "year");
    let names = entry.names.as_ref().and_then(|name| {
        let table = NameTable::builtin(name);
        if table.is_none() {
            mistakes.at(
                name.span,
                format!("there is no built-in name table `{}`", name.value),
                advice(name, NameTable::builtin_names()),
            );
        }
        table
    });
    if let (Some(first), Some(last)) = (&entry.first, &entry.last)
        && first.value > last.value
    {
        mistakes.at(last.span, "the last period is before the first", "");
    }
    PanelPlan {
        unit,
        time,
        names,
        names_file: entry
            .names_file
            .as_ref()
            .map(|file| (data.join(&file.value), file.span)),
        first: entry.first.as_ref().map(|p| p.value),
        last: entry.last.as_ref().map(|p| p.value),
        leave_out: entry.leave_out.iter().map(|n| n.value.clone()).collect(),
        complete: entry.complete,
        unit_label: entry.unit_label.clone(),
        time_label: entry.time_label.clone(),
    }
}
