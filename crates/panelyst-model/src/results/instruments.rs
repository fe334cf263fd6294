//! First stages and tests of an instrumental regression, as plain data.

use super::Coefficient;
use serde::Serialize;

/// The regression of one endogenous regressor on exogenous regressors and instruments.
#[derive(Clone, Debug, Serialize)]
pub struct FirstStage {
    /// The endogenous regressor.
    pub endogenous: String,
    /// Its coefficients, exogenous regressors first, then the excluded instruments, the constant last.
    pub coefficients: Vec<Coefficient>,
    /// Share of what the exogenous regressors and effects leave of the endogenous regressor that the excluded
    /// instruments explain.
    pub partial_r2: f64,
    /// F of the excluded instruments with homoskedastic errors.
    pub f_iid: InstrumentTest,
    /// F of the excluded instruments with the covariance of the fit.
    pub f: InstrumentTest,
}

/// Instruments of a fit with their tests.
#[derive(Clone, Debug, Serialize)]
pub struct Instruments {
    /// Endogenous regressors.
    pub endogenous: Vec<String>,
    /// Excluded instruments used.
    pub excluded: Vec<String>,
    /// The k of the k-class: 1 for two-stage least squares.
    pub kappa: f64,
    /// Strength and validity of the instruments.
    pub tests: Vec<InstrumentTest>,
    /// Anderson-Rubin confidence set of the coefficient of a single endogenous regressor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_set: Option<ConfidenceSet>,
}

impl Instruments {
    /// The test of a name.
    pub fn test(&self, name: &str) -> Option<&InstrumentTest> {
        self.tests.iter().find(|t| t.test == name)
    }
}

/// One test of instruments.
#[derive(Clone, Debug, Serialize)]
pub struct InstrumentTest {
    /// Machine name.
    pub test: String,
    /// Covariance it uses, as in `--vcov`.
    pub vcov: String,
    /// The null hypothesis in words.
    pub null: String,
    /// The statistic; `None` when it is undefined.
    pub statistic: Option<f64>,
    /// `F` or `chi2`; `none` for a measure of strength without p-value.
    pub distribution: String,
    /// Degrees of freedom.
    pub df: Vec<f64>,
    /// p-value; `None` when undefined or when the distribution is not tabulated by one.
    pub p_value: Option<f64>,
    /// Formula in words with its source, or the reason why it is undefined.
    pub note: String,
}

/// The values of a coefficient that a test does not reject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfidenceSet {
    /// The coefficient.
    pub term: String,
    /// The test that was inverted: `anderson-rubin`.
    pub test: String,
    /// Confidence level.
    pub level: f64,
    /// `interval`, `rays` (two rays to infinity), `line` (every value), `empty`, or `union` of other pieces.
    pub shape: String,
    /// The pieces, ascending; `null` for an end at infinity.
    pub intervals: Vec<[Option<f64>; 2]>,
}
