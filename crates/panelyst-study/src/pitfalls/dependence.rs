//! Pitfalls of what units share: shocks of a period, and the coverage of statistics.

use super::Facts;
use super::facts::Column;
use panelyst_model::specification::{LEVEL, cross_section_dependence};

/// Columns whose errors take units for independent although their residuals in the same period are correlated.
pub(super) fn spatial_correlation(facts: &Facts<'_>) -> Vec<String> {
    let met: Vec<(Column<'_>, f64)> = facts
        .columns
        .iter()
        .filter(|c| {
            c.estimated.plan.variant.vcov.is_none() && takes_units_for_independent(facts, c)
        })
        .filter_map(|c| Some((*c, correlation(facts, c)?)))
        .collect();
    let means = met.iter().map(|(_, mean)| *mean);
    let (Some(low), Some(high)) = (means.clone().reduce(f64::min), means.reduce(f64::max)) else {
        return Vec::new();
    };
    let columns: Vec<Column<'_>> = met.iter().map(|(column, _)| *column).collect();
    let places = facts.places(&columns);
    let (low, high) = (format!("{low:.2}"), format!("{high:.2}"));
    let range = if low == high {
        low
    } else {
        facts.pick(format!("{low} to {high}"), format!("{low}至{high}"))
    };
    vec![facts.pick(
        format!("{places}: residuals of different units in the same period are correlated ({range} on average; Pesaran's CD rejects independence at 5 %), and neither effects nor errors allow for it."),
        format!("{places}：同一时期不同个体的残差相关（平均{range}，Pesaran CD检验在5%水平上拒绝独立），而模型的固定效应与标准误均未考虑。"),
    )]
}

/// Whether neither period effects nor the covariance of a column allow for correlation between units.
fn takes_units_for_independent(facts: &Facts<'_>, column: &Column<'_>) -> bool {
    let fit = &column.estimated.fit;
    let time = facts.data.panel.time_column();
    let model = ["pooled", "within"].contains(&fit.model.as_str());
    let by_period = fit.fixed_effects.iter().any(|e| e.name == time)
        || fit.vcov.clusters.keys().any(|name| name == time);
    let allows = ["driscoll-kraay", "conley"].iter();
    model
        && !by_period
        && !allows
            .into_iter()
            .any(|kind| fit.vcov.kind.starts_with(kind))
}

/// The mean correlation of a column's residuals between units, where the CD test rejects.
fn correlation(facts: &Facts<'_>, column: &Column<'_>) -> Option<f64> {
    let fit = &column.estimated.fit;
    let rows = fit.rows_used.to_vec();
    if fit.residuals.len() != rows.len() {
        return None;
    }
    let index = facts.data.panel.index();
    let first = facts.data.panel.report().first;
    let unit: Vec<u32> = rows.iter().map(|&row| index.units()[row]).collect();
    let time: Option<Vec<u32>> = rows
        .iter()
        .map(|&row| u32::try_from(index.times()[row] - first).ok())
        .collect();
    let found = cross_section_dependence(&fit.residuals, &unit, &time?).ok()?;
    (found.p_value() < LEVEL).then_some(found.mean_correlation)
}

/// Year from which China's industrial statistics count firms with a main business income of 20 million yuan or more as
/// above designated size; before, from 5 million.
const THRESHOLD_MOVED: i64 = 2011;

/// Words for firms above designated size, in small letters, hyphens as blanks.
const ABOVE_SIZE: [&str; 2] = ["designated size", "规模以上"];

/// Statistics of firms above designated size on both sides of the year in which the size moved.
pub(super) fn coverage(facts: &Facts<'_>) -> Vec<String> {
    let report = facts.data.panel.report();
    if report.first >= THRESHOLD_MOVED || report.last < THRESHOLD_MOVED {
        return Vec::new();
    }
    let says = |text: &str| {
        let text = text.to_lowercase().replace('-', " ");
        ABOVE_SIZE.iter().any(|words| text.contains(words))
    };
    let lang = facts.study.settings.lang;
    let mut names: Vec<String> = Vec::new();
    for variable in facts.used() {
        let texts = [&variable.label, &variable.definition];
        let typed = texts.into_iter().flatten().any(|t| says(t.get(lang)));
        if typed
            || says(&crate::steps::reading::source_of(
                facts.study,
                facts.data,
                variable,
                lang,
            ))
        {
            names.push(variable.name.clone());
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let (names, first, last) = (facts.list(&names), report.first, report.last);
    vec![facts.pick(
        format!("{names}: firms above designated size are those with a main business income of 5 million yuan before 2011 and of 20 million since, and the panel runs from {first} to {last}: levels and shares jump, and not equally in all regions."),
        format!("{names}：规模以上企业的标准自2011年起由主营业务收入500万元提高到2000万元，而样本期为{first}—{last}年，水平值与比重存在断点，且各地区幅度不同。"),
    )]
}
