//! One model under several conventions, against plm, pyfixest, fereg and linearmodels and by the formulas of Stata's.

use crate::data::{close, column, fit_one, numbers, path, request, rows, simulated, table};
use panelyst_model::conventions::CONVENTIONS;
use panelyst_model::side_by_side;
use panelyst_model::side_by_side::named;

#[test]
fn the_packages_errors_degrees_of_freedom_and_p_values() {
    let all = table("canonical/munnell.csv");
    let dropped = column(&table("reference/munnell/dropped_rows.csv"), "row");
    let keep: Vec<usize> = (0..all.num_rows())
        .filter(|r| !dropped.contains(&(*r as f64)))
        .collect();
    let gaps = rows(&all, &keep);
    let wanted = named("all").unwrap();
    let mut compared = 0;
    for file in [
        "reference/plm/conventions.csv",
        "reference/pyfixest/conventions.csv",
    ] {
        let text = std::fs::read_to_string(path(file)).unwrap();
        for line in text
            .lines()
            .filter(|l| !l.starts_with('#') && !l.contains("convention,"))
        {
            let cells: Vec<&str> = line.split(',').collect();
            let cells = if file.contains("plm") {
                &cells[..]
            } else {
                &cells[1..]
            };
            let [sample, model, vcov, convention, term, rest @ ..] = cells else {
                panic!("{line}");
            };
            let batch = if *sample == "balanced" { &all } else { &gaps };
            let effects = if *model == "within1" {
                "state"
            } else {
                "state + yr"
            };
            let formula = format!("log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp | {effects}");
            let asked = request(&formula, &format!("panel=state,yr vcov={vcov}"));
            let found = side_by_side(batch, &asked.formulas[0], &asked, &wanted).unwrap();
            assert!(found.refused.is_empty() && found.fits.len() == CONVENTIONS.len());
            let fit = found
                .fits
                .iter()
                .find(|f| f.vcov.convention == *convention)
                .unwrap();
            let c = fit.coefficient(term).unwrap();
            let number = |place: usize| rest[place].parse::<f64>().unwrap();
            close(c.estimate, number(0), 1e-9, line);
            close(c.std_error, number(1), 1e-8, line);
            if !rest[2].is_empty() {
                let df = if *convention == "linearmodels" {
                    fit.df_residual
                } else {
                    fit.df_test.unwrap()
                };
                assert_eq!(df, number(2), "{line}");
            }
            // A relative error of 1e-9 in t is one of t^2 1e-9 in p; and 1 - cdf loses what is below 1e-16.
            let bound = 1e-9 * (1.0 + c.statistic.powi(2)) * number(3) + 1e-14;
            assert!(
                (c.p_value - number(3)).abs() < bound,
                "{line}: {}",
                c.p_value
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 64 + 144);
}

#[test]
fn factors_by_their_formulas_and_the_same_as_one_by_one() {
    let batch = simulated(31, 14, 1.0, 7);
    let formula = "y ~ x1 + x2 + x3 + x4 | id + year";
    let asked = request(formula, "panel=id,year vcov=cluster:id");
    let found = side_by_side(&batch, &asked.formulas[0], &asked, &named("all").unwrap()).unwrap();
    let groups = 31.0 / 30.0;
    let expected = [
        ("fixest", groups * 433.0 / 416.0, Some(18), 30.0),
        ("reghdfe", groups * 433.0 / 416.0, Some(18), 30.0),
        ("xtreg", groups * 433.0 / 416.0, Some(18), 30.0),
        ("areg", groups * 433.0 / 386.0, Some(48), 30.0),
        ("plm", 1.0, None, 386.0),
        ("plm-sss", groups * 433.0 / 430.0, Some(4), 386.0),
        ("linearmodels", 434.0 / 386.0, Some(48), 386.0),
    ];
    assert_eq!(found.fits.len(), expected.len());
    for (fit, (name, factor, parameters, df)) in found.fits.iter().zip(expected) {
        assert_eq!(fit.vcov.convention, name);
        close(fit.vcov.small_sample_factor, factor, 1e-14, name);
        assert_eq!(fit.vcov.parameters, parameters, "{name}");
        assert_eq!(fit.df_test, Some(df), "{name}");
        let options = format!("panel=id,year vcov=cluster:id convention={name}");
        let alone = fit_one(&batch, formula, &options);
        for (a, b) in fit.coefficients.iter().zip(&alone.coefficients) {
            assert_eq!(a.std_error.to_bits(), b.std_error.to_bits(), "{name}");
            assert_eq!(a.p_value.to_bits(), b.p_value.to_bits(), "{name}");
        }
    }
}

#[test]
fn another_sample_is_estimated_again_and_said() {
    // The last unit has one row: some conventions drop it.
    let id: Vec<f64> = (0..25).map(|r| f64::from(r / 4)).collect();
    let wave = |step: f64| {
        (0..25)
            .map(|r| (f64::from(r) * step).sin())
            .collect::<Vec<f64>>()
    };
    let batch = numbers(&[("id", id), ("y", wave(0.9)), ("x", wave(2.3))]);
    let asked = request("y ~ x | id", "vcov=cluster:id");
    let found = side_by_side(&batch, &asked.formulas[0], &asked, &named("all").unwrap()).unwrap();
    for (fit, convention) in found.fits.iter().zip(CONVENTIONS) {
        let drops = convention.drops_singletons;
        assert_eq!(
            fit.sample.used,
            if drops { 24 } else { 25 },
            "{}",
            convention.name
        );
        let options = format!("vcov=cluster:id convention={}", convention.name);
        let alone = fit_one(&batch, "y ~ x | id", &options);
        assert_eq!(
            fit.coefficients[0].std_error,
            alone.coefficients[0].std_error
        );
    }
    let said = |name: &str| {
        let fit = found
            .fits
            .iter()
            .find(|f| f.vcov.convention == name)
            .unwrap();
        fit.notes
            .iter()
            .any(|n| n.kind == "sample" && n.text.contains("estimated again on 25 rows"))
    };
    assert!(said("xtreg") && said("areg") && said("plm") && said("linearmodels"));
    assert!(!said("fixest") && !said("reghdfe"));
    assert_eq!(named("plm, fixest,plm").unwrap().len(), 2);
    assert!(named("fixest,stata").is_err());
}

/// pyfixest 0.60 loses the periods from K where its columns of effects are not in the order of the formula; else its errors are
/// ours under fixest, and those are ours with K = 2 instead of 18.
#[test]
fn pyfixest_counts_periods_as_fixest_does_unless_its_columns_change_places() {
    let fit = fit_one(
        &table("canonical/munnell.csv"),
        "log(gsp) ~ unemp | state + yr",
        "vcov=cluster:state convention=fixest",
    );
    let ours = fit.coefficient("unemp").unwrap();
    let text = std::fs::read_to_string(path("reference/pyfixest/nested-effects.csv")).unwrap();
    let mut counts = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse::<f64>().unwrap();
        let (k, n) = (number(2), fit.nobs as f64);
        close(ours.estimate, number(3), 1e-9, line);
        // The factor is (n - 1) / (n - K), and ours has K = 18: one slope and 17 periods.
        let error = ours.std_error * ((n - 18.0) / (n - k)).sqrt();
        close(error, number(4), 1e-8, line);
        counts.push(cells[2]);
    }
    assert_eq!(counts, ["2", "18", "18", "18"]);
}
