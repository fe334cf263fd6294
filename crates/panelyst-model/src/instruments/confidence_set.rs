//! The test of Anderson and Rubin (1949), valid however weak the instruments are, and its inversion.

use super::bench::{Bench, Laid, wald_test};
use crate::Error;
use crate::distributions::f_upper_quantile;
use crate::estimators::Instrumental;
use crate::linear::Column;
use crate::linear::small::inverse_form;
use crate::linear::sums::dot;
use crate::results::{ConfidenceSet, InstrumentTest};

/// Confidence level of the set.
const LEVEL: f64 = 0.95;

/// Directions in which the statistic is looked at before roots are refined.
const DIRECTIONS: usize = 4096;

/// The test that the coefficients of all endogenous regressors are zero, and for a single one the set of values that the
/// test does not reject.
///
/// The statistic at b is the Wald statistic of the instruments in the regression of y - b d on exogenous regressors and
/// instruments, over their number; its covariance is a quadratic in b, so the set is found from three covariances.
pub(super) fn anderson_rubin(
    bench: &mut Bench<'_>,
    parts: &Instrumental,
    first: &[Laid],
) -> Result<(InstrumentTest, Option<ConfidenceSet>), Error> {
    let residual = &parts.reduced.weighted_residuals;
    let weights = bench.part(&parts.outcome_weights).to_vec();
    let l = weights.len();
    let own_laid = bench.lay(residual.clone())?;
    let own = bench.instruments(&own_laid)?;
    let test = wald_test(
        "anderson-rubin",
        format!(
            "the coefficients of {} are zero",
            parts.endogenous.join(", ")
        ),
        inverse_form(&weights, &own.matrix),
        l,
        &own,
        "Wald statistic of the excluded instruments in the reduced form of the outcome, over their number (Anderson and Rubin 1949)",
    );
    let ([name], [other], [laid], [on_other]) = (
        parts.endogenous.as_slice(),
        parts.residuals.as_slice(),
        first,
        parts.weights.as_slice(),
    ) else {
        return Ok((test, None));
    };
    let Some(df) = own.df_test else {
        return Ok((test, None));
    };
    let bound = l as f64 * f_upper_quantile(1.0 - LEVEL, l as f64, df);
    let on_other = bench.part(on_other).to_vec();
    let iid = own.kind == "iid";
    let intervals = if iid {
        let per_square = own.matrix[0] / own_laid.square;
        let c = bound * per_square;
        // (w - b d)'(w - b d) <= c (u - b v)'(u - b v), a quadratic inequality.
        quadratic_set(
            dot(&on_other, &on_other) - c * laid.square,
            -2.0 * (dot(&weights, &on_other) - c * residual.product(other)),
            dot(&weights, &weights) - c * own_laid.square,
        )
    } else {
        let theirs = bench.instruments(laid)?.matrix;
        // Scaled so that both residuals are of one size, the cross term keeps its digits.
        let scale = (own_laid.square / laid.square).sqrt();
        let sum = bench.lay(Column::sum(&[(1.0, residual), (scale, other)]))?;
        let both = bench.instruments(&sum)?.matrix;
        let form = Form {
            weights: [weights, on_other.iter().map(|w| w * scale).collect()],
            covariances: [
                own.matrix.clone(),
                both.iter()
                    .zip(own.matrix.iter().zip(&theirs))
                    .map(|(s, (a, b))| s - a - scale * scale * b)
                    .collect(),
                theirs.iter().map(|v| v * scale * scale).collect(),
            ],
            bound,
        };
        form.set()
            .into_iter()
            .map(|piece| piece.map(|end| end.map(|b| b * scale)))
            .collect()
    };
    let shape = match intervals.as_slice() {
        [] => "empty",
        [[None, None]] => "line",
        [[Some(_), Some(_)]] => "interval",
        [[None, Some(_)], [Some(_), None]] => "rays",
        _ => "union",
    };
    Ok((
        test,
        Some(ConfidenceSet {
            term: name.clone(),
            test: "anderson-rubin".to_owned(),
            level: LEVEL,
            shape: shape.to_owned(),
            intervals,
        }),
    ))
}

type Piece = [Option<f64>; 2];

/// Where `a b^2 + h b + c <= 0`.
fn quadratic_set(a: f64, h: f64, c: f64) -> Vec<Piece> {
    let discriminant = h * h - 4.0 * a * c;
    if a == 0.0 {
        return match h.total_cmp(&0.0) {
            _ if h == 0.0 => {
                if c <= 0.0 {
                    vec![[None, None]]
                } else {
                    Vec::new()
                }
            }
            std::cmp::Ordering::Greater => vec![[None, Some(-c / h)]],
            _ => vec![[Some(-c / h), None]],
        };
    }
    if discriminant < 0.0 {
        return if a > 0.0 {
            Vec::new()
        } else {
            vec![[None, None]]
        };
    }
    // The root of larger size first, so that none is a difference of equal numbers.
    let q = -0.5 * (h + h.signum() * discriminant.sqrt());
    let (x, y) = if q == 0.0 { (0.0, 0.0) } else { (q / a, c / q) };
    let (low, high) = (x.min(y), x.max(y));
    if a > 0.0 {
        vec![[Some(low), Some(high)]]
    } else {
        vec![[None, Some(low)], [Some(high), None]]
    }
}

/// The statistic as a function of the direction (cos t, sin t), b = tan t: `w0 cos t - w1 sin t` with the covariance
/// `S0 cos^2 t - S1 sin t cos t + S2 sin^2 t`.
struct Form {
    weights: [Vec<f64>; 2],
    covariances: [Vec<f64>; 3],
    bound: f64,
}

impl Form {
    /// The statistic less its bound; above zero where the covariance is singular.
    fn excess(&self, angle: f64) -> f64 {
        let (sine, cosine) = angle.sin_cos();
        let pairs = self.weights[0].iter().zip(&self.weights[1]);
        let weights: Vec<f64> = pairs.map(|(a, b)| a * cosine - b * sine).collect();
        let [own, both, theirs] = &self.covariances;
        let covariance: Vec<f64> = own
            .iter()
            .zip(both.iter().zip(theirs))
            .map(|(a, (s, b))| a * cosine * cosine - s * sine * cosine + b * sine * sine)
            .collect();
        inverse_form(&weights, &covariance).map_or(f64::INFINITY, |w| w - self.bound)
    }

    /// Where the statistic is at most its bound: signs on a grid of directions, with every local minimum refined so that
    /// a narrow piece is not missed, and ends by bisection.
    fn set(&self) -> Vec<Piece> {
        use std::f64::consts::{FRAC_PI_2, PI};
        let step = PI / DIRECTIONS as f64;
        let mut points: Vec<(f64, f64)> = (0..=DIRECTIONS)
            .map(|i| -FRAC_PI_2 + i as f64 * step)
            .map(|t| (t, self.excess(t)))
            .collect();
        let minima: Vec<f64> = points
            .windows(3)
            .filter(|w| w[1].1 > 0.0 && w[1].1 <= w[0].1 && w[1].1 <= w[2].1)
            .map(|w| self.minimum(w[0].0, w[2].0))
            .collect();
        points.extend(minima.into_iter().map(|t| (t, self.excess(t))));
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open: Option<Option<f64>> = (points[0].1 <= 0.0).then_some(None);
        for pair in points.windows(2) {
            let ((a, fa), (b, fb)) = (pair[0], pair[1]);
            match (fa <= 0.0, fb <= 0.0) {
                (false, true) => open = Some(Some(self.root(b, a).tan())),
                (true, false) => {
                    if let Some(start) = open.take() {
                        pieces.push([start, Some(self.root(a, b).tan())]);
                    }
                }
                _ => {}
            }
        }
        if let Some(start) = open {
            pieces.push([start, None]);
        }
        pieces
    }

    /// The end of the set between a direction inside and one outside.
    fn root(&self, mut inside: f64, mut outside: f64) -> f64 {
        for _ in 0..200 {
            let middle = 0.5 * (inside + outside);
            if middle == inside || middle == outside {
                break;
            }
            if self.excess(middle) <= 0.0 {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        inside
    }

    /// A local minimum between two directions, by golden sections.
    fn minimum(&self, mut low: f64, mut high: f64) -> f64 {
        let ratio = 0.5 * (5f64.sqrt() - 1.0);
        for _ in 0..60 {
            let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
            if self.excess(a) <= self.excess(b) {
                high = b;
            } else {
                low = a;
            }
        }
        0.5 * (low + high)
    }
}
