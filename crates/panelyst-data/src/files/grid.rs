//! The cells of a text file or of one sheet, before anything is known about them.

use crate::error::Place;

/// One cell as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Nothing, or white space.
    Blank,
    /// Text, without white space around it.
    Text(&'a str),
    /// A number of a workbook.
    Number(f64),
    /// A truth value of a workbook.
    Truth(bool),
    /// A date or time of a workbook, in ISO 8601.
    Date(&'a str),
    /// An error of a workbook, for example `#N/A`.
    Failed(&'a str),
}

impl Cell<'_> {
    /// Whether there is nothing in the cell.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The cell as a reader of the file sees it.
    pub fn shown(&self) -> String {
        match *self {
            Self::Blank => String::new(),
            Self::Text(text) | Self::Date(text) | Self::Failed(text) => text.to_string(),
            Self::Number(number) => format!("{number}"),
            Self::Truth(truth) => truth.to_string().to_uppercase(),
        }
    }
}

/// A cell that owns its content; workbooks have few enough of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum OwnedCell {
    #[default]
    Blank,
    Text(String),
    Number(f64),
    Truth(bool),
    Date(String),
    Failed(String),
}

/// Where the content lies: one buffer for text files, a matrix for sheets.
#[derive(Clone, Debug)]
enum Body {
    Text {
        text: String,
        /// End of each cell in `text`; a cell starts where the one before it ends.
        ends: Vec<usize>,
        /// Number of cells before each row, and in all.
        starts: Vec<usize>,
    },
    Cells(Vec<Vec<OwnedCell>>),
}

/// Cells that a workbook merges, as rows and columns of the grid from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    pub rows: (usize, usize),
    pub columns: (usize, usize),
}

/// Rows of cells with their places in the file.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    pub file: String,
    pub sheet: Option<String>,
    /// Line or sheet row of each row, from 1.
    pub lines: Vec<usize>,
    /// Column of the sheet in which the grid starts, from 0.
    pub first_column: usize,
    pub merged: Vec<Merged>,
    pub notes: Vec<String>,
    body: Body,
}

impl Grid {
    /// Cells of a text file: `ends` are ends of cells in `text`, `starts` numbers of cells before each row and in all.
    pub fn from_text(
        file: String,
        text: String,
        ends: Vec<usize>,
        starts: Vec<usize>,
        lines: Vec<usize>,
    ) -> Self {
        Self {
            file,
            sheet: None,
            lines,
            first_column: 0,
            merged: Vec::new(),
            notes: Vec::new(),
            body: Body::Text { text, ends, starts },
        }
    }

    /// Cells of a sheet.
    pub fn from_cells(
        file: String,
        sheet: Option<String>,
        cells: Vec<Vec<OwnedCell>>,
        lines: Vec<usize>,
        first_column: usize,
    ) -> Self {
        Self {
            file,
            sheet,
            lines,
            first_column,
            merged: Vec::new(),
            notes: Vec::new(),
            body: Body::Cells(cells),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Number of cells in a row, blanks included.
    pub fn width(&self, row: usize) -> usize {
        match &self.body {
            Body::Text { starts, .. } => starts[row + 1] - starts[row],
            Body::Cells(cells) => cells[row].len(),
        }
    }

    /// Cells of a row up to the last that is not blank.
    pub fn filled_width(&self, row: usize) -> usize {
        (0..self.width(row))
            .rev()
            .find(|&column| !self.cell(row, column).is_blank())
            .map_or(0, |last| last + 1)
    }

    /// Number of cells of a row that are not blank.
    pub fn filled(&self, row: usize) -> usize {
        (0..self.width(row))
            .filter(|&column| !self.cell(row, column).is_blank())
            .count()
    }

    /// Whether all cells of a row are blank.
    pub fn is_blank_row(&self, row: usize) -> bool {
        (0..self.width(row)).all(|column| self.cell(row, column).is_blank())
    }

    /// Whether the cells come from a workbook, where short rows are usual.
    pub fn is_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    /// A cell; blank beyond the end of its row.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.body {
            Body::Text { text, ends, starts } => {
                let index = starts[row] + column;
                if index >= starts[row + 1] {
                    return Cell::Blank;
                }
                let start = if index == 0 { 0 } else { ends[index - 1] };
                match trimmed(text.get(start..ends[index]).unwrap_or_default()) {
                    "" => Cell::Blank,
                    text => Cell::Text(text),
                }
            }
            Body::Cells(cells) => match cells[row].get(column) {
                None | Some(OwnedCell::Blank) => Cell::Blank,
                Some(OwnedCell::Text(text)) => match trimmed(text) {
                    "" => Cell::Blank,
                    text => Cell::Text(text),
                },
                Some(OwnedCell::Number(number)) => Cell::Number(*number),
                Some(OwnedCell::Truth(truth)) => Cell::Truth(*truth),
                Some(OwnedCell::Date(text)) => Cell::Date(text),
                Some(OwnedCell::Failed(text)) => Cell::Failed(text),
            },
        }
    }

    /// Repeats the content of cells that a workbook merges over several rows; gives the cells filled, from row `from` on.
    ///
    /// Only the first column of an area is filled: a number merged over columns belongs to one of them.
    pub fn fill_merged(&mut self, from: usize) -> Vec<(usize, usize)> {
        let mut filled = Vec::new();
        let Body::Cells(cells) = &mut self.body else {
            return filled;
        };
        for area in &self.merged {
            let (first, last) = area.rows;
            if first < from {
                continue;
            }
            let column = area.columns.0;
            let Some(content) = cells[first].get(column).cloned() else {
                continue;
            };
            for row in first + 1..=last {
                if let Some(cell) = cells[row].get_mut(column)
                    && *cell == OwnedCell::Blank
                    && content != OwnedCell::Blank
                {
                    *cell = content.clone();
                    filled.push((row, column));
                }
            }
        }
        filled
    }

    /// The file and sheet.
    pub fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            sheet: self.sheet.clone(),
            ..Place::default()
        }
    }

    /// The place of a row.
    pub fn row_place(&self, row: usize) -> Place {
        self.place().row(self.lines[row])
    }

    /// The rectangle of a range, as a grid of its own; rows and columns from 0, both ends included.
    pub fn part(&self, rows: (usize, usize), columns: (usize, usize)) -> Self {
        let mut cells = Vec::new();
        let mut lines = Vec::new();
        let mut kept = Vec::new();
        for row in 0..self.rows() {
            let line = self.lines[row];
            if line < rows.0 + 1 || line > rows.1 + 1 {
                continue;
            }
            let first = columns.0.saturating_sub(self.first_column);
            let last = columns.1.saturating_sub(self.first_column);
            let end = self.width(row).min(last + 1);
            cells.push(
                (first..end.max(first))
                    .map(|c| self.owned(row, c))
                    .collect(),
            );
            lines.push(line);
            kept.push(row);
        }
        let shift = columns.0.saturating_sub(self.first_column);
        let merged = self
            .merged
            .iter()
            .filter_map(|area| {
                let top = kept.iter().position(|&row| row == area.rows.0)?;
                let bottom = kept.iter().position(|&row| row == area.rows.1)?;
                Some(Merged {
                    rows: (top, bottom),
                    columns: (
                        area.columns.0.checked_sub(shift)?,
                        area.columns.1.checked_sub(shift)?,
                    ),
                })
            })
            .collect();
        Self {
            file: self.file.clone(),
            sheet: self.sheet.clone(),
            lines,
            first_column: self.first_column.max(columns.0),
            merged,
            notes: self.notes.clone(),
            body: Body::Cells(cells),
        }
    }

    fn owned(&self, row: usize, column: usize) -> OwnedCell {
        match self.cell(row, column) {
            Cell::Blank => OwnedCell::Blank,
            Cell::Text(text) => OwnedCell::Text(text.into()),
            Cell::Number(number) => OwnedCell::Number(number),
            Cell::Truth(truth) => OwnedCell::Truth(truth),
            Cell::Date(text) => OwnedCell::Date(text.into()),
            Cell::Failed(text) => OwnedCell::Failed(text.into()),
        }
    }
}

/// Text without white space, zero-width characters and byte order marks around it.
pub(crate) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(33..=126), Some(33..=126)) | (None, _) => text,
        _ => text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')),
    }
}

/// Letters of a sheet's column, from 0: `A`, `B`, ..., `AA`.
pub(crate) fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut name = Vec::new();
    while rest > 0 {
        name.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    name.reverse();
    name.into_iter().map(char::from).collect()
}
