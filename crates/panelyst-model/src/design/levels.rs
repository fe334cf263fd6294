//! Terms to columns: products of numbers and indicators `i(f, ref = a)`.

use super::Selection;
use super::variables::Variable;
use crate::Error;
use crate::error::first_names;
use arrow_buffer::ScalarBuffer;
use panelyst_lang::Expr;
use panelyst_lang::ast::{ExprKind, UnaryOp};

/// One factor of a term, evaluated.
pub(super) enum Part {
    /// Numbers.
    Number(Variable),
    /// Levels of a variable, perhaps times numbers.
    Levels {
        variable: Variable,
        by: Option<Box<Variable>>,
        reference: Option<Expr>,
    },
}

impl Part {
    pub(super) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let (first, second) = match self {
            Self::Number(v) => (v, None),
            Self::Levels { variable, by, .. } => (variable, by.as_deref()),
        };
        std::iter::once(first).chain(second)
    }
}

/// The columns of a term on the rows used, with their names.
pub(super) fn columns(
    term: &str,
    parts: &[Part],
    rows: &Selection,
) -> Result<Vec<(String, ScalarBuffer<f64>)>, Error> {
    let mut out: Vec<(String, ScalarBuffer<f64>)> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let own = match part {
            Part::Number(variable) => vec![(variable.name.clone(), variable.values(rows))],
            Part::Levels {
                variable,
                by,
                reference,
            } => indicators(term, variable, by.as_deref(), reference.as_ref(), rows)?,
        };
        if place == 0 {
            out = own;
            continue;
        }
        let mut products = Vec::with_capacity(out.len() * own.len());
        for (left, a) in &out {
            for (right, b) in &own {
                let product = a.iter().zip(b).map(|(a, b)| a * b).collect();
                products.push((format!("{left}:{right}"), product));
            }
        }
        out = products;
    }
    if let (1, [(name, _)]) = (parts.len(), out.as_mut_slice())
        && matches!(parts[0], Part::Number(_))
    {
        term.clone_into(name);
    }
    Ok(out)
}

/// An indicator column for each level that occurs in the rows used, but the reference.
fn indicators(
    term: &str,
    variable: &Variable,
    by: Option<&Variable>,
    reference: Option<&Expr>,
    rows: &Selection,
) -> Result<Vec<(String, ScalarBuffer<f64>)>, Error> {
    let Some(keys) = &variable.keys else {
        return Ok(Vec::new());
    };
    let mut place: Vec<Option<usize>> = vec![None; keys.len()];
    for row in rows.iter() {
        place[keys.codes[row] as usize] = Some(0);
    }
    let occurring = || (0..keys.len() as u32).filter(|&l| place[l as usize].is_some());
    let left_out = match reference {
        Some(level) => {
            let found = constant_number(level)
                .and_then(|v| keys.level_of_number(v))
                .or_else(|| match &level.kind {
                    ExprKind::Text(text) | ExprKind::Column(text) => keys.level_of_text(text),
                    _ => None,
                })
                .filter(|&l| place[l as usize].is_some());
            if found.is_none() {
                let labels: Vec<String> = occurring().map(|l| keys.label(l)).collect();
                return Err(Error::UnknownLevel {
                    term: term.to_owned(),
                    level: level.to_string(),
                    known: first_names(labels.iter().map(String::as_str)),
                });
            }
            found
        }
        None if by.is_none() => occurring().next(),
        None => None,
    };
    let levels: Vec<u32> = occurring().filter(|&l| Some(l) != left_out).collect();
    place.fill(None);
    let mut columns: Vec<(String, Vec<f64>)> = Vec::with_capacity(levels.len());
    for (index, &level) in levels.iter().enumerate() {
        place[level as usize] = Some(index);
        let mut name = format!("{}::{}", variable.name, keys.label(level));
        if let Some(by) = by {
            name.push(':');
            name.push_str(&by.name);
        }
        columns.push((name, vec![0.0; rows.len()]));
    }
    let multipliers = by.map(|by| by.values(rows));
    for (i, row) in rows.iter().enumerate() {
        if let Some(index) = place[keys.codes[row] as usize] {
            columns[index].1[i] = multipliers.as_ref().map_or(1.0, |m| m[i]);
        }
    }
    let shared = |(name, column): (String, Vec<f64>)| (name, column.into());
    Ok(columns.into_iter().map(shared).collect())
}

/// The value of a number with or without a sign.
fn constant_number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(value) => Some(*value),
        ExprKind::Unary(UnaryOp::Negate, inner) => constant_number(inner).map(|v| -v),
        _ => None,
    }
}
