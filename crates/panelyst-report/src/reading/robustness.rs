//! Robustness variants against the main column: same sign, significant or not.

use panelyst_model::results::Coefficient;

use super::context::Context;
use super::input::{Sign, VariantFacts};
use crate::table::Lang;

/// One item a variant and a count over all of them.
pub(super) fn robustness(context: &Context<'_>) -> Vec<String> {
    let variants = &context.study.robustness;
    let Some((_, _, main)) = context.main() else {
        return Vec::new();
    };
    if variants.is_empty() {
        return Vec::new();
    }
    let found: Vec<(&VariantFacts<'_>, Option<&Coefficient>)> = variants
        .iter()
        .map(|variant| (variant, variant.fit.coefficient(&variant.term)))
        .collect();
    let items: Vec<String> = found
        .iter()
        .map(|(variant, coefficient)| match coefficient {
            Some(coefficient) => item(context, variant, coefficient, main),
            None => without(context, variant),
        })
        .collect();
    let estimates: Vec<&Coefficient> = found.iter().filter_map(|(_, known)| *known).collect();
    let table = context.table(&context.study.tables.robustness);
    let core = context.label(&context.study.core);
    let intro = context.pick(
        format!("{table} varies the main specification; the coefficient that stands for {core} is compared with the main result:"),
        format!("{table}改变主回归的设定，将{core}（或其替代变量）的系数与主回归相比较："),
    );
    let mut parts = vec![intro, items.join("\n")];
    parts.extend(summary(context, &estimates, main));
    parts
}

fn item(
    context: &Context<'_>,
    variant: &VariantFacts<'_>,
    coefficient: &Coefficient,
    main: &Coefficient,
) -> String {
    let term = context.label(&variant.term);
    let value = context.number(coefficient.estimate);
    let evidence = context.evidence(variant.fit, coefficient);
    let significance = context.significance(coefficient);
    let same = Sign::of(coefficient.estimate) == Sign::of(main.estimate);
    let nobs = variant.fit.nobs;
    let description = &variant.description;
    let outcome = if variant.fit.outcome
        == context.study.baseline[context.study.baseline.len() - 1]
            .fit
            .outcome
    {
        String::new()
    } else {
        let outcome = context.label(&variant.fit.outcome);
        context.pick(
            format!(", outcome {outcome}"),
            format!("，被解释变量为{outcome}"),
        )
    };
    match context.lang {
        Lang::En => {
            let sign = if same {
                "same sign as"
            } else {
                "opposite sign to"
            };
            format!(
                "- {}{outcome}: the coefficient of {term} is {value} ({evidence}, N = {nobs}), {sign} the main result, {significance}.",
                crate::words::capital(description)
            )
        }
        Lang::Zh => {
            let sign = if same {
                "符号与主回归一致"
            } else {
                "符号与主回归相反"
            };
            format!(
                "- {description}{outcome}：{term}的系数为{value}（{evidence}，观测值{nobs}个），{sign}，{significance}。"
            )
        }
    }
}

fn without(context: &Context<'_>, variant: &VariantFacts<'_>) -> String {
    let (description, term) = (&variant.description, context.label(&variant.term));
    context.pick(
        format!(
            "- {}: {term} has no coefficient there.",
            crate::words::capital(description)
        ),
        format!("- {description}：模型中没有{term}的系数。"),
    )
}

/// How many variants keep sign and significance; whether that agrees with the main result.
fn summary(
    context: &Context<'_>,
    estimates: &[&Coefficient],
    main: &Coefficient,
) -> Option<String> {
    let total = estimates.len();
    if total == 0 {
        return None;
    }
    let same = |known: &&&Coefficient| Sign::of(known.estimate) == Sign::of(main.estimate);
    let signs = estimates.iter().filter(same).count();
    let both = estimates
        .iter()
        .filter(same)
        .filter(|known| context.significant(known))
        .count();
    let level = context.level(context.style.lenient());
    let counted = context.pick(
        format!("Of {total} variant{}, {signs} keep{} the sign of the main result, and {both} of these {} significant at the {level} level.",
            if total == 1 { "" } else { "s" },
            if signs == 1 { "s" } else { "" },
            if both == 1 { "is" } else { "are" }),
        format!("{total}种稳健性检验中，{signs}种与主回归符号一致，其中{both}种在{level}水平上显著。"),
    );
    let (en, zh) = match (context.significant(main), both == total) {
        (true, true) => (
            "The main result does not hinge on these choices.",
            "主回归的结论不依赖于上述设定。",
        ),
        (true, false) => (
            "The main result thus depends on these choices and should not be called robust without saying where it fails.",
            "因此，主回归的结论依赖于设定的选择，不宜笼统地称为稳健。",
        ),
        (false, _) => (
            "The main result itself is not significant, so that these variants cannot confirm it.",
            "主回归的系数本身并不显著，上述检验无从加以印证。",
        ),
    };
    Some(context.paragraph([counted, context.pick(en, zh).to_owned()]))
}
