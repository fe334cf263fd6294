//! Which rows of the data a design has.

use crate::linear::sums::CHUNK;
use rayon::prelude::*;
use std::sync::Arc;

/// Values that are copied at once.
const BLOCK: usize = 64;

/// Rows of the data, ascending from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them, so many.
    All(usize),
    /// Some of them.
    Some(Arc<Runs>),
}

/// Ascending rows as runs of neighbours: most often few rows are lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// First row of each run, and its place among all.
    starts: Vec<(usize, usize)>,
    len: usize,
}

impl Runs {
    /// Takes up the next row, which is beyond those before.
    fn push(&mut self, row: usize) {
        match self.starts.last() {
            Some((first, place)) if row - first == self.len - place => {}
            _ => self.starts.push((row, self.len)),
        }
        self.len += 1;
    }

    /// The run with a place.
    fn run(&self, place: usize) -> usize {
        let after = self.starts.partition_point(|start| start.1 <= place);
        after.saturating_sub(1)
    }

    /// Place after the last one of a run.
    fn end(&self, run: usize) -> usize {
        self.starts.get(run + 1).map_or(self.len, |next| next.1)
    }

    /// The values of the rows at the places from the first one on; most often they lie side by side.
    fn block<T: Copy>(&self, first: usize, from: &[T]) -> [T; BLOCK] {
        let run = self.run(first);
        let (row, start) = self.starts[run];
        let row = row + first - start;
        if self.end(run) - first >= BLOCK
            && let Some(block) = from[row..].first_chunk::<BLOCK>()
        {
            return *block;
        }
        let mut rows = self.rows(first);
        std::array::from_fn(|_| rows.next().map_or(from[row], |row| from[row]))
    }

    /// The rows at the places from the first one on.
    fn rows(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let head = self.run(first);
        (head..self.starts.len()).flat_map(move |run| {
            let (row, place) = self.starts[run];
            let skipped = first.saturating_sub(place);
            row + skipped..row + self.end(run) - place
        })
    }
}

impl FromIterator<usize> for Runs {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        let mut runs = Self::default();
        rows.into_iter().for_each(|row| runs.push(row));
        runs
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::All(0)
    }
}

impl Selection {
    /// The rows that are marked.
    pub(super) fn marked(rows: &[bool]) -> Self {
        // Most often all are, which is told many rows at a time.
        if rows.iter().fold(true, |all, row| all & row) {
            return Self::All(rows.len());
        }
        let mut runs = Runs::default();
        for (block, marks) in rows.chunks(BLOCK).enumerate() {
            let first = block * BLOCK;
            if marks.iter().fold(true, |all, row| all & row) {
                runs.push(first);
                runs.len += marks.len() - 1;
                continue;
            }
            let marked = (first..).zip(marks).filter(|(_, marked)| **marked);
            marked.for_each(|(row, _)| runs.push(row));
        }
        Self::Some(Arc::new(runs))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(runs) => runs.len,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of the data that stands at a place; the place itself beyond the last.
    #[must_use]
    pub fn at(&self, place: usize) -> usize {
        match self {
            Self::Some(runs) if place < runs.len => {
                let (row, start) = runs.starts[runs.run(place)];
                row + place - start
            }
            _ => place,
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let all = match self {
            Self::All(count) => Some(0..*count),
            Self::Some(_) => None,
        };
        let some = match self {
            Self::All(_) => None,
            Self::Some(runs) => Some(runs.rows(0)),
        };
        all.into_iter().flatten().chain(some.into_iter().flatten())
    }

    /// The rows as a list.
    #[must_use]
    pub fn to_vec(&self) -> Vec<usize> {
        let mut rows = Vec::with_capacity(self.len());
        rows.extend(self.iter());
        rows
    }

    /// The values of the rows, from those of all rows of the data.
    #[must_use]
    pub fn values_of<T: Copy + Send + Sync>(&self, all: &[T]) -> Vec<T> {
        match self {
            Self::All(count) => all[..*count].to_vec(),
            Self::Some(runs) => {
                let whole = runs.len / BLOCK;
                let blocks = (0..whole).into_par_iter().with_min_len(CHUNK / BLOCK);
                // With room for the values after the last whole block.
                let mut copied: Vec<[T; BLOCK]> = Vec::with_capacity(whole + 1);
                blocks
                    .map(|block| runs.block(block * BLOCK, all))
                    .collect_into_vec(&mut copied);
                let mut out = copied.into_flattened();
                if out.len() < runs.len {
                    out.extend(runs.rows(whole * BLOCK).map(|row| all[row]));
                }
                out
            }
        }
    }

    /// The rows at some places, ascending.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        let rows = places.iter().map(|&place| self.at(place));
        Self::Some(Arc::new(rows.collect()))
    }
}

impl From<Vec<usize>> for Selection {
    fn from(rows: Vec<usize>) -> Self {
        Self::Some(Arc::new(rows.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_rows_one_by_one() {
        let count = 3 * CHUNK;
        for lost in [1usize, 2, 7, CHUNK] {
            let marks: Vec<bool> = (0..count).map(|row| row % (lost + 1) != lost / 2).collect();
            let rows: Vec<usize> = (0..count).filter(|&row| marks[row]).collect();
            let selection = Selection::marked(&marks);
            assert_eq!(selection.len(), rows.len());
            assert_eq!(selection.to_vec(), rows);
            assert_eq!(selection, Selection::from(rows.clone()));
            let at: Vec<usize> = (0..rows.len()).map(|place| selection.at(place)).collect();
            assert_eq!(at, rows);
            let squares: Vec<u64> = (0..count as u64).map(|row| row * row).collect();
            let own: Vec<u64> = rows.iter().map(|&row| squares[row]).collect();
            assert_eq!(selection.values_of(&squares), own);
            let places: Vec<usize> = (0..rows.len()).step_by(3).collect();
            let some: Vec<usize> = places.iter().map(|&place| rows[place]).collect();
            assert_eq!(selection.select(&places).to_vec(), some);
        }
        assert_eq!(Selection::marked(&[true; 4]), Selection::All(4));
        assert!(Selection::marked(&[false; 4]).is_empty());
        assert_eq!(Selection::marked(&[false; 4]).to_vec(), [0usize; 0]);
    }
}
