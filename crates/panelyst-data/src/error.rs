//! What can go wrong with a table, and where.

use std::fmt;

use crate::indices::IndexError;
use crate::panel::PanelError;
use crate::transforms::TransformError;

/// A place in a file, as its user counts: rows from 1 with the header included, columns by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// File as it was given.
    pub file: String,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Line of a text file or row of a sheet, from 1.
    pub row: Option<usize>,
    /// Name of the column.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            ..Self::default()
        }
    }

    /// The same place in one row.
    #[must_use]
    pub fn row(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// The same place in one column.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Sheet, row and column without the file, as the ledger writes them.
    pub fn within(&self) -> String {
        let mut parts = Vec::new();
        if let Some(sheet) = &self.sheet {
            parts.push(format!("sheet `{sheet}`"));
        }
        if let Some(row) = self.row {
            parts.push(format!("row {row}"));
        }
        if let Some(column) = &self.column {
            parts.push(format!("column `{column}`"));
        }
        parts.join(", ")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = self.within();
        if within.is_empty() {
            f.write_str(&self.file)
        } else {
            write!(f, "{}, {within}", self.file)
        }
    }
}

/// Every way in which data cannot be read, joined or prepared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not there.
    #[error("{file}: no such file")]
    NotFound {
        /// File as it was given.
        file: String,
    },
    /// A folder was given where a file is needed.
    #[error("{file}: this is a folder; name a file in it")]
    Folder {
        /// Folder as it was given.
        file: String,
    },
    /// The operating system or a format's library could not read the file.
    #[error("{file}: cannot be read: {reason}")]
    Unreadable {
        /// File as it was given.
        file: String,
        /// What the system or the library said.
        reason: String,
    },
    /// The name of the file does not say what it is.
    #[error(
        "{file}: the name does not tell the format; known endings are {known} (or say which format it is)"
    )]
    UnknownFormat {
        /// File as it was given.
        file: String,
        /// Endings that are known.
        known: String,
    },
    /// The content is of another format than the name says.
    #[error("{file}: expected {expected}, but the content is {found}; {hint}")]
    WrongContent {
        /// File as it was given.
        file: String,
        /// Format that the name or the options ask for.
        expected: String,
        /// What the content looks like.
        found: String,
        /// What to do.
        hint: String,
    },
    /// The file or sheet holds nothing at all.
    #[error("{at}: there is nothing in it")]
    Empty {
        /// File and sheet.
        at: Box<Place>,
    },
    /// There is a header but no row of data.
    #[error("{at}: no data rows below the header")]
    NoDataRows {
        /// File and sheet.
        at: Box<Place>,
    },
    /// Bytes that are not text in the encoding that was tried.
    #[error("{at}: byte {offset} is not {tried}; {hint}")]
    Encoding {
        /// File and line.
        at: Box<Place>,
        /// Offset of the first bad byte, from 0.
        offset: usize,
        /// Encoding or encodings tried.
        tried: String,
        /// What to do.
        hint: String,
    },
    /// A name of an encoding that is not known.
    #[error(
        "unknown encoding `{name}`; use utf-8, utf-16le, utf-16be, gb18030, gbk, big5, windows-1252 or another label of the WHATWG list"
    )]
    UnknownEncoding {
        /// Name as typed.
        name: String,
    },
    /// A NUL byte in a text file.
    #[error(
        "{at}: NUL byte at offset {offset}: this is not a text table (or it is UTF-16 without a byte order mark: name the encoding)"
    )]
    NulByte {
        /// File and line.
        at: Box<Place>,
        /// Offset of the byte, from 0.
        offset: usize,
    },
    /// A quote that is opened and never closed.
    #[error("{at}: a quote opens here and is never closed")]
    OpenQuote {
        /// File and line on which the row starts.
        at: Box<Place>,
    },
    /// A row with more or fewer cells than the header.
    #[error("{at}: cells in the row: {found}, columns in the header: {expected}; {hint}")]
    Ragged {
        /// File and row.
        at: Box<Place>,
        /// Columns of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
        /// What to do.
        hint: String,
    },
    /// A column without a name.
    #[error(
        "{at}: column {position} has no name in the header; if the table starts further down, skip the rows above it"
    )]
    UnnamedColumn {
        /// File and header row.
        at: Box<Place>,
        /// Position of the column, from 1.
        position: usize,
    },
    /// Two columns of one name.
    #[error(
        "{at}: two columns have this name (columns {first} and {second} of the table); rename one"
    )]
    DuplicateColumn {
        /// File, header row and name.
        at: Box<Place>,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// Text in a column of numbers.
    #[error("{at}: text in a number column: `{text}`; {hint}")]
    TextInNumbers {
        /// File, sheet, row and column.
        at: Box<Place>,
        /// The cell as it stands in the file.
        text: String,
        /// What to do.
        hint: String,
    },
    /// A column that is asked for and not there.
    #[error("{at}: there is no such column; the columns are {known}")]
    NoColumn {
        /// File and name that was asked for.
        at: Box<Place>,
        /// Names of the table.
        known: String,
    },
    /// A sheet that is asked for and not there.
    #[error("{file}: there is no sheet `{sheet}`; the sheets are {known}")]
    NoSheet {
        /// Workbook.
        file: String,
        /// Sheet as typed.
        sheet: String,
        /// Sheets of the workbook.
        known: String,
    },
    /// A range that is not one.
    #[error("range `{range}`: {reason}; write it as B3:H40")]
    BadRange {
        /// Range as typed.
        range: String,
        /// What is wrong.
        reason: String,
    },
    /// An option that this format does not have.
    #[error("{file}: `{option}` does not apply to {format} files")]
    OptionNotForFormat {
        /// File as it was given.
        file: String,
        /// Option.
        option: String,
        /// Format.
        format: String,
    },
    /// A column type that is not one of number, whole number, text and truth value.
    #[error("{at}: columns of type {kind} cannot be read")]
    UnsupportedType {
        /// File and column.
        at: Box<Place>,
        /// Type as the file names it.
        kind: String,
    },
    /// A number in the file that is not one (infinite or not a number).
    #[error("{at}: not a finite number (such cells in the column: {count}); store them as missing")]
    NotFinite {
        /// File, row and column.
        at: Box<Place>,
        /// Number of such cells.
        count: usize,
    },
    /// Files that are stacked have other columns.
    #[error("{file}: the columns differ from those of {first}: {difference}")]
    OtherColumns {
        /// File whose columns differ.
        file: String,
        /// File whose columns count.
        first: String,
        /// Columns missing and columns too many.
        difference: String,
    },
    /// The head of a wide table holds no years.
    #[error("{at}: no {sought} found; {hint}")]
    NoTimeHeads {
        /// File and sheet.
        at: Box<Place>,
        /// What was sought.
        sought: String,
        /// What to do.
        hint: String,
    },
    /// A head of a wide table that is neither a year nor anything that can be skipped.
    #[error(
        "{at}: `{text}` is not a year; write it as 2003, 2003年 or 2003-12, or leave the column out with a range"
    )]
    NotATime {
        /// File, row and column.
        at: Box<Place>,
        /// The head as it stands in the file.
        text: String,
    },
    /// The layout of a wide table could not be made out.
    #[error("{at}: {reason}")]
    Layout {
        /// File and row.
        at: Box<Place>,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Two rows or columns of a wide table claim the same unit and time.
    #[error("{at}: `{unit}` in {time} stands twice ({first} and {second})")]
    DuplicateCell {
        /// File and value column.
        at: Box<Place>,
        /// Unit.
        unit: String,
        /// Time.
        time: i64,
        /// Place of the first.
        first: String,
        /// Place of the second.
        second: String,
    },
    /// Rows of one table with the same key.
    #[error("{table}: {count} duplicate keys; {key} stands in rows {first} and {second}{more}")]
    DuplicateKey {
        /// Table.
        table: String,
        /// Number of keys that stand more than once.
        count: usize,
        /// First such key, as `name = value`.
        key: String,
        /// First row of that key, from 1 (data rows).
        first: usize,
        /// Second row of that key, from 1 (data rows).
        second: usize,
        /// Further keys, or empty.
        more: String,
    },
    /// A key of a join that has no value.
    #[error("{table}: row {row}: the key `{column}` is missing")]
    MissingKey {
        /// Table.
        table: String,
        /// Row from 1 (data rows).
        row: usize,
        /// Key column.
        column: String,
    },
    /// A key column that cannot be matched.
    #[error("{table}: the key `{column}` {reason}")]
    KeyType {
        /// Table.
        table: String,
        /// Key column.
        column: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A column that stands in both tables of a join.
    #[error("`{column}` stands in both {left} and {right} and is no key; rename it in one of them")]
    ColumnClash {
        /// Column.
        column: String,
        /// Left table.
        left: String,
        /// Right table.
        right: String,
    },
    /// A unit of measure that is not known.
    #[error("unknown unit `{name}`{hint}")]
    UnknownUnit {
        /// Unit as typed.
        name: String,
        /// Nearest units, or empty.
        hint: String,
    },
    /// Units of measure that cannot be converted.
    #[error(
        "{from} is a unit of {from_dimension}, {to} one of {to_dimension}: there is no conversion"
    )]
    UnitMismatch {
        /// Unit before.
        from: String,
        /// Its dimension.
        from_dimension: String,
        /// Unit after.
        to: String,
        /// Its dimension.
        to_dimension: String,
    },
    /// A name that would stand for two units.
    #[error("{at}: `{alias}` already stands for {owner}, it cannot also stand for {name}")]
    AliasTaken {
        /// File and row.
        at: Box<Place>,
        /// Alias.
        alias: String,
        /// Name it stands for.
        owner: String,
        /// Name that it was to stand for.
        name: String,
    },
    /// The table is no panel, or a column does not fit the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A column cannot be filled or winsorised, or rows cannot be left out.
    #[error(transparent)]
    Transform(#[from] TransformError),
    /// An index cannot be computed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Arrow could not build or combine columns.
    #[error("internal: {0}")]
    Arrow(String),
}

impl From<arrow_schema::ArrowError> for Error {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Arrow(error.to_string())
    }
}
