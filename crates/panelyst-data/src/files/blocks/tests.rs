//! Blocks against the grid: wherever blocks read a table, both give the same.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::plain;
use crate::error::Error;
use crate::files::{Format, ReadOptions, Source, read_grid};
use crate::layout::long;

/// What each way of reading gives; none where blocks leave the table to the grid.
fn both(
    content: &[u8],
    format: Format,
    options: &ReadOptions,
    block: u64,
) -> (Option<Result<Source, Error>>, Result<Source, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, content).unwrap();
    let blocks = plain(&path, format, options, block).ok();
    (blocks, by_grid(&path, format, options))
}

fn by_grid(path: &Path, format: Format, options: &ReadOptions) -> Result<Source, Error> {
    long::typed(read_grid(path, format, options)?, path, options)
}

/// Numbers by their bits, so that -0 is not 0.
fn bits(batch: &RecordBatch) -> Vec<Vec<Option<u64>>> {
    batch
        .columns()
        .iter()
        .filter(|column| *column.data_type() == DataType::Float64)
        .map(|column| {
            let values = column.as_primitive::<Float64Type>();
            values.iter().map(|value| value.map(f64::to_bits)).collect()
        })
        .collect()
}

fn assert_same(content: &[u8], format: Format, options: &ReadOptions, block: u64) -> bool {
    let (blocks, grid) = both(content, format, options, block);
    let Some(blocks) = blocks else { return false };
    let shown = String::from_utf8_lossy(content).into_owned();
    match (blocks, grid) {
        (Ok(a), Ok(b)) => {
            assert_eq!(a.batch.schema(), b.batch.schema(), "{shown}");
            assert_eq!(a.batch, b.batch, "{shown}");
            assert_eq!(bits(&a.batch), bits(&b.batch), "{shown}");
            assert_eq!(a.rows_at, b.rows_at, "{shown}");
            assert_eq!(a.notes, b.notes, "{shown}");
            assert_eq!(a.ledger, b.ledger, "{shown}");
            assert_eq!(a.sha256, b.sha256, "{shown}");
        }
        (Err(a), Err(b)) => assert_eq!(a, b, "{shown}"),
        (a, b) => panic!("blocks: {a:?}\ngrid: {b:?}\n{shown}"),
    }
    true
}

/// Cells as files hold them, plain ones most often.
fn cell() -> impl Strategy<Value = String> {
    let junk = [
        "",
        "",
        " ",
        "-",
        "--",
        ".",
        "NA",
        "n/a",
        "…",
        "nan",
        "inf",
        "-inf",
        "+5",
        "-0",
        "-0.0",
        "0",
        "00",
        "007",
        "0.5",
        "00.5",
        ".5",
        "5.",
        "1e3",
        "1E-5",
        "1e999",
        "-1e-999",
        "1e",
        "1.2.3",
        "1-2",
        "--5",
        "+-3",
        "123456789012345678",
        "1234567890123456789",
        "-9223372036854775808",
        "9223372036854775808",
        "99999999999999999999",
        "0.1234567890123456789",
        "179769313486231580793e289",
        "4.9e-324",
        "2.2250738585072011e-308",
        "9007199254740993",
        "\"1,234\"",
        "\"12\"",
        "\"a b\"",
        "\"a\"\"b\"",
        "\"a\nb\"",
        "\"open",
        "x\"y",
        "12%",
        "123①",
        "123*",
        "2003年",
        "12 a)",
        "1 234",
        " 7 ",
        "\t8",
        "true",
        "FALSE",
        "True",
        "abc",
        "北京",
        "１２",
        "(1)",
        "(12)",
        "Note: see below",
        "注：",
        "a;b",
        "5\r",
        "\u{0}",
        "\u{feff}3",
        "\u{a0}4",
        "#N/A",
        "1_000",
        "0x10",
        "1,5",
    ];
    prop_oneof![
        6 => any::<i32>().prop_map(|v| v.to_string()),
        6 => any::<f64>().prop_map(|v| v.to_string()),
        6 => (-1e3..1e3).prop_map(|v: f64| v.to_string()),
        2 => "[a-z]{1,6}",
        1 => proptest::sample::select(junk.to_vec()).prop_map(str::to_owned),
    ]
}

/// Kinds of columns: clean numbers, clean text, or anything.
fn column(rows: usize) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        4 => proptest::collection::vec(any::<i32>().prop_map(|v| v.to_string()), rows),
        4 => proptest::collection::vec(any::<f64>().prop_map(|v| v.to_string()), rows),
        2 => proptest::collection::vec(prop_oneof![9 => any::<i16>().prop_map(|v| v.to_string()),
            1 => proptest::sample::select(vec!["", "NA", "1.5", "-"]).prop_map(str::to_owned)], rows),
        2 => proptest::collection::vec("[a-z ]{1,5}", rows),
        1 => proptest::collection::vec(proptest::sample::select(vec!["true", "false", ""]).prop_map(str::to_owned), rows),
        2 => proptest::collection::vec(cell(), rows),
    ]
}

fn table() -> impl Strategy<Value = (Vec<u8>, u64, ReadOptions)> {
    (1usize..6, 1usize..30)
        .prop_flat_map(|(width, rows)| {
            (
                proptest::collection::vec(column(rows), width),
                proptest::sample::select(vec![",", ",", ",", ";", "\t"]),
                proptest::sample::select(vec!["\n", "\n", "\r\n"]),
                proptest::sample::select(vec![
                    "",
                    "",
                    "",
                    "\n",
                    "\n\n",
                    "Source: nobody,,\n",
                    "1,2\n",
                ]),
                any::<bool>(),
                0u64..40,
                proptest::option::weighted(0.3, 0..width),
            )
        })
        .prop_map(|(columns, delimiter, line_end, tail, text, block, only)| {
            let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
            let mut content = names.join(delimiter);
            content.push_str(line_end);
            for row in 0..columns[0].len() {
                let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
                content.push_str(&cells.join(delimiter));
                if row + 1 < columns[0].len() || !tail.is_empty() {
                    content.push_str(line_end);
                }
            }
            content.push_str(tail.trim_start_matches('\n'));
            if tail == "\n\n" {
                content.push('\n');
            }
            let mut options = ReadOptions::default();
            if text {
                options.text_columns = vec!["c0".into()];
            } else {
                options.columns = only.map(|at| vec![format!("c{at}")]);
            }
            (content.into_bytes(), 30 + block, options)
        })
}

#[test]
fn random_tables_are_read_alike() {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let plain_ones = std::cell::Cell::new(0);
    runner
        .run(&table(), |(content, block, options)| {
            if assert_same(&content, Format::Csv, &options, block) {
                plain_ones.set(plain_ones.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    // Else nothing was compared.
    assert!(
        plain_ones.get() > 1000,
        "{} tables were plain",
        plain_ones.get()
    );
}

#[test]
fn plain_tables_are_not_left_to_the_grid() {
    let long: String = (0..5000).fold("id,name,y\n".into(), |text, row| {
        text + &format!("{row},\"u {row}\",{}\n", f64::from(row) / 7.0)
    });
    let options = ReadOptions::default();
    for block in [100, 1000, 1 << 20] {
        assert!(assert_same(long.as_bytes(), Format::Csv, &options, block));
    }
    for content in [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2.5\r\n3,",
        "\u{feff}a,b\n1,x\n",
        "\"a\",\"b\"\n\"1\",\"2\"\n",
        "a\n1\n",
        "a,b\n1,12%\n2,13%\n",
        "a,b\n1,2\nx,3\n4,5\n6,7\n8,9\n10,11\n",
    ] {
        assert!(
            assert_same(content.as_bytes(), Format::Csv, &options, 1 << 20),
            "{content}"
        );
    }
    assert!(assert_same(b"a\tb\n1\t2\n", Format::Tsv, &options, 1 << 20));
}

#[test]
fn a_kind_that_changes_after_the_first_rows_is_read_again() {
    for odd in ["2.5", "x", "007", "99999999999999999999", "NA", "3*", ""] {
        for column in 0..2 {
            let mut content = String::from("a,b\n");
            for row in 0..1000 {
                let cell = if row == 900 {
                    odd.to_owned()
                } else {
                    row.to_string()
                };
                let other = format!("{}.25", row);
                let cells = if column == 0 {
                    [cell, other]
                } else {
                    [other, cell]
                };
                content.push_str(&cells.join(","));
                content.push('\n');
            }
            assert!(
                assert_same(
                    content.as_bytes(),
                    Format::Csv,
                    &ReadOptions::default(),
                    777
                ),
                "{odd}"
            );
        }
    }
}

#[test]
fn what_needs_the_whole_table_is_left_to_the_grid() {
    for content in [
        "a,b\n1,\"x\ny\"\n",
        "a,b\n1\n",
        "a,b\n1,2,3\n",
        "a,b\n1,2\n\n3,4\n",
        "a,b\n1,2\n,\n3,4\n",
        "a,b\n1,2\nSource: office,\n",
        "a,b,c\n1,2,3\n\"(1) odd\",,\n",
        "a,b\r1,2\r",
        "a,a\n1,2\n",
        "a,\n1,2\n",
        "\na,b\n1,2\n",
        "a,b\n",
        "",
        "PAR1",
    ] {
        let (blocks, _) = both(content.as_bytes(), Format::Csv, &ReadOptions::default(), 64);
        assert!(blocks.is_none(), "{content}");
    }
    let gb18030 = b"a,b\n1,\xb1\xb1\xbe\xa9\n";
    assert!(
        both(gb18030, Format::Csv, &ReadOptions::default(), 64)
            .0
            .is_none()
    );
}
