//! Variables, indices and sources; the sample and what was lost, filled or changed on the way to it.

use super::context::Context;
use super::input::{Scale, VariableFacts};
use crate::builders::loss_words;
use crate::table::Lang;
use crate::words::list;

/// One item a variable, then the formula of each index, then the sources.
pub(super) fn variables(context: &Context<'_>) -> Vec<String> {
    let study = context.study;
    let mut parts = Vec::new();
    let items: Vec<String> = study
        .variables
        .iter()
        .map(|variable| variable_item(context, variable))
        .collect();
    if !items.is_empty() {
        parts.push(items.join("\n"));
    }
    for index in &study.indices {
        let variable = &index.variable;
        let cited = match (index.citation.as_str(), context.lang) {
            ("", _) => String::new(),
            (citation, Lang::En) => format!(" ({citation})"),
            (citation, Lang::Zh) => format!("（{citation}）"),
        };
        parts.push(context.pick(
            format!("`{variable}` is the {}{cited}:", index.label),
            format!("`{variable}`为{}{cited}：", index.label),
        ));
        parts.push(format!("$$\n{}\n$$", index.latex));
        if !index.words.is_empty() {
            parts.push(index.words.clone());
        }
    }
    let sources: Vec<String> = study
        .sources
        .iter()
        .map(|source| match (source.content.as_str(), context.lang) {
            ("", _) => source.name.clone(),
            (content, Lang::En) => format!("{} ({content})", source.name),
            (content, Lang::Zh) => format!("{}（{content}）", source.name),
        })
        .collect();
    if !sources.is_empty() {
        parts.push(match context.lang {
            Lang::En => format!("Sources: {}.", sources.join("; ")),
            Lang::Zh => format!("数据来源：{}。", sources.join("；")),
        });
    }
    parts
}

fn variable_item(context: &Context<'_>, variable: &VariableFacts) -> String {
    let lang = context.lang;
    let mut said = vec![variable.role.word().say(lang).to_owned()];
    if !variable.definition.is_empty() {
        said.push(variable.definition.clone());
    } else if let Some(words) = scale_words(variable, lang) {
        said.push(words);
    }
    if !variable.unit.is_empty() {
        said.push(match lang {
            Lang::En => format!("unit: {}", variable.unit),
            Lang::Zh => format!("单位：{}", variable.unit),
        });
    }
    if !variable.source.is_empty() {
        said.push(match lang {
            Lang::En => format!("source: {}", variable.source),
            Lang::Zh => format!("来源：{}", variable.source),
        });
    }
    let label = &variable.label;
    let label = if label.is_empty() {
        &variable.name
    } else {
        label
    };
    match lang {
        Lang::En => format!(
            "- {label} (`{}`): {}.",
            variable.name,
            lower_first(&said).join("; ")
        ),
        Lang::Zh => format!("- {label}（`{}`）：{}。", variable.name, said.join("；")),
    }
}

/// The role begins in lower case after the colon.
fn lower_first(said: &[String]) -> Vec<String> {
    let mut said = said.to_vec();
    if let Some(first) = said.first_mut() {
        *first = first.to_lowercase();
    }
    said
}

fn scale_words(variable: &VariableFacts, lang: Lang) -> Option<String> {
    let quantity = &variable.quantity;
    if quantity.is_empty() {
        return None;
    }
    Some(match (variable.scale, lang) {
        (Scale::Log10, Lang::En) => format!("decimal logarithm of {quantity}"),
        (Scale::Log10, Lang::Zh) => format!("{quantity}的常用对数（以10为底）"),
        (Scale::Ln, Lang::En) => format!("natural logarithm of {quantity}"),
        (Scale::Ln, Lang::Zh) => format!("{quantity}的自然对数"),
        _ => quantity.clone(),
    })
}

/// Units, periods, rows; what the main column uses and what it loses; filled, winsorised and converted cells.
pub(super) fn sample(context: &Context<'_>) -> Vec<String> {
    let study = context.study;
    let mut said = Vec::new();
    said.extend(panel(context));
    if let Some(column) = study.baseline.last() {
        let place = context.column(study.baseline.len() - 1);
        let nobs = column.fit.nobs;
        said.push(context.pick(
            format!("The main specification, {place}, uses {nobs} observations."),
            format!("主回归（{place}）使用{nobs}个观测。"),
        ));
        let losses: Vec<String> = column
            .fit
            .sample
            .dropped
            .iter()
            .filter(|loss| loss.count > 0)
            .map(|loss| loss_words(&loss.reason, loss.count, &context.style))
            .collect();
        if !losses.is_empty() {
            let losses = list(&losses, context.lang);
            said.push(context.pick(
                format!("Rows left out of it: {losses}."),
                format!("未进入主回归的观测：{losses}。"),
            ));
        }
    }
    said.extend(ledger(context));
    if said.is_empty() {
        Vec::new()
    } else {
        vec![context.paragraph(said)]
    }
}

fn panel(context: &Context<'_>) -> Option<String> {
    let panel = &context.study.panel;
    if panel.units == 0 {
        return None;
    }
    let (unit, time) = (context.label(&panel.unit), context.label(&panel.time));
    let [first, last] = panel.span;
    let (units, periods, rows) = (panel.units, panel.periods, panel.rows);
    Some(match (context.lang, panel.balanced) {
        (Lang::En, true) => format!(
            "The panel holds {units} units ({unit}) over {periods} periods ({time}, {first} to {last}): {rows} rows, balanced."
        ),
        (Lang::En, false) => format!(
            "The panel holds {units} units ({unit}) over {periods} periods ({time}, {first} to {last}): {rows} rows, unbalanced ({} of {} cells of the panel are absent).",
            (units * periods).saturating_sub(rows),
            units * periods
        ),
        (Lang::Zh, true) => format!(
            "面板数据包含{units}个个体（{unit}）、{periods}个时期（{time}，{first}—{last}），共{rows}个观测，为平衡面板。"
        ),
        (Lang::Zh, false) => format!(
            "面板数据包含{units}个个体（{unit}）、{periods}个时期（{time}，{first}—{last}），共{rows}个观测，为非平衡面板（{}个个体—时期组合中缺{}个）。",
            units * periods,
            (units * periods).saturating_sub(rows)
        ),
    })
}

fn ledger(context: &Context<'_>) -> Vec<String> {
    let ledger = &context.study.ledger;
    let counts = |pairs: &[(String, usize)]| {
        let each: Vec<String> = pairs
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(variable, count)| {
                let label = context.label(variable);
                context.pick(format!("{label} {count}"), format!("{label}（{count}个）"))
            })
            .collect();
        (!each.is_empty()).then(|| list(&each, context.lang))
    };
    let mut said = Vec::new();
    if let Some(filled) = counts(&ledger.filled) {
        let rule = match (ledger.filling_rule.as_str(), context.lang) {
            ("", _) => String::new(),
            (rule, Lang::En) => format!(" ({rule})"),
            (rule, Lang::Zh) => format!("（{rule}）"),
        };
        said.push(context.pick(
            format!("Missing values were filled in by rule{rule}: {filled}."),
            format!("缺失值按规则填补{rule}：{filled}。"),
        ));
    }
    if let Some(winsorised) = counts(&ledger.winsorised) {
        said.push(context.pick(
            format!("Values were winsorised: {winsorised}."),
            format!("缩尾处理的数值：{winsorised}。"),
        ));
    }
    if ledger.converted > 0 {
        let cells = ledger.converted;
        said.push(context.pick(
            format!("{cells} cells were converted to other units."),
            format!("{cells}个数值作了单位换算。"),
        ));
    }
    if ledger.unmatched > 0 {
        let rows = ledger.unmatched;
        said.push(context.pick(
            format!("{rows} rows of the sources matched no unit and were not used."),
            format!("原始表中{rows}行未能匹配到个体，未使用。"),
        ));
    }
    said
}
