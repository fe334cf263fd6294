//! Covariances of coefficients, one row each.

pub mod cluster;
mod parameters;

pub use parameters::parameters;

use crate::Error;
use crate::conventions::{ClusterTest, Convention, Robust, RowFactor};
use crate::design::Design;
use crate::estimators::{Estimation, EstimatorRow};
use crate::request::{Estimator, Request, Vcov};
use crate::results::Note;
use panelyst_lang::ast::EffectTerm;

/// A covariance with the constants that went into it.
#[derive(Clone, Debug)]
pub struct Covariance {
    /// k x k, row-major, in the order of the coefficients.
    pub matrix: Vec<f64>,
    /// As in a request: `iid`, `hc1`, `cluster:state` ...
    pub kind: String,
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
    /// Formula and source.
    pub doc: &'static str,
}

/// What a covariance is made from.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The design.
    pub design: &'a Design,
    /// The estimation.
    pub estimation: &'a Estimation,
    /// Small-sample rules.
    pub convention: &'a Convention,
}

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
}

/// All covariances.
pub const COVARIANCES: &[CovarianceRow] = &[
    CovarianceRow {
        name: "iid",
        label: "homoskedastic",
        needs: "",
        function: iid,
        doc: "RSS / (n - K) (X'X)^-1",
    },
    CovarianceRow {
        name: "hc0",
        label: "heteroskedasticity-robust, HC0",
        needs: "",
        function: hc0,
        doc: "(X'X)^-1 X' diag(e^2) X (X'X)^-1 (White 1980)",
    },
    CovarianceRow {
        name: "hc1",
        label: "heteroskedasticity-robust, HC1",
        needs: "",
        function: hc1,
        doc: "HC0 times n / (n - K) (MacKinnon and White 1985)",
    },
    CovarianceRow {
        name: "cluster",
        label: "clustered",
        needs: "one or two columns: cluster:a or cluster:a+b",
        function: clustered,
        doc: "(X'X)^-1 sum_g (X_g'e_g)(X_g'e_g)' (X'X)^-1 times the convention's factor (Liang and Zeger 1986; Arellano 1987); two variables: V_a + V_b - V_ab with the factor of the fewer clusters, negative eigenvalues set to zero (Cameron, Gelbach and Miller 2011)",
    },
];

impl Vcov {
    /// Name of the registry row.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Iid => "iid",
            Self::Hc0 => "hc0",
            Self::Hc1 => "hc1",
            Self::Cluster(_) => "cluster",
        }
    }

    /// Reads `iid`, `hc0`, `hc1`, `cluster:a` or `cluster:a+b`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names there are, or more than two cluster variables.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text {
            "iid" => return Ok(Self::Iid),
            "hc0" => return Ok(Self::Hc0),
            "hc1" => return Ok(Self::Hc1),
            _ => {}
        }
        let unknown = || Error::UnknownName {
            what: "covariance",
            name: text.to_owned(),
            known: "iid, hc0, hc1, cluster:a, cluster:a+b".to_owned(),
        };
        let columns = text.strip_prefix("cluster:").ok_or_else(unknown)?;
        let columns: Vec<String> = columns
            .split('+')
            .map(|c| c.trim().trim_matches('`').to_owned())
            .collect();
        let twice = columns.len() == 2 && columns[0] == columns[1];
        if columns.iter().any(String::is_empty) || columns.len() > 2 || twice {
            return Err(unknown());
        }
        Ok(Self::Cluster(columns))
    }
}

/// As it is written in a request.
impl std::fmt::Display for Vcov {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())?;
        if let Self::Cluster(columns) = self {
            write!(out, ":{}", columns.join("+"))?;
        }
        Ok(())
    }
}

/// The cluster variables of a request: those asked for, or the unit where a convention means that by robust errors.
pub(crate) fn cluster_columns(
    request: &Request,
    convention: &Convention,
    estimator: &EstimatorRow,
    effects: &[EffectTerm],
) -> Vec<String> {
    match &request.vcov {
        Vcov::Cluster(columns) => columns.clone(),
        Vcov::Hc1 if convention.robust == Robust::ClusterUnit => {
            let unit_effects = matches!(
                estimator.estimator,
                Estimator::Within | Estimator::Random | Estimator::RandomMl
            );
            match &request.panel {
                _ if !unit_effects => Vec::new(),
                Some(panel) => vec![panel.unit.clone()],
                None => effects
                    .iter()
                    .find(|e| e.intercept)
                    .map(|e| vec![e.columns.join("^")])
                    .unwrap_or_default(),
            }
        }
        _ => Vec::new(),
    }
}

/// The covariance of an estimation under a convention.
///
/// # Errors
/// One cluster only, or no degree of freedom left.
pub fn covariance(
    design: &Design,
    estimation: &Estimation,
    vcov: &Vcov,
    convention: &Convention,
) -> Result<Covariance, Error> {
    let ingredients = Ingredients {
        design,
        estimation,
        convention,
    };
    let n = estimation.nobs();
    let k = ingredients.parameters(convention.iid);
    if n <= k {
        return Err(Error::TooFewRows {
            observations: n,
            coefficients: k,
            effects: k - estimation.parameters.min(k),
        });
    }
    let mut notes = Vec::new();
    let mut vcov = vcov.clone();
    if vcov == Vcov::Hc1 && !estimation.clusters.is_empty() {
        let names: Vec<String> = estimation.clusters.iter().map(|c| c.name.clone()).collect();
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
    let row = COVARIANCES
        .iter()
        .find(|row| row.name == vcov.name())
        .unwrap_or(&COVARIANCES[0]);
    let sandwich = (row.function)(&ingredients)?;
    let df_residual = (n - k) as f64;
    let df_test = degrees_of_freedom(&ingredients, &vcov, df_residual);
    notes.push(Note::new(
        "convention",
        format!(
            "{} errors by the rules of {}: {}; {}",
            row.label,
            convention.name,
            sandwich.formula,
            match df_test {
                Some(df) => format!("tests use t({df})"),
                None => "tests use the normal distribution".to_owned(),
            }
        ),
    ));
    notes.extend(sandwich.notes);
    Ok(Covariance {
        matrix: sandwich.matrix,
        kind: vcov.to_string(),
        factor: sandwich.factor,
        parameters: sandwich.parameters,
        df_residual,
        df_test,
        notes,
    })
}

impl Ingredients<'_> {
    fn parameters(&self, rule: crate::conventions::Counting) -> usize {
        parameters(
            rule,
            self.estimation.parameters,
            self.design,
            self.estimation.rank.as_ref(),
            &self.estimation.clusters,
        )
    }

    fn smallest_groups(&self) -> usize {
        let groups = self.estimation.clusters.iter().map(|c| c.groups);
        groups.min().unwrap_or(0)
    }
}

fn degrees_of_freedom(ingredients: &Ingredients<'_>, vcov: &Vcov, residual: f64) -> Option<f64> {
    let convention = ingredients.convention;
    match ingredients.estimation.estimator {
        Estimator::RandomMl => return None,
        Estimator::Random if convention.random_normal => return None,
        _ => {}
    }
    if !matches!(vcov, Vcov::Cluster(_)) {
        return Some(residual);
    }
    let groups = ingredients.smallest_groups() as f64 - 1.0;
    Some(match convention.cluster_test {
        ClusterTest::Groups => groups,
        ClusterTest::Smaller => groups.min(residual),
        ClusterTest::Residual => residual,
    })
}

fn scaled(mut matrix: Vec<f64>, factor: f64) -> Vec<f64> {
    matrix.iter_mut().for_each(|v| *v *= factor);
    matrix
}

fn iid(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let estimation = ingredients.estimation;
    let n = estimation.nobs() as f64;
    let variance = estimation.solution.rss / n;
    let bread = estimation.solution.bread();
    if estimation.estimator == Estimator::RandomMl {
        return Ok(Sandwich {
            matrix: scaled(bread, variance),
            factor: 1.0,
            formula: "expected information with the maximum-likelihood variance, no factor"
                .to_owned(),
            parameters: estimation.parameters,
            notes: Vec::new(),
        });
    }
    let k = ingredients.parameters(ingredients.convention.iid);
    let factor = n / (n - k as f64);
    Ok(Sandwich {
        matrix: scaled(bread, variance * factor),
        factor,
        formula: format!("RSS/(n-K), n = {n}, K = {k}"),
        parameters: k,
        notes: Vec::new(),
    })
}

fn white(ingredients: &Ingredients<'_>) -> Vec<f64> {
    let solution = &ingredients.estimation.solution;
    let m = solution.basis.len();
    let squares: Vec<f64> = solution.weighted_residuals.iter().map(|e| e * e).collect();
    let mut meat = vec![0.0; m * m];
    for i in 0..m {
        let weighted: Vec<f64> = solution.basis[i]
            .iter()
            .zip(&squares)
            .map(|(q, s)| q * s)
            .collect();
        for j in 0..=i {
            let v = crate::linear::sums::dot(&weighted, &solution.basis[j]);
            meat[i * m + j] = v;
            meat[j * m + i] = v;
        }
    }
    solution.sandwich(&meat)
}

fn hc0(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    Ok(Sandwich {
        matrix: white(ingredients),
        factor: 1.0,
        formula: "no factor".to_owned(),
        parameters: 0,
        notes: Vec::new(),
    })
}

fn hc1(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let n = ingredients.estimation.nobs() as f64;
    let k = ingredients.parameters(ingredients.convention.hetero);
    let factor = n / (n - k as f64);
    Ok(Sandwich {
        matrix: scaled(white(ingredients), factor),
        factor,
        formula: format!("factor n/(n-K) = {factor:.6}, n = {n}, K = {k}"),
        parameters: k,
        notes: Vec::new(),
    })
}

/// Fewer clusters than this make clustered errors unreliable enough for a note.
const FEW_CLUSTERS: usize = 10;

fn clustered(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let estimation = ingredients.estimation;
    let convention = ingredients.convention;
    let n = estimation.nobs();
    let mut notes = Vec::new();
    for cluster in &estimation.clusters {
        if cluster.groups < 2 {
            return Err(Error::OneCluster {
                name: cluster.name.clone(),
                rows: n,
            });
        }
        if cluster.groups < FEW_CLUSTERS {
            notes.push(
                Note::new(
                    "few-clusters",
                    format!(
                        "{} has only {} clusters: clustered errors are too small on average with so few",
                        cluster.name, cluster.groups
                    ),
                )
                .about([cluster.name.clone()]),
            );
        }
    }
    let (raw, repaired) = cluster::sandwich(&estimation.solution, &estimation.clusters)?;
    if repaired {
        notes.push(Note::new(
            "vcov",
            "the two-way clustered covariance was not positive semidefinite; its negative eigenvalues were set to zero",
        ));
    }
    let k = ingredients.parameters(convention.cluster);
    let groups = ingredients.smallest_groups() as f64;
    let rows = n as f64;
    let mut factor = 1.0;
    let mut words = Vec::new();
    if convention.cluster_groups {
        factor *= groups / (groups - 1.0);
        words.push("G/(G-1)");
    }
    if convention.cluster_rows != RowFactor::None {
        if n <= k {
            return Err(Error::TooFewRows {
                observations: n,
                coefficients: k,
                effects: k - estimation.parameters.min(k),
            });
        }
        let (numerator, word) = match convention.cluster_rows {
            RowFactor::LessOne => (rows - 1.0, "(n-1)/(n-K)"),
            _ => (rows, "n/(n-K)"),
        };
        factor *= numerator / (rows - k as f64);
        words.push(word);
    }
    let names: Vec<String> = estimation
        .clusters
        .iter()
        .map(|c| format!("{} ({})", c.name, c.groups))
        .collect();
    let formula = if words.is_empty() {
        format!("clusters {}, no factor", names.join(" and "))
    } else {
        format!(
            "clusters {}, factor {} = {factor:.6}, n = {n}, K = {k}, G = {groups}",
            names.join(" and "),
            words.join(" * "),
        )
    };
    Ok(Sandwich {
        matrix: scaled(raw, factor),
        factor,
        formula,
        parameters: k,
        notes,
    })
}
