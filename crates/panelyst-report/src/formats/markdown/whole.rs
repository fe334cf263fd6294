//! The Markdown file of a whole study: tables, figures from their files, notes and the reading.

use super::{escaped, markdown, paragraph};
use crate::formats::Whole;
use crate::formats::cells::one_line;
use crate::formats::whole::FIGURES;

/// Writes a study as one Markdown file, in the order of its page.
pub fn whole(whole: &Whole<'_>) -> String {
    let mut out = format!("# {}\n", escaped(&one_line(whole.title)));
    let headings = whole.headings();
    let heading = |out: &mut String, text: &str| out.push_str(&format!("\n## {text}\n\n"));
    if !whole.tables.is_empty() {
        heading(&mut out, headings.tables);
        out.push_str(&markdown(whole.tables));
    }
    if !whole.figures.is_empty() {
        heading(&mut out, headings.figures);
        let figures = whole.figures.iter().map(|drawn| {
            let figure = drawn.figure;
            let alt = escaped(&one_line(&figure.description()));
            let title = escaped(&one_line(&format!("{} {}", figure.label, figure.title)));
            let caption = escaped(&one_line(&figure.caption));
            let text = format!("**{title}** {caption}");
            format!(
                "![{alt}]({FIGURES}/{}.svg)\n\n{}\n",
                figure.id,
                text.trim_end()
            )
        });
        out.push_str(&figures.collect::<Vec<_>>().join("\n"));
    }
    if !whole.notes.is_empty() {
        heading(&mut out, headings.notes);
        for note in whole.notes {
            out.push_str(&format!("- {}\n", paragraph(&one_line(note))));
        }
    }
    heading(&mut out, headings.reading);
    // The reading is Markdown already; its title is that of the file, and its headings stand one level lower.
    let mut lines = whole
        .reading
        .lines()
        .skip_while(|line| line.is_empty() || line.starts_with("# "));
    let mut formula = false;
    for line in &mut lines {
        formula ^= line == "$$";
        if line.starts_with("##") && !formula {
            out.push('#');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
