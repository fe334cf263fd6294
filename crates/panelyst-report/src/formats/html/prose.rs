//! The Markdown that the reading uses, as HTML: headings, lists, paragraphs, and formulas as MathML.

use crate::formats::cells::push_escaped_xml;
use crate::prose::{Block, Piece, blocks, pieces};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// Writes text as HTML; headings stand one level lower than in the text, the first heading, the title, is left to the page.
pub(super) fn prose(out: &mut String, text: &str) {
    let mut list = false;
    for block in blocks(text) {
        let item = matches!(block, Block::Item(_));
        if list != item {
            out.push_str(if item { "<ul>\n" } else { "</ul>\n" });
            list = item;
        }
        match block {
            Block::Heading(level, words) => element(out, &format!("h{}", level + 1), words),
            Block::Item(words) => element(out, "li", words),
            Block::Paragraph(words) => element(out, "p", words),
            Block::Formula(latex) => {
                out.push_str("<div class=\"math\" tabindex=\"0\">");
                formula(out, &latex, DisplayMode::Block);
                out.push_str("</div>\n");
            }
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

/// A block with its pieces.
fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => push_escaped_xml(out, words),
            Piece::Code(code) => within(out, "code", code),
            Piece::Strong(words) => within(out, "strong", words),
            Piece::Formula(latex) => formula(out, latex, DisplayMode::Inline),
        }
    }
    out.push_str(&format!("</{name}>\n"));
}

fn within(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    push_escaped_xml(out, text);
    out.push_str(&format!("</{name}>"));
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
            made("# Title\n\n## Model\n\n- one `x`\n- **two**\n\nend & all"),
            "<h3>Model</h3>\n<ul>\n<li>one <code>x</code></li>\n<li><strong>two</strong></li>\n</ul>\n<p>end &amp; all</p>\n"
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
