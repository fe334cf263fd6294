//! What cannot be estimated, and what the message says about it.

use crate::data::{column, error, fit_one, numbers, request, simulated, table, with_column};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use panelyst_model::{Invalid, SmallSampleRule, Vcov, fit};
use std::sync::Arc;

fn small() -> RecordBatch {
    let number = |v: &[Option<f64>]| -> ArrayRef { Arc::new(Float64Array::from(v.to_vec())) };
    let all = |v: &[f64]| number(&v.iter().map(|v| Some(*v)).collect::<Vec<_>>());
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a", "a", "b", "b", "c", "c"]));
    RecordBatch::try_from_iter_with_nullable([
        ("name", text, true),
        ("year", all(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]), true),
        ("y", all(&[1.0, 3.0, 2.0, 5.0, 4.0, 4.5]), true),
        ("x", all(&[0.0, 1.0, -2.0, 3.0, 2.5, 0.5]), true),
        (
            "gap",
            number(&[Some(1.0), None, Some(2.0), Some(7.0), None, Some(4.0)]),
            true,
        ),
        ("one", all(&[1.0; 6]), true),
        ("half", all(&[0.5, 1.0, 2.0, 2.5, 3.0, 3.5]), true),
        ("w", all(&[1.0, 2.0, -1.0, 1.0, 1.0, 0.0]), true),
    ])
    .unwrap()
}

#[track_caller]
fn expect(formula: &str, options: &str, message: &str) {
    assert_eq!(error(&small(), formula, options).to_string(), message);
}

#[test]
fn transforms_without_a_value() {
    expect(
        "y ~ log(x)",
        "",
        "log(x) has no value in 2 rows, first in data row 1 where x is 0; exclude the rows by a condition, transform otherwise, or ask for such rows to be dropped and counted (--invalid drop)",
    );
    // Rows outside the condition do not matter.
    fit_one(&small(), "y ~ log(x)", "where=x_>_0");
    let mut request = request("y ~ log(x)", "");
    request.invalid = Invalid::Drop;
    let fit = fit(&small(), &request).unwrap().remove(0);
    assert_eq!(fit.sample.dropped[0].reason, "log(x) without a value");
    assert_eq!((fit.sample.dropped[0].count, fit.nobs), (2, 4));
    assert!(
        error(&small(), "y ~ I(1/x)", "")
            .to_string()
            .contains("1/x has no value in 1 row, first in data row 1;")
    );
}

#[test]
fn names_and_types() {
    let message = error(&small(), "y ~ halv", "").to_string();
    assert!(
        message.contains("there is no column halv") && message.contains("did you mean half"),
        "{message}"
    );
    expect(
        "y ~ name",
        "",
        "`name` is text and cannot be a regressor by itself: write i(name) for an indicator of each value, or put it after `|` to absorb it",
    );
    expect(
        "name ~ x",
        "",
        "the outcome `name` is text; it must be a number",
    );
    expect(
        "y ~ x",
        "weights=hal",
        "weight `hal` is not a column of the data; did you mean half?",
    );
    expect(
        "y ~ x | nam",
        "",
        "effect `nam` is not a column of the data; did you mean name?",
    );
    expect(
        "y ~ x",
        "vcov=cluster:zzz",
        "cluster variable `zzz` is not a column of the data; columns: name, year, y, x, gap, one, half, w",
    );
    expect(
        "y ~ x",
        "weights=name",
        "weight `name` is text; it must be a number",
    );
    expect(
        "y ~ x",
        "panel=name,half model=random",
        "time `half` must hold whole numbers, such as years",
    );
    expect(
        "y ~ i(name,ref='d')",
        "",
        "`i(name,ref='d')`: the reference level \"d\" does not occur in the rows used; levels: a, b, c",
    );
    assert!(
        Vcov::parse("hc9")
            .unwrap_err()
            .to_string()
            .contains("there is no covariance named `hc9`")
    );
    expect(
        "y ~ x",
        "convention=stata",
        "there is no convention named `stata`; known: fixest, reghdfe, xtreg, areg, plm, plm-sss, linearmodels",
    );
}

#[test]
fn rows_and_regressors() {
    expect("y ~ x", "where=x_>_99", "no row is left of 6: condition 6");
    expect(
        "y ~ x + gap",
        "where=year_=_9",
        "no row is left of 6: condition 6",
    );
    expect(
        "y ~ one",
        "",
        "every regressor was dropped: one was dropped: it does not vary",
    );
    expect(
        "y ~ 0",
        "",
        "`y ~ 0` has neither a regressor nor a constant",
    );
    expect(
        "y ~ x + half + gap",
        "",
        "4 observations cannot estimate 4 coefficients: no degree of freedom is left",
    );
    expect(
        "y ~ x + w | name + year",
        "",
        "6 observations cannot estimate 6 coefficients (of which 4 are absorbed effects): no degree of freedom is left",
    );
    expect(
        "one ~ x",
        "",
        "the outcome `one` does not vary in the rows used; there is nothing to explain",
    );
    expect(
        "one ~ x | name",
        "",
        "the outcome `one` does not vary once the effects name are removed; there is nothing to explain",
    );
    let message = error(&small(), "I(2*x+1) ~ x", "").to_string();
    assert!(
        message.contains("is fitted exactly by the regressors up to rounding"),
        "{message}"
    );
    expect(
        "y ~ x",
        "weights=w",
        "weight `w` is -1 in data row 3; analytic weights must be positive",
    );
    let zero = fit_one(&small(), "y ~ x", "weights=w where=w_>=_0");
    assert_eq!(zero.sample.dropped[1].reason, "weight w zero");
}

#[test]
fn panels() {
    expect(
        "y ~ x",
        "model=random",
        "the random estimator needs a declared panel: give the unit and the time column (--panel unit,time)",
    );
    expect(
        "y ~ x",
        "model=within",
        "the within estimator of a formula without effects needs a declared panel: give the unit and the time column (--panel unit,time)",
    );
    let message = error(&small(), "y ~ l(x,1)", "").to_string();
    assert!(message.contains("l() needs a panel"), "{message}");
    for (formula, options, what) in [
        (
            "y ~ x",
            "model=random panel=name,one",
            "the random estimator",
        ),
        (
            "y ~ x",
            "model=first-difference panel=name,one",
            "the first-difference estimator",
        ),
        ("y ~ l(x,1)", "panel=name,one", "a lag or difference"),
    ] {
        expect(
            formula,
            options,
            &format!(
                "name a has two rows for one 1 (data rows 1 and 2), but {what} needs one row for each unit and period"
            ),
        );
    }
    // Repeated keys do not matter where the panel is not used.
    fit_one(&small(), "y ~ x", "panel=name,one");
}

#[test]
fn combinations() {
    for (formula, options, part) in [
        (
            "y ~ x | name",
            "model=random panel=name,year",
            "write i(year) among the regressors",
        ),
        (
            "y ~ x",
            "model=random panel=name,year weights=half",
            "a weight does not go with the random estimator",
        ),
        (
            "y ~ x",
            "model=random-ml panel=name,year vcov=hc1",
            "a robust covariance does not go with the random-ml",
        ),
        (
            "y ~ 1 | x ~ half",
            "model=pooled",
            "an instrumental part does not go with the pooled estimator",
        ),
        (
            "y ~ 1 | x ~ half",
            "vcov=hc3",
            "the hc3 covariance does not go with the 2sls estimator",
        ),
        (
            "y ~ x",
            "vcov=cluster:one",
            "cluster variable `one` has one value in the 6 rows used",
        ),
        (
            "y ~ x",
            "model=between panel=name,year vcov=cluster:year",
            "cluster variable `year` varies within unit a",
        ),
    ] {
        let message = error(&small(), formula, options).to_string();
        assert!(message.contains(part), "{formula} {options}: {message}");
    }
}

#[test]
fn numbers_that_are_not_finite() {
    let batch = numbers(&[
        ("y", vec![1.0, 2.0, 4.0, 3.0]),
        ("x", vec![1.0, f64::NAN, 3.0, 5.0]),
    ]);
    assert_eq!(
        error(&batch, "y ~ x", "").to_string(),
        "`x` is not finite in data row 2; mark missing values as missing instead"
    );
}

#[test]
fn notes_and_losses() {
    let fit = fit_one(&small(), "y ~ gap", "where=year_<_9");
    assert_eq!(fit.sample.dropped[0].reason, "missing gap");
    assert_eq!((fit.sample.rows, fit.sample.used, fit.nobs), (6, 4, 4));
    let batch = simulated(6, 8, 1.0, 51);
    let fit = fit_one(
        &batch,
        "y ~ x1",
        "panel=id,year model=within vcov=cluster:id",
    );
    let kinds: Vec<&str> = fit.notes.iter().map(|n| n.kind.as_str()).collect();
    assert_eq!(kinds, ["effects", "convention", "few-clusters"]);
    assert_eq!(fit.fixed_effects[0].levels, 6);
    assert_eq!(fit.vcov.kind, "cluster:id");
    let json = serde_json::to_string(&fit).unwrap();
    assert!(json.contains("\"clusters\":{\"id\":6}"), "{json}");
    assert!(!json.contains("null"), "{json}");
}

#[test]
fn indicators() {
    let grunfeld = table("canonical/grunfeld.csv");
    let fit = fit_one(&grunfeld, "invest ~ value + i(firm)", "");
    assert_eq!(fit.coefficients.len(), 12);
    assert!(fit.coefficient("firm::General Motors").is_some());
    assert!(
        fit.coefficient("firm::American Steel").is_none(),
        "the first level in sorted order is left out"
    );
    let other = fit_one(&grunfeld, "invest ~ value + i(firm,ref='IBM')", "");
    assert!(
        other.coefficient("firm::IBM").is_none()
            && other.coefficient("firm::American Steel").is_some()
    );
    let slopes = fit_one(&grunfeld, "invest ~ i(firm,value)", "");
    assert_eq!(slopes.coefficients.len(), 12);
    assert!(slopes.coefficient("firm::IBM:value").is_some());
    let product = fit_one(
        &grunfeld,
        "invest ~ value:capital + i(year,ref=1940):value",
        "",
    );
    assert!(product.coefficient("value:capital").is_some());
    assert!(
        product.coefficient("year::1935:value").is_some()
            && product.coefficient("year::1940:value").is_none()
    );
    let within = fit_one(&grunfeld, "invest ~ value | firm", "");
    let dummies = fit_one(&grunfeld, "invest ~ value + i(firm)", "");
    crate::data::close(
        within.coefficients[0].estimate,
        dummies.coefficient("value").unwrap().estimate,
        1e-10,
        "dummies",
    );
    let years = column(&grunfeld, "year");
    let squared = with_column(&grunfeld, "sq", years.iter().map(|y| y * y).collect());
    assert_eq!(
        fit_one(&squared, "invest ~ year + sq + value", "")
            .coefficients
            .len(),
        4
    );
}

/// Instruments that explain the endogenous regressor exactly, in few rows and in many, with effects and without.
#[test]
fn a_saturated_first_stage_is_refused() {
    for (units, periods) in [(12, 6), (900, 50)] {
        let batch = simulated(units, periods, 0.9, 11);
        let both: Vec<f64> = column(&batch, "x2")
            .into_iter()
            .zip(column(&batch, "x3"))
            .map(|(a, b)| 2.0 * a - 0.5 * b)
            .collect();
        let batch = with_column(&batch, "both", both);
        for formula in [
            "y ~ x1 | both ~ x2 + x3",
            "y ~ x1 | id + year | both ~ x2 + x3",
        ] {
            for options in ["", "model=liml", "weights=w"] {
                let message = error(&batch, formula, options).to_string();
                let expected = "the instruments explain both exactly: it is its own instrument";
                assert!(
                    message.starts_with(expected),
                    "{formula} {options}: {message}"
                );
            }
        }
    }
}

/// Errors that are too small with few clusters say so; those made for few clusters do not. The note on tests that disagree says
/// where all combinations of signs are too few for the wild bootstrap to reject.
#[test]
fn few_clusters_are_told_where_they_matter() {
    let batch = simulated(4, 30, 1.0, 3);
    let noted = |vcov: &str| {
        let fit = fit_one(&batch, "y ~ x1 + x2", &format!("vcov={vcov}"));
        fit.notes.iter().any(|note| note.kind == "few-clusters")
    };
    assert!(noted("cluster:id") && noted("pairs:id"));
    assert!(!noted("crv3:id") && !noted("cr2:id"));
    let mut asked = request("y ~ x1 + x2", "vcov=cluster:id");
    asked.small_samples = SmallSampleRule::Auto;
    let fit = fit(&batch, &asked).unwrap().remove(0);
    let few = fit.small_samples.unwrap();
    assert_eq!(
        (few.wild.draws, few.wild.least_p_value()),
        (16, Some(0.125))
    );
    let told = fit.notes.iter().find(|note| note.kind == "small-samples");
    assert!(
        told.unwrap()
            .text
            .contains("16 combinations of signs no p-value of the wild bootstrap lies below 0.125"),
        "{told:?}"
    );
}
