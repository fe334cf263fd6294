#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::Float64Array;

use super::*;
use crate::Error;
use crate::canonical::{
    batch, close, expressions, formula, munnell, number_column, panel, records, request,
    text_column,
};
use crate::design::design;
use crate::results::Correlations;

#[test]
fn quantiles_average_at_the_jumps_of_the_distribution() {
    let numbers = [1.0, 2.0, 4.0, 8.0];
    // p n whole: mean of that rank and the next.
    assert_eq!(quantile(&numbers, 0.25), Some(1.5));
    assert_eq!(quantile(&numbers, 0.5), Some(3.0));
    assert_eq!(quantile(&numbers, 0.75), Some(6.0));
    // Not whole: the rank above.
    assert_eq!(quantile(&numbers[..3], 0.25), Some(1.0));
    assert_eq!(quantile(&numbers[..3], 0.5), Some(2.0));
    assert_eq!(quantile(&numbers[..3], 0.75), Some(4.0));
    // The product 0.07 * 100 is not 7 to the last digit; rank 7 counts.
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    assert_eq!(quantile(&hundred, 0.07), Some(7.5));
    assert_eq!(quantile(&[3.0], 0.99), Some(3.0));
    assert_eq!(quantile(&[], 0.5), None);
}

#[test]
fn spread_between_and_within_of_hand_numbers() {
    // Units a: 1, 3; b: 5, 7, 9; unit means 2 and 7, overall mean 5.
    let data = batch(vec![
        ("u", text_column(&["a", "a", "b", "b", "b"])),
        ("t", number_column(&[1.0, 2.0, 1.0, 2.0, 3.0])),
        ("x", number_column(&[1.0, 3.0, 5.0, 7.0, 9.0])),
    ]);
    let found = summarise(&data, &expressions(&["x"]), Some(&panel("u", "t")), None).unwrap();
    let x = &found[0];
    assert_eq!((x.obs, x.mean, x.units), (5, 5.0, Some(2)));
    // Squares about 5: 16 + 4 + 0 + 4 + 16 = 40, over 4.
    close(x.sd, 10f64.sqrt(), 1e-15, "sd");
    // Means 2 and 7 about 4.5, over 1.
    close(x.between.unwrap(), 12.5f64.sqrt(), 1e-15, "between");
    // Deviations -1, 1, -2, 0, 2: squares 10, over 4.
    close(x.within.unwrap(), 2.5f64.sqrt(), 1e-15, "within");
    assert_eq!(
        (x.min, x.p25, x.median, x.p75, x.max),
        (1.0, 3.0, 5.0, 7.0, 9.0)
    );
}

#[test]
fn description_of_some_rows_and_of_missing_values() {
    let x = Float64Array::from(vec![Some(1.0), None, Some(5.0), Some(0.0)]);
    let data = batch(vec![
        ("u", text_column(&["a", "a", "b", "b"])),
        ("t", number_column(&[1.0, 2.0, 1.0, 2.0])),
        ("x", Arc::new(x)),
    ]);
    let all = summarise(&data, &expressions(&["x", "`x`*2"]), None, None).unwrap();
    assert_eq!(all[0].obs, 3);
    assert_eq!(all[0].variable, "x");
    assert_eq!(all[1].max, 10.0);
    let some = summarise(&data, &expressions(&["x"]), None, Some(&[1, 2])).unwrap();
    assert_eq!((some[0].obs, some[0].mean), (1, 5.0));
    assert!(some[0].sd.is_nan(), "one value has no spread");
    let none = summarise(
        &data,
        &expressions(&["x"]),
        Some(&panel("u", "t")),
        Some(&[1]),
    )
    .unwrap();
    assert_eq!(
        (none[0].obs, none[0].units, none[0].between),
        (0, Some(0), None)
    );
    assert!(none[0].mean.is_nan());
    // A logarithm of zero counts only in a described row.
    let log = expressions(&["log(x)"]);
    let error = summarise(&data, &log, None, None).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NoValue {
                row: 4,
                count: 1,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        summarise(&data, &log, None, Some(&[0, 2])).unwrap()[0].obs,
        2
    );
    // A lag needs the panel, and takes its rows from the whole data.
    let lag = expressions(&["l(x, 1)"]);
    assert!(matches!(
        summarise(&data, &lag, None, None),
        Err(Error::Language { .. })
    ));
    let lagged = summarise(&data, &lag, Some(&panel("u", "t")), Some(&[3])).unwrap();
    assert_eq!((lagged[0].obs, lagged[0].mean), (1, 5.0));
    let unknown = summarise(&data, &expressions(&["x"]), Some(&panel("unit", "t")), None);
    assert!(matches!(
        unknown,
        Err(Error::UnknownColumn { role: "unit", .. })
    ));
}

#[test]
fn a_large_mean_takes_no_digits_from_the_spread() {
    let values: Vec<f64> = (0..1000).map(|i| 1e12 + f64::from(i % 10)).collect();
    let data = batch(vec![("x", number_column(&values))]);
    let found = summarise(&data, &expressions(&["x"]), None, None).unwrap();
    // Squares about 4.5: 100 times 82.5, over 999.
    close(found[0].sd, (8250.0f64 / 999.0).sqrt(), 1e-12, "sd");
}

#[test]
fn numbers_of_statsmodels_and_scipy() {
    let data = munnell();
    let terms = ["gsp", "log(p_cap)", "log(pc)", "log(emp)", "unemp"];
    let found = correlations(&data, &expressions(&terms), None).unwrap();
    let summaries = summarise(
        &data,
        &expressions(&["gsp", "unemp"]),
        Some(&panel("state", "yr")),
        None,
    )
    .unwrap();
    let vif = variance_inflation(
        &data,
        &formula("log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp | state + yr"),
        &request("state", "yr"),
    )
    .unwrap();
    for record in records("reference/statsmodels/description.csv") {
        let [kind, variable, other, value, p] = &record[..] else {
            panic!("{record:?}");
        };
        let expected: f64 = value.parse().unwrap();
        let what = format!("{kind} {variable} {other}");
        let inflation = || vif.iter().find(|v| v.variable == *variable).unwrap();
        let summary = || summaries.iter().find(|s| s.variable == *variable).unwrap();
        let value = match kind.as_str() {
            "correlation" => {
                let (r, p_value) = pair(&found, variable, other);
                // scipy gives an exact zero where the tail is below what it can hold; ours is smaller than 1e-300.
                let expected_p: f64 = p.parse().unwrap();
                if expected_p == 0.0 {
                    assert!(p_value < 1e-300, "{what}: {p_value:e}");
                } else {
                    // A relative change of r of 1e-15 is one of p of about n r^2/(1-r^2) times that.
                    close(p_value, expected_p, 1e-10, &what);
                }
                r
            }
            "vif-levels" => inflation().levels,
            "vif-within" => inflation().within.unwrap(),
            "sd" => summary().sd,
            "mean" => summary().mean,
            "between" => summary().between.unwrap(),
            "within" => summary().within.unwrap(),
            other => panic!("{other}"),
        };
        close(value, expected, 1e-11, &what);
    }
}

fn pair(c: &Correlations, a: &str, b: &str) -> (f64, f64) {
    let at = |name: &str| c.variables.iter().position(|v| v == name).unwrap();
    let place = at(a) * c.variables.len() + at(b);
    (c.r[place], c.p_value[place])
}

#[test]
fn correlations_use_complete_rows_and_know_no_constant() {
    let y = Float64Array::from(vec![Some(2.0), Some(4.0), Some(6.0), None]);
    let data = batch(vec![
        ("x", number_column(&[1.0, 2.0, 3.0, 100.0])),
        ("y", Arc::new(y)),
        ("c", number_column(&[0.1, 0.1, 0.1, 0.1])),
    ]);
    let found = correlations(&data, &expressions(&["x", "y", "c"]), None).unwrap();
    assert_eq!(found.nobs, 3);
    let (r, p) = pair(&found, "x", "y");
    assert_eq!(r, 1.0);
    assert!(p < 1e-12, "{p:e}");
    assert!(pair(&found, "x", "c").0.is_nan());
    assert!(pair(&found, "c", "c").0.is_nan());
}

#[test]
fn inflation_of_collinear_and_absorbed_regressors() {
    let data = munnell();
    let asked = request("state", "yr");
    let levels =
        variance_inflation(&data, &formula("gsp ~ pc + emp + I(pc + emp)"), &asked).unwrap();
    assert!(
        levels
            .iter()
            .all(|v| v.levels.is_infinite() && v.within.is_none())
    );
    let within =
        variance_inflation(&data, &formula("gsp ~ pc + emp + I(yr * 2) | yr"), &asked).unwrap();
    assert_eq!(within[2].within, None, "absorbed by the effects");
    assert!(within[0].within.unwrap() > 1.0);
    // One regressor is inflated by nothing.
    let one = design(&data, &formula("gsp ~ pc"), &asked).unwrap();
    close(
        inflation::inflation(&one).unwrap()[0].levels,
        1.0,
        1e-15,
        "one",
    );
}
