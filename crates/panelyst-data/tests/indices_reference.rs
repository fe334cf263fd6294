//! The indices against an independent implementation in exact rational arithmetic.
//!
//! Script, input and 17-digit output: `tests/reference/python-indices/` at the root of the project.

#![allow(clippy::unwrap_used)]

mod frame;

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use frame::{column, frame, number, text, texts, whole};
use panelyst_data::indices::{INDICES, IndexRequest, compute};

/// Relative to 1 or to the value, whichever is larger: sums of at most 35 terms of size 1, with a few roundings of 2^-53 each.
const ROUNDING: f64 = 1e-14;

fn records(file: &str) -> Vec<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/reference/python-indices")
        .join(file);
    csv::Reader::from_path(path)
        .unwrap()
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn input() -> RecordBatch {
    let rows = records("input.csv");
    let texts = |place: usize| {
        rows.iter()
            .map(|row| row[place].clone())
            .collect::<Vec<_>>()
    };
    let numbers =
        |place: usize| -> Vec<f64> { rows.iter().map(|row| row[place].parse().unwrap()).collect() };
    let years: Vec<i64> = rows.iter().map(|row| row[2].parse().unwrap()).collect();
    frame(vec![
        ("region", text(&texts(0))),
        ("activity", text(&texts(1))),
        ("year", whole(&years)),
        ("amount", number(&numbers(3))),
        ("group", text(&texts(4))),
        ("plants", number(&numbers(5))),
    ])
}

#[test]
fn every_index_agrees_with_the_reference() {
    // By index and column: the value of each region, activity and year.
    let mut expected: BTreeMap<(String, String), BTreeMap<[String; 3], f64>> = BTreeMap::new();
    for row in records("expected.csv") {
        let place = [row[2].clone(), row[3].clone(), row[4].clone()];
        expected
            .entry((row[0].clone(), row[1].clone()))
            .or_default()
            .insert(place, row[5].parse().unwrap());
    }
    for index in INDICES {
        assert!(expected.keys().any(|(name, _)| name == index.name));
    }
    let input = input();
    for ((name, column_name), expected) in expected {
        let request = IndexRequest {
            value: "amount",
            region: "region",
            activity: "activity",
            time: Some("year"),
            plants: (name == "ellison-glaeser").then_some("plants"),
            groups: (name == "theil").then_some("group"),
            national: None,
        };
        let answer = compute(&name, &input, &request).unwrap().batch;
        let key = |name: &str| match answer.column_by_name(name) {
            Some(_) => texts(&answer, name),
            None => vec![String::new(); answer.num_rows()],
        };
        let (regions, activities) = (key("region"), key("activity"));
        let years = answer
            .column_by_name("year")
            .unwrap()
            .as_primitive::<Int64Type>();
        let values = column(&answer, &column_name);
        assert_eq!(values.len(), expected.len(), "{name}");
        for (row, value) in values.into_iter().enumerate() {
            let place = [
                regions[row].clone(),
                activities[row].clone(),
                years.value(row).to_string(),
            ];
            let (value, expected) = (value.unwrap(), expected[&place]);
            assert!(
                (value - expected).abs() <= ROUNDING * expected.abs().max(1.0),
                "{column_name} of {place:?}: {value}, reference {expected}"
            );
        }
    }
}
