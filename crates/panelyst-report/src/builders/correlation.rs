//! Correlations and variance inflation.

use panelyst_model::results::{Correlations, VarianceInflation};

use super::print::plain;
use super::style::Style;
use super::{body, head, number, text};
use crate::table::{Cell, Digits, Lang, Row, RowKind, Table};
use crate::words;

const THREE: Digits = Digits::Decimals(3);

/// The lower triangle of pairwise correlations with stars.
pub fn correlation(
    id: &str,
    label: &str,
    title: &str,
    correlations: &Correlations,
    style: &Style,
) -> Table {
    let count = correlations.variables.len();
    let labels: Vec<String> = correlations
        .variables
        .iter()
        .map(|variable| style.label(variable))
        .collect();
    let mut header = vec![head(words::VARIABLE.say(style.lang))];
    header.extend(labels.iter().map(|label| head(label)));
    let rows = labels.iter().enumerate().map(|(row, label)| {
        let mut cells = vec![text(label.as_str())];
        cells.extend((0..count).map(|column| {
            let place = row * count + column;
            match (correlations.r.get(place), correlations.p_value.get(place)) {
                (Some(r), _) if column == row => number(*r, THREE),
                (Some(r), Some(p)) if column < row && r.is_finite() => Cell::Estimate {
                    value: *r,
                    digits: THREE,
                    stars: style.stars_of(*p),
                },
                _ => Cell::Empty,
            }
        }));
        body(cells)
    });
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        rows: rows.collect(),
        header: vec![header],
        notes: vec![correlation_note(correlations.nobs, style)],
        lang: style.lang,
    }
}

fn correlation_note(nobs: usize, style: &Style) -> String {
    let legend = style.legend();
    match style.lang {
        Lang::En => {
            let stars: Vec<String> = legend
                .iter()
                .map(|(sign, level)| format!("{sign} p < {}", plain(*level)))
                .collect();
            let stars = if stars.is_empty() {
                String::new()
            } else {
                format!(" {}.", stars.join(", "))
            };
            format!(
                "Note: Pearson correlations of {nobs} rows complete in all variables; t tests with {} degrees of freedom.{stars}",
                nobs.saturating_sub(2)
            )
        }
        Lang::Zh => {
            let signs: Vec<&str> = legend.iter().map(|(sign, _)| sign.as_str()).collect();
            let levels: Vec<String> = legend
                .iter()
                .map(|(_, level)| format!("{}%", plain(level * 100.0)))
                .collect();
            let stars = match legend.len() {
                0 => String::new(),
                1 => format!("{}表示在{}水平上显著。", signs[0], levels[0]),
                _ => format!(
                    "{}分别表示在{}水平上显著。",
                    signs.join("、"),
                    levels.join("、")
                ),
            };
            format!(
                "注：表中为皮尔逊相关系数，样本为各变量均无缺失的{nobs}个观测，t检验自由度为{}。{stars}",
                nobs.saturating_sub(2)
            )
        }
    }
}

/// Variance inflation factors on levels and, where the model has effects, within.
pub fn variance_inflation(
    id: &str,
    label: &str,
    title: &str,
    rows: &[VarianceInflation],
    style: &Style,
) -> Table {
    let lang = style.lang;
    let within = rows.iter().any(|row| row.within.is_some());
    let mut header = vec![
        head(words::VARIABLE.say(lang)),
        head(words::VIF_LEVELS.say(lang)),
    ];
    if within {
        header.push(head(words::VIF_WITHIN.say(lang)));
    }
    let line = |kind: RowKind, name: String, levels: f64, inside: Option<f64>| {
        let mut cells = vec![text(name), inflation(Some(levels))];
        if within {
            cells.push(inflation(inside));
        }
        Row { kind, cells }
    };
    let mut body: Vec<Row> = rows
        .iter()
        .map(|row| {
            line(
                RowKind::Body,
                style.label(&row.variable),
                row.levels,
                row.within,
            )
        })
        .collect();
    if rows.len() > 1 {
        let levels: Vec<f64> = rows.iter().map(|row| row.levels).collect();
        let inside: Option<Vec<f64>> = rows.iter().map(|row| row.within).collect();
        let name = words::MEAN_VIF.say(lang).to_owned();
        let mean_within = inside.as_deref().map(mean);
        body.push(line(RowKind::Statistic, name, mean(&levels), mean_within));
    }
    let note = match (lang, within) {
        (Lang::En, false) => {
            "Note: VIF = 1 / (1 - R2) of each regressor on the others and a constant."
        }
        (Lang::En, true) => {
            "Note: VIF = 1 / (1 - R2) of each regressor on the others; on levels with a constant, within after the fixed effects were partialled out."
        }
        (Lang::Zh, false) => "注：VIF = 1/(1-R²)，R²来自该变量对其余解释变量与常数项的回归。",
        (Lang::Zh, true) => {
            "注：VIF = 1/(1-R²)，R²来自该变量对其余解释变量的回归；水平值一列含常数项，组内一列先剔除固定效应。"
        }
    };
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header],
        rows: body,
        notes: vec![note.to_owned()],
        lang,
    }
}

/// An inflation factor; perfect collinearity is printed as infinite.
fn inflation(value: Option<f64>) -> Cell {
    match value {
        Some(value) if value.is_infinite() => text("∞"),
        Some(value) => number(value, Digits::Decimals(2)),
        None => Cell::Empty,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
