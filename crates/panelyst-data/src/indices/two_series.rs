//! The location quotient of one activity, from its amount and the total of each region.

use arrow_array::Float64Array;

use crate::Error;
use crate::panel::Panel;

/// National amounts of the activity and of the total, each by period.
pub type NationalTotals<'a> = (&'a [(i64, f64)], &'a [(i64, f64)]);

/// LQ_it = (activity_it / total_it) / (sum_j activity_jt / sum_j total_jt), one value a row of the panel, with notes.
///
/// With `national`, its two series take the place of the sums over regions; a period they lack is null, with a note, and a
/// national amount that differs from the sum of the regions by more than 0.5 % is noted with both numbers. Sums run over
/// the regions that have both amounts in the period; how many were left out, and where, is noted.
///
/// # Errors
/// No such column, no numbers; a negative amount (names unit and period); national totals of zero or less, or twice the
/// same period.
pub fn location_quotient_two_series(
    panel: &Panel,
    activity: &str,
    total: &str,
    national: Option<NationalTotals<'_>>,
) -> Result<(Float64Array, Vec<String>), Error> {
    let _ = (panel, activity, total, national);
    todo!()
}
