//! Covariances of coefficients, one row each.

mod by_blocks;
pub mod cluster;
mod parameters;
mod scores;
mod serial;
mod spatial;
mod tiled;
mod white;
mod written;

pub use parameters::parameters;
pub(crate) use parameters::{Effects, count};

use crate::Error;
use crate::conventions::{Convention, Counting, Robust};
use crate::design::{Cluster, Coordinates, Design};
use crate::estimators::{Estimation, EstimatorRow, Observations};
use crate::request::{Estimator, PanelColumns, Vcov};
use crate::results::Note;
use panelyst_lang::ast::EffectTerm;
use std::borrow::Cow;

/// A covariance with the constants that went into it.
#[derive(Clone, Debug)]
pub struct Covariance {
    /// k x k, row-major, in the order of the coefficients.
    pub matrix: Vec<f64>,
    /// As in a request: `iid`, `hc1`, `cluster:state`; lags that were not asked for are filled in.
    pub kind: String,
    /// Cluster variables with their numbers of clusters.
    pub clusters: Vec<(String, usize)>,
    /// Factor on the sandwich; for iid errors on RSS / n.
    pub factor: f64,
    /// Parameters counted in it.
    pub parameters: usize,
    /// n - K, all effects counted as the convention counts them.
    pub df_residual: f64,
    /// Degrees of freedom of t tests; `None` for the normal.
    pub df_test: Option<f64>,
    /// What a reader must know.
    pub notes: Vec<Note>,
    /// Tests that the coefficients have of their own, one each; empty where the t test of the covariance serves.
    pub tests: Vec<OwnTest>,
    /// The factor as a formula: `G/(G-1) * (n-1)/(n-K)`, `1`.
    pub rule: String,
    /// Variance of each coefficient by homoskedastic errors without a factor.
    pub usual: Vec<f64>,
}

/// What a test of one coefficient has in place of the t test with the degrees of freedom of all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnTest {
    /// Degrees of freedom of its t test.
    pub df: Option<f64>,
    /// p-value.
    pub p_value: Option<f64>,
    /// Limits of the 95 % confidence set, perhaps infinite.
    pub interval: Option<[f64; 2]>,
}

/// One kind of covariance.
#[derive(Clone, Copy, Debug)]
pub struct CovarianceRow {
    /// Machine name, before any `:`.
    pub name: &'static str,
    /// For readers.
    pub label: &'static str,
    /// What is written after the name, if anything.
    pub needs: &'static str,
    /// The sandwich without factors, the factor, and the parameters counted.
    pub function: fn(&Ingredients<'_>) -> Result<Sandwich, Error>,
    /// Formula in plain text.
    pub doc: &'static str,
    /// Author, year, place.
    pub citation: &'static str,
}

/// The columns of the data that a covariance needs, on the rows of a design.
#[derive(Clone, Debug, Default)]
pub struct Columns<'a> {
    /// Cluster variables, in the order asked for.
    pub clusters: Vec<Cow<'a, Cluster>>,
    /// Places.
    pub coordinates: Option<Cow<'a, Coordinates>>,
}

/// What a covariance is made from.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The design.
    pub design: &'a Design,
    /// The estimation.
    pub estimation: &'a Estimation,
    /// What was asked for.
    pub vcov: &'a Vcov,
    /// Small-sample rules.
    pub convention: &'a Convention,
    /// Cluster variables on the observations.
    pub clusters: &'a [&'a Cluster],
    /// Latitude and longitude of the observations in degrees.
    pub coordinates: Option<[&'a [f64]; 2]>,
    /// n - K, all effects counted as the convention counts them.
    pub df_residual: f64,
}

/// Unit and period of each observation.
type UnitAndTime<'a> = (Cow<'a, [u32]>, Cow<'a, [i64]>);

/// A covariance before it is named.
#[derive(Clone, Debug)]
pub struct Sandwich {
    /// With its factor, k x k.
    pub matrix: Vec<f64>,
    /// The factor.
    pub factor: f64,
    /// The factor in words.
    pub formula: String,
    /// Parameters counted.
    pub parameters: usize,
    /// What a reader must know.
    pub notes: Vec<Note>,
    /// Degrees of freedom of t tests where they are not n - K.
    pub df_test: Option<f64>,
    /// The covariance with what was not asked for filled in.
    pub kind: Option<Vcov>,
    /// Tests of the coefficients of their own, or none.
    pub tests: Vec<OwnTest>,
    /// The factor as a formula: `G/(G-1) * (n-1)/(n-K)`, `1`.
    pub rule: String,
}

impl Default for Sandwich {
    fn default() -> Self {
        Self {
            matrix: Vec::new(),
            factor: 1.0,
            formula: String::new(),
            parameters: 0,
            notes: Vec::new(),
            df_test: None,
            kind: None,
            tests: Vec::new(),
            rule: "1".to_owned(),
        }
    }
}

/// All covariances.
pub const COVARIANCES: &[CovarianceRow] = &[
    CovarianceRow {
        name: "iid",
        label: "homoskedastic",
        needs: "",
        function: white::iid,
        doc: "RSS / (n - K) (X'X)^-1",
        citation: "Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd edition, MIT Press, section 4.2.2",
    },
    CovarianceRow {
        name: "hc0",
        label: "heteroskedasticity-robust, HC0",
        needs: "",
        function: white::hc0,
        doc: "(X'X)^-1 X' diag(e^2) X (X'X)^-1 (White 1980)",
        citation: "White (1980), Econometrica 48(4), 817-838",
    },
    CovarianceRow {
        name: "hc1",
        label: "heteroskedasticity-robust, HC1",
        needs: "",
        function: white::hc1,
        doc: "HC0 times n / (n - K) (MacKinnon and White 1985)",
        citation: "MacKinnon and White (1985), Journal of Econometrics 29(3), 305-325",
    },
    CovarianceRow {
        name: "hc2",
        label: "heteroskedasticity-robust, HC2",
        needs: "",
        function: white::hc2,
        doc: "HC0 with e^2 / (1 - h), h the leverage in the regression with all dummies (MacKinnon and White 1985); no factor, as in sandwich and estimatr for R and in Stata (pyfixest and fereg multiply by n / (n - K))",
        citation: "MacKinnon and White (1985), Journal of Econometrics 29(3), 305-325",
    },
    CovarianceRow {
        name: "hc3",
        label: "heteroskedasticity-robust, HC3",
        needs: "",
        function: white::hc3,
        doc: "HC0 with e^2 / (1 - h)^2, h the leverage in the regression with all dummies (MacKinnon and White 1985); no factor, as in sandwich and estimatr for R and in Stata (pyfixest and fereg multiply by n / (n - K))",
        citation: "MacKinnon and White (1985), Journal of Econometrics 29(3), 305-325",
    },
    CovarianceRow {
        name: "cluster",
        label: "clustered",
        needs: "one to four columns: cluster:a or cluster:a+b",
        function: cluster::clustered,
        doc: "(X'X)^-1 sum_g (X_g'e_g)(X_g'e_g)' (X'X)^-1 times the convention's factor (Liang and Zeger 1986; Arellano 1987); several variables: the meats of all combinations added (odd) and subtracted (even) with the factor of the fewest clusters, negative eigenvalues set to zero (Cameron, Gelbach and Miller 2011)",
        citation: "Liang and Zeger (1986), Biometrika 73(1), 13-22; Arellano (1987), Oxford Bulletin of Economics and Statistics 49(4), 431-434; Cameron, Gelbach and Miller (2011), Journal of Business & Economic Statistics 29(2), 238-249",
    },
    CovarianceRow {
        name: "newey-west",
        label: "Newey-West within units",
        needs: "a panel and perhaps a lag: newey-west or newey-west:2",
        function: serial::newey_west,
        doc: "scores of a unit up to L periods apart (of the calendar, or of those that occur, by the convention) with weights 1 - l/(L+1) (Newey and West 1987), unit by unit, times the convention's factor; L by the convention if not given",
        citation: "Newey and West (1987), Econometrica 55(3), 703-708",
    },
    CovarianceRow {
        name: "driscoll-kraay",
        label: "Driscoll-Kraay",
        needs: "a panel and perhaps a lag: driscoll-kraay or driscoll-kraay:2",
        function: serial::driscoll_kraay,
        doc: "sums of the scores of a period, up to L periods apart (of the calendar, or of those that occur, by the convention) with weights 1 - l/(L+1) (Driscoll and Kraay 1998), times the convention's factor; L by the convention if not given",
        citation: "Driscoll and Kraay (1998), Review of Economics and Statistics 80(4), 549-560",
    },
    CovarianceRow {
        name: "conley",
        label: "spatial (Conley)",
        needs: "a distance in km and coordinates in degrees: conley:500,lat,lon, then perhaps ,bartlett",
        function: spatial::conley,
        doc: "scores of all pairs of rows up to a great-circle distance, whatever their periods, with weights 1 or 1 - d/cutoff (Conley 1999), times n / (n - K), K as the convention counts it for hc1 (with effects the factor of fereg too); negative eigenvalues set to zero",
        citation: "Conley (1999), Journal of Econometrics 92(1), 1-45",
    },
    CovarianceRow {
        name: "crv3",
        label: "cluster jackknife (CRV3)",
        needs: "one column: crv3:a",
        function: by_blocks::crv3,
        doc: "(G-1)/G sum_g (b_g - b)(b_g - b)', b_g the coefficients without cluster g with all effects estimated anew; t(G-1) (Bell and McCaffrey 2002; MacKinnon, Nielsen and Webb 2023)",
        citation: "Bell and McCaffrey (2002), Survey Methodology 28(2), 169-181; MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38(5), 671-694",
    },
    CovarianceRow {
        name: "cr2",
        label: "bias-reduced clustered (CR2)",
        needs: "one column: cr2:a",
        function: by_blocks::cr2,
        doc: "cluster errors with the residuals of a cluster times (I - H_gg)^(-1/2), H with all dummies, no factor; t with Satterthwaite degrees of freedom of each coefficient's own, under errors that are independent with one variance (weights: over the weight) (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018)",
        citation: "Bell and McCaffrey (2002), Survey Methodology 28(2), 169-181; Pustejovsky and Tipton (2018), Journal of Business & Economic Statistics 36(4), 672-683",
    },
    CovarianceRow {
        name: "pairs",
        label: "cluster bootstrap (pairs)",
        needs: "one column, then perhaps ,draws=N and ,seed=N: pairs:a",
        function: by_blocks::pairs,
        doc: "covariance of the coefficients over draws of G whole clusters with replacement, effects nested in a cluster drawn with it; t(G-1) (Cameron, Gelbach and Miller 2008, section III.B)",
        citation: "Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90(3), 414-427, section III.B",
    },
    CovarianceRow {
        name: "wild",
        label: "wild cluster bootstrap",
        needs: "one column, then perhaps ,webb and ,draws=N and ,seed=N: wild:a",
        function: by_blocks::wild,
        doc: "errors as cluster:a; p-values and intervals of the wild cluster bootstrap with the null imposed and signs (or Webb's six points) as random numbers, all combinations where they are no more than the draws (Cameron, Gelbach and Miller 2008; Roodman, Nielsen, MacKinnon and Webb 2019; Webb 2023); intervals hold the values that are not rejected at 5 %",
        citation: "Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90(3), 414-427; Roodman, Nielsen, MacKinnon and Webb (2019), Stata Journal 19(1), 4-60; Webb (2023), Canadian Journal of Economics 56(3), 839-858",
    },
];

/// The cluster variable of conventions that mean by robust errors clustered ones: the panel's unit, else the first effect
/// with levels, for estimators with unit effects.
pub(crate) fn robust_unit(
    panel: Option<&PanelColumns>,
    estimator: &EstimatorRow,
    effects: &[EffectTerm],
) -> Option<String> {
    let unit_effects = matches!(
        estimator.estimator,
        Estimator::Within | Estimator::Random | Estimator::RandomMl
    );
    match panel {
        _ if !unit_effects => None,
        Some(panel) => Some(panel.unit.clone()),
        None => effects
            .iter()
            .find(|e| e.intercept)
            .map(|e| e.columns.join("^")),
    }
}

/// The cluster variables of a covariance: those asked for, or the unit where a convention means that by robust errors.
pub(crate) fn cluster_columns(
    vcov: &Vcov,
    convention: &Convention,
    robust_unit: Option<&str>,
) -> Vec<String> {
    match vcov {
        named if !named.clusters().is_empty() => named.clusters().to_vec(),
        Vcov::Hc1 if convention.robust == Robust::ClusterUnit => {
            robust_unit.iter().map(|&unit| unit.to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The covariance of an estimation under a convention, from the columns that it needs.
///
/// # Errors
/// No degree of freedom left, and what the covariance itself refuses: one cluster, a row with leverage 1, a lag that the
/// periods do not reach, no panel, a column that varies within units where observations are units.
pub fn covariance(
    design: &Design,
    estimation: &Estimation,
    vcov: &Vcov,
    convention: &Convention,
    columns: &Columns<'_>,
) -> Result<Covariance, Error> {
    let n = estimation.nobs();
    let observations = &estimation.observations;
    let mut clusters = Vec::with_capacity(columns.clusters.len());
    for cluster in &columns.clusters {
        clusters.push(on_observations(observations, cluster, design)?);
    }
    let places = match &columns.coordinates {
        None => None,
        Some(c) => Some([
            observations.column(&c.latitude, design, "latitude", &c.names[0])?,
            observations.column(&c.longitude, design, "longitude", &c.names[1])?,
        ]),
    };
    let mut notes = Vec::new();
    let mut vcov = vcov.clone();
    if vcov == Vcov::Hc1 && !clusters.is_empty() {
        let names: Vec<String> = clusters.iter().map(|c| c.name.clone()).collect();
        notes.push(Note::new(
            "vcov",
            format!(
                "robust errors of {} are clustered on {}",
                convention.label,
                names.join(" and ")
            ),
        ));
        vcov = Vcov::Cluster(names);
    }
    let on_observations: Vec<&Cluster> = clusters.iter().map(Cow::as_ref).collect();
    let mut ingredients = Ingredients {
        design,
        estimation,
        vcov: &vcov,
        convention,
        clusters: &on_observations,
        coordinates: places.as_ref().map(|[a, b]| [a.as_ref(), b.as_ref()]),
        df_residual: 0.0,
    };
    let k = ingredients.parameters(convention.iid);
    ingredients.check_left(k)?;
    ingredients.df_residual = (n - k) as f64;
    let row = COVARIANCES
        .iter()
        .find(|row| row.name == vcov.name())
        .unwrap_or(&COVARIANCES[0]);
    let sandwich = (row.function)(&ingredients)?;
    let df_residual = ingredients.df_residual;
    let df_test = match estimation.estimator {
        Estimator::RandomMl | Estimator::Poisson | Estimator::Logit => None,
        Estimator::Random if convention.random_normal && !vcov.is_by_blocks() => None,
        _ => Some(sandwich.df_test.unwrap_or(df_residual)),
    };
    notes.push(Note::new(
        "convention",
        format!(
            "{} errors by the rules of {}: {}; {}",
            row.label,
            convention.name,
            sandwich.formula,
            match df_test {
                _ if sandwich.tests.iter().any(|test| test.df.is_some()) =>
                    "tests use t with degrees of freedom of each coefficient's own".to_owned(),
                _ if sandwich.tests.iter().any(|test| test.p_value.is_some()) =>
                    "tests use the bootstrap".to_owned(),
                Some(df) => format!("tests use t({df})"),
                None => "tests use the normal distribution".to_owned(),
            }
        ),
    ));
    notes.extend(sandwich.notes);
    let variance = match estimation.estimator.family() {
        Some(_) => 1.0,
        None => estimation.solution.rss / n as f64,
    };
    Ok(Covariance {
        usual: usual(&estimation.solution.bread(), variance),
        matrix: sandwich.matrix,
        kind: sandwich.kind.as_ref().unwrap_or(&vcov).to_string(),
        clusters: clusters
            .iter()
            .map(|c| (c.name.clone(), c.groups))
            .collect(),
        factor: sandwich.factor,
        parameters: sandwich.parameters,
        df_residual,
        df_test,
        notes,
        tests: sandwich.tests,
        rule: sandwich.rule,
    })
}

/// Variances of coefficients by homoskedastic errors: the diagonal of the bread times the variance of the errors.
pub(crate) fn usual(bread: &[f64], variance: f64) -> Vec<f64> {
    let k = bread.len().isqrt();
    (0..k).map(|c| variance * bread[c * k + c]).collect()
}

/// A cluster variable on the observations, clusters without an observation left out.
pub(crate) fn on_observations<'a>(
    observations: &Observations,
    cluster: &'a Cluster,
    design: &Design,
) -> Result<Cow<'a, Cluster>, Error> {
    if *observations == Observations::Rows {
        return Ok(Cow::Borrowed(cluster));
    }
    let codes = observations.column(&cluster.codes, design, "cluster variable", &cluster.name)?;
    let (codes, old) = panelyst_absorb::codes::compact(&codes)?;
    Ok(Cow::Owned(Cluster {
        name: cluster.name.clone(),
        codes: codes.into(),
        groups: old.len(),
    }))
}

/// The row of the design of an observation: for a unit its first.
pub(crate) fn design_row(design: &Design, estimation: &Estimation, observation: usize) -> usize {
    match &estimation.observations {
        Observations::Rows => observation,
        Observations::Some(rows) => rows[observation],
        Observations::Units => {
            let unit = design.unit.iter().flatten();
            let mut unit = unit.enumerate();
            let first = unit.find(|(_, u)| **u as usize == observation);
            first.map_or(0, |(row, _)| row)
        }
    }
}

/// The factors of a covariance as one formula.
fn rule_of(words: &[&str]) -> String {
    if words.is_empty() {
        "1".to_owned()
    } else {
        words.join(" * ")
    }
}

/// That a covariance had negative eigenvalues.
fn repaired_note(which: &str) -> Note {
    Note::new(
        "vcov",
        format!(
            "the {which} covariance was not positive semidefinite; its negative eigenvalues were set to zero"
        ),
    )
    .about(["semidefinite"])
}

impl Ingredients<'_> {
    /// K by a rule, effects nested in the cluster variables treated as it says.
    fn parameters(&self, rule: Counting) -> usize {
        self.count(rule, self.clusters)
    }

    /// K by a rule where nothing is clustered.
    fn parameters_without_clusters(&self, rule: Counting) -> usize {
        self.count(rule, &[])
    }

    fn count(&self, rule: Counting, clusters: &[&Cluster]) -> usize {
        parameters(
            rule,
            self.estimation.parameters,
            self.design,
            self.estimation.rank.as_ref(),
            clusters,
        )
    }

    /// That n is larger than K.
    fn check_left(&self, k: usize) -> Result<(), Error> {
        let n = self.estimation.nobs();
        if n > k {
            return Ok(());
        }
        Err(Error::TooFewRows {
            observations: n,
            coefficients: k,
            effects: k - self.estimation.parameters.min(k),
        })
    }

    /// Unit and period of each observation.
    fn unit_and_time(&self) -> Result<UnitAndTime<'_>, Error> {
        let (Some(unit), Some(time)) = (&self.design.unit, &self.design.time) else {
            return Err(match &self.design.panel {
                None => Error::PanelNeeded {
                    what: format!("the {} covariance", self.vcov.name()),
                },
                Some(panel) => Error::MissingAfterFit {
                    name: format!("{},{}", panel.unit, panel.time),
                    count: 1,
                    row: 1,
                    vcov: self.vcov.to_string(),
                },
            });
        };
        let observations = &self.estimation.observations;
        Ok((
            observations.column(unit, self.design, "unit", "unit")?,
            observations.column(time, self.design, "time", "time")?,
        ))
    }

    /// The input row of an observation, from 0.
    fn input_row(&self, observation: usize) -> usize {
        let row = design_row(self.design, self.estimation, observation);
        self.design.rows.at(row)
    }

    /// Two observations of one unit and period.
    fn twice(&self, a: usize, b: usize) -> Error {
        let (first, second) = (self.input_row(a.min(b)), self.input_row(a.max(b)));
        let row = design_row(self.design, self.estimation, a);
        let unit = self.design.unit.as_ref().map_or(0, |u| u[row] as usize);
        let panel = self.design.panel.as_ref();
        Error::DuplicateKey {
            unit_column: panel.map(|p| p.unit.clone()).unwrap_or_default(),
            unit: self
                .design
                .unit_names
                .get(unit)
                .cloned()
                .unwrap_or_default(),
            time_column: panel.map(|p| p.time.clone()).unwrap_or_default(),
            time: self.design.time.as_ref().map_or(0, |t| t[row]),
            first: first + 1,
            second: second + 1,
            what: format!("the {} covariance", self.vcov.name()),
        }
    }
}

fn scaled(mut matrix: Vec<f64>, factor: f64) -> Vec<f64> {
    matrix.iter_mut().for_each(|v| *v *= factor);
    matrix
}
