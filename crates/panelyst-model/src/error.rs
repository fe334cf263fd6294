//! What can go wrong between a formula and its estimates.

use panelyst_lang::{Diagnostic, suggest::nearest, ticked};

/// A reason why a model could not be estimated; rows are counted from 1 as a reader counts data rows.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A mistake in a formula or expression, or a name that the data do not have.
    #[error("in `{text}`: {diagnostic}")]
    Language {
        /// The formula or expression.
        text: String,
        /// What is wrong and where.
        diagnostic: Box<Diagnostic>,
    },
    /// The effects could not be absorbed.
    #[error(transparent)]
    Absorb(#[from] panelyst_absorb::Error),
    /// A name that no registry row has.
    #[error("there is no {what} named `{name}`{}; known: {known}", alike(.name, .known))]
    UnknownName {
        /// Which registry.
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names it has.
        known: String,
    },
    /// A column that the data do not have.
    #[error("{role} `{name}` is not a column of the data{known}")]
    UnknownColumn {
        /// What it was wanted for.
        role: &'static str,
        /// The name asked for.
        name: String,
        /// Columns that look alike, as `; did you mean a or b?`, else those there are.
        known: String,
    },
    /// A column whose type does not fit.
    #[error("{role} `{name}` {problem}")]
    ColumnType {
        /// What it was wanted for.
        role: &'static str,
        /// The column.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Text where a number is needed.
    #[error(
        "{} is text and cannot be a regressor by itself: write i({term}) for an indicator of each value, or put it after `|` to absorb it",
        ticked(term)
    )]
    TextRegressor {
        /// The term.
        term: String,
    },
    /// Text on the left-hand side.
    #[error("the outcome {} is text; it must be a number", ticked(term))]
    TextOutcome {
        /// The term.
        term: String,
    },
    /// A number that is not finite.
    #[error("`{name}` is not finite in data row {row}; mark missing values as missing instead")]
    NotFinite {
        /// Variable.
        name: String,
        /// Row, from 1.
        row: usize,
    },
    /// A function without a value, such as the logarithm of zero.
    #[error(
        "{expression} has no value in {count} row{}, first in data row {row}{detail}; exclude the rows by a condition, transform otherwise, or ask for such rows to be dropped and counted (--invalid drop)",
        plural(*count)
    )]
    NoValue {
        /// The function with its argument, as source text.
        expression: String,
        /// The argument's value in the first such row, as ` where x is 0`; empty for operators.
        detail: String,
        /// First such row, from 1.
        row: usize,
        /// Number of such rows.
        count: usize,
    },
    /// No row is left.
    #[error("no row is left of {rows}: {reasons}")]
    NoRows {
        /// Rows offered.
        rows: usize,
        /// What took them, with counts.
        reasons: String,
    },
    /// Not more observations than coefficients.
    #[error(
        "{observations} observation{} cannot estimate {coefficients} coefficients{}: no degree of freedom is left",
        plural(*observations),
        if *effects > 0 { format!(" (of which {effects} are absorbed effects)") } else { String::new() }
    )]
    TooFewRows {
        /// Observations.
        observations: usize,
        /// Coefficients with absorbed effects.
        coefficients: usize,
        /// Absorbed effects among them.
        effects: usize,
    },
    /// Nothing to estimate.
    #[error("`{formula}` has neither a regressor nor a constant")]
    NoRegressor {
        /// The formula.
        formula: String,
    },
    /// Every regressor was dropped as collinear.
    #[error("every regressor was dropped: {reasons}")]
    AllDropped {
        /// Why, regressor by regressor.
        reasons: String,
    },
    /// The panel is needed and not declared.
    #[error("{what} needs a declared panel: give the unit and the time column (--panel unit,time)")]
    PanelNeeded {
        /// What needs it.
        what: String,
    },
    /// Two rows for one unit and period.
    #[error(
        "{unit_column} {unit} has two rows for {time_column} {time} (data rows {first} and {second}), but {what} needs one row for each unit and period"
    )]
    DuplicateKey {
        /// Unit column.
        unit_column: String,
        /// The unit.
        unit: String,
        /// Time column.
        time_column: String,
        /// The period.
        time: i64,
        /// First row, from 1.
        first: usize,
        /// Second row, from 1.
        second: usize,
        /// What needs the panel.
        what: String,
    },
    /// A weight that is negative.
    #[error("weight `{name}` is {value} in data row {row}; analytic weights must be positive")]
    Weight {
        /// Weight column.
        name: String,
        /// Value.
        value: f64,
        /// Row, from 1.
        row: usize,
    },
    /// A combination that is not offered.
    #[error("{what} does not go with {with}: {advice}")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// What it clashes with.
        with: String,
        /// What to do.
        advice: String,
    },
    /// A cluster variable with one value.
    #[error(
        "cluster variable `{name}` has one value in the {rows} rows used; clustered errors need at least two clusters"
    )]
    OneCluster {
        /// Cluster variable.
        name: String,
        /// Rows used.
        rows: usize,
    },
    /// A column that varies within units where rows are unit means.
    #[error(
        "{role} `{name}` varies within unit {unit}, but the between estimator has one observation a unit; use a column that is constant within units"
    )]
    VariesWithinUnit {
        /// What it was wanted for.
        role: &'static str,
        /// The column.
        name: String,
        /// The unit.
        unit: String,
    },
    /// A covariance written in a form that cannot be read.
    #[error("covariance `{text}`: {problem}; write {form}")]
    VcovForm {
        /// As written.
        text: String,
        /// What is wrong.
        problem: String,
        /// The form it should have.
        form: &'static str,
    },
    /// A lag that the periods do not reach.
    #[error("{vcov} has a lag of {lag}, but {problem}; give {advice}other errors")]
    Lag {
        /// The covariance.
        vcov: &'static str,
        /// Lag in periods.
        lag: usize,
        /// What the periods are.
        problem: String,
        /// What to ask for instead.
        advice: String,
    },
    /// A row that alone identifies a coefficient.
    #[error(
        "data row {row} has leverage 1: it alone identifies a coefficient, and {vcov} divides its residual, which is zero, by one less the leverage; leave the row or its regressor out, or use hc1"
    )]
    FullLeverage {
        /// The covariance.
        vcov: &'static str,
        /// Row, from 1.
        row: usize,
    },
    /// A coordinate off the globe.
    #[error(
        "{role} `{name}` is {value} in data row {row}; it must lie between {low} and {high} degrees"
    )]
    Coordinate {
        /// `latitude` or `longitude`.
        role: &'static str,
        /// Column.
        name: String,
        /// Value.
        value: f64,
        /// Row, from 1.
        row: usize,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// Another covariance was asked for after the fit, and its columns are missing in rows of the sample.
    #[error(
        "`{name}` is missing in {count} of the rows used, first in data row {row}; estimate again with {vcov}, so that they are left out and counted"
    )]
    MissingAfterFit {
        /// Column.
        name: String,
        /// Rows without a value.
        count: usize,
        /// First such row, from 1.
        row: usize,
        /// The covariance asked for.
        vcov: String,
    },
    /// Another convention was asked for after the fit, and it uses other rows.
    #[error(
        "the rules of {convention} {treatment} singletons, and this sample has {left_out}; estimate again with that convention"
    )]
    OtherSample {
        /// The convention asked for.
        convention: &'static str,
        /// `keep` or `drop`.
        treatment: &'static str,
        /// What the sample has.
        left_out: String,
    },
    /// Fewer instruments than endogenous regressors, or instruments that do not move them apart.
    #[error("{problem}: {} endogenous regressor{} ({}) and {} excluded instrument{} ({}){}", endogenous.len(), plural(endogenous.len()), endogenous.join(", "), excluded.len(), plural(excluded.len()), if excluded.is_empty() { "none".to_owned() } else { excluded.join(", ") }, if dropped.is_empty() { String::new() } else { format!("; dropped: {}", dropped.join("; ")) })]
    UnderIdentified {
        /// What fails.
        problem: String,
        /// Endogenous regressors.
        endogenous: Vec<String>,
        /// Excluded instruments that are left.
        excluded: Vec<String>,
        /// Why others were dropped.
        dropped: Vec<String>,
    },
    /// The outcome has no variation left to explain.
    #[error("the outcome `{outcome}` {why}; there is nothing to explain")]
    NoVariation {
        /// The outcome.
        outcome: String,
        /// Where it does not vary.
        why: String,
    },
    /// The residuals are rounding noise.
    #[error(
        "the outcome `{outcome}` is fitted exactly by the regressors up to rounding ({equation}); standard errors and tests have no meaning"
    )]
    ExactFit {
        /// The outcome.
        outcome: String,
        /// The equation found.
        equation: String,
    },
    /// A level named as reference that the sample does not have.
    #[error(
        "{}: the reference level {level} does not occur in the rows used; levels: {known}",
        ticked(term)
    )]
    UnknownLevel {
        /// The term.
        term: String,
        /// The level asked for.
        level: String,
        /// The levels there are, the first ones.
        known: String,
    },
    /// An outcome that an estimator does not allow.
    #[error("the outcome `{outcome}` is {value} in data row {row}; {needed}")]
    Outcome {
        /// The outcome.
        outcome: String,
        /// Its value.
        value: f64,
        /// Row, from 1.
        row: usize,
        /// What is allowed.
        needed: String,
    },
    /// Regressors that predict an outcome of 0 and 1 without error.
    #[error(
        "the regressors and effects predict `{outcome}` without error in {rows} row{} (first in data row {first}): no finite estimate exists; remove the regressor that does, or these rows",
        plural(*rows)
    )]
    PerfectPrediction {
        /// The outcome.
        outcome: String,
        /// Number of such rows.
        rows: usize,
        /// The first of them, from 1.
        first: usize,
    },
    /// Rows on which no finite estimate exists (Correia, Guimaraes and Zylkin 2019): the others can be estimated.
    #[error(
        "a combination of the regressors and effects separates {} row{}, where the outcome is zero: no finite estimate exists with them",
        rows.len(), plural(rows.len())
    )]
    Separated {
        /// Their places in the design.
        rows: Vec<usize>,
    },
    /// A search that did not end.
    #[error("{what} did not converge after {iterations} steps")]
    NoConvergence {
        /// What was searched.
        what: String,
        /// Steps done.
        iterations: usize,
    },
    /// Something that scans of streamed data do not do.
    #[error(
        "{what} is not done on data that are streamed: {advice}, or give more memory than the data take"
    )]
    NotStreamed {
        /// What was asked for.
        what: String,
        /// What to do.
        advice: String,
    },
    /// What a scan holds does not fit.
    #[error(
        "a scan of these data needs about {} MB of memory{}, and {} MB were given",
        needed.div_ceil(1_000_000),
        match levels {
            0 => String::new(),
            _ => format!(
                " ({} MB of it for keys and sums by level of effects and clusters)",
                levels.div_ceil(1_000_000)
            ),
        },
        given / 1_000_000
    )]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes of them for keys and sums by level.
        levels: u64,
        /// Bytes given.
        given: u64,
    },
    /// A source of streamed data could not be read.
    #[error("{reason}")]
    Source {
        /// What happened, and where.
        reason: String,
    },
    /// The user stopped the estimation.
    #[error("interrupted")]
    Interrupted,
    /// A matrix or vector of the wrong size was handed in.
    #[error("{what} has {got} entries, expected {expected}")]
    Length {
        /// What was given.
        what: String,
        /// Entries expected.
        expected: usize,
        /// Entries given.
        got: usize,
    },
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// ` (did you mean a or b?)` of the known names that look alike; of forms such as `cluster:a` the part before the colon counts.
fn alike(name: &str, known: &str) -> String {
    let head = |text| str::split(text, ':').next().unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for form in known.split(", ").map(head) {
        if !names.contains(&form) {
            names.push(form);
        }
    }
    let near = nearest(head(name), names, 3);
    if near.is_empty() {
        String::new()
    } else {
        format!(" (did you mean {}?)", near.join(" or "))
    }
}

/// The first few of a list of names, in order, for a message.
pub(crate) fn first_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown = all.iter().take(12).copied().collect::<Vec<_>>().join(", ");
    match all.len().checked_sub(12) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
