//! The entries of a study file, as typed. Doc comments are the user's reference: `panelyst schema` prints them.

use super::at::{At, OneOrMany, Text};
use super::choices::ChoicesEntry;
use super::published::PublishedEntry;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The whole file.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StudyFile {
    /// Title, language, output.
    pub study: StudyEntry,
    /// What the study expects to find; read against the estimates.
    pub hypothesis: Option<HypothesisEntry>,
    /// Units and periods.
    pub panel: PanelEntry,
    /// Tables to read, by a name of your choice.
    pub sources: BTreeMap<String, SourceEntry>,
    /// Variables to build, by their name in formulas.
    pub variables: Option<BTreeMap<String, VariableEntry>>,
    /// Groups of units, by the name of the column they make.
    pub groups: Option<BTreeMap<String, GroupEntry>>,
    /// The main model; tables build their columns from it.
    pub model: ModelEntry,
    /// How tables are printed.
    pub style: Option<StyleEntry>,
    /// Tables in order.
    pub table: Option<Vec<TableEntry>>,
}

/// Top-level keys of a study file.
pub const TOP_LEVEL: &[&str] = &[
    "study",
    "hypothesis",
    "panel",
    "sources",
    "variables",
    "groups",
    "model",
    "style",
    "table",
];

/// `[study]`: title, language, output.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StudyEntry {
    /// Title of the study.
    pub title: Option<Text>,
    /// Language of tables and reading: `en` or `zh`.
    pub lang: Option<At<String>>,
    /// Formats written under `tables/`, `png` for figures as PNG beside their SVG, and `pdf` for `report.pdf` (where Panelyst was
    /// built with the feature `pdf`); all when left out.
    pub formats: Option<Vec<At<String>>>,
    /// Pitfalls that are not to be told of, by name; the ledger keeps what they would have said.
    #[serde(default)]
    pub silence: Vec<At<String>>,
}

/// `[hypothesis]`: what the study expects.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HypothesisEntry {
    /// The hypothesis in words.
    pub text: Option<Text>,
    /// Sign expected of the core variable: `positive` or `negative`.
    pub sign: Option<At<String>>,
}

/// `[panel]`: units and periods.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PanelEntry {
    /// Name of the unit column, for example `province`.
    pub unit: Option<At<String>>,
    /// Name of the time column, for example `year`.
    pub time: Option<At<String>>,
    /// Built-in table of unit names matched in every source: `china-provinces` or `us-states`.
    pub names: Option<At<String>>,
    /// CSV with further spellings, columns `name,alias`.
    pub names_file: Option<At<String>>,
    /// First period kept.
    pub first: Option<At<i64>>,
    /// Last period kept.
    pub last: Option<At<i64>>,
    /// Rows that are no units and are left out in every source, for example national totals.
    #[serde(default)]
    pub leave_out: Vec<At<String>>,
    /// Whether missing unit-periods become rows (with missing values), so that they can be filled.
    #[serde(default)]
    pub complete: bool,
    /// Word for a unit in tables and reading, for example `province`.
    pub unit_label: Option<Text>,
    /// Word for a period in tables and reading, for example `year`.
    pub time_label: Option<Text>,
}

/// `[sources.NAME]`: a table to read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SourceEntry {
    /// File or files (stacked), relative to the study file.
    pub file: Option<At<OneOrMany<String>>>,
    /// `long` (default), `units-in-rows` (periods in columns) or `units-in-columns` (periods in rows).
    pub layout: Option<At<String>>,
    /// Name of the series of a wide table.
    pub value: Option<At<String>>,
    /// What a row of a long table is: `unit-time` (default), `unit`, `time` or `unit-activity-time`.
    pub keys: Option<At<String>>,
    /// Name of the unit column in this file, where it differs from the panel's.
    pub unit_column: Option<At<String>>,
    /// Name of the time column in this file, where it differs from the panel's.
    pub time_column: Option<At<String>>,
    /// Activity column of a `unit-activity-time` table.
    pub activity_column: Option<At<String>>,
    /// Columns taken and their names in the study: `new = "name in the file"`. All columns when left out.
    pub columns: Option<BTreeMap<String, At<String>>>,
    /// Unit of measure of the numbers in the file, for example `10k-yuan`.
    pub unit: Option<At<String>>,
    /// Unit of measure wanted, for example `100m-yuan`.
    pub convert_to: Option<At<String>>,
    /// Unit of measure of single columns: `gdp = { unit = "10k-yuan", convert-to = "100m-yuan" }`.
    pub measures: Option<BTreeMap<String, MeasureEntry>>,
    /// Sheet of a workbook, by name or number from 1.
    pub sheet: Option<At<String>>,
    /// Range of a sheet, for example `B3:H40`.
    pub range: Option<At<String>>,
    /// Text encoding; found out when left out.
    pub encoding: Option<At<String>>,
    /// Further marks that mean missing.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Number of header rows.
    pub header_rows: Option<usize>,
    /// Rows above the header.
    pub skip_rows: Option<usize>,
    /// Columns read as text whatever they hold.
    #[serde(default)]
    pub text_columns: Vec<String>,
    /// Rows kept, as an expression.
    #[serde(rename = "where")]
    pub condition: Option<At<String>>,
    /// Unit names that the name table does not know: `error` (default) or `drop`.
    pub unmatched: Option<At<String>>,
    /// Where the numbers come from, printed in the reading.
    pub cite: Option<Text>,
}

/// Unit of measure of a column.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MeasureEntry {
    /// Unit in the file.
    pub unit: Option<At<String>>,
    /// Unit wanted.
    pub convert_to: Option<At<String>>,
}

/// `[variables.NAME]`: a variable to build.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariableEntry {
    /// Expression over columns and earlier variables; a column of the same name when left out.
    pub formula: Option<At<String>>,
    /// Index by name, for example `location-quotient`.
    pub index: Option<At<String>>,
    /// Two-series form: the column of the activity. Long form: the activity meant.
    pub activity: Option<At<String>>,
    /// Two-series form: the column of the total.
    pub total: Option<At<String>>,
    /// Two-series form: columns of national totals, by period.
    pub national_activity: Option<At<String>>,
    /// Two-series form: columns of national totals, by period.
    pub national_total: Option<At<String>>,
    /// Long form: a source with keys `unit-activity-time`.
    pub source: Option<At<String>>,
    /// Long form: its value column.
    pub value: Option<At<String>>,
    /// Gaps filled within units: `linear` or `log-linear`.
    pub fill: Option<At<String>>,
    /// Whether gaps at the ends are filled too.
    #[serde(default)]
    pub fill_outwards: bool,
    /// Values pulled in to quantiles: `0.01`, or `{ lower = 0.01, upper = 0.99, by = "time" }`.
    pub winsorise: Option<At<WinsoriseEntry>>,
    /// Rows on which the formula has no value (log of zero): `error` (default) or `drop`.
    pub invalid: Option<At<String>>,
    /// `outcome`, `core`, `control`, `alternative` or `other`; the order of Table 1.
    pub role: Option<At<String>>,
    /// Words for it in tables.
    pub label: Option<Text>,
    /// Definition in Table 1; made from the formula when left out.
    pub definition: Option<Text>,
    /// Unit of measure printed in Table 1 and the reading.
    pub unit: Option<Text>,
}

/// How values are pulled in.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a share such as 0.01, or { lower = 0.01, upper = 0.99, by = \"time\" }"
)]
pub enum WinsoriseEntry {
    /// The same share on both sides.
    Share(f64),
    /// Both quantiles.
    Quantiles(QuantilesEntry),
}

/// Lower and upper quantile.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuantilesEntry {
    /// Lower quantile, 0 to 1.
    pub lower: f64,
    /// Upper quantile, 0 to 1.
    pub upper: f64,
    /// `time`: by period; left out: over all rows.
    pub by: Option<String>,
}

/// `[groups.NAME]`: groups of units.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupEntry {
    /// Attribute of the built-in name table, for example `region`.
    pub attribute: Option<At<String>>,
    /// Column of a source.
    pub column: Option<At<String>>,
    /// Members of each group.
    pub members: Option<BTreeMap<String, Vec<At<String>>>>,
    /// Groups in the order of the table; alphabetical when left out.
    #[serde(default)]
    pub order: Vec<At<String>>,
    /// Words for each group.
    #[serde(default)]
    pub labels: BTreeMap<String, Text>,
}

/// `[model]`: the main model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelEntry {
    /// Left-hand side.
    pub outcome: Option<At<String>>,
    /// The variable of interest.
    pub core: Option<At<String>>,
    /// Controls.
    #[serde(default)]
    pub controls: Vec<At<String>>,
    /// Effects absorbed in the full model; unit and time of the panel when left out.
    pub effects: Option<Vec<At<String>>>,
    /// Column of weights.
    pub weights: Option<At<String>>,
    /// Covariance of columns with effects, as `fit --vcov` takes it (`cluster:province`); clustered by unit when left out.
    pub vcov: Option<At<String>>,
    /// Covariance of pooled columns; the same as `vcov` when left out.
    pub pooled_vcov: Option<At<String>>,
    /// Named convention for constants and degrees of freedom, for example `xtreg`.
    pub convention: Option<At<String>>,
    /// Constant of columns with effects: `none` (default), `mean` or `time-dummies`.
    pub constant: Option<At<String>>,
}

/// `[style]`: how tables are printed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StyleEntry {
    /// In brackets below a coefficient: `t` (default), `se`, `p` or `none`.
    pub brackets: Option<At<String>>,
    /// Levels of one, two and three stars.
    pub stars: Option<At<Vec<f64>>>,
    /// Decimals of coefficients; three significant digits when left out.
    pub decimals: Option<At<u8>>,
    /// Decimals in brackets; two when left out.
    pub bracket_decimals: Option<At<u8>>,
    /// Whether p-values of the cluster jackknife (CRV3) and of the wild bootstrap stand below coefficients with fewer than
    /// 50 clusters; they stand in the results either way.
    #[serde(default)]
    pub small_samples: bool,
}

/// `[[table]]`: one table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TableEntry {
    /// `definitions`, `description`, `correlation`, `collinearity`, `choice`, `baseline`, `robustness`, `heterogeneity`,
    /// `conventions` (the full model under the small-sample rules of several packages) or `specification-curve` (every
    /// combination of choices) or `publication` (published numbers beside ours).
    pub kind: Option<At<String>>,
    /// Title.
    pub title: Option<Text>,
    /// Columns of a `baseline` table; core, with controls, with effects when left out.
    pub columns: Option<Vec<ColumnEntry>>,
    /// Variables of a `description` or `correlation`; those of the full model when left out.
    pub variables: Option<Vec<At<String>>>,
    /// Samples of a `description`: `raw`, `estimation`; both when left out.
    pub samples: Option<Vec<At<String>>>,
    /// `robustness`: the baseline columns again with this variable in place of the core one.
    pub replace: Option<At<String>>,
    /// `robustness`: one column each.
    pub variants: Option<Vec<VariantEntry>>,
    /// `heterogeneity`: group by which the sample is split.
    pub by: Option<At<String>>,
    /// `heterogeneity`: draws of the permutation test; 999 when left out, 0 for none.
    pub permutations: Option<usize>,
    /// `heterogeneity`: seed of the permutation test.
    pub seed: Option<u64>,
    /// `conventions`: names, the one that the others are compared with first; that of the model and all others when left
    /// out.
    pub conventions: Option<Vec<At<String>>>,
    /// `specification-curve`: what is varied.
    pub choices: Option<ChoicesEntry>,
    /// `publication`: where the numbers were published.
    pub source: Option<Text>,
    /// `publication`: the published columns.
    pub published: Option<Vec<At<PublishedEntry>>>,
}

/// One column of a `baseline` table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ColumnEntry {
    /// Formula, for example `agg ~ inv | province + year`.
    pub formula: Option<At<String>>,
    /// Heading above the outcome.
    pub heading: Option<Text>,
    /// Estimator.
    pub model: Option<At<String>>,
    /// Covariance.
    pub vcov: Option<At<String>>,
    /// Convention.
    pub convention: Option<At<String>>,
    /// Constant of a column with effects.
    pub constant: Option<At<String>>,
    /// Rows kept.
    #[serde(rename = "where")]
    pub condition: Option<At<String>>,
}

/// One variant of the full model in a `robustness` table; several keys may be combined.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VariantEntry {
    /// Another core variable.
    pub replace: Option<At<String>>,
    /// Another outcome.
    pub outcome: Option<At<String>>,
    /// The core variable that many periods earlier.
    pub lag: Option<At<i64>>,
    /// Units left out.
    pub drop_units: Option<Vec<At<String>>>,
    /// Periods left out.
    pub drop_periods: Option<Vec<At<i64>>>,
    /// Outcome, core and controls pulled in to these quantiles.
    pub winsorise: Option<At<WinsoriseEntry>>,
    /// Rows with a filled cell in a variable of the model left out.
    #[serde(default)]
    pub drop_filled: bool,
    /// Further controls.
    pub add: Option<Vec<At<String>>>,
    /// Another covariance.
    pub vcov: Option<At<String>>,
    /// Another convention.
    pub convention: Option<At<String>>,
    /// Heading of the column.
    pub heading: Option<Text>,
}
