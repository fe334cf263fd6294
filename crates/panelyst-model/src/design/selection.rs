//! Which rows of the data a design has.

use crate::linear::sums::CHUNK;
use rayon::prelude::*;
use std::sync::Arc;

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
        self.starts.partition_point(|start| start.1 <= place) - 1
    }

    /// Place after the last one of a run.
    fn end(&self, run: usize) -> usize {
        self.starts.get(run + 1).map_or(self.len, |next| next.1)
    }

    /// Copies the values of the rows at neighbouring places, of which there is at least one.
    fn copy<T: Copy>(&self, first: usize, from: &[T], mut out: &mut [T]) {
        let (mut run, mut place) = (self.run(first), first);
        while !out.is_empty() {
            let (row, start) = self.starts[run];
            let count = (self.end(run) - place).min(out.len());
            let row = row + place - start;
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&from[row..row + count]);
            out = later;
            place += count;
            run += 1;
        }
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
        let mut start = 0;
        for run in rows.chunk_by(|a, b| a == b) {
            if run[0] {
                runs.starts.push((start, runs.len));
                runs.len += run.len();
            }
            start += run.len();
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
        let runs: &[(usize, usize)] = match self {
            Self::All(_) => &[],
            Self::Some(runs) => &runs.starts,
        };
        let own = runs.iter().enumerate().map(|(run, &(row, place))| {
            let next = runs.get(run + 1).map_or(self.len(), |next| next.1);
            row..row + next - place
        });
        all.into_iter().chain(own).flatten()
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
    pub fn values_of<T: Copy + Default + Send + Sync>(&self, all: &[T]) -> Vec<T> {
        match self {
            Self::All(count) => all[..*count].to_vec(),
            Self::Some(runs) => {
                let mut out = vec![T::default(); runs.len];
                let chunks = out.par_chunks_mut(CHUNK).enumerate();
                chunks.for_each(|(chunk, out)| runs.copy(chunk * CHUNK, all, out));
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
