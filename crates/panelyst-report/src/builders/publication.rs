//! Published numbers beside ours.

use super::print::{plain, significant};
use super::style::Style;
use super::{body, header, number, text};
use crate::publication::{Compared, ComparedColumn, Publication, Quantity};
use crate::table::{Cell, Digits, Lang, Row, RowKind, Table};
use crate::words::{self, list};

/// Decimals of ours beyond those of the page, so that a reader sees what rounds.
const MORE: usize = 2;

/// One table: for each published column its numbers, ours, the difference, and whether rounding explains it.
pub fn publication(
    id: &str,
    label: &str,
    title: &str,
    publication: &Publication,
    style: &Style,
) -> Table {
    let lang = style.lang;
    let mut rows = Vec::new();
    for (place, column) in publication.columns.iter().enumerate() {
        rows.push(Row {
            kind: RowKind::Panel,
            cells: std::iter::once(text(name(place, column)))
                .chain(std::iter::repeat_n(Cell::Empty, 4))
                .collect(),
        });
        rows.extend(column.numbers.iter().map(|n| row(n, style)));
    }
    let heads = [
        words::VARIABLE,
        words::PUBLISHED,
        words::OURS,
        words::DEVIATION,
        words::VERDICT,
    ];
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header(&heads.map(|word| word.say(lang)))],
        rows,
        notes: notes(publication, style),
        lang,
    }
}

/// `(1) Within`.
fn name(place: usize, column: &ComparedColumn) -> String {
    let heading = if column.heading.is_empty() {
        &column.formula
    } else {
        &column.heading
    };
    format!("({}) {heading}", place + 1)
}

fn row(compared: &Compared, style: &Style) -> Row {
    let lang = style.lang;
    let quantity = match compared.quantity {
        Quantity::Coefficient => words::COEFFICIENT,
        Quantity::StdError => words::STD_ERROR,
        Quantity::Statistic => words::T_VALUE,
        Quantity::Stars => words::STARS,
        Quantity::Observations => words::OBSERVATIONS,
        Quantity::R2 => words::R2,
        Quantity::R2Adjusted => words::R2_ADJUSTED,
        Quantity::R2Within => words::R2_WITHIN,
    };
    let quantity = quantity.say(lang);
    let label = match (compared.term.is_empty(), lang) {
        (true, _) => quantity.to_owned(),
        (false, Lang::En) => format!("{}, {quantity}", style.label(&compared.term)),
        (false, Lang::Zh) => format!("{}：{quantity}", style.label(&compared.term)),
    };
    let whole = matches!(compared.quantity, Quantity::Observations | Quantity::Stars);
    let digits = match compared.decimals {
        _ if whole => Digits::Decimals(0),
        Some(decimals) => Digits::Decimals(decimals_of_ours(decimals, compared.ours)),
        None => Digits::Significant(6),
    };
    let (ours, difference) = if compared.quantity == Quantity::Stars {
        let count = compared.ours.unwrap_or(0.0) as usize;
        (text(dash("*".repeat(count))), Cell::Empty)
    } else {
        let cell = |x: Option<f64>| x.map_or(Cell::Empty, |x| number(x, digits));
        (cell(compared.ours), cell(compared.difference))
    };
    let verdict = match (compared.agrees, compared.ours) {
        (_, None) => words::NOT_THERE,
        (true, _) if whole => words::SAME,
        (true, _) => words::ROUNDING,
        (false, _) => words::DIFFERS,
    };
    body(vec![
        text(label),
        text(dash(compared.published.clone())),
        ours,
        difference,
        text(verdict.say(lang)),
    ])
}

/// Two more than on the page, and no more than a number of double precision has (17 significant digits).
fn decimals_of_ours(published: usize, ours: Option<f64>) -> u8 {
    let whole = ours.map_or(0.0, |x| x.abs().log10().floor());
    let most = if whole.is_finite() {
        16.0 - whole
    } else {
        16.0
    };
    let most = most.clamp(0.0, 255.0) as u8;
    u8::try_from(published + MORE).unwrap_or(u8::MAX).min(most)
}

fn dash(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn notes(publication: &Publication, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let all: usize = publication.columns.iter().map(|c| c.numbers.len()).sum();
    let differ: usize = publication
        .columns
        .iter()
        .map(|c| c.differing().count())
        .sum();
    let mut notes = vec![match lang {
        Lang::En => format!(
            "Note: published numbers from {}. Rounding explains a difference where every digit on the page could have been printed from our number. {} of {all} numbers agree, {differ} differ{}.",
            publication.source,
            all - differ,
            if differ == 1 { "s" } else { "" }
        ),
        Lang::Zh => format!(
            "注：发表值来自{}。若由本文数值四舍五入可得到发表的每一位数字，则差异可由舍入解释。共{all}个数值，其中{}个一致，{differ}个不一致。",
            publication.source,
            all - differ
        ),
    }];
    for (place, column) in publication.columns.iter().enumerate() {
        notes.extend(brackets_note(place, column, lang));
        notes.extend(errors_note(place, column, lang));
        notes.extend(factor_note(place, column, style));
    }
    notes
}

/// That the brackets hold something else than they were read as.
fn brackets_note(place: usize, column: &ComparedColumn, lang: Lang) -> Option<String> {
    let held = column.brackets_hold?;
    let at = words::capital(&words::columns(&[place], lang));
    let t = held == Quantity::Statistic;
    let (word, en, zh) = if t {
        ("t", "t statistics", "t值")
    } else {
        ("se", "standard errors", "标准误")
    };
    Some(match (lang, column.errors_of.is_none()) {
        (Lang::En, true) => format!(
            "{at}: the numbers in brackets are our {en}, within rounding: write brackets = \"{word}\" in this column."
        ),
        (Lang::En, false) => format!(
            "{at}: the numbers in brackets are {en}: write brackets = \"{word}\" in this column."
        ),
        (Lang::Zh, true) => format!(
            "{at}：括号内的数值在舍入范围内即本文的{zh}，请在该列写明brackets = \"{word}\"。"
        ),
        (Lang::Zh, false) => {
            format!("{at}：括号内的数值是{zh}，请在该列写明brackets = \"{word}\"。")
        }
    })
}

/// Which covariance and convention the published errors belong to.
fn errors_note(place: usize, column: &ComparedColumn, lang: Lang) -> Option<String> {
    let found = column.errors_of.as_ref()?;
    let at = words::columns(&[place], lang);
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for (vcov, convention) in found {
        match kinds.iter_mut().find(|(known, _)| known == vcov) {
            Some((_, names)) => names.push(convention),
            None => kinds.push((vcov, vec![convention])),
        }
    }
    let parts: Vec<String> = kinds
        .iter()
        .map(|(vcov, names)| match lang {
            Lang::En => format!("{vcov} under {}", list(names, lang)),
            Lang::Zh => format!("{}惯例下的{vcov}", list(names, lang)),
        })
        .collect();
    let at = words::capital(&at);
    let (vcov, convention) = (&column.vcov, &column.convention);
    Some(match (lang, parts.is_empty()) {
        (Lang::En, false) => format!(
            "{at}: the published errors are not those of {vcov} under {convention}, with which ours are computed, but those of {}.",
            parts.join("; or of ")
        ),
        (Lang::En, true) => format!(
            "{at}: the published errors are not those of {vcov} under {convention}, and not those of iid, hc0 to hc3 or clustered errors by unit, time or both under any convention known here."
        ),
        (Lang::Zh, false) => format!(
            "{at}：发表的标准误与本文所用的{convention}惯例下的{vcov}不符，而与{}相符。",
            parts.join("；或")
        ),
        (Lang::Zh, true) => format!(
            "{at}：发表的标准误与{convention}惯例下的{vcov}不符，也不符合任何已知惯例下的iid、hc0至hc3以及按个体、时间或双向聚类的标准误。"
        ),
    })
}

/// Coefficients that are ours times a factor of units.
fn factor_note(place: usize, column: &ComparedColumn, style: &Style) -> Option<String> {
    let lang = style.lang;
    let parts: Vec<String> = column
        .differing()
        .filter_map(|n| {
            let factor = n.factor?;
            let ln_10 = std::f64::consts::LN_10;
            let base = factor == ln_10 || factor == 1.0 / ln_10;
            let term = style.label(&n.term);
            Some(match (lang, base, factor < 0.0) {
                (Lang::En, true, _) => format!(
                    "{term} is ours times {}, the ratio of natural to decimal logarithms",
                    significant(factor, 5)
                ),
                (Lang::En, _, true) => format!("{term} is ours with the other sign"),
                (Lang::En, ..) => {
                    format!("{term} is ours times {}, a change of units", plain(factor))
                }
                (Lang::Zh, true, _) => format!(
                    "{term}为本文系数的{}倍，即自然对数与常用对数之比",
                    significant(factor, 5)
                ),
                (Lang::Zh, _, true) => format!("{term}与本文系数符号相反"),
                (Lang::Zh, ..) => format!("{term}为本文系数的{}倍，可能是单位不同", plain(factor)),
            })
        })
        .collect();
    if parts.is_empty() {
        return None;
    }
    let at = words::capital(&words::columns(&[place], lang));
    Some(match lang {
        Lang::En => format!(
            "{at}: within rounding, the published coefficient of {}.",
            parts.join("; ")
        ),
        Lang::Zh => format!("{at}：在舍入范围内，发表的系数中{}。", parts.join("；")),
    })
}
