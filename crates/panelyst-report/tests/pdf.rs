//! The paper as PDF: its pages hold every word, nothing stands beyond the margins, and the same paper gives the same bytes.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used)]

use panelyst_report::figures::{Content, Dot, Figure, Scatter};
use panelyst_report::paper::{Paper, Typeset, Unset, typeset};
use panelyst_report::{Cell, Digits, HeaderCell, Lang, Row, RowKind, Table};

/// Width of the margins in points, 25 mm, less what rounding and hanging marks take.
const MARGIN: f64 = 25.0 / 25.4 * 72.0 - 1.5;
/// A4 in points.
const A4: (f64, f64) = (595.276, 841.89);

fn text(text: &str) -> Cell {
    Cell::Text {
        text: text.to_owned(),
    }
}

fn header(cells: &[(&str, usize)]) -> Vec<HeaderCell> {
    let cell = |&(text, span): &(&str, usize)| HeaderCell {
        text: text.to_owned(),
        span,
    };
    cells.iter().map(cell).collect()
}

fn estimate(value: f64, stars: u8) -> Cell {
    Cell::Estimate {
        value,
        digits: Digits::Significant(3),
        stars,
    }
}

fn bracket(value: f64) -> Cell {
    Cell::Bracket {
        value,
        digits: Digits::Decimals(2),
    }
}

fn table(id: &str, label: &str, header: Vec<Vec<HeaderCell>>, rows: Vec<Row>, lang: Lang) -> Table {
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: "#set page() \\ \"$x$\"".to_owned(),
        header,
        rows,
        notes: vec!["Note: * p < 0.05.".to_owned()],
        lang,
    }
}

/// Two columns under one header, brackets below the estimates, a count and a panel.
fn estimates(lang: Lang) -> Table {
    let row = |kind, cells| Row { kind, cells };
    let rows = vec![
        row(RowKind::Panel, vec![text("Panel A")]),
        row(
            RowKind::Body,
            vec![text("inv"), estimate(-0.393, 3), estimate(13.5, 0)],
        ),
        row(
            RowKind::Bracket,
            vec![Cell::Empty, bracket(-13.15), bracket(0.5)],
        ),
        row(
            RowKind::Statistic,
            vec![
                text("N"),
                Cell::Integer { value: 816 },
                Cell::Integer { value: -3 },
            ],
        ),
    ];
    let header = vec![
        header(&[("", 1), ("both", 2)]),
        header(&[("", 1), ("(1)", 1), ("(2)", 1)]),
    ];
    table("table1", "Table 1", header, rows, lang)
}

/// More rows than a page holds, with a header to be repeated.
fn long() -> Table {
    let rows = (0..120).map(|number| Row {
        kind: RowKind::Body,
        cells: vec![
            text(&format!("row {number}")),
            Cell::Integer { value: number },
        ],
    });
    let header = vec![header(&[("HeadOfLong", 1), ("Number", 1)])];
    table("table2", "Table 2", header, rows.collect(), Lang::En)
}

/// So many columns of numbers as no upright page holds.
fn wide(columns: usize) -> Table {
    let mut cells = vec![text("a variable with a name of some length")];
    cells.extend((1..columns).map(|_| estimate(-123_456.789, 3)));
    let mut heads = vec![("Variable", 1)];
    heads.extend((1..columns).map(|_| ("column", 1)));
    let rows = vec![Row {
        kind: RowKind::Body,
        cells,
    }];
    table("table3", "Table 3", vec![header(&heads)], rows, Lang::En)
}

fn figure(lang: Lang) -> (Figure, String) {
    let dot = |x, y| Dot {
        x,
        y,
        name: String::new(),
        marked: false,
    };
    let figure = Figure {
        id: "figure1-scatter".to_owned(),
        label: "Figure 1".to_owned(),
        title: "Points".to_owned(),
        caption: "CaptionOfPoints".to_owned(),
        lang,
        content: Content::Scatter(Scatter {
            x: "x".to_owned(),
            y: "y".to_owned(),
            dots: vec![dot(0.0, 1.0), dot(1.0, 3.0)],
            slope: 2.0,
        }),
    };
    let drawn = figure.draw().unwrap();
    (figure, drawn)
}

const READING: &str = "# Title\n\n## Model\n\n$$\n\\mathit{y}_{it} = \\beta_1 \\mathit{x}_{it} + \\varepsilon_{it}\n$$\n\n\
    Here $i$ is `unit_name` #strong[no].\n\n## Cautions\n\n- **Few clusters.** Words.\n";

/// A paper of these tables in a language, set.
fn set(tables: &[Table], reading: &str, lang: Lang) -> Result<Typeset, Unset> {
    let columns = ["action", "step", "variable", "rule", "cells"].map(str::to_owned);
    let entry = ["filled", "variable x", "x", "linear", "4"].map(str::to_owned);
    typeset(&Paper {
        title: "A study of \"things\" & more",
        lang,
        facts: &[("Panel".to_owned(), "48 units".to_owned())],
        reading,
        tables,
        figures: &[figure(lang)],
        notes: &["missing: 4 cells of x".to_owned()],
        ledger_columns: &columns,
        ledger: &[entry.to_vec()],
    })
}

#[test]
fn every_part_stands_on_a_page_as_it_is() {
    let set = set(&[estimates(Lang::En)], READING, Lang::En).unwrap();
    assert_eq!(set.warnings(), &[] as &[String]);
    assert_eq!(set.missing(), "");
    assert_eq!(set.outside(MARGIN), [""; 0]);
    let pages = set.pages();
    let words = pages.concat();
    for part in [
        "A study of \"things\" & more",
        "48 units",
        "Methods and results",
        "Model",
        "unit_name",
        "#strong[no]",
        "Few clusters.",
        "Tables",
        "Table 1. #set page() \\ \"$x$\"",
        "Panel A",
        "both",
        "\u{2212}0",
        ".393***",
        ".15)",
        "816",
        "Note: * p < 0.05.",
        "Figures",
        "CaptionOfPoints",
        "Notes on the data",
        "missing: 4 cells of x",
        "Ledger",
        "linear",
    ] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    // The formula is set, not shown as it is typed.
    assert!(!words.contains("mathit") && words.contains('𝛽'), "{words}");
    // Every page says which of how many it is.
    let all = pages.len();
    assert_eq!(all, 2);
    for (place, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{} / {all}", place + 1)), "{page}");
    }
}

#[test]
fn a_long_table_goes_over_pages_with_its_header() {
    let set = set(&[long()], "", Lang::En).unwrap();
    let pages = set.pages();
    let with_rows: Vec<&String> = pages.iter().filter(|page| page.contains("row 1")).collect();
    assert!(with_rows.len() >= 3, "{}", with_rows.len());
    assert!(with_rows.iter().all(|page| page.contains("HeadOfLong")));
    assert!((0..120).all(|row| pages.concat().contains(&format!("row {row}\n"))));
}

#[test]
fn a_wide_table_stands_on_a_turned_page_within_its_margins() {
    for columns in [12, 30] {
        let set = set(&[estimates(Lang::En), wide(columns), long()], "", Lang::En).unwrap();
        assert_eq!(set.outside(MARGIN), [""; 0], "{columns} columns");
        let (pages, sizes) = (set.pages(), set.sizes());
        for (page, (width, height)) in pages.iter().zip(sizes) {
            let turned = page.contains("a variable with a name");
            let (long, short) = (A4.1, A4.0);
            let expected = if turned { (long, short) } else { (short, long) };
            assert!((width - expected.0).abs() < 0.1 && (height - expected.1).abs() < 0.1);
        }
        assert_eq!(pages.iter().filter(|p| p.contains("Table 3")).count(), 1);
    }
}

#[test]
fn the_same_paper_gives_the_same_bytes_without_a_date() {
    let bytes = || {
        let set = set(&[estimates(Lang::En), long()], READING, Lang::En);
        set.unwrap().pdf().unwrap()
    };
    let (first, second) = (bytes(), bytes());
    assert!(first.starts_with(b"%PDF-"));
    assert!(first == second);
    let has = |word: &[u8]| first.windows(word.len()).any(|w| w == word);
    assert!(has(b"%%EOF") && !has(b"CreationDate") && !has(b"ModDate"));
}

#[test]
fn chinese_is_set_in_a_font_of_the_system_or_in_the_one_that_is_shipped() {
    let reading = "## 模型设定\n\n其中，$i$表示州，“引号”。\n";
    let set = set(&[estimates(Lang::Zh)], reading, Lang::Zh).unwrap();
    assert_eq!(set.missing(), "");
    assert_eq!(set.warnings(), &[] as &[String]);
    assert_eq!(set.outside(MARGIN), [""; 0]);
    let words = set.pages().concat();
    for part in [
        "方法与结果",
        "模型设定",
        "表格",
        "数据说明",
        "台账",
        "表示州",
    ] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
}
