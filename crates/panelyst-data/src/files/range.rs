//! Ranges of cells, as spreadsheets write them.

use super::grid::Grid;
use crate::error::Error;

/// The part of a grid that `range` names, for example `B3:H40`.
pub(crate) fn part(grid: &Grid, range: &str) -> Result<Grid, Error> {
    let (first, last) = range
        .split_once(':')
        .ok_or_else(|| bad(range, "there is no colon"))?;
    let (left, top) = corner(first).ok_or_else(|| bad(range, &format!("`{first}` is no cell")))?;
    let (right, bottom) =
        corner(last).ok_or_else(|| bad(range, &format!("`{last}` is no cell")))?;
    if right < left || bottom < top {
        return Err(bad(
            range,
            "the second corner is above or left of the first",
        ));
    }
    let part = grid.part((top, bottom), (left, right));
    if (0..part.rows()).all(|row| part.is_blank_row(row)) {
        return Err(bad(
            range,
            &format!("there is nothing in it in {}", grid.place()),
        ));
    }
    Ok(part)
}

/// Column and row of a cell such as `B3`, from 0.
fn corner(text: &str) -> Option<(usize, usize)> {
    let text = text.trim().replace('$', "").to_ascii_uppercase();
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = text.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || row.len() > 8 {
        return None;
    }
    let mut column = 0usize;
    for letter in letters.bytes() {
        if !letter.is_ascii_uppercase() {
            return None;
        }
        column = column * 26 + usize::from(letter - b'A') + 1;
    }
    let row: usize = row.parse().ok()?;
    Some((column - 1, row.checked_sub(1)?))
}

fn bad(range: &str, reason: &str) -> Error {
    Error::BadRange {
        range: range.into(),
        reason: reason.into(),
    }
}
