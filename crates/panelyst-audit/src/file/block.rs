//! A table as it stands on the page, cut into cells that know their place.
//!
//! Cells are separated by `|`, by tabs, or, where a block has neither, by two or more spaces; then a cell belongs to the column
//! above or below which it stands. Empty lines and rules of `-`, `=`, `_` and `:` are left out.

use super::fields::{At, Mistakes};
use panelyst_lang::Span;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    /// Without surrounding spaces.
    pub text: String,
    /// Its place in the file.
    pub span: Span,
}

/// One line: the label and one cell for each column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// The first cell; may be empty.
    pub label: Cell,
    /// The others, as many as the block has columns.
    pub cells: Vec<Cell>,
    /// The whole line.
    pub span: Span,
}

/// A piece of a line with its first character's number.
struct Piece {
    cell: Cell,
    column: usize,
    end: usize,
}

/// The lines of a block. Lines with too many cells are noted.
pub(crate) fn lines(block: &At<String>, source: &str, mistakes: &mut Mistakes) -> Vec<Line> {
    let places = Places::of(block, source);
    let mut offset = 0;
    let mut raw = Vec::new();
    for line in block.value.split('\n') {
        let rule = line.chars().all(|c| "-=_:+| \t\r".contains(c));
        if !rule {
            raw.push((offset, line.trim_end()));
        }
        offset += line.len() + 1;
    }
    let has = |c: char| raw.iter().any(|(_, line)| line.contains(c));
    if has('|') {
        let fenced = raw.iter().all(|(_, line)| {
            let line = line.trim();
            line.len() > 1 && line.starts_with('|') && line.ends_with('|')
        });
        return separated(&raw, '|', fenced, &places, mistakes);
    }
    if has('\t') {
        return separated(&raw, '\t', false, &places, mistakes);
    }
    aligned(&raw, &places, mistakes)
}

/// Where bytes of a multi-line string stand in the file; the whole string where it was typed with escapes.
struct Places {
    start: Option<usize>,
    outer: Span,
}

impl Places {
    fn of(block: &At<String>, source: &str) -> Self {
        let outer = block.span;
        let raw = source.get(outer.start..outer.end).unwrap_or_default();
        let start = raw
            .find(block.value.as_str())
            .filter(|_| !block.value.is_empty());
        Self {
            start: start.map(|start| outer.start + start),
            outer,
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        match self.start {
            Some(base) => Span::new(base + start, base + end),
            None => self.outer,
        }
    }
}

fn cell(text: &str, offset: usize, places: &Places) -> Cell {
    let lead = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let start = offset + if trimmed.is_empty() { 0 } else { lead };
    Cell {
        text: trimmed.to_owned(),
        span: places.span(start, start + trimmed.len()),
    }
}

fn separated(
    raw: &[(usize, &str)],
    separator: char,
    fenced: bool,
    places: &Places,
    mistakes: &mut Mistakes,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(raw.len());
    for &(offset, line) in raw {
        let mut place = offset;
        let mut cells: Vec<Cell> = line
            .split(separator)
            .map(|part| {
                let cell = cell(part, place, places);
                place += part.len() + separator.len_utf8();
                cell
            })
            .collect();
        if fenced {
            cells.remove(0);
            cells.pop();
        }
        let span = places.span(offset, offset + line.len());
        let label = cells.remove(0);
        lines.push(Line { label, cells, span });
    }
    level(&mut lines, mistakes);
    lines
}

/// Fills lines up to the width of the widest line that has a full head; a line longer than every other is noted.
fn level(lines: &mut [Line], mistakes: &mut Mistakes) {
    let mut widths: Vec<usize> = lines.iter().map(|line| line.cells.len()).collect();
    widths.sort_unstable();
    let Some(&widest) = widths.last() else {
        return;
    };
    let alone = widths.len() > 2 && widths[widths.len() - 2] < widest;
    let width = if alone {
        widths[widths.len() - 2]
    } else {
        widest
    };
    for line in lines {
        while line.cells.len() > width && line.cells.last().is_some_and(|c| c.text.is_empty()) {
            line.cells.pop();
        }
        if line.cells.len() > width {
            let message = format!(
                "this line has {} cells after its label, the others have {width}",
                line.cells.len()
            );
            mistakes.at(line.span, message, "check the separators of this line");
            line.cells.truncate(width);
        }
        let end = Span::new(line.span.end, line.span.end);
        line.cells.resize(
            width,
            Cell {
                text: String::new(),
                span: end,
            },
        );
    }
}

/// Cells separated by two or more spaces, put under the columns of the fullest lines.
fn aligned(raw: &[(usize, &str)], places: &Places, mistakes: &mut Mistakes) -> Vec<Line> {
    let pieces: Vec<Vec<Piece>> = raw
        .iter()
        .map(|&(offset, line)| pieces(line, offset, places))
        .collect();
    let is_label = |piece: &Piece| piece.column == 0;
    let data = |line: &Vec<Piece>| line.iter().filter(|piece| !is_label(piece)).count();
    let width = pieces.iter().map(data).max().unwrap_or(0);
    let mut columns = vec![(usize::MAX, 0usize); width];
    for line in pieces.iter().filter(|line| data(line) == width) {
        for (column, piece) in columns.iter_mut().zip(line.iter().filter(|p| !is_label(p))) {
            column.0 = column.0.min(piece.column);
            column.1 = column.1.max(piece.end);
        }
    }
    let mut lines = Vec::with_capacity(raw.len());
    for (line, &(offset, text)) in pieces.into_iter().zip(raw) {
        let span = places.span(offset, offset + text.len());
        let empty = Cell {
            text: String::new(),
            span,
        };
        let mut made = Line {
            label: empty.clone(),
            cells: vec![empty; width],
            span,
        };
        for piece in line {
            if is_label(&piece) {
                made.label = piece.cell;
                continue;
            }
            let middle = piece.column + piece.end;
            let nearest =
                (0..width).min_by_key(|&j| (columns[j].0 + columns[j].1).abs_diff(middle));
            match nearest {
                Some(j) if made.cells[j].text.is_empty() => made.cells[j] = piece.cell,
                _ => mistakes.at(
                    piece.cell.span,
                    format!("`{}` stands under no column of its own", piece.cell.text),
                    "separate the cells with |",
                ),
            }
        }
        lines.push(made);
    }
    lines
}

fn pieces(line: &str, offset: usize, places: &Places) -> Vec<Piece> {
    let mut found = Vec::new();
    let letters: Vec<(usize, char)> = line.char_indices().collect();
    let mut at = 0;
    while at < letters.len() {
        if letters[at].1 == ' ' {
            at += 1;
            continue;
        }
        let first = at;
        while at < letters.len()
            && !(letters[at].1 == ' ' && letters.get(at + 1).is_none_or(|next| next.1 == ' '))
        {
            at += 1;
        }
        let end = letters.get(at).map_or(line.len(), |letter| letter.0);
        let start = letters[first].0;
        found.push(Piece {
            cell: cell(&line[start..end], offset + start, places),
            column: first,
            end: at,
        });
    }
    found
}
