//! Whether one grouping refines another.

/// Whether each level of `inner` lies within one level of `outer` (as a county lies within one province).
///
/// Effects nested in the clusters do not count in the small-sample factor of clustered errors.
/// Codes of any values are allowed; rows beyond the shorter of the two are not compared.
#[must_use]
pub fn is_nested(inner: &[u32], outer: &[u32]) -> bool {
    // Two effects that share their codes are not looked through.
    if std::ptr::eq(inner, outer) || inner == outer {
        return true;
    }
    let Some(&high) = inner.iter().max() else {
        return true;
    };
    let mut home: Vec<Option<u32>> = vec![None; high as usize + 1];
    inner
        .iter()
        .zip(outer)
        .all(|(&level, &group)| *home[level as usize].get_or_insert(group) == group)
}
