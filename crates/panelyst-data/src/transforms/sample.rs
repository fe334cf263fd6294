//! Rows left out of a panel, for robustness variants, each counted.

use std::collections::BTreeSet;

use arrow_array::{Array, BooleanArray};
use arrow_select::filter::filter_record_batch;

use super::TransformError;
use crate::panel::{Panel, PanelError};
use crate::{Entry, Error, Ledger};

/// The panel without some units. One ledger entry `dropped` a unit, with its number of rows in `cells`.
///
/// # Errors
/// A unit that the panel does not have; no unit left.
pub fn drop_units(panel: &Panel, units: &[&str], step: &str) -> Result<(Panel, Ledger), Error> {
    let mut codes = BTreeSet::new();
    for &unit in units {
        let Some(code) = panel.unit_names().iter().position(|name| name == unit) else {
            return Err(TransformError::NoUnit {
                unit: unit.to_owned(),
                column: panel.unit_column().to_owned(),
                example: panel.unit_names()[0].clone(),
            }
            .into());
        };
        codes.insert(code as u32);
    }
    let mut ledger = Ledger::default();
    for &code in &codes {
        let rows = panel.index().units().iter().filter(|&&unit| unit == code);
        ledger.push(Entry {
            action: "dropped".to_owned(),
            step: step.to_owned(),
            unit: panel.unit_names()[code as usize].clone(),
            rule: "unit left out".to_owned(),
            cells: rows.count(),
            ..Entry::default()
        });
    }
    let mask = panel
        .index()
        .units()
        .iter()
        .map(|unit| Some(!codes.contains(unit)))
        .collect();
    let rule = format!("leaving out {}", units.join(", "));
    Ok((kept(panel, &mask, &rule)?, ledger))
}

/// The panel without some periods. One ledger entry `dropped` a period, with its number of rows in `cells`.
///
/// # Errors
/// A period without a row; no period left.
pub fn drop_periods(panel: &Panel, periods: &[i64], step: &str) -> Result<(Panel, Ledger), Error> {
    let times = panel.index().times();
    let dropped: BTreeSet<i64> = periods.iter().copied().collect();
    let mut ledger = Ledger::default();
    for &time in &dropped {
        let rows = times.iter().filter(|&&other| other == time).count();
        if rows == 0 {
            return Err(TransformError::NoPeriod {
                time,
                column: panel.time_column().to_owned(),
                first: times.iter().copied().min().unwrap_or_default(),
                last: times.iter().copied().max().unwrap_or_default(),
            }
            .into());
        }
        ledger.push(Entry {
            action: "dropped".to_owned(),
            step: step.to_owned(),
            time: time.to_string(),
            rule: "period left out".to_owned(),
            cells: rows,
            ..Entry::default()
        });
    }
    let mask = times
        .iter()
        .map(|time| Some(!dropped.contains(time)))
        .collect();
    let names: Vec<String> = dropped.iter().map(i64::to_string).collect();
    let rule = format!("leaving out {}", names.join(", "));
    Ok((kept(panel, &mask, &rule)?, ledger))
}

/// The rows where a condition holds. `condition` is how the user wrote it.
///
/// One ledger entry `dropped` for the rows where it does not hold and one for those where it is missing (null), which are
/// left out too; each with its number of rows in `cells`.
///
/// # Errors
/// A mask of another length than the panel; no row left.
pub fn keep(
    panel: &Panel,
    mask: &BooleanArray,
    condition: &str,
    step: &str,
) -> Result<(Panel, Ledger), Error> {
    let rows = panel.batch().num_rows();
    if mask.len() != rows {
        return Err(TransformError::MaskLength {
            found: mask.len(),
            rows,
        }
        .into());
    }
    let unknown = mask.null_count();
    let against = rows - unknown - mask.true_count();
    let mut ledger = Ledger::default();
    for (cells, rule) in [
        (against, format!("not `{condition}`")),
        (unknown, format!("`{condition}` is missing")),
    ] {
        if cells > 0 {
            ledger.push(Entry {
                action: "dropped".to_owned(),
                step: step.to_owned(),
                rule,
                cells,
                ..Entry::default()
            });
        }
    }
    Ok((kept(panel, mask, condition)?, ledger))
}

fn kept(panel: &Panel, mask: &BooleanArray, rule: &str) -> Result<Panel, Error> {
    if mask.true_count() == 0 {
        return Err(TransformError::NothingLeft {
            rule: rule.to_owned(),
        }
        .into());
    }
    let batch = filter_record_batch(panel.batch(), mask).map_err(PanelError::from)?;
    Panel::declare(&batch, panel.unit_column(), panel.time_column())
}
