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
    /// Two-stage least squares.
    TwoStage,
    /// Limited-information maximum likelihood.
    Liml,
    /// Poisson pseudo-likelihood.
    Poisson,
    /// Logit.
    Logit,
}

/// A covariance of the coefficients as asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Vcov {
    /// Homoskedastic.
    Iid,
    /// Heteroskedasticity-consistent without correction.
    Hc0,
    /// With the factor n / (n - K).
    Hc1,
    /// Squared residuals over 1 - h, h the leverage.
    Hc2,
    /// Squared residuals over (1 - h)^2.
    Hc3,
    /// Clustered on one to four columns.
    Cluster(Vec<String>),
    /// Autocorrelation within units up to a lag in periods; the convention's default without one.
    NeweyWest(Option<usize>),
    /// Autocorrelation within and across units up to a lag in periods; the convention's default without one.
    DriscollKraay(Option<usize>),
    /// Correlation between places.
    Conley(Conley),
    /// Jackknife over the clusters of a column.
    Crv3(String),
    /// Bias-reduced linearisation over the clusters of a column.
    Cr2(String),
    /// Clustered errors with p-values and intervals of the wild cluster bootstrap.
    Wild(Wild),
    /// Bootstrap of whole clusters.
    Pairs(Pairs),
}

/// A wild cluster bootstrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wild {
    /// Column of the clusters.
    pub cluster: String,
    /// Distribution of a cluster's random number.
    pub weights: WildWeights,
    /// Random draws; all combinations are used instead where they are no more.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Wild {
    /// Draws where none are asked for.
    pub const DRAWS: usize = 9_999;

    /// Seed where none is asked for.
    pub const SEED: u64 = 1;

    /// Signs, with the usual draws and seed.
    pub fn new(cluster: impl Into<String>) -> Self {
        Self {
            cluster: cluster.into(),
            weights: WildWeights::Rademacher,
            draws: Self::DRAWS,
            seed: Self::SEED,
        }
    }
}

/// Distribution of the random numbers of a wild bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WildWeights {
    /// 1 or -1.
    #[default]
    Rademacher,
    /// Six points, for very few clusters (Webb 2023).
    Webb,
}

impl WildWeights {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rademacher => "rademacher",
            Self::Webb => "webb",
        }
    }
}

/// A bootstrap of whole clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// Column of the clusters.
    pub cluster: String,
    /// Random draws.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Pairs {
    /// Draws where none are asked for.
    pub const DRAWS: usize = 999;

    /// Seed where none is asked for.
    pub const SEED: u64 = 1;
}

/// When statistics for few clusters are computed beside the covariance asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SmallSampleRule {
    /// Never.
    #[default]
    Never,
    /// With fewer than 50 clusters and at most 100 000 observations.
    Auto,
    /// Whatever the numbers.
    Always,
}

/// Correlation between rows whose places lie within a distance of each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Conley {
    /// Distance in kilometres up to which rows are taken to be correlated.
    pub cutoff: f64,
    /// Column of latitudes in degrees.
    pub latitude: String,
    /// Column of longitudes in degrees.
    pub longitude: String,
    /// Weight of a pair of rows by its distance.
    pub kernel: Kernel,
}

/// Weight of a pair by its distance, as a share of the cutoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kernel {
    /// 1 up to the cutoff.
    #[default]
    Uniform,
    /// 1 - distance / cutoff.
    Bartlett,
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
    /// Statistics for few clusters.
    pub small_samples: SmallSampleRule,
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
            small_samples: SmallSampleRule::Never,
        }
    }

    /// Names of all columns that the request may look at, each once.
    pub fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let formulas = self.formulas.iter().flat_map(Formula::columns);
        let condition = self.condition.iter().flat_map(Expr::columns);
        let panel = self
            .panel
            .iter()
            .flat_map(|panel| [panel.unit.clone(), panel.time.clone()]);
        let others = self.vcov.columns().into_iter().map(str::to_owned);
        let others = others.chain(self.weights.clone());
        for name in formulas.chain(condition).chain(panel).chain(others) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
