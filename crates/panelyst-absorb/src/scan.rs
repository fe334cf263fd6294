//! Scans over rows in fixed chunks: sums of columns by level, and sums over all rows.
//!
//! The chunks depend on the data only, never on the number of threads, and partial sums are combined in the order of
//! the chunks, so every sum has the same bits at any number of threads.

use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

/// Rows of one chunk.
pub(crate) const CHUNK_ROWS: usize = 16_384;

/// Levels of one chunk where work is cut by levels.
pub(crate) const CHUNK_LEVELS: usize = 2_048;

/// Sum of `value(row)` over all rows.
pub(crate) fn total(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let partial: Vec<f64> = (0..rows.div_ceil(CHUNK_ROWS))
        .into_par_iter()
        .map(|chunk| {
            let end = rows.min((chunk + 1) * CHUNK_ROWS);
            (chunk * CHUNK_ROWS..end).map(&value).sum()
        })
        .collect();
    partial.iter().sum()
}

/// Rows of each level, in ascending order within a level.
#[derive(Clone, Debug)]
pub(crate) struct RowOrder {
    /// Where each level begins in `rows`, and the end.
    starts: Vec<u32>,
    /// Rows by level; empty when the codes are sorted already, so that the order is that of the rows.
    rows: Vec<u32>,
}

impl RowOrder {
    /// Counting sort of rows by code; codes lie in `0..levels`.
    pub(crate) fn new(codes: &[u32], levels: usize) -> Self {
        let mut starts = vec![0u32; levels + 1];
        for &code in codes {
            starts[code as usize + 1] += 1;
        }
        for level in 0..levels {
            starts[level + 1] += starts[level];
        }
        let rows = if codes.is_sorted() {
            Vec::new()
        } else {
            let mut next = starts.clone();
            let mut rows = vec![0u32; codes.len()];
            for (row, &code) in codes.iter().enumerate() {
                let slot = &mut next[code as usize];
                rows[*slot as usize] = row as u32;
                *slot += 1;
            }
            rows
        };
        Self { starts, rows }
    }

    /// Calls `visit` for each row of a level, ascending.
    pub(crate) fn each_row(&self, level: usize, mut visit: impl FnMut(usize)) {
        let (start, end) = (self.starts[level] as usize, self.starts[level + 1] as usize);
        if self.rows.is_empty() {
            (start..end).for_each(visit);
        } else {
            for &row in &self.rows[start..end] {
                visit(row as usize);
            }
        }
    }
}

/// How sums by level are formed.
#[derive(Clone, Debug)]
enum Plan {
    /// Each chunk of rows sums into a window of levels (few levels, or rows nearly sorted by level):
    /// first level and number of levels of each chunk's window.
    Windows(Vec<(u32, u32)>),
    /// Each level gathers its rows (many levels in no order).
    Gather(RowOrder),
}

/// Rows grouped by the levels of one effect.
#[derive(Clone, Debug)]
pub(crate) struct Grouping {
    /// Level of each row.
    pub(crate) codes: ScalarBuffer<u32>,
    /// Number of levels.
    pub(crate) levels: usize,
    plan: Plan,
}

impl Grouping {
    /// Chooses how to sum: by windows when all windows together are small beside rows and levels.
    pub(crate) fn new(codes: ScalarBuffer<u32>, levels: usize) -> Self {
        let windows: Vec<(u32, u32)> = codes
            .par_chunks(CHUNK_ROWS)
            .map(|chunk| {
                let (low, high) = chunk
                    .iter()
                    .fold((u32::MAX, 0), |(low, high), &c| (low.min(c), high.max(c)));
                (low, high + 1 - low)
            })
            .collect();
        let size: usize = windows.iter().map(|window| window.1 as usize).sum();
        let plan = if size <= codes.len() / 4 + 2 * levels {
            Plan::Windows(windows)
        } else {
            Plan::Gather(RowOrder::new(&codes, levels))
        };
        Self {
            codes,
            levels,
            plan,
        }
    }

    /// Rows by level.
    pub(crate) fn order(&self) -> RowOrder {
        match &self.plan {
            Plan::Gather(order) => order.clone(),
            Plan::Windows(_) => RowOrder::new(&self.codes, self.levels),
        }
    }

    /// Sums by level of `count` columns; `column(j)` gives the function from row to value of column `j`.
    pub(crate) fn sums<F, G>(&self, count: usize, column: F) -> Vec<Vec<f64>>
    where
        F: Fn(usize) -> G + Sync,
        G: Fn(usize) -> f64,
    {
        match &self.plan {
            Plan::Windows(windows) => self.sums_in_windows(windows, count, column),
            Plan::Gather(order) => self.sums_gathered(order, count, column),
        }
    }

    fn sums_in_windows<F, G>(
        &self,
        windows: &[(u32, u32)],
        count: usize,
        column: F,
    ) -> Vec<Vec<f64>>
    where
        F: Fn(usize) -> G + Sync,
        G: Fn(usize) -> f64,
    {
        let partial: Vec<Vec<f64>> = self
            .codes
            .par_chunks(CHUNK_ROWS)
            .zip(windows)
            .enumerate()
            .map(|(chunk, (codes, &(low, len)))| {
                let mut sums = vec![0.0; len as usize * count];
                for (j, window) in sums.chunks_exact_mut(len as usize).enumerate() {
                    let value = column(j);
                    for (offset, &code) in codes.iter().enumerate() {
                        window[(code - low) as usize] += value(chunk * CHUNK_ROWS + offset);
                    }
                }
                sums
            })
            .collect();
        (0..count)
            .into_par_iter()
            .map(|j| {
                let mut sums = vec![0.0; self.levels];
                for (&(low, len), window) in windows.iter().zip(&partial) {
                    let len = len as usize;
                    let levels = &mut sums[low as usize..low as usize + len];
                    for (level, value) in levels.iter_mut().zip(&window[j * len..(j + 1) * len]) {
                        *level += value;
                    }
                }
                sums
            })
            .collect()
    }

    fn sums_gathered<F, G>(&self, order: &RowOrder, count: usize, column: F) -> Vec<Vec<f64>>
    where
        F: Fn(usize) -> G + Sync,
        G: Fn(usize) -> f64,
    {
        (0..count)
            .map(|j| {
                let mut sums = vec![0.0; self.levels];
                sums.par_chunks_mut(CHUNK_LEVELS)
                    .enumerate()
                    .for_each(|(chunk, sums)| {
                        let value = column(j);
                        for (offset, sum) in sums.iter_mut().enumerate() {
                            let mut total = 0.0;
                            order.each_row(chunk * CHUNK_LEVELS + offset, |row| {
                                total += value(row);
                            });
                            *sum = total;
                        }
                    });
                sums
            })
            .collect()
    }
}
