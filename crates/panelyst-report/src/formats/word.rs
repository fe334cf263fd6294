//! Word: editable three-line tables, all in one document; that of a whole study has figures, notes and the reading too.
//!
//! Top and bottom rules of 1.5 pt, a header rule of 0.75 pt, no vertical lines; title above, notes below. Header rows repeat
//! on every page and no row breaks across pages. Latin text is set in Times New Roman, Chinese in SimSun.
//!
//! The parts of the package (ECMA-376, part 1) are written here directly: they hold no date and no running number, so
//! that the same tables give the same bytes.

mod document;
mod formulas;
mod package;

pub use document::whole;

use super::cells::{Alignment, Grid, Piece, caption, one_line, push_escaped_xml};
use crate::Error;
use crate::table::{HeaderCell, RowKind, Table};

/// Width of the text on a page of A4 upright and turned, in twentieths of a point.
const TEXT_WIDTH: [usize; 2] = [9026, 13958];
/// Characters of 10.5 pt on a line of such a page.
const LINE: [usize; 2] = [86, 132];
/// Width of a letter of 10.5 pt in twentieths of a point, with a margin for bold and wide ones.
pub(super) const LETTER: usize = 112;
/// Rows up to which a table is kept on one page.
const KEPT_TOGETHER: usize = 45;
/// Width of rules in eighths of a point: outer, header, and between blocks.
const RULES: [usize; 3] = [12, 6, 4];

/// Writes tables as one Word document.
///
/// # Errors
///
/// [`Error::Word`] if the package cannot be written.
pub fn word(tables: &[Table]) -> Result<Vec<u8>, Error> {
    let mut body = String::with_capacity(tables.len() * 16_384);
    let turned = self::tables(&mut body, tables);
    body.push_str(&section(turned));
    package::pack(&body, None).map_err(|source| Error::Word {
        tables: tables.len(),
        source,
    })
}

/// Writes tables below each other, wide ones on turned pages; whether the last page is turned, whose section is left open.
fn tables(body: &mut String, tables: &[Table]) -> bool {
    let mut turned = false;
    for (number, table) in tables.iter().enumerate() {
        let grid = Grid::of(table);
        let turn = line_width(&grid) > LINE[0];
        if number > 0 {
            if turn == turned && tables[number - 1].notes.is_empty() {
                // The empty paragraph after a table without notes is distance enough.
            } else if turn == turned {
                body.push_str("<w:p/>");
            } else {
                // A page is turned by ending the section before.
                body.push_str(&format!("<w:p><w:pPr>{}</w:pPr></w:p>", section(turned)));
            }
        }
        turned = turn;
        write_table(body, table, &grid, turned);
    }
    turned
}

/// Characters of the widest line; long text is wrapped and counts for a part.
pub(super) fn line_width(grid: &Grid) -> usize {
    let widths = grid.natural_widths();
    let cells = widths
        .iter()
        .enumerate()
        .map(|(column, &width)| match grid.columns[column] {
            Alignment::Left => width.min(24),
            _ => width,
        });
    cells.map(|width| width + 2).sum()
}

fn section(turned: bool) -> String {
    let size = if turned {
        "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>"
    } else {
        "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
    };
    let margins = "<w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"851\" \
                   w:footer=\"992\" w:gutter=\"0\"/>";
    format!("<w:sectPr>{size}{margins}</w:sectPr>")
}

fn write_table(out: &mut String, table: &Table, grid: &Grid, turned: bool) {
    let page = usize::from(turned);
    let title = caption(table);
    if !title.is_empty() {
        paragraph(out, "PanelystTitle", "", &title);
    }
    if !grid.columns.is_empty() {
        let widths = widths(grid, TEXT_WIDTH[page]);
        // Where all columns together are wider than the page, letters get smaller, down to 7 pt.
        let size = (21 * LINE[page] / line_width(grid).max(LINE[page])).max(14);
        let size = if size < 21 {
            format!("<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>")
        } else {
            String::new()
        };
        out.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:jc w:val=\"center\"/><w:tblBorders>");
        border(out, "top", RULES[0]);
        border(out, "bottom", RULES[0]);
        out.push_str("</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"57\" w:type=\"dxa\"/>");
        out.push_str("<w:right w:w=\"57\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>");
        for width in &widths {
            out.push_str(&format!("<w:gridCol w:w=\"{width}\"/>"));
        }
        out.push_str("</w:tblGrid>");
        let writer = Rows { grid, widths, size };
        for number in 0..grid.header.len() {
            writer.header(out, number);
        }
        for number in 0..grid.rows.len() {
            writer.body(out, number, table.notes.is_empty());
        }
        if grid.header.is_empty() && grid.rows.is_empty() {
            writer.empty(out);
        }
        out.push_str("</w:tbl>");
    }
    for note in &table.notes {
        paragraph(out, "PanelystNote", "", &one_line(note));
    }
    if table.notes.is_empty() {
        // Two tables without a paragraph between them would be one.
        out.push_str("<w:p><w:pPr><w:pStyle w:val=\"PanelystNote\"/></w:pPr></w:p>");
    }
}

/// Column widths in twentieths of a point that add up to the page.
///
/// With prose, columns of numbers keep their width and the labels share what is left with the prose; without prose
/// all are stretched alike.
pub(super) fn widths(grid: &Grid, page: usize) -> Vec<usize> {
    let natural = grid.natural_widths();
    let prose = |column: usize| column > 0 && grid.columns[column] == Alignment::Left;
    let some_prose = (0..natural.len()).any(prose);
    let flexible = |column: usize| some_prose && (column == 0 || prose(column));
    let taken = |column: usize| (natural[column].clamp(4, 40) + 2) * LETTER;
    let wish = |column: usize| natural[column].clamp(8, 60);
    let columns = || 0..natural.len();
    let fixed: usize = columns().filter(|&c| !flexible(c)).map(taken).sum();
    let wishes: usize = columns().filter(|&c| flexible(c)).map(wish).sum();
    let for_fixed = if some_prose {
        fixed.min(page * 2 / 3)
    } else {
        page
    };
    let mut widths: Vec<usize> = columns()
        .map(|column| {
            if flexible(column) {
                (page - for_fixed) * wish(column) / wishes
            } else {
                taken(column) * for_fixed / fixed.max(1)
            }
        })
        .collect();
    let rest = page - widths.iter().sum::<usize>();
    widths[0] += rest;
    widths
}

fn border(out: &mut String, side: &str, eighths: usize) {
    out.push_str(&format!(
        "<w:{side} w:val=\"single\" w:sz=\"{eighths}\" w:space=\"0\" w:color=\"auto\"/>"
    ));
}

fn paragraph(out: &mut String, style: &str, properties: &str, text: &str) {
    out.push_str(&format!(
        "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{properties}</w:pPr>"
    ));
    run(out, "", text);
    out.push_str("</w:p>");
}

fn run(out: &mut String, properties: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    out.push_str("<w:r>");
    if !properties.is_empty() {
        out.push_str(&format!("<w:rPr>{properties}</w:rPr>"));
    }
    out.push_str("<w:t xml:space=\"preserve\">");
    push_escaped_xml(out, text);
    out.push_str("</w:t></w:r>");
}

/// Writes the rows of one table.
struct Rows<'a> {
    grid: &'a Grid,
    widths: Vec<usize>,
    /// Run properties of the letters' size, empty for the usual one.
    size: String,
}

/// What a cell of the table is besides its text.
#[derive(Default)]
struct Frame<'a> {
    column: usize,
    span: usize,
    above: Option<usize>,
    below: Option<usize>,
    left: bool,
    keep: bool,
    letters: &'a str,
}

impl Rows<'_> {
    fn header(&self, out: &mut String, number: usize) {
        let is_last = number + 1 == self.grid.header.len();
        out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        let mut column = 0;
        for HeaderCell { text, span } in &self.grid.header[number] {
            let below = if is_last {
                Some(RULES[1])
            } else {
                (*span > 1 && !text.is_empty()).then_some(RULES[2])
            };
            let left = *span == 1 && self.grid.columns[column] == Alignment::Left;
            let frame = Frame {
                column,
                span: *span,
                below,
                left,
                keep: true,
                ..Frame::default()
            };
            self.cell(out, &frame, text);
            column += span;
        }
        out.push_str("</w:tr>");
    }

    fn body(&self, out: &mut String, number: usize, ends_table: bool) {
        let rows = &self.grid.rows;
        let together = rows.len() <= KEPT_TOGETHER && !(ends_table && number + 1 == rows.len());
        let with_next = rows
            .get(number + 1)
            .is_some_and(|(kind, _)| *kind == RowKind::Bracket);
        let above = self.grid.rule_above(number).then_some(RULES[2]);
        let frame = Frame {
            span: 1,
            above,
            keep: together || with_next || rows[number].0 == RowKind::Panel,
            ..Frame::default()
        };
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        if let Some(heading) = self.grid.heading(number) {
            let frame = Frame {
                span: self.widths.len(),
                left: true,
                letters: "<w:i/>",
                ..frame
            };
            self.cell(out, &frame, heading);
        } else {
            for (column, piece) in rows[number].1.iter().enumerate() {
                let left = self.grid.columns[column] == Alignment::Left;
                let minus = if matches!(piece, Piece::Words(_)) {
                    "-"
                } else {
                    "\u{2212}"
                };
                self.cell(
                    out,
                    &Frame {
                        column,
                        left,
                        ..frame
                    },
                    &piece.plain(minus),
                );
            }
        }
        out.push_str("</w:tr>");
    }

    /// A row of nothing: a table must have one.
    fn empty(&self, out: &mut String) {
        out.push_str("<w:tr>");
        self.cell(
            out,
            &Frame {
                span: self.widths.len(),
                ..Frame::default()
            },
            "",
        );
        out.push_str("</w:tr>");
    }

    fn cell(&self, out: &mut String, frame: &Frame<'_>, text: &str) {
        let width: usize = self.widths[frame.column..frame.column + frame.span]
            .iter()
            .sum();
        out.push_str(&format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>"
        ));
        if frame.span > 1 {
            out.push_str(&format!("<w:gridSpan w:val=\"{}\"/>", frame.span));
        }
        if frame.above.is_some() || frame.below.is_some() {
            out.push_str("<w:tcBorders>");
            if let Some(eighths) = frame.above {
                border(out, "top", eighths);
            }
            if let Some(eighths) = frame.below {
                border(out, "bottom", eighths);
            }
            out.push_str("</w:tcBorders>");
        }
        out.push_str("<w:vAlign w:val=\"center\"/></w:tcPr>");
        let place = if frame.left {
            "<w:jc w:val=\"left\"/>"
        } else {
            ""
        };
        let keep = if frame.keep { "<w:keepNext/>" } else { "" };
        out.push_str(&format!(
            "<w:p><w:pPr><w:pStyle w:val=\"PanelystCell\"/>{keep}{place}</w:pPr>"
        ));
        run(out, &format!("{}{}", frame.letters, self.size), text);
        out.push_str("</w:p></w:tc>");
    }
}
