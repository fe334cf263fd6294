//! Tests of model choice in words: which nulls are rejected, and what follows for pooled, random and fixed effects.

use panelyst_model::results::TestRow;

use super::context::Context;
use crate::builders::{distribution_words, null_words, p_words, test_words};
use crate::numbers;
use crate::table::{Digits, Lang};
use crate::words::list;

/// One paragraph on the tests of effects, one on the Hausman forms, one on what decides.
pub(super) fn choice(context: &Context<'_>) -> Vec<String> {
    let tests = context.study.tests;
    if tests.is_empty() {
        return Vec::new();
    }
    let (hausman, effects): (Vec<&TestRow>, Vec<&TestRow>) =
        tests.iter().partition(|row| row.test == "hausman");
    let mut parts = vec![intro(context)];
    let all: Vec<&TestRow> = effects.iter().chain(&hausman).copied().collect();
    let each: Vec<String> = all.iter().map(|row| item(context, row)).collect();
    parts.push(each.join("\n"));
    parts.extend(hausman_words(context, &hausman));
    parts
}

fn intro(context: &Context<'_>) -> String {
    let table = context.table(&context.study.tables.tests);
    context.pick(
        format!("{table} gives the tests; decisions are at the 5% level."),
        format!("{table}报告了模型选择检验的结果，均以5%为显著性水平。"),
    )
}

/// What one test says.
fn item(context: &Context<'_>, row: &TestRow) -> String {
    let lang = context.lang;
    let (name, null) = (test_words(row, lang), null_words(row, lang));
    let (Some(_), Some(_)) = (row.statistic, row.p_value) else {
        return match (lang, row.note.as_str()) {
            (Lang::En, "") => format!("- {name}: undefined, no p-value is given."),
            (Lang::En, why) => {
                let why = why.trim_end_matches('.');
                format!("- {name}: undefined, no p-value is given ({why}).")
            }
            (Lang::Zh, "") => format!("- {name}：统计量无定义，不报告p值。"),
            (Lang::Zh, why) => {
                let why = if why.contains("positive definite") {
                    "两个协方差矩阵之差非正定"
                } else {
                    why.trim_end_matches('.')
                };
                format!("- {name}：统计量无定义，不报告p值（{why}）。")
            }
        };
    };
    let evidence = evidence(row, lang);
    match (lang, row.decision.as_str()) {
        (Lang::En, "reject") => format!(
            "- {name}: the null that {} is rejected ({evidence}).",
            clause(&null)
        ),
        (Lang::En, _) => format!(
            "- {name}: the null that {} is not rejected ({evidence}).",
            clause(&null)
        ),
        (Lang::Zh, "reject") => format!("- {name}：拒绝“{null}”的原假设（{evidence}）。"),
        (Lang::Zh, _) => format!("- {name}：不能拒绝“{null}”的原假设（{evidence}）。"),
    }
}

/// A null hypothesis inside a sentence.
fn clause(null: &str) -> String {
    null.trim_end_matches('.').to_owned()
}

/// `F(47, 764) = 75.820, p < 0.001`.
fn evidence(row: &TestRow, lang: Lang) -> String {
    let distribution = distribution_words(&row.distribution, &row.df);
    let statistic = numbers::text(row.statistic.unwrap_or(f64::NAN), Digits::Decimals(3));
    let p = p_words(row.p_value.unwrap_or(f64::NAN));
    let comma = match lang {
        Lang::En => ", ",
        Lang::Zh => "，",
    };
    format!("{distribution} = {statistic}{comma}{p}")
}

/// Forms of the Hausman test that stay valid under heteroskedasticity and correlation within units.
fn robust(row: &&TestRow) -> bool {
    ["mundlak", "robust", "cluster"]
        .iter()
        .any(|word| row.variant.contains(word))
}

fn defined(row: &TestRow) -> bool {
    row.p_value.is_some() && row.statistic.is_some()
}

/// The form that decides between random and fixed effects: the robust one (with time dummies where the main column has
/// time effects), else the classic one where it is defined, else any defined form.
fn deciding<'a>(context: &Context<'_>, rows: &[&'a TestRow]) -> Option<&'a TestRow> {
    let time = &context.study.panel.time;
    let timed = context.study.baseline.last().is_some_and(|column| {
        column
            .fit
            .fixed_effects
            .iter()
            .any(|effect| effect.name == *time)
    });
    let sound = || rows.iter().filter(|row| robust(row) && defined(row));
    let robust_row = sound()
        .find(|row| row.variant.contains("time dummies") == timed)
        .or_else(|| sound().next());
    let classic = rows
        .iter()
        .find(|row| row.variant == "classic" && defined(row));
    let any = rows.iter().find(|row| defined(row));
    robust_row.or(classic).or(any).copied()
}

fn hausman_words(context: &Context<'_>, rows: &[&TestRow]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let lang = context.lang;
    let Some(decider) = deciding(context, rows) else {
        return Some(context.pick(
            "No form of the Hausman test is defined here, so it does not choose between random and fixed effects.".to_owned(),
            "本例中各形式的豪斯曼检验均无定义，因而不能据此在随机效应与固定效应之间作出选择。".to_owned(),
        ));
    };
    let name = test_words(decider, lang);
    let rejected = decider.decision == "reject";
    let undefined: Vec<String> = rows
        .iter()
        .filter(|row| !defined(row))
        .map(|row| test_words(row, lang))
        .collect();
    let opposed: Vec<String> = rows
        .iter()
        .filter(|row| defined(row) && (row.decision == "reject") != rejected)
        .map(|row| test_words(row, lang))
        .collect();
    let mut said = Vec::new();
    if !undefined.is_empty() {
        let names = list(&undefined, lang);
        said.push(context.pick(
            format!(
                "An undefined statistic ({names}) speaks neither for random nor for fixed effects."
            ),
            format!(
                "统计量无定义（{names}）时，既不能说明应采用随机效应，也不能说明应采用固定效应。"
            ),
        ));
    }
    if !opposed.is_empty() {
        let names = list(&opposed, lang);
        said.push(context.pick(
            format!("The forms disagree: {names} would decide otherwise than {name}."),
            format!("各形式的结论不一致：{names}与{name}的结论相反。"),
        ));
    }
    if !undefined.is_empty() || !opposed.is_empty() {
        said.push(if robust(&decider) {
            context.pick(
                format!("The robust form decides: {name}."),
                format!("以稳健形式（{name}）为准。"),
            )
        } else {
            context.pick(
                format!("What follows rests on {name}, which is not robust to heteroskedasticity or correlation within units."),
                format!("以下判断依据{name}，该形式对异方差与组内相关不稳健。"),
            )
        });
    }
    said.push(conclusion(context, rejected));
    Some(context.paragraph(said))
}

fn conclusion(context: &Context<'_>, rejected: bool) -> String {
    let main = context.study.baseline.last();
    let within = main.is_some_and(|column| column.fit.model == "within");
    match (rejected, within) {
        (true, true) => context.pick(
            "Random effects are rejected in favour of fixed effects, which the main specification uses.".to_owned(),
            "检验拒绝随机效应模型，支持固定效应模型，主回归即采用固定效应模型。".to_owned(),
        ),
        (true, false) => context.pick(
            "Random effects are rejected in favour of fixed effects, which the main specification does not use.".to_owned(),
            "检验拒绝随机效应模型，支持固定效应模型，而主回归未采用固定效应模型。".to_owned(),
        ),
        (false, true) => context.pick(
            "Random effects are not rejected. The fixed-effects estimates of the main specification remain consistent in that case, but random effects would be more efficient.".to_owned(),
            "检验不能拒绝随机效应模型。此时主回归的固定效应估计仍是一致的，但随机效应估计更有效。".to_owned(),
        ),
        (false, false) => context.pick(
            "Random effects are not rejected.".to_owned(),
            "检验不能拒绝随机效应模型。".to_owned(),
        ),
    }
}
