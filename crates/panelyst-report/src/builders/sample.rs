//! What the notes say about the sample of each column: filled, lost and collinear.

use panelyst_model::results::Note;

use super::notes::{by_column, sentence};
use super::regression::RegressionColumn;
use super::style::Style;
use crate::table::Lang;
use crate::words::list;

/// Values that were filled in, by variable.
pub(super) fn filled(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let cells = column.filled_cells.iter().filter(|(_, count)| *count > 0);
        let each: Vec<String> = cells
            .map(|(variable, count)| match lang {
                Lang::En => format!("{} {count}", style.label(variable)),
                Lang::Zh => format!("{}（{count}个）", style.label(variable)),
            })
            .collect();
        (!each.is_empty()).then(|| list(&each, lang))
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Values filled in by rule", &words, lang),
        Lang::Zh => sentence("按规则填补的数值", &words, lang),
    })
}

/// Rows that could not be used. Rows outside a chosen subsample are a choice and no loss.
pub(super) fn lost(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let losses = column.fit.sample.dropped.iter();
        let losses = losses.filter(|loss| loss.reason != "condition" && loss.count > 0);
        let each: Vec<String> = losses
            .map(|loss| loss_words(&loss.reason, loss.count, style))
            .collect();
        (!each.is_empty()).then(|| list(&each, lang))
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Rows not used", &words, lang),
        Lang::Zh => sentence("未使用的观测", &words, lang),
    })
}

/// A counted loss in words: `3 singletons`, `fdi缺失3个`.
pub fn loss_words(reason: &str, count: usize, style: &Style) -> String {
    let lang = style.lang;
    if reason.starts_with("singleton") {
        return match (lang, count) {
            (Lang::En, 1) => "1 singleton".to_owned(),
            (Lang::En, _) => format!("{count} singletons"),
            (Lang::Zh, _) => format!("单例观测{count}个"),
        };
    }
    if let Some(name) = reason.strip_prefix("missing ") {
        let label = style.label(name);
        return match lang {
            Lang::En => format!("{count} with {label} missing"),
            Lang::Zh => format!("{label}缺失{count}个"),
        };
    }
    match (lang, reason.strip_suffix(" without a value")) {
        (Lang::En, _) => format!("{count} ({reason})"),
        (Lang::Zh, Some(term)) => format!("{term}无取值{count}个"),
        (Lang::Zh, None) => format!("{count}个（{reason}）"),
    }
}

/// Regressors that were dropped as collinear.
pub(super) fn collinear(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let notes = column.fit.notes.iter();
        let notes = notes.filter(|note| note.kind == "collinear");
        let names: Vec<String> = notes.flat_map(|note| note_names(note, style)).collect();
        (!names.is_empty()).then(|| list(&names, lang))
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Dropped as collinear", &words, lang),
        Lang::Zh => sentence("因共线性剔除", &words, lang),
    })
}

/// The names that a note is about; its sentence where it does not list them.
fn note_names(note: &Note, style: &Style) -> Vec<String> {
    if note.about.is_empty() {
        return vec![note.text.trim_end_matches('.').to_owned()];
    }
    note.about.iter().map(|name| style.label(name)).collect()
}
