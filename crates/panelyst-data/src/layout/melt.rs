//! Cells of a wide table to the rows of a long one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::Wide;
use crate::cleaning::series::{LISTED, hint_for, read_cell};
use crate::cleaning::{Aside, Marks, Reading};
use crate::error::{Error, Place};
use crate::files::grid::{Grid, letters};
use crate::files::{ReadOptions, Source, source_entry};
use crate::ledger::{Entry, Ledger};

/// A cell that holds a value.
pub(crate) struct Slot {
    pub row: usize,
    pub column: usize,
    /// Position in [`Table::units`].
    pub unit: usize,
    pub time: i64,
    /// Position in [`Table::series`].
    pub series: usize,
    /// Head of the column, for messages.
    pub head: String,
}

/// A wide table whose parts were told apart.
#[derive(Default)]
pub(crate) struct Table {
    pub units: Vec<String>,
    pub series: Vec<String>,
    pub slots: Vec<Slot>,
    /// Units of measure: (series or empty, unit).
    pub measures: Vec<(String, String)>,
    pub notes: Vec<String>,
    pub ledger: Ledger,
}

impl Table {
    /// Position of a unit, which is added when it is new.
    pub fn unit(&mut self, name: &str) -> usize {
        position_or_push(&mut self.units, name)
    }

    /// Position of a series, which is added when it is new.
    pub fn series(&mut self, name: &str) -> usize {
        position_or_push(&mut self.series, name)
    }
}

fn position_or_push(names: &mut Vec<String>, name: &str) -> usize {
    names
        .iter()
        .position(|known| known == name)
        .unwrap_or_else(|| {
            names.push(name.to_string());
            names.len() - 1
        })
}

/// Reads the values and builds the long table.
pub(crate) fn melt(
    grid: &Grid,
    mut table: Table,
    path: &Path,
    options: &ReadOptions,
    wide: &Wide,
) -> Result<Source, Error> {
    if table.slots.is_empty() {
        return Err(Error::NoDataRows {
            at: Box::new(grid.place()),
        });
    }
    name_series(grid, &mut table, wide)?;
    // Rows of the result in order of unit and time, each with the slot of each series.
    let width = table.series.len();
    let mut rows: BTreeMap<(usize, i64), Vec<Option<usize>>> = BTreeMap::new();
    for (index, slot) in table.slots.iter().enumerate() {
        let cells = rows
            .entry((slot.unit, slot.time))
            .or_insert_with(|| vec![None; width]);
        if let Some(first) = cells[slot.series].replace(index) {
            return Err(Error::DuplicateCell {
                at: Box::new(grid.place().column(&table.series[slot.series])),
                unit: table.units[slot.unit].clone(),
                time: slot.time,
                first: spot(grid, &table.slots[first]),
                second: spot(grid, slot),
            });
        }
    }
    let marks = Marks {
        extra: options.missing.clone(),
        negative_parentheses: options.negative_parentheses,
    };
    let mut reader = Reader::new(grid, &table, &marks);
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(
            rows.keys()
                .map(|(unit, _)| Some(table.units[*unit].as_str()))
                .collect::<StringArray>(),
        ),
        Arc::new(rows.keys().map(|(_, time)| *time).collect::<Int64Array>()),
    ];
    let mut fields = vec![
        Field::new(&wide.unit_name, DataType::Utf8, true),
        Field::new(&wide.time_name, DataType::Int64, true),
    ];
    for series in 0..width {
        let values = rows
            .values()
            .map(|cells| cells[series].map_or(Ok(None), |slot| reader.value(&table.slots[slot])))
            .collect::<Result<Float64Array, Error>>()?;
        columns.push(Arc::new(values));
        fields.push(Field::new(&table.series[series], DataType::Float64, true));
        reader.close(series);
    }
    let rows_at = rows
        .values()
        .map(|cells| {
            let slot = cells.iter().flatten().next();
            slot.map_or(0, |slot| grid.lines[table.slots[*slot].row])
        })
        .collect();
    let (ledger, notes) = (reader.ledger, reader.notes);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    let mut source = Source::new(path, batch, rows_at, options)?;
    source.notes.clone_from(&grid.notes);
    source.notes.append(&mut table.notes);
    source.notes.extend(notes);
    source.ledger = table.ledger;
    source.ledger.append(ledger);
    source.units = table.measures;
    Ok(source)
}

/// One series takes the name of the study; several must differ from each other and from the keys.
fn name_series(grid: &Grid, table: &mut Table, wide: &Wide) -> Result<(), Error> {
    if let [only] = table.series.as_mut_slice() {
        for measure in &mut table.measures {
            if measure.0 == *only {
                measure.0.clone_from(&wide.value_name);
            }
        }
        only.clone_from(&wide.value_name);
    }
    for (index, name) in table.series.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::Layout {
                at: Box::new(grid.place()),
                reason: format!(
                    "some values stand under a series name ({}) and some under none; name each series in the header",
                    table
                        .series
                        .iter()
                        .filter(|name| !name.is_empty())
                        .cloned()
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            });
        }
        if name == &wide.unit_name
            || name == &wide.time_name
            || table.series[..index].contains(name)
        {
            return Err(Error::Layout {
                at: Box::new(grid.place()),
                reason: format!(
                    "two columns of the result would be named `{name}`; give the unit or time column another name"
                ),
            });
        }
    }
    Ok(())
}

/// Row and column of a slot as a spreadsheet names them.
fn spot(grid: &Grid, slot: &Slot) -> String {
    format!(
        "{}{}",
        letters(grid.first_column + slot.column),
        grid.lines[slot.row]
    )
}

/// Reads values and keeps the ledger of what was not taken as it stands.
struct Reader<'a> {
    grid: &'a Grid,
    table: &'a Table,
    marks: &'a Marks,
    ledger: Ledger,
    notes: Vec<String>,
    blanks: usize,
    percents: usize,
    listed: usize,
    uncounted: usize,
}

impl<'a> Reader<'a> {
    fn new(grid: &'a Grid, table: &'a Table, marks: &'a Marks) -> Self {
        Self {
            grid,
            table,
            marks,
            ledger: Ledger::default(),
            notes: Vec::new(),
            blanks: 0,
            percents: 0,
            listed: 0,
            uncounted: 0,
        }
    }

    fn value(&mut self, slot: &Slot) -> Result<Option<f64>, Error> {
        let cell = self.grid.cell(slot.row, slot.column);
        match read_cell(cell, self.marks) {
            Reading::Blank => {
                self.blanks += 1;
                Ok(None)
            }
            Reading::Missing => {
                self.list(slot, "missing", String::new(), "mark for a missing cell");
                Ok(None)
            }
            Reading::Number { value, aside, .. } => {
                match aside {
                    Aside::Footnote(_) => {
                        self.list(
                            slot,
                            "converted",
                            value.to_string(),
                            "footnote mark left out",
                        );
                    }
                    Aside::Percent => self.percents += 1,
                    Aside::None | Aside::Year => {}
                }
                Ok(Some(value))
            }
            Reading::Identifier | Reading::Text => {
                let text = cell.shown();
                Err(Error::TextInNumbers {
                    at: Box::new(self.place(slot)),
                    hint: hint_for(&text).replace(
                        "declare it as missing, or the column as text",
                        "declare it as missing, or leave it out with a range",
                    ),
                    text,
                })
            }
        }
    }

    fn place(&self, slot: &Slot) -> Place {
        let column = format!(
            "{} ({})",
            slot.head,
            letters(self.grid.first_column + slot.column)
        );
        self.grid.row_place(slot.row).column(column)
    }

    fn list(&mut self, slot: &Slot, action: &str, after: String, rule: &str) {
        if self.listed >= LISTED {
            self.uncounted += 1;
            return;
        }
        self.listed += 1;
        let variable = &self.table.series[slot.series];
        self.ledger.push(Entry {
            unit: self.table.units[slot.unit].clone(),
            time: slot.time.to_string(),
            before: self.grid.cell(slot.row, slot.column).shown(),
            after,
            rule: rule.into(),
            ..source_entry(action, &self.grid.file, self.place(slot).within(), variable)
        });
    }

    /// Counts that stand for a whole series.
    fn close(&mut self, series: usize) {
        let name = self.table.series[series].clone();
        let place = self.grid.place().within();
        let counts = [
            (
                "missing",
                std::mem::take(&mut self.blanks),
                "blank cell".to_string(),
            ),
            (
                "converted",
                std::mem::take(&mut self.percents),
                "percent sign left out, the number kept".to_string(),
            ),
            (
                "missing",
                std::mem::take(&mut self.uncounted),
                format!(
                    "marks for missing cells and footnote marks; {LISTED} listed above, the rest counted"
                ),
            ),
        ];
        if counts[1].1 > 0 {
            self.notes.push(format!(
                "`{name}`: {} cells have a percent sign; 12.3% is read as 12.3",
                counts[1].1
            ));
        }
        for (action, cells, rule) in counts {
            if cells > 0 {
                self.ledger.push(Entry {
                    rule,
                    cells,
                    ..source_entry(action, &self.grid.file, place.clone(), &name)
                });
            }
        }
        self.listed = 0;
    }
}
