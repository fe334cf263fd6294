//! Published numbers beside ours: what rounding explains, which errors they are, and mistakes in typing them.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;
use panelyst_study::{Options, Overrides, Study, run};
use serde_json::Value;
use std::path::Path;

mod studies;

use studies::root;

fn example() -> String {
    std::fs::read_to_string(root().join("examples/published-grunfeld/study.toml")).unwrap()
}

/// Runs a study text on `tests/canonical`: the results of its comparisons, and all tables as text.
fn comparisons(text: &str, lang: Lang) -> (Vec<Value>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.toml");
    std::fs::write(&path, text.replace("../../tests/canonical/", "")).unwrap();
    let options = Options {
        overrides: Overrides {
            data: Some(root().join("tests/canonical")),
            lang: Some(lang),
        },
        ..Options::default()
    };
    let finished = run(&path, &options, &mut |_, _, _| {}).unwrap();
    for extension in ["txt", "md", "tex", "html", "csv", "docx", "xlsx"] {
        for table in &finished.tables {
            let file = format!("tables/{}.{extension}", table.id);
            assert!(finished.folder.join(&file).is_file(), "{file}");
        }
    }
    let printed = std::fs::read_to_string(finished.folder.join("tables/all.txt")).unwrap();
    // Lines are broken between words, in Chinese anywhere.
    let between = if lang == Lang::Zh { "" } else { " " };
    let printed = printed.split_whitespace().collect::<Vec<_>>().join(between);
    let json = std::fs::read_to_string(finished.folder.join("results.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let tables = json["tables"].as_array().unwrap().iter();
    let found = tables.filter(|t| t["kind"] == "publication");
    let found = found.map(|t| t["results"]["comparison"].clone());
    (found.collect(), printed)
}

/// Numbers of a comparison that rounding does not explain, as `column: term quantity`.
fn differing(comparison: &Value) -> Vec<String> {
    let mut list = Vec::new();
    let columns = comparison["columns"].as_array().unwrap();
    for (place, column) in columns.iter().enumerate() {
        for number in column["numbers"].as_array().unwrap() {
            if number["agrees"] == false {
                let (term, quantity) = (&number["term"], &number["quantity"]);
                list.push(format!(
                    "{}: {} {}",
                    place + 1,
                    term.as_str().unwrap(),
                    quantity.as_str().unwrap()
                ));
            }
        }
    }
    list
}

/// 39 numbers that plm prints for four estimators, up to nine digits; and robust errors of gretl, which are those of
/// clusters with a factor that plm does not have.
#[test]
fn grunfeld_beside_plm_and_gretl() {
    let (found, printed) = comparisons(&example(), Lang::En);
    assert_eq!(differing(&found[0]), Vec::<String>::new());
    let numbers = |c: &Value| {
        let columns = c["columns"].as_array().unwrap().iter();
        columns
            .map(|c| c["numbers"].as_array().unwrap().len())
            .sum::<usize>()
    };
    assert_eq!((numbers(&found[0]), numbers(&found[1])), (45, 19));
    assert!(printed.contains("45 of 45 numbers agree"));
    assert_eq!(
        differing(&found[1]),
        [
            "1: value std-error",
            "1: capital std-error",
            "2: _cons std-error",
            "2: _cons stars",
            "2: value std-error",
            "2: capital std-error",
            "2: capital stars",
        ]
    );
    let of = |column: usize| found[1]["columns"][column]["errors_of"].clone();
    assert_eq!(
        of(0),
        serde_json::json!([
            ["cluster:firm", "fixest"],
            ["cluster:firm", "reghdfe"],
            ["cluster:firm", "xtreg"],
            ["hc1", "xtreg"],
        ])
    );
    assert!(
        of(1)
            .as_array()
            .unwrap()
            .contains(&serde_json::json!(["cluster:firm", "xtreg"]))
    );
    assert!(
        !of(1)
            .as_array()
            .unwrap()
            .contains(&serde_json::json!(["cluster:firm", "plm"]))
    );
    let (_, printed) = comparisons(&example(), Lang::Zh);
    assert!(printed.contains("共45个数值，其中45个一致"), "{printed}");
    assert!(printed.contains("惯例下的cluster:firm"), "{printed}");
}

/// One digit changed on the page is found, and one more digit than was right.
#[test]
fn a_digit_that_rounding_does_not_explain_is_found() {
    for (right, wrong, place) in [
        (
            "0.110124***\", \"0.011857",
            "0.110125***\", \"0.011857",
            "2: value coefficient",
        ),
        ("\"0.017355\"", "\"0.0173551\"", "2: capital std-error"),
        ("r2 = \"0.81241\"", "r2 = \"0.81240\"", "1:  r2"),
        ("0.134646**", "0.134646*", "4: value stars"),
    ] {
        let text = example().replacen(right, wrong, 1);
        assert_ne!(text, example());
        assert_eq!(differing(&comparisons(&text, Lang::En).0[0]), [place]);
    }
}

/// Munnell's panel as plm prints it (2.6-2, tests/test_groupGenerics_pseries.Rout.save), with a regressor of ours in the
/// wrong base, one in other units, and one with the other sign.
#[test]
fn a_base_of_logs_and_units_are_named() {
    let text = r#"
[panel]
unit = "state"
time = "yr"
[sources.m]
file = "munnell.csv"
[variables.capital]
formula = "log10(pc)"
definition = "Log (base 10) of private capital"
[variables.rate]
formula = "unemp / 100"
[variables.minus]
formula = "-log(emp)"
definition = "Natural log of employment, with the other sign"
[model]
outcome = "log(gsp)"
core = "log(p_cap)"
controls = ["capital", "minus", "rate"]
effects = ["state"]
vcov = "iid"
[[table]]
kind = "publication"
source = "plm 2.6-2"
[[table.published]]
brackets = "t"
rows = [
    ["log(p_cap)", "-0.02614965", "-0.9017"],
    ["capital", "0.29200693***", "11.6246"],
    ["minus", "0.76815947***", "25.5273"],
    ["rate", "-0.00529774***", "-5.3582"],
]
n = "816"
r2-within = "0.94134"
"#;
    let (found, printed) = comparisons(text, Lang::En);
    let numbers = found[0]["columns"][0]["numbers"].as_array().unwrap();
    let factor = |term: &str| {
        let mut rows = numbers.iter();
        let row = rows.find(|n| n["term"] == term && n["quantity"] == "coefficient");
        row.unwrap()["factor"].as_f64()
    };
    assert_eq!(factor("log(p_cap)"), None);
    assert_eq!(factor("capital"), Some(1.0 / std::f64::consts::LN_10));
    assert_eq!(factor("minus"), Some(-1.0));
    assert_eq!(factor("rate"), Some(0.01));
    assert_eq!(
        differing(&found[0]),
        [
            "1: capital coefficient",
            "1: minus coefficient",
            "1: minus statistic",
            "1: rate coefficient",
        ]
    );
    for said in [
        "natural to decimal logarithms",
        "other sign",
        "0.01, a change of units",
    ] {
        assert!(printed.contains(said), "{said}: {printed}");
    }
}

#[test]
fn mistakes_stand_at_their_place() {
    let published = |rows: &str| {
        format!(
            "[panel]\nunit = \"id\"\ntime = \"year\"\n[sources]\n[model]\noutcome = \"y\"\ncore = \"x\"\ncontrols = [\"income\"]\n[[table]]\nkind = \"publication\"\nsource = \"A (2001)\"\n[[table.published]]\n{rows}\n"
        )
    };
    let found = |text: &str| {
        let (_, mistakes) = Study::read(Path::new("study.toml"), text, &Overrides::default());
        let list = mistakes.list.iter();
        let list = list.filter(|m| !m.message.contains("source"));
        list.map(|m| {
            let place = &mistakes.text[m.span.start..m.span.end];
            format!("{place}: {}", m.message)
        })
        .collect::<Vec<_>>()
    };
    for (rows, expected) in [
        ("rows = [[\"x\", \"0.3\"]]", Vec::new()),
        (
            "rows = [[\"incom\", \"0.3\"]]",
            vec!["\"incom\": the model has no term `incom`"],
        ),
        (
            "rows = [[\"x\", \"0.3O\", \"(2.1\"]]",
            vec![
                "\"(2.1\": `(2.1` opens a bracket that is not closed",
                "\"0.3O\": `0.3O` is no number",
            ],
        ),
        (
            "rows = [[\"x\", \"0.3\", \"-0.04\"]]",
            vec!["\"-0.04\": `-0.04` is no standard error: none is below zero"],
        ),
        (
            "brackets = \"t\"\nrows = [[\"x\", \"-0.3\", \"-2.04\"]]",
            Vec::new(),
        ),
        (
            "rows = [[\"x\", \"0.3****\"]]",
            vec!["\"0.3****\": `0.3****` has 4 stars, and the key has 3 levels"],
        ),
        (
            "stars = [0.05]\nrows = [[\"x\", \"0.3**\"]]",
            vec!["\"0.3**\": `0.3**` has 2 stars, and the key has 1 level"],
        ),
        (
            "r2 = \"1.7\"\nr2-adjusted = \"-0.02\"\nrows = [[\"x\", \"0.3\"]]",
            vec!["\"1.7\": R2 of 1.7 is above 1"],
        ),
        (
            "r2 = \"-0.2\"\nr2-within = \"1.0\"\nrows = [[\"x\", \"0.3\"]]",
            vec!["\"-0.2\": R2 of -0.2 is below 0"],
        ),
        (
            "n = \"200.5\"\nrows = [[\"x\", \"0.3\"]]",
            vec!["\"200.5\": `200.5` is no number of observations"],
        ),
        (
            "n = 200\nrows = [[\"x\", 0.3, 0.04]]",
            vec![
                "0.04: `0.04` is no text",
                "0.3: `0.3` is no text",
                "200: `200` is no text",
            ],
        ),
        (
            "nn = \"200\"\nrows = [[\"x\", \"0.3\"]]",
            vec!["nn: unknown key `nn`"],
        ),
        (
            "rows = [[\"x\", \"0.3\"], [\"x\", \"0.4\"]]",
            vec!["\"x\": `x` has two rows"],
        ),
        (
            "rows = [[\"_cons\", \"1\"]]",
            vec!["\"_cons\": the model has effects, and no constant is reported beside them"],
        ),
        (
            "model = \"fixed\"\nrows = [[\"x\", \"1\"]]",
            vec!["\"fixed\": there is no estimator `fixed`"],
        ),
        (
            "n = \"many\"\nrows = [[\"x\", \"1\"]]",
            vec!["\"many\": `many` is no number"],
        ),
        (
            "brackets = \"p\"\nrows = [[\"x\", \"1\"]]",
            vec!["\"p\": `p` is no word for what stands in brackets"],
        ),
        (
            "rows = [[\"x\"]]",
            vec!["[\"x\"]: a row is a term, a coefficient and the number below it if there is one"],
        ),
    ] {
        let mut said = found(&published(rows));
        said.sort();
        assert_eq!(said, expected, "{rows}");
    }
    let bare = published("rows = [[\"x\", \"1\"]]").replace("source = \"A (2001)\"\n", "");
    let (_, mistakes) = Study::read(Path::new("study.toml"), &bare, &Overrides::default());
    assert!(
        mistakes
            .list
            .iter()
            .any(|m| m.message.contains("needs `source`"))
    );
}

/// t statistics that were read as standard errors, and the other way round, are told as what they are; a term with a name that is
/// no word is typed as it is printed.
#[test]
fn brackets_that_hold_something_else_are_named() {
    let published = |brackets: &str, rows: &str| {
        let head = example();
        let head = head.split("# All columns agree").next().unwrap();
        format!(
            "{head}[[table]]\nkind = \"publication\"\nsource = \"S\"\n[[table.published]]\n{brackets}\nrows = {rows}\n"
        )
    };
    let t = "[[\"value\", \"0.110124\", \"(9.2879)\"], [\"capital\", \"0.310065\", \"(17.8666)\"]]";
    let (found, printed) = comparisons(&published("", t), Lang::En);
    let column = &found[0]["columns"][0];
    assert_eq!(column["brackets_hold"], "statistic");
    assert!(column.get("errors_of").is_none());
    let said =
        "the numbers in brackets are our t statistics, within rounding: write brackets = \"t\"";
    assert!(printed.contains(said), "{printed}");
    let (_, printed) = comparisons(&published("", t), Lang::Zh);
    assert!(printed.contains("即本文的t值"), "{printed}");
    // Standard errors read as t statistics.
    let se = "[[\"value\", \"0.110124\", \"(0.011857)\"]]";
    let (found, _) = comparisons(&published("brackets = \"t\"", se), Lang::En);
    assert_eq!(found[0]["columns"][0]["brackets_hold"], "std-error");
    // t statistics of clustered errors: 0.110124 / 0.0151945 = 7.2476 and 0.310065 / 0.0527518 = 5.8778 (gretl's errors).
    let t = "[[\"value\", \"0.110124\", \"(7.248)\"], [\"capital\", \"0.310065\", \"(5.878)\"]]";
    let (found, printed) = comparisons(&published("", t), Lang::En);
    let column = &found[0]["columns"][0];
    assert_eq!(column["brackets_hold"], "statistic");
    let known = serde_json::json!(["cluster:firm", "fixest"]);
    assert!(column["errors_of"].as_array().unwrap().contains(&known));
    assert!(printed.contains("the numbers in brackets are t statistics"));
    // Neither.
    let (found, _) = comparisons(
        &published("", "[[\"value\", \"0.110124\", \"(1.5)\"]]"),
        Lang::En,
    );
    assert!(found[0]["columns"][0].get("brackets_hold").is_none());
}

/// Ours has no more digits than a number of double precision has.
#[test]
fn many_published_digits_do_not_pad_ours() {
    let digits = "0.1101238041203948571203948571092384571";
    let text = example().replacen("0.110124***", digits, 1);
    let (_, printed) = comparisons(&text, Lang::En);
    assert!(printed.contains(digits));
    assert!(!printed.contains("00000000000000000"), "{printed}");
}
