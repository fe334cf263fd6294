//! CR2 with Satterthwaite's degrees of freedom.
//!
//! The residuals of a cluster are multiplied by the symmetric root of the (generalised) inverse of their block of I - H, H
//! the projection on all regressors with all dummies, so that the clustered covariance is unbiased where errors are
//! independent with one variance (with weights: with variance over the weight, the regression of root-weighted columns).
//! In the basis of [`Blocks`], and since
//! `Q_g'(I - Q_g Q_g')^(-1/2) = (I - A_g)^(-1/2) Q_g'`,
//!
//! ```text
//! V = T sum_g B_g s_g s_g' B_g T',  B_g = (I - A_g)^(-1/2)         (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018)
//! df of t'beta = (tr P)^2 / tr(P P),  P_gh = [g = h] b_g'A_g b_g - (A_g b_g)'(A_h b_h),  b_g = B_g t
//! ```

use super::blocks::{Blocks, GONE};
use crate::linear::symmetric::{eigen, sandwich};
use rayon::prelude::*;

/// A bias-reduced covariance.
#[derive(Clone, Debug)]
pub struct BiasReduced {
    /// k x k.
    pub covariance: Vec<f64>,
    /// Degrees of freedom of the t test of each coefficient.
    pub df: Vec<f64>,
}

/// What a cluster adds.
struct Part {
    /// `B_g s_g`.
    score: Vec<f64>,
    /// For each coefficient `A_g b_g` and `b_g'A_g b_g`.
    products: Vec<(Vec<f64>, f64)>,
}

/// CR2 and the degrees of freedom; `None` where a number is not finite or a coefficient has no degree of freedom.
pub fn bias_reduced(blocks: &Blocks) -> Option<BiasReduced> {
    let (p, k) = (blocks.width(), blocks.k());
    let parts: Vec<Part> = (0..blocks.groups())
        .into_par_iter()
        .map(|group| part(blocks, group))
        .collect::<Option<_>>()?;
    let mut meat = vec![0.0; p * p];
    for part in &parts {
        add_square(&mut meat, &part.score);
    }
    let covariance = sandwich(
        &(0..k)
            .flat_map(|j| blocks.direction(j).to_vec())
            .collect::<Vec<_>>(),
        &meat,
        k,
        p,
    );
    let mut df = Vec::with_capacity(k);
    for coefficient in 0..k {
        let mut cross = vec![0.0; p * p];
        let mut trace = 0.0;
        let mut own = 0.0;
        for part in &parts {
            let (vector, form) = &part.products[coefficient];
            let length: f64 = vector.iter().map(|v| v * v).sum();
            trace += form - length;
            own += (form - length).powi(2) - length * length;
            add_square(&mut cross, vector);
        }
        let squares = own + cross.iter().map(|v| v * v).sum::<f64>();
        let value = trace * trace / squares;
        if !value.is_finite() || value <= 0.0 {
            return None;
        }
        df.push(value);
    }
    Some(BiasReduced { covariance, df })
}

fn part(blocks: &Blocks, group: usize) -> Option<Part> {
    let p = blocks.width();
    let (values, vectors) = eigen(&blocks.gram(group), p)?;
    let along = |vector: &[f64], other: &[f64]| -> f64 {
        vector.iter().zip(other).map(|(a, b)| a * b).sum()
    };
    let score = blocks.score(group);
    let mut reduced = vec![0.0; p];
    for (value, vector) in values.iter().zip(&vectors) {
        let weight = root(*value) * along(vector, &score);
        reduced
            .iter_mut()
            .zip(vector)
            .for_each(|(r, v)| *r += weight * v);
    }
    let products = (0..blocks.k())
        .map(|coefficient| {
            let direction = blocks.direction(coefficient);
            let mut product = vec![0.0; p];
            let mut form = 0.0;
            for (value, vector) in values.iter().zip(&vectors) {
                let b = root(*value) * along(vector, direction);
                form += value * b * b;
                product
                    .iter_mut()
                    .zip(vector)
                    .for_each(|(r, v)| *r += value * b * v);
            }
            (product, form)
        })
        .collect();
    Some(Part {
        score: reduced,
        products,
    })
}

/// `(1 - value)^(-1/2)`, zero in a direction that only this cluster spans.
fn root(value: f64) -> f64 {
    let left = 1.0 - value;
    if left <= GONE { 0.0 } else { 1.0 / left.sqrt() }
}

fn add_square(out: &mut [f64], vector: &[f64]) {
    let p = vector.len();
    for i in 0..p {
        for j in 0..p {
            out[i * p + j] += vector[i] * vector[j];
        }
    }
}
