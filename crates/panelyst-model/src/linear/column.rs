//! A column of numbers that several solutions share, made when it is first looked at where it can be.

use panelyst_absorb::Remainder;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// One number a row; clones share the numbers.
#[derive(Clone, Default)]
pub struct Column(Arc<Content>);

#[derive(Default)]
struct Content {
    len: usize,
    values: OnceLock<Arc<Vec<f64>>>,
    recipe: Option<Recipe>,
}

/// How the numbers are made: a sum of what effects leave of columns.
struct Recipe {
    of: Arc<Remainder>,
    /// One for each column of the remainder.
    coefficients: Vec<f64>,
    /// What each row is multiplied by the root of.
    weights: Option<Arc<Vec<f64>>>,
}

impl Column {
    /// What effects leave of columns, times coefficients and summed; times the roots of weights if given. It is made when
    /// it is first looked at.
    pub(crate) fn later(
        of: &Arc<Remainder>,
        coefficients: Vec<f64>,
        weights: Option<Arc<Vec<f64>>>,
    ) -> Self {
        Self(Arc::new(Content {
            len: of.rows(),
            values: OnceLock::new(),
            recipe: Some(Recipe {
                of: Arc::clone(of),
                coefficients,
                weights,
            }),
        }))
    }

    /// Number of rows, without making the numbers.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, shared.
    pub fn shared(&self) -> Arc<Vec<f64>> {
        Arc::clone(self.values())
    }

    /// The numbers, copied only where another solution holds them too.
    pub fn into_values(self) -> Vec<f64> {
        let values = self.shared();
        drop(self);
        Arc::unwrap_or_clone(values)
    }

    fn values(&self) -> &Arc<Vec<f64>> {
        self.0.values.get_or_init(|| {
            let Some(recipe) = &self.0.recipe else {
                return Arc::default();
            };
            let mut values = recipe.of.combine(&recipe.coefficients);
            if let Some(weights) = &recipe.weights {
                super::large::weigh(&mut values, weights);
            }
            Arc::new(values)
        })
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Arc::new(values).into()
    }
}

impl From<Arc<Vec<f64>>> for Column {
    fn from(values: Arc<Vec<f64>>) -> Self {
        Self(Arc::new(Content {
            len: values.len(),
            values: OnceLock::from(values),
            recipe: None,
        }))
    }
}

impl FromIterator<f64> for Column {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        values.into_iter().collect::<Vec<f64>>().into()
    }
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column of {} rows", self.len())
    }
}

impl Deref for Column {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        self.values()
    }
}

impl<'a> IntoIterator for &'a Column {
    type Item = &'a f64;
    type IntoIter = std::slice::Iter<'a, f64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
