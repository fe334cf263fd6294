//! Plain text for the terminal: columns aligned by display width, rules of ASCII characters.
//!
//! A table wider than the line is first narrowed where it holds words, and if that is not enough it is split into panels
//! of columns that each repeat the label column. Nothing is ever cut off: only a single number wider than the line
//! can exceed it.

use unicode_width::UnicodeWidthStr;

use super::RenderOptions;
use super::cells::{Alignment, Grid, Piece, caption, one_line};
use super::wrapping::{Place, longest_atom, push_filled, push_spaces, wrap};
use crate::table::Table;

/// Spaces between columns.
const GAP: usize = 2;
/// Header text is wrapped into its column, but not below this width.
const HEADER_WIDTH: usize = 14;
/// Columns of words are not made narrower than this, unless they are alone with their labels.
const LEAST_WORDS: usize = 9;
/// Notes are wrapped at the width of the table, but not below this width.
const LEAST_NOTE: usize = 60;

/// Writes tables as plain text, with an empty line between two of them.
pub fn text(tables: &[Table], options: &RenderOptions) -> String {
    let mut out = String::new();
    for table in tables {
        if !out.is_empty() {
            out.push('\n');
        }
        write_table(&mut out, table, options.width);
    }
    out
}

fn write_table(out: &mut String, table: &Table, width: Option<usize>) {
    let grid = Grid::of(table);
    let limit = width.unwrap_or(usize::MAX).max(1);
    let panels = panels(&grid, limit);
    let total = panels.iter().map(Panel::width).max().unwrap_or(0);
    let prose = total.max(LEAST_NOTE).min(limit);
    let title = caption(table);
    if !title.is_empty() {
        push_lines(out, &title, prose);
    }
    for (number, panel) in panels.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        panel.write(out, &grid);
    }
    for note in &table.notes {
        push_lines(out, &one_line(note), prose);
    }
}

fn push_lines(out: &mut String, text: &str, width: usize) {
    for line in wrap(text, width) {
        out.push_str(&line);
        out.push('\n');
    }
}

/// Columns that are printed below each other, with their widths.
struct Panel {
    columns: Vec<usize>,
    widths: Vec<usize>,
}

/// Chooses the columns of every panel so that each is at most `limit` wide.
fn panels(grid: &Grid, limit: usize) -> Vec<Panel> {
    let count = grid.columns.len();
    if count == 0 {
        return Vec::new();
    }
    let wanted: Vec<usize> = (0..count)
        .map(|column| wanted_width(grid, column))
        .collect();
    let least: Vec<usize> = (0..count)
        .map(|column| least_width(grid, column).min(wanted[column]))
        .collect();
    if let Some(panel) = fitted(grid, (0..count).collect(), &wanted, &least, limit) {
        return vec![panel];
    }
    // At most a third of the line for labels, and what they leave for any one column of words.
    let label = least[0].max(wanted[0].min(limit / 3));
    let mut wanted = wanted;
    wanted[0] = label;
    let room = limit.saturating_sub(label + GAP);
    for column in 1..count {
        if may_wrap(grid, column) {
            wanted[column] = wanted[column].min(room.max(2));
        }
    }
    let mut panels = Vec::new();
    let mut chosen = vec![0];
    for column in 1..count {
        chosen.push(column);
        if chosen.len() > 2
            && spread(grid, &chosen, &wanted).iter().sum::<usize>() + GAP * (chosen.len() - 1)
                > limit
        {
            chosen.pop();
            panels.push(chosen);
            chosen = vec![0, column];
        }
    }
    panels.push(chosen);
    let finished = panels.into_iter().map(|columns| {
        let widths = spread(grid, &columns, &wanted);
        Panel { columns, widths }
    });
    finished.collect()
}

/// All columns in one panel, words narrowed as far as they may; nothing if they are too wide even so.
fn fitted(
    grid: &Grid,
    columns: Vec<usize>,
    wanted: &[usize],
    least: &[usize],
    limit: usize,
) -> Option<Panel> {
    let mut widths = wanted.to_vec();
    let gaps = GAP * (columns.len() - 1);
    loop {
        let spread = spread(grid, &columns, &widths);
        let total = spread.iter().sum::<usize>() + gaps;
        if total <= limit {
            return Some(Panel {
                columns,
                widths: spread,
            });
        }
        // Take one cell from the widest column of words that still has one to give.
        let widest = (0..widths.len())
            .filter(|&column| widths[column] > least[column])
            .max_by_key(|&column| (widths[column], std::cmp::Reverse(column)))?;
        widths[widest] -= 1;
    }
}

/// Widths of some columns, the last of a spanned group widened where the header over the group needs it.
fn spread(grid: &Grid, columns: &[usize], widths: &[usize]) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|&column| widths[column]).collect();
    for row in &grid.header {
        for (text, first, last) in spans(row, columns) {
            if first == last || text.is_empty() {
                continue;
            }
            let inside = widths[first..=last].iter().sum::<usize>() + GAP * (last - first);
            let needed = header_width(text, inside);
            widths[last] += needed.saturating_sub(inside);
        }
    }
    widths
}

/// The header cells of a row that touch the chosen columns: text, first and last position among them.
fn spans<'a>(
    row: &'a [crate::table::HeaderCell],
    columns: &[usize],
) -> Vec<(&'a str, usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for cell in row {
        let end = start + cell.span;
        let inside = |column: &usize| (start..end).contains(column);
        if let Some(first) = columns.iter().position(inside) {
            let last = columns.iter().rposition(inside).unwrap_or(first);
            found.push((cell.text.as_str(), first, last));
        }
        start = end;
    }
    found
}

/// Width that a header text takes over a column of this width.
fn header_width(text: &str, body: usize) -> usize {
    let lines = wrap(text, body.max(HEADER_WIDTH).max(longest_atom(text)));
    lines
        .iter()
        .map(|line| line.width())
        .max()
        .unwrap_or(0)
        .max(body)
}

fn wanted_width(grid: &Grid, column: usize) -> usize {
    let body = grid.body_width(column);
    let header = grid.header.iter().filter_map(|row| {
        let mut start = 0;
        row.iter().find_map(|cell| {
            let here = start == column && cell.span == 1;
            start += cell.span;
            here.then_some(cell.text.as_str())
        })
    });
    header
        .map(|text| header_width(text, body))
        .max()
        .unwrap_or(0)
        .max(body)
}

/// Whether the width of a column may be less than that of its cells: it holds no numbers.
fn may_wrap(grid: &Grid, column: usize) -> bool {
    !matches!(grid.columns[column], Alignment::Point { .. })
}

fn least_width(grid: &Grid, column: usize) -> usize {
    if !may_wrap(grid, column) {
        return usize::MAX;
    }
    let words = grid.rows.iter().map(|(_, pieces)| match &pieces[column] {
        Piece::Words(text) => longest_atom(text).min(2 * LEAST_WORDS),
        piece => piece.plain("-").width(),
    });
    words.max().unwrap_or(0).max(LEAST_WORDS)
}

impl Panel {
    fn width(&self) -> usize {
        self.widths.iter().sum::<usize>() + GAP * self.widths.len().saturating_sub(1)
    }

    fn write(&self, out: &mut String, grid: &Grid) {
        self.rule(out, '=');
        for row in &grid.header {
            self.header(out, grid, row);
        }
        if !grid.header.is_empty() {
            self.rule(out, '-');
        }
        for (number, (_, pieces)) in grid.rows.iter().enumerate() {
            if grid.rule_above(number) {
                self.rule(out, '-');
            }
            match grid.heading(number) {
                Some(heading) => push_lines(out, heading, self.width()),
                None => self.row(out, grid, pieces),
            }
        }
        self.rule(out, '=');
    }

    fn rule(&self, out: &mut String, line: char) {
        out.extend(std::iter::repeat_n(line, self.width()));
        out.push('\n');
    }

    fn header(&self, out: &mut String, grid: &Grid, row: &[crate::table::HeaderCell]) {
        let spans = spans(row, &self.columns);
        let cells: Vec<Lines> = spans
            .iter()
            .map(|&(text, first, last)| {
                let width = self.widths[first..=last].iter().sum::<usize>() + GAP * (last - first);
                let column = self.columns[first];
                let left = first == last && grid.columns[column] == Alignment::Left;
                let place = if left { Place::Left } else { Place::Centre };
                let mut lines = wrap(text, width);
                if last > first && !text.is_empty() {
                    lines.push("-".repeat(width));
                }
                Lines {
                    lines,
                    width,
                    place,
                }
            })
            .collect();
        // Header text stands on its rule: shorter cells are filled up above.
        push_cells(out, &cells, true);
    }

    fn row(&self, out: &mut String, grid: &Grid, pieces: &[Piece]) {
        let cells: Vec<Lines> = self
            .columns
            .iter()
            .zip(&self.widths)
            .map(|(&column, &width)| cell(grid, column, &pieces[column], width))
            .collect();
        push_cells(out, &cells, false);
    }
}

/// A cell of several lines.
struct Lines {
    lines: Vec<String>,
    width: usize,
    place: Place,
}

fn cell(grid: &Grid, column: usize, piece: &Piece, width: usize) -> Lines {
    let place = match grid.columns[column] {
        Alignment::Left => Place::Left,
        _ => Place::Centre,
    };
    let lines = match (piece, grid.columns[column]) {
        (Piece::Whole(_), Alignment::Point { after, .. }) if after > 0 => {
            wrap(&piece.plain("-"), width)
        }
        (Piece::Whole(_) | Piece::Number { .. }, Alignment::Point { before, after }) => {
            let mut line = String::with_capacity(before + after);
            let left = piece.before("-");
            push_spaces(&mut line, before.saturating_sub(left.len()));
            line.push_str(&left);
            let right = format!("{}{}", piece.after(), piece.stars());
            push_filled(&mut line, &right, after, Place::Left);
            vec![line]
        }
        _ => wrap(&piece.plain("-"), width),
    };
    Lines {
        lines,
        width,
        place,
    }
}

fn push_cells(out: &mut String, cells: &[Lines], at_bottom: bool) {
    let height = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1);
    for at in 0..height {
        let start = out.len();
        for (number, cell) in cells.iter().enumerate() {
            if number > 0 {
                push_spaces(out, GAP);
            }
            let above = if at_bottom {
                height - cell.lines.len()
            } else {
                0
            };
            let line = at.checked_sub(above).and_then(|line| cell.lines.get(line));
            push_filled(out, line.map_or("", String::as_str), cell.width, cell.place);
        }
        out.truncate(start + out[start..].trim_end_matches(' ').len());
        out.push('\n');
    }
}
