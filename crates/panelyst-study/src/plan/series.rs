//! Sources, variables and groups as meant.

use super::choice;
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::{GroupEntry, MeasureEntry, SourceEntry, VariableEntry, WinsoriseEntry};
use crate::file::{At, Text};
use panelyst_data::files::ReadOptions;
use panelyst_data::indices::INDICES;
use panelyst_data::layout::Orientation;
use panelyst_data::transforms::{Fill, FillRule, Winsorise};
use panelyst_lang::{Expr, Span, parse_expression};
use panelyst_model::Invalid;
use std::collections::BTreeMap;
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

/// A variable to build.
#[derive(Clone, Debug)]
pub struct VariablePlan {
    /// Name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// How its values come about.
    pub rule: VariableRule,
    /// Gaps filled within units.
    pub fill: Option<Fill>,
    /// Values pulled in.
    pub winsorise: Option<Winsorise>,
    /// Rows on which the formula has no value.
    pub invalid: Invalid,
    /// Role in the study.
    pub role: String,
    /// Words for it.
    pub label: Option<Text>,
    /// Definition in words.
    pub definition: Option<Text>,
    /// Unit of measure in words.
    pub unit: Option<Text>,
}

/// How the values of a variable come about.
#[derive(Clone, Debug)]
pub enum VariableRule {
    /// A column of the same name.
    Column,
    /// An expression.
    Formula(Expr, At<String>),
    /// Location quotient from two columns, with national totals as columns if given.
    TwoSeries {
        /// Index name.
        index: String,
        /// Activity column.
        activity: At<String>,
        /// Total column.
        total: At<String>,
        /// National activity and total columns.
        national: Option<(At<String>, At<String>)>,
    },
    /// An index of a long source.
    Index {
        /// Index name.
        index: String,
        /// Source.
        source: At<String>,
        /// Value column.
        value: At<String>,
        /// Activity whose values are taken, where the index has one.
        activity: Option<At<String>>,
    },
}

/// Groups of units.
#[derive(Clone, Debug)]
pub struct GroupPlan {
    /// Column made.
    pub name: String,
    /// Where the entry stands.
    pub span: Span,
    /// How units are assigned.
    pub rule: GroupRule,
    /// Groups in order, as typed.
    pub order: Vec<At<String>>,
    /// Words for groups.
    pub labels: BTreeMap<String, Text>,
}

/// How units are assigned to groups.
#[derive(Clone, Debug)]
pub enum GroupRule {
    /// Attribute of the name table.
    Attribute(At<String>),
    /// Column of a source.
    Column(At<String>),
    /// Members of each group.
    Members(Vec<(String, Vec<At<String>>)>),
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

/// An expression of the study; its mistakes are placed inside the quoted text.
pub(super) fn expression(typed: &At<String>, mistakes: &mut Mistakes) -> Option<Expr> {
    match parse_expression(typed) {
        Ok(expr) => Some(expr),
        Err(found) => {
            mistakes.nested(typed.span, typed, found);
            None
        }
    }
}

pub(super) fn variables(
    entries: &[(At<String>, VariableEntry)],
    sources: &[SourcePlan],
    mistakes: &mut Mistakes,
) -> Vec<VariablePlan> {
    let plans: Vec<VariablePlan> = entries
        .iter()
        .map(|(name, entry)| VariablePlan {
            name: name.value.clone(),
            span: name.span,
            rule: rule(name, entry, sources, mistakes),
            fill: entry.fill.as_ref().map(|typed| Fill {
                rule: choice(
                    Some(typed),
                    "rule of filling",
                    &[
                        ("linear", FillRule::Linear),
                        ("log-linear", FillRule::LogLinear),
                    ],
                    mistakes,
                ),
                outwards: entry.fill_outwards,
            }),
            winsorise: entry
                .winsorise
                .as_ref()
                .and_then(|w| winsorise(w, mistakes)),
            invalid: choice(
                entry.invalid.as_ref(),
                "rule for values that a formula does not have",
                &[("error", Invalid::Error), ("drop", Invalid::Drop)],
                mistakes,
            ),
            role: choice(
                entry.role.as_ref(),
                "role",
                &[
                    ("other", "other"),
                    ("outcome", "outcome"),
                    ("core", "core"),
                    ("control", "control"),
                    ("alternative", "alternative"),
                ],
                mistakes,
            )
            .to_owned(),
            label: entry.label.clone(),
            definition: entry.definition.clone(),
            unit: entry.unit.clone(),
        })
        .collect();
    in_order(plans, mistakes)
}

/// Quantiles as percentages, checked.
pub(super) fn winsorise(typed: &At<WinsoriseEntry>, mistakes: &mut Mistakes) -> Option<Winsorise> {
    let (lower, upper, by) = match &typed.value {
        WinsoriseEntry::Share(share) => (*share, 1.0 - share, None),
        WinsoriseEntry::Quantiles(q) => (q.lower, q.upper, q.by.as_deref()),
    };
    if !(0.0..=1.0).contains(&lower) || !(0.0..=1.0).contains(&upper) || lower >= upper {
        mistakes.at(
            typed.span,
            "the lower quantile must be below the upper one, both between 0 and 1",
            "for example winsorise = 0.01",
        );
        return None;
    }
    if by.is_some_and(|by| by != "time") {
        mistakes.at(
            typed.span,
            "winsorising goes by `time` or over all rows",
            "by = \"time\"",
        );
    }
    Some(Winsorise {
        lower: lower * 100.0,
        upper: upper * 100.0,
        by_time: by.is_some(),
    })
}

fn rule(
    name: &At<String>,
    entry: &VariableEntry,
    sources: &[SourcePlan],
    mistakes: &mut Mistakes,
) -> VariableRule {
    let Some(index) = &entry.index else {
        for (typed, key) in [
            (&entry.activity, "activity"),
            (&entry.total, "total"),
            (&entry.source, "source"),
            (&entry.value, "value"),
            (&entry.national_activity, "national-activity"),
            (&entry.national_total, "national-total"),
        ] {
            if let Some(typed) = typed {
                mistakes.at(
                    typed.span,
                    format!("`{key}` belongs to an index"),
                    "add index = \"location-quotient\"",
                );
            }
        }
        return match &entry.formula {
            None => VariableRule::Column,
            Some(typed) => match expression(typed, mistakes) {
                Some(expr) => VariableRule::Formula(expr, typed.clone()),
                None => VariableRule::Column,
            },
        };
    };
    if let Some(formula) = &entry.formula {
        mistakes.at(
            formula.span,
            format!("`{}` has both a formula and an index", name.value),
            "keep one of them",
        );
    }
    if !INDICES.iter().any(|row| row.name == index.value) {
        mistakes.at(
            index.span,
            format!("there is no index `{}`", index.value),
            advice(index, INDICES.iter().map(|row| row.name)),
        );
    }
    if let Some(source) = &entry.source {
        match sources.iter().find(|s| s.name == source.value) {
            None => mistakes.at(
                source.span,
                format!("there is no source `{}`", source.value),
                advice(source, sources.iter().map(|s| s.name.as_str())),
            ),
            Some(found) if found.keys != Keys::UnitActivityTime => mistakes.at(
                source.span,
                format!("source `{}` has no rows by activity", source.value),
                "give the source keys = \"unit-activity-time\"",
            ),
            Some(_) => {}
        }
        let Some(value) = &entry.value else {
            mistakes.at(
                index.span,
                "the index has no `value` column",
                "add value = \"...\"",
            );
            return VariableRule::Column;
        };
        return VariableRule::Index {
            index: index.value.clone(),
            source: source.clone(),
            value: value.clone(),
            activity: entry.activity.clone(),
        };
    }
    if index.value != "location-quotient" {
        mistakes.at(
            index.span,
            format!("`{}` needs a source with rows by activity", index.value),
            "add source = \"...\" and value = \"...\"",
        );
        return VariableRule::Column;
    }
    let (Some(activity), Some(total)) = (&entry.activity, &entry.total) else {
        mistakes.at(
            index.span,
            "a location quotient needs `activity` and `total` columns, or a `source` with rows by activity",
            "",
        );
        return VariableRule::Column;
    };
    let national = match (&entry.national_activity, &entry.national_total) {
        (Some(a), Some(t)) => Some((a.clone(), t.clone())),
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => {
            mistakes.at(
                one.span,
                "national totals come in pairs",
                "give national-activity and national-total",
            );
            None
        }
    };
    VariableRule::TwoSeries {
        index: index.value.clone(),
        activity: activity.clone(),
        total: total.clone(),
        national,
    }
}

impl VariablePlan {
    /// Columns and variables that its values are made from.
    pub fn needs(&self) -> Vec<String> {
        match &self.rule {
            VariableRule::Column | VariableRule::Index { .. } => Vec::new(),
            VariableRule::Formula(expr, _) => expr.columns(),
            VariableRule::TwoSeries {
                activity,
                total,
                national,
                ..
            } => [activity, total]
                .into_iter()
                .chain(national.iter().flat_map(|(a, t)| [a, t]))
                .map(|c| c.value.clone())
                .collect(),
        }
    }
}

/// Each variable after those it needs, otherwise in the order of the file; a circle is a mistake.
fn in_order(mut waiting: Vec<VariablePlan>, mistakes: &mut Mistakes) -> Vec<VariablePlan> {
    let mut ready: Vec<VariablePlan> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let next = waiting.iter().position(|variable| {
            !variable
                .needs()
                .iter()
                .any(|need| *need != variable.name && waiting.iter().any(|w| w.name == *need))
        });
        match next {
            Some(place) => ready.push(waiting.remove(place)),
            None => {
                for variable in &waiting {
                    mistakes.at(
                        variable.span,
                        format!("`{}` is defined in a circle", variable.name),
                        "a variable cannot need itself through others",
                    );
                }
                ready.append(&mut waiting);
            }
        }
    }
    ready
}

pub(super) fn groups(
    entries: &[(At<String>, GroupEntry)],
    mistakes: &mut Mistakes,
) -> Vec<GroupPlan> {
    entries
        .iter()
        .filter_map(|(name, entry)| {
            let rule = match (&entry.attribute, &entry.column, &entry.members) {
                (Some(attribute), None, None) => GroupRule::Attribute(attribute.clone()),
                (None, Some(column), None) => GroupRule::Column(column.clone()),
                (None, None, Some(members)) => GroupRule::Members(
                    members
                        .iter()
                        .map(|(g, m)| (g.clone(), m.clone()))
                        .collect(),
                ),
                _ => {
                    mistakes.at(
                        name.span,
                        format!(
                            "group `{}` needs one of `attribute`, `column` and `members`",
                            name.value
                        ),
                        "for example attribute = \"region\"",
                    );
                    return None;
                }
            };
            Some(GroupPlan {
                name: name.value.clone(),
                span: name.span,
                rule,
                order: entry.order.clone(),
                labels: entry.labels.clone(),
            })
        })
        .collect()
}
