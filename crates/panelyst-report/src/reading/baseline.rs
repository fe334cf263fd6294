//! The baseline columns one by one: sign, level, what each column changes, the size of the main estimate, the controls.

use panelyst_model::Fit;
use panelyst_model::results::Coefficient;

use super::context::Context;
use super::input::Sign;
use super::size::size;
use crate::builders::vcov_words;
use crate::table::Lang;

/// A paragraph on the columns, one on the size, one on the controls.
pub(super) fn baseline(context: &Context<'_>) -> Vec<String> {
    let columns = &context.study.baseline;
    if columns.is_empty() {
        return Vec::new();
    }
    let mut said = Vec::new();
    let mut before: Option<(usize, &Fit, &Coefficient)> = None;
    for (place, column) in columns.iter().enumerate() {
        let Some(coefficient) = column.fit.coefficient(&context.study.core) else {
            said.push(absent(context, place));
            continue;
        };
        match before {
            Some(earlier) if earlier.1.outcome == column.fit.outcome => {
                said.extend(step(context, earlier, (place, column.fit, coefficient)));
            }
            _ => said.push(first(context, place, column.fit, coefficient)),
        }
        before = Some((place, column.fit, coefficient));
    }
    let mut parts = vec![context.paragraph(said)];
    parts.extend(main_size(context));
    parts.extend(controls(context));
    parts
}

fn absent(context: &Context<'_>, place: usize) -> String {
    let (column, core) = (context.column(place), context.label(&context.study.core));
    context.pick(
        format!(
            "{} does not contain {core}.",
            crate::words::capital(&column)
        ),
        format!("{column}未包含{core}。"),
    )
}

fn first(context: &Context<'_>, place: usize, fit: &Fit, coefficient: &Coefficient) -> String {
    let column = context.column(place);
    let table = context.table(&context.study.tables.baseline);
    let core = context.label(&context.study.core);
    let value = context.number(coefficient.estimate);
    let standing = context.standing(coefficient);
    let evidence = context.evidence(fit, coefficient);
    match context.lang {
        Lang::En => format!(
            "{table} reports the baseline. In {column} the coefficient of {core} is {value}, {standing} ({evidence})."
        ),
        Lang::Zh => format!(
            "{table}报告了基准回归结果。{column}中，{core}的系数为{value}，{standing}（{evidence}）。"
        ),
    }
}

/// What a column changes against the one before, and what becomes of the coefficient.
fn step(
    context: &Context<'_>,
    earlier: (usize, &Fit, &Coefficient),
    later: (usize, &Fit, &Coefficient),
) -> Vec<String> {
    let (place, fit, coefficient) = later;
    let column = context.column(place);
    let change = changes(context, earlier.1, fit);
    let moved = moved(context, earlier.2, coefficient);
    let turned = turned(context, earlier.2, coefficient);
    let evidence = context.evidence(fit, coefficient);
    let mut said = vec![match context.lang {
        Lang::En => format!(
            "{} {change}: the coefficient {moved} {turned} ({evidence}).",
            crate::words::capital(&column)
        ),
        Lang::Zh => format!("{column}{change}，系数{moved}，{turned}（{evidence}）。"),
    }];
    let (old, new) = (
        vcov_words(earlier.1, &context.style),
        vcov_words(fit, &context.style),
    );
    if earlier.1.vcov.kind != fit.vcov.kind {
        said.push(context.pick(
            format!("The standard errors change with it, from {old} to {new}, so that the two p-values do not rest on the same footing."),
            format!("标准误类型也由{old}变为{new}，两列的显著性不宜直接比较。"),
        ));
    }
    if earlier.1.nobs != fit.nobs {
        let (old, new) = (earlier.1.nobs, fit.nobs);
        said.push(context.pick(
            format!("The number of observations changes from {old} to {new}."),
            format!("观测值由{old}个变为{new}个。"),
        ));
    }
    said
}

/// Terms and effects that enter or leave, as a verb phrase.
fn changes(context: &Context<'_>, old: &Fit, new: &Fit) -> String {
    let terms = |fit: &Fit| -> Vec<String> {
        let slopes = fit
            .coefficients
            .iter()
            .filter(|known| known.term != "_cons");
        slopes.map(|known| known.term.clone()).collect()
    };
    let effects = |fit: &Fit| -> Vec<String> {
        fit.fixed_effects
            .iter()
            .map(|effect| effect.name.clone())
            .collect()
    };
    let missing = |from: &[String], of: &[String]| -> Vec<String> {
        of.iter()
            .filter(|name| !from.contains(name))
            .cloned()
            .collect()
    };
    let (old_terms, new_terms) = (terms(old), terms(new));
    let (old_effects, new_effects) = (effects(old), effects(new));
    let added = missing(&old_terms, &new_terms);
    let removed = missing(&new_terms, &old_terms);
    let entered = missing(&old_effects, &new_effects);
    let left = missing(&new_effects, &old_effects);
    let mut phrases = Vec::new();
    if !added.is_empty() {
        let names = context.labels(&added);
        phrases.push(context.pick(format!("adds {names}"), format!("加入{names}")));
    }
    if !entered.is_empty() {
        let names = context.labels(&entered);
        phrases.push(context.pick(
            format!("adds fixed effects of {names}"),
            format!("进一步控制{names}固定效应"),
        ));
    }
    if !removed.is_empty() {
        let names = context.labels(&removed);
        phrases.push(context.pick(format!("leaves out {names}"), format!("去掉{names}")));
    }
    if !left.is_empty() {
        let names = context.labels(&left);
        phrases.push(context.pick(
            format!("leaves out the fixed effects of {names}"),
            format!("去掉{names}固定效应"),
        ));
    }
    if phrases.is_empty() && old.model != new.model {
        phrases.push(context.pick(
            "changes the estimator".to_owned(),
            "改变估计方法".to_owned(),
        ));
    }
    if phrases.is_empty() {
        phrases.push(context.pick(
            "keeps the regressors".to_owned(),
            "保持解释变量不变".to_owned(),
        ));
    }
    match context.lang {
        Lang::En => crate::words::list(&phrases, context.lang),
        Lang::Zh => phrases.join("，"),
    }
}

/// The move of the coefficient as printed, and its sign where that turns.
fn moved(context: &Context<'_>, old: &Coefficient, new: &Coefficient) -> String {
    let (from, to) = (context.number(old.estimate), context.number(new.estimate));
    let sign = context.sign(Sign::of(new.estimate));
    let turns = Sign::of(old.estimate) != Sign::of(new.estimate);
    let (en, zh) = if from == to {
        (format!("stays at {to}"), format!("仍为{to}"))
    } else if new.estimate > old.estimate {
        (
            format!("rises from {from} to {to}"),
            format!("由{from}升至{to}"),
        )
    } else {
        (
            format!("falls from {from} to {to}"),
            format!("由{from}降至{to}"),
        )
    };
    if turns {
        context.pick(
            format!("{en}, turns {sign}"),
            format!("{zh}，符号转{sign}",),
        )
    } else {
        context.pick(en, zh)
    }
}

/// What becomes of the level reached.
fn turned(context: &Context<'_>, old: &Coefficient, new: &Coefficient) -> String {
    let before = context.style.level_of(old.p_value);
    let after = context.style.level_of(new.p_value);
    let now = context.significance(new);
    match (before, after) {
        (Some(a), Some(b)) if a == b => {
            context.pick(format!("and stays {now}"), format!("仍{now}"))
        }
        (Some(a), Some(b)) => {
            let (level, reached) = (context.level(a), context.level(b));
            context.pick(
                format!("and is now {now} instead of {level}"),
                format!("显著性水平由{level}变为{reached}"),
            )
        }
        (Some(_), None) => {
            let level = context.level(context.style.lenient());
            context.pick(
                format!("and loses its significance at the {level} level"),
                format!("在{level}水平上不再显著"),
            )
        }
        (None, Some(_)) => context.pick(format!("and becomes {now}"), format!("变为{now}")),
        (None, None) => context.pick(format!("and remains {now}"), format!("依然{now}")),
    }
}

fn main_size(context: &Context<'_>) -> Option<String> {
    let (place, fit, coefficient) = context.main()?;
    let clause = size(
        context,
        &fit.outcome,
        &context.study.core,
        coefficient.estimate,
    )?;
    let column = context.column(place);
    let at_face_value = context.significant(coefficient) || coefficient.p_value.is_nan();
    Some(match (context.lang, at_face_value) {
        (Lang::En, true) => format!("Read in the units of the variables ({column}): {clause}."),
        (Lang::En, false) => format!(
            "The point estimate in {column} cannot be told apart from zero. Taken at its value: {clause}."
        ),
        (Lang::Zh, true) => format!("就经济含义而言（{column}）：{clause}。"),
        (Lang::Zh, false) => format!("{column}的点估计与零无显著差异；若按其数值解读：{clause}。"),
    })
}

/// The other regressors of the main column, by sign and significance.
fn controls(context: &Context<'_>) -> Option<String> {
    let (place, fit, _) = context.main()?;
    let others = fit
        .coefficients
        .iter()
        .filter(|known| known.term != "_cons" && known.term != context.study.core);
    let (mut positive, mut negative, mut neither) = (Vec::new(), Vec::new(), Vec::new());
    for other in others {
        let (significant, sign) = (context.significant(other), Sign::of(other.estimate));
        match (significant, sign) {
            (true, Sign::Positive) => positive.push(other.term.as_str()),
            (true, Sign::Negative) => negative.push(other.term.as_str()),
            (false, _) => neither.push(other.term.as_str()),
        }
    }
    let level = context.level(context.style.lenient());
    let mut phrases = Vec::new();
    if !positive.is_empty() {
        let names = context.labels(&positive);
        phrases.push(context.pick(
            format!("{names}: positive and significant at the {level} level"),
            format!("{names}的系数在{level}水平上显著为正"),
        ));
    }
    if !negative.is_empty() {
        let names = context.labels(&negative);
        phrases.push(context.pick(
            format!("{names}: negative and significant at the {level} level"),
            format!("{names}的系数在{level}水平上显著为负"),
        ));
    }
    if !neither.is_empty() {
        let names = context.labels(&neither);
        phrases.push(context.pick(
            format!("{names}: not significant at the {level} level"),
            format!("{names}的系数在{level}水平上不显著"),
        ));
    }
    let column = context.column(place);
    (!phrases.is_empty()).then(|| match context.lang {
        Lang::En => format!("Other regressors of {column}: {}.", phrases.join("; ")),
        Lang::Zh => format!("{column}的其他解释变量中，{}。", phrases.join("；")),
    })
}
