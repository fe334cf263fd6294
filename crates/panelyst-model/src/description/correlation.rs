//! Pearson correlations on one common sample.

use arrow_array::RecordBatch;
use panelyst_lang::Expr;

use super::columns::{name, numbers};
use crate::Error;
use crate::distributions::t_two_sided;
use crate::linear::sums::mean;
use crate::results::Correlations;

/// Pearson correlations of the variables on the rows where all of them have a value.
///
/// The p-value is two-sided from t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom (Student 1908).
/// The correlation with a constant variable and the p-value where n < 3 are not numbers: `null` in JSON, empty cells in
/// tables. Lags are not available here, for no panel is declared.
///
/// # Errors
/// A column that does not exist or is not a number.
pub fn correlations(
    batch: &RecordBatch,
    variables: &[Expr],
    rows: Option<&[usize]>,
) -> Result<Correlations, Error> {
    let columns = variables
        .iter()
        .map(|variable| numbers(batch, variable, None, rows))
        .collect::<Result<Vec<_>, _>>()?;
    let complete = |row: &usize| columns.iter().all(|c| c[*row].is_some());
    let kept: Vec<usize> = match rows {
        Some(rows) => rows.iter().copied().filter(complete).collect(),
        None => (0..batch.num_rows()).filter(complete).collect(),
    };
    let present: Vec<Vec<f64>> = columns
        .iter()
        .map(|c| kept.iter().filter_map(|&row| c[row]).collect())
        .collect();
    let (r, p_value) = pearson(&present, kept.len());
    Ok(Correlations {
        variables: variables.iter().map(name).collect(),
        r,
        p_value,
        nobs: kept.len(),
    })
}

/// Correlations and p-values of columns of length `n`, row-major.
pub(super) fn pearson(columns: &[Vec<f64>], n: usize) -> (Vec<f64>, Vec<f64>) {
    // Unit-length deviations: their products are the correlations, whatever the scale of the columns.
    let directions: Vec<Option<Vec<f64>>> = columns.iter().map(|c| direction(c)).collect();
    let k = columns.len();
    let mut r = vec![f64::NAN; k * k];
    let mut p_value = vec![f64::NAN; k * k];
    for i in 0..k {
        for j in i..k {
            let (Some(a), Some(b)) = (&directions[i], &directions[j]) else {
                continue;
            };
            // 1 - r and 1 + r from the distance of the directions keep their digits where r is next to 1 or -1.
            let apart: f64 = 0.5 * a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
            let together: f64 = 0.5 * a.iter().zip(b).map(|(x, y)| (x + y).powi(2)).sum::<f64>();
            let value = if i == j {
                1.0
            } else if apart < together {
                1.0 - apart
            } else {
                together - 1.0
            };
            let p = if n > 2 {
                let df = (n - 2) as f64;
                let rest = apart * together;
                if rest <= 0.0 {
                    0.0
                } else {
                    t_two_sided(value * (df / rest).sqrt(), df)
                }
            } else {
                f64::NAN
            };
            for at in [i * k + j, j * k + i] {
                r[at] = value;
                p_value[at] = p;
            }
        }
    }
    (r, p_value)
}

/// Deviations from the mean divided by their length; `None` where the column does not vary.
fn direction(column: &[f64]) -> Option<Vec<f64>> {
    let centre = mean(column, None);
    let largest = column.iter().fold(0.0f64, |m, v| m.max((v - centre).abs()));
    let size = column.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if column.is_empty() {
        return None;
    }
    // A deviation of a few units in the last place is the rounding of the mean.
    if largest <= 8.0 * f64::EPSILON * size {
        return None;
    }
    let scaled: Vec<f64> = column.iter().map(|v| (v - centre) / largest).collect();
    let length = scaled.iter().map(|v| v * v).sum::<f64>().sqrt();
    Some(scaled.into_iter().map(|v| v / length).collect())
}
