//! Instrumental variables: two-stage least squares and limited-information maximum likelihood with absorbed effects.
//!
//! After effects and weights were taken care of, y = X1 a + D b + e with excluded instruments Z. The k-class estimator is
//! `(X'(I - k M) X)^-1 X'(I - k M) y`, M the residual maker of W = [X1, Z] and X = [X1, D] (Theil 1958); k = 1 is
//! two-stage least squares, k the smallest root of `det(Y'M1 Y - k Y'M Y)`, Y = [y, D], that of limited information
//! (Davidson and MacKinnon 2004, equations 12.92 to 12.96). With `B = (Xh'Xh)^-1`, Xh the projection of X on W and
//! V = M D, the k-class matrix is `B^-1 + (1 - k) V'V` in the block of D, so that everything after the two projections is
//! small.

use super::within::{Within, within_columns};
use super::{Estimation, Extra, Observations};
use crate::Error;
use crate::design::{Design, Roles};
use crate::linear::least_squares::TOLERANCE;
use crate::linear::small::product;
use crate::linear::sums::{CHUNK, combination, dot, norm};
use crate::linear::symmetric::{eigen, sandwich};
use crate::linear::{
    Collinear, Column, Constant, LeastSquares, Several, least_squares, least_squares_of_several,
    small,
};
use crate::request::Estimator;
use crate::results::Note;
use panelyst_absorb::EffectRank;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// First stages of an instrumental regression; columns are root-weighted and free of effects.
#[derive(Clone, Debug)]
pub struct Instrumental {
    /// The reduced form of the outcome: on exogenous regressors, then excluded instruments, then the constant.
    pub reduced: LeastSquares,
    /// Names of its coefficients, the constant last.
    pub names: Vec<String>,
    /// Exogenous regressors kept, without the constant.
    pub exogenous: usize,
    /// Excluded instruments kept; they are the coefficients `exogenous..exogenous + excluded` of the first stages.
    pub excluded: usize,
    /// Names of the endogenous regressors kept.
    pub endogenous: Vec<String>,
    /// Coefficients of each first stage, in the order of `names`.
    pub first_coefficients: Vec<Vec<f64>>,
    /// Weights of the outcome on the basis of the reduced form.
    pub outcome_weights: Vec<f64>,
    /// Weights of each endogenous regressor on the basis of the reduced form.
    pub weights: Vec<Vec<f64>>,
    /// Residuals of each endogenous regressor from it.
    pub residuals: Vec<Column>,
    /// The k of the k-class: 1 for two-stage least squares.
    pub kappa: f64,
    /// Coefficients of the second stage, on the projected regressors.
    pub second_coefficients: Vec<f64>,
    /// How they follow from the weights on the basis of the reduced form, k x m.
    pub second_transform: Vec<f64>,
    /// The first coefficient of the second stage that belongs to an endogenous regressor.
    pub second_at: usize,
}

/// Two-stage least squares of a design with instruments.
///
/// # Errors
/// Fewer instruments than endogenous regressors (also after collinear ones were dropped), instruments that do not move
/// the endogenous regressors apart, those of the absorber, every regressor dropped.
pub fn two_stage(design: &Design) -> Result<Estimation, Error> {
    k_class(design, Estimator::TwoStage)
}

/// Limited-information maximum likelihood of a design with instruments.
///
/// # Errors
/// As [`two_stage`], and a reduced form that fits exactly.
pub fn liml(design: &Design) -> Result<Estimation, Error> {
    k_class(design, Estimator::Liml)
}

/// Columns free of effects, with their places in the design.
struct Columns {
    y: Vec<f64>,
    exogenous: Vec<(usize, Vec<f64>)>,
    endogenous: Vec<(usize, Vec<f64>)>,
    excluded: Vec<(usize, Vec<f64>)>,
    absorbed: Vec<usize>,
    rank: Option<EffectRank>,
    /// Weighted sum of squares of the outcome around its mean, where effects were removed.
    tss: Option<f64>,
}

fn columns(design: &Design, roles: Roles) -> Result<Columns, Error> {
    let (y, all, absorbed, rank, tss) = if design.effects.is_empty() {
        let all = design.x.iter().cloned().enumerate().collect();
        (design.y.clone(), all, Vec::new(), None, None)
    } else {
        let Within {
            y,
            x,
            columns,
            absorbed,
            rank,
            tss,
        } = within_columns(design)?;
        let all: Vec<(usize, Vec<f64>)> = columns.into_iter().zip(x).collect();
        (y, all, absorbed, Some(rank), Some(tss))
    };
    let mut out = Columns {
        y,
        exogenous: Vec::new(),
        endogenous: Vec::new(),
        excluded: Vec::new(),
        absorbed,
        rank,
        tss,
    };
    for (place, column) in all {
        if place < roles.exogenous {
            out.exogenous.push((place, column));
        } else if place < roles.exogenous + roles.endogenous {
            out.endogenous.push((place, column));
        } else {
            out.excluded.push((place, column));
        }
    }
    Ok(out)
}

fn k_class(design: &Design, estimator: Estimator) -> Result<Estimation, Error> {
    let roles = design.roles.ok_or_else(|| Error::Unsupported {
        what: "a formula without instruments".to_owned(),
        with: format!("the {} estimator", estimator.row().name),
        advice: "add a last part: endogenous ~ instruments".to_owned(),
    })?;
    let Columns {
        y,
        exogenous,
        endogenous,
        excluded,
        absorbed,
        rank,
        tss,
    } = columns(design, roles)?;
    let weights = design.weights.as_deref();
    let constant = if design.effects.is_empty() && design.constant {
        Constant::Ones
    } else {
        Constant::None
    };
    let mut notes = Notes::new(design, roles);
    for &place in &absorbed {
        let names: Vec<&str> = design.effects.iter().map(|(n, _)| n.as_str()).collect();
        notes.dropped(
            place,
            &format!("the effects {} absorb it", names.join(", ")),
        );
    }

    // The reduced form and the first stages, in one go: a basis of exogenous regressors and instruments, and what it
    // leaves of the outcome and of the endogenous regressors.
    let offered = exogenous.len();
    let (places, x): (Vec<usize>, Vec<Vec<f64>>) = exogenous.into_iter().chain(excluded).unzip();
    let (endogenous_places, endogenous): (Vec<usize>, Vec<Vec<f64>>) =
        endogenous.into_iter().unzip();
    let outcomes: Vec<Vec<f64>> = std::iter::once(y).chain(endogenous).collect();
    let Several {
        solution: reduced,
        on_basis,
        left,
    } = least_squares_of_several(outcomes, x, constant, weights)?;
    for dropped in &reduced.dropped {
        notes.collinear(places[dropped.column], &dropped.with, &places);
    }
    let first_kept = reduced.kept.iter().filter(|&&c| c < offered).count();
    let instruments: Vec<String> = reduced.kept[first_kept..]
        .iter()
        .map(|&c| design.names[places[c]].clone())
        .collect();
    let span = first_kept..first_kept + instruments.len();

    let mut on_basis = on_basis.into_iter();
    let outcome_weights = on_basis.next().unwrap_or_default();
    let mut first = Vec::new();
    for ((place, on_basis), left) in endogenous_places.into_iter().zip(on_basis).zip(left) {
        let by_instruments = length(&on_basis[span.clone()]);
        let left_over = norm(&left);
        let beside_exogenous = by_instruments.hypot(left_over);
        let whole = length(&on_basis[..reduced.kept.len()]).hypot(left_over);
        if beside_exogenous <= TOLERANCE * whole || whole == 0.0 {
            notes.dropped(place, "it is collinear with the exogenous regressors");
            continue;
        }
        first.push(Stage {
            place,
            on_basis,
            left: left.into(),
            whole,
            relevant: by_instruments > TOLERANCE * beside_exogenous,
        });
    }
    if first.is_empty() {
        return Err(Error::AllDropped {
            reasons: notes.reasons(),
        });
    }
    let unidentified = |problem: String, first: &[Stage], notes: &Notes<'_>| {
        let names = first.iter().map(|s| design.names[s.place].clone());
        Error::UnderIdentified {
            problem,
            endogenous: names.collect(),
            excluded: instruments.clone(),
            dropped: notes.instruments_dropped.clone(),
        }
    };
    if instruments.len() < first.len() {
        return Err(unidentified(
            "the equation is not identified".to_owned(),
            &first,
            &notes,
        ));
    }
    if let Some(stage) = first.iter().find(|s| !s.relevant) {
        let name = &design.names[stage.place];
        return Err(unidentified(
            format!("the instruments do not move {name} at all, the equation is not identified"),
            &first,
            &notes,
        ));
    }

    // The second stage, on exogenous regressors and projected endogenous ones: all lie in the space of the basis.
    let places_kept: Vec<usize> = reduced.kept.iter().map(|&c| places[c]).collect();
    let gone = collinear_projections(&reduced, first_kept, &first);
    for Collinear { column, with } in &gone {
        let left = &first[*column].left;
        let earlier: Vec<Vec<f64>> = first[..*column].iter().map(|s| s.left.to_vec()).collect();
        let beside = least_squares(left, &earlier, Constant::None, None)?;
        if norm(&beside.residuals) > TOLERANCE * first[*column].whole {
            return Err(unidentified(
                format!(
                    "the instruments do not move {} apart from the other regressors, the equation is not identified",
                    design.names[first[*column].place]
                ),
                &first,
                &notes,
            ));
        }
        let offered = places_kept[..first_kept].iter().copied();
        let offered: Vec<usize> = offered.chain(first.iter().map(|s| s.place)).collect();
        notes.collinear(first[*column].place, with, &offered);
    }
    for Collinear { column, .. } in gone.iter().rev() {
        first.remove(*column);
    }

    let exact = || Error::ExactFit {
        outcome: design.outcome.clone(),
        equation: "the reduced forms leave no residual".to_owned(),
    };
    let kappa = match estimator {
        Estimator::Liml => {
            smallest_root(&reduced, &outcome_weights, span.clone(), &first).ok_or_else(exact)?
        }
        _ => 1.0,
    };
    let second = structural(&reduced, &outcome_weights, span.clone(), &first, kappa);
    let Second {
        coefficients: second_coefficients,
        transform: second_transform,
        k_class,
    } = second?.ok_or_else(exact)?;
    let at = first_kept;
    // The structural residuals: what the reduced form leaves, less the first-stage residuals times their coefficients,
    // plus what the projections leave of the outcome on the instruments.
    let mut parts: Vec<(f64, &[f64])> = vec![(1.0, &reduced.weighted_residuals)];
    let endogenous_coefficients = &k_class.coefficients[at..at + first.len()];
    for (stage, b) in first.iter().zip(endogenous_coefficients) {
        parts.push((-b, &stage.left));
    }
    for place in span.clone() {
        let pairs = first.iter().zip(endogenous_coefficients);
        let explained: f64 = pairs.map(|(stage, b)| stage.on_basis[place] * b).sum();
        parts.push((outcome_weights[place] - explained, &reduced.basis[place]));
    }
    let left = Arc::new(combination(&parts));
    drop(parts);
    let kept = places_kept[..first_kept].iter().copied();
    let second = LeastSquares {
        kept: kept.chain(first.iter().map(|s| s.place)).collect(),
        dropped: Vec::new(),
        constant: reduced.constant,
        residuals: match weights {
            None => Arc::clone(&left),
            Some(weights) => {
                let pairs = left.par_iter().zip(weights).with_min_len(CHUNK);
                Arc::new(pairs.map(|(e, w)| e / w.sqrt()).collect())
            }
        },
        rss: dot(&left, &left),
        weighted_residuals: left,
        tss: reduced.tss,
        outcome_square: reduced.outcome_square,
        basis: reduced.basis.clone(),
        ..k_class
    };

    let mut names: Vec<String> = second
        .kept
        .iter()
        .map(|&place| design.names[place].clone())
        .collect();
    let mut first_names: Vec<String> = reduced
        .kept
        .iter()
        .map(|&c| design.names[places[c]].clone())
        .collect();
    if second.constant {
        names.push("_cons".to_owned());
    }
    if reduced.constant {
        first_names.push("_cons".to_owned());
    }
    let within = tss.is_some().then_some(second.tss);
    let tss = tss.unwrap_or(second.tss);
    let (mut weights_on_basis, mut residuals, mut endogenous) = (vec![], vec![], vec![]);
    let mut first_coefficients = vec![];
    for stage in first {
        endogenous.push(design.names[stage.place].clone());
        first_coefficients.push(reduced.coefficients_of(&stage.on_basis));
        weights_on_basis.push(stage.on_basis);
        residuals.push(stage.left);
    }
    Ok(Estimation {
        estimator,
        names,
        parameters: second.k(),
        observations: Observations::Rows,
        regressor_leverages: None,
        rank,
        tss,
        centred: design.constant || !design.effects.is_empty(),
        tss_within: within,
        loglik: None,
        components: None,
        extra: Extra::Instrumental(Box::new(Instrumental {
            reduced,
            names: first_names,
            exogenous: first_kept,
            excluded: instruments.len(),
            endogenous,
            first_coefficients,
            outcome_weights,
            weights: weights_on_basis,
            residuals,
            kappa,
            second_coefficients,
            second_transform,
            second_at: at,
        })),
        notes: notes.notes,
        solution: second,
    })
}

/// One endogenous regressor and its first stage.
struct Stage {
    /// Place in the design.
    place: usize,
    /// Weights on the basis of the reduced form.
    on_basis: Vec<f64>,
    /// Root-weighted residual.
    left: Column,
    /// Norm of the regressor, after the constant.
    whole: f64,
    /// Whether the instruments have any part in it.
    relevant: bool,
}

fn length(weights: &[f64]) -> f64 {
    weights.iter().map(|w| w * w).sum::<f64>().sqrt()
}

/// Cross-products of root-weighted columns.
pub(crate) fn cross(columns: &[&[f64]]) -> Vec<f64> {
    let n = columns.len();
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let v = dot(columns[i], columns[j]);
            out[i * n + j] = v;
            out[j * n + i] = v;
        }
    }
    out
}

/// The smallest root k of `det(Y'M1 Y - k Y'M Y) = 0`, from `k - 1`, the smallest eigenvalue of
/// `(Y'M Y)^-1/2 C'C (Y'M Y)^-1/2`, C the weights of Y on the instruments' part of the basis.
fn smallest_root(
    reduced: &LeastSquares,
    outcome: &[f64],
    span: Range<usize>,
    first: &[Stage],
) -> Option<f64> {
    let p = first.len() + 1;
    let mut columns: Vec<&[f64]> = vec![&reduced.weighted_residuals];
    columns.extend(first.iter().map(|s| &s.left[..]));
    let inner = small::power(&cross(&columns), p, -0.5)?;
    let mut weights: Vec<&[f64]> = vec![&outcome[span.clone()]];
    weights.extend(first.iter().map(|s| &s.on_basis[span.clone()]));
    let middle = cross(&weights);
    let half = product(&inner, &middle, p, p, p);
    let (values, _) = eigen(&product(&half, &inner, p, p, p), p)?;
    Some(1.0 + values[0].max(0.0))
}

/// Projected endogenous regressors that the exogenous ones and earlier projections explain, with the columns that do so
/// (exogenous regressors, then endogenous ones). All are vectors of weights on the basis.
fn collinear_projections(
    reduced: &LeastSquares,
    exogenous: usize,
    first: &[Stage],
) -> Vec<Collinear> {
    let coordinates = reduced.coordinates();
    let m = reduced.basis.len();
    let mut columns: Vec<Vec<f64>> = coordinates[..exogenous].to_vec();
    columns.extend(first.iter().map(|s| s.on_basis.clone()));
    let mut unit = vec![0.0; m];
    let constant = match unit.last_mut().filter(|_| reduced.constant) {
        Some(last) => {
            *last = 1.0;
            Constant::Column(&unit)
        }
        None => Constant::None,
    };
    let found = least_squares(&vec![0.0; m], &columns, constant, None);
    let dropped = found.map(|found| found.dropped).unwrap_or_default();
    let own = dropped.into_iter().filter(|d| d.column >= exogenous);
    own.map(|d| Collinear {
        column: d.column - exogenous,
        with: d.with,
    })
    .collect()
}

/// The second stage and the k-class estimate.
struct Second {
    coefficients: Vec<f64>,
    transform: Vec<f64>,
    /// Coefficients, transformation and inverse information.
    k_class: LeastSquares,
}

/// The second stage on projected regressors and the k-class estimate, from weights on the basis of the reduced form.
///
/// The exogenous regressors span the first vectors of the basis and the constant the last, so the coefficients of the
/// endogenous ones are those of a regression in the vectors of the instruments, `span`. `None` where the system of the
/// k-class is singular.
fn structural(
    reduced: &LeastSquares,
    outcome: &[f64],
    span: Range<usize>,
    first: &[Stage],
    kappa: f64,
) -> Result<Option<Second>, Error> {
    let (m, p, at) = (reduced.basis.len(), first.len(), span.start);
    let k = at + p + usize::from(reduced.constant);
    let columns: Vec<Vec<f64>> = first
        .iter()
        .map(|s| s.on_basis[span.clone()].to_vec())
        .collect();
    let own = least_squares(&outcome[span.clone()], &columns, Constant::None, None)?;
    if own.kept.len() < p {
        return Ok(None);
    }
    let mut transform = vec![0.0; k * m];
    for i in 0..p {
        for (j, place) in span.clone().enumerate() {
            transform[(at + i) * m + place] = (0..p)
                .map(|l| own.transform[i * p + l] * own.basis[l][j])
                .sum();
        }
    }
    // Exogenous regressors and the constant: their own coefficients, less those of the projections.
    let beside = (0..at).chain(reduced.constant.then_some(m - 1));
    for place in beside.clone() {
        let row = if place < at { place } else { k - 1 };
        for column in beside.clone() {
            transform[row * m + column] = reduced.transform[place * m + column];
        }
        for (i, stage) in first.iter().enumerate() {
            let theirs: f64 = beside
                .clone()
                .map(|c| reduced.transform[place * m + c] * stage.on_basis[c])
                .sum();
            for column in span.clone() {
                transform[row * m + column] -= theirs * transform[(at + i) * m + column];
            }
        }
    }
    let coefficients = product(&transform, outcome, k, m, 1);
    let mut k_class = LeastSquares {
        constant: reduced.constant,
        coefficients: coefficients.clone(),
        transform: transform.clone(),
        ..LeastSquares::default()
    };
    if kappa != 1.0 {
        let factor = 1.0 - kappa;
        let residuals: Vec<&[f64]> = first.iter().map(|s| &s.left[..]).collect();
        let squares = cross(&residuals);
        let bread = sandwich(&transform, &unit_matrix(m), k, m);
        // I + (1 - k) B V'V and b + (1 - k) B V'y, V'V and V'y in the places of the endogenous regressors.
        let mut matrix = unit_matrix(k);
        let mut right = coefficients.clone();
        let with_outcome: Vec<f64> = first
            .iter()
            .map(|s| dot(&s.left, &reduced.weighted_residuals))
            .collect();
        for i in 0..k {
            let row = &bread[i * k + at..i * k + at + p];
            for j in 0..p {
                let v: f64 = (0..p).map(|l| row[l] * squares[l * p + j]).sum();
                matrix[i * k + at + j] += factor * v;
            }
            let v: f64 = row.iter().zip(&with_outcome).map(|(b, v)| b * v).sum();
            right[i] += factor * v;
        }
        let solved = small::solve(&matrix, &right, k, 1)
            .zip(small::solve(&matrix, &transform, k, m))
            .zip(small::solve(&matrix, &bread, k, k));
        let Some(((coefficients, transform), inverse)) = solved else {
            return Ok(None);
        };
        k_class.coefficients = coefficients;
        k_class.transform = transform;
        k_class.information_inverse = Some(
            (0..k * k)
                .map(|e| 0.5 * (inverse[e] + inverse[e % k * k + e / k]))
                .collect(),
        );
    }
    Ok(Some(Second {
        coefficients,
        transform,
        k_class,
    }))
}

fn unit_matrix(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|e| f64::from(u8::from(e / n == e % n)))
        .collect()
}

/// Notes on dropped columns.
struct Notes<'a> {
    design: &'a Design,
    roles: Roles,
    notes: Vec<Note>,
    instruments_dropped: Vec<String>,
}

impl<'a> Notes<'a> {
    fn new(design: &'a Design, roles: Roles) -> Self {
        Self {
            design,
            roles,
            notes: Vec::new(),
            instruments_dropped: Vec::new(),
        }
    }

    /// A column of the design that was dropped, and why.
    fn dropped(&mut self, place: usize, why: &str) {
        let name = &self.design.names[place];
        let instrument = place >= self.roles.exogenous + self.roles.endogenous;
        let what = match place {
            _ if instrument => "the instrument ",
            p if p >= self.roles.exogenous => "the endogenous regressor ",
            _ => "",
        };
        let text = format!("{what}{name} was dropped: {why}");
        if instrument {
            self.instruments_dropped
                .push(format!("{name} because {why}"));
        }
        self.notes
            .push(Note::new("collinear", text).about([name.clone()]));
    }

    /// A column that other columns explain; `places` are the places in the design of the columns offered.
    fn collinear(&mut self, place: usize, with: &[usize], places: &[usize]) {
        let names: Vec<&str> = with
            .iter()
            .map(|&c| self.design.names[places[c]].as_str())
            .collect();
        if names.is_empty() {
            self.dropped(place, "it does not vary");
        } else {
            self.dropped(place, &format!("it is collinear with {}", names.join(", ")));
        }
    }

    fn reasons(&self) -> String {
        let texts: Vec<&str> = self.notes.iter().map(|n| n.text.as_str()).collect();
        texts.join("; ")
    }
}
