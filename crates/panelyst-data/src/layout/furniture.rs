//! Rows of a table that are not data: titles, footnotes, units of measure.

/// How notes below a table begin, in lower case.
const NOTES: [&str; 17] = [
    "note:",
    "notes:",
    "note.",
    "source:",
    "sources:",
    "data source",
    "remark",
    "注：",
    "注:",
    "注释",
    "附注",
    "资料来源",
    "数据来源",
    "说明：",
    "说明:",
    "来源：",
    "来源:",
];

/// How a line that names the unit of measure begins, in lower case.
const MEASURES: [&str; 8] = [
    "单位：",
    "单位:",
    "计量单位",
    "unit:",
    "units:",
    "unit：",
    "(unit",
    "（单位",
];

/// Whether a cell begins with a word for notes: `Note:`, `Source:`, `注:`, `资料来源`.
pub(crate) fn note_word(text: &str) -> bool {
    // 注 is often set apart: `注 : ...`.
    let closed = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let start = closed(&text.to_lowercase());
    NOTES.iter().any(|note| start.starts_with(&closed(note)))
}

/// Whether a cell begins a note below a table, by a word or a mark: `Note:`, `注:`, `a)`, `(1)`, `①`, `*`.
pub(crate) fn is_note(text: &str) -> bool {
    if note_word(text) {
        return true;
    }
    let lower = text.trim_start().to_lowercase();
    let mut chars = lower.chars();
    match (chars.next(), chars.next()) {
        (Some('a'..='z' | '0'..='9'), Some(')' | '）')) => chars.next().is_some(),
        (Some('(' | '（' | '['), Some('a'..='z' | '0'..='9')) => {
            matches!(chars.next(), Some(')' | '）' | ']')) && chars.next().is_some()
        }
        (Some('①'..='⑳' | '*' | '†' | '‡' | '¹' | '²' | '³'), Some(_)) => true,
        _ => false,
    }
}

/// The unit of measure that a line names: `单位：亿元` gives `亿元`.
pub(crate) fn measure(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    let lower = trimmed.to_lowercase();
    if lower.len() != trimmed.len() || !MEASURES.iter().any(|start| lower.starts_with(start)) {
        return None;
    }
    let (_, unit) = trimmed.split_once([':', '：'])?;
    let unit = unit.trim().trim_end_matches([')', '）']).trim();
    (!unit.is_empty()).then_some(unit)
}
