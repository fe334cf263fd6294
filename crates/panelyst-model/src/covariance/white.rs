//! Homoskedastic errors and White's sandwiches, HC0 to HC3.
//!
//! ```text
//! HC0 = (X'X)^-1 X' diag(e^2) X (X'X)^-1      (White 1980, equation 1)
//! HC1 = n/(n-K) HC0
//! HC2: e^2 / (1 - h),  HC3: e^2 / (1 - h)^2   (MacKinnon and White 1985, equations 9 and 11, the latter's jackknife
//!                                             without its small terms, as Davidson and MacKinnon 1993, section 16.3)
//! ```
//!
//! With weights X and e are times the root of the weight. Under absorbed effects h is the leverage in the regression with
//! all dummies: that of the effects plus that of the regressors without their effects.

use super::{Ingredients, Sandwich, scaled};
use crate::Error;
use crate::linear::sums::dot;
use crate::request::Estimator;
use crate::results::Note;
use panelyst_absorb::{Absorber, FixedEffects, Options};

/// One less the leverage is rounding below this.
const FULL: f64 = 1e-9;

pub(super) fn iid(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
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
            ..Sandwich::default()
        });
    }
    let k = ingredients.parameters(ingredients.convention.iid);
    // The variance of a count or a choice follows from its mean.
    if estimation.estimator.family().is_some() {
        let factor = (n - 1.0) / (n - k as f64);
        return Ok(Sandwich {
            matrix: scaled(bread, factor),
            factor,
            formula: format!(
                "inverse information, factor (n-1)/(n-K) = {factor:.6}, n = {n}, K = {k}"
            ),
            parameters: k,
            rule: "(n-1)/(n-K)".to_owned(),
            ..Sandwich::default()
        });
    }
    let factor = n / (n - k as f64);
    Ok(Sandwich {
        matrix: scaled(bread, variance * factor),
        factor,
        formula: format!("RSS/(n-K), n = {n}, K = {k}"),
        parameters: k,
        rule: "n/(n-K)".to_owned(),
        ..Sandwich::default()
    })
}

/// The sandwich with squared (root-weighted) residuals, each times `factor` of its observation.
fn white(ingredients: &Ingredients<'_>, factor: impl Fn(usize) -> f64) -> Vec<f64> {
    let solution = &ingredients.estimation.solution;
    let m = solution.basis.len();
    let squares: Vec<f64> = solution
        .weighted_residuals
        .iter()
        .enumerate()
        .map(|(row, e)| e * e * factor(row))
        .collect();
    let mut meat = vec![0.0; m * m];
    for i in 0..m {
        let weighted: Vec<f64> = solution.basis[i]
            .iter()
            .zip(&squares)
            .map(|(q, s)| q * s)
            .collect();
        for j in 0..=i {
            let v = dot(&weighted, &solution.basis[j]);
            meat[i * m + j] = v;
            meat[j * m + i] = v;
        }
    }
    solution.sandwich(&meat)
}

pub(super) fn hc0(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    Ok(Sandwich {
        matrix: white(ingredients, |_| 1.0),
        formula: "no factor".to_owned(),
        ..Sandwich::default()
    })
}

pub(super) fn hc1(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let (factor, k, formula) = ingredients.row_factor()?;
    Ok(Sandwich {
        matrix: scaled(white(ingredients, |_| 1.0), factor),
        factor,
        formula,
        parameters: k,
        rule: "n/(n-K)".to_owned(),
        ..Sandwich::default()
    })
}

pub(super) fn hc2(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    with_leverages(ingredients, "1 - h", |left| 1.0 / left)
}

pub(super) fn hc3(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    with_leverages(ingredients, "(1 - h)^2", |left| 1.0 / (left * left))
}

/// The sandwich whose squared residuals are times a function of one less the leverage.
///
/// An observation that the absorbed effects fit exactly (alone in a level) has regressors of zero beside them: leaving it
/// out changes no coefficient, and it adds nothing. Any other leverage of 1 is an error.
fn with_leverages(
    ingredients: &Ingredients<'_>,
    divisor: &str,
    factor: impl Fn(f64) -> f64,
) -> Result<Sandwich, Error> {
    let (design, estimation) = (ingredients.design, ingredients.estimation);
    let regressors = match &estimation.regressor_leverages {
        Some(known) => known.clone(),
        None => estimation.solution.leverages(),
    };
    let effects = if estimation.rank.is_some() {
        let absorber = FixedEffects::new(
            design.effect_list(),
            design.weights.clone(),
            Options::default(),
        )?;
        absorber.leverages()?
    } else {
        Vec::new()
    };
    let mut factors = Vec::with_capacity(regressors.len());
    let mut alone = 0;
    let mut largest: f64 = 0.0;
    for (place, of_regressors) in regressors.iter().enumerate() {
        let of_effects = effects.get(place).copied().unwrap_or(0.0);
        let left = 1.0 - of_effects - of_regressors;
        if 1.0 - of_effects <= FULL {
            alone += 1;
            factors.push(0.0);
        } else if left <= FULL {
            return Err(Error::FullLeverage {
                vcov: ingredients.vcov.name(),
                row: ingredients.input_row(place) + 1,
            });
        } else {
            largest = largest.max(1.0 - left);
            factors.push(factor(left));
        }
    }
    let mut notes = Vec::new();
    if alone > 0 {
        let words = if alone == 1 {
            "1 row is fitted exactly by the absorbed effects alone (leverage 1) and adds nothing"
                .to_owned()
        } else {
            format!(
                "{alone} rows are fitted exactly by the absorbed effects alone (leverage 1) and add nothing"
            )
        };
        notes.push(
            Note::new(
                "leverage",
                format!(
                    "{words} to {}: left out, {} would change no coefficient",
                    ingredients.vcov.name(),
                    if alone == 1 { "it" } else { "they" }
                ),
            )
            .about([alone.to_string()]),
        );
    }
    Ok(Sandwich {
        matrix: white(ingredients, |row| factors[row]),
        formula: format!(
            "squared residuals over {divisor}{}, largest leverage {largest:.4}, no factor",
            if effects.is_empty() {
                ""
            } else {
                ", h with the absorbed effects"
            }
        ),
        notes,
        ..Sandwich::default()
    })
}

impl Ingredients<'_> {
    /// `n / (n - K)` with K as the convention counts for heteroskedasticity, K, and the factor in words.
    pub(super) fn row_factor(&self) -> Result<(f64, usize, String), Error> {
        let n = self.estimation.nobs();
        let k = self.parameters(self.convention.hetero);
        self.check_left(k)?;
        let factor = n as f64 / (n - k) as f64;
        let words = format!("factor n/(n-K) = {factor:.6}, n = {n}, K = {k}");
        Ok((factor, k, words))
    }
}
