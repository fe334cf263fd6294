//! Formats of tables: every one is written from [`Table`], and none adds a word of its own.
//!
//! Text formats give a `String`, Word and Excel give bytes. All are deterministic: the same tables give the same bytes.

pub(crate) mod cells;
pub mod csv;
pub mod excel;
pub mod html;
pub mod latex;
pub mod markdown;
mod registry;
pub mod text;
pub(crate) mod typst;
pub(crate) mod whole;
pub mod word;
mod wrapping;

pub use excel::excel;
pub use registry::{FORMATS, Format, FormatRow, TextFormat, Writer};
pub use whole::{Drawn, Whole};
pub use word::word;

use crate::table::Table;

/// How text formats are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// Terminal cells of a line in [`TextFormat::Text`]. A wider table is wrapped where it holds long text and then
    /// split into panels of columns, each with the label column; `None` never splits. Other formats ignore it.
    pub width: Option<usize>,
    /// A whole document instead of a fragment: an HTML page with its style, a LaTeX file that compiles, a CSV file for
    /// spreadsheets with title, notes and, if there is a character beyond ASCII, a byte order mark.
    pub document: bool,
}

impl Default for RenderOptions {
    /// Fragments, text within 80 cells.
    fn default() -> Self {
        Self {
            width: Some(80),
            document: false,
        }
    }
}

impl RenderOptions {
    /// Whole documents, text within 80 cells.
    pub fn document() -> Self {
        Self {
            document: true,
            ..Self::default()
        }
    }
}

/// Writes one table in a text format.
pub fn render(table: &Table, format: TextFormat, options: &RenderOptions) -> String {
    render_many(std::slice::from_ref(table), format, options)
}

/// Writes tables below each other in a text format; one document if the options ask for documents.
pub fn render_many(tables: &[Table], format: TextFormat, options: &RenderOptions) -> String {
    match format {
        TextFormat::Text => text::text(tables, options),
        TextFormat::Markdown => markdown::markdown(tables),
        TextFormat::Latex => latex::latex(tables, options),
        TextFormat::Html => html::html(tables, options),
        TextFormat::Csv => csv::csv(tables, options),
    }
}

#[cfg(test)]
mod tests;
