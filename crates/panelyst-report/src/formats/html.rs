//! HTML tables: semantic markup as fragments, or one page with inline style that loads nothing from anywhere.
//!
//! Numbers align at the point through two boxes a cell whose widths are counted in digits; without the style the cells
//! are plain text in the right order.

mod prose;
mod whole;

pub use whole::whole;
pub(crate) use whole::{STYLE_OF_ALL, figures, notes, reading};

use super::RenderOptions;
use super::cells::{Alignment, Grid, Piece, caption, language_tag, one_line, push_escaped_xml};
use crate::table::{HeaderCell, Lang, RowKind, Table};

/// The style of a page; a page that includes fragments puts it in its own `style` element.
pub const STYLE: &str = include_str!("html.css");

/// Writes tables as HTML, a whole page if the options ask for a document.
pub fn html(tables: &[Table], options: &RenderOptions) -> String {
    let mut body = String::with_capacity(tables.len() * 4096);
    for table in tables {
        write_table(&mut body, table);
    }
    if options.document {
        page(tables, &body)
    } else {
        body
    }
}

fn page(tables: &[Table], body: &str) -> String {
    let lang = tables.first().map_or(Lang::En, |table| table.lang);
    let title = tables.first().map(caption).unwrap_or_default();
    document(lang, &title, "", body)
}

/// A page with more style than that of tables.
fn document(lang: Lang, name: &str, style: &str, body: &str) -> String {
    let mut title = String::new();
    push_escaped_xml(&mut title, name);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        language_tag(lang)
    )
}

fn write_table(out: &mut String, table: &Table) {
    let grid = Grid::of(table);
    out.push_str("<figure class=\"panelyst\"");
    if !table.id.is_empty() {
        attribute(
            out,
            "id",
            &table.id.split_whitespace().collect::<Vec<_>>().join("-"),
        );
    }
    attribute(out, "lang", language_tag(table.lang));
    out.push_str(">\n<table>\n");
    let title = caption(table);
    if !title.is_empty() {
        element(out, "caption", &title);
        out.push('\n');
    }
    if !grid.header.is_empty() && !grid.columns.is_empty() {
        out.push_str("<thead>\n");
        for row in &grid.header {
            header(out, row, &grid);
        }
        out.push_str("</thead>\n");
    }
    body(out, &grid);
    out.push_str("</table>\n");
    if !table.notes.is_empty() {
        out.push_str("<figcaption>\n");
        for note in &table.notes {
            element(out, "p", &one_line(note));
            out.push('\n');
        }
        out.push_str("</figcaption>\n");
    }
    out.push_str("</figure>\n");
}

fn header(out: &mut String, row: &[HeaderCell], grid: &Grid) {
    out.push_str("<tr>");
    let mut column = 0;
    for cell in row {
        if cell.text.is_empty() {
            out.push_str("<td");
            span(out, cell.span);
            out.push_str("></td>");
        } else {
            out.push_str(if cell.span > 1 {
                "<th scope=\"colgroup\""
            } else {
                "<th scope=\"col\""
            });
            if column == 0 {
                out.push_str(" class=\"label\"");
            } else if cell.span == 1 && grid.columns[column] == Alignment::Left {
                out.push_str(" class=\"words\"");
            }
            span(out, cell.span);
            out.push('>');
            push_escaped_xml(out, &cell.text);
            out.push_str("</th>");
        }
        column += cell.span;
    }
    out.push_str("</tr>\n");
}

fn span(out: &mut String, columns: usize) {
    if columns > 1 {
        attribute(out, "colspan", &columns.to_string());
    }
}

/// The rows in groups: a new one where a thin rule or a heading stands.
fn body(out: &mut String, grid: &Grid) {
    for number in 0..grid.rows.len() {
        let ruled = grid.rule_above(number);
        let heading = grid.heading(number);
        if number == 0 || ruled || heading.is_some() {
            if number > 0 {
                out.push_str("</tbody>\n");
            }
            out.push_str(if ruled {
                "<tbody class=\"statistics\">\n"
            } else {
                "<tbody>\n"
            });
        }
        match heading {
            Some(text) => {
                out.push_str("<tr><th scope=\"rowgroup\" class=\"heading\"");
                span(out, grid.columns.len());
                out.push('>');
                push_escaped_xml(out, text);
                out.push_str("</th></tr>\n");
            }
            None => row(out, grid, number),
        }
    }
    if !grid.rows.is_empty() {
        out.push_str("</tbody>\n");
    }
}

fn row(out: &mut String, grid: &Grid, number: usize) {
    let (kind, pieces) = &grid.rows[number];
    out.push_str(if *kind == RowKind::Bracket {
        "<tr class=\"bracket\">"
    } else {
        "<tr>"
    });
    for (column, piece) in pieces.iter().enumerate() {
        if column == 0 && !piece.is_empty() {
            out.push_str("<th scope=\"row\">");
            push_escaped_xml(out, &piece.plain("\u{2212}"));
            out.push_str("</th>");
            continue;
        }
        match (piece, grid.columns[column]) {
            (Piece::Number { .. }, Alignment::Point { before, after }) => {
                aligned(out, piece, before, after)
            }
            (Piece::Whole(_), Alignment::Point { before, .. }) if !grid.centres_counts(column) => {
                aligned(out, piece, before, 0);
            }
            (_, Alignment::Left) => {
                out.push_str("<td class=\"words\">");
                push_escaped_xml(out, &piece.plain("\u{2212}"));
                out.push_str("</td>");
            }
            _ => element(out, "td", &piece.plain("\u{2212}")),
        }
    }
    out.push_str("</tr>\n");
}

/// A number in two boxes that meet at the point; `before` and `after` are their least widths in digits.
fn aligned(out: &mut String, piece: &Piece, before: usize, after: usize) {
    out.push_str(&format!(
        "<td class=\"number\"><span class=\"n\" style=\"min-width:{before}ch\">{}</span>",
        piece.before("\u{2212}")
    ));
    if after > 0 {
        let (digits, stars) = (piece.after(), piece.stars());
        out.push_str(&format!(
            "<span class=\"d\" style=\"min-width:{after}ch\">{digits}{stars}</span>"
        ));
    }
    out.push_str("</td>");
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    push_escaped_xml(out, text);
    out.push_str(&format!("</{name}>"));
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!(" {name}=\""));
    push_escaped_xml(out, value);
    out.push('"');
}
