//! Level codes: from keys to `0..levels` and back, combined and compacted.
//!
//! Levels are numbered in the sorted order of their keys, so that codes do not depend on the order of rows.

use crate::Error;
use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU8, Ordering};

/// Integer keys spread over at most this many times the number of rows are encoded through a table.
const TABLE_SPREAD: usize = 4;

/// Keys of one chunk.
const CHUNK: usize = 16_384;

/// Lowest key, highest key and whether keys ascend, chunk by chunk.
fn survey(keys: &[i64]) -> Option<(i64, i64, bool)> {
    let one = |piece: &[i64]| match piece {
        [low, .., high] if piece.is_sorted() => (*low, *high, true),
        _ => {
            let (mut low, mut high) = (i64::MAX, i64::MIN);
            for &key in piece {
                low = low.min(key);
                high = high.max(key);
            }
            (low, high, piece.len() < 2)
        }
    };
    let pieces: Vec<(i64, i64, bool)> = keys.par_chunks(CHUNK).map(one).collect();
    let first = *pieces.first()?;
    let join = |all: (i64, i64, bool), next: &(i64, i64, bool)| {
        let ascends = all.2 && next.2 && all.1 <= next.0;
        (all.0.min(next.0), all.1.max(next.1), ascends)
    };
    Some(pieces[1..].iter().fold(first, join))
}

/// Codes of distinct integers and the sorted integers themselves.
///
/// # Errors
/// [`Error::TooLarge`] when there are more levels than a code can hold.
pub fn encode_i64(keys: &[i64]) -> Result<(Vec<u32>, Vec<i64>), Error> {
    let Some((low, high, ascends)) = survey(keys) else {
        return Ok((Vec::new(), Vec::new()));
    };
    if ascends {
        return encode_ascending(keys);
    }
    let spread = high.wrapping_sub(low) as u64;
    if spread > (keys.len() * TABLE_SPREAD + 1024) as u64 {
        return encode_by_hash(keys.iter().copied());
    }
    let met: Vec<AtomicU8> = (0..=spread).map(|_| AtomicU8::new(0)).collect();
    mark(&met, keys, |key| key.wrapping_sub(low) as usize);
    let mut table = vec![0u32; met.len()];
    let mut levels = Vec::new();
    for (offset, (slot, met)) in table.iter_mut().zip(&met).enumerate() {
        if met.load(Ordering::Relaxed) == 1 {
            *slot = code_of(levels.len())?;
            levels.push(low + offset as i64);
        }
    }
    let complete = levels.len() == table.len();
    let mut codes = vec![0u32; keys.len()];
    codes
        .par_chunks_mut(CHUNK)
        .zip(keys.par_chunks(CHUNK))
        .for_each(|(codes, keys)| {
            for (code, key) in codes.iter_mut().zip(keys) {
                let offset = key.wrapping_sub(low);
                *code = if complete {
                    offset as u32
                } else {
                    table[offset as usize]
                };
            }
        });
    Ok((codes, levels))
}

/// Codes of keys that ascend: the number of changes before.
fn encode_ascending(keys: &[i64]) -> Result<(Vec<u32>, Vec<i64>), Error> {
    let before = |chunk: usize| (chunk > 0).then(|| keys[chunk * CHUNK - 1]);
    let counts: Vec<usize> = keys
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, piece)| {
            let changes = piece.windows(2).filter(|pair| pair[0] != pair[1]).count();
            changes + usize::from(before(chunk) != Some(piece[0]))
        })
        .collect();
    let mut first = Vec::with_capacity(counts.len());
    let mut total = 0;
    for count in counts {
        first.push(total);
        total += count;
    }
    code_of(total)?;
    let mut codes = vec![0u32; keys.len()];
    let levels: Vec<Vec<i64>> = codes
        .par_chunks_mut(CHUNK)
        .zip(keys.par_chunks(CHUNK))
        .enumerate()
        .map(|(chunk, (codes, keys))| {
            let (mut last, mut next) = (before(chunk), first[chunk] as u32);
            let mut levels = Vec::new();
            for (code, &key) in codes.iter_mut().zip(keys) {
                if last != Some(key) {
                    last = Some(key);
                    levels.push(key);
                    next += 1;
                }
                // A key that goes on from the chunk before has the last code there.
                *code = next - 1;
            }
            levels
        })
        .collect();
    Ok((codes, levels.concat()))
}

/// Codes of distinct texts and the sorted texts themselves (bytewise order).
///
/// # Errors
/// [`Error::TooLarge`] when there are more levels than a code can hold.
pub fn encode_text<'a>(keys: &[&'a str]) -> Result<(Vec<u32>, Vec<&'a str>), Error> {
    encode_by_hash(keys.iter().copied())
}

/// Codes of the combination of several codings (`f1^f2`), and for each level its row of original codes.
///
/// Levels are sorted by the first coding, then by the second, and so on; only combinations that occur are levels.
///
/// # Errors
/// [`Error::Length`] when the codings differ in length, [`Error::TooLarge`] when there are too many levels.
pub fn combine(parts: &[&[u32]]) -> Result<(Vec<u32>, Vec<Vec<u32>>), Error> {
    let Some(first) = parts.first() else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (mut codes, levels) = compact(first)?;
    let mut keys: Vec<Vec<u32>> = levels.into_iter().map(|level| vec![level]).collect();
    for (index, part) in parts.iter().enumerate().skip(1) {
        if part.len() != codes.len() {
            return Err(Error::Length {
                what: format!("coding {index}"),
                expected: codes.len(),
                got: part.len(),
            });
        }
        let pairs = codes
            .iter()
            .zip(*part)
            .map(|(&left, &right)| u64::from(left) << 32 | u64::from(right));
        let (combined, pairs) = encode_by_hash(pairs)?;
        keys = pairs
            .into_iter()
            .map(|pair| {
                let mut key = keys[(pair >> 32) as usize].clone();
                key.push(pair as u32);
                key
            })
            .collect();
        codes = combined;
    }
    Ok((codes, keys))
}

/// Codes renumbered to the levels that still occur, and the former code of each level (ascending).
///
/// # Errors
/// [`Error::TooLarge`] when there are more levels than a code can hold.
pub fn compact(codes: &[u32]) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let Some(&high) = codes.iter().max() else {
        return Ok((Vec::new(), Vec::new()));
    };
    if high as usize > codes.len() * TABLE_SPREAD + 1024 {
        return encode_by_hash(codes.iter().copied());
    }
    let mut table = vec![0u32; high as usize + 1];
    for &code in codes {
        table[code as usize] = 1;
    }
    let mut levels = Vec::new();
    for (code, slot) in table.iter_mut().enumerate() {
        if *slot == 1 {
            *slot = code_of(levels.len())?;
            levels.push(code as u32);
        }
    }
    Ok((codes.iter().map(|&c| table[c as usize]).collect(), levels))
}

/// Codes below a number of levels renumbered to the levels that occur, and how many these are.
///
/// # Errors
/// [`Error::TooLarge`] when there are more levels than a code can hold.
pub fn renumber(mut codes: Vec<u32>, levels: usize) -> Result<(Vec<u32>, usize), Error> {
    let met: Vec<AtomicU8> = (0..levels).map(|_| AtomicU8::new(0)).collect();
    mark(&met, &codes, |&code| code as usize);
    let mut count = 0;
    let mut table = vec![0u32; levels];
    for (slot, met) in table.iter_mut().zip(&met) {
        if met.load(Ordering::Relaxed) == 1 {
            *slot = code_of(count)?;
            count += 1;
        }
    }
    if count < levels {
        let chunks = codes.par_chunks_mut(CHUNK);
        chunks.for_each(|piece| piece.iter_mut().for_each(|c| *c = table[*c as usize]));
    }
    Ok((codes, count))
}

/// Marks the slots that keys stand for: whichever thread comes first, a slot that is met holds one.
fn mark<K: Sync>(met: &[AtomicU8], keys: &[K], slot: impl Fn(&K) -> usize + Sync) {
    keys.par_chunks(CHUNK).for_each(|piece| {
        for key in piece {
            let slot = &met[slot(key)];
            if slot.load(Ordering::Relaxed) == 0 {
                slot.store(1, Ordering::Relaxed);
            }
        }
    });
}

/// Numbers keys by first appearance, sorts the distinct ones and renumbers.
fn encode_by_hash<K: Copy + Eq + Hash + Ord>(
    keys: impl Iterator<Item = K>,
) -> Result<(Vec<u32>, Vec<K>), Error> {
    let mut seen: HashMap<K, u32> = HashMap::new();
    let mut distinct = Vec::new();
    let mut codes = Vec::with_capacity(keys.size_hint().0);
    for key in keys {
        let next = code_of(distinct.len())?;
        let code = *seen.entry(key).or_insert(next);
        if code == next {
            distinct.push(key);
        }
        codes.push(code);
    }
    let mut order: Vec<u32> = (0..code_of(distinct.len())?).collect();
    order.sort_unstable_by_key(|&code| distinct[code as usize]);
    let mut rank = vec![0u32; order.len()];
    for (position, &code) in order.iter().enumerate() {
        rank[code as usize] = position as u32;
    }
    for code in &mut codes {
        *code = rank[*code as usize];
    }
    let levels = order.iter().map(|&code| distinct[code as usize]).collect();
    Ok((codes, levels))
}

fn code_of(level: usize) -> Result<u32, Error> {
    u32::try_from(level).map_err(|_| Error::TooLarge {
        what: "levels of one effect".into(),
        got: level,
        limit: u32::MAX as usize,
    })
}
