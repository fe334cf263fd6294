//! Figures of the main model: the core variable's distribution, its added-variable plot, estimates without each unit, and
//! residuals.

use super::{Context, Draft};
use crate::error::Error;
use crate::steps::estimates::{Estimated, model, plain_request};
use crate::steps::tables::{Made, Results, expressions};
use arrow_array::Array;
use panelyst_model::{ConstantRule, conventions, summarise};
use panelyst_report::figures::{Content, Dot, Grid, Histogram, Interval, Intervals, Scatter};
use std::collections::BTreeSet;

/// Units drawn at most as rows.
const UNITS: usize = 60;
/// Points drawn at most.
const POINTS: usize = 5_000;
/// Points named.
const NAMED: usize = 8;

/// Figures of the last column of the first baseline table whose core variable has a coefficient: the full model.
pub(super) fn drafts(context: &Context<'_>, made: &[Made]) -> Result<Vec<Draft>, Error> {
    let mut drafts = Vec::new();
    let tables = made.iter().find_map(|one| match &one.results {
        Results::Baseline(columns) => Some((one, columns)),
        _ => None,
    });
    let Some((table, columns)) = tables else {
        return Ok(drafts);
    };
    let has_core = |c: &&Estimated| c.fit.coefficient(&c.plan.core).is_some();
    let Some(place) = columns.iter().rposition(|c| has_core(&c)) else {
        return Ok(drafts);
    };
    let column = &columns[place];
    let (mut asked, batch) = plain_request(context.study, context.data, &column.plan, None)?;
    // Slopes are the same with and without a constant beside absorbed effects.
    if !column.plan.formula.effects.is_empty() {
        asked.constant = ConstantRule::None;
    }
    let kept = panelyst_model::Estimated::new(&batch, &column.plan.formula, &asked)
        .map_err(model(&table.label))?;
    let fit = conventions::by_name(&column.plan.convention)
        .and_then(|convention| kept.fit_with(&column.plan.vcov, convention))
        .map_err(model(&table.label))?;
    let source = context.source(&fit);
    let rows = fit.rows_used.to_vec();
    drafts.extend(distribution(context, column, &rows)?);
    drafts.extend(added_variable(context, &kept, column, (&rows, &source)));
    drafts.extend(without_each(context, &kept, column, &source)?);
    if fit.residuals.len() == rows.len() {
        drafts.extend(residuals(
            context,
            &fit.residuals,
            fit.rmse,
            (&rows, &source),
        ));
    }
    Ok(drafts)
}

/// `Texas 1974`.
fn name(context: &Context<'_>, row: usize) -> String {
    let panel = &context.data.panel;
    format!("{} {}", panel.unit_of(row), panel.time_of(row))
}

/// The core variable on the rows of the model.
fn distribution(
    context: &Context<'_>,
    column: &Estimated,
    rows: &[usize],
) -> Result<Option<Draft>, Error> {
    let core = column.plan.core.replace('`', "");
    let Ok(values) = context.data.panel.numbers(&core) else {
        return Ok(None);
    };
    let found = summarise(
        &context.data.batch,
        &expressions(std::slice::from_ref(&core)),
        None,
        Some(rows),
    );
    let Some(summary) = found.map_err(model(&core))?.pop() else {
        return Ok(None);
    };
    let there = rows.iter().filter(|row| !values.is_null(**row));
    let content = Histogram {
        axis: context.style.label(&core),
        count: context.say("Observations", "观测数"),
        values: there
            .map(|&row| (name(context, row), values.value(row)))
            .collect(),
        quartiles: [summary.p25, summary.median, summary.p75],
        median: context.say("median", "中位数"),
    };
    if content.values.is_empty() {
        return Ok(None);
    }
    let label = context.style.label(&core);
    let (n, beyond) = (content.values.len(), content.outliers());
    let named: Vec<&str> = beyond.iter().take(NAMED).map(|o| o.0.as_str()).collect();
    let more = beyond.len().saturating_sub(named.len());
    let list = match (named.is_empty(), more) {
        (true, _) => context.say("none", "无"),
        (false, 0) => named.join(", "),
        (false, more) => context.say(
            format!("{} and {more} more", named.join(", ")),
            format!("{}等另{more}个", named.join("、")),
        ),
    };
    let caption = context.say(
        format!(
            "{n} observations of the model's sample; bins by the rule of Freedman and Diaconis. Thin lines are Tukey's fences, \
             1.5 interquartile ranges beyond the quartiles; beyond them: {list}."
        ),
        format!(
            "模型样本的{n}个观测；组距按Freedman-Diaconis规则。细线为Tukey界限（四分位数之外1.5倍四分位距）；超出者：{list}。"
        ),
    );
    Ok(Some(Draft {
        kind: "distribution",
        title: context.say(format!("Distribution of {label}"), format!("{label}的分布")),
        caption,
        content: Content::Histogram(content),
    }))
}

/// Outcome and core variable given all else; the points that move the slope most are named.
fn added_variable(
    context: &Context<'_>,
    kept: &panelyst_model::Estimated,
    column: &Estimated,
    (rows, source): (&[usize], &str),
) -> Option<Draft> {
    let plot = kept.added_variable(&column.plan.core)?;
    if plot.x.len() != rows.len() || rows.len() > POINTS {
        return None;
    }
    let pull = |i: usize| (plot.x[i] * (plot.y[i] - plot.slope * plot.x[i])).abs();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| pull(*b).total_cmp(&pull(*a)));
    let marked: BTreeSet<usize> = order.iter().take(NAMED).copied().collect();
    let dots = rows.iter().enumerate().map(|(place, &row)| Dot {
        x: plot.x[place],
        y: plot.y[place],
        name: name(context, row),
        marked: marked.contains(&place),
    });
    let core = context.style.label(&column.plan.core);
    let outcome = context.style.label(&column.fit.outcome);
    let weights = match &context.study.model.weights {
        Some(weights) => context.say(
            format!(" Both are multiplied with the root of {weights}."),
            format!("两者均乘以{weights}的平方根。"),
        ),
        None => String::new(),
    };
    Some(Draft {
        kind: "added-variable",
        title: context.say(
            format!("Added-variable plot of {core}"),
            format!("{core}的偏回归图"),
        ),
        caption: context.say(
            format!(
                "{outcome} and {core} after all other regressors and effects were partialled out of both (Frisch, Waugh, Lovell); \
                 the slope is the coefficient, {:.6}. Named are the observations that move it most.{weights} {source}",
                plot.slope
            ),
            format!(
                "{outcome}与{core}均已剔除其他变量与效应的影响（Frisch-Waugh-Lovell定理），斜率即系数{:.6}。标出对系数影响最大的观测。{weights}{source}",
                plot.slope
            ),
        ),
        content: Content::Scatter(Scatter {
            x: context.say(format!("{core}, given all else"), format!("{core}（剔除其他因素）")),
            y: context.say(
                format!("{outcome}, given all else"),
                format!("{outcome}（剔除其他因素）"),
            ),
            slope: plot.slope,
            dots: dots.collect(),
        }),
    })
}

/// The core coefficient without each unit, sorted.
fn without_each(
    context: &Context<'_>,
    kept: &panelyst_model::Estimated,
    column: &Estimated,
    source: &str,
) -> Result<Option<Draft>, Error> {
    let unit = context.data.panel.unit_column();
    let found = match kept.without_each(unit, &column.plan.core) {
        Ok(found) => found,
        Err(panelyst_model::Error::Unsupported { .. }) => return Ok(None),
        Err(error) => return Err(model("leave-one-out")(error)),
    };
    let (Some(mut list), Some(own)) = (found, column.fit.coefficient(&column.plan.core)) else {
        return Ok(None);
    };
    // Those without an estimate come last.
    list.sort_by(|a, b| match (a.1, b.1) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let all = list.len();
    let far = |value: &Option<f64>| value.map_or(f64::INFINITY, |v| (v - own.estimate).abs());
    if all > UNITS {
        let mut order: Vec<f64> = list.iter().map(|(_, v)| far(v)).collect();
        order.sort_by(|a, b| b.total_cmp(a));
        let least = order[UNITS - 1];
        list.retain(|(_, value)| far(value) >= least);
        list.truncate(UNITS);
    }
    let mut ranked: Vec<f64> = list.iter().map(|(_, v)| far(v)).collect();
    ranked.sort_by(|a, b| b.total_cmp(a));
    let most = ranked.get(2).copied().unwrap_or(0.0);
    let shown = list.len();
    let rows = list
        .into_iter()
        .map(|(name, estimate)| Interval {
            marked: estimate.is_some() && far(&estimate) >= most,
            label: name,
            estimate,
            interval: None,
        })
        .collect();
    let core = context.style.label(&column.plan.core);
    let unit = context.style.label(unit);
    Ok(Some(Draft {
        kind: "leave-one-out",
        title: context.say(
            format!("Coefficient of {core} without each {unit}"),
            format!("逐一剔除{unit}后{core}的系数"),
        ),
        caption: context.say(
            format!(
                "Each point is the coefficient on the sample without that {unit}, every effect estimated anew; {shown} of {all} \
                 shown, the three that move it most in another colour. {source}"
            ),
            format!(
                "每点为剔除该{unit}后重新估计（含全部效应）的系数；共{all}个，显示{shown}个，影响最大的三个以另色标出。{source}"
            ),
        ),
        content: Content::Intervals(Intervals {
            axis: context.say("Coefficient", "系数"),
            rows,
            reference: Some((
                own.estimate,
                context.say(
                    format!("all: {:.4}", own.estimate),
                    format!("全样本：{:.4}", own.estimate),
                ),
            )),
            from_zero: false,
        }),
    }))
}

/// Residuals over their root mean square, by unit and period.
fn residuals(
    context: &Context<'_>,
    residuals: &[f64],
    rmse: f64,
    (rows, source): (&[usize], &str),
) -> Option<Draft> {
    if rmse.is_nan() || rmse <= 0.0 {
        return None;
    }
    let panel = &context.data.panel;
    let times: BTreeSet<i64> = rows.iter().map(|&row| panel.time_of(row)).collect();
    let columns: Vec<i64> = times.into_iter().collect();
    let mut squares = vec![0.0; panel.unit_names().len()];
    for (&row, value) in rows.iter().zip(residuals) {
        squares[panel.index().units()[row] as usize] += value * value;
    }
    let mut units: Vec<usize> = (0..squares.len()).filter(|u| squares[*u] > 0.0).collect();
    let all = units.len();
    units.sort_by(|a, b| squares[*b].total_cmp(&squares[*a]));
    units.truncate(UNITS);
    units.sort_unstable();
    let cells = rows.iter().zip(residuals).filter_map(|(&row, value)| {
        let unit = units
            .binary_search(&(panel.index().units()[row] as usize))
            .ok()?;
        let period = columns.binary_search(&panel.time_of(row)).ok()?;
        Some((unit, period, value / rmse))
    });
    let content = Grid {
        what: context.say("residual / root mean squared error", "残差÷均方根误差"),
        cells: cells.collect(),
        rows: units
            .iter()
            .map(|u| panel.unit_names()[*u].clone())
            .collect(),
        columns,
    };
    let shown = units.len();
    let (unit, time) = (
        context.style.label(panel.unit_column()),
        context.style.label(panel.time_column()),
    );
    Some(Draft {
        kind: "residuals",
        title: context.say(
            format!("Residuals by {unit} and {time}"),
            format!("各{unit}各{time}的残差"),
        ),
        caption: context.say(
            format!(
                "Blue below the fitted value, orange above; {shown} of {all} units, those with the largest residuals where there \
                 are more. {source}"
            ),
            format!("蓝色低于拟合值，橙色高于拟合值；共{all}个单位，显示{shown}个（超出时取残差最大者）。{source}"),
        ),
        content: Content::Grid(content),
    })
}
