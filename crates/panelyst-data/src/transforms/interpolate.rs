//! Missing cells filled from the neighbouring periods of the same unit.
//!
//! For a missing period t between the known periods a < t < b of the unit, by calendar:
//! linear: y_t = y_a + (y_b - y_a) (t - a) / (b - a);
//! log-linear: ln y_t is linear in the same way, which is a constant rate of growth between a and b.

use arrow_array::Float64Array;

use crate::panel::Panel;
use crate::{Error, Ledger};

/// How a missing cell follows from its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillRule {
    /// Equal steps from period to period.
    Linear,
    /// Equal growth rates from period to period; needs positive values.
    LogLinear,
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
    let _ = (panel, column, fill, step);
    todo!()
}
