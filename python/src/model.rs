//! Estimations and their results.

use crate::data::Data;
use crate::failure::Failure;
use crate::work::detached;
use crate::{levels, matrix};
use arrow_array::RecordBatch;
use panelyst::lang::{Expr, Formula};
use panelyst::model::{
    ConstantRule, Error, Estimated, Estimator, Fit, Invalid, Note, PanelColumns, Request,
    SmallSampleRule, Vcov, conventions, shared::Model,
};
use panelyst::split;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::{Arc, OnceLock};

/// How a model is to be estimated, as it was written.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Asked {
    formula: String,
    model: Option<String>,
    panel: Option<(String, String)>,
    vcov: Option<String>,
    convention: String,
    weights: Option<String>,
    #[pyo3(item("where"))]
    condition: Option<String>,
    split: Option<String>,
    invalid: String,
    constant: String,
    small_samples: String,
}

impl Asked {
    fn request(&self) -> Result<Request, Failure> {
        let formulas = panelyst::lang::parse_formula(&self.formula)
            .map_err(|mistakes| Failure::shown(&self.formula, "formula", &mistakes))?;
        let mut request = Request::new(formulas);
        request.condition = condition(self.condition.as_deref())?;
        request.estimator = match &self.model {
            None => None,
            Some(name) => Some(Estimator::by_name(name)?),
        };
        if let Some(vcov) = &self.vcov {
            request.vcov = Vcov::parse(vcov)?;
        }
        conventions::by_name(&self.convention)?;
        request.convention.clone_from(&self.convention);
        let panel = self.panel.clone();
        request.panel = panel.map(|(unit, time)| PanelColumns { unit, time });
        request.weights.clone_from(&self.weights);
        request.invalid = invalid(&self.invalid)?;
        request.constant = match self.constant.as_str() {
            "none" => ConstantRule::None,
            "mean" => ConstantRule::MeanPreserving,
            "time-dummies" => ConstantRule::TimeDummies,
            other => return Err(choice("constant", other, "none, mean, time-dummies")),
        };
        request.small_samples = match self.small_samples.as_str() {
            "auto" => SmallSampleRule::Auto,
            "always" => SmallSampleRule::Always,
            "never" => SmallSampleRule::Never,
            other => return Err(choice("small_samples", other, "auto, always, never")),
        };
        Ok(request)
    }

    /// The variable whose values part the rows.
    fn split(&self) -> Result<Option<Expr>, Failure> {
        expression(self.split.as_deref(), "split")
    }
}

/// A condition on rows.
pub(crate) fn condition(text: Option<&str>) -> Result<Option<Expr>, Failure> {
    expression(text, "where")
}

fn expression(text: Option<&str>, argument: &str) -> Result<Option<Expr>, Failure> {
    text.map(|text| {
        panelyst::lang::parse_expression(text)
            .map_err(|mistakes| Failure::shown(text, argument, &mistakes))
    })
    .transpose()
}

/// What happens to rows on which a transform has no value.
pub(crate) fn invalid(name: &str) -> Result<Invalid, Failure> {
    match name {
        "error" => Ok(Invalid::Error),
        "drop" => Ok(Invalid::Drop),
        other => Err(choice("invalid", other, "error, drop")),
    }
}

/// A word that is none of those an argument takes.
pub(crate) fn choice(argument: &str, given: &str, known: &str) -> Failure {
    Failure::Usage(format!(
        "{argument} = {given:?} is not known; write one of {known}"
    ))
}

/// Names of the columns that an estimation looks at.
#[pyfunction]
pub(crate) fn columns(asked: Asked) -> Result<Vec<String>, Failure> {
    let mut columns = asked.request()?.columns();
    columns.extend(asked.split()?.iter().flat_map(Expr::columns));
    Ok(columns)
}

/// One estimated formula, which results under several covariances share.
pub(crate) struct Inner {
    pub(crate) batch: RecordBatch,
    pub(crate) request: Request,
    pub(crate) formula: Formula,
    estimated: OnceLock<Estimated>,
}

impl Inner {
    /// The estimation; formulas that were estimated together are estimated alone when this is first asked for.
    pub(crate) fn estimated(&self) -> Result<&Estimated, Error> {
        if let Some(known) = self.estimated.get() {
            return Ok(known);
        }
        let made = Estimated::new(&self.batch, &self.formula, &self.request)?;
        Ok(self.estimated.get_or_init(|| made))
    }
}

/// The result of a model under one covariance and convention.
#[pyclass(frozen, module = "panelyst._panelyst")]
pub(crate) struct Core {
    pub(crate) inner: Arc<Inner>,
    fit: Fit,
    /// Where the cluster variables of this covariance are.
    batch: RecordBatch,
    request: Request,
    told: Told,
    /// With what few clusters ask for, which takes time and is made when it is looked at.
    whole: OnceLock<Fit>,
}

impl Core {
    fn new(
        inner: &Arc<Inner>,
        batch: &RecordBatch,
        request: &Request,
        told: &Told,
    ) -> Result<Self, Failure> {
        let mut quick = request.clone();
        quick.small_samples = SmallSampleRule::Never;
        let fit = inner.estimated()?.fit_on(batch, &quick)?;
        Ok(Self {
            inner: Arc::clone(inner),
            fit: told.by(fit),
            batch: batch.clone(),
            request: request.clone(),
            told: told.clone(),
            whole: OnceLock::new(),
        })
    }

    /// The result with what few clusters ask for, if the rule of the request asks for it.
    pub(crate) fn whole(&self, py: Python<'_>) -> PyResult<&Fit> {
        if self.request.small_samples == SmallSampleRule::Never {
            return Ok(&self.fit);
        }
        if let Some(known) = self.whole.get() {
            return Ok(known);
        }
        let (inner, batch) = (Arc::clone(&self.inner), self.batch.clone());
        let (request, told) = (self.request.clone(), self.told.clone());
        let fit = detached(py, move |_| {
            let fit = inner.estimated()?.fit_on(&batch, &request)?;
            Ok(told.by(fit))
        })?;
        Ok(self.whole.get_or_init(|| fit))
    }
}

/// Estimates the formulas of a call, sharing what they have in common, on each group of rows if the rows are parted.
#[pyfunction]
pub(crate) fn estimate(py: Python<'_>, data: &Data, asked: Asked) -> PyResult<Vec<Core>> {
    let (request, variable) = (asked.request()?, asked.split()?);
    let batch = data.batch.clone();
    let unasked = asked.vcov.is_none();
    detached(py, move |_| {
        let parts = match &variable {
            None => vec![(String::new(), request)],
            Some(variable) => split::by_group(&request, variable, &batch, "split")?,
        };
        let mut cores = Vec::new();
        for (group, part) in parts {
            let told = Told { unasked, group };
            let found = estimate_part(&batch, &part, &told);
            cores.extend(found.map_err(|failure| failure.within(&told.group))?);
        }
        Ok(cores)
    })
}

fn estimate_part(
    batch: &RecordBatch,
    request: &Request,
    told: &Told,
) -> Result<Vec<Core>, Failure> {
    let inner = |formula: &Formula| {
        Arc::new(Inner {
            batch: batch.clone(),
            request: request.clone(),
            formula: formula.clone(),
            estimated: OnceLock::new(),
        })
    };
    if let [formula] = request.formulas.as_slice() {
        let inner = inner(formula);
        let core = Core::new(&inner, batch, request, told)?;
        return Ok(vec![core]);
    }
    let models: Vec<Model<'_>> = request
        .formulas
        .iter()
        .map(|formula| Model { formula, request })
        .collect();
    let fits = panelyst::model::fit_models(batch, &models);
    let fits = request.formulas.iter().zip(fits);
    fits.map(|(formula, fit)| {
        let fit = told.by(fit?);
        Ok(Core {
            inner: inner(formula),
            whole: OnceLock::from(fit.clone()),
            fit,
            batch: batch.clone(),
            request: request.clone(),
            told: told.clone(),
        })
    })
    .collect()
}

/// What a result says beside what the engine says.
#[derive(Clone, Debug)]
struct Told {
    /// Nobody asked for its covariance.
    unasked: bool,
    /// The rows that it is of, where they were parted.
    group: String,
}

impl Told {
    fn by(&self, mut fit: Fit) -> Fit {
        if !self.group.is_empty() {
            fit.notes.insert(0, split::note(&self.group));
        }
        if self.unasked {
            fit.notes
                .push(Note::new("vcov", panelyst::UNASKED).about(["unasked"]));
        }
        fit
    }
}

/// Numbers as bytes, eight each.
pub(crate) fn bytes<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, 8 * values.len(), |out| {
        for (out, value) in out.chunks_exact_mut(8).zip(values) {
            out.copy_from_slice(&value.to_ne_bytes());
        }
        Ok(())
    })
}

/// Name, labels of the levels, and a value for each, of an absorbed effect.
type Levels<'py> = (String, Vec<String>, Bound<'py, PyBytes>);

#[pymethods]
impl Core {
    /// Name of the left-hand side.
    fn outcome(&self) -> &str {
        &self.fit.outcome
    }

    /// The group of rows, as a condition; empty where rows were not parted.
    fn group(&self) -> &str {
        &self.told.group
    }

    /// Terms.
    fn terms(&self) -> Vec<&str> {
        let coefficients = self.fit.coefficients.iter();
        coefficients.map(|c| c.term.as_str()).collect()
    }

    /// Estimate, standard error, statistic, p-value, ends of the 95 % interval and degrees of freedom of each term.
    #[allow(clippy::type_complexity)]
    fn coefficients(&self) -> Vec<(f64, f64, f64, f64, f64, f64, Option<f64>)> {
        let coefficients = self.fit.coefficients.iter();
        let row = |c: &panelyst::model::results::Coefficient| {
            (
                c.estimate,
                c.std_error,
                c.statistic,
                c.p_value,
                c.ci_low,
                c.ci_high,
                c.df.or(self.fit.df_test),
            )
        };
        coefficients.map(row).collect()
    }

    /// Covariance of the coefficients, row by row.
    fn covariance(&self) -> Vec<f64> {
        self.fit.covariance.clone()
    }

    /// The critical value of two-sided intervals, for each term.
    fn critical(&self, level: f64) -> PyResult<Vec<f64>> {
        use panelyst::model::distributions::{normal_upper_quantile, t_two_sided_quantile};
        if !(level > 0.0 && level < 1.0) {
            return Err(
                Failure::Usage(format!("level = {level} does not lie between 0 and 1")).into(),
            );
        }
        let outside = 1.0 - level;
        let of = |df: Option<f64>| match df {
            Some(df) => t_two_sided_quantile(outside, df),
            None => normal_upper_quantile(0.5 * outside),
        };
        let coefficients = self.fit.coefficients.iter();
        Ok(coefficients
            .map(|c| of(c.df.or(self.fit.df_test)))
            .collect())
    }

    /// The result in the form of the command line's JSON, at once or with what few clusters ask for.
    fn json(&self, py: Python<'_>, whole: bool) -> PyResult<String> {
        let fit = match whole {
            true => self.whole(py)?,
            false => &self.fit,
        };
        serde_json::to_string(fit)
            .map_err(|error| Failure::Internal(format!("cannot write JSON: {error}")).into())
    }

    /// Residuals of the observations.
    fn residuals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let residuals = self.fit.residuals.clone();
        let values = detached(py, move |_| Ok(residuals.shared()))?;
        bytes(py, &values)
    }

    /// Rows of the data that were used, from 0, eight bytes each.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let rows = &self.fit.rows_used;
        PyBytes::new_with(py, 8 * rows.len(), |out| {
            for (out, row) in out.chunks_exact_mut(8).zip(rows.iter()) {
                out.copy_from_slice(&(row as i64).to_ne_bytes());
            }
            Ok(())
        })
    }

    /// The same estimates under another covariance and convention.
    fn with_vcov(
        &self,
        py: Python<'_>,
        vcov: &str,
        convention: &str,
        data: Option<&Data>,
    ) -> PyResult<Self> {
        let mut request = self.request.clone();
        request.vcov = Vcov::parse(vcov).map_err(Failure::from)?;
        conventions::by_name(convention).map_err(Failure::from)?;
        convention.clone_into(&mut request.convention);
        let batch = data.map_or(&self.batch, |data| &data.batch).clone();
        let inner = Arc::clone(&self.inner);
        let told = Told {
            unasked: false,
            ..self.told.clone()
        };
        detached(py, move |_| Self::new(&inner, &batch, &request, &told))
    }

    /// Fitted values of the rows used; of models by likelihood on the scale of the outcome, or with `link` of the
    /// linear predictor.
    fn fitted<'py>(&self, py: Python<'py>, link: bool) -> PyResult<Bound<'py, PyBytes>> {
        let inner = Arc::clone(&self.inner);
        let values = detached(py, move |_| levels::fitted(&inner, link))?;
        bytes(py, &values)
    }

    /// Each absorbed effect: its name, its levels, one value a level.
    fn effects<'py>(&self, py: Python<'py>) -> PyResult<Vec<Levels<'py>>> {
        let inner = Arc::clone(&self.inner);
        let found = detached(py, move |_| levels::effects(&inner))?;
        found
            .into_iter()
            .map(|effect| Ok((effect.name, effect.labels, bytes(py, &effect.values)?)))
            .collect()
    }

    /// The regressors of other data, one column a term below each other; not numbers in rows with a missing value.
    fn regressors<'py>(&self, py: Python<'py>, data: &Data) -> PyResult<Bound<'py, PyBytes>> {
        let (inner, batch) = (Arc::clone(&self.inner), data.batch.clone());
        let terms: Vec<String> = self.terms().into_iter().map(str::to_owned).collect();
        let values = detached(py, move |_| matrix::regressors(&inner, &terms, &batch))?;
        bytes(py, &values)
    }

    /// The sum of the absorbed effects on the rows of other data; not a number in rows with a level that the sample lacks.
    fn effects_of<'py>(&self, py: Python<'py>, data: &Data) -> PyResult<Bound<'py, PyBytes>> {
        let (inner, batch) = (Arc::clone(&self.inner), data.batch.clone());
        let values = detached(py, move |_| levels::effects_of(&inner, &batch))?;
        bytes(py, &values)
    }

    /// Columns that [`Core::regressors`] and [`Core::effects_of`] look at, and the transforms' panel.
    fn columns_for_prediction(&self) -> Vec<String> {
        matrix::columns(&self.inner)
    }
}
