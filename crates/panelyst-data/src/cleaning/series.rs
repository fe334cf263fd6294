//! A column of cells to an Arrow array, with what was left out of it.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow_buffer::NullBuffer;

use super::number::{Aside, Marks, Reading, read_number};
use crate::error::{Error, Place};
use crate::files::grid::{Cell, Grid};
use crate::files::source_entry;
use crate::ledger::{Entry, Ledger};

/// Cells of one kind in one column beyond which the ledger counts instead of listing.
pub(crate) const LISTED: usize = 1000;

/// Numbers of a column and what stood beside them; rows are positions in the column, not in the grid.
#[derive(Default)]
struct Scan {
    values: Vec<f64>,
    wholes: Vec<i64>,
    all_whole: bool,
    valid: Vec<bool>,
    numbers: usize,
    truths: usize,
    blanks: usize,
    marks: Vec<usize>,
    asides: Vec<(usize, Aside)>,
    identifiers: usize,
    first_identifier: Option<usize>,
    bad: usize,
    first_bad: Option<usize>,
}

/// A column as it was read.
pub(crate) struct Column {
    pub array: ArrayRef,
    pub ledger: Ledger,
    pub notes: Vec<String>,
}

/// The cells of one column, wherever they lie.
pub(crate) trait CellColumn {
    /// Number of cells.
    fn len(&self) -> usize;
    /// A cell, by its position in the column.
    fn cell(&self, row: usize) -> Cell<'_>;
    /// File and sheet.
    fn place(&self) -> Place;
    /// Line of the file or row of the sheet in which a cell stands, from 1.
    fn line(&self, row: usize) -> usize;
    /// All cells as text as they stand, where they are held like that.
    fn held_as_text(&self) -> Option<&StringArray> {
        None
    }
}

/// The column `at` of `rows` of a grid.
pub(crate) struct GridColumn<'a> {
    pub grid: &'a Grid,
    pub rows: &'a [usize],
    pub at: usize,
}

impl CellColumn for GridColumn<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        self.grid.cell(self.rows[row], self.at)
    }

    fn place(&self) -> Place {
        self.grid.place()
    }

    fn line(&self, row: usize) -> usize {
        self.grid.lines[self.rows[row]]
    }
}

/// What is read: a column, its name, and the marks that hold in it.
pub(crate) struct Cells<'a, C> {
    pub column: C,
    pub name: &'a str,
    pub marks: &'a Marks,
}

/// What a cell holds as a number.
pub(crate) fn read_cell(cell: Cell<'_>, marks: &Marks) -> Reading {
    match cell {
        Cell::Blank => Reading::Blank,
        Cell::Text(text) => read_number(text, marks),
        Cell::Number(value) => {
            if !marks.extra.is_empty() && marks.declared(&cell.shown()) {
                return Reading::Missing;
            }
            let whole = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0;
            if !value.is_finite() {
                return Reading::Text;
            }
            Reading::Number {
                value,
                whole: whole.then_some(value as i64),
                aside: Aside::None,
            }
        }
        Cell::Failed(_) => Reading::Missing,
        Cell::Date(_) | Cell::Truth(_) => Reading::Text,
    }
}

impl<C: CellColumn> Cells<'_, C> {
    /// Reads the column, deciding whether it holds numbers, truth values or text.
    pub fn read(&self, as_text: bool) -> Result<Column, Error> {
        if as_text {
            return Ok(self.text());
        }
        let scan = self.scan();
        let filled = scan.numbers + scan.identifiers + scan.bad;
        if scan.identifiers > 0 {
            let mut column = self.text();
            if scan.numbers > 0
                && let Some(first) = scan.first_identifier
            {
                column.notes.push(format!(
                    "column `{}` is kept as text: `{}` in row {} is a code, not a number",
                    self.name,
                    self.cell(first).shown(),
                    self.column.line(first)
                ));
            }
            return Ok(column);
        }
        if scan.truths > 0 && scan.truths == filled {
            return Ok(self.truths());
        }
        match scan.first_bad {
            None => Ok(self.numbers(scan)),
            // At least four fifths are numbers: the rest is a mistake, not a kind of text.
            Some(first) if 5 * scan.numbers >= 4 * filled => Err(self.text_in_numbers(first)),
            Some(_) => Ok(self.text()),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        self.column.cell(row)
    }

    fn scan(&self) -> Scan {
        let length = self.column.len();
        let mut scan = Scan {
            values: Vec::with_capacity(length),
            wholes: Vec::with_capacity(length),
            all_whole: true,
            valid: Vec::with_capacity(length),
            ..Scan::default()
        };
        for row in 0..length {
            let cell = self.cell(row);
            let reading = read_cell(cell, self.marks);
            scan.valid.push(matches!(reading, Reading::Number { .. }));
            let (mut value, mut integer) = (0.0, 0);
            match reading {
                Reading::Blank => scan.blanks += 1,
                Reading::Missing => scan.marks.push(row),
                Reading::Number {
                    value: number,
                    whole,
                    aside,
                } => {
                    scan.numbers += 1;
                    value = number;
                    match whole {
                        Some(whole) => integer = whole,
                        None => scan.all_whole = false,
                    }
                    if aside != Aside::None {
                        scan.asides.push((row, aside));
                    }
                }
                Reading::Identifier => {
                    scan.identifiers += 1;
                    scan.first_identifier.get_or_insert(row);
                }
                Reading::Text => {
                    scan.bad += 1;
                    scan.first_bad.get_or_insert(row);
                    scan.truths += usize::from(truth(cell).is_some());
                    // More than a fifth of all cells: certainly no number column.
                    if 5 * scan.bad > length && scan.truths < scan.bad {
                        break;
                    }
                }
            }
            scan.values.push(value);
            scan.wholes.push(integer);
        }
        scan
    }

    fn numbers(&self, scan: Scan) -> Column {
        let nulls = (scan.numbers < scan.valid.len()).then(|| NullBuffer::from(scan.valid.clone()));
        let array: ArrayRef = if scan.all_whole && scan.numbers > 0 {
            Arc::new(Int64Array::new(scan.wholes.into(), nulls))
        } else {
            Arc::new(Float64Array::new(scan.values.into(), nulls))
        };
        let mut ledger = Ledger::default();
        self.missing(&scan.marks, scan.blanks, &mut ledger);
        let notes = self.asides(&scan.asides, &mut ledger);
        Column {
            array,
            ledger,
            notes,
        }
    }

    fn truths(&self) -> Column {
        let values: Vec<Option<bool>> = (0..self.column.len())
            .map(|row| truth(self.cell(row)))
            .collect();
        let (mut marks, mut blanks) = (Vec::new(), 0);
        for row in 0..self.column.len() {
            let cell = self.cell(row);
            if cell.is_blank() {
                blanks += 1;
            } else if truth(cell).is_none() {
                marks.push(row);
            }
        }
        let mut ledger = Ledger::default();
        self.missing(&marks, blanks, &mut ledger);
        Column {
            array: Arc::new(BooleanArray::from(values)),
            ledger,
            notes: Vec::new(),
        }
    }

    /// The column as text: only blanks, errors of the workbook and declared marks are missing.
    fn text(&self) -> Column {
        if self.marks.extra.is_empty()
            && let Some(text) = self.column.held_as_text()
        {
            let mut ledger = Ledger::default();
            self.missing(&[], text.null_count(), &mut ledger);
            return Column {
                array: Arc::new(text.clone()),
                ledger,
                notes: Vec::new(),
            };
        }
        let mut builder = StringBuilder::with_capacity(self.column.len(), 8 * self.column.len());
        let (mut marks, mut blanks) = (Vec::new(), 0);
        for row in 0..self.column.len() {
            match self.cell(row) {
                Cell::Blank => {
                    blanks += 1;
                    builder.append_null();
                }
                Cell::Failed(_) => {
                    marks.push(row);
                    builder.append_null();
                }
                Cell::Text(text) if self.marks.declared(text) => {
                    marks.push(row);
                    builder.append_null();
                }
                Cell::Text(text) | Cell::Date(text) => builder.append_value(text),
                cell => builder.append_value(cell.shown()),
            }
        }
        let mut ledger = Ledger::default();
        self.missing(&marks, blanks, &mut ledger);
        Column {
            array: Arc::new(builder.finish()),
            ledger,
            notes: Vec::new(),
        }
    }

    /// Ledger entries of missing cells: one a mark, one for all blanks.
    fn missing(&self, marks: &[usize], blanks: usize, ledger: &mut Ledger) {
        let listed = marks.iter().take(LISTED + 1);
        let shown: Vec<(usize, String)> =
            listed.map(|row| (*row, self.cell(*row).shown())).collect();
        self.missing_cells(&shown, marks.len(), blanks, ledger);
    }

    /// Ledger entries of missing cells, of which the first marks are given with their rows, and all are counted.
    pub fn missing_cells(
        &self,
        marks: &[(usize, String)],
        marked: usize,
        blanks: usize,
        ledger: &mut Ledger,
    ) {
        for (row, mark) in marks.iter().take(LISTED) {
            ledger.push(Entry {
                before: mark.clone(),
                rule: "mark for a missing cell".into(),
                ..self.entry("missing", *row)
            });
        }
        if let Some((next, _)) = marks.get(LISTED) {
            ledger.push(Entry {
                rule: format!(
                    "mark for a missing cell; {LISTED} listed above, the rest from here on counted"
                ),
                cells: marked - LISTED,
                ..self.entry("missing", *next)
            });
        }
        if blanks > 0 {
            ledger.push(Entry {
                rule: "blank cell".into(),
                cells: blanks,
                ..self.column_entry("missing")
            });
        }
    }

    /// Ledger entries of what stood beside numbers, and notes.
    fn asides(&self, asides: &[(usize, Aside)], ledger: &mut Ledger) -> Vec<String> {
        let mut notes = Vec::new();
        let marked: Vec<usize> = asides
            .iter()
            .filter(|(_, aside)| matches!(aside, Aside::Footnote(_)))
            .map(|(row, _)| *row)
            .collect();
        for row in marked.iter().take(LISTED) {
            let cell = self.cell(*row);
            let after = match read_cell(cell, self.marks) {
                Reading::Number { value, .. } => value.to_string(),
                _ => String::new(),
            };
            ledger.push(Entry {
                before: cell.shown(),
                after,
                rule: "footnote mark left out".into(),
                ..self.entry("converted", *row)
            });
        }
        if let Some(next) = marked.get(LISTED) {
            ledger.push(Entry {
                rule: format!(
                    "footnote mark left out; {LISTED} listed above, the rest from here on counted"
                ),
                cells: marked.len() - LISTED,
                ..self.entry("converted", *next)
            });
        }
        for (kind, rule) in [
            (Aside::Percent, "percent sign left out, the number kept"),
            (Aside::Year, "年 left out"),
        ] {
            let count = asides.iter().filter(|(_, aside)| *aside == kind).count();
            if count == 0 {
                continue;
            }
            ledger.push(Entry {
                rule: rule.into(),
                cells: count,
                ..self.column_entry("converted")
            });
            if kind == Aside::Percent {
                notes.push(format!(
                    "column `{}`: {count} cells have a percent sign; 12.3% is read as 12.3",
                    self.name
                ));
            }
        }
        notes
    }

    /// The error of a cell that is no number, with a hint that fits it.
    pub fn text_in_numbers(&self, row: usize) -> Error {
        let text = self.cell(row).shown();
        let hint = hint_for(&text);
        Error::TextInNumbers {
            at: Box::new(self.row_place(row).column(self.name)),
            text,
            hint,
        }
    }

    fn entry(&self, action: &str, row: usize) -> Entry {
        let place = self.row_place(row).column(self.name);
        source_entry(action, &place.file, place.within(), self.name)
    }

    fn column_entry(&self, action: &str) -> Entry {
        let place = self.column.place().column(self.name);
        source_entry(action, &place.file, place.within(), self.name)
    }

    fn row_place(&self, row: usize) -> Place {
        self.column.place().row(self.column.line(row))
    }
}

/// What to do about a cell that is no number.
pub(crate) fn hint_for(text: &str) -> String {
    let digits_and_commas = text.contains(',')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '+' | '-'));
    if digits_and_commas {
        "commas are read as thousands marks in groups of three; write decimals with a point, or declare the column as text".into()
    } else if text.starts_with('(') && text.ends_with(')') {
        "say that brackets mean negative numbers, declare it as missing, or declare the column as text".into()
    } else {
        "declare it as missing, or the column as text".into()
    }
}

fn truth(cell: Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Truth(truth) => Some(truth),
        Cell::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Cell::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
