//! One definition of quantiles for all descriptions.

/// Quantile of sorted numbers, `0 < p < 1`, by the rule of Stata's `summarize, detail`.
///
/// With n numbers and P = p n: the mean of the P-th and the next smallest number when P is whole, else the number
/// at the next rank above P. This inverts the empirical distribution function and averages at its jumps
/// (Hyndman and Fan 1996, definition 2).
///
/// `None` for no numbers.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let n = sorted.len();
    let last = n.checked_sub(1)?;
    let rank = p * n as f64;
    let whole = rank.round();
    // p n is whole up to rounding of the product: 0.07 * 100 is 7.000000000000001.
    if (rank - whole).abs() <= 1e-12 * n as f64 {
        let upper = (whole.max(0.0) as usize).min(last);
        let lower = upper.min((whole.max(1.0) as usize) - 1);
        Some(sorted[lower] + (sorted[upper] - sorted[lower]) / 2.0)
    } else {
        Some(sorted[(rank.max(0.0) as usize).min(last)])
    }
}
