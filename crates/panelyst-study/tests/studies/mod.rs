//! What tests of whole studies share. Each file of tests uses its own part of this.
#![allow(dead_code)]

use panelyst_report::Lang;
use panelyst_study::{Finished, Mistakes, Options, Overrides, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A study among the examples, run in a language: its output folder and what the run made.
pub fn example(study: &str, lang: Lang) -> (tempfile::TempDir, Finished) {
    let out = tempfile::tempdir().unwrap();
    let options = Options {
        out: Some(out.path().to_path_buf()),
        overrides: Overrides {
            lang: Some(lang),
            ..Overrides::default()
        },
        ..Options::default()
    };
    let study = root().join("examples").join(study);
    let finished = run(&study, &options, &mut |_, _, _| {}).unwrap();
    (out, finished)
}

/// A number of the results, also one that is written as text.
pub fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

/// Each mistake as `excerpt: message`.
pub fn shown(found: &Mistakes) -> Vec<String> {
    found
        .list
        .iter()
        .map(|m| format!("{}: {}", &found.text[m.span.start..m.span.end], m.message))
        .collect()
}
