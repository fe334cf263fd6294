//! Small symmetric matrices, row-major: eigenvalues and positive-semidefinite repair.

/// Sweeps over all pairs at most; a matrix of a few hundred rows needs fewer than ten.
const SWEEPS: usize = 60;

/// Eigenvalues (ascending) and eigenvectors (`vectors[j]` belongs to `values[j]`) of a symmetric k x k matrix, by
/// cyclic Jacobi rotations (Golub and Van Loan 2013, "Matrix Computations", section 8.5); `None` if a value is not
/// finite.
pub fn eigen(matrix: &[f64], k: usize) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
    if matrix.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut a = vec![0.0; k * k];
    for i in 0..k {
        for j in 0..k {
            a[i * k + j] = 0.5 * (matrix[i * k + j] + matrix[j * k + i]);
        }
    }
    // Row j of `vectors` becomes the eigenvector of the j-th diagonal element.
    let mut vectors: Vec<Vec<f64>> = (0..k)
        .map(|j| (0..k).map(|i| f64::from(u8::from(i == j))).collect())
        .collect();
    let size = a.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..k {
            for q in p + 1..k {
                let off = a[p * k + q];
                // Small beside both its diagonal elements, or beside the whole matrix where these vanish.
                let scale = (a[p * k + p] * a[q * k + q]).abs().sqrt();
                if off.abs() <= f64::EPSILON * scale.max(f64::EPSILON * size) {
                    continue;
                }
                rotated = true;
                let theta = (a[q * k + q] - a[p * k + p]) / (2.0 * off);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for i in 0..k {
                    let (left, right) = (a[i * k + p], a[i * k + q]);
                    a[i * k + p] = c * left - s * right;
                    a[i * k + q] = s * left + c * right;
                }
                for i in 0..k {
                    let (left, right) = (a[p * k + i], a[q * k + i]);
                    a[p * k + i] = c * left - s * right;
                    a[q * k + i] = s * left + c * right;
                }
                a[p * k + q] = 0.0;
                a[q * k + p] = 0.0;
                let (head, tail) = vectors.split_at_mut(q);
                for (left, right) in head[p].iter_mut().zip(&mut tail[0]) {
                    (*left, *right) = (c * *left - s * *right, s * *left + c * *right);
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&i, &j| a[i * k + i].total_cmp(&a[j * k + j]));
    let values = order.iter().map(|&j| a[j * k + j]).collect();
    let vectors = order.iter().map(|&j| vectors[j].clone()).collect();
    Some((values, vectors))
}

/// `transform * meat * transform'` for a k x m `transform` and an m x m `meat`: k x k, symmetric to the last bit.
pub fn sandwich(transform: &[f64], meat: &[f64], k: usize, m: usize) -> Vec<f64> {
    let t = transform;
    let mut half = vec![0.0; k * m];
    for i in 0..k {
        for j in 0..m {
            half[i * m + j] = (0..m).map(|l| t[i * m + l] * meat[l * m + j]).sum();
        }
    }
    let mut out = vec![0.0; k * k];
    for i in 0..k {
        for j in 0..=i {
            let v: f64 = (0..m).map(|l| half[i * m + l] * t[j * m + l]).sum();
            out[i * k + j] = v;
            out[j * k + i] = v;
        }
    }
    out
}

/// Rounding of a reconstructed matrix, relative to its largest eigenvalue and for each row.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// The nearest positive-semidefinite matrix: negative eigenvalues set to zero. `None` if there was none to repair. What is left on
/// the diagonal of no more than the rounding of the largest eigenvalue is zero, with its row and column.
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
    let rounding = ROUNDING * k as f64 * largest;
    let is_lost = |i: &usize| matrix[i * k + i] <= rounding && out[i * k + i] <= rounding;
    let lost: Vec<usize> = (0..k).filter(is_lost).collect();
    lost.into_iter().for_each(|at| clear(&mut out, k, at));
    Some(out)
}

/// Sets a row and its column to zero.
pub fn clear(matrix: &mut [f64], k: usize, at: usize) {
    for other in 0..k {
        matrix[at * k + other] = 0.0;
        matrix[other * k + at] = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_a_second_difference_matrix_are_known() {
        // 2 on the diagonal and -1 beside it: 2 - 2 cos(j pi / (k + 1)), j = 1..k.
        for k in [1usize, 2, 5, 40] {
            let mut matrix = vec![0.0; k * k];
            for i in 0..k {
                matrix[i * k + i] = 2.0;
                if i + 1 < k {
                    matrix[i * k + i + 1] = -1.0;
                    matrix[(i + 1) * k + i] = -1.0;
                }
            }
            let (values, vectors) = eigen(&matrix, k).expect("finite");
            for (j, (value, vector)) in values.iter().zip(&vectors).enumerate() {
                let angle = std::f64::consts::PI * (j + 1) as f64 / (k + 1) as f64;
                assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-14 * k as f64);
                for i in 0..k {
                    let product: f64 = (0..k).map(|l| matrix[i * k + l] * vector[l]).sum();
                    assert!((product - value * vector[i]).abs() < 1e-14 * k as f64);
                }
            }
        }
    }

    #[test]
    fn a_negative_eigenvalue_is_set_to_zero() {
        let repaired = without_negative_eigenvalues(&[0.0, 1.0, 1.0, 0.0], 2).expect("indefinite");
        for value in repaired {
            assert!((value - 0.5).abs() < 1e-15);
        }
        assert!(without_negative_eigenvalues(&[2.0, 1.0, 1.0, 2.0], 2).is_none());
        // Beside -1e6 the second variance is rounding; the third is not.
        let lost = [
            -1e6, 1.0, 0.0, 1.0, -2e-6, 0.0, //
            0.0, 0.0, 1e-3,
        ];
        let repaired = without_negative_eigenvalues(&lost, 3).expect("indefinite");
        assert_eq!(repaired[4], 0.0);
        assert!((repaired[8] - 1e-3).abs() < 1e-12);
    }
}
