//! Rows left out of a panel, for robustness variants, each counted.

use arrow_array::BooleanArray;

use crate::panel::Panel;
use crate::{Error, Ledger};

/// The panel without some units. One ledger entry `dropped` a unit, with its number of rows in `cells`.
///
/// # Errors
/// A unit that the panel does not have; no unit left.
pub fn drop_units(panel: &Panel, units: &[&str], step: &str) -> Result<(Panel, Ledger), Error> {
    let _ = (panel, units, step);
    todo!()
}

/// The panel without some periods. One ledger entry `dropped` a period, with its number of rows in `cells`.
///
/// # Errors
/// A period without a row; no period left.
pub fn drop_periods(panel: &Panel, periods: &[i64], step: &str) -> Result<(Panel, Ledger), Error> {
    let _ = (panel, periods, step);
    todo!()
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
    let _ = (panel, mask, condition, step);
    todo!()
}
