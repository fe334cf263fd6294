//! Extreme values pulled in to a percentile.

use arrow_array::Float64Array;

use crate::panel::Panel;
use crate::{Error, Ledger};

/// Where to winsorise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Winsorise {
    /// Percentile below which values are raised to it, 0 to 100; 0 leaves the lower end alone.
    pub lower: f64,
    /// Percentile above which values are lowered to it, 0 to 100; 100 leaves the upper end alone.
    pub upper: f64,
    /// Whether percentiles are those of each period, instead of the whole column.
    pub by_time: bool,
}

/// Pulls the values of a column below and above two percentiles in to them; missing cells stay missing.
///
/// Percentiles are those of [`percentile`]. Gives the column and a ledger entry `winsorised` for each changed cell.
///
/// # Errors
/// No such column, no numbers or no values in it; percentiles out of order or out of 0 to 100.
pub fn winsorise(
    panel: &Panel,
    column: &str,
    winsorise: &Winsorise,
    step: &str,
) -> Result<(Float64Array, Ledger), Error> {
    let _ = (panel, column, winsorise, step);
    todo!()
}

/// The p-th percentile (0 < p < 100) of sorted values, by the rule of Stata's `_pctile` and `summarize, detail`.
///
/// With x(1) <= ... <= x(n) and P = n p / 100: (x(P) + x(P+1)) / 2 when P is whole, else x(ceil(P)).
/// `None` without values. Source: Stata Base Reference Manual, entry `pctile`, Methods and formulas (default formula).
pub fn percentile(sorted: &[f64], p: f64) -> Option<f64> {
    let _ = (sorted, p);
    todo!()
}
