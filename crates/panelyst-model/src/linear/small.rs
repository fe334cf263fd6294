//! Small dense systems, row-major.

/// Solves `A x = b` for several right-hand sides (`b` is n x m) by elimination with partial pivoting (Golub and Van Loan
/// 2013, algorithm 3.4.1); `None` if a pivot vanishes beside its column.
pub fn solve(a: &[f64], b: &[f64], n: usize, m: usize) -> Option<Vec<f64>> {
    let (mut a, mut x) = (a.to_vec(), b.to_vec());
    let size = a.iter().fold(0.0f64, |high, v| high.max(v.abs()));
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&i, &j| a[i * n + column].abs().total_cmp(&a[j * n + column].abs()))?;
        if a[pivot * n + column].abs() <= f64::EPSILON * size || size == 0.0 {
            return None;
        }
        for j in 0..n {
            a.swap(column * n + j, pivot * n + j);
        }
        for j in 0..m {
            x.swap(column * m + j, pivot * m + j);
        }
        for i in column + 1..n {
            let factor = a[i * n + column] / a[column * n + column];
            for j in column..n {
                a[i * n + j] -= factor * a[column * n + j];
            }
            for j in 0..m {
                x[i * m + j] -= factor * x[column * m + j];
            }
        }
    }
    for i in (0..n).rev() {
        for j in 0..m {
            let known: f64 = (i + 1..n).map(|l| a[i * n + l] * x[l * m + j]).sum();
            x[i * m + j] = (x[i * m + j] - known) / a[i * n + i];
        }
    }
    Some(x)
}

/// `v' A^-1 v` for a symmetric positive definite `A`, scaled by its diagonal first; `None` if it is not definite to
/// rounding.
pub fn inverse_form(v: &[f64], a: &[f64]) -> Option<f64> {
    let n = v.len();
    let mut factor = vec![0.0; n * n];
    let mut half = vec![0.0; n];
    for i in 0..n {
        let scale = a[i * n + i];
        if scale.is_nan() || scale <= 0.0 {
            return None;
        }
        for j in 0..=i {
            let other = a[j * n + j];
            let known: f64 = (0..j).map(|l| factor[i * n + l] * factor[j * n + l]).sum();
            let value = 0.5 * (a[i * n + j] + a[j * n + i]) / (scale * other).sqrt() - known;
            if i == j {
                if value.is_nan() || value <= f64::EPSILON * n as f64 {
                    return None;
                }
                factor[i * n + i] = value.sqrt();
            } else {
                factor[i * n + j] = value / factor[j * n + j];
            }
        }
        let known: f64 = (0..i).map(|l| factor[i * n + l] * half[l]).sum();
        half[i] = (v[i] / scale.sqrt() - known) / factor[i * n + i];
    }
    Some(half.iter().map(|h| h * h).sum())
}

/// The symmetric power `A^p` of a positive definite k x k matrix by its eigenvalues; `None` if it is not definite.
pub fn power(a: &[f64], k: usize, exponent: f64) -> Option<Vec<f64>> {
    let (values, vectors) = super::symmetric::eigen(a, k)?;
    let largest = values.last().copied().unwrap_or(0.0);
    if values.iter().any(|v| *v <= f64::EPSILON * largest) {
        return None;
    }
    let mut out = vec![0.0; k * k];
    for (value, vector) in values.iter().zip(&vectors) {
        let raised = value.powf(exponent);
        for i in 0..k {
            for j in 0..k {
                out[i * k + j] += raised * vector[i] * vector[j];
            }
        }
    }
    Some(out)
}

/// `A B` for an n x m and an m x p matrix.
pub fn product(a: &[f64], b: &[f64], n: usize, m: usize, p: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * p];
    for i in 0..n {
        for j in 0..p {
            out[i * p + j] = (0..m).map(|l| a[i * m + l] * b[l * p + j]).sum();
        }
    }
    out
}
