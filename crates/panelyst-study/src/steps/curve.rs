//! Every combination of a specification curve, estimated.

use super::estimates::{Data, plain_request};
use super::{groups, variables};
use crate::error::Error;
use crate::plan::{
    Choice, ChoiceKind, Chosen, ColumnPlan, CurvePlan, Study, VariablePlan, VariableRule,
};
use arrow_array::RecordBatch;
use panelyst_lang::ticked;
use panelyst_model::{Fit, Model, Request};
use panelyst_report::Lang;
use panelyst_report::builders::{dropped_words, error_words};
use panelyst_report::curve::{CurveChoice, Specification, SpecificationCurve};
use std::collections::BTreeMap;

/// The data of a combination of choices that change columns; or why there are none.
type Columns = Result<RecordBatch, String>;

/// A model of a combination, whatever its data; or why it makes none.
type Asked = Result<(ColumnPlan, Request), String>;

/// Estimates every combination; one that has no estimate is a row with its reason.
///
/// A choice of the data that a model does not depend on makes no further specification of it. Models that differ in
/// outcome, core variable or controls only are estimated together on the same data, so that they share their sample, effects
/// and cross-products.
///
/// # Errors
/// No combination with an estimate: the reason of the first; [`Error::Interrupted`] where the caller stops the run.
pub fn curve(
    study: &Study,
    data: &Data,
    plan: &CurvePlan,
    place: &str,
) -> Result<SpecificationCurve, Error> {
    let (of_data, of_model): (Vec<&Choice>, Vec<&Choice>) =
        plan.choices.iter().partition(|c| c.kind.of_data());
    let joined = |c: &&&Choice| {
        matches!(
            c.kind,
            ChoiceKind::Outcome | ChoiceKind::Core | ChoiceKind::Controls
        )
    };
    // Those that models of a family differ in stand last.
    let families = of_model.len() - of_model.iter().rev().take_while(joined).count();
    let none = vec![None; of_data.len()];
    let mut made: BTreeMap<Vec<Option<usize>>, Columns> = BTreeMap::new();
    let mut rows: Vec<Specification> = Vec::new();
    for outer in combinations(&of_model[..families]) {
        let mut models: Vec<(Vec<Option<usize>>, Asked)> = Vec::new();
        let mut by_data: BTreeMap<Vec<Option<usize>>, Vec<usize>> = BTreeMap::new();
        for inner in combinations(&of_model[families..]) {
            data.stop.check()?;
            let options = [outer.as_slice(), &inner].concat();
            let asked = asked(study, data, plan, (of_data.len(), &options));
            let changed = match &asked {
                Ok((column, _)) => changes(study, &of_data, column),
                Err(_) => vec![none.clone()],
            };
            for options in changed {
                by_data.entry(options).or_default().push(models.len());
            }
            models.push((options.into_iter().map(Some).collect(), asked));
        }
        for (changed, places) in by_data {
            let batch = made
                .entry(changed.clone())
                .or_insert_with(|| columns(study, data, &of_data, &changed));
            rows.extend(estimated(
                batch,
                &changed,
                &models,
                &places,
                (data, study.settings.lang),
            ));
            data.stop.check()?;
        }
    }
    if rows.iter().all(|row| row.estimate.is_none()) {
        let why = rows.iter().find_map(|row| row.reason.clone());
        return Err(Error::step(
            place,
            format!(
                "none of the {} specifications can be estimated; the first: {}",
                rows.len(),
                why.unwrap_or_default()
            ),
        ));
    }
    let described = plan.choices.iter().map(|choice| {
        let (key, variable) = choice.kind.key();
        let options = choice.options.iter();
        CurveChoice {
            choice: key.to_owned(),
            variable: variable.map(str::to_owned),
            options: options.map(|(name, _)| name.clone()).collect(),
            baseline: choice.own,
        }
    });
    Ok(SpecificationCurve::new(described.collect(), rows))
}

/// The combinations of choices of the data that a column depends on.
fn changes(study: &Study, choices: &[&Choice], column: &ColumnPlan) -> Vec<Vec<Option<usize>>> {
    if choices.is_empty() {
        return vec![Vec::new()];
    }
    let behind = behind(study, choices, column);
    let mut list = vec![Vec::new()];
    for choice in choices {
        let (_, variable) = choice.kind.key();
        let plays = variable.is_some_and(|name| behind.iter().any(|known| known == name));
        let options: Vec<Option<usize>> = if plays {
            (0..choice.options.len()).map(Some).collect()
        } else {
            vec![None]
        };
        list = longer(list, &options);
    }
    list
}

/// Each list with each further value.
fn longer<T: Clone>(lists: Vec<Vec<T>>, values: &[T]) -> Vec<Vec<T>> {
    let mut all = Vec::with_capacity(lists.len() * values.len());
    for list in lists {
        for value in values {
            let mut next = list.clone();
            next.push(value.clone());
            all.push(next);
        }
    }
    all
}

/// Names that a column looks at, and those that they are made from under any option.
fn behind(study: &Study, choices: &[&Choice], column: &ColumnPlan) -> Vec<String> {
    let mut names = column.formula.columns();
    names.extend(column.condition.iter().flat_map(|(expr, _)| expr.columns()));
    names.extend(column.vcov.columns().into_iter().map(str::to_owned));
    names.extend(study.model.weights.clone());
    let mut next = 0;
    while next < names.len() {
        let name = names[next].clone();
        next += 1;
        let mut more = study
            .variable(&name)
            .map_or_else(Vec::new, VariablePlan::needs);
        for choice in choices {
            if choice.kind.key().1 != Some(name.as_str()) {
                continue;
            }
            for (_, chosen) in &choice.options {
                if let Chosen::Formula(expr, _) = chosen {
                    more.extend(expr.columns());
                }
            }
        }
        for name in more {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// All combinations of options, the last choice fastest.
fn combinations(choices: &[&Choice]) -> Vec<Vec<usize>> {
    let options = choices.iter().map(|c| (0..c.options.len()).collect());
    options.fold(vec![Vec::new()], |lists, next: Vec<usize>| {
        longer(lists, &next)
    })
}

/// The columns of the study where variables are made as chosen; as they are for choices without an option.
fn columns(study: &Study, data: &Data, choices: &[&Choice], options: &[Option<usize>]) -> Columns {
    let own =
        |(choice, option): (&&Choice, &Option<usize>)| option.is_none() || choice.own == *option;
    if choices.iter().zip(options).all(own) {
        return Ok(data.batch.clone());
    }
    let mut other = study.clone();
    for (choice, option) in choices.iter().zip(options) {
        let (Some(option), (_, Some(name))) = (option, choice.kind.key()) else {
            continue;
        };
        let Some(variable) = other.variables.iter_mut().find(|v| v.name == name) else {
            continue;
        };
        match &choice.options[*option].1 {
            Chosen::Fill(fill) => variable.fill = *fill,
            Chosen::Formula(expr, text) => {
                variable.rule = VariableRule::Formula(expr.clone(), text.clone());
            }
            _ => {}
        }
    }
    let built = variables::build(&other, data.joined.clone(), &data.loaded).map_err(reason)?;
    let (batch, _) = groups::assign(&other, &built.panel, data.names.as_ref()).map_err(reason)?;
    Ok(batch)
}

/// An error as the reason of a row: one line.
fn reason(error: Error) -> String {
    match error {
        Error::Mistakes(found) => {
            let all: Vec<String> = found.list.iter().map(|m| m.message.clone()).collect();
            all.join("; ")
        }
        other => other.to_string(),
    }
}

/// The rows of models on the same data.
fn estimated(
    batch: &Columns,
    changed: &[Option<usize>],
    models: &[(Vec<Option<usize>>, Asked)],
    places: &[usize],
    (data, lang): (&Data, Lang),
) -> Vec<Specification> {
    let fits = match batch {
        Err(_) => Vec::new(),
        Ok(batch) => {
            let asked = places
                .iter()
                .filter_map(|&place| models[place].1.as_ref().ok());
            let models: Vec<Model<'_>> = asked
                .map(|(column, request)| Model {
                    formula: &column.formula,
                    request,
                })
                .collect();
            data.fit_models(batch, &models)
        }
    };
    let mut fits = fits.into_iter();
    let mut rows = Vec::with_capacity(places.len());
    for &place in places {
        let (options, asked) = &models[place];
        let options = [changed, options].concat();
        let row = match (batch, asked) {
            (_, Err(why)) | (Err(why), _) => Err(why.clone()),
            (_, Ok((column, _))) => match fits.next() {
                Some(Ok(fit)) => row(&options, column, &fit, lang),
                Some(Err(error)) => Err(error_words(&error, lang)),
                None => Err("the formula gave no model".to_owned()),
            },
        };
        rows.push(row.unwrap_or_else(|why| Specification::refused(options, why)));
    }
    rows
}

/// The column and the request of a combination of choices of the model, of which `before` choices of the data stand first.
fn asked(
    study: &Study,
    data: &Data,
    plan: &CurvePlan,
    (before, options): (usize, &[usize]),
) -> Asked {
    let mut all = vec![0; before];
    all.extend(options);
    let of = |kind: &ChoiceKind| {
        let found = plan.choices.iter().zip(&all).find(|(c, _)| c.kind == *kind);
        found.map(|(choice, &option)| &choice.options[option].1)
    };
    if let (Some(Chosen::Name(core)), Some(Chosen::Terms(controls))) =
        (of(&ChoiceKind::Core), of(&ChoiceKind::Controls))
        && controls.contains(core)
    {
        let core = ticked(core);
        return Err(match study.settings.lang {
            Lang::En => format!("{core} is the core variable and a control"),
            Lang::Zh => format!("{core}既是核心变量又是控制变量"),
        });
    }
    let mut mistakes = study.mistakes();
    let column = plan.column(&study.model, &all, &mut mistakes);
    let column = match (column, mistakes.finish()) {
        (Some(column), Ok(())) => column,
        (_, Err(found)) => return Err(reason(found.into())),
        (None, Ok(())) => return Err("the formula gave no model".to_owned()),
    };
    let (request, _) = plain_request(study, data, &column, None).map_err(reason)?;
    Ok((column, request))
}

/// The row of an estimated model: the coefficient of its core variable.
fn row(
    options: &[Option<usize>],
    column: &ColumnPlan,
    fit: &Fit,
    lang: Lang,
) -> Result<Specification, String> {
    let term = column.formula.regressors.first().map_or("", |t| &t.name);
    let Some(found) = fit.coefficient(term) else {
        let dropped = fit.notes.iter().find(|note| note.kind == "collinear");
        let why = dropped.map(|note| dropped_words(&note.text, lang));
        return Err(match (why, lang) {
            (Some(why), Lang::En) => format!("{} has no coefficient: {why}", ticked(term)),
            (Some(why), Lang::Zh) => format!("{}没有系数：{why}", ticked(term)),
            (None, Lang::En) => format!("{} has no coefficient", ticked(term)),
            (None, Lang::Zh) => format!("{}没有系数", ticked(term)),
        });
    };
    Ok(Specification {
        options: options.to_vec(),
        formula: fit.formula.clone(),
        term: term.to_owned(),
        estimate: Some(found.estimate),
        std_error: Some(found.std_error),
        statistic: Some(found.statistic),
        p_value: Some(found.p_value),
        ci_low: Some(found.ci_low),
        ci_high: Some(found.ci_high),
        nobs: Some(fit.nobs),
        reason: None,
        baseline: false,
        rank: 0,
    })
}
