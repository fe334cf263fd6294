//! Names in models and tables exist among the columns and variables.

use super::mistakes::advice;
use crate::error::Error;
use crate::plan::{ColumnPlan, Study, TableKind};
use crate::steps::columns::names;
use crate::steps::estimates::Data;
use panelyst_model::Vcov;

/// Every name that a model or table uses.
///
/// # Errors
/// All names that nothing has, with places.
pub fn references(study: &Study, data: &Data) -> Result<(), Error> {
    let there = names(&data.batch);
    let mut mistakes = study.mistakes();
    let mut column = |plan: &ColumnPlan| {
        let mut wanted: Vec<String> = plan.formula.columns();
        if let Some((expr, _)) = &plan.condition {
            wanted.extend(expr.columns());
        }
        if let Vcov::Cluster(list) = &plan.vcov {
            wanted.extend(list.iter().cloned());
        }
        wanted.extend(study.model.weights.clone());
        for name in &wanted {
            if there.contains(name) {
                continue;
            }
            // Inside a typed formula the name itself is shown, else the place that the column comes from.
            let shown = study
                .text
                .get(plan.span.start..plan.span.end)
                .and_then(|text| text.find(name.as_str()))
                .map_or(plan.span, |at| {
                    let start = plan.span.start + at;
                    panelyst_lang::Span::new(start, start + name.len())
                });
            mistakes.at(
                shown,
                format!("there is no column or variable `{name}`"),
                advice(name, there.iter().map(String::as_str)),
            );
        }
    };
    for table in &study.tables {
        match &table.kind {
            TableKind::Baseline(columns) | TableKind::Robustness(columns) => {
                columns.iter().for_each(&mut column);
            }
            TableKind::Heterogeneity { column: full, .. } => column(full),
            _ => {}
        }
    }
    for table in &study.tables {
        let (TableKind::Description(variables, _) | TableKind::Correlation(variables)) =
            &table.kind
        else {
            continue;
        };
        for name in variables {
            if !there.contains(name) {
                mistakes.at(
                    table.span,
                    format!("there is no column or variable `{name}`"),
                    advice(name, there.iter().map(String::as_str)),
                );
            }
        }
    }
    Ok(mistakes.finish()?)
}
