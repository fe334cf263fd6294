//! Wide tables with one row a unit and the years in columns.

use super::Wide;
use super::furniture::{is_note, note_word};
use super::heads::{
    TimeHead, calendar, filled_from, measure_of, split_measure, stub_head, time_head, unit_name,
};
use super::long::{check_width, first_row, skipped};
use super::melt::{Slot, Table};
use crate::cleaning::series::read_cell;
use crate::cleaning::{Marks, Reading};
use crate::error::Error;
use crate::files::grid::{Cell, Grid, letters};
use crate::files::{ReadOptions, source_entry};
use crate::ledger::Entry;
use crate::names::known_name;

/// A column that holds values.
struct ValueColumn {
    at: usize,
    time: TimeHead,
    head: String,
    series: String,
}

/// The header of a table.
struct Header {
    columns: Vec<ValueColumn>,
    /// First column that holds values.
    first: usize,
    /// First row of the header.
    top: usize,
    /// First row below the header.
    below: usize,
}

/// Tells the parts of a table apart.
pub(crate) fn table(grid: &Grid, options: &ReadOptions, wide: &Wide) -> Result<Table, Error> {
    let start = first_row(grid, options.skip_rows);
    if start >= grid.rows() {
        return Err(Error::Empty {
            at: Box::new(grid.place()),
        });
    }
    let limit = options
        .header_rows
        .map_or(grid.rows(), |rows| header_end(grid, start, rows));
    let mut table = Table::default();
    let header = match find(grid, start, limit, |row, column| {
        time_head(grid.cell(row, column)).is_some()
    }) {
        Some(row) => plain_header(grid, start, row, limit, options, &mut table)?,
        None => stub_header(grid, start, limit)?,
    };
    titles(grid, start, header.top, &mut table);
    let mut heads: Vec<TimeHead> = header.columns.iter().map(|column| column.time).collect();
    let times = calendar(&heads).map_err(|reason| Error::Layout {
        at: Box::new(grid.place()),
        reason,
    })?;
    heads.clear();
    let unit_at = unit_column(grid, &header, wide, &mut table)?;
    body(grid, &header, &times, unit_at, &mut table)?;
    Ok(table)
}

/// The first row below `rows` rows with something in them; titles of one cell above them do not count.
fn header_end(grid: &Grid, start: usize, rows: usize) -> usize {
    let top = (start..grid.rows())
        .find(|&row| grid.filled(row) > 1)
        .unwrap_or(start);
    (top..grid.rows())
        .filter(|&row| !grid.is_blank_row(row))
        .nth(rows)
        .unwrap_or(grid.rows())
}

/// The first row in which at least half of the filled cells behind the first column are heads.
fn find(
    grid: &Grid,
    start: usize,
    end: usize,
    head: impl Fn(usize, usize) -> bool,
) -> Option<usize> {
    (start..end).find(|&row| {
        let heads = (1..grid.width(row))
            .filter(|&column| head(row, column))
            .count();
        heads > 0 && 2 * heads >= filled_from(grid, row, 1)
    })
}

/// A header whose years stand in cells of their own.
fn plain_header(
    grid: &Grid,
    start: usize,
    row: usize,
    limit: usize,
    options: &ReadOptions,
    table: &mut Table,
) -> Result<Header, Error> {
    let width = grid.filled_width(row);
    let first = (1..width)
        .find(|&column| time_head(grid.cell(row, column)).is_some())
        .unwrap_or(1);
    let below_series = series_below(grid, row, first);
    let width = if below_series {
        grid.filled_width(row + 1)
    } else {
        width
    };
    // Rows of series names above the years: at least two cells, or told to be part of the header.
    let mut top = row;
    while top > start {
        let above = top - 1;
        let cells = filled_from(grid, above, first);
        let measures =
            (first..grid.width(above)).any(|column| measure_of(grid.cell(above, column)).is_some());
        if cells < 2 || (measures && cells == 1) {
            break;
        }
        top = above;
    }
    let mut columns = Vec::new();
    let mut carried: Option<(TimeHead, String)> = None;
    for column in first..width {
        let cell = grid.cell(row, column);
        let head = match (time_head(cell), cell.is_blank()) {
            (Some(time), _) => {
                carried = Some((time, cell.shown()));
                carried.clone()
            }
            (None, true) if below_series && !grid.cell(row + 1, column).is_blank() => {
                carried.clone()
            }
            (None, true) => {
                unheaded(grid, row, column)?;
                None
            }
            (None, false) => {
                return Err(Error::NotATime {
                    at: Box::new(
                        grid.row_place(row)
                            .column(letters(grid.first_column + column)),
                    ),
                    text: cell.shown(),
                });
            }
        };
        let Some((time, head)) = head else { continue };
        let mut names: Vec<String> = (top..row)
            .map(|above| carried_from(grid, above, first, column))
            .filter(|name| !name.is_empty())
            .collect();
        if below_series {
            names.push(grid.cell(row + 1, column).shown());
        }
        let (series, measure) = split_measure(&names.join(" "));
        if let Some(measure) = measure
            && !table.measures.iter().any(|(name, _)| *name == series)
        {
            table.measures.push((series.clone(), measure));
        }
        let head = if series.is_empty() {
            head
        } else {
            format!("{series} {head}")
        };
        columns.push(ValueColumn {
            at: column,
            time,
            head,
            series,
        });
    }
    let mut below = row + 1 + usize::from(below_series);
    if below < grid.rows() && is_measure_row(grid, below, &columns) {
        for column in &columns {
            if let Some(measure) = measure_of(grid.cell(below, column.at)) {
                let entry = (column.series.clone(), measure);
                if !table.measures.contains(&entry) {
                    table.measures.push(entry);
                }
            }
        }
        below += 1;
    }
    if options.header_rows.is_some() {
        below = below.max(limit);
    }
    Ok(Header {
        columns,
        first,
        top,
        below,
    })
}

/// A header of one row in which years stand behind the names of series.
fn stub_header(grid: &Grid, start: usize, limit: usize) -> Result<Header, Error> {
    let row = find(grid, start, limit, |row, column| stub_head(grid.cell(row, column)).is_some())
        .ok_or_else(|| Error::NoTimeHeads {
            at: Box::new(grid.place()),
            sought: "row of years (2003, 2003年, gdp2003, ...)".into(),
            hint: "if years stand in rows, say that units are in columns; rows above the header can be skipped".into(),
        })?;
    let width = grid.filled_width(row);
    let mut columns = Vec::new();
    for column in 1..width {
        if let Some((series, time)) = stub_head(grid.cell(row, column)) {
            columns.push(ValueColumn {
                at: column,
                time,
                head: grid.cell(row, column).shown(),
                series,
            });
        } else if !columns.is_empty() {
            return Err(Error::NotATime {
                at: Box::new(
                    grid.row_place(row)
                        .column(letters(grid.first_column + column)),
                ),
                text: grid.cell(row, column).shown(),
            });
        }
    }
    Ok(Header {
        first: columns.first().map_or(1, |column| column.at),
        columns,
        top: row,
        below: row + 1,
    })
}

/// Whether the row below the years names series: text under blank cells between years.
fn series_below(grid: &Grid, row: usize, first: usize) -> bool {
    let below = row + 1;
    if below >= grid.rows() {
        return false;
    }
    let filled: Vec<usize> = (first..grid.width(below))
        .filter(|&column| !grid.cell(below, column).is_blank())
        .collect();
    let text = filled.iter().all(|&column| {
        matches!(
            read_cell(grid.cell(below, column), &Marks::default()),
            Reading::Text
        )
    });
    text && filled
        .iter()
        .any(|&column| grid.cell(row, column).is_blank())
}

/// Whether a row below the years holds units of measure only.
fn is_measure_row(grid: &Grid, row: usize, columns: &[ValueColumn]) -> bool {
    let mut any = false;
    for column in columns {
        let cell = grid.cell(row, column.at);
        if cell.is_blank() {
            continue;
        }
        if measure_of(cell).is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// The last filled cell of a header row at or left of a column.
fn carried_from(grid: &Grid, row: usize, first: usize, column: usize) -> String {
    (first..=column)
        .rev()
        .map(|column| grid.cell(row, column))
        .find(|cell| !cell.is_blank())
        .map(|cell| cell.shown())
        .unwrap_or_default()
}

/// An error when a column without a year holds anything below the header.
fn unheaded(grid: &Grid, row: usize, column: usize) -> Result<(), Error> {
    let held = (row + 1..grid.rows()).find(|&below| {
        matches!(
            read_cell(grid.cell(below, column), &Marks::default()),
            Reading::Number { .. }
        )
    });
    match held {
        None => Ok(()),
        Some(below) => Err(Error::Layout {
            at: Box::new(
                grid.row_place(below)
                    .column(letters(grid.first_column + column)),
            ),
            reason: format!(
                "there is a value here, but no year above it in row {}; name the year or leave the column out with a range",
                grid.lines[row]
            ),
        }),
    }
}

/// Notes of titles above the header, and the unit of measure that stands there.
fn titles(grid: &Grid, start: usize, top: usize, table: &mut Table) {
    for row in start..top {
        for column in 0..grid.filled_width(row) {
            let cell = grid.cell(row, column);
            if cell.is_blank() {
                continue;
            }
            match measure_of(cell) {
                Some(measure) => table.measures.push((String::new(), measure)),
                None => {
                    table
                        .notes
                        .push(format!("{}: title: {}", grid.row_place(row), cell.shown()))
                }
            }
        }
    }
}

/// The column with the names of units: the one named so, else the first with text; the others before the years are left out.
fn unit_column(
    grid: &Grid,
    header: &Header,
    wide: &Wide,
    table: &mut Table,
) -> Result<usize, Error> {
    let label = |column: usize| {
        (header.top..header.below)
            .map(|row| grid.cell(row, column).shown())
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };
    let holds_text = |column: usize| {
        (header.below..grid.rows()).any(|row| {
            matches!(grid.cell(row, column), Cell::Text(text) if text.chars().any(char::is_alphabetic))
        })
    };
    let filled: Vec<usize> = (0..header.first)
        .filter(|&column| {
            !label(column).is_empty()
                || (header.below..grid.rows()).any(|row| !grid.cell(row, column).is_blank())
        })
        .collect();
    let unit_at = filled
        .iter()
        .copied()
        .find(|&column| label(column) == wide.unit_name)
        .or_else(|| filled.iter().copied().find(|&column| holds_text(column)))
        .or_else(|| filled.first().copied())
        .ok_or_else(|| Error::Layout {
            at: Box::new(grid.place()),
            reason: "there is no column with names of units left of the years".into(),
        })?;
    for &column in filled.iter().filter(|&&column| column != unit_at) {
        let name = label(column);
        let shown = if name.is_empty() {
            letters(grid.first_column + column)
        } else {
            name
        };
        table.notes.push(format!(
            "{}: column `{shown}` left of the years is left out; the units are taken from column `{}`",
            grid.place(),
            letters(grid.first_column + unit_at)
        ));
        table.ledger.push(Entry {
            rule: "column left of the years that does not name the units".into(),
            ..source_entry(
                "dropped",
                &grid.file,
                grid.place().column(&shown).within(),
                &shown,
            )
        });
    }
    Ok(unit_at)
}

/// Rows of data; notes below them go to the ledger.
fn body(
    grid: &Grid,
    header: &Header,
    times: &[i64],
    unit_at: usize,
    table: &mut Table,
) -> Result<(), Error> {
    let end = body_end(grid, header, unit_at);
    let width = header.columns.last().map_or(0, |column| column.at + 1);
    for row in header.below..end {
        if grid.is_blank_row(row) {
            continue;
        }
        check_width(grid, row, width)?;
        let typed = grid.cell(row, unit_at).shown();
        if typed.is_empty() {
            return Err(Error::Layout {
                at: Box::new(
                    grid.row_place(row)
                        .column(letters(grid.first_column + unit_at)),
                ),
                reason: "the row has values but no name of a unit".into(),
            });
        }
        let (name, marked) = unit_name(&typed);
        if marked {
            table.ledger.push(Entry {
                unit: name.clone(),
                before: typed,
                after: name.clone(),
                rule: "footnote mark left out of the name".into(),
                ..source_entry("converted", &grid.file, grid.row_place(row).within(), "")
            });
        }
        let unit = table.unit(&name);
        for (column, time) in header.columns.iter().zip(times) {
            let series = table.series(&column.series);
            table.slots.push(Slot {
                row,
                column: column.at,
                unit,
                time: *time,
                series,
                head: column.head.clone(),
            });
        }
    }
    for row in end..grid.rows() {
        if !grid.is_blank_row(row) {
            table
                .ledger
                .push(skipped(grid, row, "note below the table"));
        }
    }
    Ok(())
}

/// The first row below the data.
fn body_end(grid: &Grid, header: &Header, unit_at: usize) -> usize {
    let mut end = grid.rows();
    while end > header.below {
        let row = end - 1;
        let numbers = header
            .columns
            .iter()
            .filter(|column| {
                matches!(
                    read_cell(grid.cell(row, column.at), &Marks::default()),
                    Reading::Number { .. }
                )
            })
            .count();
        let first = (0..grid.width(row))
            .map(|column| (column, grid.cell(row, column)))
            .find(|(_, cell)| !cell.is_blank());
        let below = match first {
            None => true,
            Some((column, Cell::Text(text))) => {
                let alone = grid.filled(row) == 1 && (column != unit_at || !known_name(text));
                alone
                    || note_word(text)
                    || (is_note(text) && 2 * numbers < header.columns.len().max(2))
            }
            Some(_) => false,
        };
        if !below {
            break;
        }
        end -= 1;
    }
    end
}
