//! Added-variable plots against two regressions of their own, and coefficients without each cluster against refits.

use crate::data::{fit_one, request, table};
use arrow_array::{Array, RecordBatch, StringArray};
use panelyst_lang::{parse_expression, parse_formula};
use panelyst_model::{ConstantRule, Estimated, fit};

const OTHERS: &str = "log(pc) + log(emp) + unemp";

fn kept(batch: &RecordBatch, effects: &str, weights: Option<&str>) -> (Estimated, String) {
    let text = format!("log(gsp) ~ log(p_cap) + {OTHERS}{effects}");
    let mut asked = request(&text, "");
    asked.constant = ConstantRule::None;
    asked.weights = weights.map(str::to_owned);
    let formula = parse_formula(&text).unwrap();
    (Estimated::new(batch, &formula[0], &asked).unwrap(), text)
}

#[test]
fn both_sides_are_the_residuals_of_regressions_on_all_else() {
    let batch = table("canonical/munnell.csv");
    for effects in ["", " | state", " | state + yr"] {
        let (estimated, text) = kept(&batch, effects, None);
        let plot = estimated.added_variable("log(p_cap)").unwrap();
        let own = fit_one(&batch, &text, "");
        let own = own.coefficient("log(p_cap)").unwrap().estimate;
        let left = |outcome: &str| {
            let fit = fit_one(&batch, &format!("{outcome} ~ {OTHERS}{effects}"), "");
            fit.residuals.to_vec()
        };
        let (x, y) = (left("log(p_cap)"), left("log(gsp)"));
        assert_eq!(plot.x.len(), 816);
        // Two bases of the same space: digits are lost to the conditioning of the regressors, not to the method.
        for (one, other) in plot.x.iter().zip(&x).chain(plot.y.iter().zip(&y)) {
            assert!((one - other).abs() < 1e-10, "{effects}: {one} {other}");
        }
        let sum = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        for (x, y) in [(&plot.x, &plot.y), (&x, &y)] {
            let slope = sum(x, y) / sum(x, x);
            assert!(
                (slope / own - 1.0).abs() < 1e-10,
                "{effects}: {slope} {own}"
            );
        }
        assert!((plot.slope / own - 1.0).abs() < 1e-12);
    }
}

#[test]
fn with_weights_the_slope_is_that_of_the_weighted_regression() {
    let batch = table("canonical/munnell.csv");
    let (estimated, text) = kept(&batch, " | state + yr", Some("emp"));
    let plot = estimated.added_variable("log(p_cap)").unwrap();
    let fit = fit_one(&batch, &text, "weights=emp");
    let own = fit.coefficient("log(p_cap)").unwrap().estimate;
    let sum = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let slope = sum(&plot.x, &plot.y) / sum(&plot.x, &plot.x);
    assert!((slope / own - 1.0).abs() < 1e-10, "{slope} {own}");
    let unweighted = fit_one(&batch, &text, "");
    let unweighted = unweighted.coefficient("log(p_cap)").unwrap().estimate;
    assert!((slope / unweighted - 1.0).abs() > 1e-3, "weights do count");
}

#[test]
fn coefficients_without_each_unit_are_those_of_refits() {
    let batch = table("canonical/munnell.csv");
    let states = batch.column_by_name("state").unwrap();
    let states = states.as_any().downcast_ref::<StringArray>().unwrap();
    for effects in ["", " | state + yr"] {
        let (estimated, text) = kept(&batch, effects, None);
        let found = estimated.without_each("state", "log(p_cap)").unwrap();
        let found = found.unwrap();
        assert_eq!(found.len(), 48);
        for (state, value) in found.iter().step_by(7) {
            assert!((0..states.len()).any(|row| states.value(row) == state));
            let mut asked = request(&text, "");
            asked.condition = Some(parse_expression(&format!("state != \"{state}\"")).unwrap());
            let refit = fit(&batch, &asked).unwrap().remove(0);
            let own = refit.coefficient("log(p_cap)").unwrap().estimate;
            // As for the jackknife: 1e-9 relative.
            assert!(
                (value.unwrap() / own - 1.0).abs() < 1e-9,
                "{state} {value:?} {own}"
            );
        }
    }
}

#[test]
fn what_has_no_such_plot_gives_none() {
    let batch = table("canonical/munnell.csv");
    let (estimated, _) = kept(&batch, " | state", None);
    assert_eq!(estimated.added_variable("log(hwy)"), None);
    assert_eq!(estimated.without_each("state", "log(hwy)").unwrap(), None);
    assert!(estimated.without_each("county", "log(p_cap)").is_err());
    let text = "gsp ~ log(p_cap) | state";
    let asked = request(text, "model=poisson");
    let formula = parse_formula(text).unwrap();
    let poisson = Estimated::new(&batch, &formula[0], &asked).unwrap();
    assert_eq!(poisson.added_variable("log(p_cap)"), None);
}
