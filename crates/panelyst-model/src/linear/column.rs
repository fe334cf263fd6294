//! A column of numbers that several solutions share.

use std::ops::Deref;
use std::sync::Arc;

/// One number a row; clones share the numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column(Arc<Vec<f64>>);

impl Column {
    /// The numbers, shared.
    pub fn shared(&self) -> Arc<Vec<f64>> {
        Arc::clone(&self.0)
    }

    /// The numbers, copied only where another solution holds them too.
    pub fn into_values(self) -> Vec<f64> {
        Arc::unwrap_or_clone(self.0)
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self(Arc::new(values))
    }
}

impl Deref for Column {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Column {
    type Item = &'a f64;
    type IntoIter = std::slice::Iter<'a, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
