//! Description of variables before any model: summaries, correlations, variance inflation.

pub(crate) mod columns;
mod correlation;
mod inflation;
mod quantile;
mod summary;

#[cfg(test)]
mod tests;

pub use correlation::correlations;
pub use inflation::variance_inflation;
pub use quantile::quantile;
pub use summary::summarise;

use crate::linear::sums::mean;

/// Standard deviation with the divisor n - 1, by two passes; not a number for fewer than two.
fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(values, None);
    let squares: f64 = values.iter().map(|v| (v - centre).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}
