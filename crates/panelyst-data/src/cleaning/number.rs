//! One cell as a number, a missing value or text.

/// Marks that statistical tables use for a missing cell, in lower case. A blank cell is missing too.
pub const MISSING_MARKS: [&str; 29] = [
    "…", "……", "...", "......", "..", ".", "-", "--", "---", "—", "——", "–", "−", "─", "n/a", "na",
    "n.a.", "n.a", "nan", "null", "none", "#n/a", "#value!", "#div/0!", "#ref!", "#name?", "#num!",
    "#null!", "<na>",
];

/// What stood beside a number and was left out of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Aside {
    /// Nothing.
    None,
    /// A percent sign: `12.3%` is 12.3.
    Percent,
    /// A footnote mark: `123①`, `123*`, `123 a)`.
    Footnote(String),
    /// The character of a year: `2003年`.
    Year,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Nothing.
    Blank,
    /// A mark that stands for a missing value.
    Missing,
    /// A number.
    Number {
        /// Its value.
        value: f64,
        /// Its value as a whole number, when it is written as one.
        whole: Option<i64>,
        /// What stood beside it.
        aside: Aside,
    },
    /// Digits that are a name rather than a number: leading zeros, or more digits than a number holds.
    Identifier,
    /// Anything else.
    Text,
}

/// Marks for missing cells that hold in one table, and how brackets are read.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Marks beside [`MISSING_MARKS`], as typed by the user.
    pub extra: Vec<String>,
    /// Whether `(1,234)` means -1234.
    pub negative_parentheses: bool,
}

impl Marks {
    /// Whether the user declared this text as missing.
    pub fn declared(&self, text: &str) -> bool {
        !self.extra.is_empty() && self.extra.iter().any(|mark| mark.trim() == text)
    }
}

/// Reads a cell without white space around it.
///
/// Understands thousands marks in groups of three (`1,234.5`, `1 234`), full-width digits and signs, a percent sign,
/// footnote marks behind the number, and `2003年`.
pub fn read_number(text: &str, marks: &Marks) -> Reading {
    if text.is_empty() {
        return Reading::Blank;
    }
    if marks.declared(text) {
        return Reading::Missing;
    }
    if let Some(reading) = plain(text) {
        return reading;
    }
    if text.len() <= 24 && MISSING_MARKS.contains(&text.to_lowercase().as_str()) {
        return Reading::Missing;
    }
    // Long text is not a number; this bounds the work on text columns.
    if text.len() > 64 {
        return Reading::Text;
    }
    let narrow = narrowed(text);
    let narrow = narrow.trim();
    if MISSING_MARKS.contains(&narrow.to_lowercase().as_str()) {
        return Reading::Missing;
    }
    if !narrow.bytes().any(|byte| byte.is_ascii_digit()) {
        return Reading::Text;
    }
    printed(narrow, marks)
}

/// A number as a table prints it, in half-width characters.
fn printed(text: &str, marks: &Marks) -> Reading {
    if let Some(reading) = grouped(text) {
        return reading;
    }
    if let Some(before) = text.strip_suffix('%') {
        return beside(before.trim_end(), Aside::Percent);
    }
    if let Some(before) = text.strip_suffix('年') {
        let year = before.trim_end();
        return if year.len() == 4 {
            beside(year, Aside::Year)
        } else {
            Reading::Text
        };
    }
    if marks.negative_parentheses
        && let Some(inner) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
    {
        return match grouped(inner.trim()) {
            Some(Reading::Number {
                value,
                whole,
                aside,
            }) if value >= 0.0 => Reading::Number {
                value: -value,
                whole: whole.map(|whole| -whole),
                aside,
            },
            _ => Reading::Text,
        };
    }
    if let Some((before, mark)) = footnote(text) {
        return beside(before, Aside::Footnote(mark.into()));
    }
    Reading::Text
}

/// A number with something beside it, which must not be all there is.
fn beside(text: &str, aside: Aside) -> Reading {
    match grouped(text) {
        Some(Reading::Number { value, whole, .. }) => Reading::Number {
            value,
            whole: if aside == Aside::Percent { None } else { whole },
            aside,
        },
        _ => Reading::Text,
    }
}

/// Digits with an optional sign, decimals and exponent, and nothing else.
fn plain(text: &str) -> Option<Reading> {
    let bytes = text.as_bytes();
    let negative = bytes.first() == Some(&b'-');
    let digits = match bytes.first()? {
        b'+' | b'-' => &bytes[1..],
        b'0'..=b'9' | b'.' => bytes,
        _ => return None,
    };
    if digits.is_empty() {
        return None;
    }
    if digits.iter().all(u8::is_ascii_digit) {
        if digits.len() > 1 && digits[0] == b'0' {
            return Some(Reading::Identifier);
        }
        if digits.len() > 18 {
            return Some(match text.parse::<i64>() {
                Ok(whole) => number(whole as f64, Some(whole)),
                Err(_) => Reading::Identifier,
            });
        }
        let size = digits
            .iter()
            .fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let whole = if negative { -size } else { size };
        return Some(number(whole as f64, Some(whole)));
    }
    if !digits.iter().any(u8::is_ascii_digit)
        || !digits
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then(|| number(value, None))
}

fn number(value: f64, whole: Option<i64>) -> Reading {
    Reading::Number {
        value,
        whole,
        aside: Aside::None,
    }
}

/// A plain number, or one with thousands marks (commas or spaces, one kind only, groups of three).
fn grouped(text: &str) -> Option<Reading> {
    if let Some(reading) = plain(text) {
        return Some(reading);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' | b'-' => text.split_at(1),
        _ => ("", text),
    };
    let rest = rest.trim_start();
    let (whole, decimals) = rest.split_once('.').unwrap_or((rest, ""));
    let mark = whole.bytes().find(|byte| !byte.is_ascii_digit());
    let joined = match mark {
        None => rest.to_string(),
        Some(mark @ (b',' | b' ' | b'\'')) => {
            let mut groups = whole.split(char::from(mark));
            let head = groups.next()?;
            if head.is_empty()
                || head.len() > 3
                || head == "0"
                || !groups.all(|group| group.len() == 3)
                || !decimals.bytes().all(|byte| byte.is_ascii_digit())
            {
                return None;
            }
            rest.replace(char::from(mark), "")
        }
        Some(_) => return None,
    };
    match plain(&format!("{sign}{joined}")) {
        Some(Reading::Number { value, whole, .. }) => Some(number(value, whole)),
        other => other.filter(|_| mark.is_none()),
    }
}

/// Splits a footnote mark from the end: stars, circled digits, superscripts, daggers, `a)`, ` 1)`, `[1]`, `(a)`.
pub(crate) fn footnote(text: &str) -> Option<(&str, &str)> {
    let signs = text.trim_end_matches(is_mark);
    if signs.len() < text.len() && !signs.is_empty() {
        return Some((signs.trim_end(), text[signs.len()..].trim()));
    }
    let (open, spaced) = match text.chars().last()? {
        ']' => (text.rfind('[')?, false),
        ')' => match text.rfind('(') {
            Some(open) => (open, false),
            None => {
                let body = text.strip_suffix(')')?;
                let start = body.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
                let name = &body[start.len()..];
                let letter = name.len() == 1 && name.bytes().all(|b| b.is_ascii_lowercase());
                if letter {
                    (start.len(), false)
                } else {
                    // A letter behind the digits: `123a)`.
                    let digits = body.trim_end_matches(|c: char| c.is_ascii_lowercase());
                    if body.len() == digits.len() + 1 {
                        (digits.len(), false)
                    } else {
                        (start.len(), true)
                    }
                }
            }
        },
        _ => return None,
    };
    let (before, mark) = text.split_at(open);
    let name = mark.trim_matches(|c| matches!(c, '[' | ']' | '(' | ')'));
    let short = (1..=2).contains(&name.chars().count())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || is_mark(c));
    if before.trim().is_empty() || !short || (spaced && !before.ends_with(' ')) {
        return None;
    }
    Some((before.trim_end(), mark))
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '†' | '‡' | '§' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '①'..='⑳' | '㈠'..='㈩' | '#')
}

/// Full-width digits, letters and signs as ASCII; all kinds of space as one.
pub fn narrowed(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{2212}' | '\u{2013}' => '-',
            c if c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}' => ' ',
            c => c,
        })
        .collect()
}
