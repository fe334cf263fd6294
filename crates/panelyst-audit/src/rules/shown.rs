//! Numbers in messages.

use crate::interval::Interval;

/// Four significant digits without trailing zeros, and without an exponent where that is readable.
pub(super) fn num(value: f64) -> String {
    let text = digits(value, 4);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// That many significant digits.
pub(super) fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let size = value.abs().log10().floor() as i32;
    if !(-6..9).contains(&size) {
        return format!("{value:.*e}", (significant - 1).max(0) as usize);
    }
    let decimals = (significant - 1 - size).max(0) as usize;
    format!("{value:.decimals$}")
}

/// `[low, high]`.
pub(super) fn range(interval: Interval) -> String {
    format!("[{}, {}]", num(interval.low), num(interval.high))
}

/// `lies in [low, high]`, or `is at least low`.
pub(super) fn lies(interval: Interval) -> String {
    if interval.high.is_finite() {
        format!("lies in {}", range(interval))
    } else {
        format!("is at least {}", num(interval.low))
    }
}

/// `= middle`, or `>= low`.
pub(super) fn equals(interval: Interval) -> String {
    if interval.high.is_finite() {
        format!("= {}", num(interval.middle()))
    } else {
        format!(">= {}", num(interval.low))
    }
}

/// A count.
pub(super) fn count(value: f64) -> String {
    format!("{value:.0}")
}

/// Stars, or the word none.
pub(super) fn stars(number: usize) -> String {
    if number == 0 {
        "no star".to_owned()
    } else {
        "*".repeat(number)
    }
}

/// `1 row`, `2 rows`.
pub(super) fn plural(number: f64, word: &str) -> String {
    let ending = if number == 1.0 { "" } else { "s" };
    format!("{} {word}{ending}", count(number))
}
