//! Data files as they are named by a user: with sheets, and with folders and patterns for Parquet.

use panelyst_data::files::{parquet_files, stack};
use panelyst_data::{Error, Format, ReadOptions, Source};
use std::path::{Path, PathBuf};

/// File and sheet of `file.xlsx#sheet`; a file whose name holds `#` is taken as it is.
pub fn named(text: &str) -> (PathBuf, Option<String>) {
    if !Path::new(text).exists()
        && let Some((file, sheet)) = text.rsplit_once('#')
        && !file.is_empty()
        && !sheet.is_empty()
    {
        return (PathBuf::from(file), Some(sheet.to_owned()));
    }
    (PathBuf::from(text), None)
}

/// Reads files of the same columns below each other; folders and patterns stand for the Parquet files in them. Of one file only
/// some columns if they are given, all of them where it lacks one; cells of other columns are not judged. Several files are read
/// whole, so that their columns are held against each other.
///
/// # Errors
/// Those of the reader, and files whose columns do not go together.
pub fn read(texts: &[String], columns: Option<Vec<String>>) -> Result<Source, Error> {
    let columns = columns.filter(|_| texts.len() == 1);
    let mut files = Vec::new();
    for text in texts {
        let path = Path::new(text);
        let pattern = !path.exists() && Format::of(path) == Some(Format::Parquet);
        if path.is_dir() || pattern && text.contains('*') {
            files.extend(parquet_files(path)?.into_iter().map(|file| (file, None)));
        } else {
            files.push(named(text));
        }
    }
    let sources = files.into_iter().map(|(path, sheet)| {
        let options = ReadOptions {
            sheet,
            columns: columns.clone(),
            unhashed: true,
            ..ReadOptions::default()
        };
        panelyst_data::read(&path, &options)
    });
    sources.collect::<Result<Vec<_>, _>>().and_then(stack)
}
