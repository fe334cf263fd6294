//! Instrumental variables against linearmodels with explicit dummies, and against identities.

use crate::data::{close, column, error, fit_one, path, table, with_column};
use arrow_array::RecordBatch;
use panelyst_model::Fit;

fn munnell() -> RecordBatch {
    let all = table("canonical/munnell.csv");
    let weights = column(&all, "unemp").into_iter().map(|u| 1.0 + u / 10.0);
    with_column(&all, "w", weights.collect())
}

/// The quantity of a reference row in a fit.
fn quantity(fit: &Fit, name: &str, term: &str) -> f64 {
    let parts = fit.instruments.as_ref().unwrap();
    match name {
        "estimate" => fit.coefficient(term).unwrap().estimate,
        "std_error" => fit.coefficient(term).unwrap().std_error,
        "kappa" => parts.kappa,
        "partial_r2" => {
            let stage = fit.first_stages.iter().find(|s| s.endogenous == term);
            stage.unwrap().partial_r2
        }
        test => parts.test(test).unwrap().statistic.unwrap(),
    }
}

#[test]
fn linearmodels_with_dummies() {
    let data = munnell();
    let text = std::fs::read_to_string(path("reference/linearmodels/instruments.csv")).unwrap();
    let mut last: Option<(String, Fit)> = None;
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [case, formula, options, name, term, value] = cells[..] else {
            panic!("{line}");
        };
        let key = format!("{formula} {options}");
        if last.as_ref().is_none_or(|(known, _)| *known != key) {
            last = Some((key, fit_one(&data, formula, options)));
        }
        let fit = &last.as_ref().unwrap().1;
        // The reference's pseudo-inverses of up to 68 columns of dummies and instruments keep seven to nine digits.
        let relative = 1e-7;
        let what = format!("{case} {options} {name} {term}");
        close(
            quantity(fit, name, term),
            value.parse().unwrap(),
            relative,
            &what,
        );
        compared += 1;
    }
    assert!(compared > 150, "{compared} rows compared");
}

#[test]
fn one_endogenous_regressor_has_one_measure_of_strength() {
    let data = munnell();
    let formula = "log(gsp) ~ log(emp) | state + yr | log(p_cap) ~ log(hwy) + log(water)";
    for vcov in ["iid", "hc1", "cluster:state"] {
        let fit = fit_one(&data, formula, &format!("vcov={vcov}"));
        let parts = fit.instruments.as_ref().unwrap();
        let value = |name: &str| parts.test(name).unwrap().statistic.unwrap();
        let stage = &fit.first_stages[0];
        close(
            value("kleibergen-paap-f"),
            stage.f.statistic.unwrap(),
            1e-10,
            "Kleibergen-Paap F is the first-stage F",
        );
        close(
            value("cragg-donald-f"),
            stage.f_iid.statistic.unwrap(),
            1e-10,
            "Cragg-Donald F is the iid first-stage F",
        );
        if vcov == "iid" {
            close(
                value("effective-f"),
                value("cragg-donald-f"),
                1e-10,
                "effective F",
            );
            // Anderson's canonical correlation is the partial R squared here.
            close(
                value("kleibergen-paap-lm"),
                fit.nobs as f64 * stage.partial_r2,
                1e-10,
                "LM",
            );
        }
        // The first stage is the regression of the endogenous regressor.
        let direct = fit_one(
            &data,
            "log(p_cap) ~ log(emp) + log(hwy) + log(water) | state + yr",
            &format!("vcov={vcov}"),
        );
        for (ours, theirs) in stage.coefficients.iter().zip(&direct.coefficients) {
            assert_eq!(ours.term, theirs.term);
            close(ours.estimate, theirs.estimate, 1e-10, &ours.term);
            close(ours.std_error, theirs.std_error, 1e-9, &ours.term);
        }
    }
}

/// Ten on the effective F, or with several endogenous regressors on that of Kleibergen and Paap, divides weak from strong.
#[test]
fn weak_instruments_are_told() {
    let data = munnell();
    let told = |formula: &str| {
        let fit = fit_one(&data, formula, "vcov=cluster:state");
        let parts = fit.instruments.as_ref().unwrap();
        let name = if parts.endogenous.len() > 1 {
            "kleibergen-paap-f"
        } else {
            "effective-f"
        };
        let value = parts.test(name).unwrap().statistic.unwrap();
        let note = fit
            .notes
            .iter()
            .find(|note| note.kind == "weak-instruments");
        if let Some(note) = note {
            assert_eq!(note.about[1], format!("{value:.2}"));
            assert!(note.text.contains("Anderson-Rubin"), "{}", note.text);
        }
        (value, note.is_some())
    };
    let (strong, noted) =
        told("log(gsp) ~ log(emp) | state + yr | log(p_cap) ~ log(hwy) + log(water)");
    assert!(strong > 10.0 && !noted, "{strong}");
    let (weak, noted) = told("log(gsp) ~ log(emp) | state + yr | log(pc) ~ unemp");
    assert!(weak < 10.0 && noted, "{weak}");
    let (weak, noted) =
        told("log(gsp) ~ log(emp) | state + yr | log(p_cap) + log(pc) ~ unemp + log(water)");
    assert!(weak < 10.0 && noted, "{weak}");
}

#[test]
fn ends_of_the_anderson_rubin_set_are_on_the_bound() {
    let data = munnell();
    for (vcov, instruments) in [
        ("iid", "log(hwy) + log(water)"),
        ("cluster:state", "log(hwy)"),
        ("hc1", "log(hwy) + log(water) + log(util)"),
    ] {
        let formula = format!("log(gsp) ~ unemp | state + yr | log(pc) ~ {instruments}");
        let options = format!("vcov={vcov}");
        let fit = fit_one(&data, &formula, &options);
        let set = fit.instruments.unwrap().confidence_set.unwrap();
        let ends: Vec<f64> = set.intervals.iter().flatten().flatten().copied().collect();
        assert!(!ends.is_empty(), "{vcov}: {set:?}");
        for end in ends {
            let pairs = column(&data, "gsp").into_iter().zip(column(&data, "pc"));
            let moved = pairs.map(|(y, d)| (y.ln() - end * d.ln()).exp()).collect();
            let shifted = with_column(&data, "shifted", moved);
            let formula = formula.replace("log(gsp)", "log(shifted)");
            let test = fit_one(&shifted, &formula, &options).instruments.unwrap();
            let p = test.test("anderson-rubin").unwrap().p_value.unwrap();
            assert!((p - 0.05).abs() < 1e-7, "{vcov}: p is {p} at {end}");
        }
    }
}

#[test]
fn exactly_identified_liml_is_two_stage() {
    let data = munnell();
    let formula = "log(gsp) ~ log(emp) | state | log(p_cap) ~ log(hwy)";
    let one = fit_one(&data, formula, "vcov=hc1");
    let two = fit_one(&data, formula, "vcov=hc1 model=liml");
    assert_eq!(one.model, "2sls");
    assert_eq!(two.model, "liml");
    for (a, b) in one.coefficients.iter().zip(&two.coefficients) {
        close(a.estimate, b.estimate, 1e-9, &a.term);
        close(a.std_error, b.std_error, 1e-9, &a.term);
    }
}

#[test]
fn what_cannot_be_identified_is_an_error_with_counts() {
    let data = munnell();
    let message = |formula: &str, options: &str| error(&data, formula, options).to_string();
    assert_eq!(
        message(
            "log(gsp) ~ unemp | state | log(pc) + log(emp) ~ log(hwy)",
            ""
        ),
        "the equation is not identified: 2 endogenous regressors (log(pc), log(emp)) and 1 excluded instrument (log(hwy))"
    );
    let text = message(
        "log(gsp) ~ unemp | state | log(pc) + log(emp) ~ log(hwy) + I(2*log(hwy))",
        "",
    );
    assert!(text.contains("1 excluded instrument (log(hwy))"), "{text}");
    assert!(text.contains("dropped: I(2*log(hwy)) because"), "{text}");
    let text = message(
        "log(gsp) ~ unemp | state | log(pc) ~ log(hwy)",
        "model=within",
    );
    assert!(text.contains("2sls or liml"), "{text}");
    let text = message("log(gsp) ~ unemp", "model=liml");
    assert!(text.contains("endogenous ~ instruments"), "{text}");
    // An endogenous regressor that the exogenous ones explain is dropped with a note.
    let fit = fit_one(
        &data,
        "log(gsp) ~ unemp | state | log(pc) + I(3*unemp) ~ log(hwy) + log(water)",
        "",
    );
    assert!(fit.coefficient("I(3*unemp)").is_none());
    assert!(fit.notes.iter().any(|n| {
        n.text
            .contains("endogenous regressor I(3*unemp) was dropped")
    }));
}

#[test]
fn second_implementation_of_rank_tests_and_sets() {
    let data = munnell();
    let text = std::fs::read_to_string(path("reference/numpy/instruments.csv")).unwrap();
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [formula, options, name, term, value] = cells[..] else {
            panic!("{line}");
        };
        let fit = fit_one(&data, formula, options);
        if name == "estimate" {
            let got = fit.coefficient(term).unwrap().estimate;
            close(got, value.parse().unwrap(), 1e-9, line);
            compared += 1;
            continue;
        }
        let parts = fit.instruments.unwrap();
        let got = match name {
            "set-low" | "set-high" => {
                let set = parts.confidence_set.unwrap();
                assert_eq!(set.shape, "interval", "{line}");
                set.intervals[0][usize::from(name == "set-high")].unwrap()
            }
            test => parts.test(test).unwrap().statistic.unwrap(),
        };
        // The reference squares condition numbers in its cross-products of dummies and instruments.
        close(got, value.parse().unwrap(), 1e-7, line);
        compared += 1;
    }
    assert!(compared > 50, "{compared} rows compared");
}
