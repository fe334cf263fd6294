//! `[table.choices]` of a specification curve, as typed.

use super::at::At;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Words, each with its place.
pub type Words = At<Vec<At<String>>>;

/// Sets of words, each with its place.
pub type Sets = At<Vec<Words>>;

/// `[table.choices]`: what a specification curve varies. Every combination is estimated; what is left out stays as in the
/// full model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChoicesEntry {
    /// Core variables.
    pub core: Option<Words>,
    /// Outcomes.
    pub outcome: Option<Words>,
    /// Sets of controls; `[]` is none.
    pub controls: Option<Sets>,
    /// Controls of which every subset is taken, added to each set of `controls` (to none where that is left out).
    pub subsets_of: Option<Words>,
    /// Samples as conditions; `""` keeps all rows.
    #[serde(rename = "where")]
    pub conditions: Option<Words>,
    /// Sets of effects; `[]` is none.
    pub effects: Option<Sets>,
    /// Covariances.
    pub vcov: Option<Words>,
    /// Conventions.
    pub conventions: Option<Words>,
    /// By variable: rules for its gaps, `none`, `linear` or `log-linear`.
    #[serde(default)]
    pub fill: BTreeMap<String, Words>,
    /// By variable with a logarithm in its formula: bases, `e`, `10` or `2`.
    #[serde(default)]
    pub log_base: BTreeMap<String, Words>,
    /// By variable: formulas.
    #[serde(default)]
    pub formula: BTreeMap<String, Words>,
    /// Most specifications that may be run; 10000 when left out.
    pub limit: Option<At<usize>>,
}
