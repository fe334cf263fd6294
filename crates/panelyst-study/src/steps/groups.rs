//! Groups of units as text columns of the panel.

use super::columns;
use crate::check::mistakes::advice;
use crate::error::Error;
use crate::plan::{GroupPlan, GroupRule, Study};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use panelyst_data::names::NameTable;
use panelyst_data::panel::Panel;
use std::sync::Arc;

/// A group column that was made: its groups in the order of tables, and how many units each has.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// Column.
    pub name: String,
    /// Groups in order.
    pub order: Vec<String>,
    /// Units in each group.
    pub units: Vec<usize>,
    /// Units in no group.
    pub without: Vec<String>,
}

/// The columns of the panel with one more for each group.
///
/// # Errors
/// Members that are no units, units in two groups, an attribute or column that does not exist.
pub fn assign(
    study: &Study,
    panel: &Panel,
    table: Option<&NameTable>,
) -> Result<(RecordBatch, Vec<Grouping>), Error> {
    let mut batch = panel.batch().clone();
    let mut groupings = Vec::new();
    for plan in &study.groups {
        let by_unit = match &plan.rule {
            GroupRule::Attribute(attribute) => from_attribute(study, attribute, panel, table)?,
            GroupRule::Column(column) => from_column(study, plan, column, panel)?,
            GroupRule::Members(members) => from_members(study, members, panel, table)?,
        };
        let rows: StringArray = panel
            .index()
            .units()
            .iter()
            .map(|unit| by_unit[*unit as usize].as_deref())
            .collect();
        batch = columns::with(&batch, &plan.name, Arc::new(rows))
            .map_err(|error| Error::step(format!("group {}", plan.name), error.to_string()))?;
        groupings.push(grouping(study, plan, panel, &by_unit)?);
    }
    Ok((batch, groupings))
}

fn grouping(
    study: &Study,
    plan: &GroupPlan,
    panel: &Panel,
    by_unit: &[Option<String>],
) -> Result<Grouping, Error> {
    let mut found: Vec<String> = by_unit.iter().flatten().cloned().collect();
    found.sort();
    found.dedup();
    let mut mistakes = study.mistakes();
    for typed in &plan.order {
        if !found.contains(&typed.value) {
            mistakes.at(
                typed.span,
                format!("group `{}` has no member `{}`", plan.name, typed.value),
                advice(typed, found.iter().map(String::as_str)),
            );
        }
    }
    mistakes.finish()?;
    let mut order: Vec<String> = plan.order.iter().map(|o| o.value.clone()).collect();
    order.extend(
        found
            .into_iter()
            .filter(|f| !plan.order.iter().any(|o| o.value == *f)),
    );
    let units = order
        .iter()
        .map(|group| by_unit.iter().filter(|g| g.as_ref() == Some(group)).count())
        .collect();
    let without = panel
        .unit_names()
        .iter()
        .zip(by_unit)
        .filter(|(_, group)| group.is_none())
        .map(|(unit, _)| unit.clone())
        .collect();
    Ok(Grouping {
        name: plan.name.clone(),
        order,
        units,
        without,
    })
}

fn from_attribute(
    study: &Study,
    attribute: &crate::file::At<String>,
    panel: &Panel,
    table: Option<&NameTable>,
) -> Result<Vec<Option<String>>, Error> {
    let mut mistakes = study.mistakes();
    let Some(table) = table else {
        mistakes.at(
            attribute.span,
            "attributes belong to a name table, and the panel has none",
            "add names = \"...\" to [panel], or list members",
        );
        return Err(mistakes.into());
    };
    let known = table.attributes();
    if !known.contains(&attribute.value) {
        mistakes.at(
            attribute.span,
            format!("the name table has no attribute `{}`", attribute.value),
            advice(attribute, known.iter().map(String::as_str)),
        );
        return Err(mistakes.into());
    }
    Ok(panel
        .unit_names()
        .iter()
        .map(|unit| table.attribute(unit, attribute).map(str::to_owned))
        .collect())
}

fn from_column(
    study: &Study,
    plan: &GroupPlan,
    column: &crate::file::At<String>,
    panel: &Panel,
) -> Result<Vec<Option<String>>, Error> {
    let Some(values) = panel.batch().column_by_name(column) else {
        let mut mistakes = study.mistakes();
        let there = columns::names(panel.batch());
        mistakes.at(
            column.span,
            format!("no source has a column `{}`", column.value),
            advice(column, there.iter().map(String::as_str)),
        );
        return Err(mistakes.into());
    };
    let step = format!("group {}", plan.name);
    let texts =
        cast(values, &DataType::Utf8).map_err(|error| Error::step(&step, error.to_string()))?;
    let texts = texts.as_string::<i32>();
    let mut by_unit: Vec<Option<String>> = vec![None; panel.unit_names().len()];
    for (row, unit) in panel.index().units().iter().enumerate() {
        if texts.is_null(row) {
            continue;
        }
        let group = texts.value(row);
        match &by_unit[*unit as usize] {
            None => by_unit[*unit as usize] = Some(group.to_owned()),
            Some(first) if first == group => {}
            Some(first) => {
                return Err(Error::step(
                    &step,
                    format!(
                        "{} is in `{first}` and, in {}, in `{group}`; units keep one group",
                        panel.unit_of(row),
                        panel.time_of(row)
                    ),
                ));
            }
        }
    }
    Ok(by_unit)
}

fn from_members(
    study: &Study,
    members: &[(String, Vec<crate::file::At<String>>)],
    panel: &Panel,
    table: Option<&NameTable>,
) -> Result<Vec<Option<String>>, Error> {
    let mut mistakes = study.mistakes();
    let mut by_unit: Vec<Option<String>> = vec![None; panel.unit_names().len()];
    for (group, names) in members {
        for name in names {
            let Some(place) = unit_place(name, panel, table) else {
                mistakes.at(
                    name.span,
                    format!("the panel has no unit `{}`", name.value),
                    advice(name, panel.unit_names().iter().map(String::as_str)),
                );
                continue;
            };
            match &by_unit[place] {
                Some(first) if first != group => mistakes.at(
                    name.span,
                    format!("`{}` is in two groups, `{first}` and `{group}`", name.value),
                    "",
                ),
                _ => by_unit[place] = Some(group.clone()),
            }
        }
    }
    mistakes.finish()?;
    Ok(by_unit)
}

/// The place of a unit typed by the user, through the name table if there is one.
pub fn unit_place(typed: &str, panel: &Panel, table: Option<&NameTable>) -> Option<usize> {
    let key = table.and_then(|t| t.resolve(typed)).unwrap_or(typed);
    panel.unit_names().iter().position(|unit| unit == key)
}
