//! Instrumental variables: two-stage least squares and limited-information maximum likelihood with absorbed effects.
//!
//! After effects and weights were taken care of, y = X1 a + D b + e with excluded instruments Z. The k-class estimator is
//! `(X'(I - k M) X)^-1 X'(I - k M) y`, M the residual maker of W = [X1, Z] and X = [X1, D] (Theil 1958); k = 1 is
//! two-stage least squares, k the smallest root of `det(Y'M1 Y - k Y'M Y)`, Y = [y, D], that of limited information
//! (Davidson and MacKinnon 2004, equations 12.92 to 12.96). With `B = (Xh'Xh)^-1`, Xh the projection of X on W and
//! V = M D, the k-class matrix is `B^-1 + (1 - k) V'V` in the block of D, so that everything after the two projections is
//! small.

use super::second_stage::{
    Second, Stage, collinear_projections, length, smallest_root, structural,
};
use super::within::{tiles, within_columns};
use super::{Estimation, Extra, Observations};
use crate::Error;
use crate::design::{Design, Roles};
use crate::linear::least_squares::TOLERANCE;
use crate::linear::sums::norm;
use crate::linear::{
    Collinear, Column, Constant, LeastSquares, Several, least_squares, least_squares_of_several,
    least_squares_of_several_left,
};
use crate::request::Estimator;
use crate::results::Note;
use panelyst_absorb::{EffectRank, Remainder};
use std::collections::BTreeMap;
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

/// Columns free of effects.
struct Columns {
    /// Places in the design of the columns that the effects do not absorb: exogenous, endogenous, excluded.
    exogenous: Vec<usize>,
    endogenous: Vec<usize>,
    excluded: Vec<usize>,
    absorbed: Vec<usize>,
    rank: Option<EffectRank>,
    /// Weighted sum of squares of the outcome around its mean, where effects were removed.
    tss: Option<f64>,
    content: Content,
}

/// The numbers of the columns.
enum Content {
    /// Made when they are looked at: the outcome, then all columns of the design.
    Later(Arc<Remainder>),
    /// The outcome, and the columns that are left by their places in the design.
    Now(Vec<f64>, BTreeMap<usize, Vec<f64>>),
}

impl Columns {
    fn new(design: &Design, roles: Roles) -> Result<Self, Error> {
        let (places, absorbed, rank, tss, content) = if design.effects.is_empty() {
            let all = design.x.iter().map(|x| x.to_vec()).enumerate().collect();
            let content = Content::Now(design.y.to_vec(), all);
            (
                (0..design.x.len()).collect(),
                Vec::new(),
                None,
                None,
                content,
            )
        } else if let Some(tiles) = tiles(design)? {
            let (rank, tss) = (Some(tiles.of.rank()), Some(tiles.tss));
            let content = Content::Later(tiles.of);
            (tiles.columns, tiles.absorbed, rank, tss, content)
        } else {
            let within = within_columns(design)?;
            let all = within.columns.iter().copied().zip(within.x).collect();
            let content = Content::Now(within.y, all);
            let (rank, tss) = (Some(within.rank), Some(within.tss));
            (within.columns, within.absorbed, rank, tss, content)
        };
        let (exogenous, others): (Vec<usize>, Vec<usize>) =
            places.into_iter().partition(|&p| p < roles.exogenous);
        let (endogenous, excluded) = others
            .into_iter()
            .partition(|&p| p < roles.exogenous + roles.endogenous);
        Ok(Self {
            exogenous,
            endogenous,
            excluded,
            absorbed,
            rank,
            tss,
            content,
        })
    }
}

impl Content {
    /// Regresses the outcome and some columns on others, given by their places in the design.
    fn regress(
        self,
        outcomes: &[usize],
        regressors: &[usize],
        constant: Constant<'_>,
        weights: Option<&[f64]>,
    ) -> Result<Several, Error> {
        let (y, mut columns) = match self {
            Self::Now(y, columns) => (y, columns),
            Self::Later(of) => {
                // The outcome stands before the columns of the design.
                let after = |places: &[usize]| places.iter().map(|p| p + 1).collect::<Vec<_>>();
                let all: Vec<usize> = [0].into_iter().chain(after(outcomes)).collect();
                let own = after(regressors);
                if let Some(found) = least_squares_of_several_left(&of, &all, &own, weights) {
                    return Ok(found);
                }
                let mut made = of.residuals().into_iter();
                let y = made.next().unwrap_or_default();
                (y, made.enumerate().collect())
            }
        };
        let mut take = |places: &[usize]| -> Vec<Vec<f64>> {
            let own = places.iter().map(|place| columns.remove(place));
            own.map(Option::unwrap_or_default).collect()
        };
        let outcomes: Vec<Vec<f64>> = [y].into_iter().chain(take(outcomes)).collect();
        least_squares_of_several(outcomes, take(regressors), constant, weights)
    }
}

fn k_class(design: &Design, estimator: Estimator) -> Result<Estimation, Error> {
    let roles = design.roles.ok_or_else(|| Error::Unsupported {
        what: "a formula without instruments".to_owned(),
        with: format!("the {} estimator", estimator.row().name),
        advice: "add a last part: endogenous ~ instruments".to_owned(),
    })?;
    let Columns {
        exogenous,
        endogenous,
        excluded,
        absorbed,
        rank,
        tss,
        content,
    } = Columns::new(design, roles)?;
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
    let places: Vec<usize> = exogenous.into_iter().chain(excluded).collect();
    let Several {
        solution: reduced,
        on_basis,
        left,
    } = content.regress(&endogenous, &places, constant, weights)?;
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
    for ((place, on_basis), left) in endogenous.into_iter().zip(on_basis).zip(left) {
        let by_instruments = length(&on_basis[span.clone()]);
        let left_over = left.norm();
        let beside_exogenous = by_instruments.hypot(left_over);
        let whole = length(&on_basis[..reduced.kept.len()]).hypot(left_over);
        if beside_exogenous <= TOLERANCE * whole || whole == 0.0 {
            notes.dropped(place, "it is collinear with the exogenous regressors");
            continue;
        }
        first.push(Stage {
            place,
            on_basis,
            exact: left_over <= TOLERANCE * whole,
            left,
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

    if let Some(stage) = first.iter().find(|s| s.exact) {
        let name = &design.names[stage.place];
        return Err(unidentified(
            format!("the instruments explain {name} exactly: it is its own instrument"),
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
    let mut parts: Vec<(f64, &Column)> = vec![(1.0, &reduced.weighted_residuals)];
    let endogenous_coefficients = &k_class.coefficients[at..at + first.len()];
    for (stage, b) in first.iter().zip(endogenous_coefficients) {
        parts.push((-b, &stage.left));
    }
    for place in span.clone() {
        let pairs = first.iter().zip(endogenous_coefficients);
        let explained: f64 = pairs.map(|(stage, b)| stage.on_basis[place] * b).sum();
        parts.push((outcome_weights[place] - explained, &reduced.basis[place]));
    }
    let left = Column::sum(&parts);
    drop(parts);
    let kept = places_kept[..first_kept].iter().copied();
    let second = LeastSquares {
        kept: kept.chain(first.iter().map(|s| s.place)).collect(),
        dropped: Vec::new(),
        constant: reduced.constant,
        residuals: left.unweighted(weights),
        rss: left.product(&left),
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
