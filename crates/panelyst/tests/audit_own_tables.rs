//! Tables that this program prints, read back and audited: they are right, so nothing contradicts anything.
#![allow(clippy::unwrap_used)]

mod binary;

use std::fs;
use std::path::Path;

use binary::{root, run};
use serde_json::Value;

/// The blocks of a file.
fn converted(path: &Path) -> String {
    let run = run(&["audit", "--convert", path.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}: {}", path.display(), run.stderr);
    run.stdout
}

/// Audits a paper; nothing but notes and few clusters may be found.
fn sound(name: &str, text: &str, folder: &Path) -> Vec<Value> {
    let path = folder.join("paper.toml");
    fs::write(&path, text).unwrap();
    let run = run(&["audit", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.code, 0, "{name}: {}\n{text}", run.stderr);
    let found: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    for finding in &found {
        let quiet = finding["severity"] == "note" || finding["rule"] == "few-clusters";
        assert!(quiet, "{name}: {finding:#}\n{text}");
    }
    found
}

/// Describes and fits, converts what was printed, and audits it.
fn fitted(
    data: &str,
    panel: &str,
    variables: &str,
    formulas: &[&str],
    format: &str,
    extension: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    let (unit, _) = panel.split_once(',').unwrap();
    let mut text = String::new();
    let mut add = |name: &str, arguments: &[&str]| {
        let run = run(&[arguments, &["--format", format]].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let path = folder.path().join(format!("{name}.{extension}"));
        fs::write(&path, run.stdout).unwrap();
        text.push_str(&converted(&path));
    };
    add("description", &["describe", data, "--vars", variables]);
    for (j, formula) in formulas.iter().enumerate() {
        for vcov in ["iid", "hc1", &format!("cluster:{unit}")] {
            let name = format!("fit-{j}-{}", vcov.replace(':', "-"));
            add(&name, &["fit", data, formula, "--vcov", vcov]);
        }
    }
    add(
        "random",
        &[
            "fit",
            data,
            formulas[1],
            "--model",
            "random",
            "--panel",
            panel,
        ],
    );
    // A fragment of CSV carries no notes, so its legend is not known.
    sound(data, &text, folder.path());
}

#[test]
fn munnell() {
    let outcome = "log(gsp)";
    let controls = "log(p_cap) + log(pc) + log(emp) + unemp";
    for (format, extension) in [("markdown", "md"), ("latex", "tex"), ("csv", "csv")] {
        fitted(
            "tests/canonical/munnell.csv",
            "state,yr",
            "log(gsp),log(p_cap),log(pc),log(emp),unemp",
            &[
                &format!("{outcome} ~ log(p_cap)"),
                &format!("{outcome} ~ {controls}"),
                &format!("{outcome} ~ {controls} | state + yr"),
            ],
            format,
            extension,
        );
    }
}

#[test]
fn grunfeld() {
    fitted(
        "tests/canonical/grunfeld.csv",
        "firm,year",
        "invest,value,capital",
        &[
            "invest ~ value",
            "invest ~ value + capital",
            "invest ~ value + capital | firm + year",
        ],
        "markdown",
        "md",
    );
}

#[test]
fn a_study_at_two_three_and_four_digits() {
    let study = fs::read_to_string(root().join("examples/us-states/study.toml")).unwrap();
    let styles = [
        (2, "t", "en"),
        (3, "t", "zh"),
        (4, "t", "en"),
        (3, "se", "zh"),
        (4, "p", "en"),
    ];
    for (decimals, brackets, lang) in styles {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.toml");
        let style = format!(
            "[style]\ndecimals = {decimals}\nbracket-decimals = {decimals}\nbrackets = \"{brackets}\""
        );
        fs::write(&path, study.replace("[style]\nbrackets = \"t\"", &style)).unwrap();
        let out = folder.path().join("out");
        let ran = run(&[
            "run",
            path.to_str().unwrap(),
            "--data",
            "examples/us-states",
            "--out",
            out.to_str().unwrap(),
            "--lang",
            lang,
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut files: Vec<_> = fs::read_dir(out.join("tables"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "md"))
            .collect();
        files.sort();
        let mut text =
            "[sample]\nunit = \"state\"\nunits = 48\nfirst = 1970\nlast = 1986\n".to_owned();
        for group in ["Northeast", "Midwest", "South", "West"] {
            text.push_str(&format!("[[group]]\nname = \"{group}\"\n"));
        }
        let (mut tables, mut others) = (0, 0);
        for file in files {
            let stem = file.file_stem().unwrap().to_str().unwrap();
            let wanted = ["description", "baseline", "robustness", "heterogeneity"];
            if wanted.iter().any(|kind| stem.contains(kind)) {
                text.push_str(&converted(&file));
                tables += 1;
            } else if stem != "all" {
                // Definitions, correlations, tests: told apart, in every format.
                for ending in ["md", "csv", "tex", "xlsx"] {
                    let other = file.with_extension(ending);
                    let run = run(&["audit", "--convert", other.to_str().unwrap()]);
                    assert_eq!(run.code, 1, "{}: {}", other.display(), run.stdout);
                }
                others += 1;
            }
        }
        assert!(
            tables >= 4 && others >= 4,
            "{tables} tables, {others} others"
        );
        let found = sound(&format!("{decimals} {brackets}"), &text, folder.path());
        let few = found.iter().filter(|f| f["rule"] == "few-clusters").count();
        // Groups are known by their English names here.
        if lang == "en" {
            assert_eq!(few, 4, "the four regions have 9 to 17 states");
        }
    }
}
