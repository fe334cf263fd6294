//! An estimation that is kept, so that its covariance and convention can be changed without estimating again.

use crate::conventions::{self, Convention};
use crate::covariance::{Columns, cluster_columns, covariance, design_row, on_observations};
use crate::design::Design;
use crate::estimators::{
    Estimation, Family, check_vcov, with_constant, without_levels, without_rows,
};
use crate::fit::{check_exact, result};
use crate::instruments::{diagnose, weakness};
use crate::request::{ConstantRule, Estimator, Request, SmallSampleRule, Vcov};
use crate::results::{Fit, Note, SmallSamples};
use crate::small_samples::{FEW_CLUSTERS, MANY_OBSERVATIONS, disagreement, summary};
use crate::{Error, design};
use arrow_array::RecordBatch;
use panelyst_lang::Formula;

/// A design with its estimates, and the data for covariances whose columns are named later.
#[derive(Clone, Debug)]
pub struct Estimated {
    design: Design,
    estimation: Estimation,
    weights: Option<String>,
    constant: ConstantRule,
    data: Option<RecordBatch>,
    /// Whether the sample was made by a convention that drops singletons.
    drops_singletons: bool,
}

impl Estimated {
    /// Estimates one formula on a batch and keeps the batch (its columns are shared, not copied).
    ///
    /// # Errors
    /// Those of [`design()`] and of the estimator.
    pub fn new(batch: &RecordBatch, formula: &Formula, request: &Request) -> Result<Self, Error> {
        let mut estimated = Self::of_design(design(batch, formula, request)?, request)?;
        estimated.data = Some(batch.clone());
        Ok(estimated)
    }

    /// Estimates a design; covariances are then limited to the columns that the design has: its clusters and coordinates,
    /// unit, time and effects.
    ///
    /// # Errors
    /// Those of the estimator, and an outcome that does not vary or is fitted exactly.
    pub fn of_design(design: Design, request: &Request) -> Result<Self, Error> {
        let (estimation, smaller) = estimate(&design, request)?;
        let design = smaller.unwrap_or(design);
        Ok(Self {
            design,
            estimation,
            weights: request.weights.clone(),
            constant: request.constant,
            data: None,
            drops_singletons: conventions::by_name(&request.convention)?.drops_singletons,
        })
    }

    /// The design.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The estimates.
    pub fn estimation(&self) -> &Estimation {
        &self.estimation
    }

    /// A cluster variable of the data on the rows of the design, with the names of its clusters.
    pub(crate) fn cluster_of(&self, column: &str) -> Result<(design::Cluster, Vec<String>), Error> {
        let data = self.data.as_ref();
        let vcov = Vcov::Cluster(vec![column.to_owned()]);
        let cluster = self.design.cluster(column, data, &vcov)?;
        let names = self.design.cluster_names(&cluster, data);
        Ok((cluster.into_owned(), names))
    }

    /// The result with another covariance and convention, on the same rows.
    ///
    /// Rows that were left out for the first covariance (a missing cluster) stay left out.
    ///
    /// # Errors
    /// What the covariance refuses; a column that the data do not have or that is missing in rows of the sample; a
    /// convention that keeps singletons where this sample is without them, or the other way round: it would have other
    /// rows, so estimate again.
    pub fn fit_with(&self, vcov: &Vcov, convention: &Convention) -> Result<Fit, Error> {
        self.with_columns_of(self.data.as_ref(), vcov, convention)
    }

    fn with_columns_of(
        &self,
        data: Option<&RecordBatch>,
        vcov: &Vcov,
        convention: &Convention,
    ) -> Result<Fit, Error> {
        if convention.drops_singletons != self.drops_singletons {
            check_sample(&self.design, convention)?;
        }
        let parts = (&self.design, &self.estimation);
        fit_with(parts, vcov, convention, data, self.said())
    }

    fn said(&self) -> (Option<&str>, ConstantRule) {
        (self.weights.as_deref(), self.constant)
    }

    /// The result with the covariance and convention of a request.
    ///
    /// # Errors
    /// As [`Estimated::fit_with`], and an unknown convention.
    pub fn fit(&self, request: &Request) -> Result<Fit, Error> {
        self.fit_beside(request, None)
    }

    /// As [`Estimated::fit`], with the columns that the covariance names taken from a batch of the same rows.
    ///
    /// # Errors
    /// As [`Estimated::fit`], and a batch with another number of rows.
    pub fn fit_on(&self, data: &RecordBatch, request: &Request) -> Result<Fit, Error> {
        if data.num_rows() != self.design.sample.rows {
            return Err(Error::Length {
                what: "the data for other standard errors".to_owned(),
                expected: self.design.sample.rows,
                got: data.num_rows(),
            });
        }
        self.fitted(request, None, Some(data))
    }

    /// As [`Estimated::fit`], with what few clusters ask for taken from another result of the same estimates where that has
    /// the same clusters: no convention has a part in it.
    pub(crate) fn fit_beside(&self, request: &Request, known: Option<&Fit>) -> Result<Fit, Error> {
        self.fitted(request, known, self.data.as_ref())
    }

    fn fitted(
        &self,
        request: &Request,
        known: Option<&Fit>,
        data: Option<&RecordBatch>,
    ) -> Result<Fit, Error> {
        let convention = conventions::by_name(&request.convention)?;
        let mut fit = self.with_columns_of(data, &request.vcov, convention)?;
        let parts = (&self.design, &self.estimation);
        let names = cluster_columns(&request.vcov, convention, parts.0.robust_unit.as_deref());
        let known = known.and_then(|fit| fit.small_samples.as_ref());
        if let Some(few) = known.filter(|few| names == [few.cluster.as_str()]) {
            say(&mut fit, few.clone());
            return Ok(fit);
        }
        with_small_samples(fit, parts, request, convention, data)
    }
}

/// A fit with what few clusters ask for beside a covariance with one cluster variable, by the rule of the request; as it is
/// where the rule does not ask for it, where the estimator is not least squares or where the effects are too many to leave
/// out clusters exactly.
///
/// # Errors
/// A cluster variable that the data do not have, and those of the absorber; under [`SmallSampleRule::Always`] also too many
/// effects.
fn with_small_samples(
    mut fit: Fit,
    (design, estimation): (&Design, &Estimation),
    request: &Request,
    convention: &Convention,
    data: Option<&RecordBatch>,
) -> Result<Fit, Error> {
    let (vcov, rule) = (&request.vcov, request.small_samples);
    let names = cluster_columns(vcov, convention, design.robust_unit.as_deref());
    let always = rule == SmallSampleRule::Always;
    let [name] = names.as_slice() else {
        return Ok(fit);
    };
    if rule == SmallSampleRule::Never
        || !design.estimator.row().has_leverages
        || (!always && estimation.nobs() > MANY_OBSERVATIONS)
    {
        return Ok(fit);
    }
    let on_rows = design.cluster(name, data, vcov)?;
    let cluster = on_observations(&estimation.observations, &on_rows, design)?;
    if cluster.groups < 2 || (!always && cluster.groups >= FEW_CLUSTERS) {
        return Ok(fit);
    }
    // The constant beside absorbed effects is a normalisation; the slopes are those of the model without it.
    let plain;
    let estimation = if estimation.regressor_leverages.is_some() {
        plain = (design.estimator.row().function)(design)?;
        &plain
    } else {
        estimation
    };
    let labels = design.cluster_names(&on_rows, data);
    let label = |group| name_of_group((design, estimation), (&on_rows, &labels), &cluster, group);
    let few = match summary(design, estimation, &cluster, label) {
        Ok(few) => few,
        Err(Error::Unsupported { .. }) if !always => return Ok(fit),
        Err(error) => return Err(error),
    };
    say(&mut fit, few);
    Ok(fit)
}

/// What a cluster of observations is called, given the clusters of the rows with their names. A cluster of the rows may have
/// no observation; those that have keep their order.
pub(crate) fn name_of_group(
    (design, estimation): (&Design, &Estimation),
    (on_rows, names): (&design::Cluster, &[String]),
    cluster: &design::Cluster,
    group: usize,
) -> String {
    let observation = cluster.codes.iter().position(|&c| c as usize == group);
    let row = observation.map_or(0, |o| design_row(design, estimation, o));
    names[on_rows.codes[row] as usize].clone()
}

/// Puts statistics of few clusters into a result, with the note on tests that disagree. A coefficient whose scores cancel in these
/// clusters has no test by the bootstrap either, which turns their signs.
fn say(fit: &mut Fit, mut few: SmallSamples) {
    let same = fit.vcov.clusters.keys().eq([&few.cluster]);
    for row in &mut few.coefficients {
        if same
            && fit
                .coefficient(&row.term)
                .is_some_and(|c| c.p_value.is_nan())
        {
            row.p_value_wild = f64::NAN;
        }
    }
    let tested = |term: &str| fit.coefficient(term).map(|c| c.p_value);
    let note = disagreement(&few, |term| tested(term).filter(|p| !p.is_nan()));
    fit.notes.extend(note);
    fit.small_samples = Some(few);
}

/// Estimates a design with the constant that a request asks for; and the design without separated rows, where there were
/// any.
pub(crate) fn estimate(
    design: &Design,
    request: &Request,
) -> Result<(Estimation, Option<Design>), Error> {
    if let Some(family) = design.estimator.family() {
        return without_separated(design, family, request);
    }
    let mut estimation = (design.estimator.row().function)(design)?;
    if design.estimator == Estimator::Within {
        estimation = with_constant(design, estimation, request.constant)?;
    }
    Ok((estimation, None))
}

/// An estimation by likelihood after separated rows were dropped, and the design that is left if any were.
fn without_separated(
    design: &Design,
    family: Family,
    request: &Request,
) -> Result<(Estimation, Option<Design>), Error> {
    let drops_singletons = conventions::by_name(&request.convention)?.drops_singletons;
    let mut smaller = without_levels(design, family)?;
    loop {
        // Rows that separated ones leave alone in a level.
        if drops_singletons && let Some(without) = &smaller {
            smaller = without_singletons(without)?.or(smaller);
        }
        let now = smaller.as_ref().unwrap_or(design);
        let separated = match (now.estimator.row().function)(now) {
            Ok(estimation) => return Ok((estimation, smaller)),
            Err(Error::Separated { rows }) => rows,
            Err(Error::AllDropped { reasons }) => {
                let why = now.notes.iter().filter(|n| n.kind == "separation");
                let why: Vec<&str> = why.map(|n| &*n.text).chain([&*reasons]).collect();
                return Err(Error::AllDropped {
                    reasons: why.join("; "),
                });
            }
            Err(other) => return Err(other),
        };
        let fewer = without_rows(now, &separated)?;
        smaller = Some(match without_levels(&fewer, family)? {
            Some(again) => again,
            None => fewer,
        });
    }
}

/// A design without rows that are alone in a level of an absorbed effect, recursively; `None` if there are none.
fn without_singletons(design: &Design) -> Result<Option<Design>, Error> {
    let Some(found) = design.singletons()?.filter(|found| found.removed > 0) else {
        return Ok(None);
    };
    let kept: Vec<usize> = (0..design.n()).filter(|&row| found.kept[row]).collect();
    let note = format!(
        "{} singleton row{} dropped after that, recursively: alone in a level of an absorbed effect once separated rows are gone",
        found.removed,
        if found.removed == 1 { " was" } else { "s were" },
    );
    design
        .without(&kept, "singleton", Note::new("singletons", note))
        .map(Some)
}

/// The result of an estimation with a covariance and convention; `said` are the weights' name and the constant's rule.
pub(crate) fn fit_with(
    (design, estimation): (&Design, &Estimation),
    vcov: &Vcov,
    convention: &Convention,
    data: Option<&RecordBatch>,
    said: (Option<&str>, ConstantRule),
) -> Result<Fit, Error> {
    check_vcov(design.estimator.row(), vcov, design.panel.is_some())?;
    let mut columns = Columns::default();
    for name in cluster_columns(vcov, convention, design.robust_unit.as_deref()) {
        columns.clusters.push(design.cluster(&name, data, vcov)?);
    }
    if let Vcov::Conley(conley) = vcov {
        columns.coordinates = Some(design.places(conley, data, vcov)?);
    }
    let covariance = covariance(design, estimation, vcov, convention, &columns)?;
    check_exact(design, estimation)?;
    let mut fit = result(design, estimation, &covariance, convention.name, said);
    if let Some((first_stages, instruments)) =
        diagnose(design, estimation, (vcov, convention), &columns)?
    {
        fit.first_stages = first_stages;
        fit.notes.extend(weakness(&instruments));
        fit.instruments = Some(instruments);
    }
    Ok(fit)
}

/// That a convention would use the same rows.
fn check_sample(design: &Design, convention: &Convention) -> Result<(), Error> {
    let (treatment, count, how) = if convention.drops_singletons {
        let left = design.singletons()?.map_or(0, |found| found.removed);
        ("drop", left, "in it")
    } else {
        let dropped = design.sample.dropped.iter();
        let singletons = dropped.filter(|d| d.reason == "singleton");
        let count = singletons.map(|d| d.count).sum();
        ("keep", count, "left out")
    };
    if count == 0 {
        return Ok(());
    }
    Err(Error::OtherSample {
        convention: convention.name,
        treatment,
        left_out: format!(
            "{count} singleton row{} {how}",
            if count == 1 { "" } else { "s" }
        ),
    })
}
