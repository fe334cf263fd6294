//! Names to keys, units of measure, joins.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod shown;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use panelyst_data::{JoinKind, NameTable, join, standardise, units};
use shown::{ledger, table, written};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn real(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

#[test]
fn provinces_of_china() {
    let table = NameTable::builtin("china-provinces").unwrap();
    assert_eq!(table.keys().len(), 31);
    for (typed, key) in [
        ("北京", "Beijing"),
        ("北京市", "Beijing"),
        ("BEIJING", "Beijing"),
        ("１１", "Beijing"),
        ("110000", "Beijing"),
        ("内蒙古自治区", "Inner Mongolia"),
        ("Nei Mongol", "Inner Mongolia"),
        ("Neimenggu", "Inner Mongolia"),
        ("inner  mongolia", "Inner Mongolia"),
        ("Xizang", "Tibet"),
        ("西 藏", "Tibet"),
        ("广西壮族自治区", "Guangxi"),
        ("广西自治区", "Guangxi"),
        ("新疆维吾尔自治区", "Xinjiang"),
        ("Shanxi", "Shanxi"),
        ("Shaanxi", "Shaanxi"),
        ("山西省", "Shanxi"),
        ("陕西省", "Shaanxi"),
        ("陕", "Shaanxi"),
        ("全国", "China"),
        ("Hong Kong", "Hong Kong"),
    ] {
        assert_eq!(table.resolve(typed), Some(key), "{typed}");
    }
    assert_eq!(table.resolve("Atlantis"), None);
    assert!(table.is_total("National total") && !table.is_total("Beijing"));
    assert_eq!(table.suggest("Guangdnog"), ["Guangdong"]);
    let mut regions = std::collections::BTreeMap::new();
    for key in table.keys() {
        *regions
            .entry(table.attribute(key, "region").unwrap())
            .or_insert(0) += 1;
    }
    let counts: Vec<(&str, i32)> = regions.into_iter().collect();
    assert_eq!(
        counts,
        [("central", 6), ("east", 10), ("northeast", 3), ("west", 12)]
    );
    assert_eq!(table.attribute("Tibet", "zh"), Some("西藏"));
    assert_eq!(table.attribute("Tibet", "nothing"), None);
}

#[test]
fn provinces_agree_with_the_shared_list() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/provinces.csv");
    let Ok(list) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let table = NameTable::builtin("china-provinces").unwrap();
    for line in list.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(table.resolve(cells[0]), Some(cells[1]));
        assert_eq!(table.resolve(cells[2]), Some(cells[1]));
        assert_eq!(table.attribute(cells[1], "region"), Some(cells[3]));
    }
}

#[test]
fn states_of_the_us() {
    let table = NameTable::builtin("us-states").unwrap();
    assert_eq!(table.keys().len(), 51);
    let munnell =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/canonical/munnell.csv");
    let mut states: Vec<String> = Vec::new();
    for line in std::fs::read_to_string(munnell).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let key = table.resolve(cells[0]);
        assert_eq!(key, table.resolve(cells[1]), "{}", cells[0]);
        let key = key.unwrap().to_string();
        if !states.contains(&key) {
            states.push(key);
        }
    }
    assert_eq!(states.len(), 48);
    for (typed, key) in [
        ("01", "Alabama"),
        ("1", "Alabama"),
        ("N. Dakota", "North Dakota"),
        ("d.c.", "District of Columbia"),
    ] {
        assert_eq!(table.resolve(typed), Some(key));
    }
    let count = |attribute: &str| {
        let mut values: Vec<&str> = table
            .keys()
            .iter()
            .map(|key| table.attribute(key, attribute).unwrap())
            .collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    assert_eq!((count("region"), count("division")), (4, 9));
}

#[test]
fn no_alias_stands_for_two_units() {
    for name in NameTable::builtin_names() {
        let table = NameTable::builtin(name).unwrap();
        for key in table.keys() {
            assert_eq!(table.resolve(key), Some(key));
            for attribute in ["code", "zh", "official", "usps"] {
                if let Some(value) = table.attribute(key, attribute) {
                    assert_eq!(table.resolve(value), Some(key), "{name}: {value}");
                }
            }
        }
    }
    assert_eq!(NameTable::builtin("mars"), None);
}

#[test]
fn names_of_a_column() {
    let names = NameTable::builtin("china-provinces").unwrap();
    let table_in = batch(vec![
        (
            "p",
            text(&["北京市", "Beijing", "全国", "Bejing", "Bejing", "Atlantis"]),
        ),
        ("v", whole(&[1, 2, 3, 4, 5, 6])),
    ]);
    let done = standardise(&table_in, "p", &names, "gdp").unwrap();
    assert_eq!(
        table(&done.batch),
        "p:Utf8 | v:Int64\nBeijing | 1\nBeijing | 2\nChina | 3\nBejing | 4\nBejing | 5\nAtlantis | 6"
    );
    assert_eq!(
        done.unmatched,
        [("Bejing".to_string(), 2), ("Atlantis".to_string(), 1)]
    );
    assert_eq!(done.totals, [("China".to_string(), 1)]);
    insta::assert_snapshot!("names_of_a_column", ledger(&done.ledger));
    let codes = batch(vec![("p", whole(&[11, 54]))]);
    assert_eq!(
        table(&standardise(&codes, "p", &names, "s").unwrap().batch),
        "p:Utf8\nBeijing\nTibet"
    );
    let codes = batch(vec![("p", real(&[11.0, 540_000.0]))]);
    assert_eq!(
        table(&standardise(&codes, "p", &names, "s").unwrap().batch),
        "p:Utf8\nBeijing\nTibet"
    );
    let errors = [
        standardise(&codes, "q", &names, "gdp")
            .unwrap_err()
            .to_string(),
        standardise(&batch(vec![("p", real(&[1.5]))]), "p", &names, "gdp")
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!("names_errors", errors.join("\n"));
}

#[test]
fn names_of_the_user() {
    let mut names = NameTable::builtin("china-provinces").unwrap();
    let (_folder, path) = written(
        "more.csv",
        "name,alias\nBeijing,Capital\n北京,京城\nHong Kong,HKG\nAtlantis,Lost City\n",
    );
    assert_eq!(names.extend(&path).unwrap(), 4);
    assert_eq!(names.resolve("capital"), Some("Beijing"));
    assert_eq!(names.resolve("lost city"), Some("Atlantis"));
    assert_eq!(names.keys().len(), 32);
    assert_eq!(names.extend(&path).unwrap(), 0);
    let mut messages = Vec::new();
    for content in [
        "name,alias\nTianjin,京城\n",
        "name,other\na,b\n",
        "name,alias\nTianjin,\n",
    ] {
        let (_folder, path) = written("more.csv", content);
        messages.push(shown::message(&names.extend(&path).unwrap_err(), &path));
    }
    insta::assert_snapshot!("names_of_the_user", messages.join("\n"));
}

#[test]
fn units_of_measure() {
    let values = Float64Array::from(vec![Some(12345.0), None, Some(3.0)]);
    let (converted, factor) = units::convert(&values, "10k-yuan", "100m-yuan").unwrap();
    assert_eq!(converted.value(0), 1.2345);
    assert_eq!(converted.value(2), 0.0003);
    assert!(converted.is_null(1));
    assert_eq!(factor, 1e-4);
    let (converted, factor) = units::convert(&values, "亿元", "万元").unwrap();
    assert_eq!((converted.value(2), factor), (30_000.0, 1e4));
    let (converted, _) =
        units::convert(&Float64Array::from(vec![12.5]), "percent", "fraction").unwrap();
    assert_eq!(converted.value(0), 0.125);
    let (converted, _) = units::convert(
        &Float64Array::from(vec![0.1]),
        "10k-persons",
        "thousand-persons",
    )
    .unwrap();
    assert_eq!(converted.value(0), 1.0);
    let errors = [
        units::convert(&values, "10k-yuan", "usd")
            .unwrap_err()
            .to_string(),
        units::convert(&values, "10k-yaun", "usd")
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!("unit_errors", errors.join("\n"));
}

#[test]
fn units_are_unambiguous() {
    for unit in &units::UNITS {
        for name in [unit.name, unit.label_en, unit.label_zh]
            .iter()
            .chain(unit.aliases)
        {
            assert_eq!(
                units::find(name).map(|found| found.name),
                Some(unit.name),
                "{name}"
            );
        }
        assert_eq!(unit.factor.fract(), 0.0);
    }
}

fn two_tables() -> (RecordBatch, RecordBatch) {
    (
        batch(vec![
            ("p", text(&["b", "a", "c"])),
            ("y", whole(&[2003, 2003, 2004])),
            ("v", real(&[1.0, 2.0, 3.0])),
        ]),
        batch(vec![
            ("y", real(&[2003.0, 2005.0, 2003.0])),
            ("p", text(&["a", "d", "b"])),
            ("w", text(&["x", "y", "z"])),
        ]),
    )
}

#[test]
fn joins() {
    let (left, right) = two_tables();
    let run = |kind| join(&left, &right, &["p", "y"], kind, ("L", "R")).unwrap();
    let head = "p:Utf8 | y:Int64 | v:Float64 | w:Utf8\n";
    assert_eq!(
        table(&run(JoinKind::Inner).batch),
        format!("{head}b | 2003 | 1.0 | z\na | 2003 | 2.0 | x")
    );
    assert_eq!(
        table(&run(JoinKind::Left).batch),
        format!("{head}b | 2003 | 1.0 | z\na | 2003 | 2.0 | x\nc | 2004 | 3.0 | null")
    );
    let full = run(JoinKind::Full);
    assert_eq!(
        table(&full.batch),
        format!(
            "{head}b | 2003 | 1.0 | z\na | 2003 | 2.0 | x\nc | 2004 | 3.0 | null\nd | 2005 | null | y"
        )
    );
    assert_eq!(full.left_only, [["c", "2004"]]);
    assert_eq!(full.right_only, [["d", "2005"]]);
}

#[test]
fn join_errors() {
    let (left, right) = two_tables();
    let twice = batch(vec![
        ("p", text(&["a", "b", "a", "b", "a"])),
        ("y", whole(&[1, 1, 1, 1, 1])),
    ]);
    let missing: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let cases = [
        join(&twice, &right, &["p", "y"], JoinKind::Left, ("gdp", "rd")),
        join(&left, &twice, &["p", "y"], JoinKind::Left, ("gdp", "rd")),
        join(&left, &right, &["p", "z"], JoinKind::Left, ("gdp", "rd")),
        join(&left, &left, &["p", "y"], JoinKind::Left, ("gdp", "rd")),
        join(
            &left,
            &batch(vec![("p", missing)]),
            &["p"],
            JoinKind::Left,
            ("gdp", "rd"),
        ),
        join(
            &left,
            &batch(vec![("p", whole(&[1]))]),
            &["p"],
            JoinKind::Left,
            ("gdp", "rd"),
        ),
        join(
            &left,
            &batch(vec![("y", real(&[1.5]))]),
            &["y"],
            JoinKind::Left,
            ("gdp", "rd"),
        ),
    ];
    let messages: Vec<String> = cases
        .into_iter()
        .map(|case| case.unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!("join_errors", messages.join("\n"));
}
