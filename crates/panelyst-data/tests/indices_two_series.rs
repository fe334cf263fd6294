//! The location quotient of two series, activity and total by region, worked out by hand.

#![allow(clippy::unwrap_used)]

mod frame;

use frame::{frame, gaps, number, text, whole};
use panelyst_data::Panel;
use panelyst_data::indices::location_quotient_two_series;

/// Sums and quotients of at most a dozen numbers of size 1.
const ROUNDING: f64 = 1e-15;

fn close(found: &[Option<f64>], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let found = found.unwrap();
        assert!(
            (found - expected).abs() <= ROUNDING,
            "{found} is not {expected}"
        );
    }
}

/// The one cell of the paper's location quotient whose inputs are all in yearbooks at hand: Beijing 2014, high-tech main
/// business income 4151.6 of 19776.67, nation 127368 of 1107032.52 (100 million yuan).
#[test]
fn beijing_2014() {
    let batch = frame(vec![
        ("province", text(&["Beijing"])),
        ("year", whole(&[2014])),
        ("hightech", number(&[4151.6])),
        ("industry", number(&[19776.67])),
    ]);
    let panel = Panel::declare(&batch, "province", "year").unwrap();
    let (values, notes) = location_quotient_two_series(
        &panel,
        "hightech",
        "industry",
        Some((&[(2014, 127_368.0)], &[(2014, 1_107_032.52)])),
    )
    .unwrap();
    // Half of the last digit of the published 1.824578.
    assert!((values.value(0) - 1.824578).abs() < 5e-7);
    assert_eq!(notes.len(), 2);
    assert_eq!(
        notes[0],
        "the national `hightech` differs from the sum of the regions by more than 0.5 %: \
         2014: nation 127368, regions 4151.6 (with data: 1; difference +96.74 %)"
    );
}

fn two_series(activity: &[Option<f64>], total: &[Option<f64>]) -> Panel {
    let batch = frame(vec![
        ("province", text(&["P", "P", "Q", "Q", "R", "R"])),
        ("year", whole(&[2001, 2002, 2001, 2002, 2001, 2002])),
        ("a", gaps(activity)),
        ("t", gaps(total)),
    ]);
    Panel::declare(&batch, "province", "year").unwrap()
}

#[test]
fn two_series_sum_where_both_are_present() {
    let panel = two_series(
        &[
            Some(30.0),
            Some(30.0),
            Some(30.0),
            None,
            Some(40.0),
            Some(40.0),
        ],
        &[
            Some(40.0),
            Some(40.0),
            Some(60.0),
            Some(60.0),
            Some(100.0),
            Some(100.0),
        ],
    );
    let (values, notes) = location_quotient_two_series(&panel, "a", "t", None).unwrap();
    let found: Vec<Option<f64>> = values.iter().collect();
    // 2001 as above. 2002 without Q: nation 70 / 140.
    close(&[found[0], found[2], found[4]], &[1.5, 1.0, 0.8]);
    close(&[found[1], found[5]], &[1.5, 0.8]);
    assert_eq!(found[3], None);
    assert_eq!(
        notes,
        [
            "sums are over the regions that have both `a` and `t`; cells without one of them: 1 (Q 2002); 2002: 2 of 3 regions"
        ]
    );
}

#[test]
fn two_series_with_national_totals_of_one_year() {
    let panel = two_series(&[Some(30.0); 6], &[Some(60.0); 6]);
    let (values, notes) =
        location_quotient_two_series(&panel, "a", "t", Some((&[(2001, 90.2)], &[(2001, 200.0)])))
            .unwrap();
    let share = 90.2 / 200.0;
    close(&[values.iter().next().unwrap()], &[0.5 / share]);
    assert_eq!(values.iter().flatten().count(), 3);
    // 90.2 is within 0.5 % of the sum 90; 200 is not within 0.5 % of 180.
    assert_eq!(
        notes,
        [
            "the national `t` differs from the sum of the regions by more than 0.5 %: \
             2001: nation 200, regions 180 (with data: 3; difference +10.00 %)",
            "no national amounts of `a` and `t` for 2002: the location quotient is missing there"
        ]
    );
}

#[test]
fn two_series_without_a_value_are_null_with_a_note() {
    let panel = two_series(
        &[
            Some(0.0),
            Some(0.0),
            Some(30.0),
            Some(0.0),
            Some(40.0),
            Some(0.0),
        ],
        &[
            Some(0.0),
            Some(40.0),
            Some(60.0),
            Some(60.0),
            Some(100.0),
            Some(100.0),
        ],
    );
    let (values, notes) = location_quotient_two_series(&panel, "a", "t", None).unwrap();
    assert_eq!(values.iter().flatten().count(), 2);
    assert_eq!(
        notes,
        [
            "the location quotient is missing in the cells where `t` is zero: 1 (P 2001)",
            "the location quotient is missing in the cells where the sum of `a` is zero: 3 (P 2002; Q 2002; R 2002)"
        ]
    );
}

#[test]
fn two_series_refuse_what_is_no_amount() {
    let good = [Some(1.0); 6];
    let mut bad = good;
    bad[3] = Some(-2.0);
    let refusal = |activity: &[Option<f64>], national| {
        location_quotient_two_series(&two_series(activity, &good), "a", "t", national)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(&bad, None),
        "`a` is -2 in row 4 (Q 2002); shares need amounts of zero or more"
    );
    let zero: &[(i64, f64)] = &[(2001, 0.0)];
    let twice: &[(i64, f64)] = &[(2001, 5.0), (2001, 6.0)];
    assert!(refusal(&good, Some((zero, twice))).contains("the national a of 2001 is 0"));
    assert!(refusal(&good, Some((twice, twice))).contains("two values for 2001"));
}
