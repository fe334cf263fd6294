//! Cholesky factorisation of a dense symmetric positive definite matrix, by blocks.
//!
//! Golub and Van Loan (2013), "Matrix Computations", algorithm 4.2.3 (outer product form, blocked). Every number is
//! computed by the same operations in the same order at any number of threads.

use rayon::prelude::*;

/// Columns eliminated together: a block of rows of this length stays in the first cache.
const BLOCK: usize = 64;

/// Rows of the trailing matrix that one task updates.
const ROWS: usize = 32;

/// Orders below this are factored on the calling thread.
const SMALL: usize = 192;

/// A lower triangle, stored by rows in a square.
#[derive(Clone, Debug)]
pub(crate) struct Lower {
    order: usize,
    values: Vec<f64>,
}

impl Lower {
    /// The lower triangle of `value(row, column)`.
    pub(crate) fn from_fn(order: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let mut values = vec![0.0; order * order];
        for row in 0..order {
            for column in 0..=row {
                values[row * order + column] = value(row, column);
            }
        }
        Self { order, values }
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.order + column]
    }

    /// Solves `L L' x = right` in place.
    pub(crate) fn solve(&self, right: &mut [f64]) {
        let n = self.order;
        for i in 0..n {
            let row = &self.values[i * n..i * n + i + 1];
            right[i] = (right[i] - dot(&row[..i], &right[..i])) / row[i];
        }
        for j in (0..n).rev() {
            let row = &self.values[j * n..j * n + j + 1];
            let value = right[j] / row[j];
            right[j] = value;
            for (right, l) in right[..j].iter_mut().zip(row) {
                *right -= l * value;
            }
        }
    }
}

/// The factor `L` of `A = L L'`, from the lower triangle of `A`; `None` if a pivot is not positive.
pub(crate) fn cholesky(mut matrix: Lower) -> Option<Lower> {
    let n = matrix.order;
    for start in (0..n).step_by(BLOCK) {
        let end = n.min(start + BLOCK);
        for j in start..end {
            let (above, rows) = matrix.values.split_at_mut((j + 1) * n);
            let pivot_row = &mut above[j * n..];
            let pivot = pivot_row[j] - dot(&pivot_row[start..j], &pivot_row[start..j]);
            if pivot.is_nan() || pivot <= 0.0 {
                return None;
            }
            let root = pivot.sqrt();
            pivot_row[j] = root;
            for row in rows.chunks_exact_mut(n) {
                row[j] = (row[j] - dot(&row[start..j], &pivot_row[start..j])) / root;
            }
        }
        let width = end - start;
        let panel: Vec<f64> = (end..n)
            .flat_map(|i| matrix.values[i * n + start..i * n + end].iter().copied())
            .collect();
        let update = |(task, rows): (usize, &mut [f64])| {
            for (offset, row) in rows.chunks_exact_mut(n).enumerate() {
                let i = task * ROWS + offset;
                let own = &panel[i * width..(i + 1) * width];
                let target = &mut row[end..end + i + 1];
                for (target, other) in target.iter_mut().zip(panel.chunks_exact(width)) {
                    *target -= dot(own, other);
                }
            }
        };
        let trailing = &mut matrix.values[end * n..];
        if n < SMALL {
            trailing.chunks_mut(ROWS * n).enumerate().for_each(update);
        } else {
            trailing
                .par_chunks_mut(ROWS * n)
                .enumerate()
                .for_each(update);
        }
    }
    Some(matrix)
}

/// Sum of products, in eight running sums.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let mut tail = 0.0;
    for (x, y) in a8.remainder().iter().zip(b8.remainder()) {
        tail += x * y;
    }
    for (x, y) in a8.zip(b8) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let pairs = [
        lanes[0] + lanes[4],
        lanes[1] + lanes[5],
        lanes[2] + lanes[6],
        lanes[3] + lanes[7],
    ];
    (pairs[0] + pairs[2]) + (pairs[1] + pairs[3]) + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph Laplacian plus a diagonal: positive definite, with pivots of different size.
    fn matrix(n: usize, i: usize, j: usize) -> f64 {
        if i == j {
            n as f64 + i as f64
        } else {
            -1.0 / (1.0 + ((i * 7 + j * 7) % 11) as f64)
        }
    }

    #[test]
    fn the_factor_times_itself_is_the_matrix() {
        for n in [1, 2, 63, 64, 65, 130, 301] {
            let factor = cholesky(Lower::from_fn(n, |i, j| matrix(n, i, j))).expect("definite");
            let mut worst = 0.0_f64;
            for i in 0..n {
                for j in 0..=i {
                    let product: f64 = (0..=j).map(|k| factor.at(i, k) * factor.at(j, k)).sum();
                    worst = worst.max((product - matrix(n, i, j)).abs());
                }
            }
            // Rounding of a sum of n products of size n.
            assert!(worst <= 1e-15 * (n * n) as f64, "{n}: {worst:e}");
            let exact: Vec<f64> = (0..n).map(|i| (i % 5) as f64 - 2.0).collect();
            let mut right: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| matrix(n, i, j) * exact[j]).sum())
                .collect();
            factor.solve(&mut right);
            for (got, expected) in right.iter().zip(&exact) {
                assert!((got - expected).abs() <= 1e-12, "{n}: {got} {expected}");
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_has_no_factor() {
        let indefinite = Lower::from_fn(70, |i, j| {
            if i == j {
                1.0
            } else {
                0.5 - (i == 69) as u8 as f64 * 9.0
            }
        });
        assert!(cholesky(indefinite).is_none());
    }
}
