//! Values of a TOML table taken one by one; what is wrong or left over is noted with its place.

use panelyst_lang::suggest::nearest;
use panelyst_lang::{Diagnostic, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place in the file, quotes included.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Span,
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Every mistake found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    list: Vec<Diagnostic>,
}

impl Mistakes {
    /// Adds a mistake, with advice unless it is empty.
    pub fn at(&mut self, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        let hint = hint.into();
        let mistake = Diagnostic::new(span, message);
        let mistake = if hint.is_empty() {
            mistake
        } else {
            mistake.with_hint(hint)
        };
        if !self.list.contains(&mistake) {
            self.list.push(mistake);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them in the order of the file.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|m| (m.span.start, m.span.end));
        self.list
    }
}

/// Advice made of the nearest known word, or of all of them.
pub(crate) fn advice(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known.iter().copied(), 1).first() {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => String::new(),
        None => format!("known: {}", known.join(", ")),
    }
}

pub(crate) fn span_of<T>(value: &Spanned<T>) -> Span {
    Span::new(value.span().start, value.span().end)
}

/// The keys of one table of the file.
pub(crate) struct Fields<'a> {
    /// As messages call the table: `[sample]`.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    left: Vec<(At<String>, Spanned<DeValue<'a>>)>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The keys of a table in the order of the file.
    pub fn new(name: impl Into<String>, span: Span, table: DeTable<'a>) -> Self {
        let mut left: Vec<_> = table
            .into_iter()
            .map(|(key, value)| {
                let span = span_of(&key);
                let value_of = key.into_inner().into_owned();
                (
                    At {
                        value: value_of,
                        span,
                    },
                    value,
                )
            })
            .collect();
        left.sort_by_key(|(key, _)| key.span.start);
        Self {
            name: name.into(),
            span,
            left,
            asked: Vec::new(),
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.asked.push(key);
        let place = self.left.iter().position(|(name, _)| name.value == key)?;
        Some(self.left.remove(place).1)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<String>> {
        let value = self.take(key)?;
        text_of(key, &value, mistakes)
    }

    /// A legend of stars: a text as printed, or the levels of one star, two and more as a list of numbers.
    pub fn legend(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<String>> {
        let value = self.take(key)?;
        let DeValue::Array(levels) = value.get_ref() else {
            return text_of(key, &value, mistakes);
        };
        let levels = levels.iter().enumerate().map(|(place, level)| {
            let level = number_of(key, level, mistakes)?;
            Some(format!("{} p < {}", "*".repeat(place + 1), level.value))
        });
        let levels: Option<Vec<String>> = levels.collect();
        Some(At {
            value: levels?.join(", "),
            span: span_of(&value),
        })
    }

    /// A text that must be there.
    pub fn needed(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<String>> {
        let present = self.left.iter().any(|(name, _)| name.value == key);
        if !present {
            let message = format!("{} needs `{key}`", self.name);
            mistakes.at(self.span, message, format!("add {key} = \"...\""));
        }
        self.text(key, mistakes)
    }

    /// One text, or a list of them, or one text with commas where `commas` says so.
    pub fn texts(
        &mut self,
        key: &'static str,
        commas: bool,
        mistakes: &mut Mistakes,
    ) -> Vec<At<String>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let span = span_of(&value);
        match value.into_inner() {
            DeValue::Array(array) => array
                .into_iter()
                .filter_map(|item| text_of(key, &item, mistakes))
                .collect(),
            DeValue::String(text) if commas => text
                .split(['\n', ',', ';', '\u{3001}', '\u{FF0C}'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| At {
                    value: part.to_owned(),
                    span,
                })
                .collect(),
            DeValue::String(text) => vec![At {
                value: text.into_owned(),
                span,
            }],
            other => {
                let message = format!("`{key}` must be text, found {}", other.type_str());
                mistakes.at(span, message, "write it in quotes");
                Vec::new()
            }
        }
    }

    /// A number.
    pub fn number(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<f64>> {
        let value = self.take(key)?;
        number_of(key, &value, mistakes)
    }

    /// A whole number from 1.
    pub fn count(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<f64>> {
        let found = self.number(key, mistakes)?;
        if found.value < 1.0 || found.value.fract() != 0.0 || found.value > 1e15 {
            let message = format!("`{key}` must be a whole number from 1");
            mistakes.at(found.span, message, "");
            return None;
        }
        Some(found)
    }

    /// Two numbers, the lower first.
    pub fn range(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<At<(f64, f64)>> {
        let value = self.take(key)?;
        let span = span_of(&value);
        let ends: Vec<f64> = match value.into_inner() {
            DeValue::Array(array) => array
                .into_iter()
                .filter_map(|item| number_of(key, &item, mistakes).map(|n| n.value))
                .collect(),
            _ => Vec::new(),
        };
        match ends[..] {
            [low, high] if low < high => Some(At {
                value: (low, high),
                span,
            }),
            _ => {
                let message = format!("`{key}` must be two numbers, the lower first");
                mistakes.at(span, message, format!("write {key} = [0.05, 2]"));
                None
            }
        }
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<bool> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                let message = format!("`{key}` must be true or false, found {}", other.type_str());
                mistakes.at(span_of(&value), message, "");
                None
            }
        }
    }

    /// One table `[key]`.
    pub fn table(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<Self> {
        let value = self.take(key)?;
        let span = span_of(&value);
        match value.into_inner() {
            DeValue::Table(table) => Some(Self::new(format!("[{key}]"), span, table)),
            other => {
                let message = format!("`{key}` must be a table, found {}", other.type_str());
                mistakes.at(span, message, format!("write [{key}]"));
                None
            }
        }
    }

    /// The tables `[key.NAME]`.
    pub fn named(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Vec<(At<String>, Self)> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let span = span_of(&value);
        let DeValue::Table(table) = value.into_inner() else {
            let message = format!("`{key}` must hold named tables");
            mistakes.at(span, message, format!("write [{key}.NAME]"));
            return Vec::new();
        };
        let whole = Self::new(key, span, table);
        let mut found = Vec::new();
        for (name, value) in whole.left {
            let span = span_of(&value);
            match value.into_inner() {
                DeValue::Table(table) => {
                    let fields = Self::new(format!("[{key}.{}]", name.value), name.span, table);
                    found.push((name, fields));
                }
                other => {
                    let message = format!(
                        "`{}` must be a table, found {}",
                        name.value,
                        other.type_str()
                    );
                    mistakes.at(span, message, format!("write [{key}.{}]", name.value));
                }
            }
        }
        found
    }

    /// The tables `[[key]]`.
    pub fn listed(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Vec<Self> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let span = span_of(&value);
        let DeValue::Array(array) = value.into_inner() else {
            let message = format!("`{key}` must be a list of tables");
            mistakes.at(
                span,
                message,
                format!("write [[{key}]] with double brackets"),
            );
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in array {
            let span = span_of(&item);
            match item.into_inner() {
                DeValue::Table(table) => {
                    found.push(Self::new(format!("[[{key}]]"), span, table));
                }
                other => {
                    let message = format!("`{key}` must hold tables, found {}", other.type_str());
                    mistakes.at(span, message, "");
                }
            }
        }
        found
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self, mistakes: &mut Mistakes) {
        for (key, _) in &self.left {
            let message = format!("unknown key `{}` in {}", key.value, self.name);
            mistakes.at(key.span, message, advice(&key.value, &self.asked));
        }
    }
}

fn text_of(key: &str, value: &Spanned<DeValue<'_>>, mistakes: &mut Mistakes) -> Option<At<String>> {
    let span = span_of(value);
    match value.get_ref() {
        DeValue::String(text) => Some(At {
            value: text.clone().into_owned(),
            span,
        }),
        other => {
            let message = format!("`{key}` must be text, found {}", other.type_str());
            mistakes.at(span, message, "write it in quotes");
            None
        }
    }
}

fn number_of(key: &str, value: &Spanned<DeValue<'_>>, mistakes: &mut Mistakes) -> Option<At<f64>> {
    let span = span_of(value);
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if f64::is_finite(number) => Some(At {
            value: number,
            span,
        }),
        _ => {
            let kind = value.get_ref().type_str();
            let message = format!("`{key}` must be a number, found {kind}");
            mistakes.at(span, message, "");
            None
        }
    }
}
