//! The page of a whole study: tables, figures, notes and the reading, without a script.

use super::{document, html, prose};
use crate::figures::Figure;
use crate::formats::cells::push_escaped_xml;
use crate::formats::{RenderOptions, Whole};

/// The style of what stands on a page beside tables.
pub(crate) const STYLE_OF_ALL: &str = include_str!("whole.css");

/// Writes a study as one page, which loads nothing.
pub fn whole(whole: &Whole<'_>) -> String {
    let headings = whole.headings();
    let mut body = String::with_capacity(1 << 17);
    body.push_str("<h1>");
    push_escaped_xml(&mut body, whole.title);
    body.push_str("</h1>\n");
    if !whole.tables.is_empty() {
        open(&mut body, "tables", headings.tables);
        body.push_str(&html(whole.tables, &RenderOptions::default()));
        body.push_str("</section>\n");
    }
    let drawn = whole.figures.iter().map(|drawn| (drawn.figure, drawn.svg));
    figures(&mut body, headings.figures, drawn);
    notes(&mut body, headings.notes, whole.notes);
    reading(&mut body, headings.reading, whole.reading);
    document(whole.lang, whole.title, STYLE_OF_ALL, &body)
}

fn open(out: &mut String, id: &str, heading: &str) {
    out.push_str(&format!("<section id=\"{id}\">\n<h2>{heading}</h2>\n"));
}

/// The section of the figures, none where there is no figure.
pub(crate) fn figures<'a>(
    out: &mut String,
    heading: &str,
    drawn: impl ExactSizeIterator<Item = (&'a Figure, &'a str)>,
) {
    if drawn.len() == 0 {
        return;
    }
    open(out, "figures", heading);
    for (figure, svg) in drawn {
        out.push_str(&format!(
            "<figure class=\"chart\" id=\"{}\">\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"",
            figure.id
        ));
        push_escaped_xml(out, &figure.label);
        out.push_str("\">\n");
        out.push_str(svg);
        out.push_str("</div>\n<figcaption><b>");
        push_escaped_xml(out, &format!("{} {}", figure.label, figure.title));
        out.push_str("</b> ");
        push_escaped_xml(out, &figure.caption);
        out.push_str("</figcaption>\n</figure>\n");
    }
    out.push_str("</section>\n");
}

/// The section of the notes, none where there is no note.
pub(crate) fn notes(out: &mut String, heading: &str, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    open(out, "notes", heading);
    out.push_str("<ul>\n");
    for note in notes {
        out.push_str("<li>");
        push_escaped_xml(out, note);
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n</section>\n");
}

/// The section of the reading.
pub(crate) fn reading(out: &mut String, heading: &str, text: &str) {
    open(out, "reading", heading);
    prose::prose(out, text);
    out.push_str("</section>\n");
}
