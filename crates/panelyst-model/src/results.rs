//! Results as plain data: what estimators and tests return, what tables and JSON are made from.
//!
//! Serialised field names are the fixed contract of `--format json`; fields marked `skip` stay inside.

mod instruments;
mod small_samples;

pub use instruments::{ConfidenceSet, FirstStage, InstrumentTest, Instruments};
pub use small_samples::{ClusterShare, LeftOut, SmallSampleRow, SmallSamples, WildDraws};

use crate::design::Selection;
use crate::linear::Column;
use serde::Serialize;

/// One estimated model.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// The formula as estimated.
    pub formula: String,
    /// Registry name of the estimator: `pooled`, `within`, `between`, `first-difference`, `random`.
    pub model: String,
    /// Name of the left-hand side as typed without spaces.
    pub outcome: String,
    /// Rows read, used and lost.
    pub sample: Sample,
    /// Observations of the regression (rows of the transformed model: units for `between`).
    pub nobs: usize,
    /// Which covariance, with its constants.
    pub vcov: VcovInfo,
    /// Residual degrees of freedom, n - K.
    pub df_residual: f64,
    /// Degrees of freedom of the t distribution of the tests; `None` for the normal.
    pub df_test: Option<f64>,
    /// Coefficients in the order of the formula, the constant (`_cons`) last.
    pub coefficients: Vec<Coefficient>,
    /// Absorbed effects.
    pub fixed_effects: Vec<FixedEffect>,
    /// R squared with the effects.
    pub r2: Option<f64>,
    /// Adjusted R squared with the effects.
    pub r2_adjusted: Option<f64>,
    /// R squared after all effects were partialled out.
    pub r2_within: Option<f64>,
    /// Root mean squared error, sqrt(RSS / n).
    pub rmse: f64,
    /// Residual sum of squares (weighted).
    pub rss: f64,
    /// Log-likelihood: Gaussian for least squares.
    pub loglik: Option<f64>,
    /// Deviance, for models estimated by likelihood: twice the log-likelihood's distance from the saturated model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviance: Option<f64>,
    /// McFadden's (1974) pseudo R squared, 1 - loglik / loglik of a constant alone, where R squared is not defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudo_r2: Option<f64>,
    /// Variance components of a random-effects model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_components: Option<VarianceComponents>,
    /// First stages of an instrumental regression.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_stages: Vec<FirstStage>,
    /// Instruments and their tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruments: Option<Instruments>,
    /// What few clusters ask for, where it was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub small_samples: Option<SmallSamples>,
    /// What a reader must know: dropped singletons, collinear regressors, conventions.
    pub notes: Vec<Note>,
    /// Covariance of the coefficients, row-major, k x k in the order of `coefficients`.
    #[serde(skip)]
    pub covariance: Vec<f64>,
    /// Input rows used, ascending from 0.
    #[serde(skip)]
    pub rows_used: Selection,
    /// Residuals of the regression, one per observation (per used row but for `between` and `first-difference`).
    #[serde(skip)]
    pub residuals: Column,
    /// Names of the cluster variables, unit first where the panel is declared.
    #[serde(skip)]
    pub columns_used: Vec<String>,
}

impl Fit {
    /// The coefficient of a term by name.
    pub fn coefficient(&self, term: &str) -> Option<&Coefficient> {
        self.coefficients.iter().find(|c| c.term == term)
    }
}

/// Rows read, used and lost.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sample {
    /// Rows offered.
    pub rows: usize,
    /// Rows used.
    pub used: usize,
    /// Rows lost, by reason, in the order in which the reasons were applied.
    pub dropped: Vec<Dropped>,
}

/// A counted loss of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Why: `condition`, `missing x`, `log(x) without a value`, `singleton` ...
    pub reason: String,
    /// How many rows.
    pub count: usize,
}

/// Which covariance was used, with the constants that another package may set differently.
#[derive(Clone, Debug, Serialize)]
pub struct VcovInfo {
    /// As in `--vcov`: `iid`, `hc1`, `cluster:state` ...
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of the convention: `fixest`, `xtreg` ...
    pub convention: String,
    /// Number of clusters of each cluster variable, in the order given; empty when not clustered.
    pub clusters: serde_json::Map<String, serde_json::Value>,
    /// Factor on the covariance (not its root).
    pub small_sample_factor: f64,
    /// The factor as a formula: `G/(G-1) * (n-1)/(n-K)`, `n/(n-K)`, `1`.
    pub factor_rule: String,
    /// K of the formula, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<usize>,
}

/// One coefficient with its inference.
#[derive(Clone, Debug, Serialize)]
pub struct Coefficient {
    /// Term as typed without spaces; the constant is `_cons`.
    pub term: String,
    /// Estimate.
    pub estimate: f64,
    /// Standard error; no number (`null` in JSON), as all that follows from it, where scores cancel.
    pub std_error: f64,
    /// t or z.
    pub statistic: f64,
    /// Degrees of freedom of its t, where each coefficient has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: f64,
    /// Lower end of the 95 % interval; minus infinity (`null` in JSON) where it is open.
    pub ci_low: f64,
    /// Upper end of the 95 % interval; infinity (`null` in JSON) where it is open.
    pub ci_high: f64,
}

/// One absorbed effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixedEffect {
    /// As typed without spaces.
    pub name: String,
    /// Levels in the estimation sample.
    pub levels: usize,
}

/// Variance components of a random-effects model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VarianceComponents {
    /// Method: `swamy-arora` or `ml`.
    pub method: String,
    /// Variance of the idiosyncratic part.
    pub sigma2_e: f64,
    /// Variance of the unit effect.
    pub sigma2_u: f64,
    /// Smallest and largest quasi-demeaning weight theta over units.
    pub theta: [f64; 2],
}

/// Something a reader must know, as a value and not a print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A machine word: `singletons`, `collinear`, `convention`, `constant` ...
    pub kind: String,
    /// One sentence in English.
    pub text: String,
    /// What the note is about, for sentences in other languages: the dropped regressors of a
    /// `collinear` note, `mean-preserving` or `time-dummies` of a `constant` note.
    #[serde(skip)]
    pub about: Vec<String>,
}

impl Note {
    /// A note of a kind.
    pub fn new(kind: &str, text: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            text: text.into(),
            about: Vec::new(),
        }
    }

    /// The same note with the names it is about.
    #[must_use]
    pub fn about(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.about = names.into_iter().map(Into::into).collect();
        self
    }
}

/// One specification test.
#[derive(Clone, Debug, Serialize)]
pub struct TestRow {
    /// Machine name of the test: `f`, `lr`, `breusch-pagan`, `honda`, `hausman`, `poolability`.
    pub test: String,
    /// Which form of it, for example `unit`, `classic`, `sigmamore`.
    pub variant: String,
    /// The null hypothesis in words.
    pub null: String,
    /// The statistic; `None` when it is undefined (but for a positive value of a Hausman formula without distribution).
    pub statistic: Option<f64>,
    /// `F`, `chi2`, `chibar2`, `N(0,1)`, `t`.
    pub distribution: String,
    /// Degrees of freedom, none for the normal.
    pub df: Vec<f64>,
    /// p-value; `None` when the statistic is undefined.
    pub p_value: Option<f64>,
    /// `reject`, `keep` at 5 %, or `undefined`.
    pub decision: String,
    /// Formula in words, or the reason why it is undefined.
    pub note: String,
}

/// The difference of one coefficient between two groups, tested.
#[derive(Clone, Debug, Serialize)]
pub struct GroupDifference {
    /// Term compared.
    pub term: String,
    /// The two groups.
    pub groups: [String; 2],
    /// `interaction`, `permutation` or `suest`.
    pub method: String,
    /// Estimates in the two groups; not numbers where undefined.
    pub estimates: [f64; 2],
    /// First minus second.
    pub difference: f64,
    /// Standard error of the difference (not of permutations).
    pub std_error: Option<f64>,
    /// t statistic; the root of Wald's statistic with its sign for `suest`.
    pub statistic: Option<f64>,
    /// Degrees of freedom of the t (interaction only).
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p_value: Option<f64>,
    /// The p-value corrected for the number of pairs compared on this term by this method (Holm 1979).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value_holm: Option<f64>,
    /// Clusters (units) in each group.
    pub clusters: [usize; 2],
    /// Permutations drawn and their seed (permutation only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutations: Option<Permutations>,
    /// Caution where the numbers of clusters are small, or why it is undefined.
    pub note: String,
}

/// How a permutation p-value was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Permutations {
    /// Number of draws.
    pub draws: usize,
    /// Seed of the generator.
    pub seed: u64,
}

/// Description of one variable; a statistic without a value is not a number (`null` in JSON, an empty cell in tables).
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Column or expression.
    pub variable: String,
    /// Values present.
    pub obs: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, n - 1.
    pub sd: f64,
    /// Minimum.
    pub min: f64,
    /// First quartile.
    pub p25: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub p75: f64,
    /// Maximum.
    pub max: f64,
    /// On a panel: standard deviation of the unit means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<f64>,
    /// On a panel: standard deviation of the deviations from unit means, overall mean added back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// On a panel: units with a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<usize>,
}

/// Pairwise correlations on one sample; that with a constant variable is not a number.
#[derive(Clone, Debug, Serialize)]
pub struct Correlations {
    /// Names in order.
    pub variables: Vec<String>,
    /// Pearson correlations, row-major.
    pub r: Vec<f64>,
    /// Two-sided p-values from t with n - 2 degrees of freedom, row-major.
    pub p_value: Vec<f64>,
    /// Rows complete in all variables.
    pub nobs: usize,
}

/// Variance inflation of one regressor, infinite for a combination of the others.
#[derive(Clone, Debug, Serialize)]
pub struct VarianceInflation {
    /// Regressor.
    pub variable: String,
    /// On levels: 1 / (1 - R2) of the regression on the others and a constant.
    pub levels: f64,
    /// After the effects of the model were partialled out; `None` without effects.
    pub within: Option<f64>,
}
