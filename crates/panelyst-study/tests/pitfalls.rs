//! Pitfalls: one study that meets nearly all of them, the same study set right, and names that silence.
#![allow(clippy::unwrap_used)]

use panelyst_study::pitfalls::PITFALLS;
use panelyst_study::{Options, Overrides, Study, run};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// 30 units and 6 periods; `z` has a zero in each unit's second period, `gap` has gaps, unit 30 has no activity in period 1.
fn data() -> String {
    let mut text = String::from("id,year,y,x,z,gap,act,tot,half\n");
    for unit in 1..=30_i32 {
        for year in 1..=6_i32 {
            let noise =
                |k: i32| f64::from((unit * 37 * k + year * 101 + unit * year * 7) % 23) / 23.0;
            let x = 1.0 + 10.0 * f64::from(unit) + noise(3);
            // Between units y falls with x, within units it rises.
            let y = 3.0 * noise(3) - 0.5 * x + noise(5) / 10.0;
            let z = if year == 2 { 0.0 } else { 1.0 + noise(2) };
            let gap = if year == 3 && unit % 2 == 0 {
                String::new()
            } else {
                format!("{}", 2.0 + noise(7))
            };
            let act = if unit == 30 && year == 1 {
                String::new()
            } else {
                format!("{}", 1.0 + noise(11))
            };
            let half = if unit <= 15 { "a" } else { "b" };
            writeln!(
                text,
                "{unit},{year},{y},{x},{z},{gap},{act},{},{half}",
                5.0 + noise(13)
            )
            .unwrap();
        }
    }
    text
}

const CARELESS: &str = r#"
[study]
formats = ["text"]
SILENCE
[hypothesis]
text = "x reduces y"
sign = "positive"
[panel]
unit = "id"
time = "year"
[sources.a]
file = "a.csv"
[variables.y]
role = "outcome"
[variables.lz]
formula = "log(z)"
invalid = "drop"
definition = "Log of z"
role = "control"
[variables.z1]
formula = "log(z + 1)"
definition = "Natural log of z and one"
[variables.gap]
fill = "linear"
definition = "Something with gaps"
[variables.rate]
formula = "z / 10"
definition = "Log of the rate"
unit = "per cent"
[variables.lq]
index = "location-quotient"
activity = "act"
total = "tot"
[variables.before]
formula = "l(x, 1)"
fill = "linear"
fill-outwards = true
definition = "x a year before, filled"
[groups.half]
column = "half"
[model]
outcome = "y"
core = "x"
effects = ["id", "year"]
vcov = "hc1"
pooled-vcov = "iid"
convention = "xtreg"
constant = "time-dummies"
[[table]]
kind = "baseline"
title = "Results with LR test = 12.3, * p<0.1"
columns = [
  { formula = "y ~ x" },
  { formula = "y ~ x | id + year" },
  { formula = "y ~ x + lz" },
  { formula = "y ~ x + z1 + gap + rate + lq" },
  { formula = "y ~ before" },
  { formula = "y ~ gap", where = "id <= 15" },
  { formula = "y ~ gap", where = "id > 15" },
]
"#;

/// What a run met, and its ledger.
fn met(text: &str) -> (Vec<String>, String, String) {
    met_in(&data(), text)
}

/// The same on other data.
fn met_in(data: &str, text: &str) -> (Vec<String>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), data).unwrap();
    let path = folder.path().join("study.toml");
    std::fs::write(&path, text).unwrap();
    let finished = run(&path, &Options::default(), &mut |_, _, _| {}).unwrap();
    let file = |name: &str| std::fs::read_to_string(finished.folder.join(name)).unwrap();
    let results: Value = serde_json::from_str(&file("results.json")).unwrap();
    let list = results["pitfalls"].as_array().unwrap();
    let names: Vec<String> = list
        .iter()
        .map(|p| p["name"].as_str().unwrap().to_owned())
        .collect();
    for pitfall in list {
        let said = pitfall["text"].as_str().unwrap();
        assert!(finished.reading.contains(said), "{said}");
        assert!(
            finished.notes.iter().any(|note| note.contains(said)),
            "{said}"
        );
    }
    (names, file("ledger.csv"), finished.reading)
}

#[test]
fn a_careless_study_meets_them() {
    let (names, ..) = met(&CARELESS.replace("SILENCE", ""));
    let expected = [
        "log-of-zeros",
        "log-plus-constant",
        "log-base",
        "ratio-called-log",
        "percent-or-fraction",
        "interpolation",
        "interpolation",
        "location-quotient",
        "location-quotient",
        "lag-without-loss",
        "difference-untested",
        "iid-errors",
        "robust-means-clustered",
        "mixed-errors",
        "constant-beside-effects",
        "sign-flip",
        "meanings-of-lr",
        "test-without-df",
        "hypothesis-sign",
        "stars-legend",
    ];
    assert_eq!(names, expected);
}

#[test]
fn subsamples_are_added_up_and_their_clusters_counted() {
    let text = CARELESS
        .replace("SILENCE", "")
        .replace("\"hc1\"", "\"cluster:id\"");
    let members =
        "members = { a = [\"1\", \"2\", \"3\", \"4\", \"5\"], b = [\"6\", \"7\", \"8\", \"9\"] }";
    let text = text.replace("column = \"half\"", members);
    let text = text.replace("y ~ x | id + year", "y ~ x + lz | id + year");
    let text =
        format!("{text}\n[[table]]\nkind = \"heterogeneity\"\nby = \"half\"\npermutations = 0\n");
    let (names, _, reading) = met(&text);
    assert!(names.contains(&"few-clusters-in-group".to_owned()));
    // 5 and 4 units in groups, 30 in the panel, 5 periods in which lz has a value.
    assert!(
        reading.contains("25 + 20 = 45 observations") && reading.contains("has 150"),
        "{reading}"
    );
    // The groups of this table are tested.
    assert!(!names.contains(&"difference-untested".to_owned()));
}

/// One note names all tables in which errors differ.
#[test]
fn mixed_errors_are_told_once() {
    let again = CARELESS.replace("SILENCE", "");
    let (_, second) = again.split_once("[[table]]").unwrap();
    let text = format!("{again}\n[[table]]{second}");
    let (names, _, reading) = met(&text);
    assert_eq!(names.iter().filter(|n| *n == "mixed-errors").count(), 1);
    assert!(
        reading.contains("Table 1, Table 2: columns differ in their errors"),
        "{reading}"
    );
}

/// Where no table prints the full model the groups are held against its rows all the same.
#[test]
fn subsamples_are_added_up_where_the_whole_is_not_printed() {
    let (head, _) = CARELESS.split_once("[[table]]").unwrap();
    let members =
        "members = { a = [\"1\", \"2\", \"3\", \"4\", \"5\"], b = [\"6\", \"7\", \"8\", \"9\"] }";
    let text = format!(
        "{}[[table]]\nkind = \"heterogeneity\"\nby = \"half\"\npermutations = 0\n",
        head.replace("SILENCE", "")
            .replace("column = \"half\"", members)
    );
    let (_, _, reading) = met(&text);
    assert!(
        reading.contains("25 + 20 = 45 observations, and the whole (not printed) has 150"),
        "{reading}"
    );
}

#[test]
fn a_careful_study_meets_only_what_its_data_show() {
    let text = r#"
[study]
formats = ["text"]
[panel]
unit = "id"
time = "year"
[sources.a]
file = "a.csv"
[variables.lx]
formula = "log(x)"
definition = "Natural log of x"
[model]
outcome = "y"
core = "lx"
[[table]]
kind = "baseline"
[[table]]
kind = "robustness"
variants = [{ lag = 1 }, { vcov = "iid" }]
"#;
    let (names, _, reading) = met(text);
    // The pooled and the two-way estimate have opposite signs in these data by design.
    assert_eq!(names, ["sign-flip"]);
    assert!(reading.contains("## Cautions"));
}

/// What a study of one table meets on 20 units and 8 periods.
fn plain(effects: &str, vcov: &str, first: i64, definition: &str) -> Vec<String> {
    let text = format!(
        r#"
[study]
formats = ["text"]
[panel]
unit = "id"
time = "year"
[sources.a]
file = "a.csv"
[variables.x]
definition = "{definition}"
[model]
outcome = "y"
core = "x"
[[table]]
kind = "baseline"
columns = [{{ formula = "y ~ x {effects}", vcov = "{vcov}" }}]
"#
    );
    let mut rows = String::from("id,year,y,x\n");
    for unit in 1..=20_i64 {
        for year in 0..8_i64 {
            let noise =
                |k: i64| ((unit * 37 * k + year * 101 + unit * year * 7) % 23) as f64 / 23.0;
            // A shock of the year that all units share.
            let shock = ((year * 5) % 8) as f64;
            writeln!(
                rows,
                "{unit},{},{},{}",
                first + year,
                shock + noise(3),
                noise(5)
            )
            .unwrap();
        }
    }
    met_in(&rows, &text).0
}

#[test]
fn shocks_that_units_share_are_told_where_nothing_allows_for_them() {
    let has = |effects: &str, vcov: &str| {
        plain(effects, vcov, 1990, "Share of firms").contains(&"spatial-correlation".to_owned())
    };
    assert!(has("", "cluster:id"));
    assert!(has("| id", "hc1"));
    assert!(!has("| id + year", "cluster:id"));
    assert!(!has("| id", "cluster:id+year"));
    assert!(!has("| id", "driscoll-kraay:2"));
}

#[test]
fn a_threshold_that_moved_inside_the_panel_is_told() {
    let has = |first: i64, definition: &str| {
        plain("| id + year", "cluster:id", first, definition).contains(&"coverage-break".to_owned())
    };
    let words = "Share of firms above designated size";
    assert!(has(2006, words));
    assert!(has(2006, "规模以上企业的比重"));
    assert!(has(2006, "Output of enterprises above a designated-size"));
    assert!(!has(2006, "Share of all firms"));
    assert!(!has(2011, words));
    assert!(!has(1999, words));
}

#[test]
fn what_is_silenced_stands_in_the_ledger() {
    let silence = "silence = [\"log-base\", \"iid-errors\", \"subsamples\"]";
    let (names, ledger, reading) = met(&CARELESS.replace("SILENCE", silence));
    assert!(!names.iter().any(|n| n == "log-base" || n == "iid-errors"));
    assert!(!reading.contains("does not say which logarithm"));
    let lines: Vec<&str> = ledger
        .lines()
        .filter(|l| l.starts_with("silenced"))
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("pitfall log-base") && lines[0].contains("does not say which"));
    assert!(lines[2].contains("pitfall subsamples") && lines[2].contains("not met"));
}

#[test]
fn an_unknown_name_is_a_mistake_at_its_place() {
    let text = CARELESS.replace(
        "SILENCE",
        "silence = [\"log-bas\", \"iid-errors\", \"iid-errors\"]",
    );
    let found = Study::parse(Path::new("study.toml"), &text, &Overrides::default()).unwrap_err();
    assert_eq!(found.list[1].message, "`iid-errors` is named twice");
    assert_eq!(
        &text[found.list[0].span.start..found.list[0].span.end],
        "\"log-bas\""
    );
    assert_eq!(
        found.list[0].hint.as_deref(),
        Some("did you mean `log-base`?")
    );
}

#[test]
fn rows_are_whole_and_names_differ() {
    for (place, row) in PITFALLS.iter().enumerate() {
        assert!(PITFALLS[..place].iter().all(|other| other.name != row.name));
        let texts = [
            row.label,
            row.label_zh,
            row.looks_at,
            row.fix,
            row.fix_zh,
            row.doc,
        ];
        assert!(texts.iter().all(|text| !text.is_empty()), "{}", row.name);
    }
}
