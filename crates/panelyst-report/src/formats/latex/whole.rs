//! The LaTeX document of a whole study: tables, figures from their PNG files, notes and the reading.

use super::{document, escaped, write_table};
use crate::formats::Whole;
use crate::formats::cells::one_line;
use crate::formats::whole::FIGURES;
use crate::prose::{Block, Piece, blocks, pieces};

/// Writes a study as one document, in the order of its page. Figures are taken from their files, wherever the document is
/// compiled: beside it, or from the folder of the study's outputs.
pub fn whole(whole: &Whole<'_>) -> String {
    let headings = whole.headings();
    let mut body = format!(
        "\\begin{{center}}\\Large\\bfseries {}\\end{{center}}\n",
        escaped(&one_line(whole.title))
    );
    if !whole.tables.is_empty() {
        section(&mut body, headings.tables);
        for table in whole.tables {
            body.push('\n');
            write_table(&mut body, table, true);
        }
    }
    let pictures = whole.pictures();
    if !pictures.is_empty() {
        section(&mut body, headings.figures);
        for (figure, _) in pictures {
            let title = escaped(&one_line(&format!("{} {}", figure.label, figure.title)));
            let caption = escaped(&one_line(&figure.caption));
            body.push_str(&format!(
                "\n\\begin{{figure}}[!htbp]\n\\centering\n\
                 \\includegraphics[width=\\linewidth,height=.8\\textheight,keepaspectratio]{{{}.png}}\n\
                 \\caption*{{\\textbf{{{title}}} {caption}}}\n\\end{{figure}}\n",
                figure.id
            ));
        }
    }
    if !whole.notes.is_empty() {
        section(&mut body, headings.notes);
        let notes: Vec<String> = whole
            .notes
            .iter()
            .map(|note| escaped(&one_line(note)))
            .collect();
        body.push_str(&format!(
            "\\begin{{itemize}}\n\\item {}\n\\end{{itemize}}\n",
            notes.join("\n\\item ")
        ));
    }
    section(&mut body, headings.reading);
    prose(&mut body, whole.reading);
    let head = format!(
        "\\usepackage{{amsmath}}\n\\graphicspath{{{{{FIGURES}/}}{{{}/}}}}\n",
        FIGURES.trim_start_matches("../")
    );
    document(&head, &body)
}

/// A heading, after what floats above it.
fn section(out: &mut String, heading: &str) {
    let page = if out.contains("\\section*") {
        "\\clearpage\n"
    } else {
        ""
    };
    out.push_str(&format!("\n{page}\\section*{{{heading}}}\n"));
}

/// The reading: its headings one level below those of the document.
fn prose(out: &mut String, text: &str) {
    let mut list = false;
    for block in blocks(text) {
        let item = matches!(block, Block::Item(_));
        if list != item {
            let word = if item { "begin" } else { "end" };
            out.push_str(&format!("\\{word}{{itemize}}\n"));
            list = item;
        }
        match block {
            Block::Heading(level, words) => {
                let command = if level == 2 {
                    "subsection"
                } else {
                    "subsubsection"
                };
                out.push_str(&format!("\n\\{command}*{{{}}}\n", inline(words)));
            }
            Block::Item(words) => out.push_str(&format!("\\item {}\n", inline(words))),
            Block::Paragraph(words) => out.push_str(&format!("\n{}\n", inline(words))),
            Block::Formula(formula) => out.push_str(&format!("\\[\n{}\n\\]\n", formula.trim())),
        }
    }
    if list {
        out.push_str("\\end{itemize}\n");
    }
}

fn inline(text: &str) -> String {
    let piece = |piece| match piece {
        Piece::Words(words) => escaped(words),
        Piece::Code(code) => format!("\\texttt{{{}}}", escaped(code)),
        Piece::Strong(words) => format!("\\textbf{{{}}}", escaped(words)),
        Piece::Formula(formula) => format!("${formula}$"),
    };
    pieces(text).into_iter().map(piece).collect()
}
