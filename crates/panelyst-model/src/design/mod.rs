//! From a formula and columns to the numbers that an estimator sees.

mod build;
mod cluster_names;
mod keys;
mod levels;
mod sample;
mod selection;
mod variables;
mod vcov_columns;

pub use build::design;
pub use keys::Keys;
pub use selection::Selection;
pub use vcov_columns::Coordinates;
pub(crate) use vcov_columns::numbered;

use crate::Error;
use crate::request::{Estimator, PanelColumns};
use crate::results::{Dropped, Note, Sample};
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::singletons::{Singletons, singleton_rows};
use panelyst_absorb::{Effect, codes::compact};

/// A cluster variable on the rows of a design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Cluster of each row, `0..groups`, every one used.
    pub codes: ScalarBuffer<u32>,
    /// Number of clusters.
    pub groups: usize,
}

/// Roles of the regressors of a design with instruments: exogenous ones first, then endogenous ones, then the excluded
/// instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Number of exogenous regressors without the constant.
    pub exogenous: usize,
    /// Number of endogenous regressors.
    pub endogenous: usize,
}

/// One regression as numbers: rows complete in every variable, columns without names of packages or files.
#[derive(Clone, Debug)]
pub struct Design {
    /// The formula as estimated.
    pub formula: String,
    /// Name of the outcome.
    pub outcome: String,
    /// The estimator that was asked for or follows from the formula.
    pub estimator: Estimator,
    /// Outcome, one value a row.
    pub y: ScalarBuffer<f64>,
    /// Regressors without the constant, one column each; none is dropped yet as collinear.
    pub x: Vec<ScalarBuffer<f64>>,
    /// Names of the regressors.
    pub names: Vec<String>,
    /// First regressor of each term of the formula, and the end.
    pub term_starts: Vec<usize>,
    /// Which regressors are endogenous and which are excluded instruments, where the formula has an instrumental part.
    pub roles: Option<Roles>,
    /// Whether the formula has a constant.
    pub constant: bool,
    /// Analytic weights, positive.
    pub weights: Option<Vec<f64>>,
    /// Input rows used, ascending, from 0.
    pub rows: Selection,
    /// Absorbed effects with their names.
    pub effects: Vec<(String, Effect)>,
    /// The absorbed effect that is the panel's unit (the first effect where no panel is declared).
    pub unit_effect: Option<usize>,
    /// Unit of each row, `0..units` in the sorted order of the unit column.
    pub unit: Option<ScalarBuffer<u32>>,
    /// Names of the units.
    pub unit_names: Vec<String>,
    /// Period of each row.
    pub time: Option<Vec<i64>>,
    /// Columns of the declared panel.
    pub panel: Option<PanelColumns>,
    /// Cluster variables, in the order asked for.
    pub clusters: Vec<Cluster>,
    /// Places of the rows, where the covariance asked for needs them.
    pub coordinates: Option<Coordinates>,
    /// The cluster variable of conventions that mean by robust errors clustered ones: the panel's unit or the first
    /// effect, for estimators with unit effects.
    pub robust_unit: Option<String>,
    /// Rows read, used and lost.
    pub sample: Sample,
    /// What a reader must know already.
    pub notes: Vec<Note>,
}

impl Design {
    /// Number of rows.
    pub fn n(&self) -> usize {
        self.y.len()
    }

    /// The absorbed effects without their names.
    pub fn effect_list(&self) -> Vec<Effect> {
        self.effects.iter().map(|(_, e)| e.clone()).collect()
    }

    /// Rows that are alone in a level of an absorbed effect, recursively; `None` without absorbed effects.
    ///
    /// # Errors
    /// Those of the absorber.
    pub(crate) fn singletons(&self) -> Result<Option<Singletons>, Error> {
        let effects = self.effects.iter().filter(|(_, e)| e.intercept);
        let codes: Vec<&[u32]> = effects.map(|(_, e)| &e.codes[..]).collect();
        if codes.is_empty() {
            return Ok(None);
        }
        Ok(Some(singleton_rows(&codes)?))
    }

    /// As [`Design::select`], with the rows that are lost counted under a reason and told in a note.
    ///
    /// # Errors
    /// As [`Design::select`].
    pub fn without(&self, keep: &[usize], reason: &str, note: Note) -> Result<Self, Error> {
        let count = self.n() - keep.len();
        let mut out = self.select(keep)?;
        let dropped = &mut out.sample.dropped;
        match dropped.iter_mut().find(|d| d.reason == reason) {
            Some(known) => known.count += count,
            None => dropped.push(Dropped {
                reason: reason.to_owned(),
                count,
            }),
        }
        out.notes.push(note);
        Ok(out)
    }

    /// The design on some of its rows (`0..n`, ascending); levels, units and clusters are numbered anew.
    ///
    /// # Errors
    /// More levels than codes can number.
    pub fn select(&self, keep: &[usize]) -> Result<Self, Error> {
        let numbers = |v: &[f64]| -> Vec<f64> { keep.iter().map(|&r| v[r]).collect() };
        let codes = |v: &[u32]| -> Vec<u32> { keep.iter().map(|&r| v[r]).collect() };
        let mut effects = Vec::with_capacity(self.effects.len());
        for (name, effect) in &self.effects {
            let (new, old) = compact(&codes(&effect.codes))?;
            effects.push((
                name.clone(),
                Effect {
                    codes: new.into(),
                    levels: old.len(),
                    intercept: effect.intercept,
                    slopes: effect.slopes.iter().map(|s| numbers(s)).collect(),
                },
            ));
        }
        let mut clusters = Vec::with_capacity(self.clusters.len());
        for cluster in &self.clusters {
            let (new, old) = compact(&codes(&cluster.codes))?;
            clusters.push(Cluster {
                name: cluster.name.clone(),
                codes: new.into(),
                groups: old.len(),
            });
        }
        let (unit, unit_names) = match &self.unit {
            Some(unit) => {
                let (new, old) = compact(&codes(unit))?;
                let names = old
                    .iter()
                    .map(|&u| self.unit_names[u as usize].clone())
                    .collect();
                (Some(new.into()), names)
            }
            None => (None, Vec::new()),
        };
        let mut sample = self.sample.clone();
        sample.used = keep.len();
        Ok(Self {
            y: numbers(&self.y).into(),
            x: self.x.iter().map(|x| numbers(x).into()).collect(),
            weights: self.weights.as_deref().map(numbers),
            rows: self.rows.select(keep),
            effects,
            unit,
            unit_names,
            time: self
                .time
                .as_ref()
                .map(|t| keep.iter().map(|&r| t[r]).collect()),
            clusters,
            coordinates: self.coordinates.as_ref().map(|c| Coordinates {
                names: c.names.clone(),
                latitude: numbers(&c.latitude),
                longitude: numbers(&c.longitude),
            }),
            robust_unit: self.robust_unit.clone(),
            sample,
            formula: self.formula.clone(),
            outcome: self.outcome.clone(),
            names: self.names.clone(),
            term_starts: self.term_starts.clone(),
            panel: self.panel.clone(),
            notes: self.notes.clone(),
            ..*self
        })
    }

    /// Unit codes and their number, for estimators that need a panel.
    ///
    /// # Errors
    /// [`Error::PanelNeeded`] without a declared panel.
    pub fn units(&self, what: &str) -> Result<(&[u32], usize), Error> {
        match &self.unit {
            Some(unit) => Ok((unit, self.unit_names.len())),
            None => Err(Error::PanelNeeded {
                what: what.to_owned(),
            }),
        }
    }
}
