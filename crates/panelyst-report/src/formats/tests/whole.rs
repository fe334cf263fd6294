//! Files of a whole study: Word documents and workbooks with figures, unpacked and parsed, and files of text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use quick_xml::events::Event;

use super::spreadsheets::part;
use super::words::{Element, parsed};
use super::*;
use crate::figures::{Content, Figure, Interval, Intervals, Picture, picture};

const READING: &str = "# Title\n\n## 模型设定\n\n$$\n\\mathit{agg}_{it} = \\frac{a}{b}\n$$\n\n其中 $i$ 为州 & `x_1`.\n\n- **一.** 甲\n";

fn figures(lang: Lang) -> Vec<(Figure, Picture)> {
    (1..=3)
        .map(|number| {
            let row = |label: &str, estimate: f64| Interval {
                label: label.to_owned(),
                estimate: Some(estimate),
                interval: Some((estimate - 1.0, estimate + 1.0)),
                marked: false,
            };
            let figure = Figure {
                id: format!("figure{number}-coefficients"),
                label: match lang {
                    Lang::En => format!("Figure {number}"),
                    Lang::Zh => format!("图{number}"),
                },
                title: "A < B & \"C\" 系数".to_owned(),
                caption: "95% 置信区间。".to_owned(),
                lang,
                content: Content::Intervals(Intervals {
                    axis: "Coefficient".to_owned(),
                    rows: vec![row("(1)", f64::from(number)), row("(2) 滞后", 0.5)],
                    reference: None,
                    from_zero: true,
                }),
            };
            let picture = picture(&figure.label, &figure.draw().unwrap()).unwrap();
            (figure, picture)
        })
        .collect()
}

/// A study with tables upright and turned, as a file of a format.
fn written(format: Format, lang: Lang, entries: usize) -> (Vec<u8>, Vec<(Figure, Picture)>) {
    let figures = figures(lang);
    let drawn: Vec<String> = figures.iter().map(|(f, _)| f.draw().unwrap()).collect();
    let shown = figures.iter().zip(&drawn);
    let shown = shown.map(|((figure, picture), svg)| Drawn {
        figure,
        svg,
        picture: Some(picture),
    });
    let shown: Vec<Drawn<'_>> = shown.collect();
    let entry = |number: usize| {
        ["filled", "007", "x 变量", &number.to_string()]
            .map(str::to_owned)
            .to_vec()
    };
    let whole = Whole {
        title: "A study & more",
        lang,
        tables: &[baseline(lang), twelve()],
        figures: &shown,
        notes: &["first note".to_owned(), "第二条说明".to_owned()],
        reading: READING,
        ledger_columns: &["action", "before", "rule", "cells"].map(str::to_owned),
        ledger: &(0..entries).map(entry).collect::<Vec<_>>(),
    };
    let bytes = format.write_whole(&whole).unwrap();
    assert!(
        bytes == format.write_whole(&whole).unwrap(),
        "twice the same"
    );
    (bytes, figures)
}

fn bytes_of(archive: &[u8], path: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut bytes = Vec::new();
    let mut file = archive.by_name(path).unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Values of an attribute of all elements of a name.
fn values(elements: &[Element], name: &str, key: &str) -> Vec<String> {
    let of_name = elements.iter().filter(|(element, _)| element == name);
    of_name
        .filter_map(|(_, attributes)| attributes.iter().find(|(k, _)| k == key))
        .map(|(_, value)| value.clone())
        .collect()
}

/// Targets of the relations of a part by their names.
fn relations(bytes: &[u8], path: &str) -> BTreeMap<String, String> {
    let (elements, _) = parsed(&part(bytes, path));
    let ids = values(&elements, "Relationship", "Id");
    let targets = values(&elements, "Relationship", "Target");
    let count = ids.len();
    let found: BTreeMap<String, String> = ids.into_iter().zip(targets).collect();
    assert_eq!(found.len(), count, "no name stands twice");
    found
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    cells::push_escaped_xml(&mut out, text);
    out
}

#[test]
fn a_document_has_one_drawing_a_figure_whose_picture_is_there() {
    let (bytes, figures) = written(Format::Word, Lang::Zh, 2);
    let (elements, _) = parsed(&part(&bytes, "word/document.xml"));
    let count = |name: &str| elements.iter().filter(|(e, _)| e == name).count();
    assert_eq!(count("w:drawing"), figures.len());
    let targets = relations(&bytes, "word/_rels/document.xml.rels");
    let embedded = values(&elements, "a:blip", "r:embed");
    assert_eq!(embedded.len(), figures.len());
    for (id, (_, picture)) in embedded.iter().zip(&figures) {
        assert!(bytes_of(&bytes, &format!("word/{}", targets[id])) == picture.png);
    }
    for target in targets.values() {
        assert!(!bytes_of(&bytes, &format!("word/{target}")).is_empty());
    }
    let alt: Vec<String> = figures
        .iter()
        .map(|(figure, _)| escaped(&figure.description()))
        .collect();
    assert_eq!(values(&elements, "wp:docPr", "descr"), alt);
    assert!(alt[0].contains("滞后"), "{}", alt[0]);
    assert_eq!(values(&elements, "wp:docPr", "id"), ["1", "2", "3"]);
    // All have the shape of their picture, as wide as the text: 451 pt.
    let (wide, high) = (
        values(&elements, "wp:extent", "cx"),
        values(&elements, "wp:extent", "cy"),
    );
    for ((cx, cy), (_, picture)) in wide.iter().zip(&high).zip(&figures) {
        let (cx, cy): (f64, f64) = (cx.parse().unwrap(), cy.parse().unwrap());
        assert_eq!(cx, 451.0 * 12_700.0);
        // Rounded to a unit of 1/12700 pt.
        let shape = f64::from(picture.height) / f64::from(picture.width);
        assert!((cy - cx * shape).abs() <= 0.5, "{cy} {cx} {shape}");
    }
    let (types, _) = parsed(&part(&bytes, "[Content_Types].xml"));
    assert!(values(&types, "Default", "Extension").contains(&"png".to_owned()));
    let parts = values(&types, "Override", "PartName");
    assert!(
        parts.contains(&"/word/numbering.xml".to_owned()),
        "{parts:?}"
    );
}

#[test]
fn a_document_has_its_parts_in_order_and_in_words() {
    let (bytes, _) = written(Format::Word, Lang::Zh, 2);
    let (elements, text) = parsed(&part(&bytes, "word/document.xml"));
    let mut from = 0;
    for words in [
        "A study & more\n",
        "表格\n",
        "表3 基准回归结果\n",
        "\n图\n",
        "图1 A < B & \"C\" 系数 95% 置信区间。\n",
        "图3 A",
        "说明与提示\n",
        "first note\n第二条说明\n",
        "结果解读\n",
        "模型设定\n",
        "其中 i 为州 & x_1.\n",
        "一. 甲\n",
    ] {
        let found = text[from..].find(words);
        from += found.unwrap_or_else(|| panic!("{words:?} is not behind {from} in {text}"));
    }
    // Stars of estimates stand in the tables before.
    let reading = &text[text.rfind("结果解读").unwrap()..];
    assert!(
        !reading.contains("**") && !reading.contains('$'),
        "{reading}"
    );
    let count = |name: &str| elements.iter().filter(|(e, _)| e == name).count();
    assert_eq!((count("m:oMath"), count("m:oMathPara")), (2, 1));
    assert_eq!((count("m:f"), count("m:sSub")), (1, 1));
    // The second table is wide: its page is turned, and turned back for the figures.
    let turned = values(&elements, "w:pgSz", "w:orient");
    assert_eq!((count("w:sectPr"), turned.len()), (3, 1));
    let (styles, _) = parsed(&part(&bytes, "word/styles.xml"));
    let there = values(&styles, "w:style", "w:styleId");
    for used in values(&elements, "w:pStyle", "w:val") {
        assert!(there.contains(&used), "{used}");
    }
}

/// Children in the order that the schema of ECMA-376 asks for, as far as they are written here.
const ORDER: &[(&str, &[&str])] = &[
    ("w:document", &["w:body"]),
    (
        "w:style",
        &[
            "w:name",
            "w:basedOn",
            "w:next",
            "w:qFormat",
            "w:pPr",
            "w:rPr",
        ],
    ),
    (
        "w:pPr",
        &[
            "w:pStyle",
            "w:keepNext",
            "w:keepLines",
            "w:numPr",
            "w:spacing",
            "w:ind",
            "w:jc",
            "w:outlineLvl",
            "w:sectPr",
        ],
    ),
    (
        "w:rPr",
        &[
            "w:rFonts", "w:b", "w:bCs", "w:i", "w:iCs", "w:sz", "w:szCs", "w:lang",
        ],
    ),
    ("w:sectPr", &["w:pgSz", "w:pgMar"]),
    ("w:tbl", &["w:tblPr", "w:tblGrid", "w:tr"]),
    (
        "w:tblPr",
        &[
            "w:tblW",
            "w:jc",
            "w:tblBorders",
            "w:tblLayout",
            "w:tblCellMar",
        ],
    ),
    (
        "w:tcPr",
        &["w:tcW", "w:gridSpan", "w:tcBorders", "w:vAlign"],
    ),
    ("w:tc", &["w:tcPr", "w:p"]),
    (
        "w:lvl",
        &["w:start", "w:numFmt", "w:lvlText", "w:lvlJc", "w:pPr"],
    ),
    ("w:numbering", &["w:abstractNum", "w:num"]),
    (
        "wp:inline",
        &["wp:extent", "wp:docPr", "wp:cNvGraphicFramePr", "a:graphic"],
    ),
    ("pic:pic", &["pic:nvPicPr", "pic:blipFill", "pic:spPr"]),
    ("pic:spPr", &["a:xfrm", "a:prstGeom"]),
    ("m:r", &["m:rPr", "w:rPr", "m:t"]),
    ("m:sSub", &["m:e", "m:sub"]),
    ("m:f", &["m:num", "m:den"]),
];

/// The first child that stands where the schema does not have it.
fn misplaced(xml: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    // Names of the open elements, each with the place of its last child in the order.
    let mut open: Vec<(String, usize)> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        let (Event::Start(start) | Event::Empty(start)) = &event else {
            match event {
                Event::End(_) => {
                    open.pop();
                }
                Event::Eof => return None,
                _ => {}
            }
            continue;
        };
        let name = start.name().as_ref().to_owned();
        if let Some((parent, last)) = open.last_mut()
            && let Some((_, order)) = ORDER.iter().find(|(of, _)| of == parent)
        {
            let place = order.iter().position(|child| *child == name);
            match place {
                Some(place) if place >= *last => *last = place,
                _ => return Some(format!("{name} in {parent}")),
            }
        }
        if matches!(event, Event::Start(_)) {
            open.push((name, 0));
        }
    }
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    for lang in [Lang::En, Lang::Zh] {
        let (bytes, _) = written(Format::Word, lang, 2);
        for path in ["word/document.xml", "word/styles.xml", "word/numbering.xml"] {
            assert_eq!(misplaced(&part(&bytes, path)), None, "{path}");
        }
    }
    let wrong = "<w:pPr><w:jc/><w:keepNext/></w:pPr>";
    assert_eq!(misplaced(wrong).as_deref(), Some("w:keepNext in w:pPr"));
}

#[test]
fn files_of_one_table_have_no_pictures() {
    let table = baseline(Lang::En);
    for (format, media) in [(Format::Word, "word/media"), (Format::Excel, "xl/media")] {
        let options = RenderOptions::document();
        let bytes = format
            .write(std::slice::from_ref(&table), &options)
            .unwrap();
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert!(
            archive
                .file_names()
                .all(|name| !name.unwrap().starts_with(media))
        );
    }
}

#[test]
fn a_workbook_has_a_sheet_a_table_the_figures_and_the_ledger() {
    for (lang, names) in [
        (Lang::En, ["Table 3", "wide", "Figures", "Ledger"]),
        (Lang::Zh, ["表3", "wide", "图", "台账"]),
    ] {
        let (bytes, figures) = written(Format::Excel, lang, 3);
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
        let sheets = workbook.worksheets();
        let found: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, names);
        let ledger = &sheets[3].1;
        let cell = |row, column| ledger.get((row, column)).cloned().unwrap_or_default();
        assert_eq!(cell(0, 3), Data::String("cells".to_owned()));
        assert_eq!(cell(3, 1), Data::String("007".to_owned()));
        assert_eq!(cell(3, 3), Data::Float(2.0));
        assert_eq!(ledger.height(), 4);
        let titles = sheets[2].1.rows().filter(
            |row| matches!(&row[0], Data::String(text) if text.contains("A < B & \"C\" 系数")),
        );
        assert_eq!(titles.count(), figures.len());
        let (elements, _) = parsed(&part(&bytes, "xl/drawings/drawing1.xml"));
        let alt: Vec<String> = figures
            .iter()
            .map(|(figure, _)| escaped(&figure.description()))
            .collect();
        let said = values(&elements, "xdr:cNvPr", "descr");
        assert_eq!(said, alt);
        let targets = relations(&bytes, "xl/drawings/_rels/drawing1.xml.rels");
        for (id, (_, picture)) in values(&elements, "a:blip", "r:embed").iter().zip(&figures) {
            let path = targets[id].replace("..", "xl");
            assert!(bytes_of(&bytes, &path) == picture.png);
        }
        assert_eq!(targets.len(), figures.len());
    }
}

#[test]
fn a_long_ledger_is_cut_and_says_where_all_of_it_is() {
    let (bytes, _) = written(Format::Excel, Lang::En, 10_001);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let ledger = workbook.worksheet_range("Ledger").unwrap();
    // The names, ten thousand entries, an empty row and the note.
    assert_eq!(ledger.height(), 10_003);
    let note = ledger.get((10_002, 0)).unwrap().to_string();
    assert_eq!(
        note,
        "10000 of 10001 entries; all of them stand in ledger.csv"
    );
}

#[test]
fn files_of_text_hold_figures_notes_and_reading() {
    let text = |format| String::from_utf8(written(format, Lang::Zh, 1).0).unwrap();
    let markdown = text(Format::Markdown);
    assert!(markdown.starts_with("# A study \\& more\n\n## 表格\n"));
    assert!(markdown.contains(
        "](../figures/figure2-coefficients.svg)\n\n**图2 A \\< B \\& \"C\" 系数** 95% 置信区间。\n"
    ));
    assert!(markdown.contains("\n## 说明与提示\n\n- first note\n- 第二条说明\n"));
    // The headings of the reading stand below those of the file; its formulas and marks are as they were.
    assert!(markdown.ends_with(&format!(
        "\n## 结果解读\n\n{}",
        READING
            .strip_prefix("# Title\n\n")
            .unwrap()
            .replace("## ", "### ")
    )));

    let latex = text(Format::Latex);
    assert!(latex.contains("\\graphicspath{{../figures/}{figures/}}\n"));
    assert!(latex.contains("{figure3-coefficients.png}\n\\caption*{\\textbf{图3 A \\textless{} B"));
    assert!(
        latex.contains("\\begin{itemize}\n\\item first note\n\\item 第二条说明\n\\end{itemize}\n")
    );
    let reading = &latex[latex.find("\\section*{结果解读}").unwrap()..];
    assert_eq!(
        reading,
        "\\section*{结果解读}\n\n\\subsection*{模型设定}\n\\[\n\\mathit{agg}_{it} = \\frac{a}{b}\n\\]\n\n其中 $i$ 为州 \\& \
         \\texttt{x\\_1}.\n\\begin{itemize}\n\\item \\textbf{一.} 甲\n\\end{itemize}\n\n\\end{document}\n"
    );

    let html = text(Format::Html);
    assert_eq!(html.matches("<svg").count(), 3);
    assert_eq!(html.matches("<figure class=\"panelyst\"").count(), 2);
    assert!(html.contains("<title>A study &amp; more</title>") && !html.contains("<script"));
    assert!(html.contains("<h2>结果解读</h2>\n<h3>模型设定</h3>"));

    // Plain text and CSV are tables alone.
    for format in [Format::Text, Format::Csv] {
        let text = text(format);
        assert!(!text.contains("图1") && !text.contains("first note"));
    }
}
