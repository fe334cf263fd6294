//! Krugman's index of specialisation.
//!
//! K_i = sum_a |s_ia - s_a|, with s_ia = x_ia / x_i. the share of activity a in region i and s_a = x_.a / x_.. its share in
//! all regions together, region i included. Source: Krugman (1991), Geography and Trade, MIT Press, chapter 3, with the
//! nation in place of the second region.

use super::table::{LEFT_OUT, LongTable, NO_REGION_TOTAL, Place, Values};
use crate::Error;

pub(super) fn compute(table: &LongTable<'_>) -> Result<Values, Error> {
    let regions = table.regions.labels.len();
    let mut active = vec![0_usize; table.periods];
    for cells in table.by_activity() {
        let (period, activity) = (cells[0].period, cells[0].activity);
        active[period] += usize::from(table.activity_total(period, activity) > 0.0);
    }

    let mut sums = vec![Sums::default(); table.periods * regions];
    for cell in &table.cells {
        let total = table.region_total(cell.period, cell.region);
        let nation = table.activity_total(cell.period, cell.activity);
        if let Some(amount) = cell.amount.filter(|_| total > 0.0 && nation > 0.0) {
            let share = table.activity_share(cell.period, cell.activity);
            let sums = &mut sums[cell.period * regions + cell.region];
            sums.distance += (amount / total - share).abs();
            sums.covered += share;
            sums.activities += 1;
        }
    }

    let mut values = Values::new(&["krugman"]);
    for (period, region) in table.region_periods() {
        let place = Place::region(period, region);
        if table.is_left_out(period, region) {
            values.undefined(place, LEFT_OUT);
        } else if table.region_total(period, region) == 0.0 {
            values.undefined(place, NO_REGION_TOTAL);
        } else {
            let sums = &sums[period * regions + region];
            // Each activity without a row in this region adds its national share.
            let without = if sums.activities < active[period] {
                (1.0 - sums.covered).max(0.0)
            } else {
                0.0
            };
            values.push(place, &[sums.distance + without]);
        }
    }
    Ok(values)
}

#[derive(Clone, Default)]
struct Sums {
    /// Sum of |s_ia - s_a| over the activities with a row.
    distance: f64,
    /// Sum of s_a over them.
    covered: f64,
    /// Number of them.
    activities: usize,
}
