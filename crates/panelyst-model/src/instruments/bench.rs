//! Covariances of cross-products of the instruments with a residual, by the covariance of the fit.

use crate::Error;
use crate::conventions::Convention;
use crate::covariance::{Columns, Covariance, covariance};
use crate::design::Design;
use crate::distributions::{chi2_upper, f_upper};
use crate::estimators::{Estimation, Extra, Instrumental};
use crate::linear::LeastSquares;
use crate::linear::sums::{dot, subtract};
use crate::request::Vcov;
use crate::results::InstrumentTest;
use std::sync::Arc;

/// The basis of the first stages, on which any residual can be laid.
pub(super) struct Bench<'a> {
    design: &'a Design,
    vcov: &'a Vcov,
    convention: &'a Convention,
    columns: &'a Columns<'a>,
    shell: Estimation,
    transform: Vec<f64>,
    /// First coefficient and basis vector of the excluded instruments, and their number.
    span: (usize, usize),
}

impl<'a> Bench<'a> {
    /// The basis of the reduced form.
    pub(super) fn new(
        design: &'a Design,
        estimation: &Estimation,
        parts: &Instrumental,
        (vcov, convention): (&'a Vcov, &'a Convention),
        columns: &'a Columns<'a>,
    ) -> Self {
        let reduced = &parts.reduced;
        let solution = LeastSquares {
            kept: reduced.kept.clone(),
            dropped: Vec::new(),
            constant: reduced.constant,
            coefficients: Vec::new(),
            residuals: reduced.residuals.clone(),
            weighted_residuals: Arc::default(),
            rss: 0.0,
            tss: 0.0,
            outcome_square: 0.0,
            basis: reduced.basis.clone(),
            transform: Vec::new(),
            information_inverse: None,
        };
        Self {
            design,
            vcov,
            convention,
            columns,
            shell: shell(estimation, solution, reduced.k()),
            transform: reduced.transform.clone(),
            span: (parts.exogenous, parts.excluded),
        }
    }

    /// Columns of the basis.
    fn width(&self) -> usize {
        self.shell.solution.basis.len()
    }

    /// The covariance of coefficients `transform * basis' e` (k x m) for a root-weighted residual.
    fn lay(
        &mut self,
        transform: Vec<f64>,
        k: usize,
        residual: &[f64],
        vcov: &Vcov,
    ) -> Result<Covariance, Error> {
        let solution = &mut self.shell.solution;
        solution.transform = transform;
        solution.coefficients = vec![0.0; k];
        solution.weighted_residuals = Arc::new(residual.to_vec());
        solution.rss = dot(residual, residual);
        covariance(
            self.design,
            &self.shell,
            vcov,
            self.convention,
            self.columns,
        )
    }

    /// The covariance of all coefficients of a first stage with this residual.
    pub(super) fn coefficients(&mut self, residual: &[f64]) -> Result<Covariance, Error> {
        let transform = self.transform.clone();
        let k = transform.len() / self.width().max(1);
        let vcov = self.vcov;
        self.lay(transform, k, residual, vcov)
    }

    /// The covariance of the cross-products of the excluded instruments' basis with a residual, L x L, with the factor.
    pub(super) fn instruments(&mut self, residual: &[f64]) -> Result<Covariance, Error> {
        let vcov = self.vcov;
        self.instruments_by(residual, vcov)
    }

    /// As [`Bench::instruments`], by any covariance.
    pub(super) fn instruments_by(
        &mut self,
        residual: &[f64],
        vcov: &Vcov,
    ) -> Result<Covariance, Error> {
        let (from, count) = self.span;
        let m = self.width();
        let mut transform = vec![0.0; count * m];
        for i in 0..count {
            transform[i * m + from + i] = 1.0;
        }
        self.lay(transform, count, residual, vcov)
    }

    /// Adds `factor` times the part of the excluded instruments in a column, from its weights on the whole basis.
    pub(super) fn add_instruments(&self, weights: &[f64], factor: f64, column: &mut [f64]) {
        let (from, count) = self.span;
        for at in from..from + count {
            subtract(
                column,
                -factor * weights[at],
                &self.shell.solution.basis[at],
            );
        }
    }

    /// Cross-products of the excluded instruments' basis with a residual.
    pub(super) fn products(&self, residual: &[f64]) -> Vec<f64> {
        let (from, count) = self.span;
        let basis = &self.shell.solution.basis[from..from + count];
        basis.iter().map(|q| dot(q, residual)).collect()
    }

    /// Weights of a column, given on the whole basis, on the part of the excluded instruments.
    pub(super) fn part<'b>(&self, weights: &'b [f64]) -> &'b [f64] {
        &weights[self.span.0..self.span.0 + self.span.1]
    }
}

/// An estimation around a solution, with clusters and effects of another.
pub(super) fn shell(
    estimation: &Estimation,
    solution: LeastSquares,
    parameters: usize,
) -> Estimation {
    Estimation {
        estimator: estimation.estimator,
        solution,
        names: Vec::new(),
        parameters,
        observations: estimation.observations.clone(),
        regressor_leverages: None,
        rank: estimation.rank.clone(),
        tss: estimation.tss,
        centred: estimation.centred,
        tss_within: None,
        loglik: None,
        components: None,
        extra: Extra::None,
        notes: Vec::new(),
    }
}

/// A test with an F distribution, chi-squared where tests use the normal distribution; `wald` is the quadratic form.
pub(super) fn wald_test(
    test: &str,
    null: String,
    wald: Option<f64>,
    count: usize,
    covariance: &Covariance,
    note: &str,
) -> InstrumentTest {
    let q = count as f64;
    let statistic = match covariance.df_test {
        Some(_) => wald.map(|w| w / q),
        None => wald,
    };
    InstrumentTest {
        test: test.to_owned(),
        vcov: covariance.kind.clone(),
        null,
        statistic,
        distribution: if covariance.df_test.is_some() {
            "F"
        } else {
            "chi2"
        }
        .to_owned(),
        df: std::iter::once(q).chain(covariance.df_test).collect(),
        p_value: statistic.map(|s| match covariance.df_test {
            Some(df) => f_upper(s, q, df),
            None => chi2_upper(s, q),
        }),
        note: if statistic.is_some() {
            note.to_owned()
        } else {
            singular(count)
        },
    }
}

/// Why a statistic is undefined.
pub(super) fn singular(count: usize) -> String {
    format!(
        "undefined: the covariance of {count} cross-products with the instruments is singular, as with fewer clusters than instruments"
    )
}
