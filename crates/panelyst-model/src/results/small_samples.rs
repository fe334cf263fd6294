//! What few clusters ask for, beside the covariance of a fit.

use serde::Serialize;

/// Inference that holds up with few clusters, and how the clusters share the information.
#[derive(Clone, Debug, Serialize)]
pub struct SmallSamples {
    /// Cluster variable.
    pub cluster: String,
    /// Number of clusters.
    pub clusters: usize,
    /// Draws of the wild bootstrap.
    pub wild: WildDraws,
    /// Leverage of a cluster, the trace of its block of the projection on the regressors and the effects that cross the
    /// clusters: the average.
    pub leverage_mean: f64,
    /// The cluster with the largest leverage.
    pub leverage_largest: ClusterShare,
    /// The coefficients.
    pub coefficients: Vec<SmallSampleRow>,
}

/// How the p-values of the wild bootstrap were drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WildDraws {
    /// `rademacher`.
    pub weights: String,
    /// Draws or combinations.
    pub draws: usize,
    /// Whether these are all combinations.
    pub enumerated: bool,
    /// Seed of the draws.
    pub seed: u64,
}

impl WildDraws {
    /// The smallest p-value that all combinations of signs can give, two of them, where it is 5 % or more: the test cannot
    /// reject then (Cameron, Gelbach and Miller 2008, section 4).
    pub fn least_p_value(&self) -> Option<f64> {
        let least = 2.0 / self.draws as f64;
        (self.enumerated && self.weights == "rademacher" && least >= 0.05).then_some(least)
    }
}

/// One coefficient.
#[derive(Clone, Debug, Serialize)]
pub struct SmallSampleRow {
    /// Term.
    pub term: String,
    /// Standard error of the jackknife over clusters (CRV3); `None` where the coefficient is not identified without some
    /// cluster.
    pub std_error_crv3: Option<f64>,
    /// Its p-value, t(G - 1).
    pub p_value_crv3: Option<f64>,
    /// p-value of the wild cluster bootstrap with the null imposed; no number (`null` in JSON) where scores cancel.
    pub p_value_wild: f64,
    /// Effective number of clusters, G / (1 + Gamma), for errors that are independent (Carter, Schnepel and Steigerwald
    /// 2017).
    pub effective_clusters: f64,
    /// The same for errors that are equal within a cluster; `None` where absorbed effects take the level of a cluster.
    pub effective_clusters_correlated: Option<f64>,
    /// Smallest coefficient without one of the clusters.
    pub leave_one_out_low: Option<LeftOut>,
    /// Largest coefficient without one of the clusters.
    pub leave_one_out_high: Option<LeftOut>,
    /// The cluster with the largest partial leverage, its share of the regressor's variation given all else.
    pub partial_leverage_largest: ClusterShare,
}

/// A coefficient without one cluster.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// The coefficient.
    pub estimate: f64,
    /// The cluster left out.
    pub without: String,
}

/// A number of one cluster.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterShare {
    /// The cluster.
    pub cluster: String,
    /// The number.
    pub value: f64,
}
