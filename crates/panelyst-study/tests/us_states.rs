//! The bundled study, run as a user runs it.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;
use panelyst_study::{Error, Options, Overrides, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn study() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/us-states/study.toml")
}

fn options(out: &Path) -> Options {
    Options {
        out: Some(out.to_path_buf()),
        ..Options::default()
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn every_table_is_written_in_every_format_and_twice_the_same() {
    let out = tempfile::tempdir().unwrap();
    let finished = run(&study(), &options(out.path()), &mut |_, _, _| {}).unwrap();
    let first = files(out.path());
    for extension in ["txt", "md", "tex", "html", "csv", "docx", "xlsx"] {
        for table in &finished.tables {
            assert!(
                first.contains_key(&format!("tables/{}.{extension}", table.id)),
                "{} {extension}",
                table.id
            );
        }
    }
    for name in [
        "results.json",
        "ledger.csv",
        "reading.md",
        "report.html",
        "panelyst.lock",
    ] {
        assert!(first.contains_key(name), "{name}");
    }
    assert_eq!(
        first.len(),
        finished.files.len(),
        "nothing else is left behind"
    );
    run(&study(), &options(out.path()), &mut |_, _, _| {}).unwrap();
    let second = files(out.path());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{name} differs between two runs");
    }
}

#[test]
fn filled_cells_stand_in_the_ledger_and_below_the_table() {
    let out = tempfile::tempdir().unwrap();
    let finished = run(&study(), &options(out.path()), &mut |_, _, _| {}).unwrap();
    let ledger = std::fs::read_to_string(out.path().join("ledger.csv")).unwrap();
    let filled: Vec<&str> = ledger
        .lines()
        .filter(|l| l.starts_with("filled,"))
        .collect();
    assert_eq!(filled.len(), 4, "{filled:?}");
    assert!(filled.iter().any(|l| l.contains("Wyoming,1983")));
    let robustness = finished
        .tables
        .iter()
        .find(|t| t.id.contains("robustness"))
        .unwrap();
    assert!(
        robustness.notes.iter().any(|n| n.contains("filled")),
        "{:?}",
        robustness.notes
    );
}

#[test]
fn the_lock_refuses_a_changed_input() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let data = study().parent().unwrap().join("data");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(
            &path,
            folder.path().join("data").join(path.file_name().unwrap()),
        )
        .unwrap();
    }
    let path = folder.path().join("study.toml");
    std::fs::copy(study(), &path).unwrap();
    let mut locked = options(&out);
    locked.locked = true;
    let error = run(&path, &locked, &mut |_, _, _| {}).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    run(&path, &options(&out), &mut |_, _, _| {}).unwrap();
    run(&path, &locked, &mut |_, _, _| {}).unwrap();
    let before = files(&out);
    let highway = folder.path().join("data/highway-capital.csv");
    let text = std::fs::read_to_string(&highway).unwrap();
    std::fs::write(&highway, text.replacen("7,325.8", "7,325.9", 1)).unwrap();
    let error = run(&path, &locked, &mut |_, _, _| {}).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("data/highway-capital.csv"), "{message}");
    assert_eq!(error.exit_code(), 1);
    assert_eq!(
        files(&out),
        before,
        "a refused run leaves the output as it was"
    );
}

#[test]
fn tables_that_are_no_longer_made_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(study()).unwrap();
    let path = folder.path().join("study.toml");
    let out = folder.path().join("out");
    let mut options = options(&out);
    options.overrides.data = study().parent().map(Path::to_path_buf);
    std::fs::write(&path, &text).unwrap();
    run(&path, &options, &mut |_, _, _| {}).unwrap();
    std::fs::write(out.join("mine.txt"), "kept").unwrap();
    let shorter = text.replace("[[table]]\nkind = \"correlation\"\n", "");
    assert_ne!(shorter, text);
    std::fs::write(&path, shorter).unwrap();
    run(&path, &options, &mut |_, _, _| {}).unwrap();
    let left = files(&out);
    assert!(
        !left.keys().any(|f| f.contains("correlation")),
        "{:?}",
        left.keys()
    );
    assert!(left.contains_key("mine.txt"), "files of the user stay");
}

#[test]
fn chinese_tables_carry_chinese_words() {
    let out = tempfile::tempdir().unwrap();
    let mut options = options(out.path());
    options.overrides = Overrides {
        lang: Some(Lang::Zh),
        ..Overrides::default()
    };
    let finished = run(&study(), &options, &mut |_, _, _| {}).unwrap();
    assert!(finished.tables.iter().all(|t| t.label.starts_with('表')));
    let baseline = std::fs::read_to_string(out.path().join("tables/table6-baseline.txt")).unwrap();
    for word in ["基准回归结果", "聚类", "显著"] {
        assert!(baseline.contains(word), "{word} in {baseline}");
    }
    assert!(
        finished.reading.contains("固定效应"),
        "{}",
        finished.reading
    );
}

/// The bundled study with a table of conventions and this covariance, run in a folder of its own.
fn with_conventions(entry: &str, vcov: &str) -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(study()).unwrap();
    // No bootstrap is made of a constant beside absorbed effects.
    let constant = if vcov.starts_with("wild") {
        "none"
    } else {
        "time-dummies"
    };
    let text = text
        .replace("vcov = \"cluster:state\"", &format!("vcov = \"{vcov}\""))
        .replace(
            "constant = \"time-dummies\"",
            &format!("constant = \"{constant}\""),
        )
        .replace("brackets = \"t\"", "brackets = \"t\"\nsmall-samples = true");
    std::fs::write(
        folder.path().join("study.toml"),
        format!("{text}\n[[table]]\nkind = \"conventions\"\n{entry}"),
    )
    .unwrap();
    let mut options = options(&folder.path().join("out"));
    options.overrides.data = study().parent().map(Path::to_path_buf);
    (folder, options)
}

#[test]
fn a_table_of_conventions_from_study_to_results() {
    let (folder, mut options) = with_conventions("", "cluster:state");
    let path = folder.path().join("study.toml");
    let finished = run(&path, &options, &mut |_, _, _| {}).unwrap();
    let tables: Vec<_> = finished
        .tables
        .iter()
        .filter(|t| t.id.starts_with("table10-conventions"))
        .collect();
    let [errors, constants] = tables[..] else {
        panic!("{} tables", tables.len())
    };
    assert_eq!(
        [&errors.label[..], &constants.label],
        ["Table 10", "Table 10b"]
    );
    let out = files(&folder.path().join("out"));
    for extension in ["txt", "md", "tex", "html", "csv"] {
        assert!(out.contains_key(&format!("tables/table10-conventions.{extension}")));
        assert!(out.contains_key(&format!("tables/table10-conventions-constants.{extension}")));
    }
    let results: serde_json::Value = serde_json::from_slice(&out["results.json"]).unwrap();
    let of = |kind: &str| {
        let tables = results["tables"].as_array().unwrap();
        tables.iter().find(|t| t["kind"] == kind).unwrap().clone()
    };
    let fits = of("conventions")["results"].as_array().unwrap().clone();
    // The convention of the model comes first, the others as in the registry.
    let names: Vec<&str> = fits
        .iter()
        .map(|f| f["vcov"]["convention"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "xtreg",
            "fixest",
            "reghdfe",
            "areg",
            "plm",
            "plm-sss",
            "linearmodels"
        ]
    );
    // The same model under the same convention as in the table of the baseline, and errors in the ratio of the factors.
    let baseline = of("baseline")["results"].as_array().unwrap().clone();
    let full = baseline.last().unwrap();
    let inv = |fit: &serde_json::Value, key: &str| {
        let rows = fit["coefficients"].as_array().unwrap();
        let row = rows.iter().find(|c| c["term"] == "inv").unwrap();
        row[key].as_f64().unwrap()
    };
    assert_eq!(inv(&fits[0], "std_error"), inv(full, "std_error"));
    let factor = |fit: &serde_json::Value| fit["vcov"]["small_sample_factor"].as_f64().unwrap();
    for fit in &fits {
        let ratio = inv(fit, "std_error") / inv(&fits[0], "std_error");
        let expected = (factor(fit) / factor(&fits[0])).sqrt();
        // One covariance times one factor each: rounding only.
        assert!((ratio - expected).abs() < 1e-12, "{ratio} {expected}");
        // What few clusters say does not depend on the convention.
        assert_eq!(fit["small_samples"], fits[0]["small_samples"]);
        assert_eq!(fit["small_samples"]["wild"]["seed"], 1);
        assert_eq!(fit["small_samples"]["wild"]["draws"], 9999);
    }
    let text = String::from_utf8(out["tables/table6-baseline.txt"].clone()).unwrap();
    assert!(text.contains("p, CRV3 jackknife") && text.contains("p, wild bootstrap"));
    // Seeds and draws stand in the lock, and a locked run repeats every byte.
    let lock = String::from_utf8(out["panelyst.lock"].clone()).unwrap();
    for words in [
        "table 10: xtreg, fixest, reghdfe, areg, plm, plm-sss, linearmodels",
        "table 6: wild bootstrap beside few clusters 1 (9999 draws, rademacher)",
        "table 10: wild bootstrap beside few clusters 1 (9999 draws, rademacher)",
    ] {
        assert!(lock.contains(words), "{words} in {lock}");
    }
    options.locked = true;
    run(&path, &options, &mut |_, _, _| {}).unwrap();
    assert!(files(&folder.path().join("out")) == out);
}

#[test]
fn conventions_by_name_and_a_bootstrap_in_the_lock() {
    let (folder, mut options) = with_conventions(
        "conventions = [\"plm\", \"areg\"]\n",
        "wild:state,webb,draws=199,seed=42",
    );
    let path = folder.path().join("study.toml");
    options.overrides.lang = Some(Lang::Zh);
    let finished = run(&path, &options, &mut |_, _, _| {}).unwrap();
    let table = finished
        .tables
        .iter()
        .find(|t| t.id == "table10-conventions")
        .unwrap();
    assert_eq!(table.title, "不同软件惯例下的结果比较");
    assert!(
        table.notes[0].contains("2种小样本修正惯例"),
        "{:?}",
        table.notes
    );
    let lock = std::fs::read_to_string(folder.path().join("out/panelyst.lock")).unwrap();
    assert!(lock.contains("table 10: plm, areg"), "{lock}");
    let words = "table 10: wild bootstrap of state 42 (199 draws, webb)";
    assert!(lock.contains(words), "{lock}");
    // Another seed is another study: the lock refuses it and says so.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("seed=42", "seed=43")).unwrap();
    options.locked = true;
    let error = run(&path, &options, &mut |_, _, _| {}).unwrap_err();
    assert!(error.to_string().contains("seeds: was"), "{error}");
    // A name that is near another is found.
    let text = text.replace("\"areg\"", "\"arge\"");
    std::fs::write(&path, text).unwrap();
    options.locked = false;
    let error = run(&path, &options, &mut |_, _, _| {}).unwrap_err();
    let shown = format!("{error:?}");
    assert!(shown.contains("there is no convention `arge`"), "{shown}");
    assert!(shown.contains("areg"), "{shown}");
}
