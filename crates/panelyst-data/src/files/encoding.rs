//! Bytes to text: UTF-8 with or without a byte order mark, UTF-16 with one, GB18030, or what was told.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Error, Place};

/// Text of a file, and a note when it was not UTF-8.
pub(crate) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub note: Option<String>,
}

/// Decodes the bytes of `file`.
///
/// Without `told`, a byte order mark decides; then UTF-8 if the bytes are valid; then GB18030 if they are, and if the
/// result reads as Chinese (Western European text is often valid GB18030 by accident).
pub(crate) fn decode<'a>(
    file: &str,
    bytes: &'a [u8],
    told: Option<&str>,
) -> Result<Decoded<'a>, Error> {
    if let Some(label) = told {
        let encoding =
            Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| Error::UnknownEncoding {
                name: label.to_string(),
            })?;
        let (encoding, start) = match Encoding::for_bom(bytes) {
            Some((by_mark, length)) if by_mark == encoding => (encoding, length),
            _ => (encoding, 0),
        };
        return decode_as(file, bytes, start, encoding, "name another encoding").map(|text| {
            Decoded {
                note: (encoding != UTF_8)
                    .then(|| format!("{file}: read as {}, as told", encoding.name())),
                text,
            }
        });
    }
    if let Some((encoding, start)) = Encoding::for_bom(bytes) {
        let hint =
            "the byte order mark at its head says so; save the file again or name the encoding";
        return decode_as(file, bytes, start, encoding, hint).map(|text| Decoded {
            note: (encoding == UTF_16LE || encoding == UTF_16BE)
                .then(|| format!("{file}: read as {} by its byte order mark", encoding.name())),
            text,
        });
    }
    let failed_at = match std::str::from_utf8(bytes) {
        Ok(text) => {
            return Ok(Decoded {
                text: Cow::Borrowed(text),
                note: None,
            });
        }
        Err(error) => error.valid_up_to(),
    };
    if let Some(text) = GB18030.decode_without_bom_handling_and_without_replacement(bytes)
        && reads_as_chinese(bytes)
    {
        return Ok(Decoded {
            text,
            note: Some(format!("{file}: not UTF-8, read as GB18030")),
        });
    }
    Err(bad_byte(
        file,
        bytes,
        failed_at,
        "UTF-8, and the file does not read as GB18030 either",
        "name the encoding (for example windows-1252 or big5) or save the file as UTF-8",
    ))
}

fn decode_as<'a>(
    file: &str,
    bytes: &'a [u8],
    start: usize,
    encoding: &'static Encoding,
    hint: &str,
) -> Result<Cow<'a, str>, Error> {
    if let Some(text) =
        encoding.decode_without_bom_handling_and_without_replacement(&bytes[start..])
    {
        return Ok(text);
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut piece = String::with_capacity(4096);
    let mut at = start;
    loop {
        piece.clear();
        let (result, read) =
            decoder.decode_to_string_without_replacement(&bytes[at..], &mut piece, true);
        at += read;
        match result {
            DecoderResult::OutputFull => {}
            DecoderResult::InputEmpty => break,
            DecoderResult::Malformed(length, after) => {
                at = at.saturating_sub(usize::from(length) + usize::from(after));
                break;
            }
        }
    }
    Err(bad_byte(file, bytes, at, encoding.name(), hint))
}

fn bad_byte(file: &str, bytes: &[u8], offset: usize, tried: &str, hint: &str) -> Error {
    Error::Encoding {
        at: Box::new(Place::file(file).row(line_of(bytes, offset))),
        offset,
        tried: tried.into(),
        hint: hint.into(),
    }
}

/// Line of a byte, from 1.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset.min(bytes.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

/// Whether most two-byte characters have a second byte above 0xA0, as those of GB 2312 have.
fn reads_as_chinese(bytes: &[u8]) -> bool {
    let (mut usual, mut odd) = (0usize, 0usize);
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0x81..=0xfe, Some(0x30..=0x39)) => at += 4,
            (0x81..=0xfe, Some(second)) => {
                if *second >= 0xa1 {
                    usual += 1;
                } else {
                    odd += 1;
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    usual >= odd
}
