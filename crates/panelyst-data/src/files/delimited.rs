//! Text tables: cells between commas, semicolons or tabs.

use std::borrow::Cow;
use std::path::Path;

use super::encoding::{decode, line_of};
use super::grid::Grid;
use super::{Format, ReadOptions, read_bytes};
use crate::error::{Error, Place};

/// Candidates, in the order in which they win ties.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads the cells of a text file.
pub(crate) fn read(path: &Path, format: Format, options: &ReadOptions) -> Result<Grid, Error> {
    let file = path.display().to_string();
    if let Some(sheet) = &options.sheet {
        return Err(Error::OptionNotForFormat {
            file,
            option: format!("sheet {sheet}"),
            format: format.label().into(),
        });
    }
    let bytes = read_bytes(path)?;
    parse(&file, &bytes, format, options.encoding.as_deref())
}

/// The cells of the bytes of `file`.
pub(crate) fn parse(
    file: &str,
    bytes: &[u8],
    format: Format,
    encoding: Option<&str>,
) -> Result<Grid, Error> {
    check_content(file, bytes, format)?;
    let decoded = decode(file, bytes, encoding)?;
    let text = plain_line_ends(
        decoded
            .text
            .strip_prefix('\u{feff}')
            .map_or(Cow::Borrowed(decoded.text.as_ref()), Cow::Borrowed),
    );
    if let Some(offset) = text.as_bytes().iter().position(|byte| *byte == 0) {
        return Err(Error::NulByte {
            at: Box::new(Place::file(file).row(line_of(text.as_bytes(), offset))),
            offset,
        });
    }
    if text.trim().is_empty() {
        return Err(Error::Empty {
            at: Box::new(Place::file(file)),
        });
    }
    let delimiter = match format {
        Format::Tsv => b'\t',
        _ => delimiter(text.as_bytes()),
    };
    let mut grid = split(file, text.as_bytes(), delimiter)?;
    grid.notes.extend(decoded.note);
    Ok(grid)
}

/// Cells of text in which lines end in LF or CRLF.
fn split(file: &str, text: &[u8], delimiter: u8) -> Result<Grid, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut record = csv::ByteRecord::new();
    let mut buffer: Vec<u8> = Vec::with_capacity(text.len());
    let (mut ends, mut starts, mut lines) = (Vec::new(), vec![0usize], Vec::new());
    let (mut line, mut counted) = (1usize, 0usize);
    loop {
        let from = offset(reader.position(), text.len());
        let more = reader
            .read_byte_record(&mut record)
            .map_err(|error| Error::Unreadable {
                file: file.into(),
                reason: error.to_string(),
            })?;
        if !more {
            break;
        }
        let to = offset(reader.position(), text.len());
        // Blank lines above the row were skipped with it.
        let start = from
            + text[from..to]
                .iter()
                .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                .count();
        line += newlines(&text[counted..start]);
        counted = start;
        let raw = &text[start..to];
        if to == text.len() && newlines(raw) > 1 && odd_quotes(raw) {
            return Err(Error::OpenQuote {
                at: Box::new(Place::file(file).row(line)),
            });
        }
        let base = buffer.len();
        buffer.extend_from_slice(record.as_slice());
        ends.extend(
            (0..record.len())
                .filter_map(|i| record.range(i))
                .map(|r| base + r.end),
        );
        starts.push(ends.len());
        lines.push(line);
    }
    let text = String::from_utf8(buffer).map_err(|error| Error::Unreadable {
        file: file.into(),
        reason: error.to_string(),
    })?;
    Ok(Grid::from_text(file.into(), text, ends, starts, lines))
}

fn offset(position: &csv::Position, length: usize) -> usize {
    usize::try_from(position.byte())
        .unwrap_or(length)
        .min(length)
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn odd_quotes(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Files of old Macintosh programs end lines in CR alone.
fn plain_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains('\n') {
        Cow::Owned(text.replace('\r', "\n"))
    } else {
        text
    }
}

/// The delimiter that stands in most of the first hundred lines; among equals the one that stands there most often.
pub(crate) fn delimiter(text: &[u8]) -> u8 {
    let mut found = [(0usize, 0usize); DELIMITERS.len()];
    let mut quoted = false;
    for line in text.split(|byte| *byte == b'\n').take(100) {
        let mut counts = [0usize; DELIMITERS.len()];
        for byte in line {
            if *byte == b'"' {
                quoted = !quoted;
            } else if !quoted && let Some(which) = DELIMITERS.iter().position(|d| d == byte) {
                counts[which] += 1;
            }
        }
        for (total, count) in found.iter_mut().zip(counts) {
            total.0 += usize::from(count > 0);
            total.1 += count;
        }
    }
    let mut best = 0;
    for which in 1..DELIMITERS.len() {
        if found[which] > found[best] {
            best = which;
        }
    }
    DELIMITERS[best]
}

/// Catches workbooks and Parquet files under the name of a text file.
pub(crate) fn check_content(file: &str, bytes: &[u8], format: Format) -> Result<(), Error> {
    let found = if bytes.starts_with(b"PK\x03\x04") {
        "a zip archive (an .xlsx or .ods workbook?)"
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        "an old Excel workbook (.xls)"
    } else if bytes.starts_with(b"PAR1") {
        "a Parquet file"
    } else if bytes.starts_with(b"ARROW1") {
        "an Arrow file"
    } else if bytes.starts_with(b"<stata_dta>") {
        "a Stata file"
    } else {
        return Ok(());
    };
    Err(Error::WrongContent {
        file: file.into(),
        expected: format!("{} text", format.label()),
        found: found.into(),
        hint: "rename the file or say its format".into(),
    })
}
