//! A specification curve as plain data: what a table, a file of all rows and a figure are made from.
//!
//! Source: Simonsohn, Simmons and Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4, 1208-1214: all
//! reasonable specifications, sorted by their estimate, with the choices behind each.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Every specification of a curve, sorted.
#[derive(Clone, Debug, Serialize)]
pub struct SpecificationCurve {
    /// What was chosen, in the order of [`Specification::options`].
    pub choices: Vec<CurveChoice>,
    /// Specifications by ascending estimate; those without an estimate last, in the order of the choices.
    pub specifications: Vec<Specification>,
    /// Place of the full model of the study among the specifications, where it is one of them.
    pub baseline: Option<usize>,
    /// All estimates in a few numbers.
    pub summary: Spread,
}

/// One choice of a curve.
#[derive(Clone, Debug, Serialize)]
pub struct CurveChoice {
    /// Machine word: `core`, `controls`, `where`, `effects`, `vcov`, `conventions`, `outcome`, `fill`, `log-base`, `formula`.
    pub choice: String,
    /// The variable that it concerns, for the last three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// Options as typed; empty text for no controls, no effects, all rows or the covariance of the model.
    pub options: Vec<String>,
    /// The option of the full model, where it is one of them.
    pub baseline: Option<usize>,
}

/// One specification.
#[derive(Clone, Debug, Serialize)]
pub struct Specification {
    /// The option taken of each choice, from 0; nothing for a choice that the model does not depend on, such as how a
    /// variable is filled that is not in it.
    pub options: Vec<Option<usize>>,
    /// Formula as estimated; empty where there is none.
    pub formula: String,
    /// Term of the core variable.
    pub term: String,
    /// Its coefficient.
    pub estimate: Option<f64>,
    /// Standard error.
    pub std_error: Option<f64>,
    /// t or z.
    pub statistic: Option<f64>,
    /// Two-sided p-value, not corrected for the number of specifications.
    pub p_value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub ci_high: Option<f64>,
    /// Observations.
    pub nobs: Option<usize>,
    /// Why there is no estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it is the full model of the study.
    pub baseline: bool,
    /// Place among the distinct models by ascending estimate, from 1, then among the combinations without an estimate.
    /// Combinations that give the same model have the same rank: where a control is taken up by the effects, effects are idle
    /// in a sample, or a choice changes nothing in another way.
    pub rank: usize,
}

impl Specification {
    /// A combination without an estimate.
    pub fn refused(options: Vec<Option<usize>>, reason: String) -> Self {
        Self {
            options,
            formula: String::new(),
            term: String::new(),
            estimate: None,
            std_error: None,
            statistic: None,
            p_value: None,
            ci_low: None,
            ci_high: None,
            nobs: None,
            reason: Some(reason),
            baseline: false,
            rank: 0,
        }
    }

    /// Whether two combinations give the same estimate, error and interval, to rounding: 1e-8 standard errors, far more than
    /// two ways of computing one model differ by, and far less than two models do.
    fn same_as(&self, other: &Self) -> bool {
        let near = |a: Option<f64>, b: Option<f64>| match (a, b, self.std_error) {
            (Some(a), Some(b), Some(error)) => (a - b).abs() <= SAME * error,
            _ => a.is_none() && b.is_none(),
        };
        self.term == other.term
            && self.nobs == other.nobs
            && near(self.estimate, other.estimate)
            && near(self.std_error, other.std_error)
            && near(self.ci_low, other.ci_low)
            && near(self.ci_high, other.ci_high)
    }
}

/// Estimates of a set of specifications in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Specifications.
    pub specifications: usize,
    /// Those with an estimate.
    pub estimated: usize,
    /// Distinct models among those; what follows counts each once.
    pub distinct: usize,
    /// Median of the estimates.
    pub median: Option<f64>,
    /// Smallest.
    pub min: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Estimates above zero.
    pub positive: usize,
    /// Estimates below zero.
    pub negative: usize,
    /// Significant estimates by level: 5, 1 and 0.1 %.
    pub significant: Vec<AtLevel>,
    /// Estimates of the other sign than the full model of the study, where that is among the specifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_flips: Option<usize>,
    /// Choices with several options, by the share that each explains of the variance of the estimates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved_by: Vec<Moved>,
    /// Whether the combinations with an estimate are a balanced design in the choices with several options: any two options of
    /// two choices occur together as often as their own numbers imply (proportional frequencies; Scheffe 1959, section 4.4).
    /// Then the shares of [`Self::moved_by`] add up to one at most; else they overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balanced: Option<bool>,
}

/// Significant estimates at a level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtLevel {
    /// Level of the two-sided test.
    pub level: f64,
    /// Positive and significant.
    pub positive: usize,
    /// Negative and significant.
    pub negative: usize,
}

/// How much a choice moves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Place among the choices.
    pub choice: usize,
    /// Variance of the option means over the variance of all estimates, each option weighted with its specifications (the
    /// correlation ratio, eta squared; Fisher 1925, section 45): the share of this choice alone, whatever the others are, so
    /// that it does not depend on an order of the choices.
    pub share_of_estimates: Option<f64>,
    /// The same for t statistics, which do not change with the unit of the core variable.
    pub share_of_statistics: Option<f64>,
}

/// Differences of models to rounding, in standard errors.
const SAME: f64 = 1e-8;

/// Levels that are counted.
const LEVELS: [f64; 3] = [0.05, 0.01, 0.001];

impl SpecificationCurve {
    /// Sorts the specifications and sums them up; the full model of the study has the baseline option of each choice that
    /// it depends on.
    pub fn new(choices: Vec<CurveChoice>, mut specifications: Vec<Specification>) -> Self {
        for row in &mut specifications {
            let mut options = row.options.iter().zip(&choices);
            row.baseline = options.all(|(option, choice)| {
                option.is_none() || (choice.baseline.is_some() && *option == choice.baseline)
            });
        }
        // A stable sort: equal estimates stay in the order of the choices.
        specifications.sort_by(|a, b| match (a.estimate, b.estimate) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        rank(&mut specifications);
        let baseline = specifications.iter().position(|row| row.baseline);
        let all: Vec<&Specification> = specifications.iter().collect();
        let mut summary = Spread::of(&all);
        summary.sign_flips = baseline
            .and_then(|place| specifications[place].estimate)
            .map(|own| {
                let others = distinct(&all).filter_map(|row| row.estimate);
                others.filter(|estimate| estimate * own < 0.0).count()
            });
        summary.moved_by = moved_by(&choices, &specifications);
        summary.balanced = Some(balanced(&choices, &specifications));
        Self {
            choices,
            specifications,
            baseline,
            summary,
        }
    }

    /// The specifications with one option of a choice.
    pub fn with_option(&self, choice: usize, option: usize) -> Spread {
        let rows = self.specifications.iter();
        let rows: Vec<&Specification> = rows
            .filter(|row| row.options.get(choice) == Some(&Some(option)))
            .collect();
        Spread::of(&rows)
    }
}

impl Spread {
    /// The spread of specifications that are sorted by estimate.
    fn of(rows: &[&Specification]) -> Self {
        let models: Vec<&Specification> = distinct(rows).collect();
        let estimates: Vec<f64> = models.iter().filter_map(|row| row.estimate).collect();
        let count = estimates.len();
        let median = (count > 0).then(|| 0.5 * (estimates[(count - 1) / 2] + estimates[count / 2]));
        let significant = LEVELS.map(|level| {
            let below = |row: &&&Specification| row.p_value.is_some_and(|p| p < level);
            let found = models.iter().filter(below).filter_map(|row| row.estimate);
            let positive = found.clone().filter(|e| *e > 0.0).count();
            AtLevel {
                level,
                positive,
                negative: found.filter(|e| *e < 0.0).count(),
            }
        });
        Self {
            specifications: rows.len(),
            estimated: rows.iter().filter(|row| row.estimate.is_some()).count(),
            distinct: count,
            median,
            min: estimates.first().copied(),
            max: estimates.last().copied(),
            positive: estimates.iter().filter(|e| **e > 0.0).count(),
            negative: estimates.iter().filter(|e| **e < 0.0).count(),
            significant: significant.into(),
            sign_flips: None,
            moved_by: Vec::new(),
            balanced: None,
        }
    }
}

/// Ranks of specifications that are sorted by estimate, those without one last.
fn rank(rows: &mut [Specification]) {
    // Places of the first of each distinct model.
    let mut firsts: Vec<usize> = Vec::new();
    let mut last = 0;
    for place in 0..rows.len() {
        let row = &rows[place];
        let reach = row.estimate.zip(row.std_error);
        let found = reach.and_then(|(estimate, error)| {
            let near = |first: &&usize| {
                rows[**first]
                    .estimate
                    .is_some_and(|other| estimate - other <= SAME * error)
            };
            let mut near = firsts.iter().rev().take_while(near);
            near.find(|first| row.same_as(&rows[**first]))
                .map(|first| rows[*first].rank)
        });
        rows[place].rank = found.unwrap_or_else(|| {
            firsts.push(place);
            last += 1;
            last
        });
    }
}

/// One row with an estimate for each distinct model, in order.
fn distinct<'a>(rows: &[&'a Specification]) -> impl Iterator<Item = &'a Specification> {
    let mut seen = BTreeSet::new();
    let rows = rows.iter().copied().filter(|row| row.estimate.is_some());
    rows.filter(move |row| seen.insert(row.rank))
}

/// Whether every pair of choices with several options is balanced among the rows with an estimate.
fn balanced(choices: &[CurveChoice], rows: &[Specification]) -> bool {
    let varied: Vec<usize> = (0..choices.len())
        .filter(|&choice| choices[choice].options.len() > 1)
        .collect();
    let rows: Vec<&Specification> = rows.iter().filter(|row| row.estimate.is_some()).collect();
    let option = |row: &Specification, choice: usize| row.options.get(choice).copied().flatten();
    let plays = |&choice: &usize| rows.iter().all(|row| option(row, choice).is_some());
    if !varied.iter().all(plays) {
        return false;
    }
    varied.iter().enumerate().all(|(after, &a)| {
        varied[..after].iter().all(|&b| {
            let mut together: BTreeMap<_, usize> = BTreeMap::new();
            let (mut of_a, mut of_b) = (BTreeMap::new(), BTreeMap::new());
            for row in &rows {
                let (x, y) = (option(row, a), option(row, b));
                *together.entry((x, y)).or_default() += 1;
                *of_a.entry(x).or_insert(0_usize) += 1;
                *of_b.entry(y).or_insert(0_usize) += 1;
            }
            of_a.iter().all(|(x, n)| {
                of_b.iter().all(|(y, m)| {
                    let count = together.get(&(*x, *y)).copied().unwrap_or(0);
                    count * rows.len() == n * m
                })
            })
        })
    })
}

/// Choices with several options, the one that moves the estimates most first.
fn moved_by(choices: &[CurveChoice], rows: &[Specification]) -> Vec<Moved> {
    let mut list: Vec<Moved> = choices
        .iter()
        .enumerate()
        .filter(|(_, choice)| choice.options.len() > 1)
        .map(|(choice, _)| Moved {
            choice,
            share_of_estimates: share(rows, choice, |row| row.estimate),
            share_of_statistics: share(rows, choice, |row| row.statistic),
        })
        .collect();
    let order = |moved: &Moved| moved.share_of_estimates.unwrap_or(-1.0);
    list.sort_by(|a, b| order(b).total_cmp(&order(a)));
    list
}

/// Sum of squares between options over the total; nothing where there is no variation.
fn share(
    rows: &[Specification],
    choice: usize,
    value: impl Fn(&Specification) -> Option<f64>,
) -> Option<f64> {
    let pairs: Vec<(usize, f64)> = rows
        .iter()
        .filter_map(|row| Some(((*row.options.get(choice)?)?, value(row)?)))
        .collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let all: Vec<f64> = pairs.iter().map(|(_, v)| *v).collect();
    let whole = mean(&all);
    let total: f64 = all.iter().map(|v| (v - whole).powi(2)).sum();
    let largest = pairs.iter().map(|(option, _)| *option).max()?;
    let mut between = 0.0;
    for option in 0..=largest {
        let own: Vec<f64> = pairs
            .iter()
            .filter(|(o, _)| *o == option)
            .map(|(_, v)| *v)
            .collect();
        if !own.is_empty() {
            between += own.len() as f64 * (mean(&own) - whole).powi(2);
        }
    }
    // Differences of rounding size are none.
    (total > 1e-24 * all.iter().map(|v| v * v).sum::<f64>()).then_some(between / total)
}
