//! Tables of the paper as calls of its function `three-line`; the paper itself is made by [`crate::paper`].

use super::cells::{Alignment, Grid, Piece, caption, one_line};
use super::word::{LETTER, line_width, widths};
use crate::paper::literal;
use crate::table::{HeaderCell, RowKind, Table};

/// Characters of the usual size on a line of a page of A4 upright and turned.
const LINE: [usize; 2] = [92, 142];
/// The usual size, and the smallest of a table on an upright page, in tenths of a point.
const SIZE: usize = 90;
const SMALLEST_UPRIGHT: usize = 75;
/// Rows up to which a table is kept on one page, upright and turned.
const KEPT_TOGETHER: [usize; 2] = [44, 24];

/// A table ready to be set.
pub(crate) struct Set {
    /// Whether it stands on a turned page.
    pub(crate) turned: bool,
    /// The call.
    pub(crate) call: String,
}

/// A table as a call. What is too wide for an upright page gets smaller letters, then a turned page, then smaller
/// letters there, as small as it takes: nothing is cut off.
pub(crate) fn three_line(table: &Table) -> Set {
    let grid = Grid::of(table);
    let line = line_width(&grid).max(1);
    let size_on = |page: usize| (SIZE * LINE[page] / line).min(SIZE);
    let turned = size_on(0) < SMALLEST_UPRIGHT;
    let page = usize::from(turned);
    let size = size_on(page).max(1);
    let mut call = format!(
        "#three-line({}, {}, {}pt, {},\n",
        literal(&table.id),
        literal(&caption(table)),
        tenths(size),
        grid.rows.len() <= KEPT_TOGETHER[page]
    );
    // All columns together are the line, in the units in which the widths of columns are counted.
    let total = LINE[page] * SIZE / size * LETTER;
    let columns: Vec<String> = match grid.columns.is_empty() {
        true => Vec::new(),
        false => widths(&grid, total)
            .iter()
            .map(|width| format!("{width}fr"))
            .collect(),
    };
    call.push_str(&format!("({}),\n(", joined(&columns)));
    for (number, row) in grid.header.iter().enumerate() {
        header(&mut call, &grid, row, number + 1 == grid.header.len());
    }
    call.push_str("),\n(");
    body(&mut call, &grid);
    call.push_str("),\n(");
    for note in &table.notes {
        call.push_str(&literal(&one_line(note)));
        call.push_str(", ");
    }
    call.push_str("))\n");
    Set { turned, call }
}

/// A list of one is no list without a comma behind it.
fn joined(items: &[String]) -> String {
    items.iter().map(|item| format!("{item}, ")).collect()
}

fn tenths(size: usize) -> String {
    format!("{}.{}", size / 10, size % 10)
}

fn header(out: &mut String, grid: &Grid, row: &[HeaderCell], is_last: bool) {
    let mut column = 0;
    for HeaderCell { text, span } in row {
        let place = match (span, grid.columns.get(column)) {
            (1, Some(Alignment::Left)) => "left + bottom",
            _ => "center + bottom",
        };
        let words = literal(text);
        let words = match *span > 1 && !text.is_empty() && !is_last {
            true => format!("over({words})"),
            false => words,
        };
        out.push_str(&format!(
            "table.cell(colspan: {span}, align: {place}, {words}), "
        ));
        column += span;
    }
    out.push('\n');
}

/// The rows; the brackets below an estimate stand in its cell, so that no page ends between them.
fn body(out: &mut String, grid: &Grid) {
    let mut number = 0;
    while number < grid.rows.len() {
        if grid.rule_above(number) {
            out.push_str("table.hline(stroke: 0.5pt), ");
        }
        if let Some(heading) = grid.heading(number) {
            out.push_str(&format!(
                "table.cell(colspan: {}, align: left, emph({})),\n",
                grid.columns.len(),
                literal(heading)
            ));
            number += 1;
            continue;
        }
        let brackets = grid.rows[number + 1..]
            .iter()
            .take_while(|(kind, _)| *kind == RowKind::Bracket)
            .count();
        let rows = &grid.rows[number..=number + brackets];
        for column in 0..grid.columns.len() {
            let lines: Vec<String> = rows
                .iter()
                .map(|(_, pieces)| cell(grid, column, &pieces[column]))
                .collect();
            let inside = match lines.as_slice() {
                [one] => one.clone(),
                several => format!("stack(spacing: 0.55em, {})", joined(several)),
            };
            match grid.columns[column] {
                Alignment::Left if lines.len() > 1 => {
                    out.push_str(&format!("table.cell(align: left + top, {inside}), "));
                }
                Alignment::Left => out.push_str(&format!("table.cell(align: left, {inside}), ")),
                _ => out.push_str(&format!("{inside}, ")),
            }
        }
        out.push('\n');
        number += 1 + brackets;
    }
}

/// A cell: a number in two parts that meet at the point, or words.
fn cell(grid: &Grid, column: usize, piece: &Piece) -> String {
    let aligned = |after: usize, before: usize| {
        format!(
            "n({}, {}, {before}, {after})",
            literal(&piece.before("\u{2212}")),
            literal(&format!("{}{}", piece.after(), piece.stars()))
        )
    };
    match (piece, grid.columns[column]) {
        (Piece::Number { .. }, Alignment::Point { before, after }) => aligned(after, before),
        (Piece::Whole(_), Alignment::Point { before, .. }) if !grid.centres_counts(column) => {
            aligned(0, before)
        }
        (Piece::Words(text), _) => literal(text),
        _ => literal(&piece.plain("\u{2212}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{LETTER, LINE, three_line};
    use crate::table::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};

    #[test]
    fn numbers_beside_long_text_keep_the_room_that_they_need() {
        let words = |text: &str| Cell::Text {
            text: text.to_owned(),
        };
        let number = Cell::Number {
            value: 171.454,
            digits: Digits::Decimals(3),
        };
        let head = |text: &str| HeaderCell {
            text: text.to_owned(),
            span: 1,
        };
        let table = Table {
            id: String::new(),
            label: String::new(),
            title: String::new(),
            header: vec![vec![
                head("Test"),
                head("Null hypothesis"),
                head("Statistic"),
            ]],
            rows: vec![Row {
                kind: RowKind::Body,
                cells: vec![
                    words("F test of effects"),
                    words(&"all effects are equal ".repeat(5)),
                    number,
                ],
            }],
            notes: Vec::new(),
            lang: Lang::En,
        };
        let set = three_line(&table);
        let columns = set.call.lines().nth(1).unwrap_or_default();
        let shares: Vec<usize> = columns
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|share| share.parse().ok())
            .collect();
        assert_eq!(shares.iter().sum::<usize>(), LINE[0] * LETTER, "{columns}");
        assert_eq!(shares[2], ("Statistic".len() + 2) * LETTER, "{columns}");
        assert!(!set.turned);
    }
}
