//! Rows for the periods that a unit does not have.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::take::take;

use super::TransformError;
use crate::panel::{Panel, PanelError};
use crate::{Entry, Error, Ledger};

/// A completed panel may grow by this factor; more means that the times do not count periods.
const LARGEST_GROWTH: u128 = 100;
/// Below this many rows growth does not matter.
const SMALL: u128 = 100_000;

/// Adds a row for every unit and period, from the first to the last period of the panel, that has none.
///
/// New cells are missing, but for text columns that say the same in every row of the unit (such as its region), which
/// are carried over. Each new row is a ledger entry `added`, each text carried over an entry `filled`.
///
/// # Errors
/// More rows than can be meant: times that do not count periods one by one (such as dates written as 20140131).
pub fn complete(panel: &Panel) -> Result<(Panel, Ledger), Error> {
    let times = panel.index().times();
    let first = times.iter().copied().min().unwrap_or_default();
    let last = times.iter().copied().max().unwrap_or_default();
    let units = panel.unit_names().len();
    let span = (i128::from(last) - i128::from(first)) as u128 + 1;
    let rows = span * units as u128;
    if rows > SMALL && rows > LARGEST_GROWTH * times.len() as u128 {
        return Err(TransformError::TooManyRows {
            rows,
            units,
            first,
            last,
        }
        .into());
    }

    let ranges = panel.unit_rows();
    let mut places = Vec::with_capacity(rows as usize);
    for range in &ranges {
        let mut row = range.start;
        for time in first..=last {
            let here = row < range.end && times[row] == time;
            places.push(Place {
                unit_row: range.start,
                time,
                row: here.then_some(row),
            });
            row += usize::from(here);
        }
    }

    let mut ledger = Ledger::default();
    for place in places.iter().filter(|place| place.row.is_none()) {
        ledger.push(Entry {
            action: "added".to_owned(),
            unit: panel.unit_of(place.unit_row).to_owned(),
            time: place.time.to_string(),
            rule: format!("no row of this unit and period; the panel runs from {first} to {last}"),
            ..Entry::default()
        });
    }
    if ledger.entries.is_empty() {
        return Ok((panel.clone(), ledger));
    }

    let batch = panel.batch();
    let schema = batch.schema();
    let mut fields = Vec::with_capacity(batch.num_columns());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let name = field.name();
        fields.push(Field::new(name, array.data_type().clone(), true));
        columns.push(if name == panel.time_column() {
            Arc::new(Int64Array::from_iter_values(
                places.iter().map(|place| place.time),
            ))
        } else if name == panel.unit_column() {
            taken(array, places.iter().map(|place| Some(place.unit_row)))?
        } else if array.data_type() == &DataType::Utf8 {
            let constant = constant_texts(array.as_string(), &ranges);
            for place in places.iter().filter(|place| place.row.is_none()) {
                if let Some(text) = constant[panel.index().units()[place.unit_row] as usize] {
                    ledger.push(Entry {
                        action: "filled".to_owned(),
                        unit: panel.unit_of(place.unit_row).to_owned(),
                        time: place.time.to_string(),
                        variable: name.clone(),
                        after: text.to_owned(),
                        rule: "the same text in every row of the unit".to_owned(),
                        ..Entry::default()
                    });
                }
            }
            taken(
                array,
                places.iter().map(|place| {
                    let unit = panel.index().units()[place.unit_row] as usize;
                    place.row.or(constant[unit].map(|_| place.unit_row))
                }),
            )?
        } else {
            taken(array, places.iter().map(|place| place.row))?
        });
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    let batch = RecordBatch::try_new(Arc::new(schema), columns).map_err(PanelError::from)?;
    let panel = Panel::declare(&batch, panel.unit_column(), panel.time_column())?;
    Ok((panel, ledger))
}

/// A unit and period of the completed panel.
struct Place {
    /// The unit's first row before.
    unit_row: usize,
    time: i64,
    /// The row before, if there was one.
    row: Option<usize>,
}

fn taken(
    array: &ArrayRef,
    rows: impl Iterator<Item = Option<usize>>,
) -> Result<ArrayRef, PanelError> {
    let rows: UInt64Array = rows.map(|row| row.map(|row| row as u64)).collect();
    Ok(take(array, &rows, None)?)
}

/// For each unit, the text that all its rows have, if there is one.
fn constant_texts<'a>(
    texts: &'a StringArray,
    ranges: &[std::ops::Range<usize>],
) -> Vec<Option<&'a str>> {
    ranges
        .iter()
        .map(|range| {
            let same = range
                .clone()
                .all(|row| texts.is_valid(row) && texts.value(row) == texts.value(range.start));
            same.then(|| texts.value(range.start))
        })
        .collect()
}
