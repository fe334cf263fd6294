//! All of a study in one file: what Word and Excel hold besides tables.

use crate::figures::{Figure, Picture};
use crate::table::{Lang, Table};

/// What stands in one file of a whole study.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// Title.
    pub title: &'a str,
    /// Language of headings.
    pub lang: Lang,
    /// Tables in order.
    pub tables: &'a [Table],
    /// Figures in order, each with its picture.
    pub figures: &'a [(&'a Figure, &'a Picture)],
    /// What a reader must know, one line each.
    pub notes: &'a [String],
    /// The reading, in Markdown.
    pub reading: &'a str,
    /// Columns of the ledger, by their machine names.
    pub ledger_columns: &'a [String],
    /// Entries of the ledger.
    pub ledger: &'a [Vec<String>],
}

impl Whole<'_> {
    /// One of two texts by the language.
    pub(super) fn say(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}
