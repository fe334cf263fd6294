//! Loops over the rows of a piece, with the number of columns known to the compiler where it is small.
//!
//! Numbers of a piece stand row by row, the columns of a row side by side: what a row adds to a level lies in one place.

/// A number of columns.
pub(super) trait Width: Copy + Send + Sync {
    /// As many numbers as there are columns.
    type Row: AsRef<[f64]> + AsMut<[f64]>;
    /// As many numbers as there are pairs of columns.
    type Square;

    fn get(self) -> usize;

    /// Zeros.
    fn row(self) -> Self::Row;

    /// Zeros.
    fn square(self) -> Self::Square;

    fn flat(square: &mut Self::Square) -> &mut [f64];
}

/// A number of columns that the compiler knows.
#[derive(Clone, Copy)]
pub(super) struct Known<const W: usize>;

/// Any number of columns.
#[derive(Clone, Copy)]
pub(super) struct Any(pub usize);

impl<const W: usize> Width for Known<W> {
    type Row = [f64; W];
    type Square = [[f64; W]; W];

    #[inline(always)]
    fn get(self) -> usize {
        W
    }

    #[inline(always)]
    fn row(self) -> [f64; W] {
        [0.0; W]
    }

    #[inline(always)]
    fn square(self) -> [[f64; W]; W] {
        [[0.0; W]; W]
    }

    #[inline(always)]
    fn flat(square: &mut [[f64; W]; W]) -> &mut [f64] {
        square.as_flattened_mut()
    }
}

impl Width for Any {
    type Row = Vec<f64>;
    type Square = Vec<f64>;

    fn get(self) -> usize {
        self.0
    }

    fn row(self) -> Vec<f64> {
        vec![0.0; self.0]
    }

    fn square(self) -> Vec<f64> {
        vec![0.0; self.0 * self.0]
    }

    fn flat(square: &mut Vec<f64>) -> &mut [f64] {
        square
    }
}

/// Runs an expression with the width as a type.
macro_rules! with_width {
    ($width:expr, $w:ident => $body:expr) => {
        match $width {
            2 => {
                let $w = $crate::streaming::width::Known::<2>;
                $body
            }
            3 => {
                let $w = $crate::streaming::width::Known::<3>;
                $body
            }
            4 => {
                let $w = $crate::streaming::width::Known::<4>;
                $body
            }
            5 => {
                let $w = $crate::streaming::width::Known::<5>;
                $body
            }
            width => {
                let $w = $crate::streaming::width::Any(width);
                $body
            }
        }
    };
}
pub(super) use with_width;

/// Rows that are worked on at a time: their numbers stay in the nearest cache.
pub(super) const BLOCK: usize = 512;

/// Columns less a number each, row by row.
#[inline(always)]
pub(super) fn fill<W: Width>(
    w: W,
    columns: &[impl AsRef<[f64]>],
    rows: std::ops::Range<usize>,
    less: &[f64],
    out: &mut Vec<f64>,
) {
    let width = w.get();
    out.resize(width * rows.len(), 0.0);
    for (j, (column, less)) in columns.iter().zip(less).enumerate().take(width) {
        let values = &column.as_ref()[rows.clone()];
        for (row, value) in out.chunks_exact_mut(width).zip(values) {
            row[j] = value - less;
        }
    }
}

/// Takes from each row what its level has.
#[inline(always)]
pub(super) fn subtract<W: Width>(w: W, rows: &mut [f64], codes: &[u32], levels: &[f64]) {
    let width = w.get();
    for (row, &code) in rows.chunks_exact_mut(width).zip(codes) {
        let level = &levels[code as usize * width..][..width];
        for j in 0..width {
            row[j] -= level[j];
        }
    }
}

/// Adds each row, times its weight, to its level.
#[inline(always)]
pub(super) fn add_to_levels<W: Width>(
    w: W,
    rows: &[f64],
    weights: Option<&[f64]>,
    codes: &[u32],
    levels: &mut [f64],
) {
    let width = w.get();
    match weights {
        None => {
            for (row, &code) in rows.chunks_exact(width).zip(codes) {
                let level = &mut levels[code as usize * width..][..width];
                for j in 0..width {
                    level[j] += row[j];
                }
            }
        }
        Some(weights) => {
            for ((row, weight), &code) in rows.chunks_exact(width).zip(weights).zip(codes) {
                let level = &mut levels[code as usize * width..][..width];
                for j in 0..width {
                    level[j] += weight * row[j];
                }
            }
        }
    }
}

/// Adds the weighted cross-products of the columns, lower triangle, and their weighted sums.
#[inline(always)]
pub(super) fn add_products<W: Width>(
    w: W,
    rows: &[f64],
    weights: Option<&[f64]>,
    cross: &mut [f64],
    totals: &mut [f64],
) {
    let width = w.get();
    let mut products = w.square();
    let products = W::flat(&mut products);
    let mut sums = w.row();
    let sums = sums.as_mut();
    let mut one = |row: &[f64], weight: f64| {
        for j in 0..width {
            let weighted = weight * row[j];
            sums[j] += weighted;
            for i in 0..=j {
                products[j * width + i] += weighted * row[i];
            }
        }
    };
    match weights {
        None => rows.chunks_exact(width).for_each(|row| one(row, 1.0)),
        Some(weights) => {
            let pairs = rows.chunks_exact(width).zip(weights);
            pairs.for_each(|(row, weight)| one(row, *weight));
        }
    }
    add(cross, products);
    add(totals, sums);
}

/// Residuals of regressions of column 0 on the rotated others: scores of the rotated columns, then of a constant, row by
/// row, and the sum of squares.
///
/// `coefficients` are those of all columns, that of column 0 not looked at; `rotation` holds a lower triangle, and row and
/// column 0 are not looked at either.
#[inline(always)]
pub(super) fn score<W: Width>(
    w: W,
    rows: &[f64],
    weights: Option<&[f64]>,
    coefficients: &[f64],
    rotation: &[f64],
    (rotated, scores): (&mut Vec<f64>, &mut Vec<f64>),
) -> f64 {
    let width = w.get();
    rotated.resize(rows.len(), 0.0);
    scores.resize(rows.len(), 0.0);
    let mut square = w.square();
    let turn = W::flat(&mut square);
    turn.copy_from_slice(&rotation[..width * width]);
    let mut slopes = w.row();
    let slopes = slopes.as_mut();
    slopes.copy_from_slice(&coefficients[..width]);
    let mut rss = 0.0;
    let places = rows
        .chunks_exact(width)
        .zip(rotated.chunks_exact_mut(width))
        .zip(scores.chunks_exact_mut(width));
    for (at, ((row, rotated), scores)) in places.enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[at]);
        let mut residual = row[0];
        for j in 1..width {
            residual -= slopes[j] * row[j];
        }
        let weighted = weight * residual;
        rss += weighted * residual;
        for j in 1..width {
            let mut v = 0.0;
            for l in 1..=j {
                v += turn[j * width + l] * row[l];
            }
            rotated[j] = v;
            scores[j] = v * weighted;
        }
        scores[0] = weighted;
    }
    rss
}

/// Adds one array to another.
pub(super) fn add(all: &mut [f64], part: &[f64]) {
    for (all, part) in all.iter_mut().zip(part) {
        *all += part;
    }
}

/// Weighted sum of squares, in eight strands.
pub(super) fn squares(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let mut strands = [0.0; 8];
    match weights {
        None => {
            for eight in values.chunks(8) {
                for (strand, value) in strands.iter_mut().zip(eight) {
                    *strand += value * value;
                }
            }
        }
        Some(weights) => {
            for (eight, weights) in values.chunks(8).zip(weights.chunks(8)) {
                for ((strand, value), weight) in strands.iter_mut().zip(eight).zip(weights) {
                    *strand += weight * value * value;
                }
            }
        }
    }
    strands.iter().sum()
}
