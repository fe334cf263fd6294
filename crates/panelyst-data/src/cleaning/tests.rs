#![allow(clippy::unwrap_used)]

use super::{Aside, Marks, Reading, read_number};

fn value(text: &str) -> Option<(f64, Option<i64>, Aside)> {
    match read_number(text, &Marks::default()) {
        Reading::Number {
            value,
            whole,
            aside,
        } => Some((value, whole, aside)),
        _ => None,
    }
}

#[test]
fn numbers_as_tables_print_them() {
    for (text, number) in [
        ("1,234.5", 1234.5),
        ("1 234", 1234.0),
        ("1\u{a0}234\u{a0}567", 1_234_567.0),
        ("１，２３４．５", 1234.5),
        ("－12", -12.0),
        ("−1.5", -1.5),
        ("+3", 3.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-0.0", 0.0),
        ("0.10", 0.1),
    ] {
        assert_eq!(value(text).map(|found| found.0), Some(number), "{text}");
    }
    assert_eq!(value("1,234").unwrap().1, Some(1234));
    assert_eq!(
        value("9007199254740993").unwrap().1,
        Some(9_007_199_254_740_993)
    );
}

#[test]
fn marks_beside_numbers() {
    for (text, number, aside) in [
        ("12.3%", 12.3, Aside::Percent),
        ("12.3 ％", 12.3, Aside::Percent),
        ("123①", 123.0, Aside::Footnote("①".into())),
        ("1,234**", 1234.0, Aside::Footnote("**".into())),
        ("123 a)", 123.0, Aside::Footnote("a)".into())),
        ("123a)", 123.0, Aside::Footnote("a)".into())),
        ("123 1)", 123.0, Aside::Footnote("1)".into())),
        ("123[2]", 123.0, Aside::Footnote("[2]".into())),
        ("123 (a)", 123.0, Aside::Footnote("(a)".into())),
        ("123²", 123.0, Aside::Footnote("²".into())),
        ("2003年", 2003.0, Aside::Year),
        ("2003 年", 2003.0, Aside::Year),
    ] {
        let found = value(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!((found.0, found.2), (number, aside), "{text}");
    }
}

#[test]
fn missing_and_text() {
    for text in [
        "…", "...", "..", "-", "—", "——", "–", "n/a", "NA", "N.A.", "NaN", "－", "．．", "#N/A",
    ] {
        assert_eq!(
            read_number(text, &Marks::default()),
            Reading::Missing,
            "{text}"
        );
    }
    for text in [
        "abc", "1,23", "1,2345", "12 34", "inf", "1e999", "(12)", "1.2.3", "1-2", "*", "%", "12年",
        "123)", "1 234,5", "0,123", "--1",
    ] {
        assert_eq!(
            read_number(text, &Marks::default()),
            Reading::Text,
            "{text}"
        );
    }
    for text in ["01", "007", "00", "12345678901234567890"] {
        assert_eq!(
            read_number(text, &Marks::default()),
            Reading::Identifier,
            "{text}"
        );
    }
    let told = Marks {
        extra: vec!["-9".into()],
        negative_parentheses: true,
    };
    assert_eq!(read_number("-9", &told), Reading::Missing);
    assert!(matches!(
        read_number("(1,234)", &told),
        Reading::Number {
            value: -1234.0,
            whole: Some(-1234),
            ..
        }
    ));
}
