//! A column of numbers that several solutions share, made when it is first looked at where it can be.

use super::sums::{CHUNK, combination, dot, norm};
use panelyst_absorb::Remainder;
use rayon::prelude::*;
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
pub(crate) struct Recipe {
    /// What effects leave.
    pub(crate) of: Arc<Remainder>,
    /// One for each column of the remainder.
    pub(crate) coefficients: Vec<f64>,
    /// What each row is multiplied by the root of.
    weights: Option<Arc<Vec<f64>>>,
}

impl Recipe {
    /// Whether two are sums of the same columns under the same weights.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let weights = match (&self.weights, &other.weights) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        };
        weights && Arc::ptr_eq(&self.of, &other.of)
    }

    /// The sum of products of two weighted columns from the cross-products of the remainder, and how large its parts are:
    /// their rounding stays in the sum.
    fn product(&self, other: &Self) -> (f64, f64) {
        let (all, width) = (self.of.products(), self.of.width());
        let (mut sum, mut size) = (0.0, 0.0f64);
        for (i, a) in self.coefficients.iter().enumerate() {
            for (j, b) in other.coefficients.iter().enumerate() {
                let part = a * b * all[i * width + j];
                sum += part;
                size += part.abs();
            }
        }
        (sum, size)
    }
}

/// Share of the norms of two columns by which the parts of their product may exceed it: four digits are lost then.
const CANCELLED: f64 = 1e-4;

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

    /// How the numbers are made, where they need not be.
    pub(crate) fn recipe(&self) -> Option<&Recipe> {
        self.0.recipe.as_ref()
    }

    /// The sum of columns times factors; not made either where none of the columns need be.
    pub(crate) fn sum(parts: &[(f64, &Self)]) -> Self {
        let recipes: Option<Vec<&Recipe>> = parts.iter().map(|(_, c)| c.recipe()).collect();
        if let Some([first, rest @ ..]) = recipes.as_deref()
            && rest.iter().all(|recipe| recipe.is_like(first))
        {
            let mut coefficients = vec![0.0; first.coefficients.len()];
            for ((factor, _), recipe) in parts.iter().zip([first].into_iter().chain(rest)) {
                for (sum, own) in coefficients.iter_mut().zip(&recipe.coefficients) {
                    *sum += factor * own;
                }
            }
            return Self::later(&first.of, coefficients, first.weights.clone());
        }
        let parts: Vec<(f64, &[f64])> = parts.iter().map(|(f, c)| (*f, &c[..])).collect();
        combination(&parts).into()
    }

    /// Sum of products with another column; for root-weighted ones that of weighted products.
    pub(crate) fn product(&self, other: &Self) -> f64 {
        if let (Some(own), Some(theirs)) = (self.recipe(), other.recipe())
            && own.is_like(theirs)
            && own.weights.is_some() == own.of.is_weighted()
        {
            let (product, size) = own.product(theirs);
            let norms = own.product(own).0.sqrt() * theirs.product(theirs).0.sqrt();
            // False where a norm is not a number, which is then all rounding.
            if norms >= CANCELLED * size {
                return product;
            }
        }
        dot(self, other)
    }

    /// Root of the sum of squares.
    pub(crate) fn norm(&self) -> f64 {
        match self.recipe() {
            Some(_) => self.product(self).sqrt(),
            None => norm(self),
        }
    }

    /// The column divided by the roots of the weights that it was multiplied by.
    pub(crate) fn unweighted(&self, weights: Option<&[f64]>) -> Self {
        match (weights, self.recipe()) {
            (None, _) => self.clone(),
            (Some(_), Some(own)) => Self::later(&own.of, own.coefficients.clone(), None),
            (Some(weights), None) => {
                let pairs = self.par_iter().zip(weights).with_min_len(CHUNK);
                let values: Vec<f64> = pairs.map(|(e, w)| e / w.sqrt()).collect();
                values.into()
            }
        }
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
