//! How an activity is spread over the regions, beside how everything is: shares s_i = x_ia / x_.a and weights w_i = x_i. / x_..

use super::table::{LongTable, NO_ACTIVITY_TOTAL, Place, Values};
use crate::Error;

/// One activity in one period, over all regions whose total is above zero.
pub(super) struct Distribution<'a> {
    pub period: usize,
    /// Position among the groups of `LongTable::by_activity`.
    pub group: usize,
    /// Region, its share of the activity, its share of everything; by region.
    pub shares: &'a [Share],
}

/// The shares of one region.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub region: usize,
    /// s_i, from 0.
    pub activity: f64,
    /// w_i, above 0.
    pub total: f64,
}

/// Values of an index that is a function of the distribution of each activity; an error text of `index` is a reason for null.
pub(super) fn each_activity(
    table: &LongTable<'_>,
    names: &[&str],
    mut index: impl FnMut(&Distribution<'_>) -> Result<Vec<f64>, &'static str>,
) -> Result<Values, Error> {
    let mut values = Values::new(names);
    let mut shares: Vec<Share> = Vec::new();
    let mut places = vec![usize::MAX; table.regions.labels.len()];
    let mut current = usize::MAX;
    for (group, cells) in table.by_activity().enumerate() {
        let (period, activity) = (cells[0].period, cells[0].activity);
        let place = Place::activity(&cells[0]);
        let total = table.activity_total(period, activity);
        if total == 0.0 {
            values.undefined(place, NO_ACTIVITY_TOTAL);
            continue;
        }
        if current != period {
            current = period;
            places.fill(usize::MAX);
            shares.clear();
            for (region, share) in table.region_shares(period) {
                places[region] = shares.len();
                shares.push(Share {
                    region,
                    activity: 0.0,
                    total: share,
                });
            }
        }
        for share in &mut shares {
            share.activity = 0.0;
        }
        for cell in cells {
            if let (Some(share), Some(amount)) = (shares.get_mut(places[cell.region]), cell.amount)
            {
                share.activity = amount / total;
            }
        }
        let distribution = Distribution {
            period,
            group,
            shares: &shares,
        };
        match index(&distribution) {
            Ok(row) => values.push(place, &row),
            Err(reason) => values.undefined(place, reason),
        }
    }
    Ok(values)
}
