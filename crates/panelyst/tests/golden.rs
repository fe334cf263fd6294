//! One golden output of each command. `PANELYST_BLESS=1 cargo test -p panelyst --test golden` writes them anew.
#![allow(clippy::unwrap_used)]

mod binary;

use std::fs;

use binary::{root, run};
use serde_json::Value;

const MUNNELL: &str = "tests/canonical/munnell.csv";
const FORMULA: &str = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp";
const CAPITAL: &str = "examples/us-states/data/public-capital-by-kind.csv";

/// Compares an output with the file of that name. Text must be the same; numbers in JSON may differ by rounding, since
/// logarithms of another platform's mathematical library may differ in their last bit.
fn golden(name: &str, got: &str) {
    let path = root().join("tests/golden").join(name);
    if std::env::var_os("PANELYST_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, got).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{name} is missing; write it with PANELYST_BLESS=1"));
    if name.ends_with(".json") {
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let got: Value = serde_json::from_str(got).unwrap();
        same(name, &expected, &got);
    } else {
        assert_eq!(
            got, expected,
            "{name} differs; PANELYST_BLESS=1 accepts the change"
        );
    }
}

fn same(place: &str, expected: &Value, got: &Value) {
    match (expected, got) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            // p-values of far tails magnify the rounding of the statistic.
            let allowed = 1e-9 * a.abs().max(1e-12);
            assert!((a - b).abs() <= allowed, "{place}: {a} became {b}");
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{place}");
            for (j, (a, b)) in a.iter().zip(b).enumerate() {
                same(&format!("{place}[{j}]"), a, b);
            }
        }
        (Value::Object(a), Value::Object(b)) => {
            let (left, right): (Vec<_>, Vec<_>) = (a.keys().collect(), b.keys().collect());
            assert_eq!(left, right, "{place}");
            for (key, value) in a {
                same(&format!("{place}.{key}"), value, &b[key]);
            }
        }
        _ => assert_eq!(expected, got, "{place}"),
    }
}

/// Runs a command that must succeed and compares its standard output.
fn command(name: &str, arguments: &[&str]) {
    let run = run(arguments);
    assert_eq!(run.code, 0, "{name}: {}", run.stderr);
    golden(name, &run.stdout);
}

#[test]
fn fit() {
    let formula = format!("{FORMULA} | state + yr");
    command(
        "fit.json",
        &[
            "fit",
            MUNNELL,
            &formula,
            "--vcov",
            "cluster:state",
            "--format",
            "json",
        ],
    );
    for (format, name) in [
        ("text", "fit.txt"),
        ("markdown", "fit.md"),
        ("latex", "fit.tex"),
        ("html", "fit.html"),
        ("csv", "fit.csv"),
    ] {
        command(
            name,
            &[
                "fit",
                MUNNELL,
                &formula,
                "--vcov",
                "cluster:state",
                "--format",
                format,
            ],
        );
    }
}

/// One model under all conventions; the seed of the bootstrap beside them stands in the JSON.
#[test]
fn fit_under_all_conventions() {
    let formula = format!("{FORMULA} | state + yr");
    let vcov = ["--vcov", "cluster:state", "--convention", "all"];
    let common = [&["fit", MUNNELL, &formula], &vcov[..]].concat();
    for (name, more) in [
        ("conventions.txt", &[][..]),
        ("conventions-zh.txt", &["--lang", "zh"]),
        ("conventions.json", &["--format", "json"]),
    ] {
        command(name, &[&common[..], more].concat());
    }
    // On a narrow terminal no line is wider than it.
    let mut narrow = binary::program();
    let narrow = narrow.args(&common).env("COLUMNS", "60").output().unwrap();
    assert!(narrow.status.success());
    let text = String::from_utf8(narrow.stdout).unwrap();
    assert!(text.contains("linearmodels"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
    // Where there is room the same table has wider lines.
    let wide = binary::program().args(&common).output().unwrap();
    let wide = String::from_utf8(wide.stdout).unwrap();
    assert!(wide.lines().any(|line| line.chars().count() > 60));
}

/// A misspelt name brings the one that is near.
#[test]
fn names_that_are_near() {
    for (option, typed, near) in [
        ("--convention", "fixst", "did you mean fixest?"),
        ("--convention", "fixest,reghdf", "did you mean reghdfe?"),
        ("--vcov", "clster:state", "did you mean cluster?"),
        ("--vcov", "crv:state", "did you mean crv3 or cr2?"),
        ("--vcov", "wild:state,web", "did you mean webb?"),
        ("--vcov", "wild:state,sede=3", "did you mean seed?"),
        ("--vcov", "crv3:stat", "did you mean state?"),
        ("--model", "withn", "did you mean within?"),
    ] {
        let run = run(&["fit", MUNNELL, FORMULA, option, typed]);
        assert!(run.code != 0, "{typed}");
        assert!(run.stderr.contains(near), "{typed}: {}", run.stderr);
    }
}

#[test]
fn test() {
    let panel = ["--panel", "state,yr"];
    command("test.txt", &["test", MUNNELL, FORMULA, panel[0], panel[1]]);
    command(
        "test.json",
        &[
            "test", MUNNELL, FORMULA, panel[0], panel[1], "--format", "json",
        ],
    );
}

#[test]
fn describe() {
    let common = [
        "describe",
        MUNNELL,
        "--vars",
        "gsp,log(pc),unemp",
        "--panel",
        "state,yr",
    ];
    command("describe.txt", &common);
    command(
        "describe.json",
        &[&common[..], &["--format", "json"]].concat(),
    );
}

#[test]
fn index() {
    let common = [
        "index",
        "location-quotient",
        CAPITAL,
        "--value",
        "stock",
        "--region",
        "state",
        "--activity",
        "kind",
        "--time",
        "year",
    ];
    let csv = run(&[&common[..], &["--format", "csv"]].concat());
    let head: Vec<&str> = csv.stdout.lines().take(12).collect();
    golden(
        "index.csv",
        &(head.join(
            "
",
        ) + "
"),
    );
    let json = run(&[&common[..], &["--format", "json"]].concat());
    let rows: Vec<Value> = serde_json::from_str(&json.stdout).unwrap();
    golden(
        "index.json",
        &serde_json::to_string_pretty(&rows[..6]).unwrap(),
    );
}

#[test]
fn audit() {
    const PAPER: &str = "examples/audit-reference-paper/paper.toml";
    command("audit.json", &["audit", PAPER, "--format", "json"]);
    command("audit.txt", &["audit", PAPER]);
    command("audit.md", &["audit", PAPER, "--format", "markdown"]);
    command(
        "audit-zh.md",
        &["audit", PAPER, "--format", "markdown", "--lang", "zh"],
    );
    command("audit.csv", &["audit", PAPER, "--format", "csv"]);
    command("audit-summary.txt", &["audit", PAPER, "--summary"]);
    for (name, more) in [
        ("audit-zh.txt", &[][..]),
        ("audit-zh.csv", &["--format", "csv"]),
        ("audit-summary-zh.txt", &["--summary"]),
    ] {
        command(name, &[&["audit", PAPER, "--lang", "zh"], more].concat());
    }
    // Results have one language.
    command(
        "audit.json",
        &["audit", PAPER, "--format", "json", "--lang", "zh"],
    );
    let strict = run(&["audit", PAPER, "--strict", "--format", "json"]);
    assert_eq!(strict.code, 1);
    assert!(strict.stderr.contains("--strict"), "{}", strict.stderr);
    let html = run(&["audit", PAPER, "--format", "html"]);
    assert_eq!(html.code, 0);
    assert!(html.stdout.contains("<table"));
}

#[test]
fn schema() {
    command("schema.json", &["schema"]);
}

#[test]
fn run_and_check() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().to_str().unwrap();
    let study = "examples/us-states/study.toml";
    command("check.txt", &["check", study]);
    command("run.txt", &["run", study, "--out", folder]);
    for file in [
        "results.json",
        "ledger.csv",
        "reading.md",
        "report.html",
        "panelyst.lock",
        "tables/all.docx",
    ] {
        let size = fs::metadata(out.path().join(file)).unwrap().len();
        assert!(size > 0, "{file}");
    }
    let again = run(&[
        "run", study, "--out", folder, "--locked", "--format", "json",
    ]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let results: Value = serde_json::from_str(&again.stdout).unwrap();
    assert!(results["tables"].is_array());
}

#[test]
fn new_gives_a_study_that_runs() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("mine");
    let created = run(&["new", folder.to_str().unwrap()]);
    assert_eq!(created.code, 0, "{}", created.stderr);
    let listed = created
        .stdout
        .replace(folder.to_str().unwrap(), "mine")
        .replace('\\', "/");
    golden("new.txt", &listed);
    let study = folder.join("study.toml");
    let ran = run(&["run", study.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(folder.join("out/results.json").exists());
    let again = run(&["new", folder.to_str().unwrap()]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
}
