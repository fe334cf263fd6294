//! What a streamed estimation evaluates, and what it refuses.

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use panelyst_lang::Expr;
use panelyst_lang::ast::{EffectTerm, Factor, Formula};

use super::BatchSource;
use super::batch::{Losses, Sample};
use crate::Error;
use crate::conventions::{self, Convention};
use crate::covariance::{cluster_columns, robust_unit};
use crate::error::first_names;
use crate::estimators::{self, EstimatorRow};
use crate::request::{ConstantRule, Estimator, Invalid, Request, Vcov};
use crate::results::Note;

/// One regression as expressions over the columns of a source.
pub(super) struct Plan<'a> {
    pub formula: &'a Formula,
    pub estimator: &'static EstimatorRow,
    pub convention: &'static Convention,
    pub vcov: &'a Vcov,
    pub invalid: Invalid,
    pub condition: Option<&'a Expr>,
    pub weights: Option<&'a str>,
    /// Factors of each regressor.
    pub regressors: Vec<Vec<&'a Expr>>,
    /// Names of the regressors.
    pub names: Vec<String>,
    pub effects: Vec<EffectTerm>,
    /// Names of the cluster variables.
    pub clusters: Vec<String>,
    /// Lists of key columns, each once: those of effects, of clusters, of combinations of clusters.
    pub groupings: Vec<Vec<String>>,
    /// The grouping of each effect.
    pub effect_groups: Vec<usize>,
    /// The grouping of each cluster variable.
    pub cluster_groups: Vec<usize>,
    /// The grouping of two cluster variables together.
    pub crossed: Option<usize>,
    /// All columns whose distinct values matter, each once.
    pub keys: Vec<String>,
    pub unit_effect: Option<usize>,
    pub notes: Vec<Note>,
}

impl<'a> Plan<'a> {
    pub fn new(
        source: &dyn BatchSource,
        formula: &'a Formula,
        request: &'a Request,
    ) -> Result<Self, Error> {
        let convention = conventions::by_name(&request.convention)?;
        let (estimator, implied) = estimators::choose(formula, request)?;
        refuse(formula, request, estimator)?;
        let mut notes = Vec::new();
        let effects = estimators::with_implied(formula, implied, &mut notes);
        let mut regressors = Vec::new();
        let mut names = Vec::new();
        for term in &formula.regressors {
            let mut factors = Vec::new();
            for factor in &term.factors {
                match factor {
                    Factor::Expr(expr) => factors.push(expr),
                    Factor::Levels { column, .. } => {
                        return Err(refused(
                            &format!("indicators of {column}"),
                            "absorb them as an effect after `|`",
                        ));
                    }
                }
            }
            names.push(match factors.as_slice() {
                [_] => term.name.clone(),
                several => several
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(":"),
            });
            regressors.push(factors);
        }
        let schema = source.schema();
        let is_column = |name: &str| schema.index_of(name).is_ok();
        let mut groupings: Vec<Vec<String>> = Vec::new();
        let mut place = |columns: Vec<String>| {
            groupings
                .iter()
                .position(|known| *known == columns)
                .unwrap_or_else(|| {
                    groupings.push(columns);
                    groupings.len() - 1
                })
        };
        let effect_groups = effects.iter().map(|e| place(e.columns.clone())).collect();
        let unit = robust_unit(request.panel.as_ref(), estimator, &effects);
        let clusters = cluster_columns(&request.vcov, convention, unit.as_deref());
        let lists: Vec<Vec<String>> = clusters
            .iter()
            .map(|name| match name.split_once('^') {
                Some(_) if !is_column(name) => {
                    name.split('^').map(|part| part.trim().into()).collect()
                }
                _ => vec![name.clone()],
            })
            .collect();
        let cluster_groups = lists.iter().map(|list| place(list.clone())).collect();
        let crossed = match lists.as_slice() {
            [_] | [] => None,
            several => Some(place(several.concat())),
        };
        let mut keys: Vec<String> = Vec::new();
        for (list, role) in effects
            .iter()
            .map(|e| (&e.columns, "effect"))
            .chain(lists.iter().map(|list| (list, "cluster variable")))
        {
            for name in list {
                if !is_column(name) {
                    let names = schema.fields().iter().map(|f| f.name().as_str());
                    return Err(Error::UnknownColumn {
                        role,
                        name: name.clone(),
                        known: format!("; columns: {}", first_names(names)),
                    });
                }
                if !keys.contains(name) {
                    keys.push(name.clone());
                }
            }
        }
        if let Some(name) = &request.weights {
            match schema.field_with_name(name) {
                Err(_) => {
                    let names = schema.fields().iter().map(|f| f.name().as_str());
                    return Err(Error::UnknownColumn {
                        role: "weight",
                        name: name.clone(),
                        known: format!("; columns: {}", first_names(names)),
                    });
                }
                Ok(field) if *field.data_type() == DataType::Utf8 => {
                    return Err(Error::ColumnType {
                        role: "weight",
                        name: name.clone(),
                        problem: "is text; it must be a number".to_owned(),
                    });
                }
                Ok(_) => {}
            }
        }
        let unit_effect = effects.iter().position(|effect| match &request.panel {
            Some(panel) => effect.columns.len() == 1 && effect.columns[0] == panel.unit,
            None => true,
        });
        let plan = Self {
            formula,
            estimator,
            convention,
            vcov: &request.vcov,
            invalid: request.invalid,
            condition: request.condition.as_ref(),
            weights: request.weights.as_deref(),
            regressors,
            names,
            effects,
            clusters,
            groupings,
            effect_groups,
            cluster_groups,
            crossed,
            keys,
            unit_effect,
            notes,
        };
        // Without a row: whatever names no column, or is text where it must be a number, is told before anything is read.
        let none = RecordBatch::new_empty(schema);
        Sample::new(&none, 0).numbers(&plan, &[], &mut Losses::new())?;
        Ok(plan)
    }

    /// Columns with the outcome.
    pub fn width(&self) -> usize {
        self.regressors.len() + 1
    }

    /// Whether columns are taken around their means.
    pub fn centred(&self) -> bool {
        self.formula.constant || !self.effects.is_empty()
    }

    /// Whether a constant is estimated.
    pub fn constant(&self) -> bool {
        self.formula.constant && self.effects.is_empty()
    }
}

fn refused(what: &str, advice: &str) -> Error {
    Error::NotStreamed {
        what: what.to_owned(),
        advice: advice.to_owned(),
    }
}

fn refuse(formula: &Formula, request: &Request, estimator: &EstimatorRow) -> Result<(), Error> {
    if !matches!(estimator.estimator, Estimator::Pooled | Estimator::Within) {
        return Err(refused(
            &format!("the {} estimator", estimator.name),
            "only pooled and within models are",
        ));
    }
    if formula.instruments.is_some() {
        return Err(refused("an instrumental part", "leave it out"));
    }
    let lags = formula.needs_panel() || request.condition.as_ref().is_some_and(Expr::needs_panel);
    if lags {
        return Err(refused(
            "a lag, lead or difference",
            "compute it as a column of the files",
        ));
    }
    if let Some(effect) = formula.effects.iter().find(|e| !e.slopes.is_empty()) {
        return Err(refused(
            &format!("the varying slope {}", effect.name),
            "leave it out",
        ));
    }
    if request.constant != ConstantRule::None {
        return Err(refused("a rule for the constant", "leave --constant out"));
    }
    if !matches!(
        request.vcov,
        Vcov::Iid | Vcov::Hc0 | Vcov::Hc1 | Vcov::Cluster(_)
    ) {
        return Err(refused(
            &format!("the covariance {}", request.vcov),
            "iid, hc0, hc1 and cluster are",
        ));
    }
    if let Vcov::Cluster(columns) = &request.vcov
        && columns.len() > 2
    {
        return Err(refused(
            "clustering on more than two columns",
            "name one or two",
        ));
    }
    if estimator.estimator == Estimator::Pooled
        && !formula.constant
        && formula.regressors.is_empty()
    {
        return Err(Error::NoRegressor {
            formula: formula.text.clone(),
        });
    }
    Ok(())
}
