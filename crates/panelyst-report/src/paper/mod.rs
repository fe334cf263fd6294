//! The paper of a study: facts, reading, tables, figures, notes and a summary of the ledger, to print and to hand in.
//!
//! It is written as markup of Typst, here in every build; with the feature `pdf` it is set and becomes `report.pdf`.
//! Nothing is loaded from a network, and the same input gives the same bytes. What is said in Chinese is set in a
//! font of the system, or in the one that is shipped; everything else is set in the fonts that the typesetter brings.

mod ledger;
mod markup;
mod math;
#[cfg(feature = "pdf")]
mod typeset;

pub(crate) use markup::literal;
#[cfg(feature = "pdf")]
pub use typeset::{Typeset, Unset, typeset};

use crate::figures::{FONTS, Figure};
use crate::formats::cells::has_cjk;
use crate::formats::typst::three_line;
use crate::table::{Lang, Table};

/// The look of the paper.
const LOOK: &str = include_str!("paper.typ");
/// The family that words are set in.
const TEXT_FONT: &str = "Libertinus Serif";
/// Width of the text, and the greatest height of a figure, in points.
const TEXT_WIDTH: f64 = 453.0;
const HIGHEST: f64 = 600.0;

/// What stands in the paper.
#[derive(Clone, Copy, Debug)]
pub struct Paper<'a> {
    /// Title.
    pub title: &'a str,
    /// Language.
    pub lang: Lang,
    /// What the study is about at a glance: name and fact.
    pub facts: &'a [(String, String)],
    /// The reading, in Markdown.
    pub reading: &'a str,
    /// Tables in order.
    pub tables: &'a [Table],
    /// Figures in order, each with its drawing.
    pub figures: &'a [(Figure, String)],
    /// What a reader must know of the data, one line each.
    pub notes: &'a [String],
    /// Columns of the ledger, by their machine names.
    pub ledger_columns: &'a [String],
    /// Entries of the ledger.
    pub ledger: &'a [Vec<String>],
}

/// The paper as markup, with the files that it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    /// The main file, without its fonts.
    body: String,
    /// Names and contents of the figures.
    figures: Vec<(String, String)>,
    lang: Lang,
}

impl Markup {
    /// Whether it has characters that only a Chinese font has.
    pub fn needs_chinese(&self) -> bool {
        has_cjk(&self.body) || self.figures.iter().any(|(_, drawn)| has_cjk(drawn))
    }

    /// The main file, with a family for Chinese characters if there is one.
    pub fn main(&self, chinese: Option<&str>) -> String {
        let latin = literal(TEXT_FONT);
        // Marks such as quotation marks belong to both scripts and follow the language.
        let text = match self.lang {
            Lang::En => latin,
            Lang::Zh => format!("(name: {latin}, covers: \"latin-in-cjk\")"),
        };
        let more = chinese.map_or_else(String::new, |family| format!("{}, ", literal(family)));
        let (lang, region) = match self.lang {
            Lang::En => ("en", "us"),
            Lang::Zh => ("zh", "cn"),
        };
        format!(
            "#let lang = \"{lang}\"\n#let region = \"{region}\"\n#let fonts = ({text}, {more})\n\
             #let math-fonts = (\"New Computer Modern Math\", {more})\n#let code-fonts = (\"DejaVu Sans Mono\", {more})\n{}",
            self.body
        )
    }

    /// Names and contents of the figures, set in the fonts of the paper. A figure with Chinese words is set in the Chinese
    /// family throughout, because what reads figures changes the font of a whole text where one character is missing.
    pub fn figures(&self, chinese: Option<&str>) -> Vec<(String, String)> {
        let own = format!("font-family=\"{FONTS}\"");
        let set = |drawn: &str| {
            let family = chinese.filter(|_| has_cjk(drawn)).unwrap_or(TEXT_FONT);
            drawn.replace(&own, &format!("font-family=\"'{family}', '{TEXT_FONT}'\""))
        };
        self.figures
            .iter()
            .map(|(name, drawn)| (name.clone(), set(drawn)))
            .collect()
    }
}

/// Writes the paper as markup.
pub fn markup(paper: &Paper<'_>) -> Markup {
    let say = |en: &'static str, zh: &'static str| match paper.lang {
        Lang::En => en,
        Lang::Zh => zh,
    };
    let mut out = String::with_capacity(1 << 16);
    out.push_str(&format!("#let title = {}\n", literal(paper.title)));
    out.push_str(LOOK);
    if paper.lang == Lang::Zh {
        out.push_str("#set par(first-line-indent: (amount: 2em, all: true))\n");
    }
    front(&mut out, paper.facts);
    markup::heading_of(&mut out, 1, say("Methods and results", "方法与结果"));
    markup::prose(&mut out, paper.reading);
    tables(&mut out, say("Tables", "表格"), paper.tables);
    let figures = figures(&mut out, say("Figures", "图"), paper);
    if !paper.notes.is_empty() {
        markup::heading_of(&mut out, 1, say("Notes on the data", "数据说明"));
        for note in paper.notes {
            out.push_str(&format!("- #{};\n", literal(note)));
        }
    }
    if !paper.ledger.is_empty() {
        let table = ledger::summary(paper.ledger_columns, paper.ledger, paper.lang);
        tables(
            &mut out,
            say("Ledger", "台账"),
            std::slice::from_ref(&table),
        );
    }
    Markup {
        body: out,
        figures,
        lang: paper.lang,
    }
}

fn front(out: &mut String, facts: &[(String, String)]) {
    out.push_str("#front((");
    for (name, fact) in facts {
        out.push_str(&format!("({}, {}), ", literal(name), literal(fact)));
    }
    out.push_str("))\n");
}

/// Tables under a heading, wide ones on turned pages.
fn tables(out: &mut String, heading: &str, tables: &[Table]) {
    let mut turned = false;
    for (place, table) in tables.iter().enumerate() {
        let set = three_line(table);
        if set.turned != turned {
            out.push_str(&format!("#set page(flipped: {})\n", set.turned));
            turned = set.turned;
        }
        if place == 0 {
            markup::heading_of(out, 1, heading);
        }
        out.push_str(&set.call);
    }
    if turned {
        out.push_str("#set page(flipped: false)\n");
    }
}

/// Figures under a heading; gives the files.
fn figures(out: &mut String, heading: &str, paper: &Paper<'_>) -> Vec<(String, String)> {
    if paper.figures.is_empty() {
        return Vec::new();
    }
    markup::heading_of(out, 1, heading);
    let mut files = Vec::with_capacity(paper.figures.len());
    for (figure, drawn) in paper.figures {
        let name = format!("{}.svg", figure.id);
        let (width, height) = figure.size();
        let shown = TEXT_WIDTH.min(HIGHEST * f64::from(width) / f64::from(height.max(1)));
        out.push_str(&format!(
            "#drawing({}, {}, {shown:.1}pt, {}, {})\n",
            literal(&name),
            literal(&figure.description()),
            literal(&format!("{} {}", figure.label, figure.title)),
            literal(&figure.caption)
        ));
        files.push((name, drawn.clone()));
    }
    files
}
