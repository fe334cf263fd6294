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
    for name in ["results.json", "ledger.csv", "reading.md", "panelyst.lock"] {
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
