//! Numbers as they stand on the page: sign, digits, stars and brackets.

use crate::interval::Interval;

/// What a number is enclosed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enclosure {
    /// Nothing.
    Bare,
    /// `( )`.
    Round,
    /// `[ ]`.
    Square,
    /// `{ }`.
    Curly,
}

/// A printed number.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// As typed, without surrounding spaces.
    pub text: String,
    /// Its value.
    pub value: f64,
    /// Half a unit of its last printed digit.
    pub half_unit: f64,
    /// Digits after the point; nothing in scientific form.
    pub decimals: Option<usize>,
    /// Number of stars.
    pub stars: usize,
    /// What encloses it.
    pub enclosure: Enclosure,
    /// Whether it is printed as an upper bound, `<0.001`.
    pub bound: bool,
}

impl Printed {
    /// Every number that is printed like this one.
    pub fn interval(&self) -> Interval {
        if self.bound {
            return Interval::new(0.0, self.value);
        }
        Interval::new(self.value - self.half_unit, self.value + self.half_unit)
    }

    /// Reads a cell; nothing for an empty one.
    ///
    /// Known are `0.373***`, `(9.39)`, `[-0.06]`, `1,234`, `-.5`, `1.2e-05`, `<0.001`, full-width brackets and every usual minus
    /// sign. A lone dash or point is an empty cell.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the cell.
    pub fn parse(cell: &str) -> Result<Option<Self>, String> {
        let text = cell.trim();
        let plain: String = text.chars().filter_map(ordinary).collect();
        let stars = plain.matches('*').count();
        let bare = plain.replace('*', "");
        if matches!(bare.as_str(), "" | "-" | "." | "--") {
            if stars > 0 {
                return Err(format!("`{text}` has stars but no number"));
            }
            return Ok(None);
        }
        let (inner, enclosure) = enclosed(&bare, text)?;
        let (inner, bound) = match inner.strip_prefix('<') {
            Some(rest) => (rest.trim_start_matches('='), true),
            None => (inner, false),
        };
        let (value, half_unit, decimals) =
            decimal(inner).ok_or_else(|| format!("`{text}` is no number"))?;
        Ok(Some(Self {
            text: text.to_owned(),
            value,
            half_unit,
            decimals,
            stars,
            enclosure,
            bound,
        }))
    }
}

/// Typographic variants as ASCII; white space is left out.
fn ordinary(c: char) -> Option<char> {
    match c {
        '\u{2212}' | '\u{2013}' | '\u{2014}' | '\u{FF0D}' => Some('-'),
        '\u{2217}' | '\u{FF0A}' | '\u{22C6}' => Some('*'),
        '\u{FF08}' => Some('('),
        '\u{FF09}' => Some(')'),
        '\u{FF0E}' => Some('.'),
        '\u{FF1C}' => Some('<'),
        c if c.is_whitespace() => None,
        c => Some(c),
    }
}

fn enclosed<'a>(bare: &'a str, text: &str) -> Result<(&'a str, Enclosure), String> {
    const PAIRS: [(char, char, Enclosure); 3] = [
        ('(', ')', Enclosure::Round),
        ('[', ']', Enclosure::Square),
        ('{', '}', Enclosure::Curly),
    ];
    for (open, close, enclosure) in PAIRS {
        match (bare.strip_prefix(open), bare.strip_suffix(close)) {
            (Some(rest), Some(_)) => {
                let inner = rest.strip_suffix(close).unwrap_or(rest);
                return Ok((inner, enclosure));
            }
            (Some(_), None) => {
                return Err(format!("`{text}` opens a bracket that is not closed"));
            }
            (None, Some(_)) => {
                return Err(format!("`{text}` closes a bracket that was not opened"));
            }
            (None, None) => {}
        }
    }
    Ok((bare, Enclosure::Bare))
}

/// Value, half a unit of the last digit, and decimals.
fn decimal(text: &str) -> Option<(f64, f64, Option<usize>)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.parse::<i32>().ok()?)),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|g| g.len() == 3));
    if !grouped || !groups.iter().all(|g| digits(g)) || !digits(fraction) {
        return None;
    }
    let plain = mantissa.replace(',', "");
    let full = match exponent {
        Some(exponent) => format!("{plain}e{exponent}"),
        None => plain,
    };
    let value: f64 = full.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let places = i32::try_from(fraction.len()).ok()?;
    let half_unit = 0.5 * 10f64.powi(exponent.unwrap_or(0).checked_sub(places)?);
    Some((
        value,
        half_unit,
        exponent.is_none().then_some(fraction.len()),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Enclosure, Printed};

    fn read(cell: &str) -> Printed {
        Printed::parse(cell).unwrap_or(None).expect(cell)
    }

    #[test]
    fn cells_as_they_are_printed() {
        let cell = read(" 0.373*** ");
        assert_eq!((cell.value, cell.stars), (0.373, 3));
        assert!((cell.half_unit - 0.0005).abs() < 1e-18);
        let cell = read("(\u{2212}0.06)");
        assert_eq!((cell.value, cell.enclosure), (-0.06, Enclosure::Round));
        assert_eq!(read("-2.047***").value, -2.047);
        assert_eq!(read("1,234").value, 1234.0);
        assert_eq!(read("[.5]").enclosure, Enclosure::Square);
        assert!((read("1.20e-05").half_unit - 0.5e-7).abs() < 1e-20);
        assert_eq!(read("\u{FF08}9.39\u{FF09}").value, 9.39);
        assert_eq!(read("<0.001").interval().low, 0.0);
        for empty in ["", "  ", "-", "\u{2014}", "."] {
            assert_eq!(Printed::parse(empty), Ok(None));
        }
    }

    #[test]
    fn what_is_no_number_is_said() {
        for (cell, why) in [
            ("abc", "no number"),
            ("(9.39", "not closed"),
            ("9.39)", "not opened"),
            ("***", "no number"),
            ("1.2.3", "no number"),
            ("12,34", "no number"),
            ("1e999", "no number"),
        ] {
            let error = Printed::parse(cell).expect_err("no number");
            assert!(error.contains(why), "{cell}: {error}");
        }
    }
}
