//! One question, one answer: which columns, which index.

use arrow_array::RecordBatch;

use super::table::LongTable;
use super::{INDICES, IndexError, IndexRow};
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
    let wanted = name.replace('_', "-");
    let index = INDICES
        .iter()
        .find(|index| index.name == wanted)
        .ok_or_else(|| IndexError::Unknown {
            name: name.to_owned(),
        })?;
    request.check(index)?;
    let table = LongTable::read(batch, request)?;
    let values = (index.compute)(&table)?;
    table.answer(values)
}

impl<'a> IndexRequest<'a> {
    /// Inputs by the names that [`IndexRow::needs`] and [`IndexRow::takes`] use.
    fn inputs(&self) -> [(&'static str, Option<&'a str>); 7] {
        let given = |name: &'a str| Some(name).filter(|name| !name.is_empty());
        [
            ("value", given(self.value)),
            ("region", given(self.region)),
            ("activity", given(self.activity)),
            ("time", self.time),
            ("plants", self.plants),
            ("national", self.national),
            ("groups", self.groups),
        ]
    }

    fn check(&self, index: &IndexRow) -> Result<(), IndexError> {
        let inputs = self.inputs();
        for (place, (input, column)) in inputs.into_iter().enumerate() {
            match column {
                None if index.needs.contains(&input) => {
                    return Err(IndexError::Needs {
                        index: index.name,
                        input,
                    });
                }
                Some(_) if !index.needs.contains(&input) && !index.takes.contains(&input) => {
                    return Err(IndexError::NotUsed {
                        index: index.name,
                        input,
                    });
                }
                _ => {}
            }
            let twin = inputs[..place]
                .iter()
                .find(|(_, other)| column.is_some() && *other == column);
            if let (Some(column), Some(&(other, _))) = (column, twin) {
                return Err(IndexError::SameColumn {
                    column: column.to_owned(),
                    one: other,
                    two: input,
                });
            }
        }
        Ok(())
    }
}
