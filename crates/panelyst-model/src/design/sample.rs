//! Which rows are used, and what took the others.

use super::Selection;
use crate::Error;
use crate::results::{Dropped, Sample};

/// Rows still in the sample, with the losses so far.
#[derive(Debug)]
pub(super) struct Rows {
    alive: Vec<bool>,
    left: usize,
    dropped: Vec<Dropped>,
}

impl Rows {
    pub(super) fn new(rows: usize) -> Self {
        Self {
            alive: vec![true; rows],
            left: rows,
            dropped: Vec::new(),
        }
    }

    pub(super) fn is_alive(&self, row: usize) -> bool {
        self.alive[row]
    }

    /// Takes out the rows for which `lost` holds, under one reason; it is asked for each row left, in order.
    pub(super) fn drop_where(&mut self, reason: &str, mut lost: impl FnMut(usize) -> bool) {
        let mut count = 0;
        for (row, alive) in self.alive.iter_mut().enumerate() {
            if *alive && lost(row) {
                *alive = false;
                count += 1;
            }
        }
        self.count_lost(reason, count);
    }

    /// Takes out, under one reason, those of the rows left that are not kept; `kept` has a mark for each row left.
    pub(super) fn keep(&mut self, reason: &str, kept: &[bool]) {
        if kept.len() == self.alive.len() {
            // All rows are left so far.
            self.alive.copy_from_slice(kept);
        } else {
            let left = self.alive.iter_mut().filter(|alive| **alive);
            left.zip(kept).for_each(|(alive, kept)| *alive = *kept);
        }
        let lost = kept.iter().filter(|kept| !**kept).count();
        self.count_lost(reason, lost);
    }

    fn count_lost(&mut self, reason: &str, count: usize) {
        if count > 0 {
            self.left -= count;
            match self.dropped.iter_mut().find(|d| d.reason == reason) {
                Some(same) => same.count += count,
                None => self.dropped.push(Dropped {
                    reason: reason.to_owned(),
                    count,
                }),
            }
        }
    }

    /// The rows left, ascending.
    ///
    /// # Errors
    /// [`Error::NoRows`] if there is none.
    pub(super) fn kept(&self) -> Result<Selection, Error> {
        if self.left == 0 {
            let reasons = if self.dropped.is_empty() {
                "the data have no rows".to_owned()
            } else {
                self.dropped
                    .iter()
                    .map(|d| format!("{} {}", d.reason, d.count))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            return Err(Error::NoRows {
                rows: self.alive.len(),
                reasons,
            });
        }
        Ok(Selection::marked(&self.alive))
    }

    pub(super) fn into_sample(self) -> Sample {
        Sample {
            rows: self.alive.len(),
            used: self.left,
            dropped: self.dropped,
        }
    }
}
