//! The regression with a constant passes through the means.

use super::Found;
use super::shown::{num, range};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Column, Moment, Paper, Term};
use crate::said::{Said, said};

/// A term without a mean, and the mean that the column implies for it.
struct Unknown<'a> {
    column: &'a Column,
    term: &'a Term,
    implied: Interval,
    middle: f64,
}

/// The sum a + sum of b_j m_j as an interval, its middle, its words, and terms whose means are not printed.
struct Identity<'a> {
    sum: Interval,
    middle: f64,
    words: String,
    missing: Vec<&'a Term>,
}

fn identity<'a>(paper: &Paper, column: &'a Column, constant: &Term) -> Identity<'a> {
    let mut made = Identity {
        sum: constant.coefficient.interval(),
        middle: constant.coefficient.value,
        words: constant.coefficient.text.replace('*', ""),
        missing: Vec::new(),
    };
    for term in column.slopes() {
        let moments = paper.moments(&term.row, column.n);
        let printed = moments
            .filter(|m| m.obs.is_none() || m.obs == column.n)
            .and_then(|m| m.printed(Moment::Mean));
        let Some(mean) = printed else {
            made.missing.push(term);
            continue;
        };
        made.sum = made.sum + term.coefficient.interval() * mean.interval();
        made.middle += term.coefficient.value * mean.value;
        let (sign, b) = match term.coefficient.text.replace('*', "") {
            text if term.coefficient.value < 0.0 => (
                "-",
                text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '.')
                    .to_owned(),
            ),
            text => ("+", text),
        };
        made.words.push_str(&format!(" {sign} {b}*{}", mean.text));
    }
    made
}

/// The mean of the outcome on the rows of a column.
fn outcome_mean(paper: &Paper, column: &Column) -> Option<(String, Interval, f64)> {
    let outcome = column.outcome.clone()?;
    let moments = paper.moments(&outcome, column.n)?;
    if moments.obs.is_some() && moments.obs != column.n {
        return None;
    }
    let mean = moments.printed(Moment::Mean)?;
    Some((outcome, mean.interval(), mean.value))
}

/// ybar = a + sum of b_j xbar_j in every unweighted least-squares regression with a constant and no other effects.
pub(super) fn mean_identity(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    let mut unknowns: Vec<(&str, Unknown<'_>)> = Vec::new();
    for table in paper.regressions.iter().filter(|table| !table.weighted) {
        for column in table
            .columns
            .iter()
            .filter(|c| c.least_squares() && !c.effects())
        {
            let Some(constant) = column.constant() else {
                continue;
            };
            let Some((outcome, mean, value)) = outcome_mean(paper, column) else {
                continue;
            };
            let made = identity(paper, column, constant);
            if made.missing.is_empty() {
                if made.sum.meets(mean) {
                    continue;
                }
                let fitting = constant.coefficient.value + value - made.middle;
                let message = said!(
                    "least squares with a constant passes through the means: {} = {}, with rounding in {}, but the mean of {outcome} is {}; \
                     a constant of {} would fit",
                    "含常数项的最小二乘回归过均值点：{} = {}，计入舍入后位于{}，但{outcome}的均值为{}；常数项为{}时相符",
                    made.words,
                    num(made.middle),
                    range(made.sum),
                    num(value),
                    num(fitting)
                );
                found.push(
                    Found::new(Severity::Impossible, message)
                        .at(table, column, &constant.row)
                        .values(num(value), num(made.middle)),
                );
            } else if let [term] = made.missing[..] {
                let rest = mean - made.sum;
                let implied = rest / term.coefficient.interval();
                if implied == Interval::ALL {
                    continue;
                }
                unknowns.push((
                    &table.name,
                    Unknown {
                        column,
                        term,
                        implied,
                        middle: (value - made.middle) / term.coefficient.value,
                    },
                ));
            }
        }
    }
    found.extend(two_means(&unknowns));
    found
}

/// Two columns on the same rows that imply two means of one variable.
fn two_means(unknowns: &[(&str, Unknown<'_>)]) -> Vec<Found> {
    let mut found = Vec::new();
    for (j, (name, second)) in unknowns.iter().enumerate() {
        let clash = unknowns[..j].iter().find(|(other, first)| {
            other == name
                && first.term.row == second.term.row
                && first.column.n == second.column.n
                && first.column.outcome == second.column.outcome
                && !first.implied.meets(second.implied)
        });
        let Some((_, first)) = clash else {
            continue;
        };
        let row = &second.term.row;
        let (here, there) = (&first.column.number, &second.column.number);
        let rows = second.column.n.unwrap_or_default();
        let message = said!(
            "least squares with a constant passes through the means: column {here} implies a mean of {row} of {} in {}, column {there} one of {} in {}, \
             on the same {rows} rows",
            "含常数项的最小二乘回归过均值点：由{here}列推得{row}的均值为{}，位于{}，由{there}列推得{}，位于{}，而两列同为{rows}个观测",
            num(first.middle),
            range(first.implied),
            num(second.middle),
            range(second.implied)
        );
        found.push(
            Found::new(Severity::Impossible, message)
                .place(name, &second.column.label, row)
                .values(
                    said!(
                        "mean of {row} {} by {there}",
                        "{there}推得{row}的均值{}",
                        num(second.middle)
                    ),
                    said!("{} by {here}", "{here}推得{}", num(first.middle)),
                ),
        );
    }
    found
}

/// A constant beside two-way effects is that of a normalisation.
pub(super) fn constant(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        for column in table
            .columns
            .iter()
            .filter(|c| c.unit_effects && c.time_effects)
        {
            let Some(constant) = column.constant() else {
                continue;
            };
            let made = identity(paper, column, constant);
            let implied = match outcome_mean(paper, column) {
                Some((outcome, mean, value)) if made.missing.is_empty() => {
                    let gap = value - made.middle;
                    if made.sum.meets(mean) {
                        said!(
                            "; it is the constant that puts the mean of all effects at zero, since {} = {} meets the mean of {outcome} {}",
                            "；它是使全部效应均值为零的常数项，因为{} = {}，与{outcome}的均值{}相符",
                            made.words,
                            num(made.middle),
                            num(value)
                        )
                    } else {
                        said!(
                            "; {} = {} against a mean of {outcome} of {}, so the effects that were left in average {}: it is the level of an omitted \
                             unit or period",
                            "；{} = {}，而{outcome}的均值为{}，故保留的效应平均为{}：它是被省略的个体或时期的水平",
                            made.words,
                            num(made.middle),
                            num(value),
                            num(gap)
                        )
                    }
                }
                _ => Said::default(),
            };
            let message = said!(
                "unit and time effects absorb a constant, so {} = {} depends on which effects the software left out and has no reading of its own{}",
                "个体与时间效应已吸收常数项，故{} = {}取决于软件省略了哪些效应，本身没有独立含义{}",
                constant.row,
                constant.coefficient.text,
                implied
            );
            found.push(
                Found::new(Severity::Note, message)
                    .at(table, column, &constant.row)
                    .values(&constant.coefficient.text, ("not identified", "不可识别")),
            );
        }
    }
    found
}
