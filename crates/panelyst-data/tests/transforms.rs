//! Filling, completing, winsorising and choosing rows.

#![allow(clippy::unwrap_used)]

mod frame;

use arrow_array::{Array, BooleanArray, Float64Array};
use frame::{column, frame, gaps, number, panel, text, whole};
use panelyst_data::transforms::{
    Fill, FillRule, Winsorise, complete, drop_periods, drop_units, interpolate, keep, percentile,
    winsorise,
};
use panelyst_data::{Entry, Ledger, Panel};
use proptest::prelude::*;

const LINEAR: Fill = Fill {
    rule: FillRule::Linear,
    outwards: false,
};
const LOG_LINEAR: Fill = Fill {
    rule: FillRule::LogLinear,
    outwards: false,
};

fn values(array: &Float64Array) -> Vec<Option<f64>> {
    array.iter().collect()
}

fn rules(ledger: &Ledger) -> Vec<(&str, &str, &str, &str)> {
    ledger
        .entries
        .iter()
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.time.as_str(),
                entry.after.as_str(),
                entry.rule.as_str(),
            )
        })
        .collect()
}

#[test]
fn linear_filling_goes_by_calendar() {
    // 2005 has no row: 2004 is one third of the way from 2003 to 2006, so 10 + 30 / 3 = 20.
    let panel = panel(&[
        ("a", 2002, None),
        ("a", 2003, Some(10.0)),
        ("a", 2004, None),
        ("a", 2006, Some(40.0)),
        ("a", 2007, None),
        ("b", 2004, Some(99.0)),
        ("c", 2004, None),
    ]);
    let (filled, ledger) = interpolate(&panel, "y", &LINEAR, "fill y").unwrap();
    assert_eq!(
        values(&filled),
        [
            None,
            Some(10.0),
            Some(20.0),
            Some(40.0),
            None,
            Some(99.0),
            None
        ]
    );
    assert_eq!(
        rules(&ledger),
        [
            ("unfilled", "2002", "", "the unit has no earlier value"),
            ("filled", "2004", "20", "linear between 2003 and 2006"),
            ("unfilled", "2007", "", "the unit has no later value"),
            ("unfilled", "2004", "", "the unit has no value at all"),
        ]
    );
    assert_eq!(
        ledger.entries[1],
        Entry {
            action: "filled".to_owned(),
            step: "fill y".to_owned(),
            unit: "a".to_owned(),
            time: "2004".to_owned(),
            variable: "y".to_owned(),
            after: "20".to_owned(),
            rule: "linear between 2003 and 2006".to_owned(),
            ..Entry::default()
        }
    );
}

#[test]
fn log_linear_filling_keeps_the_rate_of_growth() {
    // 10 to 40 in two years doubles every year.
    let panel = panel(&[
        ("a", 2003, Some(10.0)),
        ("a", 2004, None),
        ("a", 2005, Some(40.0)),
        ("a", 2006, None),
    ]);
    let (filled, ledger) = interpolate(&panel, "y", &LOG_LINEAR, "").unwrap();
    // powf(0.5) of 4 is exact.
    assert_eq!(filled.value(1), 20.0);
    assert!(filled.is_null(3));
    assert_eq!(ledger.entries[0].rule, "log-linear between 2003 and 2005");
    let outwards = Fill {
        outwards: true,
        ..LOG_LINEAR
    };
    let (filled, ledger) = interpolate(&panel, "y", &outwards, "").unwrap();
    assert!((filled.value(3) - 80.0).abs() < 1e-12);
    assert_eq!(
        ledger.entries[1].rule,
        "log-linear outwards through 2003 and 2005"
    );
}

#[test]
fn outwards_is_the_line_through_the_two_nearest_values() {
    let panel = panel(&[
        ("a", 2001, None),
        ("a", 2003, Some(2.0)),
        ("a", 2004, Some(5.0)),
        ("a", 2005, Some(50.0)),
        ("a", 2006, Some(51.0)),
        ("a", 2008, None),
        ("b", 2001, Some(1.0)),
        ("b", 2002, None),
    ]);
    let fill = Fill {
        outwards: true,
        ..LINEAR
    };
    let (filled, ledger) = interpolate(&panel, "y", &fill, "").unwrap();
    assert_eq!(filled.value(0), -4.0); // 2 - 2 x 3
    assert_eq!(filled.value(5), 53.0); // 51 + 2 x 1
    assert_eq!(
        rules(&ledger),
        [
            (
                "filled",
                "2001",
                "-4",
                "linear outwards through 2003 and 2004 (falls below zero)"
            ),
            (
                "filled",
                "2008",
                "53",
                "linear outwards through 2005 and 2006"
            ),
            ("unfilled", "2002", "", "the unit has only one value"),
        ]
    );
}

#[test]
fn log_linear_filling_refuses_values_without_a_logarithm() {
    let panel = panel(&[
        ("a", 2003, Some(0.0)),
        ("a", 2004, None),
        ("a", 2005, Some(40.0)),
    ]);
    assert_eq!(
        interpolate(&panel, "y", &LOG_LINEAR, "")
            .unwrap_err()
            .to_string(),
        "log-linear filling of `y` needs positive values, but unit `a` has 0 in 2003; \
         fill linearly, or leave this unit out"
    );
    // A zero that no gap touches does no harm.
    let elsewhere = frame::panel(&[
        ("a", 2003, Some(0.0)),
        ("a", 2004, Some(1.0)),
        ("a", 2005, None),
        ("a", 2006, Some(4.0)),
    ]);
    let (filled, _) = interpolate(&elsewhere, "y", &LOG_LINEAR, "").unwrap();
    assert_eq!(filled.value(2), 2.0);
}

#[test]
fn filling_refuses_what_it_cannot_fill() {
    let panel = panel(&[("a", 2003, None), ("a", 2004, None)]);
    let refusal = |column: &str| {
        interpolate(&panel, column, &LINEAR, "")
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refusal("y"), "column `y` has no value at all");
    assert!(refusal("z").contains("there is no column `z`"));
    assert!(refusal("province").contains("holds text"));
    let steep = frame::panel(&[
        ("a", 1, Some(-1e308)),
        ("a", 2, Some(1e308)),
        ("a", 3, None),
    ]);
    let fill = Fill {
        outwards: true,
        ..LINEAR
    };
    let error = interpolate(&steep, "y", &fill, "").unwrap_err();
    assert!(error.to_string().contains("leaves the range of numbers"));
}

#[test]
fn completing_adds_counted_rows_and_carries_constant_text() {
    let batch = frame(vec![
        ("unit", text(&["a", "a", "b", "b"])),
        ("year", whole(&[2003, 2006, 2004, 2005])),
        ("area", text(&["west", "west", "east", "south"])),
        ("y", number(&[1.0, 4.0, 5.0, 6.0])),
    ]);
    let panel = Panel::declare(&batch, "unit", "year").unwrap();
    let (full, ledger) = complete(&panel).unwrap();
    assert_eq!(full.batch().num_rows(), 8);
    assert!(full.report().balanced);
    assert_eq!(
        full.index().times(),
        [2003, 2004, 2005, 2006, 2003, 2004, 2005, 2006]
    );
    assert_eq!(
        column(full.batch(), "y"),
        [
            Some(1.0),
            None,
            None,
            Some(4.0),
            None,
            Some(5.0),
            Some(6.0),
            None
        ]
    );
    let area = full.batch().column_by_name("area").unwrap();
    assert_eq!(area.null_count(), 2); // b has two areas, so neither is carried over
    assert_eq!(
        ledger.counts(),
        [
            ("added".to_owned(), String::new(), 4),
            ("filled".to_owned(), "area".to_owned(), 2)
        ]
    );
    let (filled, _) = interpolate(&full, "y", &LINEAR, "").unwrap();
    assert_eq!(&values(&filled)[..4], [1.0, 2.0, 3.0, 4.0].map(Some));

    let (again, nothing) = complete(&full).unwrap();
    assert_eq!(again.batch(), full.batch());
    assert!(nothing.entries.is_empty());
}

#[test]
fn completing_refuses_times_that_do_not_count_periods() {
    let panel = panel(&[
        ("a", 20_030_101, Some(1.0)),
        ("a", 20_161_231, Some(1.0)),
        ("b", 20_161_231, None),
    ]);
    let error = complete(&panel).unwrap_err().to_string();
    assert!(error.contains("262262 rows"), "{error}");
}

/// The value of `_pctile nn, p(...)` over nn = 1 to 100, as StataCorp's Kenneth Higbee listed it on Statalist,
/// 9 June 2003, thread "pctile, xtile methods".
#[test]
fn percentiles_follow_stata() {
    let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
    for (p, value) in [
        (5.0, 5.5),
        (6.0, 6.5),
        (7.0, 7.5),
        (54.0, 54.5),
        (55.0, 55.5),
        (56.0, 56.5),
        (57.0, 57.5),
    ] {
        assert_eq!(percentile(&sorted, p), Some(value));
    }
}

#[test]
fn percentiles_by_hand() {
    // n = 4: P = 1 is whole at 25, so (x1 + x2) / 2; P = 0.4 at 10 gives x1; P = 3.6 at 90 gives x4.
    let sorted = [1.0, 3.0, 10.0, 20.0];
    assert_eq!(percentile(&sorted, 25.0), Some(2.0));
    assert_eq!(percentile(&sorted, 50.0), Some(6.5));
    assert_eq!(percentile(&sorted, 10.0), Some(1.0));
    assert_eq!(percentile(&sorted, 90.0), Some(20.0));
    assert_eq!(percentile(&[7.0], 1.0), Some(7.0));
    assert_eq!(percentile(&[], 50.0), None);
    // 1000 x 2.3 / 100 is 22.999999999999996 in floating point, but 23 by the rule.
    let thousand: Vec<f64> = (1..=1000).map(f64::from).collect();
    assert_eq!(percentile(&thousand, 2.3), Some(23.5));
}

fn hundred() -> Panel {
    let names: Vec<String> = (1..=100).map(|unit| format!("u{unit:03}")).collect();
    let rows: Vec<(&str, i64, Option<f64>)> = names
        .iter()
        .zip(1..)
        .map(|(name, value)| (name.as_str(), 2003, Some(f64::from(value))))
        .collect();
    panel(&rows)
}

#[test]
fn winsorising_at_1_and_99_changes_one_value_at_each_end_of_a_hundred() {
    let rule = Winsorise {
        lower: 1.0,
        upper: 99.0,
        by_time: false,
    };
    let (cut, ledger) = winsorise(&hundred(), "y", &rule, "robustness").unwrap();
    assert_eq!(cut.value(0), 1.5);
    assert_eq!(cut.value(1), 2.0);
    assert_eq!(cut.value(98), 99.0);
    assert_eq!(cut.value(99), 99.5);
    assert_eq!(
        ledger.counts(),
        [("winsorised".to_owned(), "y".to_owned(), 2)]
    );
    let first = &ledger.entries[0];
    assert_eq!(
        (
            first.unit.as_str(),
            first.before.as_str(),
            first.after.as_str()
        ),
        ("u001", "1", "1.5")
    );
    assert_eq!(first.rule, "below percentile 1 (100 values)");
    assert_eq!(ledger.entries[1].rule, "above percentile 99 (100 values)");
}

#[test]
fn one_side_alone_may_be_winsorised() {
    let rule = Winsorise {
        lower: 0.0,
        upper: 90.0,
        by_time: false,
    };
    let (cut, ledger) = winsorise(&hundred(), "y", &rule, "").unwrap();
    assert_eq!(cut.value(0), 1.0);
    assert_eq!(cut.value(99), 90.5);
    assert_eq!(ledger.entries.len(), 10);
}

#[test]
fn winsorising_by_time_takes_each_period_alone() {
    // P = 4 x 25 / 100 = 1: the mean of the lowest two; at 75 the mean of the highest two.
    let mut rows = Vec::new();
    for (unit, low, high) in [
        ("a", 1.0, 100.0),
        ("b", 2.0, 200.0),
        ("c", 3.0, 300.0),
        ("d", 4.0, 400.0),
    ] {
        rows.push((unit, 2003, Some(low)));
        rows.push((unit, 2004, Some(high)));
        rows.push((unit, 2005, None));
    }
    let panel = panel(&rows);
    let mut rule = Winsorise {
        lower: 25.0,
        upper: 75.0,
        by_time: true,
    };
    let (cut, ledger) = winsorise(&panel, "y", &rule, "").unwrap();
    let expected = [1.5, 150.0, 2.0, 200.0, 3.0, 300.0, 3.5, 350.0];
    let known: Vec<f64> = cut.iter().flatten().collect();
    assert_eq!(known, expected);
    assert_eq!(cut.null_count(), 4);
    assert_eq!(ledger.entries.len(), 4);
    assert_eq!(
        ledger.entries[1].rule,
        "below percentile 25 of 2004 (4 values)"
    );
    rule.by_time = false;
    let (cut, _) = winsorise(&panel, "y", &rule, "").unwrap();
    // All 8 values: P = 2, (2 + 3) / 2; P = 6, (200 + 300) / 2.
    let known: Vec<f64> = cut.iter().flatten().collect();
    assert_eq!(known, [2.5, 100.0, 2.5, 200.0, 3.0, 250.0, 4.0, 250.0]);
}

#[test]
fn percentiles_out_of_order_are_refused() {
    for (lower, upper) in [(99.0, 1.0), (-1.0, 99.0), (1.0, 101.0), (f64::NAN, 99.0)] {
        let rule = Winsorise {
            lower,
            upper,
            by_time: false,
        };
        let error = winsorise(&hundred(), "y", &rule, "").unwrap_err();
        assert!(error.to_string().contains("0 <= lower < upper <= 100"));
    }
    let empty = panel(&[("a", 2003, None)]);
    let rule = Winsorise {
        lower: 1.0,
        upper: 99.0,
        by_time: true,
    };
    let error = winsorise(&empty, "y", &rule, "").unwrap_err();
    assert_eq!(error.to_string(), "column `y` has no value at all");
}

fn small() -> Panel {
    panel(&[
        ("a", 2003, Some(1.0)),
        ("a", 2004, Some(2.0)),
        ("b", 2003, Some(3.0)),
        ("c", 2004, None),
    ])
}

#[test]
fn dropped_units_and_periods_are_counted() {
    let (left, ledger) = drop_units(&small(), &["a", "a"], "without a").unwrap();
    assert_eq!(left.unit_names(), ["b", "c"]);
    assert_eq!(left.index().units(), [0, 1]);
    assert_eq!(ledger.entries.len(), 1);
    assert_eq!(ledger.entries[0].cells, 2);
    assert_eq!(ledger.entries[0].unit, "a");

    let (left, ledger) = drop_periods(&small(), &[2003], "").unwrap();
    assert_eq!(left.unit_names(), ["a", "c"]);
    assert_eq!(ledger.counts(), [("dropped".to_owned(), String::new(), 2)]);

    let error = drop_units(&small(), &["z"], "").unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no unit `z` in `province`; for example, there is `a`"
    );
    let error = drop_periods(&small(), &[1999], "").unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no row of year 1999; the panel runs from 2003 to 2004"
    );
    let error = drop_units(&small(), &["a", "b", "c"], "").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no row is left after `leaving out a, b, c`"
    );
}

#[test]
fn a_condition_counts_no_and_missing_apart() {
    let mask = BooleanArray::from(vec![Some(true), Some(false), Some(true), None]);
    let (left, ledger) = keep(&small(), &mask, "y < 2 or y > 2", "sample").unwrap();
    assert_eq!(left.batch().num_rows(), 2);
    let rules: Vec<(&str, usize)> = ledger
        .entries
        .iter()
        .map(|entry| (entry.rule.as_str(), entry.cells))
        .collect();
    assert_eq!(
        rules,
        [
            ("not `y < 2 or y > 2`", 1),
            ("`y < 2 or y > 2` is missing", 1)
        ]
    );
    let none = BooleanArray::from(vec![false; 4]);
    assert!(
        keep(&small(), &none, "false", "")
            .unwrap_err()
            .to_string()
            .contains("no row is left")
    );
    let short = BooleanArray::from(vec![true; 3]);
    assert!(
        keep(&small(), &short, "x", "")
            .unwrap_err()
            .to_string()
            .contains("3 values, but the panel has 4 rows")
    );
}

proptest! {
    /// A straight line with holes is restored by linear filling, and every filled cell is in the ledger.
    #[test]
    fn a_line_is_restored(
        holes in prop::collection::vec(any::<bool>(), 1..12),
        start in -1000_i32..1000,
        slope in -50_i32..50,
    ) {
        let line = |year: usize| f64::from(start) + f64::from(slope) * year as f64;
        let last = holes.len() + 1;
        let cells: Vec<Option<f64>> = (0..=last)
            .map(|year| {
                let hole = year > 0 && year < last && holes[year - 1];
                (!hole).then(|| line(year))
            })
            .collect();
        let years: Vec<i64> = (0..=last as i64).collect();
        let batch = frame(vec![
            ("unit", text(&vec!["a"; last + 1])),
            ("year", whole(&years)),
            ("y", gaps(&cells)),
        ]);
        let panel = Panel::declare(&batch, "unit", "year").unwrap();
        let (filled, ledger) = interpolate(&panel, "y", &LINEAR, "").unwrap();
        for year in 0..=last {
            // Values below 2000 with a few roundings of 2^-52 each.
            prop_assert!((filled.value(year) - line(year)).abs() < 1e-11);
        }
        prop_assert_eq!(ledger.entries.len(), holes.iter().filter(|&&hole| hole).count());
    }

    /// Winsorised values lie within the limits, keep their order, and the ledger holds exactly the changed cells.
    #[test]
    fn winsorising_keeps_order_and_counts(values in prop::collection::vec(-1e6_f64..1e6, 1..60)) {
        let names: Vec<String> = (0..values.len()).map(|unit| format!("u{unit:03}")).collect();
        let rows: Vec<(&str, i64, Option<f64>)> = names
            .iter()
            .zip(&values)
            .map(|(name, &value)| (name.as_str(), 1, Some(value)))
            .collect();
        let rule = Winsorise { lower: 5.0, upper: 95.0, by_time: false };
        let (cut, ledger) = winsorise(&panel(&rows), "y", &rule, "").unwrap();
        let mut changed = 0;
        for (row, &before) in values.iter().enumerate() {
            changed += usize::from(cut.value(row) != before);
            for (other, &beside) in values.iter().enumerate() {
                prop_assert!(before > beside || cut.value(row) <= cut.value(other));
            }
        }
        prop_assert_eq!(ledger.entries.len(), changed);
    }
}
