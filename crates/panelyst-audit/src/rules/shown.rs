//! Numbers in messages.

use crate::interval::Interval;
use crate::said::{Bilingual, Said, said};

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
pub(super) fn lies(interval: Interval) -> Said {
    if interval.high.is_finite() {
        said!("lies in {}", "位于{}", range(interval))
    } else {
        said!("is at least {}", "至少为{}", num(interval.low))
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
pub(super) fn stars(number: usize) -> Said {
    match number {
        0 => said!("no star", "无星号"),
        _ => "*".repeat(number).said(),
    }
}

/// The same after a verb.
pub(super) fn starred(number: usize) -> Said {
    match number {
        0 => stars(0),
        _ => said!("{}", "标{}", "*".repeat(number)),
    }
}

/// `1 row`, `2 rows`; in Chinese the noun has its measure word before it.
pub(super) fn plural(number: f64, (word, zh): (&str, &str)) -> Said {
    let noun = if number == 1.0 {
        word.to_owned()
    } else {
        plural_of(word)
    };
    said!("{} {noun}", "{}{zh}", count(number))
}

/// `provinces`; a word of another script as it is.
pub(super) fn plural_of(word: &str) -> String {
    let ending = if word.ends_with(|c: char| c.is_ascii_alphabetic()) {
        "s"
    } else {
        ""
    };
    format!("{word}{ending}")
}

/// `0.01 to 0.02`.
pub(super) fn span(low: impl Bilingual, high: impl Bilingual) -> Said {
    said!("{} to {}", "{}至{}", low, high)
}

/// `at most 3`.
pub(super) fn at_most(bound: impl Bilingual) -> Said {
    said!("at most {}", "至多{}", bound)
}

/// `at least 3`.
pub(super) fn at_least(bound: impl Bilingual) -> Said {
    said!("at least {}", "至少{}", bound)
}

/// `N-K or G-1`.
pub(super) fn or<T: Bilingual>(words: &[T]) -> Said {
    Said::joined(words, " or ", "或")
}
