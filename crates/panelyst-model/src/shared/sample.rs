//! Which models have the same sample.

use super::Model;
use crate::design::design;
use crate::request::{Request, Vcov};
use crate::results::Sample;
use crate::{Error, Estimator};
use arrow_array::RecordBatch;
use panelyst_lang::ast::{ExprKind, Factor, Formula, Term};
use panelyst_lang::{Expr, Span};

/// Terms of a model among the regressors of a union: its outcome (none for that of the formula), then its regressors.
pub(super) type Terms = (Option<usize>, Vec<usize>);

/// A formula with the regressors of several, each once, and outcomes after the first as further regressors; and the
/// terms of each model.
pub(super) struct Union {
    pub(super) formula: Formula,
    pub(super) terms: Vec<Terms>,
}

impl Union {
    pub(super) fn new(models: &[Model<'_>], places: &[usize]) -> Self {
        let first = models[places[0]].formula;
        let mut formula = first.clone();
        let mut terms = Vec::with_capacity(places.len());
        formula.regressors.clear();
        for &place in places {
            let own = &models[place].formula.regressors;
            let own = own.iter().map(|term| place_of(&mut formula, term));
            terms.push((None, own.collect()));
        }
        for (&place, (outcome, _)) in places.iter().zip(&mut terms) {
            let own = &models[place].formula.outcome;
            if own.to_string() != first.outcome.to_string() {
                *outcome = Some(place_of(&mut formula, &as_term(own)));
            }
        }
        Self { formula, terms }
    }
}

/// The place of a term among the regressors, where it is added if it is new.
fn place_of(formula: &mut Formula, term: &Term) -> usize {
    let known = formula.regressors.iter().position(|t| t.name == term.name);
    known.unwrap_or_else(|| {
        formula.regressors.push(term.clone());
        formula.regressors.len() - 1
    })
}

fn as_term(expr: &Expr) -> Term {
    Term {
        name: expr.to_string(),
        factors: vec![Factor::Expr(expr.clone())],
        span: Span::default(),
    }
}

/// Whether rows were lost for more than the condition, weights of zero and singletons, so that a variable may be missing.
pub(super) fn may_lack_values(sample: &Sample, request: &Request) -> bool {
    let weight = request.weights.as_ref().map(|w| format!("weight {w} zero"));
    sample.dropped.iter().any(|lost| {
        !["condition", "missing in the condition", "singleton"].contains(&lost.reason.as_str())
            && Some(&lost.reason) != weight.as_ref()
    })
}

/// Models by the variables for which they lose rows: the same ones in the same order give the same sample and counts.
///
/// # Errors
/// A variable that has no value where it must have one, or that does not exist.
pub(super) fn by_lost_rows(
    batch: &RecordBatch,
    models: &[Model<'_>],
    places: &[usize],
) -> Result<Vec<Vec<usize>>, Error> {
    let mut known: Vec<(String, bool)> = Vec::new();
    let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for &place in places {
        let Model { formula, request } = models[place];
        let outcome = as_term(&formula.outcome);
        let mut key = Vec::new();
        for (position, term) in std::iter::once(&outcome)
            .chain(&formula.regressors)
            .enumerate()
        {
            let lacks = match known.iter().find(|(name, _)| *name == term.name) {
                Some((_, lacks)) => *lacks,
                None => {
                    let lacks = lacks_values(batch, term, request)?;
                    known.push((term.name.clone(), lacks));
                    lacks
                }
            };
            if lacks {
                let role = if position == 0 {
                    "outcome"
                } else {
                    "regressor"
                };
                key.push(format!("{role} {}", term.name));
            }
        }
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(place),
            None => groups.push((key, vec![place])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// Whether rows are lost for a term.
fn lacks_values(batch: &RecordBatch, term: &Term, request: &Request) -> Result<bool, Error> {
    let formula = Formula {
        text: term.name.clone(),
        outcome: Expr {
            kind: ExprKind::Number(1.0),
            span: Span::default(),
        },
        outcome_name: "1".to_owned(),
        regressors: vec![term.clone()],
        constant: true,
        effects: Vec::new(),
        instruments: None,
    };
    let request = Request {
        formulas: Vec::new(),
        estimator: Some(Estimator::Pooled),
        vcov: Vcov::Iid,
        weights: None,
        ..request.clone()
    };
    let sample = design(batch, &formula, &request)?.sample;
    Ok(may_lack_values(&sample, &request))
}
