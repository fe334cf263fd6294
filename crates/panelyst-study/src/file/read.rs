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
        .map(|value| {
            let span = Span::new(value.span().start, value.span().end);
            At {
                value: take(value, mistakes),
                span,
            }
        })
        .collect()
}

/// One entry; each unreadable key is noted and left out, and the rest is read again.
fn take<T: DeserializeOwned + Default>(
    mut value: Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes,
) -> T {
    loop {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(entry) => return entry,
            Err(error) => error,
        };
        let whole = Span::new(value.span().start, value.span().end);
        let span = error.span().map_or(whole, |s| Span::new(s.start, s.end));
        let (message, hint) = explain(error.message());
        mistakes.at(span, message, hint);
        if !remove(value.get_mut(), span) {
            return T::default();
        }
    }
}

/// Removes the innermost key whose key or value holds the span; false when there is none.
fn remove(value: &mut DeValue<'_>, span: Span) -> bool {
    match value {
        DeValue::Table(table) => {
            let holds =
                |range: std::ops::Range<usize>| range.start <= span.start && span.end <= range.end;
            let found = table
                .iter()
                .find(|(key, value)| holds(key.span()) || holds(value.span()))
                .map(|(key, _)| (key.get_ref().to_string(), holds(key.span())));
            let Some((name, by_key)) = found else {
                return false;
            };
            let deeper = !by_key
                && table
                    .iter_mut()
                    .find(|(key, _)| key.get_ref().as_ref() == name)
                    .is_some_and(|(_, value)| remove(value.get_mut(), span));
            if !deeper {
                table.remove(name.as_str());
            }
            true
        }
        DeValue::Array(array) => array.iter_mut().any(|value| {
            let range = value.span();
            range.start <= span.start && span.end <= range.end && remove(value.get_mut(), span)
        }),
        _ => false,
    }
}

/// The reader's message in our words, with advice.
fn explain(message: &str) -> (String, String) {
    let message = one_line(message);
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return (message, String::new());
    };
    let mut words = rest.split('`');
    let typed = words.next().unwrap_or_default().to_owned();
    let known: Vec<&str> = words.skip(1).step_by(2).collect();
    let hint = advice(&typed, known.iter().copied());
    (format!("unknown key `{typed}`"), hint)
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
