//! Scans: contiguous ranges of a source, side by side, with their progress.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow_array::RecordBatch;
use rayon::prelude::*;

use super::keys::Groupings;
use super::plan::Plan;
use super::{BatchSource, Limits};
use crate::Error;

/// Most lanes of a scan.
const LANES: usize = 8;

/// How far a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which scan, from 1.
    pub scan: usize,
    /// Rows read in it.
    pub rows: u64,
    /// Rows of the source.
    pub total: u64,
}

/// A source, its lanes, and the scans done so far.
pub(super) struct Scans<'a> {
    pub source: &'a dyn BatchSource,
    pub limits: &'a Limits<'a>,
    /// Parts of each lane.
    pub lanes: Vec<std::ops::Range<usize>>,
    /// Rows before each part.
    pub first_rows: Vec<u64>,
    pub total: u64,
    /// Scans begun.
    pub done: usize,
    /// Bytes that codes may take.
    pub for_codes: u64,
    /// Bytes that codes and whatever else may take while no scan runs.
    pub between: u64,
}

/// A piece of a part.
pub(super) struct Piece<'b> {
    pub part: usize,
    /// Row of the source that is its first, from 0.
    pub first_row: u64,
    pub batch: &'b RecordBatch,
}

impl<'a> Scans<'a> {
    pub fn new(source: &'a dyn BatchSource, limits: &'a Limits<'a>) -> Self {
        let mut first_rows = Vec::with_capacity(source.parts());
        let mut total = 0;
        for part in 0..source.parts() {
            first_rows.push(total);
            total += source.rows(part) as u64;
        }
        let mut scans = Self {
            source,
            limits,
            lanes: Vec::new(),
            first_rows,
            total,
            done: 0,
            for_codes: 0,
            between: 0,
        };
        scans.lanes = scans.cut(2);
        scans
    }

    /// As many lanes as the sums of the levels leave memory for; the codes get what is left.
    pub fn set_lanes(&mut self, plan: &Plan<'_>, keys: &Groupings) -> Result<(), Error> {
        let width = plan.width() as u64;
        let size = |groups: &[usize]| -> u64 { groups.iter().map(|&g| keys.size(g) as u64).sum() };
        let effects = size(&plan.effect_groups);
        let crossed: Vec<usize> = plan.crossed.into_iter().collect();
        let clusters = size(&plan.cluster_groups) + size(&crossed);
        // Sums of the levels of each lane, of all of them, the solver's vectors, and the codes of the levels themselves.
        let a_lane = effects * (8 * width + 12) + clusters * 8 * width + BUFFER;
        let fixed = effects * (40 * width + 24) + clusters * (8 * width + 8) + keys.bytes();
        let usable = self.limits.memory / 10 * 8;
        let available = usable.saturating_sub(fixed) / 2;
        let lanes = usize::try_from(available / a_lane.max(1)).unwrap_or(LANES);
        if lanes == 0 {
            return Err(Error::Memory {
                needed: (fixed + 2 * a_lane) / 8 * 10,
                levels: (fixed + 2 * (a_lane - BUFFER)) / 8 * 10,
                given: self.limits.memory,
            });
        }
        self.lanes = self.cut(lanes.min(LANES));
        self.between = usable - fixed;
        self.for_codes = usable - fixed - self.lanes.len() as u64 * a_lane;
        Ok(())
    }

    /// Cuts the parts into at most so many ranges of about as many rows.
    fn cut(&self, lanes: usize) -> Vec<std::ops::Range<usize>> {
        let parts = self.first_rows.len();
        let mut cuts: Vec<usize> = (0..lanes as u64)
            .map(|lane| {
                let row = self.total * lane / lanes as u64;
                self.first_rows.partition_point(|first| *first < row)
            })
            .collect();
        cuts.push(parts);
        cuts.dedup();
        cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
    }

    /// Whether work between scans should go on.
    pub fn goes_on(&self) -> bool {
        (self.limits.progress)(Progress {
            scan: self.done,
            rows: self.total,
            total: self.total,
        })
    }

    /// Runs one scan: every lane folds its pieces in order.
    pub fn scan<T: Send>(
        &mut self,
        columns: &[String],
        start: impl Fn(usize) -> T + Sync,
        fold: impl Fn(&mut T, &Piece<'_>) -> Result<(), Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        self.done += 1;
        let rows = AtomicU64::new(0);
        let failed = AtomicBool::new(false);
        let scan = self.done;
        let one = |lane: usize, range: &std::ops::Range<usize>| -> Result<T, Error> {
            let mut state = start(lane);
            for part in range.clone() {
                let mut first_row = self.first_rows[part];
                self.source.scan(part, columns, &mut |batch| {
                    let piece = Piece {
                        part,
                        first_row,
                        batch,
                    };
                    fold(&mut state, &piece)?;
                    let read = batch.num_rows() as u64;
                    first_row += read;
                    let rows = rows.fetch_add(read, Ordering::Relaxed) + read;
                    let goes_on = (self.limits.progress)(Progress {
                        scan,
                        rows,
                        total: self.total,
                    });
                    if goes_on {
                        Ok(())
                    } else {
                        Err(Error::Interrupted)
                    }
                })?;
                if failed.load(Ordering::Relaxed) {
                    break;
                }
            }
            Ok(state)
        };
        let results: Vec<Result<T, Error>> = self
            .lanes
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .map(|(lane, range)| {
                one(lane, range).inspect_err(|_| failed.store(true, Ordering::Relaxed))
            })
            .collect();
        results.into_iter().collect()
    }
}

/// Bytes that a reader and the columns of a piece take in each lane.
const BUFFER: u64 = 24 << 20;
