//! What a panel looks like: size, balance, gaps, missing cells.

use std::collections::BTreeSet;

use arrow_array::Array;
use serde::Serialize;

use super::Panel;

/// How many places of missing cells a report names for each variable.
const NAMED: usize = 5;

/// Size, balance, gaps and missing cells of a panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PanelReport {
    /// Number of units.
    pub units: usize,
    /// Number of different periods that occur in any unit.
    pub periods: usize,
    /// Number of rows.
    pub rows: usize,
    /// First period of any unit.
    pub first: i64,
    /// Last period of any unit.
    pub last: i64,
    /// Periods of the unit that has the fewest.
    pub fewest: usize,
    /// Periods of the unit that has the most.
    pub most: usize,
    /// Whether every unit has a row in every period that occurs.
    pub balanced: bool,
    /// Jumps of more than one period between neighbouring rows of a unit, by unit and time.
    pub gaps: Vec<Gap>,
    /// Variables with missing cells, in the order of the columns.
    pub missing: Vec<MissingCells>,
}

/// Periods without a row between two rows of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Name of the unit.
    pub unit: String,
    /// The last period before the gap.
    pub after: i64,
    /// The first period after the gap.
    pub before: i64,
}

/// The missing cells of one variable, in rows that exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingCells {
    /// The variable.
    pub variable: String,
    /// Number of missing cells.
    pub count: usize,
    /// Where the first few of them are.
    pub first: Vec<UnitPeriod>,
}

/// One cell's place in a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitPeriod {
    /// Name of the unit.
    pub unit: String,
    /// The period.
    pub time: i64,
}

pub(super) fn report(panel: &Panel) -> PanelReport {
    let times = panel.index().times();
    let periods: BTreeSet<i64> = times.iter().copied().collect();
    let ranges = panel.unit_rows();
    let mut gaps = Vec::new();
    for range in &ranges {
        for row in range.start + 1..range.end {
            if times[row].saturating_sub(times[row - 1]) > 1 {
                gaps.push(Gap {
                    unit: panel.unit_of(row).to_owned(),
                    after: times[row - 1],
                    before: times[row],
                });
            }
        }
    }
    let batch = panel.batch();
    let missing = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .filter(|(_, array)| array.null_count() > 0)
        .map(|(field, array)| MissingCells {
            variable: field.name().clone(),
            count: array.null_count(),
            first: (0..array.len())
                .filter(|&row| array.is_null(row))
                .take(NAMED)
                .map(|row| UnitPeriod {
                    unit: panel.unit_of(row).to_owned(),
                    time: times[row],
                })
                .collect(),
        })
        .collect();
    let lengths = || ranges.iter().map(std::ops::Range::len);
    PanelReport {
        units: ranges.len(),
        periods: periods.len(),
        rows: times.len(),
        first: periods.first().copied().unwrap_or_default(),
        last: periods.last().copied().unwrap_or_default(),
        fewest: lengths().min().unwrap_or_default(),
        most: lengths().max().unwrap_or_default(),
        balanced: lengths().all(|length| length == periods.len()),
        gaps,
        missing,
    }
}
