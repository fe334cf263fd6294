//! A published paper as far as its numbers go.

use crate::interval::Interval;
use crate::printed::Printed;

/// Everything that was typed from one paper.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Title.
    pub title: String,
    /// The sample.
    pub sample: Sample,
    /// Groups of units.
    pub groups: Vec<Group>,
    /// Variables with what the paper says about them.
    pub variables: Vec<Variable>,
    /// Descriptive statistics.
    pub descriptions: Vec<Description>,
    /// Regression tables.
    pub regressions: Vec<Regression>,
    /// Symbols of formulas with their meanings.
    pub terms: Vec<Described>,
    /// What the text says about the tables.
    pub claims: Vec<Claim>,
}

impl Paper {
    /// The variable of a name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name == name)
    }

    /// The moments of a variable: those on as many rows as asked, else the first.
    pub fn moments(&self, name: &str, rows: Option<f64>) -> Option<&Moments> {
        let all = || {
            self.descriptions
                .iter()
                .flat_map(|table| &table.rows)
                .filter(|row| row.variable == name)
        };
        all()
            .find(|row| row.obs.is_some() && row.obs == rows)
            .or_else(|| all().next())
    }

    /// Units and periods of a column: those of its group, else those of the sample.
    pub fn units(&self, column: &Column) -> Option<f64> {
        if let Some(clusters) = column.clusters {
            return Some(clusters);
        }
        let Some(group) = column.group else {
            return self.sample.units;
        };
        let listed = || Some(self.groups[group].members.len() as f64).filter(|n| *n > 0.0);
        // The number of rows tells the units of a balanced panel; the list in the text may have gaps.
        match (column.n, self.sample.periods) {
            (Some(n), Some(periods)) if n % periods == 0.0 => Some(n / periods),
            _ => listed(),
        }
    }
}

/// The sample.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// What a unit is, for example `province`.
    pub unit: String,
    /// All units by name, where they are known.
    pub members: Vec<String>,
    /// Number of units.
    pub units: Option<f64>,
    /// Number of periods.
    pub periods: Option<f64>,
    /// Number of rows the text gives.
    pub rows: Option<f64>,
    /// What the text says about gaps that were filled, without a number.
    pub interpolation: Option<String>,
    /// Share of filled cells, where the text gives one.
    pub interpolated_share: Option<f64>,
    /// Standard errors as the paper states them; nothing where it does not.
    pub errors: Option<Errors>,
}

/// Standard errors as a paper states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// Classical: one variance, no correlation.
    Classical,
    /// Robust to heteroskedasticity.
    Robust,
    /// Clustered by unit.
    Clustered,
    /// Different from column to column.
    Mixed,
}

/// A group of units.
#[derive(Clone, Debug)]
pub struct Group {
    /// Name as in headings.
    pub name: String,
    /// Members as listed.
    pub members: Vec<String>,
}

/// Logarithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transform {
    /// As counted or measured.
    Level,
    /// A logarithm of unknown base.
    Log,
    /// Base 10.
    Log10,
    /// Natural.
    Ln,
}

/// What a paper says about a variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Name in tables.
    pub name: String,
    /// The transform it declares; nothing where it does not say.
    pub transform: Option<Transform>,
    /// Whether what it measures is counted in whole numbers.
    pub count: bool,
    /// Unit of measure before the transform.
    pub unit: String,
    /// A variable of which it is a part, in the same unit.
    pub part_of: Option<String>,
    /// Share of the other variable within which it must lie.
    pub share: Option<(f64, f64)>,
    /// Values before the transform within which it must lie.
    pub known: Option<(f64, f64)>,
    /// Whether the table of definitions leaves it without one.
    pub undefined: bool,
}

/// Something that is described in several places.
#[derive(Clone, Debug)]
pub struct Described {
    /// A symbol of a formula, or a variable.
    pub name: String,
    /// Whether it is a symbol.
    pub symbol: bool,
    /// The meanings in the words of the paper.
    pub meanings: Vec<String>,
}

/// A table of descriptive statistics.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Name, for example `Table 2`.
    pub name: String,
    /// One row a variable.
    pub rows: Vec<Moments>,
}

/// One row of descriptive statistics.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Variable.
    pub variable: String,
    /// Rows used.
    pub obs: Option<f64>,
    /// Statistics in the order of the columns.
    pub values: Vec<(Moment, String, Printed)>,
}

impl Moments {
    /// A statistic as printed.
    pub fn printed(&self, moment: Moment) -> Option<&Printed> {
        self.values
            .iter()
            .find(|(kind, ..)| *kind == moment)
            .map(|(.., printed)| printed)
    }

    /// The numbers that a statistic may stand for.
    pub fn get(&self, moment: Moment) -> Option<Interval> {
        self.printed(moment).map(Printed::interval)
    }

    /// The heading of a statistic as typed.
    pub fn heading(&self, moment: Moment) -> &str {
        self.values
            .iter()
            .find(|(kind, ..)| *kind == moment)
            .map_or("", |(_, heading, _)| heading)
    }
}

/// Descriptive statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Mean.
    Mean,
    /// Standard deviation with n - 1.
    Sd,
    /// Least value.
    Min,
    /// First quartile.
    P25,
    /// Median.
    Median,
    /// Third quartile.
    P75,
    /// Greatest value.
    Max,
    /// Any other.
    Other,
}

/// What stands below a coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// t or z statistic.
    T,
    /// Standard error.
    Se,
    /// p-value.
    P,
    /// Something that no rule uses, or that nobody knows.
    Unknown,
}

impl Below {
    /// Its name in the file of a paper.
    pub fn name(self) -> &'static str {
        match self {
            Self::T => "t",
            Self::Se => "se",
            Self::P => "p",
            Self::Unknown => "unknown",
        }
    }

    /// The one of that name; `z` is another for t.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::T, Self::Se, Self::P, Self::Unknown];
        let name = if name == "z" { "t" } else { name };
        all.into_iter().find(|below| below.name() == name)
    }
}

/// A table of regressions.
#[derive(Clone, Debug, Default)]
pub struct Regression {
    /// Name, for example `Table 3`.
    pub name: String,
    /// What the lines below a coefficient are.
    pub below: Vec<Below>,
    /// Least level of each number of stars, one star first; empty without a legend.
    pub stars: Vec<f64>,
    /// Whether the errors were weighted, so that residuals do not add to zero.
    pub weighted: bool,
    /// Standard errors, where stated.
    pub errors: Option<Errors>,
    /// Whether its groups make up the whole sample.
    pub split: bool,
    /// Columns.
    pub columns: Vec<Column>,
}

/// One regression.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Number and heading, `(4) North-east region`.
    pub label: String,
    /// Number alone, `(4)`.
    pub number: String,
    /// Dependent variable, where known.
    pub outcome: Option<String>,
    /// Place in [`Paper::groups`].
    pub group: Option<usize>,
    /// Rows used.
    pub n: Option<f64>,
    /// Clusters, where printed.
    pub clusters: Option<f64>,
    /// Periods that lags or differences cost.
    pub lags: f64,
    /// Unit effects.
    pub unit_effects: bool,
    /// Time effects.
    pub time_effects: bool,
    /// Other rows of YES.
    pub other_effects: usize,
    /// Whether it was estimated in another way than by least squares: random effects, instruments, likelihood.
    pub other_estimator: bool,
    /// Coefficients, the constant among them.
    pub terms: Vec<Term>,
    /// Coefficients of determination.
    pub r2: Vec<(R2, String, Printed)>,
}

impl Column {
    /// Whether effects of any kind are in the model.
    pub fn effects(&self) -> bool {
        self.unit_effects || self.time_effects || self.other_effects > 0
    }

    /// Whether it is least squares, as far as the page says.
    pub fn least_squares(&self) -> bool {
        !self.other_estimator
    }

    /// The constant, where printed.
    pub fn constant(&self) -> Option<&Term> {
        self.terms.iter().find(|term| term.constant)
    }

    /// The slopes.
    pub fn slopes(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| !term.constant)
    }

    /// A term by its row.
    pub fn term(&self, row: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.row == row)
    }
}

/// Coefficients of determination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum R2 {
    /// Plain.
    Plain,
    /// Adjusted for degrees of freedom.
    Adjusted,
    /// After the effects were removed.
    Within,
}

/// A coefficient with what stands below it.
#[derive(Clone, Debug)]
pub struct Term {
    /// Row as typed.
    pub row: String,
    /// Whether it is the constant.
    pub constant: bool,
    /// The coefficient.
    pub coefficient: Printed,
    /// The lines below it.
    pub below: Vec<(Below, Printed)>,
}

impl Term {
    /// A line below it.
    pub fn get(&self, kind: Below) -> Option<&Printed> {
        self.below
            .iter()
            .find(|(below, _)| *below == kind)
            .map(|(_, printed)| printed)
    }

    /// Absolute values of its t statistic: as printed, or coefficient over error.
    pub fn abs_t(&self) -> Option<Interval> {
        if let Some(t) = self.get(Below::T) {
            return Some(t.interval().abs());
        }
        let error = self.get(Below::Se)?.interval();
        let t = self.coefficient.interval().abs_over_positive(error);
        (t.low > 0.0 || t.high.is_finite()).then_some(t)
    }

    /// Standard errors: as printed, or coefficient over t.
    pub fn error(&self) -> Option<Interval> {
        if let Some(error) = self.get(Below::Se) {
            let error = error.interval();
            return Some(Interval::new(error.low.max(0.0), error.high));
        }
        let error = self.coefficient.interval().abs() / self.get(Below::T)?.interval().abs();
        (error != Interval::ALL).then_some(error)
    }
}

/// What the text says about the tables.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// Kind.
    pub kind: ClaimKind,
    /// The claim in a few words.
    pub text: String,
    /// Where it stands.
    pub place: String,
    /// Table.
    pub table: String,
    /// Row.
    pub row: String,
    /// Columns it is about.
    pub columns: Vec<String>,
    /// Columns it compares with.
    pub than: Vec<String>,
    /// Significance level it names.
    pub level: Option<f64>,
    /// Number it names.
    pub value: Option<Printed>,
    /// Change of the regressor that it speaks of, in per cent; nothing for one unit.
    pub percent: Option<f64>,
    /// Whether the change of the outcome is in per cent.
    pub outcome_percent: bool,
    /// Test it names.
    pub test: String,
}

/// Kinds of claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimKind {
    /// The coefficient is greater here than there.
    Greater,
    /// The coefficient is significant.
    #[default]
    Significant,
    /// The coefficient is not significant, read as no effect.
    NoEffect,
    /// The text repeats a number of a table.
    Value,
    /// The size of an effect in words.
    Effect,
    /// A test was made, named without its numbers.
    Test,
}

impl ClaimKind {
    /// Names in files.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("greater", Self::Greater),
        ("significant", Self::Significant),
        ("no-effect", Self::NoEffect),
        ("value", Self::Value),
        ("effect", Self::Effect),
        ("test", Self::Test),
    ];
}
