//! Lines of a given display width: breaking between words and between Chinese characters, and filling up.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::cells::is_cjk;

/// Punctuation that may not begin a line.
const CLOSING: &str = "，。、；：？！）》」』】〕”’…—%％,.;:?!)]";
/// Punctuation that may not end a line.
const OPENING: &str = "（《「『【〔“‘";

/// Breaks a text into lines of at most `width` terminal cells, at spaces and between Chinese characters.
///
/// A word longer than a line is broken inside; nothing is lost. There is at least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for atom in atoms(text) {
        let word = atom.text.trim_start();
        let gap = usize::from(atom.spaced && !line.is_empty());
        let size = word.width();
        if !line.is_empty() && used + gap + size > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if gap == 1 {
            line.push(' ');
            used += 1;
        }
        if used + size <= width {
            line.push_str(word);
            used += size;
            continue;
        }
        for c in word.chars() {
            let size = c.width().unwrap_or(0);
            if used + size > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += size;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Width of the longest piece that [`wrap`] keeps on one line.
pub(super) fn longest_atom(text: &str) -> usize {
    atoms(text)
        .iter()
        .map(|atom| atom.text.trim_start().width())
        .max()
        .unwrap_or(0)
}

/// A piece of text that stays on one line.
struct Atom<'a> {
    text: &'a str,
    /// Whether a space stands before it.
    spaced: bool,
}

fn atoms(text: &str) -> Vec<Atom<'_>> {
    let mut atoms = Vec::new();
    let (mut start, mut spaced, mut previous) = (0, false, None::<char>);
    for (at, c) in text.char_indices() {
        if c == ' ' {
            if start < at {
                atoms.push(Atom {
                    text: &text[start..at],
                    spaced,
                });
            }
            (start, spaced, previous) = (at + 1, true, None);
            continue;
        }
        if let Some(before) = previous {
            let between = is_cjk(c) || is_cjk(before);
            if between && !CLOSING.contains(c) && !OPENING.contains(before) {
                atoms.push(Atom {
                    text: &text[start..at],
                    spaced,
                });
                (start, spaced) = (at, false);
            }
        }
        previous = Some(c);
    }
    if start < text.len() {
        atoms.push(Atom {
            text: &text[start..],
            spaced,
        });
    }
    atoms
}

/// Where a text stands in a wider field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the left.
    Left,
    /// In the middle; an odd cell goes to the right.
    Centre,
}

/// Appends a text filled with spaces to `width` terminal cells.
pub(super) fn push_filled(out: &mut String, text: &str, width: usize, place: Place) {
    let room = width.saturating_sub(text.width());
    let left = match place {
        Place::Left => 0,
        Place::Centre => room / 2,
    };
    push_spaces(out, left);
    out.push_str(text);
    push_spaces(out, room - left);
}

/// Appends spaces.
pub(super) fn push_spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
