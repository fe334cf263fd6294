//! Several tables with the same columns, one below the other.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};

use super::Source;
use super::source::hash_of_hashes;
use crate::error::{Error, Place};

/// Stacks tables in the order given.
pub fn stack(sources: Vec<Source>) -> Result<Source, Error> {
    let mut sources = sources.into_iter();
    let Some(mut first) = sources.next() else {
        return Err(Error::Empty {
            at: Box::new(Place::file("(no files)")),
        });
    };
    let rest: Vec<Source> = sources.collect();
    if rest.is_empty() {
        return Ok(first);
    }
    let names: Vec<String> = columns(&first.batch);
    for other in &rest {
        same_columns(&names, &first, other)?;
    }
    let mut fields = Vec::with_capacity(names.len());
    for name in &names {
        fields.push(Field::new(name, common_type(name, &first, &rest)?, true));
    }
    let schema = Arc::new(Schema::new(fields));
    let mut batches = vec![conform(&first.batch, &schema)?];
    for other in rest {
        batches.push(conform(&other.batch, &schema)?);
        first.rows_at.extend(other.rows_at);
        first.files.extend(other.files);
        first.notes.extend(other.notes);
        first.ledger.append(other.ledger);
        for label in other.labels {
            if !first.labels.iter().any(|(column, _)| *column == label.0) {
                first.labels.push(label);
            }
        }
        for unit in other.units {
            if !first.units.contains(&unit) {
                first.units.push(unit);
            }
        }
    }
    first.batch = arrow_select::concat::concat_batches(&schema, &batches)?;
    first.sha256 = hash_of_hashes(&first.files);
    Ok(first)
}

fn columns(batch: &RecordBatch) -> Vec<String> {
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

fn same_columns(names: &[String], first: &Source, other: &Source) -> Result<(), Error> {
    let theirs = columns(&other.batch);
    let quoted = |wanted: &[String], held: &[String]| {
        let list: Vec<String> = wanted
            .iter()
            .filter(|name| !held.contains(name))
            .map(|name| format!("`{name}`"))
            .collect();
        list.join(", ")
    };
    let missing = quoted(names, &theirs);
    let extra = quoted(&theirs, names);
    let difference = match (missing.is_empty(), extra.is_empty()) {
        (true, true) => return Ok(()),
        (false, true) => format!("{missing} missing"),
        (true, false) => format!("{extra} too many"),
        (false, false) => format!("{missing} missing, {extra} too many"),
    };
    Err(Error::OtherColumns {
        file: other.path.display().to_string(),
        first: first.path.display().to_string(),
        difference,
    })
}

/// The one type that holds a column of all tables.
fn common_type(name: &str, first: &Source, rest: &[Source]) -> Result<DataType, Error> {
    let mut common: Option<DataType> = None;
    for source in std::iter::once(first).chain(rest) {
        let Some(column) = source.batch.column_by_name(name) else {
            continue;
        };
        if column.null_count() == column.len() {
            continue;
        }
        let kind = column.data_type().clone();
        common = Some(match common {
            None => kind,
            Some(before) if before == kind => kind,
            Some(DataType::Int64 | DataType::Float64)
                if matches!(kind, DataType::Int64 | DataType::Float64) =>
            {
                DataType::Float64
            }
            Some(before) => {
                return Err(Error::OtherColumns {
                    file: source.path.display().to_string(),
                    first: first.path.display().to_string(),
                    difference: format!(
                        "`{name}` is {} there and {} here; declare it as text",
                        spoken(&before),
                        spoken(&kind)
                    ),
                });
            }
        });
    }
    Ok(common.unwrap_or(DataType::Float64))
}

fn spoken(kind: &DataType) -> &'static str {
    match kind {
        DataType::Utf8 => "text",
        DataType::Boolean => "truth values",
        _ => "numbers",
    }
}

fn conform(batch: &RecordBatch, schema: &Arc<Schema>) -> Result<RecordBatch, Error> {
    let mut arrays = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let Some(column) = batch.column_by_name(field.name()) else {
            return Err(Error::Arrow(format!("column `{}` lost", field.name())));
        };
        let array = if column.data_type() == field.data_type() {
            Arc::clone(column)
        } else if column.null_count() == column.len() {
            arrow_array::new_null_array(field.data_type(), column.len())
        } else {
            arrow_cast::cast(column, field.data_type())?
        };
        arrays.push(array);
    }
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}
