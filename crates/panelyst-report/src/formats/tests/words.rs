//! Word documents, unpacked and parsed.

use quick_xml::events::{BytesStart, Event};

use super::spreadsheets::part;
use super::*;

/// An element: its name and its attributes.
pub(super) type Element = (String, Vec<(String, String)>);

/// All elements of a part with their attributes, and its text; fails where it is not well-formed.
pub(super) fn parsed(xml: &str) -> (Vec<Element>, String) {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut elements, mut text) = (Vec::new(), String::new());
    let read = |start: &BytesStart<'_>| {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            (
                attribute.key.as_ref().to_owned(),
                attribute.value.to_string(),
            )
        });
        (start.name().as_ref().to_owned(), attributes.collect())
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => elements.push(read(&start)),
            Event::Text(words) => text.push_str(&words),
            Event::GeneralRef(name) => text.push_str(match name.as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "#39" => "'",
                other => panic!("{other:?}"),
            }),
            Event::End(end) if end.name().as_ref() == "w:p" => text.push('\n'),
            Event::Eof => return (elements, text),
            _ => {}
        }
    }
}

fn sizes(elements: &[Element], name: &str) -> Vec<String> {
    let borders = elements
        .iter()
        .filter(|(element, attributes)| element == name && !attributes.is_empty());
    borders
        .filter_map(|(_, attributes)| {
            attributes
                .iter()
                .find(|(key, _)| key == "w:sz")
                .map(|(_, value)| value.clone())
        })
        .collect()
}

#[test]
fn all_parts_are_well_formed() {
    let bytes = word(&all()).unwrap();
    for path in [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/document.xml",
        "word/_rels/document.xml.rels",
        "word/styles.xml",
        "word/settings.xml",
        "word/fontTable.xml",
    ] {
        parsed(&part(&bytes, path));
    }
}

#[test]
fn three_lines_and_no_vertical_ones() {
    let bytes = word(&[description()]).unwrap();
    let (elements, _) = parsed(&part(&bytes, "word/document.xml"));
    // 1.5 pt are 12 eighths, 0.75 pt are 6: the top of the table, its bottom, and the header of six cells.
    assert_eq!(sizes(&elements, "w:top"), ["12"]);
    assert_eq!(
        sizes(&elements, "w:bottom"),
        ["12", "6", "6", "6", "6", "6", "6"]
    );
    let vertical = ["w:insideV", "w:insideH"];
    assert!(
        elements
            .iter()
            .all(|(name, _)| !vertical.contains(&name.as_str()))
    );
    assert!(sizes(&elements, "w:left").is_empty() && sizes(&elements, "w:right").is_empty());
}

#[test]
fn title_cells_and_notes_are_plain_text_in_order() {
    let bytes = word(&[baseline(Lang::Zh)]).unwrap();
    let (elements, text) = parsed(&part(&bytes, "word/document.xml"));
    assert!(text.trim_start().starts_with("表3 基准回归结果\n"));
    assert!(text.contains("\n创新水平\n0.373***\n0.760***\n0.179**\n\n(9.39)\n(7.44)\n(2.68)\n"));
    assert!(text.contains("\u{2212}0.713***"));
    assert!(text.ends_with("标准误按省份聚类（31 个聚类，t 分布自由度为 30）。\n"));
    assert_eq!(
        elements
            .iter()
            .filter(|(name, _)| name == "w:tblHeader")
            .count(),
        3
    );
    let styles = part(&bytes, "word/styles.xml");
    assert!(
        styles.contains("w:ascii=\"Times New Roman\"") && styles.contains("w:eastAsia=\"SimSun\"")
    );
}

#[test]
fn spans_and_widths_add_up() {
    for table in [
        baseline(Lang::En),
        twelve(),
        definitions(Lang::Zh),
        awkward(),
    ] {
        let columns = table.columns();
        let bytes = word(&[table]).unwrap();
        let (elements, _) = parsed(&part(&bytes, "word/document.xml"));
        assert_eq!(
            elements
                .iter()
                .filter(|(name, _)| name == "w:gridCol")
                .count(),
            columns
        );
        let mut in_row = 0;
        let mut rows = Vec::new();
        for (name, attributes) in &elements {
            match name.as_str() {
                "w:tr" => rows.push(std::mem::take(&mut in_row)),
                "w:tc" => in_row += 1,
                "w:gridSpan" => in_row += attributes[0].1.parse::<usize>().unwrap() - 1,
                _ => {}
            }
        }
        rows.push(in_row);
        assert!(rows[1..].iter().all(|&cells| cells == columns), "{rows:?}");
    }
}

#[test]
fn reserved_characters_survive() {
    let (_, text) = parsed(&part(&word(&[awkward()]).unwrap(), "word/document.xml"));
    assert!(text.contains("A & B | C < D, 100 % of $x_1^2$ # {~} \\ \"quoted\""));
}
