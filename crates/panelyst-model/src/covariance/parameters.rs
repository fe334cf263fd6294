//! How many parameters K a small-sample factor counts.

use crate::conventions::Counting;
use crate::design::{Cluster, Design};
use panelyst_absorb::{EffectRank, components, is_nested};
use std::cell::OnceCell;
use std::convert::Infallible;

/// What the rules of counting ask about absorbed effects, numbered in their order.
pub(crate) trait Effects {
    /// Why a question may find no answer.
    type Error;

    /// Number of effects.
    fn count(&self) -> usize;

    /// Dummies of an effect, with those of its slopes.
    fn columns(&self, effect: usize) -> usize;

    /// Levels of an effect.
    fn levels(&self, effect: usize) -> usize;

    /// Whether an effect has dummies of its levels, not slopes alone.
    fn intercept(&self, effect: usize) -> bool;

    /// Whether an effect is nested in some cluster variable.
    fn nested(&self, effect: usize) -> bool;

    /// Whether there are cluster variables and an effect is nested in every one.
    fn nested_in_all(&self, effect: usize) -> bool;

    /// The effect of the panel's unit.
    fn unit(&self) -> Option<usize>;

    /// Rank of all effects.
    fn rank(&self) -> Result<usize, Self::Error>;

    /// Connected components of the levels of two effects.
    fn components(&self, first: usize, second: usize) -> Result<usize, Self::Error>;
}

/// The number of parameters by a rule; `k` are the estimated coefficients.
pub(crate) fn count<E: Effects>(rule: Counting, k: usize, effects: &E) -> Result<usize, E::Error> {
    let all = 0..effects.count();
    if all.is_empty() {
        return Ok(k);
    }
    Ok(match rule {
        Counting::Coefficients => k,
        Counting::Full => k + dummies(effects, |_| true),
        Counting::NonNested if all.clone().all(|e| effects.nested(e)) => k + 1,
        Counting::NonNested => k + dummies(effects, |e| !effects.nested(e)),
        Counting::NestedAdjusted if all.clone().any(|e| effects.nested(e)) => {
            k + beside_nested(effects)? + 1
        }
        Counting::UnitFree
            if let Some(unit) = effects.unit()
                && effects.nested(unit) =>
        {
            k + 1 + effects.rank()? - effects.levels(unit)
        }
        Counting::SingleNestedFree if all.len() == 1 && effects.nested_in_all(0) => k,
        Counting::Rank
        | Counting::NestedAdjusted
        | Counting::UnitFree
        | Counting::SingleNestedFree => k + effects.rank()?,
    })
}

/// All dummies of some effects, less one for each with levels after the first.
fn dummies<E: Effects>(effects: &E, counts: impl Fn(usize) -> bool) -> usize {
    let counted = (0..effects.count()).filter(|&effect| counts(effect));
    let (mut total, mut with_levels) = (0, 0usize);
    for effect in counted {
        total += effects.columns(effect);
        with_levels += usize::from(effects.intercept(effect));
    }
    total - with_levels.saturating_sub(1)
}

/// Rank of the effects that are not nested, beside a nested one that spans the constant: each loses one level, or as many
/// as it has components with an earlier one that is not nested (Correia 2017).
fn beside_nested<E: Effects>(effects: &E) -> Result<usize, E::Error> {
    let mut total = 0;
    let mut earlier: Vec<usize> = Vec::new();
    for effect in (0..effects.count()).filter(|&effect| !effects.nested(effect)) {
        let mut redundant = 0;
        if effects.intercept(effect) {
            redundant = usize::from(earlier.is_empty());
            for &other in &earlier {
                redundant = redundant.max(effects.components(other, effect)?);
            }
            earlier.push(effect);
        }
        total += effects.columns(effect) - redundant;
    }
    Ok(total)
}

/// The number of parameters of a design by a rule; `k` are the estimated coefficients, `rank` that of the effects.
pub fn parameters(
    rule: Counting,
    k: usize,
    design: &Design,
    rank: Option<&EffectRank>,
    clusters: &[&Cluster],
) -> usize {
    let Some(rank) = rank else { return k };
    let effects = InMemory {
        design,
        rank,
        clusters,
        nested: vec![OnceCell::new(); design.effects.len()],
    };
    let Ok(counted) = count(rule, k, &effects);
    counted
}

/// The effects of a design.
struct InMemory<'a> {
    design: &'a Design,
    rank: &'a EffectRank,
    clusters: &'a [&'a Cluster],
    /// Looked at only where a rule asks, since it looks at all rows.
    nested: Vec<OnceCell<bool>>,
}

impl InMemory<'_> {
    fn is_nested_in(&self, effect: usize, cluster: &Cluster) -> bool {
        is_nested(&self.design.effects[effect].1.codes, &cluster.codes)
    }
}

impl Effects for InMemory<'_> {
    type Error = Infallible;

    fn count(&self) -> usize {
        self.design.effects.len()
    }

    fn columns(&self, effect: usize) -> usize {
        self.rank.columns[effect]
    }

    fn levels(&self, effect: usize) -> usize {
        self.design.effects[effect].1.levels
    }

    fn intercept(&self, effect: usize) -> bool {
        self.design.effects[effect].1.intercept
    }

    fn nested(&self, effect: usize) -> bool {
        *self.nested[effect]
            .get_or_init(|| self.clusters.iter().any(|c| self.is_nested_in(effect, c)))
    }

    fn nested_in_all(&self, effect: usize) -> bool {
        let mut all = self.clusters.iter();
        !self.clusters.is_empty() && all.all(|c| self.is_nested_in(effect, c))
    }

    fn unit(&self) -> Option<usize> {
        self.design.unit_effect
    }

    fn rank(&self) -> Result<usize, Infallible> {
        Ok(self.rank.rank)
    }

    fn components(&self, first: usize, second: usize) -> Result<usize, Infallible> {
        let [a, b] = [first, second].map(|effect| &self.design.effects[effect].1);
        Ok(components(&a.codes, a.levels, &b.codes, b.levels).count)
    }
}
