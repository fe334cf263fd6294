//! Level codes: from keys to `0..levels` and back, combined and compacted.
//!
//! Levels are numbered in the sorted order of their keys, so that codes do not depend on the order of rows.

use crate::Error;
use std::collections::HashMap;
use std::hash::Hash;

/// Integer keys spread over at most this many times the number of rows are encoded through a table.
const TABLE_SPREAD: usize = 4;

/// Codes of distinct integers and the sorted integers themselves.
///
/// # Errors
/// [`Error::TooLarge`] when there are more levels than a code can hold.
pub fn encode_i64(keys: &[i64]) -> Result<(Vec<u32>, Vec<i64>), Error> {
    let (Some(&low), Some(&high)) = (keys.iter().min(), keys.iter().max()) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let spread = high.wrapping_sub(low) as u64;
    if spread <= (keys.len() * TABLE_SPREAD + 1024) as u64 {
        let mut table = vec![0u32; spread as usize + 1];
        for &key in keys {
            table[key.wrapping_sub(low) as usize] = 1;
        }
        let mut levels = Vec::new();
        for (offset, slot) in table.iter_mut().enumerate() {
            if *slot == 1 {
                *slot = code_of(levels.len())?;
                levels.push(low + offset as i64);
            }
        }
        let codes = keys
            .iter()
            .map(|key| table[key.wrapping_sub(low) as usize])
            .collect();
        return Ok((codes, levels));
    }
    encode_by_hash(keys.iter().copied())
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
