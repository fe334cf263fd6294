//! A column of names to the keys of a table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::NameTable;
use crate::error::{Error, Place};
use crate::ledger::{Entry, Ledger};

/// A table whose names are keys of a name table, and what did not match.
#[derive(Clone, Debug)]
pub struct Standardised {
    /// The table; names that did not match stand as typed.
    pub batch: RecordBatch,
    /// One entry for each spelling: `matched` when it was changed, `unmatched` with the nearest names.
    pub ledger: Ledger,
    /// Names that did not match, with their numbers of rows, in the order in which they first stand.
    pub unmatched: Vec<(String, usize)>,
    /// Keys of rows for the whole country and regions outside, with their numbers of rows; the rows are kept.
    pub totals: Vec<(String, usize)>,
}

/// Replaces the names (or whole-number codes) in a column by the keys of a table.
///
/// Missing names stay missing. `step` is the name of the source for the ledger.
///
/// # Errors
/// [`Error::NoColumn`], and [`Error::UnsupportedType`] for a column that holds neither text nor whole numbers.
pub fn standardise(
    batch: &RecordBatch,
    column: &str,
    table: &NameTable,
    step: &str,
) -> Result<Standardised, Error> {
    let schema = batch.schema();
    let Some((at, field)) = schema.column_with_name(column) else {
        let known: Vec<String> = schema
            .fields()
            .iter()
            .map(|f| format!("`{}`", f.name()))
            .collect();
        return Err(Error::NoColumn {
            at: Box::new(Place::file(step).column(column)),
            known: known.join(", "),
        });
    };
    let typed = spellings(batch.column(at).as_ref()).ok_or_else(|| Error::UnsupportedType {
        at: Box::new(Place::file(step).column(column)),
        kind: format!(
            "{} (names are text or whole-number codes)",
            field.data_type()
        ),
    })?;

    let mut seen: Vec<(String, usize)> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for name in typed.iter().flatten() {
        let place = *index.entry(name.as_str()).or_insert_with(|| {
            seen.push((name.clone(), 0));
            seen.len() - 1
        });
        seen[place].1 += 1;
    }
    let mut ledger = Ledger::default();
    let (mut unmatched, mut totals) = (Vec::new(), Vec::<(String, usize)>::new());
    for (name, count) in &seen {
        let key = table.resolve(name);
        if let Some(key) = key
            && matches!(table.attribute(key, "kind"), Some("total" | "outside"))
        {
            match totals.iter_mut().find(|(known, _)| known == key) {
                Some(total) => total.1 += count,
                None => totals.push((key.to_string(), *count)),
            }
        }
        match key {
            Some(key) if key == name => {}
            Some(key) => ledger.push(entry(
                "matched",
                step,
                column,
                name,
                key,
                *count,
                format!("name table `{}`", table.name()),
            )),
            None => {
                let near = table.suggest(name);
                let rule = if near.is_empty() {
                    format!("not in name table `{}`", table.name())
                } else {
                    format!(
                        "not in name table `{}`; nearest: {}",
                        table.name(),
                        near.join(", ")
                    )
                };
                ledger.push(entry("unmatched", step, column, name, name, *count, rule));
                unmatched.push((name.clone(), *count));
            }
        }
    }
    let resolved: StringArray = typed
        .iter()
        .map(|name| {
            name.as_deref()
                .map(|name| table.resolve(name).unwrap_or(name))
        })
        .collect();
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    fields[at] = Arc::new(Field::new(column, DataType::Utf8, true));
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(resolved);
    Ok(Standardised {
        batch: RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?,
        ledger,
        unmatched,
        totals,
    })
}

/// The names of a column as text; none for a type that holds no names.
fn spellings(column: &dyn Array) -> Option<Vec<Option<String>>> {
    match column.data_type() {
        DataType::Utf8 => Some(
            column
                .as_string::<i32>()
                .iter()
                .map(|name| name.map(str::to_string))
                .collect(),
        ),
        DataType::Int64 => Some(
            column
                .as_primitive::<Int64Type>()
                .iter()
                .map(|code| code.map(|code| code.to_string()))
                .collect(),
        ),
        DataType::Float64 => {
            let codes = column.as_primitive::<Float64Type>();
            codes
                .iter()
                .flatten()
                .all(|code| code.fract() == 0.0)
                .then(|| {
                    codes
                        .iter()
                        .map(|code| code.map(|code| code.to_string()))
                        .collect()
                })
        }
        _ => None,
    }
}

fn entry(
    action: &str,
    step: &str,
    column: &str,
    before: &str,
    after: &str,
    cells: usize,
    rule: String,
) -> Entry {
    Entry {
        action: action.into(),
        step: step.into(),
        file: String::new(),
        place: format!("column `{column}`"),
        unit: after.into(),
        time: String::new(),
        variable: column.into(),
        before: before.into(),
        after: after.into(),
        rule,
        cells,
    }
}
