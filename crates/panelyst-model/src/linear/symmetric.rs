//! Small symmetric matrices, row-major: eigenvalues and positive-semidefinite repair.

use faer::{Mat, Side};

/// Eigenvalues (ascending) and eigenvectors (`vectors[j]` belongs to `values[j]`) of a symmetric k x k matrix;
/// `None` if the iteration failed.
pub fn eigen(matrix: &[f64], k: usize) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
    let m = Mat::from_fn(k, k, |i, j| 0.5 * (matrix[i * k + j] + matrix[j * k + i]));
    let decomposition = m.self_adjoint_eigen(Side::Lower).ok()?;
    let (s, u) = (decomposition.S(), decomposition.U());
    let values = (0..k).map(|j| s[j]).collect();
    let vectors = (0..k)
        .map(|j| (0..k).map(|i| u[(i, j)]).collect())
        .collect();
    Some((values, vectors))
}

/// The nearest positive-semidefinite matrix: negative eigenvalues set to zero. `None` if there was none to repair.
pub fn without_negative_eigenvalues(matrix: &[f64], k: usize) -> Option<Vec<f64>> {
    let (values, vectors) = eigen(matrix, k)?;
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if values.iter().all(|v| *v >= -1e-14 * largest) {
        return None;
    }
    let mut out = vec![0.0; k * k];
    for (value, vector) in values.iter().zip(&vectors) {
        let value = value.max(0.0);
        for i in 0..k {
            for j in 0..k {
                out[i * k + j] += value * vector[i] * vector[j];
            }
        }
    }
    Some(out)
}
