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
use crate::linear::sums::{dot, norm, subtract};
use crate::linear::symmetric::eigen;
use crate::linear::{Constant, LeastSquares, least_squares, small};
use crate::request::Estimator;
use crate::results::Note;
use panelyst_absorb::EffectRank;
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
    pub residuals: Vec<Vec<f64>>,
    /// The k of the k-class: 1 for two-stage least squares.
    pub kappa: f64,
    /// Coefficients and root-weighted residuals of the second stage, on the projected regressors.
    pub second: (Vec<f64>, Arc<Vec<f64>>),
    /// How the coefficients of the second stage follow from its basis, k x m.
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

    // The reduced form: a basis of exogenous regressors and instruments.
    let offered = exogenous.len();
    let (places, mut x): (Vec<usize>, Vec<Vec<f64>>) =
        exogenous.into_iter().chain(excluded).unzip();
    let reduced = least_squares(&y, &x, constant, weights)?;
    for dropped in &reduced.dropped {
        notes.collinear(places[dropped.column], &dropped.with, &places);
    }
    let first_kept = reduced.kept.iter().filter(|&&c| c < offered).count();
    let instruments: Vec<String> = reduced.kept[first_kept..]
        .iter()
        .map(|&c| design.names[places[c]].clone())
        .collect();

    // First stages.
    let root: Option<Vec<f64>> = weights.map(|w| w.iter().map(|w| w.sqrt()).collect());
    let mut first = Vec::new();
    for (place, column) in endogenous {
        let (on_basis, left) = reduced.project(weighted(&column, root.as_deref()));
        let by_instruments = length(&on_basis[first_kept..first_kept + instruments.len()]);
        let beside_exogenous = by_instruments.hypot(norm(&left));
        let whole = length(&on_basis[..reduced.kept.len()]).hypot(norm(&left));
        if beside_exogenous <= TOLERANCE * whole || whole == 0.0 {
            notes.dropped(place, "it is collinear with the exogenous regressors");
            continue;
        }
        first.push(Stage {
            place,
            column,
            on_basis,
            left,
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

    // The second stage, on exogenous regressors and projected endogenous ones.
    x.truncate(offered);
    let mut kept_places: Vec<usize> = places[..offered].to_vec();
    for stage in &first {
        x.push(stage.projected(root.as_deref()));
        kept_places.push(stage.place);
    }
    let mut second = least_squares(&y, &x, constant, weights)?;
    drop(x);
    let mut gone: Vec<usize> = Vec::new();
    for dropped in second.dropped.iter().filter(|d| d.column >= offered) {
        let place = dropped.column - offered;
        let earlier: Vec<Vec<f64>> = first[..place].iter().map(|s| s.left.clone()).collect();
        let left = &first[place].left;
        let beside = least_squares(left, &earlier, Constant::None, None)?;
        let whole = length(&first[place].on_basis).hypot(norm(left));
        if norm(&beside.residuals) > TOLERANCE * whole {
            return Err(unidentified(
                format!(
                    "the instruments do not move {} apart from the other regressors, the equation is not identified",
                    design.names[first[place].place]
                ),
                &first,
                &notes,
            ));
        }
        notes.collinear(kept_places[dropped.column], &dropped.with, &kept_places);
        gone.push(place);
    }
    let mut place = 0;
    first.retain(|_| {
        place += 1;
        !gone.contains(&(place - 1))
    });

    let exact = || Error::ExactFit {
        outcome: design.outcome.clone(),
        equation: "the reduced forms leave no residual".to_owned(),
    };
    let (outcome_weights, _) = reduced.project(weighted(&y, root.as_deref()));
    let count = first.len();
    let kappa = match estimator {
        Estimator::Liml => {
            let span = (first_kept, first_kept + instruments.len());
            smallest_root(&reduced, &outcome_weights, span, &first).ok_or_else(exact)?
        }
        _ => 1.0,
    };
    let stage_two = (
        second.coefficients.clone(),
        second.weighted_residuals.clone(),
    );
    let at = second.kept.len() - count;
    let second_transform = second.transform.clone();
    structural(&mut second, at, &first, &reduced, kappa).ok_or_else(exact)?;
    if let Some(root) = &root {
        let pairs = second.weighted_residuals.iter().zip(root);
        second.residuals = Arc::new(pairs.map(|(e, r)| e / r).collect());
    } else {
        second.residuals.clone_from(&second.weighted_residuals);
    }
    second.rss = dot(&second.weighted_residuals, &second.weighted_residuals);

    let mut names: Vec<String> = second
        .kept
        .iter()
        .map(|&c| design.names[kept_places[c]].clone())
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
    for kept in &mut second.kept {
        *kept = kept_places[*kept];
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
            second: stage_two,
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
    column: Vec<f64>,
    /// Weights on the basis of the reduced form.
    on_basis: Vec<f64>,
    /// Root-weighted residual.
    left: Vec<f64>,
    /// Whether the instruments have any part in it.
    relevant: bool,
}

impl Stage {
    /// The projection on exogenous regressors and instruments, unweighted.
    fn projected(&self, root: Option<&[f64]>) -> Vec<f64> {
        let pairs = self.column.iter().zip(&self.left);
        match root {
            None => pairs.map(|(d, v)| d - v).collect(),
            Some(root) => pairs.zip(root).map(|((d, v), r)| d - v / r).collect(),
        }
    }
}

fn weighted(column: &[f64], root: Option<&[f64]>) -> Vec<f64> {
    match root {
        None => column.to_vec(),
        Some(root) => column.iter().zip(root).map(|(v, r)| v * r).collect(),
    }
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
    (from, to): (usize, usize),
    first: &[Stage],
) -> Option<f64> {
    let p = first.len() + 1;
    let mut columns: Vec<&[f64]> = vec![&reduced.weighted_residuals];
    columns.extend(first.iter().map(|s| s.left.as_slice()));
    let inner = small::power(&cross(&columns), p, -0.5)?;
    let mut weights: Vec<&[f64]> = vec![&outcome[from..to]];
    weights.extend(first.iter().map(|s| &s.on_basis[from..to]));
    let middle = cross(&weights);
    let half = small::product(&inner, &middle, p, p, p);
    let (values, _) = eigen(&small::product(&half, &inner, p, p, p), p)?;
    Some(1.0 + values[0].max(0.0))
}

/// Turns the second stage on projected regressors, whose endogenous coefficients begin at `at`, into the k-class
/// estimate with structural residuals.
fn structural(
    second: &mut LeastSquares,
    at: usize,
    first: &[Stage],
    reduced: &LeastSquares,
    kappa: f64,
) -> Option<()> {
    let k = second.k();
    if kappa != 1.0 {
        let factor = 1.0 - kappa;
        let residuals: Vec<&[f64]> = first.iter().map(|s| s.left.as_slice()).collect();
        let squares = cross(&residuals);
        let p = first.len();
        let bread = second.bread();
        // I + (1 - k) B V'V and b + (1 - k) B V'y, V'V and V'y in the places of the endogenous regressors.
        let mut matrix = vec![0.0; k * k];
        let mut right = second.coefficients.clone();
        let with_outcome: Vec<f64> = first
            .iter()
            .map(|s| dot(&s.left, &reduced.weighted_residuals))
            .collect();
        for i in 0..k {
            matrix[i * k + i] = 1.0;
            let row = &bread[i * k + at..i * k + at + p];
            for j in 0..p {
                let v: f64 = (0..p).map(|l| row[l] * squares[l * p + j]).sum();
                matrix[i * k + at + j] += factor * v;
            }
            let v: f64 = row.iter().zip(&with_outcome).map(|(b, v)| b * v).sum();
            right[i] += factor * v;
        }
        let coefficients = small::solve(&matrix, &right, k, 1)?;
        let change: Vec<f64> = second
            .coefficients
            .iter()
            .zip(&coefficients)
            .map(|(old, new)| old - new)
            .collect();
        let on_basis = small::solve(&second.transform, &change, k, 1)?;
        for (q, weight) in second.basis.iter().zip(on_basis) {
            let residuals: &mut Vec<f64> = Arc::make_mut(&mut second.weighted_residuals);
            subtract(residuals, -weight, q);
        }
        second.coefficients = coefficients;
        second.transform = small::solve(&matrix, &second.transform, k, k)?;
        let inverse = small::solve(&matrix, &bread, k, k)?;
        second.information_inverse = Some(
            (0..k * k)
                .map(|e| 0.5 * (inverse[e] + inverse[e % k * k + e / k]))
                .collect(),
        );
    }
    for (stage, b) in first.iter().zip(&second.coefficients[at..]) {
        let residuals: &mut Vec<f64> = Arc::make_mut(&mut second.weighted_residuals);
        subtract(residuals, *b, &stage.left);
    }
    Some(())
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
