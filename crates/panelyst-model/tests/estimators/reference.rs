//! Against plm, lm with sandwich, lme4, linearmodels and pyfixest on Munnell's panel, with and without gaps.

use crate::data::{close, column, fit_one, path, rows, table, with_column};
use arrow_array::RecordBatch;
use serde_json::Value;

fn samples() -> [(&'static str, RecordBatch); 2] {
    let all = table("canonical/munnell.csv");
    let states = all.column_by_name("state").unwrap();
    let states = states
        .as_any()
        .downcast_ref::<arrow_array::StringArray>()
        .unwrap();
    let lengths = states.iter().map(|s| s.unwrap().len() as f64).collect();
    let all = with_column(&all, "len", lengths);
    let mut names: Vec<&str> = states.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let number: Vec<f64> = states
        .iter()
        .map(|s| names.partition_point(|n| *n < s.unwrap()) as f64)
        .collect();
    let made = |make: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
        let years = column(&all, "yr");
        let rows = number.iter().zip(&years);
        rows.map(|(i, t)| make(*i, t - 1970.0)).collect()
    };
    let (c3, c4) = (
        made(&|i, t| (i + 3.0 * t) % 11.0),
        made(&|i, t| (2.0 * i + t) % 13.0),
    );
    let (lat, lon) = (
        made(&|i, _| 25.0 + (7.0 * i) % 24.0),
        made(&|i, _| -122.0 + (11.0 * i) % 53.0),
    );
    let mut all = all;
    for (name, values) in [("c3", c3), ("c4", c4), ("lat", lat), ("lon", lon)] {
        all = with_column(&all, name, values);
    }
    let dropped = column(&table("reference/munnell/dropped_rows.csv"), "row");
    let keep: Vec<usize> = (0..all.num_rows())
        .filter(|r| !dropped.contains(&(*r as f64)))
        .collect();
    let gaps = rows(&all, &keep);
    [("balanced", all), ("unbalanced", gaps)]
}

fn formula(case: &str) -> String {
    let base = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp";
    let (case, _) = case.split_once("-weights").unwrap_or((case, ""));
    match case {
        "within1" => format!("{base} | state"),
        "within-time" => format!("{base} | yr"),
        "within3" => format!("{base} | state + yr + c3"),
        "within2" | "lsdv" => format!("{base} | state + yr"),
        "random-length" => format!("{base} + len"),
        "random-years" => format!("{base} + i(yr)"),
        _ => base.to_owned(),
    }
}

/// Compares every row of a reference file; the tolerances are those of the reference's own algorithm.
fn compare(file: &str, estimates: f64, errors: f64) {
    let text = std::fs::read_to_string(path(file)).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let samples = samples();
    let (mut compared, mut repaired) = (0, 0);
    for row in reference["rows"].as_array().unwrap() {
        let get = |name: &str| row[name].as_str().unwrap();
        let batch = &samples.iter().find(|(n, _)| *n == get("sample")).unwrap().1;
        let (case, vcov) = (get("case"), get("vcov"));
        let mut formula = formula(case);
        if case == "first-difference" && get("convention") == "linearmodels" {
            formula = formula.replace("~ ", "~ 0 + ");
        }
        let mut options = format!(
            "panel=state,yr model={} vcov={vcov} convention={}",
            get("model"),
            get("convention")
        );
        if case.ends_with("-weights") {
            options.push_str(" weights=hwy");
        }
        let fit = fit_one(batch, &formula, &options);
        let what = format!(
            "{file} {} {case} {vcov} {}",
            get("sample"),
            get("convention")
        );
        if fit
            .notes
            .iter()
            .any(|n| n.text.contains("not positive semidefinite"))
        {
            // plm leaves negative eigenvalues in place, and others replace them by a small positive number.
            let own = case.starts_with("random-") && vcov == "cluster:state+yr";
            assert!(own || file.contains("fereg"), "{what}");
            repaired += 1;
            continue;
        }
        // lme4 searches the likelihood numerically, to about the root of the precision of its value.
        let searched = case == "random-ml";
        let loose = if searched { 1e-6 } else { 0.0 };
        for (term, value) in row["coefficients"].as_object().unwrap() {
            let got = fit
                .coefficient(term)
                .unwrap_or_else(|| panic!("{what}: no {term}"));
            let expected = value.as_f64().unwrap();
            if searched {
                let distance = (got.estimate - expected).abs() / got.std_error;
                assert!(
                    distance < 1e-6,
                    "{what} {term}: {distance:.1e} standard errors"
                );
            } else {
                close(got.estimate, expected, estimates, &format!("{what} {term}"));
            }
            let mut expected = row["std_errors"][term].as_f64().unwrap();
            if case == "first-difference" && vcov == "hc1" && file.contains("plm") {
                // plm 2.6.2 counts the 816 rows instead of the 768 differences in the n - k of this estimator.
                expected *= (811.0f64 / 763.0).sqrt();
            }
            close(
                got.std_error,
                expected,
                errors.max(loose),
                &format!("{what} se {term}"),
            );
            if let Some(p) = row.get("p_values").and_then(|p| p[term].as_f64()) {
                assert!(
                    (got.p_value - p).abs() < 1e-7 * p + 1e-14,
                    "{what} p {term}: {} and {p}",
                    got.p_value
                );
            }
            compared += 1;
        }
        for (name, value) in row["extra"].as_object().unwrap() {
            let Some(expected) = value.as_f64() else {
                continue;
            };
            let components = fit.variance_components.as_ref();
            let got = match name.as_str() {
                "nobs" => fit.nobs as f64,
                "rss" => fit.rss,
                "df_residual" => fit.df_residual,
                "loglik" => fit.loglik.unwrap(),
                "r2" => fit.r2.unwrap(),
                "r2_adjusted" => fit.r2_adjusted.unwrap(),
                "sigma2_e" => components.unwrap().sigma2_e,
                "sigma2_u" => components.unwrap().sigma2_u,
                "theta_low" => components.unwrap().theta[0],
                "theta_high" => components.unwrap().theta[1],
                other => panic!("no field {other}"),
            };
            if name == "loglik" {
                // A search that ends lower has not found the maximum.
                assert!(
                    got >= expected - 1e-9,
                    "{what} log-likelihood {got} below {expected}"
                );
            }
            let bound = if name.starts_with("sigma2") {
                loose
            } else {
                0.0
            };
            close(got, expected, errors.max(bound), &format!("{what} {name}"));
        }
    }
    assert!(
        compared > 100 && repaired < 20,
        "{compared} compared, {repaired} repaired"
    );
}

#[test]
fn plm_and_sandwich() {
    compare("reference/plm/munnell.json", 1e-9, 1e-8);
}

#[test]
fn linearmodels() {
    compare("reference/linearmodels/munnell.json", 1e-9, 1e-8);
}

#[test]
fn pyfixest() {
    // Its demeaning stops at a tolerance, so that coefficients agree to fewer digits than with direct solutions.
    compare("reference/pyfixest/munnell.json", 1e-8, 1e-8);
}

#[test]
fn covariances_of_plm_sandwich_and_estimatr() {
    compare("reference/plm/covariances.json", 1e-9, 1e-8);
}

#[test]
fn covariances_of_fereg_and_pyfixest() {
    // Both stop demeaning at a tolerance.
    compare("reference/fereg/covariances.json", 1e-8, 1e-8);
}

#[test]
fn covariances_of_linearmodels_and_statsmodels() {
    // statsmodels solves by a pseudo-inverse of columns of very different length.
    compare("reference/linearmodels/covariances.json", 1e-8, 1e-8);
}
