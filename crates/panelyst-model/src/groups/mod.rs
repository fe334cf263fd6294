//! Equality of a coefficient between groups of units.
//!
//! "Significant in one group, not in the other" is no test of a difference; these are.

mod correction;
mod interaction;
mod moments;
mod permutation;
mod stacked;

#[cfg(test)]
mod tests;

use arrow_array::RecordBatch;
use arrow_buffer::ScalarBuffer;
use panelyst_absorb::is_nested;
use panelyst_lang::Formula;

use crate::Error;
use crate::design::{Design, Keys, design};
use crate::linear::sums::mean;
use crate::request::{Estimator, Request, Vcov};
use crate::results::{GroupDifference, Permutations};
use moments::{Moments, Nuisance, Rows};

/// Fewer clusters than this in a group are worth a caution.
const FEW_CLUSTERS: usize = 10;

/// One way to test the equality of a coefficient between two groups.
#[derive(Clone, Copy, Debug)]
pub struct GroupMethod {
    /// Machine name.
    pub name: &'static str,
    /// For readers.
    pub label: &'static str,
    /// What it computes, with its source.
    pub doc: &'static str,
}

/// Name of the interaction method.
const INTERACTION: &str = "interaction";
/// Name of the permutation method.
const PERMUTATION: &str = "permutation";

/// Name of the stacked Wald test.
const STACKED: &str = "suest";

/// All methods.
pub const GROUP_METHODS: &[GroupMethod] = &[
    GroupMethod {
        name: INTERACTION,
        label: "Pooled regression with every regressor and effect interacted with the group",
        doc: "Both groups in one regression, each with its own coefficients and effects; t of the difference with the covariance of the pooled regression, clustered by unit unless another robust covariance is asked for, and the degrees of freedom of the convention (G - 1 of both groups together under most) (Chow 1960; Liang and Zeger 1986).",
    },
    GroupMethod {
        name: PERMUTATION,
        label: "Whole units reassigned between the two groups",
        doc: "The difference is estimated again for random assignments of whole units to two groups of the observed sizes; p = (1 + #{|d*| >= |d|}) / (B + 1), or the share among all assignments where there are at most B (Fisher 1935; Phipson and Smyth 2010).",
    },
    GroupMethod {
        name: STACKED,
        label: "Each group estimated alone, scores stacked (suest)",
        doc: "Wald's test of equality with the sandwich of both groups' stacked scores, summed over the clusters of both together (the cluster variable, else the unit, else rows), times G/(G-1); chi2(1) (White 1982; Weesie 1999).",
    },
];

/// What to compare, and how.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    /// Terms compared, by their names in results; empty: all regressors.
    pub terms: Vec<String>,
    /// Random assignments of a permutation test.
    pub permutations: usize,
    /// Seed of the random assignments.
    pub seed: u64,
    /// Names out of [`GROUP_METHODS`]; empty: interaction and permutation.
    pub methods: Vec<String>,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self {
            terms: Vec::new(),
            permutations: 999,
            seed: 1,
            methods: Vec::new(),
        }
    }
}

/// The two groups of one comparison.
struct Pair<'a> {
    /// Rows of both groups.
    design: Design,
    /// Whether each row is of the second group.
    second: Vec<u32>,
    names: [String; 2],
    /// Unit (or cluster) of each row, where there is one.
    unit: Option<ScalarBuffer<u32>>,
    clusters: [usize; 2],
    /// Its place among all pairs.
    index: u64,
    request: &'a Request,
}

/// Tests of the equality of coefficients between every pair of groups: pairs in the sorted order of the groups, within a
/// pair the terms, within a term the methods.
///
/// The models are those of `formula` in each group alone: pooled, or with its effects (singletons of a group dropped
/// where the convention drops them). A request for iid errors, the default, becomes a covariance clustered by unit where
/// a panel is declared, since rows of a unit are not independent. Rows without a group are left out.
///
/// What cannot be tested is a row without p-value, with the reason in its note.
///
/// # Errors
/// Those of building the design, an unknown group column, term or method, fewer than two groups, an estimator other
/// than pooled and within.
pub fn group_differences(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
    group: &str,
    options: &GroupOptions,
) -> Result<Vec<GroupDifference>, Error> {
    group_differences_until(batch, formula, request, (group, options), &|| false)
}

/// As [`group_differences`], until the caller stops it.
///
/// # Errors
/// Those of [`group_differences`], and [`Error::Interrupted`].
pub fn group_differences_until(
    batch: &RecordBatch,
    formula: &Formula,
    request: &Request,
    (group, options): (&str, &GroupOptions),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<GroupDifference>, Error> {
    let methods = methods(options)?;
    let request = clustered_by_unit(request);
    let whole = design(batch, formula, &request)?;
    if !matches!(whole.estimator, Estimator::Pooled | Estimator::Within) {
        return Err(Error::Unsupported {
            what: "a comparison of groups".to_owned(),
            with: format!("the {} estimator", whole.estimator.row().name),
            advice: "use the pooled or the within estimator".to_owned(),
        });
    }
    let terms = terms(&whole, options)?;
    let keys = group_keys(batch, group)?;
    let codes: Vec<u32> = whole.rows.iter().map(|row| keys.codes[row]).collect();
    let groups: Vec<u32> = (0..keys.len() as u32)
        .filter(|g| codes.contains(g))
        .collect();
    if groups.len() < 2 {
        return Err(Error::Unsupported {
            what: "a comparison of groups".to_owned(),
            with: format!(
                "`{group}`, which has {} value in the rows used",
                groups.len()
            ),
            advice: "choose a column with at least two values".to_owned(),
        });
    }
    let mut out = Vec::new();
    let mut index = 0;
    for (at, &first) in groups.iter().enumerate() {
        for &second in &groups[at + 1..] {
            let names = [keys.label(first), keys.label(second)];
            let pair = Pair::new(&whole, &codes, [first, second], names, index, &request)?;
            index += 1;
            let tested = methods
                .iter()
                .map(|method| match *method {
                    INTERACTION => interaction::test(&pair, &terms),
                    STACKED => stacked::test(&pair, &terms),
                    _ => pair.permuted(&terms, options, stop),
                })
                .collect::<Result<Vec<_>, Error>>()?;
            for term in 0..terms.len() {
                out.extend(tested.iter().map(|rows| rows[term].clone()));
            }
        }
    }
    correction::holm(&mut out);
    Ok(out)
}

fn methods(options: &GroupOptions) -> Result<Vec<&'static str>, Error> {
    if options.methods.is_empty() {
        return Ok(vec![INTERACTION, PERMUTATION]);
    }
    options
        .methods
        .iter()
        .map(|name| {
            let found = GROUP_METHODS.iter().find(|m| m.name == name);
            found.map(|m| m.name).ok_or_else(|| Error::UnknownName {
                what: "method of comparing groups",
                name: name.clone(),
                known: GROUP_METHODS
                    .iter()
                    .map(|m| m.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
        })
        .collect()
}

fn clustered_by_unit(request: &Request) -> Request {
    let mut request = request.clone();
    if let (Vcov::Iid, Some(panel)) = (&request.vcov, &request.panel) {
        request.vcov = Vcov::Cluster(vec![panel.unit.clone()]);
    }
    request
}

/// Places of the requested terms among the regressors.
fn terms(design: &Design, options: &GroupOptions) -> Result<Vec<usize>, Error> {
    if options.terms.is_empty() {
        return Ok((0..design.names.len()).collect());
    }
    options
        .terms
        .iter()
        .map(|term| {
            let found = design.names.iter().position(|name| name == term);
            found.ok_or_else(|| Error::UnknownName {
                what: "regressor",
                name: term.clone(),
                known: design.names.join(", "),
            })
        })
        .collect()
}

impl<'a> Pair<'a> {
    fn new(
        whole: &Design,
        codes: &[u32],
        pair: [u32; 2],
        names: [String; 2],
        index: u64,
        request: &'a Request,
    ) -> Result<Self, Error> {
        let rows: Vec<usize> = (0..codes.len())
            .filter(|&row| pair.contains(&codes[row]))
            .collect();
        let design = whole.select(&rows)?;
        let second: Vec<u32> = rows
            .iter()
            .map(|&row| u32::from(codes[row] == pair[1]))
            .collect();
        let unit = design
            .unit
            .clone()
            .or_else(|| design.clusters.first().map(|c| c.codes.clone()));
        let clusters = [0, 1].map(|group| match &unit {
            Some(unit) => distinct(unit, &second, group),
            None => second.iter().filter(|s| **s == group).count(),
        });
        Ok(Self {
            design,
            second,
            names,
            unit,
            clusters,
            index,
            request,
        })
    }

    /// A row without any number.
    fn blank(&self, term: usize, method: &str) -> GroupDifference {
        GroupDifference {
            term: self.design.names[term].clone(),
            groups: self.names.clone(),
            method: method.to_owned(),
            estimates: [f64::NAN; 2],
            difference: f64::NAN,
            std_error: None,
            statistic: None,
            df: None,
            p_value: None,
            p_value_holm: None,
            clusters: self.clusters,
            permutations: None,
            note: String::new(),
        }
    }

    /// Rows that say why nothing could be tested.
    fn undefined(&self, terms: &[usize], method: &str, reason: &str) -> Vec<GroupDifference> {
        terms
            .iter()
            .map(|&term| GroupDifference {
                note: format!("undefined: {reason}"),
                ..self.blank(term, method)
            })
            .collect()
    }

    /// The caution that goes with few clusters; empty with enough.
    fn caution(&self) -> Option<String> {
        let few: Vec<String> = (0..2)
            .filter(|&g| self.clusters[g] < FEW_CLUSTERS)
            .map(|g| format!("{} has {}", self.names[g], self.clusters[g]))
            .collect();
        (!few.is_empty()).then(|| {
            format!(
                "few clusters ({}): take the p-value with caution",
                few.join(", ")
            )
        })
    }

    fn permuted(
        &self,
        terms: &[usize],
        options: &GroupOptions,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<GroupDifference>, Error> {
        let undefined = |reason: &str| Ok(self.undefined(terms, PERMUTATION, reason));
        if options.permutations == 0 {
            return undefined("no permutation was asked for");
        }
        let Some(unit) = &self.unit else {
            return undefined("whole units are reassigned, and no panel is declared");
        };
        let units = unit.iter().max().map_or(0, |&u| u as usize + 1);
        let mut side = vec![None; units];
        for (u, s) in unit.iter().zip(&self.second) {
            match side[*u as usize] {
                None => side[*u as usize] = Some(*s),
                Some(known) if known != *s => {
                    let name = self.design.unit_names.get(*u as usize);
                    return undefined(&format!(
                        "{} is in both groups, so that whole units cannot be reassigned",
                        name.map_or("a unit", String::as_str)
                    ));
                }
                Some(_) => {}
            }
        }
        let first: Vec<usize> = (0..units).filter(|&u| side[u] == Some(0)).collect();
        let (unit_effects, nuisance) = self.nuisance(unit);
        let regressors: Vec<&[f64]> = self.design.x.iter().map(AsRef::as_ref).collect();
        let moments = match Moments::new(&Rows {
            outcome: &self.design.y,
            regressors: &regressors,
            weights: self.design.weights.as_deref(),
            unit,
            units,
            unit_effects,
            nuisance: &nuisance,
        }) {
            Ok(moments) => moments,
            Err(error @ Error::Unsupported { .. }) => return undefined(&error.to_string()),
            Err(error) => return Err(error),
        };
        let mut scratch = moments.scratch();
        moments.estimate(&first, &mut scratch);
        let estimates = scratch.coefficients;
        // Terms that either group does not identify cannot be permuted.
        let observed: Vec<(usize, f64)> = terms
            .iter()
            .map(|&term| (term, estimates[0][term] - estimates[1][term]))
            .collect();
        let known: Vec<(usize, f64)> = observed
            .iter()
            .copied()
            .filter(|(_, d)| d.is_finite())
            .collect();
        let outcome = permutation::permute(
            &moments,
            &first,
            units,
            &known,
            (options.permutations, options.seed, self.index),
            stop,
        )?;
        let mut results = outcome.p_value.iter().zip(&outcome.valid);
        Ok(observed
            .iter()
            .map(|&(term, difference)| {
                let blank = self.blank(term, PERMUTATION);
                if !difference.is_finite() {
                    return GroupDifference {
                        note: self.not_identified(term, |g| estimates[g][term].is_finite()),
                        ..blank
                    };
                }
                let (p_value, valid) = results.next().map_or((None, 0), |(p, v)| (*p, *v));
                let mut notes = Vec::new();
                if outcome.exact {
                    notes.push(format!("exact: all {} assignments of units", outcome.draws));
                } else {
                    notes.push(format!(
                        "{} random assignments of units, seed {}",
                        outcome.draws, options.seed
                    ));
                }
                if valid < outcome.draws {
                    notes.push(format!(
                        "{} of them do not identify the term and are left out",
                        outcome.draws - valid
                    ));
                }
                notes.extend(self.caution());
                GroupDifference {
                    estimates: [estimates[0][term], estimates[1][term]],
                    difference,
                    p_value,
                    permutations: Some(Permutations {
                        draws: outcome.draws,
                        seed: options.seed,
                    }),
                    note: notes.join("; "),
                    ..blank
                }
            })
            .collect())
    }

    /// Why a term has no value: the groups in which it is not identified.
    fn not_identified(&self, term: usize, identified: impl Fn(usize) -> bool) -> String {
        let groups: Vec<&str> = (0..2)
            .filter(|&g| !identified(g))
            .map(|g| self.names[g].as_str())
            .collect();
        format!(
            "undefined: {} is not identified in {} (absorbed by the effects, collinear or too few rows)",
            self.design.names[term],
            groups.join(" and ")
        )
    }

    /// Whether every unit has its own intercept, and all else that is partialled out.
    fn nuisance(&self, unit: &[u32]) -> (bool, Vec<Nuisance>) {
        let mut unit_effects = false;
        let mut nuisance = Vec::new();
        for (_, effect) in &self.design.effects {
            let levels = |slope: Option<Vec<f64>>| Nuisance {
                codes: effect.codes.to_vec(),
                levels: effect.levels,
                slope,
            };
            if effect.intercept {
                if is_nested(&effect.codes, unit) && is_nested(unit, &effect.codes) {
                    unit_effects = true;
                } else {
                    nuisance.push(levels(None));
                }
            }
            for slope in &effect.slopes {
                // Beside its own intercepts a slope may be centred, which keeps digits.
                let centre = if effect.intercept {
                    mean(slope, None)
                } else {
                    0.0
                };
                nuisance.push(levels(Some(slope.iter().map(|v| v - centre).collect())));
            }
        }
        if self.design.effects.is_empty() && self.design.constant {
            nuisance.push(Nuisance {
                codes: vec![0; unit.len()],
                levels: 1,
                slope: None,
            });
        }
        (unit_effects, nuisance)
    }
}

/// Units with a row in a group.
fn distinct(unit: &[u32], second: &[u32], group: u32) -> usize {
    let mut seen: Vec<u32> = unit
        .iter()
        .zip(second)
        .filter(|(_, s)| **s == group)
        .map(|(u, _)| *u)
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The groups of all rows of the data.
fn group_keys(batch: &RecordBatch, group: &str) -> Result<Keys, Error> {
    crate::description::columns::keys(batch, group, "group")
}
