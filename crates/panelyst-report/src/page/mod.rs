//! One self-contained page of a study: tables, reading, cautions and ledger, with every variant of the errors inside.
//!
//! Nothing is loaded from a network; style and script stand in the file. The same input gives the same bytes.

use crate::figures::Figure;
use crate::formats::cells::{language_tag, push_escaped_xml};
use crate::formats::whole::Headings;
use crate::formats::{RenderOptions, html};
use crate::table::{Lang, Table};
use serde::Serialize;
use std::collections::BTreeMap;

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// Entries of the ledger that the page shows at most; it says how many there are.
const LEDGER_SHOWN: usize = 500;

/// What stands on the page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Title.
    pub title: String,
    /// Language.
    pub lang: Lang,
    /// Tables in order.
    pub tables: Vec<Table>,
    /// Identifier of a table to where the numbers of its columns come from, one text a column after the labels.
    pub sources: BTreeMap<String, Vec<String>>,
    /// The same tables under other conventions and errors.
    pub variants: Vec<Variant>,
    /// Figures in order, each with its drawing.
    pub figures: Vec<(Figure, String)>,
    /// Conventions to choose from: machine name and words.
    pub conventions: Vec<(String, String)>,
    /// Errors to choose from: machine name and words.
    pub errors: Vec<(String, String)>,
    /// The reading, in Markdown.
    pub reading: String,
    /// What a reader must know, one line each.
    pub notes: Vec<String>,
    /// Columns of the ledger.
    pub ledger_columns: Vec<String>,
    /// Entries of the ledger.
    pub ledger: Vec<Vec<String>>,
}

/// A table under another convention or other errors; an empty name stands for what the study says.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Name of the convention.
    pub convention: String,
    /// Name of the errors.
    pub errors: String,
    /// The table, with the identifier of the one it replaces.
    pub table: Table,
    /// Where its numbers come from.
    pub sources: Vec<String>,
}

#[derive(Serialize)]
struct Embedded<'a> {
    sources: &'a BTreeMap<String, Vec<String>>,
    variants: BTreeMap<&'a str, BTreeMap<String, Shown<'a>>>,
    words: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct Shown<'a> {
    html: String,
    sources: &'a [String],
}

/// Writes the page.
///
/// # Errors
/// What the writer of JSON reports.
pub fn page(page: &Page) -> Result<String, serde_json::Error> {
    let say = |en: &'static str, zh: &'static str| match page.lang {
        Lang::En => en,
        Lang::Zh => zh,
    };
    let mut out = String::with_capacity(1 << 18);
    let lang = language_tag(page.lang);
    out.push_str(&format!("<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n<title>"));
    push_escaped_xml(&mut out, &page.title);
    out.push_str("</title>\n<style>\n");
    out.push_str(html::STYLE);
    out.push_str(html::STYLE_OF_ALL);
    out.push_str(STYLE);
    out.push_str("</style>\n</head>\n<body>\n<main>\n<h1>");
    push_escaped_xml(&mut out, &page.title);
    out.push_str("</h1>\n");
    contents(&mut out, page, say("Contents", "目录"));
    let headings = Headings::of(page.lang);
    out.push_str(&format!(
        "<section id=\"tables\">\n<h2>{}</h2>\n",
        headings.tables
    ));
    if !page.variants.is_empty() {
        switch(&mut out, page);
    }
    out.push_str(&html::html(&page.tables, &RenderOptions::default()));
    out.push_str("</section>\n");
    let drawn = page
        .figures
        .iter()
        .map(|(figure, svg)| (figure, svg.as_str()));
    html::figures(&mut out, headings.figures, drawn);
    html::notes(&mut out, headings.notes, &page.notes);
    html::reading(&mut out, headings.reading, &page.reading);
    ledger(&mut out, page);
    out.push_str("</main>\n<div id=\"source\" role=\"tooltip\" hidden></div>\n");
    let text = serde_json::to_string(&embedded(page, &say))?;
    // `<` is written as an escape, so that no text can end the element.
    out.push_str("<script type=\"application/json\" id=\"data\">");
    out.push_str(&text.replace('<', "\\u003c"));
    out.push_str("</script>\n<script>\n");
    out.push_str(SCRIPT);
    out.push_str("</script>\n</body>\n</html>\n");
    Ok(out)
}

fn embedded<'a>(
    page: &'a Page,
    say: &dyn Fn(&'static str, &'static str) -> &'static str,
) -> Embedded<'a> {
    let mut variants: BTreeMap<&str, BTreeMap<String, Shown<'_>>> = BTreeMap::new();
    for variant in &page.variants {
        let whole = html::html(
            std::slice::from_ref(&variant.table),
            &RenderOptions::default(),
        );
        // What stands inside the figure, which stays in its place.
        let inside = whole.find(">\n").map_or(0, |at| at + 2);
        let end = whole.rfind("</figure>").unwrap_or(whole.len());
        let shown = Shown {
            html: whole[inside..end].to_owned(),
            sources: &variant.sources,
        };
        variants
            .entry(&variant.table.id)
            .or_default()
            .insert(format!("{}|{}", variant.convention, variant.errors), shown);
    }
    Embedded {
        sources: &page.sources,
        variants,
        words: BTreeMap::from([
            ("shown", say("Shown", "当前显示")),
            (
                "kept",
                say(
                    "tables of regressions only; figures, tests of groups and reading stay as in the study",
                    "仅限回归结果表；图、组间检验与解读仍与研究文件一致",
                ),
            ),
            ("sort", say("Sort by this column", "按此列排序")),
        ]),
    }
}

fn contents(out: &mut String, page: &Page, label: &str) {
    out.push_str(&format!("<nav aria-label=\"{label}\"><ul>\n"));
    for table in &page.tables {
        out.push_str("<li><a href=\"#");
        push_escaped_xml(out, &table.id);
        out.push_str("\">");
        push_escaped_xml(out, &table.label);
        out.push_str("</a></li>\n");
    }
    for (figure, _) in &page.figures {
        out.push_str(&format!("<li><a href=\"#{}\">", figure.id));
        push_escaped_xml(out, &figure.label);
        out.push_str("</a></li>\n");
    }
    let parts = match page.lang {
        Lang::En => [
            ("notes", "Notes"),
            ("reading", "Reading"),
            ("ledger", "Ledger"),
        ],
        Lang::Zh => [("notes", "说明"), ("reading", "解读"), ("ledger", "台账")],
    };
    for (id, word) in parts {
        if id != "notes" || !page.notes.is_empty() {
            out.push_str(&format!("<li><a href=\"#{id}\">{word}</a></li>\n"));
        }
    }
    out.push_str("</ul></nav>\n");
}

fn switch(out: &mut String, page: &Page) {
    let (convention, errors, own) = match page.lang {
        Lang::En => ("Convention", "Standard errors", "as in the study"),
        Lang::Zh => ("惯例", "标准误", "与研究文件一致"),
    };
    out.push_str("<div class=\"switch\">\n");
    for (id, label, choices) in [
        ("convention", convention, &page.conventions),
        ("errors", errors, &page.errors),
    ] {
        out.push_str(&format!(
            "<label for=\"{id}\">{label}<select id=\"{id}\" autocomplete=\"off\">\n<option value=\"\">{own}</option>\n"
        ));
        for (name, words) in choices {
            out.push_str("<option value=\"");
            push_escaped_xml(out, name);
            out.push_str("\">");
            push_escaped_xml(out, words);
            out.push_str("</option>\n");
        }
        out.push_str("</select></label>\n");
    }
    out.push_str("</div>\n<p id=\"status\" class=\"status\" role=\"status\"></p>\n");
}

fn ledger(out: &mut String, page: &Page) {
    let shown = page.ledger.len().min(LEDGER_SHOWN);
    let heading = Headings::of(page.lang).ledger;
    let all = page.ledger.len();
    let caption = match page.lang {
        Lang::En => format!("{shown} of {all} entries; all of them stand in ledger.csv"),
        Lang::Zh => format!("显示{all}条记录中的{shown}条；全部记录见ledger.csv"),
    };
    out.push_str(&format!("<section id=\"ledger\">\n<h2>{heading}</h2>\n<details class=\"ledger\"><summary>{caption}</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{heading}\"><table><caption>{caption}</caption>\n<thead><tr>"));
    for name in &page.ledger_columns {
        out.push_str("<th scope=\"col\">");
        push_escaped_xml(out, name);
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for entry in &page.ledger[..shown] {
        out.push_str("<tr>");
        for cell in entry {
            out.push_str("<td>");
            push_escaped_xml(out, cell);
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n</section>\n");
}
