//! Tail probabilities and quantiles of the normal, t, F and chi-squared distributions.
//!
//! Tails are computed as tails, never as one less a probability, so that a p-value of 1e-250 keeps its digits.
//! The incomplete beta and gamma functions are our own: those of the library at hand stop after 140 terms and lose digits
//! with thousands of degrees of freedom, and its error function keeps ten; only its gamma function is used.

mod incomplete;

pub use incomplete::{beta_regularized, gamma_regularized};

/// Probability that a standard normal exceeds `z`.
pub fn normal_upper(z: f64) -> f64 {
    let half = 0.5 * normal_two_sided(z);
    if z >= 0.0 { half } else { 1.0 - half }
}

/// Probability that a standard normal exceeds `|z|` in absolute value: that a chi-squared with one degree exceeds `z^2`.
pub fn normal_two_sided(z: f64) -> f64 {
    chi2_upper(z * z, 1.0)
}

/// The value that a standard normal exceeds with probability `upper`, between 0 and 1.
pub fn normal_upper_quantile(upper: f64) -> f64 {
    if upper > 0.5 {
        return -normal_upper_quantile(1.0 - upper);
    }
    decreasing_root(2.0 * upper, normal_two_sided)
}

/// Where a function that falls from 1 at zero reaches `target`: bracketed, then bisected down to neighbouring numbers.
fn decreasing_root(target: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while f(high) > target && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Probability that a t variable with `df` degrees of freedom exceeds `|t|` in absolute value:
/// `I_x(df/2, 1/2)` at `x = df / (df + t^2)`.
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    let total = df + square;
    beta_regularized(0.5 * df, 0.5, df / total, square / total)
}

/// Probability that a t variable with `df` degrees of freedom exceeds `t`.
pub fn t_upper(t: f64, df: f64) -> f64 {
    let half = 0.5 * t_two_sided(t, df);
    if t >= 0.0 { half } else { 1.0 - half }
}

/// The value that a t variable with `df` degrees of freedom exceeds in absolute value with probability `two_sided`.
pub fn t_two_sided_quantile(two_sided: f64, df: f64) -> f64 {
    decreasing_root(two_sided, |t| t_two_sided(t, df))
}

/// Probability that an F variable exceeds `f`: `I_x(df2/2, df1/2)` at `x = df2 / (df2 + df1 f)`.
pub fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    let first = df1 * f;
    if first.is_infinite() {
        return 0.0;
    }
    let total = df2 + first;
    beta_regularized(0.5 * df2, 0.5 * df1, df2 / total, first / total)
}

/// The value that an F variable exceeds with probability `upper`.
pub fn f_upper_quantile(upper: f64, df1: f64, df2: f64) -> f64 {
    decreasing_root(upper, |f| f_upper(f, df1, df2))
}

/// Probability that a chi-squared variable exceeds `x`.
pub fn chi2_upper(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    gamma_regularized(0.5 * df, 0.5 * x).1
}
