//! Location quotient of every region and activity.
//!
//! LQ_ia = (x_ia / x_i.) / (x_.a / x_..), where a dot is a sum. Source: Florence (1939), Report on the Location of
//! Industry; Isard (1960), Methods of Regional Analysis, chapter 7.

use super::IndexError;
use super::table::{
    LEFT_OUT, LongTable, NO_ACTIVITY_TOTAL, NO_REGION_TOTAL, Place, Values, listed,
};
use crate::Error;

/// A national amount further from the sum of the regions than this share is noted.
pub(super) const TOLERATED: f64 = 0.005;
/// How many differences a note writes out.
const WRITTEN_OUT: usize = 3;

pub(super) fn compute(table: &LongTable<'_>) -> Result<Values, Error> {
    let mut values = Values::new(&["location_quotient"]);
    let national = table
        .request
        .national
        .map(|name| national_shares(table, name, &mut values))
        .transpose()?;
    for (group, cells) in table.by_activity().enumerate() {
        let (period, activity) = (cells[0].period, cells[0].activity);
        let share = match &national {
            Some(shares) => shares[group],
            None if table.period_total(period) > 0.0 => {
                Some(table.activity_share(period, activity))
            }
            None => Some(0.0),
        };
        for cell in cells {
            let place = Place::cell(cell);
            let total = table.region_total(period, cell.region);
            match (cell.amount, share) {
                _ if table.is_left_out(period, cell.region) => values.undefined(place, LEFT_OUT),
                (_, None) => values.undefined(
                    place,
                    "the national amount of an activity is missing in the period",
                ),
                _ if total == 0.0 => values.undefined(place, NO_REGION_TOTAL),
                (Some(amount), Some(share)) if share > 0.0 => {
                    values.push(place, &[amount / total / share]);
                }
                _ => values.undefined(place, NO_ACTIVITY_TOTAL),
            }
        }
    }
    Ok(values)
}

/// National share of each activity by period, from a column of national amounts.
fn national_shares(
    table: &LongTable<'_>,
    name: &str,
    values: &mut Values,
) -> Result<Vec<Option<f64>>, Error> {
    let amounts = table.constant_by_activity(name)?;
    let mut totals = vec![Some(0.0_f64); table.periods];
    let mut differences = Vec::new();
    let mut differing = 0;
    for (cells, &amount) in table.by_activity().zip(&amounts) {
        let cell = &cells[0];
        let Some((row, amount)) = amount else {
            totals[cell.period] = None;
            continue;
        };
        if amount < 0.0 {
            return Err(IndexError::Negative {
                column: name.to_owned(),
                place: table.describe(Place::activity(cell)),
                row: row + 1,
                value: amount,
            }
            .into());
        }
        if let Some(total) = &mut totals[cell.period] {
            *total += amount;
        }
        let sum = table.activity_total(cell.period, cell.activity);
        if (amount - sum).abs() > TOLERATED * amount {
            differing += 1;
            if differences.len() < WRITTEN_OUT {
                differences.push(format!(
                    "{}: nation {amount}, regions {sum}",
                    table.describe(Place::activity(cell))
                ));
            }
        }
    }
    if differing > 0 {
        values.notes.push(format!(
            "the national amount differs from the sum of the regions by more than 0.5 % in {differing} of {} cases ({})",
            amounts.len(),
            listed(&differences, differing)
        ));
    }
    if let Some(period) = totals
        .iter()
        .position(|total| total.is_some_and(f64::is_infinite))
    {
        return Err(IndexError::Overflow {
            column: name.to_owned(),
            place: table.describe(Place::period(period)),
        }
        .into());
    }
    Ok(table
        .by_activity()
        .zip(&amounts)
        .map(|(cells, amount)| {
            let total = totals[cells[0].period]?;
            amount.map(|(_, amount)| if total > 0.0 { amount / total } else { 0.0 })
        })
        .collect())
}
