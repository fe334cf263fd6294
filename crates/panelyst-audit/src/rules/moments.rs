//! Descriptive statistics against each other.

use super::Found;
use super::shown::{at_least, at_most, count, num};
use crate::finding::Severity;
use crate::paper::{Moment, Moments, Paper};
use crate::said::said;

fn rows(paper: &Paper) -> impl Iterator<Item = (&str, &Moments)> {
    paper
        .descriptions
        .iter()
        .flat_map(|table| table.rows.iter().map(|row| (table.name.as_str(), row)))
}

/// min <= p25 <= median <= p75 <= max, min <= mean <= max, sd >= 0.
pub(super) fn order(paper: &Paper) -> Vec<Found> {
    const CHAINS: [&[Moment]; 2] = [
        &[
            Moment::Min,
            Moment::P25,
            Moment::Median,
            Moment::P75,
            Moment::Max,
        ],
        &[Moment::Min, Moment::Mean, Moment::Max],
    ];
    let mut found = Vec::new();
    for (table, row) in rows(paper) {
        for chain in CHAINS {
            let present: Vec<Moment> = chain
                .iter()
                .copied()
                .filter(|moment| row.printed(*moment).is_some())
                .collect();
            for pair in present.windows(2) {
                let (Some(low), Some(high)) = (row.printed(pair[0]), row.printed(pair[1])) else {
                    continue;
                };
                if high.interval().below(low.interval()) {
                    let message = said!(
                        "{} = {} exceeds {} = {}",
                        "{} = {}大于{} = {}",
                        row.heading(pair[0]),
                        low.text,
                        row.heading(pair[1]),
                        high.text
                    );
                    found.push(
                        Found::new(Severity::Impossible, message)
                            .place(table, row.heading(pair[0]), &row.variable)
                            .values(&low.text, at_most(&high.text)),
                    );
                }
            }
        }
        if let Some(sd) = row.printed(Moment::Sd)
            && sd.interval().high < 0.0
        {
            found.push(
                Found::new(
                    Severity::Impossible,
                    said!(
                        "a standard deviation is not negative, but {} is printed",
                        "标准差不为负，但表中为{}",
                        sd.text
                    ),
                )
                .place(table, row.heading(Moment::Sd), &row.variable)
                .values(&sd.text, num(-sd.value)),
            );
        }
    }
    found
}

/// Bounds of the standard deviation with n - 1, given mean m, least value a, greatest value b and n rows:
/// (m - a)^2 + (b - m)^2 + (2m - a - b)^2/(n - 2) <= (n - 1) sd^2 <= n (b - m)(m - a); and of the distance of mean and
/// median, abs(mean - median) <= sd sqrt((n - 1)/n).
pub(super) fn deviation(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for (table, row) in rows(paper) {
        let (Some(mean), Some(sd), Some(printed)) = (
            row.get(Moment::Mean),
            row.get(Moment::Sd),
            row.printed(Moment::Sd),
        ) else {
            continue;
        };
        if sd.high < 0.0 {
            // Told by the order of statistics.
            continue;
        }
        let n = row.obs.or(paper.sample.rows);
        let heading = row.heading(Moment::Sd);
        if let (Some(a), Some(b)) = (row.get(Moment::Min), row.get(Moment::Max)) {
            // Without N the factor n/(n - 1) is at most 2.
            let factor = n.filter(|n| *n > 1.0).map_or(2.0, |n| n / (n - 1.0));
            let most =
                ((b.high - mean.low).max(0.0) * (mean.high - a.low).max(0.0) * factor).sqrt();
            if sd.low > most * (1.0 + 1e-9) {
                let message = said!(
                    "with mean {} between {} and {} the standard deviation is at most sqrt((max - mean)(mean - min) n/(n - 1)) = {}, but {} is printed",
                    "均值为{}、取值在{}与{}之间时，标准差至多为sqrt((max - mean)(mean - min) n/(n - 1)) = {}，但表中为{}",
                    num(mean.middle()),
                    num(a.middle()),
                    num(b.middle()),
                    num(most),
                    printed.text
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .place(table, heading, &row.variable)
                        .values(&printed.text, at_most(num(most))),
                );
            }
            if let Some(n) = n.filter(|n| *n > 2.0) {
                let far = (mean - a).square().low + (b - mean).square().low;
                let rest = (mean + mean - a - b).square().low / (n - 2.0);
                let least = ((far + rest) / (n - 1.0)).sqrt();
                if sd.high < least * (1.0 - 1e-9) {
                    let message = said!(
                        "one row at the minimum and one at the maximum alone give {} rows a standard deviation of at least {}, but {} is printed",
                        "仅最小值与最大值处各有一个观测，{}个观测的标准差即至少为{}，但表中为{}",
                        count(n),
                        num(least),
                        printed.text
                    );
                    found.push(
                        Found::new(Severity::Impossible, message)
                            .place(table, heading, &row.variable)
                            .values(&printed.text, at_least(num(least))),
                    );
                }
            }
        }
        if let Some(median) = row.get(Moment::Median) {
            let distance = (mean - median).abs().low;
            let most = n
                .filter(|n| *n > 1.0)
                .map_or(1.0, |n| ((n - 1.0) / n).sqrt())
                * sd.high;
            if distance > most * (1.0 + 1e-9) {
                let message = said!(
                    "mean and median differ by at most one standard deviation, {}, but by {} here",
                    "均值与中位数之差至多为一个标准差，即{}，此处却为{}",
                    num(most),
                    num(distance)
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .place(table, row.heading(Moment::Median), &row.variable)
                        .values(
                            num(median.middle()),
                            said!(
                                "within {0} of {1}",
                                "与{1}相差至多{0}",
                                num(most),
                                num(mean.middle())
                            ),
                        ),
                );
            }
        }
    }
    found
}
