//! Keyed tables to one panel: joined, cut to the periods asked for, completed, reported.

use super::columns;
use super::sources::Loaded;
use crate::error::Error;
use crate::plan::{Keys, PanelPlan};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{RecordBatch, UInt64Array};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::take::take;
use panelyst_data::join::{JoinKind, join};
use panelyst_data::panel::Panel;
use panelyst_data::transforms::complete;
use panelyst_data::{Entry, Ledger};
use panelyst_report::Lang;
use std::collections::HashMap;

/// The panel with what happened on the way.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The panel.
    pub panel: Panel,
    /// What was done.
    pub ledger: Ledger,
    /// What did not match, gaps and balance, in sentences.
    pub notes: Vec<String>,
}

/// Joins the tables of a study into its panel.
///
/// # Errors
/// Duplicate keys, no table of units and periods, no row left.
pub fn assemble(plan: &PanelPlan, tables: &[Loaded], lang: Lang) -> Result<Assembled, Error> {
    let mut ledger = Ledger::default();
    let mut notes = Vec::new();
    let mut joined: Option<(String, RecordBatch)> = None;
    for table in tables.iter().filter(|t| t.keys == Keys::UnitTime) {
        joined = Some(match joined {
            None => (table.name.clone(), table.batch.clone()),
            Some((name, batch)) => {
                let keys = [plan.unit.as_str(), plan.time.as_str()];
                let both = join(
                    &batch,
                    &table.batch,
                    &keys,
                    JoinKind::Full,
                    (&name, &table.name),
                )
                .map_err(Error::data(&format!("joining {}", table.name)))?;
                let (left, right) = (&both.left_only, &both.right_only);
                notes.extend(unmatched(&name, left, &table.name, &mut ledger, lang));
                notes.extend(unmatched(&table.name, right, &name, &mut ledger, lang));
                (format!("{name} and {}", table.name), both.batch)
            }
        });
    }
    let Some((mut name, mut batch)) = joined else {
        return Err(Error::step(
            "panel",
            "no source has rows by unit and period; one of them needs keys = \"unit-time\" (the default)",
        ));
    };
    for table in tables {
        let key = match table.keys {
            Keys::Unit => plan.unit.as_str(),
            Keys::Time => plan.time.as_str(),
            Keys::UnitTime | Keys::UnitActivityTime => continue,
        };
        let (widened, without) = spread(&batch, table, key, &name)?;
        for value in &without {
            notes.push(match lang {
                Lang::En => format!("{} has no row for {key} {value}", table.name),
                Lang::Zh => format!("{}中没有{key}为{value}的行", table.name),
            });
            ledger.push(Entry {
                action: "unmatched".to_owned(),
                step: format!("joining {}", table.name),
                unit: value.clone(),
                rule: format!("no row in {}", table.name),
                ..Entry::default()
            });
        }
        batch = widened;
        name = format!("{name} and {}", table.name);
    }
    batch = periods(plan, &batch, &mut ledger)?;
    let mut panel = Panel::declare(&batch, &plan.unit, &plan.time).map_err(Error::data("panel"))?;
    if plan.complete {
        let (whole, added) = complete(&panel).map_err(Error::data("panel"))?;
        panel = whole;
        ledger.append(added);
    }
    shape(&panel, &mut notes, lang);
    Ok(Assembled {
        panel,
        ledger,
        notes,
    })
}

/// Puts the columns of a table by unit or by period beside every row; gives the keys that had no row.
fn spread(
    batch: &RecordBatch,
    table: &Loaded,
    key: &str,
    name: &str,
) -> Result<(RecordBatch, Vec<String>), Error> {
    let step = format!("joining {}", table.name);
    let fail = |error: arrow_schema::ArrowError| Error::step(&step, error.to_string());
    let mut rows: HashMap<String, u64> = HashMap::new();
    for (row, value) in key_texts(&table.batch, key)
        .map_err(fail)?
        .into_iter()
        .enumerate()
    {
        let value = value.ok_or_else(|| {
            Error::step(
                &step,
                format!("row {} of {} has no {key}", row + 1, table.name),
            )
        })?;
        if let Some(first) = rows.insert(value.clone(), row as u64) {
            return Err(Error::step(
                &step,
                format!(
                    "{} has two rows for {key} {value} (rows {} and {})",
                    table.name,
                    first + 1,
                    row + 1
                ),
            ));
        }
    }
    let mut without = Vec::new();
    let places: UInt64Array = key_texts(batch, key)
        .map_err(fail)?
        .into_iter()
        .map(|value| {
            let value = value?;
            let place = rows.get(&value).copied();
            if place.is_none() {
                without.push(value);
            }
            place
        })
        .collect();
    without.sort();
    without.dedup();
    let mut widened = batch.clone();
    for column in columns::names(&table.batch) {
        if column == key {
            continue;
        }
        if widened.column_by_name(&column).is_some() {
            return Err(Error::step(
                &step,
                format!(
                    "both {name} and {} have a column `{column}`; rename one with columns = {{ ... }}",
                    table.name
                ),
            ));
        }
        let place = table.batch.schema().index_of(&column).map_err(fail)?;
        let values = take(table.batch.column(place), &places, None).map_err(fail)?;
        widened = columns::with(&widened, &column, values).map_err(fail)?;
    }
    Ok((widened, without))
}

/// A key column as text; whole numbers print alike whatever their type.
fn key_texts(
    batch: &RecordBatch,
    key: &str,
) -> Result<Vec<Option<String>>, arrow_schema::ArrowError> {
    let place = batch.schema().index_of(key)?;
    let mut column = std::sync::Arc::clone(batch.column(place));
    if column.data_type().is_floating() {
        column = cast(&column, &DataType::Int64)?;
    }
    let texts = cast(&column, &DataType::Utf8)?;
    Ok(texts
        .as_string::<i32>()
        .iter()
        .map(|t| t.map(str::to_owned))
        .collect())
}

/// Notes keys of one table that the other does not have: counted, the first few named, all in the ledger.
fn unmatched(
    name: &str,
    keys: &[Vec<String>],
    other: &str,
    ledger: &mut Ledger,
    lang: Lang,
) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let shown: Vec<String> = keys.iter().take(5).map(|key| key.join(" ")).collect();
    let more = keys.len().saturating_sub(5);
    let tail = match (more, lang) {
        (0, _) => String::new(),
        (_, Lang::En) => format!(" and {more} more"),
        (_, Lang::Zh) => format!("，另有{more}行"),
    };
    let note = match lang {
        Lang::En => format!(
            "{} rows of {name} have no match in {other}: {}{tail}",
            keys.len(),
            shown.join(", ")
        ),
        Lang::Zh => format!(
            "{name}中有{}行在{other}中没有对应的行：{}{tail}",
            keys.len(),
            shown.join("，")
        ),
    };
    for key in keys {
        ledger.push(Entry {
            action: "unmatched".to_owned(),
            step: format!("joining {other}"),
            unit: key.first().cloned().unwrap_or_default(),
            time: key.get(1).cloned().unwrap_or_default(),
            rule: format!("in {name}, not in {other}"),
            ..Entry::default()
        });
    }
    Some(note)
}

/// Rows of the periods asked for.
fn periods(
    plan: &PanelPlan,
    batch: &RecordBatch,
    ledger: &mut Ledger,
) -> Result<RecordBatch, Error> {
    if plan.first.is_none() && plan.last.is_none() {
        return Ok(batch.clone());
    }
    let fail = |error: arrow_schema::ArrowError| Error::step("panel", error.to_string());
    let place = batch.schema().index_of(&plan.time).map_err(fail)?;
    let times = cast(batch.column(place), &DataType::Int64).map_err(fail)?;
    let mask: Vec<bool> = times
        .as_primitive::<Int64Type>()
        .iter()
        .map(|time| {
            time.is_none_or(|t| {
                plan.first.is_none_or(|f| f <= t) && plan.last.is_none_or(|l| t <= l)
            })
        })
        .collect();
    let lost = mask.iter().filter(|keep| !**keep).count();
    if lost > 0 {
        let bound = |b: Option<i64>| b.map_or_else(|| "...".to_owned(), |b| b.to_string());
        ledger.push(Entry {
            action: "dropped".to_owned(),
            step: "panel".to_owned(),
            rule: format!("periods {} to {} kept", bound(plan.first), bound(plan.last)),
            cells: lost,
            ..Entry::default()
        });
    }
    if lost == mask.len() {
        return Err(Error::step(
            "panel",
            "no row lies between the first and the last period of [panel]",
        ));
    }
    columns::kept(batch, &mask).map_err(fail)
}

/// Balance, gaps and missing cells in sentences.
fn shape(panel: &Panel, notes: &mut Vec<String>, lang: Lang) {
    let report = panel.report();
    let (units, periods, rows) = (report.units, report.periods, report.rows);
    let (first, last) = (&report.first, &report.last);
    notes.push(match (lang, report.balanced) {
        (Lang::En, balanced) => format!(
            "panel: {units} units, {periods} periods ({first} to {last}), {rows} rows, {}",
            if balanced { "balanced" } else { "unbalanced" }
        ),
        (Lang::Zh, balanced) => format!(
            "面板：{units}个个体，{periods}个时期（{first}至{last}），{rows}行，{}面板",
            if balanced { "平衡" } else { "非平衡" }
        ),
    });
    for gap in report.gaps.iter().take(5) {
        let (unit, after, before) = (&gap.unit, &gap.after, &gap.before);
        notes.push(match lang {
            Lang::En => format!("gap: {unit} has no row between {after} and {before}"),
            Lang::Zh => format!("间断：{unit}在{after}与{before}之间没有观测"),
        });
    }
    if report.gaps.len() > 5 {
        let more = report.gaps.len() - 5;
        notes.push(match lang {
            Lang::En => format!("and {more} more gaps"),
            Lang::Zh => format!("另有{more}处间断"),
        });
    }
    for missing in &report.missing {
        let (count, variable) = (missing.count, &missing.variable);
        let places = missing.first.iter();
        let places: Vec<String> = places.map(|p| format!("{} {}", p.unit, p.time)).collect();
        notes.push(match lang {
            Lang::En => format!(
                "missing: {count} cells of {variable}, first {}",
                places.join(", ")
            ),
            Lang::Zh => format!(
                "缺失：{variable}有{count}个单元格缺失，最先为{}",
                places.join("、")
            ),
        });
    }
}
