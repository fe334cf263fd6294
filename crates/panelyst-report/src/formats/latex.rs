//! LaTeX tables with booktabs rules: fragments to `\input`, or a document that compiles by itself.
//!
//! A fragment needs `booktabs`, and `graphicx` if it is too wide for a page (its first line says so); Chinese text needs
//! XeLaTeX with `xeCJK`. A document loads what it needs and prints the tables' own labels instead of numbering anew.

mod whole;

pub use whole::whole;

use super::RenderOptions;
use super::cells::{Alignment, Grid, Piece, caption, has_cjk, one_line};
use crate::table::{HeaderCell, Table};

/// Characters of the body font that fit on a line of a usual page; only a hint where to break and shrink.
const LINE: usize = 84;
/// Song-style fonts of Windows, macOS and free distributions, the first one found is used.
const SONG_FONTS: &[&str] = &[
    "SimSun",
    "Songti SC",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "FandolSong-Regular",
];

/// Writes tables as LaTeX.
pub fn latex(tables: &[Table], options: &RenderOptions) -> String {
    let mut body = String::new();
    for table in tables {
        if !body.is_empty() {
            body.push('\n');
        }
        write_table(&mut body, table, options.document);
    }
    if options.document {
        document("", &body)
    } else {
        body
    }
}

/// A document that compiles by itself; `more` is what its head holds besides.
fn document(more: &str, body: &str) -> String {
    let cjk = has_cjk(body);
    let mut out = String::new();
    out.push_str(if cjk {
        "% Compile with XeLaTeX.\n"
    } else {
        "% Compile with any LaTeX.\n"
    });
    out.push_str("\\documentclass[a4paper]{article}\n\\usepackage[margin=2.5cm]{geometry}\n");
    out.push_str(
        "\\usepackage{booktabs}\n\\usepackage{graphicx}\n\\usepackage[labelsep=none]{caption}\n",
    );
    if cjk {
        out.push_str("\\usepackage{xeCJK}\n");
        for font in SONG_FONTS {
            out.push_str(&format!(
                "\\IfFontExistsTF{{{font}}}{{\\setCJKmainfont{{{font}}}}}{{%\n"
            ));
        }
        out.push_str(&"}".repeat(SONG_FONTS.len()));
        out.push('\n');
    }
    out.push_str(more);
    out.push_str("\\pagestyle{empty}\n\\begin{document}\n\n");
    out.push_str(body);
    out.push_str("\n\\end{document}\n");
    out
}

fn write_table(out: &mut String, table: &Table, document: bool) {
    let grid = Grid::of(table);
    let (columns, wide) = column_letters(&grid);
    if wide && !document {
        out.push_str("% Needs graphicx: the table is made as narrow as the page.\n");
    }
    out.push_str("\\begin{table}[!htbp]\n\\centering\n");
    if document {
        let title = caption(table);
        if !title.is_empty() {
            out.push_str(&format!("\\caption*{{{}}}\n", escaped(&title)));
        }
    } else {
        let title = one_line(&table.title);
        let title = if title.is_empty() {
            one_line(&table.label)
        } else {
            title
        };
        if !title.is_empty() {
            out.push_str(&format!("\\caption{{{}}}\n", escaped(&title)));
            out.push_str(&format!("\\label{{tab:{}}}\n", reference(&table.id)));
        }
    }
    if !grid.columns.is_empty() {
        out.push_str(if wide { "\\sbox0{%\n" } else { "" });
        out.push_str(&format!("\\begin{{tabular}}{{{columns}}}\n\\toprule\n"));
        for row in &grid.header {
            header(out, row);
        }
        if !grid.header.is_empty() {
            out.push_str("\\midrule\n");
        }
        for number in 0..grid.rows.len() {
            body_row(out, &grid, number);
        }
        out.push_str("\\bottomrule\n\\end{tabular}");
        if wide {
            out.push_str("}%\n\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi");
        }
        out.push('\n');
    }
    if !table.notes.is_empty() {
        out.push_str("\n\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
        let notes: Vec<String> = table
            .notes
            .iter()
            .map(|note| escaped(&one_line(note)))
            .collect();
        out.push_str(&notes.join("\\par\n"));
        out.push_str("\n\\end{minipage}\n");
    }
    out.push_str("\\end{table}\n");
}

/// Column letters, and whether the table may be wider than a page.
fn column_letters(grid: &Grid) -> (String, bool) {
    let widths = grid.natural_widths();
    let total: usize = widths.iter().map(|width| width + 2).sum();
    let prose = |column: usize| column > 0 && grid.columns[column] == Alignment::Left;
    let in_prose: usize = (0..widths.len())
        .filter(|&column| prose(column))
        .map(|column| widths[column])
        .sum();
    let others = total - in_prose;
    let breaks = total > LINE && in_prose > 0;
    // Words share what the numbers leave of the line, by their lengths.
    let room = LINE.saturating_sub(others).max(LINE / 3);
    let letters = (0..widths.len()).map(|column| match grid.columns[column] {
        Alignment::Left if breaks && prose(column) => {
            let share = (room * widths[column] * 100 / in_prose / LINE).max(8);
            format!("p{{0.{share:02}\\linewidth}}")
        }
        Alignment::Left => "l".to_owned(),
        _ => "c".to_owned(),
    });
    (
        letters.collect(),
        if breaks {
            others + room > LINE
        } else {
            total > LINE
        },
    )
}

fn header(out: &mut String, row: &[HeaderCell]) {
    let mut cells = Vec::with_capacity(row.len());
    let mut rules = String::new();
    let mut column = 1;
    for cell in row {
        let text = escaped(&cell.text);
        if cell.span > 1 {
            cells.push(format!("\\multicolumn{{{}}}{{c}}{{{text}}}", cell.span));
            if !text.is_empty() {
                rules.push_str(&format!(
                    "\\cmidrule(lr){{{column}-{}}}",
                    column + cell.span - 1
                ));
            }
        } else {
            cells.push(text);
        }
        column += cell.span;
    }
    push_row(out, &cells);
    if !rules.is_empty() {
        out.push_str(&rules);
        out.push('\n');
    }
}

fn body_row(out: &mut String, grid: &Grid, number: usize) {
    if grid.rule_above(number) {
        out.push_str("\\midrule\n");
    }
    if let Some(heading) = grid.heading(number) {
        if number > 0 {
            out.push_str("\\addlinespace\n");
        }
        let columns = grid.columns.len();
        out.push_str(&format!(
            "\\multicolumn{{{columns}}}{{l}}{{\\textit{{{}}}}} \\\\\n",
            escaped(heading)
        ));
        return;
    }
    let cells: Vec<String> = grid.rows[number].1.iter().map(cell).collect();
    push_row(out, &cells);
}

fn push_row(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join(" & "));
    out.push_str(" \\\\\n");
}

fn cell(piece: &Piece) -> String {
    match piece {
        Piece::Words(text) => escaped(text),
        piece => {
            let mut text = format!("{}{}", piece.before("$-$"), piece.after());
            if !piece.stars().is_empty() {
                text.push_str(&format!("\\textsuperscript{{{}}}", piece.stars()));
            }
            text
        }
    }
}

/// A key for `\ref` from an identifier.
fn reference(id: &str) -> String {
    id.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// Text with every character that TeX reads as a command written out, and the symbols of statistics that text
/// fonts lack taken from mathematics.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            // A row break takes brackets and a star behind it for its own arguments.
            '[' => out.push_str("{[}"),
            '*' if at == 0 => out.push_str("{*}"),
            c => match symbol(c) {
                Some(command) => out.push_str(command),
                None => out.push(c),
            },
        }
    }
    out
}

fn symbol(c: char) -> Option<&'static str> {
    Some(match c {
        'α' => "$\\alpha$",
        'β' => "$\\beta$",
        'γ' => "$\\gamma$",
        'δ' => "$\\delta$",
        'ε' => "$\\varepsilon$",
        'η' => "$\\eta$",
        'θ' => "$\\theta$",
        'λ' => "$\\lambda$",
        'μ' => "$\\mu$",
        'ν' => "$\\nu$",
        'π' => "$\\pi$",
        'ρ' => "$\\rho$",
        'σ' => "$\\sigma$",
        'τ' => "$\\tau$",
        'φ' => "$\\varphi$",
        'χ' => "$\\chi$",
        'ω' => "$\\omega$",
        'Δ' => "$\\Delta$",
        'Σ' | '∑' => "$\\Sigma$",
        '²' => "\\textsuperscript{2}",
        '³' => "\\textsuperscript{3}",
        '⁻' => "\\textsuperscript{$-$}",
        '−' => "$-$",
        '×' => "$\\times$",
        '±' => "$\\pm$",
        '·' => "$\\cdot$",
        '≤' => "$\\leq$",
        '≥' => "$\\geq$",
        '≠' => "$\\neq$",
        '≈' => "$\\approx$",
        '→' => "$\\rightarrow$",
        '∞' => "$\\infty$",
        '√' => "$\\surd$",
        '\u{a0}' => "~",
        _ => return None,
    })
}
