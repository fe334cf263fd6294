//! The regressions that specification tests compare, on one and the same sample.

use panelyst_absorb::Effect;

use crate::Error;
use crate::design::Design;
use crate::estimators::within_columns;
use crate::linear::{Constant, LeastSquares, least_squares};

/// A regression with some effects absorbed.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    /// The regression; its columns are those of the design that vary within the effects.
    pub ls: LeastSquares,
    /// Columns of the design kept, ascending.
    pub kept: Vec<usize>,
    /// Columns of the design that the effects absorb, ascending.
    pub absorbed: Vec<usize>,
    /// Columns that others explain once the effects are absorbed.
    pub collinear: Vec<usize>,
    /// Rank of effects (or of the constant) and regressors together.
    pub rank: usize,
}

impl Fitted {
    /// Residual degrees of freedom.
    pub(super) fn df_residual(&self) -> f64 {
        self.ls.residuals.len() as f64 - self.rank as f64
    }

    /// Whether the residuals are more than rounding.
    pub(super) fn has_residuals(&self) -> bool {
        self.df_residual() >= 1.0 && self.ls.rss > 1e-18 * self.ls.outcome_square
    }

    /// Residual variance, RSS / (n - rank).
    pub(super) fn s2(&self) -> f64 {
        self.ls.rss / self.df_residual()
    }
}

/// Least squares on the constant and all regressors.
pub(super) fn pooled(y: &[f64], x: &[impl AsRef<[f64]>]) -> Result<Fitted, Error> {
    let ls = least_squares(y, x, Constant::Ones, None)?;
    Ok(Fitted {
        kept: ls.kept.clone(),
        absorbed: Vec::new(),
        collinear: ls.dropped.iter().map(|d| d.column).collect(),
        rank: ls.k(),
        ls,
    })
}

/// Least squares after effects were absorbed (the within transformation, Baltagi 2021, section 2.2).
///
/// Inside, the reason why there is no such regression: the effects absorb the outcome.
pub(super) fn within(
    design: &Design,
    effects: Vec<Effect>,
) -> Result<Result<Fitted, String>, Error> {
    let design = Design {
        effects: effects
            .into_iter()
            .map(|effect| (String::new(), effect))
            .collect(),
        ..design.clone()
    };
    let columns = match within_columns(&design) {
        Ok(columns) => columns,
        Err(Error::NoVariation { outcome, .. }) => {
            return Ok(Err(format!("the effects absorb the outcome {outcome}")));
        }
        Err(error) => return Err(error),
    };
    let ls = least_squares(&columns.y, &columns.x, Constant::None, None)?;
    Ok(Ok(Fitted {
        kept: ls.kept.iter().map(|&j| columns.columns[j]).collect(),
        collinear: ls
            .dropped
            .iter()
            .map(|d| columns.columns[d.column])
            .collect(),
        absorbed: columns.absorbed,
        rank: columns.rank.rank + ls.k(),
        ls,
    }))
}

/// The sample with the regressions that several tests share.
#[derive(Debug)]
pub(super) struct Models<'a> {
    /// The sample.
    pub design: &'a Design,
    /// Unit of each row.
    pub unit: Vec<u32>,
    /// Number of units.
    pub units: usize,
    /// Period of each row, numbered in order.
    pub time: Vec<u32>,
    /// The periods.
    pub periods: Vec<i64>,
    /// Whether the formula has an effect of the time column.
    pub time_effects: bool,
    /// Constant and regressors.
    pub pooled: Fitted,
    /// Unit effects and regressors.
    pub within_unit: Result<Fitted, String>,
    /// Time effects and regressors.
    pub within_time: Result<Fitted, String>,
    /// Unit and time effects and regressors.
    pub within_both: Result<Fitted, String>,
}

impl<'a> Models<'a> {
    /// Estimates the four regressions.
    ///
    /// # Errors
    /// No declared panel, one unit or one period, no regressor that varies, effects that cannot be absorbed.
    pub(super) fn new(design: &'a Design, time_effects: bool) -> Result<Self, Error> {
        let (unit, units) = design.units("a specification test")?;
        let unit = unit.to_vec();
        let Some(times) = &design.time else {
            return Err(Error::PanelNeeded {
                what: "a specification test".to_owned(),
            });
        };
        let mut periods = times.clone();
        periods.sort_unstable();
        periods.dedup();
        let time: Vec<u32> = times
            .iter()
            .map(|t| periods.partition_point(|p| p < t) as u32)
            .collect();
        for (count, what) in [(units, "unit"), (periods.len(), "period")] {
            if count < 2 {
                return Err(Error::Unsupported {
                    what: format!("a panel of one {what}"),
                    with: "specification tests".to_owned(),
                    advice: format!(
                        "they compare {what}s, so that more than one must have complete rows"
                    ),
                });
            }
        }
        let by_unit = || levels(&unit, units);
        let by_time = || levels(&time, periods.len());
        let pooled = pooled(&design.y, &design.x)?;
        if pooled.ls.tss <= 1e-28 * pooled.ls.outcome_square {
            return Err(Error::NoVariation {
                outcome: design.outcome.clone(),
                why: "does not vary in the rows used".to_owned(),
            });
        }
        if pooled.kept.is_empty() {
            return Err(Error::AllDropped {
                reasons: "none varies in the rows used".to_owned(),
            });
        }
        Ok(Self {
            pooled,
            within_unit: within(design, vec![by_unit()])?,
            within_time: within(design, vec![by_time()])?,
            within_both: within(design, vec![by_unit(), by_time()])?,
            design,
            unit,
            units,
            time,
            periods,
            time_effects,
        })
    }

    /// Number of rows.
    pub(super) fn n(&self) -> usize {
        self.design.n()
    }

    /// Rows of each unit.
    pub(super) fn rows_by_unit(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.units];
        for (row, unit) in self.unit.iter().enumerate() {
            rows[*unit as usize].push(row);
        }
        rows
    }

    /// Names of some columns of the design, for a note.
    pub(super) fn names(&self, columns: &[usize]) -> String {
        columns
            .iter()
            .map(|&j| self.design.names.get(j).map_or("", String::as_str))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// An indicator of each period but the first.
    pub(super) fn period_dummies(&self) -> Vec<Vec<f64>> {
        (1..self.periods.len() as u32)
            .map(|period| {
                self.time
                    .iter()
                    .map(|&t| f64::from(u8::from(t == period)))
                    .collect()
            })
            .collect()
    }
}

/// An effect of intercepts alone.
pub(super) fn levels(codes: &[u32], levels: usize) -> Effect {
    Effect {
        codes: codes.to_vec().into(),
        levels,
        intercept: true,
        slopes: Vec::new(),
    }
}
