//! What a reader may be told.

use std::path::Path;

use crate::error::Error;

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Text with commas, semicolons or tabs between cells.
    Csv,
    /// Text with tabs between cells.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, file or stream.
    Arrow,
    /// Workbook: xlsx, xlsm, xlsb, xls, ods.
    Excel,
    /// Stata .dta.
    Stata,
}

/// One row a format: endings of file names, name for people.
const FORMATS: [(Format, &str, &[&str]); 6] = [
    (Format::Csv, "CSV", &["csv", "txt"]),
    (Format::Tsv, "TSV", &["tsv", "tab"]),
    (Format::Parquet, "Parquet", &["parquet", "pq"]),
    (
        Format::Arrow,
        "Arrow",
        &["arrow", "arrows", "ipc", "feather"],
    ),
    (
        Format::Excel,
        "Excel",
        &["xlsx", "xls", "xlsm", "xlsb", "ods"],
    ),
    (Format::Stata, "Stata", &["dta"]),
];

impl Format {
    /// The format that the ending of a file name stands for.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        FORMATS
            .iter()
            .find(|(_, _, endings)| endings.contains(&ending.as_str()))
            .map(|(format, _, _)| *format)
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        FORMATS
            .iter()
            .find(|(format, _, _)| *format == self)
            .map_or("", |(_, label, _)| label)
    }
}

/// How a file is to be read. The default reads it by the ending of its name and by what its cells look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Format, where the ending of the name does not say it.
    pub format: Option<Format>,
    /// Sheet of a workbook, by name or by number from 1; the first sheet without it.
    pub sheet: Option<String>,
    /// Cells of the sheet or of the text table that count, for example `B3:H40`.
    pub range: Option<String>,
    /// Encoding of a text file (a WHATWG label); detected without it.
    pub encoding: Option<String>,
    /// Marks that stand for a missing cell, beside the usual ones.
    pub missing: Vec<String>,
    /// Number of header rows; 1 for long tables, detected for wide ones.
    pub header_rows: Option<usize>,
    /// Rows to leave out above the header.
    pub skip_rows: usize,
    /// Columns to keep as text whatever their cells look like.
    pub text_columns: Vec<String>,
    /// Whether `(1,234)` means -1234.
    pub negative_parentheses: bool,
    /// The columns to read; all of them without it, or when the file lacks one of these (so that what is missing is
    /// seen beside what is there, the others as text). Cells of the other columns are not judged.
    pub columns: Option<Vec<String>>,
    /// Whether to leave the hash of the file empty, where nothing records it.
    pub unhashed: bool,
}

impl ReadOptions {
    /// The format told, or the one the name stands for.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`].
    pub fn format_of(&self, path: &Path) -> Result<Format, Error> {
        if let Some(format) = self.format.or_else(|| Format::of(path)) {
            return Ok(format);
        }
        let known: Vec<&str> = FORMATS
            .iter()
            .flat_map(|(_, _, endings)| endings.iter().copied())
            .collect();
        Err(Error::UnknownFormat {
            file: path.display().to_string(),
            known: known.join(", "),
        })
    }

    /// Whether a column is kept as text whatever its cells look like: the user's wish, or a column that nobody asked about, which
    /// is read only so that its name is seen.
    pub(crate) fn as_text(&self, name: &str) -> bool {
        let among = |names: &[String]| names.iter().any(|known| known == name);
        among(&self.text_columns) || self.columns.as_ref().is_some_and(|asked| !among(asked))
    }

    /// Whether each of the columns of a file is read.
    pub(crate) fn wanted<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<bool> {
        let names: Vec<&str> = names.collect();
        match &self.columns {
            Some(columns)
                if columns
                    .iter()
                    .all(|column| names.contains(&column.as_str())) =>
            {
                names
                    .iter()
                    .map(|name| columns.iter().any(|column| column == name))
                    .collect()
            }
            _ => vec![true; names.len()],
        }
    }
}
