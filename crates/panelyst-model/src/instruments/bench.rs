//! Covariances of cross-products of the instruments with a residual, by the covariance of the fit.

use crate::Error;
use crate::conventions::Convention;
use crate::covariance::{Columns, Covariance, covariance};
use crate::design::Design;
use crate::distributions::{chi2_upper, f_upper};
use crate::estimators::{Estimation, Extra, Instrumental};
use crate::linear::symmetric::sandwich;
use crate::linear::{Column, LeastSquares};
use crate::request::Vcov;
use crate::results::InstrumentTest;

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

/// A root-weighted residual with the covariance of its cross-products with the whole basis.
pub(super) struct Laid {
    residual: Column,
    /// Its sum of squares.
    pub(super) square: f64,
    /// Absent where a covariance may have been repaired, which is then done for each set of coefficients.
    whole: Option<Covariance>,
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
            constant: reduced.constant,
            residuals: reduced.residuals.clone(),
            basis: reduced.basis.clone(),
            ..LeastSquares::default()
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

    /// Lays a residual on the basis: one scan of the rows, from which all covariances of its cross-products follow.
    pub(super) fn lay(&mut self, residual: Column) -> Result<Laid, Error> {
        let square = residual.product(&residual);
        let mut laid = Laid {
            residual,
            square,
            whole: None,
        };
        // Negative eigenvalues are those of the covariance that is asked for, not of a larger one.
        let definite = match self.vcov {
            Vcov::Iid | Vcov::Hc0 | Vcov::Hc1 => true,
            Vcov::Cluster(columns) => columns.len() == 1,
            _ => false,
        };
        if definite {
            let m = self.width();
            let mut unit = vec![0.0; m * m];
            (0..m).for_each(|i| unit[i * m + i] = 1.0);
            laid.whole = Some(self.scan(&laid, unit, m, self.vcov)?);
        }
        Ok(laid)
    }

    /// The covariance of coefficients `transform * basis' e` (k x m), by a scan of the rows.
    fn scan(
        &mut self,
        laid: &Laid,
        transform: Vec<f64>,
        k: usize,
        vcov: &Vcov,
    ) -> Result<Covariance, Error> {
        let solution = &mut self.shell.solution;
        solution.transform = transform;
        solution.coefficients = vec![0.0; k];
        solution.weighted_residuals = laid.residual.clone();
        solution.rss = laid.square;
        covariance(
            self.design,
            &self.shell,
            vcov,
            self.convention,
            self.columns,
        )
    }

    /// As [`Bench::scan`] by the covariance of the fit, without a scan where one was made.
    fn of(&mut self, laid: &Laid, transform: Vec<f64>, k: usize) -> Result<Covariance, Error> {
        match &laid.whole {
            None => self.scan(laid, transform, k, self.vcov),
            Some(whole) => Ok(Covariance {
                matrix: sandwich(&transform, &whole.matrix, k, self.width()),
                ..whole.clone()
            }),
        }
    }

    /// The covariance of all coefficients of a first stage with this residual.
    pub(super) fn coefficients(&mut self, laid: &Laid) -> Result<Covariance, Error> {
        let transform = self.transform.clone();
        let k = transform.len() / self.width().max(1);
        self.of(laid, transform, k)
    }

    /// The covariance of the cross-products of the excluded instruments' basis with a residual, L x L, with the factor.
    pub(super) fn instruments(&mut self, laid: &Laid) -> Result<Covariance, Error> {
        let transform = self.choice();
        self.of(laid, transform, self.span.1)
    }

    /// As [`Bench::instruments`], by the covariance of homoskedastic errors.
    pub(super) fn instruments_iid(&mut self, laid: &Laid) -> Result<Covariance, Error> {
        let transform = self.choice();
        self.scan(laid, transform, self.span.1, &Vcov::Iid)
    }

    /// The matrix that takes the excluded instruments out of the whole basis.
    fn choice(&self) -> Vec<f64> {
        let (from, count) = self.span;
        let m = self.width();
        let mut transform = vec![0.0; count * m];
        for i in 0..count {
            transform[i * m + from + i] = 1.0;
        }
        transform
    }

    /// The excluded instruments' part of the basis.
    pub(super) fn basis(&self) -> &[Column] {
        &self.shell.solution.basis[self.span.0..self.span.0 + self.span.1]
    }

    /// Cross-products of the excluded instruments' basis with a residual.
    pub(super) fn products(&self, residual: &Column) -> Vec<f64> {
        self.basis().iter().map(|q| q.product(residual)).collect()
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
