//! Rows put in the order of the effect with most levels.
//!
//! All work with effects that are intercepts only runs over groups of neighbouring rows, one group for each level of the
//! leading effect: its means and sums never leave the registers, and the other effects' levels are one list of numbers.

use crate::Error;
use crate::absorber::Effect;
use crate::scan::CHUNK_ROWS;
use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;
use std::ops::Range;

/// Chunks of groups at most: each holds sums by level of the other effects for itself.
const CHUNKS: usize = 64;

/// Chunks that there are in any case where there are rows enough, so that threads have something to share.
const SHARED: usize = 8;

/// Rows at most that are put in order on the calling thread.
const SMALL: usize = 32_768;

/// Rows by level of the leading effect, and the other effects' levels in that order.
#[derive(Debug)]
pub(super) struct Layout {
    /// Number of rows.
    pub(super) rows: usize,
    /// Which effect leads: that with most levels.
    pub(super) lead: usize,
    /// Its levels by row, as they were given.
    pub(super) lead_codes: ScalarBuffer<u32>,
    /// Row at each place; absent when rows are in the order of the leading effect already.
    pub(super) order: Option<Vec<u32>>,
    /// Place of each row, where rows are in another order.
    pub(super) places: Option<Vec<u32>>,
    /// First place of each level of the leading effect, and the end.
    pub(super) starts: Vec<u32>,
    /// Effects beside the leading one, in their order.
    pub(super) rest: Vec<usize>,
    /// Number of the first unknown of each effect in `rest`, and the end: one unknown a level.
    pub(super) offsets: Vec<usize>,
    /// Unknowns of each place, one for each effect in `rest`, side by side.
    pub(super) unknowns: ScalarBuffer<u32>,
    /// Weight at each place.
    pub(super) weights: Option<Vec<f64>>,
    /// Weight of each level of the leading effect.
    pub(super) mass: Vec<f64>,
    /// Levels of the leading effect in each chunk: about the same number of rows.
    pub(super) chunks: Vec<Range<usize>>,
}

impl Layout {
    /// Sorts rows by the effect with most levels. `weights` are positive and finite.
    ///
    /// # Errors
    /// Codes outside the levels, vectors of different lengths, levels of the leading effect without rows.
    pub(super) fn new(effects: &[&Effect], weights: Option<Vec<f64>>) -> Result<Self, Error> {
        let rows = effects[0].codes.len();
        for (index, effect) in effects.iter().enumerate() {
            check_codes(index, effect, rows)?;
        }
        let mut lead = 0;
        for (index, effect) in effects.iter().enumerate() {
            if effect.levels > effects[lead].levels {
                lead = index;
            }
        }
        let (starts, order) = sort_rows(&effects[lead].codes, effects[lead].levels);
        if let Some(level) = starts.windows(2).position(|pair| pair[0] == pair[1]) {
            return Err(Error::UnusedLevel {
                effect: lead,
                level,
            });
        }
        let rest: Vec<usize> = (0..effects.len()).filter(|&e| e != lead).collect();
        let mut offsets = vec![0];
        for &effect in &rest {
            offsets.push(offsets[offsets.len() - 1] + effects[effect].levels);
        }
        let size = offsets[rest.len()];
        let mut layout = Self {
            rows,
            lead,
            lead_codes: effects[lead].codes.clone(),
            unknowns: unknowns(effects, &rest, &offsets, order.as_deref()),
            places: order.as_deref().map(invert),
            order,
            starts,
            rest,
            offsets,
            weights: None,
            mass: Vec::new(),
            chunks: Vec::new(),
        };
        layout.chunks = layout.cut(size);
        layout.reweight(weights);
        Ok(layout)
    }

    /// What a function makes of each chunk, in the order of the chunks.
    pub(super) fn each_chunk<T: Send>(&self, work: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        match self.chunks.len() {
            1 => vec![work(0)],
            count => (0..count).into_par_iter().map(work).collect(),
        }
    }

    /// Takes other weights, one a row.
    pub(super) fn reweight(&mut self, weights: Option<Vec<f64>>) {
        self.weights = match &self.order {
            None => weights,
            Some(_) => weights.map(|weights| self.in_order(&weights)),
        };
        let starts = &self.starts;
        self.mass = match &self.weights {
            None => starts
                .windows(2)
                .map(|pair| f64::from(pair[1] - pair[0]))
                .collect(),
            Some(weights) => starts
                .par_windows(2)
                .with_min_len(4096)
                .map(|pair| weights[pair[0] as usize..pair[1] as usize].iter().sum())
                .collect(),
        };
    }

    /// Unknowns: levels of the effects beside the leading one.
    pub(super) fn size(&self) -> usize {
        self.offsets[self.rest.len()]
    }

    /// Levels of the leading effect.
    pub(super) fn levels(&self) -> usize {
        self.starts.len() - 1
    }

    /// Places of a level of the leading effect.
    pub(super) fn places(&self, level: usize) -> Range<usize> {
        self.starts[level] as usize..self.starts[level + 1] as usize
    }

    /// Places of a chunk.
    pub(super) fn chunk_places(&self, chunk: usize) -> Range<usize> {
        let levels = &self.chunks[chunk];
        self.starts[levels.start] as usize..self.starts[levels.end] as usize
    }

    /// Unknowns at a place.
    pub(super) fn at(&self, place: usize) -> &[u32] {
        let width = self.rest.len();
        &self.unknowns[place * width..(place + 1) * width]
    }

    /// Unknowns of some places, side by side.
    pub(super) fn unknowns_of(&self, places: &Range<usize>) -> &[u32] {
        let width = self.rest.len();
        &self.unknowns[places.start * width..places.end * width]
    }

    /// A column by place.
    pub(super) fn in_order(&self, column: &[f64]) -> Vec<f64> {
        match &self.order {
            None => column.to_vec(),
            Some(order) => order
                .par_iter()
                .with_min_len(CHUNK_ROWS)
                .map(|&row| column[row as usize])
                .collect(),
        }
    }

    /// Level at each place of an effect.
    pub(super) fn codes(&self, effect: usize) -> ScalarBuffer<u32> {
        if effect == self.lead {
            if self.order.is_none() {
                return self.lead_codes.clone();
            }
            let mut codes = vec![0; self.rows];
            for level in 0..self.levels() {
                codes[self.places(level)].fill(level as u32);
            }
            return codes.into();
        }
        let width = self.rest.len();
        let position = self.rest.iter().position(|&e| e == effect).unwrap_or(0);
        let offset = self.offsets[position] as u32;
        self.unknowns
            .iter()
            .skip(position)
            .step_by(width)
            .map(|&unknown| unknown - offset)
            .collect()
    }

    /// Cuts the leading levels into chunks. Their number depends on the data only: the sums by level of four columns in
    /// all chunks together stay at a quarter of a column in size, unless that leaves few chunks.
    fn cut(&self, size: usize) -> Vec<Range<usize>> {
        let by_size = (self.rows / (16 * size.max(1))).max(SHARED);
        let count = (self.rows / CHUNK_ROWS).clamp(1, CHUNKS.min(by_size));
        let step = self.rows.div_ceil(count);
        let mut chunks = Vec::with_capacity(count);
        let mut first = 0;
        while first < self.levels() {
            let target = self.starts[first] as usize + step;
            let end = self.starts[first + 1..].partition_point(|&start| (start as usize) < target)
                + first
                + 1;
            let end = end.min(self.levels());
            chunks.push(first..end);
            first = end;
        }
        chunks
    }
}

/// Where each row stands in an order of rows.
fn invert(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0u32; order.len()];
    for (place, &row) in order.iter().enumerate() {
        places[row as usize] = place as u32;
    }
    places
}

/// Unknowns of every place, side by side.
fn unknowns(
    effects: &[&Effect],
    rest: &[usize],
    offsets: &[usize],
    order: Option<&[u32]>,
) -> ScalarBuffer<u32> {
    let width = rest.len();
    match (rest, order) {
        ([], _) => return ScalarBuffer::default(),
        // The codes of the only other effect are the unknowns.
        (&[effect], None) => return effects[effect].codes.clone(),
        _ => {}
    }
    let mut all = vec![0u32; effects[0].codes.len() * width];
    let fill = |(chunk, target): (usize, &mut [u32])| {
        let start = chunk * CHUNK_ROWS;
        for (position, &effect) in rest.iter().enumerate() {
            let codes = &effects[effect].codes[..];
            let offset = offsets[position] as u32;
            let slots = target.iter_mut().skip(position).step_by(width);
            match order {
                None => {
                    for (slot, code) in slots.zip(&codes[start..]) {
                        *slot = code + offset;
                    }
                }
                Some(order) => {
                    for (slot, &row) in slots.zip(&order[start..]) {
                        *slot = codes[row as usize] + offset;
                    }
                }
            }
        }
    };
    let pieces = all.par_chunks_mut(CHUNK_ROWS * width).enumerate();
    pieces.for_each(fill);
    all.into()
}

/// First place of each level and, unless codes ascend, the rows by level (ascending within a level).
fn sort_rows(codes: &[u32], levels: usize) -> (Vec<u32>, Option<Vec<u32>>) {
    if let Some(starts) = ascending(codes, levels) {
        return (starts, None);
    }
    let mut starts = vec![0u32; levels + 1];
    if codes.is_sorted() {
        codes
            .iter()
            .for_each(|&code| starts[code as usize + 1] += 1);
        (0..levels).for_each(|level| starts[level + 1] += starts[level]);
        return (starts, None);
    }
    for &code in codes {
        starts[code as usize + 1] += 1;
    }
    for level in 0..levels {
        starts[level + 1] += starts[level];
    }
    let mut order = vec![0u32; codes.len()];
    // Each task takes a range of levels and looks at all rows; two tasks halve the scattered writes.
    let tasks = if codes.len() <= SMALL { 1 } else { 2 };
    let cuts: Vec<usize> = (0..=tasks)
        .map(|task| {
            let goal = (codes.len() / tasks * task) as u32;
            match task {
                0 => 0,
                _ if task == tasks => levels,
                _ => starts.partition_point(|&start| start < goal).min(levels),
            }
        })
        .collect();
    let mut left = &mut order[..];
    let mut parts = Vec::with_capacity(tasks);
    for pair in cuts.windows(2) {
        let (low, high) = (pair[0], pair[1]);
        let (part, after) = left.split_at_mut((starts[high] - starts[low]) as usize);
        left = after;
        parts.push((low, high, part));
    }
    parts.into_par_iter().for_each(|(low, high, part)| {
        let first = starts[low];
        let mut next: Vec<u32> = starts[low..high].iter().map(|s| s - first).collect();
        let (low, count) = (low as u32, (high - low) as u32);
        for (row, &code) in codes.iter().enumerate() {
            let level = code.wrapping_sub(low);
            if level < count {
                let slot = &mut next[level as usize];
                part[*slot as usize] = row as u32;
                *slot += 1;
            }
        }
    });
    (starts, Some(order))
}

/// First place of each level and the end, where every level follows the one before; `None` otherwise.
fn ascending(codes: &[u32], levels: usize) -> Option<Vec<u32>> {
    let chunk = |(index, piece): (usize, &[u32])| {
        let start = index * CHUNK_ROWS;
        let mut before = match start {
            0 => u32::MAX,
            _ => codes[start - 1],
        };
        let mut changes = Vec::with_capacity(piece.len() / 8);
        for (row, &code) in (start..).zip(piece) {
            match code.wrapping_sub(before) {
                0 => {}
                1 => changes.push(row as u32),
                _ => return None,
            }
            before = code;
        }
        Some(changes)
    };
    let parts: Option<Vec<Vec<u32>>> = if codes.len() <= CHUNK_ROWS {
        chunk((0, codes)).map(|changes| vec![changes])
    } else {
        codes
            .par_chunks(CHUNK_ROWS)
            .enumerate()
            .map(chunk)
            .collect()
    };
    let mut starts = parts?.concat();
    starts.push(codes.len() as u32);
    (starts.len() == levels + 1).then_some(starts)
}

fn check_codes(index: usize, effect: &Effect, rows: usize) -> Result<(), Error> {
    if effect.codes.len() != rows {
        return Err(Error::Length {
            what: format!("effect {index}"),
            expected: rows,
            got: effect.codes.len(),
        });
    }
    let levels = effect.levels;
    let highest = |piece: &[u32]| piece.iter().fold(0, |high, &code| code.max(high));
    let high = if rows <= CHUNK_ROWS {
        highest(&effect.codes)
    } else {
        let pieces = effect.codes.par_chunks(CHUNK_ROWS);
        pieces.map(highest).reduce(|| 0, u32::max)
    };
    if high as usize >= levels
        && let Some(row) = effect.codes.iter().position(|&c| c as usize >= levels)
    {
        return Err(Error::Code {
            effect: index,
            row,
            code: effect.codes[row],
            levels,
        });
    }
    Ok(())
}
