//! Rows, units, periods, groups and their members.

use super::Found;
use super::shown::{count, num, plural};
use crate::finding::Severity;
use crate::paper::{Column, Errors, Paper};
use panelyst_model::distributions::t_two_sided_quantile;

/// N is at most units times periods, less what lags cost, more than the coefficients, and at least the clusters.
pub(super) fn panel_size(paper: &Paper) -> Vec<Found> {
    let mut found = column_counts(paper);
    let (Some(units), Some(periods)) = (paper.sample.units, paper.sample.periods) else {
        return found;
    };
    let full = units * periods;
    let product = format!(
        "{} units * {} periods = {}",
        count(units),
        count(periods),
        count(full)
    );
    let above = |n: f64, severity| {
        Found::new(
            severity,
            format!("{} rows are more than {product}", count(n)),
        )
        .values(count(n), format!("at most {}", count(full)))
    };
    for table in &paper.descriptions {
        for row in &table.rows {
            if let Some(n) = row.obs.filter(|n| *n > full) {
                found.push(above(n, Severity::Impossible).place(&table.name, "Obs", &row.variable));
            }
        }
    }
    for table in &paper.regressions {
        for column in &table.columns {
            let Some(n) = column.n else {
                continue;
            };
            if n > full {
                found.push(above(n, Severity::Impossible).at(table, column, "N"));
            } else if column.lags > 0.0
                && column.group.is_none()
                && n > units * (periods - column.lags)
            {
                let left = units * (periods - column.lags);
                let message = format!(
                    "{} of each unit leave {} of {product} rows, but N = {}, unless earlier data were used",
                    plural(column.lags, "lag"),
                    count(left),
                    count(n)
                );
                found.push(
                    Found::new(Severity::Questionable, message)
                        .at(table, column, "N")
                        .values(count(n), count(left)),
                );
            }
        }
    }
    if let Some(rows) = paper.sample.rows.filter(|rows| *rows > full) {
        found.push(above(rows, Severity::Impossible));
    }
    found
}

/// N of each column against its own coefficients and clusters.
fn column_counts(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            let Some(n) = column.n else {
                continue;
            };
            let terms = column.terms.len() as f64;
            if n <= terms && column.terms.iter().any(|term| !term.below.is_empty()) {
                let message = format!(
                    "{} rows leave no degree of freedom beside {} coefficients: N - K is {} or less, so that no standard error exists",
                    count(n),
                    count(terms),
                    count(n - terms)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, "N")
                        .values(count(n), format!("more than {}", count(terms))),
                );
            }
            if let Some(clusters) = column.clusters.filter(|clusters| *clusters > n) {
                let message = format!(
                    "{} clusters of {} rows, but a cluster has one row at least",
                    count(clusters),
                    count(n)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, "clusters")
                        .values(count(clusters), format!("at most {}", count(n))),
                );
            }
        }
    }
    found
}

/// The rows of the whole sample: the common N of columns that are no subsample, or units times periods.
fn whole(paper: &Paper) -> Option<f64> {
    let pooled: Vec<f64> = paper
        .regressions
        .iter()
        .flat_map(|table| &table.columns)
        .filter(|column| column.group.is_none())
        .filter_map(|column| column.n)
        .collect();
    let common = pooled
        .first()
        .copied()
        .filter(|n| pooled.iter().all(|m| m == n));
    common
        .or(paper.sample.rows)
        .or_else(|| Some(paper.sample.units? * paper.sample.periods?))
}

/// Subsamples that make up the sample add up to it.
pub(super) fn subsamples(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(whole) = whole(paper) else {
        return found;
    };
    for table in paper.regressions.iter().filter(|table| table.split) {
        let parts: Option<Vec<f64>> = table.columns.iter().map(|column| column.n).collect();
        let Some(parts) = parts.filter(|parts| parts.len() > 1) else {
            continue;
        };
        let sum: f64 = parts.iter().sum();
        if sum == whole {
            continue;
        }
        let words: Vec<String> = parts.iter().map(|n| count(*n)).collect();
        let message = format!(
            "the subsamples have {} = {} rows, the whole sample {}",
            words.join(" + "),
            count(sum),
            count(whole)
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .place(&table.name, "", "N")
                .values(count(sum), count(whole)),
        );
    }
    found
}

/// Lists of members against N and against the number of units.
pub(super) fn members(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            found.extend(list_of_column(paper, column).map(|f| f.at(table, column, "N")));
        }
    }
    let listed: Vec<&String> = paper.groups.iter().flat_map(|g| &g.members).collect();
    for (j, member) in listed.iter().enumerate() {
        if listed[..j].contains(member) {
            let message = format!("{member} is listed twice among the members of the groups");
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .place("", "", member)
                    .values("listed twice", "listed once"),
            );
        }
    }
    let all_listed = paper.groups.iter().all(|g| !g.members.is_empty());
    if let Some(units) = paper.sample.units
        && all_listed
        && !listed.is_empty()
        && listed.len() as f64 != units
    {
        let words: Vec<String> = paper
            .groups
            .iter()
            .map(|group| format!("{} {}", group.name, group.members.len()))
            .collect();
        let absent: Vec<&str> = paper
            .sample
            .members
            .iter()
            .filter(|member| !listed.contains(member))
            .map(String::as_str)
            .collect();
        let absent = if absent.is_empty() {
            String::new()
        } else {
            format!("; in no list: {}", absent.join(", "))
        };
        let message = format!(
            "the lists name {} ({}), the sample has {}{absent}",
            plural(listed.len() as f64, &unit(paper)),
            words.join(", "),
            count(units)
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .values(listed.len().to_string(), count(units)),
        );
    }
    found
}

fn unit(paper: &Paper) -> String {
    if paper.sample.unit.is_empty() {
        "unit".to_owned()
    } else {
        paper.sample.unit.clone()
    }
}

/// N = members times periods.
fn list_of_column(paper: &Paper, column: &Column) -> Option<Found> {
    let group = &paper.groups[column.group?];
    let listed = group.members.len() as f64;
    let (n, periods) = (column.n?, paper.sample.periods?);
    if listed == 0.0 || n == listed * periods {
        return None;
    }
    let word = unit(paper);
    let implied = n / periods;
    let gap = implied - listed;
    let (severity, reading) = if n > listed * periods {
        let names = if gap.fract() == 0.0 {
            format!("; {} not named", plural(gap, &word))
        } else {
            String::new()
        };
        (Severity::Inconsistent, names)
    } else {
        (Severity::Note, "; unless rows are missing".to_owned())
    };
    let message = format!(
        "{} rows over {} periods are {} {word}s, but the text lists {}{reading}",
        count(n),
        count(periods),
        num(implied),
        count(listed)
    );
    Some(Found::new(severity, message).values(format!("{} listed", count(listed)), num(implied)))
}

/// Clusters below which t(G-1) tests with clustered errors are far from their level.
const FEW: f64 = 20.0;

/// Too few clusters in a subsample.
pub(super) fn few_clusters(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in table.columns.iter().filter(|column| column.group.is_some()) {
            let Some(units) = paper.units(column).filter(|g| (2.0..FEW).contains(g)) else {
                continue;
            };
            let stated = table.errors.or(paper.sample.errors);
            let severity = match stated {
                Some(Errors::Classical | Errors::Robust) => Severity::Note,
                _ => Severity::Questionable,
            };
            let critical = t_two_sided_quantile(0.05, units - 1.0);
            let terms = column.terms.len() as f64;
            let rank = if terms > units {
                format!(
                    "; a clustered covariance of {} coefficients has rank at most {}",
                    count(terms),
                    count(units)
                )
            } else {
                String::new()
            };
            let message = format!(
                "the column has {} {}s: with errors clustered by {} there are {} clusters and G-1 = {} degrees of freedom, a critical value of {} \
                 instead of 1.96 at 5 per cent{rank}",
                count(units),
                unit(paper),
                unit(paper),
                count(units),
                count(units - 1.0),
                num(critical)
            );
            found.push(Found::new(severity, message).at(table, column, "N").values(
                format!("{} {}s", count(units), unit(paper)),
                format!("G-1 = {}", count(units - 1.0)),
            ));
        }
    }
    found
}
