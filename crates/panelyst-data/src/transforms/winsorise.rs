//! Extreme values pulled in to a percentile.

use std::collections::BTreeMap;

use arrow_array::{Array, Float64Array};

use super::TransformError;
use crate::ledger::number_text;
use crate::panel::Panel;
use crate::{Entry, Error, Ledger};

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
    let Winsorise {
        lower,
        upper,
        by_time,
    } = *winsorise;
    if !(0.0 <= lower && lower < upper && upper <= 100.0) {
        return Err(TransformError::Percentiles { lower, upper }.into());
    }
    let before = panel.numbers(column)?;
    if before.null_count() == before.len() {
        return Err(TransformError::NoValues {
            column: column.to_owned(),
        }
        .into());
    }

    let mut groups: BTreeMap<Option<i64>, Vec<f64>> = BTreeMap::new();
    let group_of = |row: usize| by_time.then(|| panel.time_of(row));
    for row in (0..before.len()).filter(|&row| before.is_valid(row)) {
        groups
            .entry(group_of(row))
            .or_default()
            .push(before.value(row));
    }
    let cuts: BTreeMap<Option<i64>, Cut> = groups
        .into_iter()
        .map(|(group, values)| (group, Cut::of(values, lower, upper)))
        .collect();

    let mut after: Vec<Option<f64>> = before.iter().collect();
    let mut ledger = Ledger::default();
    for row in (0..before.len()).filter(|&row| before.is_valid(row)) {
        let Some(cut) = cuts.get(&group_of(row)) else {
            continue;
        };
        let value = before.value(row);
        let (limit, side, percent) = match (cut.lower, cut.upper) {
            (Some(limit), _) if value < limit => (limit, "below", lower),
            (_, Some(limit)) if value > limit => (limit, "above", upper),
            _ => continue,
        };
        after[row] = Some(limit);
        let scope = match group_of(row) {
            Some(time) => format!(" of {time}"),
            None => String::new(),
        };
        ledger.push(Entry {
            action: "winsorised".to_owned(),
            step: step.to_owned(),
            unit: panel.unit_of(row).to_owned(),
            time: panel.time_of(row).to_string(),
            variable: column.to_owned(),
            before: number_text(value),
            after: number_text(limit),
            rule: format!("{side} percentile {percent}{scope} ({} values)", cut.values),
            ..Entry::default()
        });
    }
    Ok((after.into(), ledger))
}

/// The p-th percentile (0 < p < 100) of sorted values, by the rule of Stata's `_pctile` and `summarize, detail`.
///
/// With x(1) <= ... <= x(n) and P = n p / 100: (x(P) + x(P+1)) / 2 when P is whole, else x(ceil(P)).
/// `None` without values. Source: Stata Base Reference Manual, entry `pctile`, Methods and formulas (default formula).
pub fn percentile(sorted: &[f64], p: f64) -> Option<f64> {
    // n p / 100 is whole to rounding: 2.3 % of 1000 values is 23.
    const ROUNDING: f64 = 1e-12;
    let n = sorted.len();
    if n == 0 {
        return None;
    }
    let position = n as f64 * p / 100.0;
    let whole = position.round();
    if (position - whole).abs() <= ROUNDING * position.abs() {
        let upper = (whole as usize).min(n - 1);
        let lower = (whole as usize).clamp(1, n) - 1;
        // Halved first, so that the sum of two huge values stays a number.
        return Some(if sorted[lower] == sorted[upper] {
            sorted[lower]
        } else {
            sorted[lower] / 2.0 + sorted[upper] / 2.0
        });
    }
    let rank = (position.ceil() as usize).clamp(1, n);
    Some(sorted[rank - 1])
}

/// Limits of one group; none on a side that is left alone.
struct Cut {
    lower: Option<f64>,
    upper: Option<f64>,
    values: usize,
}

impl Cut {
    fn of(mut values: Vec<f64>, lower: f64, upper: f64) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self {
            lower: percentile(&values, lower).filter(|_| lower > 0.0),
            upper: percentile(&values, upper).filter(|_| upper < 100.0),
            values: values.len(),
        }
    }
}
