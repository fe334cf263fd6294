//! Files to keyed tables: read, rows left out, names matched, units of measure converted.

use super::columns;
use crate::check::mistakes::advice;
use crate::error::Error;
use crate::plan::{Keys, Layout, PanelPlan, SourcePlan, Study};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use panelyst_data::files::{Source, read_many, stack};
use panelyst_data::layout::{Wide, read_wide};
use panelyst_data::names::{NameTable, standardise};
use panelyst_data::units::convert;
use panelyst_data::{Entry, Ledger};
use panelyst_lang::evaluate::{Scope, Value, evaluate};
use panelyst_report::Lang;
use std::path::PathBuf;
use std::sync::Arc;

/// A table read and cleaned.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Source name.
    pub name: String,
    /// What a row is.
    pub keys: Keys,
    /// Columns under their names in the study, keys under the panel's names.
    pub batch: RecordBatch,
    /// Activity column, for rows by activity.
    pub activity: Option<String>,
    /// What was done to cells.
    pub ledger: Ledger,
    /// Notes of the reader.
    pub notes: Vec<String>,
    /// Files with their hashes.
    pub inputs: Vec<Input>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Source name.
    pub source: String,
    /// File.
    pub path: PathBuf,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// The table of unit names with the user's spellings.
///
/// # Errors
/// A file of spellings that cannot be read.
pub fn names(panel: &PanelPlan) -> Result<Option<NameTable>, Error> {
    let Some((file, _)) = &panel.names_file else {
        return Ok(panel.names.clone());
    };
    let mut table = panel
        .names
        .clone()
        .unwrap_or_else(|| NameTable::empty("names-file"));
    table.extend(file).map_err(Error::data("names-file"))?;
    Ok(Some(table))
}

/// Reads one source.
///
/// # Errors
/// A file, cell, name or unit of measure that does not fit; each with its place.
pub fn load(study: &Study, plan: &SourcePlan, table: Option<&NameTable>) -> Result<Loaded, Error> {
    let step = format!("source {}", plan.name);
    let panel = &study.panel;
    let source = match &plan.layout {
        Layout::Long => read_many(&plan.files, &plan.options),
        Layout::Wide(orientation, value) => {
            let wide = Wide {
                units: *orientation,
                unit_name: panel.unit.clone(),
                time_name: panel.time.clone(),
                value_name: value.clone(),
            };
            wide_files(plan, &wide)
        }
    }
    .map_err(Error::data(&step))?;
    let mut loaded = Loaded {
        name: plan.name.clone(),
        keys: plan.keys,
        batch: source.batch,
        activity: plan.activity_column.as_ref().map(|c| c.value.clone()),
        ledger: source.ledger,
        notes: source.notes,
        inputs: source
            .files
            .into_iter()
            .map(|(path, sha256)| Input {
                source: plan.name.clone(),
                path,
                sha256,
            })
            .collect(),
    };
    rename_keys(study, plan, &mut loaded)?;
    if matches!(
        plan.keys,
        Keys::UnitTime | Keys::Unit | Keys::UnitActivityTime
    ) {
        leave_out(panel, table, &step, &mut loaded)?;
        if let Some(table) = table {
            match_names(study, plan, table, &step, &mut loaded)?;
        }
    }
    keep(study, plan, &step, &mut loaded)?;
    select(study, plan, &mut loaded)?;
    measure(study, plan, &step, &mut loaded)?;
    Ok(loaded)
}

fn arrow(step: &str) -> impl Fn(ArrowError) -> Error + '_ {
    move |error| Error::step(step, error.to_string())
}

/// Wide files one below the other.
fn wide_files(plan: &SourcePlan, wide: &Wide) -> Result<Source, panelyst_data::Error> {
    let sources = plan
        .files
        .iter()
        .map(|file| read_wide(file, &plan.options, wide))
        .collect::<Result<Vec<_>, _>>()?;
    stack(sources)
}

/// Key columns under the panel's names.
fn rename_keys(study: &Study, plan: &SourcePlan, loaded: &mut Loaded) -> Result<(), Error> {
    let panel = &study.panel;
    let mut wanted = Vec::new();
    if plan.keys != Keys::Time {
        wanted.push((&plan.unit_column, &panel.unit));
    }
    if matches!(
        plan.keys,
        Keys::UnitTime | Keys::Time | Keys::UnitActivityTime
    ) {
        wanted.push((&plan.time_column, &panel.time));
    }
    for (typed, name) in wanted {
        let there = columns::names(&loaded.batch);
        let old = typed.as_ref().map_or(name.as_str(), |t| t.value.as_str());
        if !there.iter().any(|c| c == old) {
            let mut mistakes = study.mistakes();
            let span = typed.as_ref().map_or(plan.span, |t| t.span);
            let near = advice(old, there.iter().map(String::as_str));
            mistakes.at(
                span,
                format!("source `{}` has no column `{old}`", plan.name),
                format!("name it with unit-column or time-column; {near}"),
            );
            return Err(mistakes.into());
        }
        loaded.batch = columns::renamed(&loaded.batch, old, name).map_err(arrow(&plan.name))?;
    }
    Ok(())
}

/// Drops the rows that are no units, such as national totals.
fn leave_out(
    panel: &PanelPlan,
    table: Option<&NameTable>,
    step: &str,
    loaded: &mut Loaded,
) -> Result<(), Error> {
    if panel.leave_out.is_empty() {
        return Ok(());
    }
    let column = text(&loaded.batch, &panel.unit).map_err(arrow(step))?;
    let names = column.as_string::<i32>();
    let squeeze = |name: &str| name.split_whitespace().collect::<String>().to_lowercase();
    let out: Vec<String> = panel.leave_out.iter().map(|n| squeeze(n)).collect();
    let same_unit = |name: &str| {
        table.and_then(|t| t.resolve(name)).is_some_and(|key| {
            panel
                .leave_out
                .iter()
                .any(|o| table.and_then(|t| t.resolve(o)) == Some(key))
        })
    };
    let mask: Vec<bool> = (0..names.len())
        .map(|row| {
            names.is_null(row)
                || !(out.contains(&squeeze(names.value(row))) || same_unit(names.value(row)))
        })
        .collect();
    let mut lost: Vec<(String, usize)> = Vec::new();
    for (row, _) in mask.iter().enumerate().filter(|(_, keep)| !**keep) {
        let name = names.value(row);
        match lost.iter_mut().find(|(n, _)| n == name) {
            Some((_, count)) => *count += 1,
            None => lost.push((name.to_owned(), 1)),
        }
    }
    for (name, cells) in lost {
        loaded.ledger.push(Entry {
            action: "dropped".to_owned(),
            step: step.to_owned(),
            unit: name,
            rule: "left out: no unit of the panel".to_owned(),
            cells,
            ..Entry::default()
        });
    }
    loaded.batch = columns::kept(&loaded.batch, &mask).map_err(arrow(step))?;
    Ok(())
}

/// Unit names to the keys of the table.
fn match_names(
    study: &Study,
    plan: &SourcePlan,
    table: &NameTable,
    step: &str,
    loaded: &mut Loaded,
) -> Result<(), Error> {
    let panel = &study.panel;
    let matched =
        standardise(&loaded.batch, &panel.unit, table, step).map_err(Error::data(step))?;
    loaded.batch = matched.batch;
    loaded.ledger.append(matched.ledger);
    if matched.unmatched.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = matched
        .unmatched
        .iter()
        .map(|(name, rows)| format!("`{name}` ({rows} rows)"))
        .collect();
    if !plan.drop_unmatched {
        return Err(Error::step(
            step,
            format!(
                "the name table does not know {}; add a spelling in names-file, list it under leave-out, or set unmatched = \"drop\"",
                list.join(", ")
            ),
        ));
    }
    let column = text(&loaded.batch, &panel.unit).map_err(arrow(step))?;
    let names = column.as_string::<i32>();
    let mask: Vec<bool> = (0..names.len())
        .map(|row| {
            names.is_null(row) || !matched.unmatched.iter().any(|(n, _)| n == names.value(row))
        })
        .collect();
    loaded.batch = columns::kept(&loaded.batch, &mask).map_err(arrow(step))?;
    loaded.notes.push(match study.settings.lang {
        Lang::En => format!("rows of unknown names dropped: {}", list.join(", ")),
        Lang::Zh => format!("已剔除名称未知的行：{}", list.join("，")),
    });
    Ok(())
}

/// Rows kept by the source's condition.
fn keep(study: &Study, plan: &SourcePlan, step: &str, loaded: &mut Loaded) -> Result<(), Error> {
    let Some((expr, typed)) = &plan.condition else {
        return Ok(());
    };
    let scope = Scope {
        batch: &loaded.batch,
        panel: None,
    };
    let value = evaluate(expr, &scope).map_err(|error| {
        let mut mistakes = study.mistakes();
        mistakes.nested(typed.span, typed, vec![error.diagnostic()]);
        Error::from(mistakes)
    })?;
    let Value::Bool(mask) = value.value else {
        let mut mistakes = study.mistakes();
        mistakes.at(
            typed.span,
            "`where` needs a condition, true or false",
            "for example year >= 2010",
        );
        return Err(mistakes.into());
    };
    let keep: Vec<bool> = mask.iter().map(|m| m == Some(true)).collect();
    let lost = keep.iter().filter(|k| !**k).count();
    loaded.ledger.push(Entry {
        action: "dropped".to_owned(),
        step: step.to_owned(),
        rule: format!("where {}", typed.value),
        cells: lost,
        ..Entry::default()
    });
    loaded.batch = columns::kept(&loaded.batch, &keep).map_err(arrow(step))?;
    Ok(())
}

/// Columns taken, under their names in the study.
fn select(study: &Study, plan: &SourcePlan, loaded: &mut Loaded) -> Result<(), Error> {
    let Some(wanted) = &plan.columns else {
        return Ok(());
    };
    let there = columns::names(&loaded.batch);
    let mut mistakes = study.mistakes();
    for (_, old) in wanted {
        if !there.contains(&old.value) {
            mistakes.at(
                old.span,
                format!("source `{}` has no column `{}`", plan.name, old.value),
                advice(old, there.iter().map(String::as_str)),
            );
        }
    }
    mistakes.finish()?;
    let keys = [
        Some(&study.panel.unit),
        Some(&study.panel.time),
        loaded.activity.as_ref(),
    ];
    let mut pairs: Vec<(String, String)> = keys
        .into_iter()
        .flatten()
        .filter(|key| there.contains(key) && !wanted.iter().any(|(_, old)| old.value == **key))
        .map(|key| (key.clone(), key.clone()))
        .collect();
    pairs.extend(
        wanted
            .iter()
            .map(|(new, old)| (new.clone(), old.value.clone())),
    );
    loaded.batch = columns::selected(&loaded.batch, &pairs).map_err(arrow(&plan.name))?;
    Ok(())
}

/// Conversions of the unit of measure.
fn measure(study: &Study, plan: &SourcePlan, step: &str, loaded: &mut Loaded) -> Result<(), Error> {
    let there = columns::names(&loaded.batch);
    let keys = [&study.panel.unit, &study.panel.time];
    for (column, measure) in &plan.measures {
        let Some(to) = &measure.to else { continue };
        let targets: Vec<String> = match column {
            Some(name) if there.contains(name) => vec![name.clone()],
            Some(name) => {
                let mut mistakes = study.mistakes();
                mistakes.at(
                    measure.from.span,
                    format!("source `{}` has no column `{name}`", plan.name),
                    advice(name, there.iter().map(String::as_str)),
                );
                return Err(mistakes.into());
            }
            None => there
                .iter()
                .filter(|name| !keys.contains(name) && loaded.activity.as_ref() != Some(*name))
                .filter(|name| {
                    loaded
                        .batch
                        .column_by_name(name)
                        .is_some_and(|c| c.data_type().is_numeric())
                })
                .cloned()
                .collect(),
        };
        for name in targets {
            let Some(values) = numbers(&loaded.batch, &name).map_err(arrow(step))? else {
                return Err(Error::step(
                    step,
                    format!("column `{name}` holds no numbers to convert"),
                ));
            };
            let (converted, factor) =
                convert(&values, &measure.from, to).map_err(Error::data(step))?;
            loaded.ledger.push(Entry {
                action: "converted".to_owned(),
                step: step.to_owned(),
                variable: name.clone(),
                rule: format!("{} to {} (x {factor})", measure.from.value, to.value),
                cells: converted.len() - converted.null_count(),
                ..Entry::default()
            });
            loaded.batch =
                columns::with(&loaded.batch, &name, Arc::new(converted)).map_err(arrow(step))?;
        }
    }
    Ok(())
}

/// A column as text.
fn text(batch: &RecordBatch, name: &str) -> Result<arrow_array::ArrayRef, ArrowError> {
    let place = batch.schema().index_of(name)?;
    cast(batch.column(place), &DataType::Utf8)
}

/// A column as numbers; `None` when it is no number column.
pub(super) fn numbers(batch: &RecordBatch, name: &str) -> Result<Option<Float64Array>, ArrowError> {
    let place = batch.schema().index_of(name)?;
    let column = batch.column(place);
    if !column.data_type().is_numeric() {
        return Ok(None);
    }
    let cast = cast(column, &DataType::Float64)?;
    Ok(Some(cast.as_primitive::<Float64Type>().clone()))
}
