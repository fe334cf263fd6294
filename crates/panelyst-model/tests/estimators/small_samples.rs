//! Inference with few clusters against clubSandwich, estimatr, refits in R, pyfixest and wildboottest on Munnell's panel, and
//! against refits of our own.

use crate::data::{
    close, column, error, fit_one, numbers, path, request, rows, table, with_column,
};
use arrow_array::RecordBatch;
use panelyst_model::results::SmallSamples;
use panelyst_model::{SmallSampleRule, fit};
use std::collections::HashMap;

const RIGHT: &str = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp";

/// Munnell's panel with the number of the state (from 0, sorted) modulo 9, 6 and 4, all rows and with gaps.
fn samples() -> [(&'static str, RecordBatch); 2] {
    let all = table("canonical/munnell.csv");
    let states = all.column_by_name("state").unwrap();
    let states = states
        .as_any()
        .downcast_ref::<arrow_array::StringArray>()
        .unwrap();
    let mut names: Vec<&str> = states.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let number: Vec<usize> = states
        .iter()
        .map(|s| names.partition_point(|n| *n < s.unwrap()))
        .collect();
    let mut batch = all.clone();
    for (name, groups) in [("nine", 9), ("six", 6), ("four", 4)] {
        let values = number.iter().map(|i| (i % groups) as f64).collect();
        batch = with_column(&batch, name, values);
    }
    let dropped = column(&table("reference/munnell/dropped_rows.csv"), "row");
    let keep: Vec<usize> = (0..batch.num_rows())
        .filter(|r| !dropped.contains(&(*r as f64)))
        .collect();
    let gaps = rows(&batch, &keep);
    [("balanced", batch), ("unbalanced", gaps)]
}

fn formula(model: &str) -> String {
    match model {
        "within1" => format!("{RIGHT} | state"),
        "within2" => format!("{RIGHT} | state + yr"),
        _ => RIGHT.to_owned(),
    }
}

/// Rows of a reference file with comments left out, by column name.
fn reference(file: &str) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(path(file)).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let cells = line.split(',').map(str::to_owned);
            names.iter().map(|n| (*n).to_owned()).zip(cells).collect()
        })
        .collect()
}

fn few(batch: &RecordBatch, formula: &str, options: &str) -> SmallSamples {
    let mut asked = request(formula, options);
    asked.small_samples = SmallSampleRule::Always;
    let mut fits = fit(batch, &asked).unwrap();
    fits.remove(0).small_samples.unwrap()
}

#[test]
fn clubsandwich_estimatr_and_refits() {
    let samples = samples();
    let mut compared = 0;
    for row in reference("reference/clubsandwich/small-samples.csv") {
        let batch = &samples.iter().find(|(n, _)| *n == row["sample"]).unwrap().1;
        let number = |name: &str| row[name].parse::<f64>().ok();
        let (formula, term) = (formula(&row["model"]), &row["term"]);
        let weights = if row["weights"] == "hwy" {
            " weights=hwy"
        } else {
            ""
        };
        let options = |vcov: &str| format!("vcov={vcov}:{}{weights}", row["cluster"]);
        let what = format!("{} {} {} {term}", row["sample"], row["model"], options(""));
        // Errors of R's QR of 68 columns reach 1e-10 in the changes of a left-out cluster.
        let (crv3, cr2) = (
            fit_one(batch, &formula, &options("crv3")),
            fit_one(batch, &formula, &options("cr2")),
        );
        let (crv3, cr2) = (
            crv3.coefficient(term).unwrap(),
            cr2.coefficient(term).unwrap(),
        );
        close(crv3.estimate, number("estimate").unwrap(), 1e-9, &what);
        close(
            crv3.std_error,
            number("crv3").unwrap(),
            1e-8,
            &format!("{what} CRV3"),
        );
        if let Some(cr3) = number("cr3").filter(|_| row["model"] == "pooled") {
            let groups = if row["cluster"] == "nine" {
                9.0f64
            } else if row["cluster"] == "yr" {
                17.0
            } else {
                48.0
            };
            let bare = crv3.std_error * (groups / (groups - 1.0)).sqrt();
            close(bare, cr3, 1e-8, &format!("{what} CR3"));
        }
        // Both packages take roots of the rows' matrices, singular beside dummies of the cluster: zeros of 1e-16 leave 1e-8.
        close(
            cr2.std_error,
            number("cr2").unwrap(),
            1e-7,
            &format!("{what} CR2"),
        );
        let df = cr2.df.unwrap();
        close(df, number("cr2_df").unwrap(), 1e-7, &format!("{what} df"));
        close(
            cr2.p_value,
            number("cr2_p").unwrap(),
            1e-6,
            &format!("{what} p"),
        );
        if let (Some(se), Some(other)) = (number("estimatr_cr2"), number("estimatr_df")) {
            close(cr2.std_error, se, 1e-7, &format!("{what} estimatr"));
            close(df, other, 1e-7, &format!("{what} estimatr df"));
        }
        let few = few(batch, &formula, &options("cluster"));
        let own = few.coefficients.iter().find(|c| c.term == *term).unwrap();
        close(own.std_error_crv3.unwrap(), crv3.std_error, 1e-13, &what);
        close(own.p_value_crv3.unwrap(), crv3.p_value, 1e-12, &what);
        let scale = crv3.std_error;
        for (got, name) in [
            (&own.leave_one_out_low, "crv3_low"),
            (&own.leave_one_out_high, "crv3_high"),
        ] {
            let difference = got.as_ref().unwrap().estimate - number(name).unwrap();
            assert!(
                difference.abs() < 1e-8 * scale,
                "{what} {name}: {difference:.1e}"
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 144);
}

#[test]
fn pyfixest_and_wildboottest() {
    let samples = samples();
    let mut enumerated = 0;
    for row in reference("reference/pyfixest/small-samples.csv") {
        let batch = &samples.iter().find(|(n, _)| *n == row["sample"]).unwrap().1;
        let term = match row["term"].as_str() {
            "unemp" => "unemp".to_owned(),
            other => format!("log({})", &other[4..]),
        };
        let formula = formula(&row["model"]);
        let what = format!(
            "{} {} {} {term}",
            row["sample"], row["model"], row["cluster"]
        );
        let jackknife = fit_one(batch, &formula, &format!("vcov=crv3:{}", row["cluster"]));
        let expected: f64 = row["crv3"].parse().unwrap();
        // pyfixest inverts products of the columns: half the digits of a column with little left of it.
        let got = jackknife.coefficient(&term).unwrap().std_error;
        close(got, expected, 1e-6, &format!("{what} CRV3"));
        let Ok(all) = row["combinations"].parse::<f64>() else {
            continue;
        };
        let count = |name: &str| row[name].parse::<f64>().unwrap();
        let fit = fit_one(batch, &formula, &format!("vcov=wild:{}", row["cluster"]));
        // Every combination of signs: a count over a power of two, without rounding. Those that tie with the data are the
        // two in which all signs are equal, the data themselves.
        assert_eq!(count("equal"), 2.0, "{what}");
        let p = fit.coefficient(&term).unwrap().p_value;
        assert_eq!(p, (count("larger") + count("equal")) / all, "{what}");
        // wildboottest's own p-value has the ties as its rounding has them.
        let own: f64 = row["p"].parse().unwrap();
        assert!(p >= own && p <= own + 2.0 / all, "{what}: {p} and {own}");
        enumerated += 1;
    }
    assert_eq!(enumerated, 48);
}

/// p-value of a wild bootstrap that makes every sample and estimates it: all combinations of `points`.
fn naive(batch: &RecordBatch, model: (&str, &str), term: &str, null: f64, points: &[f64]) -> f64 {
    let (formula, options) = model;
    let (left, right) = formula.split_once('~').unwrap();
    let raw = crate::data::evaluated(batch, left);
    let x = crate::data::evaluated(batch, term);
    let moved: Vec<f64> = raw.iter().zip(&x).map(|(y, x)| y - null * x).collect();
    let with_outcome = |values: Vec<f64>| with_column(batch, "outcome", values);
    let same = format!("outcome ~{right}");
    let t = |values: Vec<f64>| {
        let fit = fit_one(&with_outcome(values), &same, options);
        fit.coefficient(term).unwrap().statistic.abs()
    };
    let observed = t(moved.clone());
    let rest = same.replace(&format!(" {term} +"), "");
    let restricted = fit_one(&with_outcome(moved.clone()), &rest, options);
    let clusters = column(
        batch,
        options
            .split("cluster:")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap(),
    );
    let mut groups = clusters.clone();
    groups.sort_by(f64::total_cmp);
    groups.dedup();
    let all = points.len().pow(groups.len() as u32);
    let large = (0..all).filter(|combination| {
        let drawn = moved.iter().zip(restricted.residuals.iter()).zip(&clusters);
        let values = drawn.map(|((y, e), g)| {
            let place = groups.iter().position(|other| other == g).unwrap() as u32;
            let number = points[combination / points.len().pow(place) % points.len()];
            y + (number - 1.0) * e
        });
        t(values.collect()) >= observed * (1.0 - 1e-7)
    });
    large.count() as f64 / all as f64
}

#[test]
fn the_wild_bootstrap_is_that_of_samples_made_and_estimated() {
    let [_, (_, batch)] = samples();
    let signs = [1.0, -1.0];
    for weights in ["", " weights=hwy"] {
        for model in ["pooled", "within2"] {
            let formula = formula(model);
            let options = format!("vcov=cluster:six{weights}");
            let wild = fit_one(&batch, &formula, &format!("vcov=wild:six{weights}"));
            let found = wild.coefficient("unemp").unwrap();
            // `unemp` stands last, so that the restricted formula is made by leaving out an earlier term.
            let found_pc = wild.coefficient("log(pc)").unwrap();
            let p = |null: f64| naive(&batch, (&formula, &options), "log(pc)", null, &signs);
            assert_eq!(found_pc.p_value, p(0.0), "{model}{weights}");
            for (limit, out) in [(found_pc.ci_low, -1.0), (found_pc.ci_high, 1.0)] {
                // Samples that are estimated are told apart by 1e-7 of t only, and t of one draw may hardly move with the null.
                let step = 1e-4 * found_pc.std_error * out;
                assert!(p(limit - step) > 0.05, "{model}{weights} inside");
                assert!(p(limit + step) <= 0.05, "{model}{weights} outside");
            }
            assert!(found.ci_low < found.estimate && found.estimate < found.ci_high);
        }
    }
    let webb = [1.5f64.sqrt(), 1.0, 0.5f64.sqrt()];
    let webb: Vec<f64> = webb.iter().flat_map(|w| [-w, *w]).collect();
    let formula = formula("within2");
    let wild = fit_one(&batch, &formula, "vcov=wild:four,webb");
    let p = naive(
        &batch,
        (&formula, "vcov=cluster:four"),
        "log(pc)",
        0.0,
        &webb,
    );
    assert_eq!(wild.coefficient("log(pc)").unwrap().p_value, p);
}

#[test]
fn with_four_clusters_signs_reject_nothing() {
    let [(_, batch), _] = samples();
    let fit = fit_one(&batch, &formula("within2"), "vcov=wild:four");
    for c in &fit.coefficients {
        // The smallest p-value of 16 combinations, two of them the data themselves.
        assert!(c.p_value >= 0.125, "{}", c.term);
        assert!(c.ci_low == f64::NEG_INFINITY && c.ci_high == f64::INFINITY);
    }
    assert!(fit.notes.iter().any(|n| n.text.contains("has no end")));
}

#[test]
fn random_draws_come_near_all_combinations() {
    let [(_, batch), _] = samples();
    let formula = formula("within2");
    let exact = fit_one(&batch, &formula, "vcov=wild:nine,draws=512");
    // Fewer draws than half the combinations are drawn at random.
    let drawn = fit_one(&batch, &formula, "vcov=wild:nine,draws=255,seed=4");
    assert!(
        drawn
            .notes
            .iter()
            .any(|n| n.text.contains("255 draws, seed 4"))
    );
    for (a, b) in exact.coefficients.iter().zip(&drawn.coefficients) {
        let spread = (a.p_value * (1.0 - a.p_value) / 255.0).sqrt();
        assert!(
            (a.p_value - b.p_value).abs() < 4.0 * spread + 1.0 / 256.0,
            "{}",
            a.term
        );
        assert_eq!((b.p_value * 256.0).fract(), 0.0);
    }
    // Far more clusters than are tabulated: rows as clusters, where signs and Webb's points agree with the t test.
    let many = with_column(
        &batch,
        "row",
        (0..batch.num_rows()).map(|r| r as f64).collect(),
    );
    for weights in ["", ",webb"] {
        let wild = fit_one(&many, RIGHT, &format!("vcov=wild:row{weights},draws=1999"));
        let usual = fit_one(&many, RIGHT, "vcov=hc1");
        for (a, b) in wild.coefficients.iter().zip(&usual.coefficients) {
            assert!(
                (a.p_value - b.p_value).abs() < 0.03,
                "{} {} {}",
                a.term,
                a.p_value,
                b.p_value
            );
        }
    }
}

#[test]
fn rows_as_clusters_give_hc3() {
    for (_, batch) in samples() {
        let n = batch.num_rows() as f64;
        let batch = with_column(
            &batch,
            "row",
            (0..batch.num_rows()).map(|r| r as f64).collect(),
        );
        for model in ["pooled", "within2"] {
            for weights in ["", " weights=hwy"] {
                let formula = formula(model);
                let hc3 = fit_one(&batch, &formula, &format!("vcov=hc3{weights}"));
                let crv3 = fit_one(&batch, &formula, &format!("vcov=crv3:row{weights}"));
                let hc2 = fit_one(&batch, &formula, &format!("vcov=hc2{weights}"));
                let cr2 = fit_one(&batch, &formula, &format!("vcov=cr2:row{weights}"));
                for place in 0..hc3.coefficients.len() {
                    let se = |fit: &panelyst_model::Fit| fit.coefficients[place].std_error;
                    // Two ways to the same leverages: rounding of some hundred sums.
                    close(se(&crv3), se(&hc3) * ((n - 1.0) / n).sqrt(), 1e-11, model);
                    close(se(&cr2), se(&hc2), 1e-11, model);
                }
            }
        }
    }
}

#[test]
fn the_same_bits_at_any_number_of_threads() {
    let [_, (_, batch)] = samples();
    let formula = formula("within2");
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let mut bits = Vec::new();
            for vcov in [
                "crv3:state",
                "cr2:state",
                "wild:state",
                "wild:state,webb",
                "pairs:state",
            ] {
                let mut asked = request(&formula, &format!("vcov={vcov}"));
                asked.small_samples = SmallSampleRule::Auto;
                let fit = fit(&batch, &asked).unwrap().remove(0);
                for c in &fit.coefficients {
                    bits.extend([c.std_error, c.p_value, c.ci_low, c.ci_high].map(f64::to_bits));
                }
                let text = serde_json::to_string(&fit.small_samples).unwrap();
                bits.extend(text.bytes().map(u64::from));
            }
            bits
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn pairs_come_near_the_jackknife_and_follow_the_seed() {
    let [(_, batch), _] = samples();
    let formula = formula("within2");
    let first = fit_one(&batch, &formula, "vcov=pairs:state,draws=1999");
    let second = fit_one(&batch, &formula, "vcov=pairs:state,draws=1999,seed=2");
    let jackknife = fit_one(&batch, &formula, "vcov=crv3:state");
    for place in 0..4 {
        let [a, b, c] = [&first, &second, &jackknife].map(|f| f.coefficients[place].std_error);
        assert_ne!(a, b);
        // The error of a standard deviation of 1999 draws is 1.6 %, the two estimators differ by some percent.
        assert!(
            (a / b - 1.0).abs() < 0.1 && (a / c - 1.0).abs() < 0.25,
            "{a} {b} {c}"
        );
    }
    assert_eq!(first.df_test, Some(47.0));
}

#[test]
fn effective_clusters_and_leverages_by_their_definitions() {
    let [_, (_, batch)] = samples();
    let few_pooled = few(&batch, "log(gsp) ~ unemp", "vcov=cluster:nine");
    let x = column(&batch, "unemp");
    let groups = column(&batch, "nine");
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let (mut squares, mut sums) = ([0.0; 9], [0.0; 9]);
    for (x, g) in x.iter().zip(&groups) {
        squares[*g as usize] += (x - mean).powi(2);
        sums[*g as usize] += x - mean;
    }
    let effective = |parts: Vec<f64>| {
        let mean = parts.iter().sum::<f64>() / 9.0;
        let gamma = parts
            .iter()
            .map(|p| ((p - mean) / mean).powi(2))
            .sum::<f64>()
            / 9.0;
        9.0 / (1.0 + gamma)
    };
    let row = few_pooled
        .coefficients
        .iter()
        .find(|c| c.term == "unemp")
        .unwrap();
    close(
        row.effective_clusters,
        effective(squares.to_vec()),
        1e-10,
        "effective",
    );
    let squared = sums.iter().map(|s| s * s).collect();
    close(
        row.effective_clusters_correlated.unwrap(),
        effective(squared),
        1e-9,
        "correlated",
    );
    let total: f64 = squares.iter().sum();
    let most = squares.iter().copied().fold(0.0, f64::max);
    close(
        row.partial_leverage_largest.value,
        most / total,
        1e-10,
        "partial leverage",
    );
    close(
        few_pooled.leverage_mean,
        2.0 / 9.0,
        1e-12,
        "leverage of two regressors",
    );
    let place = squares.iter().position(|s| *s == most).unwrap();
    assert_eq!(row.partial_leverage_largest.cluster, place.to_string());
    // Four slopes and the years but one.
    let within = few(&batch, &formula("within2"), "vcov=cluster:state");
    close(
        within.leverage_mean,
        20.0 / 48.0,
        1e-11,
        "leverage with years",
    );
    assert!(
        within.coefficients[0]
            .effective_clusters_correlated
            .is_none()
    );
    let first = within.coefficients[0].leave_one_out_low.as_ref().unwrap();
    assert!(
        first
            .without
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_'),
        "{}",
        first.without
    );
}

#[test]
fn what_one_cluster_identifies_alone_is_refused_or_left_out() {
    let [(_, batch), _] = samples();
    let nine = column(&batch, "nine");
    let year = column(&batch, "yr");
    let treated = nine
        .iter()
        .zip(&year)
        .map(|(g, t)| f64::from(u8::from(*g == 3.0 && *t > 1978.0)));
    let batch = with_column(&batch, "treated", treated.collect());
    let formula = "log(gsp) ~ unemp + treated | state + yr";
    let text = error(&batch, formula, "vcov=crv3:nine").to_string();
    assert!(text.contains("`treated` is not identified"), "{text}");
    let few = few(&batch, formula, "vcov=cluster:nine");
    assert!(few.coefficients[0].p_value_crv3.is_some());
    assert!(few.coefficients[1].p_value_crv3.is_none());
    assert!(few.coefficients[1].leave_one_out_low.is_none());
    // A year that only one cluster has is lost with it, and no coefficient of interest.
    let years = nine.iter().zip(&year).map(|(g, t)| {
        if *g == 2.0 && *t == 1986.0 {
            1999.0
        } else {
            *t
        }
    });
    let batch = with_column(&batch, "own", years.collect());
    let formula = "log(gsp) ~ unemp | state + own";
    let whole = fit_one(&batch, formula, "vcov=crv3:nine");
    let b = whole.coefficients[0].estimate;
    let squares: f64 = (0..9)
        .map(|g| {
            let keep: Vec<usize> = (0..nine.len())
                .filter(|&r| nine[r] != f64::from(g))
                .collect();
            let left = fit_one(&rows(&batch, &keep), formula, "vcov=iid");
            (left.coefficients[0].estimate - b).powi(2)
        })
        .sum();
    close(
        whole.coefficients[0].std_error,
        (squares * 8.0 / 9.0).sqrt(),
        1e-10,
        "own year",
    );
}

#[test]
fn when_the_statistics_are_computed() {
    let [(_, batch), _] = samples();
    let run = |options: &str, rule: SmallSampleRule| {
        let mut asked = request(&formula("within2"), options);
        asked.small_samples = rule;
        fit(&batch, &asked).unwrap().remove(0)
    };
    assert!(
        run("vcov=cluster:state", SmallSampleRule::Never)
            .small_samples
            .is_none()
    );
    assert!(
        run("vcov=iid", SmallSampleRule::Always)
            .small_samples
            .is_none()
    );
    assert!(
        run("vcov=cluster:state+yr", SmallSampleRule::Always)
            .small_samples
            .is_none()
    );
    let auto = run("vcov=cluster:state", SmallSampleRule::Auto);
    assert_eq!(auto.small_samples.as_ref().unwrap().clusters, 48);
    // The same draws as the covariance that is asked for by name.
    let wild = run("vcov=wild:state", SmallSampleRule::Auto);
    for (row, c) in auto
        .small_samples
        .unwrap()
        .coefficients
        .iter()
        .zip(&wild.coefficients)
    {
        assert_eq!(row.p_value_wild, c.p_value, "{}", row.term);
    }
    // `xtreg, robust` is clustered.
    let robust = run(
        "panel=state,yr vcov=hc1 convention=xtreg",
        SmallSampleRule::Auto,
    );
    assert!(robust.small_samples.is_some());
    let rows: Vec<f64> = (0..60).map(f64::from).collect();
    let wave = |step: f64| rows.iter().map(|r| (r * step).sin()).collect::<Vec<f64>>();
    let many = numbers(&[("y", wave(0.7)), ("x", wave(1.3)), ("g", rows.clone())]);
    let mut asked = request("y ~ x", "vcov=cluster:g");
    asked.small_samples = SmallSampleRule::Auto;
    assert!(fit(&many, &asked).unwrap()[0].small_samples.is_none());
    asked.small_samples = SmallSampleRule::Always;
    assert!(fit(&many, &asked).unwrap()[0].small_samples.is_some());
}
