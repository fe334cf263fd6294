//! What a reading is made from: plain data that a study, a program or a test can fill in.

use panelyst_model::Fit;
use panelyst_model::results::{GroupDifference, TestRow};

use crate::builders::{Role, Style};

/// All facts of a study that its methods and results section tells.
#[derive(Clone, Debug)]
pub struct ReadingInput<'a> {
    /// Title of the study; may be empty.
    pub title: String,
    /// Star levels, digits and labels, as in the tables.
    pub style: &'a Style,
    /// Term of interest, as in the formulas.
    pub core: String,
    /// The hypothesis, if the study states one.
    pub hypothesis: Option<Hypothesis>,
    /// The panel.
    pub panel: PanelFacts,
    /// Variables in the order of the definitions.
    pub variables: Vec<VariableFacts>,
    /// Indices that were computed.
    pub indices: Vec<IndexFacts>,
    /// Sources of the data.
    pub sources: Vec<SourceFacts>,
    /// Columns of the baseline table; the last one is the main result.
    pub baseline: Vec<ColumnFacts<'a>>,
    /// Specification tests.
    pub tests: &'a [TestRow],
    /// Robustness variants of the main column.
    pub robustness: Vec<VariantFacts<'a>>,
    /// The main column by group.
    pub groups: Vec<GroupFacts<'a>>,
    /// Differences between groups.
    pub differences: &'a [GroupDifference],
    /// Counts of the ledger.
    pub ledger: LedgerCounts,
    /// How the tables are called.
    pub tables: TableNames,
}

/// A hypothesis on the coefficient of [`ReadingInput::core`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// The study's own words, without a full stop.
    pub text: String,
    /// Expected sign of the coefficient.
    pub sign: Sign,
}

/// Sign of a coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Above zero.
    Positive,
    /// Below zero.
    Negative,
}

impl Sign {
    /// The sign of a number; zero counts as positive.
    pub fn of(value: f64) -> Self {
        if value < 0.0 {
            Self::Negative
        } else {
            Self::Positive
        }
    }
}

/// The panel as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelFacts {
    /// Unit column; printed through the labels of the style.
    pub unit: String,
    /// Time column; printed through the labels of the style.
    pub time: String,
    /// Units.
    pub units: usize,
    /// Periods with at least one row.
    pub periods: usize,
    /// First and last period.
    pub span: [i64; 2],
    /// Rows of the panel.
    pub rows: usize,
    /// Whether every unit has every period.
    pub balanced: bool,
}

/// How a variable stands to the quantity that it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The quantity itself.
    Level,
    /// A share or ratio as a fraction; with the unit `%`, in per cent.
    Ratio,
    /// Decimal logarithm of the quantity.
    Log10,
    /// Natural logarithm of the quantity.
    Ln,
    /// Anything else: no sentence on its size is made.
    Other,
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableFacts {
    /// Name in formulas.
    pub name: String,
    /// Name in words.
    pub label: String,
    /// The quantity behind it, in words that fit into `a rise in ...`: `patents granted`.
    pub quantity: String,
    /// Unit of the quantity, may be empty.
    pub unit: String,
    /// How the variable stands to the quantity.
    pub scale: Scale,
    /// What it does.
    pub role: Role,
    /// How it is measured.
    pub definition: String,
    /// Source, may be empty.
    pub source: String,
}

/// An index that the study computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFacts {
    /// Name of the index in words.
    pub label: String,
    /// Variable that holds it.
    pub variable: String,
    /// Its formula in LaTeX, without dollar signs.
    pub latex: String,
    /// What the symbols mean, in one or more sentences in the language of the reading.
    pub words: String,
    /// Citation, may be empty.
    pub citation: String,
}

/// A source of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFacts {
    /// Name of the publication or file.
    pub name: String,
    /// What comes from it, may be empty.
    pub content: String,
}

/// One column of the baseline table.
#[derive(Clone, Debug)]
pub struct ColumnFacts<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// Heading or name of the column, may be empty.
    pub description: String,
}

/// One robustness variant.
#[derive(Clone, Debug)]
pub struct VariantFacts<'a> {
    /// The fit.
    pub fit: &'a Fit,
    /// What differs from the main column, as a noun phrase: `R&D spending in place of patents`.
    pub description: String,
    /// Term of interest in this variant.
    pub term: String,
}

/// The main model in one group.
#[derive(Clone, Debug)]
pub struct GroupFacts<'a> {
    /// Name of the group, as in the differences; printed through the labels of the style.
    pub name: String,
    /// The fit.
    pub fit: &'a Fit,
}

/// Counts of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerCounts {
    /// Filled cells by variable.
    pub filled: Vec<(String, usize)>,
    /// The rule of filling in words, may be empty.
    pub filling_rule: String,
    /// Winsorised cells by variable.
    pub winsorised: Vec<(String, usize)>,
    /// Cells whose unit was converted.
    pub converted: usize,
    /// Rows of sources that did not match a unit or the other table.
    pub unmatched: usize,
}

/// How the tables are called in the text, `Table 3`; an empty name is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableNames {
    /// Baseline.
    pub baseline: String,
    /// Specification tests.
    pub tests: String,
    /// Robustness.
    pub robustness: String,
    /// Groups.
    pub groups: String,
    /// Differences between groups.
    pub differences: String,
}
