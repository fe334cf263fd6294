//! Variables of the study, one after the other: computed, filled, winsorised, each change in the ledger.

use super::columns;
use super::sources::Loaded;
use crate::check::mistakes::advice;
use crate::error::Error;
use crate::plan::{Study, VariablePlan, VariableRule};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use panelyst_data::indices::{IndexRequest, compute, location_quotient_two_series};
use panelyst_data::panel::Panel;
use panelyst_data::transforms::{interpolate, winsorise};
use panelyst_data::{Entry, Ledger};
use panelyst_lang::evaluate::{Scope, Value, evaluate};
use panelyst_model::Invalid;
use panelyst_report::Lang;
use std::collections::{BTreeMap, HashMap};

/// The panel with the variables of the study.
#[derive(Clone, Debug)]
pub struct Built {
    /// The panel.
    pub panel: Panel,
    /// Rows of each variable that hold a filled value, or a value computed from one.
    pub filled: BTreeMap<String, Vec<bool>>,
    /// What was done.
    pub ledger: Ledger,
    /// Notes of the indices.
    pub notes: Vec<String>,
}

/// Builds the variables.
///
/// # Errors
/// A name that no column or variable has (all of them at once, with places), or a value that a rule does not have.
pub fn build(study: &Study, panel: Panel, tables: &[Loaded]) -> Result<Built, Error> {
    known(study, &columns::names(panel.batch()))?;
    let mut built = Built {
        panel,
        filled: BTreeMap::new(),
        ledger: Ledger::default(),
        notes: Vec::new(),
    };
    for variable in &study.variables {
        add(study, variable, tables, &mut built)?;
    }
    Ok(built)
}

/// Every name that variables need is a column of a source or another variable.
///
/// # Errors
/// All names that nothing has, with places.
pub fn known(study: &Study, columns_only: &[String]) -> Result<(), Error> {
    let mut there = columns_only.to_vec();
    there.extend(study.variables.iter().map(|v| v.name.clone()));
    let mut mistakes = study.mistakes();
    for variable in &study.variables {
        let near = |name: &str| advice(name, there.iter().map(String::as_str));
        match &variable.rule {
            VariableRule::Column if !columns_only.contains(&variable.name) => mistakes.at(
                variable.span,
                format!("no source has a column `{}`", variable.name),
                format!("give it a formula or an index; {}", near(&variable.name)),
            ),
            VariableRule::Formula(expr, typed) => {
                for name in expr.columns() {
                    if !there.contains(&name) {
                        let place = typed.find(name.as_str()).unwrap_or(0);
                        let span = panelyst_lang::Span::new(place, place + name.len());
                        let found = panelyst_lang::Diagnostic::new(
                            span,
                            format!("there is no column or variable `{name}`"),
                        )
                        .with_hint(near(&name));
                        mistakes.nested(typed.span, typed, vec![found]);
                    }
                }
            }
            VariableRule::TwoSeries {
                activity,
                total,
                national,
                ..
            } => {
                let pair = national.iter().flat_map(|(a, t)| [a, t]);
                for typed in [activity, total].into_iter().chain(pair) {
                    if !there.contains(&typed.value) {
                        mistakes.at(
                            typed.span,
                            format!("there is no column or variable `{}`", typed.value),
                            near(typed),
                        );
                    }
                }
            }
            _ => {}
        }
    }
    Ok(mistakes.finish()?)
}

fn add(
    study: &Study,
    plan: &VariablePlan,
    tables: &[Loaded],
    built: &mut Built,
) -> Result<(), Error> {
    let step = format!("variable {}", plan.name);
    let mut marks = vec![false; built.panel.batch().num_rows()];
    for need in plan.needs() {
        if let Some(filled) = built.filled.get(&need) {
            for (mark, more) in marks.iter_mut().zip(filled) {
                *mark |= more;
            }
        }
    }
    let values = match &plan.rule {
        VariableRule::Column => None,
        VariableRule::Formula(expr, typed) => {
            Some(formula(study, plan, expr, typed, &step, built)?)
        }
        VariableRule::TwoSeries {
            activity,
            total,
            national,
            ..
        } => {
            let national = match national {
                None => None,
                Some((a, t)) => Some((
                    by_time(&built.panel, a, &step)?,
                    by_time(&built.panel, t, &step)?,
                )),
            };
            let pair = national.as_ref().map(|(a, t)| (a.as_slice(), t.as_slice()));
            let (values, notes) = location_quotient_two_series(&built.panel, activity, total, pair)
                .map_err(Error::data(&step))?;
            built
                .notes
                .extend(notes.into_iter().map(|n| format!("{}: {n}", plan.name)));
            Some(values)
        }
        VariableRule::Index {
            index,
            source,
            value,
            activity,
        } => {
            let table = tables
                .iter()
                .find(|t| t.name == source.value)
                .ok_or_else(|| {
                    Error::step(&step, format!("source `{}` was not read", source.value))
                })?;
            let activity = activity.as_ref().map(|a| a.value.as_str());
            Some(from_index(index, table, value, activity, &step, built)?)
        }
    };
    if let Some(values) = values {
        let cells = values.len() - values.null_count();
        let rule = match &plan.rule {
            VariableRule::Formula(_, typed) => typed.value.clone(),
            VariableRule::TwoSeries { index, .. } | VariableRule::Index { index, .. } => {
                index.clone()
            }
            VariableRule::Column => String::new(),
        };
        built.ledger.push(Entry {
            action: "transformed".to_owned(),
            step: step.clone(),
            variable: plan.name.clone(),
            rule,
            cells,
            ..Entry::default()
        });
        built.panel = built
            .panel
            .clone()
            .with_column(&plan.name, values)
            .map_err(Error::data(&step))?;
    }
    if let Some(fill) = &plan.fill {
        let before = built
            .panel
            .numbers(&plan.name)
            .map_err(Error::data(&step))?;
        let (values, ledger) =
            interpolate(&built.panel, &plan.name, fill, &step).map_err(Error::data(&step))?;
        for (row, mark) in marks.iter_mut().enumerate() {
            *mark |= before.is_null(row) && values.is_valid(row);
        }
        built.ledger.append(ledger);
        built.panel = built
            .panel
            .clone()
            .with_column(&plan.name, values)
            .map_err(Error::data(&step))?;
    }
    if let Some(rule) = &plan.winsorise {
        let (values, ledger) =
            winsorise(&built.panel, &plan.name, rule, &step).map_err(Error::data(&step))?;
        built.ledger.append(ledger);
        built.panel = built
            .panel
            .clone()
            .with_column(&plan.name, values)
            .map_err(Error::data(&step))?;
    }
    if marks.contains(&true) {
        built.filled.insert(plan.name.clone(), marks);
    }
    Ok(())
}

/// The values of a formula; rows on which it has none are an error or counted, as the variable says.
fn formula(
    study: &Study,
    plan: &VariablePlan,
    expr: &panelyst_lang::Expr,
    typed: &crate::file::At<String>,
    step: &str,
    built: &mut Built,
) -> Result<Float64Array, Error> {
    let scope = Scope {
        batch: built.panel.batch(),
        panel: Some(built.panel.index()),
    };
    let mut mistakes = study.mistakes();
    let evaluated = match evaluate(expr, &scope) {
        Ok(evaluated) => evaluated,
        Err(error) => {
            mistakes.nested(typed.span, typed, vec![error.diagnostic()]);
            return Err(mistakes.into());
        }
    };
    let place = |row: usize| format!("{} {}", built.panel.unit_of(row), built.panel.time_of(row));
    for loss in &evaluated.losses {
        let Some(first) = loss.rows.first() else {
            continue;
        };
        if plan.invalid == Invalid::Error {
            let places: Vec<String> = loss.rows.iter().take(5).map(|row| place(*row)).collect();
            return Err(Error::step(
                step,
                format!(
                    "{}({}) has no value in {} rows (first {}); correct the data, or count them as lost with invalid = \"drop\"",
                    loss.function,
                    loss.argument,
                    loss.rows.len(),
                    places.join(", ")
                ),
            ));
        }
        let (name, count, first) = (&plan.name, loss.rows.len(), place(*first));
        let call = format!("{}({})", loss.function, loss.argument);
        built.notes.push(match study.settings.lang {
            Lang::En => format!(
                "{name}: {call} has no value in {count} rows (first {first}), counted as missing"
            ),
            Lang::Zh => {
                format!("{name}：{call}在{count}行上没有值（最先为{first}），计为缺失")
            }
        });
        for row in &loss.rows {
            built.ledger.push(Entry {
                action: "missing".to_owned(),
                step: step.to_owned(),
                unit: built.panel.unit_of(*row).to_owned(),
                time: built.panel.time_of(*row).to_string(),
                variable: plan.name.clone(),
                rule: format!("{}({}) has no value", loss.function, loss.argument),
                ..Entry::default()
            });
        }
    }
    match evaluated.value {
        Value::Number(values) => Ok(values),
        Value::Bool(values) => Ok(values
            .iter()
            .map(|v| v.map(|b| f64::from(u8::from(b))))
            .collect()),
        Value::Text(_) => {
            mistakes.at(
                typed.span,
                format!("`{}` is text, and a variable is a number", plan.name),
                "",
            );
            Err(mistakes.into())
        }
    }
}

/// The values of a column that says the same for every unit of a period.
fn by_time(panel: &Panel, column: &str, step: &str) -> Result<Vec<(i64, f64)>, Error> {
    let values = panel.numbers(column).map_err(Error::data(step))?;
    let mut found: BTreeMap<i64, f64> = BTreeMap::new();
    for row in 0..values.len() {
        if values.is_null(row) {
            continue;
        }
        let (time, value) = (panel.time_of(row), values.value(row));
        let first = *found.entry(time).or_insert(value);
        if (first - value).abs() > 1e-12 * first.abs() {
            return Err(Error::step(
                step,
                format!(
                    "`{column}` differs between units in {time} ({first} and {value}), so it is no national total"
                ),
            ));
        }
    }
    Ok(found.into_iter().collect())
}

/// The values of an index of a long table, at the units and periods of the panel.
fn from_index(
    index: &str,
    table: &Loaded,
    value: &str,
    activity: Option<&str>,
    step: &str,
    built: &mut Built,
) -> Result<Float64Array, Error> {
    let fail = |error: arrow_schema::ArrowError| Error::step(step, error.to_string());
    let panel = &built.panel;
    let request = IndexRequest {
        value,
        region: panel.unit_column(),
        activity: table.activity.as_deref().unwrap_or_default(),
        time: Some(panel.time_column()),
        ..IndexRequest::default()
    };
    let computed = compute(index, &table.batch, &request).map_err(Error::data(step))?;
    built
        .notes
        .extend(computed.notes.iter().map(|n| format!("{step}: {n}")));
    let batch = &computed.batch;
    let texts = |name: &str| -> Result<Option<Vec<Option<String>>>, Error> {
        let Some(column) = batch.column_by_name(name) else {
            return Ok(None);
        };
        let column = cast(column, &DataType::Utf8).map_err(fail)?;
        Ok(Some(
            column
                .as_string::<i32>()
                .iter()
                .map(|t| t.map(str::to_owned))
                .collect(),
        ))
    };
    let Some(units) = texts(panel.unit_column())? else {
        return Err(Error::step(
            step,
            format!(
                "`{index}` has one value an activity, not one a unit, so it cannot be a variable of units"
            ),
        ));
    };
    let activities = texts(request.activity)?;
    if activities.is_some() && activity.is_none() {
        return Err(Error::step(
            step,
            format!(
                "`{index}` has one value a unit and activity; say which with activity = \"...\""
            ),
        ));
    }
    if let (Some(list), Some(wanted)) = (&activities, activity)
        && !list.iter().flatten().any(|a| a == wanted)
    {
        let mut known: Vec<&str> = list.iter().flatten().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        return Err(Error::step(
            step,
            format!("there is no activity `{wanted}`; {}", advice(wanted, known)),
        ));
    }
    let times = int(batch, panel.time_column()).map_err(fail)?;
    let name = index.replace('-', "_");
    let place = batch.schema().index_of(&name).map_err(fail)?;
    let values = batch.column(place).as_primitive::<Float64Type>();
    let mut found: HashMap<(&str, i64), f64> = HashMap::new();
    for row in 0..batch.num_rows() {
        let wanted = match (&activities, activity) {
            (Some(list), Some(wanted)) => list[row].as_deref() == Some(wanted),
            _ => true,
        };
        if let (true, Some(unit), Some(time), true) =
            (wanted, &units[row], times[row], values.is_valid(row))
        {
            found.insert((unit, time), values.value(row));
        }
    }
    Ok((0..panel.batch().num_rows())
        .map(|row| {
            found
                .get(&(panel.unit_of(row), panel.time_of(row)))
                .copied()
        })
        .collect())
}

fn int(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i64>>, arrow_schema::ArrowError> {
    let place = batch.schema().index_of(name)?;
    let column = cast(batch.column(place), &DataType::Int64)?;
    Ok(column.as_primitive::<Int64Type>().iter().collect())
}
