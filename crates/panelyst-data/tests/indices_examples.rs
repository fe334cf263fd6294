//! The indices on a table small enough to work out by hand.
//!
//! |   | farm | tech | total | w   |
//! |---|------|------|-------|-----|
//! | P | 10   | 30   | 40    | 0.2 |
//! | Q | 30   | 30   | 60    | 0.3 |
//! | R | 60   | 40   | 100   | 0.5 |
//! |   | 100  | 100  | 200   |     |

#![allow(clippy::unwrap_used)]

mod frame;

use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch};
use frame::{column, frame, gaps, number, text, texts, whole};
use panelyst_data::indices::{INDICES, IndexRequest, IndexTable, compute};

/// Sums and quotients of at most a dozen numbers of size 1.
const ROUNDING: f64 = 1e-15;

fn table() -> RecordBatch {
    frame(vec![
        ("area", text(&["R", "P", "Q", "P", "Q", "R"])),
        (
            "kind",
            text(&["tech", "tech", "tech", "farm", "farm", "farm"]),
        ),
        ("yr", whole(&[2001; 6])),
        ("jobs", number(&[40.0, 30.0, 30.0, 10.0, 30.0, 60.0])),
        ("plants", number(&[0.1, 0.1, 0.1, 0.25, 0.25, 0.25])),
        (
            "group",
            text(&["south", "north", "north", "north", "north", "south"]),
        ),
        ("nation", number(&[150.0, 150.0, 150.0, 50.0, 50.0, 50.0])),
    ])
}

const REQUEST: IndexRequest<'static> = IndexRequest {
    value: "jobs",
    region: "area",
    activity: "kind",
    time: Some("yr"),
    plants: None,
    national: None,
    groups: None,
};

fn index(name: &str) -> IndexTable {
    let plants = (name == "ellison-glaeser").then_some("plants");
    compute(name, &table(), &IndexRequest { plants, ..REQUEST }).unwrap()
}

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

fn names(batch: &RecordBatch) -> Vec<String> {
    batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

#[test]
fn location_quotients() {
    let answer = index("location-quotient");
    assert_eq!(
        names(&answer.batch),
        ["area", "kind", "yr", "location_quotient"]
    );
    assert_eq!(texts(&answer.batch, "area"), ["P", "P", "Q", "Q", "R", "R"]);
    assert_eq!(
        texts(&answer.batch, "kind"),
        ["farm", "tech", "farm", "tech", "farm", "tech"]
    );
    // (10 / 40) / (100 / 200), (30 / 40) / 0.5, ...
    close(
        &column(&answer.batch, "location_quotient"),
        &[0.5, 1.5, 1.0, 1.0, 1.2, 0.8],
    );
    assert!(answer.notes.is_empty());
}

#[test]
fn location_quotients_with_national_amounts() {
    let request = IndexRequest {
        national: Some("nation"),
        ..REQUEST
    };
    let answer = compute("location_quotient", &table(), &request).unwrap();
    // National shares are 50 / 200 and 150 / 200 instead of one half each.
    close(
        &column(&answer.batch, "location_quotient"),
        &[1.0, 1.0, 2.0, 0.5 / 0.75, 2.4, 0.4 / 0.75],
    );
    assert_eq!(
        answer.notes,
        [
            "the national amount differs from the sum of the regions by more than 0.5 % in 2 of 2 cases \
             (farm, 2001: nation 50, regions 100; tech, 2001: nation 150, regions 100)"
        ]
    );
}

#[test]
fn herfindahl_of_regions_and_of_activities() {
    let answer = index("herfindahl");
    assert_eq!(names(&answer.batch), ["area", "yr", "herfindahl"]);
    // P: 0.25^2 + 0.75^2; Q: 2 x 0.5^2; R: 0.6^2 + 0.4^2.
    close(&column(&answer.batch, "herfindahl"), &[0.625, 0.5, 0.52]);
    let answer = index("concentration");
    assert_eq!(names(&answer.batch), ["kind", "yr", "concentration"]);
    // farm: 0.1^2 + 0.3^2 + 0.6^2; tech: 2 x 0.3^2 + 0.4^2.
    close(&column(&answer.batch, "concentration"), &[0.46, 0.34]);
}

#[test]
fn krugman() {
    // P: 2 x |0.25 - 0.5|; Q: 0; R: 2 x |0.6 - 0.5|.
    close(
        &column(&index("krugman").batch, "krugman"),
        &[0.5, 0.0, 0.2],
    );
}

#[test]
fn locational_gini() {
    // sum over pairs of w_i w_j |LQ_i - LQ_j|. farm: 0.2 0.3 0.5 + 0.2 0.5 0.7 + 0.3 0.5 0.2 = 0.03 + 0.07 + 0.03;
    // tech has the same differences.
    close(
        &column(&index("locational-gini").batch, "locational_gini"),
        &[0.13, 0.13],
    );
}

#[test]
fn theil_with_and_without_groups() {
    let farm = 0.1 * 0.5_f64.ln() + 0.6 * 1.2_f64.ln();
    let tech = 0.3 * 1.5_f64.ln() + 0.4 * 0.8_f64.ln();
    close(&column(&index("theil").batch, "theil"), &[farm, tech]);
    let request = IndexRequest {
        groups: Some("group"),
        ..REQUEST
    };
    let answer = compute("theil", &table(), &request).unwrap();
    close(&column(&answer.batch, "theil"), &[farm, tech]);
    // North has shares 0.4 and 0.6 of farm and tech, 0.5 of the total; south is one region, so nothing is within it.
    let between_farm = 0.4 * 0.8_f64.ln() + 0.6 * 1.2_f64.ln();
    let between_tech = 0.6 * 1.2_f64.ln() + 0.4 * 0.8_f64.ln();
    close(
        &column(&answer.batch, "theil_between"),
        &[between_farm, between_tech],
    );
    // In north: farm 0.25 and 0.75, tech 0.5 and 0.5, total 0.4 and 0.6.
    let within_farm = 0.4 * (0.25 * 0.625_f64.ln() + 0.75 * 1.25_f64.ln());
    let within_tech = 0.6 * (0.5 * 1.25_f64.ln() + 0.5 * (0.5_f64 / 0.6).ln());
    close(
        &column(&answer.batch, "theil_within"),
        &[within_farm, within_tech],
    );
}

#[test]
fn ellison_glaeser() {
    // X = 0.04 + 0.09 + 0.25, so 1 - X = 0.62. tech: G = 0.01 + 0 + 0.01, H = 0.1:
    // (0.02 - 0.062) / (0.62 0.9) = -7 / 93. farm: G = 0.01 + 0 + 0.01, H = 0.25: (0.02 - 0.155) / (0.62 0.75) = -9 / 31.
    close(
        &column(&index("ellison-glaeser").batch, "ellison_glaeser"),
        &[-9.0 / 31.0, -7.0 / 93.0],
    );
}

#[test]
fn every_index_is_documented_and_computable_by_either_spelling() {
    for row in INDICES {
        for text in [
            row.label,
            row.label_zh,
            row.formula,
            row.latex,
            row.doc,
            row.citation,
            row.identity,
        ] {
            assert!(!text.is_empty(), "{}", row.name);
        }
        let plants = row.needs.contains(&"plants").then_some("plants");
        let request = IndexRequest { plants, ..REQUEST };
        let underscored = row.name.replace('-', "_");
        let one = compute(row.name, &table(), &request).unwrap();
        let two = compute(&underscored, &table(), &request).unwrap();
        assert_eq!(one.batch, two.batch);
        assert!(one.batch.column_by_name(&underscored).is_some());
    }
}

#[test]
fn zero_totals_are_null_with_a_note() {
    let batch = frame(vec![
        ("area", text(&["P", "P", "Q", "Q"])),
        ("kind", text(&["farm", "tech", "farm", "tech"])),
        ("jobs", number(&[0.0, 0.0, 5.0, 0.0])),
    ]);
    let request = IndexRequest {
        time: None,
        ..REQUEST
    };
    let answer = compute("location-quotient", &batch, &request).unwrap();
    assert_eq!(
        column(&answer.batch, "location_quotient"),
        [None, None, Some(1.0), None]
    );
    assert_eq!(
        answer.notes,
        [
            "1 value is null, because the total of the activity is zero: Q, tech",
            "2 values are null, because the total of the region is zero: P, farm; P, tech"
        ]
    );
    for name in ["herfindahl", "krugman"] {
        let answer = compute(name, &batch, &request).unwrap();
        assert_eq!(column(&answer.batch, name)[0], None);
    }
    for name in ["concentration", "locational_gini", "theil"] {
        let answer = compute(name, &batch, &request).unwrap();
        assert_eq!(column(&answer.batch, name)[1], None, "{name}");
    }
    let nothing = frame(vec![
        ("area", text(&["P"])),
        ("kind", text(&["farm"])),
        ("jobs", number(&[0.0])),
        ("plants", number(&[0.1])),
    ]);
    for row in INDICES {
        let plants = row.needs.contains(&"plants").then_some("plants");
        let request = IndexRequest { plants, ..request };
        let answer = compute(row.name, &nothing, &request).unwrap();
        assert_eq!(column(&answer.batch, &row.name.replace('-', "_")), [None]);
        assert_eq!(answer.notes.len(), 1);
    }
}

#[test]
fn a_missing_amount_takes_its_region_out_of_the_period() {
    let jobs = [
        Some(40.0),
        Some(30.0),
        Some(30.0),
        Some(10.0),
        None,
        Some(60.0),
    ];
    let mut columns = vec![("jobs", gaps(&jobs))];
    let table = table();
    for name in ["area", "kind", "yr", "plants"] {
        columns.push((name, table.column_by_name(name).unwrap().clone()));
    }
    let batch = frame(columns);
    let answer = compute("location-quotient", &batch, &REQUEST).unwrap();
    let found = column(&answer.batch, "location_quotient");
    assert_eq!((found[2], found[3]), (None, None));
    // Without Q: farm 70, tech 70, total 140.
    close(
        &[found[0], found[1], found[4], found[5]],
        &[0.5, 1.5, 1.2, 0.8],
    );
    assert_eq!(
        answer.notes,
        [
            "`jobs` is missing in 1 of 6 cells (Q, farm, 2001); a region with a missing cell is left out of the sums of \
             that period and its own values are null",
            "2 values are null, because the region has a missing amount in the period: Q, farm, 2001; Q, tech, 2001"
        ]
    );
    let answer = compute("concentration", &batch, &REQUEST).unwrap();
    // farm 10 and 60 of 70; tech 30 and 40 of 70.
    close(
        &column(&answer.batch, "concentration"),
        &[3700.0 / 4900.0, 2500.0 / 4900.0],
    );
}

#[test]
fn an_absent_row_is_a_noted_zero() {
    let full = frame(vec![
        ("area", text(&["P", "P", "Q", "Q"])),
        ("kind", text(&["farm", "tech", "farm", "tech"])),
        ("jobs", number(&[0.0, 2.0, 5.0, 1.0])),
        ("plants", number(&[0.1; 4])),
    ]);
    let short = full.slice(1, 3);
    for row in INDICES.iter().filter(|row| row.name != "location-quotient") {
        let plants = row.needs.contains(&"plants").then_some("plants");
        let request = IndexRequest {
            time: None,
            plants,
            ..REQUEST
        };
        let one = compute(row.name, &full, &request).unwrap();
        let two = compute(row.name, &short, &request).unwrap();
        let name = row.name.replace('-', "_");
        let expected: Vec<f64> = column(&one.batch, &name).into_iter().flatten().collect();
        close(&column(&two.batch, &name), &expected);
        assert_eq!(
            two.notes,
            ["1 of 4 combinations of region, activity and period have no row; they count as zero"]
        );
    }
}

#[test]
fn ellison_glaeser_is_null_where_it_is_undefined() {
    let single = |plants: Option<f64>, jobs: [f64; 2]| {
        let batch = frame(vec![
            ("area", text(&["P", "Q"])),
            ("kind", text(&["farm", "farm"])),
            ("jobs", number(&jobs)),
            ("plants", Arc::new(Float64Array::from(vec![plants; 2]))),
        ]);
        let request = IndexRequest {
            time: None,
            plants: Some("plants"),
            ..REQUEST
        };
        let answer = compute("ellison-glaeser", &batch, &request).unwrap();
        assert_eq!(column(&answer.batch, "ellison_glaeser"), [None]);
        answer.notes.concat()
    };
    assert!(single(Some(1.0), [1.0, 2.0]).contains("a single plant"));
    assert!(single(Some(0.5), [1.0, 0.0]).contains("only one region"));
    assert!(single(None, [1.0, 2.0]).contains("plants of the activity is missing"));
}

fn refusal(name: &str, batch: &RecordBatch, request: &IndexRequest<'_>) -> String {
    compute(name, batch, request).unwrap_err().to_string()
}

#[test]
fn bad_tables_are_refused_with_their_rows() {
    let table = |jobs: &[f64]| {
        frame(vec![
            ("area", text(&["P", "Q", "P"])),
            ("kind", text(&["farm", "farm", "tech"])),
            ("yr", whole(&[2001, 2001, 2001])),
            ("jobs", number(jobs)),
        ])
    };
    let lq = "location-quotient";
    assert_eq!(
        refusal(lq, &table(&[1.0, -2.0, 3.0]), &REQUEST),
        "`jobs` is -2 in row 2 (Q, farm, 2001); shares need amounts of zero or more"
    );
    assert_eq!(
        refusal(lq, &table(&[1.0, f64::NAN, 3.0]), &REQUEST),
        "row 2 of column `jobs` is NaN; leave a missing value empty instead"
    );
    assert!(refusal(lq, &table(&[1.0, f64::INFINITY, 3.0]), &REQUEST).contains("is inf"));
    assert!(refusal(lq, &table(&[1e308, 1e308, 0.0]), &REQUEST).contains("range of numbers"));
    assert_eq!(
        refusal(lq, &table(&[1.0; 3]).slice(0, 0), &REQUEST),
        "the table has no rows"
    );
    let twice = frame(vec![
        ("area", text(&["P", "Q", "P"])),
        ("kind", text(&["farm", "farm", "farm"])),
        ("jobs", number(&[1.0; 3])),
    ]);
    let request = IndexRequest {
        time: None,
        ..REQUEST
    };
    assert_eq!(
        refusal(lq, &twice, &request),
        "rows 1 and 3 are both P, farm; add them up or drop one"
    );
}

#[test]
fn bad_requests_are_refused() {
    let table = table();
    assert!(refusal("gini", &table, &REQUEST).starts_with(
        "there is no index `gini`; the indices are location-quotient, herfindahl, concentration"
    ));
    assert_eq!(
        refusal("ellison-glaeser", &table, &REQUEST),
        "`ellison-glaeser` needs the column of plants; give --plants"
    );
    let request = IndexRequest {
        plants: Some("plants"),
        ..REQUEST
    };
    assert_eq!(
        refusal("theil", &table, &request),
        "`theil` does not use plants; leave out --plants"
    );
    let request = IndexRequest {
        activity: "",
        ..REQUEST
    };
    assert!(refusal("theil", &table, &request).contains("needs the column of activity"));
    let request = IndexRequest {
        activity: "area",
        ..REQUEST
    };
    assert!(refusal("theil", &table, &request).contains("both as region and as activity"));
    let request = IndexRequest {
        value: "pay",
        ..REQUEST
    };
    assert!(refusal("theil", &table, &request).contains("there is no column `pay`"));
    let request = IndexRequest {
        value: "kind",
        activity: "jobs",
        ..REQUEST
    };
    assert!(refusal("theil", &table, &request).contains("holds text"));
    let request = IndexRequest {
        plants: Some("jobs2"),
        ..REQUEST
    };
    let wide = frame(vec![
        ("area", text(&["P", "Q"])),
        ("kind", text(&["farm", "farm"])),
        ("yr", whole(&[2001, 2001])),
        ("jobs", number(&[1.0, 2.0])),
        ("jobs2", number(&[0.5, 0.6])),
    ]);
    assert_eq!(
        refusal("ellison-glaeser", &wide, &request),
        "`jobs2` must be one value for farm, 2001, but rows 1 and 2 have 0.5 and 0.6"
    );
    let high = frame(vec![
        ("area", text(&["P", "Q"])),
        ("kind", text(&["farm", "farm"])),
        ("yr", whole(&[2001, 2001])),
        ("jobs", number(&[1.0, 2.0])),
        ("jobs2", number(&[1.5, 1.5])),
    ]);
    assert!(refusal("ellison-glaeser", &high, &request).contains("is 1.5 in row 1"));
    let named = frame(vec![
        ("theil", text(&["P", "Q"])),
        ("kind", text(&["farm", "farm"])),
        ("jobs", number(&[1.0, 2.0])),
    ]);
    let request = IndexRequest {
        region: "theil",
        time: None,
        ..REQUEST
    };
    // The key of this index is the activity alone, so the name is free ...
    assert!(compute("theil", &named, &request).is_ok());
    let request = IndexRequest {
        region: "kind",
        activity: "theil",
        ..request
    };
    // ... and here it is not.
    assert!(refusal("theil", &named, &request).contains("rename that column"));
}
