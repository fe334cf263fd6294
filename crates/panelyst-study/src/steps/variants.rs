//! Tables of regressions under other conventions and with other errors: what the page switches to.

use super::estimates::{Data, model, plain_request};
use super::page::all_sources;
use super::tables::{Shown, printed};
use crate::error::Error;
use crate::plan::Study;
use panelyst_model::conventions::{self, CONVENTIONS};
use panelyst_model::{Fit, Vcov};
use panelyst_report::builders::{self, RegressionColumn, Style};
use panelyst_report::page::Variant;
use panelyst_report::{Lang, Table};

/// Errors to choose from, beside those of the study.
pub fn errors(study: &Study) -> Vec<(String, Vcov)> {
    let unit = &study.panel.unit;
    vec![
        ("iid".to_owned(), Vcov::Iid),
        ("hc1".to_owned(), Vcov::Hc1),
        (format!("cluster:{unit}"), Vcov::Cluster(vec![unit.clone()])),
    ]
}

/// A table under every pair of convention and errors but the study's own. Each column is estimated once; its covariance is
/// changed without estimating again.
///
/// # Errors
/// Columns that can no longer be estimated.
pub fn of_table(
    study: &Study,
    data: &Data,
    style: &Style,
    (table, columns): (&Table, &[Shown<'_>]),
    errors: &[(String, Vcov)],
) -> Result<Vec<Variant>, Error> {
    let lang = study.settings.lang;
    let mut kept = Vec::with_capacity(columns.len());
    for one in columns {
        let plan = &one.column.plan;
        let (asked, batch) = plain_request(study, data, plan, one.within)?;
        let estimated = panelyst_model::Estimated::new(&batch, &plan.formula, &asked)
            .map_err(model(&table.label))?;
        kept.push(estimated);
    }
    let mut names = vec![""];
    names.extend(CONVENTIONS.iter().map(|row| row.name));
    let mut choices: Vec<(&str, Option<&Vcov>)> = vec![("", None)];
    choices.extend(
        errors
            .iter()
            .map(|(name, vcov)| (name.as_str(), Some(vcov))),
    );
    let mut variants = Vec::new();
    for name in names {
        for &(errors, vcov) in &choices {
            if name.is_empty() && vcov.is_none() {
                continue;
            }
            let mut changed = Vec::with_capacity(columns.len());
            let mut refused = Vec::new();
            for (place, (one, estimated)) in columns.iter().zip(&kept).enumerate() {
                let plan = &one.column.plan;
                let known = if name.is_empty() {
                    plan.convention.as_str()
                } else {
                    name
                };
                let fit = conventions::by_name(known).and_then(|convention| {
                    estimated.fit_with(vcov.unwrap_or(&plan.vcov), convention)
                });
                let mut column = one.column.clone();
                match fit {
                    Ok(fit) => column.fit = fit,
                    Err(why) => {
                        refused.push(match lang {
                            Lang::En => format!("Column ({}) has no result so: {why}.", place + 1),
                            Lang::Zh => format!("第({})列无相应结果：{why}。", place + 1),
                        });
                        blank(&mut column.fit);
                    }
                }
                changed.push(column);
            }
            let columns: Vec<RegressionColumn<'_>> = changed
                .iter()
                .zip(columns)
                .map(|(column, one)| printed(column, one.heading.clone(), lang))
                .collect();
            let (id, label, title) = (&table.id, &table.label, &table.title);
            let mut built = builders::regression(id, label, title, &columns, style);
            built.notes.extend(refused);
            variants.push(Variant {
                convention: name.to_owned(),
                errors: errors.to_owned(),
                table: built,
                sources: all_sources(changed.iter(), lang),
            });
        }
    }
    Ok(variants)
}

/// Takes the tests out of a fit that a choice does not have: the estimates stay, without stars and brackets.
fn blank(fit: &mut Fit) {
    for coefficient in &mut fit.coefficients {
        coefficient.std_error = f64::NAN;
        coefficient.statistic = f64::NAN;
        coefficient.p_value = f64::NAN;
    }
}
