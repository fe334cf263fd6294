//! The list of formats.

use std::str::FromStr;

use super::{RenderOptions, Whole, csv, excel, html, latex, markdown, text, word};
use crate::Error;
use crate::table::Table;

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Plain text for the terminal.
    Text,
    /// GitHub flavoured Markdown.
    Markdown,
    /// LaTeX with booktabs.
    Latex,
    /// HTML.
    Html,
    /// Comma-separated values.
    Csv,
    /// Word document.
    Word,
    /// Excel workbook.
    Excel,
}

/// A format whose files are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextFormat {
    /// Plain text for the terminal.
    Text,
    /// GitHub flavoured Markdown.
    Markdown,
    /// LaTeX with booktabs.
    Latex,
    /// HTML.
    Html,
    /// Comma-separated values.
    Csv,
}

/// The function that writes a format.
#[derive(Clone, Copy, Debug)]
pub enum Writer {
    /// Gives text, of tables alone and of all that a study has.
    Text(
        TextFormat,
        fn(&[Table], &RenderOptions) -> String,
        fn(&Whole<'_>) -> String,
    ),
    /// Gives bytes, of tables alone and of all that a study has.
    Bytes(
        fn(&[Table]) -> Result<Vec<u8>, Error>,
        fn(&Whole<'_>) -> Result<Vec<u8>, Error>,
    ),
}

/// A row of the list of formats.
#[derive(Clone, Copy, Debug)]
pub struct FormatRow {
    /// The format.
    pub format: Format,
    /// Name in study files and on the command line.
    pub name: &'static str,
    /// File name extension without the point.
    pub extension: &'static str,
    /// Name for readers.
    pub label: &'static str,
    /// Media type (RFC 6838).
    pub media_type: &'static str,
    /// What it needs to be read, in words.
    pub needs: &'static str,
    /// What is written and how.
    pub doc: &'static str,
    /// The function that writes it.
    pub writer: Writer,
}

/// All formats.
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        format: Format::Text,
        name: "text",
        extension: "txt",
        label: "Plain text",
        media_type: "text/plain",
        needs: "a font of fixed width",
        doc: "Columns aligned at the decimal point by display width, Chinese characters two cells wide; long text is \
              wrapped and wider tables are split into panels of columns, never cut off.",
        writer: Writer::Text(TextFormat::Text, text::text, |whole| {
            text::text(whole.tables, &RenderOptions::document())
        }),
    },
    FormatRow {
        format: Format::Markdown,
        name: "markdown",
        extension: "md",
        label: "Markdown",
        media_type: "text/markdown",
        needs: "a reader of GitHub flavoured Markdown",
        doc: "Pipe tables; several header rows are joined into one; all markup characters in text are escaped. The file of all also \
              shows the figures, the notes and the reading.",
        writer: Writer::Text(
            TextFormat::Markdown,
            |tables, _| markdown::markdown(tables),
            markdown::whole,
        ),
    },
    FormatRow {
        format: Format::Latex,
        name: "latex",
        extension: "tex",
        label: "LaTeX",
        media_type: "application/x-tex",
        needs: "booktabs; graphicx for very wide tables and figures; XeLaTeX or LuaLaTeX for Chinese",
        doc: "A table environment with booktabs rules to \\input; the document of all compiles by itself, with the figures (PNG), \
              the notes and the reading.",
        writer: Writer::Text(TextFormat::Latex, latex::latex, latex::whole),
    },
    FormatRow {
        format: Format::Html,
        name: "html",
        extension: "html",
        label: "HTML",
        media_type: "text/html",
        needs: "a browser",
        doc: "Semantic tables with caption and scopes, as fragments; the page of all holds the figures, the notes and the reading, with \
              inline style, and loads nothing.",
        writer: Writer::Text(TextFormat::Html, html::html, html::whole),
    },
    FormatRow {
        format: Format::Csv,
        name: "csv",
        extension: "csv",
        label: "CSV",
        media_type: "text/csv",
        needs: "a reader of UTF-8",
        doc: "Cells as printed, with stars and brackets; quoting of RFC 4180, lines end in LF. A single quote is put before \
              text that a spreadsheet would take for a formula.",
        writer: Writer::Text(TextFormat::Csv, csv::csv, |whole| {
            csv::csv(whole.tables, &RenderOptions::document())
        }),
    },
    FormatRow {
        format: Format::Word,
        name: "word",
        extension: "docx",
        label: "Word",
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        needs: "Word, LibreOffice or WPS",
        doc: "Editable three-line tables in Times New Roman and SimSun; one document for all, with figures, notes and reading.",
        writer: Writer::Bytes(word, word::whole),
    },
    FormatRow {
        format: Format::Excel,
        name: "excel",
        extension: "xlsx",
        label: "Excel",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        needs: "a spreadsheet",
        doc: "One sheet a table. Numbers are numbers at full precision, their stars belong to the number format; brackets \
              are text, so that no spreadsheet turns (0.81) into -0.81. The workbook for all has the figures and the ledger too.",
        writer: Writer::Bytes(excel, excel::whole),
    },
];

impl Format {
    /// The row of the format in [`FORMATS`].
    pub fn row(self) -> &'static FormatRow {
        // The rows stand in the order of the variants; a test holds them to it.
        &FORMATS[self as usize]
    }

    /// The format as a text format, if it is one.
    pub fn as_text(self) -> Option<TextFormat> {
        match self.row().writer {
            Writer::Text(format, ..) => Some(format),
            Writer::Bytes(..) => None,
        }
    }

    /// Writes tables in this format. The options concern text formats only.
    ///
    /// # Errors
    ///
    /// [`Error::Excel`] or [`Error::Word`] if the file cannot be packed.
    pub fn write(self, tables: &[Table], options: &RenderOptions) -> Result<Vec<u8>, Error> {
        match self.row().writer {
            Writer::Text(_, write, _) => Ok(write(tables, options).into_bytes()),
            Writer::Bytes(write, _) => write(tables),
        }
    }

    /// Writes a study in this format: all that it has, and its tables alone as plain text and CSV.
    ///
    /// # Errors
    ///
    /// [`Error::Excel`] or [`Error::Word`] if the file cannot be packed.
    pub fn write_whole(self, whole: &Whole<'_>) -> Result<Vec<u8>, Error> {
        match self.row().writer {
            Writer::Text(_, _, write) => Ok(write(whole).into_bytes()),
            Writer::Bytes(_, write) => write(whole),
        }
    }

    /// Whether the file of a whole study takes its figures as pixels: inside, or from files beside it.
    pub fn needs_pictures(self) -> bool {
        matches!(self, Self::Latex | Self::Word | Self::Excel)
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads a name of [`FORMATS`] or its extension.
    fn from_str(name: &str) -> Result<Self, Error> {
        FORMATS
            .iter()
            .find(|row| row.name == name || row.extension == name)
            .map(|row| row.format)
            .ok_or_else(|| {
                let names: Vec<&str> = FORMATS.iter().map(|row| row.name).collect();
                Error::UnknownFormat {
                    name: name.to_owned(),
                    known: names.join(", "),
                }
            })
    }
}

impl From<TextFormat> for Format {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Text => Self::Text,
            TextFormat::Markdown => Self::Markdown,
            TextFormat::Latex => Self::Latex,
            TextFormat::Html => Self::Html,
            TextFormat::Csv => Self::Csv,
        }
    }
}
