//! Wide tables with one column a unit and the years in rows.

use super::furniture::is_note;
use super::heads::{
    TimeHead, calendar, filled_from, measure_of, split_measure, time_head, unit_name,
};
use super::long::{check_width, first_row, skipped};
use super::melt::{Slot, Table};
use crate::error::Error;
use crate::files::grid::{Cell, Grid, letters};
use crate::files::{ReadOptions, source_entry};
use crate::ledger::Entry;
use crate::names::known_name;

/// Tells the parts of a table apart.
pub(crate) fn table(grid: &Grid, options: &ReadOptions) -> Result<Table, Error> {
    let start = first_row(grid, options.skip_rows);
    if start >= grid.rows() {
        return Err(Error::Empty {
            at: Box::new(grid.place()),
        });
    }
    let (time_at, top) = first_time(grid, start).ok_or_else(|| Error::NoTimeHeads {
        at: Box::new(grid.place()),
        sought: "column of years (2003, 2003年, ...)".into(),
        hint: "if years stand in columns, say that units are in rows; rows above the header can be skipped".into(),
    })?;
    let mut table = Table::default();
    let header = header(grid, start, top, time_at, options, &mut table)?;
    let (rows, heads) = time_rows(grid, top, time_at, &mut table)?;
    let times = calendar(&heads).map_err(|reason| Error::Layout {
        at: Box::new(grid.place()),
        reason,
    })?;
    let width = header.last().map_or(0, |column| column.at + 1);
    for (&row, time) in rows.iter().zip(times) {
        check_width(grid, row, width)?;
        for column in &header {
            table.slots.push(Slot {
                row,
                column: column.at,
                unit: column.unit,
                time,
                series: column.series,
                head: column.head.clone(),
            });
        }
    }
    Ok(table)
}

/// A column that holds values.
struct UnitColumn {
    at: usize,
    unit: usize,
    series: usize,
    head: String,
}

/// The column of years, and its first row: the first cell that is a time with something beside it.
fn first_time(grid: &Grid, start: usize) -> Option<(usize, usize)> {
    (start..grid.rows()).find_map(|row| {
        let column = (0..grid.width(row)).find(|&column| !grid.cell(row, column).is_blank())?;
        let time =
            time_head(grid.cell(row, column)).is_some() && filled_from(grid, row, column + 1) > 0;
        time.then_some((column, row))
    })
}

fn is_below(grid: &Grid, row: usize) -> bool {
    matches!(grid.cell(row, 0), Cell::Text(text) if is_note(text)) || grid.filled(row) == 1
}

/// Units and series of the columns.
fn header(
    grid: &Grid,
    start: usize,
    top: usize,
    time_at: usize,
    options: &ReadOptions,
    table: &mut Table,
) -> Result<Vec<UnitColumn>, Error> {
    let first = time_at + 1;
    let wanted = options.header_rows.unwrap_or(usize::MAX);
    let mut head_rows: Vec<usize> = Vec::new();
    let mut measures: Option<usize> = None;
    for row in (start..top).rev() {
        let cells: Vec<Cell<'_>> = (first..grid.width(row))
            .map(|column| grid.cell(row, column))
            .filter(|cell| !cell.is_blank())
            .collect();
        if cells.is_empty() {
            continue;
        }
        if measures.is_none()
            && cells.iter().all(|cell| measure_of(*cell).is_some())
            && cells.len() > 1
        {
            measures = Some(row);
        } else if head_rows.len() < wanted && (head_rows.is_empty() || cells.len() > 1) {
            head_rows.push(row);
        }
    }
    head_rows.reverse();
    for row in start..top {
        if head_rows.contains(&row) || measures == Some(row) {
            continue;
        }
        for column in 0..grid.filled_width(row) {
            let cell = grid.cell(row, column);
            match measure_of(cell) {
                _ if cell.is_blank() => {}
                Some(measure) => table.measures.push((String::new(), measure)),
                None => {
                    table
                        .notes
                        .push(format!("{}: title: {}", grid.row_place(row), cell.shown()))
                }
            }
        }
    }
    let unit_row = unit_row(grid, &head_rows, first).ok_or_else(|| Error::Layout {
        at: Box::new(grid.row_place(top)),
        reason: "there is no row with names of units above the years".into(),
    })?;
    let width = head_rows
        .iter()
        .map(|&row| grid.filled_width(row))
        .max()
        .unwrap_or(0);
    let mut columns = Vec::new();
    for at in first..width {
        let typed = carried(grid, unit_row, first, at, head_rows.len() > 1);
        if typed.is_empty() {
            if let Some(row) = (top..grid.rows()).find(|&row| !grid.cell(row, at).is_blank()) {
                return Err(Error::Layout {
                    at: Box::new(grid.row_place(row).column(letters(grid.first_column + at))),
                    reason: format!(
                        "there is a value here, but no unit above it in row {}",
                        grid.lines[unit_row]
                    ),
                });
            }
            continue;
        }
        let (name, marked) = unit_name(&typed);
        if marked {
            table.ledger.push(Entry {
                unit: name.clone(),
                before: typed,
                after: name.clone(),
                rule: "footnote mark left out of the name".into(),
                ..source_entry(
                    "converted",
                    &grid.file,
                    grid.row_place(unit_row).within(),
                    "",
                )
            });
        }
        let names: Vec<String> = head_rows
            .iter()
            .filter(|&&row| row != unit_row)
            .map(|&row| carried(grid, row, first, at, true))
            .filter(|name| !name.is_empty())
            .collect();
        let (series, measure) = split_measure(&names.join(" "));
        let measure = measure.or_else(|| measures.and_then(|row| measure_of(grid.cell(row, at))));
        if let Some(measure) = measure {
            let entry = (series.clone(), measure);
            if !table.measures.contains(&entry) {
                table.measures.push(entry);
            }
        }
        let head = if series.is_empty() {
            name.clone()
        } else {
            format!("{series} {name}")
        };
        columns.push(UnitColumn {
            at,
            unit: table.unit(&name),
            series: table.series(&series),
            head,
        });
    }
    Ok(columns)
}

/// Of several head rows the one whose names are known provinces or states; else the one with most different names; else the last.
fn unit_row(grid: &Grid, rows: &[usize], first: usize) -> Option<usize> {
    let rank = |row: usize| {
        let mut names: Vec<String> = (first..grid.width(row))
            .map(|column| grid.cell(row, column).shown())
            .filter(|name| !name.is_empty())
            .collect();
        let known = names.iter().filter(|name| known_name(name)).count();
        names.sort_unstable();
        names.dedup();
        (known, names.len(), row)
    };
    rows.iter().copied().max_by_key(|row| rank(*row))
}

/// A head, or with several head rows the last filled one to its left.
fn carried(grid: &Grid, row: usize, first: usize, at: usize, several: bool) -> String {
    let from = if several { first } else { at };
    (from..=at)
        .rev()
        .map(|column| grid.cell(row, column))
        .find(|cell| !cell.is_blank())
        .map(|cell| cell.shown())
        .unwrap_or_default()
}

/// Rows with a year in front; notes below them go to the ledger.
fn time_rows(
    grid: &Grid,
    top: usize,
    time_at: usize,
    table: &mut Table,
) -> Result<(Vec<usize>, Vec<TimeHead>), Error> {
    let mut end = grid.rows();
    while end > top {
        let row = end - 1;
        let note = time_head(grid.cell(row, time_at)).is_none() && is_below(grid, row);
        if !grid.is_blank_row(row) && !note {
            break;
        }
        end -= 1;
    }
    let (mut rows, mut heads) = (Vec::new(), Vec::new());
    for row in top..end {
        if grid.is_blank_row(row) {
            continue;
        }
        let cell = grid.cell(row, time_at);
        let head = time_head(cell).ok_or_else(|| Error::NotATime {
            at: Box::new(
                grid.row_place(row)
                    .column(letters(grid.first_column + time_at)),
            ),
            text: cell.shown(),
        })?;
        rows.push(row);
        heads.push(head);
    }
    for row in end..grid.rows() {
        if !grid.is_blank_row(row) {
            table
                .ledger
                .push(skipped(grid, row, "note below the table"));
        }
    }
    Ok((rows, heads))
}
