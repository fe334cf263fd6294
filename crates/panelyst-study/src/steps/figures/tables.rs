//! Figures of tables: coefficients over columns and groups, specification curves.

use super::{Context, Draft};
use crate::steps::estimates::Estimated;
use crate::steps::reading::heading;
use crate::steps::tables::{Made, Results};
use panelyst_report::builders::{choice_words, option_words};
use panelyst_report::curve::SpecificationCurve;
use panelyst_report::figures::{Content, Curve, Interval, Intervals};

pub(super) fn drafts(context: &Context<'_>, made: &[Made]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for one in made {
        match &one.results {
            Results::Baseline(columns) | Results::Robustness(columns) => {
                let named: Vec<(String, &Estimated)> = columns
                    .iter()
                    .map(|column| (heading(context.study, context.style, &column.plan), column))
                    .collect();
                drafts.extend(coefficients(context, one, &named, false));
            }
            Results::Heterogeneity { groups, .. } => {
                let named: Vec<(String, &Estimated)> = groups
                    .iter()
                    .map(|(group, column)| (context.style.label(group), column))
                    .collect();
                drafts.extend(coefficients(context, one, &named, true));
            }
            Results::SpecificationCurve(found) => drafts.extend(curve(context, one, found)),
            _ => {}
        }
    }
    drafts
}

/// The core coefficient in each column of a table with its 95 % interval.
fn coefficients(
    context: &Context<'_>,
    made: &Made,
    columns: &[(String, &Estimated)],
    groups: bool,
) -> Option<Draft> {
    let term = |column: &Estimated| column.plan.core.clone();
    let first = term(columns.first()?.1);
    let same = columns.iter().all(|(_, column)| term(column) == first);
    let mut rows = Vec::with_capacity(columns.len());
    let mut sources = Vec::new();
    for (place, (words, column)) in columns.iter().enumerate() {
        let number = place + 1;
        let core = context.style.label(&term(column));
        let label = match (groups, words.is_empty()) {
            (true, _) => words.clone(),
            (false, true) => format!("({number}) {core}"),
            (false, false) => format!("({number}) {words}"),
        };
        let found = column.fit.coefficient(&term(column));
        let number = |v: f64| v.is_finite().then_some(v);
        rows.push(Interval {
            label,
            estimate: found.and_then(|c| number(c.estimate)),
            interval: found
                .map(|c| (c.ci_low, c.ci_high))
                .filter(|(low, high)| !low.is_nan() && !high.is_nan()),
            marked: false,
        });
        let at = format!("({}) ", place + 1);
        let at = if groups { format!("{words}: ") } else { at };
        sources.push(format!("{at}{}", context.source(&column.fit)));
    }
    rows.iter()
        .any(|row| row.estimate.is_some())
        .then_some(())?;
    let table = &made.label;
    let core = context.style.label(&first);
    let what = match (groups, same) {
        (true, _) => context.say(
            format!("Coefficient of {core} by group, as in {table}"),
            format!("各组{core}的系数（同{table}）"),
        ),
        (false, true) => context.say(
            format!("Coefficient of {core} in the columns of {table}"),
            format!("{table}各列中{core}的系数"),
        ),
        (false, false) => context.say(
            format!("Coefficients of the core variable in the columns of {table}"),
            format!("{table}各列中核心变量的系数"),
        ),
    };
    let how = context.say(
        "Points are estimates, bars 95 % intervals: estimate ± critical value × standard error, with the degrees of freedom of \
         the column's own tests.",
        "点为估计值，线段为95%置信区间：估计值±临界值×标准误，自由度同该列检验。",
    );
    Some(Draft {
        kind: if groups { "groups" } else { "coefficients" },
        title: what,
        caption: format!("{how} {}", sources.join(" ")),
        content: Content::Intervals(Intervals {
            axis: context.say("Coefficient and 95 % interval", "系数与95%置信区间"),
            rows,
            reference: None,
            from_zero: true,
        }),
    })
}

/// A specification curve with the choices that have several options.
fn curve(context: &Context<'_>, made: &Made, found: &SpecificationCurve) -> Option<Draft> {
    let (style, table) = (context.style, &made.label);
    let rows: Vec<_> = found
        .specifications
        .iter()
        .filter(|row| row.estimate.is_some())
        .cloned()
        .collect();
    if rows.is_empty() {
        return None;
    }
    let choices = found
        .choices
        .iter()
        .enumerate()
        .filter(|(_, choice)| choice.options.len() > 1)
        .map(|(place, choice)| {
            let words = choice_words(choice, style);
            let options = choice.options.iter().enumerate();
            let options = options.map(|(option, _)| option_words(choice, option, style));
            (words, place, options.collect())
        })
        .collect();
    let content = Curve {
        axis: context.say("Coefficient and 95 % interval", "系数与95%置信区间"),
        rows,
        choices,
        level: style.lenient(),
    };
    let (all, shown) = (content.rows.len(), content.drawn().len());
    let refused = found.specifications.len() - all;
    let caption = context.say(
        format!(
            "{shown} of {all} estimates in ascending order, with 95 % intervals; below each, the options taken. {refused} \
             combinations gave no estimate. p-values are not corrected for the number of specifications."
        ),
        format!(
            "按升序排列的{all}个估计值中的{shown}个及其95%置信区间；下方为各自的设定。{refused}个组合无估计值。p值未按设定数目校正。"
        ),
    );
    Some(Draft {
        kind: "specification-curve",
        title: context.say(
            format!("Specification curve of {table}"),
            format!("{table}的设定曲线"),
        ),
        caption,
        content: Content::Curve(content),
    })
}
