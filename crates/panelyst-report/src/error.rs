//! What can go wrong when tables are made or written.

/// Error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No format has this name.
    #[error("there is no table format `{name}`; known formats: {known}")]
    UnknownFormat {
        /// Name as typed.
        name: String,
        /// Names that exist, separated by commas.
        known: String,
    },
    /// A workbook could not be written.
    #[error("table `{table}` cannot be written as an Excel sheet: {source}")]
    Excel {
        /// Identifier of the table, or `all` for the workbook as a whole.
        table: String,
        /// What the writer says.
        source: rust_xlsxwriter::XlsxError,
    },
    /// A document could not be packed.
    #[error("the Word document of {tables} tables cannot be packed: {source}")]
    Word {
        /// Number of tables in it.
        tables: usize,
        /// What the packer says.
        source: zip::result::ZipError,
    },
}
