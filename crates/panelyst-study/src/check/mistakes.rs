//! Mistakes of a study file, collected and shown with their place.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use panelyst_lang::suggest::nearest;
use panelyst_lang::{Diagnostic, Span, ticked};

/// Every mistake found in one study file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    /// The file as the user named it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The mistakes in the order of the file.
    pub list: Vec<Diagnostic>,
}

impl Mistakes {
    /// None yet.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
            list: Vec::new(),
        }
    }

    /// Adds a mistake.
    pub fn push(&mut self, mistake: Diagnostic) {
        if !self.list.contains(&mistake) {
            self.list.push(mistake);
        }
    }

    /// Adds a mistake at a place, with advice unless it is empty.
    pub fn at(&mut self, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        let hint = hint.into();
        self.push(Diagnostic {
            message: message.into(),
            span,
            hint: (!hint.is_empty()).then_some(hint),
        });
    }

    /// Takes over the mistakes of another look at the same file; other errors are left to the caller.
    ///
    /// # Errors
    /// The error, where it is none of the file's mistakes.
    pub fn merge(&mut self, found: Result<(), crate::Error>) -> Result<(), crate::Error> {
        match found {
            Err(crate::Error::Mistakes(other)) => {
                for mistake in other.list {
                    self.push(mistake);
                }
                Ok(())
            }
            other => other,
        }
    }

    /// Adds the mistakes of a text that stands inside the file, such as a formula: `outer` is the span of the
    /// quoted value, and places inside it are shifted when the value was typed without escapes.
    pub fn nested(&mut self, outer: Span, value: &str, found: Vec<Diagnostic>) {
        let inside = self
            .text
            .get(outer.start + 1..outer.end.saturating_sub(1))
            .is_some_and(|raw| raw == value);
        for mut mistake in found {
            mistake.span = if inside {
                let start = outer.start + 1 + mistake.span.start.min(value.len());
                let end = outer.start + 1 + mistake.span.end.min(value.len());
                Span::new(start, end.max(start))
            } else {
                outer
            };
            self.push(mistake);
        }
    }

    /// Sorted by place; `Err` when there is any.
    ///
    /// # Errors
    /// The mistakes themselves.
    pub fn finish(mut self) -> Result<(), Self> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list.sort_by_key(|m| (m.span.start, m.span.end));
        Err(self)
    }

    /// All mistakes as text with excerpts of the file; `color` for a terminal.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut shown: Vec<String> = Vec::with_capacity(self.list.len() + 1);
        for mistake in &self.list {
            let span = self.visible(mistake.span);
            let group = Level::ERROR
                .primary_title(mistake.message.as_str())
                .element(
                    Snippet::source(self.text.as_str())
                        .path(self.file.as_str())
                        .annotation(AnnotationKind::Primary.span(span)),
                );
            let group = match &mistake.hint {
                Some(hint) => group.element(Level::HELP.message(hint.as_str())),
                None => group,
            };
            shown.push(renderer.render(&[group]).to_string());
        }
        if self.list.len() > 1 {
            shown.push(format!("{} mistakes in {}", self.list.len(), self.file));
        }
        shown.join("\n\n")
    }

    /// A span within the text, on character boundaries, for the excerpt.
    fn visible(&self, span: Span) -> std::ops::Range<usize> {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }
}

/// Advice made of the nearest word and the list of all.
pub fn advice<'a>(typed: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let all: Vec<&str> = known.clone().into_iter().collect();
    match nearest(typed, known, 1).first() {
        Some(word) => format!("did you mean {}?", ticked(word)),
        None if all.is_empty() => String::new(),
        None if all.len() <= 24 => format!("known: {}", all.join(", ")),
        None => format!(
            "known: {} and {} more",
            all[..20].join(", "),
            all.len() - 20
        ),
    }
}
