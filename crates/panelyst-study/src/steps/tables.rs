//! Tables of the study, numbered in order, each built from results.

use super::estimates::{Data, Estimated, estimate, estimate_all, model, request};
use crate::error::Error;
use crate::plan::{ColumnPlan, Sample, Study, TableKind, TablePlan};
use panelyst_lang::ast::ExprKind;
use panelyst_lang::{Expr, Span};
use panelyst_model::results::{Correlations, GroupDifference, Summary, TestRow, VarianceInflation};
use panelyst_model::{
    Fit, GroupOptions, PanelColumns, correlations, group_differences_until, side_by_side,
    specification_tests, summarise, variance_inflation,
};
use panelyst_report::builders::{self, MOMENTS, RegressionColumn, Style, SummaryPanel};
use panelyst_report::curve::SpecificationCurve;
use panelyst_report::publication::Publication;
use panelyst_report::{Lang, Table};
use serde::Serialize;

/// Results of one table, and the table.
#[derive(Clone, Debug)]
pub struct Made {
    /// `Table 3`.
    pub label: String,
    /// Results.
    pub results: Results,
    /// What is printed: one table, or two for groups and their differences.
    pub tables: Vec<Table>,
}

/// Results of a table.
#[derive(Clone, Debug)]
pub enum Results {
    /// Definitions: nothing estimated.
    Definitions,
    /// Summaries by sample.
    Description(Vec<(Sample, Vec<Summary>)>),
    /// Correlations.
    Correlation(Correlations),
    /// Variance inflation.
    Collinearity(Vec<VarianceInflation>),
    /// Specification tests.
    Choice(Vec<TestRow>),
    /// Estimates of the main model.
    Baseline(Vec<Estimated>),
    /// Estimates of variants.
    Robustness(Vec<Estimated>),
    /// The full model under several conventions, with those that give no result.
    Conventions(Vec<Fit>, Vec<String>),
    /// Every combination of choices.
    SpecificationCurve(SpecificationCurve),
    /// Published numbers beside ours, with our estimates.
    Publication(Publication, Vec<Estimated>),
    /// Estimates by group and the differences between groups.
    Heterogeneity {
        /// The column of the groups.
        by: String,
        /// Each group with its estimates.
        groups: Vec<(String, Estimated)>,
        /// Differences between groups.
        differences: Vec<GroupDifference>,
    },
}

/// A result as JSON.
#[derive(Serialize)]
struct Json<'a, T: Serialize> {
    kind: &'static str,
    results: &'a T,
}

impl Results {
    /// Cells changed and rows lost by the columns of the table.
    pub fn ledger(&self) -> panelyst_data::Ledger {
        let mut ledger = panelyst_data::Ledger::default();
        match self {
            Self::Baseline(columns) | Self::Robustness(columns) | Self::Publication(_, columns) => {
                columns.iter().for_each(|c| ledger.append(c.ledger.clone()));
            }
            Self::Heterogeneity { groups, .. } => {
                groups
                    .iter()
                    .for_each(|(_, c)| ledger.append(c.ledger.clone()));
            }
            _ => {}
        }
        ledger
    }

    /// Machine word of the kind of table.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Definitions => "definitions",
            Self::Description(_) => "description",
            Self::Correlation(_) => "correlation",
            Self::Collinearity(_) => "collinearity",
            Self::Choice(_) => "choice",
            Self::Baseline(_) => "baseline",
            Self::Robustness(_) => "robustness",
            Self::Heterogeneity { .. } => "heterogeneity",
            Self::Conventions(..) => "conventions",
            Self::SpecificationCurve(_) => "specification-curve",
            Self::Publication(..) => "publication",
        }
    }

    /// The results as JSON.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        let kind = self.kind();
        match self {
            Self::Definitions => Ok(serde_json::Value::Null),
            Self::Description(samples) => {
                let named: Vec<_> = samples
                    .iter()
                    .map(|(sample, rows)| serde_json::json!({ "sample": sample_name(*sample), "rows": rows }))
                    .collect();
                serde_json::to_value(Json {
                    kind,
                    results: &named,
                })
            }
            Self::Correlation(results) => serde_json::to_value(Json { kind, results }),
            Self::Collinearity(results) => serde_json::to_value(Json { kind, results }),
            Self::Choice(results) => serde_json::to_value(Json { kind, results }),
            Self::Baseline(columns) | Self::Robustness(columns) => {
                let fits: Vec<_> = columns.iter().map(|c| &c.fit).collect();
                serde_json::to_value(Json {
                    kind,
                    results: &fits,
                })
            }
            Self::Conventions(results, _) => serde_json::to_value(Json { kind, results }),
            Self::Publication(results, columns) => {
                let fits: Vec<_> = columns.iter().map(|c| &c.fit).collect();
                let results = serde_json::json!({ "comparison": results, "fits": fits });
                serde_json::to_value(Json {
                    kind,
                    results: &results,
                })
            }
            Self::SpecificationCurve(results) => serde_json::to_value(Json { kind, results }),
            Self::Heterogeneity {
                groups,
                differences,
                ..
            } => {
                let fits: Vec<_> = groups
                    .iter()
                    .map(|(group, c)| serde_json::json!({ "group": group, "fit": c.fit }))
                    .collect();
                let results = serde_json::json!({ "groups": fits, "differences": differences });
                serde_json::to_value(Json {
                    kind,
                    results: &results,
                })
            }
        }
    }
}

fn sample_name(sample: Sample) -> &'static str {
    match sample {
        Sample::Raw => "raw",
        Sample::Estimation => "estimation",
    }
}

/// The style of all tables, with the study's labels.
pub fn style(study: &Study) -> Style {
    let settings = &study.settings;
    let lang = settings.lang;
    let mut labels: Vec<(String, String)> = study
        .variables
        .iter()
        .filter_map(|v| Some((v.name.clone(), v.label.as_ref()?.get(lang).to_owned())))
        .collect();
    let panel = &study.panel;
    for (name, label) in [
        (&panel.unit, &panel.unit_label),
        (&panel.time, &panel.time_label),
    ] {
        if let Some(label) = label {
            labels.push((name.clone(), label.get(lang).to_owned()));
        }
    }
    for group in &study.groups {
        for (name, label) in &group.labels {
            labels.push((name.clone(), label.get(lang).to_owned()));
        }
    }
    Style {
        brackets: settings.brackets,
        stars: settings.stars.clone(),
        digits: settings.digits,
        bracket_digits: settings.bracket_digits,
        labels,
        small_samples: settings.small_samples,
        ..Style::new(lang)
    }
}

/// `Table 3` in the language of the study.
fn numbered(lang: Lang, number: usize) -> String {
    match lang {
        Lang::En => format!("Table {number}"),
        Lang::Zh => format!("表{number}"),
    }
}

/// The usual title of a kind of table.
fn usual_title(kind: &TableKind, lang: Lang) -> &'static str {
    let (en, zh) = match kind {
        TableKind::Definitions => ("Definition and measurement of variables", "变量定义与度量"),
        TableKind::Description(..) => ("Descriptive statistics of variables", "变量描述性统计"),
        TableKind::Correlation(_) => ("Correlations", "相关系数"),
        TableKind::Collinearity => ("Variance inflation factors", "方差膨胀因子"),
        TableKind::Choice => ("Model choice", "模型选择检验"),
        TableKind::Baseline(_) => ("Baseline regression results", "基准回归结果"),
        TableKind::Robustness(_) => ("Robustness test results", "稳健性检验结果"),
        TableKind::Heterogeneity { .. } => ("Results of heterogeneity test", "异质性检验结果"),
        TableKind::Conventions { .. } => (
            "The full model under the conventions of other packages",
            "不同软件惯例下的结果比较",
        ),
        TableKind::Publication(_) => ("Comparison with published results", "与已发表结果的比较"),
        TableKind::SpecificationCurve(_) => ("Specification curve", "设定曲线分析"),
    };
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// A column of a table of regressions.
pub struct Shown<'a> {
    /// What stands above it.
    pub heading: String,
    /// What was estimated.
    pub column: &'a Estimated,
    /// The column of the groups and the group it was estimated on, if it was not on all rows.
    pub within: Option<(&'a str, &'a str)>,
}

/// The columns of a table, if it is one of regressions.
pub fn shown<'a>(study: &Study, style: &Style, results: &'a Results) -> Option<Vec<Shown<'a>>> {
    match results {
        Results::Baseline(columns) | Results::Robustness(columns) => {
            let one = |column: &'a Estimated| Shown {
                heading: super::reading::heading(study, style, &column.plan),
                column,
                within: None,
            };
            Some(columns.iter().map(one).collect())
        }
        Results::Heterogeneity { by, groups, .. } => {
            let one = |(group, column): &'a (String, Estimated)| Shown {
                heading: style.label(group),
                column,
                within: Some((by, group)),
            };
            Some(groups.iter().map(one).collect())
        }
        _ => None,
    }
}

/// Estimates and builds one table.
///
/// # Errors
/// What the data or a model cannot give, with the place in the study.
pub fn make(
    study: &Study,
    data: &Data,
    style: &Style,
    plan: &TablePlan,
    number: usize,
) -> Result<Made, Error> {
    let lang = study.settings.lang;
    let label = numbered(lang, number);
    let title = plan
        .title
        .as_ref()
        .map_or(usual_title(&plan.kind, lang), |t| t.get(lang));
    let results = results(study, data, plan, number)?;
    let id = format!("table{number}-{}", results.kind());
    let columns = shown(study, style, &results).unwrap_or_default();
    let regression = || {
        let each = columns.iter();
        let columns: Vec<RegressionColumn<'_>> = each
            .map(|one| printed(one.column, one.heading.clone(), lang))
            .collect();
        builders::regression(&id, &label, title, &columns, style)
    };
    let tables = match &results {
        Results::Definitions => {
            let rows = super::reading::definitions(study, data);
            vec![builders::definitions(&id, &label, title, &rows, style)]
        }
        Results::Description(samples) => {
            let panels: Vec<SummaryPanel> = samples
                .iter()
                .map(|(sample, summaries)| SummaryPanel {
                    heading: if samples.len() > 1 {
                        sample_title(*sample, lang).to_owned()
                    } else {
                        String::new()
                    },
                    summaries: summaries.clone(),
                })
                .collect();
            vec![builders::description(
                &id, &label, title, &panels, MOMENTS, style,
            )]
        }
        Results::Correlation(c) => vec![builders::correlation(&id, &label, title, c, style)],
        Results::Collinearity(rows) => vec![builders::variance_inflation(
            &id, &label, title, rows, style,
        )],
        Results::Choice(rows) => {
            let mut table = builders::specification(&id, &label, title, rows, style);
            if study.model.weights.is_some() {
                table.notes.push(match lang {
                    Lang::En => {
                        "The tests are computed without the weights of the model.".to_owned()
                    }
                    Lang::Zh => "各检验未使用模型的权重。".to_owned(),
                });
            }
            vec![table]
        }
        Results::Baseline(_) | Results::Robustness(_) => {
            vec![regression()]
        }
        Results::Conventions(fits, refused) => {
            let fits: Vec<&Fit> = fits.iter().collect();
            let mut tables = builders::conventions(&id, &label, title, &fits, style);
            if let Some(first) = tables.first_mut() {
                first.notes.extend(refused.iter().cloned());
            }
            tables
        }
        Results::Publication(found, _) => {
            vec![builders::publication(&id, &label, title, found, style)]
        }
        Results::SpecificationCurve(curve) => {
            builders::specification_curve(&id, &label, title, curve, style)
        }
        Results::Heterogeneity { differences, .. } => {
            let (suffix, second) = match lang {
                Lang::En => ("b", "Tests of equality between groups"),
                Lang::Zh => ("（续）", "组间系数差异检验"),
            };
            vec![
                regression(),
                builders::group_differences(
                    &format!("table{number}b-differences"),
                    &format!("{label}{suffix}"),
                    second,
                    differences,
                    style,
                ),
            ]
        }
    };
    Ok(Made {
        label,
        results,
        tables,
    })
}

fn sample_title(sample: Sample, lang: Lang) -> &'static str {
    match (sample, lang) {
        (Sample::Raw, Lang::En) => "All rows",
        (Sample::Raw, Lang::Zh) => "全部观测",
        (Sample::Estimation, Lang::En) => "Estimation sample",
        (Sample::Estimation, Lang::Zh) => "回归样本",
    }
}

pub(super) fn printed<'a>(
    column: &'a Estimated,
    heading: String,
    lang: Lang,
) -> RegressionColumn<'a> {
    let mut shown = RegressionColumn::new(&column.fit).heading(heading);
    shown.filled_cells.clone_from(&column.filled);
    if column.plan.variant.winsorise.is_some() {
        shown.notes.push(match lang {
            Lang::En => format!("{} cells were winsorised.", column.winsorised),
            Lang::Zh => format!("共{}个单元格经缩尾处理。", column.winsorised),
        });
    }
    shown
}

fn results(study: &Study, data: &Data, plan: &TablePlan, number: usize) -> Result<Results, Error> {
    let place = |column: usize| format!("table {number}, column ({column})");
    let whole = format!("table {number}");
    Ok(match &plan.kind {
        TableKind::Definitions => Results::Definitions,
        TableKind::Description(variables, samples) => {
            let mut described = Vec::new();
            for sample in samples {
                let rows = match sample {
                    Sample::Raw => None,
                    Sample::Estimation => Some(full(study, data, &whole)?.fit.rows_used.to_vec()),
                };
                let summaries =
                    summaries(study, data, plan.span, variables, rows.as_deref(), &whole)?;
                described.push((*sample, summaries));
            }
            Results::Description(described)
        }
        TableKind::Correlation(variables) => {
            let rows = full(study, data, &whole)?.fit.rows_used.to_vec();
            there(study, data, plan.span, variables)?;
            let found = correlations(&data.batch, &expressions(variables), Some(&rows));
            Results::Correlation(found.map_err(model(&whole))?)
        }
        TableKind::Collinearity => {
            let column = full_plan(study)?;
            let (asked, batch, _) = request(study, data, &column, None)?;
            let found = variance_inflation(&batch, &column.formula, &asked);
            Results::Collinearity(found.map_err(model(&whole))?)
        }
        TableKind::Choice => {
            let column = full_plan(study)?;
            let (mut asked, batch, _) = request(study, data, &column, None)?;
            asked.weights = None;
            let found = specification_tests(&batch, &column.formula, &asked);
            Results::Choice(found.map_err(model(&whole))?)
        }
        TableKind::Baseline(columns) => Results::Baseline(all(study, data, columns, place)?),
        TableKind::Robustness(columns) => Results::Robustness(all(study, data, columns, place)?),
        TableKind::Conventions { column, names } => {
            let (asked, batch, _) = request(study, data, column, None)?;
            let found = side_by_side(&batch, &column.formula, &asked, names);
            let found = found.map_err(model(&whole))?;
            let refused = found
                .refused
                .iter()
                .map(|(name, why)| match study.settings.lang {
                    Lang::En => format!("No result under {name}: {why}."),
                    Lang::Zh => format!("{name}惯例下无结果：{why}。"),
                });
            Results::Conventions(found.fits, refused.collect())
        }
        TableKind::Publication(plan) => {
            let (found, columns) = super::publication::publication(study, data, plan, place)?;
            Results::Publication(found, columns)
        }
        TableKind::SpecificationCurve(plan) => {
            Results::SpecificationCurve(super::curve::curve(study, data, plan, &whole)?)
        }
        TableKind::Heterogeneity {
            by,
            column,
            permutations,
            seed,
        } => {
            let order = data
                .groupings
                .iter()
                .find(|g| g.name == *by)
                .map(|g| g.order.clone())
                .unwrap_or_default();
            let mut groups = Vec::new();
            for (place_in_order, group) in order.iter().enumerate() {
                let fit = estimate(
                    study,
                    data,
                    column,
                    Some((by, group)),
                    &place(place_in_order + 1),
                )?;
                groups.push((group.clone(), fit));
            }
            let (asked, batch, _) = request(study, data, column, None)?;
            let mut options = GroupOptions {
                terms: vec![column.core.clone()],
                permutations: *permutations,
                seed: *seed,
                methods: ["interaction", "suest"].map(str::to_owned).into(),
            };
            if *permutations > 0 {
                options.methods.push("permutation".to_owned());
            }
            let stop = || data.stop.is_set();
            let asked_for = (by.as_str(), &options);
            let found = group_differences_until(&batch, &column.formula, &asked, asked_for, &stop);
            let mut differences = found.map_err(model(&whole))?;
            in_order(&mut differences, &order);
            Results::Heterogeneity {
                by: by.clone(),
                groups,
                differences,
            }
        }
    })
}

fn all(
    study: &Study,
    data: &Data,
    columns: &[ColumnPlan],
    place: impl Fn(usize) -> String,
) -> Result<Vec<Estimated>, Error> {
    estimate_all(study, data, columns, |column| place(column + 1))
}

/// The full model's column.
fn full_plan(study: &Study) -> Result<ColumnPlan, Error> {
    let mut mistakes = study.mistakes();
    let column = study.model.full(study.model.span, &mut mistakes);
    mistakes.finish()?;
    column.ok_or_else(|| Error::step("model", "the full model has no formula"))
}

fn full(study: &Study, data: &Data, place: &str) -> Result<Estimated, Error> {
    estimate(study, data, &full_plan(study)?, None, place)
}

fn summaries(
    study: &Study,
    data: &Data,
    span: Span,
    variables: &[String],
    rows: Option<&[usize]>,
    place: &str,
) -> Result<Vec<Summary>, Error> {
    there(study, data, span, variables)?;
    let panel = PanelColumns {
        unit: study.panel.unit.clone(),
        time: study.panel.time.clone(),
    };
    summarise(&data.batch, &expressions(variables), Some(&panel), rows).map_err(model(place))
}

/// Column names as expressions.
pub(super) fn expressions(names: &[String]) -> Vec<Expr> {
    names
        .iter()
        .map(|name| Expr {
            kind: ExprKind::Column(name.clone()),
            span: Span::default(),
        })
        .collect()
}

/// Pairs in the order of the table: the earlier group first.
fn in_order(rows: &mut [GroupDifference], order: &[String]) {
    let place = |group: &str| order.iter().position(|g| g == group).unwrap_or(order.len());
    for row in rows.iter_mut() {
        if place(&row.groups[0]) > place(&row.groups[1]) {
            row.groups.swap(0, 1);
            row.estimates.swap(0, 1);
            row.clusters.swap(0, 1);
            row.difference = -row.difference;
            row.statistic = row.statistic.map(|t| -t);
        }
    }
    rows.sort_by_key(|row| (place(&row.groups[0]), place(&row.groups[1])));
}

/// Variables of a table exist.
fn there(study: &Study, data: &Data, span: Span, variables: &[String]) -> Result<(), Error> {
    let names = super::columns::names(&data.batch);
    let mut mistakes = study.mistakes();
    for variable in variables {
        if !names.contains(variable) {
            mistakes.at(
                span,
                format!("there is no variable `{variable}`"),
                crate::check::mistakes::advice(variable, names.iter().map(String::as_str)),
            );
        }
    }
    Ok(mistakes.finish()?)
}
