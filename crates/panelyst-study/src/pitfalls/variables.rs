//! Pitfalls of variables: logarithms, shares, filled cells, location quotients.

use super::Facts;
use super::expressions::{any, is_log, is_log_of_sum, made_with};
use crate::plan::{VariablePlan, VariableRule};
use panelyst_lang::ast::{BinaryOp, ExprKind};

/// Rows that a logarithm had no value for.
pub(super) fn log_of_zeros(facts: &Facts<'_>) -> Vec<String> {
    let used = facts.used();
    let mut lost: Vec<(&str, usize)> = Vec::new();
    let entries = facts.data.ledger.entries.iter();
    for entry in entries.filter(|e| e.action == "missing" && e.rule.starts_with("log")) {
        match lost.iter_mut().find(|(name, _)| *name == entry.variable) {
            Some((_, cells)) => *cells += entry.cells,
            None => lost.push((&entry.variable, entry.cells)),
        }
    }
    lost.retain(|(name, _)| used.iter().any(|v| v.name == *name));
    let say = |(name, cells): &(&str, usize)| {
        facts.pick(
            format!("{name} is a logarithm without a value in {cells} rows, which are lost."),
            format!("{name}取对数时有{cells}个观测无定义，已被剔除。"),
        )
    };
    lost.iter().map(say).collect()
}

/// A number added before the logarithm.
pub(super) fn log_plus_constant(facts: &Facts<'_>) -> Vec<String> {
    let names: Vec<String> = facts
        .used()
        .into_iter()
        .filter(|v| matches!(&v.rule, VariableRule::Formula(e, _) if any(e, &is_log_of_sum)))
        .map(|v| v.name.clone())
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let names = facts.list(&names);
    vec![facts.pick(
        format!("a number is added before the logarithm in {names}; the coefficient depends on it and on the unit."),
        format!("{names}在取对数前加了常数，其系数取决于该常数和计量单位。"),
    )]
}

/// Words as typed in a definition, in small letters.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

fn has_word(text: &str, latin: &[&str], chinese: &[&str]) -> bool {
    words(text).iter().any(|w| latin.contains(&w.as_str()))
        || chinese.iter().any(|c| text.contains(c))
}

/// The definition that the study gives, in its language.
fn definition<'a>(facts: &Facts<'a>, variable: &'a VariablePlan) -> Option<&'a str> {
    let text = variable.definition.as_ref()?;
    Some(text.get(facts.study.settings.lang))
}

/// A definition in words that leaves out the base of the logarithm.
pub(super) fn log_base(facts: &Facts<'_>) -> Vec<String> {
    let stated = [
        "base", "natural", "ln", "lg", "log10", "log2", "decadic", "common", "asinh",
    ];
    let found: Vec<&VariablePlan> = facts
        .used()
        .into_iter()
        .filter(|v| matches!(&v.rule, VariableRule::Formula(e, _) if any(e, &is_log)))
        .filter(|v| {
            definition(facts, v)
                .is_some_and(|text| !has_word(text, &stated, &["为底", "自然对数", "常用对数"]))
        })
        .collect();
    told(facts, &found, |names| {
        (
            format!("the definition of {names} does not say which logarithm it is."),
            format!("{names}的定义未说明对数的底。"),
        )
    })
}

/// One sentence about all variables that were found, in English and Chinese; nothing where there are none.
fn told(
    facts: &Facts<'_>,
    found: &[&VariablePlan],
    say: impl Fn(&str) -> (String, String),
) -> Vec<String> {
    if found.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = found.iter().map(|v| v.name.clone()).collect();
    let (en, zh) = say(&facts.list(&names));
    vec![facts.pick(en, zh)]
}

/// Something defined as a logarithm that is a ratio or an index without one.
pub(super) fn ratio_called_log(facts: &Facts<'_>) -> Vec<String> {
    let logs = [
        "log",
        "logs",
        "logged",
        "logarithm",
        "ln",
        "lg",
        "log10",
        "log2",
    ];
    let found: Vec<&VariablePlan> = facts
        .used()
        .into_iter()
        .filter(|v| match &v.rule {
            VariableRule::Column => false,
            VariableRule::Formula(expr, _) => {
                matches!(expr.kind, ExprKind::Binary(BinaryOp::Divide, ..))
            }
            VariableRule::TwoSeries { .. } | VariableRule::Index { .. } => true,
        })
        .filter(|v| !made_with(facts.study, v, &is_log))
        .filter(|v| definition(facts, v).is_some_and(|text| has_word(text, &logs, &["对数"])))
        .collect();
    told(facts, &found, |names| {
        (
            format!(
                "the definition of {names} speaks of a logarithm, and the formula is a ratio without one."
            ),
            format!("{names}的定义称取对数，但其公式为比值且未取对数。"),
        )
    })
}

/// A unit of per cent on numbers that are fractions, and the other way round.
pub(super) fn percent_or_fraction(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for variable in facts.used() {
        let Some(unit) = variable
            .unit
            .as_ref()
            .map(|u| u.get(facts.study.settings.lang))
        else {
            continue;
        };
        let values = facts.values(&variable.name);
        let largest = values.iter().map(|(_, v)| v.abs()).fold(0.0, f64::max);
        let above = values.iter().filter(|(_, v)| v.abs() > 1.0).count();
        let percent = unit.contains('%')
            || unit.contains("百分")
            || has_word(unit, &["percent", "percentage"], &[])
            || unit.to_ascii_lowercase().contains("per cent");
        let fraction = has_word(unit, &["fraction", "share"], &["占比", "比重"]);
        let name = &variable.name;
        if percent && !values.is_empty() && largest <= 1.0 {
            found.push(facts.pick(
                format!("{name} is said to be in per cent, and no value exceeds {largest:.4}."),
                format!("{name}的单位为%，但其取值均不超过{largest:.4}。"),
            ));
        } else if fraction && !percent && 2 * above > values.len() {
            found.push(facts.pick(
                format!("{name} is said to be a fraction, and most values exceed 1 (up to {largest:.4})."),
                format!("{name}的单位为比重，但其多数取值大于1（最大{largest:.4}）。"),
            ));
        }
    }
    found
}

/// Above this share of filled cells their influence has to be shown, whatever the definition says.
const MANY_FILLED: f64 = 0.10;

/// Filled cells that the definition does not speak of, or many without a look at what they do.
pub(super) fn interpolation(facts: &Facts<'_>) -> Vec<String> {
    let said = |text: &str| {
        let small = text.to_ascii_lowercase();
        ["fill", "interpol", "imput", "插", "补"]
            .iter()
            .any(|w| small.contains(w))
    };
    let shown = facts
        .columns
        .iter()
        .any(|c| c.estimated.plan.variant.drop_filled);
    let mut found = Vec::new();
    for variable in facts.used() {
        // Columns that only feed others are told of where they end up.
        let named = |c: &super::facts::Column<'_>| {
            c.estimated.plan.formula.columns().contains(&variable.name)
        };
        let Some(marks) = facts.data.filled.get(&variable.name) else {
            continue;
        };
        let cells = marks.iter().filter(|m| **m).count();
        let values = facts.values(&variable.name).len();
        if cells == 0 || values == 0 || !facts.columns.iter().any(named) {
            continue;
        }
        let share = cells as f64 / values as f64;
        let percent = 100.0 * share;
        let name = &variable.name;
        if !definition(facts, variable).is_some_and(said) {
            found.push(facts.pick(
                format!("{cells} of {values} values of {name} ({percent:.1} %) are filled or come from filled cells, and its definition does not say so."),
                format!("{name}的{values}个取值中有{cells}个（{percent:.1}%）为插补或由插补值算得，其定义未作说明。"),
            ));
        } else if share > MANY_FILLED && !shown {
            found.push(facts.pick(
                format!("{cells} of {values} values of {name} ({percent:.1} %) are filled or come from filled cells, and no column is without them."),
                format!("{name}的{values}个取值中有{cells}个（{percent:.1}%）为插补或由插补值算得，且没有剔除这些值的结果。"),
            ));
        }
    }
    found
}

/// Location quotients whose national total moves for reasons of the sample, or that no effect of time holds still.
pub(super) fn location_quotient(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let time = &facts.study.panel.time;
    for variable in facts.used() {
        let (index, national) = match &variable.rule {
            VariableRule::TwoSeries {
                index, national, ..
            } => (index, national.is_some()),
            VariableRule::Index { index, .. } => (index, false),
            _ => continue,
        };
        let uses = |c: &&super::facts::Column<'_>| {
            c.estimated.plan.formula.columns().contains(&variable.name)
        };
        if index != "location-quotient" || !facts.columns.iter().any(|c| uses(&c)) {
            continue;
        }
        let name = &variable.name;
        let mut periods: Vec<(i64, usize)> = Vec::new();
        for (row, _) in facts.values(name) {
            let period = facts.data.panel.time_of(row);
            match periods.iter_mut().find(|(p, _)| *p == period) {
                Some((_, units)) => *units += 1,
                None => periods.push((period, 1)),
            }
        }
        let fewest = periods.iter().min_by_key(|(p, units)| (*units, *p));
        let most = periods.iter().max_by_key(|(p, units)| (*units, -*p));
        if let (Some((low, few)), Some((high, many)), false) = (fewest, most, national)
            && few < many
        {
            found.push(facts.pick(
                format!("the national total behind {name} is summed over {few} units in {low} and {many} in {high}: values move with the sample."),
                format!("{name}的全国合计在{low}年由{few}个个体、在{high}年由{many}个个体加总，其取值随样本变动。"),
            ));
        }
        let with_time = |c: &&super::facts::Column<'_>| {
            let effects = &c.estimated.plan.formula.effects;
            effects.iter().any(|e| e.columns.contains(time))
        };
        if !facts.columns.iter().filter(uses).any(|c| with_time(&c)) {
            found.push(facts.pick(
                format!("a change in the national total moves {name} everywhere, and no column with it has effects of {time}."),
                format!("全国合计的变化会使所有个体的{name}同时变动，而含该变量的各列均未控制{time}效应。"),
            ));
        }
    }
    found
}
