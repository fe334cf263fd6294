//! Workbooks: xlsx, xlsm, xlsb, xls and ods.

use std::io::Cursor;
use std::path::Path;

use calamine::{
    Data, Dimensions, ExcelDateTime, Range, Reader, Sheets, open_workbook_auto_from_rs,
};

use super::grid::{Grid, Merged, OwnedCell};
use super::{ReadOptions, read_bytes, unreadable};
use crate::error::{Error, Place};

/// Reads the cells of one sheet.
pub(crate) fn read(path: &Path, options: &ReadOptions) -> Result<Grid, Error> {
    let file = path.display().to_string();
    let bytes = read_bytes(path)?;
    if bytes.is_empty() {
        return Err(Error::Empty {
            at: Box::new(Place::file(file)),
        });
    }
    let zip = bytes.starts_with(b"PK");
    if !zip && !bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Error::WrongContent {
            file,
            expected: "a workbook".into(),
            found: "neither a zip archive nor an old Excel file".into(),
            hint: "a text table under the name of a workbook must be read as CSV or TSV; an encrypted workbook must be saved without password".into(),
        });
    }
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| {
        unreadable(
            path,
            &"it is a damaged workbook, an encrypted one, or no workbook at all",
        )
    })?;
    let sheet = choose(&file, &book.sheet_names(), options.sheet.as_deref())?;
    let range = book
        .worksheet_range(&sheet)
        .map_err(|error| unreadable(path, &format!("sheet `{sheet}`: {error}")))?;
    let merged = merged(&mut book, &sheet);
    grid(file, sheet, &range, &merged)
}

/// The sheet of a name or of a number from 1; the first without either.
fn choose(file: &str, sheets: &[String], told: Option<&str>) -> Result<String, Error> {
    let found = match told {
        None => sheets.first(),
        Some(name) => sheets.iter().find(|sheet| *sheet == name).or_else(|| {
            let number: usize = name.trim().parse().ok()?;
            sheets.get(number.checked_sub(1)?)
        }),
    };
    found.cloned().ok_or_else(|| Error::NoSheet {
        file: file.into(),
        sheet: told.unwrap_or("1").into(),
        known: sheets
            .iter()
            .map(|sheet| format!("`{sheet}`"))
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// Merged areas, where the format tells them.
fn merged(book: &mut Sheets<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Dimensions> {
    match book {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn grid(
    file: String,
    sheet: String,
    range: &Range<Data>,
    areas: &[Dimensions],
) -> Result<Grid, Error> {
    let Some((top, left)) = range.start() else {
        return Err(Error::Empty {
            at: Box::new(Place {
                file,
                sheet: Some(sheet),
                ..Place::default()
            }),
        });
    };
    let (top, left) = (top as usize, left as usize);
    let cells: Vec<Vec<OwnedCell>> = range
        .rows()
        .map(|row| row.iter().map(owned).collect())
        .collect();
    let lines = (0..cells.len()).map(|row| top + row + 1).collect();
    let height = cells.len();
    let mut grid = Grid::from_cells(file, Some(sheet), cells, lines, left);
    let inside = |at: u32, first: usize| (at as usize).checked_sub(first);
    grid.merged = areas
        .iter()
        .filter_map(|area| {
            Some(Merged {
                rows: (
                    inside(area.start.0, top)?,
                    inside(area.end.0, top)?.min(height.saturating_sub(1)),
                ),
                columns: (inside(area.start.1, left)?, inside(area.end.1, left)?),
            })
        })
        .filter(|area| area.rows.0 < height)
        .collect();
    if (0..grid.rows()).all(|row| grid.is_blank_row(row)) {
        return Err(Error::Empty {
            at: Box::new(grid.place()),
        });
    }
    Ok(grid)
}

fn owned(cell: &Data) -> OwnedCell {
    match cell {
        Data::Empty => OwnedCell::Blank,
        Data::Int(number) => OwnedCell::Number(*number as f64),
        Data::Float(number) => OwnedCell::Number(*number),
        Data::String(text) => OwnedCell::Text(text.clone()),
        Data::Bool(truth) => OwnedCell::Truth(*truth),
        Data::DateTime(date) if date.is_datetime() => OwnedCell::Date(iso(date)),
        Data::DateTime(duration) => OwnedCell::Number(duration.as_f64()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => OwnedCell::Date(text.clone()),
        Data::Error(error) => OwnedCell::Failed(error.to_string()),
    }
}

/// A date in ISO 8601, with its time unless that is midnight.
fn iso(date: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}
