//! The location quotient of one activity, from its amount and the total of each region.

use std::collections::BTreeMap;

use arrow_array::{Array, Float64Array};

use super::IndexError;
use super::location_quotient::TOLERATED;
use super::table::listed;
use crate::Error;
use crate::panel::Panel;

/// How many places a note names before it only counts.
const NAMED: usize = 5;

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
    let activities = amounts(panel, activity)?;
    let totals = amounts(panel, total)?;
    let mut notes = Vec::new();
    let sums = Sums::of(panel, &activities, &totals, [activity, total])?;
    notes.extend(sums.note([activity, total]));
    let shares: BTreeMap<i64, f64> = match national {
        Some((activities, totals)) => {
            let activities = by_period(activity, activities)?;
            let totals = by_period(total, totals)?;
            notes.extend(differences(activity, &activities, &sums.periods, |sum| {
                sum.activity
            }));
            notes.extend(differences(total, &totals, &sums.periods, |sum| sum.total));
            let without: Vec<String> = sums
                .periods
                .keys()
                .filter(|time| !(activities.contains_key(time) && totals.contains_key(time)))
                .map(i64::to_string)
                .collect();
            if !without.is_empty() {
                notes.push(format!(
                    "no national amounts of `{activity}` and `{total}` for {}: the location quotient is missing there",
                    without.join(", ")
                ));
            }
            activities
                .iter()
                .filter_map(|(&time, amount)| Some((time, amount / totals.get(&time)?)))
                .collect()
        }
        None => sums
            .periods
            .iter()
            .filter(|(_, sum)| sum.total > 0.0)
            .map(|(&time, sum)| (time, sum.activity / sum.total))
            .collect(),
    };

    let mut zero_totals = Vec::new();
    let mut zero_shares = Vec::new();
    let quotients = (0..activities.len())
        .map(|row| {
            if activities.is_null(row) || totals.is_null(row) {
                return None;
            }
            if totals.value(row) == 0.0 {
                zero_totals.push(place(panel, row));
                return None;
            }
            let share = *shares.get(&panel.time_of(row))?;
            if share == 0.0 {
                zero_shares.push(place(panel, row));
                return None;
            }
            Some(activities.value(row) / totals.value(row) / share)
        })
        .collect();
    for (column, places) in [(total, zero_totals), (activity, zero_shares)] {
        if !places.is_empty() {
            let whole = if column == total { "" } else { "the sum of " };
            let named = &places[..places.len().min(NAMED)];
            notes.push(format!(
                "the location quotient is missing in the cells where {whole}`{column}` is zero: {} ({})",
                places.len(),
                listed(named, places.len())
            ));
        }
    }
    Ok((quotients, notes))
}

fn place(panel: &Panel, row: usize) -> String {
    format!("{} {}", panel.unit_of(row), panel.time_of(row))
}

/// A column of amounts that are zero or more.
fn amounts(panel: &Panel, name: &str) -> Result<Float64Array, Error> {
    let values = panel.numbers(name)?;
    for (row, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|&value| value < 0.0) {
            return Err(IndexError::Negative {
                column: name.to_owned(),
                place: place(panel, row),
                row: row + 1,
                value,
            }
            .into());
        }
    }
    Ok(values)
}

/// Sums over the regions that have both amounts.
#[derive(Clone, Copy, Default)]
struct Sum {
    activity: f64,
    total: f64,
    regions: usize,
    left_out: usize,
}

struct Sums {
    periods: BTreeMap<i64, Sum>,
    left_out: Vec<String>,
}

impl Sums {
    fn of(
        panel: &Panel,
        activities: &Float64Array,
        totals: &Float64Array,
        names: [&str; 2],
    ) -> Result<Self, Error> {
        let mut periods: BTreeMap<i64, Sum> = BTreeMap::new();
        let mut left_out = Vec::new();
        for row in 0..activities.len() {
            let sum = periods.entry(panel.time_of(row)).or_default();
            if activities.is_null(row) || totals.is_null(row) {
                sum.left_out += 1;
                left_out.push(place(panel, row));
            } else {
                sum.activity += activities.value(row);
                sum.total += totals.value(row);
                sum.regions += 1;
            }
        }
        for (time, sum) in &periods {
            for (name, value) in names.into_iter().zip([sum.activity, sum.total]) {
                if !value.is_finite() {
                    return Err(IndexError::Overflow {
                        column: name.to_owned(),
                        place: time.to_string(),
                    }
                    .into());
                }
            }
        }
        Ok(Self { periods, left_out })
    }

    fn note(&self, [activity, total]: [&str; 2]) -> Option<String> {
        if self.left_out.is_empty() {
            return None;
        }
        let periods: Vec<String> = self
            .periods
            .iter()
            .filter(|(_, sum)| sum.left_out > 0)
            .map(|(time, sum)| {
                let regions = sum.regions + sum.left_out;
                format!("{time}: {} of {regions} regions", sum.regions)
            })
            .collect();
        let named = &self.left_out[..self.left_out.len().min(NAMED)];
        Some(format!(
            "sums are over the regions that have both `{activity}` and `{total}`; cells without one of them: {} ({}); {}",
            self.left_out.len(),
            listed(named, self.left_out.len()),
            periods.join(", ")
        ))
    }
}

fn by_period(name: &str, series: &[(i64, f64)]) -> Result<BTreeMap<i64, f64>, IndexError> {
    let mut amounts = BTreeMap::new();
    for &(time, value) in series {
        if !(value > 0.0 && value.is_finite()) {
            return Err(IndexError::NationalTotal {
                series: name.to_owned(),
                time,
                value,
            });
        }
        if amounts.insert(time, value).is_some() {
            return Err(IndexError::NationalTwice {
                series: name.to_owned(),
                time,
            });
        }
    }
    Ok(amounts)
}

fn differences(
    name: &str,
    national: &BTreeMap<i64, f64>,
    sums: &BTreeMap<i64, Sum>,
    of: impl Fn(&Sum) -> f64,
) -> Option<String> {
    let found: Vec<String> = national
        .iter()
        .filter_map(|(time, &amount)| {
            let sum = sums.get(time)?;
            let regions = of(sum);
            let percent = 100.0 * (amount - regions) / amount;
            (percent.abs() > 100.0 * TOLERATED).then(|| {
                let count = sum.regions;
                format!(
                    "{time}: nation {amount}, regions {regions} (with data: {count}; difference {percent:+.2} %)"
                )
            })
        })
        .collect();
    (!found.is_empty()).then(|| {
        format!(
            "the national `{name}` differs from the sum of the regions by more than 0.5 %: {}",
            found.join("; ")
        )
    })
}
