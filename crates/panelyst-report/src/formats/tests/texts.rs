//! The text formats, as they come out.

use unicode_width::UnicodeWidthStr;

use super::samples::{awkward, baseline, definitions, description, header, row, text, twelve};
use super::*;
use crate::table::{Cell, RowKind};

fn fragment(table: &Table, format: TextFormat) -> String {
    render(table, format, &RenderOptions::default())
}

#[test]
fn text_of_a_baseline() {
    insta::assert_snapshot!(
        "baseline_en_text",
        fragment(&baseline(Lang::En), TextFormat::Text)
    );
    insta::assert_snapshot!(
        "baseline_zh_text",
        fragment(&baseline(Lang::Zh), TextFormat::Text)
    );
}

#[test]
fn markdown_of_a_baseline() {
    insta::assert_snapshot!(
        "baseline_en_markdown",
        fragment(&baseline(Lang::En), TextFormat::Markdown)
    );
    insta::assert_snapshot!(
        "baseline_zh_markdown",
        fragment(&baseline(Lang::Zh), TextFormat::Markdown)
    );
}

#[test]
fn latex_of_a_baseline() {
    insta::assert_snapshot!(
        "baseline_en_latex",
        fragment(&baseline(Lang::En), TextFormat::Latex)
    );
    let document = render(
        &baseline(Lang::Zh),
        TextFormat::Latex,
        &RenderOptions::document(),
    );
    insta::assert_snapshot!("baseline_zh_latex_document", document);
}

#[test]
fn html_of_a_baseline() {
    insta::assert_snapshot!(
        "baseline_en_html",
        fragment(&baseline(Lang::En), TextFormat::Html)
    );
    insta::assert_snapshot!(
        "baseline_zh_html",
        fragment(&baseline(Lang::Zh), TextFormat::Html)
    );
}

#[test]
fn csv_of_a_baseline() {
    insta::assert_snapshot!(
        "baseline_en_csv",
        fragment(&baseline(Lang::En), TextFormat::Csv)
    );
    let document = render(
        &baseline(Lang::Zh),
        TextFormat::Csv,
        &RenderOptions::document(),
    );
    assert!(document.starts_with('\u{feff}'));
    insta::assert_snapshot!("baseline_zh_csv_document", document);
}

#[test]
fn awkward_names_in_every_text_format() {
    for format in [
        TextFormat::Text,
        TextFormat::Markdown,
        TextFormat::Latex,
        TextFormat::Html,
        TextFormat::Csv,
    ] {
        let name = format!("awkward_{}", Format::from(format).row().name);
        insta::assert_snapshot!(name, fragment(&awkward(), format));
    }
}

#[test]
fn text_stays_within_its_width_and_loses_nothing() {
    for table in all() {
        let whole = render(
            &table,
            TextFormat::Text,
            &RenderOptions {
                width: None,
                document: false,
            },
        );
        for width in [40, 60, 80, 100] {
            let narrow = render(
                &table,
                TextFormat::Text,
                &RenderOptions {
                    width: Some(width),
                    document: false,
                },
            );
            for line in narrow.lines() {
                assert!(line.width() <= width, "{} at {width}: {line}", table.id);
            }
            // Wrapping may break any word; every character other than rules must still be there.
            let mut left = counts(&narrow);
            for (c, wanted) in counts(&whole) {
                assert!(
                    left.remove(&c).unwrap_or(0) >= wanted,
                    "{} at {width} lost {c:?}",
                    table.id
                );
            }
        }
    }
}

fn counts(text: &str) -> std::collections::BTreeMap<char, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for c in text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='))
    {
        *counts.entry(c).or_insert(0) += 1;
    }
    counts
}

#[test]
fn twelve_columns_are_split_into_panels_that_repeat_the_labels() {
    let printed = fragment(&twelve(), TextFormat::Text);
    insta::assert_snapshot!("twelve_text", printed);
    assert_eq!(printed.matches("log(patents)").count(), 2);
    for k in 1..=12 {
        assert_eq!(printed.matches(&format!("({k})")).count(), 1);
    }
}

#[test]
fn long_words_are_wrapped() {
    insta::assert_snapshot!(
        "definitions_en_text",
        fragment(&definitions(Lang::En), TextFormat::Text)
    );
    insta::assert_snapshot!(
        "definitions_zh_text",
        fragment(&definitions(Lang::Zh), TextFormat::Text)
    );
    insta::assert_snapshot!(
        "description_text",
        fragment(&description(), TextFormat::Text)
    );
}

#[test]
fn a_column_alone_is_a_table() {
    let mut table = definitions(Lang::Zh);
    table.title = "很长的标题".repeat(20);
    for row in &mut table.rows {
        row.cells.truncate(1);
    }
    table.header[0].truncate(1);
    let printed = fragment(&table, TextFormat::Text);
    assert_eq!(printed.matches("标题").count(), 20);
    assert!(printed.lines().all(|line| line.width() <= 80));
}

#[test]
fn csv_quotes_and_guards_text_but_never_numbers() {
    let mut table = empty();
    table.header = vec![header(&[("a", 1), ("=b", 1)])];
    let estimate = Cell::Estimate {
        value: -0.5,
        digits: crate::Digits::Decimals(2),
        stars: 1,
    };
    table.rows = vec![
        row(RowKind::Body, vec![text("say \"x, y\""), estimate]),
        row(RowKind::Body, vec![text("+1"), text("@cmd")]),
        row(RowKind::Body, vec![text("two\nlines"), text(" spaced")]),
    ];
    assert_eq!(
        fragment(&table, TextFormat::Csv),
        "a,'=b\n\"say \"\"x, y\"\"\",-0.50*\n'+1,'@cmd\n\"two\nlines\",\" spaced\"\n"
    );
}

#[test]
fn html_pages_load_nothing() {
    let page = render_many(&all(), TextFormat::Html, &RenderOptions::document());
    for forbidden in [
        "http:", "https:", "//", "<script", "<link", "<img", "url(", "@import",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("<html lang=\"en\">"));
    // Markup is closed: an XML reader takes the body.
    let body = &page[page.find("<main>").unwrap()..page.find("</body>").unwrap()];
    let mut reader = quick_xml::Reader::from_str(body);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
}
