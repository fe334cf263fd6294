//! Rows that are alone in a level of some effect.

use crate::Error;
use crate::scan::CHUNK_ROWS;
use rayon::prelude::*;

/// Which rows are left after singletons were removed until none remained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Singletons {
    /// For each row whether it is kept.
    pub kept: Vec<bool>,
    /// Rows removed.
    pub removed: usize,
    /// Rounds in which at least one row was removed.
    pub rounds: usize,
}

/// Finds the rows that are alone in a level of some effect, again and again as removing one leaves others alone.
///
/// A singleton's residual is zero whatever the coefficients, so it changes no estimate, but it enlarges the numbers of
/// rows and clusters and so understates clustered errors (Correia 2015, "Singletons, cluster-robust standard errors and
/// fixed effects: a bad mix"). A round looks at all effects with the counts of its beginning; the rows that are kept do
/// not depend on the order of effects or rows.
///
/// # Errors
/// [`Error::Length`] when the effects differ in length.
pub fn singleton_rows(effects: &[&[u32]]) -> Result<Singletons, Error> {
    let rows = effects.first().map_or(0, |codes| codes.len());
    for (index, codes) in effects.iter().enumerate() {
        if codes.len() != rows {
            return Err(Error::Length {
                what: format!("effect {index}"),
                expected: rows,
                got: codes.len(),
            });
        }
    }
    // Few rows are looked through in less time than it takes to wake a thread.
    let none = match rows {
        0..=CHUNK_ROWS => effects.iter().all(|codes| none_alone(codes)),
        _ => effects.par_iter().all(|codes| none_alone(codes)),
    };
    if none {
        return Ok(Singletons {
            kept: vec![true; rows],
            removed: 0,
            rounds: 0,
        });
    }
    // Beside each count the sum of row numbers: of a level with one row left it is that row.
    let mut counts: Vec<Vec<(u32, u64)>> = effects
        .par_iter()
        .map(|codes| {
            let levels = codes.iter().max().map_or(0, |&high| high as usize + 1);
            let mut count = vec![(0u32, 0u64); levels];
            for (row, &code) in codes.iter().enumerate() {
                let slot = &mut count[code as usize];
                slot.0 += 1;
                slot.1 += row as u64;
            }
            count
        })
        .collect();
    let mut kept = vec![true; rows];
    let mut alone: Vec<usize> = counts
        .iter()
        .flatten()
        .filter(|slot| slot.0 == 1)
        .map(|slot| slot.1 as usize)
        .collect();
    let (mut removed, mut rounds) = (0, 0);
    while !alone.is_empty() {
        rounds += 1;
        let mut touched = Vec::new();
        for row in std::mem::take(&mut alone) {
            if !std::mem::replace(&mut kept[row], false) {
                continue;
            }
            removed += 1;
            for (effect, codes) in effects.iter().enumerate() {
                let slot = &mut counts[effect][codes[row] as usize];
                slot.0 -= 1;
                slot.1 -= row as u64;
                touched.push((effect, codes[row]));
            }
        }
        for (effect, code) in touched {
            let (count, row) = counts[effect][code as usize];
            if count == 1 && kept[row as usize] {
                alone.push(row as usize);
            }
        }
    }
    Ok(Singletons {
        kept,
        removed,
        rounds,
    })
}

/// Codes that are looked at before it is asked whether one was alone.
const PIECE: usize = 4096;

/// Whether every level that occurs has at least two rows.
fn none_alone(codes: &[u32]) -> bool {
    // Of codes that ascend, each must have a like beside it.
    if codes.is_sorted() {
        let ([first, second, ..], [.., before, last]) = (codes, codes) else {
            return codes.is_empty();
        };
        let alone = |three: &[u32]| (three[0] != three[1]) & (three[1] != three[2]);
        let within = |piece: &[u32]| {
            piece
                .windows(3)
                .fold(false, |any, three| any | alone(three))
        };
        let pieces = (1..codes.len() - 1).step_by(PIECE);
        return first == second
            && before == last
            && !pieces
                .map(|middle| &codes[middle - 1..codes.len().min(middle + PIECE + 1)])
                .any(within);
    }
    let levels = codes.iter().fold(0, |high, &code| code.max(high)) as usize + 1;
    let mut counts = vec![0u8; levels];
    let mut twice = 0;
    for &code in codes {
        let count = &mut counts[code as usize];
        if *count < 2 {
            *count += 1;
            if *count == 2 {
                twice += 1;
                if twice == levels {
                    return true;
                }
            }
        }
    }
    counts.iter().all(|&count| count != 1)
}
