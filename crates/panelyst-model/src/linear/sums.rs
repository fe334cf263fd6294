//! Sums over rows in fixed chunks combined in order: the same bits at any number of threads.

use rayon::prelude::*;

/// Rows of one chunk. Chunks bound the growth of rounding errors and give threads something to share.
pub const CHUNK: usize = 8192;

fn dot_chunk(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let tail: f64 = a4
        .remainder()
        .iter()
        .zip(b4.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a4.zip(b4) {
        for lane in 0..4 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + tail
}

/// Sum of products of two columns.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    if a.len() <= CHUNK {
        return dot_chunk(a, b);
    }
    a.par_chunks(CHUNK)
        .zip(b.par_chunks(CHUNK))
        .map(|(x, y)| dot_chunk(x, y))
        .collect::<Vec<_>>()
        .iter()
        .sum()
}

/// Euclidean norm, safe against overflow and underflow of the squares.
pub fn norm(a: &[f64]) -> f64 {
    let squares = dot(a, a);
    if squares.is_finite() && squares > 1e-280 {
        return squares.sqrt();
    }
    let largest = a.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    let scaled: Vec<f64> = a.iter().map(|v| v / largest).collect();
    largest * dot(&scaled, &scaled).sqrt()
}

/// Sum of a column.
pub fn sum(a: &[f64]) -> f64 {
    if a.len() <= CHUNK {
        return a.iter().sum();
    }
    a.par_chunks(CHUNK)
        .map(|x| x.iter().sum::<f64>())
        .collect::<Vec<_>>()
        .iter()
        .sum()
}

/// `y - factor * x`, in place.
pub fn subtract(y: &mut [f64], factor: f64, x: &[f64]) {
    let kernel = |(y, x): (&mut [f64], &[f64])| {
        for (y, x) in y.iter_mut().zip(x) {
            *y -= factor * x;
        }
    };
    if y.len() <= CHUNK {
        kernel((y, x));
    } else {
        y.par_chunks_mut(CHUNK)
            .zip(x.par_chunks(CHUNK))
            .for_each(kernel);
    }
}

/// Mean of a column, with weights if given; the second pass takes out the rounding of the first.
pub fn mean(column: &[f64], weights: Option<&[f64]>) -> f64 {
    let total = weights.map_or(column.len() as f64, sum);
    let first = weights.map_or_else(|| sum(column), |w| dot(column, w)) / total;
    let rest: Vec<f64> = column.iter().map(|v| v - first).collect();
    first + weights.map_or_else(|| sum(&rest), |w| dot(&rest, w)) / total
}

/// Sum of weighted squares.
pub fn weighted_square(column: &[f64], weights: &[f64]) -> f64 {
    column
        .par_chunks(CHUNK)
        .zip(weights.par_chunks(CHUNK))
        .map(|(column, weights)| {
            let pairs = column.iter().zip(weights);
            pairs.map(|(v, w)| w * v * v).sum::<f64>()
        })
        .collect::<Vec<_>>()
        .iter()
        .sum()
}

/// The sum of columns times their factors, one pass over all.
pub fn combination(columns: &[(f64, &[f64])]) -> Vec<f64> {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    let mut out = vec![0.0; rows];
    out.par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, out)| {
            let start = chunk * CHUNK;
            for (place, (factor, column)) in columns.iter().enumerate() {
                let pairs = out.iter_mut().zip(&column[start..]);
                if place == 0 {
                    pairs.for_each(|(out, value)| *out = factor * value);
                } else {
                    pairs.for_each(|(out, value)| *out += factor * value);
                }
            }
        });
    out
}
