//! Every mistake of a study file at once, each at its place.
#![allow(clippy::unwrap_used)]

use panelyst_study::{Mistakes, Overrides, Study};
use std::path::Path;

mod studies;

use studies::shown;

fn mistakes(text: &str) -> Mistakes {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id,year,y,x\n1,2000,1,2\n").unwrap();
    let path = folder.path().join("study.toml");
    Study::parse(Path::new(&path), text, &Overrides::default()).unwrap_err()
}

const GOOD: &str = r#"
[panel]
unit = "id"
time = "year"
[sources.a]
file = "a.csv"
[model]
outcome = "y"
core = "x"
[[table]]
kind = "baseline"
"#;

#[test]
fn a_good_file_has_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id,year,y,x\n1,2000,1,2\n").unwrap();
    let path = folder.path().join("study.toml");
    let study = Study::parse(&path, GOOD, &Overrides::default()).unwrap();
    assert_eq!(study.model.effects, ["id", "year"]);
    assert_eq!(study.tables.len(), 1);
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = r#"
[study]
lang = "de"
formats = ["text", "wrod"]
[panle]
unit = "id"
[panel]
unit = "id"
time = "year"
frist = 2003
last = "2016"
[sources.a]
file = "missing.csv"
layout = "wide"
unit = "10k-yaun"
[variables.v]
formula = "log10(x"
fill = "cubic"
[variables.w]
index = "location-quotien"
[model]
outcome = "y"
core = "x"
vcov = "cluster"
convention = "stata"
[[table]]
kind = "baselin"
[[table]]
kind = "heterogeneity"
by = "region"
"#;
    let found = shown(&mistakes(text));
    let expected = [
        ("\"de\"", "is no language"),
        ("\"wrod\"", "is no table format"),
        ("panle", "unknown section"),
        ("frist", "unknown key"),
        ("\"2016\"", "is no whole number"),
        ("\"missing.csv\"", "there is no file"),
        ("\"wide\"", "is no layout"),
        ("\"10k-yaun\"", "is no unit of measure"),
        ("(", ""),
        ("\"cubic\"", "is no rule of filling"),
        ("\"location-quotien\"", "there is no index"),
        ("\"cluster\"", "covariance"),
        ("\"stata\"", "there is no convention"),
        ("\"baselin\"", "is no kind of table"),
        ("\"region\"", "there is no group"),
    ];
    for (place, message) in expected {
        assert!(
            found
                .iter()
                .any(|m| m.starts_with(&format!("{place}: ")) && m.contains(message)),
            "no mistake at {place} with `{message}` in {found:#?}"
        );
    }
}

#[test]
fn places_are_shown_in_the_file() {
    let found = mistakes(&GOOD.replace("core = \"x\"", "core = \"x\"\nvcov = \"cluster\""));
    let text = found.render(false);
    assert!(text.contains("study.toml:10"), "{text}");
    assert!(text.contains("vcov = \"cluster\""), "{text}");
}

#[test]
fn hints_name_what_was_meant() {
    let found = mistakes(&GOOD.replace("[model]", "[modle]"));
    let section = found
        .list
        .iter()
        .find(|m| m.message.contains("modle"))
        .unwrap();
    assert_eq!(section.hint.as_deref(), Some("did you mean `model`?"));
}

#[test]
fn a_circle_of_variables_is_a_mistake() {
    let found = mistakes(&format!(
        "{GOOD}[variables.a]\nformula = \"b + 1\"\n[variables.b]\nformula = \"a + 1\"\n"
    ));
    assert_eq!(
        shown(&found),
        [
            "a: `a` is defined in a circle",
            "b: `b` is defined in a circle"
        ]
    );
}

#[test]
fn broken_toml_is_placed() {
    let found = mistakes("[panel\nunit = \"id\"\n");
    assert!(!found.list.is_empty());
    assert!(
        found.render(false).contains("study.toml:1"),
        "{}",
        found.render(false)
    );
}

#[test]
fn an_empty_file_says_what_is_missing() {
    let found = mistakes("");
    let messages: Vec<&str> = found.list.iter().map(|m| m.message.as_str()).collect();
    assert!(
        messages.contains(&"the panel has no `unit`"),
        "{messages:?}"
    );
    assert!(
        messages.contains(&"the study has no source"),
        "{messages:?}"
    );
    assert!(
        messages.contains(&"the model has no `outcome`"),
        "{messages:?}"
    );
    assert!(
        messages.contains(&"the study prints no table"),
        "{messages:?}"
    );
}

#[test]
fn names_that_nothing_has_are_reported_together_and_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id,year,y,x\n1,2000,1,2\n").unwrap();
    let path = folder.path().join("study.toml");
    let text = GOOD.replace(
        "core = \"x\"",
        "core = \"z\"\neffects = [\"id\", \"planet\"]",
    ) + "[[table]]\nkind = \"description\"\n[variables.v]\nformula = \"log(w)\"\n";
    std::fs::write(&path, &text).unwrap();
    let error = panelyst_study::check(&path, &Overrides::default()).unwrap_err();
    let panelyst_study::Error::Mistakes(found) = error else {
        panic!("{error}");
    };
    assert_eq!(
        shown(&found),
        [
            "z: there is no column or variable `z`",
            "planet: there is no column or variable `planet`",
            "w: there is no column or variable `w`",
        ]
    );
}
