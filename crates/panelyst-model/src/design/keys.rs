//! Columns whose distinct values matter: units, effects, clusters, levels.

use crate::Error;
use arrow_array::{Array, Float64Array, Int64Array, StringArray};
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::codes::{encode_i64, encode_text};
use panelyst_lang::Value;
use std::sync::Arc;

/// The code of a missing value.
pub const MISSING: u32 = u32::MAX;

/// Distinct values in sorted order.
#[derive(Clone, Debug, PartialEq)]
enum Levels {
    Whole(Vec<i64>),
    Number(Vec<f64>),
    Text(Vec<String>),
}

/// A column as codes of its sorted distinct values.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    /// Code of each row, `MISSING` where the value is missing.
    pub codes: ScalarBuffer<u32>,
    /// Whether a value is missing in any row.
    missing: bool,
    levels: Arc<Levels>,
}

impl Keys {
    /// Codes of a column of numbers, text or truth values.
    ///
    /// # Errors
    /// More levels than codes can number.
    pub fn new(column: &Value) -> Result<Self, Error> {
        match column {
            Value::Number(column) => Self::number(column),
            Value::Text(column) => Self::text(column),
            Value::Bool(column) => {
                let integers: Int64Array = column.iter().map(|v| v.map(i64::from)).collect();
                Self::whole(&integers)
            }
        }
    }

    /// Codes of whole numbers.
    ///
    /// # Errors
    /// More levels than codes can number.
    pub fn whole(column: &Int64Array) -> Result<Self, Error> {
        let (codes, levels) = if column.null_count() == 0 {
            encode_i64(column.values())?
        } else {
            encode_i64(&column.iter().flatten().collect::<Vec<_>>())?
        };
        Ok(Self {
            missing: column.null_count() > 0,
            codes: scatter(column, codes),
            levels: Arc::new(Levels::Whole(levels)),
        })
    }

    fn number(column: &Float64Array) -> Result<Self, Error> {
        let whole = |v: f64| v.fract() == 0.0 && v.abs() < 9e15;
        if column.iter().flatten().all(whole) {
            let integers: Int64Array = column.iter().map(|v| v.map(|v| v as i64)).collect();
            return Self::whole(&integers);
        }
        // Integers in the order of the numbers: the bits, reversed for negative ones.
        let key = |v: f64| {
            let bits = (v + 0.0).to_bits() as i64;
            if bits < 0 { bits ^ i64::MAX } else { bits }
        };
        let back = |k: i64| f64::from_bits(if k < 0 { k ^ i64::MAX } else { k } as u64);
        let present: Vec<i64> = column.iter().flatten().map(key).collect();
        let (codes, levels) = encode_i64(&present)?;
        Ok(Self {
            missing: column.null_count() > 0,
            codes: scatter(column, codes),
            levels: Arc::new(Levels::Number(levels.into_iter().map(back).collect())),
        })
    }

    fn text(column: &StringArray) -> Result<Self, Error> {
        let present: Vec<&str> = column.iter().flatten().collect();
        let (codes, levels) = encode_text(&present)?;
        Ok(Self {
            levels: Arc::new(Levels::Text(
                levels.into_iter().map(str::to_owned).collect(),
            )),
            missing: column.null_count() > 0,
            codes: scatter(column, codes),
        })
    }

    /// Whether a value is missing in any row.
    pub fn has_missing(&self) -> bool {
        self.missing
    }

    /// Number of distinct values.
    pub fn len(&self) -> usize {
        match &*self.levels {
            Levels::Whole(v) => v.len(),
            Levels::Number(v) => v.len(),
            Levels::Text(v) => v.len(),
        }
    }

    /// Whether no value is present.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name of a level.
    pub fn label(&self, level: u32) -> String {
        let level = level as usize;
        match &*self.levels {
            Levels::Whole(v) => v[level].to_string(),
            Levels::Number(v) => v[level].to_string(),
            Levels::Text(v) => v[level].clone(),
        }
    }

    /// The level that a number is, if any.
    pub fn level_of_number(&self, value: f64) -> Option<u32> {
        let found = match &*self.levels {
            Levels::Whole(v) => v.iter().position(|l| *l as f64 == value),
            Levels::Number(v) => v.iter().position(|l| *l == value),
            Levels::Text(_) => None,
        };
        found.map(|l| l as u32)
    }

    /// The level that a text names, if any.
    pub fn level_of_text(&self, value: &str) -> Option<u32> {
        match &*self.levels {
            Levels::Text(v) => v.iter().position(|l| l == value).map(|l| l as u32),
            _ => None,
        }
    }

    /// The whole number behind each level; `None` if levels are text or fractions.
    pub fn whole_numbers(&self) -> Option<&[i64]> {
        match &*self.levels {
            Levels::Whole(v) => Some(v),
            _ => None,
        }
    }
}

/// Puts codes of present values back on all rows.
fn scatter(column: &dyn Array, codes: Vec<u32>) -> ScalarBuffer<u32> {
    if column.null_count() == 0 {
        return codes.into();
    }
    let mut next = codes.into_iter();
    (0..column.len())
        .map(|row| {
            if column.is_null(row) {
                MISSING
            } else {
                next.next().unwrap_or(MISSING)
            }
        })
        .collect()
}
