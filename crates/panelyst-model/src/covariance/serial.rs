//! Covariances that add up over periods: Newey-West within units, Driscoll-Kraay across them.
//!
//! With scores s and Bartlett weights w(l) = 1 - l/(L+1) the meats are (Newey and West 1987, theorem 2, unit by unit;
//! Driscoll and Kraay 1998, equation 8, with h_t the sum of the scores of period t)
//!
//! ```text
//! newey-west:      sum_i [ sum_t s_it s_it' + sum_(l=1..L) w(l) sum_t (s_it s_i,t-l' + s_i,t-l s_it') ]
//! driscoll-kraay:  sum_t h_t h_t' + sum_(l=1..L) w(l) sum_t (h_t h_t-l' + h_t-l h_t')
//! ```
//!
//! What t - l is where periods are missing, a convention says ([`Lags`]): the period of the calendar, so that there is no
//! term; or the l-th earlier of the periods that occur, or of the unit's own rows.

use super::scores::{add, add_both_ways, by_group, scores};
use super::{Ingredients, Sandwich, repaired_note, rule_of, scaled};
use crate::Error;
use crate::conventions::{Lags, RowFactor, Serial};
use crate::design::numbered;
use crate::linear::symmetric::without_negative_eigenvalues;
use crate::request::Vcov;
use rayon::prelude::*;

/// Rows of one chunk of the sum.
const CHUNK: usize = 8192;

/// A sum of m numbers at a unit and period.
struct At<'a> {
    unit: u32,
    time: i64,
    score: &'a [f64],
}

/// The meat; `rows` are in the order of unit and time, each pair once.
fn meat(rows: &[At<'_>], m: usize, lag: usize) -> Vec<f64> {
    let parts: Vec<Vec<f64>> = (0..rows.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut sum = vec![0.0; m * m];
            let mut earlier = vec![0.0; m];
            for place in chunk * CHUNK..rows.len().min((chunk + 1) * CHUNK) {
                let row = &rows[place];
                earlier.fill(0.0);
                // Half of the row's own product, as the whole is added both ways.
                add(&mut earlier, 0.5, row.score);
                for before in rows[..place].iter().rev() {
                    let distance = row.time.abs_diff(before.time);
                    if before.unit != row.unit || distance > lag as u64 {
                        break;
                    }
                    let weight = 1.0 - distance as f64 / (lag as f64 + 1.0);
                    add(&mut earlier, weight, before.score);
                }
                add_both_ways(&mut sum, row.score, &earlier);
            }
            sum
        })
        .collect();
    let mut total = vec![0.0; m * m];
    for part in &parts {
        add(&mut total, 1.0, part);
    }
    total
}

pub(super) fn newey_west(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let Vcov::NeweyWest(asked) = ingredients.vcov else {
        return Err(Error::Length {
            what: "the lag".to_owned(),
            expected: 1,
            got: 0,
        });
    };
    let (unit, time) = ingredients.unit_and_time()?;
    let (codes, periods) = numbered(&time);
    let lag = chosen_lag(ingredients, *asked, periods.len())?;
    let solution = &ingredients.estimation.solution;
    let (m, scores) = (solution.basis.len(), scores(solution));
    let mut order: Vec<usize> = (0..time.len()).collect();
    order.sort_by_key(|&row| (unit[row], time[row]));
    let rules = &ingredients.convention.newey_west;
    let mut nearest: Option<u64> = None;
    let mut gaps = false;
    let mut rows: Vec<At<'_>> = Vec::with_capacity(order.len());
    for (place, &row) in order.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| order[before]);
        let before = before.filter(|&before| unit[before] == unit[row]);
        let counted = match rules.lags {
            Lags::Calendar => time[row],
            Lags::Periods => i64::from(codes[row]),
            Lags::Rows => place as i64,
        };
        if let (Some(before), Some(earlier)) = (before, rows.last()) {
            if time[before] == time[row] {
                return Err(ingredients.twice(before, row));
            }
            let gap = counted.abs_diff(earlier.time);
            nearest = Some(nearest.map_or(gap, |n| n.min(gap)));
            gaps |= time[row].abs_diff(time[before]) > 1;
        }
        rows.push(At {
            unit: unit[row],
            time: counted,
            score: &scores[row * m..(row + 1) * m],
        });
    }
    reaches(ingredients, lag, nearest, "of a unit ")?;
    let meat = meat(&rows, m, lag);
    let lags = Lag {
        asked: *asked,
        lag,
        gaps,
        periods: periods.len(),
    };
    finish(ingredients, &meat, rules, &lags)
}

pub(super) fn driscoll_kraay(ingredients: &Ingredients<'_>) -> Result<Sandwich, Error> {
    let Vcov::DriscollKraay(asked) = ingredients.vcov else {
        return Err(Error::Length {
            what: "the lag".to_owned(),
            expected: 1,
            got: 0,
        });
    };
    let (_, time) = ingredients.unit_and_time()?;
    let (codes, periods) = numbered(&time);
    let lag = chosen_lag(ingredients, *asked, periods.len())?;
    let rules = &ingredients.convention.driscoll_kraay;
    let calendar = rules.lags == Lags::Calendar;
    let gaps = || periods.windows(2).map(|p| p[0].abs_diff(p[1]));
    let nearest = if calendar { gaps().min() } else { Some(1) };
    reaches(ingredients, lag, nearest, "")?;
    let solution = &ingredients.estimation.solution;
    let m = solution.basis.len();
    let sums = by_group(&scores(solution), m, &codes, periods.len());
    let rows: Vec<At<'_>> = periods
        .iter()
        .enumerate()
        .map(|(t, &time)| At {
            unit: 0,
            time: if calendar { time } else { t as i64 },
            score: &sums[t * m..(t + 1) * m],
        })
        .collect();
    let meat = meat(&rows, m, lag);
    let lags = Lag {
        asked: *asked,
        lag,
        gaps: gaps().any(|gap| gap > 1),
        periods: periods.len(),
    };
    finish(ingredients, &meat, rules, &lags)
}

/// The lag asked for, else the convention's; there must be more periods than lags, and at least two.
fn chosen_lag(
    ingredients: &Ingredients<'_>,
    asked: Option<usize>,
    periods: usize,
) -> Result<usize, Error> {
    let lag = asked.unwrap_or_else(|| ingredients.convention.lag.lag(periods));
    if periods < 2 || lag >= periods {
        return Err(Error::Lag {
            vcov: ingredients.vcov.name(),
            lag,
            problem: match periods {
                1 => "the rows used have one period only".to_owned(),
                _ => format!("the rows used have {periods} periods"),
            },
            advice: if periods < 2 { "" } else { "a shorter lag or " }.to_owned(),
        });
    }
    Ok(lag)
}

/// A lag that is shorter than the distance of any two periods would do nothing without saying so.
fn reaches(
    ingredients: &Ingredients<'_>,
    lag: usize,
    nearest: Option<u64>,
    whose: &str,
) -> Result<(), Error> {
    let (problem, advice) = match nearest {
        _ if lag == 0 => return Ok(()),
        Some(gap) if gap <= lag as u64 => return Ok(()),
        Some(gap) => (
            format!(
                "two periods {whose}lie at least {gap} apart, so that it reaches none (lags are calendar periods by the rules of {})",
                ingredients.convention.name
            ),
            format!("a lag of {gap} or more, or "),
        ),
        None => ("no unit has two periods".to_owned(), String::new()),
    };
    Err(Error::Lag {
        vcov: ingredients.vcov.name(),
        lag,
        problem,
        advice,
    })
}

/// The lag asked for and that used, whether periods are missing between others, and how many there are.
struct Lag {
    asked: Option<usize>,
    lag: usize,
    gaps: bool,
    periods: usize,
}

fn finish(
    ingredients: &Ingredients<'_>,
    meat: &[f64],
    rules: &Serial,
    &Lag {
        asked,
        lag,
        gaps,
        periods,
    }: &Lag,
) -> Result<Sandwich, Error> {
    let solution = &ingredients.estimation.solution;
    let mut raw = solution.sandwich(meat);
    let mut notes = Vec::new();
    // Bartlett weights keep the sum positive semidefinite but for rounding.
    if let Some(repaired) = without_negative_eigenvalues(&raw, solution.k()) {
        raw = repaired;
        notes.push(repaired_note(ingredients.vcov.name()));
    }
    let n = ingredients.estimation.nobs();
    let k = ingredients.parameters_without_clusters(rules.parameters);
    let t = periods as f64;
    let mut factor = 1.0;
    let mut words = Vec::new();
    if rules.periods {
        factor *= t / (t - 1.0);
        words.push("T/(T-1)");
    }
    if rules.rows != RowFactor::None {
        ingredients.check_left(k)?;
        let (rows, word) = rules.rows.factor(n, k);
        factor *= rows;
        words.push(word);
    }
    let kind = match ingredients.vcov {
        Vcov::NeweyWest(_) => Vcov::NeweyWest(Some(lag)),
        _ => Vcov::DriscollKraay(Some(lag)),
    };
    let rule = match asked {
        Some(_) => String::new(),
        None => format!(" by the rule {}", ingredients.convention.lag.formula()),
    };
    let counted = match (rules.lags, &kind) {
        _ if !gaps || lag == 0 => "",
        (Lags::Calendar, _) => " in periods of the calendar, gaps being gaps",
        (Lags::Rows, Vcov::NeweyWest(_)) => " in rows of a unit, gaps skipped",
        (Lags::Periods | Lags::Rows, _) => " in periods that occur, gaps skipped",
    };
    let head = format!("Bartlett weights, lag {lag}{rule}{counted}, T = {periods}");
    Ok(Sandwich {
        matrix: scaled(raw, factor),
        factor,
        formula: if words.is_empty() {
            format!("{head}, no factor")
        } else {
            format!(
                "{head}, factor {} = {factor:.6}, n = {n}, K = {k}",
                words.join(" * ")
            )
        },
        parameters: k,
        notes,
        df_test: rules.period_test.then_some(t - 1.0),
        kind: Some(kind),
        rule: rule_of(&words),
        ..Sandwich::default()
    })
}
