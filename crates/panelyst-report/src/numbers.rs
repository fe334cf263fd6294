//! Numbers as they are printed: rounding, adaptive digits, scientific form and the minus sign.
//!
//! A number is rounded half away from zero on its shortest decimal form, that is on the digits a reader sees when
//! it is printed in full: 0.0005 to three decimals is 0.001 and 2.5 to none is 3, as in a spreadsheet. `{:.3}` of the
//! standard library rounds the exact binary value instead, and exact ties to even; the two differ only where the
//! shortest form ends in a five exactly at the place of rounding, which estimates practically never do.
//! A number that rounds to zero has no sign.

use std::fmt;

use crate::table::Digits;

/// Significant digits that a 64-bit number carries with certainty; more are never printed in fixed form.
const CERTAIN_DIGITS: i32 = 15;
/// With [`Digits::Significant`], numbers of at least ten to this power are printed in scientific form.
const ADAPTIVE_LARGE: i32 = 7;
/// With [`Digits::Significant`], numbers below ten to this power are printed in scientific form.
const ADAPTIVE_SMALL: i32 = -5;

/// A printed number in its parts, so that formats can align points and choose a minus sign.
///
/// [`fmt::Display`] writes it with an ASCII minus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Whether a minus sign stands before it; never for a number that rounds to zero.
    pub negative: bool,
    /// Digits before the point, or `NaN` or `inf`.
    pub integer: String,
    /// Digits after the point, without it; may be empty.
    pub fraction: String,
    /// Power of ten of the scientific form.
    pub exponent: Option<i32>,
}

impl Printed {
    /// The point with the digits after it and the exponent, for example `.50e+12`; may be empty.
    pub fn after_point(&self) -> String {
        let mut text = String::with_capacity(self.fraction.len() + 5);
        if !self.fraction.is_empty() {
            text.push('.');
            text.push_str(&self.fraction);
        }
        if let Some(exponent) = self.exponent {
            let sign = if exponent < 0 { '-' } else { '+' };
            text.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
        }
        text
    }

    /// Whether it is a number at all, neither `NaN` nor infinite.
    pub fn is_finite(&self) -> bool {
        self.integer.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether all its digits are zero.
    pub fn is_zero(&self) -> bool {
        let zeros = |digits: &str| digits.bytes().all(|digit| digit == b'0');
        zeros(&self.integer) && zeros(&self.fraction)
    }

    /// The number format of a spreadsheet that prints the same digits, for example `0.000` or `0.00E+00`.
    pub fn spreadsheet_pattern(&self) -> String {
        let mut pattern = String::from("0");
        if !self.fraction.is_empty() {
            pattern.push('.');
            pattern.push_str(&"0".repeat(self.fraction.len()));
        }
        if self.exponent.is_some() {
            pattern.push_str("E+00");
        }
        pattern
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        f.write_str(&self.integer)?;
        f.write_str(&self.after_point())
    }
}

/// Prints a number by a rule for its digits.
///
/// [`Digits::Decimals`] gives exactly that many decimals, and scientific form where that would take more than fifteen
/// digits. [`Digits::Significant`] gives at least that many significant digits as the adaptive format `a3` of esttab
/// prints them: below one exactly n significant digits (0.0129), from one on n decimals, one less for each further
/// digit before the point but never less than one (1.747, 12.82, 3673.1); zero is `0`; from 1e7 on and below 1e-5 it
/// is in scientific form with n significant digits.
pub fn print(value: f64, digits: Digits) -> Printed {
    if !value.is_finite() {
        return Printed {
            negative: value < 0.0,
            integer: if value.is_nan() { "NaN" } else { "inf" }.to_owned(),
            fraction: String::new(),
            exponent: None,
        };
    }
    let decimal = Decimal::of(value);
    match digits {
        Digits::Decimals(decimals) => {
            let decimals = i32::from(decimals);
            // Leading zeros before the point do not count as digits.
            if decimal.exponent.max(0) + 1 + decimals.min(CERTAIN_DIGITS) > CERTAIN_DIGITS + 1 {
                decimal.scientific(decimals.clamp(2, 6))
            } else {
                decimal.fixed(decimals)
            }
        }
        Digits::Significant(significant) => {
            let significant = i32::from(significant.max(1));
            if value == 0.0 {
                return decimal.fixed(0);
            }
            // The place of the first digit after rounding decides, so that 9.9996 is 10.00 as 10.0 is.
            let exponent =
                decimal.exponent_after_rounding(adaptive_decimals(decimal.exponent, significant));
            if !(ADAPTIVE_SMALL..ADAPTIVE_LARGE).contains(&exponent) {
                return decimal.scientific(significant - 1);
            }
            decimal.fixed(adaptive_decimals(exponent, significant))
        }
    }
}

/// [`print()`] as one string with an ASCII minus.
pub fn text(value: f64, digits: Digits) -> String {
    print(value, digits).to_string()
}

/// Decimals of the adaptive rule for a number whose first digit stands at ten to `exponent`.
fn adaptive_decimals(exponent: i32, significant: i32) -> i32 {
    if exponent < 0 {
        significant - 1 - exponent
    } else {
        (significant - exponent).max(1)
    }
}

/// The shortest decimal form that reads back as the same number: digits d0.d1d2... times ten to `exponent`.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i32,
}

impl Decimal {
    fn of(value: f64) -> Self {
        let written = format!("{:e}", value.abs());
        let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
        Self {
            negative: value.is_sign_negative(),
            digits: mantissa
                .bytes()
                .filter(u8::is_ascii_digit)
                .map(|digit| digit - b'0')
                .collect(),
            exponent: exponent.parse().unwrap_or(0),
        }
    }

    /// The number times ten to `decimals`, rounded half away from zero, as ASCII digits without leading zeros.
    fn scaled(&self, decimals: i32) -> Vec<u8> {
        let kept = self.exponent + 1 + decimals;
        let Ok(kept) = usize::try_from(kept) else {
            return Vec::new();
        };
        let mut digits: Vec<u8> = self.digits.iter().copied().take(kept).collect();
        digits.resize(kept, 0);
        if self.digits.get(kept).is_some_and(|&next| next >= 5) {
            let mut carry = true;
            for digit in digits.iter_mut().rev() {
                if *digit == 9 {
                    *digit = 0;
                } else {
                    *digit += 1;
                    carry = false;
                    break;
                }
            }
            if carry {
                digits.insert(0, 1);
            }
        }
        let first = digits
            .iter()
            .position(|&digit| digit != 0)
            .unwrap_or(digits.len());
        digits[first..].iter().map(|digit| digit + b'0').collect()
    }

    /// Place of the first digit after rounding to `decimals`; its own place if nothing is left.
    fn exponent_after_rounding(&self, decimals: i32) -> i32 {
        let digits = i32::try_from(self.scaled(decimals).len()).unwrap_or(i32::MAX);
        if digits == 0 {
            self.exponent
        } else {
            digits - 1 - decimals
        }
    }

    fn fixed(&self, decimals: i32) -> Printed {
        let scaled = self.scaled(decimals);
        let decimals = usize::try_from(decimals).unwrap_or(0);
        let negative = self.negative && !scaled.is_empty();
        let padding = (decimals + 1).saturating_sub(scaled.len());
        let mut integer = "0".repeat(padding);
        integer.extend(scaled.iter().map(|&digit| char::from(digit)));
        let fraction = integer.split_off(integer.len() - decimals);
        Printed {
            negative,
            integer,
            fraction,
            exponent: None,
        }
    }

    fn scientific(&self, decimals: i32) -> Printed {
        let exponent = self.exponent_after_rounding(decimals - self.exponent);
        let unit = Self {
            negative: self.negative,
            digits: self.digits.clone(),
            exponent: 0,
        };
        let mut printed = unit.fixed(decimals);
        if exponent > self.exponent {
            // 9.996 became 10.00: one place to the left.
            printed.integer = "1".to_owned();
        }
        printed.exponent = Some(exponent);
        printed
    }
}

#[cfg(test)]
mod tests;
