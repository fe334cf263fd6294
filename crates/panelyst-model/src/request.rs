//! What is asked of an estimation: the meant form of command-line flags and study entries.

use panelyst_lang::{Expr, Formula};

/// Estimators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Estimator {
    /// Least squares on the rows.
    Pooled,
    /// Least squares after the effects of the formula were absorbed.
    Within,
    /// Least squares on unit means.
    Between,
    /// Least squares on differences to the previous calendar period within units.
    FirstDifference,
    /// Generalised least squares with unit effects, Swamy-Arora components.
    Random,
    /// Random unit effects by maximum likelihood.
    RandomMl,
}

/// A covariance of the coefficients as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vcov {
    /// Homoskedastic.
    Iid,
    /// Heteroskedasticity-consistent without correction.
    Hc0,
    /// With the factor n / (n - K).
    Hc1,
    /// Clustered on one or two columns.
    Cluster(Vec<String>),
}

/// What happens to rows on which a transform has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Invalid {
    /// An error that names the first row.
    #[default]
    Error,
    /// A counted loss.
    Drop,
}

/// Columns that declare the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelColumns {
    /// Unit column.
    pub unit: String,
    /// Time column (whole numbers).
    pub time: String,
}

/// How the constant of a model with effects is reported, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ConstantRule {
    /// Not reported.
    #[default]
    None,
    /// Mean of the outcome less the means of the regressors times their coefficients.
    MeanPreserving,
    /// That of a unit-effects regression with time dummies whose first period is left out, as `xtreg y x i.year, fe` prints.
    TimeDummies,
}

/// One estimation task.
#[derive(Clone, Debug)]
pub struct Request {
    /// One or more parsed formulas.
    pub formulas: Vec<Formula>,
    /// Estimator; `None`: pooled without effects, within with them.
    pub estimator: Option<Estimator>,
    /// Declared panel.
    pub panel: Option<PanelColumns>,
    /// Covariance.
    pub vcov: Vcov,
    /// Convention by name, one of [`crate::conventions::CONVENTIONS`].
    pub convention: String,
    /// Column of analytic weights.
    pub weights: Option<String>,
    /// Rows to keep; lags are taken before rows are dropped.
    pub condition: Option<Expr>,
    /// Rows on which a transform has no value.
    pub invalid: Invalid,
    /// Constant of models with effects.
    pub constant: ConstantRule,
}

impl Request {
    /// Defaults: iid errors, fixest convention, nothing else.
    pub fn new(formulas: Vec<Formula>) -> Self {
        Self {
            formulas,
            estimator: None,
            panel: None,
            vcov: Vcov::Iid,
            convention: "fixest".to_owned(),
            weights: None,
            condition: None,
            invalid: Invalid::Error,
            constant: ConstantRule::None,
        }
    }
}
