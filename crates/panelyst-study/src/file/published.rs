//! `[[table.published]]` of a comparison with a publication, as typed.

use super::at::{At, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// `[[table.published]]`: a column of a published table, and the model that it is compared with.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublishedEntry {
    /// Formula of the model; the full model of the study when left out.
    pub formula: Option<At<String>>,
    /// Heading of the column.
    pub heading: Option<Text>,
    /// Estimator.
    pub model: Option<At<String>>,
    /// Covariance that the publication says it uses.
    pub vcov: Option<At<String>>,
    /// Convention.
    pub convention: Option<At<String>>,
    /// Constant of a column with effects.
    pub constant: Option<At<String>>,
    /// Rows kept.
    #[serde(rename = "where")]
    pub condition: Option<At<String>>,
    /// Rows as they stand on the page: term of our formula, coefficient with its stars, and the number in brackets if there
    /// is one: `["x", "0.373***", "(9.39)"]`.
    #[serde(default)]
    pub rows: Vec<At<Vec<At<String>>>>,
    /// What stands in brackets: `se` (default) or `t`.
    pub brackets: Option<At<String>>,
    /// Observations.
    pub n: Option<At<String>>,
    /// R squared.
    pub r2: Option<At<String>>,
    /// Adjusted R squared.
    pub r2_adjusted: Option<At<String>>,
    /// Within R squared.
    pub r2_within: Option<At<String>>,
    /// Levels of one, two and three stars in the publication; those of the study when left out, none where it prints none.
    pub stars: Option<At<Vec<f64>>>,
}
