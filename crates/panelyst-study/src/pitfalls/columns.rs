//! Pitfalls of single columns and of columns beside each other: errors, constants, signs.

use super::Facts;
use super::facts::Column;
use crate::steps::tables::Results;
use panelyst_model::Vcov;

/// Panels with at most this many units are called small; every column clustered on fewer is told of as such elsewhere.
const FEW_UNITS: usize = 50;

/// Level at which two estimates of opposite sign both count.
const LEVEL: f64 = 0.05;

/// Errors that take rows of one unit for independent.
pub(super) fn iid_errors(facts: &Facts<'_>) -> Vec<String> {
    let report = facts.data.panel.report();
    if report.periods < 2 || report.units > FEW_UNITS {
        return Vec::new();
    }
    let columns: Vec<Column<'_>> = facts
        .columns
        .iter()
        .copied()
        .filter(|c| c.estimated.fit.vcov.kind == "iid" && c.estimated.plan.variant.vcov.is_none())
        .filter(|c| ["pooled", "within"].contains(&c.estimated.fit.model.as_str()))
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let (places, units, periods) = (facts.places(&columns), report.units, report.periods);
    vec![facts.pick(
        format!("{places}: iid errors on a panel of {units} units and {periods} periods; rows of a unit are not independent."),
        format!("{places}：面板含{units}个个体、{periods}期，却使用同方差独立的标准误，而同一个体的各期观测并不独立。"),
    )]
}

/// `robust` of xtreg is clustering.
pub(super) fn robust_means_clustered(facts: &Facts<'_>) -> Vec<String> {
    let columns: Vec<Column<'_>> = facts
        .columns
        .iter()
        .copied()
        .filter(|c| {
            let fit = &c.estimated.fit;
            fit.vcov.convention == "xtreg"
                && matches!(c.estimated.plan.vcov, Vcov::Hc0 | Vcov::Hc1)
                && fit.vcov.kind.starts_with("cluster")
                && !fit.fixed_effects.is_empty()
        })
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let places = facts.places(&columns);
    vec![facts.pick(
        format!("{places}: heteroskedasticity-robust errors were asked for, and the convention xtreg clusters by unit instead, as `xtreg, fe robust` does."),
        format!("{places}：要求的是异方差稳健标准误，而xtreg惯例（如`xtreg, fe robust`）实际上按个体聚类。"),
    )]
}

/// The family of a covariance: `hc` for hc0 to hc3, otherwise as typed.
fn family(kind: &str) -> &str {
    if kind.starts_with("hc") { "hc" } else { kind }
}

/// Different models with different kinds of errors beside each other: one sentence for all tables.
pub(super) fn mixed_errors(facts: &Facts<'_>) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    let mut kinds: Vec<String> = Vec::new();
    for (table, made) in facts.made.iter().enumerate() {
        let columns: Vec<Column<'_>> = facts
            .of_table(table)
            .into_iter()
            .filter(|c| c.estimated.plan.variant.vcov.is_none())
            .collect();
        let differ = columns.iter().any(|a| {
            columns.iter().any(|b| {
                let (a, b) = (&a.estimated.fit, &b.estimated.fit);
                a.formula != b.formula && family(&a.vcov.kind) != family(&b.vcov.kind)
            })
        });
        if !differ {
            continue;
        }
        labels.push(made.label.clone());
        for column in &columns {
            let kind = &column.estimated.fit.vcov.kind;
            if !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
    }
    if labels.is_empty() {
        return Vec::new();
    }
    let (labels, kinds) = (facts.list(&labels), facts.list(&kinds));
    vec![facts.pick(
        format!("{labels}: columns differ in their errors ({kinds}), so that stars change with the errors as well as with the model."),
        format!("{labels}：各列使用的标准误不同（{kinds}），显著性的变化既来自模型也来自标准误。"),
    )]
}

/// A constant printed beside effects of unit and time.
pub(super) fn constant_beside_effects(facts: &Facts<'_>) -> Vec<String> {
    let columns: Vec<Column<'_>> = facts
        .columns
        .iter()
        .copied()
        .filter(|c| {
            c.estimated.fit.fixed_effects.len() > 1
                && c.estimated.fit.coefficient("_cons").is_some()
        })
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let places = facts.places(&columns);
    vec![facts.pick(
        format!("{places}: a constant is printed beside two-way effects; its value and stars depend on which levels it is measured from."),
        format!("{places}：在双向固定效应旁报告了常数项，其大小和显著性取决于基准组的选择。"),
    )]
}

/// One regressor, significant with one sign pooled and with the other under two-way effects.
pub(super) fn sign_flip(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (table, made) in facts.made.iter().enumerate() {
        if !matches!(made.results, Results::Baseline(_)) {
            continue;
        }
        let columns = facts.of_table(table);
        let pooled = columns
            .iter()
            .filter(|c| c.estimated.fit.fixed_effects.is_empty());
        let mut told: Vec<&str> = Vec::new();
        for before in pooled {
            let two_way = columns
                .iter()
                .filter(|c| c.estimated.fit.fixed_effects.len() > 1);
            for after in two_way.filter(|c| c.estimated.fit.outcome == before.estimated.fit.outcome)
            {
                for one in &before.estimated.fit.coefficients {
                    let Some(other) = after.estimated.fit.coefficient(&one.term) else {
                        continue;
                    };
                    let flips = one.estimate * other.estimate < 0.0
                        && one.p_value < LEVEL
                        && other.p_value < LEVEL;
                    let (term, label) = (one.term.as_str(), &made.label);
                    if term == "_cons" || !flips || told.contains(&term) {
                        continue;
                    }
                    told.push(term);
                    let (from, to) = (one.estimate, other.estimate);
                    let (first, last) = (before.place, after.place);
                    found.push(facts.pick(
                        format!("{label}: {term} is {from:.3} in column ({first}) and {to:.3} in column ({last}), significant at 5 % with both signs."),
                        format!("{label}：{term}的系数在第({first})列为{from:.3}，在第({last})列为{to:.3}，符号相反且均在5%水平上显著。"),
                    ));
                }
            }
        }
    }
    found
}
