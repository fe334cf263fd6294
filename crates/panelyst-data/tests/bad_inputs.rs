//! What is wrong with a file is said with its place; nothing panics.
#![allow(clippy::unwrap_used)]

mod shown;

use std::path::PathBuf;

use panelyst_data::{Format, Orientation, ReadOptions, Wide, read, read_many, read_wide};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use shown::{fixture, message, written};

fn wide(units: Orientation) -> Wide {
    Wide {
        units,
        unit_name: "state".into(),
        time_name: "year".into(),
        value_name: "value".into(),
    }
}

/// Messages for text files, one a line.
fn text_messages(
    cases: &[(&str, &[u8])],
    read_it: impl Fn(&PathBuf) -> Result<(), panelyst_data::Error>,
) -> String {
    let lines: Vec<String> = cases
        .iter()
        .map(|(name, content)| {
            let (_folder, path) = written("t.csv", content);
            match read_it(&path) {
                Ok(()) => format!("{name}: READ WITHOUT AN ERROR"),
                Err(error) => format!("{name}: {}", message(&error, &path)),
            }
        })
        .collect();
    lines.join("\n")
}

#[test]
fn long_text_files() {
    let cases: [(&str, &[u8]); 19] = [
        ("empty file", b""),
        ("white space only", b" \n\n"),
        ("header only", b"a,b\n"),
        ("header and notes only", b"a,b\n\nSource: me\n"),
        ("short row", b"a,b,c\n1,2,3\n4,5\n"),
        ("long row", b"a,b\n1,2\n3,4,5\n"),
        ("long row after a blank line", b"a,b\n\n1,2\n\n3,4,5\n"),
        ("duplicate header", b"a,b,a\n1,2,3\n"),
        ("unnamed column", b"a,,b\n1,2,3\n"),
        ("title above the header", b"Table 1\na,b\n1,2\n"),
        ("text in numbers", b"p,v\nx,1\ny,2\nz,3\nu,4\nw,abc\n"),
        ("decimal comma", b"p;v\nx;1\ny;2\nz;3\nu;4\nw;1,23\n"),
        ("brackets", b"p,v\nx,1\ny,2\nz,3\nu,4\nw,(5)\n"),
        ("infinite", b"p,v\nx,1\ny,2\nz,3\nu,4\nw,inf\n"),
        ("NUL byte", b"a,b\n1,\0\n"),
        ("open quote", b"a,b\n1,\"two\n3,4\n5,6\n"),
        ("neither UTF-8 nor GB18030", b"a,b\n1,caf\xe9\n2,\xff\xff\n"),
        ("Western European text", b"ville,n\nQu\xe9bec,1\n"),
        ("workbook under a wrong name", b"PK\x03\x04rest"),
    ];
    let messages = text_messages(&cases, |path| {
        read(path, &ReadOptions::default()).map(|_| ())
    });
    insta::assert_snapshot!("long_text_files", messages);
}

#[test]
fn wide_text_files() {
    let cases: [(&str, &[u8]); 11] = [
        ("no years", b"state,a,b\nOhio,1,2\n"),
        ("years in rows", b"year,Ohio,Utah\n2003,1,2\n"),
        ("header only", b"state,2003,2004\n"),
        ("text in a cell", b"state,2003,2004\nOhio,1,2\nUtah,x1,4\n"),
        ("mistyped year", b"state,2003,20O4,2005\nOhio,1,2,3\n"),
        ("value without a year", b"state,2003,2004,\nOhio,1,2,3\n"),
        ("row without a name", b"state,2003,2004\nOhio,1,2\n,3,4\n"),
        (
            "unit twice",
            b"state,2003,2004\nOhio,1,2\nUtah,3,4\nOhio,5,6\n",
        ),
        ("year twice", b"state,2003,2003\nOhio,1,2\n"),
        ("short row", b"state,2003,2004\nOhio,1,2\nUtah,3\n"),
        ("months of one year", b"state,2003-01,2003-02\nOhio,1,2\n"),
    ];
    let messages = text_messages(&cases, |path| {
        read_wide(path, &ReadOptions::default(), &wide(Orientation::Rows)).map(|_| ())
    });
    insta::assert_snapshot!("wide_text_files", messages);
    let cases: [(&str, &[u8]); 4] = [
        ("years in columns", b"state,2003,2004\nOhio,1,2\n"),
        ("no years", b"state,a,b\nOhio,1,2\n"),
        (
            "mistyped year",
            b"year,Ohio,Utah\n2003,1,2\n20O4,3,4\n2005,5,6\n",
        ),
        ("value without a unit", b"year,Ohio,\n2003,1,2\n2004,3,4\n"),
    ];
    let messages = text_messages(&cases, |path| {
        read_wide(path, &ReadOptions::default(), &wide(Orientation::Columns)).map(|_| ())
    });
    insta::assert_snapshot!("wide_text_files_turned", messages);
}

#[test]
fn files_and_options() {
    let (folder, path) = written("t.csv", "a,b\n1,2\n");
    let (_other, second) = written("u.csv", "a,c\n1,2\n");
    let (_odd, odd) = written("t.xyz", "a\n1\n");
    let (_dta, broken_dta) = written("broken.dta", b"<stata_dta><header><release>118</release>");
    let (_xlsx, broken_xlsx) = written("broken.xlsx", b"PK\x03\x04 not a workbook");
    let (_text, text_xlsx) = written("text.xlsx", b"a,b\n1,2\n");
    let (_parquet, broken_parquet) = written("broken.parquet", b"PAR1 and nothing more");
    let (_arrow, text_arrow) = written("text.arrow", b"a,b\n1,2\n");
    let book = fixture("book.xlsx");
    let plain = ReadOptions::default();
    let with = |change: &dyn Fn(&mut ReadOptions)| {
        let mut options = ReadOptions::default();
        change(&mut options);
        options
    };
    let results = [
        (
            "missing file",
            read(&folder.path().join("none.csv"), &plain),
            path.clone(),
        ),
        (
            "folder",
            read(folder.path(), &with(&|o| o.format = Some(Format::Csv))),
            folder.path().into(),
        ),
        ("unknown ending", read(&odd, &plain), odd.clone()),
        (
            "other columns",
            read_many(&[path.clone(), second.clone()], &plain),
            path.clone(),
        ),
        (
            "sheet of a text file",
            read(&path, &with(&|o| o.sheet = Some("A".into()))),
            path.clone(),
        ),
        (
            "unknown text column",
            read(&path, &with(&|o| o.text_columns = vec!["z".into()])),
            path.clone(),
        ),
        (
            "unknown encoding",
            read(&path, &with(&|o| o.encoding = Some("klingon".into()))),
            path.clone(),
        ),
        (
            "bad range",
            read(&path, &with(&|o| o.range = Some("B3".into()))),
            path.clone(),
        ),
        (
            "backward range",
            read(&path, &with(&|o| o.range = Some("C3:A1".into()))),
            path.clone(),
        ),
        (
            "range beyond the table",
            read(&path, &with(&|o| o.range = Some("X10:Z20".into()))),
            path.clone(),
        ),
        (
            "everything skipped",
            read(&path, &with(&|o| o.skip_rows = 9)),
            path.clone(),
        ),
        (
            "no such sheet",
            read(&book, &with(&|o| o.sheet = Some("Nope".into()))),
            book.clone(),
        ),
        (
            "sheet number too large",
            read(&book, &with(&|o| o.sheet = Some("9".into()))),
            book.clone(),
        ),
        (
            "blank sheet",
            read(&book, &with(&|o| o.sheet = Some("Blank".into()))),
            book.clone(),
        ),
        ("broken dta", read(&broken_dta, &plain), broken_dta.clone()),
        (
            "broken workbook",
            read(&broken_xlsx, &plain),
            broken_xlsx.clone(),
        ),
        (
            "text as workbook",
            read(&text_xlsx, &plain),
            text_xlsx.clone(),
        ),
        (
            "broken Parquet",
            read(&broken_parquet, &plain),
            broken_parquet.clone(),
        ),
        (
            "text as Arrow",
            read(&text_arrow, &plain),
            text_arrow.clone(),
        ),
        (
            "infinite number",
            read(&fixture("infinite.parquet"), &plain),
            fixture("infinite.parquet"),
        ),
        (
            "range of a Parquet file",
            read(
                &fixture("table.parquet"),
                &with(&|o| o.range = Some("A1:B2".into())),
            ),
            fixture("table.parquet"),
        ),
        (
            "wide Parquet",
            read_wide(&fixture("table.parquet"), &plain, &wide(Orientation::Rows)),
            fixture("table.parquet"),
        ),
    ];
    let lines: Vec<String> = results
        .into_iter()
        .map(|(name, result, path)| {
            let text = message(&result.unwrap_err(), &path);
            // Folders of the stacked files differ from run to run.
            let text = text.replace(&format!("{}/", second.parent().unwrap().display()), "");
            let text = text.replace(&folder.path().display().to_string(), "FOLDER");
            let own = folder.path().file_name().unwrap().to_string_lossy();
            let text = text.replace(&*own, "FOLDER");
            format!("{name}: {text}")
        })
        .collect();
    insta::assert_snapshot!("files_and_options", lines.join("\n"));
}

/// Reads bytes as a file of a format, long and wide; only a panic fails.
fn swallow(name: &str, content: &[u8]) {
    let (_folder, path) = written(name, content);
    let options = ReadOptions::default();
    let _ = read(&path, &options);
    let _ = read_wide(&path, &options, &wide(Orientation::Rows));
    let _ = read_wide(&path, &options, &wide(Orientation::Columns));
}

/// A fixture with a few bytes changed and its end cut off.
fn damaged(name: &str, changes: &[(usize, u8)], keep: usize) -> Vec<u8> {
    let mut content = std::fs::read(fixture(name)).unwrap();
    let length = content.len();
    for (at, byte) in changes {
        content[at % length] = *byte;
    }
    content.truncate(length - keep % (length / 4));
    content
}

proptest! {
    // The same cases in every run; PROPTEST_CASES and PROPTEST_RNG_SEED ask for others.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(128, |n| n.parse().unwrap()),
        rng_seed: match std::env::var("PROPTEST_RNG_SEED") {
            Ok(seed) => RngSeed::Fixed(seed.parse().unwrap()),
            Err(_) => RngSeed::Fixed(20_261_122),
        },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn arbitrary_bytes_never_panic(content in prop::collection::vec(any::<u8>(), 0..400)) {
        swallow("t.csv", &content);
    }

    #[test]
    fn arbitrary_tables_never_panic(content in "([0-9a-z,;\"…—注：年Ａ２%*() .\t-]|\n|\r\n|2003|2004|Note:|Ohio){0,60}") {
        swallow("t.csv", content.as_bytes());
        swallow("t.tsv", content.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(
        which in 0usize..6,
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        keep in any::<usize>(),
        cut in any::<bool>(),
    ) {
        let name = ["table.dta", "old.dta", "table.parquet", "table.arrow", "table.arrows", "book.xls"][which];
        swallow(name, &damaged(name, &changes, if cut { keep } else { 0 }));
    }
}
