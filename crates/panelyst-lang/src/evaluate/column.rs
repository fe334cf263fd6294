//! Columns of any Arrow type as numbers, texts or truth values.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_schema::DataType;

use super::EvalError;
use super::operand::Operand;
use crate::span::Span;
use crate::suggest::nearest;
use rayon::prelude::*;

/// Values that one task looks through.
const CHUNK: usize = 65_536;

/// The column of that name, and the rows on which it holds a number that is not finite.
pub(super) fn read(
    batch: &RecordBatch,
    name: &str,
    span: Span,
) -> Result<(Operand, Vec<usize>), EvalError> {
    let schema = batch.schema_ref();
    let Ok(place) = schema.index_of(name) else {
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        return Err(EvalError::UnknownColumn {
            name: name.to_owned(),
            nearest: nearest(name, names(), 3)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            columns: names().map(str::to_owned).collect(),
            span,
        });
    };
    let column = batch.column(place);
    let value_type = match column.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    let target = match value_type {
        DataType::Boolean => DataType::Boolean,
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..) => DataType::Utf8,
        DataType::Null => DataType::Float64,
        numeric if numeric.is_numeric() => DataType::Float64,
        _ => {
            return Err(EvalError::ColumnType {
                name: name.to_owned(),
                data_type: column.data_type().to_string(),
                span,
            });
        }
    };
    let column = arrow_cast::cast(column, &target).map_err(|_| EvalError::ColumnType {
        name: name.to_owned(),
        data_type: column.data_type().to_string(),
        span,
    })?;
    Ok(match target {
        DataType::Boolean => (Operand::Bool(column.as_boolean().clone()), Vec::new()),
        DataType::Utf8 => (Operand::Text(column.as_string::<i32>().clone()), Vec::new()),
        _ => finite(column.as_primitive::<Float64Type>()),
    })
}

/// Whether all values are finite: zero times an infinite value is no number, and stays none in a sum. Eight sums side by side and
/// no early end, so that the whole is a matter of multiplying and adding.
fn are_finite(values: &[f64]) -> bool {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        for lane in 0..8 {
            sums[lane] += 0.0 * eight[lane];
        }
    }
    let rest = rest.iter().map(|value| 0.0 * value);
    sums.into_iter().chain(rest).sum::<f64>() == 0.0
}

fn finite(column: &Float64Array) -> (Operand, Vec<usize>) {
    let values = column.values();
    let finite = if values.len() <= CHUNK {
        are_finite(values)
    } else {
        values.par_chunks(CHUNK).all(are_finite)
    };
    if finite {
        return (Operand::Number(column.clone()), Vec::new());
    }
    let lost: Vec<usize> = (0..column.len())
        .filter(|&row| column.is_valid(row) && !column.value(row).is_finite())
        .collect();
    if lost.is_empty() {
        return (Operand::Number(column.clone()), lost);
    }
    let kept = column.iter().map(|v| v.filter(|v| v.is_finite())).collect();
    (Operand::Number(kept), lost)
}
