//! From a statistic to a row of the table of tests.

use crate::distributions::{chi2_upper, f_upper, normal_upper};

/// Level of the decisions.
pub const LEVEL: f64 = 0.05;

/// The distribution of a statistic under its null.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    /// F with two degrees of freedom.
    F(f64, f64),
    /// Chi-squared.
    Chi2(f64),
    /// An equal mixture of zero and chi-squared with one degree of freedom (a variance on its boundary).
    ChiBar2,
    /// Standard normal, large values reject.
    Normal,
    /// Standard normal, values far from zero on either side reject.
    TwoSidedNormal,
}

impl Law {
    /// Machine name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::F(..) => "F",
            Self::Chi2(_) => "chi2",
            Self::ChiBar2 => "chibar2",
            Self::Normal | Self::TwoSidedNormal => "N(0,1)",
        }
    }

    /// Degrees of freedom.
    pub(super) fn df(self) -> Vec<f64> {
        match self {
            Self::F(first, second) => vec![first, second],
            Self::Chi2(df) => vec![df],
            Self::ChiBar2 => vec![1.0],
            Self::Normal | Self::TwoSidedNormal => Vec::new(),
        }
    }

    /// Probability of a larger value.
    pub(super) fn upper(self, value: f64) -> f64 {
        match self {
            Self::F(first, second) => f_upper(value, first, second),
            Self::Chi2(df) => chi2_upper(value, df),
            Self::ChiBar2 if value > 0.0 => 0.5 * chi2_upper(value, 1.0),
            Self::ChiBar2 => 1.0,
            Self::Normal => normal_upper(value),
            Self::TwoSidedNormal => 2.0 * normal_upper(value.abs()),
        }
    }
}

/// What a test found.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// The value of the formula; `None` where it has none that could be a statistic.
    pub statistic: Option<f64>,
    /// Whether it has the distribution under the null.
    pub defined: bool,
    /// Its distribution, kept when undefined so that the row says what it would have been.
    pub law: Law,
    /// What is particular to these data, or why the statistic is undefined.
    pub note: String,
}

impl Verdict {
    /// A statistic, with what a reader must know beside the formula.
    pub(super) fn found(statistic: f64, law: Law, note: impl Into<String>) -> Self {
        if statistic.is_finite() {
            Self {
                statistic: Some(statistic),
                defined: true,
                law,
                note: note.into(),
            }
        } else {
            Self::undefined(law, "the statistic is not finite")
        }
    }

    /// No statistic, for a reason.
    pub(super) fn undefined(law: Law, reason: impl Into<String>) -> Self {
        Self {
            statistic: None,
            defined: false,
            law,
            note: reason.into(),
        }
    }

    /// The value that the formula gives although it does not have the distribution, for comparison with other programs;
    /// none where it is negative.
    pub(super) fn without_distribution(value: f64, law: Law, reason: impl Into<String>) -> Self {
        Self {
            statistic: (value >= 0.0).then_some(value),
            ..Self::undefined(law, reason)
        }
    }

    /// Degrees of freedom; none where they could not be counted.
    pub(super) fn df(&self) -> Vec<f64> {
        let df = self.law.df();
        if self.defined || df.iter().all(|d| *d > 0.0) {
            df
        } else {
            Vec::new()
        }
    }

    /// Probability of a larger statistic under the null.
    pub(super) fn p_value(&self) -> Option<f64> {
        self.statistic
            .filter(|_| self.defined)
            .map(|value| self.law.upper(value))
    }
}
