//! Variables and groups as meant.

use super::choice;
use super::sources::{Keys, SourcePlan};
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::{GroupEntry, VariableEntry, WinsoriseEntry};
use crate::file::{At, Text};
use panelyst_data::indices::INDICES;
use panelyst_data::transforms::{Fill, FillRule, Winsorise};
use panelyst_lang::{Expr, Span, parse_expression};
use panelyst_model::Invalid;
use std::collections::BTreeMap;

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
