//! Lags, leads and differences within units by calendar.

use arrow_array::{Array, Float64Array};

use super::operand::Operand;
use super::{EvalError, Scope};
use crate::panel::PanelIndex;
use crate::span::Span;

/// The declared panel, checked against the number of rows.
pub(super) fn index<'a>(
    scope: &Scope<'a>,
    function: &'static str,
    span: Span,
) -> Result<&'a PanelIndex, EvalError> {
    let index = scope.panel.ok_or(EvalError::NoPanel { function, span })?;
    let (panel, data) = (index.times().len(), scope.batch.num_rows());
    if panel != data {
        return Err(EvalError::PanelLength { panel, data, span });
    }
    Ok(index)
}

/// `x` of the same unit `periods` earlier, or the change since then; missing where that period is not in the data.
pub(super) fn shift(
    x: &Float64Array,
    index: &PanelIndex,
    periods: i64,
    difference: bool,
) -> (Operand, Vec<usize>) {
    let mut lost = Vec::new();
    let shifted = (0..x.len())
        .map(|row| {
            let from = index
                .lagged(row, periods)
                .filter(|&from| x.is_valid(from))?;
            if !difference {
                return Some(x.value(from));
            }
            if x.is_null(row) {
                return None;
            }
            let change = x.value(row) - x.value(from);
            if !change.is_finite() {
                lost.push(row);
                return None;
            }
            Some(change)
        })
        .collect::<Float64Array>();
    (Operand::Number(shifted), lost)
}
