//! Names that come near one that was typed.

/// Up to three of `known` within a third of the length of `typed` (at least one change) under `fold`, nearest first.
pub(crate) fn nearest<'a>(
    typed: &str,
    known: &[&'a str],
    fold: impl Fn(&str) -> String,
) -> Vec<&'a str> {
    let letters: Vec<char> = typed.chars().collect();
    let limit = (letters.len() / 3).max(1);
    let mut near: Vec<(usize, usize)> = known
        .iter()
        .enumerate()
        .filter_map(|(index, name)| {
            let other: Vec<char> = fold(name).chars().collect();
            if other.len().abs_diff(letters.len()) > limit {
                return None;
            }
            let changes = distance(&letters, &other);
            (changes <= limit && changes < letters.len()).then_some((changes, index))
        })
        .collect();
    near.sort_unstable();
    near.into_iter()
        .take(3)
        .map(|(_, index)| known[index])
        .collect()
}

/// Number of letters to insert, remove, replace or swap with the next (Damerau 1964, adjacent swaps once).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
