//! What a coefficient means in the units of the variables.
//!
//! With y or x in logarithms of base a or b and coefficient beta: a tenfold x moves y by beta * ln 10 / ln b; where both
//! are logarithms the elasticity is beta * ln a / ln b; where only y is, a step s in x multiplies the outcome by
//! a^(beta * s) (Wooldridge 2020, Introductory Econometrics, section 2.4 and chapter 6).

use std::f64::consts::LN_10;

use super::context::{Context, Quantity};
use super::input::{Scale, Sign};
use crate::builders::significant;
use crate::numbers;
use crate::table::Lang;

/// The size in one clause without a full stop; nothing where a scale is unknown.
pub(super) fn size(context: &Context<'_>, outcome: &str, term: &str, beta: f64) -> Option<String> {
    let y = context.quantity(outcome)?;
    let x = context.quantity(term)?;
    match (log_base(y.scale), log_base(x.scale)) {
        (Some(a), Some(b)) => Some(elasticity(context, &y, &x, beta * a / b)),
        (Some(a), None) => {
            let step = step(context, &x)?;
            let change = 100.0 * ((beta * a * step.size).exp() - 1.0);
            Some(relative(context, &y, &step.words, change))
        }
        (None, Some(b)) if matches!(y.scale, Scale::Level | Scale::Ratio) => {
            Some(of_logarithm(context, &y, &x, beta, b))
        }
        (None, None) if matches!(y.scale, Scale::Level | Scale::Ratio) => {
            let step = step(context, &x)?;
            Some(absolute(context, &y, &step.words, beta * step.size))
        }
        _ => None,
    }
}

/// Natural logarithm of the base of a logarithmic scale.
fn log_base(scale: Scale) -> Option<f64> {
    match scale {
        Scale::Log10 => Some(LN_10),
        Scale::Ln => Some(1.0),
        _ => None,
    }
}

/// A step of a regressor in words.
struct Step {
    size: f64,
    words: String,
}

fn step(context: &Context<'_>, x: &Quantity) -> Option<Step> {
    let Quantity { words, unit, scale } = x;
    let (size, words) = match scale {
        Scale::Ratio if unit == "%" => (
            1.0,
            context.pick(
                format!("One percentage point more in {words}"),
                format!("{words}高1个百分点时"),
            ),
        ),
        Scale::Ratio => (
            0.01,
            context.pick(
                format!("An increase of 0.01 in {words}"),
                format!("{words}高0.01时"),
            ),
        ),
        Scale::Level if unit.is_empty() => (
            1.0,
            context.pick(
                format!("An increase of one in {words}"),
                format!("{words}高1时"),
            ),
        ),
        Scale::Level => (
            1.0,
            context.pick(
                format!("An increase of one unit ({unit}) in {words}"),
                format!("{words}高1{unit}时"),
            ),
        ),
        _ => return None,
    };
    Some(Step { size, words })
}

/// A change of an outcome in its own unit, as a magnitude.
fn amount(context: &Context<'_>, y: &Quantity, change: f64) -> String {
    let value = numbers::text(change.abs(), context.style.digits);
    match (context.lang, y.scale, y.unit.as_str()) {
        (_, _, "") => value,
        (Lang::En, Scale::Ratio, "%") => format!("{value} percentage points"),
        (Lang::Zh, Scale::Ratio, "%") => format!("{value}个百分点"),
        (Lang::En, _, unit) => format!("{value} {unit}"),
        (Lang::Zh, _, unit) => format!("{value}{unit}"),
    }
}

fn absolute(context: &Context<'_>, y: &Quantity, step: &str, change: f64) -> String {
    let amount = amount(context, y, change);
    match (context.lang, Sign::of(change)) {
        (Lang::En, Sign::Positive) => {
            format!("{step} goes with an increase of {amount} in {}", y.words)
        }
        (Lang::En, Sign::Negative) => {
            format!("{step} goes with a decrease of {amount} in {}", y.words)
        }
        (Lang::Zh, Sign::Positive) => format!("{step}，{}平均高{amount}", y.words),
        (Lang::Zh, Sign::Negative) => format!("{step}，{}平均低{amount}", y.words),
    }
}

fn relative(context: &Context<'_>, y: &Quantity, step: &str, percent: f64) -> String {
    let amount = significant(percent.abs(), 3);
    match (context.lang, Sign::of(percent)) {
        (Lang::En, Sign::Positive) => {
            format!(
                "{step} goes with an increase of {amount} per cent in {}",
                y.words
            )
        }
        (Lang::En, Sign::Negative) => {
            format!(
                "{step} goes with a decrease of {amount} per cent in {}",
                y.words
            )
        }
        (Lang::Zh, Sign::Positive) => format!("{step}，{}平均高{amount}%", y.words),
        (Lang::Zh, Sign::Negative) => format!("{step}，{}平均低{amount}%", y.words),
    }
}

fn elasticity(context: &Context<'_>, y: &Quantity, x: &Quantity, value: f64) -> String {
    let amount = significant(value.abs(), 3);
    match (context.lang, Sign::of(value)) {
        (Lang::En, sign) => {
            let change = match sign {
                Sign::Positive => "an increase",
                Sign::Negative => "a decrease",
            };
            format!(
                "An increase of one per cent in {} goes with {change} of {amount} per cent in {} (an elasticity of {})",
                x.words,
                y.words,
                significant(value, 3)
            )
        }
        (Lang::Zh, sign) => {
            let change = match sign {
                Sign::Positive => "高",
                Sign::Negative => "低",
            };
            format!(
                "{}高1%时，{}平均{change}{amount}%（弹性为{}）",
                x.words,
                y.words,
                significant(value, 3)
            )
        }
    }
}

/// A level outcome on a logarithm: a tenfold and a double regressor.
fn of_logarithm(context: &Context<'_>, y: &Quantity, x: &Quantity, beta: f64, base: f64) -> String {
    let tenfold = amount(context, y, beta * LN_10 / base);
    let double = amount(context, y, beta * 2.0_f64.ln() / base);
    let (en, zh) = match Sign::of(beta) {
        Sign::Positive => ("an increase", "高"),
        Sign::Negative => ("a decrease", "低"),
    };
    context.pick(
        format!(
            "A tenfold increase in {} goes with {en} of {tenfold} in {}, and a doubling with {en} of {double}",
            x.words, y.words
        ),
        format!(
            "{}为原来的10倍时，{}平均{zh}{tenfold}；为原来的2倍时，平均{zh}{double}",
            x.words, y.words
        ),
    )
}
