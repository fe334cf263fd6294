//! Random unit effects by generalised least squares, Swamy-Arora components.
//!
//! With n rows, N units, T_i rows of unit i, X with the constant, Q and B the within and between projections and Z the
//! unit dummies (Swamy and Arora 1972; Baltagi and Chang 1994, equations for unbalanced panels):
//!
//! ```text
//! s2_e    = RSS_within / (n - N - rank(QX))
//! s2_u    = (q_B - (N - rank(BX)) s2_e) / (n - tr[(X'BX)^-1 X'ZZ'X]),   q_B = y'B y less its fit by BX
//! theta_i = 1 - sqrt(s2_e / (s2_e + T_i s2_u))
//! ```
//!
//! The trace is the sum of T_i times the leverage of unit i in the regression of unit means with weights T_i.

use super::units::{counts, means};
use super::within::renumber;
use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes};
use crate::Error;
use crate::design::Design;
use crate::linear::least_squares::{ROUNDING, TOLERANCE};
use crate::linear::sums::{mean, norm};
use crate::linear::{Constant, LeastSquares, least_squares};
use crate::request::Estimator;
use crate::results::{Note, VarianceComponents};

/// A design with its unit means, outcome and regressors centred.
pub(super) struct Panel<'a> {
    pub(super) unit: &'a [u32],
    pub(super) counts: Vec<f64>,
    pub(super) constant: bool,
    /// Outcome first, then regressors: deviations from the overall mean (raw without a constant).
    pub(super) columns: Vec<Vec<f64>>,
    /// Overall means that were taken out.
    pub(super) centres: Vec<f64>,
    /// Unit means of `columns`.
    pub(super) means: Vec<Vec<f64>>,
}

impl<'a> Panel<'a> {
    pub(super) fn new(design: &'a Design, what: &str) -> Result<Self, Error> {
        let (unit, units) = design.units(what)?;
        let counts = counts(unit, units);
        let raw = || std::iter::once(&design.y).chain(&design.x);
        let centres: Vec<f64> = raw()
            .map(|c| if design.constant { mean(c, None) } else { 0.0 })
            .collect();
        let columns: Vec<Vec<f64>> = raw()
            .zip(&centres)
            .map(|(c, m)| c.iter().map(|v| v - m).collect())
            .collect();
        let means = columns.iter().map(|c| means(c, unit, &counts)).collect();
        Ok(Self {
            unit,
            counts,
            constant: design.constant,
            columns,
            centres,
            means,
        })
    }

    pub(super) fn n(&self) -> usize {
        self.unit.len()
    }

    /// A column less its unit means.
    pub(super) fn within(&self, column: usize) -> Vec<f64> {
        let means = &self.means[column];
        self.columns[column]
            .iter()
            .zip(self.unit)
            .map(|(v, &u)| v - means[u as usize])
            .collect()
    }

    /// Regressors that vary within units, by their places from 0, with their within part.
    pub(super) fn varying(&self) -> (Vec<usize>, Vec<Vec<f64>>) {
        let mut places = Vec::new();
        let mut parts = Vec::new();
        for column in 1..self.columns.len() {
            let part = self.within(column);
            let whole = norm(&self.columns[column]);
            let raw = whole.max((self.n() as f64).sqrt() * self.centres[column].abs());
            let left = norm(&part);
            if left > TOLERANCE * whole && left > ROUNDING * raw {
                places.push(column - 1);
                parts.push(part);
            }
        }
        (places, parts)
    }

    /// The regression of unit means with weights T_i.
    pub(super) fn between(&self) -> Result<LeastSquares, Error> {
        let constant = if self.constant {
            Constant::Ones
        } else {
            Constant::None
        };
        least_squares(
            &self.means[0],
            &self.means[1..],
            constant,
            Some(&self.counts),
        )
    }

    /// The regression after `theta_i` times the unit mean was subtracted; its constant is that of the raw columns.
    pub(super) fn quasi_demeaned(&self, theta: &[f64]) -> Result<LeastSquares, Error> {
        let transform = |column: usize| -> Vec<f64> {
            let means = &self.means[column];
            self.columns[column]
                .iter()
                .zip(self.unit)
                .map(|(v, &u)| v - theta[u as usize] * means[u as usize])
                .collect()
        };
        let y = transform(0);
        let x: Vec<Vec<f64>> = (1..self.columns.len()).map(transform).collect();
        let ones: Vec<f64> = self.unit.iter().map(|&u| 1.0 - theta[u as usize]).collect();
        let constant = if self.constant {
            Constant::Column(&ones)
        } else {
            Constant::None
        };
        let mut solution = least_squares(&y, &x, constant, None)?;
        if self.constant {
            self.uncentre(&mut solution);
        }
        Ok(solution)
    }

    /// Turns the constant of centred columns into that of raw ones: `a + mean(y) - sum mean(x) b`.
    fn uncentre(&self, solution: &mut LeastSquares) {
        let width = solution.basis.len();
        let last = solution.coefficients.len() - 1;
        let mut shift = self.centres[0];
        for (place, &column) in solution.kept.iter().enumerate() {
            let centre = self.centres[column + 1];
            shift -= centre * solution.coefficients[place];
            for j in 0..width {
                solution.transform[last * width + j] -=
                    centre * solution.transform[place * width + j];
            }
        }
        solution.coefficients[last] += shift;
    }
}

/// The random-effects estimator of a design.
///
/// # Errors
/// No panel, too few rows or units for the components, every regressor dropped.
pub fn random(design: &Design) -> Result<Estimation, Error> {
    let panel = Panel::new(design, "the random-effects estimator")?;
    let (n, units) = (panel.n(), panel.counts.len());
    let (places, parts) = panel.varying();
    let mut within = least_squares(&panel.within(0), &parts, Constant::None, None)?;
    renumber(&mut within.kept, &mut within.dropped, &places);
    let within_k = within.k();
    if n <= units + within_k {
        return Err(Error::TooFewRows {
            observations: n,
            coefficients: units + within_k,
            effects: units,
        });
    }
    let s2_e = within.rss / (n - units - within_k) as f64;
    let between = panel.between()?;
    if units <= between.k() {
        return Err(Error::Unsupported {
            what: format!("{units} units with {} coefficients", between.k()),
            with: "the Swamy-Arora variance components, which regress unit means".to_owned(),
            advice: "use fewer regressors that vary between units, or the random-ml estimator"
                .to_owned(),
        });
    }
    let trace: f64 = between
        .leverages()
        .iter()
        .zip(&panel.counts)
        .map(|(h, t)| h * t)
        .sum();
    let raw = (between.rss - (units - between.k()) as f64 * s2_e) / (n as f64 - trace);
    let s2_u = raw.max(0.0);
    let theta: Vec<f64> = panel
        .counts
        .iter()
        .map(|t| 1.0 - (s2_e / (s2_e + t * s2_u)).sqrt())
        .collect();
    let solution = panel.quasi_demeaned(&theta)?;
    let mut notes = collinear_notes(design, &solution.dropped, "it does not vary")?;
    if raw < 0.0 {
        notes.push(Note::new(
            "variance-components",
            format!("the estimated variance of the unit effect is negative ({raw:.6e}) and was set to zero: the estimates are those of pooled least squares"),
        ));
    }
    Ok(Estimation {
        estimator: Estimator::Random,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank: None,
        tss: solution.tss,
        centred: design.constant,
        tss_within: None,
        loglik: None,
        extra: Extra::None,
        components: Some(VarianceComponents {
            method: "swamy-arora".to_owned(),
            sigma2_e: s2_e,
            sigma2_u: s2_u,
            theta: range(&theta),
        }),
        notes,
        solution,
    })
}

/// Smallest and largest value.
pub(super) fn range(values: &[f64]) -> [f64; 2] {
    values
        .iter()
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| {
            [low.min(*v), high.max(*v)]
        })
}
