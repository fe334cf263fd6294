//! One model under several conventions: errors, tests and stars of each term, the constants behind them, and what flips.

use panelyst_model::Fit;
use panelyst_model::results::Coefficient;
use serde::Serialize;

use super::labels::{clusters, vcov_words};
use super::print::{plain, significant};
use super::style::Style;
use super::{body, head, header, integer, number, p_cell, text};
use crate::table::{Cell, Digits, Lang, Row, RowKind, Table};
use crate::words::{self, list};

/// A cell whose stars are not those of the first convention.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// Term.
    pub term: String,
    /// The convention.
    pub convention: String,
    /// The first convention.
    pub reference: String,
    /// p-value under the convention.
    pub p_value: f64,
    /// p-value under the first one.
    pub reference_p_value: f64,
    /// Levels at which the term is significant under one of the two only.
    pub levels: Vec<f64>,
    /// Stars under the convention.
    pub stars: u8,
    /// Stars under the first one.
    pub reference_stars: u8,
}

/// The cells whose stars differ from those of the first fit, at the levels of a style (5, 1 and 0.1 % without stars), in
/// the order of the fits.
pub fn flips(fits: &[&Fit], style: &Style) -> Vec<Flip> {
    let Some((first, others)) = fits.split_first() else {
        return Vec::new();
    };
    let levels = if style.stars.is_empty() {
        vec![0.05, 0.01, 0.001]
    } else {
        style.stars.clone()
    };
    let stars = |p: f64| levels.iter().filter(|level| p < **level).count().min(3) as u8;
    let mut found = Vec::new();
    for fit in others {
        for coefficient in &fit.coefficients {
            let Some(reference) = first.coefficient(&coefficient.term) else {
                continue;
            };
            let (own, known) = (coefficient.p_value, reference.p_value);
            let differ: Vec<f64> = levels
                .iter()
                .copied()
                .filter(|level| (own < *level) != (known < *level))
                .collect();
            if !differ.is_empty() {
                found.push(Flip {
                    term: coefficient.term.clone(),
                    convention: fit.vcov.convention.clone(),
                    reference: first.vcov.convention.clone(),
                    p_value: own,
                    reference_p_value: known,
                    levels: differ,
                    stars: stars(own),
                    reference_stars: stars(known),
                });
            }
        }
    }
    found
}

/// Two tables: for each term its error, t, degrees of freedom, p-value and stars under each convention; and the constants
/// of each convention. The first fit is what the others are compared with.
pub fn conventions(id: &str, label: &str, title: &str, fits: &[&Fit], style: &Style) -> Vec<Table> {
    let lang = style.lang;
    let flips = flips(fits, style);
    let mut rows = Vec::new();
    for term in terms(fits) {
        rows.push(Row {
            kind: RowKind::Panel,
            cells: std::iter::once(text(style.label(&term)))
                .chain(std::iter::repeat_n(Cell::Empty, 6))
                .collect(),
        });
        for fit in fits {
            let Some(coefficient) = fit.coefficient(&term) else {
                continue;
            };
            let flip = flips
                .iter()
                .find(|f| f.term == term && f.convention == fit.vcov.convention);
            rows.push(body(cells(fit, coefficient, flip, style)));
        }
    }
    let heads = [
        words::CONVENTION,
        words::COEFFICIENT,
        words::STD_ERROR,
        words::T_VALUE,
        words::DF,
        words::P_VALUE,
        words::CHANGE,
    ];
    let errors = Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header(&heads.map(|word| word.say(lang)))],
        rows,
        notes: notes(fits, &flips, style),
        lang,
    };
    vec![errors, constants(id, label, fits, style)]
}

/// Terms in the order of first appearance.
fn terms(fits: &[&Fit]) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for coefficient in fits.iter().flat_map(|fit| &fit.coefficients) {
        if !terms.contains(&coefficient.term) {
            terms.push(coefficient.term.clone());
        }
    }
    terms
}

fn cells(fit: &Fit, coefficient: &Coefficient, flip: Option<&Flip>, style: &Style) -> Vec<Cell> {
    let df = coefficient.df.or(fit.df_test);
    vec![
        text(fit.vcov.convention.clone()),
        Cell::Estimate {
            value: coefficient.estimate,
            digits: style.digits,
            stars: style.stars_of(coefficient.p_value),
        },
        number(coefficient.std_error, Digits::Significant(4)),
        number(coefficient.statistic, style.bracket_digits),
        text(match df.filter(|_| !bootstrapped(fit)) {
            Some(df) => plain((df * 100.0).round() / 100.0),
            None => without_df(fit, style.lang).to_owned(),
        }),
        p_cell(Some(coefficient.p_value)),
        flip.map_or(Cell::Empty, |flip| {
            text(format!(
                "{} → {}",
                sign(flip.reference_stars),
                sign(flip.stars)
            ))
        }),
    ]
}

/// Whether p-values are those of the wild bootstrap rather than of a distribution.
fn bootstrapped(fit: &Fit) -> bool {
    fit.vcov.kind.starts_with("wild:")
}

/// What tests use that have no degrees of freedom.
fn without_df(fit: &Fit, lang: Lang) -> &'static str {
    match (bootstrapped(fit), lang) {
        (true, Lang::En) => "bootstrap",
        (true, Lang::Zh) => "自助法",
        (false, Lang::En) => "normal",
        (false, Lang::Zh) => "正态",
    }
}

/// Stars as they are printed; a dash for none.
fn sign(stars: u8) -> String {
    if stars == 0 {
        "-".to_owned()
    } else {
        "*".repeat(usize::from(stars))
    }
}

fn notes(fits: &[&Fit], flips: &[Flip], style: &Style) -> Vec<String> {
    let lang = style.lang;
    let Some(first) = fits.first() else {
        return Vec::new();
    };
    let levels: Vec<String> = style
        .legend()
        .iter()
        .map(|(sign, level)| format!("{sign} p < {}", plain(*level)))
        .collect();
    let reference = &first.vcov.convention;
    let mut kinds: Vec<String> = Vec::new();
    for fit in fits {
        let words = vcov_words(fit, style);
        if !kinds.contains(&words) {
            kinds.push(words);
        }
    }
    let cells: usize = fits.iter().skip(1).map(|fit| fit.coefficients.len()).sum();
    let each: Vec<String> = flips
        .iter()
        .map(|flip| {
            let (term, own) = (style.label(&flip.term), sign(flip.stars));
            let known = sign(flip.reference_stars);
            match lang {
                Lang::En => format!(
                    "{term} under {} (p {} and {own}, {} and {known} under {reference})",
                    flip.convention,
                    significant(flip.p_value, 3),
                    significant(flip.reference_p_value, 3)
                ),
                Lang::Zh => format!(
                    "{term}在{}下（p值{}，{own}；{reference}为{}，{known}）",
                    flip.convention,
                    significant(flip.p_value, 3),
                    significant(flip.reference_p_value, 3)
                ),
            }
        })
        .collect();
    let mut notes = vec![match lang {
        Lang::En => format!(
            "Note: {} under {} conventions for small samples. Standard errors: {}.{} Change: stars under {reference} and under the convention.",
            first.formula,
            fits.len(),
            kinds.join("; "),
            if levels.is_empty() {
                String::new()
            } else {
                format!(" {}.", levels.join(", "))
            },
        ),
        Lang::Zh => format!(
            "注：{}，分别采用{}种小样本修正惯例。标准误：{}。{}变化：{reference}与该惯例下的星号。",
            first.formula,
            fits.len(),
            kinds.join("；"),
            if levels.is_empty() {
                String::new()
            } else {
                format!("{}。", levels.join("，"))
            },
        ),
    }];
    notes.push(match (lang, each.is_empty()) {
        (Lang::En, true) => {
            format!(
                "No stars change from {reference} to the others ({}).",
                count(cells)
            )
        }
        (Lang::En, false) => format!(
            "{} of {} {}: {}.",
            each.len(),
            count(cells),
            if cells == 1 { "changes" } else { "change" },
            each.join("; ")
        ),
        (Lang::Zh, true) => format!("与{reference}相比，其余惯例下星号均无变化（共{cells}个）。"),
        (Lang::Zh, false) => format!(
            "{cells}个结果中有{}个星号变化：{}。",
            each.len(),
            each.join("；")
        ),
    });
    notes.extend(samples(fits, lang));
    notes
}

/// `1 cell`, `2 cells`.
fn count(cells: usize) -> String {
    format!("{cells} cell{}", if cells == 1 { "" } else { "s" })
}

/// A sample of its own is what a reader must not miss: the conventions that have one.
fn samples(fits: &[&Fit], lang: Lang) -> Option<String> {
    let own = |fit: &&&Fit| fit.notes.iter().any(|note| note.kind == "sample");
    let others: Vec<&Fit> = fits.iter().filter(own).copied().collect();
    let (first, other) = (fits.first()?, others.first()?);
    let reference = &first.vcov.convention;
    let names: Vec<&str> = others.iter().map(|f| f.vcov.convention.as_str()).collect();
    let (rows, names, one) = (other.sample.used, list(&names, lang), names.len() == 1);
    let keeps = rows > first.sample.used;
    Some(match lang {
        Lang::En => {
            let (does, known) = match (keeps, one) {
                (true, true) => ("keeps", "drops"),
                (true, false) => ("keep", "drops"),
                (false, true) => ("drops", "keeps"),
                (false, false) => ("drop", "keeps"),
            };
            format!(
                "{names} {does} singletons, which {reference} {known}: estimated again on {rows} rows."
            )
        }
        Lang::Zh => {
            let (does, known) = if keeps {
                ("保留", "剔除")
            } else {
                ("剔除", "保留")
            };
            format!("{names}{does}单例观测（{reference}{known}），另按{rows}个观测重新估计。")
        }
    })
}

/// What each convention counts.
fn constants(id: &str, label: &str, fits: &[&Fit], style: &Style) -> Table {
    let lang = style.lang;
    let rows = fits
        .iter()
        .map(|fit| {
            let groups: Vec<String> = clusters(fit)
                .iter()
                .map(|(_, count)| count.to_string())
                .collect();
            body(vec![
                text(fit.vcov.convention.clone()),
                integer(fit.nobs),
                text(groups.join(" / ")),
                fit.vcov.parameters.map_or(Cell::Empty, integer),
                number(fit.vcov.small_sample_factor, Digits::Significant(6)),
                text(fit.vcov.factor_rule.clone()),
                text(plain(fit.df_residual)),
                text(match fit.df_test.filter(|_| !bootstrapped(fit)) {
                    // Satterthwaite's degrees of freedom stand beside each coefficient.
                    Some(_) if fit.coefficients.iter().any(|c| c.df.is_some()) => "t".to_owned(),
                    Some(df) => format!("t({})", plain((df * 100.0).round() / 100.0)),
                    None => without_df(fit, lang).to_owned(),
                }),
            ])
        })
        .collect();
    let (title, note) = match lang {
        Lang::En => (
            "Constants of the conventions",
            format!(
                "Note: n rows, G clusters, K parameters counted, factor on the covariance (for iid errors on RSS/n). Conventions: {}.",
                list(&labels(fits), lang)
            ),
        ),
        Lang::Zh => (
            "各惯例的常数",
            format!(
                "注：n为观测数，G为聚类数，K为计入的参数个数，系数乘于协方差矩阵（同方差时乘于RSS/n）。惯例：{}。",
                list(&labels(fits), lang)
            ),
        ),
    };
    let mut heads: Vec<_> = [words::CONVENTION].map(|w| head(w.say(lang))).into();
    heads.extend(["n", "G", "K"].map(head));
    heads.extend(
        [words::FACTOR, words::RULE, words::RESIDUAL_DF, words::TEST].map(|w| head(w.say(lang))),
    );
    Table {
        id: format!("{id}-constants"),
        label: if label.is_empty() {
            String::new()
        } else {
            format!("{label}{}", if lang == Lang::En { "b" } else { "（续）" })
        },
        title: title.to_owned(),
        header: vec![heads],
        rows,
        notes: vec![note],
        lang,
    }
}

/// `fixest: fixest (R)` and so on.
fn labels(fits: &[&Fit]) -> Vec<String> {
    fits.iter()
        .map(|fit| {
            let name = &fit.vcov.convention;
            let row = panelyst_model::conventions::CONVENTIONS
                .iter()
                .find(|row| row.name == name);
            format!("{name} = {}", row.map_or("", |row| row.label))
        })
        .collect()
}
