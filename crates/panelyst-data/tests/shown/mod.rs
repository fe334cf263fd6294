//! Tables, ledgers and files for the reader tests.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use panelyst_data::{Error, Ledger, ReadOptions, Source, read};

/// A fixture beside the tests.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Writes a file into a folder that lives as long as the guard.
pub fn written(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// Reads text as a CSV file.
pub fn read_text(content: impl AsRef<[u8]>) -> Result<Source, Error> {
    read_text_with(content, &ReadOptions::default())
}

/// Reads text as a CSV file.
pub fn read_text_with(content: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Source, Error> {
    let (_folder, path) = written("t.csv", content);
    read(&path, options)
}

/// Types, then one line a row; missing cells as `null`.
pub fn table(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let options = FormatOptions::default().with_null("null");
    let head: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| format!("{}:{}", field.name(), field.data_type()))
        .collect();
    let columns: Vec<ArrayFormatter<'_>> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    let mut lines = vec![head.join(" | ")];
    for row in 0..batch.num_rows() {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| column.value(row).to_string())
            .collect();
        lines.push(cells.join(" | "));
    }
    lines.join("\n")
}

/// One line an entry, without the file.
pub fn ledger(ledger: &Ledger) -> String {
    let lines: Vec<String> = ledger
        .entries
        .iter()
        .map(|entry| {
            format!(
                "{} @ {} [{}/{}/{}] {:?} -> {:?}: {} ({})",
                entry.action,
                entry.place,
                entry.unit,
                entry.time,
                entry.variable,
                entry.before,
                entry.after,
                entry.rule,
                entry.cells
            )
        })
        .collect();
    lines.join("\n")
}

/// Table, ledger, units of measure and notes, without the folder of the file.
pub fn everything(source: &Source) -> String {
    let mut text = format!(
        "{}\n\nrows at {:?}\n\nledger\n{}\n\nunits {:?}\nlabels {:?}\nnotes\n{}",
        table(&source.batch),
        source.rows_at,
        ledger(&source.ledger),
        source.units,
        source.labels,
        source.notes.join("\n")
    );
    if let Some(folder) = source.path.parent() {
        text = text.replace(&format!("{}/", folder.display()), "");
    }
    text
}

/// The message of an error, without the folder of the file.
pub fn message(error: &Error, path: &Path) -> String {
    let folder = path
        .parent()
        .map_or(String::new(), |folder| format!("{}/", folder.display()));
    error.to_string().replace(&folder, "")
}
