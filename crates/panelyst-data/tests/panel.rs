//! Declaring panels and reporting on them.

#![allow(clippy::unwrap_used)]

mod frame;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Float64Array, Int64Array, StringArray};
use frame::{column, frame, gaps, number, panel, text, texts, whole};
use panelyst_data::Panel;
use panelyst_data::panel::{Gap, UnitPeriod};

#[test]
fn rows_are_sorted_by_unit_and_time() {
    let panel = panel(&[
        ("Tibet", 2004, Some(4.0)),
        ("Beijing", 2004, Some(2.0)),
        ("Tibet", 2003, Some(3.0)),
        ("Beijing", 2003, Some(1.0)),
    ]);
    assert_eq!(
        texts(panel.batch(), "province"),
        ["Beijing", "Beijing", "Tibet", "Tibet"]
    );
    assert_eq!(
        column(panel.batch(), "y"),
        [Some(1.0), Some(2.0), Some(3.0), Some(4.0)]
    );
    assert_eq!(panel.unit_names(), ["Beijing", "Tibet"]);
    assert_eq!(panel.index().units(), [0, 0, 1, 1]);
    assert_eq!(panel.index().times(), [2003, 2004, 2003, 2004]);
    assert_eq!(panel.unit_rows(), [0..2, 2..4]);
    assert_eq!(panel.index().lagged(3, 1), Some(2));
}

#[test]
fn numeric_units_are_sorted_by_size() {
    let batch = frame(vec![
        ("firm", whole(&[10, 9, 100])),
        ("year", whole(&[1935, 1935, 1935])),
    ]);
    let panel = Panel::declare(&batch, "firm", "year").unwrap();
    assert_eq!(panel.unit_names(), ["9", "10", "100"]);
}

#[test]
fn years_may_be_text_or_whole_decimals() {
    for years in [
        text(&["2004", " 2003 "]),
        text(&["2004年", "2003年"]),
        number(&[2004.0, 2003.0]),
    ] {
        let batch = frame(vec![("unit", text(&["a", "a"])), ("year", years)]);
        let panel = Panel::declare(&batch, "unit", "year").unwrap();
        let years = panel.batch().column_by_name("year").unwrap().clone();
        assert_eq!(years.as_primitive::<Int64Type>().values(), &[2003, 2004]);
    }
}

fn refusal(batch: &arrow_array::RecordBatch, unit: &str, time: &str) -> String {
    Panel::declare(batch, unit, time).unwrap_err().to_string()
}

#[test]
fn a_duplicate_names_unit_period_and_both_rows() {
    let batch = frame(vec![
        ("unit", text(&["b", "a", "c", "a"])),
        ("year", whole(&[2003, 2003, 2003, 2003])),
    ]);
    assert_eq!(
        refusal(&batch, "unit", "year"),
        "unit `a` has two rows for year 2003: rows 2 and 4; a panel has one row a unit and period, \
         so drop or add up one of them"
    );
}

#[test]
fn missing_keys_name_their_row() {
    let missing_unit = StringArray::from(vec![Some("a"), None]);
    let batch = frame(vec![
        ("unit", Arc::new(missing_unit)),
        ("year", whole(&[2003, 2003])),
    ]);
    assert!(refusal(&batch, "unit", "year").starts_with("row 2 has no value in `unit`"));
    let missing_time = Int64Array::from(vec![None, Some(2003)]);
    let batch = frame(vec![
        ("unit", text(&["a", "b"])),
        ("year", Arc::new(missing_time)),
    ]);
    assert!(refusal(&batch, "unit", "year").starts_with("row 1 has no value in `year`"));
    let blank = frame(vec![
        ("unit", text(&["a", "  "])),
        ("year", whole(&[2003, 2003])),
    ]);
    assert!(refusal(&blank, "unit", "year").starts_with("row 2 has no value in `unit`"));
}

#[test]
fn times_that_are_no_periods_are_refused() {
    let unit = || text(&["a", "b"]);
    let batch = frame(vec![("unit", unit()), ("year", number(&[2003.0, 2003.5]))]);
    assert!(refusal(&batch, "unit", "year").starts_with("row 2 has `2003.5` in the time column"));
    let batch = frame(vec![("unit", unit()), ("year", text(&["2003", "total"]))]);
    assert!(refusal(&batch, "unit", "year").starts_with("row 2 has `total` in the time column"));
    let batch = frame(vec![
        ("unit", unit()),
        ("year", number(&[2003.0, f64::NAN])),
    ]);
    assert!(refusal(&batch, "unit", "year").contains("`NaN`"));
    let batch = frame(vec![("unit", number(&[1.0, 1.5])), ("year", unit())]);
    assert!(refusal(&batch, "unit", "year").contains("1.5 in row 2"));
}

#[test]
fn wrong_columns_are_refused() {
    let batch = frame(vec![("unit", text(&["a"])), ("year", whole(&[2003]))]);
    assert_eq!(
        refusal(&batch, "province", "year"),
        "there is no column `province`; the columns are `unit`, `year`"
    );
    assert!(refusal(&batch, "unit", "unit").contains("cannot be both"));
    let empty = batch.slice(0, 0);
    assert!(refusal(&empty, "unit", "year").contains("no rows"));
}

#[test]
fn a_column_is_replaced_in_place_or_added_at_the_end() {
    let panel = panel(&[("a", 2003, Some(1.0)), ("a", 2004, None)]);
    let panel = panel
        .with_column("y", Float64Array::from(vec![5.0, 6.0]))
        .unwrap()
        .with_column("z", Float64Array::from(vec![None, Some(7.0)]))
        .unwrap();
    let names: Vec<String> = panel
        .batch()
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["province", "year", "y", "z"]);
    assert_eq!(column(panel.batch(), "y"), [Some(5.0), Some(6.0)]);
    assert_eq!(column(panel.batch(), "z"), [None, Some(7.0)]);
    let refused = |name: &str, values: Vec<f64>| {
        panel
            .clone()
            .with_column(name, Float64Array::from(values))
            .unwrap_err()
            .to_string()
    };
    assert!(refused("year", vec![1.0, 2.0]).contains("identifies the rows"));
    assert!(refused("z", vec![1.0]).contains("has 1 values, but the panel has 2 rows"));
    assert!(refused("z", vec![1.0, f64::NAN]).contains("row 2 of column `z` is NaN"));
}

#[test]
fn the_report_counts_gaps_and_missing_cells() {
    let batch = frame(vec![
        ("unit", text(&["a", "a", "a", "b", "b"])),
        ("year", whole(&[2003, 2004, 2007, 2003, 2004])),
        ("x", gaps(&[None, Some(1.0), None, Some(1.0), Some(1.0)])),
        ("y", number(&[1.0; 5])),
    ]);
    let report = Panel::declare(&batch, "unit", "year").unwrap().report();
    assert_eq!((report.units, report.periods, report.rows), (2, 3, 5));
    assert_eq!((report.first, report.last), (2003, 2007));
    assert_eq!((report.fewest, report.most), (2, 3));
    assert!(!report.balanced);
    assert_eq!(
        report.gaps,
        [Gap {
            unit: "a".to_owned(),
            after: 2004,
            before: 2007
        }]
    );
    assert_eq!(report.missing.len(), 1);
    assert_eq!(report.missing[0].variable, "x");
    assert_eq!(report.missing[0].count, 2);
    let place = |time| UnitPeriod {
        unit: "a".to_owned(),
        time,
    };
    assert_eq!(report.missing[0].first, [place(2003), place(2007)]);
}

#[test]
fn a_rectangle_is_balanced() {
    let panel = panel(&[
        ("a", 1, None),
        ("a", 2, None),
        ("b", 1, None),
        ("b", 2, None),
    ]);
    assert!(panel.report().balanced);
}
