//! Numbers inside sentences.

/// The shortest decimal form of a number near the one given: `0.05`, `30`, `382.5`.
pub(crate) fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    format!("{rounded}")
}

/// A number with so many significant digits, never in powers of ten between 1e-6 and 1e9.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let written = format!("{:.*e}", digits.saturating_sub(1), value);
    let exponent = written
        .rsplit_once('e')
        .and_then(|(_, power)| power.parse::<i32>().ok())
        .unwrap_or(0);
    if !(-6..9).contains(&exponent) {
        return written;
    }
    let places = i32::try_from(digits).unwrap_or(1) - 1 - exponent;
    if places >= 0 {
        format!("{value:.*}", usize::try_from(places).unwrap_or(0))
    } else {
        let unit = 10_f64.powi(-places);
        format!("{:.0}", (value / unit).round() * unit)
    }
}

/// A p-value in a sentence: `p = 0.013`, `p < 0.001`.
pub(crate) fn p_words(p: f64) -> String {
    if p < 0.0005 {
        "p < 0.001".to_owned()
    } else {
        format!("p = {p:.3}")
    }
}
