//! The part of outcome and regressor that belongs to one coefficient, and coefficients without each cluster: what plots of
//! a regression show.

use crate::Error;
use crate::covariance::on_observations;
use crate::estimated::{Estimated, name_of_group};
use crate::estimators::Observations;
use crate::small_samples::{Blocks, LeaveOneOut};

/// Outcome and regressor after all other regressors and effects were partialled out of both, one number a row used.
#[derive(Clone, Debug, PartialEq)]
pub struct AddedVariable {
    /// What is left of the regressor; with weights times their root.
    pub x: Vec<f64>,
    /// What is left of the outcome, likewise.
    pub y: Vec<f64>,
    /// The coefficient: the slope of `y` on `x` without a constant (Frisch and Waugh 1933; Lovell 1963).
    pub slope: f64,
}

/// A cluster and a coefficient without it; nothing where it is not identified without the cluster.
pub type Without = (String, Option<f64>);

impl Estimated {
    /// The added-variable plot of a term; nothing where the estimation is not one of least squares on rows, or has no such
    /// term.
    ///
    /// With the orthonormal basis Q of all regressors and `t` the term's row of the matrix that turns `Q'y` into
    /// coefficients, `Q t / t't` is what the other regressors leave of the regressor, for its product with any of them is
    /// zero and with itself `1 / t't`, the inverse of the term's element in the inverse of X'X.
    pub fn added_variable(&self, term: &str) -> Option<AddedVariable> {
        let estimation = self.estimation();
        let solution = &estimation.solution;
        if !self.design().estimator.row().has_leverages
            || estimation.observations != Observations::Rows
        {
            return None;
        }
        let place = estimation.names.iter().position(|name| name == term)?;
        let width = solution.basis.len();
        let row = solution.transform.get(place * width..(place + 1) * width)?;
        let length: f64 = row.iter().map(|t| t * t).sum();
        let mut x = vec![0.0; solution.weighted_residuals.len()];
        for (weight, column) in row.iter().zip(&solution.basis) {
            for (sum, value) in x.iter_mut().zip(column.iter()) {
                *sum += weight / length * value;
            }
        }
        let slope = *solution.coefficients.get(place)?;
        let residuals = solution.weighted_residuals.iter();
        let y = residuals.zip(&x).map(|(e, x)| e + slope * x).collect();
        Some(AddedVariable { x, y, slope })
    }

    /// The coefficient of a term without each cluster of a column, exactly, every effect estimated anew; nothing for
    /// estimators other than least squares, with a constant beside absorbed effects, or without such a term.
    ///
    /// # Errors
    /// A column that the data do not have, and too many effects that cross the clusters.
    pub fn without_each(&self, column: &str, term: &str) -> Result<Option<Vec<Without>>, Error> {
        let (design, estimation) = (self.design(), self.estimation());
        let place = estimation.names.iter().position(|name| name == term);
        let Some(place) = place.filter(|_| {
            design.estimator.row().has_leverages && estimation.regressor_leverages.is_none()
        }) else {
            return Ok(None);
        };
        let (cluster, names) = self.cluster_of(column)?;
        let on = on_observations(&estimation.observations, &cluster, design)?;
        if on.groups < 2 {
            return Ok(None);
        }
        let blocks = Blocks::new(design, estimation, &on, "crv3")?;
        let own = blocks.coefficients[place];
        let changes = LeaveOneOut::new(&blocks).changes;
        let list = changes.iter().enumerate().map(|(group, change)| {
            let name = name_of_group((design, estimation), (&cluster, &names), &on, group);
            (name, change[place].map(|change| own + change))
        });
        Ok(Some(list.collect()))
    }
}
