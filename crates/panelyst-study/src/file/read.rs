//! A study file from text: every mistake of spelling and type at once, each with its place.

use super::at::At;
use super::entries::{
    GroupEntry, HypothesisEntry, ModelEntry, PanelEntry, SourceEntry, StudyEntry, StyleEntry,
    TOP_LEVEL, TableEntry, VariableEntry,
};
use crate::check::mistakes::{Mistakes, advice};
use panelyst_lang::Span;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A study file as typed: entries with their places, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// `[study]`.
    pub study: StudyEntry,
    /// `[hypothesis]`.
    pub hypothesis: Option<HypothesisEntry>,
    /// `[panel]`.
    pub panel: PanelEntry,
    /// `[sources.NAME]`.
    pub sources: Vec<(At<String>, SourceEntry)>,
    /// `[variables.NAME]`.
    pub variables: Vec<(At<String>, VariableEntry)>,
    /// `[groups.NAME]`.
    pub groups: Vec<(At<String>, GroupEntry)>,
    /// `[model]`.
    pub model: ModelEntry,
    /// `[style]`.
    pub style: StyleEntry,
    /// `[[table]]`.
    pub tables: Vec<At<TableEntry>>,
}

/// Reads the entries; what cannot be read is left out and noted in `mistakes`. Nothing where the text is no TOML.
pub fn read_entries(text: &str, mistakes: &mut Mistakes) -> Option<Entries> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error
            .span()
            .map_or(Span::new(0, 0), |s| Span::new(s.start, s.end));
        let message = one_line(error.message());
        let hint = if message.contains("unquoted key") {
            "write a name that is not plain ASCII in quotes, for example [variables.\"人均GDP\"]"
        } else {
            ""
        };
        mistakes.at(span, message, hint);
    }
    if !errors.is_empty() {
        return None;
    }
    let mut entries = Entries::default();
    for (key, value) in root.into_inner() {
        let name = at_key(&key);
        match name.value.as_str() {
            "study" => entries.study = take(value, mistakes),
            "hypothesis" => entries.hypothesis = Some(take(value, mistakes)),
            "panel" => entries.panel = take(value, mistakes),
            "model" => entries.model = take(value, mistakes),
            "style" => entries.style = take(value, mistakes),
            "sources" => entries.sources = named(&name, value, mistakes),
            "variables" => entries.variables = named(&name, value, mistakes),
            "groups" => entries.groups = named(&name, value, mistakes),
            "table" => entries.tables = listed(&name, value, mistakes),
            other => mistakes.at(
                name.span,
                format!("unknown section `{other}`"),
                advice(other, TOP_LEVEL.iter().copied()),
            ),
        }
    }
    Some(entries)
}

fn at_key(key: &Spanned<std::borrow::Cow<'_, str>>) -> At<String> {
    At {
        value: key.get_ref().to_string(),
        span: Span::new(key.span().start, key.span().end),
    }
}

/// The tables `[section.NAME]` in the order of the file.
fn named<T: DeserializeOwned + Default>(
    section: &At<String>,
    value: Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) -> Vec<(At<String>, T)> {
    let DeValue::Table(table) = value.into_inner() else {
        mistakes.at(
            section.span,
            format!("`{}` must hold named tables", section.value),
            format!("write [{}.NAME]", section.value),
        );
        return Vec::new();
    };
    let mut list: Vec<(At<String>, T)> = table
        .into_iter()
        .map(|(key, value)| (at_key(&key), take(value, mistakes)))
        .collect();
    list.sort_by_key(|(key, _)| key.span.start);
    list
}

/// The tables `[[section]]`.
fn listed(
    section: &At<String>,
    value: Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) -> Vec<At<TableEntry>> {
    let DeValue::Array(array) = value.into_inner() else {
        mistakes.at(
            section.span,
            format!("`{}` must be a list of tables", section.value),
            format!("write [[{}]] with double brackets", section.value),
        );
        return Vec::new();
    };
    array
        .into_iter()
        .filter_map(|value| {
            let span = Span::new(value.span().start, value.span().end);
            // Of a table that cannot be read at all, nothing more can be said.
            let value = taken(value, mistakes)?;
            Some(At { value, span })
        })
        .collect()
}

/// One entry, or its default where nothing of it can be read.
fn take<T: DeserializeOwned + Default>(value: Spanned<DeValue<'_>>, mistakes: &mut Mistakes) -> T {
    taken(value, mistakes).unwrap_or_default()
}

/// One entry; each unreadable key is noted and left out, a number where a text is wanted is noted and taken as it was
/// typed, and the rest is read again.
fn taken<T: DeserializeOwned>(
    mut value: Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) -> Option<T> {
    loop {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(entry) => return Some(entry),
            Err(error) => error,
        };
        let whole = Span::new(value.span().start, value.span().end);
        let span = error.span().map_or(whole, |s| Span::new(s.start, s.end));
        let typed = mistakes.text.get(span.start..span.end);
        if error.message().contains("expected a string")
            && let Some(typed) = typed.map(str::to_owned)
            && quote(value.get_mut(), span, &typed)
        {
            mistakes.at(
                span,
                format!("`{typed}` is no text"),
                format!("write it in quotes: \"{typed}\""),
            );
            continue;
        }
        let (message, hint) = explain(error.message());
        mistakes.at(span, message, hint);
        if !remove(value.get_mut(), span) {
            return None;
        }
    }
}

/// Makes a number, truth value or date at a span the text that it was typed as; false where there is none.
fn quote(value: &mut DeValue<'_>, span: Span, typed: &str) -> bool {
    let inside = |value: &mut Spanned<DeValue<'_>>| {
        let range = value.span();
        let bare = matches!(
            value.get_ref(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)
        );
        if bare && (range.start, range.end) == (span.start, span.end) {
            *value.get_mut() = DeValue::String(typed.to_owned().into());
            return true;
        }
        quote(value.get_mut(), span, typed)
    };
    match value {
        DeValue::Table(table) => table.iter_mut().any(|(_, value)| inside(value)),
        DeValue::Array(array) => array.iter_mut().any(inside),
        _ => false,
    }
}

/// Removes the innermost key whose key or value holds the span; false when there is none. The keys of a table with a header
/// of its own stand outside its span, so that all are looked at.
fn remove(value: &mut DeValue<'_>, span: Span) -> bool {
    let holds = |range: std::ops::Range<usize>| range.start <= span.start && span.end <= range.end;
    match value {
        DeValue::Table(table) => {
            let mut inner = table.iter_mut();
            if inner.any(|(_, value)| remove(value.get_mut(), span)) {
                return true;
            }
            let found = table
                .iter()
                .find(|(key, value)| holds(key.span()) || holds(value.span()))
                .map(|(key, _)| key.get_ref().to_string());
            found.is_some_and(|name| table.remove(name.as_str()).is_some())
        }
        DeValue::Array(array) => array.iter_mut().any(|value| remove(value.get_mut(), span)),
        _ => false,
    }
}

/// The reader's message in our words, with advice.
fn explain(message: &str) -> (String, String) {
    let message = one_line(message);
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let mut words = rest.split('`');
        let typed = words.next().unwrap_or_default().to_owned();
        let known: Vec<&str> = words.skip(1).step_by(2).collect();
        let hint = advice(&typed, known.iter().copied());
        return (format!("unknown key `{typed}`"), hint);
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.split('`').next().unwrap_or_default();
        return (format!("the key `{name}` is missing"), String::new());
    }
    let typed = ["invalid type: ", "invalid value: "];
    let typed = typed.iter().find_map(|start| message.strip_prefix(start));
    let Some((found, expected)) = typed.and_then(|rest| rest.split_once(", expected ")) else {
        return (message, String::new());
    };
    (
        format!("{} is no {}", found_words(found), expected_words(expected)),
        String::new(),
    )
}

/// What stands there: `the number 5`, `text`, `a list`.
fn found_words(found: &str) -> String {
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let value = value.trim_start_matches("point ").replace('`', "");
    match kind {
        "string" => format!("the text {value}"),
        "integer" | "floating" => format!("the number {value}"),
        "boolean" => value,
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => "this value".to_owned(),
    }
}

/// What should stand there.
fn expected_words(expected: &str) -> &str {
    match expected {
        "usize" | "u8" | "u32" | "u64" => "whole number of zero or more",
        "i32" | "i64" => "whole number",
        "f64" => "number",
        "a boolean" => "truth value (true or false)",
        "a string" => "text in quotes",
        "a sequence" => "list",
        other if other.starts_with("struct ") || other == "a map" => "table { key = value }",
        other => other.trim_start_matches("a "),
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
