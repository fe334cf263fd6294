//! The Markdown that the reading uses, as HTML: headings, lists, display formulas and paragraphs.

use crate::formats::cells::push_escaped_xml;

/// Writes text as HTML; headings stand one level lower than in the text, the first heading, the title, is left to the page.
pub(super) fn prose(out: &mut String, text: &str) {
    let mut list = false;
    let mut formula = false;
    for line in text.lines() {
        let item = line.strip_prefix("- ");
        if list && item.is_none() {
            out.push_str("</ul>\n");
            list = false;
        }
        if line == "$$" {
            out.push_str(if formula {
                "</pre>\n"
            } else {
                "<pre class=\"math\" tabindex=\"0\">"
            });
            formula = !formula;
        } else if formula {
            push_escaped_xml(out, line);
            out.push('\n');
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
    if formula {
        out.push_str("</pre>\n");
    }
}

/// A block with code between backquotes.
fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    let parts: Vec<&str> = text.split('`').collect();
    for (place, part) in parts.iter().enumerate() {
        let code = place % 2 == 1 && place + 1 < parts.len();
        out.push_str(if code { "<code>" } else { "" });
        push_escaped_xml(out, part);
        out.push_str(if code { "</code>" } else { "" });
    }
    out.push_str(&format!("</{name}>\n"));
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn blocks_are_closed_and_escaped() {
        let mut out = String::new();
        prose(
            &mut out,
            "# Title\n\n## Model\n\n$$\na < b\n$$\n\n- one `x`\n- two\n\nend & all",
        );
        assert_eq!(
            out,
            "<h3>Model</h3>\n<pre class=\"math\" tabindex=\"0\">a &lt; b\n</pre>\n<ul>\n<li>one <code>x</code></li>\n\
             <li>two</li>\n</ul>\n<p>end &amp; all</p>\n"
        );
    }
}
