//! Random unit effects by maximum likelihood under normality (Breusch 1987; Hsiao 2014, section 3.3.3).
//!
//! With rho = s2_u / s2_e and theta_i = 1 - 1 / sqrt(1 + T_i rho), coefficients and s2_e are concentrated out:
//!
//! ```text
//! l(rho)  = -n/2 (ln(2 pi RSS(rho) / n) + 1) - 1/2 sum_i ln(1 + T_i rho)
//! l'(rho) = n / (2 RSS) sum_i S_i^2 / (1 + T_i rho)^2 - 1/2 sum_i T_i / (1 + T_i rho)
//! ```
//!
//! RSS(rho) is that of the quasi-demeaned regression, S_i the sum of the residuals of unit i. The likelihood may have two
//! maxima, so a grid comes first; the best is then refined by bisection on the derivative.
//! Errors of the coefficients are those of the expected information, s2_e (X*'X*)^-1 with s2_e = RSS / n.

use super::random::{Panel, range};
use super::{Estimation, Extra, Observations, coefficient_names, collinear_notes};
use crate::Error;
use crate::design::Design;
use crate::linear::sums::dot;
use crate::linear::{Constant, least_squares};
use crate::request::Estimator;
use crate::results::{Note, VarianceComponents};

/// The panel as a few rows: an orthonormal summary of the within part, and one row of means for each unit.
struct Compressed<'a> {
    panel: &'a Panel<'a>,
    /// Rows of the within part: outcome first, then regressors.
    within: Vec<Vec<f64>>,
}

/// One evaluation of the concentrated likelihood.
struct Point {
    value: f64,
    slope: f64,
}

impl<'a> Compressed<'a> {
    fn new(panel: &'a Panel<'a>) -> Result<Self, Error> {
        let (_, parts) = panel.varying();
        let y = panel.within(0);
        let solution = least_squares(&y, &parts, Constant::None, None)?;
        let mut within: Vec<Vec<f64>> = (0..panel.columns.len())
            .map(|column| {
                let part = if column == 0 {
                    y.clone()
                } else {
                    panel.within(column)
                };
                solution.basis.iter().map(|q| dot(q, &part)).collect()
            })
            .collect();
        for (column, rows) in within.iter_mut().enumerate() {
            rows.push(if column == 0 {
                solution.rss.sqrt()
            } else {
                0.0
            });
        }
        Ok(Self { panel, within })
    }

    fn evaluate(&self, rho: f64) -> Result<Point, Error> {
        let panel = self.panel;
        let n = panel.n() as f64;
        let offset = self.within[0].len();
        let scale: Vec<f64> = panel
            .counts
            .iter()
            .map(|t| (t / (1.0 + t * rho)).sqrt())
            .collect();
        let stack = |column: usize| -> Vec<f64> {
            let means = panel.means[column].iter().zip(&scale).map(|(m, s)| m * s);
            self.within[column].iter().copied().chain(means).collect()
        };
        let x: Vec<Vec<f64>> = (1..panel.columns.len()).map(stack).collect();
        let ones: Vec<f64> = std::iter::repeat_n(0.0, offset)
            .chain(scale.iter().copied())
            .collect();
        let constant = if panel.constant {
            Constant::Column(&ones)
        } else {
            Constant::None
        };
        let solution = least_squares(&stack(0), &x, constant, None)?;
        let (mut logs, mut fit, mut penalty) = (0.0, 0.0, 0.0);
        for (t, r) in panel.counts.iter().zip(&solution.residuals[offset..]) {
            let growth = 1.0 + t * rho;
            logs += growth.ln();
            fit += t * r * r / growth;
            penalty += t / growth;
        }
        let rss = solution.rss;
        Ok(Point {
            value: -0.5 * n * ((std::f64::consts::TAU * rss / n).ln() + 1.0) - 0.5 * logs,
            slope: 0.5 * n / rss * fit - 0.5 * penalty,
        })
    }

    /// The ratio at which the likelihood is largest.
    fn maximise(&self) -> Result<f64, Error> {
        let grid: Vec<f64> = std::iter::once(0.0)
            .chain((-60..=60).map(|step| 10f64.powf(f64::from(step) / 6.0)))
            .collect();
        let mut best = (0, f64::NEG_INFINITY);
        for (place, &rho) in grid.iter().enumerate() {
            let value = self.evaluate(rho)?.value;
            if value > best.1 {
                best = (place, value);
            }
        }
        let place = best.0;
        if place + 1 == grid.len() {
            return Err(Error::NoConvergence {
                what: "the likelihood of the random-effects model (it grows without bound as the variance within units goes to zero)".to_owned(),
                iterations: grid.len(),
            });
        }
        let (mut low, mut high) = (grid[place.saturating_sub(1)], grid[place + 1]);
        if place == 0 && self.evaluate(0.0)?.slope <= 0.0 {
            return Ok(0.0);
        }
        for _ in 0..2000 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.evaluate(middle)?.slope > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(0.5 * (low + high))
    }
}

/// The maximum-likelihood random-effects estimator of a design.
///
/// # Errors
/// No panel, every regressor dropped, or a likelihood without a maximum.
pub fn random_ml(design: &Design) -> Result<Estimation, Error> {
    let panel = Panel::new(design, "the random-effects estimator")?;
    let n = panel.n();
    if n <= design.x.len() + 2 {
        return Err(Error::TooFewRows {
            observations: n,
            coefficients: design.x.len() + 2,
            effects: 0,
        });
    }
    let compressed = Compressed::new(&panel)?;
    let rho = compressed.maximise()?;
    let theta: Vec<f64> = panel
        .counts
        .iter()
        .map(|t| 1.0 - 1.0 / (1.0 + t * rho).sqrt())
        .collect();
    let solution = panel.quasi_demeaned(&theta)?;
    let s2_e = solution.rss / n as f64;
    let logs: f64 = panel.counts.iter().map(|t| (1.0 + t * rho).ln()).sum();
    let loglik = -0.5 * n as f64 * ((std::f64::consts::TAU * s2_e).ln() + 1.0) - 0.5 * logs;
    let mut notes = collinear_notes(design, &solution.dropped, "it does not vary")?;
    if rho == 0.0 {
        notes.push(Note::new(
            "variance-components",
            "the likelihood is largest where the variance of the unit effect is zero: the estimates are those of pooled least squares",
        ));
    }
    Ok(Estimation {
        estimator: Estimator::RandomMl,
        names: coefficient_names(design, &solution),
        parameters: solution.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank: None,
        tss: solution.tss,
        centred: design.constant,
        tss_within: None,
        loglik: Some(loglik),
        extra: Extra::None,
        components: Some(VarianceComponents {
            method: "ml".to_owned(),
            sigma2_e: s2_e,
            sigma2_u: rho * s2_e,
            theta: range(&theta),
        }),
        notes,
        solution,
    })
}
