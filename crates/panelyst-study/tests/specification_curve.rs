//! Specification curves: every row is the model fitted alone; bad choices are mistakes; what has no estimate stays a row.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use panelyst_study::{Error, Options, Overrides, Study, check, run};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

mod studies;

use studies::{number, root};

/// Runs a study text on the data of a folder: its results, and the folder of its files.
fn results(text: &str, data: &Path) -> (Value, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.toml");
    std::fs::write(&path, text).unwrap();
    let options = Options {
        overrides: Overrides {
            data: Some(data.to_path_buf()),
            ..Overrides::default()
        },
        ..Options::default()
    };
    let finished = run(&path, &options, &mut |_, _, _| {}).unwrap();
    let text = std::fs::read_to_string(finished.folder.join("results.json")).unwrap();
    (serde_json::from_str(&text).unwrap(), folder)
}

fn curve(results: &Value) -> &Value {
    let tables = results["tables"].as_array().unwrap();
    let found = tables.iter().find(|t| t["kind"] == "specification-curve");
    &found.unwrap()["results"]
}

/// The option of a row, by the key of its choice; empty where it plays no part.
fn option<'a>(curve: &'a Value, row: &Value, key: &str) -> &'a str {
    let choices = curve["choices"].as_array().unwrap();
    let place = choices.iter().position(|c| c["choice"] == key).unwrap();
    let Some(option) = row["options"][place].as_u64() else {
        return "";
    };
    let option = usize::try_from(option).unwrap();
    choices[place]["options"][option].as_str().unwrap()
}

/// Munnell's panel with four cells taken out.
fn with_gaps() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("tests/canonical/munnell.csv")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let heads: Vec<&str> = lines[0].split(',').collect();
    let place = heads
        .iter()
        .position(|h| h.trim_matches('"') == "hwy")
        .unwrap();
    for row in [5, 40, 41, 200] {
        let mut cells: Vec<String> = lines[row].split(',').map(str::to_owned).collect();
        cells[place].clear();
        lines[row] = cells.join(",");
    }
    std::fs::write(folder.path().join("munnell.csv"), lines.join("\n")).unwrap();
    folder
}

const HEAD: &str = r#"
[study]
formats = ["csv", "text"]
[panel]
unit = "state"
time = "yr"
[sources.m]
file = "munnell.csv"
[variables.y]
formula = "log(gsp)"
[variables.hwy]
fill = "FILL"
[variables.capital]
formula = "BASE(hwy)"
definition = "Log (base as written) of highways, gaps filled"
[variables.other]
formula = "log(water)"
[variables.labour]
formula = "log(emp)"
"#;

const CURVE: &str = r#"
[model]
outcome = "y"
core = "capital"
controls = ["labour", "unemp"]
vcov = "cluster:state"
[[table]]
kind = "specification-curve"
[table.choices]
core = ["capital", "other", "l(capital,1)"]
subsets-of = ["labour", "unemp", "pc"]
where = ["", "yr > 1975"]
effects = [["state", "yr"], ["state"], []]
vcov = ["cluster:state", "hc1"]
conventions = ["fixest", "plm"]
fill = { hwy = ["linear", "none", "log-linear"] }
log-base = { capital = ["10", "e"] }
"#;

fn head(fill: &str, base: &str) -> String {
    let text = HEAD.replace("BASE", base);
    match fill {
        "none" => text.replace("fill = \"FILL\"", ""),
        rule => text.replace("FILL", rule),
    }
}

/// The rows of a curve beside the same models fitted alone, in studies that have the choices of the data as their own
/// definitions: `makes` gives (option of `fill`, option of `log-base`, function) for each study, and `study` its text
/// before the model. Gives how many were compared.
fn beside_alone(
    curve: &Value,
    makes: &[(&str, &str, &str)],
    study: &dyn Fn(&str, &str) -> String,
    data: &Path,
) -> usize {
    let rows = curve["specifications"].as_array().unwrap();
    let mut compared = 0;
    for (fill, base, function) in makes {
        let wanted: Vec<&Value> = rows
            .iter()
            .filter(|row| {
                option(curve, row, "fill") == *fill && option(curve, row, "log-base") == *base
            })
            .collect();
        assert!(!wanted.is_empty(), "{fill} {base}");
        let columns: Vec<String> = wanted.iter().map(|row| column(curve, row)).collect();
        let fill = if fill.is_empty() { "linear" } else { fill };
        let text = format!(
            "{}[model]\noutcome = \"y\"\ncore = \"core\"\n[[table]]\nkind = \"baseline\"\ncolumns = [{}]\n",
            study(fill, function),
            columns.join(",\n")
        );
        let (alone, _folder) = results(&text, data);
        let fits = alone["tables"][0]["results"].as_array().unwrap();
        assert_eq!(fits.len(), wanted.len());
        for (row, fit) in wanted.iter().zip(fits) {
            let found = fit["coefficients"].as_array().unwrap();
            let found = found.iter().find(|c| c["term"] == row["term"]).unwrap();
            // A family is solved from the cross-products of all its columns: sums over the same rows in the same order.
            for key in ["estimate", "std_error"] {
                let (ours, alone) = (number(&row[key]), number(&found[key]));
                assert!(
                    (ours - alone).abs() <= 1e-12 * alone.abs(),
                    "{row}\n{key} {ours:e} {alone:e}"
                );
            }
            assert_eq!(row["nobs"], fit["nobs"]);
            compared += 1;
        }
    }
    compared
}

/// A row of a curve as a column of a `baseline` table.
fn column(curve: &Value, row: &Value) -> String {
    let regressors = [option(curve, row, "core"), option(curve, row, "controls")];
    let regressors: Vec<&str> = regressors.into_iter().filter(|t| !t.is_empty()).collect();
    let mut text = format!(
        "{{ vcov = \"{}\", convention = \"{}\", formula = \"y ~ {}",
        option(curve, row, "vcov"),
        option(curve, row, "conventions"),
        regressors.join(" + ")
    );
    let effects = option(curve, row, "effects");
    if !effects.is_empty() {
        text.push_str(&format!(" | {effects}"));
    }
    let condition = option(curve, row, "where");
    if !condition.is_empty() {
        text.push_str(&format!("\", where = \"{condition}"));
    }
    text + "\" }"
}

#[test]
fn every_row_is_the_model_fitted_alone() {
    let data = with_gaps();
    let text = format!("{}{CURVE}", head("linear", "log10"));
    let (whole, folder) = results(&text, data.path());
    let curve = curve(&whole);
    let rows = curve["specifications"].as_array().unwrap();
    // Of the core variables two are made from the filled one, with six ways to make them; the third has no part in that.
    assert_eq!(rows.len(), (2 * 6 + 1) * 8 * 2 * 3 * 2 * 2);
    let makes = [
        ("linear", "10", "log10"),
        ("none", "10", "log10"),
        ("log-linear", "e", "log"),
        ("", "", "log2"),
    ];
    let compared = beside_alone(curve, &makes, &head, data.path());
    assert_eq!(compared, (2 * 3 + 1) * 8 * 2 * 3 * 2 * 2);
    // The full model of the study is one of them, and all rows stand in a file of their own.
    let own = &rows[usize::try_from(curve["baseline"].as_u64().unwrap()).unwrap()];
    assert_eq!(own["baseline"], true);
    assert_eq!(option(curve, own, "controls"), "labour + unemp");
    assert_eq!(option(curve, own, "fill"), "linear");
    let file = folder
        .path()
        .join("out/tables/table1-specification-curve-all-rows.csv");
    let csv = std::fs::read_to_string(file).unwrap();
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let first: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    assert!(first.contains(&rows[0]["estimate"].to_string().trim_matches('"')));
}

/// 31 provinces and 14 years, 434 rows, of which one year has no high-tech income.
fn provinces(fill: &str, function: &str) -> String {
    let fill = match fill {
        "none" => String::new(),
        rule => format!("fill = \"{rule}\"\n"),
    };
    format!(
        r#"
[study]
formats = ["text", "csv"]
[panel]
unit = "province"
time = "year"
[sources.m]
file = "china_extended_2010_2023.csv"
[variables.hightech_mbi_100m_yuan]
{fill}
[variables.y]
index = "location-quotient"
activity = "hightech_mbi_100m_yuan"
total = "gdp_revised_100m_yuan"
[variables.core]
formula = "{function}(patents_granted)"
[variables.rd]
formula = "log(rd_intramural_10k_yuan)"
[variables.gov]
formula = "fiscal_exp_100m_yuan / gdp_revised_100m_yuan"
[variables.gdp]
formula = "log(gdp_revised_100m_yuan)"
"#
    )
}

/// The longer panel of the reference study, where it is at hand: over a thousand specifications of 434 rows, each compared
/// with the model alone, and the time they took.
#[test]
fn a_thousand_specifications_of_434_rows() {
    let data = root().join("../shared/data");
    if !data.join("china_extended_2010_2023.csv").is_file() {
        eprintln!("skipped: no folder shared/data beside the checkout");
        return;
    }
    let text = format!(
        "{}{}",
        provinces("linear", "log10"),
        r#"
[model]
outcome = "y"
core = "core"
controls = ["gov", "gdp"]
[[table]]
kind = "specification-curve"
[table.choices]
core = ["core", "rd"]
subsets-of = ["gov", "gdp", "secondary_share_pct"]
where = ["", "year != 2017", "province != 'Beijing'"]
effects = [["province", "year"], ["province"]]
vcov = ["cluster:province", "hc1"]
conventions = ["fixest", "xtreg"]
fill = { hightech_mbi_100m_yuan = ["linear", "log-linear", "none"] }
log-base = { core = ["10", "e"] }
"#
    );
    let start = Instant::now();
    let (whole, _folder) = results(&text, &data);
    let took = start.elapsed();
    let curve = curve(&whole);
    let summary = &curve["summary"];
    eprintln!("{summary}\n{took:.2?}, reading and writing of files included");
    // One core variable in two bases and one without, three fillings, 8 sets, 3 samples, 2 effects, 2 x 2 errors.
    assert_eq!(summary["specifications"], (2 + 1) * 3 * 8 * 3 * 2 * 4);
    assert_eq!(summary["estimated"], summary["specifications"]);
    let makes = [
        ("linear", "10", "log10"),
        ("log-linear", "e", "log"),
        ("none", "", "log"),
    ];
    let compared = beside_alone(curve, &makes, &provinces, &data);
    assert_eq!(compared, 3 * 8 * 3 * 2 * 4);
}

/// Counts of the summary are those of the rows.
#[test]
fn the_summary_counts_the_rows() {
    let data = with_gaps();
    let text = format!("{}{CURVE}", head("linear", "log10"));
    let (whole, _folder) = results(&text, data.path());
    let curve = curve(&whole);
    let mut rows: Vec<(u64, f64)> = curve["specifications"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["estimate"].is_null())
        .map(|row| (row["rank"].as_u64().unwrap(), number(&row["estimate"])))
        .collect();
    assert!(rows.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    let summary = &curve["summary"];
    let count = |key: &str| usize::try_from(summary[key].as_u64().unwrap()).unwrap();
    assert_eq!(count("estimated"), rows.len());
    // Combinations that give the same model count once.
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|(rank, _)| seen.insert(*rank));
    let estimates: Vec<f64> = rows.iter().map(|row| row.1).collect();
    assert_eq!(count("distinct"), estimates.len());
    assert_eq!(
        count("positive"),
        estimates.iter().filter(|e| **e > 0.0).count()
    );
    assert_eq!(number(&summary["min"]), estimates[0]);
    let middle = estimates.len() / 2;
    assert_eq!(
        number(&summary["median"]),
        0.5 * (estimates[middle - 1] + estimates[middle])
    );
    // Every choice explains something between nothing and all, and what moves most stands first.
    let shares: Vec<f64> = summary["moved_by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| number(&m["share_of_estimates"]))
        .collect();
    assert_eq!(shares.len(), 8);
    assert!(shares.windows(2).all(|pair| pair[0] >= pair[1]));
    assert!(shares.iter().all(|s| (-1e-12..=1.0).contains(s)));
}

/// A core variable among the controls, effects that take it up, a condition without rows, and a log of numbers below zero.
#[test]
fn what_cannot_be_estimated_is_a_row_with_its_reason() {
    let text = format!(
        "{}{}",
        head("linear", "log10"),
        r#"
[variables.low]
formula = "log(pc)"
[model]
outcome = "y"
core = "capital"
controls = ["low"]
vcov = "cluster:state"
[[table]]
kind = "specification-curve"
[table.choices]
core = ["capital", "yr"]
controls = [["low"], ["capital"]]
where = ["", "yr > 1990"]
formula = { low = ["log(pc)", "log(pc - 1e9)"] }
"#
    );
    let data = with_gaps();
    let (whole, folder) = results(&text, data.path());
    let curve = curve(&whole);
    let rows = curve["specifications"].as_array().unwrap();
    // capital on low (two formulas), capital on itself, yr on low (two), yr on capital; each on two samples.
    assert_eq!(rows.len(), 12);
    let reasons: Vec<&str> = rows.iter().filter_map(|r| r["reason"].as_str()).collect();
    assert_eq!(curve["summary"]["estimated"], 1);
    assert_eq!(reasons.len(), 11);
    for said in [
        "`capital` is the core variable and a control",
        "no row",
        "yr",
        "log(pc-1000000000) has no value in 816 rows",
    ] {
        assert!(
            reasons.iter().any(|r| r.contains(said)),
            "{said}: {reasons:?}"
        );
    }
    let printed = folder
        .path()
        .join("out/tables/table1-specification-curve-specifications.txt");
    let printed = std::fs::read_to_string(printed).unwrap();
    assert!(
        printed.contains("[1]") && printed.contains("is the core variable"),
        "{printed}"
    );
}

/// Mistakes of the choices, as `excerpt: message`.
fn mistakes(choices: &str) -> Vec<String> {
    let text = format!(
        "{}{}",
        head("linear", "log10"),
        "[model]\noutcome = \"y\"\ncore = \"capital\"\ncontrols = [\"labour\"]\n[[table]]\nkind = \"specification-curve\"\n"
    );
    let text = format!("{text}{choices}\n");
    match Study::parse(Path::new("study.toml"), &text, &Overrides::default()) {
        Ok(_) => Vec::new(),
        Err(found) => found
            .list
            .iter()
            .filter(|m| !m.message.contains("there is no file"))
            .map(|m| {
                let place = &found.text[m.span.start..m.span.end];
                let place = place.lines().next().unwrap_or_default();
                format!("{place}: {}", m.message)
            })
            .collect(),
    }
}

#[test]
fn bad_choices_are_mistakes_at_their_place() {
    let one = |line: &str| {
        let found = mistakes(&format!("[table.choices]\n{line}"));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        found[0].clone()
    };
    assert_eq!(
        one("where = [\"\", \"yr > 1975\", \"yr>1975\"]"),
        "\"yr>1975\": `yr>1975` is chosen twice"
    );
    assert_eq!(one("core = []"), "[]: `core` offers nothing to choose from");
    assert_eq!(
        one("subsets-of = []"),
        "[]: `subsets-of` offers nothing to choose from"
    );
    assert_eq!(
        one("subsets-of = [\"labour\", \"capital\"]"),
        "\"capital\": `capital` is the core variable and in `subsets-of`"
    );
    // A wrong key or type of the choices is the only mistake, also where they have a header of their own.
    assert_eq!(one("cores = [\"capital\"]"), "cores: unknown key `cores`");
    let found = mistakes("[table.choices]\ncore = [1970]");
    assert!(
        found.contains(&"1970: `1970` is no text".to_owned()),
        "{found:?}"
    );
    assert_eq!(
        one("core = \"capital\""),
        "\"capital\": the text \"capital\" is no list"
    );
    assert_eq!(
        one("where = [\"`a b` > 1\", \"`a b`>1\"]"),
        "\"`a b`>1\": `a b`>1 is chosen twice"
    );
    assert_eq!(
        one("controls = [[\"a\", \"b\"], [\"b\", \"a\"]]"),
        "[\"b\", \"a\"]: `b + a` is chosen twice"
    );
    assert_eq!(
        one("fill = { hwi = [\"none\"] }"),
        "[\"none\"]: there is no variable `hwi`"
    );
    assert_eq!(
        one("fill = { hwy = [\"cubic\"] }"),
        "\"cubic\": `cubic` is no rule of filling"
    );
    assert_eq!(
        one("log-base = { hwy = [\"e\"] }"),
        "[\"e\"]: `hwy` has no formula with a logarithm"
    );
    assert_eq!(
        one("controls = [[\"unemp\"]]\nsubsets-of = [\"unemp\"]"),
        "\"unemp\": `unemp` is in `controls` and in `subsets-of`"
    );
    assert_eq!(
        one("conventions = [\"stata\"]"),
        "\"stata\": there is no convention `stata`"
    );
    one("where = [\"yr >\"]");
    let many: Vec<String> = (0..14).map(|i| format!("\"v{i}\"")).collect();
    assert_eq!(
        one(&format!("subsets-of = [{}]\nlimit = 9000", many.join(", "))),
        "9000: the choices make 16384 specifications (16384 controls), and the limit is 9000"
    );
    let more: Vec<String> = (0..40).map(|i| format!("\"v{i}\"")).collect();
    assert!(one(&format!("subsets-of = [{}]", more.join(", "))).contains("2^40 subsets"));
    assert!(one("limit = 1000000").contains("at most 100000"));
    assert!(mistakes("")[0].contains("needs [table.choices]"));
}

/// Names that nothing has are found before anything is estimated.
#[test]
fn unknown_names_are_found_by_check() {
    let data = with_gaps();
    let text = format!(
        "{}[model]\noutcome = \"y\"\ncore = \"capital\"\n[[table]]\nkind = \"specification-curve\"\n[table.choices]\nsubsets-of = [\"labor\", \"unemp\"]\nwhere = [\"\", \"year > 1975\"]\n",
        head("linear", "log10")
    );
    let path = data.path().join("study.toml");
    std::fs::write(&path, text).unwrap();
    let Error::Mistakes(found) = check(&path, &Overrides::default()).unwrap_err() else {
        panic!("mistakes were expected");
    };
    let said: Vec<&str> = found.list.iter().map(|m| m.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "there is no column or variable `labor`",
            "there is no column or variable `year`"
        ]
    );
    assert_eq!(
        &found.text[found.list[0].span.start..found.list[0].span.end],
        "labor"
    );
}

/// A control that the effects take up makes no further model: it is counted once, in every count.
#[test]
fn combinations_that_coincide_are_counted_once() {
    let text = |choices: &str| {
        let head = head("linear", "log10");
        format!(
            "{head}[model]\noutcome = \"y\"\ncore = \"capital\"\neffects = [\"state\", \"yr\"]\nvcov = \"cluster:state\"\n[[table]]\nkind = \"specification-curve\"\n[table.choices]\n{choices}\n"
        )
    };
    let data = with_gaps();
    let effects = "effects = [[\"state\", \"yr\"], [\"state\"]]";
    let (whole, folder) = results(
        &text(&format!("controls = [[], [\"yr\"]]\n{effects}")),
        data.path(),
    );
    let found = curve(&whole);
    let summary = &found["summary"];
    let count = |key: &str| summary[key].as_u64().unwrap();
    assert_eq!(
        (
            count("specifications"),
            count("estimated"),
            count("distinct")
        ),
        (4, 4, 3)
    );
    assert_eq!(count("positive") + count("negative"), 3);
    assert_eq!(summary["balanced"], true);
    let rows = found["specifications"].as_array().unwrap();
    let ranks: Vec<u64> = rows.iter().map(|r| r["rank"].as_u64().unwrap()).collect();
    let both: Vec<u64> = rows
        .iter()
        .filter(|row| option(found, row, "effects") == "state + yr")
        .map(|row| row["rank"].as_u64().unwrap())
        .collect();
    assert_eq!(both[0], both[1]);
    assert_eq!(*ranks.iter().max().unwrap(), 3);
    // One core variable cannot be estimated beside the effects of its period: what is left is not balanced.
    let printed = |folder: &tempfile::TempDir| {
        let path = folder.path().join("out/tables/all.txt");
        let text = std::fs::read_to_string(path).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = printed(&folder);
    assert!(
        said.contains("1 of them the same model as another"),
        "{said}"
    );
    assert!(said.contains("3 distinct models"), "{said}");
    assert!(!said.contains("more than 100 %"), "{said}");
    let (whole, folder) = results(
        &text(&format!("core = [\"capital\", \"yr\"]\n{effects}")),
        data.path(),
    );
    let summary = &curve(&whole)["summary"];
    assert_eq!(
        (&summary["estimated"], &summary["distinct"]),
        (&3.into(), &3.into())
    );
    assert_eq!(summary["balanced"], false);
    let said = printed(&folder);
    assert!(said.contains("may add up to more than 100 %"), "{said}");
}
