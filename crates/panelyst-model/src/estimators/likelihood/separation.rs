//! Separation: rows on which maximum-likelihood estimates do not exist, since their means run to the boundary.

use super::{Family, Regressors, Rows, TOLERANCE, check_outcome, constant, regressors};
use crate::Error;
use crate::design::Design;
use crate::linear::{Constant, least_squares};
use crate::results::Note;
use panelyst_absorb::Effect;
use rayon::prelude::*;

/// Weight of rows with a positive outcome beside those without in the rectifier: large, so that their fitted values are
/// zero, and small enough for the absorber to keep its digits.
const HEAVY: f64 = 1e8;

/// The rectifier has found its set when fitted values still change by a tenth of this share of the largest. It goes on while
/// every step takes it ten times closer; values within ten times what then is left count as zero.
const ZERO: f64 = 1e-5;

/// Fitted values below this share of the largest are rounding.
const ROUNDING: f64 = 1e-10;

/// Steps of the rectifier at most.
const STEPS: usize = 2000;

/// The design without the rows of levels whose outcomes are all at the boundary (all zero; for a logit all 0 or all 1),
/// again until there is none; `None` if there was none.
///
/// # Errors
/// An outcome that the family does not allow, no row left.
pub fn without_levels(design: &Design, family: Family) -> Result<Option<Design>, Error> {
    check_outcome(design, family)?;
    let n = design.n();
    let mut alive = vec![true; n];
    let intercepts = design.effects.iter().map(|(_, effect)| effect);
    let intercepts: Vec<&Effect> = intercepts.filter(|effect| effect.intercept).collect();
    // Most often every level has an outcome away from the boundary.
    if intercepts.par_iter().all(|effect| {
        let drop = at_boundary(effect, &design.y, &alive, family);
        !drop.contains(&true)
    }) {
        return Ok(None);
    }
    let mut levels = 0;
    loop {
        let mut lost = 0;
        for effect in &intercepts {
            let drop = at_boundary(effect, &design.y, &alive, family);
            levels += drop.iter().filter(|&&drop| drop).count();
            for (row, alive) in alive.iter_mut().enumerate() {
                if *alive && drop[effect.codes[row] as usize] {
                    *alive = false;
                    lost += 1;
                }
            }
        }
        if lost == 0 {
            break;
        }
    }
    let kept: Vec<usize> = (0..n).filter(|&r| alive[r]).collect();
    let lost = n - kept.len();
    if lost == 0 {
        return Ok(None);
    }
    let (reason, what) = match family {
        Family::Poisson => ("separated: level of zeros", "only zeros"),
        Family::Logit => ("separated: level without variation", "one value only"),
    };
    if kept.is_empty() {
        return Err(Error::NoRows {
            rows: n,
            reasons: format!("{reason} {lost}"),
        });
    }
    let note = format!(
        "{lost} row{} dropped, of {levels} level{} of the effects with {what}: the effect of such a level runs to infinity and its rows tell nothing about the coefficients",
        if lost == 1 { " was" } else { "s were" },
        if levels == 1 { "" } else { "s" },
    );
    design
        .without(&kept, reason, Note::new("separation", note))
        .map(Some)
}

/// Which levels have rows left, and outcomes at one boundary of the family alone.
fn at_boundary(effect: &Effect, y: &[f64], alive: &[bool], family: Family) -> Vec<bool> {
    // Whether a level has rows, and outcomes away from each boundary.
    let mut seen = vec![[false; 3]; effect.levels];
    for ((&code, &y), _) in effect.codes.iter().zip(y).zip(alive).filter(|row| *row.1) {
        let [rows, above, below] = &mut seen[code as usize];
        *rows = true;
        *above |= y != 0.0;
        *below |= y != 1.0;
    }
    let drop =
        |[rows, above, below]: [bool; 3]| rows && (!above || (family == Family::Logit && !below));
    seen.into_iter().map(drop).collect()
}

/// The design without separated rows (places in the design).
///
/// # Errors
/// No row left.
pub fn without_rows(design: &Design, separated: &[usize]) -> Result<Design, Error> {
    let n = design.n();
    let kept: Vec<usize> = (0..n)
        .filter(|r| separated.binary_search(r).is_err())
        .collect();
    let lost = n - kept.len();
    let reason = "separated: by regressors";
    if kept.is_empty() {
        return Err(Error::NoRows {
            rows: n,
            reasons: format!("{reason} {lost}"),
        });
    }
    let note = format!(
        "{lost} separated row{} dropped: a combination of the regressors is positive there, where the outcome is zero, and zero wherever the outcome is positive, so that no finite estimate exists with them (Correia, Guimaraes and Zylkin 2019)",
        if lost == 1 { " was" } else { "s were" },
    );
    design.without(&kept, reason, Note::new("separation", note))
}

/// That no row runs to the boundary, where an iteration has converged.
///
/// # Errors
/// The separated rows; for a logit perfect prediction, with the number of rows.
pub(super) fn check(design: &Design, family: Family, rows: &Rows<'_>) -> Result<(), Error> {
    let mut running = rows.running();
    if running.is_empty() && (family == Family::Logit || !rows.vanishing()) {
        return Ok(());
    }
    if family == Family::Logit {
        return Err(predicted(design, &running));
    }
    let mut separated = rectify(design)?;
    if separated.is_empty() {
        running.retain(|&row| design.y[row] == 0.0);
        separated = running;
    }
    match separated.is_empty() {
        true => Ok(()),
        false => Err(Error::Separated { rows: separated }),
    }
}

/// Why an iteration came to no end, where separation is the reason: weights of separated rows vanish, and what is left
/// of the regressors may be collinear.
pub(super) fn reason(design: &Design, family: Family, rows: &Rows<'_>) -> Option<Error> {
    if family == Family::Logit {
        let certain = rows.undecided();
        return (!certain.is_empty()).then(|| predicted(design, &certain));
    }
    let rows = rectify(design).ok()?;
    (!rows.is_empty()).then_some(Error::Separated { rows })
}

fn predicted(design: &Design, rows: &[usize]) -> Error {
    Error::PerfectPrediction {
        outcome: design.outcome.clone(),
        rows: rows.len(),
        first: design.rows.at(rows[0]) + 1,
    }
}

/// The iterative rectifier (Correia, Guimaraes and Zylkin 2019, section 3.2): least squares of `u` on regressors and
/// effects, with rows of positive outcome held at zero by their weight, then the positive part of the fitted values as
/// the next `u`, until a fit reproduces it. Rows where that is positive are separated.
fn rectify(design: &Design) -> Result<Vec<usize>, Error> {
    let weights: Vec<f64> = design
        .y
        .iter()
        .map(|&y| if y > 0.0 { HEAVY } else { 1.0 })
        .collect();
    let Regressors {
        x: mut columns,
        mut effects,
        ..
    } = regressors(design, None)?;
    let with_effects = !design.effects.is_empty();
    if with_effects {
        effects.partial_out(design, weights.clone(), TOLERANCE, &mut columns)?;
    }
    let side = if with_effects {
        Constant::None
    } else {
        constant(design)
    };
    let roots: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
    let basis = least_squares(&design.y, &columns, side, Some(&weights))?;
    drop(columns);
    let mut u: Vec<f64> = design
        .y
        .iter()
        .map(|&y| f64::from(u8::from(y == 0.0)))
        .collect();
    let mut closest = f64::INFINITY;
    for _ in 0..STEPS {
        let mut left = vec![u.clone()];
        if with_effects {
            effects.partial_out(design, weights.clone(), TOLERANCE, &mut left)?;
        }
        let left: Vec<f64> = left
            .pop()
            .unwrap_or_default()
            .iter()
            .zip(&roots)
            .map(|(v, r)| v * r)
            .collect();
        let (_, left) = basis.project(left);
        // Where the outcome is positive the fit should be zero, elsewhere `u`.
        let mut largest = 0.0f64;
        for (row, u) in u.iter_mut().enumerate() {
            let residual = left[row] / roots[row];
            largest = largest.max(residual.abs());
            if design.y[row] > 0.0 {
                continue;
            }
            *u = (*u - residual).max(0.0);
        }
        let high = u.iter().fold(0.0f64, |m, v| m.max(*v));
        if high <= ZERO {
            return Ok(Vec::new());
        }
        if largest <= 0.1 * ZERO * high {
            if largest > 0.1 * closest || largest <= 0.1 * ROUNDING * high {
                let zero = (10.0 * closest.min(largest)).max(ROUNDING * high);
                return Ok((0..u.len()).filter(|&r| u[r] > zero).collect());
            }
            closest = largest;
        }
    }
    Ok(Vec::new())
}
