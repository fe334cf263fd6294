//! Several estimations in one formula: `sw`, `sw0`, `csw`, `csw0`, `mvsw`.

use super::items::Item;

/// More regressions than this are not spelt out.
pub(super) const MAX_FORMULAS: usize = 10_000;

/// The stepwise functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steps {
    /// Each choice alone.
    Each { empty_first: bool },
    /// The first, the first two, the first three ...
    Cumulative { empty_first: bool },
    /// Every subset, the empty one first, then by size.
    Multiverse,
}

const NAMES: [(&str, Steps); 5] = [
    ("sw", Steps::Each { empty_first: false }),
    ("sw0", Steps::Each { empty_first: true }),
    ("csw", Steps::Cumulative { empty_first: false }),
    ("csw0", Steps::Cumulative { empty_first: true }),
    ("mvsw", Steps::Multiverse),
];

impl Steps {
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(n, _)| *n == name).map(|&(_, s)| s)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|&&(_, s)| s == self)
            .map_or("sw", |&(n, _)| n)
    }
}

/// The sums that a stepwise function stands for, in the order in which they are estimated.
pub(super) fn spell_out<T: Clone>(
    steps: Steps,
    choices: &[Vec<Item<T>>],
) -> Result<Vec<Vec<Item<T>>>, String> {
    let mut sums: Vec<Vec<Item<T>>> = Vec::new();
    match steps {
        Steps::Each { empty_first } => {
            if empty_first {
                sums.push(Vec::new());
            }
            sums.extend(choices.iter().cloned());
        }
        Steps::Cumulative { empty_first } => {
            if empty_first {
                sums.push(Vec::new());
            }
            let mut sum = Vec::new();
            for choice in choices {
                sum.extend(choice.iter().cloned());
                sums.push(sum.clone());
            }
        }
        Steps::Multiverse => {
            let count = 1usize
                .checked_shl(u32::try_from(choices.len()).unwrap_or(u32::MAX))
                .filter(|&count| count <= MAX_FORMULAS)
                .ok_or_else(|| {
                    format!(
                        "mvsw() of {} choices means more than {MAX_FORMULAS} regressions",
                        choices.len()
                    )
                })?;
            // Subsets by size, and by the places of their members among those of one size.
            let mut subsets: Vec<Vec<usize>> = (0..count)
                .map(|mask| (0..choices.len()).filter(|j| mask >> j & 1 == 1).collect())
                .collect();
            subsets.sort_by(|a: &Vec<usize>, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            for subset in subsets {
                sums.push(
                    subset
                        .into_iter()
                        .flat_map(|j| choices[j].iter().cloned())
                        .collect(),
                );
            }
        }
    }
    Ok(sums)
}
