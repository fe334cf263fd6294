//! Workbooks, read back with another library.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};

use super::*;
use crate::table::Cell;

fn sheets(tables: &[Table]) -> Vec<(String, Range<Data>)> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(excel(tables).unwrap())).unwrap();
    workbook.worksheets()
}

/// The part of a packed file with this path.
pub(super) fn part(bytes: &[u8], path: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name(path).unwrap(), &mut text).unwrap();
    text
}

#[test]
fn numbers_are_numbers_and_brackets_are_text() {
    let table = baseline(Lang::En);
    let sheets = sheets(std::slice::from_ref(&table));
    let (name, range) = &sheets[0];
    assert_eq!(name, "Table 3");
    // Title, three header rows, then the body.
    assert_eq!(
        range.get((0, 0)),
        Some(&Data::String(
            "Table 3. Baseline regression results".to_owned()
        ))
    );
    for (number, row) in table.rows.iter().enumerate() {
        for (column, cell) in row.cells.iter().enumerate() {
            let found = range.get((number + 4, column)).cloned().unwrap_or_default();
            match cell {
                Cell::Empty => assert_eq!(found, Data::Empty),
                Cell::Text { text } => assert_eq!(found, Data::String(text.clone())),
                Cell::Integer { value } => assert_eq!(found, Data::Float(*value as f64)),
                Cell::Number { value, .. } | Cell::Estimate { value, .. } => {
                    assert_eq!(found, Data::Float(*value))
                }
                Cell::Bracket { value, .. } => {
                    assert_eq!(found, Data::String(format!("({value:.2})")))
                }
            }
        }
    }
    assert_eq!(range.get((5, 3)), Some(&Data::String("(2.68)".to_owned())));
}

#[test]
fn stars_are_in_the_number_format() {
    let styles = part(
        &excel(&[baseline(Lang::En), awkward()]).unwrap(),
        "xl/styles.xml",
    );
    for format in [
        "0.000&quot;***&quot;",
        "0.000&quot;**&quot;",
        "0.0000",
        "0.00E+00",
    ] {
        assert!(
            styles.contains(&format!("formatCode=\"{format}\"")),
            "{format}: {styles}"
        );
    }
}

#[test]
fn a_negative_number_that_prints_as_zero_has_no_sign() {
    let mut table = description();
    table.rows[0].cells[2] = Cell::Number {
        value: -0.0001,
        digits: crate::Digits::Decimals(3),
    };
    let bytes = excel(&[table]).unwrap();
    assert!(part(&bytes, "xl/styles.xml").contains("formatCode=\"0.000;0.000\""));
}

#[test]
fn names_of_sheets_are_valid_and_unique() {
    let mut tables = vec![
        baseline(Lang::En),
        baseline(Lang::En),
        awkward(),
        empty(),
        empty(),
    ];
    tables[2].id = "a/b:c*d?[e]\\f which is far too long for a sheet".to_owned();
    let names: Vec<String> = sheets(&tables).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "Table 3",
            "Table 3 (2)",
            "a-b-c-d--e--f which is far too",
            "Sheet4",
            "Sheet5"
        ]
    );
}

#[test]
fn what_is_no_number_and_what_looks_like_a_formula_is_text() {
    let sheets = sheets(&[awkward()]);
    let range = &sheets[0].1;
    let texts: Vec<String> = range
        .rows()
        .flatten()
        .filter_map(|cell| match cell {
            Data::String(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    for wanted in ["=SUM(A1)", "+1", "@x", "NaN", "-inf", "two lines"] {
        assert!(
            texts.iter().any(|text| text == wanted),
            "{wanted}: {texts:?}"
        );
    }
}
