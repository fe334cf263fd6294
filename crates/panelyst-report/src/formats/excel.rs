//! Excel: one sheet a table, numbers as numbers; the workbook of a whole study has its figures and its ledger too.
//!
//! A cell holds the estimate at full precision and its number format prints the digits and stars of the table, for
//! example `0.373"***"`. Statistics in brackets are text in cells of text format: typed or pasted as anything else, a
//! spreadsheet turns `(0.81)` into -0.81.

mod whole;

pub use whole::whole;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as CellFormat, FormatAlign, FormatBorder, IgnoreError,
    Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

use super::cells::{Alignment, Grid, Piece, caption, has_cjk, one_line};
use super::wrapping::wrap;
use crate::Error;
use crate::table::{Cell, Table};

/// Longest name of a sheet in characters.
const SHEET_NAME: usize = 31;
/// Columns of words are not made wider than this; their text is wrapped.
const WORDS: usize = 48;
/// Height of a line of text in points.
const LINE: f64 = 15.0;

/// Writes tables as a workbook.
///
/// # Errors
///
/// [`Error::Excel`] if a table exceeds the rows, columns or characters of a sheet.
pub fn excel(tables: &[Table]) -> Result<Vec<u8>, Error> {
    let mut workbook = start()?;
    self::tables(&mut workbook, tables)?;
    if tables.is_empty() {
        workbook.add_worksheet();
    }
    finish(workbook)
}

fn failure(sheet: &str) -> impl Fn(XlsxError) -> Error {
    let table = sheet.to_owned();
    move |source| Error::Excel {
        table: table.clone(),
        source,
    }
}

/// A workbook without sheets.
fn start() -> Result<Workbook, Error> {
    let mut workbook = Workbook::new();
    // A fixed date, so that the same tables give the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failure("all"))?;
    workbook.set_properties(
        &DocProperties::new()
            .set_author("Panelyst")
            .set_creation_datetime(&created),
    );
    Ok(workbook)
}

fn finish(mut workbook: Workbook) -> Result<Vec<u8>, Error> {
    workbook.save_to_buffer().map_err(failure("all"))
}

/// A sheet a table; gives their names.
fn tables(workbook: &mut Workbook, tables: &[Table]) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::with_capacity(tables.len());
    for table in tables {
        let wanted = if table.label.is_empty() {
            &table.id
        } else {
            &table.label
        };
        let name = named(wanted, &names);
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name).map_err(failure(&name))?;
        write_sheet(sheet, table).map_err(failure(&name))?;
        names.push(name);
    }
    Ok(names)
}

/// A valid and unused name of a sheet, as near to the wanted one as can be.
fn named(wanted: &str, used: &[String]) -> String {
    let clean: String = one_line(wanted)
        .chars()
        .map(|c| {
            if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') {
                '-'
            } else {
                c
            }
        })
        .collect();
    let clean = if clean.is_empty() {
        format!("Sheet{}", used.len() + 1)
    } else {
        clean
    };
    // Sheets are told apart without regard to case, and measured in UTF-16 units.
    let taken = |name: &str| {
        used.iter()
            .any(|other| other.to_lowercase() == name.to_lowercase())
    };
    let mut name = shortened(&clean, SHEET_NAME);
    let mut number = 2;
    while taken(&name) {
        let suffix = format!(" ({number})");
        name = format!("{}{suffix}", shortened(&clean, SHEET_NAME - suffix.len()));
        number += 1;
    }
    name
}

fn shortened(text: &str, units: usize) -> String {
    let mut left = units;
    let fitting = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    fitting.collect::<String>().trim_end().to_owned()
}

fn write_sheet(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let grid = Grid::of(table);
    let base = base_format(table);
    let widths = set_widths(sheet, &grid)?;
    let total: usize = widths.iter().sum::<usize>().max(20);
    let last = column_number(grid.columns.len().saturating_sub(1));
    let mut at = 0;
    let title = caption(table);
    if !title.is_empty() {
        wide_text(
            sheet,
            at,
            last,
            &title,
            total,
            &base.clone().set_bold().set_align(FormatAlign::Center),
        )?;
        at += 1;
    }
    let first = at;
    for (number, row) in grid.header.iter().enumerate() {
        let style = ruled(
            &base,
            number == 0,
            number + 1 == grid.header.len(),
            FormatBorder::Thin,
        );
        header(
            sheet,
            at,
            row,
            &grid,
            &style,
            number + 1 == grid.header.len(),
        )?;
        at += 1;
    }
    for number in 0..grid.rows.len() {
        let is_last = number + 1 == grid.rows.len();
        let above = if at == first {
            FormatBorder::Medium
        } else if grid.rule_above(number) {
            FormatBorder::Hair
        } else {
            FormatBorder::None
        };
        let mut style = base.clone().set_border_top(above);
        if is_last {
            style = style.set_border_bottom(FormatBorder::Medium);
        }
        let mut lines = 1;
        for (column, piece) in grid.rows[number].1.iter().enumerate() {
            let cell = table.rows[number].cells.get(column);
            body_cell(sheet, at, &grid, column, piece, cell, &style)?;
            let words = matches!(piece, Piece::Words(_)) && grid.heading(number).is_none();
            if words {
                lines = lines.max(wrap(&piece.plain("-"), widths[column]).len());
            }
        }
        if lines > 1 {
            sheet.set_row_height(at, LINE * lines as f64)?;
        }
        at += 1;
    }
    for note in &table.notes {
        let style = base.clone().set_font_size(9).set_align(FormatAlign::Left);
        // Letters of notes are smaller than those that widths are counted in.
        wide_text(sheet, at, last, &one_line(note), total * 6 / 5, &style)?;
        at += 1;
    }
    if at > 0 {
        sheet.ignore_error_range(0, 0, at - 1, last, IgnoreError::NumberStoredAsText)?;
    }
    sheet.set_screen_gridlines(false);
    sheet.set_print_fit_to_pages(1, 0);
    if total > 90 {
        sheet.set_landscape();
    }
    Ok(())
}

fn base_format(table: &Table) -> CellFormat {
    let texts = table.notes.iter().chain([&table.title, &table.label]);
    let chinese = texts.into_iter().any(|text| has_cjk(text));
    let font = if chinese { "SimSun" } else { "Times New Roman" };
    CellFormat::new()
        .set_font_name(font)
        .set_font_size(10.5)
        .set_align(FormatAlign::VerticalCenter)
}

fn ruled(base: &CellFormat, top: bool, bottom: bool, line: FormatBorder) -> CellFormat {
    let style = base.clone().set_align(FormatAlign::Center);
    let style = if top {
        style.set_border_top(FormatBorder::Medium)
    } else {
        style
    };
    if bottom {
        style.set_border_bottom(line)
    } else {
        style
    }
}

fn column_number(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Widths in characters, which are also those of the columns but for the margins.
fn set_widths(sheet: &mut Worksheet, grid: &Grid) -> Result<Vec<usize>, XlsxError> {
    let widths: Vec<usize> = grid
        .natural_widths()
        .iter()
        .map(|&width| width.clamp(6, WORDS))
        .collect();
    for (column, &width) in widths.iter().enumerate() {
        sheet.set_column_width(column_number(column), width as f64 + 2.0)?;
    }
    Ok(widths)
}

/// Text over all columns, wrapped, its row as high as its lines.
fn wide_text(
    sheet: &mut Worksheet,
    row: u32,
    last: u16,
    text: &str,
    width: usize,
    style: &CellFormat,
) -> Result<(), XlsxError> {
    let style = style.clone().set_text_wrap();
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, &style)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, &style)?;
    }
    let lines = wrap(text, width.max(text.width().min(20))).len();
    sheet.set_row_height(row, LINE * lines as f64 + 2.0)?;
    Ok(())
}

fn header(
    sheet: &mut Worksheet,
    at: u32,
    row: &[crate::table::HeaderCell],
    grid: &Grid,
    style: &CellFormat,
    is_last: bool,
) -> Result<(), XlsxError> {
    let mut column = 0;
    for cell in row {
        let (first, last) = (column_number(column), column_number(column + cell.span - 1));
        if cell.span > 1 {
            let grouped = !cell.text.is_empty() && !is_last;
            let style = if grouped {
                style.clone().set_border_bottom(FormatBorder::Hair)
            } else {
                style.clone()
            };
            sheet.merge_range(at, first, at, last, &cell.text, &style)?;
        } else {
            let left = grid.columns[column] == Alignment::Left;
            let style = if left {
                style.clone().set_align(FormatAlign::Left)
            } else {
                style.clone()
            };
            let style = style.set_text_wrap();
            sheet.write_string_with_format(at, first, &cell.text, &style)?;
        }
        column += cell.span;
    }
    Ok(())
}

fn body_cell(
    sheet: &mut Worksheet,
    row: u32,
    grid: &Grid,
    column: usize,
    piece: &Piece,
    cell: Option<&Cell>,
    style: &CellFormat,
) -> Result<(), XlsxError> {
    let at = column_number(column);
    let left = grid.columns[column] == Alignment::Left;
    let place = if left {
        FormatAlign::Left
    } else {
        FormatAlign::Center
    };
    let style = style.clone().set_align(place);
    let text = |sheet: &mut Worksheet, style: &CellFormat| {
        sheet
            .write_string_with_format(row, at, piece.plain("-"), style)
            .map(|_| ())
    };
    match (piece, cell) {
        (Piece::Empty, _) => sheet.write_blank(row, at, &style).map(|_| ()),
        (Piece::Words(words), _) => {
            let wrapped = words.width() > WORDS;
            text(
                sheet,
                &if wrapped {
                    style.set_text_wrap()
                } else {
                    style
                },
            )
        }
        // Text format keeps brackets text even when the cell is edited.
        (Piece::Number { bracket: true, .. }, _) => text(sheet, &style.set_num_format("@")),
        // Beyond 2^53 a spreadsheet would change the count.
        (Piece::Whole(_), Some(Cell::Integer { value })) if value.unsigned_abs() <= 1 << 53 => {
            sheet
                .write_number_with_format(row, at, *value as f64, &style.set_num_format("0"))
                .map(|_| ())
        }
        (
            Piece::Number { printed, .. },
            Some(Cell::Number { value, .. } | Cell::Estimate { value, .. }),
        ) if printed.is_finite() => {
            let pattern = printed.spreadsheet_pattern();
            let stars = match piece.stars() {
                "" => String::new(),
                stars => format!("\"{stars}\""),
            };
            // A second section without a minus sign where the digits left are all zero.
            let pattern = if *value < 0.0 && printed.is_zero() {
                format!("{pattern}{stars};{pattern}{stars}")
            } else {
                format!("{pattern}{stars}")
            };
            sheet
                .write_number_with_format(row, at, *value, &style.set_num_format(pattern))
                .map(|_| ())
        }
        _ => text(sheet, &style),
    }
}
