//! What all formats share: cells in parts, the kind of every column, captions and rules.

use unicode_width::UnicodeWidthStr;

use crate::numbers::{Printed, print};
use crate::table::{Cell, HeaderCell, Lang, Row, RowKind, Table};

/// Words wider than this make their column a column of prose, set flush left and wrapped where a format can.
const PROSE_WIDTH: usize = 14;

/// A body cell in the parts that formats put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Nothing.
    Empty,
    /// Words on one line.
    Words(String),
    /// A count; ASCII minus.
    Whole(String),
    /// A printed number.
    Number {
        /// Its digits.
        printed: Printed,
        /// Stars behind it.
        stars: usize,
        /// Whether it stands in brackets.
        bracket: bool,
    },
}

impl Piece {
    pub(super) fn of(cell: Option<&Cell>) -> Self {
        let number = |value: f64, digits, stars: u8, bracket| Self::Number {
            printed: print(value, digits),
            stars: usize::from(stars),
            bracket,
        };
        match cell {
            None | Some(Cell::Empty) => Self::Empty,
            Some(Cell::Text { text }) => match one_line(text) {
                text if text.is_empty() => Self::Empty,
                text => Self::Words(text),
            },
            Some(Cell::Integer { value }) => Self::Whole(value.to_string()),
            Some(Cell::Number { value, digits }) => number(*value, *digits, 0, false),
            Some(Cell::Estimate {
                value,
                digits,
                stars,
            }) => number(*value, *digits, *stars, false),
            Some(Cell::Bracket { value, digits }) => number(*value, *digits, 0, true),
        }
    }

    /// The part before the point, with bracket and the given minus sign.
    pub(super) fn before(&self, minus: &str) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Words(text) => text.clone(),
            Self::Whole(digits) => match digits.strip_prefix('-') {
                Some(digits) => format!("{minus}{digits}"),
                None => digits.clone(),
            },
            Self::Number {
                printed, bracket, ..
            } => format!(
                "{}{}{}",
                if *bracket { "(" } else { "" },
                if printed.negative { minus } else { "" },
                printed.integer
            ),
        }
    }

    /// The part from the point on, without stars, with the closing bracket.
    pub(super) fn after(&self) -> String {
        match self {
            Self::Number {
                printed, bracket, ..
            } => {
                let mut text = printed.after_point();
                if *bracket {
                    text.push(')');
                }
                text
            }
            _ => String::new(),
        }
    }

    /// The stars as they stand in plain text.
    pub(super) fn stars(&self) -> &'static str {
        match self {
            Self::Number { stars, .. } => &"***"[..(*stars).min(3)],
            _ => "",
        }
    }

    /// The whole cell in plain text.
    pub(super) fn plain(&self, minus: &str) -> String {
        let mut text = self.before(minus);
        text.push_str(&self.after());
        text.push_str(self.stars());
        text
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alignment {
    /// Flush left: the label column and columns of prose.
    Left,
    /// Centred: short words.
    Centre,
    /// Numbers aligned at the point, which has at most so many characters before it and, stars included, from it on.
    /// Words among them are centred, and so are counts if any number of the column has decimals.
    Point { before: usize, after: usize },
}

/// A table with its cells in parts, every row filled to the same number of columns.
pub(super) struct Grid {
    /// Header rows whose spans add up to the number of columns.
    pub(super) header: Vec<Vec<HeaderCell>>,
    pub(super) rows: Vec<(RowKind, Vec<Piece>)>,
    pub(super) columns: Vec<Alignment>,
}

impl Grid {
    pub(super) fn of(table: &Table) -> Self {
        let count = table.columns();
        let pieces = |row: &Row| {
            (0..count)
                .map(|column| Piece::of(row.cells.get(column)))
                .collect()
        };
        let rows: Vec<(RowKind, Vec<Piece>)> = table
            .rows
            .iter()
            .map(|row| (row.kind, pieces(row)))
            .collect();
        let header = table.header.iter().map(|row| filled(row, count)).collect();
        let columns = (0..count).map(|column| alignment(column, &rows)).collect();
        Self {
            header,
            rows,
            columns,
        }
    }

    /// Whether a thin rule stands above this row.
    pub(super) fn rule_above(&self, row: usize) -> bool {
        row > 0
            && self.rows[row].0 == RowKind::Statistic
            && self.rows[row - 1].0 != RowKind::Statistic
            && self.rows[row - 1].0 != RowKind::Panel
    }

    /// The heading of a panel row whose only text stands in its first cell.
    pub(super) fn heading(&self, row: usize) -> Option<&str> {
        match &self.rows[row] {
            (RowKind::Panel, pieces) if pieces.iter().skip(1).all(Piece::is_empty) => {
                match pieces.first() {
                    Some(Piece::Words(text)) => Some(text),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a count stands centred in its column, because the column has numbers with decimals.
    pub(super) fn centres_counts(&self, column: usize) -> bool {
        matches!(self.columns[column], Alignment::Point { after, .. } if after > 0)
    }

    /// Width of every column in characters if nothing is wrapped, headers of one column included.
    pub(super) fn natural_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.body_width(column))
            .collect();
        for row in &self.header {
            let mut column = 0;
            for cell in row {
                if cell.span == 1 {
                    widths[column] = widths[column].max(cell.text.width());
                }
                column += cell.span;
            }
        }
        widths
    }

    /// Width of a column in characters, without its header and headings of panels.
    pub(super) fn body_width(&self, column: usize) -> usize {
        let block = match self.columns[column] {
            Alignment::Point { before, after } => before + after,
            _ => 0,
        };
        let cells = self
            .rows
            .iter()
            .enumerate()
            .filter(|(row, _)| self.heading(*row).is_none());
        cells
            .map(|(_, (_, pieces))| match &pieces[column] {
                Piece::Number { .. } => 0,
                piece => piece.before("-").width(),
            })
            .max()
            .unwrap_or(0)
            .max(block)
    }
}

/// A header row without spans of zero, filled up or cut back to the number of columns.
fn filled(row: &[HeaderCell], count: usize) -> Vec<HeaderCell> {
    let mut cells: Vec<HeaderCell> = Vec::with_capacity(row.len());
    let mut used = 0;
    for cell in row {
        let span = cell.span.max(1);
        cells.push(HeaderCell {
            text: one_line(&cell.text),
            span,
        });
        used += span;
    }
    cells.extend((used..count).map(|_| HeaderCell {
        text: String::new(),
        span: 1,
    }));
    cells
}

fn alignment(column: usize, rows: &[(RowKind, Vec<Piece>)]) -> Alignment {
    if column == 0 {
        return Alignment::Left;
    }
    let cells = || rows.iter().map(|(_, pieces)| &pieces[column]);
    let decimals =
        cells().any(|piece| matches!(piece, Piece::Number { .. }) && !piece.after().is_empty());
    let (mut before, mut after, mut numbers, mut words) = (0, 0, false, 0);
    for piece in cells() {
        match piece {
            Piece::Empty => {}
            Piece::Words(text) => words = words.max(text.width()),
            Piece::Whole(digits) => {
                numbers = true;
                if !decimals {
                    before = before.max(digits.len());
                }
            }
            Piece::Number { .. } => {
                numbers = true;
                before = before.max(piece.before("-").len());
                after = after.max(piece.after().len() + piece.stars().len());
            }
        }
    }
    match (numbers, words > PROSE_WIDTH) {
        (true, _) => Alignment::Point { before, after },
        (false, true) => Alignment::Left,
        (false, false) => Alignment::Centre,
    }
}

/// Label and title as they stand above a table: `Table 3. Title` or `表3 标题`.
pub(super) fn caption(table: &Table) -> String {
    let (label, title) = (one_line(&table.label), one_line(&table.title));
    match (label.is_empty(), title.is_empty(), table.lang) {
        (true, _, _) => title,
        (_, true, _) => label,
        (_, _, Lang::En) => format!("{label}. {title}"),
        (_, _, Lang::Zh) => format!("{label} {title}"),
    }
}

/// Text on one line: control characters and line ends become single spaces, none at either end.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') {
            gap = true;
        } else {
            if gap && !line.is_empty() && !line.ends_with(' ') && c != ' ' {
                line.push(' ');
            }
            gap = false;
            line.push(c);
        }
    }
    line.trim().to_owned()
}

/// The tag of a language in HTML, Word and Excel (BCP 47).
pub(crate) fn language_tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    }
}

/// Appends text with the five characters that XML and HTML reserve replaced by entities.
pub(crate) fn push_escaped_xml(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}

/// Whether a text has characters of Chinese, Japanese or Korean, punctuation included.
pub(crate) fn has_cjk(text: &str) -> bool {
    text.chars().any(is_cjk)
}

/// Whether a character is set in an East Asian font and may begin a line by itself.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x30FF | 0x3100..=0x31BF | 0x31F0..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
        | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF | 0x2_0000..=0x3_FFFF)
}
