//! Which distribution the stars of a paper follow.

use crate::interval::Interval;
use crate::paper::{Column, Paper, Regression, Term};
use panelyst_model::distributions::{normal_two_sided, t_two_sided};

/// A way to count the degrees of freedom of t tests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Convention {
    /// Word in messages, English and Chinese.
    pub name: (&'static str, &'static str),
    /// When it is used, English and Chinese.
    pub used: (&'static str, &'static str),
    /// Degrees of freedom of a column, least and greatest that the page allows; infinite for the normal.
    pub df: fn(&Paper, &Column) -> Option<Interval>,
}

/// All conventions.
pub(super) const CONVENTIONS: [Convention; 3] = [
    Convention {
        name: ("N-K", "N-K"),
        used: (
            "classical or heteroskedasticity-robust errors",
            "同方差或异方差稳健标准误",
        ),
        df: residual,
    },
    Convention {
        name: ("G-1", "G-1"),
        used: ("errors clustered by unit", "按个体聚类的标准误"),
        df: clusters,
    },
    Convention {
        name: ("normal", "正态分布"),
        used: ("large-sample tests", "大样本检验"),
        df: |_, _| Some(Interval::new(f64::INFINITY, f64::INFINITY)),
    },
];

/// N - K, where K counts the printed terms alone, or the effects of units and periods as well.
fn residual(paper: &Paper, column: &Column) -> Option<Interval> {
    let n = column.n?;
    if column.other_effects > 0 {
        return None;
    }
    let printed = column.terms.len() as f64;
    // Clusters may be fewer than units, if they are something else.
    let units = if column.unit_effects {
        paper.units(column)?.max(
            paper
                .sample
                .units
                .filter(|_| column.group.is_none())
                .unwrap_or(0.0),
        )
    } else {
        0.0
    };
    let periods = if column.time_effects {
        paper.sample.periods?
    } else {
        0.0
    };
    let low = n - printed - (units - 1.0).max(0.0) - (periods - 1.0).max(0.0) - 1.0;
    (low >= 1.0).then(|| Interval::new(low, n - printed))
}

/// G - 1. With fewer rows than units times periods, and no count of clusters, whole units may be missing.
fn clusters(paper: &Paper, column: &Column) -> Option<Interval> {
    let units = paper.units(column)?;
    let least = match (column.n, paper.sample.periods) {
        (Some(n), Some(periods)) if column.clusters.is_none() && n < units * periods => {
            (n / periods).ceil().min(units)
        }
        (Some(n), None)
            if column.clusters.is_none()
                && column.group.is_none()
                && paper.sample.rows.is_some_and(|rows| n < rows) =>
        {
            2.0
        }
        _ => units,
    };
    (units >= 2.0).then(|| Interval::new((least - 1.0).max(1.0), units - 1.0))
}

/// p-values of absolute t statistics.
pub(super) fn p_values(t: Interval, df: Interval) -> Interval {
    let p = |t: f64, df: f64| {
        if df.is_infinite() {
            normal_two_sided(t)
        } else {
            t_two_sided(t, df)
        }
    };
    Interval::new(p(t.high, df.high), p(t.low, df.low))
}

/// Least and greatest number of stars that a range of p-values allows.
pub(super) fn star_range(p: Interval, levels: &[f64]) -> (usize, usize) {
    let earned = |p: f64, slack: f64| levels.iter().filter(|level| p < **level * slack).count();
    // A test exactly at its level may be printed either way.
    (earned(p.high, 1.0 - 1e-9), earned(p.low, 1.0 + 1e-9))
}

/// One coefficient with stars or without, and what each convention would print.
pub(super) struct Cell<'a> {
    pub table: &'a Regression,
    pub column: &'a Column,
    pub term: &'a Term,
    pub t: Interval,
    /// For each convention: degrees of freedom, p-values, least and greatest number of stars.
    pub under: [Option<Under>; 3],
}

/// What a convention gives for a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Under {
    pub df: Interval,
    pub p: Interval,
    pub stars: (usize, usize),
}

impl Cell<'_> {
    /// Whether the printed stars fit a convention; nothing where it cannot be computed.
    pub fn fits(&self, convention: usize) -> Option<bool> {
        let stars = self.under[convention]?.stars;
        let printed = self.term.coefficient.stars;
        Some(stars.0 <= printed && printed <= stars.1)
    }
}

/// Every coefficient with a t statistic in a table with a legend.
pub(super) fn cells(paper: &Paper) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for table in paper.regressions.iter().filter(|t| !t.stars.is_empty()) {
        for column in &table.columns {
            for term in &column.terms {
                let Some(t) = term.abs_t() else {
                    continue;
                };
                let under = CONVENTIONS.map(|convention| {
                    let df = (convention.df)(paper, column)?;
                    let p = p_values(t, df);
                    Some(Under {
                        df,
                        p,
                        stars: star_range(p, &table.stars),
                    })
                });
                cells.push(Cell {
                    table,
                    column,
                    term,
                    t,
                    under,
                });
            }
        }
    }
    cells
}
