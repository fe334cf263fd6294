//! All of a study in one file: what formats hold besides tables.

use crate::figures::{Figure, Picture};
use crate::table::{Lang, Table};

/// Where the files of figures are, seen from the file of a whole study.
pub(super) const FIGURES: &str = "../figures";

/// A figure with what it looks like.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The figure.
    pub figure: &'a Figure,
    /// Its drawing for a page.
    pub svg: &'a str,
    /// Its pixels; formats that [need them](super::Format::needs_pictures) leave a figure out that has none.
    pub picture: Option<&'a Picture>,
}

/// What stands in one file of a whole study.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// Title.
    pub title: &'a str,
    /// Language of headings.
    pub lang: Lang,
    /// Tables in order.
    pub tables: &'a [Table],
    /// Figures in order.
    pub figures: &'a [Drawn<'a>],
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
    /// Figures that have pixels, with them.
    pub(super) fn pictures(&self) -> Vec<(&Figure, &Picture)> {
        let drawn = self.figures.iter();
        drawn.filter_map(|d| Some((d.figure, d.picture?))).collect()
    }

    /// What stands above the parts.
    pub(super) fn headings(&self) -> Headings {
        Headings::of(self.lang)
    }
}

/// Headings of the parts of a study.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headings {
    pub(crate) tables: &'static str,
    pub(crate) figures: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) reading: &'static str,
    pub(crate) ledger: &'static str,
}

impl Headings {
    /// In a language.
    pub(crate) fn of(lang: Lang) -> Self {
        match lang {
            Lang::En => Self {
                tables: "Tables",
                figures: "Figures",
                notes: "Notes and cautions",
                reading: "Reading",
                ledger: "Ledger",
            },
            Lang::Zh => Self {
                tables: "表格",
                figures: "图",
                notes: "说明与提示",
                reading: "结果解读",
                ledger: "台账",
            },
        }
    }
}
