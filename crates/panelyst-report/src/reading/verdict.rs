//! The hypothesis and what the main column says about it.

use panelyst_model::results::Coefficient;

use super::context::Context;
use super::input::Sign;
use crate::builders::{FEW_CLUSTERS, MODERATE_CLUSTERS, fewest_clusters};
use crate::table::Lang;

/// Hypothesis, verdict, its limits.
pub(super) fn verdict(context: &Context<'_>) -> Vec<String> {
    let (Some(hypothesis), Some((place, fit, coefficient))) =
        (&context.study.hypothesis, context.main())
    else {
        return Vec::new();
    };
    let evidence = context.evidence(fit, coefficient);
    let stated = context.pick(
        format!("Hypothesis: {}.", hypothesis.text),
        format!("研究假设：{}。", hypothesis.text),
    );
    let judged = judgement(context, place, hypothesis.sign, coefficient, &evidence);
    let mut said = vec![stated, judged];
    if context.significant(coefficient) {
        said.push(association(context));
    }
    said.extend(cluster_caution(context, fewest_clusters(fit)));
    vec![context.paragraph(said)]
}

fn judgement(
    context: &Context<'_>,
    place: usize,
    expected: Sign,
    coefficient: &Coefficient,
    evidence: &str,
) -> String {
    let column = context.column(place);
    let core = context.label(&context.study.core);
    let sign = context.sign(Sign::of(coefficient.estimate));
    let significance = context.significance(coefficient);
    if coefficient.p_value.is_nan() {
        return context.pick(
            format!("The data do not decide it: the coefficient of {core} in {column} is {sign}, but {significance} ({evidence})."),
            format!("数据无法判断该假设：{column}中{core}的系数{sign}，但{significance}（{evidence}）。"),
        );
    }
    let as_expected = Sign::of(coefficient.estimate) == expected;
    match (context.lang, as_expected, context.significant(coefficient)) {
        (Lang::En, true, true) => format!(
            "The estimate in {column} is in line with it: the coefficient of {core} is {sign}, as expected, and {significance} ({evidence})."
        ),
        (Lang::En, true, false) => format!(
            "The data do not support it: the coefficient of {core} in {column} is {sign}, as expected, but {significance} ({evidence})."
        ),
        (Lang::En, false, true) => format!(
            "The data contradict it: the coefficient of {core} in {column} is {sign}, against expectation, and {significance} ({evidence})."
        ),
        (Lang::En, false, false) => format!(
            "The data do not support it: the coefficient of {core} in {column} is {sign}, against expectation, and {significance} ({evidence})."
        ),
        (Lang::Zh, true, true) => format!(
            "{column}的估计结果与该假设一致：{core}的系数{sign}，符号与预期相符，且{significance}（{evidence}）。"
        ),
        (Lang::Zh, true, false) => format!(
            "数据不支持该假设：{column}中{core}的系数{sign}，符号与预期相符，但{significance}（{evidence}）。"
        ),
        (Lang::Zh, false, true) => format!(
            "数据与该假设相悖：{column}中{core}的系数{sign}，符号与预期相反，且{significance}（{evidence}）。"
        ),
        (Lang::Zh, false, false) => format!(
            "数据不支持该假设：{column}中{core}的系数{sign}，符号与预期相反，且{significance}（{evidence}）。"
        ),
    }
}

fn association(context: &Context<'_>) -> String {
    context.pick(
        "This is an association given the other regressors and effects of the column; by itself it does not show a causal effect.".to_owned(),
        "上述结果反映的是控制其他变量与固定效应后的相关关系，其本身并不足以说明因果效应。".to_owned(),
    )
}

/// A caution where tests rest on few or moderately many clusters.
pub(super) fn cluster_caution(context: &Context<'_>, clusters: Option<u64>) -> Option<String> {
    let count = clusters?;
    if count < FEW_CLUSTERS {
        return Some(context.pick(
            format!("With only {count} clusters, cluster-robust tests reject too often; the p-values are likely too small."),
            format!("由于聚类数仅为{count}个，基于聚类稳健标准误的检验容易过度拒绝原假设，p值可能偏小。"),
        ));
    }
    (count < MODERATE_CLUSTERS).then(|| {
        context.pick(
            format!(
                "With {count} clusters, p-values close to a threshold should be read with care."
            ),
            format!("聚类数为{count}个，对接近临界水平的p值应谨慎解读。"),
        )
    })
}
