//! Cross-products of two effects, compressed to the pairs of levels that occur together.
//!
//! A pair of levels is a cell. However many rows a cell has, it holds one number for each pair of the two effects'
//! columns, so the solver never touches rows.

use crate::basis::Basis;
use crate::scan::{CHUNK_LEVELS, RowOrder};
use rayon::prelude::*;

/// Several right-hand sides side by side: one value for each.
pub(crate) type Lanes<const M: usize> = [f64; M];

/// Block matrix over levels of one effect (rows) and of another (columns).
#[derive(Clone, Debug)]
pub(crate) struct Cross {
    /// Where the cells of each row level begin, and the end.
    starts: Vec<usize>,
    /// Column level of each cell, ascending within a row level.
    columns: Vec<u32>,
    /// Values of each cell, height x width by rows.
    values: Vec<f64>,
    /// Columns of the row effect's basis.
    height: usize,
    /// Columns of the column effect's basis.
    width: usize,
}

impl Cross {
    /// Sums the weighted products of two bases by cells; `order` holds the rows by level of `rows`.
    pub(crate) fn new(
        rows: &Basis,
        columns: &Basis,
        order: &RowOrder,
        weights: Option<&[f64]>,
    ) -> Self {
        let (height, width) = (rows.width(), columns.width());
        let plain = rows.slopes.is_empty() && columns.slopes.is_empty();
        let pieces: Vec<(Vec<usize>, Vec<u32>, Vec<f64>)> = (0..rows
            .levels()
            .div_ceil(CHUNK_LEVELS))
            .into_par_iter()
            .map(|chunk| {
                let end = rows.levels().min((chunk + 1) * CHUNK_LEVELS);
                let (mut ends, mut cells, mut values) = (Vec::new(), Vec::new(), Vec::new());
                let mut keys: Vec<u64> = Vec::new();
                for level in chunk * CHUNK_LEVELS..end {
                    keys.clear();
                    order.each_row(level, |row| {
                        keys.push(u64::from(columns.grouping.codes[row]) << 32 | row as u64);
                    });
                    keys.sort_unstable();
                    let mut last = None;
                    for &key in &keys {
                        let (code, row) = ((key >> 32) as u32, key as u32 as usize);
                        if last != Some(code) {
                            last = Some(code);
                            cells.push(code);
                            values.resize(values.len() + height * width, 0.0);
                        }
                        let start = values.len() - height * width;
                        let weight = weights.map_or(1.0, |w| w[row]);
                        if plain {
                            values[start] += weight;
                            continue;
                        }
                        for i in 0..height {
                            let left = weight * rows.value(row, i);
                            for k in 0..width {
                                values[start + i * width + k] += left * columns.value(row, k);
                            }
                        }
                    }
                    if plain {
                        let first = ends.last().copied().unwrap_or(0);
                        for cell in first..cells.len() {
                            values[cell] *= rows.scale[level] * columns.scale[cells[cell] as usize];
                        }
                    }
                    ends.push(cells.len());
                }
                (ends, cells, values)
            })
            .collect();
        let cells = pieces.iter().map(|piece| piece.1.len()).sum();
        let mut cross = Self {
            starts: Vec::with_capacity(rows.levels() + 1),
            columns: Vec::with_capacity(cells),
            values: Vec::with_capacity(cells * height * width),
            height,
            width,
        };
        cross.starts.push(0);
        for (ends, columns, values) in pieces {
            let before = cross.columns.len();
            cross.starts.extend(ends.iter().map(|end| before + end));
            cross.columns.extend(columns);
            cross.values.extend(values);
        }
        cross
    }

    /// The transposed matrix; `levels` is the number of column levels.
    pub(crate) fn transpose(&self, levels: usize) -> Self {
        let mut starts = vec![0usize; levels + 1];
        for &column in &self.columns {
            starts[column as usize + 1] += 1;
        }
        for level in 0..levels {
            starts[level + 1] += starts[level];
        }
        let size = self.height * self.width;
        let mut next = starts.clone();
        let mut columns = vec![0u32; self.columns.len()];
        let mut values = vec![0.0; self.values.len()];
        for row in 0..self.starts.len() - 1 {
            for cell in self.starts[row]..self.starts[row + 1] {
                let slot = &mut next[self.columns[cell] as usize];
                columns[*slot] = row as u32;
                for i in 0..self.height {
                    for k in 0..self.width {
                        values[*slot * size + k * self.height + i] =
                            self.values[cell * size + i * self.width + k];
                    }
                }
                *slot += 1;
            }
        }
        Self {
            starts,
            columns,
            values,
            height: self.width,
            width: self.height,
        }
    }

    /// Adds `sign` times the product with `input` to `output`, which begins at row level `first`.
    pub(crate) fn accumulate<const M: usize>(
        &self,
        sign: f64,
        input: &[Lanes<M>],
        first: usize,
        output: &mut [Lanes<M>],
    ) {
        let (height, width) = (self.height, self.width);
        if height == 1 && width == 1 {
            for (offset, target) in output.iter_mut().enumerate() {
                let mut sum = [0.0; M];
                let (start, end) = (self.starts[first + offset], self.starts[first + offset + 1]);
                for (&column, &value) in self.columns[start..end]
                    .iter()
                    .zip(&self.values[start..end])
                {
                    let source = &input[column as usize];
                    for lane in 0..M {
                        sum[lane] += value * source[lane];
                    }
                }
                for lane in 0..M {
                    target[lane] += sign * sum[lane];
                }
            }
            return;
        }
        for (offset, target) in output.chunks_exact_mut(height).enumerate() {
            for cell in self.starts[first + offset]..self.starts[first + offset + 1] {
                let source = self.columns[cell] as usize * width;
                for i in 0..height {
                    for k in 0..width {
                        let value = sign * self.values[(cell * height + i) * width + k];
                        for lane in 0..M {
                            target[i][lane] += value * input[source + k][lane];
                        }
                    }
                }
            }
        }
    }

    /// Calls `visit(column, value)` for each number of one row, columns counted over levels, `k` fastest.
    pub(crate) fn each_in_row(&self, row: usize, mut visit: impl FnMut(usize, f64)) {
        let (level, i) = (row / self.height, row % self.height);
        for cell in self.starts[level]..self.starts[level + 1] {
            for k in 0..self.width {
                visit(
                    self.columns[cell] as usize * self.width + k,
                    self.values[(cell * self.height + i) * self.width + k],
                );
            }
        }
    }
}
