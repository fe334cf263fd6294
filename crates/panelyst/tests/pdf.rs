//! `report.pdf` of a run: written where the program was built for it, and otherwise the way to get it.
#![allow(clippy::unwrap_used)]

mod binary;

use binary::{root, run};
use std::fs;
use std::path::Path;

/// The bundled study with a list of formats; its inputs are found with `--data`.
fn study(folder: &Path, formats: &str) -> String {
    let text = fs::read_to_string(root().join("examples/us-states/study.toml")).unwrap();
    let text = text.replacen("[study]\n", &format!("[study]\nformats = {formats}\n"), 1);
    let file = folder.join("study.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn run_study(study: &str, out: &Path, lang: &str) -> binary::Run {
    let data = root().join("examples/us-states");
    let (data, out) = (data.to_str().unwrap(), out.to_str().unwrap());
    run(&["run", study, "--data", data, "--out", out, "--lang", lang])
}

#[cfg(feature = "pdf")]
#[test]
fn the_bundled_study_is_written_as_pdf_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "[\"text\", \"pdf\"]");
    for lang in ["en", "zh"] {
        let written = ["first", "second"].map(|name| {
            let out = folder.path().join(format!("{lang}-{name}"));
            let run = run_study(&study, &out, lang);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let bytes = fs::read(out.join("report.pdf")).unwrap();
            assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 50_000);
            bytes
        });
        assert!(written[0] == written[1], "{lang}");
    }
}

#[cfg(not(feature = "pdf"))]
#[test]
fn without_the_typesetter_a_study_that_asks_for_a_pdf_is_told_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path(), "[\"text\", \"pdf\"]");
    let out = folder.path().join("out");
    let run = run_study(&study, &out, "en");
    assert_eq!(run.code, 2, "{}", run.stderr);
    let how = "cargo install --path crates/panelyst --features pdf";
    assert!(run.stderr.contains(how), "{}", run.stderr);
    assert!(run.stderr.contains("\"pdf\""), "{}", run.stderr);
    assert!(!out.exists());
}
