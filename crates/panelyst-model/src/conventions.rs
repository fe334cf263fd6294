//! Small-sample rules of the field's software, as data.
//!
//! One model, one sandwich, several printed standard errors: packages differ in which parameters they count, in the
//! factor for the number of clusters, in whether singletons stay, and in the distribution of the test. Each row of
//! [`CONVENTIONS`] says what one package does; the estimators and covariances know the fields, not the packages.

use crate::Error;

/// How the number of parameters K of a small-sample factor is counted; k are the estimated coefficients
/// with the constant, an effect's dummies its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// k alone; absorbed effects do not count.
    Coefficients,
    /// k + all dummies of all effects, less one for each effect after the first.
    Full,
    /// k + the rank of all effects (redundant dummies by connected components).
    Rank,
    /// As `Full` over the effects that are not nested in a cluster; k + 1 if all are.
    NonNested,
    /// k + the rank of the effects that are not nested in a cluster, each without the level that a nested effect makes
    /// redundant, + 1 if any is nested.
    NestedAdjusted,
    /// k + rank of the other effects given the unit effect + 1 (the constant) if the unit effect is nested in the
    /// clusters; else `Rank`.
    UnitFree,
    /// k alone if there is one effect and it is nested in every cluster variable; else `Rank`.
    SingleNestedFree,
}

/// The factor for the number of rows in a clustered covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFactor {
    /// 1
    None,
    /// (n - 1) / (n - K)
    LessOne,
    /// n / (n - K)
    Plain,
}

impl RowFactor {
    /// The factor for n rows and K parameters, n > K, and how it is written.
    pub fn factor(self, n: usize, k: usize) -> (f64, &'static str) {
        let (rows, left) = (n as f64, n as f64 - k as f64);
        match self {
            Self::None => (1.0, "1"),
            Self::LessOne => ((rows - 1.0) / left, "(n-1)/(n-K)"),
            Self::Plain => (rows / left, "n/(n-K)"),
        }
    }
}

/// What "heteroskedasticity-robust" means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robust {
    /// White's sandwich with n / (n - K).
    White,
    /// Clustered on the unit for models with unit effects, fixed or random.
    ClusterUnit,
}

/// Degrees of freedom of t tests with clustered errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterTest {
    /// G - 1 of the smallest cluster variable.
    Groups,
    /// The smaller of G - 1 and n - K.
    Smaller,
    /// n - K
    Residual,
}

/// What a lag of a covariance that sums over periods counts, which matters where there are gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lags {
    /// Periods of the calendar: where a period is missing there is no term.
    Calendar,
    /// Periods that occur in the rows used, in their order.
    Periods,
    /// Rows of a unit, in the order of their periods; between sums of periods the same as `Periods`.
    Rows,
}

/// Rules of a covariance that sums over periods (Newey-West, Driscoll-Kraay), T the periods that occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serial {
    /// What a lag counts.
    pub lags: Lags,
    /// K of the factor for rows.
    pub parameters: Counting,
    /// Factor for rows.
    pub rows: RowFactor,
    /// Whether it carries T / (T - 1).
    pub periods: bool,
    /// Whether tests have T - 1 degrees of freedom (else n - K).
    pub period_test: bool,
}

/// The lag of a covariance that sums over periods, where none is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultLag {
    /// floor(T^(1/4))
    FourthRoot,
    /// floor(4 (T/100)^(2/9)) (Newey and West 1994)
    TwoNinths,
}

impl DefaultLag {
    /// The lag for a number of periods.
    pub fn lag(self, periods: usize) -> usize {
        let t = periods as f64;
        // A root of an exact fourth power may come out a rounding below.
        let value = match self {
            Self::FourthRoot => t.sqrt().sqrt(),
            Self::TwoNinths => 4.0 * (t / 100.0).powf(2.0 / 9.0),
        };
        (value * (1.0 + 4.0 * f64::EPSILON)) as usize
    }

    /// The rule in words.
    pub fn formula(self) -> &'static str {
        match self {
            Self::FourthRoot => "floor(T^(1/4))",
            Self::TwoNinths => "floor(4 (T/100)^(2/9))",
        }
    }
}

/// `(n-1)/(n-K) T/(T-1)` with every effect counted, t(T - 1).
const fn by_periods(parameters: Counting, lags: Lags) -> Serial {
    Serial {
        lags,
        parameters,
        rows: RowFactor::LessOne,
        periods: true,
        period_test: true,
    }
}

/// A factor for rows only, t(n - K).
const fn by_rows(parameters: Counting, rows: RowFactor, lags: Lags) -> Serial {
    Serial {
        lags,
        parameters,
        rows,
        periods: false,
        period_test: false,
    }
}

/// One package's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convention {
    /// Machine name.
    pub name: &'static str,
    /// For readers.
    pub label: &'static str,
    /// K of the iid covariance and of the residual degrees of freedom.
    pub iid: Counting,
    /// K of HC1.
    pub hetero: Counting,
    /// What a request for robust errors gives.
    pub robust: Robust,
    /// K of clustered covariances.
    pub cluster: Counting,
    /// Factor for rows of clustered covariances.
    pub cluster_rows: RowFactor,
    /// Whether clustered covariances carry G / (G - 1), of the smallest cluster variable.
    pub cluster_groups: bool,
    /// Degrees of freedom of tests with clustered errors.
    pub cluster_test: ClusterTest,
    /// Rules of Newey-West errors.
    pub newey_west: Serial,
    /// Rules of Driscoll-Kraay errors.
    pub driscoll_kraay: Serial,
    /// Lag of both where none is asked for.
    pub lag: DefaultLag,
    /// Whether tests of random-effects models use the normal distribution (else t).
    pub random_normal: bool,
    /// Whether singletons are dropped, recursively.
    pub drops_singletons: bool,
    /// The rules in words, and where they stand.
    pub doc: &'static str,
}

/// All conventions; the first is the default.
pub const CONVENTIONS: &[Convention] = &[
    Convention {
        name: "fixest",
        label: "fixest (R)",
        iid: Counting::Full,
        hetero: Counting::Full,
        robust: Robust::White,
        cluster: Counting::NonNested,
        cluster_rows: RowFactor::LessOne,
        cluster_groups: true,
        cluster_test: ClusterTest::Groups,
        newey_west: by_periods(Counting::Full, Lags::Rows),
        driscoll_kraay: by_periods(Counting::Full, Lags::Periods),
        lag: DefaultLag::FourthRoot,
        random_normal: true,
        drops_singletons: true,
        doc: "iid RSS/(n-K) and HC1 n/(n-K) with all dummies counted; cluster G/(G-1) (n-1)/(n-K) with effects nested in the clusters not counted, the smallest G of several; t(G-1) when clustered, else t(n-K). fixest 0.13 and later, ssc(K.adj = TRUE, K.fixef = \"nonnested\", G.adj = TRUE, G.df = \"min\", t.df = \"min\"); Berge, Butts and McDermott (2026). Newey-West and Driscoll-Kraay T/(T-1) (n-1)/(n-K) with all dummies counted, lag floor(T^(1/4)), t(T-1); under gaps the lags of Newey-West are the earlier rows of a unit, those of Driscoll-Kraay the earlier periods that occur.",
    },
    Convention {
        name: "reghdfe",
        label: "reghdfe (Stata)",
        iid: Counting::Rank,
        hetero: Counting::Rank,
        robust: Robust::White,
        cluster: Counting::NestedAdjusted,
        cluster_rows: RowFactor::LessOne,
        cluster_groups: true,
        cluster_test: ClusterTest::Smaller,
        newey_west: by_periods(Counting::Rank, Lags::Calendar),
        driscoll_kraay: by_periods(Counting::Rank, Lags::Calendar),
        lag: DefaultLag::TwoNinths,
        random_normal: true,
        drops_singletons: true,
        doc: "iid RSS/(n-k-df_a) and HC1 n/(n-k-df_a), df_a the rank of the effects (two effects: connected components); cluster G/(G-1) (n-1)/(n-k-df_a-nested_adj), effects nested in a cluster redundant and nested_adj = 1 if there are any; t(min(n-k-df_a, G-1)). Correia (2017), reghdfe 6. Driscoll-Kraay (and Newey-West by the same rule) T/(T-1) (n-1)/(n-k-df_a), lag floor(4 (T/100)^(2/9)), t(T-1).",
    },
    Convention {
        name: "xtreg",
        label: "xtreg, fe (Stata)",
        iid: Counting::Rank,
        hetero: Counting::Rank,
        robust: Robust::ClusterUnit,
        cluster: Counting::UnitFree,
        cluster_rows: RowFactor::LessOne,
        cluster_groups: true,
        cluster_test: ClusterTest::Groups,
        newey_west: by_rows(Counting::Coefficients, RowFactor::Plain, Lags::Calendar),
        driscoll_kraay: Serial {
            rows: RowFactor::Plain,
            ..by_periods(Counting::Coefficients, Lags::Calendar)
        },
        lag: DefaultLag::TwoNinths,
        random_normal: true,
        drops_singletons: false,
        doc: "iid with n-N-k degrees of freedom, year dummies in k; robust means clustered on the unit; cluster G/(G-1) (n-1)/(n-K) with K = k + 1, year dummies in k; t(G-1) when clustered. Stata Longitudinal-Data/Panel-Data Reference Manual, xtreg. Driscoll-Kraay as xtscc (Hoechle 2007): T/(T-1) n/(n-k), effects not counted, lag floor(4 (T/100)^(2/9)), t(T-1); Newey-West n/(n-k), t(n-K).",
    },
    Convention {
        name: "areg",
        label: "areg, or regress with dummies (Stata)",
        iid: Counting::Rank,
        hetero: Counting::Rank,
        robust: Robust::White,
        cluster: Counting::Rank,
        cluster_rows: RowFactor::LessOne,
        cluster_groups: true,
        cluster_test: ClusterTest::Groups,
        newey_west: by_rows(Counting::Rank, RowFactor::Plain, Lags::Calendar),
        driscoll_kraay: by_periods(Counting::Rank, Lags::Calendar),
        lag: DefaultLag::TwoNinths,
        random_normal: true,
        drops_singletons: false,
        doc: "iid, HC1 n/(n-K) and cluster G/(G-1) (n-1)/(n-K), every dummy counted in K even if nested; t(G-1) when clustered. Stata Base Reference Manual, areg and regress. Newey-West as newey with dummies: n/(n-K), t(n-K); Driscoll-Kraay T/(T-1) (n-1)/(n-K), t(T-1); lag floor(4 (T/100)^(2/9)).",
    },
    Convention {
        name: "plm",
        label: "plm (R), vcovHC defaults",
        iid: Counting::Rank,
        hetero: Counting::Coefficients,
        robust: Robust::White,
        cluster: Counting::Coefficients,
        cluster_rows: RowFactor::None,
        cluster_groups: false,
        cluster_test: ClusterTest::Residual,
        newey_west: by_rows(Counting::Coefficients, RowFactor::None, Lags::Periods),
        driscoll_kraay: by_rows(Counting::Coefficients, RowFactor::None, Lags::Periods),
        lag: DefaultLag::FourthRoot,
        random_normal: true,
        drops_singletons: false,
        doc: "iid with n-N-k degrees of freedom; HC1 n/(n-k) without the effects; cluster (vcovHC, arellano, type HC0) without a factor; t(n-K), z for random effects. Croissant and Millo (2008), plm 2.6. vcovNW and vcovSCC without a factor, lag floor(T^(1/4)), lags the periods that occur.",
    },
    Convention {
        name: "plm-sss",
        label: "plm (R), type = \"sss\"",
        iid: Counting::Rank,
        hetero: Counting::Coefficients,
        robust: Robust::White,
        cluster: Counting::Coefficients,
        cluster_rows: RowFactor::LessOne,
        cluster_groups: true,
        cluster_test: ClusterTest::Residual,
        newey_west: by_rows(Counting::Coefficients, RowFactor::Plain, Lags::Periods),
        driscoll_kraay: Serial {
            period_test: false,
            ..by_periods(Counting::Coefficients, Lags::Periods)
        },
        lag: DefaultLag::FourthRoot,
        random_normal: true,
        drops_singletons: false,
        doc: "as plm, but cluster G/(G-1) (n-1)/(n-k) without the effects (vcovHC, type \"sss\"). Croissant and Millo (2008), plm 2.6. vcovNW n/(n-k), vcovSCC T/(T-1) (n-1)/(n-k), lag floor(T^(1/4)), lags the periods that occur.",
    },
    Convention {
        name: "linearmodels",
        label: "linearmodels (Python), debiased",
        iid: Counting::Rank,
        hetero: Counting::Rank,
        robust: Robust::White,
        cluster: Counting::SingleNestedFree,
        cluster_rows: RowFactor::Plain,
        cluster_groups: false,
        cluster_test: ClusterTest::Residual,
        newey_west: by_rows(Counting::Rank, RowFactor::Plain, Lags::Periods),
        driscoll_kraay: by_rows(Counting::Rank, RowFactor::Plain, Lags::Periods),
        lag: DefaultLag::TwoNinths,
        random_normal: false,
        drops_singletons: false,
        doc: "iid, HC1 and cluster with n/(n-K), effects counted unless a single effect is nested in every cluster variable; no G/(G-1); t(n-K) with all effects counted. linearmodels 7.1, debiased = True, auto_df = True. Driscoll-Kraay (cov_type = \"kernel\", and Newey-West by the same rule) n/(n-K), lag floor(4 (T/100)^(2/9)), lags the periods that occur.",
    },
];

/// The convention of a name.
///
/// # Errors
/// [`Error::UnknownName`] with the names there are.
pub fn by_name(name: &str) -> Result<&'static Convention, Error> {
    CONVENTIONS
        .iter()
        .find(|c| c.name == name)
        .ok_or_else(|| Error::UnknownName {
            what: "convention",
            name: name.to_owned(),
            known: CONVENTIONS
                .iter()
                .map(|c| c.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}
