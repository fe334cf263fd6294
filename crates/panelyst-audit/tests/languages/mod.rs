//! Findings say the same in English and in Chinese.

use panelyst_audit::{Finding, Said};
use std::collections::BTreeSet;

/// Symbols, functions and names that Chinese sentences keep.
const KEPT: &str = "b e inf n p r t x y z G K N R V FE RE RSS abs ln log max mean min sd se sqrt chibar Bonferroni Mundlak sigmamore";

/// Every text typed in the file of a paper, the cells of its tables one by one, longest first.
fn typed(file: &str) -> Vec<String> {
    fn texts(value: &toml::Value, found: &mut BTreeSet<String>) {
        match value {
            toml::Value::String(text) => {
                let cells = text.split(['|', '\n']).map(str::trim);
                found.extend(cells.map(str::to_owned));
                let members = text.split([',', '\n']).map(str::trim);
                found.extend(members.map(str::to_owned));
                found.insert(text.clone());
            }
            toml::Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
            toml::Value::Table(table) => table
                .iter()
                // What these name belongs to the rules, not to the paper.
                .filter(|(key, _)| {
                    !["kind", "transform", "brackets", "stars"].contains(&key.as_str())
                })
                .for_each(|(_, value)| texts(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    texts(
        &toml::Value::Table(file.parse().expect("a TOML file")),
        &mut found,
    );
    let mut found: Vec<String> = found
        .into_iter()
        .filter(|text| text.chars().any(char::is_alphabetic))
        .collect();
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found
}

/// The numbers of a text in order of size of their digits.
fn numbers(text: &str) -> Vec<&str> {
    let mut numbers: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| !number.is_empty())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// A text without what was typed, where that stands as words of its own.
fn without(text: &str, typed: &[String]) -> String {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut rest = text.to_owned();
    for known in typed {
        let mut from = 0;
        while let Some(at) = rest[from..].find(known.as_str()).map(|at| from + at) {
            let end = at + known.len();
            let inside = (letter(known.chars().next()) && letter(rest[..at].chars().last()))
                || (letter(known.chars().last()) && letter(rest[end..].chars().next()));
            if inside {
                from = end;
            } else {
                rest.replace_range(at..end, " ");
                from = at + 1;
            }
        }
    }
    rest
}

fn same(said: &Said, typed: &[String]) {
    let Said { en, zh } = said;
    assert_eq!(en.is_empty(), zh.is_empty(), "{said:?}");
    assert_eq!(numbers(en), numbers(zh), "{said:?}");
    let own = without(zh, typed);
    let words = own.split(|c: char| !c.is_ascii_alphabetic());
    for word in words.filter(|word| !word.is_empty()) {
        let kept = KEPT.split(' ').any(|kept| kept == word);
        assert!(kept, "`{word}` is left in {zh}");
    }
    for mark in [";", "\"", ": "] {
        assert!(!own.contains(mark), "`{mark}` is left in {zh}");
    }
}

/// The same numbers in both languages, and nothing English in the Chinese beyond symbols and what the paper has.
pub fn agree<'a>(all: impl IntoIterator<Item = &'a Said>, file: &str) {
    let typed = typed(file);
    for said in all {
        same(said, &typed);
    }
}

/// The words of findings.
pub fn words(found: &[Finding]) -> impl Iterator<Item = &Said> {
    found
        .iter()
        .flat_map(|finding| [&finding.reported, &finding.implied, &finding.message])
}
