//! Count, mean, spread and quantiles of variables, with the between and within spread on a panel.

use arrow_array::RecordBatch;
use panelyst_lang::Expr;

use super::columns::{name, numbers, panel};
use super::{quantile, standard_deviation};
use crate::Error;
use crate::linear::sums::mean;
use crate::request::PanelColumns;
use crate::results::Summary;

/// Describes each variable on the rows where it has a value.
///
/// `rows` restricts the description (to an estimation sample, say); lags in `variables` are taken before.
/// The divisor of standard deviations is n - 1, quantiles follow [`quantile`](super::quantile()), and with a panel
/// the spread is split as Stata's `xtsum` does: `between` is the standard deviation of the unit means (each unit
/// once, however many rows it has), `within` that of x_it - mean_i + mean (divisor n - 1), where the means are over
/// the rows described that have a unit. A statistic without a value (of a variable without values, the spread of one
/// value) is not a number: `null` in JSON, an empty cell in tables.
///
/// # Errors
/// A column that does not exist, a variable that is not a number, a transform without a value in a described row, periods
/// that are not whole numbers; for lags repeated units and periods.
pub fn summarise(
    batch: &RecordBatch,
    variables: &[Expr],
    panel: Option<&PanelColumns>,
    rows: Option<&[usize]>,
) -> Result<Vec<Summary>, Error> {
    let lags = variables.iter().any(Expr::needs_panel);
    let declared = panel
        .map(|columns| self::panel(batch, columns, lags))
        .transpose()?;
    let mut summaries = Vec::with_capacity(variables.len());
    for variable in variables {
        let column = numbers(batch, variable, declared.as_ref(), rows)?;
        let mut values = Vec::new();
        let mut split = Vec::new();
        let mut units = Vec::new();
        let mut take = |row: usize| {
            if let Some(value) = column[row] {
                values.push(value);
                if let Some(unit) = declared.as_ref().and_then(|p| p.unit[row]) {
                    split.push(value);
                    units.push(unit);
                }
            }
        };
        match rows {
            Some(rows) => rows.iter().copied().for_each(&mut take),
            None => (0..batch.num_rows()).for_each(&mut take),
        }
        let parts = declared
            .as_ref()
            .map(|p| decompose(&split, &units, p.units));
        summaries.push(summary(name(variable), values, parts));
    }
    Ok(summaries)
}

/// Spread between and within units, and the number of units with a value.
pub(super) struct Decomposition {
    pub between: f64,
    pub within: f64,
    pub units: usize,
}

/// Splits the spread of `values`, one unit code below `levels` each.
pub(super) fn decompose(values: &[f64], units: &[u32], levels: usize) -> Decomposition {
    let centre = if values.is_empty() {
        0.0
    } else {
        mean(values, None)
    };
    let mut counts = vec![0usize; levels];
    let mut means = vec![0.0; levels];
    for (value, unit) in values.iter().zip(units) {
        counts[*unit as usize] += 1;
        means[*unit as usize] += value - centre;
    }
    for (m, count) in means.iter_mut().zip(&counts) {
        *m /= (*count).max(1) as f64;
    }
    let present: Vec<f64> = (0..levels)
        .filter(|&u| counts[u] > 0)
        .map(|u| means[u])
        .collect();
    let deviations: Vec<f64> = values
        .iter()
        .zip(units)
        .map(|(value, unit)| value - centre - means[*unit as usize])
        .collect();
    Decomposition {
        between: standard_deviation(&present),
        within: standard_deviation(&deviations),
        units: present.len(),
    }
}

fn summary(variable: String, mut values: Vec<f64>, parts: Option<Decomposition>) -> Summary {
    let centre = if values.is_empty() {
        f64::NAN
    } else {
        mean(&values, None)
    };
    let sd = standard_deviation(&values);
    values.sort_unstable_by(f64::total_cmp);
    Summary {
        variable,
        obs: values.len(),
        mean: centre,
        sd,
        min: values.first().copied().unwrap_or(f64::NAN),
        p25: quantile(&values, 0.25).unwrap_or(f64::NAN),
        median: quantile(&values, 0.5).unwrap_or(f64::NAN),
        p75: quantile(&values, 0.75).unwrap_or(f64::NAN),
        max: values.last().copied().unwrap_or(f64::NAN),
        between: parts.as_ref().map(|p| p.between).filter(|v| v.is_finite()),
        within: parts.as_ref().map(|p| p.within).filter(|v| v.is_finite()),
        units: parts.as_ref().map(|p| p.units),
    }
}
