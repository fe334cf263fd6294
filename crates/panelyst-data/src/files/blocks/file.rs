//! Parts of a text file, cut where lines start.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::NotPlain;

/// Bytes read at a time when the end of a line is looked for.
const STEP: u64 = 4096;

/// A text file of known length.
pub(crate) struct TextFile {
    path: PathBuf,
    /// Bytes in it.
    pub length: u64,
}

/// The lines that start at the bytes `start..end`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u64,
    end: u64,
    /// Whether a line starts at `start` whatever stands before it.
    first: bool,
}

impl TextFile {
    /// Looks at a file.
    pub fn open(path: &Path) -> Result<Self, NotPlain> {
        let length = std::fs::metadata(path).map_err(|_| NotPlain)?.len();
        Ok(Self {
            path: path.to_path_buf(),
            length,
        })
    }

    /// Cuts the file from a byte on, at which a line starts.
    pub fn spans(&self, from: u64, size: u64) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut start = from;
        while start < self.length {
            let end = (start + size).min(self.length);
            spans.push(Span {
                start,
                end,
                first: start == from,
            });
            start = end;
        }
        spans
    }

    /// At most `length` bytes from the start of the file.
    pub fn head(&self, length: u64) -> Result<Vec<u8>, NotPlain> {
        let mut bytes = Vec::new();
        self.append(0, length.min(self.length), &mut bytes)?;
        Ok(bytes)
    }

    /// Number of lines that start in a span.
    pub fn lines(&self, span: Span) -> Result<usize, NotPlain> {
        // The line break before a line counts it; behind the last line break of the file no line starts.
        let from = if span.first {
            span.start
        } else {
            span.start - 1
        };
        let mut bytes = Vec::new();
        self.append(from, span.end - 1, &mut bytes)?;
        Ok(usize::from(span.first) + memchr::memchr_iter(b'\n', &bytes).count())
    }

    /// The lines that start in a span, each with its line break; one is added at the end of the file if need be.
    pub fn bytes_of_lines(&self, span: Span) -> Result<Vec<u8>, NotPlain> {
        let from = if span.first {
            span.start
        } else {
            span.start - 1
        };
        let mut bytes = Vec::with_capacity(usize::try_from(span.end - from + STEP).unwrap_or(0));
        self.append(from, span.end, &mut bytes)?;
        let last = bytes.len() - 1;
        let mut seen = last;
        let mut at = span.end;
        // The last line that starts in the span ends at the first line break at or behind its last byte.
        let end = loop {
            if let Some(found) = memchr::memchr(b'\n', &bytes[seen..]) {
                break seen + found + 1;
            }
            seen = bytes.len();
            if at >= self.length {
                bytes.push(b'\n');
                break bytes.len();
            }
            let next = (at + STEP).min(self.length);
            self.append(at, next, &mut bytes)?;
            at = next;
        };
        bytes.truncate(end);
        if !span.first {
            // Up to the first line break lies a line that starts before the span.
            let start = memchr::memchr(b'\n', &bytes).map_or(end, |found| found + 1);
            bytes.drain(..start);
        }
        Ok(bytes)
    }

    fn append(&self, from: u64, to: u64, bytes: &mut Vec<u8>) -> Result<(), NotPlain> {
        let length = to.saturating_sub(from);
        let mut file = File::open(&self.path).map_err(|_| NotPlain)?;
        file.seek(SeekFrom::Start(from)).map_err(|_| NotPlain)?;
        bytes.reserve(usize::try_from(length).map_err(|_| NotPlain)?);
        let read = file.take(length).read_to_end(bytes).map_err(|_| NotPlain)?;
        if read as u64 == length {
            Ok(())
        } else {
            Err(NotPlain)
        }
    }
}
