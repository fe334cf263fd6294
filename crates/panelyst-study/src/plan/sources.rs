//! Sources as meant: which files, how they lie, what is taken from them.

use super::choice;
use super::series::expression;
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::{MeasureEntry, SourceEntry};
use crate::file::{At, Text};
use panelyst_data::files::ReadOptions;
use panelyst_data::layout::Orientation;
use panelyst_lang::{Expr, Span};
use std::path::{Path, PathBuf};

/// A table to read.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// Name in the study.
    pub name: String,
    /// Where the entry stands.
    pub span: Span,
    /// Files, in the order in which they are stacked.
    pub files: Vec<PathBuf>,
    /// Long or wide.
    pub layout: Layout,
    /// What a row is.
    pub keys: Keys,
    /// Unit column in the file.
    pub unit_column: Option<At<String>>,
    /// Time column in the file.
    pub time_column: Option<At<String>>,
    /// Activity column.
    pub activity_column: Option<At<String>>,
    /// New name and name in the file; `None`: all columns.
    pub columns: Option<Vec<(String, At<String>)>>,
    /// Conversions by column of the study; `None` as column: every number column.
    pub measures: Vec<(Option<String>, Measure)>,
    /// Reader options.
    pub options: ReadOptions,
    /// Rows kept.
    pub condition: Option<(Expr, At<String>)>,
    /// Whether units that the name table does not know are dropped (else an error).
    pub drop_unmatched: bool,
    /// Origin of the numbers.
    pub cite: Option<Text>,
}

/// How a table lies on the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    /// One row a key.
    Long,
    /// Units against periods, one series (or several under a second header row).
    Wide(Orientation, String),
}

/// What identifies a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Unit and period.
    UnitTime,
    /// Unit.
    Unit,
    /// Period.
    Time,
    /// Unit, activity and period.
    UnitActivityTime,
}

/// A change of the unit of measure.
#[derive(Clone, Debug)]
pub struct Measure {
    /// In the file.
    pub from: At<String>,
    /// Wanted.
    pub to: Option<At<String>>,
}

pub(super) fn sources(
    entries: &[(At<String>, SourceEntry)],
    data: &Path,
    mistakes: &mut Mistakes,
) -> Vec<SourcePlan> {
    if entries.is_empty() {
        mistakes.at(
            super::head(),
            "the study has no source",
            "add a table to read: [sources.NAME] with file = \"...\"",
        );
    }
    entries
        .iter()
        .map(|(name, entry)| source(name, entry, data, mistakes))
        .collect()
}

fn source(
    name: &At<String>,
    entry: &SourceEntry,
    data: &Path,
    mistakes: &mut Mistakes,
) -> SourcePlan {
    let files: Vec<PathBuf> = match &entry.file {
        Some(typed) => typed.value.all().iter().map(|f| data.join(f)).collect(),
        None => Vec::new(),
    };
    let file_span = entry.file.as_ref().map_or(name.span, |f| f.span);
    if files.is_empty() {
        mistakes.at(
            name.span,
            format!("source `{}` has no file", name.value),
            "add file = \"...\"",
        );
    }
    for file in &files {
        if !file.is_file() {
            mistakes.at(
                file_span,
                format!("there is no file {}", file.display()),
                "paths start at the folder of the study file, or at --data",
            );
        }
    }
    let wide = choice(
        entry.layout.as_ref(),
        "layout",
        &[
            ("long", None),
            ("units-in-rows", Some(Orientation::Rows)),
            ("units-in-columns", Some(Orientation::Columns)),
        ],
        mistakes,
    );
    let layout = match wide {
        None => Layout::Long,
        Some(orientation) => Layout::Wide(
            orientation,
            entry
                .value
                .as_ref()
                .map_or_else(|| name.value.clone(), |v| v.value.clone()),
        ),
    };
    let keys = choice(
        entry.keys.as_ref(),
        "key of rows",
        &[
            ("unit-time", Keys::UnitTime),
            ("unit", Keys::Unit),
            ("time", Keys::Time),
            ("unit-activity-time", Keys::UnitActivityTime),
        ],
        mistakes,
    );
    if keys == Keys::UnitActivityTime && entry.activity_column.is_none() {
        mistakes.at(
            name.span,
            format!(
                "source `{}` has rows by activity but no `activity-column`",
                name.value
            ),
            "add activity-column = \"...\"",
        );
    }
    let mut measures = Vec::new();
    if let Some(from) = &entry.unit {
        measures.push((None, measure(from, entry.convert_to.as_ref(), mistakes)));
    } else if let Some(to) = &entry.convert_to {
        mistakes.at(
            to.span,
            "`convert-to` without `unit`",
            "say the unit of the file: unit = \"...\"",
        );
    }
    for (column, entry) in entry.measures.iter().flatten() {
        let MeasureEntry { unit, convert_to } = entry;
        if let Some(from) = unit {
            measures.push((
                Some(column.clone()),
                measure(from, convert_to.as_ref(), mistakes),
            ));
        } else {
            mistakes.at(
                convert_to.as_ref().map_or(name.span, |t| t.span),
                format!("the measure of `{column}` has no `unit`"),
                "say the unit of the file: unit = \"...\"",
            );
        }
    }
    SourcePlan {
        name: name.value.clone(),
        span: file_span,
        files,
        layout,
        keys,
        unit_column: entry.unit_column.clone(),
        time_column: entry.time_column.clone(),
        activity_column: entry.activity_column.clone(),
        columns: entry.columns.as_ref().map(|columns| {
            let mut list: Vec<_> = columns
                .iter()
                .map(|(n, c)| (n.clone(), c.clone()))
                .collect();
            list.sort_by_key(|(_, c)| c.span.start);
            list
        }),
        measures,
        options: ReadOptions {
            sheet: entry.sheet.as_ref().map(|s| s.value.clone()),
            range: entry.range.as_ref().map(|s| s.value.clone()),
            encoding: entry.encoding.as_ref().map(|s| s.value.clone()),
            missing: entry.missing.clone(),
            header_rows: entry.header_rows,
            skip_rows: entry.skip_rows.unwrap_or(0),
            text_columns: entry.text_columns.clone(),
            ..ReadOptions::default()
        },
        condition: entry
            .condition
            .as_ref()
            .and_then(|typed| expression(typed, mistakes).map(|expr| (expr, typed.clone()))),
        drop_unmatched: choice(
            entry.unmatched.as_ref(),
            "rule for unmatched names",
            &[("error", false), ("drop", true)],
            mistakes,
        ),
        cite: entry.cite.clone(),
    }
}

fn measure(from: &At<String>, to: Option<&At<String>>, mistakes: &mut Mistakes) -> Measure {
    let known: Vec<&str> = panelyst_data::units::UNITS.iter().map(|u| u.name).collect();
    for typed in std::iter::once(from).chain(to) {
        if !known.contains(&typed.as_str()) {
            mistakes.at(
                typed.span,
                format!("`{}` is no unit of measure", typed.value),
                advice(typed, known.iter().copied()),
            );
        }
    }
    Measure {
        from: from.clone(),
        to: to.cloned(),
    }
}
