//! Poisson and logit against pyfixest and statsmodels with explicit dummies, separation, and bad outcomes.

use crate::data::{
    Random, close, column, error, fit_one, numbers, path, request, rows, simulated, table,
    with_column,
};
use arrow_array::{Array, RecordBatch, StringArray};
use panelyst_model::{Error, fit};

fn munnell() -> RecordBatch {
    let all = table("canonical/munnell.csv");
    let rate = column(&all, "unemp");
    let count = rate.iter().map(|u| (u - 4.0).max(0.0).floor()).collect();
    let all = with_column(&all, "count", count);
    let high = rate.iter().map(|u| f64::from(u8::from(*u > 6.0)));
    with_column(&all, "high", high.collect())
}

#[test]
fn pyfixest_and_statsmodels_with_dummies() {
    let data = munnell();
    let text = std::fs::read_to_string(path("reference/pyfixest/likelihood.csv")).unwrap();
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [tool, formula, options, quantity, term, value] = cells[..] else {
            panic!("{line}");
        };
        let expected: f64 = value.parse().unwrap();
        let fit = fit_one(&data, formula, options);
        let coefficient = |term: &str| fit.coefficient(term).unwrap();
        let (got, relative) = match quantity {
            "estimate" => (coefficient(term).estimate, 1e-9),
            // pyfixest stops at a relative change of the deviance.
            "fit_estimate" => (coefficient(term).estimate, 1e-6),
            "bare_error" => (
                coefficient(term).std_error / fit.vcov.small_sample_factor.sqrt(),
                1e-8,
            ),
            "std_error" => (coefficient(term).std_error, 1e-6),
            "deviance" => (fit.deviance.unwrap(), 1e-10),
            "loglik" => (fit.loglik.unwrap(), 1e-10),
            "nobs" => (fit.nobs as f64, 0.0),
            other => panic!("{other}"),
        };
        close(got, expected, relative, &format!("{tool}: {line}"));
        compared += 1;
    }
    assert!(compared > 60, "{compared} rows compared");
}

#[test]
fn separated_rows_are_dropped_and_counted() {
    let mut random = Random(7);
    let n = 400;
    let group: Vec<f64> = (0..n).map(|i| f64::from(i % 20)).collect();
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    // Positive where the outcome is zero, else zero: rows that it marks are separated.
    let marks: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 37 == 0))).collect();
    let y: Vec<f64> = (0..n)
        .map(|i| {
            if marks[i as usize] > 0.0 || group[i as usize] == 3.0 {
                return 0.0;
            }
            (random.uniform() * 4.0 * (0.3 * x[i as usize]).exp()).floor()
        })
        .collect();
    let alone: Vec<usize> = (0..n as usize)
        .filter(|&i| marks[i] == 0.0 && group[i] != 3.0)
        .collect();
    let batch = numbers(&[
        ("y", y),
        ("x", x),
        ("m", marks.clone()),
        ("g", group.clone()),
    ]);
    let fit = fit_one(&batch, "y ~ x + m | g", "model=poisson vcov=hc1");
    let count = |reason: &str| {
        let found = fit.sample.dropped.iter().find(|d| d.reason == reason);
        found.map_or(0, |d| d.count)
    };
    assert_eq!(count("separated: level of zeros"), 20);
    let marked = (0..n as usize)
        .filter(|&i| marks[i] > 0.0 && group[i] != 3.0)
        .count();
    assert_eq!(count("separated: by regressors"), marked);
    assert_eq!(fit.sample.used, alone.len());
    assert!(fit.coefficient("m").is_none(), "collinear without its rows");
    let clean = fit_one(&rows(&batch, &alone), "y ~ x | g", "model=poisson vcov=hc1");
    close(
        fit.coefficient("x").unwrap().estimate,
        clean.coefficient("x").unwrap().estimate,
        1e-9,
        "without the separated rows",
    );
    // A logit that a regressor predicts.
    let text = error(&batch, "I(g > 9) ~ g", "model=logit").to_string();
    assert!(text.contains("without error in 400 rows"), "{text}");
}

#[test]
fn outcomes_that_do_not_fit_are_errors() {
    let data = munnell();
    let text = error(&data, "I(unemp - 5) ~ log(emp) | state", "model=poisson").to_string();
    assert!(text.contains("needs outcomes of zero or more"), "{text}");
    assert!(text.contains("in data row 1"), "{text}");
    let text = error(&data, "unemp ~ log(emp) | state", "model=logit").to_string();
    assert!(text.contains("outcomes of 0 and 1"), "{text}");
    let text = error(&data, "I(0*unemp) ~ log(emp)", "model=poisson").to_string();
    assert!(text.contains("is 0 in every row"), "{text}");
}

#[test]
fn weights_are_repetitions_in_estimates() {
    let mut random = Random(11);
    let n = 300;
    let weight: Vec<f64> = (0..n).map(|_| 1.0 + random.below(3) as f64).collect();
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let group: Vec<f64> = (0..n).map(|i| f64::from(i % 12)).collect();
    let y: Vec<f64> = x
        .iter()
        .map(|x| (random.uniform() * 6.0 * (0.5 * x).exp()).floor())
        .collect();
    let batch = numbers(&[("y", y), ("x", x), ("g", group), ("w", weight.clone())]);
    let repeated: Vec<usize> = (0..n as usize)
        .flat_map(|i| std::iter::repeat_n(i, weight[i] as usize))
        .collect();
    let long = rows(&batch, &repeated);
    for model in ["poisson", "logit"] {
        let formula = if model == "logit" {
            "I(y > 1) ~ x | g"
        } else {
            "y ~ x | g"
        };
        let weighted = fit_one(
            &batch,
            formula,
            &format!("model={model} weights=w vcov=hc0"),
        );
        let plain = fit_one(&long, formula, &format!("model={model}"));
        let (a, b) = (&weighted.coefficients[0], &plain.coefficients[0]);
        close(a.estimate, b.estimate, 1e-9, model);
        close(
            weighted.loglik.unwrap(),
            plain.loglik.unwrap(),
            1e-11,
            model,
        );
        close(
            weighted.pseudo_r2.unwrap(),
            plain.pseudo_r2.unwrap(),
            1e-10,
            model,
        );
    }
}

/// A regressor that is positive only where the outcome is zero, beside effects that are solved for directly: its rows lose their
/// weight step by step, and are dropped in the end.
/// A simulated panel with outcomes of zero and more.
fn simulated_counts() -> (RecordBatch, Vec<f64>) {
    let batch = simulated(20, 25, 0.9, 17);
    let counts = column(&batch, "y").iter().map(|y| y.max(0.0)).collect();
    (batch, counts)
}

/// Marks of rows, all with an outcome of zero.
fn marks_of_zeros(batch: &RecordBatch, counts: &[f64]) -> Vec<f64> {
    let pairs = counts.iter().zip(column(batch, "x3"));
    pairs
        .map(|(&y, x)| f64::from(u8::from(y == 0.0 && x > 0.0)))
        .collect()
}

#[test]
fn a_separating_regressor_beside_effects_is_found() {
    let (batch, counts) = simulated_counts();
    let marks: Vec<f64> = counts
        .iter()
        .zip(column(&batch, "x3"))
        .map(|(&y, x)| if y == 0.0 && x > 0.0 { x } else { 0.0 })
        .collect();
    let separated = marks.iter().filter(|&&s| s > 0.0).count();
    let kept: Vec<usize> = (0..counts.len()).filter(|&row| marks[row] == 0.0).collect();
    let batch = with_column(&with_column(&batch, "count", counts), "mark", marks);
    let options = "model=poisson vcov=hc1";
    let fit = fit_one(&batch, "count ~ x1 + mark | id + year", options);
    let alone = fit_one(&rows(&batch, &kept), "count ~ x1 | id + year", options);
    assert!(separated > 20 && fit.nobs + separated == batch.num_rows());
    let (a, b) = (&fit.coefficients[0], &alone.coefficients[0]);
    close(a.estimate, b.estimate, 1e-9, "coefficient");
    close(a.std_error, b.std_error, 1e-8, "error");
}

#[test]
fn a_separating_combination_of_regressors_is_found() {
    let (batch, counts) = simulated_counts();
    let (x1, x3) = (column(&batch, "x1"), column(&batch, "x3"));
    let separated: Vec<bool> = (0..counts.len())
        .map(|row| counts[row] == 0.0 && x3[row] > 0.0)
        .collect();
    // Neither regressor separates alone: their combination `mark - x1 / 2` does, by very little in one row.
    let least = separated.iter().position(|&separated| separated);
    let mark = |row: usize| match separated[row] {
        true if Some(row) == least => 2e-6 + 0.5 * x1[row],
        separated => f64::from(u8::from(separated)) + 0.5 * x1[row],
    };
    let marks: Vec<f64> = (0..counts.len()).map(mark).collect();
    let kept: Vec<usize> = (0..counts.len()).filter(|&row| !separated[row]).collect();
    let batch = with_column(&with_column(&batch, "count", counts), "mark", marks);
    for effects in ["", " | id", " | year", " | id + year"] {
        let options = "model=poisson vcov=hc1";
        let fit = fit_one(&batch, &format!("count ~ x1 + mark{effects}"), options);
        let alone = fit_one(
            &rows(&batch, &kept),
            &format!("count ~ x1{effects}"),
            options,
        );
        assert_eq!(fit.nobs, kept.len(), "{effects}");
        let (a, b) = (fit.coefficient("x1"), alone.coefficient("x1"));
        let (a, b) = (a.expect("kept"), b.expect("kept"));
        // Each ends where predictors move by 1e-8, so that the square of it is left.
        close(a.estimate, b.estimate, 1e-9, "coefficient");
        close(a.std_error, b.std_error, 1e-8, "error");
    }
}

#[test]
fn a_regressor_that_only_separates_leaves_nothing_to_estimate() {
    let (batch, counts) = simulated_counts();
    let marks = marks_of_zeros(&batch, &counts);
    let batch = with_column(&with_column(&batch, "count", counts), "mark", marks);
    for effects in ["", " | id", " | id + year"] {
        let said = error(&batch, &format!("count ~ mark{effects}"), "model=poisson").to_string();
        assert!(said.contains("separated rows were dropped"), "{said}");
        assert!(
            said.ends_with("mark was dropped: it does not vary"),
            "{said}"
        );
    }
}

/// Random designs in which a linear programme finds separated rows.
#[test]
fn as_many_rows_are_separated_as_a_linear_programme_finds() {
    let all = table("reference/scipy/separation.csv");
    let (designs, separated) = (column(&all, "design"), column(&all, "separated"));
    let (mut at, mut compared, mut empty) = (0, 0, 0);
    for design in designs.chunk_by(|a, b| a == b) {
        let places: Vec<usize> = (at..at + design.len()).collect();
        at += design.len();
        let batch = rows(&all, &places);
        let effects = batch.column_by_name("effects").unwrap();
        let effects = effects.as_any().downcast_ref::<StringArray>().unwrap();
        let formula = match effects.value(0) {
            "" => "y ~ x0 + x1 + x2".to_owned(),
            effects => format!("y ~ x0 + x1 + x2 | {effects}"),
        };
        let lost: f64 = places.iter().map(|&row| separated[row]).sum();
        match fit(&batch, &request(&formula, "model=poisson convention=plm")) {
            Ok(fits) => {
                assert_eq!(fits[0].nobs, design.len() - lost as usize, "{}", design[0]);
                compared += 1;
            }
            Err(Error::AllDropped { reasons }) => {
                assert!(reasons.contains("dropped"), "{}: {reasons}", design[0]);
                empty += 1;
            }
            Err(other) => panic!("{}: {other}", design[0]),
        }
    }
    assert!(
        compared >= 35 && empty <= 8,
        "{compared} compared, {empty} empty"
    );
}

#[test]
fn a_row_that_separation_leaves_alone_in_a_level_is_a_singleton() {
    let (batch, counts) = simulated_counts();
    let marks = marks_of_zeros(&batch, &counts);
    let mut groups: Vec<f64> = (0..counts.len()).map(|row| (row % 7) as f64).collect();
    // A level of its own for one separated row and one that is not.
    let separated = marks.iter().position(|&mark| mark == 1.0).unwrap();
    let other = counts.iter().position(|&count| count > 0.0).unwrap();
    groups[separated] = 99.0;
    groups[other] = 99.0;
    let lost = marks.iter().filter(|&&mark| mark == 1.0).count();
    let batch = with_column(&with_column(&batch, "count", counts), "mark", marks);
    let batch = with_column(&batch, "group", groups);
    let fit = fit_one(
        &batch,
        "count ~ x1 + mark | group",
        "model=poisson vcov=hc1",
    );
    assert_eq!(fit.nobs, batch.num_rows() - lost - 1);
    let dropped = |reason: &str| {
        let found = fit.sample.dropped.iter().find(|d| d.reason == reason);
        found.map(|d| d.count)
    };
    assert_eq!(dropped("singleton"), Some(1));
    assert_eq!(dropped("separated: by regressors"), Some(lost));
}
