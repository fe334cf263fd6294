//! One question, one answer: which columns, which index.

use arrow_array::RecordBatch;

use crate::Error;

/// The columns of a long table (one row a region, activity and, if given, period) that an index is computed from.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexRequest<'a> {
    /// The amount, zero or more: employment, output, income.
    pub value: &'a str,
    /// The region.
    pub region: &'a str,
    /// The activity: industry, occupation, product.
    pub activity: &'a str,
    /// The period; without it the table is one period.
    pub time: Option<&'a str>,
    /// Herfindahl index of plant sizes of the activity, the same in every row of an activity and period
    /// (`ellison-glaeser`).
    pub plants: Option<&'a str>,
    /// The nation's amount of the activity, the same in every row of an activity and period; it takes the place of the
    /// sum over regions (`location-quotient`).
    pub national: Option<&'a str>,
    /// A group of each region, such as a province's part of the country; splits `theil` into between and within groups.
    pub groups: Option<&'a str>,
}

/// The values of an index.
#[derive(Clone, Debug)]
pub struct IndexTable {
    /// Key columns under the input's names (region, activity, time, as the index has them), sorted in that order, then the
    /// value under the index's name with underscores. An undefined value is null.
    pub batch: RecordBatch,
    /// What was left out or undefined, with counts and places.
    pub notes: Vec<String>,
}

/// Computes an index of [`super::INDICES`] by name (dashes and underscores are the same).
///
/// A region and activity without a row counts as zero, with a note. A region with a missing amount is left out of the sums
/// of that period and its values are null, with a note.
///
/// # Errors
/// An unknown index; an input column that is missing from the request or the table, or not used by the index; a duplicate
/// key, a missing key, a negative or infinite amount (each with its row); a table without rows.
pub fn compute(
    name: &str,
    batch: &RecordBatch,
    request: &IndexRequest<'_>,
) -> Result<IndexTable, Error> {
    let _ = (name, batch, request);
    todo!()
}
