//! Estimation from tiles, on rows enough for it, against the same from columns.

use crate::data::{request, simulated, with_column};
use arrow_array::RecordBatch;
use panelyst_model::covariance::cluster::meat;
use panelyst_model::estimators::{within, within_columns};
use panelyst_model::linear::least_squares_owned;
use panelyst_model::{Estimated, design};

fn close(a: f64, b: f64, scale: f64) {
    // Rounding of sums over 40 000 rows, times a condition below ten.
    assert!((a - b).abs() <= 1e-12 * scale, "{a} and {b}");
}

/// Coefficients, sums of squares, residuals, basis and meats of a design.
fn compare(batch: &RecordBatch, formula: &str, options: &str) {
    let request = request(formula, options);
    let design = design(batch, &request.formulas[0], &request).unwrap();
    let tiled = within(&design).unwrap().solution;
    assert!(tiled.tiled.is_some(), "{formula}");
    let columns = within_columns(&design).unwrap();
    let weights = design.weights.as_deref();
    let plain = least_squares_owned(columns.y, columns.x, weights).unwrap();
    for (a, b) in tiled.coefficients.iter().zip(&plain.coefficients) {
        close(*a, *b, 1.0);
    }
    close(tiled.rss, plain.rss, plain.rss);
    close(tiled.tss, plain.tss, plain.tss);
    for (a, b) in tiled.residuals.iter().zip(&plain.residuals) {
        close(*a, *b, 10.0);
    }
    for (a, b) in tiled
        .weighted_residuals
        .iter()
        .zip(&plain.weighted_residuals)
    {
        close(*a, *b, 10.0);
    }
    for (a, b) in tiled.bread().iter().zip(plain.bread()) {
        close(*a, b, plain.bread()[0]);
    }
    for cluster in &design.clusters {
        let a = tiled.sandwich(&meat(&tiled, &cluster.codes, cluster.groups));
        let b = plain.sandwich(&meat(&plain, &cluster.codes, cluster.groups));
        for (v, w) in a.iter().zip(&b) {
            close(*v, *w, b[0]);
        }
    }
}

/// Clusters that are the largest effect, that hold its levels, that cut across them; in order and in none.
#[test]
fn tiles_and_columns_agree() {
    let batch = simulated(900, 50, 0.9, 3);
    let rows = batch.num_rows();
    assert!(rows >= 32_768);
    let shuffled: Vec<f64> = (0..rows).map(|row| (row * 7919 % rows) as f64).collect();
    let many: Vec<f64> = (0..rows).map(|row| (row * 31 % 9000) as f64).collect();
    let batch = with_column(&with_column(&batch, "scattered", shuffled), "many", many);
    for options in [
        "vcov=cluster:id+region+year+many",
        "vcov=cluster:id+region+year weights=w",
    ] {
        compare(&batch, "y ~ x1 + x2 | id + year", options);
        compare(&batch, "y ~ x1 + x2 | year + id", options);
        compare(&batch, "y ~ x1 | id", options);
        // More than one block of columns.
        compare(
            &batch,
            "y ~ x1 + x2 + x3 + x1:x2 + x2:x3 | id + year",
            options,
        );
        // Rows in another order than the largest effect.
        compare(&batch, "y ~ x1 + x2 | many + year", options);
    }
}

/// Regressors close to collinear, and an outcome nearly explained, are left to the orthogonal basis.
#[test]
fn hard_cases_are_left_to_columns() {
    let batch = simulated(900, 50, 0.9, 3);
    for formula in [
        "y ~ x1 + I(x1 + 1e-3 * x2) | id",
        "I(x1 + 1e-4 * y) ~ x1 | id",
    ] {
        let request = request(formula, "vcov=cluster:id");
        let fitted = Estimated::new(&batch, &request.formulas[0], &request).unwrap();
        assert!(fitted.estimation().solution.tiled.is_none(), "{formula}");
    }
}
