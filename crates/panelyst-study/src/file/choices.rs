//! `[table.choices]` of a specification curve, as typed.

use super::at::At;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[table.choices]`: what a specification curve varies. Every combination is estimated; what is left out stays as in the
/// full model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChoicesEntry {
    /// Core variables.
    pub core: Option<At<Vec<At<String>>>>,
    /// Outcomes.
    pub outcome: Option<At<Vec<At<String>>>>,
    /// Sets of controls; `[]` is none.
    pub controls: Option<At<Vec<At<Vec<At<String>>>>>>,
    /// Controls of which every subset is taken, added to each set of `controls` (to none where that is left out).
    pub subsets_of: Option<At<Vec<At<String>>>>,
    /// Samples as conditions; `""` keeps all rows.
    #[serde(rename = "where")]
    pub conditions: Option<At<Vec<At<String>>>>,
    /// Sets of effects; `[]` is none.
    pub effects: Option<At<Vec<At<Vec<At<String>>>>>>,
    /// Covariances.
    pub vcov: Option<At<Vec<At<String>>>>,
    /// Conventions.
    pub conventions: Option<At<Vec<At<String>>>>,
    /// By variable: rules for its gaps, `none`, `linear` or `log-linear`.
    #[serde(default)]
    pub fill: BTreeMap<String, At<Vec<At<String>>>>,
    /// By variable with a logarithm in its formula: bases, `e`, `10` or `2`.
    #[serde(default)]
    pub log_base: BTreeMap<String, At<Vec<At<String>>>>,
    /// By variable: formulas.
    #[serde(default)]
    pub formula: BTreeMap<String, At<Vec<At<String>>>>,
    /// Most specifications that may be run; 10000 when left out.
    pub limit: Option<At<usize>>,
}
