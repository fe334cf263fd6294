//! The constant of models with effects: each form against the regression that has it as a coefficient.

use crate::data::{close, column, request, simulated};
use arrow_array::RecordBatch;
use panelyst_model::linear::{Constant, least_squares};
use panelyst_model::{ConstantRule, Fit, fit};

fn with_rule(batch: &RecordBatch, formula: &str, options: &str, rule: ConstantRule) -> Fit {
    let mut request = request(formula, options);
    request.constant = rule;
    fit(batch, &request).unwrap().remove(0)
}

/// Dummies for all but the first level, each less its weighted mean if `centred`.
fn dummies(codes: &[f64], centred: bool) -> Vec<Vec<f64>> {
    let mut levels = codes.to_vec();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels[1..]
        .iter()
        .map(|l| {
            let d: Vec<f64> = codes.iter().map(|c| f64::from(u8::from(c == l))).collect();
            let mean = if centred {
                d.iter().sum::<f64>() / d.len() as f64
            } else {
                0.0
            };
            d.into_iter().map(|v| v - mean).collect()
        })
        .collect()
}

/// Estimate and iid error of the constant of an explicit regression.
fn explicit(batch: &RecordBatch, time_centred: bool) -> (f64, f64) {
    let mut x = vec![column(batch, "x1"), column(batch, "x2")];
    // Unit effects that average zero over the rows: dummies less their means.
    x.extend(dummies(&column(batch, "id"), true));
    x.extend(dummies(&column(batch, "year"), time_centred));
    let y = column(batch, "y");
    let s = least_squares(&y, &x, Constant::Ones, None).unwrap();
    let k = s.k();
    let variance = s.rss / (y.len() - k) as f64 * s.bread()[k * k - 1];
    (s.coefficients[k - 1], variance.sqrt())
}

#[test]
fn mean_preserving_and_time_dummies() {
    for keep in [1.0, 0.75] {
        let batch = simulated(15, 7, keep, 41);
        let formula = "y ~ x1 + x2 | id + year";
        for (rule, centred, about) in [
            (ConstantRule::MeanPreserving, true, "mean-preserving"),
            (ConstantRule::TimeDummies, false, "time-dummies"),
        ] {
            let fit = with_rule(&batch, formula, "panel=id,year convention=xtreg", rule);
            let bare = with_rule(
                &batch,
                formula,
                "panel=id,year convention=xtreg",
                ConstantRule::None,
            );
            let (estimate, error) = explicit(&batch, centred);
            let constant = fit.coefficients.last().unwrap();
            assert_eq!(constant.term, "_cons");
            close(constant.estimate, estimate, 1e-10, about);
            close(constant.std_error, error, 1e-9, about);
            assert!(
                fit.notes
                    .iter()
                    .any(|n| n.kind == "constant" && n.about == [about])
            );
            assert_eq!(fit.df_residual, bare.df_residual);
            for (a, b) in fit.coefficients.iter().zip(&bare.coefficients) {
                close(a.estimate, b.estimate, 1e-11, "slopes");
                close(a.std_error, b.std_error, 1e-11, "slopes");
            }
        }
    }
}

#[test]
fn clustered_constant() {
    // Clustered by unit, the unit dummies take no part in the scores: the explicit regression on unit-demeaned data with
    // the means added back gives the constant's sandwich.
    let batch = simulated(15, 7, 0.75, 42);
    let options = "panel=id,year convention=plm vcov=cluster:id";
    let fit = with_rule(
        &batch,
        "y ~ x1 + x2 | id + year",
        options,
        ConstantRule::TimeDummies,
    );
    let id = column(&batch, "id");
    let demean = |column: &[f64]| -> Vec<f64> {
        let overall = column.iter().sum::<f64>() / column.len() as f64;
        let mut sums = [(0.0, 0.0); 15];
        for (i, v) in id.iter().zip(column) {
            sums[*i as usize].0 += v;
            sums[*i as usize].1 += 1.0;
        }
        let mean = |i: f64| sums[i as usize].0 / sums[i as usize].1;
        id.iter()
            .zip(column)
            .map(|(i, v)| v - mean(*i) + overall)
            .collect()
    };
    let mut x = vec![column(&batch, "x1"), column(&batch, "x2")];
    x.extend(dummies(&column(&batch, "year"), false));
    let x: Vec<Vec<f64>> = x.iter().map(|c| demean(c)).collect();
    let s = least_squares(&demean(&column(&batch, "y")), &x, Constant::Ones, None).unwrap();
    let codes: Vec<u32> = id.iter().map(|i| *i as u32).collect();
    let v = s.sandwich(&panelyst_model::covariance::cluster::meat(
        &s,
        &codes.clone().into(),
        15,
    ));
    let k = s.k();
    let constant = fit.coefficients.last().unwrap();
    close(constant.estimate, s.coefficients[k - 1], 1e-10, "constant");
    close(
        constant.std_error,
        v[k * k - 1].sqrt(),
        1e-9,
        "its clustered error",
    );
}

#[test]
fn other_effects_have_no_such_constant() {
    let batch = simulated(15, 7, 1.0, 43);
    let mut request = request("y ~ x1 | id + year + region^year", "panel=id,year");
    request.constant = ConstantRule::TimeDummies;
    let message = fit(&batch, &request).unwrap_err().to_string();
    assert!(
        message.contains("unit effects, alone or with time effects"),
        "{message}"
    );
    let unit = with_rule(
        &batch,
        "y ~ x1 | id",
        "panel=id,year",
        ConstantRule::TimeDummies,
    );
    assert_eq!(unit.coefficients.len(), 2);
}
