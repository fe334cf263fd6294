//! The page of a run: its tables under every convention and with other errors, and where their numbers come from.

use super::estimates::{Data, Estimated, model, plain_request};
use super::tables::{Made, Results, shown};
use crate::error::Error;
use crate::output::Output;
use crate::plan::Study;
use panelyst_data::Ledger;
use panelyst_data::ledger::COLUMNS;
use panelyst_model::conventions::{self, CONVENTIONS};
use panelyst_model::{Fit, Vcov};
use panelyst_report::builders::{self, RegressionColumn, Style};
use panelyst_report::figures::Figure;
use panelyst_report::page::{Page, Variant, page};
use panelyst_report::{Lang, Table};
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
        let Some(table) = one.tables.first() else {
            continue;
        };
        match &one.results {
            Results::Baseline(columns) => {
                sources.insert(table.id.clone(), all_sources(columns.iter(), lang));
                variants.extend(of_table(study, data, style, (table, columns), &errors)?);
            }
            Results::Robustness(columns) => {
                sources.insert(table.id.clone(), all_sources(columns.iter(), lang));
            }
            Results::Heterogeneity(groups, _) => {
                let columns = groups.iter().map(|(_, column)| column);
                sources.insert(table.id.clone(), all_sources(columns, lang));
            }
            _ => {}
        }
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

/// Errors to choose from, beside those of the study.
fn errors(study: &Study) -> Vec<(String, Vcov)> {
    let unit = &study.panel.unit;
    vec![
        ("iid".to_owned(), Vcov::Iid),
        ("hc1".to_owned(), Vcov::Hc1),
        (format!("cluster:{unit}"), Vcov::Cluster(vec![unit.clone()])),
    ]
}

/// A table under every pair of convention and errors but the study's own. Each column is estimated once; its covariance is
/// changed without estimating again.
fn of_table(
    study: &Study,
    data: &Data,
    style: &Style,
    (table, columns): (&Table, &[Estimated]),
    errors: &[(String, Vcov)],
) -> Result<Vec<Variant>, Error> {
    let lang = study.settings.lang;
    let mut kept = Vec::with_capacity(columns.len());
    for column in columns {
        let (asked, batch) = plain_request(study, data, &column.plan)?;
        let estimated = panelyst_model::Estimated::new(&batch, &column.plan.formula, &asked)
            .map_err(model(&table.label))?;
        kept.push(estimated);
    }
    let mut names = vec![""];
    names.extend(CONVENTIONS.iter().map(|row| row.name));
    let mut choices: Vec<(&str, Option<&Vcov>)> = vec![("", None)];
    choices.extend(
        errors
            .iter()
            .map(|(name, vcov)| (name.as_str(), Some(vcov))),
    );
    let mut variants = Vec::new();
    for name in names {
        for &(errors, vcov) in &choices {
            if name.is_empty() && vcov.is_none() {
                continue;
            }
            let mut changed = Vec::with_capacity(columns.len());
            let mut refused = Vec::new();
            for (place, (column, estimated)) in columns.iter().zip(&kept).enumerate() {
                let of_column = &column.plan.convention;
                let known = if name.is_empty() {
                    of_column.as_str()
                } else {
                    name
                };
                let fit = conventions::by_name(known).and_then(|convention| {
                    estimated.fit_with(vcov.unwrap_or(&column.plan.vcov), convention)
                });
                let mut one = column.clone();
                match fit {
                    Ok(fit) => one.fit = fit,
                    Err(why) => {
                        refused.push(match lang {
                            Lang::En => format!("Column ({}) has no result so: {why}.", place + 1),
                            Lang::Zh => format!("第({})列无相应结果：{why}。", place + 1),
                        });
                        blank(&mut one.fit);
                    }
                }
                changed.push(one);
            }
            let columns: Vec<RegressionColumn<'_>> = changed
                .iter()
                .map(|one| shown(one, super::reading::heading(study, style, &one.plan), lang))
                .collect();
            let (id, label, title) = (&table.id, &table.label, &table.title);
            let mut built = builders::regression(id, label, title, &columns, style);
            built.notes.extend(refused);
            variants.push(Variant {
                convention: name.to_owned(),
                errors: errors.to_owned(),
                table: built,
                sources: all_sources(changed.iter(), lang),
            });
        }
    }
    Ok(variants)
}

/// Takes the tests out of a fit that a choice does not have: the estimates stay, without stars and brackets.
fn blank(fit: &mut Fit) {
    for coefficient in &mut fit.coefficients {
        coefficient.std_error = f64::NAN;
        coefficient.statistic = f64::NAN;
        coefficient.p_value = f64::NAN;
    }
}

fn all_sources<'a>(columns: impl Iterator<Item = &'a Estimated>, lang: Lang) -> Vec<String> {
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
