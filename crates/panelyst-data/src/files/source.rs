//! A table as it was read, with what is known about its origin.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use sha2::{Digest, Sha256};

use super::ReadOptions;
use crate::error::Error;
use crate::ledger::{Entry, Ledger};

/// A table that was read from a file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The table: `Float64`, `Int64`, `Utf8` and `Boolean` columns, missing cells as nulls.
    pub batch: RecordBatch,
    /// File (the first when several were stacked).
    pub path: PathBuf,
    /// SHA-256 of the file's bytes in lower-case hexadecimal; of several files, that of their hashes, one a line. Empty
    /// where the options asked for none.
    pub sha256: String,
    /// Every file with its own hash, in the order read.
    pub files: Vec<(PathBuf, String)>,
    /// Line of the text file or row of the sheet of each row of the batch, from 1.
    pub rows_at: Vec<usize>,
    /// Variable labels, as (column, label).
    pub labels: Vec<(String, String)>,
    /// Units of measure named in the table, as (column or empty for the whole table, unit as printed).
    pub units: Vec<(String, String)>,
    /// What the reader noticed, for people.
    pub notes: Vec<String>,
    /// Cells and rows that were not taken as they stand.
    pub ledger: Ledger,
}

impl Source {
    /// A table of one file, with its hash unless the options say that none is needed.
    pub(crate) fn new(
        path: &Path,
        batch: RecordBatch,
        rows_at: Vec<usize>,
        options: &ReadOptions,
    ) -> Result<Self, Error> {
        let sha256 = if options.unhashed {
            String::new()
        } else {
            hash_file(path)?
        };
        Ok(Self {
            batch,
            path: path.to_path_buf(),
            files: vec![(path.to_path_buf(), sha256.clone())],
            sha256,
            rows_at,
            labels: Vec::new(),
            units: Vec::new(),
            notes: Vec::new(),
            ledger: Ledger::default(),
        })
    }
}

/// SHA-256 of a file, read in pieces.
fn hash_file(path: &Path) -> Result<String, Error> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path).map_err(|error| super::unreadable(path, &error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        let read = file
            .read(&mut buffer)
            .map_err(|error| super::unreadable(path, &error))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    Ok(hexadecimal(&hasher.finalize()))
}

/// SHA-256 of several hashes, one a line.
pub(crate) fn hash_of_hashes(files: &[(PathBuf, String)]) -> String {
    let mut hasher = Sha256::new();
    for (_, hash) in files {
        hasher.update(hash.as_bytes());
        hasher.update(b"\n");
    }
    hexadecimal(&hasher.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A ledger entry of a reader: one cell (or `cells` of them) of `file`.
pub(crate) fn entry(action: &str, file: &str, place: String, variable: &str) -> Entry {
    Entry {
        action: action.into(),
        step: "read".into(),
        file: file.into(),
        place,
        unit: String::new(),
        time: String::new(),
        variable: variable.into(),
        before: String::new(),
        after: String::new(),
        rule: String::new(),
        cells: 1,
    }
}
