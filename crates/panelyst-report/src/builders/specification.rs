//! Specification tests in one table, and the words of each test.

use panelyst_model::results::TestRow;

use super::print::plain;
use super::style::Style;
use super::{Numbered, body, header, number, p_cell, text};
use crate::table::{Digits, Lang, Table};
use crate::words::{self, Word};

/// Names of the tests, by the machine name that results carry.
const TESTS: &[Word] = &[
    word("f", "F test", "F检验"),
    word("lr", "Likelihood-ratio test", "似然比（LR）检验"),
    word(
        "breusch-pagan",
        "Breusch-Pagan LM test",
        "Breusch-Pagan LM检验",
    ),
    word("honda", "Honda test", "Honda检验"),
    word("hausman", "Hausman test", "豪斯曼检验"),
    word(
        "poolability",
        "Poolability (Chow) test",
        "系数可并性（Chow）检验",
    ),
    word("pesaran-cd", "Pesaran CD test", "Pesaran截面相关（CD）检验"),
];

/// Names of the variants of tests.
const VARIANTS: &[Word] = &[
    word("pooled", "pooled model", "混合回归"),
    word("unit", "unit effects", "个体效应"),
    word("time", "time effects", "时间效应"),
    word("both", "unit and time effects", "个体与时间效应"),
    word(
        "unit-both",
        "unit against two-way effects",
        "个体效应对双向效应",
    ),
    word(
        "time-both",
        "time against two-way effects",
        "时间效应对双向效应",
    ),
    word(
        "pooled-unit",
        "pooled against unit effects",
        "混合回归对个体效应",
    ),
    word(
        "pooled-time",
        "pooled against time effects",
        "混合回归对时间效应",
    ),
    word(
        "pooled-both",
        "pooled against two-way effects",
        "混合回归对双向效应",
    ),
    word(
        "random-ml",
        "pooled against random effects by ML",
        "混合回归对随机效应（极大似然）",
    ),
    word("classic", "classic", "经典形式"),
    word("sigmamore", "sigmamore", "sigmamore形式"),
    word("sigmaless", "sigmaless", "sigmaless形式"),
    word(
        "mundlak",
        "Mundlak form, cluster-robust",
        "Mundlak形式，聚类稳健",
    ),
    word(
        "sigmamore, time dummies in both",
        "sigmamore, time dummies in both models",
        "sigmamore形式，两模型均含时间虚拟变量",
    ),
    word(
        "mundlak, time dummies in both",
        "Mundlak form with time dummies, cluster-robust",
        "Mundlak形式，含时间虚拟变量，聚类稳健",
    ),
    word("slopes", "slopes", "斜率"),
    word(
        "intercepts and slopes",
        "intercepts and slopes",
        "截距与斜率",
    ),
];

const fn word(key: &'static str, en: &'static str, zh: &'static str) -> Word {
    Word { key, en, zh }
}

fn known(rows: &[Word], key: &str, lang: Lang) -> String {
    let row = rows.iter().find(|row| row.key == key);
    row.map_or_else(|| key.to_owned(), |row| row.say(lang).to_owned())
}

/// A test with its variant: `Hausman test (classic)`.
pub(crate) fn test_words(row: &TestRow, lang: Lang) -> String {
    let test = known(TESTS, &row.test, lang);
    if row.variant.is_empty() {
        return test;
    }
    let variant = known(VARIANTS, &row.variant, lang);
    match lang {
        Lang::En => format!("{test} ({variant})"),
        Lang::Zh => format!("{test}（{variant}）"),
    }
}

/// The null hypothesis; in Chinese where the test is known.
pub(crate) fn null_words(row: &TestRow, lang: Lang) -> String {
    let known = match (row.test.as_str(), row.variant.as_str()) {
        _ if lang == Lang::En => None,
        ("hausman", _) => Some("个体效应与解释变量不相关"),
        ("poolability", "slopes") => Some("各个体的斜率相同"),
        ("poolability", _) => Some("各个体的截距与斜率均相同"),
        ("pesaran-cd", _) => Some("不同个体的残差互不相关"),
        ("breusch-pagan" | "honda", "unit") => Some("个体效应的方差为零"),
        ("breusch-pagan" | "honda", "time") => Some("时间效应的方差为零"),
        ("breusch-pagan" | "honda", _) => Some("个体与时间效应的方差均为零"),
        ("lr", "random-ml") => Some("个体随机效应的方差为零"),
        ("f" | "lr", "unit-both") => Some("控制个体效应后，各时间效应均相等"),
        ("f" | "lr", "time-both") => Some("控制时间效应后，各个体效应均相等"),
        ("f" | "lr", "unit" | "pooled-unit") => Some("各个体效应均相等"),
        ("f" | "lr", "time" | "pooled-time") => Some("各时间效应均相等"),
        ("f" | "lr", "both" | "pooled-both") => Some("各个体效应均相等且各时间效应均相等"),
        _ => None,
    };
    known.map_or_else(|| row.null.clone(), str::to_owned)
}

/// How a test was computed, or why it is undefined; the formula in Chinese where the test is known, and the remarks that a
/// test adds behind its formula.
fn note_words(row: &TestRow, lang: Lang) -> String {
    let formula = match (row.test.as_str(), row.variant.as_str()) {
        _ if lang == Lang::En || row.p_value.is_none() => None,
        ("f", _) => Some("F = ((RSS0 - RSS1)/df1)/(RSS1/df2)，df1为秩之差，同方差标准误"),
        ("lr", "random-ml") => Some("LR = 2(lRE - lpooled)，p值为χ²(1)尾概率的一半"),
        ("lr", _) => Some("LR = n·ln(RSS0/RSS1)，正态误差，自由度为秩之差"),
        ("breusch-pagan", "both") => Some("个体与时间两个LM统计量之和"),
        ("breusch-pagan", _) => Some(
            "LM = n²/2·A²/(M - n)，A = 1 - Σ(各组混合回归残差之和)²/残差平方和，M为各组规模平方和",
        ),
        ("honda", "both") => Some("(个体统计量 + 时间统计量)/√2，单侧"),
        ("honda", _) => Some("-A·√(n²/2/(M - n))，A、M同Breusch-Pagan检验，单侧"),
        ("hausman", variant) if variant.starts_with("mundlak") => {
            Some("随机效应模型加入个体均值后的Wald检验，按个体聚类")
        }
        ("hausman", _) => Some(
            "H = (bFE - bRE)'(VFE - VRE)⁻¹(bFE - bRE)，个体固定效应对个体随机效应（Swamy-Arora）",
        ),
        ("poolability", _) => Some("F = ((RSS0 - 各个体RSS之和)/df1)/(各个体RSS之和/df2)"),
        ("pesaran-cd", _) => Some(
            "CD = Σ√Tij·rij/√(配对数)，rij为两个体残差在Tij（至少3个）共同时期的相关系数，双侧",
        ),
        _ => None,
    };
    let Some(formula) = formula else {
        return match lang {
            Lang::En => row.note.clone(),
            Lang::Zh => remarks_in_chinese(&row.note),
        };
    };
    match row.note.split_once("); ") {
        Some((_, remarks)) => format!("{formula}；{}", remarks_in_chinese(remarks)),
        None => formula.to_owned(),
    }
}

/// Remarks, one after the other; those that are not known stay as they are.
fn remarks_in_chinese(remarks: &str) -> String {
    let one = |remark: &str| -> Option<String> {
        if let Some(rest) = remark.strip_prefix("log-likelihoods ") {
            let (null, alternative) = rest.split_once(" and ")?;
            return Some(format!("对数似然值{null}与{alternative}"));
        }
        if let Some(p) = remark.strip_prefix("against a positive variance alone, chibar2(01): p = ")
        {
            let p = p.replace(
                ", since residuals are negatively correlated within levels",
                "（同组残差负相关）",
            );
            return Some(format!("备择假设仅为方差大于零，chibar2(01)：p = {p}"));
        }
        if let Some(rest) =
            remark.strip_prefix("V(FE) - V(RE) is not positive definite, smallest eigenvalue ")
        {
            let smallest = rest.split_whitespace().next()?;
            return Some(format!(
                "V(FE) - V(RE)不是正定矩阵（按对角线标准化后最小特征值为{smallest}），统计量没有分布"
            ));
        }
        if remark == "the cluster-robust Mundlak form decides" {
            return Some("以聚类稳健的Mundlak形式为准".to_owned());
        }
        if let Some(mean) = remark.strip_prefix("mean correlation ") {
            let mean = match mean.split_once(" over ") {
                Some((mean, pairs)) => {
                    let pairs = pairs.replace(" of ", "/").replace(" pairs", "");
                    format!("{mean}（{pairs}个配对）")
                }
                None => mean.to_owned(),
            };
            return Some(format!("平均相关系数{mean}"));
        }
        if let Some(count) = remark.strip_suffix(" clusters") {
            return Some(format!("{count}个聚类"));
        }
        let rest = remark.strip_prefix("as F(")?;
        Some(format!("按F({}", rest.replace(": p = ", "：p = ")))
    };
    let remarks = remarks.split("; ");
    let said: Vec<String> = remarks
        .map(|r| one(r).unwrap_or_else(|| r.to_owned()))
        .collect();
    said.join("；")
}

/// The distribution with its degrees of freedom: `F(47, 764)`, `χ²(3)`, `χ̄²(1)`, `N(0,1)`.
pub(crate) fn distribution_words(distribution: &str, df: &[f64]) -> String {
    let name = match distribution {
        "chi2" => "χ²",
        "chibar2" => "χ̄²",
        other => other,
    };
    if df.is_empty() {
        return name.to_owned();
    }
    let df: Vec<String> = df.iter().map(|df| plain(*df)).collect();
    format!("{name}({})", df.join(", "))
}

/// The tests, one a row: null, statistic, distribution, p, decision, and how each was computed as numbered notes.
/// An undefined statistic leaves its cells empty and says why in its note.
pub fn specification(id: &str, label: &str, title: &str, rows: &[TestRow], style: &Style) -> Table {
    let lang = style.lang;
    let mut notes = Numbered::default();
    let body_rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let decision = match row.decision.as_str() {
                "reject" => words::REJECT.say(lang),
                "keep" => words::KEEP.say(lang),
                "undefined" => words::UNDEFINED.say(lang),
                other => other,
            };
            let mark = notes.mark(&note_words(row, lang));
            let name = test_words(row, lang);
            let name = if mark.is_empty() {
                name
            } else {
                format!("{name} {mark}")
            };
            body(vec![
                text(name),
                text(null_words(row, lang)),
                row.statistic.map_or(crate::Cell::Empty, |value| {
                    number(value, Digits::Decimals(3))
                }),
                text(distribution_words(&row.distribution, &row.df)),
                p_cell(row.p_value),
                text(decision),
            ])
        })
        .collect();
    let mut paragraphs = Vec::new();
    if rows.iter().any(|row| row.decision == "undefined") {
        paragraphs.push(
            match lang {
                Lang::En => "Note: an undefined statistic has no p-value and decides nothing.",
                Lang::Zh => "注：统计量无定义时不报告p值，也不据此作出判断。",
            }
            .to_owned(),
        );
    }
    paragraphs.extend(notes.paragraphs());
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header(&[
            words::TEST.say(lang),
            words::NULL.say(lang),
            words::STATISTIC.say(lang),
            words::DISTRIBUTION.say(lang),
            words::P_VALUE.say(lang),
            words::DECISION.say(lang),
        ])],
        rows: body_rows,
        notes: paragraphs,
        lang,
    }
}
