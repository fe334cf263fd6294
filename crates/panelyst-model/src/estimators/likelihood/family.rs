//! Distributions of outcomes with their canonical links.

use statrs::function::gamma::ln_gamma;

/// A distribution with its canonical link, so that the derivative of the mean is the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Poisson with `mean = exp(eta)`; only the mean must be right (Gourieroux, Monfort and Trognon 1984).
    Poisson,
    /// Bernoulli with `mean = 1 / (1 + exp(-eta))`.
    Logit,
}

/// Linear predictors are kept within this bound; means beyond are beyond every count.
const LARGEST: f64 = 650.0;

/// An outcome's distribution at a linear predictor.
pub(super) struct At {
    pub(super) mean: f64,
    pub(super) variance: f64,
    /// Twice the row's distance in log-likelihood from a perfect fit.
    pub(super) deviance: f64,
}

impl Family {
    /// Linear predictor to begin with, from the outcome and its mean.
    pub(super) fn start(self, y: f64, mean: f64) -> f64 {
        match self {
            Self::Poisson => (0.5 * (y + mean)).ln(),
            Self::Logit => {
                let p = 0.5 * (y + 0.5);
                (p / (1.0 - p)).ln()
            }
        }
    }

    /// The part of a row's deviance, halved, that does not depend on the predictor.
    pub(super) fn own(self, y: f64) -> f64 {
        match self {
            Self::Poisson if y > 0.0 => y * y.ln() - y,
            Self::Poisson | Self::Logit => 0.0,
        }
    }

    /// Mean, variance and deviance of an outcome at a linear predictor; `own` is [`Family::own`] of the outcome.
    pub(super) fn at(self, y: f64, eta: f64, own: f64) -> At {
        let eta = eta.clamp(-LARGEST, LARGEST);
        match self {
            Self::Poisson => {
                let mean = eta.exp();
                At {
                    mean,
                    variance: mean,
                    deviance: 2.0 * (own - y * eta + mean),
                }
            }
            Self::Logit => {
                let small = (-eta.abs()).exp();
                let tail = small / (1.0 + small);
                let wrong = if y > 0.5 { -eta } else { eta };
                At {
                    mean: if eta > 0.0 { 1.0 - tail } else { tail },
                    variance: tail / (1.0 + small),
                    deviance: 2.0 * (wrong.max(0.0) + small.ln_1p()),
                }
            }
        }
    }

    /// Log-likelihood of a row at its own outcome, to which minus half the deviance is added.
    pub(super) fn saturated(self, y: f64, own: f64) -> f64 {
        match self {
            Self::Poisson if y > 0.0 => own - ln_gamma(y + 1.0),
            Self::Poisson | Self::Logit => 0.0,
        }
    }

    /// Linear predictor of a mean.
    #[must_use]
    pub fn link(self, mean: f64) -> f64 {
        match self {
            Self::Poisson => mean.ln(),
            Self::Logit => (mean / (1.0 - mean)).ln(),
        }
    }

    /// Whether a level whose outcomes are all `y` determines nothing: its effect runs to infinity.
    pub(super) fn is_boundary(self, y: f64) -> bool {
        match self {
            Self::Poisson => y == 0.0,
            Self::Logit => y == 0.0 || y == 1.0,
        }
    }
}
