//! Published numbers beside ours, as plain data.

use serde::Serialize;

/// A publication compared with our estimates.
#[derive(Clone, Debug, Serialize)]
pub struct Publication {
    /// Where the numbers were published.
    pub source: String,
    /// Its columns.
    pub columns: Vec<ComparedColumn>,
}

/// One published column beside our model.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedColumn {
    /// Heading; may be empty.
    pub heading: String,
    /// Our formula.
    pub formula: String,
    /// Our covariance, as in `--vcov`.
    pub vcov: String,
    /// Our convention.
    pub convention: String,
    /// Numbers in the order of the page.
    pub numbers: Vec<Compared>,
    /// Where published errors are not ours: covariances and conventions under which all of them are, as pairs; empty where
    /// none of those tried gives them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors_of: Option<Vec<(String, String)>>,
    /// What the brackets of the page hold instead of what they were read as: t statistics instead of standard errors or the
    /// other way round, ours or those of [`Self::errors_of`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brackets_hold: Option<Quantity>,
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Coefficient.
    Coefficient,
    /// Standard error.
    StdError,
    /// t statistic.
    Statistic,
    /// Number of stars.
    Stars,
    /// Observations.
    Observations,
    /// R squared.
    R2,
    /// Adjusted R squared.
    R2Adjusted,
    /// Within R squared.
    R2Within,
}

/// A published number and ours.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// What it is.
    pub quantity: Quantity,
    /// Term, where it belongs to one.
    pub term: String,
    /// As it stands on the page.
    pub published: String,
    /// Decimals on the page.
    #[serde(skip)]
    pub decimals: Option<usize>,
    /// Every number that is printed so lies from here
    pub low: f64,
    /// to here.
    pub high: f64,
    /// Ours; nothing where the model has no such number.
    pub ours: Option<f64>,
    /// Ours less the published number.
    pub difference: Option<f64>,
    /// Whether rounding explains the difference: ours lies between the ends.
    pub agrees: bool,
    /// A factor of units on ours that gives the published number: 2.302585 and its inverse for the base of a logarithm, powers of
    /// ten, -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
}

impl ComparedColumn {
    /// Numbers that rounding does not explain.
    pub fn differing(&self) -> impl Iterator<Item = &Compared> {
        self.numbers.iter().filter(|number| !number.agrees)
    }
}
