//! Specification curves as a user runs them: the bundled example, a stopped run, a check.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;
use panelyst_study::{Error, Options, Overrides, check, run};

mod studies;

use studies::{example, root, shown};

/// The bundled example in both languages and all formats.
#[test]
fn the_example_runs() {
    for (lang, said) in [
        (Lang::En, "1200 of 1200 specifications"),
        (Lang::Zh, "共1200个模型，其中1200个得到估计"),
    ] {
        let (out, finished) = example("us-states/specification-curve.toml", lang);
        let notes = &finished.tables[1].notes;
        assert!(notes[0].contains(said), "{notes:?}");
        assert!(notes.iter().any(|n| n.contains("Simonsohn")));
        for extension in ["txt", "md", "tex", "html", "csv", "docx", "xlsx"] {
            for table in &finished.tables {
                let file = format!("tables/{}.{extension}", table.id);
                assert!(out.path().join(&file).is_file(), "{file}");
            }
        }
    }
}

/// A run that is stopped while the curve is estimated, or at any step before files are written, leaves nothing.
#[test]
fn a_stopped_run_writes_nothing() {
    let study = root().join("examples/us-states/specification-curve.toml");
    for at in ["reading", "panel", "table", "writing"] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            out: Some(folder.path().join("out")),
            ..Options::default()
        };
        let stop = options.stop.clone();
        let stopped = run(&study, &options, &mut |_, _, name| {
            if name.starts_with(at) {
                stop.set();
            }
        });
        assert!(matches!(stopped, Err(Error::Interrupted)), "{at}");
        assert!(!folder.path().join("out").exists(), "{at}");
    }
}

/// What can be known of the columns is told by a check: text where a number is needed.
#[test]
fn a_core_variable_of_text_is_found_by_a_check() {
    let text = r#"
[panel]
unit = "state"
time = "yr"
[sources.m]
file = "munnell.csv"
[model]
outcome = "gsp"
core = "hwy"
[[table]]
kind = "specification-curve"
[table.choices]
core = ["hwy", "state"]
"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.toml");
    std::fs::write(&path, text).unwrap();
    let overrides = Overrides {
        data: Some(root().join("tests/canonical")),
        ..Overrides::default()
    };
    let Err(Error::Mistakes(found)) = check(&path, &overrides) else {
        panic!("no mistake found");
    };
    assert_eq!(
        shown(&found),
        ["state: `state` is text, and a number is needed here"]
    );
}
