//! Keys of effects and clusters to codes of levels.
//!
//! Whole numbers whose range is known and compact are their own codes, less the smallest. Everything else needs one scan
//! of the key columns that collects the distinct values; codes follow their sorted order.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use super::lanes::Scans;
use super::plan::Plan;
use crate::Error;

/// The code of a missing key.
pub(super) const MISSING: u32 = u32::MAX;

/// The codes of a column of a piece.
pub(super) struct Codes {
    pub codes: Vec<u32>,
    /// Whether a key is missing.
    pub missing: bool,
}

/// How a column is coded.
enum Coder {
    /// Whole numbers from a smallest one on.
    Dense { least: i64, size: usize },
    /// Whole numbers, truth values, and numbers by their bits.
    Table(Table),
    /// Text.
    Text(HashMap<Box<str>, u32>),
}

/// How columns of keys become codes of groupings.
pub(super) struct Groupings {
    names: Vec<String>,
    coders: Vec<Coder>,
    groups: Vec<Group>,
}

/// One grouping: columns in mixed radix, compacted where most combinations do not occur.
struct Group {
    columns: Vec<usize>,
    compact: Option<Table>,
    size: usize,
}

impl Groupings {
    /// Looks at the ranges of keys, and scans the columns for which that is not enough.
    pub fn new(plan: &Plan<'_>, scans: &mut Scans<'_>) -> Result<Self, Error> {
        let most = dense_limit(scans.total);
        let schema = scans.source.schema();
        let mut coders: Vec<Option<Coder>> = plan
            .keys
            .iter()
            .map(|name| {
                let field = schema.field_with_name(name).ok()?;
                if *field.data_type() != DataType::Int64 {
                    return None;
                }
                let (least, greatest) = scans.source.range(name)?;
                let size = greatest.checked_sub(least)?.checked_add(1)?;
                let size = usize::try_from(size).ok().filter(|size| *size <= most)?;
                Some(Coder::Dense { least, size })
            })
            .collect();
        let open: Vec<usize> = (0..coders.len())
            .filter(|&at| coders[at].is_none())
            .collect();
        if !open.is_empty() {
            let columns: Vec<String> = open.iter().map(|&at| plan.keys[at].clone()).collect();
            let limit = scans.limits.memory / 4;
            let found = scans.scan(
                &columns,
                |_| {
                    columns
                        .iter()
                        .map(|_| Distinct::default())
                        .collect::<Vec<_>>()
                },
                |found, piece| {
                    for (name, found) in columns.iter().zip(found.iter_mut()) {
                        found.add(column(piece.batch, name)?);
                    }
                    let bytes: u64 = found.iter().map(Distinct::bytes).sum();
                    if bytes > limit {
                        return Err(Error::Memory {
                            needed: 8 * bytes,
                            levels: 8 * bytes,
                            given: 4 * limit,
                        });
                    }
                    Ok(())
                },
            )?;
            let mut merged: Vec<Distinct> = columns.iter().map(|_| Distinct::default()).collect();
            for lane in found {
                for (all, lane) in merged.iter_mut().zip(lane) {
                    all.merge(lane);
                }
            }
            for (&at, found) in open.iter().zip(merged) {
                coders[at] = Some(found.coder(most));
            }
        }
        let mut all = Self {
            names: plan.keys.clone(),
            coders: coders.into_iter().flatten().collect(),
            groups: Vec::new(),
        };
        for columns in &plan.groupings {
            let columns: Vec<usize> = columns
                .iter()
                .filter_map(|name| plan.keys.iter().position(|key| key == name))
                .collect();
            let size = columns
                .iter()
                .try_fold(1usize, |size, &at| size.checked_mul(all.coders[at].size()))
                .filter(|size| i64::try_from(*size).is_ok());
            let Some(size) = size else {
                return Err(Error::NotStreamed {
                    what: "a combination of keys with more than 2^63 possible levels".into(),
                    advice: "number the combinations in a column of their own".into(),
                });
            };
            all.groups.push(Group {
                columns,
                compact: None,
                size,
            });
        }
        all.compact(scans, most)?;
        Ok(all)
    }

    /// Collects the combinations that occur, where there could be too many.
    fn compact(&mut self, scans: &mut Scans<'_>, most: usize) -> Result<(), Error> {
        let wide: Vec<usize> = (0..self.groups.len())
            .filter(|&at| self.groups[at].size > most)
            .collect();
        if wide.is_empty() {
            return Ok(());
        }
        let found = scans.scan(
            &self.names,
            |_| wide.iter().map(|_| Distinct::default()).collect::<Vec<_>>(),
            |found, piece| {
                let codes = self.column_codes(piece.batch)?;
                for (&group, found) in wide.iter().zip(found.iter_mut()) {
                    for row in 0..piece.batch.num_rows() {
                        if let Some(key) = self.mixed(&self.groups[group], &codes, row) {
                            found.whole(key);
                        }
                    }
                }
                Ok(())
            },
        )?;
        let mut merged: Vec<Distinct> = wide.iter().map(|_| Distinct::default()).collect();
        for lane in found {
            for (all, lane) in merged.iter_mut().zip(lane) {
                all.merge(lane);
            }
        }
        for (&group, found) in wide.iter().zip(merged) {
            let table = found.table();
            self.groups[group].size = table.filled;
            self.groups[group].compact = Some(table);
        }
        Ok(())
    }

    /// Number of codes of a grouping, some of which may not occur.
    pub fn size(&self, group: usize) -> usize {
        self.groups[group].size
    }

    /// Number of groupings.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Bytes of all tables.
    pub fn bytes(&self) -> u64 {
        let coders = self.coders.iter().map(|coder| match coder {
            Coder::Dense { .. } => 0,
            Coder::Table(table) => table.bytes(),
            Coder::Text(map) => map.keys().map(|key| key.len() as u64 + 56).sum(),
        });
        let compact = self
            .groups
            .iter()
            .filter_map(|group| group.compact.as_ref());
        coders.sum::<u64>() + compact.map(Table::bytes).sum::<u64>()
    }

    /// Codes of every key column of a batch.
    pub fn column_codes(&self, batch: &RecordBatch) -> Result<Vec<Codes>, Error> {
        self.names
            .iter()
            .zip(&self.coders)
            .map(|(name, coder)| coder.codes(name, column(batch, name)?))
            .collect()
    }

    /// The codes of a grouping in all rows of a batch, from the codes of its columns; in rows where one of those is missing
    /// they say nothing.
    pub fn codes<'c>(&self, group: usize, columns: &'c [Codes], rows: usize) -> Cow<'c, [u32]> {
        if let [only] = self.groups[group].columns.as_slice() {
            return Cow::Borrowed(&columns[*only].codes);
        }
        (0..rows)
            .map(|row| self.code(group, columns, row))
            .collect()
    }

    /// The code of a grouping in a row, from the codes of its columns.
    pub fn code(&self, group: usize, codes: &[Codes], row: usize) -> u32 {
        let group = &self.groups[group];
        if let [only] = group.columns.as_slice() {
            return codes[*only].codes[row];
        }
        match (self.mixed(group, codes, row), &group.compact) {
            (Some(key), Some(table)) => table.get(key).unwrap_or(MISSING),
            (Some(key), None) => key as u32,
            (None, _) => MISSING,
        }
    }

    fn mixed(&self, group: &Group, codes: &[Codes], row: usize) -> Option<i64> {
        let mut key = 0i64;
        for &at in &group.columns {
            let code = codes[at].codes[row];
            if code == MISSING {
                return None;
            }
            key = key * self.coders[at].size() as i64 + i64::from(code);
        }
        Some(key)
    }
}

/// Ranges up to this size are held as they are: they cost little beside the rows.
fn dense_limit(rows: u64) -> usize {
    usize::try_from(rows.saturating_mul(2))
        .unwrap_or(usize::MAX)
        .clamp(1 << 16, 1 << 31)
}

/// A column of a batch.
pub(super) fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef, Error> {
    batch.column_by_name(name).ok_or_else(|| Error::Source {
        reason: format!("column `{name}` is missing in a part of the data"),
    })
}

impl Coder {
    fn size(&self) -> usize {
        match self {
            Self::Dense { size, .. } => *size,
            Self::Table(table) => table.filled,
            Self::Text(map) => map.len(),
        }
    }

    fn codes(&self, name: &str, array: &ArrayRef) -> Result<Codes, Error> {
        let changed = || Error::Source {
            reason: format!("column `{name}` holds another value than in the scan before"),
        };
        let mut codes = Vec::with_capacity(array.len());
        match self {
            Self::Dense { least, size } => {
                let values = array.as_primitive_opt::<Int64Type>().ok_or_else(changed)?;
                if values.null_count() == 0 {
                    let mut outside = false;
                    codes.extend(values.values().iter().map(|value| {
                        let code = value.wrapping_sub(*least) as u64;
                        outside |= code >= *size as u64;
                        code as u32
                    }));
                    if outside {
                        return Err(changed());
                    }
                    return Ok(Codes {
                        codes,
                        missing: false,
                    });
                }
                for (row, value) in values.values().iter().enumerate() {
                    let code = value.wrapping_sub(*least) as u64;
                    if values.is_null(row) {
                        codes.push(MISSING);
                    } else if code < *size as u64 {
                        codes.push(code as u32);
                    } else {
                        return Err(changed());
                    }
                }
            }
            Self::Table(table) => {
                for key in whole_keys(array) {
                    codes.push(match key {
                        None => MISSING,
                        Some(key) => table.get(key).ok_or_else(changed)?,
                    });
                }
            }
            Self::Text(map) => {
                let text = array.as_string_opt::<i32>().ok_or_else(changed)?;
                for cell in text {
                    codes.push(match cell {
                        None => MISSING,
                        Some(cell) => *map.get(cell).ok_or_else(changed)?,
                    });
                }
            }
        }
        let missing = codes.contains(&MISSING);
        Ok(Codes { codes, missing })
    }
}

/// Numbers and truth values as whole numbers in the same order.
fn whole_keys(array: &ArrayRef) -> Vec<Option<i64>> {
    match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().iter().collect(),
        DataType::Float64 => array
            .as_primitive::<Float64Type>()
            .iter()
            .map(|value| value.map(ordered_bits))
            .collect(),
        DataType::Boolean => array
            .as_boolean()
            .iter()
            .map(|value| value.map(i64::from))
            .collect(),
        _ => vec![None; array.len()],
    }
}

/// Distinct values of a column.
#[derive(Default)]
struct Distinct {
    whole: Table,
    text: BTreeSet<Box<str>>,
    text_bytes: u64,
    is_text: bool,
    plain: bool,
}

impl Distinct {
    fn add(&mut self, array: &ArrayRef) {
        self.plain = *array.data_type() == DataType::Int64;
        if let Some(text) = array.as_string_opt::<i32>() {
            self.is_text = true;
            for cell in text.iter().flatten() {
                if !self.text.contains(cell) {
                    self.text_bytes += cell.len() as u64 + 48;
                    self.text.insert(cell.into());
                }
            }
            return;
        }
        for key in whole_keys(array).into_iter().flatten() {
            self.whole(key);
        }
    }

    fn whole(&mut self, key: i64) {
        self.whole.insert(key, 0);
    }

    fn bytes(&self) -> u64 {
        self.whole.bytes() + self.text_bytes
    }

    fn merge(&mut self, other: Self) {
        self.is_text |= other.is_text;
        self.plain |= other.plain;
        self.text.extend(other.text);
        for (key, code) in other.whole.slots {
            if code != MISSING {
                self.whole(key);
            }
        }
    }

    fn sorted(&self) -> Vec<i64> {
        let slots = self.whole.slots.iter();
        let mut keys: Vec<i64> = slots
            .filter(|(_, code)| *code != MISSING)
            .map(|(key, _)| *key)
            .collect();
        keys.sort_unstable();
        keys
    }

    fn table(self) -> Table {
        let mut table = Table::default();
        for (code, key) in self.sorted().into_iter().enumerate() {
            table.insert(key, code as u32);
        }
        table
    }

    fn coder(self, most: usize) -> Coder {
        if self.is_text {
            let sorted = self.text.into_iter().enumerate();
            return Coder::Text(sorted.map(|(code, key)| (key, code as u32)).collect());
        }
        let sorted = self.sorted();
        if self.plain
            && let (Some(least), Some(greatest)) = (sorted.first(), sorted.last())
            && let Some(size) = greatest.checked_sub(*least)
            && (size as u64) < most as u64
        {
            return Coder::Dense {
                least: *least,
                size: size as usize + 1,
            };
        }
        Coder::Table(self.table())
    }
}

/// Whole numbers to codes: open addressing with linear probing; at most half of the slots are filled.
#[derive(Default)]
struct Table {
    slots: Vec<(i64, u32)>,
    filled: usize,
}

impl Table {
    fn bytes(&self) -> u64 {
        16 * self.slots.len() as u64
    }

    /// Fibonacci hashing (Knuth 1998, section 6.4).
    fn home(&self, key: i64) -> usize {
        let mixed = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 32)) as usize & (self.slots.len() - 1)
    }

    fn get(&self, key: i64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.home(key);
        loop {
            let (known, code) = self.slots[at];
            if code == MISSING {
                return None;
            }
            if known == key {
                return Some(code);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn insert(&mut self, key: i64, code: u32) {
        if 2 * (self.filled + 1) > self.slots.len() {
            let size = (2 * self.slots.len()).max(64);
            let old = std::mem::replace(&mut self.slots, vec![(0, MISSING); size]);
            self.filled = 0;
            for (key, code) in old {
                if code != MISSING {
                    self.insert(key, code);
                }
            }
        }
        let mut at = self.home(key);
        while self.slots[at].1 != MISSING {
            if self.slots[at].0 == key {
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = (key, code);
        self.filled += 1;
    }
}

/// A number as a whole number in the same order: its bits, reversed for negative ones; -0 is 0.
fn ordered_bits(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64;
    if bits < 0 { bits ^ i64::MAX } else { bits }
}
