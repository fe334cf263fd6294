//! The workbook of a whole study: a sheet a table, one with the figures and one with the ledger.

use super::{LINE, failure, finish, named, start, tables};
use crate::Error;
use crate::figures::{Figure, Picture};
use crate::formats::Whole;
use crate::formats::cells::{has_cjk, one_line};
use rust_xlsxwriter::{
    Format as CellFormat, FormatAlign, FormatBorder, Image, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr;

/// Entries of the ledger that the workbook holds at most; it says where all of them are.
const LEDGER_SHOWN: usize = 10_000;
/// Longest text that says what a picture shows, in the units of UTF-16 that Excel counts.
const ALT: usize = 255;
/// Width of the one column that figures stand in, in characters: as wide as a figure, which has 560 points.
const FIGURE_COLUMN: usize = 107;
/// Size of printed figures in per cent, so that one is as wide as a page of A4, and the height of such a page in points of the
/// sheet.
const PRINTED: u16 = 80;
const PAGE: f64 = 910.0;
/// Widest column of the ledger, in characters.
const LEDGER_COLUMN: usize = 50;

/// Writes a study as a workbook.
///
/// # Errors
///
/// [`Error::Excel`] if something exceeds the rows, columns or characters of a sheet.
pub fn whole(whole: &Whole<'_>) -> Result<Vec<u8>, Error> {
    let headings = whole.headings();
    let mut workbook = start()?;
    let mut names = tables(&mut workbook, whole.tables)?;
    let pictures = whole.pictures();
    if !pictures.is_empty() {
        let name = named(headings.figures, &names);
        let sheet = workbook.add_worksheet();
        sheet.set_name(&name).map_err(failure(&name))?;
        figures(sheet, &pictures).map_err(failure(&name))?;
        names.push(name);
    }
    let name = named(headings.ledger, &names);
    let sheet = workbook.add_worksheet();
    sheet.set_name(&name).map_err(failure(&name))?;
    ledger(sheet, whole).map_err(failure(&name))?;
    finish(workbook)
}

fn words(chinese: bool) -> CellFormat {
    let font = if chinese { "SimSun" } else { "Times New Roman" };
    CellFormat::new().set_font_name(font).set_font_size(10.5)
}

/// Figures below each other: title, picture, caption.
fn figures(sheet: &mut Worksheet, figures: &[(&Figure, &Picture)]) -> Result<(), XlsxError> {
    sheet.set_column_width(0, FIGURE_COLUMN as f64)?;
    let (mut at, mut on_page) = (0, 0.0);
    let mut breaks = Vec::new();
    for (figure, picture) in figures {
        let title = one_line(&format!("{} {}", figure.label, figure.title));
        let style = words(has_cjk(&title)).set_text_wrap();
        sheet.write_string_with_format(at, 0, &title, &style.clone().set_bold())?;
        let image = Image::new_from_buffer(&picture.png)?
            .set_alt_text(shortened(&figure.description()))
            .set_object_movement(rust_xlsxwriter::ObjectMovement::MoveButDontSizeWithCells);
        sheet.insert_image(at + 1, 0, &image)?;
        let (_, height) = figure.size();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rows = (f64::from(height) / LINE).ceil() as u32 + 1;
        let caption = one_line(&figure.caption);
        let lines = caption.width().div_ceil(FIGURE_COLUMN).max(1);
        let high = LINE * (f64::from(rows) + 2.0 + lines as f64);
        if on_page > 0.0 && on_page + high > PAGE {
            breaks.push(at);
            on_page = 0.0;
        }
        on_page += high;
        at += 1 + rows;
        if !caption.is_empty() {
            let style = words(has_cjk(&caption)).set_font_size(9).set_text_wrap();
            sheet.write_string_with_format(at, 0, &caption, &style)?;
            sheet.set_row_height(at, LINE * lines as f64)?;
        }
        at += 2;
    }
    sheet.set_screen_gridlines(false);
    // 9 is A4. No figure is cut by the end of a page.
    sheet.set_paper_size(9);
    sheet.set_print_scale(PRINTED);
    if !breaks.is_empty() {
        sheet.set_page_breaks(&breaks)?;
    }
    Ok(())
}

/// A text within the limit of Excel, cut at a word where it is longer.
fn shortened(text: &str) -> String {
    let text = one_line(text);
    if text.encode_utf16().count() <= ALT {
        return text;
    }
    let mut units = 0;
    let fitting = text.char_indices().take_while(|(_, letter)| {
        units += letter.len_utf16();
        units < ALT
    });
    let end = fitting.last().map_or(0, |(at, _)| at);
    let kept = &text[..end];
    let kept = kept.rfind([' ', '；', '，']).map_or(kept, |at| &kept[..at]);
    format!("{kept}…")
}

/// The ledger as it stands in its file: names of the columns, one entry a row.
fn ledger(sheet: &mut Worksheet, whole: &Whole<'_>) -> Result<(), XlsxError> {
    let shown = &whole.ledger[..whole.ledger.len().min(LEDGER_SHOWN)];
    let style = |text: &str| words(has_cjk(text));
    let head = words(false)
        .set_bold()
        .set_border_bottom(FormatBorder::Thin);
    let plain = [style(""), style("中")];
    for (column, name) in (0u16..).zip(whole.ledger_columns) {
        sheet.write_string_with_format(0, column, name, &head)?;
        let cells = shown
            .iter()
            .filter_map(|entry| entry.get(usize::from(column)));
        let widest = cells.chain([name]).map(|cell| cell.width()).max();
        let width = widest.unwrap_or(0).min(LEDGER_COLUMN) + 2;
        sheet.set_column_width(column, width as f64)?;
    }
    let counts = whole.ledger_columns.iter().position(|name| name == "cells");
    let mut row = 0;
    for entry in shown {
        row += 1;
        for (column, cell) in (0u16..).zip(entry) {
            let style = &plain[usize::from(has_cjk(cell))];
            match cell.parse::<u32>() {
                Ok(count) if Some(usize::from(column)) == counts => {
                    sheet.write_number_with_format(row, column, f64::from(count), style)?;
                }
                _ if cell.is_empty() => {}
                // Values before and after stand as they were typed, so that a code keeps its zeros.
                _ => {
                    sheet.write_string_with_format(row, column, cell, style)?;
                }
            }
        }
    }
    let last = u16::try_from(whole.ledger_columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.ignore_error_range(
        0,
        0,
        row,
        last,
        rust_xlsxwriter::IgnoreError::NumberStoredAsText,
    )?;
    sheet.autofilter(0, 0, row, last)?;
    sheet.set_freeze_panes(1, 0)?;
    if shown.len() < whole.ledger.len() {
        let (shown, all) = (shown.len(), whole.ledger.len());
        let note = match whole.lang {
            crate::Lang::En => {
                format!("{shown} of {all} entries; all of them stand in ledger.csv")
            }
            crate::Lang::Zh => format!("显示{all}条记录中的{shown}条；全部记录见ledger.csv"),
        };
        let style = style(&note).set_align(FormatAlign::Left);
        sheet.write_string_with_format(row + 2, 0, &note, &style)?;
    }
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::shortened;

    #[test]
    fn long_texts_are_cut_at_a_word_within_the_limit() {
        assert_eq!(shortened("a\nb"), "a b");
        let exact = "x".repeat(255);
        assert_eq!(shortened(&exact), exact);
        let long = "𝛽𝛽 words ".repeat(60);
        let cut = shortened(&long);
        let kept = cut.strip_suffix('…').unwrap();
        assert!(cut.encode_utf16().count() <= 255, "{cut}");
        assert!(
            kept.len() > 200 && long.starts_with(&format!("{kept} ")),
            "{cut}"
        );
    }
}
