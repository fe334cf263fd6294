//! Lengths in Arrow IPC files held against the size of the file.
//!
//! The Arrow reader reserves as much memory as a message says it needs before it reads it; a damaged length would end
//! the program. So every length is checked first. Layout: Arrow columnar format, sections "IPC Streaming Format" and
//! "IPC File Format".

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::unreadable;
use crate::error::Error;

/// Bytes behind the footer of a file: its length and the mark `ARROW1`.
const TAIL: u64 = 10;

/// Every message of a stream lies within the file.
///
/// # Errors
/// A length that reaches beyond the end, or metadata that cannot be read.
pub(super) fn check_stream(path: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut at = 0;
    while at + 4 <= size {
        let mut length = word(&mut file, at).map_err(failed)?;
        at += 4;
        if length == u32::MAX && at + 4 <= size {
            length = word(&mut file, at).map_err(failed)?;
            at += 4;
        }
        if length == 0 {
            break;
        }
        let metadata = bytes(path, &mut file, at, u64::from(length), size)?;
        let message =
            arrow_ipc::root_as_message(&metadata).map_err(|error| unreadable(path, &error))?;
        at += u64::from(length);
        let body = message.bodyLength();
        let body = u64::try_from(body).map_err(|_| beyond(path, body))?;
        at = at
            .checked_add(body)
            .filter(|end| *end <= size)
            .ok_or_else(|| beyond(path, body))?;
    }
    Ok(())
}

/// The footer of a file and every block that it names lie within the file.
///
/// # Errors
/// As [`check_stream`].
pub(super) fn check_file(path: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let tail = size
        .checked_sub(TAIL)
        .ok_or_else(|| unreadable(path, &"the end of the file is missing"))?;
    let length = u64::from(word(&mut file, tail).map_err(failed)?);
    let start = tail
        .checked_sub(length)
        .ok_or_else(|| beyond(path, length))?;
    let footer = bytes(path, &mut file, start, length, size)?;
    let footer = arrow_ipc::root_as_footer(&footer).map_err(|error| unreadable(path, &error))?;
    let blocks = footer.dictionaries().into_iter().flatten();
    for block in blocks.chain(footer.recordBatches().into_iter().flatten()) {
        let parts = [
            block.offset(),
            i64::from(block.metaDataLength()),
            block.bodyLength(),
        ];
        let end = parts.iter().try_fold(0_u64, |end, part| {
            u64::try_from(*part)
                .ok()
                .and_then(|part| end.checked_add(part))
        });
        if end.is_none_or(|end| end > size) {
            return Err(beyond(path, block.bodyLength()));
        }
    }
    Ok(())
}

fn word(file: &mut File, at: u64) -> std::io::Result<u32> {
    let mut word = [0; 4];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut word)?;
    Ok(u32::from_le_bytes(word))
}

fn bytes(path: &Path, file: &mut File, at: u64, length: u64, size: u64) -> Result<Vec<u8>, Error> {
    if length > size.saturating_sub(at) {
        return Err(beyond(path, length));
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| beyond(path, length))?];
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.read_exact(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

fn beyond(path: &Path, length: impl std::fmt::Display) -> Error {
    unreadable(
        path,
        &format!("it is damaged: a part of {length} bytes reaches beyond the end of the file"),
    )
}
