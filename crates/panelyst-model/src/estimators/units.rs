//! Sums and means over the rows of each unit.

/// Rows of each unit.
pub(super) fn counts(unit: &[u32], units: usize) -> Vec<f64> {
    let mut counts = vec![0.0; units];
    for &u in unit {
        counts[u as usize] += 1.0;
    }
    counts
}

/// Mean of a column over the rows of each unit; a second pass takes out the rounding of the first.
pub(super) fn means(column: &[f64], unit: &[u32], counts: &[f64]) -> Vec<f64> {
    let mut means = vec![0.0; counts.len()];
    for _ in 0..2 {
        let mut sums = vec![0.0; counts.len()];
        for (&u, v) in unit.iter().zip(column) {
            sums[u as usize] += v - means[u as usize];
        }
        for ((mean, sum), count) in means.iter_mut().zip(&sums).zip(counts) {
            *mean += sum / count;
        }
    }
    means
}
