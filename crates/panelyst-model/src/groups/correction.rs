//! p-values corrected for the number of pairs compared.

use crate::results::GroupDifference;

/// Writes Holm's (1979) step-down p-values beside those of each term and method, over the pairs that have one: with m of
/// them in ascending order, the largest of `(m - i + 1) p_i` up to each, and at most 1. The chance of any false rejection
/// stays below the level however the tests depend on each other.
pub(super) fn holm(rows: &mut [GroupDifference]) {
    let mut families: Vec<(String, String)> = Vec::new();
    for row in rows.iter() {
        let family = (row.term.clone(), row.method.clone());
        if !families.contains(&family) {
            families.push(family);
        }
    }
    for (term, method) in families {
        let mut places: Vec<(usize, f64)> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.term == term && row.method == method)
            .filter_map(|(place, row)| Some((place, row.p_value?)))
            .collect();
        places.sort_by(|a, b| a.1.total_cmp(&b.1));
        let count = places.len();
        let mut largest: f64 = 0.0;
        for (order, (place, p)) in places.into_iter().enumerate() {
            largest = largest.max(((count - order) as f64 * p).min(1.0));
            rows[place].p_value_holm = Some(largest);
        }
    }
}
