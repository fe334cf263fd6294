//! Regularised incomplete beta and gamma functions with full relative precision in both tails.
//!
//! Prefactors use the saddle-point form of Loader (2000, "Fast and accurate computation of binomial probabilities"):
//! the deviance is computed without cancellation and only Stirling's remainder is left of the gamma functions.
//! Continued fractions, evaluated by the modified Lentz method: Didonato and Morris (1992, "Algorithm 708") for the beta,
//! Abramowitz and Stegun 26.4.10 for the gamma function.

use statrs::function::gamma::ln_gamma;

const TINY: f64 = 1e-300;
const TERMS: usize = 1_000_000;

/// `ln Gamma(a + 1) - [(a + 1/2) ln a - a + ln(2 pi) / 2]`, Stirling's remainder.
fn stirling_remainder(a: f64) -> f64 {
    if a < 16.0 {
        let half_log_two_pi = 0.918_938_533_204_672_8;
        return ln_gamma(a + 1.0) - (a + 0.5) * a.ln() + a - half_log_two_pi;
    }
    let s = 1.0 / (a * a);
    // Bernoulli numbers B_2j / (2j (2j - 1)).
    let series = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    series.iter().rev().fold(0.0, |sum, c| sum * s + c) / a
}

/// `x ln(x / m) + m - x`, Loader's deviance term, without cancellation near `x = m`.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// Continued fraction by the modified Lentz method; `term(j)` gives the j-th numerator and denominator, from 1.
fn lentz(first: f64, term: impl Fn(usize) -> (f64, f64)) -> f64 {
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut value = guard(first);
    let (mut c, mut d) = (value, 0.0);
    for j in 1..TERMS {
        let (numerator, denominator) = term(j);
        d = 1.0 / guard(denominator + numerator * d);
        c = guard(denominator + numerator / c);
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// `I_x(a, b)` for positive `a`, `b`, given `x` and `y = 1 - x` both to full precision.
pub fn beta_regularized(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    // a - (a + b) x, without cancellation where x is close to one.
    let lambda = if a > b {
        (a + b) * y - b
    } else {
        a - (a + b) * x
    };
    if lambda < 0.0 {
        return 1.0 - beta_tail(b, a, y, x, -lambda);
    }
    beta_tail(a, b, x, y, lambda)
}

/// `I_x(a, b)` where the continued fraction converges fast, `lambda = a - (a + b) x >= 0`
/// (Didonato and Morris 1992, equation 9).
fn beta_tail(a: f64, b: f64, x: f64, y: f64, lambda: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_remainder(n)
        - stirling_remainder(a)
        - stirling_remainder(b)
        - deviance(a, n * x)
        - deviance(b, n * y);
    // x^a y^b / B(a, b) = a b / n * binomial probability of a in n.
    let prefactor = (a * b / (std::f64::consts::TAU * n)).sqrt() * exponent.exp();
    let fraction = lentz(a / (a + 1.0) * (lambda + 1.0), |j| {
        let m = j as f64;
        let last = a + 2.0 * m - 1.0;
        let numerator = (a + m - 1.0) / last * ((n + m - 1.0) / last) * m * (b - m) * x * x;
        let denominator = m
            + m * (b - m) * x / last
            + (a + m) / (a + 2.0 * m + 1.0) * (lambda + 1.0 + m * (1.0 + y));
        (numerator, denominator)
    });
    (prefactor / fraction).min(1.0)
}

/// The regularised incomplete gamma functions `P(a, x)` and `Q(a, x)`, each precise where it is small.
pub fn gamma_regularized(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    // x^a e^-x / Gamma(a + 1)
    let exponent = -stirling_remainder(a) - deviance(a, x);
    let prefactor = exponent.exp() / (std::f64::consts::TAU * a).sqrt();
    if x < a + 1.0 {
        let (mut sum, mut term, mut j) = (1.0, 1.0, 1.0);
        while term > sum * f64::EPSILON * 0.1 {
            term *= x / (a + j);
            sum += term;
            j += 1.0;
        }
        let lower = (prefactor * sum).min(1.0);
        return (lower, 1.0 - lower);
    }
    let fraction = lentz(x + 1.0 - a, |j| {
        let j = j as f64;
        (j * (a - j), x + 2.0 * j + 1.0 - a)
    });
    let upper = (prefactor * a / fraction).min(1.0);
    (1.0 - upper, upper)
}
