//! Covariances from their definitions: every pair of rows of the regression with explicit dummies.

use crate::data::{Random, close, error, fit_one, numbers, request, simulated, with_column};
use arrow_array::RecordBatch;
use panelyst_model::design;
use panelyst_model::linear::{Constant, LeastSquares, least_squares};

/// Weight of a pair of rows.
type Kernel<'a> = Box<dyn Fn(usize, usize) -> f64 + 'a>;

const RADIUS: f64 = 6371.0088;

/// A small panel with gaps, coordinates of units and a cluster variable that crosses units and years.
fn panel(seed: u64) -> RecordBatch {
    let batch = simulated(14, 9, 0.8, seed);
    let (id, year) = (
        crate::data::column(&batch, "id"),
        crate::data::column(&batch, "year"),
    );
    let mut random = Random(seed);
    let places: Vec<(f64, f64)> = (0..14)
        .map(|_| {
            (
                20.0 + 30.0 * random.uniform(),
                90.0 + 40.0 * random.uniform(),
            )
        })
        .collect();
    let of = |f: &dyn Fn((f64, f64)) -> f64| id.iter().map(|i| f(places[*i as usize])).collect();
    let crossing = id.iter().zip(&year).map(|(i, t)| (i + 2.0 * t) % 6.0);
    let batch = with_column(&batch, "c3", crossing.collect());
    let batch = with_column(&batch, "lat", of(&|p| p.0));
    with_column(&batch, "lon", of(&|p| p.1))
}

/// The variance of the first coefficients with a weight for each pair of rows.
fn by_pairs(
    solution: &LeastSquares,
    count: usize,
    weight: impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let (m, n) = (solution.basis.len(), solution.residuals.len());
    let score = |row: usize, j: usize| solution.basis[j][row] * solution.weighted_residuals[row];
    let mut meat = vec![0.0; m * m];
    for a in 0..n {
        for b in 0..n {
            let w = weight(a, b);
            if w != 0.0 {
                for i in 0..m {
                    for j in 0..m {
                        meat[i * m + j] += w * score(a, i) * score(b, j);
                    }
                }
            }
        }
    }
    let v = solution.sandwich(&meat);
    (0..count).map(|j| v[j * solution.k() + j]).collect()
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    // By the chord, not by the haversine.
    let point = |(lat, lon): (f64, f64)| {
        let (lat, lon) = (lat.to_radians(), lon.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let (a, b) = (point(a), point(b));
    let chord: f64 = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum();
    2.0 * RADIUS * (0.5 * chord.sqrt()).min(1.0).asin()
}

#[test]
fn explicit_dummies_and_all_pairs() {
    for (seed, effects, options) in [
        (3, "", ""),
        (4, "", " weights=w"),
        (5, "| id", ""),
        (6, "| id + year", " weights=w"),
        (7, "| id + year + c3", ""),
        (8, "| id[x3] + year", " weights=w"),
    ] {
        let batch = panel(seed);
        let get = |name: &str| crate::data::column(&batch, name);
        let (id, year, c3, region) = (get("id"), get("year"), get("c3"), get("region"));
        let (lat, lon) = (get("lat"), get("lon"));
        let place = |r: usize| (lat[r], lon[r]);
        let weights = options.contains("weights").then(|| get("w"));
        let mut x = vec![get("x1"), get("x2")];
        for (name, column) in [("id", &id), ("year", &year), ("c3", &c3)] {
            if effects.contains(name) {
                let mut levels = column.clone();
                levels.sort_by(f64::total_cmp);
                levels.dedup();
                for level in levels {
                    let hit = |v: &f64| f64::from(u8::from(*v == level));
                    x.push(column.iter().map(hit).collect());
                }
            }
        }
        if effects.contains("id[x3]") {
            let x3 = get("x3");
            for level in 0..14 {
                let hit = |(v, x): (&f64, &f64)| if *v == f64::from(level) { *x } else { 0.0 };
                x.push(id.iter().zip(&x3).map(hit).collect());
            }
        }
        let solution = least_squares(&get("y"), &x, Constant::Ones, weights.as_deref()).unwrap();
        let h = solution.leverages();
        let bartlett =
            |lag: f64, a: usize, b: usize| (1.0 - (year[a] - year[b]).abs() / (lag + 1.0)).max(0.0);
        let same = |a: bool| f64::from(u8::from(a));
        let kinds: Vec<(&str, Kernel<'_>)> = vec![
            ("hc0", Box::new(|a, b| same(a == b))),
            ("hc2", Box::new(|a, b| same(a == b) / (1.0 - h[a]))),
            ("hc3", Box::new(|a, b| same(a == b) / (1.0 - h[a]).powi(2))),
            ("newey-west:0", Box::new(|a, b| same(a == b))),
            (
                "newey-west:2",
                Box::new(|a, b| same(id[a] == id[b]) * bartlett(2.0, a, b)),
            ),
            (
                "driscoll-kraay:0",
                Box::new(|a, b| same(year[a] == year[b])),
            ),
            ("driscoll-kraay:3", Box::new(|a, b| bartlett(3.0, a, b))),
            (
                "cluster:id+year+c3",
                Box::new(|a, b| same(id[a] == id[b] || year[a] == year[b] || c3[a] == c3[b])),
            ),
            (
                "cluster:id+year+c3+region",
                Box::new(|a, b| {
                    same(
                        id[a] == id[b]
                            || year[a] == year[b]
                            || c3[a] == c3[b]
                            || region[a] == region[b],
                    )
                }),
            ),
            ("conley:1,lat,lon", Box::new(|a, b| same(id[a] == id[b]))),
            (
                "conley:900,lat,lon",
                Box::new(|a, b| same(distance(place(a), place(b)) <= 900.0)),
            ),
            (
                "conley:900,lat,lon,bartlett",
                Box::new(|a, b| (1.0 - distance(place(a), place(b)) / 900.0).max(0.0)),
            ),
        ];
        for (vcov, weight) in kinds {
            let formula = format!("y ~ x1 + x2 {effects}");
            let options = format!("panel=id,year vcov={vcov} convention=plm{options}");
            let fit = fit_one(&batch, &formula, &options);
            let repaired = fit.notes.iter().any(|n| n.text.contains("semidefinite"));
            let expected = by_pairs(&solution, 2, weight);
            for (c, v) in fit.coefficients.iter().zip(expected) {
                if !repaired {
                    let got = c.std_error.powi(2) / fit.vcov.small_sample_factor;
                    close(got, v, 1e-9, &format!("{formula} {options} {}", c.term));
                }
            }
            assert!(
                !repaired || vcov.contains("cluster") || vcov.contains("conley"),
                "{vcov}"
            );
        }
    }
}

#[test]
fn constants_beside_effects_do_not_change_leverages() {
    use panelyst_model::{ConstantRule, fit};
    let batch = panel(11);
    for effects in ["id", "id + year"] {
        for kind in ["hc2", "hc3"] {
            let mut asked = request(
                &format!("y ~ x1 + x2 | {effects}"),
                &format!("panel=id,year vcov={kind}"),
            );
            let plain = fit(&batch, &asked).unwrap().remove(0);
            for rule in [ConstantRule::MeanPreserving, ConstantRule::TimeDummies] {
                asked.constant = rule;
                let with = fit(&batch, &asked).unwrap().remove(0);
                for c in &plain.coefficients {
                    let d = with.coefficient(&c.term).unwrap();
                    close(d.std_error, c.std_error, 1e-9, "error");
                }
            }
        }
    }
}

#[test]
fn places_all_over_the_globe() {
    // Neighbours are found whatever the place: across the date line, at the poles, over thousands of kilometres.
    let mut random = Random(77);
    for trial in 0..40 {
        let n = 60;
        let whole = trial % 3 == 0;
        let lat: Vec<f64> = (0..n)
            .map(|i| match (i, trial % 4) {
                (0, _) => 90.0,
                (1, _) => -90.0,
                (_, 1) => 85.0 + 5.0 * random.uniform(),
                _ => 180.0 * random.uniform() - 90.0,
            })
            .collect();
        let lon: Vec<f64> = (0..n)
            .map(|_| match trial % 5 {
                0 => 178.0 + 4.0 * random.uniform(),
                1 => 4.0 * random.uniform() - 2.0,
                _ => 360.0 * random.uniform() - 180.0,
            })
            .map(|v: f64| {
                if whole {
                    v.rem_euclid(360.0)
                } else {
                    v.min(180.0)
                }
            })
            .collect();
        let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let y: Vec<f64> = x.iter().map(|x| x + random.normal()).collect();
        let cutoff = [50.0, 500.0, 2500.0, 9000.0, 15_000.0, 20_100.0][trial % 6];
        let batch = numbers(&[
            ("y", y.clone()),
            ("x", x.clone()),
            ("lat", lat.clone()),
            ("lon", lon.clone()),
        ]);
        for tail in ["", ",bartlett"] {
            let fit = fit_one(
                &batch,
                "y ~ x",
                &format!("vcov=conley:{cutoff},lat,lon{tail} convention=plm"),
            );
            if fit.notes.iter().any(|n| n.text.contains("semidefinite")) {
                continue;
            }
            let solution =
                least_squares(&y, std::slice::from_ref(&x), Constant::Ones, None).unwrap();
            let expected = by_pairs(&solution, 2, |a, b| {
                let d = distance((lat[a], lon[a]), (lat[b], lon[b]));
                match tail {
                    "" => f64::from(u8::from(d <= cutoff)),
                    _ => (1.0 - d / cutoff).max(0.0),
                }
            });
            for (c, v) in fit.coefficients.iter().zip(expected) {
                let got = c.std_error.powi(2) / fit.vcov.small_sample_factor;
                // Scores of 60 rows that nearly cancel leave fewer digits.
                assert!(
                    (got - v).abs() < 1e-9 * (v.abs() + 1e-3),
                    "{trial} {tail} {got} {v}"
                );
            }
        }
    }
}

/// Two balanced units under effects of both units and periods: the residuals of the one are those of the other with the sign
/// turned, as are the regressors', so that the scores of each unit add up to half of the normal equations, which is zero.
#[test]
fn scores_that_cancel_give_no_error() {
    let periods = 9;
    let at = |row: usize| ((row * 37 % 11) as f64, (row * 53 % 17) as f64);
    let rows = 0..2 * periods;
    let data = numbers(&[
        ("u", rows.clone().map(|r| (r / periods) as f64).collect()),
        ("t", rows.clone().map(|r| (r % periods) as f64).collect()),
        ("x", rows.clone().map(|r| at(r).0).collect()),
        ("y", rows.map(|r| at(r).1).collect()),
    ]);
    for vcov in ["cluster:u", "cr2:u", "wild:u"] {
        let fit = fit_one(&data, "y ~ x | u + t", &format!("vcov={vcov}"));
        let x = &fit.coefficients[0];
        let told = [x.std_error, x.statistic, x.p_value, x.ci_low, x.ci_high];
        assert!(told.iter().all(|value| value.is_nan()), "{vcov}: {told:?}");
        let note = fit.notes.iter().find(|note| note.kind == "no-error");
        assert!(note.is_some_and(|note| note.text.starts_with("no standard error of x:")));
        let json = serde_json::to_value(x).unwrap();
        assert!(json["std_error"].is_null() && json["p_value"].is_null());
    }
    // With dummies of the periods as regressors, whose scores do not cancel.
    for formula in ["y ~ x + i(t) | u", "y ~ x + i(t) + i(u)"] {
        let fit = fit_one(&data, formula, "vcov=cluster:u");
        assert!(fit.coefficients[0].std_error.is_nan(), "{formula}");
    }
    for vcov in ["iid", "hc1", "cluster:t"] {
        let fit = fit_one(&data, "y ~ x | u + t", &format!("vcov={vcov}"));
        assert!(fit.coefficients[0].std_error > 0.0, "{vcov}");
        assert!(fit.notes.iter().all(|note| note.kind != "no-error"));
    }
}

#[test]
fn repaired_covariances_say_so() {
    // Four clusters of two ways whose scores alternate make a negative variance.
    let mut found = 0;
    for seed in 1..60 {
        let batch = simulated(5, 4, 1.0, seed);
        let fit = fit_one(&batch, "y ~ x1 + x2", "vcov=cluster:id+year+region");
        let note = fit.notes.iter().find(|n| n.text.contains("semidefinite"));
        if let Some(note) = note {
            assert_eq!(
                note.text,
                "the three-way clustered covariance was not positive semidefinite; its negative eigenvalues were set to zero"
            );
            found += 1;
        }
        assert!(fit.coefficients.iter().all(|c| c.std_error >= 0.0));
    }
    assert!(found > 0);
}

#[test]
fn rows_with_leverage_one() {
    let all = |v: &[f64]| v.to_vec();
    let batch = numbers(&[
        ("id", all(&[1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0, 4.0])),
        ("y", all(&[1.0, 3.0, 2.5, 5.0, 4.0, 4.5, 9.0, 2.0, 0.5])),
        ("x", all(&[0.0, 1.0, 2.0, 3.0, 2.5, 0.5, 7.0, 1.0, 3.0])),
        ("d", all(&[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])),
    ]);
    for kind in ["hc2", "hc3"] {
        // The singleton is kept by this convention: it adds nothing, as if it were left out.
        let kept = fit_one(
            &batch,
            "y ~ x | id",
            &format!("vcov={kind} convention=areg"),
        );
        let without = fit_one(
            &batch,
            "y ~ x | id",
            &format!("vcov={kind} convention=fixest"),
        );
        assert_eq!((kept.nobs, without.nobs), (9, 8));
        close(
            kept.coefficients[0].std_error,
            without.coefficients[0].std_error,
            1e-12,
            kind,
        );
        let note = kept.notes.iter().find(|n| n.kind == "leverage").unwrap();
        assert_eq!(
            note.text,
            format!(
                "1 row is fitted exactly by the absorbed effects alone (leverage 1) and adds nothing to {kind}: left out, it would change no coefficient"
            )
        );
        // A dummy of one row is a coefficient of its own.
        assert_eq!(
            error(&batch, "y ~ x + d", &format!("vcov={kind}")).to_string(),
            format!(
                "data row 5 has leverage 1: it alone identifies a coefficient, and {kind} divides its residual, which is zero, by one less the leverage; leave the row or its regressor out, or use hc1"
            )
        );
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let batch = panel(21);
    let n = batch.num_rows();
    let mut far = crate::data::column(&batch, "lat");
    far[6] = 91.5;
    let batch = with_column(&batch, "far", far);
    let fives = crate::data::column(&batch, "year")
        .iter()
        .map(|t| 5.0 * t)
        .collect();
    let batch = with_column(&batch, "fives", fives);
    for (formula, options, message) in [
        (
            "y ~ x1",
            "vcov=newey-west:2",
            "the newey-west covariance needs a declared panel: give the unit and the time column (--panel unit,time)",
        ),
        (
            "y ~ x1",
            "vcov=driscoll-kraay",
            "the driscoll-kraay covariance needs a declared panel: give the unit and the time column (--panel unit,time)",
        ),
        (
            "y ~ x1",
            "panel=id,year vcov=newey-west:9",
            "newey-west has a lag of 9, but the rows used have 9 periods; give a shorter lag or other errors",
        ),
        (
            "y ~ x1",
            "panel=id,year vcov=driscoll-kraay:1 where=year_=_2001",
            "driscoll-kraay has a lag of 1, but the rows used have one period only; give other errors",
        ),
        (
            "y ~ x1",
            "panel=id,fives vcov=newey-west:2 convention=reghdfe",
            "newey-west has a lag of 2, but two periods of a unit lie at least 5 apart, so that it reaches none (lags are calendar periods by the rules of reghdfe); give a lag of 5 or more, or other errors",
        ),
        (
            "y ~ x1",
            "panel=id,fives vcov=driscoll-kraay convention=reghdfe",
            "driscoll-kraay has a lag of 2, but two periods lie at least 5 apart, so that it reaches none (lags are calendar periods by the rules of reghdfe); give a lag of 5 or more, or other errors",
        ),
        (
            "y ~ x1",
            "panel=id,year model=between vcov=newey-west:1",
            "the newey-west covariance does not go with the between estimator: unit means have no period; use hc1 or clusters",
        ),
        (
            "y ~ x1",
            "vcov=conley:100,lat,longitude",
            "longitude `longitude` is not a column of the data; columns: id, year, region, w, y, x1, x2, x3, x4, c3, lat, lon and 2 more",
        ),
        (
            "y ~ x1",
            "vcov=conley:100,far,lon",
            "latitude `far` is 91.5 in data row 7; it must lie between -90 and 90 degrees",
        ),
        (
            "y ~ x1",
            "panel=id,year model=random-ml vcov=hc3",
            "a robust covariance does not go with the random-ml estimator: use iid errors, or the random estimator",
        ),
    ] {
        assert_eq!(
            error(&batch, formula, options).to_string(),
            message,
            "{formula} {options}"
        );
    }
    let message = error(&batch, "y ~ x1", "panel=region,year vcov=newey-west:1").to_string();
    assert!(
        message.starts_with("region 0 has two rows for year 2000 (data rows 1 and ")
            && message.ends_with(
                ", but the newey-west covariance needs one row for each unit and period"
            ),
        "{message}"
    );
    // Units and periods may repeat where only periods matter.
    fit_one(&batch, "y ~ x1", "panel=region,year vcov=driscoll-kraay:1");
    assert_eq!(fit_one(&batch, "y ~ x1", "vcov=conley:100,lat,lon").nobs, n);
}

#[test]
fn coordinates_and_periods_that_are_missing_are_counted() {
    use arrow_array::{ArrayRef, Float64Array};
    use std::sync::Arc;
    let batch = panel(22);
    let mut columns: Vec<(String, ArrayRef)> = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(f, c)| (f.name().clone(), Arc::clone(c)))
        .collect();
    for (name, array) in &mut columns {
        if name == "lat" || name == "year" {
            let values = array.as_any().downcast_ref::<Float64Array>().unwrap();
            let step = if name == "lat" { 10 } else { 7 };
            let holes: Float64Array = values
                .iter()
                .enumerate()
                .map(|(row, v)| v.filter(|_| row % step != 0))
                .collect();
            *array = Arc::new(holes);
        }
    }
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let n = batch.num_rows();
    let lost = |vcov: &str, options: &str| -> Vec<(String, usize)> {
        let fit = fit_one(&batch, "y ~ x1", &format!("{options} vcov={vcov}"));
        fit.sample
            .dropped
            .into_iter()
            .map(|d| (d.reason, d.count))
            .collect()
    };
    assert_eq!(
        lost("conley:500,lat,lon", ""),
        [("missing lat".to_owned(), n.div_ceil(10))]
    );
    assert_eq!(
        lost("newey-west:1", "panel=id,year"),
        [("missing year".to_owned(), n.div_ceil(7))]
    );
    assert_eq!(
        lost("driscoll-kraay:1", "panel=id,year"),
        [("missing year".to_owned(), n.div_ceil(7))]
    );
    assert!(lost("hc3", "panel=id,year").is_empty());
    let asked = request("y ~ x1", "vcov=conley:500,lat,lon");
    let built = design(&batch, &asked.formulas[0], &asked).unwrap();
    assert_eq!(built.coordinates.unwrap().latitude.len(), built.rows.len());
}

#[test]
fn first_differences_and_random_effects_have_them_too() {
    let batch = panel(31);
    for model in ["first-difference", "random"] {
        for vcov in [
            "hc2",
            "hc3",
            "newey-west:2",
            "driscoll-kraay:2",
            "conley:800,lat,lon",
            "cluster:id+year+c3",
        ] {
            let fit = fit_one(
                &batch,
                "y ~ x1 + x2",
                &format!("panel=id,year model={model} vcov={vcov}"),
            );
            assert!(
                fit.coefficients.iter().all(|c| c.std_error > 0.0),
                "{model} {vcov}"
            );
        }
    }
    for vcov in ["hc3", "conley:800,lat,lon", "cluster:region"] {
        fit_one(
            &batch,
            "y ~ x1",
            &format!("panel=id,year model=between vcov={vcov}"),
        );
    }
    assert_eq!(
        error(
            &batch,
            "y ~ x1",
            "panel=id,year model=between vcov=conley:800,x2,lon"
        )
        .to_string(),
        "latitude `x2` varies within unit 0, but the between estimator has one observation a unit; use a column that is constant within units"
    );
}

/// Under gaps each convention counts lags as its package does: `tests/reference/*/lags.*`.
#[test]
fn lags_under_gaps_are_those_of_the_packages() {
    let batch = crate::data::table("reference/plm/lags.csv");
    for (tool, convention) in [
        ("plm", "plm"),
        ("pyfixest", "fixest"),
        ("linearmodels", "linearmodels"),
    ] {
        let file = crate::data::path(&format!("reference/{tool}/lags.json"));
        let text = std::fs::read_to_string(file).unwrap();
        let errors: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        for (vcov, expected) in errors {
            let options = format!("panel=id,time vcov={vcov} convention={convention}");
            let fit = fit_one(&batch, "y ~ x | id", &options);
            // Sums of 189 rows in another order: a few roundings.
            close(
                fit.coefficients[0].std_error,
                expected.as_f64().unwrap(),
                1e-12,
                &format!("{tool} {vcov}"),
            );
        }
    }
    // By the calendar, a lag over a gap is no lag.
    let calendar = |vcov: &str| {
        let options = format!("panel=id,time vcov={vcov} convention=xtreg");
        fit_one(&batch, "y ~ x | id", &options)
    };
    let error = |vcov: &str| calendar(vcov).coefficients[0].std_error;
    let numbered = fit_one(
        &batch,
        "y ~ x | id",
        "panel=id,time vcov=newey-west:2 convention=plm",
    );
    let factor = calendar("newey-west:2").vcov.small_sample_factor.sqrt();
    assert!(
        (error("newey-west:2") / factor / numbered.coefficients[0].std_error - 1.0).abs() > 1e-3
    );
    let said =
        |fit: &panelyst_model::Fit, words: &str| fit.notes.iter().any(|n| n.text.contains(words));
    assert!(said(
        &calendar("newey-west:2"),
        "in periods of the calendar"
    ));
    assert!(said(&numbered, "in periods that occur"));
}
