//! Codes of the rows used, packed, in memory or in an unnamed temporary file that ends with the process.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::Mutex;

use super::keys::Groupings;
use crate::Error;

/// Rows that are unpacked at a time.
const BLOCK: usize = 4096;

/// Bytes of one kind of one part.
enum Bytes {
    Memory(Vec<u8>),
    File { at: u64, length: usize },
}

/// The rows used of one part.
struct Part {
    rows: usize,
    /// Codes of each grouping, then the weights if there are any.
    columns: Vec<Bytes>,
    /// Which rows of the part are used, where not all are.
    keep: Option<Vec<u64>>,
}

/// The rows used of one part while they are gathered.
pub(super) struct Gathering {
    pub part: usize,
    rows: usize,
    columns: Vec<Vec<u8>>,
    /// A bit for each row seen; none as long as all are used.
    keep: Option<Vec<u64>>,
    seen: usize,
}

impl Gathering {
    /// Notes which of the next rows are used.
    fn mark(&mut self, rows: usize, keep: Option<&[bool]>) {
        let from = self.seen;
        self.seen += rows;
        if keep.is_none() && self.keep.is_none() {
            return;
        }
        // All rows before the first that is not used were used.
        let bits = self.keep.get_or_insert_with(|| {
            let mut bits = vec![u64::MAX; from.div_ceil(64)];
            if let (Some(last), left @ 1..) = (bits.last_mut(), from % 64) {
                *last = (1 << left) - 1;
            }
            bits
        });
        bits.resize(self.seen.div_ceil(64), 0);
        for row in 0..rows {
            let used = keep.is_none_or(|keep| keep[row]);
            bits[(from + row) / 64] |= u64::from(used) << ((from + row) % 64);
        }
    }
}

/// The rows used of all parts.
pub(super) struct Store {
    widths: Vec<usize>,
    weighted: bool,
    parts: Vec<Option<Part>>,
    file: Option<Mutex<File>>,
}

/// Rows unpacked.
#[derive(Default)]
pub(super) struct Rows {
    /// Number of rows.
    pub len: usize,
    /// Codes of each grouping asked for.
    pub codes: Vec<Vec<u32>>,
    /// Weights, where there are any.
    pub weights: Vec<f64>,
}

impl Rows {
    /// The weight of a row, 1 without weights.
    #[inline(always)]
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.get(row).copied().unwrap_or(1.0)
    }
}

impl Store {
    /// An empty store; codes go to a file where more than `limit` bytes are expected for `rows` rows.
    pub fn new(
        keys: &Groupings,
        weighted: bool,
        parts: usize,
        rows: u64,
        limit: u64,
    ) -> Result<Self, Error> {
        let mut widths: Vec<usize> = (0..keys.len())
            .map(|group| match keys.size(group) {
                0..=0x100 => 1,
                0x101..=0x1_0000 => 2,
                _ => 4,
            })
            .collect();
        if weighted {
            widths.push(8);
        }
        let bytes = rows * widths.iter().sum::<usize>() as u64;
        let file = if bytes > limit {
            let file = tempfile::tempfile().map_err(|error| spilled(&error))?;
            Some(Mutex::new(file))
        } else {
            None
        };
        Ok(Self {
            widths,
            weighted,
            parts: (0..parts).map(|_| None).collect(),
            file,
        })
    }

    /// Whether rows have weights.
    pub fn weighted(&self) -> bool {
        self.weighted
    }

    /// Bytes of memory that the codes take.
    pub fn held(&self) -> u64 {
        let of = |column: &Bytes| match column {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File { .. } => 0,
        };
        let parts = self.parts.iter().flatten();
        parts.flat_map(|part| &part.columns).map(of).sum()
    }

    /// Where the codes are, in words.
    pub fn whereabouts(&self) -> &'static str {
        match self.file {
            Some(_) => "in a temporary file",
            None => "in memory",
        }
    }

    /// Begins a part of so many rows.
    pub fn begin(&self, part: usize, rows: usize) -> Gathering {
        Gathering {
            part,
            rows: 0,
            columns: self
                .widths
                .iter()
                .map(|width| Vec::with_capacity(width * rows))
                .collect(),
            keep: None,
            seen: 0,
        }
    }

    /// Adds a piece of so many rows, of which all or some are used; codes and weights are those of the rows used.
    pub fn add(
        &self,
        into: &mut Gathering,
        rows: usize,
        keep: Option<&[bool]>,
        codes: &[impl AsRef<[u32]>],
        weights: Option<&[f64]>,
    ) {
        into.mark(rows, keep);
        into.rows += match keep {
            None => rows,
            Some(keep) => keep.iter().filter(|keep| **keep).count(),
        };
        for ((column, codes), width) in into.columns.iter_mut().zip(codes).zip(&self.widths) {
            let codes = codes.as_ref();
            match width {
                1 => column.extend(codes.iter().map(|code| *code as u8)),
                2 => column.extend(codes.iter().flat_map(|code| (*code as u16).to_le_bytes())),
                _ => column.extend(codes.iter().flat_map(|code| code.to_le_bytes())),
            }
        }
        if let (Some(weights), Some(column)) = (weights, into.columns.last_mut()) {
            column.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
        }
    }

    /// Packs a part away.
    pub fn end(&self, gathered: Gathering) -> Result<(usize, StoredPart), Error> {
        let columns = gathered
            .columns
            .into_iter()
            .map(|mut bytes| match &self.file {
                None => {
                    bytes.shrink_to_fit();
                    Ok(Bytes::Memory(bytes))
                }
                Some(file) => {
                    let mut file = file.lock().map_err(|_| Error::Interrupted)?;
                    let at = file
                        .seek(SeekFrom::End(0))
                        .map_err(|error| spilled(&error))?;
                    file.write_all(&bytes).map_err(|error| spilled(&error))?;
                    Ok(Bytes::File {
                        at,
                        length: bytes.len(),
                    })
                }
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let part = Part {
            rows: gathered.rows,
            columns,
            keep: gathered.keep,
        };
        Ok((gathered.part, StoredPart(part)))
    }

    /// Puts a part in its place.
    pub fn put(&mut self, (at, StoredPart(part)): (usize, StoredPart)) {
        self.parts[at] = Some(part);
    }

    /// Which rows of a range of a part are used; none where all are.
    pub fn kept(&self, part: usize, rows: Range<usize>) -> Option<Vec<bool>> {
        match &self.parts[part] {
            None => Some(vec![false; rows.len()]),
            Some(part) => {
                let bits = part.keep.as_ref()?;
                let used =
                    |row: usize| bits.get(row / 64).is_some_and(|w| w >> (row % 64) & 1 == 1);
                Some(rows.map(used).collect())
            }
        }
    }

    /// Unpacks the rows `from..to` among the rows used of a part, for some groupings.
    pub fn unpack(
        &self,
        part: usize,
        range: Range<usize>,
        groups: &[usize],
        rows: &mut Rows,
    ) -> Result<(), Error> {
        rows.len = range.len();
        rows.codes.resize_with(groups.len(), Vec::new);
        let Some(part) = &self.parts[part] else {
            rows.len = 0;
            return Ok(());
        };
        let mut buffer = Vec::new();
        for (&group, codes) in groups.iter().zip(&mut rows.codes) {
            codes.clear();
            let width = self.widths[group];
            let bytes = self.bytes(&part.columns[group], &range, width, &mut buffer)?;
            match width {
                1 => codes.extend(bytes.iter().map(|byte| u32::from(*byte))),
                2 => codes.extend(
                    bytes
                        .as_chunks::<2>()
                        .0
                        .iter()
                        .map(|pair| u32::from(u16::from_le_bytes(*pair))),
                ),
                _ => codes.extend(
                    bytes
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .map(|four| u32::from_le_bytes(*four)),
                ),
            }
        }
        rows.weights.clear();
        if self.weighted
            && let Some(column) = part.columns.last()
        {
            let bytes = self.bytes(column, &range, 8, &mut buffer)?;
            let eights = bytes.as_chunks::<8>().0.iter();
            rows.weights
                .extend(eights.map(|eight| f64::from_le_bytes(*eight)));
        }
        Ok(())
    }

    fn bytes<'s>(
        &'s self,
        column: &'s Bytes,
        range: &Range<usize>,
        width: usize,
        buffer: &'s mut Vec<u8>,
    ) -> Result<&'s [u8], Error> {
        let (from, to) = (range.start * width, range.end * width);
        match (column, &self.file) {
            (Bytes::Memory(bytes), _) => Ok(&bytes[from..to]),
            (Bytes::File { at, length }, Some(file)) => {
                buffer.resize(to.min(*length) - from, 0);
                let mut file = file.lock().map_err(|_| Error::Interrupted)?;
                file.seek(SeekFrom::Start(at + from as u64))
                    .and_then(|_| file.read_exact(buffer))
                    .map_err(|error| spilled(&error))?;
                Ok(buffer)
            }
            (Bytes::File { .. }, None) => Ok(&[]),
        }
    }

    /// Gives all rows used of some parts, block by block and in order.
    pub fn each(
        &self,
        parts: Range<usize>,
        groups: &[usize],
        mut visit: impl FnMut(&Rows),
    ) -> Result<(), Error> {
        // A read of a file should be worth its call.
        let block = if self.file.is_some() {
            64 * BLOCK
        } else {
            BLOCK
        };
        let mut rows = Rows::default();
        for part in parts {
            let total = self.parts[part].as_ref().map_or(0, |part| part.rows);
            let mut from = 0;
            while from < total {
                let to = (from + block).min(total);
                self.unpack(part, from..to, groups, &mut rows)?;
                visit(&rows);
                from = to;
            }
        }
        Ok(())
    }
}

/// A part that was packed.
pub(super) struct StoredPart(Part);

fn spilled(error: &std::io::Error) -> Error {
    Error::Source {
        reason: format!("the temporary file for codes of levels: {error}"),
    }
}
