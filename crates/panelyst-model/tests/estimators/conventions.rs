//! Multipliers of each convention on the same raw clustered sandwich.

use crate::data::{close, column, fit_one, numbers, rows, simulated};
use arrow_array::RecordBatch;
use panelyst_model::conventions::{CONVENTIONS, by_name};

const TWO_WAY: &str = "y ~ x1 + x2 + x3 + x4 | id + year";

/// Ratio of a convention's standard error to the sandwich without factors.
fn multiplier(batch: &RecordBatch, formula: &str, vcov: &str, convention: &str) -> f64 {
    let options = |c: &str| format!("panel=id,year vcov={vcov} convention={c}");
    let raw = fit_one(batch, formula, &options("plm"));
    let fit = fit_one(batch, formula, &options(convention));
    let ratio = fit.coefficients[0].std_error / raw.coefficients[0].std_error;
    close(
        ratio * ratio,
        fit.vcov.small_sample_factor,
        1e-12,
        "factor in the result",
    );
    for (a, b) in fit.coefficients.iter().zip(&raw.coefficients) {
        close(
            a.std_error / b.std_error,
            ratio,
            1e-12,
            "one factor for all",
        );
        close(a.estimate, b.estimate, 0.0, "same estimates");
    }
    ratio
}

fn squared(g: f64, numerator: f64, denominator: f64) -> f64 {
    (g / (g - 1.0) * numerator / denominator).sqrt()
}

#[test]
fn thirty_one_by_fourteen() {
    let batch = simulated(31, 14, 1.0, 7);
    assert_eq!(batch.num_rows(), 434);
    let expected = [
        ("fixest", squared(31.0, 433.0, 416.0)),
        ("reghdfe", squared(31.0, 433.0, 416.0)),
        ("xtreg", squared(31.0, 433.0, 416.0)),
        ("areg", squared(31.0, 433.0, 386.0)),
        ("linearmodels", (434.0f64 / 386.0).sqrt()),
        ("plm", 1.0),
        ("plm-sss", squared(31.0, 433.0, 430.0)),
    ];
    assert_eq!(expected.len(), CONVENTIONS.len());
    for (convention, value) in expected {
        close(
            multiplier(&batch, TWO_WAY, "cluster:id", convention),
            value,
            1e-12,
            convention,
        );
    }
    close(squared(31.0, 433.0, 416.0), 1.0371, 5e-5, "as printed");
}

#[test]
fn test_distributions() {
    let batch = simulated(31, 14, 1.0, 7);
    let df = |model: &str, vcov: &str, convention: &str| {
        let formula = if model == "within" {
            TWO_WAY
        } else {
            "y ~ x1 + x2 + x3 + x4"
        };
        let options = format!("panel=id,year model={model} vcov={vcov} convention={convention}");
        fit_one(&batch, formula, &options).df_test
    };
    for convention in ["fixest", "reghdfe", "xtreg", "areg"] {
        assert_eq!(
            df("within", "cluster:id", convention),
            Some(30.0),
            "{convention}"
        );
        assert_eq!(df("within", "iid", convention), Some(386.0), "{convention}");
        assert_eq!(
            df("within", "cluster:id+year", convention),
            Some(13.0),
            "{convention}"
        );
    }
    for convention in ["plm", "plm-sss", "linearmodels"] {
        assert_eq!(
            df("within", "cluster:id", convention),
            Some(386.0),
            "{convention}"
        );
    }
    for c in CONVENTIONS {
        let expected = if c.name == "linearmodels" {
            Some(429.0)
        } else {
            None
        };
        assert_eq!(df("random", "iid", c.name), expected, "{}", c.name);
    }
}

#[test]
fn iid_and_hc1() {
    let batch = simulated(31, 14, 1.0, 7);
    for c in CONVENTIONS {
        let options = |vcov: &str| format!("panel=id,year vcov={vcov} convention={}", c.name);
        let iid = fit_one(&batch, TWO_WAY, &options("iid"));
        assert_eq!(iid.df_residual, 386.0, "{}", c.name);
        close(iid.vcov.small_sample_factor, 434.0 / 386.0, 1e-14, c.name);
        let robust = fit_one(&batch, TWO_WAY, &options("hc1"));
        let (kind, factor) = match c.name {
            "xtreg" => ("cluster:id", squared(31.0, 433.0, 416.0).powi(2)),
            "plm" | "plm-sss" => ("hc1", 434.0 / 430.0),
            _ => ("hc1", 434.0 / 386.0),
        };
        assert_eq!(robust.vcov.kind, kind, "{}", c.name);
        close(robust.vcov.small_sample_factor, factor, 1e-14, c.name);
        let pooled = fit_one(&batch, "y ~ x1 + x2", &options("hc1"));
        assert_eq!(pooled.vcov.kind, "hc1", "{}", c.name);
        close(
            pooled.vcov.small_sample_factor,
            434.0 / 431.0,
            1e-14,
            c.name,
        );
    }
}

#[test]
fn unbalanced_and_other_clusters() {
    let batch = simulated(40, 9, 0.7, 11);
    let n = batch.num_rows() as f64;
    let ids = 40.0;
    // Clusters of units: the unit is nested, the year is not.
    for (cluster, groups) in [("id", ids), ("region", 5.0)] {
        let vcov = format!("cluster:{cluster}");
        for convention in ["fixest", "reghdfe", "xtreg"] {
            let got = multiplier(&batch, TWO_WAY, &vcov, convention);
            close(
                got,
                squared(groups, n - 1.0, n - 4.0 - 9.0),
                1e-12,
                convention,
            );
        }
        let got = multiplier(&batch, TWO_WAY, &vcov, "areg");
        close(got, squared(groups, n - 1.0, n - 4.0 - 48.0), 1e-12, "areg");
    }
    // Clusters of years: the year is nested, the unit is not.
    for convention in ["fixest", "reghdfe"] {
        let got = multiplier(&batch, TWO_WAY, "cluster:year", convention);
        close(
            got,
            squared(9.0, n - 1.0, n - 4.0 - 40.0),
            1e-12,
            convention,
        );
    }
    let got = multiplier(&batch, TWO_WAY, "cluster:year", "xtreg");
    close(got, squared(9.0, n - 1.0, n - 4.0 - 48.0), 1e-12, "xtreg");
    // One nested effect alone.
    let one = "y ~ x1 + x2 + x3 + x4 | id";
    for (convention, k) in [
        ("fixest", 5.0),
        ("reghdfe", 5.0),
        ("xtreg", 5.0),
        ("areg", 44.0),
    ] {
        let got = multiplier(&batch, one, "cluster:id", convention);
        close(got, squared(ids, n - 1.0, n - k), 1e-12, convention);
    }
    let got = multiplier(&batch, one, "cluster:id", "linearmodels");
    close(got, (n / (n - 4.0)).sqrt(), 1e-12, "linearmodels");
    // Two-way: the smaller number of clusters.
    let got = multiplier(&batch, TWO_WAY, "cluster:id+year", "areg");
    close(got, squared(9.0, n - 1.0, n - 52.0), 1e-12, "two-way");
    // Both effects are nested in one of the clusters: one parameter is left for the constant.
    for convention in ["fixest", "reghdfe"] {
        let got = multiplier(&batch, TWO_WAY, "cluster:id+year", convention);
        close(got, squared(9.0, n - 1.0, n - 5.0), 1e-12, convention);
    }
}

#[test]
fn disconnected_effects() {
    // Units of even and odd number live in different years: two components, so one more dummy is redundant.
    let all = simulated(20, 8, 1.0, 3);
    let (id, year) = (column(&all, "id"), column(&all, "year"));
    let keep: Vec<usize> = (0..all.num_rows())
        .filter(|&r| (id[r] % 2.0 == 0.0) == (year[r] < 2004.0))
        .collect();
    let batch = rows(&all, &keep);
    let fit = |convention: &str| fit_one(&batch, TWO_WAY, &format!("convention={convention}"));
    let n = batch.num_rows() as f64;
    assert_eq!(fit("reghdfe").df_residual, n - 4.0 - 26.0);
    assert_eq!(fit("areg").df_residual, n - 4.0 - 26.0);
    assert_eq!(fit("fixest").df_residual, n - 4.0 - 27.0);
}

#[test]
fn singletons_by_convention() {
    let mut id: Vec<f64> = (0..20).map(|i| f64::from(i / 2)).collect();
    // Unit 100 has one row; once it is gone the last row is alone in its year.
    id.extend([100.0, 0.0]);
    let mut year: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
    year.extend([7.0, 7.0]);
    let mut random = crate::data::Random(5);
    let mut draw = || -> Vec<f64> { (0..22).map(|_| random.normal()).collect() };
    let (x, y) = (draw(), draw());
    let batch = numbers(&[("id", id), ("year", year), ("x", x), ("y", y)]);
    for c in CONVENTIONS {
        let fit = fit_one(
            &batch,
            "y ~ x | id + year",
            &format!("convention={}", c.name),
        );
        let kept = by_name(c.name).unwrap().drops_singletons;
        assert_eq!(fit.nobs, if kept { 20 } else { 22 }, "{}", c.name);
        assert_eq!(fit.notes.iter().any(|n| n.kind == "singletons"), kept);
        assert_eq!(fit.sample.used, fit.nobs);
        let dropped: usize = fit.sample.dropped.iter().map(|d| d.count).sum();
        assert_eq!(dropped + fit.sample.used, fit.sample.rows);
    }
    assert!(
        by_name("stata")
            .unwrap_err()
            .to_string()
            .contains("fixest, reghdfe")
    );
}
