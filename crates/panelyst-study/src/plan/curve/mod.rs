//! A specification curve as meant: choices with their options, checked, and the column of each combination.

mod columns;

use super::models::{ColumnPlan, ModelPlan, convention, covariance, effect, term};
use super::series::{VariablePlan, expression};
use crate::check::Mistakes;
use crate::file::At;
use crate::file::choices::{ChoicesEntry, Sets, Words};
use crate::file::entries::TableEntry;
use panelyst_data::transforms::Fill;
use panelyst_lang::{Expr, Span, ticked};
use panelyst_model::{ConstantRule, Vcov};

/// Specifications that are run where the study sets no limit.
const LIMIT: usize = 10_000;

/// The highest limit that a study may set.
const HIGHEST_LIMIT: usize = 100_000;

/// What a specification curve varies.
#[derive(Clone, Debug)]
pub struct CurvePlan {
    /// Choices of the data first, then those of the model; each with at least one option.
    pub choices: Vec<Choice>,
    /// One column for each option, the other choices at their first: what is checked before anything runs.
    pub singles: Vec<ColumnPlan>,
    /// Where the entry stands.
    pub span: Span,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is chosen.
    pub kind: ChoiceKind,
    /// The options, in words as typed, and as meant.
    pub options: Vec<(String, Chosen)>,
    /// The option that the full model of the study has.
    pub own: Option<usize>,
}

/// What is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceKind {
    /// How a variable's gaps are filled.
    Fill(String),
    /// The base of the logarithms in a variable's formula.
    LogBase(String),
    /// The formula of a variable.
    Formula(String),
    /// Rows.
    Sample,
    /// Absorbed effects.
    Effects,
    /// Covariance.
    Vcov,
    /// Convention.
    Convention,
    /// Left-hand side.
    Outcome,
    /// The variable of interest.
    Core,
    /// Controls.
    Controls,
}

impl ChoiceKind {
    /// Its key in the study file, and the variable it concerns.
    pub fn key(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Fill(name) => ("fill", Some(name)),
            Self::LogBase(name) => ("log-base", Some(name)),
            Self::Formula(name) => ("formula", Some(name)),
            Self::Sample => ("where", None),
            Self::Effects => ("effects", None),
            Self::Vcov => ("vcov", None),
            Self::Convention => ("conventions", None),
            Self::Outcome => ("outcome", None),
            Self::Core => ("core", None),
            Self::Controls => ("controls", None),
        }
    }

    /// Whether it changes the data rather than the model.
    pub fn of_data(&self) -> bool {
        matches!(self, Self::Fill(_) | Self::LogBase(_) | Self::Formula(_))
    }
}

/// An option as meant.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// Rule for gaps.
    Fill(Option<Fill>),
    /// Another formula, with its text.
    Formula(Expr, At<String>),
    /// All rows, or those of a condition with its text.
    Sample(Option<(Expr, String)>),
    /// Effects, or controls.
    Terms(Vec<String>),
    /// Covariance; that of the model when `None`.
    Vcov(Option<Vcov>),
    /// Convention, outcome or core variable.
    Name(String),
}

impl CurvePlan {
    /// The column of a combination: an option for each choice (those of the data play no part in it); nothing where its
    /// formula cannot be read.
    pub fn column(
        &self,
        model: &ModelPlan,
        options: &[usize],
        mistakes: &mut Mistakes,
    ) -> Option<ColumnPlan> {
        let mut model = model.clone();
        let mut condition = None;
        for (choice, &option) in self.choices.iter().zip(options) {
            match (&choice.kind, &choice.options[option].1) {
                (ChoiceKind::Sample, Chosen::Sample(found)) => condition.clone_from(found),
                (ChoiceKind::Effects, Chosen::Terms(effects)) => {
                    model = model.with_effects(effects);
                }
                (ChoiceKind::Vcov, Chosen::Vcov(Some(vcov))) => {
                    model.vcov = vcov.clone();
                    model.pooled_vcov = vcov.clone();
                }
                (ChoiceKind::Convention, Chosen::Name(name)) => model.convention.clone_from(name),
                (ChoiceKind::Outcome, Chosen::Name(name)) => model.outcome.clone_from(name),
                (ChoiceKind::Core, Chosen::Name(name)) => model.core.clone_from(name),
                (ChoiceKind::Controls, Chosen::Terms(controls)) => {
                    model.controls.clone_from(controls);
                }
                _ => {}
            }
        }
        let mut column = model.full(self.span, mistakes)?;
        // The slopes do not depend on how a constant beside effects is reported.
        column.constant = ConstantRule::None;
        column.condition = condition;
        Some(column)
    }
}

/// Reads the options of a choice; `own` says which of them is that of the full model.
struct Reader<'a> {
    choices: Vec<Choice>,
    places: Vec<At<String>>,
    mistakes: &'a mut Mistakes,
}

impl Reader<'_> {
    /// One choice of single words, without those that leave a mistake; without any typed, the option `own` alone.
    fn words(
        &mut self,
        kind: ChoiceKind,
        typed: Option<&Words>,
        own: (String, Chosen),
        mut mean: impl FnMut(&At<String>, &mut Mistakes) -> Option<(String, Chosen)>,
    ) {
        let Some(typed) = typed else {
            self.push(kind, vec![own], Some(0));
            return;
        };
        let mut options: Vec<(String, Chosen)> = Vec::new();
        let mut place = None;
        for word in &typed.value {
            self.places.push(word.clone());
            let before = self.mistakes.list.len();
            let option = mean(word, self.mistakes);
            if let Some(option) = option
                && self.mistakes.list.len() == before
            {
                self.add(&mut options, option, word.span);
            }
        }
        if let Some(found) = options.iter().position(|option| same(option, &own)) {
            place = Some(found);
        }
        self.none(kind.key().0, typed.value.is_empty(), typed.span);
        self.push(kind, options, place);
    }

    /// One choice of sets of terms.
    fn sets(
        &mut self,
        kind: ChoiceKind,
        typed: Option<&Sets>,
        own: &[String],
        mean: impl Fn(&str) -> String,
    ) {
        let Some(typed) = typed else {
            self.push(kind, vec![set(own.to_vec())], Some(0));
            return;
        };
        let mut options = Vec::new();
        for list in &typed.value {
            self.places.extend(list.iter().cloned());
            let mut terms: Vec<String> = Vec::new();
            for word in &list.value {
                let term = mean(word);
                if terms.contains(&term) {
                    self.twice(&term, word.span);
                } else {
                    terms.push(term);
                }
            }
            self.add(&mut options, set(terms), list.span);
        }
        let place = options.iter().position(|(_, c)| same_set(c, own));
        self.none(kind.key().0, typed.value.is_empty(), typed.span);
        self.push(kind, options, place);
    }

    fn add(&mut self, options: &mut Vec<(String, Chosen)>, option: (String, Chosen), span: Span) {
        if options.iter().any(|known| same(known, &option)) {
            self.twice(&option.0, span);
        } else {
            options.push(option);
        }
    }

    fn twice(&mut self, name: &str, span: Span) {
        let what = if name.is_empty() { "nothing" } else { name };
        let message = format!("{} is chosen twice", ticked(what));
        self.mistakes.at(span, message, "leave one out");
    }

    fn none(&mut self, key: &str, empty: bool, span: Span) {
        if empty {
            self.mistakes.at(
                span,
                format!("`{key}` offers nothing to choose from"),
                "leave it out for what the full model has",
            );
        }
    }

    fn push(&mut self, kind: ChoiceKind, options: Vec<(String, Chosen)>, own: Option<usize>) {
        if !options.is_empty() {
            self.choices.push(Choice { kind, options, own });
        }
    }
}

/// A set of terms with its name.
fn set(terms: Vec<String>) -> (String, Chosen) {
    (terms.join(" + "), Chosen::Terms(terms))
}

/// Whether two options of a choice are the same.
fn same((name, chosen): &(String, Chosen), (other, meant): &(String, Chosen)) -> bool {
    match (chosen, meant) {
        (Chosen::Terms(_), Chosen::Terms(terms)) => same_set(chosen, terms),
        (Chosen::Sample(Some((a, _))), Chosen::Sample(Some((b, _))))
        | (Chosen::Formula(a, _), Chosen::Formula(b, _)) => a.to_string() == b.to_string(),
        _ => name == other,
    }
}

fn same_set(chosen: &Chosen, terms: &[String]) -> bool {
    matches!(chosen, Chosen::Terms(own) if own.len() == terms.len() && own.iter().all(|t| terms.contains(t)))
}

pub(super) fn curve(
    entry: &At<TableEntry>,
    model: &ModelPlan,
    variables: &[VariablePlan],
    mistakes: &mut Mistakes,
) -> Option<CurvePlan> {
    let Some(typed) = &entry.choices else {
        mistakes.at(
            entry.span,
            "a specification curve needs [table.choices]",
            "for example subsets-of = [\"a\", \"b\"] or where = [\"\", \"year > 2005\"]",
        );
        return None;
    };
    let before = mistakes.list.len();
    let controls = controls(typed, model, variables, mistakes)?;
    let mut reader = Reader {
        choices: Vec::new(),
        places: Vec::new(),
        mistakes,
    };
    columns::choices(typed, variables, &mut reader);
    let all = (String::new(), Chosen::Sample(None));
    reader.words(
        ChoiceKind::Sample,
        typed.conditions.as_ref(),
        all,
        |word, mistakes| {
            if word.trim().is_empty() {
                return Some((String::new(), Chosen::Sample(None)));
            }
            let expr = expression(word, mistakes)?;
            let text = word.value.clone();
            Some((text.clone(), Chosen::Sample(Some((expr, text)))))
        },
    );
    reader.sets(
        ChoiceKind::Effects,
        typed.effects.as_ref(),
        &model.effects,
        effect,
    );
    vcov(typed, model, &mut reader);
    let own = (
        model.convention.clone(),
        Chosen::Name(model.convention.clone()),
    );
    reader.words(
        ChoiceKind::Convention,
        typed.conventions.as_ref(),
        own,
        |word, mistakes| {
            let name = convention(Some(word), &model.convention, mistakes);
            Some((name.clone(), Chosen::Name(name)))
        },
    );
    for (kind, typed, own) in [
        (ChoiceKind::Outcome, &typed.outcome, &model.outcome),
        (ChoiceKind::Core, &typed.core, &model.core),
    ] {
        let own = (own.clone(), Chosen::Name(own.clone()));
        reader.words(kind, typed.as_ref(), own, |word, _| {
            let name = term(word, variables);
            Some((name.clone(), Chosen::Name(name)))
        });
    }
    reader.places.extend(
        typed
            .controls
            .iter()
            .flat_map(|sets| sets.iter().flat_map(|set| set.iter()))
            .chain(typed.subsets_of.iter().flat_map(|list| list.iter()))
            .cloned(),
    );
    reader.choices.push(controls);
    let (choices, places) = (reader.choices, reader.places);
    within_limit(typed, entry.span, &choices, mistakes)?;
    let mut plan = CurvePlan {
        choices,
        singles: Vec::new(),
        span: entry.span,
    };
    let own: Vec<usize> = plan.choices.iter().map(|c| c.own.unwrap_or(0)).collect();
    for choice in 0..plan.choices.len() {
        for option in 0..plan.choices[choice].options.len() {
            let mut options = own.clone();
            options[choice] = option;
            let mut column = plan.column(model, &options, mistakes)?;
            column.places.clone_from(&places);
            plan.singles.push(column);
        }
    }
    (mistakes.list.len() == before).then_some(plan)
}

/// Number of combinations within the limit.
fn within_limit(
    typed: &ChoicesEntry,
    span: Span,
    choices: &[Choice],
    mistakes: &mut Mistakes,
) -> Option<()> {
    let limit = typed.limit.as_ref().map_or(LIMIT, |limit| limit.value);
    if let Some(asked) = typed.limit.as_ref().filter(|l| l.value > HIGHEST_LIMIT) {
        mistakes.at(
            asked.span,
            format!("the limit can be at most {HIGHEST_LIMIT} specifications"),
            "split the choices into several tables",
        );
        return None;
    }
    let count = choices
        .iter()
        .try_fold(1_usize, |product, c| product.checked_mul(c.options.len()));
    if count.is_some_and(|count| count <= limit) {
        return Some(());
    }
    let sizes: Vec<String> = choices
        .iter()
        .filter(|c| c.options.len() > 1)
        .map(|c| format!("{} {}", c.options.len(), c.kind.key().0))
        .collect();
    let count = count.map_or_else(|| "too many".to_owned(), |count| count.to_string());
    mistakes.at(
        typed.limit.as_ref().map_or(span, |l| l.span),
        format!(
            "the choices make {count} specifications ({}), and the limit is {limit}",
            sizes.join(" x ")
        ),
        format!(
            "leave out options, or set a higher `limit` in [table.choices] (at most {HIGHEST_LIMIT})"
        ),
    );
    None
}

/// Covariances; without any typed, that of the model, which differs between columns with and without effects.
fn vcov(typed: &ChoicesEntry, model: &ModelPlan, reader: &mut Reader<'_>) {
    let own = match &typed.vcov {
        None => (String::new(), Chosen::Vcov(None)),
        Some(_) => (model.vcov.to_string(), Chosen::Vcov(None)),
    };
    reader.words(
        ChoiceKind::Vcov,
        typed.vcov.as_ref(),
        own,
        |word, mistakes| {
            let vcov = covariance(Some(word), &model.vcov, mistakes);
            Some((vcov.to_string(), Chosen::Vcov(Some(vcov))))
        },
    );
}

/// Sets of controls: as typed, and with every subset of others.
fn controls(
    typed: &ChoicesEntry,
    model: &ModelPlan,
    variables: &[VariablePlan],
    mistakes: &mut Mistakes,
) -> Option<Choice> {
    let own = match (&typed.controls, &typed.subsets_of) {
        (None, Some(_)) => &[],
        _ => model.controls.as_slice(),
    };
    let mut reader = Reader {
        choices: Vec::new(),
        places: Vec::new(),
        mistakes,
    };
    reader.sets(ChoiceKind::Controls, typed.controls.as_ref(), own, |word| {
        term(word, variables)
    });
    let mut choice = reader.choices.pop()?;
    let Some(list) = &typed.subsets_of else {
        return Some(choice);
    };
    reader.none("subsets-of", list.value.is_empty(), list.span);
    let cores: Vec<String> = match &typed.core {
        Some(cores) => cores.iter().map(|core| term(core, variables)).collect(),
        None => vec![model.core.clone()],
    };
    let mut varied: Vec<String> = Vec::new();
    for word in &list.value {
        let name = term(word, variables);
        let always = choice
            .options
            .iter()
            .any(|(_, c)| matches!(c, Chosen::Terms(terms) if terms.contains(&name)));
        if varied.contains(&name) {
            reader.twice(&name, word.span);
        } else if cores.iter().all(|core| *core == name) {
            reader.mistakes.at(
                word.span,
                format!("{} is the core variable and in `subsets-of`", ticked(&name)),
                "a variable of interest is in every specification: leave it out here",
            );
        } else if always {
            reader.mistakes.at(
                word.span,
                format!("{} is in `controls` and in `subsets-of`", ticked(&name)),
                "keep it in one of them",
            );
        } else {
            varied.push(name);
        }
    }
    // More subsets than any limit are not written down.
    if varied.len() >= HIGHEST_LIMIT.ilog2() as usize {
        reader.mistakes.at(
            list.span,
            format!(
                "{} controls have 2^{} subsets, and at most {HIGHEST_LIMIT} specifications are run",
                varied.len(),
                varied.len()
            ),
            "put those that are never left out into `controls`",
        );
        return None;
    }
    let mut options = Vec::new();
    for (_, base) in &choice.options {
        let Chosen::Terms(base) = base else { continue };
        for subset in 0..1_usize << varied.len() {
            let chosen = varied.iter().enumerate();
            let chosen = chosen.filter(|(place, _)| subset >> place & 1 == 1);
            let terms = base.iter().cloned().chain(chosen.map(|(_, t)| t.clone()));
            options.push(set(terms.collect()));
        }
    }
    choice.own = options
        .iter()
        .position(|(_, chosen)| same_set(chosen, &model.controls));
    choice.options = options;
    Some(choice)
}
