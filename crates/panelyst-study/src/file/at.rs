//! Values that know where they stand in the study file, and texts in two languages.

use panelyst_lang::Span;
use panelyst_report::Lang;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// A value with its place in the study file.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file, quotes included.
    pub span: Span,
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        let range = spanned.span();
        Ok(Self {
            value: spanned.into_inner(),
            span: Span::new(range.start, range.end),
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A text of the user: one for every language, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a text, or a table { en = \"...\", zh = \"...\" }"
)]
pub enum Text {
    /// The same in every language.
    Plain(String),
    /// By language.
    Languages(Languages),
}

/// A text by language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Languages {
    /// English.
    pub en: Option<String>,
    /// Chinese.
    pub zh: Option<String>,
}

impl Text {
    /// The text in a language; the other language where it is missing.
    pub fn get(&self, lang: Lang) -> &str {
        match (self, lang) {
            (Self::Plain(text), _) => text,
            (Self::Languages(Languages { en, zh }), Lang::En) => {
                en.as_deref().or(zh.as_deref()).unwrap_or_default()
            }
            (Self::Languages(Languages { en, zh }), Lang::Zh) => {
                zh.as_deref().or(en.as_deref()).unwrap_or_default()
            }
        }
    }
}

/// One value or several.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
