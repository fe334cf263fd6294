//! Bad input gives one clear error, the right exit code and nothing on standard output.
#![allow(clippy::unwrap_used)]

mod binary;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use binary::{program, run};

/// A small sound panel: 6 units, 5 years.
fn sound() -> String {
    let mut text = String::from("unit,year,y,x,z,kind\n");
    for unit in 0..6 {
        for year in 0..5 {
            let x = f64::from((unit * 7 + year * 3) % 11);
            let z = f64::from((unit * 5 + year * 2) % 7);
            let noise = f64::from((unit * 13 + year * 17) % 10) / 10.0;
            let kind = if unit % 2 == 0 { "a" } else { "b" };
            text.push_str(&format!(
                "u{unit},{},{},{x},{z},{kind}\n",
                2000 + year,
                1.0 + x - 0.5 * z + noise
            ));
        }
    }
    text
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.join(name), content).unwrap();
}

fn files(folder: &Path) {
    let sound = sound();
    write(folder, "sound.csv", &sound);
    write(folder, "empty.csv", "");
    write(folder, "header.csv", "unit,year,y,x\n");
    write(
        folder,
        "one-unit.csv",
        sound.lines().take(6).collect::<Vec<_>>().join("\n"),
    );
    let one_period: Vec<&str> = sound
        .lines()
        .filter(|l| l.contains("unit") || l.contains(",2000,"))
        .collect();
    write(folder, "one-period.csv", one_period.join("\n"));
    let blank: Vec<String> = sound
        .lines()
        .map(|l| {
            let cells: Vec<&str> = l.split(',').collect();
            let x = if cells[3] == "x" { "x" } else { "" };
            format!("{},{},{},{x}", cells[0], cells[1], cells[2])
        })
        .collect();
    write(folder, "blank.csv", blank.join("\n"));
    let second = sound.lines().nth(1).unwrap();
    write(folder, "duplicate.csv", format!("{sound}{second}\n"));
    let constant: Vec<String> = sound
        .lines()
        .map(|l| format!("{l},{}", if l.starts_with("unit") { "c" } else { "3" }))
        .collect();
    write(folder, "constant.csv", constant.join("\n"));
    write(folder, "text.csv", sound.replacen(",3,", ",n.v.t.,", 1));
    write(
        folder,
        "bytes.csv",
        b"unit,year,y,x\nu\xff\xfe\x81,2000,1,2\nu1,2001,\x80,4\n",
    );
    write(
        folder,
        "ragged.csv",
        "unit,year,y,x\nu0,2000,1,2\nu0,2001,1\n",
    );
    write(
        folder,
        "names.csv",
        "省份,年份,高技术 产值,专利\n京,2000,1,3\n京,2001,4,5\n沪,2000,2,1\n沪,2001,9,4\n津,2000,3,3\n津,2001,1,8\n",
    );
    write(
        folder,
        "long.csv",
        "area,kind,amount\nP,a,-1\nP,b,2\nQ,a,3\nQ,b,4\n",
    );
    write(folder, "study.toml", "[study]\ntitel = \"x\"\n");
    fs::create_dir(folder.join("folder.csv")).unwrap();
}

/// Each case: arguments (files stand in a folder of their own), exit code, and what the message says.
#[test]
fn one_clear_error_each() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let table: &[(&[&str], i32, &[&str])] = &[
        // Files.
        (
            &["fit", "empty.csv", "y ~ x"],
            1,
            &["empty.csv", "nothing in it"],
        ),
        (
            &["fit", "header.csv", "y ~ x"],
            1,
            &["header.csv", "no data rows"],
        ),
        (
            &["fit", "absent.csv", "y ~ x"],
            1,
            &["absent.csv", "no such file"],
        ),
        (
            &["fit", "folder.csv", "y ~ x"],
            1,
            &["folder.csv", "folder"],
        ),
        (&["fit", "text.csv", "y ~ x"], 1, &["text.csv", "n.v.t."]),
        (&["fit", "bytes.csv", "y ~ x"], 1, &["bytes.csv"]),
        (&["fit", "ragged.csv", "y ~ x"], 1, &["ragged.csv", "3"]),
        (&["fit", "y ~ x", "sound.csv"], 2, &["after the data files"]),
        (
            &["fit", "sound.csv", "constant.csv", "y ~ x"],
            1,
            &["constant.csv", "`c`"],
        ),
        // Whose cells nobody asked about is not held against a slip in a name.
        (
            &["fit", "text.csv", "y ~ z", "--vcov", "cluster:unti"],
            1,
            &["`unti` is not a column", "did you mean unit"],
        ),
        // Formulas and expressions.
        (
            &["fit", "sound.csv", "y ~ lgo(x)"],
            2,
            &["no function lgo()", "did you mean log", "^^^"],
        ),
        (
            &["fit", "sound.csv", "y ~ log(x"],
            2,
            &["never closed", "closing ')'"],
        ),
        (&["fit", "sound.csv", "y = x"], 2, &["`~` and not `=`"]),
        (
            &["fit", "sound.csv", "y ~ x", "--where", "x >"],
            2,
            &["a value is missing", "--where"],
        ),
        (
            &["describe", "sound.csv", "--vars", "x,lgo(z)"],
            2,
            &["no function lgo()"],
        ),
        // Names.
        (
            &["fit", "sound.csv", "y ~ xx"],
            1,
            &["xx", "the columns are unit, year"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--where", "knid = 'a'"],
            1,
            &["knid", "kind"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--vcov", "cluster:uni"],
            1,
            &["uni"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--vcov", "hc9"],
            2,
            &["hc9", "hc1"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--convention", "sas"],
            2,
            &["sas", "fixest"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--model", "withn"],
            2,
            &["withn", "within"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--panel", "unit"],
            2,
            &["--panel", "state,year"],
        ),
        (
            &[
                "index",
                "location-quotent",
                "sound.csv",
                "--value",
                "x",
                "--region",
                "unit",
                "--activity",
                "kind",
            ],
            2,
            &["did you mean location-quotient"],
        ),
        // Rows and columns that cannot give an estimate.
        (&["fit", "blank.csv", "y ~ x"], 1, &["no row is left", "x"]),
        (
            &["fit", "constant.csv", "y ~ c"],
            1,
            &["every regressor was dropped"],
        ),
        (
            &["fit", "constant.csv", "y ~ c | unit"],
            1,
            &["every regressor was dropped"],
        ),
        (
            &["fit", "sound.csv", "y ~ log(x - x)"],
            1,
            &["log", "no value", "--invalid drop"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--where", "year > 3000"],
            1,
            &["no row is left"],
        ),
        (
            &["fit", "sound.csv", "y ~ kind"],
            1,
            &["kind", "text", "i(kind)"],
        ),
        (&["fit", "sound.csv", "kind ~ x"], 1, &["kind", "text"]),
        (
            &["fit", "sound.csv", "y ~ x", "--where", "kind = 1"],
            1,
            &["cannot be compared", "quotes"],
        ),
        (
            &["describe", "sound.csv", "--where", "year > 3000"],
            1,
            &["no row is left of 30"],
        ),
        (
            &[
                "index",
                "location-quotient",
                "long.csv",
                "--value",
                "amount",
                "--region",
                "area",
                "--activity",
                "kind",
            ],
            1,
            &["-1", "row 1"],
        ),
        (
            &[
                "index",
                "ellison-glaeser",
                "long.csv",
                "--value",
                "amount",
                "--region",
                "area",
                "--activity",
                "kind",
            ],
            2,
            &["--plants"],
        ),
        // Panels.
        (&["fit", "sound.csv", "y ~ l(x, 1)"], 1, &["panel"]),
        (
            &[
                "fit",
                "duplicate.csv",
                "y ~ l(x, 1)",
                "--panel",
                "unit,year",
            ],
            1,
            &["u0", "2000", "31"],
        ),
        (
            &["test", "duplicate.csv", "y ~ x", "--panel", "unit,year"],
            1,
            &["u0", "2000"],
        ),
        (
            &["fit", "one-unit.csv", "y ~ x", "--vcov", "cluster:unit"],
            1,
            &["unit", "one value"],
        ),
        (
            &[
                "fit",
                "one-period.csv",
                "y ~ x",
                "--model",
                "first-difference",
                "--panel",
                "unit,year",
            ],
            1,
            &["no row is left"],
        ),
        (&["test", "sound.csv", "y ~ x"], 2, &["--panel"]),
        // Studies.
        (&["run", "absent.toml"], 2, &["absent.toml"]),
        (&["check", "study.toml"], 2, &["titel", "title"]),
        (&["run", "study.toml"], 2, &["titel", "title"]),
        // The command line itself.
        (&["fitt"], 2, &["fitt", "'fit'"]),
        (
            &["fit", "sound.csv", "y ~ x", "--format", "pdf"],
            2,
            &["pdf", "latex"],
        ),
        (
            &["fit", "sound.csv", "y ~ x", "--threads", "0"],
            2,
            &["--threads"],
        ),
    ];
    let mut wrong = Vec::new();
    for (arguments, code, parts) in table {
        let output = program()
            .current_dir(folder.path())
            .args(*arguments)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let got = output.status.code();
        if got != Some(*code)
            || !output.stdout.is_empty()
            || !parts.iter().all(|part| stderr.contains(part))
            || stderr.contains("panicked")
        {
            wrong.push(format!(
                "{arguments:?} should exit {code} saying {parts:?}; exited {got:?}:\n{stderr}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\n{} of {}",
        wrong.join("\n"),
        wrong.len(),
        table.len()
    );
}

#[test]
fn names_with_spaces_and_chinese_work() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let file = folder.path().join("names.csv");
    let run = run(&[
        "fit",
        file.to_str().unwrap(),
        "专利 ~ `高技术 产值`",
        "--where",
        "省份 != '津'",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let fits: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(fits[0]["coefficients"][0]["term"], "`高技术 产值`");
    assert_eq!(fits[0]["nobs"], 4);
}

#[test]
fn invalid_rows_may_be_dropped_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let file = folder.path().join("sound.csv");
    let file = file.to_str().unwrap();
    let refused = run(&["fit", file, "y ~ log(x)"]);
    assert_eq!(refused.code, 1);
    let run = run(&[
        "fit",
        file,
        "y ~ log(x)",
        "--invalid",
        "drop",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let fits: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let dropped = fits[0]["sample"]["dropped"].as_array().unwrap();
    let lost: u64 = dropped.iter().map(|d| d["count"].as_u64().unwrap()).sum();
    assert!(
        dropped
            .iter()
            .any(|d| d["reason"].as_str().unwrap().contains("log(x)")),
        "{dropped:?}"
    );
    assert_eq!(fits[0]["sample"]["used"].as_u64().unwrap() + lost, 30);
}

#[test]
fn fit_without_a_covariance_says_that_errors_are_iid() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let file = folder.path().join("sound.csv");
    let file = file.to_str().unwrap();
    let silent = run(&["fit", file, "y ~ x | unit", "--format", "json"]);
    assert!(silent.stderr.contains("iid"), "{}", silent.stderr);
    let fits: serde_json::Value = serde_json::from_str(&silent.stdout).unwrap();
    assert_eq!(fits[0]["vcov"]["type"], "iid");
    let said = fits[0]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .any(|n| n["kind"] == "vcov");
    assert!(said, "{}", fits[0]["notes"]);
    let asked = run(&[
        "fit",
        file,
        "y ~ x | unit",
        "--vcov",
        "iid",
        "--format",
        "json",
    ]);
    assert!(!asked.stdout.contains("no covariance was asked for"));
}

#[test]
fn several_formulas_groups_and_files_give_several_fits() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let file = folder.path().join("sound.csv");
    let file = file.to_str().unwrap();
    let count = |arguments: &[&str]| {
        let run = run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let fits: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
        fits
    };
    assert_eq!(count(&["fit", file, "c(y, z) ~ sw(x, x^2)"]).len(), 4);
    let split = count(&["fit", file, "y ~ x + z", "--split", "kind"]);
    assert_eq!(split.len(), 2);
    assert!(
        split[0]["notes"][0]["text"]
            .as_str()
            .unwrap()
            .contains("kind = \"a\"")
    );
    assert_eq!(split[1]["nobs"], 15);
    assert_eq!(
        count(&["fit", file, "y ~ x + z", "--split", "year > 2001"]).len(),
        2
    );
    assert_eq!(count(&["fit", file, file, "y ~ x + z"])[0]["nobs"], 60);
}

#[test]
fn results_do_not_depend_on_threads() {
    let arguments = [
        "fit",
        "tests/canonical/munnell.csv",
        "log(gsp) ~ log(pc) + unemp | state + yr",
        "--vcov",
        "cluster:state",
        "--format",
        "json",
    ];
    let one = run(&[&arguments[..], &["--threads", "1"]].concat());
    assert_eq!(one.code, 0, "{}", one.stderr);
    for threads in ["2", "5"] {
        let more = run(&[&arguments[..], &["--threads", threads]].concat());
        assert_eq!(more.stdout, one.stdout, "{threads}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = program()
        .args(["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn help_names_every_entry_of_the_registries() {
    let help = run(&["fit", "--help"]).stdout;
    for word in [
        "first-difference",
        "cluster",
        "plm-sss",
        "time-dummies",
        "--invalid",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(run(&["test", "--help"]).stdout.contains("hausman"));
    assert!(run(&["index", "--help"]).stdout.contains("locational-gini"));
}
