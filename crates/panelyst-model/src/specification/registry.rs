//! The specification tests, one row each, in the order of the table.

use super::models::Models;
use super::verdict::Verdict;
use super::{dependence, effects, hausman, multiplier};
use crate::Error;

/// One specification test.
#[derive(Clone, Copy)]
pub struct SpecificationTest {
    /// Machine name of the test.
    pub test: &'static str,
    /// Which form of it.
    pub variant: &'static str,
    /// For readers.
    pub label: &'static str,
    /// The null hypothesis in words.
    pub null: &'static str,
    /// The statistic in words and symbols.
    pub formula: &'static str,
    /// Its source.
    pub citation: &'static str,
    /// Whether it is done only when the formula has an effect of the time column.
    pub needs_time_effects: bool,
    pub(super) function: fn(&Models<'_>) -> Result<Verdict, Error>,
}

const F: &str = "F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors";
const LR: &str =
    "LR = n ln(RSS0/RSS1), least squares under normal errors, df the difference of the ranks";
const BP: &str = "LM = n^2/2 * A^2/(M - n), A = 1 - sum over levels of (sum of pooled residuals)^2 / sum of squares, M = sum of squared level sizes";
const HONDA: &str = "-A sqrt(n^2/2/(M - n)), A and M as in Breusch-Pagan, one-sided";
const HAUSMAN: &str = "H = (bFE - bRE)' (VFE - VRE)^-1 (bFE - bRE), one-way unit effects against one-way random effects (Swamy-Arora)";
const MUNDLAK: &str = "Wald test of the unit means added to the random-effects model, covariance clustered by unit with G/(G-1) (n-1)/(n-K)";
const CD: &str = "CD = sum over pairs of units with Tij >= 3 common periods of sqrt(Tij) rij, over the root of the number of pairs, rij the correlation of their residuals, two-sided";
const CHOW: &str = "F = ((RSS0 - sum of RSS by unit)/df1) / (sum of RSS by unit/df2)";

const NO_UNIT: &str = "all unit effects are equal";
const NO_TIME: &str = "all time effects are equal";
const NO_EFFECT: &str = "all unit effects are equal and all time effects are equal";
const INDEPENDENT: &str = "residuals of different units are uncorrelated";
const UNCORRELATED: &str = "unit effects are uncorrelated with the regressors";

const BALTAGI_F: &str = "Baltagi 2021, equations 2.11 and 3.4";
const REDUNDANT: &str = "EViews, redundant fixed effects";
const BP_1980: &str = "Breusch and Pagan 1980; Baltagi and Li 1990";
const HONDA_1985: &str = "Honda 1985; Baltagi and Li 1990";
const HAUSMAN_1978: &str = "Hausman 1978";
const MUNDLAK_1978: &str = "Mundlak 1978; Wooldridge 2010, section 10.7.3";
const PESARAN: &str = "Pesaran 2004, 2015";
const CHOW_1960: &str = "Chow 1960; Baltagi 2021, section 4.1";

type Function = fn(&Models<'_>) -> Result<Verdict, Error>;

const fn row(
    name: (&'static str, &'static str, &'static str),
    null: &'static str,
    formula: &'static str,
    citation: &'static str,
    function: Function,
) -> SpecificationTest {
    SpecificationTest {
        test: name.0,
        variant: name.1,
        label: name.2,
        null,
        formula,
        citation,
        needs_time_effects: false,
        function,
    }
}

const fn with_time_effects(mut row: SpecificationTest) -> SpecificationTest {
    row.needs_time_effects = true;
    row
}

/// Every specification test.
#[rustfmt::skip]
pub const SPECIFICATION_TESTS: &[SpecificationTest] = &[
    row(("f", "unit", "F, pooled against unit effects"), NO_UNIT, F, BALTAGI_F, effects::f_unit),
    row(("f", "time", "F, pooled against time effects"), NO_TIME, F, BALTAGI_F, effects::f_time),
    row(("f", "both", "F, pooled against unit and time effects"), NO_EFFECT, F, BALTAGI_F, effects::f_both),
    row(("f", "unit-both", "F, unit against unit and time effects"), "all time effects are equal, given unit effects", F, BALTAGI_F, effects::f_unit_both),
    row(("f", "time-both", "F, time against unit and time effects"), "all unit effects are equal, given time effects", F, BALTAGI_F, effects::f_time_both),
    row(("lr", "pooled-unit", "LR, pooled against unit effects"), NO_UNIT, LR, REDUNDANT, effects::lr_unit),
    row(("lr", "pooled-time", "LR, pooled against time effects"), NO_TIME, LR, REDUNDANT, effects::lr_time),
    row(("lr", "pooled-both", "LR, pooled against unit and time effects"), NO_EFFECT, LR, REDUNDANT, effects::lr_both),
    row(("lr", "unit-both", "LR, unit against unit and time effects"), "all time effects are equal, given unit effects", LR, REDUNDANT, effects::lr_unit_both),
    row(("lr", "random-ml", "LR, pooled against random effects by maximum likelihood"), "the variance of the unit effects is zero", "LR = 2 (lRE - lpooled), random unit effects by maximum likelihood; p is half of the tail of chi2(1)", "Self and Liang 1987", effects::lr_random_ml),
    row(("breusch-pagan", "unit", "Breusch-Pagan LM, unit effects"), "the variance of the unit effects is zero", BP, BP_1980, multiplier::breusch_pagan_unit),
    row(("breusch-pagan", "time", "Breusch-Pagan LM, time effects"), "the variance of the time effects is zero", BP, BP_1980, multiplier::breusch_pagan_time),
    row(("breusch-pagan", "both", "Breusch-Pagan LM, unit and time effects"), "the variances of the unit and of the time effects are zero", "sum of the LM statistics of unit and of time effects", BP_1980, multiplier::breusch_pagan_both),
    row(("honda", "unit", "Honda, unit effects"), "the variance of the unit effects is zero", HONDA, HONDA_1985, multiplier::honda_unit),
    row(("honda", "time", "Honda, time effects"), "the variance of the time effects is zero", HONDA, HONDA_1985, multiplier::honda_time),
    row(("honda", "both", "Honda, unit and time effects"), "the variances of the unit and of the time effects are zero", "(unit form + time form)/sqrt(2), one-sided", HONDA_1985, multiplier::honda_both),
    row(("hausman", "classic", "Hausman, each covariance with its own error variance"), UNCORRELATED, HAUSMAN, HAUSMAN_1978, hausman::classic),
    row(("hausman", "sigmamore", "Hausman, both covariances with the error variance of random effects"), UNCORRELATED, HAUSMAN, HAUSMAN_1978, hausman::sigmamore),
    row(("hausman", "sigmaless", "Hausman, both covariances with the error variance of fixed effects"), UNCORRELATED, HAUSMAN, HAUSMAN_1978, hausman::sigmaless),
    row(("hausman", "mundlak", "Mundlak form of Hausman, cluster-robust"), UNCORRELATED, MUNDLAK, MUNDLAK_1978, hausman::mundlak),
    with_time_effects(row(("hausman", "sigmamore, time dummies in both", "Hausman with period indicators in both models, error variance of random effects"), UNCORRELATED, HAUSMAN, HAUSMAN_1978, hausman::sigmamore_time)),
    with_time_effects(row(("hausman", "mundlak, time dummies in both", "Mundlak form of Hausman with period indicators, cluster-robust"), UNCORRELATED, MUNDLAK, MUNDLAK_1978, hausman::mundlak_time)),
    row(("poolability", "slopes", "Chow, unit effects and common slopes against a regression for each unit"), "slopes are equal across units", CHOW, CHOW_1960, effects::poolability_slopes),
    row(("poolability", "intercepts and slopes", "Chow, one regression against a regression for each unit"), "intercepts and slopes are equal across units", CHOW, CHOW_1960, effects::poolability_all),
    row(("pesaran-cd", "pooled", "Pesaran CD, residuals of the pooled model"), INDEPENDENT, CD, PESARAN, dependence::pooled),
    row(("pesaran-cd", "unit", "Pesaran CD, residuals of the model with unit effects"), INDEPENDENT, CD, PESARAN, dependence::unit),
];
