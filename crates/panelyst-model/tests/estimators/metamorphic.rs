//! What must not change, or change by a known factor, when the data are shifted, scaled, permuted or repeated.

use crate::data::{Random, close, column, fit_one, numbers, rows, simulated, with_column};
use arrow_array::RecordBatch;
use panelyst_model::Fit;

const MODELS: [(&str, &str); 7] = [
    ("y ~ x1 + x2", "vcov=hc1"),
    ("y ~ x1 + x2 | id", "vcov=cluster:id"),
    ("y ~ x1 + x2 | id + year", "vcov=cluster:id+year"),
    ("y ~ x1 + x2", "model=between"),
    ("y ~ x1 + x2", "model=first-difference vcov=cluster:id"),
    ("y ~ x1 + x2", "model=random vcov=cluster:id"),
    ("y ~ x1 + x2", "model=random-ml"),
];

fn run(batch: &RecordBatch, model: (&str, &str)) -> Fit {
    fit_one(batch, model.0, &format!("panel=id,year {}", model.1))
}

fn replaced(batch: &RecordBatch, name: &str, f: impl Fn(f64) -> f64) -> RecordBatch {
    let schema = batch.schema();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let columns: Vec<(&str, Vec<f64>)> = names
        .iter()
        .map(|n| {
            let values = column(batch, n);
            (
                *n,
                if *n == name {
                    values.into_iter().map(&f).collect()
                } else {
                    values
                },
            )
        })
        .collect();
    numbers(&columns)
}

#[test]
fn scale_of_a_regressor() {
    let batch = simulated(20, 8, 0.85, 21);
    for model in MODELS {
        let base = run(&batch, model);
        for scale in [1e-8, 1e8, -3.0] {
            let fit = run(&replaced(&batch, "x1", |v| v * scale), model);
            let (a, b) = (
                fit.coefficient("x1").unwrap(),
                base.coefficient("x1").unwrap(),
            );
            close(a.estimate * scale, b.estimate, 1e-9, model.1);
            close(a.std_error * scale.abs(), b.std_error, 1e-9, model.1);
            close(a.p_value, b.p_value, 1e-7, model.1);
            close(fit.rss, base.rss, 1e-10, model.1);
            let (a, b) = (
                fit.coefficient("x2").unwrap(),
                base.coefficient("x2").unwrap(),
            );
            close(a.std_error, b.std_error, 1e-9, model.1);
        }
    }
}

#[test]
fn shift_of_everything() {
    let batch = simulated(20, 8, 0.85, 22);
    for model in MODELS {
        let base = run(&batch, model);
        let moved = replaced(&replaced(&batch, "x1", |v| v + 1e4), "y", |v| v - 1e4);
        let fit = run(&moved, model);
        for c in fit.coefficients.iter().filter(|c| c.term != "_cons") {
            let b = base.coefficient(&c.term).unwrap();
            // Adding 1e4 takes four of sixteen digits from the data themselves.
            close(c.estimate, b.estimate, 1e-9, model.1);
            close(c.std_error, b.std_error, 1e-9, model.1);
        }
    }
}

#[test]
fn order_of_rows_and_of_regressors() {
    let batch = simulated(20, 8, 0.85, 23);
    let mut order: Vec<usize> = (0..batch.num_rows()).collect();
    let mut random = Random(4);
    for i in (1..order.len()).rev() {
        order.swap(i, random.below(i + 1));
    }
    let shuffled = rows(&batch, &order);
    for model in MODELS {
        let base = run(&batch, model);
        let swapped = model.0.replace("x1 + x2", "x2 + x1");
        for fit in [run(&shuffled, model), run(&batch, (&swapped, model.1))] {
            for b in &base.coefficients {
                let a = fit.coefficient(&b.term).unwrap();
                close(a.estimate, b.estimate, 1e-10, model.1);
                close(a.std_error, b.std_error, 1e-10, model.1);
            }
        }
    }
}

#[test]
fn repeated_rows_are_weights() {
    let batch = simulated(20, 8, 0.85, 24);
    let n = batch.num_rows();
    let doubled: Vec<usize> = (0..n).chain((0..n).step_by(3)).collect();
    let repeated = rows(&batch, &doubled);
    let weights = (0..n).map(|r| if r % 3 == 0 { 2.0 } else { 1.0 }).collect();
    let weighted = with_column(&batch, "count", weights);
    for formula in ["y ~ x1 + x2", "y ~ x1 + x2 | id", "y ~ x1 + x2 | id + year"] {
        let a = fit_one(&repeated, formula, "");
        let b = fit_one(&weighted, formula, "weights=count");
        for (a, b) in a.coefficients.iter().zip(&b.coefficients) {
            close(a.estimate, b.estimate, 1e-10, formula);
            // Errors differ by the degrees of freedom alone.
        }
        close(a.rss, b.rss, 1e-10, formula);
        close(a.r2.unwrap(), b.r2.unwrap(), 1e-10, formula);
        // Weights have no unit.
        let c = fit_one(
            &replaced(&weighted, "count", |w| w * 1e6),
            formula,
            "weights=count vcov=hc1",
        );
        let d = fit_one(&weighted, formula, "weights=count vcov=hc1");
        for (c, d) in c.coefficients.iter().zip(&d.coefficients) {
            close(c.estimate, d.estimate, 1e-10, formula);
            close(c.std_error, d.std_error, 1e-10, formula);
        }
    }
}

#[test]
fn lags_reach_rows_outside_the_sample() {
    let batch = simulated(10, 8, 1.0, 25);
    let whole = fit_one(&batch, "y ~ l(x1,1)", "panel=id,year");
    assert_eq!(whole.nobs, 70);
    assert_eq!(whole.sample.dropped[0].reason, "missing l(x1,1)");
    let part = fit_one(&batch, "y ~ l(x1,1)", "panel=id,year where=year_>=_2003");
    assert_eq!(part.nobs, 50);
    assert_eq!(part.sample.dropped.len(), 1);
}

#[test]
fn collinear_regressors_are_named() {
    let base = simulated(20, 8, 0.85, 26);
    for scale in [1.0, 1e-8, 1e8] {
        let (x1, x2) = (column(&base, "x1"), column(&base, "x2"));
        let sum = x1
            .iter()
            .zip(&x2)
            .map(|(a, b)| scale * (2.0 * a - 0.1 * b))
            .collect();
        let unit = column(&base, "id")
            .iter()
            .map(|i| scale * (i * i + 0.1))
            .collect();
        let trend = column(&base, "year").iter().map(|t| scale * t).collect();
        let batch = with_column(&base, "sum", sum);
        let batch = with_column(&batch, "unit", unit);
        let batch = with_column(&batch, "trend", trend);
        let batch = with_column(&batch, "flat", vec![scale * 0.1; base.num_rows()]);
        let fit = fit_one(&batch, "y ~ x1 + x2 + sum + flat + unit", "");
        let notes: Vec<&str> = fit
            .notes
            .iter()
            .filter(|n| n.kind == "collinear")
            .map(|n| n.text.as_str())
            .collect();
        assert_eq!(
            notes,
            [
                "sum was dropped: it is collinear with x1, x2",
                "flat was dropped: it does not vary"
            ]
        );
        assert_eq!(fit.coefficients.len(), 4);
        let fit = fit_one(&batch, "y ~ unit + x1 + trend + x2 + sum | id + year", "");
        let about: Vec<&str> = fit
            .notes
            .iter()
            .filter(|n| n.kind == "collinear")
            .flat_map(|n| n.about.iter().map(String::as_str))
            .collect();
        assert_eq!(about, ["unit", "trend", "sum"]);
        let absorbed = &fit
            .notes
            .iter()
            .find(|n| n.kind == "collinear")
            .unwrap()
            .text;
        assert_eq!(absorbed, "unit was dropped: the effects id, year absorb it");
        assert_eq!(fit.coefficients.len(), 2);
        // Nearly but not quite collinear stays.
        let near = with_column(
            &base,
            "near",
            x1.iter()
                .zip(&x2)
                .map(|(a, b)| scale * (a + 1e-6 * b * b))
                .collect(),
        );
        assert_eq!(fit_one(&near, "y ~ x1 + near", "").coefficients.len(), 3);
    }
}

#[test]
fn zero_variance_component_is_pooled() {
    // Outcomes whose unit means hardly differ: the component is negative and set to zero.
    let base = simulated(30, 6, 1.0, 27);
    let (id, x) = (column(&base, "id"), column(&base, "x1"));
    let mut random = Random(77);
    let noise: Vec<f64> = id.iter().map(|_| random.normal()).collect();
    let mut means = vec![(0.0, 0.0); 30];
    for (i, e) in id.iter().zip(&noise) {
        means[*i as usize].0 += e / 6.0;
    }
    for (i, x) in id.iter().zip(&x) {
        means[*i as usize].1 += x / 6.0;
    }
    let y = (0..id.len())
        .map(|r| x[r] + noise[r] - means[id[r] as usize].0)
        .collect();
    let batch = with_column(&base, "z", y);
    let random = fit_one(&batch, "z ~ x1", "panel=id,year model=random");
    let ml = fit_one(&batch, "z ~ x1", "panel=id,year model=random-ml");
    let pooled = fit_one(&batch, "z ~ x1", "");
    for fit in [&random, &ml] {
        assert_eq!(fit.variance_components.as_ref().unwrap().sigma2_u, 0.0);
        assert!(fit.notes.iter().any(|n| n.kind == "variance-components"));
        close(
            fit.coefficients[0].estimate,
            pooled.coefficients[0].estimate,
            1e-12,
            "pooled",
        );
    }
    close(
        ml.loglik.unwrap(),
        pooled.loglik.unwrap(),
        1e-12,
        "log-likelihood",
    );
}
