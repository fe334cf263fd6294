//! The Markdown that the reading uses, as HTML: headings, lists, paragraphs, and formulas as MathML.

use crate::formats::cells::push_escaped_xml;
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// Writes text as HTML; headings stand one level lower than in the text, the first heading, the title, is left to the page.
pub(super) fn prose(out: &mut String, text: &str) {
    let mut list = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let item = line.strip_prefix("- ");
        if list && item.is_none() {
            out.push_str("</ul>\n");
            list = false;
        }
        if line == "$$" {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "$$").collect();
            let latex = inside.join("\n");
            out.push_str("<div class=\"math\" tabindex=\"0\">");
            formula(out, &latex, DisplayMode::Block);
            out.push_str("</div>\n");
        } else if let Some(item) = item {
            if !list {
                out.push_str("<ul>\n");
                list = true;
            }
            element(out, "li", item);
        } else if let Some(heading) = line.strip_prefix("## ") {
            element(out, "h3", heading);
        } else if let Some(heading) = line.strip_prefix("### ") {
            element(out, "h4", heading);
        } else if !line.is_empty() && !line.starts_with("# ") {
            element(out, "p", line);
        }
    }
    if list {
        out.push_str("</ul>\n");
    }
}

/// A formula as MathML, with its LaTeX as the annotation; the LaTeX itself where it cannot be read, or holds characters of
/// markup, which the renderer does not escape.
fn formula(out: &mut String, latex: &str, display_mode: DisplayMode) {
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(latex, &storage).collect();
    let config = RenderConfig {
        display_mode,
        annotation: Some(latex),
        ..RenderConfig::default()
    };
    let mut made = String::new();
    let sound = !latex.contains(['<', '>', '&'])
        && events.is_ok_and(|events| {
            let events = events.into_iter().map(Ok::<_, std::fmt::Error>);
            push_mathml(&mut made, events, config).is_ok()
        });
    if sound {
        out.push_str(&made);
    } else {
        out.push_str("<code>");
        push_escaped_xml(out, latex);
        out.push_str("</code>");
    }
}

/// A block with code between backquotes and formulas between dollars.
fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    let parts: Vec<&str> = text.split('`').collect();
    for (place, part) in parts.iter().enumerate() {
        if place % 2 == 1 && place + 1 < parts.len() {
            out.push_str("<code>");
            push_escaped_xml(out, part);
            out.push_str("</code>");
        } else {
            sentences(out, part);
        }
    }
    out.push_str(&format!("</{name}>\n"));
}

/// Text with formulas between dollars: `$x$`, without blanks inside the dollars, as Markdown has it.
fn sentences(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        let inside = after.split_once('$').filter(|(latex, _)| {
            !latex.is_empty() && !latex.starts_with(' ') && !latex.ends_with(' ')
        });
        push_escaped_xml(out, before);
        match inside {
            Some((latex, behind)) => {
                formula(out, latex, DisplayMode::Inline);
                rest = behind;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    push_escaped_xml(out, rest);
}

#[cfg(test)]
mod tests {
    use super::prose;

    fn made(text: &str) -> String {
        let mut out = String::new();
        prose(&mut out, text);
        out
    }

    #[test]
    fn blocks_are_closed_and_escaped() {
        assert_eq!(
            made("# Title\n\n## Model\n\n- one `x`\n- two\n\nend & all"),
            "<h3>Model</h3>\n<ul>\n<li>one <code>x</code></li>\n<li>two</li>\n</ul>\n<p>end &amp; all</p>\n"
        );
    }

    #[test]
    fn formulas_are_mathml() {
        let out = made(
            "Here $i$ denotes, $5 and $ 6, `$k$`.\n\n$$\n\\beta_{1} \\text{人均 a}\n$$\n\nend",
        );
        assert_eq!(out.matches("<math").count(), 2, "{out}");
        assert!(
            out.contains("display=\"block\"") && out.contains("人均"),
            "{out}"
        );
        assert!(out.contains(", $5 and $ 6, <code>$k$</code>."), "{out}");
        assert!(out.ends_with("</div>\n<p>end</p>\n"), "{out}");
        // What is no formula stands as it is typed.
        let broken = made("$$\n\\frac{a\n$$");
        assert!(broken.contains("<code>\\frac{a</code>"), "{broken}");
        let markup = made("$$\n\\text{<b>} + y\n$$");
        assert!(
            markup.contains("<code>\\text{&lt;b&gt;} + y</code>"),
            "{markup}"
        );
    }
}
