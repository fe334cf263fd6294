//! Rows, units, periods, groups and their members.

use super::Found;
use super::shown::{at_most, count, num, plural, plural_of};
use crate::finding::Severity;
use crate::paper::{Column, Errors, Paper};
use crate::said::{Bilingual, Said, said};
use panelyst_model::distributions::t_two_sided_quantile;

/// N is at most units times periods, less what lags cost, more than the coefficients, and at least the clusters.
pub(super) fn panel_size(paper: &Paper) -> Vec<Found> {
    let mut found = column_counts(paper);
    let (Some(units), Some(periods)) = (paper.sample.units, paper.sample.periods) else {
        return found;
    };
    let full = units * periods;
    let product = said!(
        "{} units * {} periods = {}",
        "{}个个体 * {}期 = {}",
        count(units),
        count(periods),
        count(full)
    );
    let above = |n: f64, severity| {
        Found::new(
            severity,
            said!(
                "{} rows are more than {}",
                "{}个观测，多于{}",
                count(n),
                product
            ),
        )
        .values(count(n), at_most(count(full)))
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
                let message = said!(
                    "with {0} of each unit {1} of {2} rows are left, but N = {3}, unless earlier data were used",
                    "每个个体有{0}，{2}个观测余{1}个，但N = {3}，除非使用了更早的数据",
                    plural(column.lags, ("lag", "期用于滞后")),
                    count(left),
                    product,
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
                let message = said!(
                    "{} rows leave no degree of freedom beside {} coefficients: N - K is {} or less, so that no standard error exists",
                    "{}个观测估计{}个系数，没有剩余自由度：N - K至多为{}，标准误不存在",
                    count(n),
                    count(terms),
                    count(n - terms)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, "N")
                        .values(count(n), said!("more than {}", "多于{}", count(terms))),
                );
            }
            if let Some(clusters) = column.clusters.filter(|clusters| *clusters > n) {
                let message = said!(
                    "{} clusters of {} rows, but a cluster has one row at least",
                    "聚类数为{}，观测数为{}，而每个聚类至少有一个观测",
                    count(clusters),
                    count(n)
                );
                found.push(
                    Found::new(Severity::Inconsistent, message)
                        .at(table, column, "clusters")
                        .values(count(clusters), at_most(count(n))),
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
        let message = said!(
            "the subsamples have {} = {} rows, the whole sample {}",
            "各子样本的观测数为{} = {}，全样本为{}",
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
            let message = said!(
                "{member} is listed twice among the members of the groups",
                "{member}在各组成员名单中出现两次"
            );
            found.push(
                Found::new(Severity::Inconsistent, message)
                    .place("", "", member)
                    .values(("listed twice", "列出两次"), ("listed once", "列出一次")),
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
        let absent: Vec<&String> = paper
            .sample
            .members
            .iter()
            .filter(|member| !listed.contains(member))
            .collect();
        let absent = if absent.is_empty() {
            Said::default()
        } else {
            said!(
                "; in no list: {}",
                "；未列入任何名单：{}",
                Said::joined(&absent, ", ", "、")
            )
        };
        let message = said!(
            "the lists name {} ({}), the sample has {}{}",
            "各名单共列出{}（{}），样本为{}个{}",
            units_of(paper, listed.len() as f64),
            Said::joined(&words, ", ", "，"),
            count(units),
            absent
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .values(listed.len().to_string(), count(units)),
        );
    }
    found
}

fn unit(paper: &Paper) -> Said {
    if paper.sample.unit.is_empty() {
        ("unit", "个体").said()
    } else {
        paper.sample.unit.said()
    }
}

/// The paper's word for units: `provinces`, or as it is where it is no English word.
fn units_word(paper: &Paper) -> Said {
    let unit = unit(paper);
    let en = plural_of(&unit.en);
    Said { en, ..unit }
}

/// `1 province`, `2 provinces`.
fn units_of(paper: &Paper, number: f64) -> Said {
    let unit = unit(paper);
    plural(number, (&unit.en, &format!("个{}", unit.zh)))
}

/// N = members times periods.
fn list_of_column(paper: &Paper, column: &Column) -> Option<Found> {
    let group = &paper.groups[column.group?];
    let listed = group.members.len() as f64;
    let (n, periods) = (column.n?, paper.sample.periods?);
    if listed == 0.0 || n == listed * periods {
        return None;
    }
    let implied = n / periods;
    let gap = implied - listed;
    let (severity, reading) = if n > listed * periods {
        let names = if gap.fract() == 0.0 {
            said!("; {} not named", "；{}未列出", units_of(paper, gap))
        } else {
            Said::default()
        };
        (Severity::Inconsistent, names)
    } else {
        let missing = ("; unless rows are missing", "，除非有观测缺失");
        (Severity::Note, missing.said())
    };
    let message = said!(
        "{} rows over {} periods are {} {}, but the text lists {}{}",
        "{}个观测、{}期，即{}个{}，但文中列出{}个{}",
        count(n),
        count(periods),
        num(implied),
        units_word(paper),
        count(listed),
        reading
    );
    let reported = said!("{} listed", "列出{}个", count(listed));
    Some(Found::new(severity, message).values(reported, num(implied)))
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
                said!(
                    "; a clustered covariance of {} coefficients has rank at most {}",
                    "；{}个系数的聚类协方差矩阵的秩至多为{}",
                    count(terms),
                    count(units)
                )
            } else {
                Said::default()
            };
            let message = said!(
                "the column has {0} {5}: with errors clustered by {1} there are {0} clusters and G-1 = {2} degrees of freedom, a critical value of {3} \
                 instead of 1.96 at 5 per cent{4}",
                "该列有{0}个{5}：标准误按{1}聚类时，聚类数为{0}，自由度G-1 = {2}，5%水平的临界值为{3}，而非1.96{4}",
                count(units),
                unit(paper),
                count(units - 1.0),
                num(critical),
                rank,
                units_word(paper)
            );
            found.push(Found::new(severity, message).at(table, column, "N").values(
                said!("{} {}", "{}个{}", count(units), units_word(paper)),
                format!("G-1 = {}", count(units - 1.0)),
            ));
        }
    }
    found
}
