//! Columns of a record batch by name: rename, select, filter, replace.

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, Schema};
use arrow_select::filter::filter_record_batch;
use std::sync::Arc;

pub use panelyst_data::panel::replaced as with;

/// Names of the columns in order.
pub fn names(batch: &RecordBatch) -> Vec<String> {
    let schema = batch.schema();
    schema.fields().iter().map(|f| f.name().clone()).collect()
}

/// The batch with the given columns under new names: pairs of new and old name.
///
/// # Errors
/// The old name that does not exist, in an Arrow schema error.
pub fn selected(
    batch: &RecordBatch,
    pairs: &[(String, String)],
) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let mut fields = Vec::with_capacity(pairs.len());
    let mut columns = Vec::with_capacity(pairs.len());
    for (new, old) in pairs {
        let place = schema.index_of(old)?;
        fields.push(Arc::new(schema.field(place).clone().with_name(new)));
        columns.push(Arc::clone(batch.column(place)));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The batch with one column renamed.
///
/// # Errors
/// As [`selected`].
pub fn renamed(batch: &RecordBatch, old: &str, new: &str) -> Result<RecordBatch, ArrowError> {
    if old == new {
        return Ok(batch.clone());
    }
    let pairs: Vec<(String, String)> = names(batch)
        .into_iter()
        .map(|name| {
            let to = if name == old {
                new.to_owned()
            } else {
                name.clone()
            };
            (to, name)
        })
        .collect();
    selected(batch, &pairs)
}

/// The rows where the mask is true.
///
/// # Errors
/// Another length.
pub fn kept(batch: &RecordBatch, mask: &[bool]) -> Result<RecordBatch, ArrowError> {
    filter_record_batch(batch, &BooleanArray::from(mask.to_vec()))
}
