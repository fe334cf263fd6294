//! Which rows of the data a design has.

use std::sync::Arc;

/// Rows of the data, ascending from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them, so many.
    All(usize),
    /// Some of them.
    Some(Arc<[usize]>),
}

impl Default for Selection {
    fn default() -> Self {
        Self::All(0)
    }
}

impl Selection {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(rows) => rows.len(),
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
            Self::All(_) => place,
            Self::Some(rows) => rows.get(place).map_or(place, |row| *row),
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        (0..self.len()).map(|place| self.at(place))
    }

    /// The rows as a list.
    #[must_use]
    pub fn to_vec(&self) -> Vec<usize> {
        self.iter().collect()
    }

    /// The rows at some places, ascending.
    #[must_use]
    pub fn select(&self, places: &[usize]) -> Self {
        Self::Some(places.iter().map(|&place| self.at(place)).collect())
    }
}

impl From<Vec<usize>> for Selection {
    fn from(rows: Vec<usize>) -> Self {
        Self::Some(rows.into())
    }
}
