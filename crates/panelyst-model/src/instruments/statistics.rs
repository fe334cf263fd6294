//! First stages, strength of instruments, overidentifying restrictions, endogeneity.

use super::bench::{Bench, Laid, shell, singular, wald_test};
use crate::Error;
use crate::conventions::Convention;
use crate::covariance::{Columns, covariance};
use crate::design::Design;
use crate::distributions::chi2_upper;
use crate::estimators::{Estimation, Instrumental, cross, products};
use crate::fit::inference;
use crate::linear::small::{inverse_form, power, product};
use crate::linear::sums::{dot, subtract};
use crate::linear::symmetric::eigen;
use crate::linear::{Column, Constant, LeastSquares, least_squares};
use crate::request::Vcov;
use crate::results::{FirstStage, InstrumentTest};

/// One first stage: coefficients, partial R squared (Shea 1997 for one endogenous regressor), F of the instruments.
pub(super) fn first_stage(
    bench: &mut Bench<'_>,
    parts: &Instrumental,
    laid: &Laid,
    j: usize,
) -> Result<FirstStage, Error> {
    let weights = bench.part(&parts.weights[j]);
    let explained = dot(weights, weights);
    let null = format!(
        "the excluded instruments have no part in {}",
        parts.endogenous[j]
    );
    let all = bench.coefficients(laid)?;
    let estimates = parts.first_coefficients[j].clone();
    let robust = bench.instruments(laid)?;
    let iid = bench.instruments_iid(laid)?;
    let note = "Wald statistic of the excluded instruments in the first stage, over their number";
    Ok(FirstStage {
        endogenous: parts.endogenous[j].clone(),
        coefficients: inference(
            &parts.names,
            &estimates,
            &all.matrix,
            all.df_test,
            &all.usual,
        ),
        partial_r2: explained / (explained + laid.square),
        f_iid: wald_test(
            "first-stage-f",
            null.clone(),
            inverse_form(weights, &iid.matrix),
            weights.len(),
            &iid,
            note,
        ),
        f: wald_test(
            "first-stage-f",
            null,
            inverse_form(weights, &robust.matrix),
            weights.len(),
            &robust,
            note,
        ),
    })
}

/// A measure without p-value.
fn measure(
    test: &str,
    vcov: &str,
    null: &str,
    value: Option<f64>,
    df: f64,
    note: &str,
) -> InstrumentTest {
    InstrumentTest {
        test: test.to_owned(),
        vcov: vcov.to_owned(),
        null: null.to_owned(),
        statistic: value,
        distribution: "none".to_owned(),
        df: vec![df],
        p_value: None,
        note: match value {
            Some(_) => note.to_owned(),
            None => singular(df as usize),
        },
    }
}

/// Underidentification (Kleibergen and Paap 2006, LM form) and weak identification: Kleibergen-Paap Wald F,
/// Cragg-Donald F (Cragg and Donald 1993; Stock and Yogo 2005), effective F (Montiel Olea and Pflueger 2013).
pub(super) fn strength(
    bench: &mut Bench<'_>,
    parts: &Instrumental,
    laid: &[Laid],
) -> Result<Vec<InstrumentTest>, Error> {
    let (p, l) = (parts.endogenous.len(), parts.excluded);
    let left = match laid {
        [only] => vec![only.square],
        _ => products(&parts.residuals.iter().collect::<Vec<_>>()),
    };
    let weights: Vec<&[f64]> = parts.weights.iter().map(|w| bench.part(w)).collect();
    let explained = cross(&weights);
    let whole: Vec<f64> = left.iter().zip(&explained).map(|(a, b)| a + b).collect();
    // Weights as an L x P matrix.
    let matrix: Vec<f64> = (0..l)
        .flat_map(|i| weights.iter().map(move |w| w[i]))
        .collect();

    let lm = rank_form(bench, parts, (&matrix, &whole), None)?;
    let wald = rank_form(bench, parts, (&matrix, &left), Some(laid))?;
    let df = (l + 1 - p) as f64;
    let kind = lm.kind.clone();
    let mut tests = vec![InstrumentTest {
        test: "kleibergen-paap-lm".to_owned(),
        vcov: kind.clone(),
        null: "the equation is underidentified".to_owned(),
        statistic: lm.value,
        distribution: "chi2".to_owned(),
        df: vec![df],
        p_value: lm.value.map(|v| chi2_upper(v, df)),
        note: match lm.value {
            Some(_) => "rk statistic of the matrix of first-stage coefficients, covariance with the coefficients at zero, no small-sample factor (Kleibergen and Paap 2006); with iid errors Anderson's canonical correlations".to_owned(),
            None => singular(l),
        },
    }];
    let weak = "the instruments are weak";
    tests.push(measure(
        "kleibergen-paap-f",
        &kind,
        weak,
        wald.value.map(|v| v / wald.factor / l as f64),
        l as f64,
        "Wald form of the rk statistic over the number of instruments, with the small-sample factor of the first stage (Kleibergen and Paap 2006); no p-value",
    ));
    let iid = bench.instruments_iid(&laid[0])?;
    let cragg_donald = power(&left, p, -0.5).and_then(|inner| {
        let half = product(&inner, &explained, p, p, p);
        eigen(&product(&half, &inner, p, p, p), p)
            .map(|(values, _)| values[0].max(0.0) * iid_rows(parts) / iid.factor / l as f64)
    });
    tests.push(measure(
        "cragg-donald-f",
        "iid",
        weak,
        cragg_donald,
        l as f64,
        "smallest eigenvalue of the concentration matrix over the number of instruments, for iid errors (Cragg and Donald 1993); compare with the critical values of Stock and Yogo (2005); no p-value",
    ));
    if p == 1 {
        let covariance = bench.instruments(&laid[0])?;
        let trace: f64 = (0..l).map(|i| covariance.matrix[i * l + i]).sum();
        tests.push(measure(
            "effective-f",
            &covariance.kind,
            weak,
            Some(explained[0] / trace),
            l as f64,
            "first-stage sum of squares over the trace of the covariance of the orthonormal instruments (Montiel Olea and Pflueger 2013, equation 5); 23.1 is the 5 % critical value for a worst-case bias of 10 % whatever the number of instruments; no p-value",
        ));
    }
    Ok(tests)
}

fn iid_rows(parts: &Instrumental) -> f64 {
    parts.residuals[0].len() as f64
}

/// A rank statistic with the factor that its covariance carries.
struct RankForm {
    value: Option<f64>,
    factor: f64,
    kind: String,
}

/// The rk statistic of rank P - 1 against P of the L x P weights (Kleibergen and Paap 2006, section 2), without factor.
///
/// With `scale` = S the matrix is C S^-1/2; its smallest singular value belongs to the direction b, its other left
/// singular vectors span what is not tested. What is left, A'C S^-1/2 b, has the covariance of A'Q'e with
/// e = D S^-1/2 b, where D are the residuals (Wald, given as they were laid) or the endogenous regressors without the
/// exogenous part (LM).
fn rank_form(
    bench: &mut Bench<'_>,
    parts: &Instrumental,
    (matrix, scale): (&[f64], &[f64]),
    wald: Option<&[Laid]>,
) -> Result<RankForm, Error> {
    let (p, l) = (parts.endogenous.len(), parts.excluded);
    let none = RankForm {
        value: None,
        factor: 1.0,
        kind: "iid".to_owned(),
    };
    let Some(root) = power(scale, p, -0.5) else {
        return Ok(none);
    };
    let theta = product(matrix, &root, l, p, p);
    let columns: Vec<Vec<f64>> = (0..p)
        .map(|j| (0..l).map(|i| theta[i * p + j]).collect())
        .collect();
    let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let Some((_, right)) = eigen(&cross(&views), p) else {
        return Ok(none);
    };
    // Directions in the space of the endogenous regressors, the tested one first.
    let image = |vector: &[f64]| product(&theta, vector, l, p, 1);
    let mut strong: Vec<Vec<f64>> = right[1..].iter().map(|v| image(v)).collect();
    orthonormalise(&mut strong);
    let mut complement = strong.clone();
    for i in 0..l {
        let mut unit = vec![0.0; l];
        unit[i] = 1.0;
        complement.push(unit);
    }
    orthonormalise(&mut complement);
    let rest = &complement[strong.len()..];
    let direction = product(&root, &right[0], p, p, 1);
    let mut covariance = match wald {
        Some([only]) => bench.instruments(only)?,
        _ => {
            let residuals = parts.residuals.iter().zip(&direction);
            let mut columns: Vec<(f64, &Column)> = residuals.map(|(v, b)| (*b, v)).collect();
            if wald.is_none() {
                for (at, q) in bench.basis().iter().enumerate() {
                    let weights = parts.weights.iter().map(|w| bench.part(w)[at]);
                    let factor = weights.zip(&direction).map(|(w, b)| w * b).sum();
                    columns.push((factor, q));
                }
            }
            let laid = bench.lay(Column::sum(&columns))?;
            bench.instruments(&laid)?
        }
    };
    if let Some([_]) = wald {
        let scale = direction[0] * direction[0];
        covariance.matrix.iter_mut().for_each(|v| *v *= scale);
    }
    // For iid errors the variance of the residual carries rss / n; for the LM form this is 1 / n.
    let tested = image(&right[0]);
    let on_rest: Vec<f64> = rest.iter().map(|a| dot(a, &tested)).collect();
    let d = rest.len();
    let mut form = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..d {
            let half = product(&covariance.matrix, &rest[j], l, l, 1);
            form[i * d + j] = dot(&rest[i], &half);
        }
    }
    Ok(RankForm {
        value: inverse_form(&on_rest, &form).map(|v| v * covariance.factor),
        factor: covariance.factor,
        kind: covariance.kind,
    })
}

/// Makes vectors orthonormal in order; those that earlier ones explain are left out.
fn orthonormalise(vectors: &mut Vec<Vec<f64>>) {
    let mut done: Vec<Vec<f64>> = Vec::new();
    for mut v in vectors.drain(..) {
        let before = dot(&v, &v).sqrt();
        for _ in 0..2 {
            for q in &done {
                let h = dot(q, &v);
                subtract(&mut v, h, q);
            }
        }
        let left = dot(&v, &v).sqrt();
        if left > 1e-8 * before && before > 0.0 {
            v.iter_mut().for_each(|x| *x /= left);
            done.push(v);
        }
    }
    *vectors = done;
}

/// Overidentifying restrictions: Sargan (1958) with iid errors, else Hansen's (1982) J of two-step efficient moments.
///
/// With N an orthonormal basis of what the instruments leave after the first-stage weights, the statistic is
/// `(N'Q'e)' (N'S N)^-1 N'Q'e`, S the covariance of Q'e without factor, which is that of the efficient estimator whatever
/// the first step.
pub(super) fn overidentification(
    bench: &mut Bench<'_>,
    parts: &Instrumental,
    residual: &Column,
) -> Result<Option<InstrumentTest>, Error> {
    let (p, l) = (parts.endogenous.len(), parts.excluded);
    if l <= p {
        return Ok(None);
    }
    let laid = bench.lay(residual.clone())?;
    let covariance = bench.instruments(&laid)?;
    let moments = bench.products(residual);
    let mut complement: Vec<Vec<f64>> = parts
        .weights
        .iter()
        .map(|w| bench.part(w).to_vec())
        .collect();
    orthonormalise(&mut complement);
    let skip = complement.len();
    for i in 0..l {
        let mut unit = vec![0.0; l];
        unit[i] = 1.0;
        complement.push(unit);
    }
    orthonormalise(&mut complement);
    let rest = &complement[skip..];
    let d = rest.len();
    let on_rest: Vec<f64> = rest.iter().map(|a| dot(a, &moments)).collect();
    let mut form = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..d {
            let half = product(&covariance.matrix, &rest[j], l, l, 1);
            form[i * d + j] = dot(&rest[i], &half);
        }
    }
    let iid = covariance.kind == "iid";
    let df = (l - p) as f64;
    let value = inverse_form(&on_rest, &form).map(|v| v * covariance.factor);
    Ok(Some(InstrumentTest {
        test: if iid { "sargan" } else { "hansen-j" }.to_owned(),
        vcov: covariance.kind,
        null: "the instruments are uncorrelated with the errors".to_owned(),
        statistic: value,
        distribution: "chi2".to_owned(),
        df: vec![df],
        p_value: value.map(|v| chi2_upper(v, df)),
        note: match (value, iid) {
            (None, _) => singular(l),
            (_, true) => "n e'P e / e'e with P the projection on the instruments (Sargan 1958)".to_owned(),
            (_, false) => "minimum of the two-step efficient objective, weights from the residuals of the fit, no small-sample factor (Hansen 1982)".to_owned(),
        },
    }))
}

/// The regression of a column on a single other one, which stands for the basis as it is.
fn single(outcome: &Column, column: &Column) -> LeastSquares {
    let square = column.product(column);
    let coefficient = outcome.product(column) / square;
    LeastSquares {
        kept: if square > 0.0 { vec![0] } else { Vec::new() },
        coefficients: vec![coefficient],
        weighted_residuals: Column::sum(&[(1.0, outcome), (-coefficient, column)]),
        basis: vec![column.clone()],
        transform: vec![1.0 / square],
        information_inverse: Some(vec![1.0 / square]),
        ..LeastSquares::default()
    }
}

/// Endogeneity: the residuals of the first stages added to the regression (Durbin 1954; Wu 1973; Hausman 1978), with the
/// covariance of the fit.
///
/// Their coefficients are c - b, c the least-squares coefficients of the outcome on the residuals alone, b the
/// two-stage coefficients, since both parts are orthogonal.
pub(super) fn wu_hausman(
    design: &Design,
    estimation: &Estimation,
    parts: &Instrumental,
    (vcov, convention): (&Vcov, &Convention),
    columns: &Columns<'_>,
) -> Result<InstrumentTest, Error> {
    let p = parts.endogenous.len();
    let (coefficients, at) = (&parts.second_coefficients, parts.second_at);
    let reduced = &parts.reduced;
    // What is left of the outcome is orthogonal to the basis, as the residuals of the first stages are.
    let residuals: Vec<Vec<f64>> = match p {
        1 => Vec::new(),
        _ => parts.residuals.iter().map(|v| v.to_vec()).collect(),
    };
    let own = match &parts.residuals[..] {
        [only] => single(&reduced.weighted_residuals, only),
        _ => least_squares(
            &reduced.weighted_residuals,
            &residuals,
            Constant::None,
            None,
        )?,
    };
    drop(residuals);
    let null = "the endogenous regressors are exogenous".to_owned();
    // The residual of the whole regression: less than the reduced form's by what the projections leave of the outcome.
    let mut sum: Vec<(f64, &Column)> = vec![(1.0, &own.weighted_residuals)];
    for place in parts.exogenous..parts.exogenous + parts.excluded {
        let pairs = parts.weights.iter().zip(&coefficients[at..]);
        let explained: f64 = pairs.map(|(w, b)| w[place] * b).sum();
        sum.push((
            parts.outcome_weights[place] - explained,
            &reduced.basis[place],
        ));
    }
    let residual = Column::sum(&sum);
    let rss = residual.product(&residual);
    if own.kept.len() < p || rss == 0.0 {
        return Ok(InstrumentTest {
            test: "wu-hausman".to_owned(),
            vcov: vcov.to_string(),
            null,
            statistic: None,
            distribution: "F".to_owned(),
            df: vec![p as f64],
            p_value: None,
            note: "undefined: the residuals of the first stages are collinear".to_owned(),
        });
    }
    let solution = &estimation.solution;
    let m = reduced.basis.len();
    let width = m + p;
    let mut transform = vec![0.0; p * width];
    for i in 0..p {
        for j in 0..m {
            transform[i * width + j] = -parts.second_transform[(at + i) * m + j];
        }
        for j in 0..p {
            transform[i * width + m + j] = own.transform[i * p + j];
        }
    }
    let differences: Vec<f64> = own
        .coefficients
        .iter()
        .zip(&coefficients[at..])
        .map(|(c, b)| c - b)
        .collect();
    let mut basis = reduced.basis.clone();
    basis.extend(own.basis);
    // Of a single residual as it is, not of length one.
    let information_inverse = own
        .information_inverse
        .map(|inverse| vec![inverse[0] + transform[..m].iter().map(|t| t * t).sum::<f64>()]);
    let augmented = LeastSquares {
        coefficients: differences.clone(),
        residuals: solution.residuals.clone(),
        weighted_residuals: residual,
        rss,
        tss: solution.tss,
        outcome_square: solution.outcome_square,
        basis,
        transform,
        information_inverse,
        ..LeastSquares::default()
    };
    let parameters = estimation.parameters + p;
    let whole = shell(estimation, augmented, parameters);
    let found = covariance(design, &whole, vcov, convention, columns)?;
    Ok(wald_test(
        "wu-hausman",
        null,
        inverse_form(&differences, &found.matrix),
        p,
        &found,
        "first-stage residuals added to the regression, tested together (Wu 1973; Hausman 1978)",
    ))
}
