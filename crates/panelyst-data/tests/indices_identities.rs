//! Identities of the indices on random tables.

#![allow(clippy::unwrap_used)]

mod frame;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use frame::{column, frame, number, text, texts};
use panelyst_data::Panel;
use panelyst_data::indices::{INDICES, IndexRequest, compute, location_quotient_two_series};
use proptest::prelude::*;

/// Sums of at most 64 terms of size 1, each with a few roundings of 2^-53, and quotients of them: below 1e-13 for values
/// of size 1. Location quotients may be larger, and are compared after weighting.
const ROUNDING: f64 = 1e-12;

/// Amounts by region and activity, some of them zero; `None`: no row.
type Amounts = Vec<Vec<Option<f64>>>;

fn amounts() -> impl Strategy<Value = Amounts> {
    let cell = prop_oneof![
        6 => (1_u32..100_000).prop_map(|amount| Some(f64::from(amount) / 8.0)),
        1 => Just(Some(0.0)),
        1 => Just(None),
    ];
    (2_usize..8, 2_usize..8)
        .prop_flat_map(move |(regions, activities)| {
            prop::collection::vec(prop::collection::vec(cell.clone(), activities), regions)
        })
        .prop_filter("a table needs a row", |amounts| {
            amounts.iter().flatten().any(Option::is_some)
        })
}

struct Table {
    x: Vec<Vec<f64>>,
    regions: Vec<f64>,
    activities: Vec<f64>,
    total: f64,
}

impl Table {
    fn of(amounts: &Amounts) -> Self {
        let x: Vec<Vec<f64>> = amounts
            .iter()
            .map(|row| row.iter().map(|cell| cell.unwrap_or(0.0)).collect())
            .collect();
        let regions: Vec<f64> = x.iter().map(|row| row.iter().sum()).collect();
        let activities = (0..x[0].len())
            .map(|activity| x.iter().map(|row| row[activity]).sum())
            .collect();
        Self {
            total: regions.iter().sum(),
            x,
            regions,
            activities,
        }
    }

    /// Weights w_i.
    fn weights(&self) -> Vec<f64> {
        self.regions.iter().map(|sum| sum / self.total).collect()
    }

    /// Shares s_i of an activity.
    fn shares(&self, activity: usize) -> Vec<f64> {
        self.x
            .iter()
            .map(|row| row[activity] / self.activities[activity])
            .collect()
    }
}

/// Rows in an order of their own, to show that order does not matter.
fn long(amounts: &Amounts, turn: usize) -> RecordBatch {
    let mut rows = Vec::new();
    for (region, row) in amounts.iter().enumerate() {
        for (activity, cell) in row.iter().enumerate() {
            if let Some(amount) = cell {
                rows.push((region, activity, *amount));
            }
        }
    }
    let middle = turn % rows.len();
    rows.rotate_left(middle);
    let regions: Vec<String> = rows.iter().map(|row| format!("r{}", row.0)).collect();
    let activities: Vec<String> = rows.iter().map(|row| format!("a{}", row.1)).collect();
    let groups: Vec<&str> = rows
        .iter()
        .map(|row| ["north", "south", "west"][row.0 % 3])
        .collect();
    let plants: Vec<f64> = rows.iter().map(|row| plants(row.1)).collect();
    frame(vec![
        ("region", text(&regions)),
        ("activity", text(&activities)),
        (
            "x",
            number(&rows.iter().map(|row| row.2).collect::<Vec<f64>>()),
        ),
        ("group", text(&groups)),
        ("plants", number(&plants)),
    ])
}

fn plants(activity: usize) -> f64 {
    0.02 + 0.1 * activity as f64
}

fn request(index: &str) -> IndexRequest<'static> {
    IndexRequest {
        value: "x",
        region: "region",
        activity: "activity",
        plants: (index == "ellison-glaeser").then_some("plants"),
        groups: (index == "theil").then_some("group"),
        ..IndexRequest::default()
    }
}

/// Values of an index by region, activity or both; nulls left out.
fn values(index: &str, batch: &RecordBatch, of: &str) -> BTreeMap<(usize, usize), f64> {
    let answer = compute(index, batch, &request(index)).unwrap().batch;
    let number_of = |name: &str| -> Option<Vec<usize>> {
        answer.column_by_name(name)?;
        Some(
            texts(&answer, name)
                .iter()
                .map(|text| text[1..].parse().unwrap())
                .collect(),
        )
    };
    let (regions, activities) = (number_of("region"), number_of("activity"));
    column(&answer, of)
        .into_iter()
        .enumerate()
        .filter_map(|(row, value)| {
            let region = regions.as_ref().map_or(0, |codes| codes[row]);
            let activity = activities.as_ref().map_or(0, |codes| codes[row]);
            Some(((region, activity), value?))
        })
        .collect()
}

fn herfindahl_from_variance(shares: &[f64]) -> f64 {
    let n = shares.len() as f64;
    let variance = shares
        .iter()
        .map(|share| (share - 1.0 / n).powi(2))
        .sum::<f64>()
        / n;
    1.0 / n + n * variance
}

proptest! {
    #[test]
    fn the_weighted_mean_of_location_quotients_is_1(amounts in amounts(), turn in 0_usize..50) {
        let table = Table::of(&amounts);
        let quotients = values("location-quotient", &long(&amounts, turn), "location_quotient");
        let weights = table.weights();
        for activity in (0..table.activities.len()).filter(|&a| table.activities[a] > 0.0) {
            let mean: f64 = (0..weights.len())
                .filter_map(|region| Some(weights[region] * quotients.get(&(region, activity))?))
                .sum();
            prop_assert!((mean - 1.0).abs() < ROUNDING, "{mean}");
        }
    }

    #[test]
    fn national_amounts_equal_to_the_sums_change_nothing(amounts in amounts()) {
        let table = Table::of(&amounts);
        let batch = long(&amounts, 0);
        let national: Vec<f64> = texts(&batch, "activity")
            .iter()
            .map(|name| table.activities[name[1..].parse::<usize>().unwrap()])
            .collect();
        let mut columns: Vec<(&str, _)> = ["region", "activity", "x"]
            .into_iter()
            .map(|name| (name, batch.column_by_name(name).unwrap().clone()))
            .collect();
        columns.push(("nation", number(&national)));
        let own = compute("location-quotient", &batch, &request("")).unwrap();
        let request = IndexRequest { national: Some("nation"), ..request("") };
        let given = compute("location-quotient", &frame(columns), &request).unwrap();
        prop_assert_eq!(own.notes, given.notes);
        let one = column(&own.batch, "location_quotient");
        let two = column(&given.batch, "location_quotient");
        for (one, two) in one.iter().zip(&two) {
            prop_assert_eq!(one.is_some(), two.is_some());
            let (one, two) = (one.unwrap_or(0.0), two.unwrap_or(0.0));
            prop_assert!((one - two).abs() <= ROUNDING * one.abs());
        }
    }

    #[test]
    fn herfindahl_is_the_variance_of_shares(amounts in amounts(), turn in 0_usize..50) {
        let table = Table::of(&amounts);
        let batch = long(&amounts, turn);
        for ((region, _), value) in values("herfindahl", &batch, "herfindahl") {
            let shares: Vec<f64> =
                table.x[region].iter().map(|amount| amount / table.regions[region]).collect();
            prop_assert!((value - herfindahl_from_variance(&shares)).abs() < ROUNDING);
            prop_assert!(value <= 1.0 + ROUNDING && value >= 1.0 / shares.len() as f64 - ROUNDING);
        }
        for ((_, activity), value) in values("concentration", &batch, "concentration") {
            let shares = table.shares(activity);
            prop_assert!((value - herfindahl_from_variance(&shares)).abs() < ROUNDING);
        }
    }

    #[test]
    fn krugman_against_the_nation_is_1_minus_w_times_krugman_against_the_rest(
        amounts in amounts(),
        turn in 0_usize..50,
    ) {
        let table = Table::of(&amounts);
        let weights = table.weights();
        for ((region, _), value) in values("krugman", &long(&amounts, turn), "krugman") {
            let rest = table.total - table.regions[region];
            prop_assert!((0.0..2.0).contains(&value));
            if rest == 0.0 {
                prop_assert!(value < ROUNDING);
                continue;
            }
            let distance: f64 = (0..table.activities.len())
                .map(|activity| {
                    let own = table.x[region][activity];
                    let others = table.activities[activity] - own;
                    (own / table.regions[region] - others / rest).abs()
                })
                .sum();
            prop_assert!((value - (1.0 - weights[region]) * distance).abs() < ROUNDING);
        }
    }

    #[test]
    fn the_lorenz_area_is_the_mean_difference_of_location_quotients(
        amounts in amounts(),
        turn in 0_usize..50,
    ) {
        let table = Table::of(&amounts);
        let weights = table.weights();
        for ((_, activity), value) in values("locational-gini", &long(&amounts, turn), "locational_gini") {
            let shares = table.shares(activity);
            let mut mean = 0.0;
            for (i, j) in (0..weights.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                // w_i w_j |s_i / w_i - s_j / w_j|, which is also right at w = 0.
                mean += (shares[i] * weights[j] - shares[j] * weights[i]).abs();
            }
            prop_assert!((value - mean).abs() < ROUNDING);
            prop_assert!((0.0..1.0).contains(&value));
        }
    }

    #[test]
    fn theil_is_the_sum_of_its_parts(amounts in amounts(), turn in 0_usize..50) {
        let batch = long(&amounts, turn);
        let table = Table::of(&amounts);
        let weights = table.weights();
        let whole = values("theil", &batch, "theil");
        let between = values("theil", &batch, "theil_between");
        let within = values("theil", &batch, "theil_within");
        for (place, value) in &whole {
            prop_assert!((value - between[place] - within[place]).abs() < ROUNDING);
            prop_assert!(*value >= 0.0 && between[place] >= 0.0 && within[place] >= 0.0);
            let direct: f64 = table
                .shares(place.1)
                .iter()
                .zip(&weights)
                .filter(|(share, _)| **share > 0.0)
                .map(|(share, weight)| share * (share / weight).ln())
                .sum();
            prop_assert!((value - direct).abs() < ROUNDING);
        }
    }

    #[test]
    fn ellison_glaeser_gives_back_the_raw_concentration(amounts in amounts(), turn in 0_usize..50) {
        let table = Table::of(&amounts);
        let weights = table.weights();
        let spread = 1.0 - weights.iter().map(|weight| weight * weight).sum::<f64>();
        for ((_, activity), gamma) in values("ellison-glaeser", &long(&amounts, turn), "ellison_glaeser") {
            let raw: f64 = table
                .shares(activity)
                .iter()
                .zip(&weights)
                .map(|(share, weight)| (share - weight).powi(2))
                .sum();
            let plants = plants(activity);
            let back = gamma * spread * (1.0 - plants) + spread * plants;
            prop_assert!((back - raw).abs() < ROUNDING, "{back} {raw}");
        }
    }

    #[test]
    fn every_index_ignores_the_order_of_rows_and_the_scale(amounts in amounts(), turn in 1_usize..50) {
        let doubled: Amounts = amounts
            .iter()
            .map(|row| row.iter().map(|cell| cell.map(|amount| 2.0 * amount)).collect())
            .collect();
        for row in INDICES {
            let request = request(row.name);
            let one = compute(row.name, &long(&amounts, 0), &request).unwrap();
            let two = compute(row.name, &long(&amounts, turn), &request).unwrap();
            prop_assert_eq!(&one.batch, &two.batch);
            prop_assert_eq!(&one.notes, &two.notes);
            // Doubling is exact, so the bits stay.
            let three = compute(row.name, &long(&doubled, 0), &request).unwrap();
            prop_assert_eq!(&one.batch, &three.batch);
        }
    }

    #[test]
    fn proportional_regions_show_nothing(
        structure in prop::collection::vec(1_u32..1000, 2..6),
        sizes in prop::collection::vec(1_u32..1000, 2..6),
    ) {
        let amounts: Amounts = sizes
            .iter()
            .map(|&size| structure.iter().map(|&part| Some(f64::from(size * part))).collect())
            .collect();
        let batch = long(&amounts, 1);
        for quotient in values("location-quotient", &batch, "location_quotient").values() {
            prop_assert!((quotient - 1.0).abs() < ROUNDING);
        }
        for name in ["krugman", "locational-gini", "theil"] {
            for value in values(name, &batch, &name.replace('-', "_")).values() {
                prop_assert!(value.abs() < ROUNDING, "{name} {value}");
            }
        }
    }

    #[test]
    fn the_weighted_mean_of_two_series_quotients_is_1(
        cells in prop::collection::vec((prop::option::weighted(0.9, 1_u32..1000), 1_u32..1000), 2..20),
    ) {
        let units: Vec<String> = (0..cells.len()).map(|unit| format!("u{unit:02}")).collect();
        let activity: Vec<Option<f64>> =
            cells.iter().map(|cell| cell.0.map(f64::from)).collect();
        let total: Vec<f64> = cells.iter().map(|cell| f64::from(cell.1)).collect();
        let batch = frame(vec![
            ("unit", text(&units)),
            ("year", frame::whole(&vec![2001; cells.len()])),
            ("a", frame::gaps(&activity)),
            ("t", number(&total)),
        ]);
        let panel = Panel::declare(&batch, "unit", "year").unwrap();
        let (quotients, notes) = location_quotient_two_series(&panel, "a", "t", None).unwrap();
        let (mut sum, mut weight) = (0.0, 0.0);
        for (row, quotient) in quotients.iter().enumerate() {
            prop_assert_eq!(quotient.is_some(), activity[row].is_some());
            if let Some(quotient) = quotient {
                sum += total[row] * quotient;
                weight += total[row];
            }
        }
        prop_assert!(weight == 0.0 || (sum / weight - 1.0).abs() < ROUNDING);
        prop_assert_eq!(notes.len(), usize::from(activity.iter().any(Option::is_none)));
    }
}
