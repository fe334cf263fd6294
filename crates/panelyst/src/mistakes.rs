//! Mistakes in formulas, expressions and files, shown under the text they stand in.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use panelyst_lang::Diagnostic;

/// Every mistake with the piece of text it points at; `origin` says where the text was typed. Escape codes of colours are
/// written only if `color` is set.
pub fn shown(text: &str, origin: &str, mistakes: &[Diagnostic], color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let shown: Vec<String> = mistakes
        .iter()
        .map(|mistake| {
            let span = visible(text, mistake.span.start, mistake.span.end);
            let group = Level::ERROR
                .primary_title(mistake.message.as_str())
                .element(
                    Snippet::source(text)
                        .path(origin)
                        .annotation(AnnotationKind::Primary.span(span)),
                );
            let group = match &mistake.hint {
                Some(hint) => group.element(Level::HELP.message(hint.as_str())),
                None => group,
            };
            renderer.render(&[group]).to_string()
        })
        .collect();
    shown.join("\n\n")
}

/// A range within the text, on character boundaries.
fn visible(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
