//! Figures of the study's index: over time by region, and on a map of tiles.

use super::{Context, Draft};
use crate::plan::{VariablePlan, VariableRule};
use arrow_array::cast::AsArray;
use arrow_array::{Array, Float64Array};
use panelyst_report::figures::{Content, Line, Lines, TileMap, tile_map};
use std::collections::BTreeMap;

/// Groups drawn as lines at most: more colours cannot be told apart.
const LINES: usize = 6;

pub(super) fn drafts(context: &Context<'_>) -> Vec<Draft> {
    let Some(variable) = of_study(context) else {
        return Vec::new();
    };
    let Ok(values) = context.data.panel.numbers(&variable.name) else {
        return Vec::new();
    };
    let mut drafts = Vec::new();
    drafts.extend(over_time(context, variable, &values));
    drafts.extend(map(context, variable, &values));
    drafts
}

/// The variable that is an index: the outcome or the core variable if one of them is, else the first.
fn of_study<'a>(context: &Context<'a>) -> Option<&'a VariablePlan> {
    let study = context.study;
    let index = |v: &&VariablePlan| index_name(v).is_some();
    let named = |name: &str| study.variable(&name.replace('`', "")).filter(index);
    named(&study.model.outcome)
        .or_else(|| named(&study.model.core))
        .or_else(|| study.variables.iter().find(index))
}

fn index_name(variable: &VariablePlan) -> Option<&str> {
    match &variable.rule {
        VariableRule::TwoSeries { index, .. } | VariableRule::Index { index, .. } => Some(index),
        _ => None,
    }
}

/// What the index is, in the words of the study where it has some.
fn definition(context: &Context<'_>, variable: &VariablePlan) -> String {
    let typed = variable.definition.as_ref().map(|d| d.get(context.lang));
    let name = index_name(variable).unwrap_or_default().replace('-', " ");
    let words = typed.map_or(name, str::to_owned);
    let label = context.style.label(&variable.name);
    context.say(format!("{label}: {words}."), format!("{label}：{words}。"))
}

/// Means over the units of each group, by period.
fn over_time(
    context: &Context<'_>,
    variable: &VariablePlan,
    values: &Float64Array,
) -> Option<Draft> {
    let (data, style) = (context.data, context.style);
    let grouping = data.groupings.iter().find(|g| g.order.len() <= LINES);
    let column = grouping.and_then(|g| data.batch.column_by_name(&g.name));
    let texts = column.and_then(|column| column.as_string_opt::<i32>());
    let all = context.say("all units", "全部单位");
    let order: Vec<String> = match (grouping, texts) {
        (Some(grouping), Some(_)) => grouping.order.clone(),
        _ => vec![all.clone()],
    };
    let mut sums: BTreeMap<(usize, i64), (f64, usize)> = BTreeMap::new();
    for row in 0..values.len() {
        if values.is_null(row) {
            continue;
        }
        let group = match texts {
            Some(texts) if texts.is_null(row) => continue,
            Some(texts) => match order.iter().position(|g| g == texts.value(row)) {
                Some(place) => place,
                None => continue,
            },
            None => 0,
        };
        let sum = sums.entry((group, data.panel.time_of(row))).or_default();
        sum.0 += values.value(row);
        sum.1 += 1;
    }
    let lines: Vec<Line> = order
        .iter()
        .enumerate()
        .map(|(place, group)| Line {
            label: if texts.is_some() {
                style.label(group)
            } else {
                group.clone()
            },
            values: sums
                .iter()
                .filter(|((group, _), _)| *group == place)
                .map(|((_, time), (sum, count))| (*time, sum / *count as f64))
                .collect(),
        })
        .filter(|line| line.values.len() > 1)
        .collect();
    if lines.is_empty() {
        return None;
    }
    let label = style.label(&variable.name);
    let quotient = index_name(variable) == Some("location-quotient");
    let mut caption = definition(context, variable);
    caption.push_str(&context.say(
        " Lines are means over the units of a group, each unit counted once a period; missing cells are left out.",
        "各线为组内各单位的简单平均（每期每单位计一次），缺失值不计。",
    ));
    if quotient {
        caption.push_str(&context.say(
            " The line at 1 is the share of the whole.",
            "横线1表示与总体份额相同。",
        ));
    }
    let without = grouping.map(|g| g.without.as_slice()).unwrap_or_default();
    if !without.is_empty() {
        let names = without.join(", ");
        caption.push_str(&context.say(
            format!(" In no group: {names}."),
            format!("未归入任何组：{names}。"),
        ));
    }
    Some(Draft {
        kind: "index-over-time",
        title: context.say(format!("{label} over time"), format!("{label}的时间变化")),
        caption,
        content: Content::Lines(Lines {
            time: style.label(data.panel.time_column()),
            axis: context.say(format!("{label}, mean"), format!("{label}均值")),
            reference: quotient.then_some(1.0),
            lines,
        }),
    })
}

/// The last period with values, on the layout of the study's table of names.
fn map(context: &Context<'_>, variable: &VariablePlan, values: &Float64Array) -> Option<Draft> {
    let data = context.data;
    let names = data.names.as_ref()?;
    let last = (0..values.len())
        .filter(|row| !values.is_null(*row))
        .map(|row| data.panel.time_of(row))
        .max()?;
    let rows =
        (0..values.len()).filter(|row| !values.is_null(*row) && data.panel.time_of(*row) == last);
    let units: Vec<(Option<&str>, &str, f64)> = rows
        .map(|row| {
            let name = data.panel.unit_of(row);
            (names.resolve(name), name, values.value(row))
        })
        .collect();
    let label = context.style.label(&variable.name);
    let what = context.say(format!("{label}, {last}"), format!("{last}年{label}"));
    let map: TileMap = tile_map(names.name(), &what, &units, context.lang)?;
    let empty = map.tiles.iter().filter(|t| t.value.is_none()).count();
    let (definition, placed) = (
        definition(context, variable),
        units.len() - map.unplaced.len(),
    );
    Some(Draft {
        kind: "tile-map",
        title: context.say(format!("{label} in {last}"), format!("{last}年各地{label}")),
        caption: context.say(
            format!(
                "{definition} One tile a unit, roughly where it lies; colours are fifths of the units. {placed} units with a \
                 value, {empty} tiles without."
            ),
            format!("{definition}每格为一个单位，位置为大致方位；颜色按五分位划分。{placed}个单位有数值，{empty}格无数值。"),
        ),
        content: Content::Tiles(map),
    })
}
