//! Columns of the data outside a regression: described variables, units and periods, groups.

use arrow_array::{Array, RecordBatch};
use panelyst_lang::ast::ExprKind;
use panelyst_lang::{Expr, PanelIndex, Scope, Span, evaluate, evaluate_number, suggest::nearest};

use crate::Error;
use crate::design::Keys;
use crate::error::first_names;
use crate::request::PanelColumns;

/// The code of a missing unit, period or group.
const MISSING: u32 = u32::MAX;

/// Units and periods of all rows of the data.
pub(super) struct Panel {
    /// Unit of each row, `None` where it is missing.
    pub unit: Vec<Option<u32>>,
    /// Number of units.
    pub units: usize,
    /// For lags.
    index: Option<PanelIndex>,
}

/// Codes of the distinct values of a column.
///
/// # Errors
/// A column that does not exist or has a type without distinct values.
pub(crate) fn keys(batch: &RecordBatch, name: &str, role: &'static str) -> Result<Keys, Error> {
    let schema = batch.schema_ref();
    if schema.index_of(name).is_err() {
        let names = || schema.fields().iter().map(|f| f.name().as_str());
        let near = nearest(name, names(), 3);
        let known = if near.is_empty() {
            format!("; columns: {}", first_names(names()))
        } else {
            format!("; did you mean {}?", near.join(" or "))
        };
        return Err(Error::UnknownColumn {
            role,
            name: name.to_owned(),
            known,
        });
    }
    let column = Expr {
        kind: ExprKind::Column(name.to_owned()),
        span: Span::default(),
    };
    let scope = Scope { batch, panel: None };
    let value = evaluate(&column, &scope).map_err(|e| Error::Language {
        text: name.to_owned(),
        diagnostic: Box::new(e.diagnostic()),
    })?;
    Keys::new(&value.value)
}

/// Units and periods of the declared panel; `lags` says whether a variable needs them to be unique.
///
/// # Errors
/// A column that does not exist, periods that are not whole numbers, and with `lags` repeated units and periods.
pub(super) fn panel(
    batch: &RecordBatch,
    columns: &PanelColumns,
    lags: bool,
) -> Result<Panel, Error> {
    let unit = keys(batch, &columns.unit, "unit")?;
    let time = keys(batch, &columns.time, "time")?;
    let Some(periods) = time.whole_numbers() else {
        return Err(Error::ColumnType {
            role: "time",
            name: columns.time.clone(),
            problem: "must hold whole numbers, such as years".to_owned(),
        });
    };
    let index = if lags {
        // Rows without a unit or period are units of their own, so that no lag reaches them.
        let mut next = unit.len() as u32;
        let (units, times) = unit
            .codes
            .iter()
            .zip(&time.codes)
            .map(|(&u, &t)| {
                if u == MISSING || t == MISSING {
                    next += 1;
                    (next - 1, 0)
                } else {
                    (u, periods[t as usize])
                }
            })
            .unzip();
        let index = PanelIndex::new(units, times).map_err(|pair| Error::DuplicateKey {
            unit_column: columns.unit.clone(),
            unit: unit.label(unit.codes[pair.first]),
            time_column: columns.time.clone(),
            time: periods[time.codes[pair.first] as usize],
            first: pair.first + 1,
            second: pair.second + 1,
            what: "a lag or difference".to_owned(),
        })?;
        Some(index)
    } else {
        None
    };
    Ok(Panel {
        unit: unit
            .codes
            .iter()
            .map(|&u| (u != MISSING).then_some(u))
            .collect(),
        units: unit.len(),
        index,
    })
}

/// A numeric expression on all rows, `None` where it is missing.
///
/// # Errors
/// An unknown column, text, and in the rows described a transform without a value.
pub(super) fn numbers(
    batch: &RecordBatch,
    variable: &Expr,
    panel: Option<&Panel>,
    rows: Option<&[usize]>,
) -> Result<Vec<Option<f64>>, Error> {
    let scope = Scope {
        batch,
        panel: panel.and_then(|p| p.index.as_ref()),
    };
    let (numbers, losses) = evaluate_number(variable, &scope).map_err(|e| Error::Language {
        text: variable.to_string(),
        diagnostic: Box::new(e.diagnostic()),
    })?;
    let mut described: Option<Vec<bool>> = None;
    for loss in &losses {
        let described = described.get_or_insert_with(|| {
            let mut described = vec![rows.is_none(); batch.num_rows()];
            for &row in rows.unwrap_or_default() {
                described[row] = true;
            }
            described
        });
        let lost: Vec<usize> = loss
            .rows
            .iter()
            .copied()
            .filter(|&r| described[r])
            .collect();
        let Some(&first) = lost.first() else { continue };
        return Err(if loss.function == "column" {
            Error::NotFinite {
                name: loss.argument.clone(),
                row: first + 1,
            }
        } else {
            Error::NoValue {
                expression: loss.to_string(),
                detail: String::new(),
                row: first + 1,
                count: lost.len(),
            }
        });
    }
    Ok((0..numbers.len())
        .map(|row| (!numbers.is_null(row)).then(|| numbers.value(row)))
        .collect())
}

/// The name under which a variable is described: a plain column without backquotes.
pub(super) fn name(variable: &Expr) -> String {
    match &variable.kind {
        ExprKind::Column(name) => name.clone(),
        _ => variable.to_string(),
    }
}
