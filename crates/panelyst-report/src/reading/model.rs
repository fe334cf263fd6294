//! The model equation of the main column, as estimated.

use panelyst_model::Fit;

use super::context::Context;
use crate::table::Lang;
use crate::words::list;

/// Equation and the meaning of its symbols.
pub(super) fn model(context: &Context<'_>) -> Vec<String> {
    let Some(column) = context.study.baseline.last() else {
        return Vec::new();
    };
    let fit = column.fit;
    let place = context.column(context.study.baseline.len() - 1);
    let intro = match context.lang {
        Lang::En => format!("The main specification, {place}, is"),
        Lang::Zh => format!("主回归（{place}）的模型设定如下："),
    };
    vec![
        intro,
        format!("$$\n{}\n$$", equation(context, fit)),
        context.paragraph([
            symbols(context, fit),
            estimator(context, fit),
            inference(context, fit),
        ]),
    ]
}

/// The equation in LaTeX, without dollar signs.
fn equation(context: &Context<'_>, fit: &Fit) -> String {
    let transformed = Transformed::of(fit);
    let mut right = Vec::new();
    if has_intercept(fit) {
        right.push("\\beta_0".to_owned());
    }
    let slopes = fit
        .coefficients
        .iter()
        .filter(|coefficient| coefficient.term != "_cons");
    for (place, coefficient) in slopes.enumerate() {
        let term = transformed.term(&coefficient.term);
        right.push(format!("\\beta_{{{}}} {term}", place + 1));
    }
    for effect in &fit.fixed_effects {
        right.push(effect_symbol(context, &effect.name));
    }
    if matches!(fit.model.as_str(), "random" | "random-ml") {
        right.push("u_i".to_owned());
    }
    right.push(transformed.error());
    format!("{} = {}", transformed.term(&fit.outcome), right.join(" + "))
}

/// A constant beside fixed effects is a normalisation and no parameter of the model.
fn has_intercept(fit: &Fit) -> bool {
    fit.fixed_effects.is_empty() && fit.coefficient("_cons").is_some()
}

/// How an estimator transforms its variables.
enum Transformed {
    No,
    Means,
    Differences,
}

impl Transformed {
    fn of(fit: &Fit) -> Self {
        match fit.model.as_str() {
            "between" => Self::Means,
            "first-difference" => Self::Differences,
            _ => Self::No,
        }
    }

    fn term(&self, term: &str) -> String {
        match self {
            Self::No => latex(term, "it"),
            Self::Means => format!("\\overline{{{}}}_i", latex(term, "")),
            Self::Differences => format!("\\Delta {}", latex(term, "it")),
        }
    }

    fn error(&self) -> String {
        match self {
            Self::No => "\\varepsilon_{it}".to_owned(),
            Self::Means => "\\bar{\\varepsilon}_i".to_owned(),
            Self::Differences => "\\Delta \\varepsilon_{it}".to_owned(),
        }
    }
}

/// A term with its subscripts: lags shift the time, logarithms keep their base, products their parts.
pub(super) fn latex(term: &str, subscript: &str) -> String {
    if let Some((left, right)) = term.split_once(':')
        && !term.contains('(')
    {
        return format!(
            "{} \\times {}",
            latex(left, subscript),
            latex(right, subscript)
        );
    }
    if let Some((function, rest)) = term.split_once('(')
        && let Some(inside) = rest.strip_suffix(')')
    {
        let (first, steps) = inside.rsplit_once(',').unwrap_or((inside, "1"));
        match function {
            "log10" => return format!("\\log_{{10}} {}", latex(inside, subscript)),
            "log" | "ln" => return format!("\\ln {}", latex(inside, subscript)),
            "l" => return latex(first, &format!("i,t-{steps}")),
            "f" => return latex(first, &format!("i,t+{steps}")),
            "d" => return format!("\\Delta {}", latex(inside, subscript)),
            _ => {}
        }
    }
    let plain = term
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let name = if plain {
        format!("\\mathit{{{}}}", escape(term))
    } else {
        format!("\\text{{{}}}", escape(term))
    };
    if subscript.is_empty() {
        name
    } else {
        format!("{name}_{{{subscript}}}")
    }
}

/// Characters that LaTeX reads as commands, in text.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(letter);
            }
            '^' => out.push_str("\\^{}"),
            '~' => out.push_str("\\~{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            _ => out.push(letter),
        }
    }
    out
}

/// The symbol of an effect: delta for units, mu for time, gamma with its name for others.
fn effect_symbol(context: &Context<'_>, effect: &str) -> String {
    if effect == context.study.panel.unit {
        "\\delta_i".to_owned()
    } else if effect == context.study.panel.time {
        "\\mu_t".to_owned()
    } else {
        format!("\\gamma_{{\\text{{{}}}}}", escape(effect))
    }
}

fn symbols(context: &Context<'_>, fit: &Fit) -> String {
    let panel = &context.study.panel;
    let lang = context.lang;
    let mut said = Vec::new();
    if !panel.unit.is_empty() && !panel.time.is_empty() {
        let (unit, time) = (context.label(&panel.unit), context.label(&panel.time));
        said.push(context.pick(
            format!(
                "$i$ denotes the {} and $t$ the {}",
                lower(&unit),
                lower(&time)
            ),
            format!("$i$表示{unit}，$t$表示{time}"),
        ));
    }
    for effect in &fit.fixed_effects {
        let symbol = effect_symbol(context, &effect.name);
        let name = context.label(&effect.name);
        said.push(context.pick(
            format!("${symbol}$ are {} fixed effects", lower(&name)),
            format!("${symbol}$为{name}固定效应"),
        ));
    }
    if matches!(fit.model.as_str(), "random" | "random-ml") {
        said.push(context.pick(
            "$u_i$ is a random unit effect".to_owned(),
            "$u_i$为个体随机效应".to_owned(),
        ));
    }
    let error = Transformed::of(fit).error();
    said.push(context.pick(
        format!("${error}$ is the error term"),
        format!("${error}$为随机扰动项"),
    ));
    match lang {
        Lang::En => format!("Here {}.", list(&said, lang)),
        Lang::Zh => format!("其中，{}。", said.join("，")),
    }
}

/// The first letter of a label in the middle of an English sentence.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

fn estimator(context: &Context<'_>, fit: &Fit) -> String {
    let (en, zh) = match fit.model.as_str() {
        "pooled" => (
            "It is estimated by pooled least squares",
            "采用混合最小二乘法估计",
        ),
        "within" => (
            "It is estimated by least squares within the fixed effects",
            "采用固定效应（组内）估计",
        ),
        "between" => ("It is estimated on the means of the units", "采用组间估计"),
        "first-difference" => ("It is estimated in first differences", "采用一阶差分估计"),
        "random" => (
            "It is estimated by feasible generalised least squares with random unit effects",
            "采用随机效应可行广义最小二乘法估计",
        ),
        "random-ml" => (
            "It is estimated by maximum likelihood with random unit effects",
            "采用随机效应极大似然法估计",
        ),
        "2sls" => (
            "It is estimated by two-stage least squares",
            "采用两阶段最小二乘法估计",
        ),
        "liml" => (
            "It is estimated by limited-information maximum likelihood",
            "采用有限信息极大似然法估计",
        ),
        "poisson" => (
            "It is estimated by Poisson pseudo-maximum likelihood",
            "采用泊松伪极大似然法估计",
        ),
        "logit" => ("It is estimated by logit", "采用Logit模型估计"),
        _ => ("It is estimated as the table states", "估计方法见表"),
    };
    context.pick(format!("{en}."), format!("模型{zh}。"))
}

fn inference(context: &Context<'_>, fit: &Fit) -> String {
    let vcov = crate::builders::vcov_words(fit, &context.style);
    let convention = &fit.vcov.convention;
    let tests = fit.df_test.map_or_else(
        || {
            context.pick(
                "the standard normal distribution".to_owned(),
                "标准正态分布".to_owned(),
            )
        },
        |df| {
            let df = crate::builders::plain(df);
            context.pick(
                format!("t with {df} degrees of freedom"),
                format!("自由度为{df}的t分布"),
            )
        },
    );
    match context.lang {
        Lang::En => format!(
            "Standard errors are {vcov}, with the small-sample convention of {convention}; tests use {tests}."
        ),
        Lang::Zh => format!("标准误为{vcov}，小样本修正采用{convention}惯例，检验使用{tests}。"),
    }
}
