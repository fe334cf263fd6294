//! Cells of a block of lines to values.

use super::NotPlain;
use super::head::kind_of;
use crate::cleaning::number::{Marks, Reading, read_number};
use crate::cleaning::series::LISTED;
use crate::files::grid::trimmed;

/// How a column is read; a later kind holds everything that an earlier one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Not at all.
    Skipped,
    /// Whole numbers of at most 64 bits.
    Whole,
    /// Numbers.
    Real,
    /// Cells as they stand, to be judged as a whole.
    Text,
}

/// Where the cells of one column in one block go.
pub(crate) enum Slots<'a> {
    Skipped,
    Whole(&'a mut [i64]),
    Real(&'a mut [f64]),
    Text,
}

/// What else was found in one column of one block; rows count from the first of the block.
#[derive(Default)]
pub(crate) struct Found {
    /// Rows.
    pub rows: usize,
    /// Rows without a value.
    pub nulls: Vec<usize>,
    /// Blank cells.
    pub blanks: usize,
    /// Cells with a mark for a missing value.
    pub marked: usize,
    /// The first of them.
    pub marks: Vec<(usize, String)>,
    /// The kind that the column must have, where it is not the kind it was read as.
    pub needs: Option<Kind>,
    /// Cells of a text column, one behind the other, and where each ends.
    pub text: Vec<u8>,
    pub ends: Vec<usize>,
}

/// Lines of a text file, each with its line break.
pub(crate) struct Block<'a> {
    pub bytes: &'a [u8],
    pub delimiter: u8,
    pub negative_parentheses: bool,
}

impl Block<'_> {
    /// Parses `rows` lines into the slots of their columns.
    pub fn parse(&self, rows: usize, slots: &mut [Slots<'_>]) -> Result<Vec<Found>, NotPlain> {
        let mut found: Vec<Found> = slots.iter().map(|_| Found::default()).collect();
        for found in &mut found {
            found.rows = rows;
        }
        let last = slots.len() - 1;
        let mut at = 0;
        for row in 0..rows {
            let start = at;
            let (mut read, mut blank) = (0usize, 0usize);
            for (column, slots) in slots.iter_mut().enumerate() {
                let end = if column == last {
                    b'\n'
                } else {
                    self.delimiter
                };
                let rest = self.bytes.get(at..).ok_or(NotPlain)?;
                let fast = match slots {
                    Slots::Whole(values) => whole(rest, end).map(|(value, length)| {
                        values[row] = value;
                        length
                    }),
                    Slots::Real(values) => real(rest, end).map(|(value, length)| {
                        values[row] = value;
                        length
                    }),
                    Slots::Skipped => skipped(rest, self.delimiter, end),
                    Slots::Text => None,
                };
                read += usize::from(!matches!(slots, Slots::Skipped));
                if let Some(length) = fast {
                    at += length;
                    continue;
                }
                let (cell, length) = cell(rest, self.delimiter, end)?;
                at += length;
                blank += usize::from(cell.is_empty() && !matches!(slots, Slots::Skipped));
                self.slow(cell, row, slots, &mut found[column]);
            }
            // A blank row is not data.
            if blank == read
                && !self.bytes[start..at]
                    .iter()
                    .any(|byte| byte.is_ascii_alphanumeric())
            {
                return Err(NotPlain);
            }
        }
        if at == self.bytes.len() {
            Ok(found)
        } else {
            Err(NotPlain)
        }
    }

    /// A cell that is not a plain number.
    fn slow(&self, cell: &str, row: usize, slots: &mut Slots<'_>, found: &mut Found) {
        let kind = match slots {
            Slots::Skipped => return,
            Slots::Text => {
                if cell.is_empty() {
                    found.nulls.push(row);
                }
                found.text.extend_from_slice(cell.as_bytes());
                found.ends.push(found.text.len());
                return;
            }
            Slots::Whole(_) => Kind::Whole,
            Slots::Real(_) => Kind::Real,
        };
        let marks = Marks {
            extra: Vec::new(),
            negative_parentheses: self.negative_parentheses,
        };
        let reading = read_number(cell, &marks);
        let needs = kind_of(&reading);
        if needs > kind {
            found.needs = found.needs.max(Some(needs));
            return;
        }
        match reading {
            Reading::Number { value, whole, .. } => match slots {
                Slots::Whole(values) => values[row] = whole.unwrap_or_default(),
                Slots::Real(values) => values[row] = value,
                _ => {}
            },
            Reading::Missing => {
                found.nulls.push(row);
                found.marked += 1;
                if found.marks.len() <= LISTED {
                    found.marks.push((row, cell.into()));
                }
            }
            _ => {
                found.nulls.push(row);
                found.blanks += 1;
            }
        }
    }
}

/// Length of a cell's delimiter or line break, if it stands there.
#[inline(always)]
fn ended(rest: &[u8], end: u8) -> Option<usize> {
    match rest.first() {
        Some(byte) if *byte == end => Some(1),
        Some(b'\r') if end == b'\n' && rest.get(1) == Some(&b'\n') => Some(2),
        _ => None,
    }
}

/// A whole number of at most 18 digits and what ends it: value and bytes.
#[inline(always)]
fn whole(rest: &[u8], end: u8) -> Option<(i64, usize)> {
    let negative = rest.first() == Some(&b'-');
    let digits = &rest[usize::from(negative)..];
    let (mut value, mut count) = (0u64, 0usize);
    while let Some(byte) = digits.get(count) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    // A leading zero makes a code, not a number.
    if count == 0 || count > 18 || (count > 1 && digits[0] == b'0') {
        return None;
    }
    let value = i64::try_from(value).ok()?;
    let length = ended(&digits[count..], end)?;
    Some((
        if negative { -value } else { value },
        usize::from(negative) + count + length,
    ))
}

/// A number and what ends it: value and bytes.
#[inline(always)]
fn real(rest: &[u8], end: u8) -> Option<(f64, usize)> {
    let negative = rest.first() == Some(&b'-');
    let digits = &rest[usize::from(negative)..];
    // Codes with a leading zero, names such as `inf`, and signs are judged with care.
    match digits {
        [b'0', second, ..] if second.is_ascii_digit() => return None,
        [b'0'..=b'9' | b'.', ..] => {}
        _ => return None,
    }
    let (value, count) = fast_float2::parse_partial::<f64, _>(digits).ok()?;
    let length = ended(&digits[count..], end)?;
    let long_code = count > 18 && digits[..count].iter().all(u8::is_ascii_digit);
    if long_code || !value.is_finite() || (negative && value == 0.0) {
        return None;
    }
    Some((
        if negative { -value } else { value },
        usize::from(negative) + count + length,
    ))
}

/// The bytes of a cell that is not read.
#[inline(always)]
fn skipped(rest: &[u8], delimiter: u8, end: u8) -> Option<usize> {
    let stop = rest
        .iter()
        .position(|byte| *byte == delimiter || *byte < b' ' || *byte == b'"' || *byte > b'~')?;
    ended(&rest[stop..], end).map(|length| stop + length)
}

/// A cell without white space and quotes around it, and its bytes with what ends it.
fn cell(rest: &[u8], delimiter: u8, end: u8) -> Result<(&str, usize), NotPlain> {
    let (content, stop) = if let Some(quoted) = rest.strip_prefix(b"\"") {
        let close = memchr::memchr2(b'"', b'\n', quoted).ok_or(NotPlain)?;
        if quoted[close] == b'\n' {
            return Err(NotPlain);
        }
        (&quoted[..close], close + 2)
    } else {
        let stop = memchr::memchr2(delimiter, b'\n', rest).ok_or(NotPlain)?;
        let stop = match rest[..stop].last() {
            Some(b'\r') if rest[stop] == b'\n' => stop - 1,
            _ => stop,
        };
        (&rest[..stop], stop)
    };
    let length = ended(&rest[stop..], end).ok_or(NotPlain)?;
    if content.iter().any(|byte| matches!(byte, 0 | b'\r' | b'"')) {
        return Err(NotPlain);
    }
    let text = std::str::from_utf8(content).map_err(|_| NotPlain)?;
    Ok((trimmed(text), stop + length))
}

/// Cells of one line.
pub(crate) struct Line<'a> {
    rest: &'a [u8],
    delimiter: u8,
    done: bool,
}

impl<'a> Line<'a> {
    pub fn new(line: &'a [u8], delimiter: u8) -> Self {
        Self {
            rest: line,
            delimiter,
            done: false,
        }
    }
}

impl<'a> Iterator for Line<'a> {
    type Item = Result<&'a str, NotPlain>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let found = cell(self.rest, self.delimiter, self.delimiter).or_else(|NotPlain| {
            self.done = true;
            cell(self.rest, self.delimiter, b'\n')
        });
        Some(found.map(|(text, length)| {
            self.rest = &self.rest[length..];
            text
        }))
    }
}
