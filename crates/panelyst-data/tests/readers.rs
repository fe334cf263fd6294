//! Fixtures of each format become the table that they show.
#![allow(clippy::unwrap_used)]

mod shown;

use panelyst_data::{Orientation, ReadOptions, Wide, read, read_many, read_wide};
use shown::{everything, fixture, read_text, read_text_with, table, written};

fn wide(units: Orientation) -> Wide {
    Wide {
        units,
        unit_name: "state".into(),
        time_name: "year".into(),
        value_name: "value".into(),
    }
}

#[test]
fn chinese_yearbook() {
    let wide = Wide {
        unit_name: "province".into(),
        ..wide(Orientation::Rows)
    };
    let source = read_wide(
        &fixture("yearbook-gb18030.csv"),
        &ReadOptions::default(),
        &wide,
    )
    .unwrap();
    insta::assert_snapshot!("chinese_yearbook", everything(&source));
}

#[test]
fn encodings() {
    let expected = table(
        &read(&fixture("utf8-bom.csv"), &ReadOptions::default())
            .unwrap()
            .batch,
    );
    assert_eq!(
        expected,
        "省份:Utf8 | 年份:Int64 | 产值:Float64\n北京 | 2003 | 1.5\n上海 | 2004 | 2.5"
    );
    for name in ["utf16le.csv", "utf16be.csv"] {
        let source = read(&fixture(name), &ReadOptions::default()).unwrap();
        assert_eq!(table(&source.batch), expected);
        assert!(source.notes[0].contains("UTF-16"), "{:?}", source.notes);
    }
    let told = ReadOptions {
        encoding: Some("windows-1252".into()),
        ..ReadOptions::default()
    };
    let source = read(&fixture("latin1.csv"), &told).unwrap();
    assert!(table(&source.batch).contains("Québec | 531902"));
}

#[test]
fn workbooks_in_three_formats() {
    let mut tables = Vec::new();
    for name in ["book.xlsx", "book.xls", "book.ods"] {
        let long = ReadOptions::default();
        let mut source = read(&fixture(name), &long).unwrap();
        if name == "book.ods" {
            // The ods reader does not tell which cells are merged.
            assert_eq!(source.batch.column(0).null_count(), 2);
            continue;
        }
        source.path = fixture("book");
        tables.push(everything(&source).replace(name, "book"));
    }
    assert_eq!(tables[0], tables[1]);
    insta::assert_snapshot!("workbook_long", tables[0]);

    let mut wides = Vec::new();
    for name in ["book.xlsx", "book.xls", "book.ods"] {
        let options = ReadOptions {
            sheet: Some("Wide".into()),
            ..ReadOptions::default()
        };
        let source = read_wide(&fixture(name), &options, &wide(Orientation::Rows)).unwrap();
        wides.push(everything(&source).replace(name, "book"));
    }
    assert_eq!(wides[0], wides[1]);
    assert_eq!(wides[0], wides[2]);
    insta::assert_snapshot!("workbook_wide", wides[0]);
}

#[test]
fn sheet_by_number_and_units_in_columns() {
    let options = ReadOptions {
        sheet: Some("3".into()),
        ..ReadOptions::default()
    };
    let source = read_wide(&fixture("book.xlsx"), &options, &wide(Orientation::Columns)).unwrap();
    assert_eq!(
        table(&source.batch),
        "state:Utf8 | year:Int64 | value:Float64\nOhio | 1970 | 10.0\nOhio | 1971 | 11.0\nUtah | 1970 | 20.0\nUtah | 1971 | null"
    );
    assert_eq!(source.rows_at, [2, 3, 2, 3]);
}

#[test]
fn range_of_a_sheet() {
    let options = ReadOptions {
        sheet: Some("Wide".into()),
        range: Some("b4:d7".into()),
        ..ReadOptions::default()
    };
    let source = read_wide(&fixture("book.xlsx"), &options, &wide(Orientation::Rows)).unwrap();
    assert_eq!(source.batch.num_rows(), 6);
    assert_eq!(source.rows_at, [5, 5, 6, 6, 7, 7]);
}

#[test]
fn parquet_and_arrow_agree() {
    let tables: Vec<String> = ["table.parquet", "table.arrow", "table.arrows"]
        .iter()
        .map(|name| {
            let source = read(&fixture(name), &ReadOptions::default()).unwrap();
            everything(&source).replace(name, "table")
        })
        .collect();
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0], tables[2]);
    insta::assert_snapshot!("columnar", tables[0]);
}

#[test]
fn stata() {
    let source = read(&fixture("table.dta"), &ReadOptions::default()).unwrap();
    insta::assert_snapshot!(
        "stata",
        everything(&source).replace(&"x".repeat(3000), "x3000")
    );
    let source = read(&fixture("old.dta"), &ReadOptions::default()).unwrap();
    insta::assert_snapshot!("stata_old", everything(&source));
}

#[test]
fn delimiters_and_line_ends() {
    let expected = "a:Utf8 | b:Int64\nx, y | 1\nz | 2";
    for text in [
        "a,b\n\"x, y\",1\nz,2\n",
        "a,b\r\n\"x, y\",1\r\nz,2",
        "a,b\r\"x, y\",1\rz,2\r",
        "a;b\nx, y;1\nz;2\n",
        "a\tb\nx, y\t1\nz\t2\n",
        "\n\na,b,,\n\n\"x, y\",1,,\nz,2\n",
    ] {
        assert_eq!(table(&read_text(text).unwrap().batch), expected, "{text:?}");
    }
}

#[test]
fn lines_are_those_of_the_file() {
    let source = read_text("a,b\r\n\r\n\"two\r\nlines\",1\r\n\r\nz,2\r\n").unwrap();
    assert_eq!(source.rows_at, [3, 6]);
}

#[test]
fn column_types() {
    let source = read_text(
        "code,year,flag,mixed,value,none,zip\n\
         01,2003年,TRUE,a,\"1,234.5\",,100000\n\
         02,2004年,false,1,…,,200000\n\
         11,2005年,,2,12.3%,-,300000\n",
    )
    .unwrap();
    insta::assert_snapshot!(
        "column_types",
        everything(&source).replace(&source.path.display().to_string(), "t.csv")
    );
}

#[test]
fn text_columns_and_declared_marks() {
    let options = ReadOptions {
        text_columns: vec!["id".into()],
        missing: vec!["-999".into(), "x".into()],
        negative_parentheses: true,
        ..ReadOptions::default()
    };
    let source = read_text_with(
        "id,v,w\n1,-999,x\n2,\"(1,234)\",NA\n3,5,-\n4,6,b\n",
        &options,
    )
    .unwrap();
    assert_eq!(
        table(&source.batch),
        "id:Utf8 | v:Int64 | w:Utf8\n1 | null | null\n2 | -1234 | NA\n3 | 5 | -\n4 | 6 | b"
    );
}

#[test]
fn stacked_files() {
    let (_a, first) = written("a.csv", "p,y,v\nBeijing,2003,1\n");
    let (_b, second) = written("b.csv", "y,p,v\n2004,Beijing,1.5\n");
    let source = read_many(&[first, second], &ReadOptions::default()).unwrap();
    assert_eq!(
        table(&source.batch),
        "p:Utf8 | y:Int64 | v:Float64\nBeijing | 2003 | 1.0\nBeijing | 2004 | 1.5"
    );
    assert_eq!(source.rows_at, [2, 2]);
    assert_eq!(source.files.len(), 2);
    assert_ne!(source.sha256, source.files[0].1);
}

#[test]
fn hash_is_that_of_the_bytes() {
    let source = read_text("a\n1\n").unwrap();
    // printf 'a\n1\n' | sha256sum
    assert_eq!(source.sha256.len(), 64);
    assert_eq!(source.sha256, source.files[0].1);
}

#[test]
fn wide_layouts() {
    let cases = [
        (
            "units_in_rows",
            Orientation::Rows,
            "State,2003,2004年,2005-12\nOhio,1,2,3\nUtah,4,..,6*\n",
        ),
        (
            "series_below",
            Orientation::Rows,
            "State,2003,,2004,\n,GDP,People,GDP,People\nOhio,1,2,3,4\nUtah,5,6,7,8\n",
        ),
        (
            "stubs",
            Orientation::Rows,
            "State,gdp2003,gdp2004,pop_2003,pop_2004\nOhio,1,2,3,4\n",
        ),
        (
            "measure_row",
            Orientation::Rows,
            "Table,,\nState,2003,2004\n,(万元),(万元)\nOhio,1,2\nTotal,1,2\nNote: a, 1\n",
        ),
        (
            "single_year",
            Orientation::Rows,
            "State,2003\nOhio,1\nUtah,2\n",
        ),
        (
            "code_column",
            Orientation::Rows,
            "code,state,2003,2004\n39,Ohio,1,2\n49,Utah,3,4\n",
        ),
        (
            "last_unit_blank",
            Orientation::Rows,
            "State,2003,2004\nOhio,1,2\nUtah,,\n",
        ),
        (
            "turned_two_series",
            Orientation::Columns,
            "Title,,,,\nYear,GDP,,People,\n,Ohio,Utah,Ohio,Utah\n,亿元,亿元,万人,万人\n2003,1,2,3,4\n2004,5,6,7,8\nSource: yearbook,,,,\n",
        ),
        (
            "turned_series_below",
            Orientation::Columns,
            "Year,Ohio,,Utah,\n,GDP,People,GDP,People\n2003,1,2,3,4\n",
        ),
    ];
    for (name, units, text) in cases {
        let (_folder, path) = written("w.csv", text);
        let source = read_wide(&path, &ReadOptions::default(), &wide(units)).unwrap();
        insta::assert_snapshot!(format!("wide_{name}"), everything(&source));
    }
}

#[test]
fn published_examples_read() {
    let data =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/us-states/data");
    if !data.exists() {
        return;
    }
    let rows = wide(Orientation::Rows);
    let source = read_wide(
        &data.join("gross-state-product.csv"),
        &ReadOptions::default(),
        &rows,
    )
    .unwrap();
    assert_eq!(source.batch.num_rows(), 49 * 17);
    let two = ReadOptions {
        header_rows: Some(2),
        ..ReadOptions::default()
    };
    let source = read_wide(&data.join("labour.csv"), &two, &rows).unwrap();
    assert_eq!(source.batch.num_rows() % 17, 0);
    assert_eq!(source.batch.num_columns(), 4);
    let highway = read_wide(
        &data.join("highway-capital.csv"),
        &ReadOptions::default(),
        &rows,
    )
    .unwrap();
    assert_eq!(highway.batch.column(2).null_count(), 4);
    for (sheet, units) in [
        ("Private capital", Orientation::Rows),
        ("Public capital", Orientation::Columns),
    ] {
        let options = ReadOptions {
            sheet: Some(sheet.into()),
            ..ReadOptions::default()
        };
        let source = read_wide(&data.join("capital-stock.xlsx"), &options, &wide(units)).unwrap();
        assert!(
            source.batch.num_rows() >= 48 * 17,
            "{sheet}: {}",
            source.batch.num_rows()
        );
    }
}
