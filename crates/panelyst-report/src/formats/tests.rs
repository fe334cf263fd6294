#![allow(clippy::unwrap_used)]

mod samples;
mod spreadsheets;
mod texts;
mod whole;
mod words;

use samples::{awkward, baseline, definitions, description, empty, twelve};

use super::*;
use crate::table::{Lang, Table};

fn all() -> Vec<Table> {
    vec![
        baseline(Lang::En),
        baseline(Lang::Zh),
        description(),
        definitions(Lang::En),
        definitions(Lang::Zh),
        twelve(),
        awkward(),
        empty(),
    ]
}

#[test]
fn rows_of_the_registry_stand_in_the_order_of_the_variants() {
    for (number, row) in FORMATS.iter().enumerate() {
        assert_eq!(row.format as usize, number);
        assert_eq!(row.name.parse::<Format>().unwrap(), row.format);
        assert_eq!(row.extension.parse::<Format>().unwrap(), row.format);
        assert_eq!(
            row.format.as_text().map(Format::from),
            row.format.as_text().map(|_| row.format)
        );
    }
    let error = "pdf".parse::<Format>().unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no table format `pdf`; known formats: text, markdown, latex, html, csv, word, excel"
    );
}

#[test]
fn the_same_tables_give_the_same_bytes() {
    let tables = all();
    for row in FORMATS {
        let options = RenderOptions::document();
        let first = row.format.write(&tables, &options).unwrap();
        let again = std::thread::spawn({
            let tables = tables.clone();
            move || row.format.write(&tables, &options).unwrap()
        });
        assert_eq!(first, again.join().unwrap(), "{}", row.name);
    }
}

#[test]
fn every_format_takes_no_table_an_empty_table_and_ragged_rows() {
    let mut ragged = baseline(Lang::En);
    ragged.rows[0].cells.truncate(2);
    ragged.rows[1].cells.push(samples::text("one more"));
    ragged.header[0].truncate(1);
    for row in FORMATS {
        for options in [RenderOptions::default(), RenderOptions::document()] {
            row.format.write(&[], &options).unwrap();
            row.format.write(&[empty()], &options).unwrap();
            let bytes = row
                .format
                .write(std::slice::from_ref(&ragged), &options)
                .unwrap();
            if row.format.as_text().is_some() {
                assert!(
                    String::from_utf8(bytes).unwrap().contains("one more"),
                    "{}",
                    row.name
                );
            }
        }
    }
}

/// Writes all samples in all formats into the folder named by `PANELYST_SAMPLES`, to look at them.
#[test]
fn samples_to_look_at() {
    let Some(folder) = std::env::var_os("PANELYST_SAMPLES") else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let pages = [
        ("all", all()),
        (
            "en",
            vec![baseline(Lang::En), description(), definitions(Lang::En)],
        ),
        ("zh", vec![baseline(Lang::Zh), definitions(Lang::Zh)]),
    ];
    for (name, tables) in pages {
        for row in FORMATS {
            let bytes = row
                .format
                .write(&tables, &RenderOptions::document())
                .unwrap();
            std::fs::write(folder.join(format!("{name}.{}", row.extension)), bytes).unwrap();
        }
    }
}
