//! The page of a run: its tables under every convention and with other errors, and where their numbers come from.

use super::estimates::{Data, Estimated};
use super::tables::{Made, shown};
use super::variants::{errors, of_table};
use crate::error::Error;
use crate::output::Output;
use crate::plan::Study;
use panelyst_data::Ledger;
use panelyst_data::ledger::COLUMNS;
use panelyst_model::conventions::CONVENTIONS;
use panelyst_report::Lang;
use panelyst_report::builders::Style;
use panelyst_report::figures::Figure;
use panelyst_report::page::{Page, page};
use std::collections::BTreeMap;

/// Name of the page in the output folder.
pub const REPORT: &str = "report.html";

/// The page of a run.
///
/// # Errors
/// Columns that can no longer be estimated, and what the writer reports.
pub fn report(
    study: &Study,
    data: &Data,
    style: &Style,
    (made, notes, reading, ledger): (&[Made], &[String], &str, &Ledger),
    figures: Vec<(Figure, String)>,
) -> Result<Output, Error> {
    let lang = study.settings.lang;
    let mut sources = BTreeMap::new();
    let mut variants = Vec::new();
    let errors = errors(study);
    for one in made {
        let (Some(table), Some(shown)) = (one.tables.first(), shown(study, style, &one.results))
        else {
            continue;
        };
        sources.insert(
            table.id.clone(),
            all_sources(shown.iter().map(|s| s.column), lang),
        );
        variants.extend(of_table(study, data, style, (table, &shown), &errors)?);
    }
    let named = |name: &str| (name.to_owned(), name.to_owned());
    let title = study.settings.title.as_ref();
    let whole = Page {
        title: title.map_or_else(|| "Panelyst".to_owned(), |t| t.get(lang).to_owned()),
        lang,
        tables: made.iter().flat_map(|m| m.tables.clone()).collect(),
        sources,
        variants,
        figures,
        conventions: CONVENTIONS.iter().map(|row| named(row.name)).collect(),
        errors: errors.iter().map(|(name, _)| named(name)).collect(),
        reading: reading.to_owned(),
        notes: notes.to_vec(),
        ledger_columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
        ledger: ledger.entries.iter().map(record).collect(),
    };
    let text = page(&whole).map_err(|error| Error::step(REPORT, error.to_string()))?;
    Ok(Output::new(REPORT, text))
}

/// An entry of the ledger as text, in the order of its columns.
pub(crate) fn record(entry: &panelyst_data::Entry) -> Vec<String> {
    let e = entry.clone();
    let cells = e.cells.to_string();
    vec![
        e.action, e.step, e.file, e.place, e.unit, e.time, e.variable, e.before, e.after, e.rule,
        cells,
    ]
}

pub(super) fn all_sources<'a>(
    columns: impl Iterator<Item = &'a Estimated>,
    lang: Lang,
) -> Vec<String> {
    columns.map(|column| source(column, lang)).collect()
}

/// Where the numbers of a column come from.
fn source(column: &Estimated, lang: Lang) -> String {
    let fit = &column.fit;
    let filled: Vec<String> = column
        .filled
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let listed = |none: &str, comma: &str| match filled.is_empty() {
        true => none.to_owned(),
        false => filled.join(comma),
    };
    let v = &fit.vcov;
    let (formula, used, rows) = (&fit.formula, fit.sample.used, fit.sample.rows);
    match lang {
        Lang::En => {
            let cells = listed("none", ", ");
            format!(
                "{formula} ({})\nSample: {used} of {rows} rows\nErrors: {}, convention {}, factor {}\nCells filled: {cells}",
                fit.model, v.kind, v.convention, v.factor_rule
            )
        }
        Lang::Zh => {
            let cells = listed("无", "，");
            format!(
                "{formula}（{}）\n样本：{rows}行中的{used}行\n标准误：{}，惯例{}，系数{}\n插补单元格：{cells}",
                fit.model, v.kind, v.convention, v.factor_rule
            )
        }
    }
}
