//! Units and periods of the rows: what lags need.

use std::collections::HashMap;

/// The unit and the calendar time of each row, with a way back to the row.
#[derive(Clone, Debug)]
pub struct PanelIndex {
    units: Vec<u32>,
    times: Vec<i64>,
    rows: HashMap<(u32, i64), usize>,
}

/// Two rows that claim the same unit and period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The row that came first, from 0.
    pub first: usize,
    /// The row that repeats it, from 0.
    pub second: usize,
}

impl PanelIndex {
    /// From unit codes and integer times, one of each per row.
    ///
    /// # Errors
    /// The first pair of rows with the same unit and time.
    ///
    /// # Panics
    /// If the two vectors differ in length.
    pub fn new(units: Vec<u32>, times: Vec<i64>) -> Result<Self, DuplicateKey> {
        assert_eq!(units.len(), times.len(), "one unit and one time a row");
        let mut rows = HashMap::with_capacity(units.len());
        for (row, key) in units.iter().copied().zip(times.iter().copied()).enumerate() {
            if let Some(first) = rows.insert(key, row) {
                return Err(DuplicateKey { first, second: row });
            }
        }
        Ok(Self { units, times, rows })
    }

    /// Unit codes by row.
    pub fn units(&self) -> &[u32] {
        &self.units
    }

    /// Times by row.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// The row of the same unit `periods` earlier by calendar (later when negative), if it exists.
    pub fn lagged(&self, row: usize, periods: i64) -> Option<usize> {
        let time = self.times[row].checked_sub(periods)?;
        self.rows.get(&(self.units[row], time)).copied()
    }
}
