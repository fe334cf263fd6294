//! The main model, its columns and its variants as meant.

use super::series::{VariablePlan, expression, winsorise};
use super::{PanelPlan, choice, head};
use crate::check::Mistakes;
use crate::check::mistakes::advice;
use crate::file::entries::{ColumnEntry, ModelEntry, VariantEntry};
use crate::file::{At, Text};
use panelyst_data::transforms::Winsorise;
use panelyst_lang::{Expr, Formula, Span, parse_formula, quote_name};
use panelyst_model::conventions::CONVENTIONS;
use panelyst_model::estimators::ESTIMATORS;
use panelyst_model::{ConstantRule, Estimator, Vcov};

/// The main model.
#[derive(Clone, Debug)]
pub struct ModelPlan {
    /// Where its entry stands.
    pub span: Span,
    /// What was typed in the entry, with places.
    pub places: Vec<At<String>>,
    /// Left-hand side, as in formulas.
    pub outcome: String,
    /// The variable of interest, as in formulas.
    pub core: String,
    /// Controls, as in formulas.
    pub controls: Vec<String>,
    /// Effects, as in formulas.
    pub effects: Vec<String>,
    /// Column of weights.
    pub weights: Option<String>,
    /// Covariance of columns with effects.
    pub vcov: Vcov,
    /// Covariance of pooled columns.
    pub pooled_vcov: Vcov,
    /// Convention by name.
    pub convention: String,
    /// Constant of columns with effects.
    pub constant: ConstantRule,
}

/// One column of a table of estimates.
#[derive(Clone, Debug)]
pub struct ColumnPlan {
    /// Heading above the outcome.
    pub heading: Option<Text>,
    /// Where it comes from in the file.
    pub span: Span,
    /// What was typed for this column, with places.
    pub places: Vec<At<String>>,
    /// What is estimated.
    pub formula: Formula,
    /// Estimator; pooled or within by the formula when `None`.
    pub estimator: Option<Estimator>,
    /// Covariance.
    pub vcov: Vcov,
    /// Convention.
    pub convention: String,
    /// Constant where there are effects.
    pub constant: ConstantRule,
    /// Rows kept, with the text as typed.
    pub condition: Option<(Expr, String)>,
    /// The term of interest in this column.
    pub core: String,
    /// What was changed against the full model.
    pub variant: Variant,
}

/// What a robustness column changes.
#[derive(Clone, Debug, Default)]
pub struct Variant {
    /// Another core variable.
    pub replace: Option<String>,
    /// Another outcome.
    pub outcome: Option<String>,
    /// Periods by which the core variable is lagged.
    pub lag: Option<i64>,
    /// Units left out.
    pub drop_units: Vec<At<String>>,
    /// Periods left out.
    pub drop_periods: Vec<At<i64>>,
    /// Variables of the model pulled in.
    pub winsorise: Option<Winsorise>,
    /// Rows with a filled cell left out.
    pub drop_filled: bool,
    /// Further controls.
    pub add: Vec<String>,
    /// Another covariance, as typed.
    pub vcov: Option<String>,
    /// Another convention, as typed.
    pub convention: Option<String>,
}

/// A name as a term of a formula: backquoted when it is a variable whose name is not one word.
pub fn term(name: &str, variables: &[VariablePlan]) -> String {
    if variables.iter().any(|v| v.name == name) {
        quote_name(name)
    } else {
        name.to_owned()
    }
}

/// A covariance as typed; a mistake at its place when it is none.
pub fn covariance(typed: Option<&At<String>>, default: &Vcov, mistakes: &mut Mistakes) -> Vcov {
    let Some(typed) = typed else {
        return default.clone();
    };
    match Vcov::parse(typed) {
        Ok(vcov) => vcov,
        Err(error) => {
            mistakes.at(typed.span, error.to_string(), "");
            default.clone()
        }
    }
}

pub(super) fn convention(
    typed: Option<&At<String>>,
    default: &str,
    mistakes: &mut Mistakes,
) -> String {
    let Some(typed) = typed else {
        return default.to_owned();
    };
    if CONVENTIONS.iter().any(|c| c.name == typed.value) {
        return typed.value.clone();
    }
    mistakes.at(
        typed.span,
        format!("there is no convention `{}`", typed.value),
        advice(typed, CONVENTIONS.iter().map(|c| c.name)),
    );
    default.to_owned()
}

const CONSTANTS: &[(&str, ConstantRule)] = &[
    ("none", ConstantRule::None),
    ("mean", ConstantRule::MeanPreserving),
    ("time-dummies", ConstantRule::TimeDummies),
];

pub(super) fn model(
    entry: &ModelEntry,
    panel: &PanelPlan,
    variables: &[VariablePlan],
    mistakes: &mut Mistakes,
) -> ModelPlan {
    let mut word = |typed: &Option<At<String>>, role: &str, key: &str| match typed {
        Some(name) => term(name, variables),
        None => {
            let by_role = variables.iter().find(|v| v.role == role);
            if by_role.is_none() {
                mistakes.at(
                    head(),
                    format!("the model has no `{key}`"),
                    format!(
                        "add to [model]: {key} = \"...\", or give a variable role = \"{role}\""
                    ),
                );
            }
            by_role.map_or_else(String::new, |v| term(&v.name, variables))
        }
    };
    let outcome = word(&entry.outcome, "outcome", "outcome");
    let core = word(&entry.core, "core", "core");
    let controls = if entry.controls.is_empty() {
        variables
            .iter()
            .filter(|v| v.role == "control")
            .map(|v| term(&v.name, variables))
            .collect()
    } else {
        entry.controls.iter().map(|c| term(c, variables)).collect()
    };
    let effects = match &entry.effects {
        Some(typed) => typed.iter().map(|e| effect(e)).collect(),
        None => vec![effect(&panel.unit), effect(&panel.time)],
    };
    let by_unit = Vcov::Cluster(vec![panel.unit.clone()]);
    let vcov = covariance(entry.vcov.as_ref(), &by_unit, mistakes);
    ModelPlan {
        span: entry.outcome.as_ref().map_or(head(), |o| o.span),
        places: [
            &entry.outcome,
            &entry.core,
            &entry.weights,
            &entry.vcov,
            &entry.pooled_vcov,
        ]
        .into_iter()
        .flatten()
        .chain(&entry.controls)
        .chain(entry.effects.iter().flatten())
        .cloned()
        .collect(),
        outcome,
        core,
        controls,
        effects,
        weights: entry.weights.as_ref().map(|w| w.value.clone()),
        pooled_vcov: covariance(entry.pooled_vcov.as_ref(), &vcov, mistakes),
        vcov,
        convention: convention(entry.convention.as_ref(), "fixest", mistakes),
        constant: choice(entry.constant.as_ref(), "constant", CONSTANTS, mistakes),
    }
}

/// An effect as typed: a column that is no formula of effects itself is quoted where it must be.
pub(super) fn effect(typed: &str) -> String {
    if typed.chars().any(|c| "^[`".contains(c)) {
        typed.to_owned()
    } else {
        quote_name(typed)
    }
}

impl ModelPlan {
    /// A formula with this outcome, core variable, controls and effects.
    pub fn formula(&self, outcome: &str, core: &str, controls: &[String], effects: bool) -> String {
        let mut text = format!("{outcome} ~ {core}");
        for control in controls {
            text.push_str(" + ");
            text.push_str(control);
        }
        if effects && !self.effects.is_empty() {
            text.push_str(" | ");
            text.push_str(&self.effects.join(" + "));
        }
        text
    }

    /// The same model with other effects.
    pub(super) fn with_effects(&self, effects: &[String]) -> Self {
        Self {
            effects: effects.to_vec(),
            ..self.clone()
        }
    }

    /// A column of the main model with another outcome, core variable or set of regressors.
    pub(super) fn column(
        &self,
        text: &str,
        core: &str,
        span: Span,
        mistakes: &mut Mistakes,
    ) -> Option<ColumnPlan> {
        if self.outcome.is_empty() || self.core.is_empty() {
            return None;
        }
        let formula = single(text, span, None, mistakes)?;
        let with_effects = !formula.effects.is_empty();
        Some(ColumnPlan {
            heading: None,
            span,
            places: Vec::new(),
            vcov: if with_effects {
                &self.vcov
            } else {
                &self.pooled_vcov
            }
            .clone(),
            formula,
            estimator: None,
            convention: self.convention.clone(),
            constant: if with_effects {
                self.constant
            } else {
                ConstantRule::None
            },
            condition: None,
            core: core.to_owned(),
            variant: Variant::default(),
        })
    }

    /// The usual three columns: core variable, controls, effects.
    pub(super) fn usual(
        &self,
        outcome: &str,
        core: &str,
        span: Span,
        mistakes: &mut Mistakes,
    ) -> Vec<ColumnPlan> {
        let none: &[String] = &[];
        let mut steps = vec![(none, false)];
        if !self.controls.is_empty() {
            steps.push((&self.controls, false));
        }
        if !self.effects.is_empty() {
            steps.push((&self.controls, true));
        }
        steps
            .into_iter()
            .filter_map(|(controls, effects)| {
                self.column(
                    &self.formula(outcome, core, controls, effects),
                    core,
                    span,
                    mistakes,
                )
            })
            .collect()
    }

    /// The full model: controls and effects.
    pub(crate) fn full(&self, span: Span, mistakes: &mut Mistakes) -> Option<ColumnPlan> {
        let text = self.formula(&self.outcome, &self.core, &self.controls, true);
        self.column(&text, &self.core, span, mistakes)
    }

    /// A column as typed in a `baseline` table.
    pub(super) fn typed(
        &self,
        entry: &ColumnEntry,
        span: Span,
        mistakes: &mut Mistakes,
    ) -> Option<ColumnPlan> {
        let Some(typed) = &entry.formula else {
            mistakes.at(
                span,
                "a column has no formula",
                "add formula = \"y ~ x | unit + year\"",
            );
            return None;
        };
        let formula = single(typed, typed.span, Some(typed), mistakes)?;
        let with_effects = !formula.effects.is_empty();
        let default = if with_effects {
            &self.vcov
        } else {
            &self.pooled_vcov
        };
        let estimator = self.estimator(entry, mistakes);
        let constant = match &entry.constant {
            Some(_) => choice(entry.constant.as_ref(), "constant", CONSTANTS, mistakes),
            None if with_effects => self.constant,
            None => ConstantRule::None,
        };
        Some(ColumnPlan {
            heading: entry.heading.clone(),
            span: typed.span,
            places: [Some(typed), entry.vcov.as_ref(), entry.condition.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            core: core_of(&formula, &self.core),
            formula,
            estimator,
            vcov: covariance(entry.vcov.as_ref(), default, mistakes),
            convention: convention(entry.convention.as_ref(), &self.convention, mistakes),
            constant,
            condition: entry
                .condition
                .as_ref()
                .and_then(|typed| expression(typed, mistakes).map(|e| (e, typed.value.clone()))),
            variant: Variant::default(),
        })
    }

    /// A column with the estimator, covariance, convention, constant, rows and heading of an entry, where it says any.
    pub(super) fn overridden(
        &self,
        mut column: ColumnPlan,
        entry: &ColumnEntry,
        mistakes: &mut Mistakes,
    ) -> ColumnPlan {
        column.heading.clone_from(&entry.heading);
        column.places = [&entry.vcov, &entry.condition]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        column.estimator = self.estimator(entry, mistakes);
        column.vcov = covariance(entry.vcov.as_ref(), &column.vcov, mistakes);
        column.convention = convention(entry.convention.as_ref(), &column.convention, mistakes);
        if entry.constant.is_some() {
            column.constant = choice(entry.constant.as_ref(), "constant", CONSTANTS, mistakes);
        }
        column.condition = entry
            .condition
            .as_ref()
            .and_then(|typed| expression(typed, mistakes).map(|e| (e, typed.value.clone())));
        column
    }

    /// The estimator of an entry.
    fn estimator(&self, entry: &ColumnEntry, mistakes: &mut Mistakes) -> Option<Estimator> {
        let names = ESTIMATORS.iter().map(|e| e.name);
        let typed = entry.model.as_ref()?;
        let found = ESTIMATORS.iter().find(|e| e.name == typed.value);
        if found.is_none() {
            mistakes.at(
                typed.span,
                format!("there is no estimator `{}`", typed.value),
                advice(typed, names),
            );
        }
        if let (Some(row), Some(weights)) = (found, &self.weights)
            && !row.takes_weights
        {
            mistakes.at(
                typed.span,
                format!(
                    "`{}` takes no weights, and the model has `{weights}`",
                    typed.value
                ),
                "leave out the weights of [model], or this column",
            );
        }
        found.map(|e| e.estimator)
    }

    /// A robustness column.
    pub(super) fn variant(
        &self,
        entry: &VariantEntry,
        span: Span,
        variables: &[VariablePlan],
        mistakes: &mut Mistakes,
    ) -> Option<ColumnPlan> {
        let variant = Variant {
            replace: entry.replace.as_ref().map(|r| term(r, variables)),
            outcome: entry.outcome.as_ref().map(|o| term(o, variables)),
            lag: entry.lag.as_ref().map(|l| l.value),
            drop_units: entry.drop_units.clone().unwrap_or_default(),
            drop_periods: entry.drop_periods.clone().unwrap_or_default(),
            winsorise: entry
                .winsorise
                .as_ref()
                .and_then(|w| winsorise(w, mistakes)),
            drop_filled: entry.drop_filled,
            add: entry
                .add
                .iter()
                .flatten()
                .map(|a| term(a, variables))
                .collect(),
            vcov: entry.vcov.as_ref().map(|v| v.value.clone()),
            convention: entry.convention.as_ref().map(|c| c.value.clone()),
        };
        let outcome = variant.outcome.as_ref().unwrap_or(&self.outcome);
        let mut core = variant.replace.as_ref().unwrap_or(&self.core).clone();
        if let Some(lag) = variant.lag {
            core = format!("l({core},{lag})");
        }
        let mut controls = self.controls.clone();
        controls.extend(variant.add.iter().cloned());
        let place = [&entry.replace, &entry.outcome]
            .into_iter()
            .flatten()
            .next()
            .map_or(span, |t| t.span);
        let mut column = self.column(
            &self.formula(outcome, &core, &controls, true),
            &core,
            place,
            mistakes,
        )?;
        column.heading = entry.heading.clone();
        column.places = [&entry.replace, &entry.outcome, &entry.vcov]
            .into_iter()
            .flatten()
            .chain(entry.add.iter().flatten())
            .cloned()
            .collect();
        column.vcov = covariance(entry.vcov.as_ref(), &column.vcov, mistakes);
        column.convention = convention(entry.convention.as_ref(), &column.convention, mistakes);
        column.variant = variant;
        Some(column)
    }
}

/// The term of interest of a formula: the model's core variable where it occurs, else the first endogenous regressor,
/// else the first regressor.
fn core_of(formula: &Formula, core: &str) -> String {
    let endogenous = formula.instruments.iter().flat_map(|i| &i.endogenous);
    let mut names: Vec<&str> = endogenous
        .chain(&formula.regressors)
        .map(|t| t.name.as_str())
        .collect();
    names.sort_by_key(|name| *name != core);
    names
        .first()
        .map_or_else(String::new, |name| (*name).to_owned())
}

/// Exactly one formula out of a text.
fn single(
    text: &str,
    span: Span,
    typed: Option<&At<String>>,
    mistakes: &mut Mistakes,
) -> Option<Formula> {
    match parse_formula(text) {
        Ok(mut formulas) if formulas.len() == 1 => formulas.pop(),
        Ok(formulas) => {
            mistakes.at(
                span,
                format!("this formula stands for {} models", formulas.len()),
                "write one column for each",
            );
            None
        }
        Err(found) => {
            match typed {
                Some(at) => mistakes.nested(at.span, at, found),
                None => {
                    for mistake in found {
                        mistakes.at(
                            span,
                            format!("in `{text}`: {}", mistake.message),
                            mistake.hint.unwrap_or_default(),
                        );
                    }
                }
            }
            None
        }
    }
}
