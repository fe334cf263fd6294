//! Rank of the absorbed effects.

use crate::absorber::EffectRank;
use crate::basis::Basis;
use crate::components::components;
use crate::direct::{Factor, REDUNDANT, UNCERTAIN};
use crate::reduced::Reduced;

/// Rank counted by pairs of effects, as Correia (2017, "Linear models with high-dimensional fixed effects: an efficient
/// and feasible estimator", section 3.3) counts it.
///
/// The first effect has no redundant columns. Each later effect with intercepts has as many as it makes components with
/// that earlier one with which it makes most: exact for two effects; for more a lower bound on redundancy, so that the
/// rank is an upper bound. Slopes that do not vary within a level are redundant; slopes are not compared across effects.
pub(crate) fn by_pairs(bases: &[Basis]) -> EffectRank {
    let columns: Vec<usize> = bases.iter().map(Basis::len).collect();
    let redundant: Vec<usize> = bases
        .iter()
        .enumerate()
        .map(|(effect, basis)| {
            let shared = bases[..effect]
                .iter()
                .filter(|earlier| earlier.intercept && basis.intercept)
                .map(|earlier| {
                    components(
                        &earlier.grouping.codes,
                        earlier.levels(),
                        &basis.grouping.codes,
                        basis.levels(),
                    )
                    .count
                })
                .max();
            basis.constant_slopes() + shared.unwrap_or(0)
        })
        .collect();
    let exact = match bases {
        [_] => true,
        [first, second] => first.slopes.is_empty() && second.slopes.is_empty(),
        _ => false,
    };
    ranked(columns, redundant, exact)
}

/// Rank by factoring the reduced normal equations of the first two, three, ... effects with pivoting; none where there are
/// more than `limit` of them, or where a pivot might be rounding or not.
pub(crate) fn exact(bases: &[Basis], weights: Option<&[f64]>, limit: usize) -> Option<EffectRank> {
    let pairs = by_pairs(bases);
    if pairs.exact {
        return Some(pairs);
    }
    let constant: Vec<usize> = bases.iter().map(Basis::constant_slopes).collect();
    let mut redundant = vec![constant[0]];
    let mut before = bases[0].len() - constant[0];
    for count in 2..=bases.len() {
        let reduced = Reduced::new(&bases[..count], weights);
        let unknowns = reduced.unknowns();
        if unknowns > limit {
            return None;
        }
        let factor = Factor::semidefinite_above(&reduced.dense(), unknowns, REDUNDANT);
        if factor.smallest_pivot() < UNCERTAIN {
            return None;
        }
        let deficit = unknowns - factor.rank();
        let columns: usize = bases[..count].iter().map(Basis::len).sum();
        // Slopes without variation are zero columns: the factor sees the identity there.
        let rank = columns - constant[..count].iter().sum::<usize>() - deficit;
        redundant.push(bases[count - 1].len() - (rank - before));
        before = rank;
    }
    Some(ranked(pairs.columns, redundant, true))
}

/// Puts the parts together.
pub(crate) fn ranked(columns: Vec<usize>, redundant: Vec<usize>, exact: bool) -> EffectRank {
    let rank = columns.iter().sum::<usize>() - redundant.iter().sum::<usize>();
    EffectRank {
        columns,
        redundant,
        rank,
        exact,
    }
}
