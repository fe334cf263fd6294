//! How many parameters K a small-sample factor counts.

use crate::conventions::Counting;
use crate::design::{Cluster, Design};
use panelyst_absorb::{Effect, EffectRank, components, is_nested};

/// The number of parameters by a rule; `k` are the estimated coefficients, `rank` that of the effects.
pub fn parameters(
    rule: Counting,
    k: usize,
    design: &Design,
    rank: Option<&EffectRank>,
    clusters: &[&Cluster],
) -> usize {
    let Some(rank) = rank else { return k };
    // Looked at only where a rule asks, since it looks at all rows.
    let nested: Vec<bool> = match rule {
        Counting::NonNested | Counting::NestedAdjusted | Counting::UnitFree => design
            .effects
            .iter()
            .map(|(_, effect)| {
                clusters
                    .iter()
                    .any(|cluster| is_nested(&effect.codes, &cluster.codes))
            })
            .collect(),
        _ => Vec::new(),
    };
    let all = |_: usize| true;
    match rule {
        Counting::Coefficients => k,
        Counting::Full => k + dummies(design, rank, all),
        Counting::Rank => k + rank.rank,
        Counting::NonNested if nested.iter().all(|n| *n) => k + 1,
        Counting::NonNested => k + dummies(design, rank, |effect| !nested[effect]),
        Counting::NestedAdjusted if nested.iter().any(|n| *n) => {
            k + beside_nested(design, rank, &nested) + 1
        }
        Counting::NestedAdjusted => k + rank.rank,
        Counting::UnitFree => match design.unit_effect {
            Some(unit) if nested[unit] => k + 1 + rank.rank - design.effects[unit].1.levels,
            _ => k + rank.rank,
        },
        Counting::SingleNestedFree if single_in_every(design, clusters) => k,
        Counting::SingleNestedFree => k + rank.rank,
    }
}

/// Whether there is one effect and it is nested in every cluster variable.
fn single_in_every(design: &Design, clusters: &[&Cluster]) -> bool {
    let [(_, effect)] = design.effects.as_slice() else {
        return false;
    };
    !clusters.is_empty() && clusters.iter().all(|c| is_nested(&effect.codes, &c.codes))
}

/// All dummies of some effects, less one for each with levels after the first.
fn dummies(design: &Design, rank: &EffectRank, counts: impl Fn(usize) -> bool) -> usize {
    let mut total = 0;
    let mut with_levels = 0usize;
    for (index, (_, effect)) in design.effects.iter().enumerate() {
        if counts(index) {
            total += rank.columns[index];
            with_levels += usize::from(effect.intercept);
        }
    }
    total - with_levels.saturating_sub(1)
}

/// Rank of the effects that are not nested, beside a nested one that spans the constant: each loses one level, or as many
/// as it has components with an earlier one that is not nested (Correia 2017).
fn beside_nested(design: &Design, rank: &EffectRank, nested: &[bool]) -> usize {
    let mut total = 0;
    let mut earlier: Vec<&Effect> = Vec::new();
    for (index, (_, effect)) in design.effects.iter().enumerate() {
        if nested[index] {
            continue;
        }
        let redundant = if effect.intercept {
            earlier
                .iter()
                .map(|e| components(&e.codes, e.levels, &effect.codes, effect.levels).count)
                .max()
                .unwrap_or(1)
        } else {
            0
        };
        total += rank.columns[index] - redundant;
        if effect.intercept {
            earlier.push(effect);
        }
    }
    total
}
