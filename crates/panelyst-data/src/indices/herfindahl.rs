//! Herfindahl indices: sums of squared shares.
//!
//! Of a region over its activities: H_i = sum_a (x_ia / x_i.)^2, which measures specialisation. Of an activity over the
//! regions: H_a = sum_i (x_ia / x_.a)^2, which measures concentration. Source: Herfindahl (1950), Concentration in the
//! Steel Industry; Hirschman (1964), The Paternity of an Index.

use super::table::{LEFT_OUT, LongTable, NO_ACTIVITY_TOTAL, NO_REGION_TOTAL, Place, Values};
use crate::Error;

/// Of each region and period, over activities.
pub(super) fn specialisation(table: &LongTable<'_>) -> Result<Values, Error> {
    let regions = table.regions.labels.len();
    let mut squares = vec![0.0; table.periods * regions];
    for cell in &table.cells {
        let total = table.region_total(cell.period, cell.region);
        if let Some(amount) = cell.amount.filter(|_| total > 0.0) {
            squares[cell.period * regions + cell.region] += (amount / total).powi(2);
        }
    }
    let mut values = Values::new(&["herfindahl"]);
    for (period, region) in table.region_periods() {
        let place = Place::region(period, region);
        if table.is_left_out(period, region) {
            values.undefined(place, LEFT_OUT);
        } else if table.region_total(period, region) == 0.0 {
            values.undefined(place, NO_REGION_TOTAL);
        } else {
            values.push(place, &[squares[period * regions + region]]);
        }
    }
    Ok(values)
}

/// Of each activity and period, over regions.
pub(super) fn concentration(table: &LongTable<'_>) -> Result<Values, Error> {
    let mut values = Values::new(&["concentration"]);
    for cells in table.by_activity() {
        let (period, activity) = (cells[0].period, cells[0].activity);
        let total = table.activity_total(period, activity);
        let place = Place::activity(&cells[0]);
        if total == 0.0 {
            values.undefined(place, NO_ACTIVITY_TOTAL);
            continue;
        }
        let sum = cells
            .iter()
            .filter(|cell| !table.is_left_out(period, cell.region))
            .filter_map(|cell| cell.amount)
            .map(|amount| (amount / total).powi(2))
            .sum();
        values.push(place, &[sum]);
    }
    Ok(values)
}
