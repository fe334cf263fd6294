//! Estimation from tiles, on rows enough for it, against the same from columns.

use crate::data::{column, request, rows, simulated, with_column};
use arrow_array::RecordBatch;
use panelyst_model::covariance::cluster::meat;
use panelyst_model::estimators::{within, within_columns};
use panelyst_model::linear::{Tiled, least_squares_owned};
use panelyst_model::{Estimated, Fit, design};

fn close(a: f64, b: f64, scale: f64) {
    // Rounding of sums over 40 000 rows, times a condition below ten.
    assert!((a - b).abs() <= 1e-12 * scale, "{a} and {b}");
}

/// Coefficients, sums of squares, residuals, basis and meats of a design.
fn compare(batch: &RecordBatch, formula: &str, options: &str) {
    let request = request(formula, options);
    let design = design(batch, &request.formulas[0], &request).unwrap();
    let tiled = within(&design).unwrap().solution;
    assert!(Tiled::of(&tiled).is_some(), "{formula}");
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
        let solution = &fitted.estimation().solution;
        assert!(Tiled::of(solution).is_none(), "{formula}");
    }
}

/// Numbers of a regression with instruments that do not count rows, with their names.
fn told(fit: &Fit) -> Vec<(String, f64)> {
    let mut out = Vec::new();
    for c in &fit.coefficients {
        out.push((format!("b of {}", c.term), c.estimate));
        out.push((format!("error of {}", c.term), c.std_error));
    }
    for stage in &fit.first_stages {
        out.push(("partial R2".to_owned(), stage.partial_r2));
        out.push(("first-stage F".to_owned(), stage.f.statistic.unwrap()));
        for c in &stage.coefficients {
            out.push((format!("first-stage error of {}", c.term), c.std_error));
        }
    }
    let instruments = fit.instruments.as_ref().unwrap();
    for test in &instruments.tests {
        // That of Cragg and Donald is for errors that are independent between the copies.
        if test.test != "cragg-donald-f" {
            out.push((test.test.clone(), test.statistic.unwrap()));
        }
    }
    out
}

/// Clustered statistics do not change when every row of a cluster stands there eleven times, apart from factors that count rows;
/// few rows are estimated from columns and many from tiles.
#[test]
fn instruments_by_tiles_and_by_columns_agree() {
    let batch = simulated(300, 10, 0.9, 5);
    let shift = |name: &str, by: f64| -> Vec<f64> {
        let pairs = column(&batch, name).into_iter().zip(column(&batch, "x2"));
        pairs.map(|(a, b)| a + by * b).collect()
    };
    let (first, second) = (shift("x1", 0.7), shift("y", 0.4));
    let batch = with_column(&with_column(&batch, "d", first), "e", second);
    let places: Vec<usize> = (0..batch.num_rows()).collect();
    let many = rows(&batch, &places.repeat(13));
    assert!(many.num_rows() >= 32_768 && batch.num_rows() < 32_768);
    for (formula, options) in [
        ("y ~ x3 | id + year | d ~ x2 + x2:x3", "model=2sls"),
        ("y ~ x3 | id + year | d ~ x2 + x2:x3", "model=liml"),
        (
            "y ~ x3 | id | d ~ x2 + x2:x3 + x2:x1",
            "model=2sls weights=w",
        ),
        (
            "x4 ~ x3 | id + year | d + e ~ x2 + x2:x3 + I(x2^2)",
            "model=2sls",
        ),
        (
            "x4 ~ x3 | id + year | d + e ~ x2 + x2:x3 + I(x2^2)",
            "model=liml weights=w",
        ),
    ] {
        let options = format!("{options} vcov=cluster:id convention=plm");
        let request = request(formula, &options);
        let estimate = |batch: &RecordBatch| {
            let fitted = Estimated::new(batch, &request.formulas[0], &request).unwrap();
            let tiled = Tiled::of(&fitted.estimation().solution).is_some();
            (told(&fitted.fit(&request).unwrap()), tiled)
        };
        let (few, by_columns) = estimate(&batch);
        let (all, by_tiles) = estimate(&many);
        assert!(by_tiles && !by_columns, "{formula}");
        assert_eq!(few.len(), all.len());
        for ((name, a), (_, b)) in few.iter().zip(&all) {
            // Rounding of sums over 40 000 rows; statistics that are small beside their parts lose three digits.
            assert!(
                (a - b).abs() <= 1e-9 * (a.abs() + 1e-3),
                "{formula} {options}: {name} {a} and {b}"
            );
        }
    }
}
