//! Within estimates against the regression with explicit dummies and against the dense absorber.

use crate::data::{Random, close, fit_one, numbers, request};
use panelyst_absorb::{Absorber, DenseAbsorber};
use panelyst_model::design;
use panelyst_model::estimators::within_columns;
use panelyst_model::linear::{Constant, least_squares};

struct Case {
    names: Vec<String>,
    columns: Vec<(String, Vec<f64>)>,
    levels: Vec<usize>,
}

fn random_case(random: &mut Random) -> Case {
    let n = 60 + random.below(200);
    let effects = 1 + random.below(3);
    let levels: Vec<usize> = (0..effects).map(|_| 2 + random.below(12)).collect();
    let mut columns = Vec::new();
    let mut y = vec![0.0; n];
    for (e, &count) in levels.iter().enumerate() {
        let shifts: Vec<f64> = (0..count).map(|_| 3.0 * random.normal()).collect();
        let codes: Vec<usize> = (0..n).map(|_| random.below(count)).collect();
        for (y, &c) in y.iter_mut().zip(&codes) {
            *y += shifts[c];
        }
        columns.push((format!("f{e}"), codes.iter().map(|&c| c as f64).collect()));
    }
    let k = 1 + random.below(4);
    for j in 0..k {
        let x: Vec<f64> = (0..n).map(|_| 100.0 + random.normal()).collect();
        for (y, x) in y.iter_mut().zip(&x) {
            *y += (j as f64 - 1.0) * x;
        }
        columns.push((format!("x{j}"), x));
    }
    for y in &mut y {
        *y += random.normal();
    }
    columns.push(("y".to_owned(), y));
    columns.push((
        "w".to_owned(),
        (0..n).map(|_| 0.1 + random.uniform()).collect(),
    ));
    Case {
        names: (0..k).map(|j| format!("x{j}")).collect(),
        columns,
        levels,
    }
}

#[test]
fn dummies_and_dense_absorber() {
    let mut random = Random(20_260_101);
    for trial in 0..60 {
        let case = random_case(&mut random);
        let named: Vec<(&str, Vec<f64>)> = case
            .columns
            .iter()
            .map(|(n, v)| (n.as_str(), v.clone()))
            .collect();
        let batch = numbers(&named);
        let effects: Vec<String> = (0..case.levels.len()).map(|e| format!("f{e}")).collect();
        let formula = format!("y ~ {} | {}", case.names.join(" + "), effects.join(" + "));
        let weighted = trial % 2 == 1;
        let options = if weighted {
            "convention=areg weights=w"
        } else {
            "convention=areg"
        };
        let get = |name: &str| named.iter().find(|(n, _)| *n == name).unwrap().1.clone();
        let weights = weighted.then(|| get("w"));

        let mut x: Vec<Vec<f64>> = case.names.iter().map(|n| get(n)).collect();
        for (e, &count) in case.levels.iter().enumerate() {
            let codes = get(&format!("f{e}"));
            for level in 0..count {
                let hit = |c: &f64| f64::from(u8::from(*c == level as f64));
                x.push(codes.iter().map(hit).collect());
            }
        }
        let lsdv = least_squares(&get("y"), &x, Constant::Ones, weights.as_deref()).unwrap();
        let k = lsdv.k();
        let n = batch.num_rows();
        let variance = lsdv.rss / (n - k) as f64;
        let bread = lsdv.bread();

        for vcov in ["iid", "hc1", "cluster:f0"] {
            let fit = fit_one(&batch, &formula, &format!("{options} vcov={vcov}"));
            assert_eq!(fit.coefficients.len(), case.names.len());
            for (j, c) in fit.coefficients.iter().enumerate() {
                close(c.estimate, lsdv.coefficients[j], 1e-9, "estimate");
                if vcov == "iid" {
                    close(
                        c.std_error,
                        (variance * bread[j * k + j]).sqrt(),
                        1e-8,
                        "error",
                    );
                }
            }
            if vcov == "iid" && case.levels.len() < 3 {
                assert_eq!(fit.df_residual, (n - k) as f64);
            }
            close(fit.rss, lsdv.rss, 1e-9, "rss");
            close(fit.r2.unwrap(), 1.0 - lsdv.rss / lsdv.tss, 1e-10, "r2");
            for (a, b) in fit.residuals.iter().zip(lsdv.residuals.iter()) {
                assert!((a - b).abs() < 1e-9, "residual {a} and {b}");
            }
        }

        let request = request(&formula, options);
        let design = design(&batch, &request.formulas[0], &request).unwrap();
        let fast = within_columns(&design).unwrap();
        let dense = DenseAbsorber::new(design.effect_list(), weights.as_deref()).unwrap();
        let mut columns: Vec<Vec<f64>> = design.x.iter().map(|x| x.to_vec()).collect();
        columns.insert(0, design.y.to_vec());
        dense.residualize(&mut columns).unwrap();
        for (a, b) in fast.x.iter().flatten().zip(columns[1..].iter().flatten()) {
            assert!((a - b).abs() < 1e-10, "{a} and {b}");
        }
        for (a, b) in fast.y.iter().zip(&columns[0]) {
            assert!((a - b).abs() < 1e-9, "{a} and {b}");
        }
    }
}

#[test]
fn clustered_by_hand() {
    // The sandwich from its definition, with explicit sums, on the dense within data.
    let batch = crate::data::simulated(12, 6, 0.8, 9);
    let request = request(
        "y ~ x1 + x2 | id + year",
        "vcov=cluster:region+year convention=plm",
    );
    let design = design(&batch, &request.formulas[0], &request).unwrap();
    let fit = panelyst_model::fit_design(&design, &request).unwrap();
    let within = within_columns(&design).unwrap();
    let solution = least_squares(&within.y, &within.x, Constant::None, None).unwrap();
    let bread = solution.bread();
    let n = design.n();
    let same = |a: usize, b: usize, which: &[usize]| {
        which
            .iter()
            .all(|&c| design.clusters[c].codes[a] == design.clusters[c].codes[b])
    };
    let mut meat = [0.0; 4];
    for (which, sign) in [(vec![0], 1.0), (vec![1], 1.0), (vec![0, 1], -1.0)] {
        for a in 0..n {
            for b in 0..n {
                if same(a, b, &which) {
                    for i in 0..2 {
                        for j in 0..2 {
                            meat[i * 2 + j] += sign
                                * within.x[i][a]
                                * solution.residuals[a]
                                * within.x[j][b]
                                * solution.residuals[b];
                        }
                    }
                }
            }
        }
    }
    for i in 0..2 {
        let mut v = 0.0;
        for a in 0..2 {
            for b in 0..2 {
                v += bread[i * 2 + a] * meat[a * 2 + b] * bread[b * 2 + i];
            }
        }
        close(
            fit.coefficients[i].std_error.powi(2),
            v,
            1e-9,
            "two-way variance",
        );
    }
}

#[test]
fn varying_slopes_are_interactions() {
    let batch = crate::data::simulated(12, 9, 0.9, 61);
    for (effects, dummies) in [
        ("id[x3]", "y ~ x1 + x2 + i(id) + i(id,x3)"),
        ("id[[x3]] + year", "y ~ x1 + x2 + i(year) + i(id,x3)"),
        (
            "region^year",
            "y ~ x1 + x2 + i(year):i(region) + i(year) + i(region)",
        ),
    ] {
        let within = fit_one(
            &batch,
            &format!("y ~ x1 + x2 | {effects}"),
            "convention=areg vcov=hc1",
        );
        let explicit = fit_one(&batch, dummies, "convention=areg vcov=hc1");
        for c in &within.coefficients {
            let d = explicit.coefficient(&c.term).unwrap();
            close(c.estimate, d.estimate, 1e-9, effects);
            close(c.std_error, d.std_error, 1e-8, effects);
        }
        assert_eq!(within.df_residual, explicit.df_residual, "{effects}");
        close(within.rss, explicit.rss, 1e-9, effects);
    }
}

#[test]
fn many_levels_by_iteration() {
    // Two effects of more levels than are solved directly; a sum of their values is absorbed, whatever its unit.
    let mut random = Random(8);
    let n = 6000;
    let (f, g): (Vec<f64>, Vec<f64>) = (0..n)
        .map(|_| (random.below(900) as f64, random.below(700) as f64))
        .unzip();
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let y = (0..n)
        .map(|r| 2.0 * x[r] + f[r].sin() + g[r].cos() + random.normal())
        .collect();
    let absorbed = |scale: f64| -> Vec<f64> {
        (0..n)
            .map(|r| scale * (f[r].sqrt() - 3.0 * (0.1 * g[r]).sin()))
            .collect()
    };
    let (small, large) = (absorbed(1e-8), absorbed(1e8));
    let batch = numbers(&[
        ("f", f),
        ("g", g),
        ("x", x),
        ("y", y),
        ("small", small),
        ("large", large),
    ]);
    let fit = fit_one(&batch, "y ~ small + x + large | f + g", "convention=areg");
    assert_eq!(fit.coefficients.len(), 1);
    assert!((fit.coefficients[0].estimate - 2.0).abs() < 5.0 * fit.coefficients[0].std_error);
    assert_eq!(
        fit.notes.iter().filter(|n| n.kind == "collinear").count(),
        2
    );
}
