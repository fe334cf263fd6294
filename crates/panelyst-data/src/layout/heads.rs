//! Heads of wide tables: years, series, units of measure.

use super::furniture::measure;
use crate::cleaning::number::{footnote, narrowed};
use crate::files::grid::{Cell, Grid};
use crate::units;

/// A year, or a month of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeHead {
    pub year: i64,
    pub month: Option<u8>,
}

/// Reads a head as a time: `2003`, `2003年`, `2003 年`, `２００３`, `2003-12`, `2003年12月`, a year with a footnote mark.
pub(crate) fn time_head(cell: Cell<'_>) -> Option<TimeHead> {
    match cell {
        Cell::Number(number) if number.fract() == 0.0 && (1000.0..3000.0).contains(&number) => {
            Some(TimeHead {
                year: number as i64,
                month: None,
            })
        }
        Cell::Text(text) | Cell::Date(text) => {
            let text = narrowed(text);
            let text = text.trim();
            parse(text).or_else(|| footnote(text).and_then(|(before, _)| parse(before)))
        }
        _ => None,
    }
}

fn parse(text: &str) -> Option<TimeHead> {
    let text = text
        .strip_prefix("FY")
        .or_else(|| text.strip_prefix("fy"))
        .unwrap_or(text)
        .trim();
    let year: i64 = text
        .get(..4)
        .filter(|head| head.bytes().all(|b| b.is_ascii_digit()))?
        .parse()
        .ok()?;
    if !(1000..3000).contains(&year) {
        return None;
    }
    let rest = text[4..].trim();
    let rest = match rest.strip_prefix('年') {
        Some(rest) => rest.trim(),
        None if rest.is_empty() => rest,
        None => rest.strip_prefix(['-', '/', '.'])?,
    };
    if rest.is_empty() || rest == "度" {
        return Some(TimeHead { year, month: None });
    }
    let month = rest.strip_suffix('月').unwrap_or(rest);
    // Dates of workbooks: 2003-12-31.
    let month = month.split(['-', 'T']).next()?;
    let month: u8 = month.parse().ok().filter(|_| month.len() <= 2)?;
    (1..=12).contains(&month).then_some(TimeHead {
        year,
        month: Some(month),
    })
}

/// Splits a head such as `gdp2003`, `GDP 2003` or `gdp_2003` into the series and the year.
pub(crate) fn stub_head(cell: Cell<'_>) -> Option<(String, TimeHead)> {
    let Cell::Text(text) = cell else {
        return None;
    };
    let text = narrowed(text);
    let text = text.trim().trim_end_matches('年').trim_end();
    let cut = text.len().checked_sub(4)?;
    let year: i64 = text
        .get(cut..)?
        .parse()
        .ok()
        .filter(|year| (1800..2200).contains(year))?;
    let stub = text[..cut].trim_end_matches([' ', '_', '-', '.']);
    if stub.is_empty() || stub.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some((stub.to_string(), TimeHead { year, month: None }))
}

/// Filled cells of a row from a column on.
pub(crate) fn filled_from(grid: &Grid, row: usize, column: usize) -> usize {
    (column..grid.width(row))
        .filter(|&column| !grid.cell(row, column).is_blank())
        .count()
}

/// Times of the rows or columns of a table as whole numbers, or what is wrong with them.
///
/// Months are accepted when each year has one, as in year-end figures.
pub(crate) fn calendar(heads: &[TimeHead]) -> Result<Vec<i64>, String> {
    let mut months: Vec<(i64, u8)> = Vec::new();
    for head in heads {
        let Some(month) = head.month else { continue };
        match months.iter().find(|(year, _)| *year == head.year) {
            Some((_, other)) if *other != month => {
                return Err(format!(
                    "{} has heads for more than one month; only one head a year is read",
                    head.year
                ));
            }
            Some(_) => {}
            None => months.push((head.year, month)),
        }
    }
    Ok(heads.iter().map(|head| head.year).collect())
}

/// The unit of measure that a cell of a unit row names: `亿元`, `(万元)`, `单位：亿元`.
pub(crate) fn measure_of(cell: Cell<'_>) -> Option<String> {
    let Cell::Text(text) = cell else {
        return None;
    };
    if let Some(unit) = measure(text) {
        return Some(unit.to_string());
    }
    let bare = text.trim_matches(['(', ')', '（', '）', '[', ']']).trim();
    units::find(bare).map(|_| bare.to_string())
}

/// Splits a known unit of measure in brackets from the end of a name: `GDP (亿元)`.
pub(crate) fn split_measure(name: &str) -> (String, Option<String>) {
    let text = name.trim();
    if let Some(open) = text.rfind(['(', '（'])
        && text.ends_with([')', '）'])
    {
        let unit = text[open..].trim_matches(['(', ')', '（', '）']).trim();
        let before = text[..open].trim();
        if !before.is_empty() && units::find(unit).is_some() {
            return (before.to_string(), Some(unit.to_string()));
        }
    }
    (text.to_string(), None)
}

/// Names of units as printed, without footnote marks and without the spaces that pad Chinese names (`北  京`).
pub(crate) fn unit_name(text: &str) -> (String, bool) {
    let (bare, marked) = match footnote(text) {
        Some((before, _)) if before.chars().any(char::is_alphabetic) => (before, true),
        _ => (text, false),
    };
    let letters: Vec<char> = bare.chars().collect();
    let han = |c: Option<&char>| c.is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
    let mut name = String::with_capacity(bare.len());
    for (index, letter) in letters.iter().enumerate() {
        if letter.is_whitespace() {
            let before = letters[..index].iter().rev().find(|c| !c.is_whitespace());
            let after = letters[index..].iter().find(|c| !c.is_whitespace());
            if han(before) && han(after) {
                continue;
            }
        }
        name.push(*letter);
    }
    (name, marked)
}
