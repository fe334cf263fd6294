//! The first rows of a text table: delimiter, names of the columns, what their cells look like.

use super::NotPlain;
use super::cells::{Kind, Line};
use super::file::TextFile;
use crate::cleaning::number::{Aside, Marks, Reading, read_number};
use crate::files::Format;
use crate::files::delimited::{check_content, delimiter};

/// Bytes that are looked at.
const LENGTH: u64 = 1 << 16;

/// Lines that decide about the delimiter.
const LINES: usize = 100;

/// Rows whose cells tell the kinds of the columns.
const SAMPLE: usize = 200;

/// What the first rows say.
pub(crate) struct Head {
    pub delimiter: u8,
    pub names: Vec<String>,
    pub kinds: Vec<Kind>,
    /// Where the rows start, in bytes.
    pub data: u64,
}

/// Reads the head of a file.
pub(crate) fn read(file: &TextFile, format: Format) -> Result<Head, NotPlain> {
    let all = file.head(LENGTH)?;
    check_content("", &all, format).map_err(|_| NotPlain)?;
    let text = all.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&all);
    let whole = all.len() as u64 == file.length;
    if !whole && memchr::memchr_iter(b'\n', text).count() <= LINES {
        return Err(NotPlain);
    }
    let delimiter = match format {
        Format::Tsv => b'\t',
        _ => delimiter(text),
    };
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().ok_or(NotPlain)?;
    let mut names: Vec<String> = Vec::new();
    for cell in Line::new(first, delimiter) {
        let name = cell?;
        if name.is_empty() || names.iter().any(|known| known == name) {
            return Err(NotPlain);
        }
        names.push(name.into());
    }
    // A byte order mark inside the text, or none that was stripped here, is for the grid to judge.
    if names.is_empty() || first.first().is_none_or(|byte| *byte == 0xef) {
        return Err(NotPlain);
    }
    let mut kinds = vec![Kind::Whole; names.len()];
    let marks = Marks::default();
    for line in lines.take(SAMPLE) {
        // The last line of what was read may be cut.
        if !line.ends_with(b"\n") {
            break;
        }
        for (kind, cell) in kinds.iter_mut().zip(Line::new(line, delimiter)) {
            *kind = (*kind).max(kind_of(&read_number(cell?, &marks)));
        }
    }
    Ok(Head {
        delimiter,
        names,
        kinds,
        data: (all.len() - text.len() + first.len()) as u64,
    })
}

/// The kind of column that a cell of itself would make.
pub(crate) fn kind_of(reading: &Reading) -> Kind {
    match reading {
        Reading::Blank | Reading::Missing => Kind::Whole,
        Reading::Number {
            whole,
            aside: Aside::None,
            ..
        } => {
            if whole.is_some() {
                Kind::Whole
            } else {
                Kind::Real
            }
        }
        _ => Kind::Text,
    }
}
