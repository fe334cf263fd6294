//! The ledger as CSV, its counts, and numbers as text.

#![allow(clippy::unwrap_used)]

use panelyst_data::ledger::{number_text, write_csv};
use panelyst_data::{Entry, Ledger};
use proptest::prelude::*;

fn entry(action: &str, variable: &str, cells: usize) -> Entry {
    Entry {
        action: action.to_owned(),
        variable: variable.to_owned(),
        cells,
        ..Entry::default()
    }
}

#[test]
fn fields_with_commas_quotes_and_lines_survive() {
    let mut ledger = Ledger::default();
    ledger.push(Entry {
        unit: "Korea, Republic".to_owned(),
        before: "1 \"234\"".to_owned(),
        rule: "first line\nsecond line".to_owned(),
        file: "年鉴.csv".to_owned(),
        ..entry("missing", "gdp", 1)
    });
    let mut bytes = Vec::new();
    write_csv(&ledger, &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        "action,step,file,place,unit,time,variable,before,after,rule,cells\n\
         missing,,年鉴.csv,,\"Korea, Republic\",,gdp,\"1 \"\"234\"\"\",,\"first line\nsecond line\",1\n"
    );
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!(&row[4], "Korea, Republic");
    assert_eq!(&row[9], "first line\nsecond line");
}

#[test]
fn counts_add_up_cells_by_action_and_variable() {
    let mut ledger = Ledger::default();
    for entry in [
        entry("filled", "rd", 1),
        entry("converted", "gdp", 434),
        entry("filled", "patents", 1),
        entry("filled", "rd", 1),
    ] {
        ledger.push(entry);
    }
    let expected = [
        ("converted", "gdp", 434),
        ("filled", "patents", 1),
        ("filled", "rd", 2),
    ];
    assert_eq!(
        ledger.counts(),
        expected.map(|(action, variable, cells)| (action.to_owned(), variable.to_owned(), cells))
    );
}

#[test]
fn numbers_have_17_digits_at_most() {
    for (value, text) in [
        (0.0, "0"),
        (31.0, "31"),
        (-2.5, "-2.5"),
        (1.0 / 3.0, "0.33333333333333331"),
        (0.1, "0.10000000000000001"),
        (1e16, "10000000000000000"),
        (1e17, "1e17"),
        (2.5e-7, "2.4999999999999999e-7"),
        (123_456_789.0, "123456789"),
    ] {
        assert_eq!(number_text(value), text);
    }
}

proptest! {
    #[test]
    fn a_number_as_text_reads_back_as_the_same_bits(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
        let read: f64 = number_text(value).parse().unwrap();
        prop_assert_eq!(read.to_bits(), value.to_bits());
    }
}
