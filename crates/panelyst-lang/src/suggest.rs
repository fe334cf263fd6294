//! Names near a mistyped one.

/// Up to `count` of the names nearest to `typed` by edit distance, nearest first; ties stay in the order given.
///
/// A name counts as near when at most a third of its letters (at least one) are wrong, or when only the case differs.
pub fn nearest<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let lower: Vec<char> = typed.to_lowercase().chars().collect();
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let other: Vec<char> = name.to_lowercase().chars().collect();
            let distance = edit_distance(&lower, &other);
            let limit = (lower.len().max(other.len()) / 3).max(1);
            // A one-letter name is as far from every other as can be.
            let hopeless = distance > 0 && lower.len().min(other.len()) < 2;
            (distance <= limit && !hopeless).then_some((distance, name))
        })
        .collect();
    near.sort_by_key(|&(distance, _)| distance);
    near.truncate(count);
    near.into_iter().map(|(_, name)| name).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) from one word to the other.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            current[j] = replaced.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[b.len()]
}
