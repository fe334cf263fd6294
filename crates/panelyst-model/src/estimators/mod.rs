//! Estimators, one row each: a design in, a least-squares solution of a transformed regression out.

mod between;
mod constant;
mod first_difference;
mod instrumental;
mod likelihood;
mod maximum_likelihood;
mod pooled;
mod random;
mod second_stage;
mod units;
mod within;

pub use between::between;
pub use constant::with_constant;
pub use first_difference::first_difference;
pub use instrumental::{Instrumental, liml, two_stage};
pub use likelihood::{Family, Likelihood, logit, poisson, without_levels, without_rows};
pub use maximum_likelihood::random_ml;
pub use pooled::pooled;
pub use random::random;
pub(crate) use second_stage::{cross, products};
pub use within::{Within, within, within_columns};
pub(crate) use within::{remainder, within_of};

use crate::Error;
use crate::design::Design;
use crate::linear::{Collinear, LeastSquares};
use crate::request::{Estimator, Request, Vcov};
use crate::results::{Note, VarianceComponents};
use panelyst_absorb::EffectRank;
use panelyst_lang::ast::EffectTerm;
use panelyst_lang::{Formula, Span};
use std::borrow::Cow;

/// One estimator.
#[derive(Clone, Copy, Debug)]
pub struct EstimatorRow {
    /// Which one.
    pub estimator: Estimator,
    /// Machine name.
    pub name: &'static str,
    /// For readers.
    pub label: &'static str,
    /// Whether a panel with one row for each unit and period must be declared.
    pub needs_panel: bool,
    /// Whether rows without unit or period are lost when a panel is declared.
    pub uses_panel: bool,
    /// Whether effects after `|` may be given.
    pub takes_effects: bool,
    /// Whether effects of the unit are absorbed when the formula names none.
    pub implies_effects: bool,
    /// Whether the formula has, and must have, an instrumental part.
    pub takes_instruments: bool,
    /// Whether weights may be given.
    pub takes_weights: bool,
    /// Whether other covariances than iid may be asked for.
    pub takes_vcov: bool,
    /// Whether an observation has a leverage, as in least squares (for HC2 and HC3).
    pub has_leverages: bool,
    /// The estimator.
    pub function: fn(&Design) -> Result<Estimation, Error>,
    /// What it computes.
    pub doc: &'static str,
    /// Formula in plain text.
    pub formula: &'static str,
    /// Author, year, place.
    pub citation: &'static str,
}

/// All estimators.
pub const ESTIMATORS: &[EstimatorRow] = &[
    EstimatorRow {
        estimator: Estimator::Pooled,
        name: "pooled",
        label: "Pooled OLS",
        needs_panel: false,
        uses_panel: false,
        takes_effects: false,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: true,
        function: pooled,
        doc: "Least squares of the outcome on the regressors and a constant, over all rows; with weights w the sum of w e^2 is minimised.",
        formula: "b = (X'WX)^-1 X'Wy, W the diagonal matrix of the weights",
        citation: "Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd edition, MIT Press, section 7.8",
    },
    EstimatorRow {
        estimator: Estimator::Within,
        name: "within",
        label: "Fixed effects (within)",
        needs_panel: false,
        uses_panel: false,
        takes_effects: true,
        implies_effects: true,
        takes_instruments: false,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: true,
        function: within,
        doc: "Least squares after outcome and regressors were replaced by their residuals from all effects (Frisch and Waugh 1933; Lovell 1963): the coefficients of the regression with a dummy for every level.",
        formula: "b = (X'MX)^-1 X'My, M = I - D (D'D)^- D', D the dummies of all effects",
        citation: "Frisch and Waugh (1933), Econometrica 1(4), 387-401; Lovell (1963), Journal of the American Statistical Association 58(304), 993-1010; Baltagi (2021), Econometric Analysis of Panel Data, 6th edition, Springer, section 2.2",
    },
    EstimatorRow {
        estimator: Estimator::Between,
        name: "between",
        label: "Between",
        needs_panel: true,
        uses_panel: true,
        takes_effects: false,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: false,
        takes_vcov: true,
        has_leverages: true,
        function: between,
        doc: "Least squares on unit means, one observation a unit whatever its number of rows (Baltagi 2021, section 2.3).",
        formula: "mean_i(y) = a + mean_i(x)'b + error, the means over the rows of unit i",
        citation: "Baltagi (2021), Econometric Analysis of Panel Data, 6th edition, Springer, section 2.3",
    },
    EstimatorRow {
        estimator: Estimator::FirstDifference,
        name: "first-difference",
        label: "First difference",
        needs_panel: true,
        uses_panel: true,
        takes_effects: false,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: false,
        takes_vcov: true,
        has_leverages: true,
        function: first_difference,
        doc: "Least squares on differences to the previous calendar period of the same unit; a gap makes no difference row. With a constant (a drift) unless the formula says `0 +`.",
        formula: "y_it - y_i,t-1 = d + (x_it - x_i,t-1)'b + e_it - e_i,t-1",
        citation: "Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 2nd edition, MIT Press, section 10.6",
    },
    EstimatorRow {
        estimator: Estimator::Random,
        name: "random",
        label: "Random effects (GLS)",
        needs_panel: true,
        uses_panel: true,
        takes_effects: false,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: false,
        takes_vcov: true,
        has_leverages: true,
        function: random,
        doc: "Generalised least squares with unit effects: least squares after theta_i times the unit mean was subtracted, with Swamy-Arora components for unbalanced panels (Swamy and Arora 1972; Baltagi and Chang 1994).",
        formula: "y_it - theta_i mean_i(y) on x_it - theta_i mean_i(x), theta_i = 1 - sqrt(s_e^2 / (s_e^2 + T_i s_u^2))",
        citation: "Swamy and Arora (1972), Econometrica 40(2), 261-275; Baltagi and Chang (1994), Journal of Econometrics 62(2), 67-89",
    },
    EstimatorRow {
        estimator: Estimator::RandomMl,
        name: "random-ml",
        label: "Random effects (ML)",
        needs_panel: true,
        uses_panel: true,
        takes_effects: false,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: false,
        takes_vcov: false,
        has_leverages: false,
        function: random_ml,
        doc: "Random unit effects by maximum likelihood under normality, the likelihood concentrated in the ratio of the two variances (Breusch 1987; Hsiao 2014, section 3.3.3).",
        formula: "maximum over b, s_e^2, phi of the normal log-likelihood with V_i = s_e^2 (I + phi J), phi = s_u^2 / s_e^2, J a matrix of ones",
        citation: "Breusch (1987), Journal of Econometrics 36(3), 383-389; Hsiao (2014), Analysis of Panel Data, 3rd edition, Cambridge University Press, section 3.3.3",
    },
    EstimatorRow {
        estimator: Estimator::TwoStage,
        name: "2sls",
        label: "Two-stage least squares",
        needs_panel: false,
        uses_panel: false,
        takes_effects: true,
        implies_effects: false,
        takes_instruments: true,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: false,
        function: two_stage,
        doc: "Least squares on the projection of the regressors on exogenous regressors and instruments, after all effects were partialled out of every column (Theil 1953; Basmann 1957); the default where the formula has an instrumental part.",
        formula: "b = (X'PX)^-1 X'Py, P = Z (Z'Z)^-1 Z', Z the exogenous regressors and the instruments",
        citation: "Theil (1953), Repeated Least Squares Applied to Complete Equation Systems, The Hague: Central Planning Bureau; Basmann (1957), Econometrica 25(1), 77-83",
    },
    EstimatorRow {
        estimator: Estimator::Liml,
        name: "liml",
        label: "Limited-information maximum likelihood",
        needs_panel: false,
        uses_panel: false,
        takes_effects: true,
        implies_effects: false,
        takes_instruments: true,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: false,
        function: liml,
        doc: "The k-class estimator whose k is the smallest root of det(W1 - k W) = 0, W1 and W the residual cross-products of outcome and endogenous regressors without and with the excluded instruments (Anderson and Rubin 1949; Davidson and MacKinnon 2004, section 12.5). Sandwiches use projected regressors and structural residuals.",
        formula: "b = (X'(I - k M) X)^-1 X'(I - k M) y, M = I - Z (Z'Z)^-1 Z', k the smallest root of det(W1 - k W) = 0",
        citation: "Anderson and Rubin (1949), Annals of Mathematical Statistics 20(1), 46-63; Davidson and MacKinnon (2004), Econometric Theory and Methods, Oxford University Press, section 12.5",
    },
    EstimatorRow {
        estimator: Estimator::Poisson,
        name: "poisson",
        label: "Poisson pseudo-likelihood",
        needs_panel: false,
        uses_panel: false,
        takes_effects: true,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: false,
        function: poisson,
        doc: "Maximum of the Poisson pseudo-likelihood with mean exp(x b + effects), by reweighted least squares with the effects partialled out in each step; separated rows are dropped and counted (Gourieroux, Monfort and Trognon 1984; Correia, Guimaraes and Zylkin 2020).",
        formula: "maximum of the sum of w (y ln m - m), m = exp(x'b + effects)",
        citation: "Gourieroux, Monfort and Trognon (1984), Econometrica 52(3), 701-720; Correia, Guimaraes and Zylkin (2020), Stata Journal 20(1), 95-115",
    },
    EstimatorRow {
        estimator: Estimator::Logit,
        name: "logit",
        label: "Logit",
        needs_panel: false,
        uses_panel: false,
        takes_effects: true,
        implies_effects: false,
        takes_instruments: false,
        takes_weights: true,
        takes_vcov: true,
        has_leverages: false,
        function: logit,
        doc: "Maximum likelihood with P(y = 1) = 1 / (1 + exp(-x b - effects)), effects estimated as dummies (unconditional logit: biased with few rows a level, Neyman and Scott 1948; Greene 2004), by reweighted least squares with the effects partialled out in each step.",
        formula: "maximum of the sum of w (y ln p + (1 - y) ln(1 - p)), p = 1 / (1 + exp(-x'b - effects))",
        citation: "Berkson (1944), Journal of the American Statistical Association 39(227), 357-365; Neyman and Scott (1948), Econometrica 16(1), 1-32; Greene (2004), Econometrics Journal 7(1), 98-119",
    },
];

impl Estimator {
    /// The registry row.
    pub fn row(self) -> &'static EstimatorRow {
        // Every variant has a row; a test walks through them.
        ESTIMATORS
            .iter()
            .find(|row| row.estimator == self)
            .unwrap_or(&ESTIMATORS[0])
    }

    /// The distribution whose likelihood it maximises, if it is estimated by reweighted least squares.
    pub fn family(self) -> Option<Family> {
        match self {
            Self::Poisson => Some(Family::Poisson),
            Self::Logit => Some(Family::Logit),
            _ => None,
        }
    }

    /// The estimator of a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names there are.
    pub fn by_name(name: &str) -> Result<Self, Error> {
        ESTIMATORS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.estimator)
            .ok_or_else(|| Error::UnknownName {
                what: "model",
                name: name.to_owned(),
                known: ESTIMATORS
                    .iter()
                    .map(|row| row.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

/// Which rows of the design the observations of a transformed regression are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observations {
    /// All rows, in their order.
    Rows,
    /// The units, in the order of their codes.
    Units,
    /// One row each, such as the later one of a difference.
    Some(Vec<usize>),
}

impl Observations {
    /// A column of the design on the observations; `role` and `name` are for the message.
    ///
    /// # Errors
    /// [`Error::VariesWithinUnit`] where an observation is a unit and the column differs between its rows.
    pub fn column<'a, T: Copy + PartialEq>(
        &self,
        values: &'a [T],
        design: &Design,
        role: &'static str,
        name: &str,
    ) -> Result<Cow<'a, [T]>, Error> {
        match self {
            Self::Rows => Ok(Cow::Borrowed(values)),
            Self::Some(rows) => Ok(rows.iter().map(|&row| values[row]).collect()),
            Self::Units => {
                let (unit, units) = design.units("the between estimator")?;
                let mut of: Vec<Option<T>> = vec![None; units];
                for (&u, &value) in unit.iter().zip(values) {
                    if *of[u as usize].get_or_insert(value) != value {
                        return Err(Error::VariesWithinUnit {
                            role,
                            name: name.to_owned(),
                            unit: design.unit_names[u as usize].clone(),
                        });
                    }
                }
                Ok(of.into_iter().flatten().collect())
            }
        }
    }
}

/// A transformed regression, solved, with what covariances and summaries need.
#[derive(Clone, Debug)]
pub struct Estimation {
    /// Which estimator.
    pub estimator: Estimator,
    /// The solution; its rows are the observations of the transformed regression.
    pub solution: LeastSquares,
    /// Names of the coefficients, the constant `_cons` last.
    pub names: Vec<String>,
    /// Coefficients that count in K: without a constant that is only reported beside absorbed effects.
    pub parameters: usize,
    /// Which rows of the design the observations are.
    pub observations: Observations,
    /// Leverages of the regressors given the absorbed effects, where the basis of the solution also spans the constant;
    /// else those of the solution.
    pub regressor_leverages: Option<Vec<f64>>,
    /// Rank of the absorbed effects.
    pub rank: Option<EffectRank>,
    /// Total sum of squares of R squared (around the mean, or around zero without a constant).
    pub tss: f64,
    /// Whether `tss` is around a mean.
    pub centred: bool,
    /// Total sum of squares after all effects were partialled out.
    pub tss_within: Option<f64>,
    /// Gaussian log-likelihood, where the estimator has one.
    pub loglik: Option<f64>,
    /// Variance components.
    pub components: Option<VarianceComponents>,
    /// What only some estimators have.
    pub extra: Extra,
    /// What a reader must know.
    pub notes: Vec<Note>,
}

/// What only some estimators have beside a solution.
#[derive(Clone, Debug, Default)]
pub enum Extra {
    /// Nothing.
    #[default]
    None,
    /// First stages, for estimators with instruments.
    Instrumental(Box<Instrumental>),
    /// Deviance and likelihood of a constant, for estimators that maximise a likelihood of counts or choices.
    Likelihood(Box<Likelihood>),
}

impl Estimation {
    /// Number of observations.
    pub fn nobs(&self) -> usize {
        self.solution.residuals.len()
    }
}

/// The estimator of a formula, and the unit whose effects are implied.
///
/// # Errors
/// Combinations that are not offered: instruments, effects, weights or covariances with estimators that take none.
pub fn choose(
    formula: &Formula,
    request: &Request,
) -> Result<(&'static EstimatorRow, Option<String>), Error> {
    let clash = |what: &str, with: &str, advice: &str| Error::Unsupported {
        what: what.to_owned(),
        with: with.to_owned(),
        advice: advice.to_owned(),
    };
    let estimator = request
        .estimator
        .unwrap_or(if formula.instruments.is_some() {
            Estimator::TwoStage
        } else if formula.effects.is_empty() {
            Estimator::Pooled
        } else {
            Estimator::Within
        });
    let row = estimator.row();
    let with = format!("the {} estimator", row.name);
    if formula.instruments.is_some() && !row.takes_instruments {
        return Err(clash(
            "an instrumental part",
            &with,
            "use 2sls or liml (with effects, if the formula has any), or remove the last part of the formula",
        ));
    }
    if formula.instruments.is_none() && row.takes_instruments {
        return Err(clash(
            "a formula without instruments",
            &with,
            "add a last part: y ~ x | endogenous ~ instruments, or y ~ x | effects | endogenous ~ instruments",
        ));
    }
    if !formula.effects.is_empty() && !row.takes_effects {
        return Err(clash(
            "an absorbed effect",
            &with,
            "write i(year) among the regressors for time dummies, leave the part after `|` out, or use the within estimator",
        ));
    }
    if request.weights.is_some() && !row.takes_weights {
        return Err(clash(
            "a weight",
            &with,
            "weights are for estimators on the rows as they are: pooled, within, 2sls, liml, poisson, logit",
        ));
    }
    check_vcov(row, &request.vcov, request.panel.is_some())?;
    if row.implies_effects && formula.effects.is_empty() {
        return match &request.panel {
            Some(panel) => Ok((row, Some(panel.unit.clone()))),
            None => Err(Error::PanelNeeded {
                what: "the within estimator of a formula without effects".to_owned(),
            }),
        };
    }
    Ok((row, None))
}

/// Whether a covariance goes with an estimator and a panel.
///
/// # Errors
/// A covariance that the estimator does not have, or one that needs a panel where none is declared.
pub(crate) fn check_vcov(row: &EstimatorRow, vcov: &Vcov, panel: bool) -> Result<(), Error> {
    let clash = |what: String, advice: &str| Error::Unsupported {
        what,
        with: format!("the {} estimator", row.name),
        advice: advice.to_owned(),
    };
    if *vcov != Vcov::Iid && !row.takes_vcov {
        return Err(clash(
            "a robust covariance".to_owned(),
            "use iid errors, or the random estimator",
        ));
    }
    if vcov.needs_leverages() && !row.has_leverages {
        return Err(clash(
            format!("the {} covariance", vcov.name()),
            match vcov.clusters() {
                [_] => "it is computed for least squares; use cluster errors",
                _ => "an observation has no leverage there; use hc1",
            },
        ));
    }
    if vcov.needs_panel() && row.estimator == Estimator::Between {
        return Err(clash(
            format!("the {} covariance", vcov.name()),
            "unit means have no period; use hc1 or clusters",
        ));
    }
    if vcov.needs_panel() && !panel {
        return Err(Error::PanelNeeded {
            what: format!("the {} covariance", vcov.name()),
        });
    }
    Ok(())
}

/// The effects of a formula with those of the implied unit, which a note names.
pub(crate) fn with_implied(
    formula: &Formula,
    implied: Option<String>,
    notes: &mut Vec<Note>,
) -> Vec<EffectTerm> {
    let mut effects = formula.effects.clone();
    if let Some(unit) = implied {
        notes.push(
            Note::new(
                "effects",
                format!("the formula names no effect; effects of the unit `{unit}` are absorbed"),
            )
            .about([unit.clone()]),
        );
        effects.push(EffectTerm {
            name: unit.clone(),
            columns: vec![unit],
            slopes: Vec::new(),
            intercept: true,
            span: Span::default(),
        });
    }
    effects
}

/// Names of the coefficients of a solution.
fn coefficient_names(design: &Design, solution: &LeastSquares) -> Vec<String> {
    let mut names: Vec<String> = solution
        .kept
        .iter()
        .map(|&column| design.names[column].clone())
        .collect();
    if solution.constant {
        names.push("_cons".to_owned());
    }
    names
}

/// One note for each dropped regressor; an error if none is left of some.
fn collinear_notes(
    design: &Design,
    dropped: &[Collinear],
    constant: &str,
) -> Result<Vec<Note>, Error> {
    collinear_notes_by(design, dropped, |_| constant.to_owned())
}

/// As [`collinear_notes`], with what is said of a regressor (its place) that no other one explains.
fn collinear_notes_by(
    design: &Design,
    dropped: &[Collinear],
    alone: impl Fn(usize) -> String,
) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    for Collinear { column, with } in dropped {
        let name = &design.names[*column];
        let why = if with.is_empty() {
            alone(*column)
        } else {
            let names: Vec<&str> = with.iter().map(|&c| design.names[c].as_str()).collect();
            format!("it is collinear with {}", names.join(", "))
        };
        notes.push(
            Note::new("collinear", format!("{name} was dropped: {why}")).about([name.clone()]),
        );
    }
    if !design.names.is_empty() && dropped.len() == design.names.len() {
        return Err(Error::AllDropped {
            reasons: notes
                .iter()
                .map(|n| n.text.clone())
                .collect::<Vec<_>>()
                .join("; "),
        });
    }
    Ok(notes)
}

/// Log-likelihood of a normal regression at the maximum: `-n/2 (ln(2 pi) + ln(RSS/n) + 1) + sum ln(w) / 2`.
fn gaussian_loglik(n: usize, rss: f64, weights: Option<&[f64]>) -> Option<f64> {
    let n = n as f64;
    let jacobian: f64 = weights.map_or(0.0, |w| w.iter().map(|w| w.ln()).sum());
    let value = -0.5 * n * ((std::f64::consts::TAU * rss / n).ln() + 1.0) + 0.5 * jacobian;
    value.is_finite().then_some(value)
}
