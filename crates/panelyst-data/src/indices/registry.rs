//! The indices: one row each.

/// One index: what it is called, what it needs, how it is defined and by whom.
#[derive(Debug)]
pub struct IndexRow {
    /// Name on the command line and in study files.
    pub name: &'static str,
    /// English label.
    pub label: &'static str,
    /// Chinese label.
    pub label_zh: &'static str,
    /// Inputs it cannot do without, as in [`super::IndexRequest`].
    pub needs: &'static [&'static str],
    /// Further inputs it can use.
    pub takes: &'static [&'static str],
    /// Formula in plain text.
    pub formula: &'static str,
    /// Formula in LaTeX, without dollar signs.
    pub latex: &'static str,
    /// What it measures, its range and how to read it.
    pub doc: &'static str,
    /// Author, year, place, equation.
    pub citation: &'static str,
    /// An identity that it fulfils and that the tests check.
    pub identity: &'static str,
}

/// All indices.
pub const INDICES: &[IndexRow] = &[];

/// The names of all indices, for messages.
pub fn names() -> String {
    INDICES
        .iter()
        .map(|row| row.name)
        .collect::<Vec<_>>()
        .join(", ")
}
