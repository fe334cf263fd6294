//! Covariances and conventions changed after the fit.

use crate::data::{close, fit_one, numbers, request, simulated};
use panelyst_model::conventions::{CONVENTIONS, by_name};
use panelyst_model::{Estimated, Vcov, design};

#[test]
fn a_change_equals_a_new_fit() {
    let batch = simulated(15, 8, 0.9, 5);
    for (formula, model) in [
        ("y ~ x1 + x2", "pooled"),
        ("y ~ x1 + x2 | id", "within"),
        ("y ~ x1 + x2 | id + year", "within"),
        ("y ~ x1 + x2", "random"),
        ("y ~ x1 + x2", "first-difference"),
    ] {
        let options = format!("panel=id,year model={model}");
        let asked = request(formula, &options);
        let kept = Estimated::new(&batch, &asked.formulas[0], &asked).unwrap();
        for vcov in [
            "iid",
            "hc0",
            "hc1",
            "hc2",
            "hc3",
            "cluster:id",
            "cluster:region+year",
            "cluster:id+year+region",
            "newey-west",
            "newey-west:1",
            "driscoll-kraay",
            "conley:500,x3,x4",
        ] {
            for convention in CONVENTIONS {
                let name = convention.name;
                let parsed = Vcov::parse(vcov).unwrap();
                let later = kept.fit_with(&parsed, convention).unwrap();
                let anew = fit_one(
                    &batch,
                    formula,
                    &format!("{options} vcov={vcov} convention={name}"),
                );
                let words = |fit| serde_json::to_string(fit).unwrap();
                assert_eq!(words(&later), words(&anew), "{formula} {vcov} {name}");
                close(later.covariance[0], anew.covariance[0], 0.0, vcov);
            }
        }
    }
}

#[test]
fn a_change_that_needs_other_rows_is_refused() {
    let batch = numbers(&[
        ("id", vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0, 4.0]),
        ("y", vec![1.0, 3.0, 2.5, 5.0, 4.0, 4.5, 9.0, 2.0, 0.5]),
        ("x", vec![0.0, 1.0, 2.0, 3.0, 2.5, 0.5, 7.0, 1.0, 3.0]),
        ("g", vec![1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0]),
    ]);
    let iid = Vcov::Iid;
    let dropped = request("y ~ x | id", "");
    let dropped = Estimated::new(&batch, &dropped.formulas[0], &dropped).unwrap();
    dropped.fit_with(&iid, by_name("reghdfe").unwrap()).unwrap();
    assert_eq!(
        dropped
            .fit_with(&iid, by_name("areg").unwrap())
            .unwrap_err()
            .to_string(),
        "the rules of areg keep singletons, and this sample has 1 singleton row left out; estimate again with that convention"
    );
    let kept = request("y ~ x | id", "convention=areg");
    let kept = Estimated::new(&batch, &kept.formulas[0], &kept).unwrap();
    kept.fit_with(&iid, by_name("plm").unwrap()).unwrap();
    assert_eq!(
        kept.fit_with(&iid, by_name("fixest").unwrap())
            .unwrap_err()
            .to_string(),
        "the rules of fixest drop singletons, and this sample has 1 singleton row in it; estimate again with that convention"
    );
    let fixest = by_name("fixest").unwrap();
    let of = |text: &str| dropped.fit_with(&Vcov::parse(text).unwrap(), fixest);
    assert_eq!(of("cluster:g").unwrap().vcov.clusters["g"], 3);
    assert!(
        of("cluster:gg")
            .unwrap_err()
            .to_string()
            .contains("cluster variable `gg` is not a column of the data")
    );
    assert!(
        of("newey-west:1")
            .unwrap_err()
            .to_string()
            .contains("needs a declared panel")
    );
}

#[test]
fn without_the_data_only_known_columns_serve() {
    let batch = simulated(12, 6, 1.0, 9);
    let asked = request("y ~ x1 | id + year", "panel=id,year vcov=cluster:region");
    let built = design(&batch, &asked.formulas[0], &asked).unwrap();
    let kept = Estimated::of_design(built, &asked).unwrap();
    let fixest = by_name("fixest").unwrap();
    for text in ["cluster:id+year+region", "driscoll-kraay:1", "hc3"] {
        kept.fit_with(&Vcov::parse(text).unwrap(), fixest).unwrap();
    }
    let message = kept
        .fit_with(&Vcov::parse("cluster:w").unwrap(), fixest)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "cluster variable `w` is not a column of the data that was kept with the fit; keep the data with it or ask for this covariance at once"
    );
}

#[test]
fn values_missing_in_a_column_named_later_are_an_error() {
    use arrow_array::{ArrayRef, Float64Array, RecordBatch};
    use std::sync::Arc;
    let batch = simulated(12, 6, 1.0, 9);
    let holes: Float64Array = (0..72)
        .map(|row| (row % 8 != 3).then_some(f64::from(row % 5)))
        .collect();
    let holes: ArrayRef = Arc::new(holes);
    let mut columns: Vec<(String, ArrayRef)> = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(f, c)| (f.name().clone(), Arc::clone(c)))
        .collect();
    columns.push(("holes".to_owned(), holes));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let asked = request("y ~ x1 | id", "");
    let kept = Estimated::new(&batch, &asked.formulas[0], &asked).unwrap();
    let vcov = Vcov::parse("cluster:holes").unwrap();
    assert_eq!(
        kept.fit_with(&vcov, by_name("fixest").unwrap())
            .unwrap_err()
            .to_string(),
        "`holes` is missing in 9 of the rows used, first in data row 4; estimate again with cluster:holes, so that they are left out and counted"
    );
    assert_eq!(
        fit_one(&batch, "y ~ x1 | id", "vcov=cluster:holes").nobs,
        63
    );
}
