//! Theil's index of an activity over the regions, relative to the total.
//!
//! T_a = sum_i s_i ln(s_i / w_i), where 0 ln 0 = 0. With groups g of regions, S_g and W_g the sums of s and w in a group:
//! between = sum_g S_g ln(S_g / W_g), within = sum_g S_g sum_(i in g) (s_i / S_g) ln((s_i / S_g) / (w_i / W_g)),
//! and T_a = between + within. Source: Theil (1967), Economics and Information Theory, chapter 4;
//! Brülhart and Traeger (2005), Regional Science and Urban Economics 35(6), 597-624.

use super::IndexError;
use super::distribution::{Distribution, each_activity};
use super::table::{LongTable, Place, Values};
use crate::Error;
use crate::panel::column::keys;

pub(super) fn compute(table: &LongTable<'_>) -> Result<Values, Error> {
    let Some(name) = table.request.groups else {
        return each_activity(table, &["theil"], |distribution| {
            Ok(vec![theil(distribution)])
        });
    };
    let groups = Groups::read(table, name)?;
    each_activity(
        table,
        &["theil", "theil_between", "theil_within"],
        |distribution| {
            let (between, within) = groups.decompose(distribution);
            Ok(vec![theil(distribution), between, within])
        },
    )
}

/// s ln(s / w), with its limit 0 at s = 0.
fn term(share: f64, weight: f64) -> f64 {
    if share > 0.0 {
        share * (share / weight).ln()
    } else {
        0.0
    }
}

fn theil(distribution: &Distribution<'_>) -> f64 {
    // Never below zero but for rounding.
    distribution
        .shares
        .iter()
        .map(|share| term(share.activity, share.total))
        .sum::<f64>()
        .max(0.0)
}

/// The group of each region in each period.
struct Groups {
    of: Vec<usize>,
    regions: usize,
    count: usize,
}

impl Groups {
    fn read(table: &LongTable<'_>, name: &str) -> Result<Self, Error> {
        let groups = keys(table.batch, name)?;
        let regions = table.regions.labels.len();
        let mut of = vec![0; table.periods * regions];
        let mut seen: Vec<Option<usize>> = vec![None; table.periods * regions];
        for cell in &table.cells {
            let place = cell.period * regions + cell.region;
            let group = groups.codes[cell.row] as usize;
            match seen[place] {
                None => {
                    seen[place] = Some(cell.row);
                    of[place] = group;
                }
                Some(_) if of[place] == group => {}
                Some(row) => {
                    return Err(IndexError::NotConstant {
                        column: name.to_owned(),
                        place: table.describe(Place::region(cell.period, cell.region)),
                        first: row + 1,
                        second: cell.row + 1,
                        one: groups.labels[of[place]].clone(),
                        other: groups.labels[group].clone(),
                    }
                    .into());
                }
            }
        }
        Ok(Self {
            of,
            regions,
            count: groups.labels.len(),
        })
    }

    /// Between and within.
    fn decompose(&self, distribution: &Distribution<'_>) -> (f64, f64) {
        let group = |region: usize| self.of[distribution.period * self.regions + region];
        let mut sums = vec![(0.0, 0.0); self.count];
        for share in distribution.shares {
            let sum = &mut sums[group(share.region)];
            sum.0 += share.activity;
            sum.1 += share.total;
        }
        let between: f64 = sums
            .iter()
            .map(|&(activity, total)| term(activity, total))
            .sum();
        let mut within = vec![0.0; self.count];
        for share in distribution.shares {
            let (activity, total) = sums[group(share.region)];
            if activity > 0.0 {
                within[group(share.region)] += term(share.activity / activity, share.total / total);
            }
        }
        let within: f64 = within
            .iter()
            .zip(&sums)
            .map(|(theil, (activity, _))| activity * theil)
            .sum();
        (between.max(0.0), within.max(0.0))
    }
}
