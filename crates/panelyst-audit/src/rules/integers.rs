//! Counts: their least and greatest value are whole numbers, or logarithms of whole numbers.

use super::Found;
use super::shown::{count, num, range};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Moment, Moments, Paper, Transform, Variable};
use crate::said::{Bilingual, Said, said};

/// The counts whose transform rounds to what is printed.
fn counts(printed: Interval, transform: Transform) -> Interval {
    match transform {
        Transform::Level | Transform::Log => printed,
        Transform::Log10 => printed.map_increasing(|x| 10f64.powf(x)),
        Transform::Ln => printed.map_increasing(f64::exp),
    }
}

/// One printed extreme under one reading, in words, and whether it fits.
fn reading(moments: &Moments, moment: Moment, transform: Transform) -> Option<(bool, Said)> {
    let printed = moments.printed(moment)?;
    let range_of = counts(printed.interval(), transform);
    let fits = range_of.holds_integer();
    let formula = match transform {
        Transform::Level | Transform::Log => {
            let verb = if fits {
                ("is", "为整数")
            } else {
                ("is not", "非整数")
            };
            return Some((fits, said!("{} {}", "{}{}", printed.text, verb)));
        }
        Transform::Log10 => format!("10^{}", printed.text),
        Transform::Ln => format!("e^{}", printed.text),
    };
    let found = if fits {
        let nearest = range_of.middle().round();
        said!("holds {}", "含整数{}", count(nearest))
    } else {
        ("holds no whole number", "不含整数").said()
    };
    let digits = if range_of.high < 1e6 {
        format!("[{:.3}, {:.3}]", range_of.low, range_of.high)
    } else {
        range(range_of)
    };
    let words = said!(
        "{formula} in {digits} {}",
        "{formula}位于{digits}，{}",
        found
    );
    Some((fits, words))
}

/// Whether both extremes fit a reading, with the words for each.
fn fits(moments: &Moments, transform: Transform) -> (bool, Said) {
    let readings: Vec<(bool, Said)> = [Moment::Min, Moment::Max]
        .into_iter()
        .filter_map(|moment| reading(moments, moment, transform))
        .collect();
    let all = readings.iter().all(|(fits, _)| *fits);
    let words: Vec<Said> = readings.into_iter().map(|(_, words)| words).collect();
    (all, Said::joined(&words, " and ", "，"))
}

/// A count against its least value, its greatest value and its mean.
pub(super) fn whole_numbers(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for variable in paper.variables.iter().filter(|v| v.count) {
        for table in &paper.descriptions {
            for row in table.rows.iter().filter(|r| r.variable == variable.name) {
                found.extend(one(&table.name, variable, row));
            }
        }
    }
    found
}

fn one(table: &str, variable: &Variable, row: &Moments) -> Option<Found> {
    let extreme = row
        .printed(Moment::Min)
        .or_else(|| row.printed(Moment::Max))?;
    let heading = if row.printed(Moment::Min).is_some() {
        row.heading(Moment::Min)
    } else {
        row.heading(Moment::Max)
    };
    let declared = variable.transform.unwrap_or(Transform::Level);
    let (level, level_words) = fits(row, Transform::Level);
    let (log10, log10_words) = fits(row, Transform::Log10);
    let (ln, ln_words) = fits(row, Transform::Ln);
    let logs = said!(
        "log10: {}; ln: {}",
        "log10：{}；ln：{}",
        log10_words,
        ln_words
    );
    let only = match (log10, ln) {
        (true, false) => Some("log10"),
        (false, true) => Some("ln"),
        _ => None,
    };
    let make = |severity, message: Said, implied: Said| {
        Some(
            Found::new(severity, message)
                .place(table, heading, &variable.name)
                .values(&extreme.text, implied),
        )
    };
    let whole = || ("a log of a whole number", "整数的对数").said();
    match declared {
        Transform::Level if !level => {
            let what = if variable.unit.is_empty() {
                ("a count", "计数变量").said()
            } else {
                variable.unit.said()
            };
            let (words, implied) = match only {
                Some(base) => (
                    said!(
                        "the values fit {base} of a count, which the text does not say; {}",
                        "各值符合计数的{base}，但文中未作说明；{}",
                        logs
                    ),
                    said!("{base} of a count", "计数的{base}"),
                ),
                None => (logs, ("a whole number", "整数").said()),
            };
            make(
                Severity::Inconsistent,
                said!(
                    "{} without a transform is a whole number; {}; {}",
                    "{}未经变换时为整数；{}；{}",
                    what,
                    level_words,
                    words
                ),
                implied,
            )
        }
        Transform::Level => mean(table, variable, row),
        Transform::Log => match only {
            Some(base) => make(
                Severity::Note,
                said!(
                    "the base of the logarithm is not stated; only {base} gives whole numbers: {}",
                    "未说明对数的底；仅{base}还原为整数：{}",
                    logs
                ),
                base.said(),
            ),
            None if !log10 && !ln => make(
                Severity::Inconsistent,
                said!(
                    "declared a log of a count, but no base gives whole numbers: {}",
                    "文中称取计数的对数，但常用对数与自然对数均不能还原为整数：{}",
                    logs
                ),
                whole(),
            ),
            None => None,
        },
        Transform::Log10 | Transform::Ln => {
            let (fits, name) = if declared == Transform::Log10 {
                (log10, "log10")
            } else {
                (ln, "ln")
            };
            if fits {
                return None;
            }
            make(
                Severity::Inconsistent,
                said!(
                    "declared {name} of a count; {}",
                    "文中称取计数的{name}；{}",
                    logs
                ),
                only.map_or_else(whole, Bilingual::said),
            )
        }
    }
}

/// n times the mean of a count is a whole number (GRIM).
fn mean(table: &str, variable: &Variable, row: &Moments) -> Option<Found> {
    let n = row.obs?;
    let mean = row.printed(Moment::Mean)?;
    let total = mean.interval() * n;
    if total.holds_integer() {
        return None;
    }
    let message = said!(
        "n times the mean of a count is a whole number, but {} * {} lies in {}",
        "计数变量的n乘以均值为整数，但{} * {}位于{}",
        count(n),
        mean.text,
        range(total)
    );
    Some(
        Found::new(Severity::Inconsistent, message)
            .place(table, row.heading(Moment::Mean), &variable.name)
            .values(&mean.text, num((mean.value * n).round() / n)),
    )
}
