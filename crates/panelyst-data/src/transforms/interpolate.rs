//! Missing cells filled from the neighbouring periods of the same unit.
//!
//! For a missing period t between the known periods a < t < b of the unit, by calendar:
//! linear: y_t = y_a + (y_b - y_a) (t - a) / (b - a);
//! log-linear: ln y_t is linear in the same way, which is a constant rate of growth between a and b.

use arrow_array::{Array, Float64Array};

use super::TransformError;
use crate::ledger::number_text;
use crate::panel::Panel;
use crate::{Entry, Error, Ledger};

/// How a missing cell follows from its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillRule {
    /// Equal steps from period to period.
    Linear,
    /// Equal growth rates from period to period; needs positive values.
    LogLinear,
}

impl FillRule {
    /// The name in ledgers and study files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LogLinear => "log-linear",
        }
    }
}

/// What is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The rule.
    pub rule: FillRule,
    /// Whether periods before the first and after the last known value of a unit are filled too, by the line through
    /// the two nearest known values.
    pub outwards: bool,
}

/// Fills the missing cells of a column within each unit, by calendar.
///
/// Gives the column (one value a row of the panel) and the ledger: an entry `filled` for each filled cell, with its rule,
/// and an entry `unfilled` for each cell that stays missing, with the reason. Only existing rows are filled:
/// [`super::complete`] adds the others.
///
/// # Errors
/// No such column or no numbers in it; log-linear filling beside a value of zero or less (names the cell); a filled value
/// beyond the range of numbers.
pub fn interpolate(
    panel: &Panel,
    column: &str,
    fill: &Fill,
    step: &str,
) -> Result<(Float64Array, Ledger), Error> {
    let before = panel.numbers(column)?;
    if before.null_count() == before.len() {
        return Err(TransformError::NoValues {
            column: column.to_owned(),
        }
        .into());
    }
    let mut after: Vec<Option<f64>> = before.iter().collect();
    let mut ledger = Ledger::default();
    for range in panel.unit_rows() {
        let known: Vec<usize> = range.clone().filter(|&row| before.is_valid(row)).collect();
        for row in range.filter(|&row| before.is_null(row)) {
            let mut entry = Entry {
                step: step.to_owned(),
                unit: panel.unit_of(row).to_owned(),
                time: panel.time_of(row).to_string(),
                variable: column.to_owned(),
                ..Entry::default()
            };
            match ends(&known, row, fill.outwards) {
                Ok(ends) => {
                    let value = filled(panel, column, &before, fill.rule, ends, row)?;
                    after[row] = Some(value);
                    entry.action = "filled".to_owned();
                    entry.after = number_text(value);
                    entry.rule = rule_text(panel, fill.rule, ends, row);
                    if value < 0.0 && before.value(ends.0) >= 0.0 && before.value(ends.1) >= 0.0 {
                        entry.rule.push_str(" (falls below zero)");
                    }
                }
                Err(reason) => {
                    entry.action = "unfilled".to_owned();
                    entry.rule = reason.to_owned();
                }
            }
            ledger.push(entry);
        }
    }
    Ok((after.into(), ledger))
}

/// The two known rows that a missing row is filled from, or why there are none.
fn ends(known: &[usize], row: usize, outwards: bool) -> Result<(usize, usize), &'static str> {
    let next = known.partition_point(|&other| other < row);
    let last = known.len();
    match (next > 0, next < last) {
        (true, true) => Ok((known[next - 1], known[next])),
        (false, false) => Err("the unit has no value at all"),
        _ if outwards && last == 1 => Err("the unit has only one value"),
        (true, false) if outwards => Ok((known[last - 2], known[last - 1])),
        (false, true) if outwards => Ok((known[0], known[1])),
        (true, false) => Err("the unit has no later value"),
        (false, true) => Err("the unit has no earlier value"),
    }
}

fn filled(
    panel: &Panel,
    column: &str,
    values: &Float64Array,
    rule: FillRule,
    (start, end): (usize, usize),
    row: usize,
) -> Result<f64, Error> {
    let since =
        |row: usize| (i128::from(panel.time_of(row)) - i128::from(panel.time_of(start))) as f64;
    let share = since(row) / since(end);
    let (from, to) = (values.value(start), values.value(end));
    let value = match rule {
        FillRule::Linear => from + (to - from) * share,
        FillRule::LogLinear => {
            for known in [start, end] {
                if values.value(known) <= 0.0 {
                    return Err(TransformError::NotPositive {
                        column: column.to_owned(),
                        unit: panel.unit_of(known).to_owned(),
                        time: panel.time_of(known),
                        value: values.value(known),
                    }
                    .into());
                }
            }
            from * (to / from).powf(share)
        }
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(TransformError::Overflow {
            column: column.to_owned(),
            unit: panel.unit_of(row).to_owned(),
            time: panel.time_of(row),
        }
        .into())
    }
}

fn rule_text(panel: &Panel, rule: FillRule, (start, end): (usize, usize), row: usize) -> String {
    let (rule, from, to) = (rule.name(), panel.time_of(start), panel.time_of(end));
    if start < row && row < end {
        format!("{rule} between {from} and {to}")
    } else {
        format!("{rule} outwards through {from} and {to}")
    }
}
