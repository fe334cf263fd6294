//! Tables as meant: what each shows.

use super::choice;
use super::curve::{self, CurvePlan};
use super::models::{ColumnPlan, ModelPlan, term};
use super::publication::{self, PublicationPlan};
use super::series::{GroupPlan, VariablePlan};
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::TableEntry;
use crate::file::{At, Text};
use panelyst_lang::Span;
use panelyst_model::conventions::{CONVENTIONS, Convention};

/// One table.
#[derive(Clone, Debug)]
pub struct TablePlan {
    /// Title, if the study gives one.
    pub title: Option<Text>,
    /// Where its entry stands.
    pub span: Span,
    /// What it shows.
    pub kind: TableKind,
}

/// What a table shows.
#[derive(Clone, Debug)]
pub enum TableKind {
    /// Roles, labels, definitions, units and sources of the variables.
    Definitions,
    /// Description of variables on samples.
    Description(Vec<String>, Vec<Sample>),
    /// Correlations of variables on the estimation sample.
    Correlation(Vec<String>),
    /// Variance inflation of the regressors of the full model.
    Collinearity,
    /// Specification tests of the full model.
    Choice,
    /// Estimates of the main model.
    Baseline(Vec<ColumnPlan>),
    /// Estimates of variants.
    Robustness(Vec<ColumnPlan>),
    /// The full model in each group, with tests of equality.
    Heterogeneity {
        /// Group column.
        by: String,
        /// The full model.
        column: Box<ColumnPlan>,
        /// Draws of the permutation test, 0 for none.
        permutations: usize,
        /// Seed of the permutation test.
        seed: u64,
    },
    /// The full model under several conventions.
    Conventions {
        /// The full model.
        column: Box<ColumnPlan>,
        /// Conventions, the first what the others are compared with.
        names: Vec<&'static Convention>,
    },
    /// Every combination of choices.
    SpecificationCurve(Box<CurvePlan>),
    /// Published numbers beside ours.
    Publication(PublicationPlan),
}

/// Rows that are described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// All rows of the panel.
    Raw,
    /// Rows of the full model.
    Estimation,
}

/// What tables are made from.
pub(super) struct Context<'a> {
    pub variables: &'a [VariablePlan],
    pub groups: &'a [GroupPlan],
    pub model: &'a ModelPlan,
}

#[derive(Clone, Copy)]
enum Word {
    Definitions,
    Description,
    Correlation,
    Collinearity,
    Choice,
    Baseline,
    Robustness,
    Heterogeneity,
    Conventions,
    SpecificationCurve,
    Publication,
}

const KINDS: &[(&str, Word)] = &[
    ("baseline", Word::Baseline),
    ("definitions", Word::Definitions),
    ("description", Word::Description),
    ("correlation", Word::Correlation),
    ("collinearity", Word::Collinearity),
    ("choice", Word::Choice),
    ("robustness", Word::Robustness),
    ("heterogeneity", Word::Heterogeneity),
    ("conventions", Word::Conventions),
    ("specification-curve", Word::SpecificationCurve),
    ("publication", Word::Publication),
];

pub(super) fn tables(
    entries: &[At<TableEntry>],
    context: &Context<'_>,
    mistakes: &mut Mistakes,
) -> Vec<TablePlan> {
    let plans = entries
        .iter()
        .filter_map(|entry| {
            if entry.kind.is_none() {
                let kinds: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
                mistakes.at(
                    entry.span,
                    "a table has no `kind`",
                    format!("one of {}", kinds.join(", ")),
                );
                return None;
            }
            Some(TablePlan {
                title: entry.title.clone(),
                span: entry.span,
                kind: kind(entry, context, mistakes)?,
            })
        })
        .collect();
    if entries.is_empty() {
        mistakes.at(
            super::head(),
            "the study prints no table",
            "add [[table]] with kind = \"baseline\"",
        );
    }
    plans
}

fn kind(
    entry: &At<TableEntry>,
    context: &Context<'_>,
    mistakes: &mut Mistakes,
) -> Option<TableKind> {
    let model = context.model;
    let word = choice(entry.kind.as_ref(), "kind of table", KINDS, mistakes);
    stray(entry, word, mistakes);
    let variables = || match &entry.variables {
        Some(typed) => typed.iter().map(|v| v.value.clone()).collect(),
        None => std::iter::once(&model.outcome)
            .chain(std::iter::once(&model.core))
            .chain(&model.controls)
            .map(|name| name.trim_matches('`').to_owned())
            .collect(),
    };
    Some(match word {
        Word::Definitions => TableKind::Definitions,
        Word::Description => {
            let samples = match &entry.samples {
                None => vec![Sample::Raw, Sample::Estimation],
                Some(typed) => typed
                    .iter()
                    .map(|s| {
                        choice(
                            Some(s),
                            "sample",
                            &[("raw", Sample::Raw), ("estimation", Sample::Estimation)],
                            mistakes,
                        )
                    })
                    .collect(),
            };
            TableKind::Description(variables(), samples)
        }
        Word::Correlation => TableKind::Correlation(variables()),
        Word::Collinearity => TableKind::Collinearity,
        Word::Choice => TableKind::Choice,
        Word::Baseline => TableKind::Baseline(match &entry.columns {
            Some(columns) => columns
                .iter()
                .filter_map(|column| model.typed(column, entry.span, mistakes))
                .collect(),
            None => model.usual(&model.outcome, &model.core, model.span, mistakes),
        }),
        Word::Robustness => TableKind::Robustness(robustness(entry, context, mistakes)),
        Word::Heterogeneity => {
            let by = group(entry, context.groups, mistakes)?;
            TableKind::Heterogeneity {
                by,
                column: Box::new(model.full(model.span, mistakes)?),
                permutations: entry.permutations.unwrap_or(999),
                seed: entry.seed.unwrap_or(1),
            }
        }
        Word::Conventions => {
            let column = Box::new(model.full(model.span, mistakes)?);
            let names = conventions(entry, &column.convention, mistakes);
            TableKind::Conventions { column, names }
        }
        Word::Publication => {
            TableKind::Publication(publication::publication(entry, model, mistakes)?)
        }
        Word::SpecificationCurve => TableKind::SpecificationCurve(Box::new(curve::curve(
            entry,
            model,
            context.variables,
            mistakes,
        )?)),
    })
}

/// The conventions of a table; that of the model first where none is named.
fn conventions(
    entry: &At<TableEntry>,
    of_model: &str,
    mistakes: &mut Mistakes,
) -> Vec<&'static Convention> {
    let Some(typed) = &entry.conventions else {
        let mut all: Vec<&'static Convention> = CONVENTIONS.iter().collect();
        all.sort_by_key(|row| row.name != of_model);
        return all;
    };
    let mut found: Vec<&'static Convention> = Vec::new();
    for name in typed {
        match CONVENTIONS.iter().find(|row| row.name == name.as_str()) {
            Some(row) if found.contains(&row) => {
                mistakes.at(name.span, format!("`{}` is named twice", name.value), "");
            }
            Some(row) => found.push(row),
            None => mistakes.at(
                name.span,
                format!("there is no convention `{}`", name.value),
                advice(name, CONVENTIONS.iter().map(|row| row.name)),
            ),
        }
    }
    if typed.is_empty() {
        mistakes.at(
            entry.span,
            "`conventions` names none",
            "leave it out for all",
        );
    }
    found
}

fn robustness(
    entry: &At<TableEntry>,
    context: &Context<'_>,
    mistakes: &mut Mistakes,
) -> Vec<ColumnPlan> {
    let model = context.model;
    let mut columns = Vec::new();
    if let Some(replace) = &entry.replace {
        let core = term(replace, context.variables);
        for mut column in model.usual(&model.outcome, &core, replace.span, mistakes) {
            column.variant.replace = Some(core.clone());
            column.places = vec![replace.clone()];
            columns.push(column);
        }
    }
    for variant in entry.variants.iter().flatten() {
        if variant.lag.as_ref().is_some_and(|lag| lag.value == 0) {
            mistakes.at(
                variant.lag.as_ref().map_or(entry.span, |l| l.span),
                "a lag of 0 is the variable itself",
                "",
            );
        }
        columns.extend(model.variant(variant, entry.span, context.variables, mistakes));
    }
    if entry.replace.is_none() && entry.variants.as_ref().is_none_or(Vec::is_empty) {
        mistakes.at(
            entry.span,
            "a robustness table needs `replace` or `variants`",
            "for example variants = [{ lag = 1 }, { winsorise = 0.01 }]",
        );
    }
    columns
}

fn group(entry: &At<TableEntry>, groups: &[GroupPlan], mistakes: &mut Mistakes) -> Option<String> {
    let known = || groups.iter().map(|g| g.name.as_str());
    match &entry.by {
        None if groups.len() == 1 => Some(groups[0].name.clone()),
        None => {
            mistakes.at(
                entry.span,
                "a heterogeneity table needs `by`",
                "by = \"GROUP\", with [groups.GROUP]",
            );
            None
        }
        Some(by) if groups.iter().any(|g| g.name == by.value) => Some(by.value.clone()),
        Some(by) => {
            let hint = advice(by, known().collect::<Vec<_>>());
            let hint = if hint.is_empty() {
                format!("add [groups.{}]", by.value)
            } else {
                hint
            };
            mistakes.at(by.span, format!("there is no group `{}`", by.value), hint);
            None
        }
    }
}

/// Keys that another kind of table uses.
fn stray(entry: &At<TableEntry>, word: Word, mistakes: &mut Mistakes) {
    let heterogeneity = matches!(word, Word::Heterogeneity);
    let robustness = matches!(word, Word::Robustness);
    let described = matches!(word, Word::Description | Word::Correlation);
    let published = matches!(word, Word::Publication);
    let typed: [(&str, bool, bool); 12] = [
        (
            "columns",
            entry.columns.is_some(),
            matches!(word, Word::Baseline),
        ),
        ("variables", entry.variables.is_some(), described),
        (
            "samples",
            entry.samples.is_some(),
            matches!(word, Word::Description),
        ),
        ("replace", entry.replace.is_some(), robustness),
        ("variants", entry.variants.is_some(), robustness),
        ("by", entry.by.is_some(), heterogeneity),
        ("permutations", entry.permutations.is_some(), heterogeneity),
        ("seed", entry.seed.is_some(), heterogeneity),
        (
            "conventions",
            entry.conventions.is_some(),
            matches!(word, Word::Conventions),
        ),
        (
            "choices",
            entry.choices.is_some(),
            matches!(word, Word::SpecificationCurve),
        ),
        ("source", entry.source.is_some(), published),
        ("published", entry.published.is_some(), published),
    ];
    for (key, there, belongs) in typed {
        if there && !belongs {
            let kind = entry.kind.as_ref().map_or("", |k| k.value.as_str());
            mistakes.at(
                entry.kind.as_ref().map_or(entry.span, |k| k.span),
                format!("a {kind} table has no `{key}`"),
                "",
            );
        }
    }
}
