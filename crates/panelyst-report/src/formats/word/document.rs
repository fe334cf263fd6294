//! The Word document of a whole study: tables, figures as pictures, notes and the reading.

use super::package::{self, Media};
use super::{formulas, paragraph, run, section, tables};
use crate::Error;
use crate::figures::{Figure, Picture};
use crate::formats::Whole;
use crate::formats::cells::{one_line, push_escaped_xml};
use crate::prose::{Block, Piece, blocks, pieces};

/// Width of a figure, that of the text, and its greatest height, in points.
const WIDTH: f64 = 451.0;
const HIGHEST: f64 = 600.0;
/// Units of a drawing in a point (English metric units).
const POINT: f64 = 12_700.0;

const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const PICTURE: &str = "http://schemas.openxmlformats.org/drawingml/2006/picture";
const IN_TEXT: &str = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Writes a study as one Word document, in the order of its page.
///
/// # Errors
///
/// [`Error::Word`] if the package cannot be written.
pub fn whole(whole: &Whole<'_>) -> Result<Vec<u8>, Error> {
    let headings = whole.headings();
    let mut body = String::with_capacity(whole.tables.len() * 16_384);
    paragraph(&mut body, "Title", "", whole.title);
    if !whole.tables.is_empty() {
        paragraph(&mut body, "Heading1", "", headings.tables);
    }
    if tables(&mut body, whole.tables) {
        // What follows stands on upright pages again.
        body.push_str(&format!("<w:p><w:pPr>{}</w:pPr></w:p>", section(true)));
    }
    let pictures = whole.pictures();
    let mut media = Vec::with_capacity(pictures.len());
    if !pictures.is_empty() {
        paragraph(&mut body, "Heading1", "", headings.figures);
    }
    for (place, (figure, picture)) in pictures.into_iter().enumerate() {
        let file = Media {
            name: format!("{}.png", figure.id),
            bytes: &picture.png,
        };
        drawing(&mut body, figure, picture, place + 1, &file.relation(place));
        caption(&mut body, figure);
        media.push(file);
    }
    if !whole.notes.is_empty() {
        paragraph(&mut body, "Heading1", "", headings.notes);
        for note in whole.notes {
            paragraph(&mut body, "ListBullet", "", &one_line(note));
        }
    }
    paragraph(&mut body, "Heading1", "", headings.reading);
    prose(&mut body, whole.reading);
    body.push_str(&section(false));
    package::pack(&body, Some(&media)).map_err(|source| Error::Word {
        tables: whole.tables.len(),
        source,
    })
}

/// A figure in a line of its own, as wide as the text or as high as a page allows.
fn drawing(out: &mut String, figure: &Figure, picture: &Picture, number: usize, relation: &str) {
    let (wide, high) = (f64::from(picture.width), f64::from(picture.height));
    let shown = WIDTH.min(HIGHEST * wide / high);
    #[allow(clippy::cast_possible_truncation)]
    let units = |points: f64| (points * POINT).round() as i64;
    let (cx, cy) = (units(shown), units(shown * high / wide));
    let attribute = |text: &str| {
        let mut escaped = String::new();
        push_escaped_xml(&mut escaped, &one_line(text));
        escaped
    };
    let (name, alt) = (attribute(&figure.label), attribute(&figure.description()));
    let id = attribute(&figure.id);
    out.push_str("<w:p><w:pPr><w:pStyle w:val=\"PanelystFigure\"/></w:pPr><w:r><w:drawing>");
    out.push_str(&format!(
        "<wp:inline xmlns:wp=\"{IN_TEXT}\" distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
         <wp:docPr id=\"{number}\" name=\"{name}\" descr=\"{alt}\"/><wp:cNvGraphicFramePr>\
         <a:graphicFrameLocks xmlns:a=\"{DRAWING}\" noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
         <a:graphic xmlns:a=\"{DRAWING}\"><a:graphicData uri=\"{PICTURE}\"><pic:pic xmlns:pic=\"{PICTURE}\">\
         <pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{id}.png\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip xmlns:r=\"{RELATIONS}\" r:embed=\"{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>"
    ));
    out.push_str("</w:drawing></w:r></w:p>");
}

fn caption(out: &mut String, figure: &Figure) {
    out.push_str("<w:p><w:pPr><w:pStyle w:val=\"Caption\"/></w:pPr>");
    let title = one_line(&format!("{} {}", figure.label, figure.title));
    run(out, "<w:b/><w:bCs/>", &title);
    if !figure.caption.is_empty() {
        run(out, "", &format!(" {}", one_line(&figure.caption)));
    }
    out.push_str("</w:p>");
}

/// The reading: its headings one level below those of the document.
fn prose(out: &mut String, text: &str) {
    for block in blocks(text) {
        let (style, words) = match &block {
            Block::Heading(2, words) => ("Heading2", words),
            Block::Heading(_, words) => ("Heading3", words),
            Block::Item(words) => ("ListBullet", words),
            Block::Paragraph(words) => ("BodyText", words),
            Block::Formula(latex) => {
                out.push_str("<w:p><w:pPr><w:pStyle w:val=\"BodyText\"/></w:pPr>");
                match formulas::display(latex) {
                    Some(formula) => out.push_str(&formula),
                    None => run(out, CODE, &one_line(latex)),
                }
                out.push_str("</w:p>");
                continue;
            }
        };
        out.push_str(&format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>"
        ));
        for piece in pieces(words) {
            match piece {
                Piece::Words(words) => run(out, "", words),
                Piece::Strong(words) => run(out, "<w:b/><w:bCs/>", words),
                Piece::Code(code) => run(out, CODE, code),
                Piece::Formula(latex) => match formulas::inline(latex) {
                    Some(formula) => out.push_str(&formula),
                    None => run(out, CODE, latex),
                },
            }
        }
        out.push_str("</w:p>");
    }
}

/// Letters of one width.
const CODE: &str = "<w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\"/><w:sz w:val=\"19\"/><w:szCs w:val=\"19\"/>";
