//! Pitfalls of samples, groups and words: lags, subsamples, claims without a test, names with several meanings.

use super::Facts;
use super::expressions::{any, is_lag, made_with};
use super::facts::Column;
use crate::plan::Sign;
use crate::steps::estimates::observations;
use crate::steps::tables::Results;
use panelyst_lang::ast::Factor;
use panelyst_lang::ast::{Expr, ExprKind};

/// Columns with a lag that use rows of the panel's first period, which has none before it.
pub(super) fn lag_without_loss(facts: &Facts<'_>) -> Vec<String> {
    let panel = &facts.data.panel;
    let first = panel.report().first;
    let mut columns: Vec<Column<'_>> = Vec::new();
    let mut rows = 0;
    for column in &facts.columns {
        let estimated = column.estimated;
        let typed = estimated
            .plan
            .formula
            .regressors
            .iter()
            .flat_map(|t| &t.factors);
        let lagged = typed
            .filter_map(|factor| match factor {
                Factor::Expr(expr) => Some(expr),
                Factor::Levels { .. } => None,
            })
            .any(|expr| any(expr, &is_lag) || lagged_inside(facts, expr));
        let early = estimated.fit.rows_used.iter();
        let early = early.filter(|row| panel.time_of(*row) == first).count();
        if lagged && early > 0 {
            rows = rows.max(early);
            columns.push(*column);
        }
    }
    if columns.is_empty() {
        return Vec::new();
    }
    let places = facts.places(&columns);
    vec![facts.pick(
        format!("{places}: a regressor is lagged, and {rows} rows of {first}, which has no period before it, are in the sample: the lag was filled."),
        format!("{places}：含滞后变量，但样本仍包含{first}年的{rows}个观测，该年之前并无数据，滞后值应为插补所得。"),
    )]
}

/// Whether an expression uses a variable that is a lag.
fn lagged_inside(facts: &Facts<'_>, expr: &Expr) -> bool {
    let lag = |kind: &ExprKind| is_lag(kind);
    expr.columns().iter().any(|name| {
        let variable = facts.study.variable(name);
        variable.is_some_and(|v| made_with(facts.study, v, &lag))
    })
}

/// Subsamples whose rows are not together those of the whole.
pub(super) fn subsamples(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (table, made) in facts.made.iter().enumerate() {
        if !matches!(made.results, Results::Heterogeneity { .. }) {
            continue;
        }
        let groups = facts.of_table(table);
        let Some(first) = groups.first() else {
            continue;
        };
        let whole = facts.columns.iter().find(|c| {
            let plan = &c.estimated.plan;
            c.group.is_none()
                && c.estimated.fit.formula == first.estimated.fit.formula
                && plan.condition.is_none()
                && plan.variant.drop_units.is_empty()
                && plan.variant.drop_periods.is_empty()
                && !plan.variant.drop_filled
        });
        let sum: usize = groups.iter().map(|c| c.estimated.fit.nobs).sum();
        // Where no table prints the full model its rows are counted.
        let (all, place) = match whole {
            Some(whole) => (Some(whole.estimated.fit.nobs), facts.places(&[*whole])),
            None => {
                let plan = &first.estimated.plan;
                let place = facts.pick("not printed", "未列出").to_owned();
                (observations(facts.study, facts.data, plan), place)
            }
        };
        if let Some(all) = all.filter(|all| *all != sum) {
            let parts: Vec<String> = groups
                .iter()
                .map(|c| c.estimated.fit.nobs.to_string())
                .collect();
            let (label, parts) = (&made.label, parts.join(" + "));
            found.push(facts.pick(
                format!("{label}: the groups have {parts} = {sum} observations, and the whole ({place}) has {all}."),
                format!("{label}：各组观测数为{parts} = {sum}，而全样本（{place}）为{all}。"),
            ));
        }
    }
    found
}

/// Below this number, clustered errors of a subsample have little to go on. Cameron and Miller (2015, section VI) put
/// "few" between 20 and 50.
const FEW_IN_GROUP: u64 = 20;

/// Groups with few clusters.
pub(super) fn few_clusters_in_group(facts: &Facts<'_>) -> Vec<String> {
    let few = |c: &Column<'_>| {
        let clusters = c.estimated.fit.vcov.clusters.values();
        clusters.filter_map(serde_json::Value::as_u64).min()
    };
    let counted = facts.columns.iter().filter(|c| c.group.is_some());
    let columns: Vec<(Column<'_>, u64)> = counted
        .filter_map(|c| Some((*c, few(c)?)))
        .filter(|(c, count)| {
            let kind = &c.estimated.fit.vcov.kind;
            // Those made for few clusters are the remedy.
            *count < FEW_IN_GROUP && kind.starts_with("cluster")
        })
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let only: Vec<Column<'_>> = columns.iter().map(|(c, _)| *c).collect();
    let counts: Vec<String> = columns
        .iter()
        .map(|(c, count)| format!("{} {count}", c.group.unwrap_or_default()))
        .collect();
    let (places, counts) = (facts.places(&only), facts.list(&counts));
    vec![facts.pick(
        format!("{places}: errors are clustered on few clusters ({counts}); stars overstate what such subsamples can show."),
        format!("{places}：聚类数过少（{counts}），星号会高估分组样本的显著性。"),
    )]
}

/// Subsamples beside each other without a test of their difference.
pub(super) fn difference_untested(facts: &Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let tested = facts.made.iter().any(|made| match &made.results {
        Results::Heterogeneity { differences, .. } => {
            differences.iter().any(|d| d.p_value.is_some())
        }
        _ => false,
    });
    for (table, made) in facts.made.iter().enumerate() {
        let label = &made.label;
        if let Results::Heterogeneity {
            groups,
            differences,
            ..
        } = &made.results
        {
            if groups.len() > 1 && differences.iter().all(|d| d.p_value.is_none()) {
                found.push(facts.pick(
                    format!("{label}: groups stand beside each other, and no test of their difference is defined."),
                    format!("{label}：分组结果并列，但没有可用的组间差异检验。"),
                ));
            }
            continue;
        }
        let columns = facts.of_table(table);
        let split: Vec<Column<'_>> = columns
            .iter()
            .copied()
            .filter(|a| {
                columns.iter().any(|b| {
                    a.place != b.place
                        && a.estimated.fit.formula == b.estimated.fit.formula
                        && disjoint(a, b)
                })
            })
            .collect();
        if split.len() > 1 && !tested {
            let places = facts.places(&split);
            found.push(facts.pick(
                format!("{places}: the same model stands on samples without a row in common, and no table tests the difference."),
                format!("{places}：同一模型分别在互不重叠的样本上估计，但没有检验其系数差异。"),
            ));
        }
    }
    found
}

/// Whether two columns have no row in common.
fn disjoint(a: &Column<'_>, b: &Column<'_>) -> bool {
    let rows = a.estimated.fit.rows_used.to_vec();
    let mut others = b.estimated.fit.rows_used.iter();
    !others.any(|row| rows.binary_search(&row).is_ok())
}

/// Words of the study that are printed: title, hypothesis, titles and headings.
fn texts(facts: &Facts<'_>) -> Vec<String> {
    let lang = facts.study.settings.lang;
    let mut texts: Vec<String> = Vec::new();
    let hypothesis = facts
        .study
        .hypothesis
        .as_ref()
        .and_then(|h| h.text.as_ref());
    let titles = facts.study.tables.iter().filter_map(|t| t.title.as_ref());
    let headings = facts
        .columns
        .iter()
        .filter_map(|c| c.estimated.plan.heading.as_ref());
    for text in hypothesis.into_iter().chain(titles).chain(headings) {
        let text = text.get(lang).to_owned();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// "LR" without saying which of the three.
pub(super) fn meanings_of_lr(facts: &Facts<'_>) -> Vec<String> {
    let named = |text: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let lr = words.any(|w| w == "LR") || text.to_lowercase().contains("likelihood ratio");
        let small = text.to_lowercase();
        let said = ["against", "pooled", "redundant", "random", "heterosk"];
        let said_zh = ["混合", "固定效应", "随机", "异方差"];
        (lr || text.contains("似然比"))
            && !said.iter().any(|w| small.contains(w))
            && !said_zh.iter().any(|w| text.contains(w))
    };
    quoted(facts, named, |found| {
        (
            format!("{found} speaks of LR, a name that three tests share."),
            format!("{found}提到LR检验，而这一名称有三种不同的含义。"),
        )
    })
}

/// One sentence, in English and Chinese, about the texts of a study that are named.
fn quoted(
    facts: &Facts<'_>,
    named: impl Fn(&str) -> bool,
    sentence: impl Fn(&str) -> (String, String),
) -> Vec<String> {
    let texts = texts(facts);
    let found = texts.iter().filter(|text| named(text));
    let found: Vec<String> = found.map(|t| format!("\"{t}\"")).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let (en, zh) = sentence(&facts.list(&found));
    vec![facts.pick(en, zh)]
}

/// A test named with its value and without its degrees of freedom.
pub(super) fn test_without_df(facts: &Facts<'_>) -> Vec<String> {
    quoted(facts, lacks_df, |found| {
        (
            format!("{found} gives the value of a test without its degrees of freedom."),
            format!("{found}给出了检验统计量的值，但未注明自由度。"),
        )
    })
}

/// Whether a text names a test, says `= number`, and says no degrees of freedom.
fn lacks_df(text: &str) -> bool {
    let small = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let named = words.any(|w| matches!(w, "LR" | "LM"))
        || [
            "hausman",
            "lagrange",
            "likelihood ratio",
            "豪斯曼",
            "似然比",
        ]
        .iter()
        .any(|name| small.contains(name));
    let plain: String = small.chars().filter(|c| !c.is_whitespace()).collect();
    let valued = plain.split(['=', '＝', '为']).skip(1).any(|rest| {
        let number = rest.strip_prefix('-').unwrap_or(rest);
        number.starts_with(|c: char| c.is_ascii_digit())
    });
    let said = [
        "df",
        "d.f.",
        "chi2(",
        "χ2(",
        "χ²(",
        "f(",
        "degrees",
        "自由度",
    ];
    named && valued && !said.iter().any(|word| plain.contains(word))
}

/// Words of a hypothesis that speak of an effect above and below zero.
const RAISES: &[&str] = &[
    "positive", "promote", "increase", "raise", "attract", "foster", "促进", "提高", "正向", "推动",
];
const LOWERS: &[&str] = &[
    "negative", "reduce", "decrease", "lower", "deter", "inhibit", "抑制", "降低", "负向", "阻碍",
];

/// The words of a hypothesis against the sign that it is read with.
pub(super) fn hypothesis_sign(facts: &Facts<'_>) -> Vec<String> {
    let Some(hypothesis) = &facts.study.hypothesis else {
        return Vec::new();
    };
    let Some(text) = &hypothesis.text else {
        return Vec::new();
    };
    let text = text.get(facts.study.settings.lang);
    let small = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| small.contains(word));
    let contrary = match hypothesis.sign {
        Sign::Positive => has(LOWERS) && !has(RAISES),
        Sign::Negative => has(RAISES) && !has(LOWERS),
    };
    if !contrary {
        return Vec::new();
    }
    let (sign, sign_zh) = match hypothesis.sign {
        Sign::Positive => ("positive", "正"),
        Sign::Negative => ("negative", "负"),
    };
    vec![facts.pick(
        format!(
            "the hypothesis says \"{text}\", and the estimates are read against the sign {sign}."
        ),
        format!("假设为“{text}”，而结果按{sign_zh}号解读。"),
    )]
}

/// Levels of stars in a text, in order: `* p<0.1, ** p < 0.05`.
fn levels(text: &str) -> Vec<f64> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let parts = plain.to_ascii_lowercase();
    let numbers = parts.split("*p<").skip(1).filter_map(|rest| {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        rest[..end].trim_end_matches('.').parse().ok()
    });
    numbers.collect()
}

/// A legend of stars typed in a title or heading that is not that of the tables.
pub(super) fn stars_legend(facts: &Facts<'_>) -> Vec<String> {
    let stars = &facts.study.settings.stars;
    let differs = |text: &&String| {
        let levels = levels(text);
        !levels.is_empty() && {
            let (mut a, mut b) = (levels, stars.clone());
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            a != b
        }
    };
    let texts = texts(facts);
    let found: Vec<String> = texts
        .iter()
        .filter(differs)
        .map(|t| format!("\"{t}\""))
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let ours: Vec<String> = stars.iter().map(f64::to_string).collect();
    let (found, ours) = (facts.list(&found), facts.list(&ours));
    vec![facts.pick(
        format!("{found} gives other levels of stars than the tables ({ours})."),
        format!("{found}中的星号水平与各表（{ours}）不同。"),
    )]
}

#[cfg(test)]
mod tests {
    use super::{lacks_df, levels};

    #[test]
    fn legends_are_read_as_typed() {
        assert_eq!(
            levels("Effects (* p<0.1, ** p < 0.05, ***p<.01)"),
            [0.1, 0.05, 0.01]
        );
        assert_eq!(levels("Effects with p < 0.05"), Vec::<f64>::new());
    }

    #[test]
    fn values_of_tests_need_degrees_of_freedom() {
        for text in [
            "Fixed effects (Hausman = 23.4)",
            "LM=3.1",
            "豪斯曼检验值为23.4",
        ] {
            assert!(lacks_df(text), "{text}");
        }
        for text in [
            "Hausman chi2(3) = 23.4",
            "LR test, df = 30, LR = 12",
            "Hausman test",
            "Growth = 2.3 per cent",
            "豪斯曼检验值为23.4，自由度为3",
        ] {
            assert!(!lacks_df(text), "{text}");
        }
    }
}
