//! The reference study beside linearmodels, where its data are present in a folder beside the checkout.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use panelyst_study::{Options, Overrides, run};
use serde_json::Value;

mod studies;

use studies::{number, root};

/// The results of the study, or nothing where the data are not at hand.
fn results() -> Option<Value> {
    let data = root().join("../shared/data");
    if !data.join("china_province_panel.csv").is_file() {
        eprintln!("skipped: no folder shared/data beside the checkout");
        return None;
    }
    let out = tempfile::tempdir().unwrap();
    let options = Options {
        out: Some(out.path().to_path_buf()),
        overrides: Overrides {
            data: Some(data),
            ..Overrides::default()
        },
        ..Options::default()
    };
    let study = root().join("examples/china-hightech/study.toml");
    run(&study, &options, &mut |_, _, _| {}).unwrap();
    let text = std::fs::read_to_string(out.path().join("results.json")).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn reference() -> Value {
    let path = root().join("tests/reference/linearmodels/china_study.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn table<'a>(results: &'a Value, kind: &str, nth: usize) -> &'a Value {
    let tables = results["tables"].as_array().unwrap();
    &tables
        .iter()
        .filter(|t| t["kind"] == kind)
        .nth(nth)
        .unwrap()["results"]
}

/// Estimates agree to 1e-8 relative (two least-squares solvers on columns whose condition number is about 1e3), errors
/// too after linearmodels' factor is taken off and ours put on.
fn compare(fit: &Value, expected: &Value, factor: Option<f64>) {
    for (term, value) in expected["params"].as_object().unwrap() {
        let name = if term == "const" { "_cons" } else { term };
        let ours = fit["coefficients"].as_array().unwrap();
        let ours = ours.iter().find(|c| c["term"] == name).unwrap();
        let (estimate, reference) = (number(&ours["estimate"]), number(value));
        assert!(
            (estimate - reference).abs() <= 1e-8 * reference.abs().max(1e-3),
            "{name}: {estimate} and {reference}"
        );
        let theirs = number(&expected["std_errors"][term]) * factor.unwrap_or(1.0);
        let error = number(&ours["std_error"]);
        assert!(
            (error - theirs).abs() <= 1e-7 * theirs,
            "{name}: error {error} and {theirs}"
        );
    }
    assert_eq!(fit["nobs"], expected["nobs"]);
}

/// From linearmodels' n / (n - k - N - T + 1) to the factor that the fit reports.
fn to_ours(fit: &Value, units: f64) -> Option<f64> {
    let n = number(&fit["nobs"]);
    let theirs = n / (n - 4.0 - units - 7.0 + 1.0);
    Some((number(&fit["vcov"]["small_sample_factor"]) / theirs).sqrt())
}

#[test]
fn baseline_robustness_and_regions_agree_with_linearmodels() {
    let Some(results) = results() else { return };
    let expected = reference();
    let baseline = table(&results, "baseline", 0);
    compare(&baseline[0], &expected["pooled_core"], None);
    compare(&baseline[1], &expected["pooled_full"], None);
    compare(
        &baseline[2],
        &expected["two_way"],
        to_ours(&baseline[2], 31.0),
    );
    let replaced = table(&results, "robustness", 0);
    compare(
        &replaced[2],
        &expected["two_way_rd"],
        to_ours(&replaced[2], 31.0),
    );
    let regions = &table(&results, "heterogeneity", 0)["groups"];
    let sizes = [
        ("east", 10.0),
        ("central", 6.0),
        ("west", 12.0),
        ("northeast", 3.0),
    ];
    for (place, (region, units)) in sizes.into_iter().enumerate() {
        assert_eq!(regions[place]["group"], region);
        let fit = &regions[place]["fit"];
        compare(
            fit,
            &expected[format!("two_way_{region}")],
            to_ours(fit, units),
        );
    }
}

#[test]
fn hausman_agrees_with_linearmodels() {
    let Some(results) = results() else { return };
    let expected = number(&reference()["hausman"]["statistic"]);
    let tests = table(&results, "choice", 0).as_array().unwrap();
    let classic = tests
        .iter()
        .find(|t| t["test"] == "hausman" && t["variant"] == "classic")
        .unwrap();
    // The difference of two covariances loses digits: its smallest eigenvalue is 2000 times below the largest.
    let statistic = number(&classic["statistic"]);
    assert!(
        (statistic - expected).abs() <= 1e-6 * expected,
        "{statistic} and {expected}"
    );
    assert_eq!(number(&classic["df"][0]), 4.0);
}

#[test]
fn filled_openness_is_told() {
    let Some(results) = results() else { return };
    let notes = results["notes"].to_string();
    assert!(notes.contains("31 cells of trade_100m_yuan"), "{notes}");
}
