#![allow(clippy::unwrap_used)]

use arrow_array::RecordBatch;

use super::*;
use crate::canonical::{
    batch, close, data, formula, grunfeld, munnell, number_column, records, request, text_column,
};
use crate::results::TestRow;

const INVEST: &str = "invest ~ value + capital | firm + year";
const GSP: &str = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp | state + yr";

fn tests(data: &RecordBatch, text: &str, unit: &str, time: &str) -> Vec<TestRow> {
    specification_tests(data, &formula(text), &request(unit, time)).unwrap()
}

#[track_caller]
fn find<'a>(rows: &'a [TestRow], test: &str, variant: &str) -> &'a TestRow {
    rows.iter()
        .find(|r| r.test == test && r.variant == variant)
        .unwrap_or_else(|| panic!("no {test} {variant}"))
}

#[test]
fn published_numbers() {
    let invest = tests(&grunfeld(), INVEST, "firm", "year");
    let gsp = tests(&munnell(), GSP, "state", "yr");
    let mut seen = 0;
    for record in records("canonical/expected.csv") {
        if record[1] != "test" || record[2] == "hausman_p" {
            continue;
        }
        let rows = if record[0] == "munnell" {
            &gsp
        } else {
            &invest
        };
        let name = record[2].split('(').next().unwrap();
        let row = match name {
            "hausman_fe_re" => find(rows, "hausman", "classic"),
            "F_entity" => find(rows, "f", "unit"),
            "LR_pooled_vs_entity_FE" => find(rows, "lr", "pooled-unit"),
            "LR_entity_FE_vs_TWFE" => find(rows, "lr", "unit-both"),
            "BP_LM_entity" => find(rows, "breusch-pagan", "unit"),
            other => panic!("{other}"),
        };
        // Eight digits are printed there.
        close(
            row.statistic.unwrap(),
            record[3].parse().unwrap(),
            5e-8,
            name,
        );
        let df: Vec<f64> = record[2]
            .trim_end_matches(')')
            .split(['(', ',', '='])
            .filter_map(|part| part.parse().ok())
            .collect();
        assert_eq!(row.df, df, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn numbers_of_plm_on_balanced_and_unbalanced_panels() {
    let gap = |row: usize| !row.is_multiple_of(7);
    // Rows are numbered after the eleventh firm was left out.
    let mut firm_rows = 0;
    let of_grunfeld = |_: usize, firm: &str| {
        if firm == "American Steel" {
            return false;
        }
        firm_rows += 1;
        gap(firm_rows) && firm_rows <= 190
    };
    let panels = [
        ("grunfeld", tests(&grunfeld(), INVEST, "firm", "year")),
        (
            "grunfeld-unbalanced",
            tests(
                &data("canonical/grunfeld.csv", of_grunfeld),
                INVEST,
                "firm",
                "year",
            ),
        ),
        ("munnell", tests(&munnell(), GSP, "state", "yr")),
        (
            "munnell-unbalanced",
            tests(
                &data("canonical/munnell.csv", |row, _| gap(row)),
                GSP,
                "state",
                "yr",
            ),
        ),
    ];
    let mut seen = 0;
    for record in records("reference/plm/specification-tests.csv") {
        let rows = &panels
            .iter()
            .find(|(name, _)| *name == record[0])
            .unwrap()
            .1;
        let row = find(rows, &record[1], &record[2].replace(": ", ", "));
        let what = format!("{} {} {}", record[0], record[1], record[2]);
        // Quadratic forms in nearly singular differences lose digits in either program; nlme stops its search for the
        // maximum at a relative change of 1e-12 of the likelihood, a difference of two of which is the statistic.
        let tolerance = match (record[1].as_str(), record[2].as_str()) {
            ("hausman", _) => 1e-7,
            ("lr", "random-ml") => 1e-7,
            _ => 1e-9,
        };
        let statistic = row
            .statistic
            .unwrap_or_else(|| panic!("{what}: {}", row.note));
        close(statistic, record[3].parse().unwrap(), tolerance, &what);
        let df: Vec<f64> = record[4..6].iter().filter_map(|d| d.parse().ok()).collect();
        assert_eq!(row.df, df, "{what}");
        seen += 1;
        if record[0].starts_with("munnell") && record[2] == "classic" {
            // The smallest eigenvalue of the scaled difference of covariances is -0.0012 (-0.0023 with gaps): plm prints
            // the value of the formula with a p-value, here it has none.
            assert_eq!((row.p_value, row.decision.as_str()), (None, "undefined"));
            continue;
        }
        let p: f64 = record[6].parse().unwrap();
        let p_value = row
            .p_value
            .unwrap_or_else(|| panic!("{what}: {}", row.note));
        if p == 0.0 {
            assert!(p_value < 1e-300, "{what}");
        } else {
            // A relative error of x in the statistic is one of x times the logarithm of p and more in p.
            close(p_value, p, 1e4 * tolerance, &format!("p of {what}"));
        }
        assert_eq!(
            row.decision,
            if p < 0.05 { "reject" } else { "keep" },
            "{what}"
        );
    }
    assert_eq!(seen, 101);
}

#[test]
fn every_registry_row_is_a_row_of_the_table() {
    let rows = tests(&munnell(), GSP, "state", "yr");
    let names: Vec<_> = rows
        .iter()
        .map(|r| (r.test.as_str(), r.variant.as_str()))
        .collect();
    let registry: Vec<_> = SPECIFICATION_TESTS
        .iter()
        .map(|t| (t.test, t.variant))
        .collect();
    assert_eq!(names, registry);
    assert!(
        rows.iter()
            .all(|r| !r.null.is_empty() && !r.note.is_empty())
    );
    let mut sorted = registry.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), registry.len(), "two rows of one name");
    // Without an effect of time the forms with period indicators are left out; nothing else changes.
    let unit = tests(
        &munnell(),
        "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp",
        "state",
        "yr",
    );
    assert_eq!(unit.len(), rows.len() - 2);
    assert!(unit.iter().all(|r| !r.variant.contains("time dummies")));
    for row in &unit {
        assert_eq!(
            row.statistic,
            find(&rows, &row.test, &row.variant).statistic
        );
    }
}

/// A panel whose fixed-effects variance is smaller than that of random effects: the between variation of x carries
/// huge errors, so that the random-effects error variance exceeds the other by more than efficiency gains.
fn indefinite() -> RecordBatch {
    let (mut units, mut years) = (Vec::new(), Vec::new());
    let (mut y, mut x, mut z) = (Vec::new(), Vec::new(), Vec::new());
    // A fixed pseudo-random sequence.
    let mut state = 12345u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1u64 << 31) as f64 - 0.5
    };
    for unit in 0..8 {
        // Effects that move against x: pooled slope -1, within slope 1.
        let level = f64::from(unit);
        for year in 0..6 {
            let own = draw();
            let other = draw();
            units.push(format!("u{unit}"));
            years.push(f64::from(year));
            x.push(level + own);
            z.push(other);
            y.push(-2.0 * level + (level + own) + 0.1 * other + 0.05 * draw());
        }
    }
    let names: Vec<&str> = units.iter().map(String::as_str).collect();
    batch(vec![
        ("unit", text_column(&names)),
        ("year", number_column(&years)),
        ("y", number_column(&y)),
        ("x", number_column(&x)),
        ("z", number_column(&z)),
    ])
}

#[test]
fn an_indefinite_hausman_statistic_is_undefined() {
    let rows = tests(&indefinite(), "y ~ x + z", "unit", "year");
    let classic = find(&rows, "hausman", "classic");
    assert_eq!(classic.statistic, None, "{}", classic.note);
    assert_eq!(classic.p_value, None);
    assert_eq!(classic.decision, "undefined");
    assert!(
        classic.note.contains("not positive definite"),
        "{}",
        classic.note
    );
    assert!(classic.note.contains("Mundlak"), "{}", classic.note);
    // Forms with one error variance and the robust form are defined.
    for variant in ["sigmamore", "sigmaless", "mundlak"] {
        let row = find(&rows, "hausman", variant);
        assert!(row.statistic.unwrap() > 0.0, "{variant}");
        assert_ne!(row.decision, "undefined");
    }
    assert_eq!(find(&rows, "hausman", "mundlak").decision, "reject");
}

#[test]
fn units_of_measurement_change_no_test() {
    let data = munnell();
    let first = tests(&data, GSP, "state", "yr");
    let scaled = "log(gsp) ~ I(log(p_cap) * 1e7) + I(log(pc) / 1e6) + log(emp) + I(unemp * 1e9) | state + yr";
    let second = tests(&data, scaled, "state", "yr");
    for (a, b) in first.iter().zip(&second) {
        close(
            b.statistic.unwrap(),
            a.statistic.unwrap(),
            1e-8,
            &format!("{} {}", a.test, a.variant),
        );
        assert_eq!(a.df, b.df);
    }
}

#[test]
fn absorbed_regressors_stay_in_the_smaller_model_and_out_of_hausman() {
    // A trend is absorbed by both effects together and by time alone, a level by unit effects.
    let data = munnell();
    let states: Vec<f64> = (0..816).map(|row| f64::from(row / 17 % 5)).collect();
    let data = crate::canonical::with_column(&data, "level", number_column(&states));
    let plain = tests(&data, GSP, "state", "yr");
    let more = tests(
        &data,
        "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp + yr + level | state + yr",
        "state",
        "yr",
    );
    // 47 units less the level; 63 effects less level and trend.
    assert_eq!(find(&more, "f", "unit").df, [46.0, 763.0]);
    assert_eq!(find(&more, "f", "both").df, [61.0, 748.0]);
    assert_eq!(find(&more, "f", "time").df, [15.0, 794.0]);
    assert_eq!(find(&more, "f", "unit-both").df, [15.0, 748.0]);
    assert_eq!(find(&more, "lr", "pooled-both").df, [61.0]);
    assert!(find(&more, "f", "both").note.contains("yr, level"));
    let classic = find(&more, "hausman", "classic");
    assert!(classic.note.contains("without level"), "{}", classic.note);
    // The trend of a balanced panel is estimated nearly alike, yet it takes part in the difference.
    assert!(classic.df[0] <= 5.0);
    let dummies = find(&more, "hausman", "sigmamore, time dummies in both");
    assert_eq!(dummies.df, [4.0], "{}", dummies.note);
    assert_eq!(find(&plain, "hausman", "classic").df, [4.0]);
}

#[test]
fn a_regressor_of_time_alone_makes_no_contrast() {
    let data = munnell();
    let rows = tests(&data, "log(gsp) ~ log(pc) + yr", "state", "yr");
    let alone = tests(&data, "log(gsp) ~ yr", "state", "yr");
    // In a balanced panel both models give the trend alone the same coefficient: nothing to compare.
    let classic = find(&alone, "hausman", "classic");
    assert_eq!(classic.decision, "undefined");
    assert!(
        classic.note.contains("no coefficient can be compared"),
        "{}",
        classic.note
    );
    assert!(find(&rows, "hausman", "sigmamore").statistic.unwrap() >= 0.0);
}

#[test]
fn short_units_have_no_regressions_of_their_own() {
    let short = data("canonical/grunfeld.csv", |row, firm| {
        firm != "Goodyear" || row % 7 == 0
    });
    let rows = tests(&short, INVEST, "firm", "year");
    let row = find(&rows, "poolability", "slopes");
    assert_eq!((row.statistic, row.p_value), (None, None));
    assert_eq!(row.decision, "undefined");
    assert!(row.note.contains("Goodyear"), "{}", row.note);
    assert!(find(&rows, "f", "unit").statistic.is_some());
}

#[test]
fn two_units_and_one_period() {
    let two = data("canonical/grunfeld.csv", |_, firm| {
        firm == "Goodyear" || firm == "IBM"
    });
    let rows = tests(&two, INVEST, "firm", "year");
    let classic = find(&rows, "hausman", "classic");
    assert_eq!(classic.decision, "undefined");
    assert!(
        classic.note.contains("random effects cannot be estimated"),
        "{}",
        classic.note
    );
    assert_eq!(find(&rows, "hausman", "mundlak").decision, "undefined");
    assert!(find(&rows, "f", "unit").p_value.is_some());
    let year = data("canonical/munnell.csv", |row, _| row % 17 == 3);
    let error = specification_tests(&year, &formula(GSP), &request("state", "yr")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("a panel of one period does not go with"),
        "{error}"
    );
    let one = data("canonical/grunfeld.csv", |_, firm| firm == "IBM");
    let error = specification_tests(&one, &formula(INVEST), &request("firm", "year")).unwrap_err();
    assert!(
        error.to_string().starts_with("a panel of one unit"),
        "{error}"
    );
}

/// Units of two rows have no correlation with three common periods, and say so.
#[test]
fn dependence_needs_three_common_periods() {
    let short = data("canonical/munnell.csv", |row, _| row % 17 < 2);
    let rows = tests(&short, GSP, "state", "yr");
    let row = find(&rows, "pesaran-cd", "pooled");
    assert_eq!((row.statistic, row.decision.as_str()), (None, "undefined"));
    assert!(row.note.contains("3 periods in common"), "{}", row.note);
}

/// Two units with the same residuals, one with the opposite, one without common periods: r is 1, -1, -1 over 4 periods.
#[test]
fn dependence_of_four_units_by_hand() {
    let series = [1.0, -1.0, 2.0, -2.0];
    let (mut e, mut unit, mut time) = (Vec::new(), Vec::new(), Vec::new());
    for (u, sign) in [(0, 1.0), (1, 1.0), (2, -1.0), (3, 1.0)] {
        for (t, value) in series.iter().enumerate() {
            e.push(sign * value);
            unit.push(u);
            time.push(t as u32 + if u == 3 { 9 } else { 0 });
        }
    }
    let found = cross_section_dependence(&e, &unit, &time).unwrap();
    assert_eq!(found.pairs, 3);
    // sqrt(1/3) times the sum of sqrt(4) times 1, -1 and -1; both are exact but for the root and its product.
    assert!((found.statistic + 2.0 / 3f64.sqrt()).abs() < 1e-14);
    assert!((found.mean_correlation + 1.0 / 3.0).abs() < 1e-14);
    assert!(
        cross_section_dependence(
            &[0.0; 8],
            &[0, 0, 0, 0, 1, 1, 1, 1],
            &[0, 1, 2, 3, 0, 1, 2, 3]
        )
        .is_err()
    );
}

#[test]
fn mistakes_are_errors() {
    let asked = request("state", "yr");
    let data = munnell();
    let mut weighted = asked.clone();
    weighted.weights = Some("emp".to_owned());
    let error = specification_tests(&data, &formula(GSP), &weighted).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    let mut bare = asked.clone();
    bare.panel = None;
    let error = specification_tests(&data, &formula(GSP), &bare).unwrap_err();
    assert!(matches!(error, Error::PanelNeeded { .. }), "{error}");
    let twice = request("st_abb", "unemp");
    assert!(specification_tests(&data, &formula(GSP), &twice).is_err());
    let constant = specification_tests(&data, &formula("gsp ~ I(yr - yr)"), &asked).unwrap_err();
    assert!(matches!(constant, Error::AllDropped { .. }), "{constant}");
}

#[test]
fn the_same_bits_at_any_number_of_threads() {
    let data = munnell();
    let tables: Vec<String> = [1, 2, 5]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| format!("{:?}", tests(&data, GSP, "state", "yr")))
        })
        .collect();
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0], tables[2]);
}
