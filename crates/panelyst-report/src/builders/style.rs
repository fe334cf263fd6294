//! What a study or a user may choose about the tables.

use super::statistics::Statistic;
use crate::table::{Digits, Lang};

/// What stands in brackets below a coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Brackets {
    /// t statistics (z where tests use the normal distribution).
    #[default]
    T,
    /// Standard errors.
    StdError,
    /// Two-sided p-values.
    PValue,
    /// No second row.
    None,
}

/// Choices for all tables of a paper. The default prints as `esttab` does: t statistics in brackets with two
/// decimals, coefficients with three significant digits, stars at 5, 1 and 0.1 %.
#[derive(Clone, Debug)]
pub struct Style {
    /// Language of words.
    pub lang: Lang,
    /// What stands in brackets.
    pub brackets: Brackets,
    /// Star levels, from lenient to strict; a coefficient gets a star for each level its p-value is below.
    /// At most three; empty for no stars.
    pub stars: Vec<f64>,
    /// Digits of coefficients.
    pub digits: Digits,
    /// Digits in brackets.
    pub bracket_digits: Digits,
    /// Digits of means, deviations and quantiles.
    pub moment_digits: Digits,
    /// Printed names: pairs of a term, variable or effect and its label.
    pub labels: Vec<(String, String)>,
    /// Rows below the coefficients, in order.
    pub statistics: Vec<Statistic>,
    /// Whether p-values of the jackknife and of the wild bootstrap stand below the coefficients of fits that have them.
    pub small_samples: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            lang: Lang::En,
            brackets: Brackets::T,
            stars: vec![0.05, 0.01, 0.001],
            digits: Digits::Significant(3),
            bracket_digits: Digits::Decimals(2),
            moment_digits: Digits::Decimals(4),
            labels: Vec::new(),
            statistics: vec![
                Statistic::Observations,
                Statistic::Clusters,
                Statistic::R2,
                Statistic::R2Within,
            ],
            small_samples: false,
        }
    }
}

impl Style {
    /// The default in a language.
    pub fn new(lang: Lang) -> Self {
        Self {
            lang,
            ..Self::default()
        }
    }

    /// Number of stars of a p-value; none where it is undefined.
    pub fn stars_of(&self, p_value: f64) -> u8 {
        let below = self.stars.iter().filter(|level| p_value < **level).count();
        u8::try_from(below.min(3)).unwrap_or(3)
    }

    /// The strictest star level that a p-value is below.
    pub fn level_of(&self, p_value: f64) -> Option<f64> {
        let below = self.stars.iter().copied().filter(|level| p_value < *level);
        below.reduce(f64::min)
    }

    /// The most lenient star level; 5 % where no stars are printed.
    pub fn lenient(&self) -> f64 {
        self.stars.iter().copied().reduce(f64::max).unwrap_or(0.05)
    }

    /// Star levels with their signs, lenient first: `("*", 0.05)`, `("**", 0.01)` ...
    pub(crate) fn legend(&self) -> Vec<(String, f64)> {
        let mut levels = self.stars.clone();
        levels.sort_by(|a, b| b.total_cmp(a));
        levels.truncate(3);
        let signs = levels.into_iter().enumerate();
        signs
            .map(|(place, level)| ("*".repeat(place + 1), level))
            .collect()
    }
}
