#![allow(clippy::unwrap_used)]

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use rayon::ThreadPoolBuilder;

use super::*;
use crate::canonical::{
    batch, close, data, formula, munnell, number_column, records, request, text_column, with_column,
};
use crate::results::GroupDifference;

const RIGHT: &str = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp";

/// State number i in the group "abc"[i % 3].
fn grouped(data: &RecordBatch) -> RecordBatch {
    let states: Vec<&str> = data
        .column_by_name("state")
        .unwrap()
        .as_string::<i32>()
        .iter()
        .map(Option::unwrap)
        .collect();
    let mut sorted = states.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let groups: Vec<&str> = states
        .iter()
        .map(|s| ["a", "b", "c"][sorted.binary_search(s).unwrap() % 3])
        .collect();
    with_column(data, "group", text_column(&groups))
}

fn options(methods: &[&str], permutations: usize, seed: u64) -> GroupOptions {
    GroupOptions {
        terms: Vec::new(),
        permutations,
        seed,
        methods: methods.iter().map(|m| (*m).to_owned()).collect(),
    }
}

fn compare(data: &RecordBatch, text: &str, options: &GroupOptions) -> Vec<GroupDifference> {
    let asked = request("state", "yr");
    group_differences(data, &formula(text), &asked, "group", options).unwrap()
}

fn effects(name: &str) -> String {
    match name {
        "none" => RIGHT.to_owned(),
        "unit" => format!("{RIGHT} | state"),
        _ => format!("{RIGHT} | state + yr"),
    }
}

#[test]
fn interactions_of_pyfixest() {
    let panels = [
        ("balanced", grouped(&munnell())),
        ("unbalanced", {
            // The groups are those of all states, all of which stay.
            grouped(&data("canonical/munnell.csv", |row, _| row % 7 != 0))
        }),
    ];
    let mut found = Vec::new();
    for (label, data) in &panels {
        for name in ["none", "unit", "both"] {
            let rows = compare(data, &effects(name), &options(&["interaction"], 0, 1));
            assert_eq!(rows.len(), 3 * 4);
            found.push(((*label, name), rows));
        }
    }
    let mut seen = 0;
    for record in records("reference/pyfixest/group-differences.csv") {
        let number = |at: usize| record[at].parse::<f64>().unwrap();
        let key = (record[0].as_str(), record[1].as_str());
        let rows = &found.iter().find(|(k, _)| *k == key).unwrap().1;
        let term = match record[2].as_str() {
            "unemp" => "unemp".to_owned(),
            log => format!("log({})", log.trim_start_matches("log_")),
        };
        let row = rows
            .iter()
            .find(|r| r.term == term && r.groups == [record[3].clone(), record[4].clone()])
            .unwrap();
        let what = format!("{key:?} {term} {:?}", row.groups);
        // pyfixest removes effects by iteration to 1e-6 of its own measure and solves normal equations.
        close(row.estimates[0], number(5), 1e-6, &what);
        close(row.estimates[1], number(6), 1e-6, &what);
        close(
            row.std_error.unwrap(),
            number(7),
            1e-6,
            &format!("error of {what}"),
        );
        close(
            row.p_value.unwrap(),
            number(8),
            1e-5,
            &format!("p of {what}"),
        );
        assert_eq!(row.clusters, [16, 16]);
        assert_eq!(row.df, Some(31.0));
        seen += 1;
    }
    assert_eq!(seen, 2 * 3 * 3 * 4);
}

#[test]
fn permutation_estimates_the_same_models() {
    // Cross-products of units against least squares on rows; gaps, weights, three effects and slopes too.
    let gaps = grouped(&data("canonical/munnell.csv", |row, _| {
        row % 7 != 0 && row % 5 != 3
    }));
    let block: Vec<f64> = (0..gaps.num_rows())
        .map(|row| (row * 31 % 4) as f64)
        .collect();
    let gaps = with_column(&gaps, "block", number_column(&block));
    let full = grouped(&munnell());
    let three = format!("{RIGHT} | state + yr + block");
    let slopes = format!("{RIGHT} | state[yr] + block");
    let combined = format!("{RIGHT} | state + block^yr");
    let bare = RIGHT.replace("~ ", "~ 0 + ");
    for (data, text, weights) in [
        (&full, effects("both"), None),
        (&full, effects("unit"), Some("emp")),
        (&gaps, effects("none"), None),
        (&gaps, effects("unit"), None),
        (&gaps, effects("both"), None),
        (&gaps, effects("both"), Some("emp")),
        (&gaps, format!("{RIGHT} | yr"), None),
        (&gaps, three, None),
        (&gaps, slopes, None),
        (&gaps, combined, None),
        (&gaps, bare, None),
    ] {
        let mut asked = request("state", "yr");
        asked.weights = weights.map(str::to_owned);
        let rows =
            group_differences(data, &formula(&text), &asked, "group", &options(&[], 9, 1)).unwrap();
        assert_eq!(rows.len(), 3 * 4 * 2);
        for two in rows.chunks_exact(2) {
            assert_eq!(
                [&two[0].method, &two[1].method],
                ["interaction", "permutation"]
            );
            assert_eq!(two[0].term, two[1].term);
            for group in 0..2 {
                // Normal equations lose digits by the condition of the regressors, about 1e3 here.
                let what = format!("{text} {} {:?} {}", two[0].term, two[0].groups, two[1].note);
                let (a, b) = (two[1].estimates[group], two[0].estimates[group]);
                assert!((a - b).abs() <= 1e-9 * b.abs().max(0.1), "{what}: {a} {b}");
            }
        }
    }
}

#[test]
fn permutations_repeat_at_any_number_of_threads() {
    let data = grouped(&munnell());
    let text = effects("both");
    let mut all = Vec::new();
    for threads in [1, 2, 5] {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let rows = pool.install(|| compare(&data, &text, &options(&[], 199, 7)));
        all.push(format!("{rows:?}"));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    let other = compare(&data, &text, &options(&["permutation"], 199, 8));
    let same = compare(&data, &text, &options(&["permutation"], 199, 7));
    let p = |rows: &[GroupDifference]| rows.iter().map(|r| r.p_value.unwrap()).collect::<Vec<_>>();
    assert_ne!(p(&other), p(&same), "another seed draws other assignments");
    assert_eq!(same[0].permutations.unwrap().seed, 7);
    // Draws are multiples of 1 / 200, and never zero.
    for p in p(&same) {
        assert!((p * 200.0 - (p * 200.0).round()).abs() < 1e-9 && p >= 1.0 / 200.0);
    }
}

/// Eight units in two groups, five years; `slopes` are those of the groups.
fn eight(slopes: [f64; 2], seed: u64) -> RecordBatch {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1u64 << 31) as f64 - 0.5
    };
    let names: Vec<String> = (0..8).map(|u| format!("u{u}")).collect();
    let (mut unit, mut year, mut group) = (Vec::new(), Vec::new(), Vec::new());
    let (mut y, mut x) = (Vec::new(), Vec::new());
    for u in 0..8 {
        let level = 3.0 * draw();
        for t in 0..5 {
            let (a, e) = (draw(), draw());
            unit.push(names[u].as_str());
            year.push(f64::from(t));
            group.push(if u % 2 == 0 { "even" } else { "odd" });
            x.push(a);
            y.push(level + slopes[u % 2] * a + 0.2 * e + 0.3 * f64::from(t));
        }
    }
    batch(vec![
        ("state", text_column(&unit)),
        ("yr", number_column(&year)),
        ("group", text_column(&group)),
        ("y", number_column(&y)),
        ("x", number_column(&x)),
    ])
}

#[test]
fn few_assignments_are_enumerated() {
    let data = eight([2.0, -1.0], 3);
    let rows = compare(
        &data,
        "y ~ x | state + yr",
        &options(&["permutation"], 70, 1),
    );
    // All 8! / (4! 4!) assignments; the observed one and its mirror are the most extreme.
    assert_eq!(rows[0].permutations.unwrap().draws, 70);
    close(rows[0].p_value.unwrap(), 2.0 / 70.0, 1e-12, "p");
    assert!(rows[0].note.contains("exact"), "{}", rows[0].note);
    assert!(
        rows[0].note.contains("even has 4, odd has 4"),
        "{}",
        rows[0].note
    );
    // By brute force with a regression for each assignment.
    let weak = eight([0.1, 0.0], 4);
    let found = &compare(
        &weak,
        "y ~ x | state + yr",
        &options(&["permutation"], 70, 1),
    )[0];
    let names: Vec<&str> = weak
        .column(0)
        .as_string::<i32>()
        .iter()
        .map(Option::unwrap)
        .collect();
    let mut large = 0;
    for mask in 0u32..256 {
        if mask.count_ones() != 4 {
            continue;
        }
        let group: Vec<&str> = names
            .iter()
            .map(|n| {
                let u: u32 = n[1..].parse().unwrap();
                if mask >> u & 1 == 1 { "even" } else { "odd" }
            })
            .collect();
        let columns =
            ["state", "yr", "y", "x"].map(|c| (c, weak.column_by_name(c).unwrap().clone()));
        let shuffled = with_column(&batch(columns.to_vec()), "group", text_column(&group));
        let row = &compare(
            &shuffled,
            "y ~ x | state + yr",
            &options(&["interaction"], 0, 1),
        )[0];
        large += usize::from(row.difference.abs() >= found.difference.abs() * (1.0 - 1e-9));
    }
    close(
        found.p_value.unwrap(),
        large as f64 / 70.0,
        1e-12,
        "exact p",
    );
    // One draw fewer than assignments: drawn at random.
    let drawn = compare(
        &data,
        "y ~ x | state + yr",
        &options(&["permutation"], 69, 1),
    );
    assert!(drawn[0].note.contains("69 random"), "{}", drawn[0].note);
}

#[test]
fn p_values_are_uniform_under_the_null() {
    let trials = 300;
    let mut p: Vec<f64> = (0..trials)
        .map(|seed| {
            let data = eight([1.0, 1.0], 1000 + seed);
            let rows = compare(
                &data,
                "y ~ x | state + yr",
                &options(&["permutation"], 59, seed),
            );
            rows[0].p_value.unwrap()
        })
        .collect();
    p.sort_by(f64::total_cmp);
    // Kolmogorov distance, 1.95 / sqrt(300) at the 0.1 % level, and 1/60 for the grid of p-values.
    let distance = p
        .iter()
        .enumerate()
        .map(|(i, p)| ((i + 1) as f64 / trials as f64 - p).abs())
        .fold(0.0, f64::max);
    assert!(distance < 0.113 + 1.0 / 30.0, "{distance}");
}

#[test]
fn groups_too_small_are_undefined() {
    // One unit alone in group "one".
    let data = eight([1.0, 2.0], 5);
    let names: Vec<&str> = data
        .column(0)
        .as_string::<i32>()
        .iter()
        .map(Option::unwrap)
        .collect();
    let group: Vec<&str> = names
        .iter()
        .map(|n| if *n == "u0" { "one" } else { "rest" })
        .collect();
    let columns = ["state", "yr", "y", "x"].map(|c| (c, data.column_by_name(c).unwrap().clone()));
    let lonely = with_column(&batch(columns.to_vec()), "group", text_column(&group));
    let rows = compare(&lonely, "y ~ x | state + yr", &options(&[], 99, 1));
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row.p_value, None, "{row:?}");
        assert!(row.note.starts_with("undefined"), "{}", row.note);
        assert_eq!(row.clusters, [1, 7]);
    }
    assert!(
        rows[0].note.contains("one has fewer than two clusters"),
        "{}",
        rows[0].note
    );
    assert!(
        rows[1].note.contains("not identified in one"),
        "{}",
        rows[1].note
    );
    // With unit effects alone the unit has a slope of its own; all 8 assignments are enumerated.
    let rows = compare(&lonely, "y ~ x | state", &options(&["permutation"], 99, 1));
    assert_eq!(rows[0].permutations.unwrap().draws, 8);
    // A unit in both groups cannot be reassigned.
    let years: Vec<&str> = (0..40)
        .map(|row| if row % 5 < 2 { "early" } else { "late" })
        .collect();
    let split = with_column(&batch(columns.to_vec()), "group", text_column(&years));
    let rows = compare(&split, "y ~ x | state", &options(&[], 99, 1));
    assert!(rows[0].p_value.is_some());
    assert!(
        rows[1].note.contains("u0 is in both groups"),
        "{}",
        rows[1].note
    );
}

#[test]
fn mistakes_are_errors() {
    let data = eight([1.0, 1.0], 1);
    let asked = request("state", "yr");
    let plain = formula("y ~ x | state");
    let with = |change: &dyn Fn(&mut GroupOptions)| {
        let mut o = GroupOptions::default();
        change(&mut o);
        group_differences(&data, &plain, &asked, "group", &o)
    };
    assert!(matches!(
        with(&|o| o.terms = vec!["z".to_owned()]),
        Err(Error::UnknownName {
            what: "regressor",
            ..
        })
    ));
    assert!(matches!(
        with(&|o| o.methods = vec!["chow".to_owned()]),
        Err(Error::UnknownName { .. })
    ));
    let unknown = group_differences(&data, &plain, &asked, "region", &GroupOptions::default());
    assert!(matches!(
        unknown,
        Err(Error::UnknownColumn { role: "group", .. })
    ));
    let one = with_column(&data, "all", text_column(&["x"; 40]));
    let error =
        group_differences(&one, &plain, &asked, "all", &GroupOptions::default()).unwrap_err();
    assert!(error.to_string().contains("has 1 value"), "{error}");
    let mut random = asked.clone();
    random.estimator = Some(Estimator::Random);
    let error = group_differences(
        &data,
        &formula("y ~ x"),
        &random,
        "group",
        &GroupOptions::default(),
    );
    assert!(matches!(error, Err(Error::Unsupported { .. })));
    assert!(
        with(&|o| o.permutations = 5)
            .unwrap()
            .iter()
            .all(|r| r.p_value.is_some())
    );
}

#[test]
fn combinations_are_counted() {
    assert_eq!(permutation::combinations(31, 12), Some(141_120_525));
    assert_eq!(permutation::combinations(8, 8), Some(1));
    assert_eq!(permutation::combinations(1000, 500), None);
}

#[test]
fn stacked_scores_give_the_sandwich_of_the_interaction() {
    let full = grouped(&munnell());
    let gaps = grouped(&data("canonical/munnell.csv", |row, _| row % 7 != 0));
    for (data, effects) in [
        (&full, "none"),
        (&full, "both"),
        (&gaps, "unit"),
        (&gaps, "both"),
    ] {
        for (cluster, groups) in [("state", 32.0f64), ("yr", 17.0)] {
            let mut asked = request("state", "yr");
            asked.vcov = Vcov::Cluster(vec![cluster.to_owned()]);
            // Without a factor; singletons do not occur.
            asked.convention = "plm".to_owned();
            let mut how = options(&[], 0, 1);
            how.methods = ["suest", "interaction"].map(str::to_owned).into();
            let text = formula(&self::effects(effects));
            let rows = group_differences(data, &text, &asked, "group", &how).unwrap();
            assert_eq!(rows.len(), 3 * 4 * 2);
            for two in rows.chunks_exact(2) {
                let what = format!("{effects} {cluster} {}", two[0].term);
                close(two[0].difference, two[1].difference, 1e-8, &what);
                let bare = two[0].std_error.unwrap() * ((groups - 1.0) / groups).sqrt();
                close(bare, two[1].std_error.unwrap(), 1e-8, &what);
                let z = two[0].statistic.unwrap();
                close(
                    two[0].p_value.unwrap(),
                    crate::distributions::normal_two_sided(z),
                    1e-12,
                    &what,
                );
                assert!(two[0].df.is_none());
            }
        }
    }
}

#[test]
fn holm_corrects_each_term_and_method_over_the_pairs() {
    let data = grouped(&munnell());
    let asked = request("state", "yr");
    let rows = group_differences(
        &data,
        &formula(&effects("both")),
        &asked,
        "group",
        &options(&[], 99, 1),
    )
    .unwrap();
    for first in rows
        .iter()
        .filter(|r| r.groups == ["a".to_owned(), "b".to_owned()])
    {
        let mut family: Vec<(f64, f64)> = rows
            .iter()
            .filter(|r| r.term == first.term && r.method == first.method)
            .map(|r| (r.p_value.unwrap(), r.p_value_holm.unwrap()))
            .collect();
        family.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [(p1, c1), (p2, c2), (p3, c3)] = family[..] else {
            panic!()
        };
        let one = (3.0 * p1).min(1.0);
        let two = one.max(2.0 * p2).min(1.0);
        assert_eq!([c1, c2, c3], [one, two, two.max(p3).min(1.0)]);
    }
}

#[test]
fn stacked_estimation_of_r_and_its_correction() {
    let panels = [
        ("balanced", grouped(&munnell())),
        (
            "unbalanced",
            grouped(&data("canonical/munnell.csv", |row, _| row % 7 != 0)),
        ),
    ];
    let mut found = Vec::new();
    for (label, data) in &panels {
        for name in ["none", "unit", "both"] {
            for weights in ["none", "hwy"] {
                for cluster in ["state", "yr"] {
                    let mut asked = request("state", "yr");
                    asked.vcov = Vcov::Cluster(vec![cluster.to_owned()]);
                    asked.weights = (weights != "none").then(|| weights.to_owned());
                    let how = options(&["suest"], 0, 1);
                    let text = formula(&effects(name));
                    let rows = group_differences(data, &text, &asked, "group", &how).unwrap();
                    assert_eq!(rows.len(), 3 * 4);
                    found.push(([*label, name, weights, cluster], rows));
                }
            }
        }
    }
    let mut seen = 0;
    // The first record is the header below a comment.
    for record in &records("reference/sandwich/group-differences.csv")[1..] {
        let number = |at: usize| record[at].parse::<f64>().unwrap();
        let rows = &found.iter().find(|(k, _)| k[..] == record[..4]).unwrap().1;
        let row = rows
            .iter()
            .find(|r| r.term == record[4] && r.groups[..] == record[5..7])
            .unwrap();
        let what = format!("{record:?}");
        // R solves by QR with all dummies; the condition of the regressors, about 1e3, takes three digits of both.
        close(row.estimates[0], number(7), 1e-9, &what);
        close(row.estimates[1], number(8), 1e-9, &what);
        close(row.std_error.unwrap(), number(9), 1e-9, &what);
        // Tails magnify what is left of the statistic.
        close(row.p_value.unwrap(), number(10), 1e-7, &what);
        close(row.p_value_holm.unwrap(), number(11), 1e-7, &what);
        seen += 1;
    }
    assert_eq!(seen, 2 * 3 * 2 * 2 * 4 * 3);
}

#[test]
fn stacked_scores_need_two_clusters_in_each_group() {
    // A cluster variable that is the group: the scores of each group sum to zero, and rounding is no variance.
    let data = grouped(&munnell());
    let mut asked = request("state", "yr");
    asked.vcov = Vcov::Cluster(vec!["group".to_owned()]);
    for name in ["none", "both"] {
        let how = options(&["suest", "interaction"], 0, 1);
        let text = formula(&effects(name));
        let rows = group_differences(&data, &text, &asked, "group", &how).unwrap();
        for row in &rows {
            assert!(row.p_value.is_none(), "{row:?}");
            assert!(row.p_value_holm.is_none(), "{row:?}");
        }
        assert!(
            rows[0]
                .note
                .contains("a has fewer than two clusters of group"),
            "{}",
            rows[0].note
        );
    }
}
