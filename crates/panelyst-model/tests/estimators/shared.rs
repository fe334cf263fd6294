//! Models of one call against the same models one by one.

use crate::data::{Random, close, column, request, rows, simulated, with_column};
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use panelyst_model::{Error, Fit, Request, fit};
use std::sync::Arc;

/// A column with gaps: missing where a share of the rows falls.
fn with_gaps(batch: &RecordBatch, name: &str, of: &str, share: f64, seed: u64) -> RecordBatch {
    let mut random = Random(seed);
    let values: Float64Array = column(batch, of)
        .into_iter()
        .map(|v| (random.uniform() >= share).then_some(v))
        .collect();
    let mut columns: Vec<(String, ArrayRef)> = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| (field.name().clone(), Arc::clone(column)))
        .collect();
    columns.push((name.to_owned(), Arc::new(values)));
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// Each model of a call is, in every number and note, the model alone.
fn same_as_alone(batch: &RecordBatch, formula: &str, options: &str) {
    let whole = request(formula, options);
    let together = fit(batch, &whole).unwrap();
    assert_eq!(together.len(), whole.formulas.len(), "{formula}");
    assert!(together.len() > 1, "{formula}");
    for (fit_together, formula) in together.iter().zip(&whole.formulas) {
        let single = Request {
            formulas: vec![formula.clone()],
            ..whole.clone()
        };
        let alone = fit(batch, &single).unwrap().remove(0);
        equal(fit_together, &alone, &format!("{} {options}", formula.text));
    }
}

fn equal(a: &Fit, b: &Fit, what: &str) {
    // Sums are taken in another order, so the last digits differ; the effects are removed with the same steps.
    let relative = 1e-12;
    assert_eq!(a.formula, b.formula, "{what}");
    assert_eq!(a.outcome, b.outcome, "{what}");
    assert_eq!(
        format!("{:?}", a.sample),
        format!("{:?}", b.sample),
        "{what}"
    );
    assert_eq!(a.rows_used, b.rows_used, "{what}");
    assert_eq!(a.notes, b.notes, "{what}");
    assert_eq!(format!("{:?}", a.vcov), format!("{:?}", b.vcov), "{what}");
    assert_eq!(
        format!("{:?}", a.fixed_effects),
        format!("{:?}", b.fixed_effects),
        "{what}"
    );
    assert_eq!(a.columns_used, b.columns_used, "{what}");
    assert_eq!(a.coefficients.len(), b.coefficients.len(), "{what}");
    let size = b
        .coefficients
        .iter()
        .map(|c| c.std_error)
        .fold(0.0, f64::max);
    for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
        assert_eq!(a.term, b.term, "{what}");
        let beside = (a.estimate - b.estimate).abs();
        assert!(
            beside <= relative * (b.estimate.abs() + size),
            "{what} {}: {} and {}",
            a.term,
            a.estimate,
            b.estimate
        );
        close(a.std_error, b.std_error, relative, what);
    }
    for (a, b) in [
        (Some(a.rss), Some(b.rss)),
        (a.r2, b.r2),
        (a.r2_adjusted, b.r2_adjusted),
        (a.r2_within, b.r2_within),
        (Some(a.rmse), Some(b.rmse)),
        (a.loglik, b.loglik),
        (Some(a.df_residual), Some(b.df_residual)),
        (a.df_test, b.df_test),
    ] {
        assert_eq!(a.is_some(), b.is_some(), "{what}");
        close(a.unwrap_or(0.0), b.unwrap_or(0.0), 1e-11, what);
    }
    let size = b.rmse;
    for (a, b) in a.residuals.iter().zip(b.residuals.iter()) {
        assert!(
            (a - b).abs() <= 1e-11 * size,
            "{what}: residuals {a} and {b}"
        );
    }
}

#[test]
fn stepwise_models_are_those_alone() {
    let batch = simulated(60, 9, 0.9, 5);
    for formula in [
        "y ~ csw(x1, x2, x3, x4) | id + year",
        "y ~ x2 + sw(x1, x3, x4) | id",
        "y ~ sw0(x1, I(x1*x2)) + x3 | id + year",
        "y ~ mvsw(x1, x2, x3) | id + year",
        "c(y, x4) ~ csw(x1, x2) | id + year",
        "y ~ csw(x1, i(region, x2), x3) | id + year",
        "y ~ x1 + x2 | sw(id, id + year)",
    ] {
        for options in [
            "vcov=iid",
            "vcov=hc1 weights=w",
            "vcov=hc3",
            "vcov=cluster:id",
            "vcov=cluster:id+year weights=w",
            "vcov=driscoll-kraay:2 panel=id,year",
            "vcov=cluster:region convention=xtreg",
        ] {
            same_as_alone(&batch, formula, options);
        }
    }
}

#[test]
fn nearly_and_wholly_collinear_regressors_are_those_alone() {
    let batch = simulated(60, 9, 0.9, 6);
    let x1 = column(&batch, "x1");
    let mut random = Random(3);
    let near = x1.iter().map(|x| x + 1e-5 * random.normal()).collect();
    let batch = with_column(&batch, "near", near);
    let batch = with_column(&batch, "twice", x1.iter().map(|x| 2.0 * x).collect());
    let ids = column(&batch, "id");
    let batch = with_column(&batch, "fixed", ids.iter().map(|id| id * id).collect());
    for formula in [
        "y ~ csw(x1, twice, x2) | id + year",
        "y ~ csw(x1, fixed, x3) | id + year",
    ] {
        same_as_alone(&batch, formula, "vcov=cluster:id");
    }
    // A regressor that the other explains but for 1e-5 leaves seven digits in common to any two ways of computing.
    let together = fit(&batch, &request("y ~ csw(x1, near, x2) | id", "vcov=hc1")).unwrap();
    let alone = fit(&batch, &request("y ~ x1 + near + x2 | id", "vcov=hc1")).unwrap();
    for (a, b) in together[2].coefficients.iter().zip(&alone[0].coefficients) {
        close(a.estimate, b.estimate, 1e-9, &a.term);
        close(a.std_error, b.std_error, 1e-9, &a.term);
    }
}

#[test]
fn many_rows_are_those_alone() {
    let batch = simulated(4000, 10, 0.95, 8);
    for options in ["vcov=cluster:id", "vcov=hc1 weights=w"] {
        same_as_alone(&batch, "y ~ csw(x1, x2, x3) | id + year", options);
        same_as_alone(&batch, "c(y, x4) ~ sw(x1, x2) | id + year", options);
    }
}

/// Models of one to twenty regressors, so of one to six blocks of columns, in more than one scan for their clusters, with and
/// without weights.
#[test]
fn wide_models_of_many_rows_are_those_alone() {
    let mut batch = simulated(4000, 10, 0.95, 9);
    let mut random = Random(10);
    let mut names = vec![
        "x1".to_owned(),
        "x2".to_owned(),
        "x3".to_owned(),
        "x4".to_owned(),
    ];
    let base = column(&batch, "x1");
    for extra in 5..=20 {
        let name = format!("x{extra}");
        let values = base.iter().map(|x| random.normal() + 0.2 * x);
        batch = with_column(&batch, &name, values.collect());
        names.push(name);
    }
    let formula = format!("y ~ csw({}) | id + year", names.join(", "));
    for options in ["vcov=cluster:id", "vcov=cluster:id weights=w"] {
        same_as_alone(&batch, &formula, options);
    }
}

#[test]
fn gaps_give_each_model_its_own_sample() {
    let batch = simulated(60, 9, 0.9, 7);
    let batch = with_gaps(&batch, "g1", "x1", 0.1, 41);
    let batch = with_gaps(&batch, "g2", "x2", 0.2, 42);
    let batch = with_gaps(&batch, "gy", "y", 0.05, 43);
    for formula in [
        "y ~ csw(x3, g1, x4, g2) | id + year",
        "gy ~ x3 + sw(x4, g1, g2, x1) | id",
        "c(gy, y) ~ csw(x1, x2) | id + year",
        "c(y, gy, x4) ~ sw(g1, x3, x2) | id + year",
        "y ~ mvsw(g1, g2, x3) | id",
        "y ~ csw(l(x1, 1), x2, l(x2, 2), x3) | id + year",
    ] {
        same_as_alone(&batch, formula, "vcov=cluster:id panel=id,year");
    }
    // The conditions hold for all.
    same_as_alone(
        &batch,
        "y ~ csw(x3, g1, x4) | id + year",
        "where=year␣<␣2007",
    );
}

#[test]
fn the_first_model_that_fails_is_the_error() {
    let batch = simulated(30, 6, 0.9, 9);
    let text = |formula: &str| fit(&batch, &request(formula, "")).unwrap_err().to_string();
    assert_eq!(
        text("y ~ csw(x1, log(x2)) | id"),
        text("y ~ x1 + log(x2) | id")
    );
    assert_eq!(
        text("y ~ csw(x1, nothing) | id"),
        text("y ~ x1 + nothing | id")
    );
    let ids = column(&batch, "id");
    let batch = with_column(&batch, "fixed", ids);
    let absorbed = fit(&batch, &request("c(y, fixed) ~ sw(x1, x2) | id", "")).unwrap_err();
    assert!(matches!(absorbed, Error::NoVariation { ref outcome, .. } if outcome == "fixed"));
    let dropped = fit(&batch, &request("y ~ sw(x1, fixed) | id", "")).unwrap_err();
    assert!(matches!(dropped, Error::AllDropped { .. }), "{dropped}");
    let few = rows(&batch, &[0, 1, 2]);
    assert!(fit(&few, &request("y ~ csw(x1, x2) | id", "")).is_err());
}
