//! Rows below the coefficients of a regression table.

use panelyst_model::Fit;

use super::labels::clusters;
use super::style::Style;
use super::{integer, number, text};
use crate::table::{Cell, Digits, Row, RowKind};
use crate::words::{self, Word};

/// A statistic of a fit that a table may print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Observations.
    Observations,
    /// Clusters of each cluster variable.
    Clusters,
    /// R squared with the effects.
    R2,
    /// Adjusted R squared with the effects.
    R2Adjusted,
    /// R squared after all effects were partialled out.
    R2Within,
    /// McFadden's pseudo R squared, for models estimated by likelihood.
    PseudoR2,
    /// Root mean squared error.
    Rmse,
    /// Log-likelihood.
    LogLikelihood,
}

/// A registry row: how a statistic is named and read off a fit.
pub struct StatisticRow {
    /// Which one.
    pub statistic: Statistic,
    /// Printed name; its `key` is the name in a study file.
    pub word: Word,
    /// Its value in a fit.
    pub cell: fn(&Fit) -> Cell,
}

const THREE: Digits = Digits::Decimals(3);

/// Every statistic, by name.
pub const STATISTICS: &[StatisticRow] = &[
    StatisticRow {
        statistic: Statistic::Observations,
        word: words::OBSERVATIONS,
        cell: |fit| integer(fit.nobs),
    },
    StatisticRow {
        statistic: Statistic::Clusters,
        word: words::CLUSTERS,
        cell: |fit| match clusters(fit).first() {
            Some((_, count)) => integer(usize::try_from(*count).unwrap_or(usize::MAX)),
            None => Cell::Empty,
        },
    },
    StatisticRow {
        statistic: Statistic::R2,
        word: words::R2,
        cell: |fit| optional(fit.r2),
    },
    StatisticRow {
        statistic: Statistic::R2Adjusted,
        word: words::R2_ADJUSTED,
        cell: |fit| optional(fit.r2_adjusted),
    },
    StatisticRow {
        statistic: Statistic::R2Within,
        word: words::R2_WITHIN,
        cell: |fit| {
            if fit.fixed_effects.is_empty() {
                Cell::Empty
            } else {
                optional(fit.r2_within)
            }
        },
    },
    StatisticRow {
        statistic: Statistic::PseudoR2,
        word: words::PSEUDO_R2,
        cell: |fit| optional(fit.pseudo_r2),
    },
    StatisticRow {
        statistic: Statistic::Rmse,
        word: words::RMSE,
        cell: |fit| number(fit.rmse, Digits::Significant(3)),
    },
    StatisticRow {
        statistic: Statistic::LogLikelihood,
        word: words::LOGLIK,
        cell: |fit| optional(fit.loglik),
    },
];

impl Statistic {
    /// The statistic of a name in [`STATISTICS`].
    pub fn named(key: &str) -> Option<Self> {
        let row = STATISTICS.iter().find(|row| row.word.key == key);
        row.map(|row| row.statistic)
    }
}

fn optional(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, |value| number(value, THREE))
}

/// The statistics of a style; where R squared is asked for and a fit has none, pseudo R squared and log-likelihood too.
fn wanted(fits: &[&Fit], style: &Style) -> Vec<Statistic> {
    let mut wanted = style.statistics.clone();
    let by_likelihood = fits.iter().any(|fit| fit.pseudo_r2.is_some());
    if by_likelihood && wanted.contains(&Statistic::R2) {
        for extra in [Statistic::PseudoR2, Statistic::LogLikelihood] {
            if !wanted.contains(&extra) {
                wanted.push(extra);
            }
        }
    }
    wanted
}

/// The rows of the statistics that at least one fit has.
pub(super) fn statistic_rows(fits: &[&Fit], style: &Style) -> Vec<Row> {
    let mut rows = Vec::new();
    for wanted in wanted(fits, style).iter() {
        if *wanted == Statistic::Clusters {
            rows.extend(cluster_rows(fits, style));
            continue;
        }
        let Some(row) = STATISTICS.iter().find(|row| row.statistic == *wanted) else {
            continue;
        };
        let cells = fits.iter().map(|fit| (row.cell)(fit)).collect();
        rows.extend(statistic_row(row.word.say(style.lang).to_owned(), cells));
    }
    rows
}

/// One row for each cluster variable; named only when there is more than one.
fn cluster_rows(fits: &[&Fit], style: &Style) -> Vec<Row> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in fits.iter().flat_map(|fit| clusters(fit)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let word = words::CLUSTERS.say(style.lang);
    let rows = names.iter().filter_map(|name| {
        let label = match (names.len(), style.lang) {
            (1, _) => word.to_owned(),
            (_, crate::Lang::En) => format!("{word} ({})", style.label(name)),
            (_, crate::Lang::Zh) => format!("{word}（{}）", style.label(name)),
        };
        let count = |fit: &&Fit| match clusters(fit).iter().find(|(known, _)| known == name) {
            Some((_, count)) => integer(usize::try_from(*count).unwrap_or(usize::MAX)),
            None => Cell::Empty,
        };
        statistic_row(label, fits.iter().map(count).collect())
    });
    rows.collect()
}

fn statistic_row(label: String, values: Vec<Cell>) -> Option<Row> {
    if values.iter().all(|cell| *cell == Cell::Empty) {
        return None;
    }
    let mut cells = vec![text(label)];
    cells.extend(values);
    Some(Row {
        kind: RowKind::Statistic,
        cells,
    })
}
