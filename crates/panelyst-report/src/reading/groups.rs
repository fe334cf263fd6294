//! Groups: estimates in each, which differences are significant, and which only look so.
//!
//! That a coefficient is significant in one group and not in another is no evidence that the groups differ
//! (Gelman and Stern 2006, The American Statistician 60(4)): the difference itself has to be tested.

use panelyst_model::results::{Coefficient, GroupDifference};

use super::context::Context;
use super::input::GroupFacts;
use crate::builders::{FEW_CLUSTERS, Pair, fewest_clusters, p_words, pairs};
use crate::table::Lang;
use crate::words::list;

/// Estimates by group, differences, number of pairs, few clusters.
pub(super) fn groups(context: &Context<'_>) -> Vec<String> {
    let study = context.study;
    let mut parts = Vec::new();
    parts.extend(estimates(context));
    let pairs: Vec<Pair<'_>> = pairs(study.differences)
        .into_iter()
        .filter(|pair| pair.any().is_some_and(|row| row.term == study.core))
        .collect();
    let items: Vec<String> = pairs
        .iter()
        .filter_map(|pair| item(context, pair))
        .collect();
    if items.is_empty() {
        if study.groups.len() > 1 {
            parts.push(untested(context));
        }
    } else {
        let table = context.table(&study.tables.differences);
        parts.push(context.pick(
            format!("{table} tests the differences between the groups:"),
            format!("{table}对组间系数差异进行了检验："),
        ));
        parts.push(items.join("\n"));
    }
    parts.extend(many_pairs(context, &pairs));
    parts.extend(few_clusters(context));
    parts
}

fn of_group<'a>(context: &Context<'a>, group: &GroupFacts<'a>) -> Option<&'a Coefficient> {
    group.fit.coefficient(&context.study.core)
}

fn estimates(context: &Context<'_>) -> Option<String> {
    let each = context.study.groups.iter().filter_map(|group| {
        let coefficient = of_group(context, group)?;
        let name = context.label(&group.name);
        let value = context.number(coefficient.estimate);
        let evidence = context.evidence(group.fit, coefficient);
        let standing = context.standing(coefficient);
        Some(match context.lang {
            Lang::En => format!(
                "- {name}: {value}, {standing} ({evidence}, N = {}).",
                group.fit.nobs
            ),
            Lang::Zh => format!(
                "- {name}：{value}，{standing}（{evidence}，观测值{}个）。",
                group.fit.nobs
            ),
        })
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        return None;
    }
    let table = context.table(&context.study.tables.groups);
    let core = context.label(&context.study.core);
    let intro = context.pick(
        format!("{table} estimates the main specification by group. The coefficient of {core}:"),
        format!("{table}报告了分组回归结果，{core}的系数如下："),
    );
    Some(format!("{intro}\n\n{}", each.join("\n")))
}

fn untested(context: &Context<'_>) -> String {
    context.pick(
        "The differences between the groups were not tested; a coefficient that is significant in one group and not in another is no evidence of a difference.".to_owned(),
        "组间系数差异未作检验；系数在一组显著而在另一组不显著，并不能说明组间存在差异。".to_owned(),
    )
}

/// What a pair of groups shows.
fn item(context: &Context<'_>, pair: &Pair<'_>) -> Option<String> {
    let shared = pair.any()?;
    let lang = context.lang;
    let names = [
        context.label(&shared.groups[0]),
        context.label(&shared.groups[1]),
    ];
    let tests = [
        (pair.interaction, context.pick("interaction", "交互项检验")),
        (pair.permutation, context.pick("permutation", "置换检验")),
    ];
    let mut evidence = Vec::new();
    let mut verdicts = Vec::new();
    for (row, test) in tests {
        let Some(p) = row.and_then(|row| row.p_value) else {
            continue;
        };
        evidence.push(context.pick(
            format!("{test} {}", p_words(p)),
            format!("{test}{}", p_words(p)),
        ));
        verdicts.push((test, p < context.style.lenient()));
    }
    let head = match lang {
        Lang::En => format!("- {} and {}", names[0], names[1]),
        Lang::Zh => format!("- {}与{}", names[0], names[1]),
    };
    if verdicts.is_empty() {
        let why = shared.note.trim_end_matches('.');
        let why = why.strip_prefix("undefined: ").unwrap_or(why);
        return Some(match (lang, why) {
            (Lang::En, "") => format!("{head}: the difference could not be tested."),
            (Lang::En, why) => format!("{head}: the difference could not be tested ({why})."),
            (Lang::Zh, "") => format!("{head}：差异无法检验。"),
            (Lang::Zh, why) => format!("{head}：差异无法检验（{why}）。"),
        });
    }
    let evidence = evidence.join(context.pick(", ", "，"));
    let value = context.number(shared.difference);
    let level = context.level(context.style.lenient());
    let yes: Vec<&str> = verdicts
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|(test, _)| *test)
        .collect();
    let all = yes.len() == verdicts.len();
    let mut said = vec![match (lang, all, yes.is_empty()) {
        (Lang::En, true, _) => format!(
            "{head}: the difference of {value} is significant at the {level} level ({evidence})."
        ),
        (Lang::En, false, true) => format!(
            "{head}: the difference of {value} is not significant at the {level} level ({evidence})."
        ),
        (Lang::En, false, false) => format!(
            "{head}: the tests disagree on the difference of {value}; only the {} test finds it significant at the {level} level ({evidence}).",
            list(&yes, lang)
        ),
        (Lang::Zh, true, _) => {
            format!("{head}：系数差为{value}，在{level}水平上显著（{evidence}）。")
        }
        (Lang::Zh, false, true) => {
            format!("{head}：系数差为{value}，在{level}水平上不显著（{evidence}）。")
        }
        (Lang::Zh, false, false) => format!(
            "{head}：系数差为{value}，两种检验结论不一致，仅{}在{level}水平上显著（{evidence}）。",
            list(&yes, lang)
        ),
    }];
    if yes.is_empty() {
        said.extend(only_apparent(context, shared, &names));
    }
    Some(context.paragraph(said))
}

/// The sentence for `significant here, not there` where the difference itself is not significant.
fn only_apparent(
    context: &Context<'_>,
    shared: &GroupDifference,
    names: &[String; 2],
) -> Option<String> {
    let significant = |place: usize| {
        let group = context
            .study
            .groups
            .iter()
            .find(|group| group.name == shared.groups[place])?;
        of_group(context, group).map(|known| context.significant(known))
    };
    let (here, there) = match (significant(0)?, significant(1)?) {
        (true, false) => (&names[0], &names[1]),
        (false, true) => (&names[1], &names[0]),
        _ => return None,
    };
    Some(context.pick(
        format!("The coefficient is significant in {here} and not in {there}, but this is no evidence of a difference between the two."),
        format!("虽然系数在{here}显著、在{there}不显著，但这并不能作为两组存在差异的证据。"),
    ))
}

/// With several pairs, how many interaction tests survive a Bonferroni correction.
fn many_pairs(context: &Context<'_>, pairs: &[Pair<'_>]) -> Option<String> {
    let p_values: Vec<f64> = pairs
        .iter()
        .filter_map(|pair| pair.interaction.and_then(|row| row.p_value))
        .collect();
    let count = p_values.len();
    if count < 2 {
        return None;
    }
    let lenient = context.style.lenient();
    let found = p_values.iter().filter(|p| **p < lenient).count();
    if found == 0 {
        return None;
    }
    let kept = p_values
        .iter()
        .filter(|p| **p * (count as f64) < lenient)
        .count();
    let level = context.level(lenient);
    Some(context.pick(
        format!("{count} pairs were compared: {found} of the interaction tests are below {level}, {kept} after a Bonferroni correction."),
        format!("共比较{count}对组别：交互项检验中有{found}对在{level}水平上显著，经Bonferroni校正后为{kept}对。"),
    ))
}

/// Groups in which the covariance rests on few clusters.
fn few_clusters(context: &Context<'_>) -> Option<String> {
    let few = context.study.groups.iter().filter_map(|group| {
        let count = fewest_clusters(group.fit)?;
        let name = context.label(&group.name);
        (count < FEW_CLUSTERS)
            .then(|| context.pick(format!("{name} ({count})"), format!("{name}（{count}个）")))
    });
    let few: Vec<String> = few.collect();
    if few.is_empty() {
        return None;
    }
    let names = list(&few, context.lang);
    Some(context.pick(
        format!("Clusters are few in {names}; tests within these groups reject too often, and their stars should be read with caution."),
        format!("{names}的聚类数过少，组内检验容易过度拒绝原假设，其显著性应谨慎解读。"),
    ))
}
