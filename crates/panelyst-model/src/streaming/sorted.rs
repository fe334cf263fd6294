//! Levels of the other effects in the order of the levels of the effect that is eliminated.
//!
//! A product with the Schur complement then goes through the memory in order, once, and touches at random only the levels of
//! the other effects, of which there are fewer. Built where memory allows; else products run over the rows as they lie.

use std::ops::Range;

use rayon::prelude::*;

use super::levels::LevelSums;
use super::store::{Rows, Store};
use super::width::{Width, add, with_width};
use crate::Error;

/// Most lanes: each looks at all rows while it is built.
const LANES: usize = 4;

/// A place in the vector of the other effects.
trait Entry: Copy + Default + Send + Sync {
    fn new(place: usize) -> Self;
    fn place(self) -> usize;
}

impl Entry for u16 {
    fn new(place: usize) -> Self {
        place as Self
    }

    #[inline(always)]
    fn place(self) -> usize {
        usize::from(self)
    }
}

impl Entry for u32 {
    fn new(place: usize) -> Self {
        place as Self
    }

    #[inline(always)]
    fn place(self) -> usize {
        self as usize
    }
}

/// Some levels of the first effect and their rows.
struct Lane<E> {
    levels: Range<usize>,
    /// Of each row the places of its levels in the other effects, side by side.
    entries: Vec<E>,
    /// Where the rows are weighted.
    weights: Vec<f64>,
}

/// All rows.
enum Lanes {
    Short(Vec<Lane<u16>>),
    Long(Vec<Lane<u32>>),
}

/// The rows of all levels of the first effect.
pub(super) struct Sorted {
    lanes: Lanes,
    /// Other effects.
    others: usize,
    /// Columns and levels of all other effects.
    width: usize,
    size: usize,
}

/// Which rows are sorted: their groupings, that of the effect that is eliminated first, and where each other effect begins
/// in the vector of all.
pub(super) struct Order<'a> {
    pub store: &'a Store,
    pub parts: usize,
    pub groups: &'a [usize],
    pub offsets: &'a [usize],
    pub size: usize,
    pub width: usize,
    pub weighted: bool,
}

impl Order<'_> {
    /// Bytes that so many sorted rows take, with what is needed while they are sorted.
    fn bytes(&self, rows: usize, levels: usize) -> u64 {
        let entry = if self.size <= 1 << 16 { 2 } else { 4 };
        let row = entry * self.offsets.len() + if self.weighted { 8 } else { 0 };
        (rows * row + 4 * levels) as u64
    }

    /// Sorts the rows, if that fits into so many bytes.
    pub fn sorted(&self, first: &LevelSums, bytes: u64) -> Result<Option<Sorted>, Error> {
        let rows: usize = first.counts.iter().map(|n| *n as usize).sum();
        if self.bytes(rows, first.counts.len()) > bytes || u32::try_from(rows).is_err() {
            return Ok(None);
        }
        let lanes = if self.size <= 1 << 16 {
            Lanes::Short(self.lanes(&first.counts, rows)?)
        } else {
            Lanes::Long(self.lanes(&first.counts, rows)?)
        };
        Ok(Some(Sorted {
            lanes,
            others: self.offsets.len(),
            width: self.width,
            size: self.size,
        }))
    }

    fn lanes<E: Entry>(&self, counts: &[u32], rows: usize) -> Result<Vec<Lane<E>>, Error> {
        let mut cuts = vec![0];
        let mut before = 0;
        for (level, &count) in counts.iter().enumerate() {
            before += count as usize;
            if before * LANES >= rows * cuts.len() {
                cuts.push(level + 1);
            }
        }
        cuts.push(counts.len());
        cuts.dedup();
        cuts.par_windows(2)
            .with_max_len(1)
            .map(|cut| self.lane(counts, cut[0]..cut[1]))
            .collect()
    }

    fn lane<E: Entry>(&self, counts: &[u32], levels: Range<usize>) -> Result<Lane<E>, Error> {
        let others = self.offsets.len();
        let mut next = Vec::with_capacity(levels.len());
        let mut rows = 0u32;
        for &count in &counts[levels.clone()] {
            next.push(rows);
            rows += count;
        }
        let mut lane = Lane {
            levels: levels.clone(),
            entries: vec![E::default(); rows as usize * others],
            weights: vec![0.0; if self.weighted { rows as usize } else { 0 }],
        };
        let mut place = |rows: &Rows| {
            for (row, &code) in rows.codes[0].iter().enumerate() {
                let Some(next) = next.get_mut((code as usize).wrapping_sub(levels.start)) else {
                    continue;
                };
                let to = *next as usize;
                *next += 1;
                let entries = &mut lane.entries[to * others..(to + 1) * others];
                for ((entry, codes), offset) in
                    entries.iter_mut().zip(&rows.codes[1..]).zip(self.offsets)
                {
                    *entry = E::new(offset + codes[row] as usize);
                }
                if let Some(weight) = lane.weights.get_mut(to) {
                    *weight = rows.weight(row);
                }
            }
        };
        self.store.each(0..self.parts, self.groups, &mut place)?;
        Ok(lane)
    }
}

impl Sorted {
    /// What the first effect takes from the other effects: less the weighted sums, over the rows of each other level, of
    /// the means that the first effect's levels have of a vector; with several other effects, and the sums of the vector
    /// itself.
    pub fn product(&self, first: &LevelSums, vector: &[f64]) -> Vec<f64> {
        let lanes = |lane: &mut dyn FnMut(&mut [f64])| {
            let mut out = vec![0.0; self.size * self.width];
            lane(&mut out);
            out
        };
        let parts: Vec<Vec<f64>> = match &self.lanes {
            Lanes::Short(all) => all
                .par_iter()
                .with_max_len(1)
                .map(|lane| lanes(&mut |out| self.product_of(lane, first, vector, out)))
                .collect(),
            Lanes::Long(all) => all
                .par_iter()
                .with_max_len(1)
                .map(|lane| lanes(&mut |out| self.product_of(lane, first, vector, out)))
                .collect(),
        };
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            add(&mut all, &part);
        }
        all
    }

    fn product_of<E: Entry>(
        &self,
        lane: &Lane<E>,
        first: &LevelSums,
        vector: &[f64],
        out: &mut [f64],
    ) {
        with_width!(self.width, w => product(w, self.others, lane, first, vector, out));
    }
}

fn product<W: Width, E: Entry>(
    w: W,
    others: usize,
    lane: &Lane<E>,
    first: &LevelSums,
    vector: &[f64],
    out: &mut [f64],
) {
    let width = w.get();
    let at = |entry: &E| entry.place() * width;
    let mut mean = w.row();
    let mean = mean.as_mut();
    let mut value = w.row();
    let value = value.as_mut();
    let mut begin = 0;
    for level in lane.levels.clone() {
        let end = begin + first.counts[level] as usize;
        let entries = &lane.entries[begin * others..end * others];
        mean.fill(0.0);
        if lane.weights.is_empty() {
            for entry in entries {
                let from = &vector[at(entry)..][..width];
                for j in 0..width {
                    mean[j] += from[j];
                }
            }
        } else {
            let rows = entries.chunks_exact(others);
            for (row, weight) in rows.zip(&lane.weights[begin..end]) {
                for entry in row {
                    let from = &vector[at(entry)..][..width];
                    for j in 0..width {
                        mean[j] += weight * from[j];
                    }
                }
            }
        }
        let weight = first.weights[level];
        if weight > 0.0 {
            for j in 0..width {
                mean[j] /= weight;
            }
        }
        if others == 1 && lane.weights.is_empty() {
            for entry in entries {
                let to = &mut out[at(entry)..][..width];
                for j in 0..width {
                    to[j] -= mean[j];
                }
            }
        } else {
            for (row, entries) in entries.chunks_exact(others).enumerate() {
                for j in 0..width {
                    value[j] = -mean[j];
                }
                if others > 1 {
                    for entry in entries {
                        let from = &vector[at(entry)..][..width];
                        for j in 0..width {
                            value[j] += from[j];
                        }
                    }
                }
                let weight = lane.weights.get(begin + row).copied().unwrap_or(1.0);
                for entry in entries {
                    let to = &mut out[at(entry)..][..width];
                    for j in 0..width {
                        to[j] += weight * value[j];
                    }
                }
            }
        }
        begin = end;
    }
}
