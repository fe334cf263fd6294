//! The notes below a regression table, made from the same fits as its numbers.
//!
//! Every statement is made for each column first; columns that say the same are then named together, and a
//! statement that holds for all columns names none.

use panelyst_model::Fit;
use panelyst_model::results::Note;

use super::FEW_CLUSTERS;
use super::labels::{clusters, fewest_clusters, vcov_words};
use super::print::{plain, significant};
use super::reasons::dropped_words;
use super::regression::RegressionColumn;
use super::sample::{collinear, filled, lost};
use super::small_samples;
use super::style::{Brackets, Style};
use crate::table::Lang;
use crate::words::{capital, columns as column_words, list};

/// Kinds of [`Note`] that are said here from the fit itself.
const SAID_HERE: [&str; 5] = [
    "singletons",
    "collinear",
    "convention",
    "constant",
    "few-clusters",
];

/// All notes: brackets and stars; inference; sample; then what single fits and columns add.
pub(super) fn regression_notes(columns: &[RegressionColumn<'_>], style: &Style) -> Vec<String> {
    if columns.is_empty() {
        return Vec::new();
    }
    let blocks = [
        vec![brackets(columns, style), star_legend(style)],
        vec![
            covariance(columns, style),
            degrees_of_freedom(columns, style),
            convention(columns, style),
            comparability(columns, style.lang),
            few_clusters(columns, style.lang),
        ],
        vec![
            constant(columns, style),
            filled(columns, style),
            lost(columns, style),
            collinear(columns, style),
        ],
    ];
    let gap = if style.lang == Lang::En { " " } else { "" };
    let mut notes = Vec::new();
    for block in blocks {
        let sentences: Vec<String> = block.into_iter().flatten().collect();
        if !sentences.is_empty() {
            notes.push(sentences.join(gap));
        }
    }
    notes.extend(remarks(columns, style.lang));
    if let Some(first) = notes.first_mut() {
        let prefix = match style.lang {
            Lang::En => "Note: ",
            Lang::Zh => "注：",
        };
        first.insert_str(0, prefix);
    }
    notes
}

/// Distinct values in order of first appearance, each with its columns.
fn gathered<T: PartialEq>(values: impl IntoIterator<Item = Option<T>>) -> Vec<(T, Vec<usize>)> {
    let mut groups: Vec<(T, Vec<usize>)> = Vec::new();
    for (place, value) in values.into_iter().enumerate() {
        let Some(value) = value else { continue };
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, places)) => places.push(place),
            None => groups.push((value, vec![place])),
        }
    }
    groups
}

/// One phrase for each distinct value, with its columns unless it holds in all.
pub(super) fn by_column(values: Vec<Option<String>>, lang: Lang) -> Option<String> {
    let total = values.len();
    let groups = gathered(values);
    let phrases: Vec<String> = groups
        .iter()
        .map(|(value, places)| match lang {
            _ if places.len() == total => value.clone(),
            Lang::En => format!("{value} in {}", column_words(places, lang)),
            Lang::Zh => format!("{}为{value}", column_words(places, lang)),
        })
        .collect();
    let gap = if lang == Lang::En { "; " } else { "，" };
    (!phrases.is_empty()).then(|| phrases.join(gap))
}

/// Ends a statement with the language's full stop.
pub(super) fn sentence(head: &str, rest: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{head}: {rest}."),
        Lang::Zh => format!("{head}：{rest}。"),
    }
}

fn brackets(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let words = match style.brackets {
        Brackets::None => return None,
        Brackets::StdError if lang == Lang::En => "standard errors".to_owned(),
        Brackets::StdError => "标准误".to_owned(),
        Brackets::PValue if lang == Lang::En => "p-values".to_owned(),
        Brackets::PValue => "p值".to_owned(),
        Brackets::T => {
            let names = columns.iter().map(|column| {
                Some(match (column.fit.df_test.is_some(), lang) {
                    (true, Lang::En) => "t statistics".to_owned(),
                    (false, Lang::En) => "z statistics".to_owned(),
                    (true, Lang::Zh) => "t值".to_owned(),
                    (false, Lang::Zh) => "z值".to_owned(),
                })
            });
            by_column(names.collect(), lang)?
        }
    };
    Some(match lang {
        Lang::En => sentence("In parentheses", &words, lang),
        Lang::Zh => format!("括号内为{words}；"),
    })
}

fn star_legend(style: &Style) -> Option<String> {
    let legend = style.legend();
    if legend.is_empty() {
        return Some(match style.lang {
            Lang::En => "No stars are printed.".to_owned(),
            Lang::Zh => "未标注显著性星号。".to_owned(),
        });
    }
    Some(match style.lang {
        Lang::En => {
            let levels: Vec<String> = legend
                .iter()
                .map(|(sign, level)| format!("{sign} p < {}", plain(*level)))
                .collect();
            format!("{}.", levels.join(", "))
        }
        Lang::Zh => {
            let signs: Vec<&str> = legend.iter().map(|(sign, _)| sign.as_str()).collect();
            let levels: Vec<String> = legend
                .iter()
                .map(|(_, level)| format!("{}%", plain(level * 100.0)))
                .collect();
            let each = if legend.len() > 1 {
                "分别表示"
            } else {
                "表示"
            };
            format!(
                "{}{each}在{}水平上显著。",
                signs.join("、"),
                levels.join("、")
            )
        }
    })
}

fn covariance(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let values = columns
        .iter()
        .map(|column| Some(vcov_words(column.fit, style)));
    let words = by_column(values.collect(), style.lang)?;
    Some(match style.lang {
        Lang::En => sentence("Standard errors", &words, style.lang),
        Lang::Zh => sentence("标准误", &words, style.lang),
    })
}

fn degrees_of_freedom(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let fit = column.fit;
        let own = fit.coefficients.iter().any(|c| c.df.is_some());
        let wild = fit.vcov.kind.starts_with("wild:");
        Some(match (fit.df_test, lang) {
            (_, Lang::En) if own => "t with each coefficient's own degrees of freedom".to_owned(),
            (_, Lang::Zh) if own => "各系数自由度不同的t分布".to_owned(),
            (_, Lang::En) if wild => "wild cluster bootstrap".to_owned(),
            (_, Lang::Zh) if wild => "wild聚类自助法".to_owned(),
            (Some(df), _) => format!("t({})", plain(df)),
            (None, Lang::En) => "standard normal".to_owned(),
            (None, Lang::Zh) => "标准正态分布".to_owned(),
        })
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Distribution of the tests", &words, lang),
        Lang::Zh => sentence("检验所用分布", &words, lang),
    })
}

fn convention(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let vcov = &column.fit.vcov;
        // None of a convention's constants enters these.
        let own = ["crv3:", "cr2:", "pairs:"];
        if own.iter().any(|kind| vcov.kind.starts_with(kind)) {
            return None;
        }
        let factor = significant(vcov.small_sample_factor, 5);
        Some(match lang {
            Lang::En => format!("{} (factor {factor} on the covariance)", vcov.convention),
            Lang::Zh => format!("{}（协方差乘以{factor}）", vcov.convention),
        })
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Small-sample convention", &words, lang),
        Lang::Zh => sentence("小样本修正惯例", &words, lang),
    })
}

/// A warning where columns use different kinds of covariance.
fn comparability(columns: &[RegressionColumn<'_>], lang: Lang) -> Option<String> {
    let kinds = gathered(columns.iter().map(|column| Some(&column.fit.vcov.kind)));
    (kinds.len() > 1).then(|| match lang {
        Lang::En => {
            "Columns with different kinds of standard errors are not comparable in their stars."
                .to_owned()
        }
        Lang::Zh => "各列标准误类型不同，其显著性不宜直接比较。".to_owned(),
    })
}

fn few_clusters(columns: &[RegressionColumn<'_>], lang: Lang) -> Option<String> {
    let few = columns.iter().map(|column| {
        // Jackknife, bias-reduced errors and the wild bootstrap are made for few clusters.
        let kinds = ["cluster:", "pairs:"];
        if !kinds
            .iter()
            .any(|kind| column.fit.vcov.kind.starts_with(kind))
        {
            return None;
        }
        let count = fewest_clusters(column.fit)?;
        let noted = column
            .fit
            .notes
            .iter()
            .any(|note| note.kind == "few-clusters");
        (count < FEW_CLUSTERS || noted).then_some(count)
    });
    let groups = gathered(few);
    if groups.is_empty() {
        return None;
    }
    let total = columns.len();
    let phrases = groups.iter().map(|(count, places)| {
        let place = if places.len() == total {
            String::new()
        } else {
            column_words(places, lang)
        };
        match (lang, place.is_empty()) {
            (Lang::En, true) => count.to_string(),
            (Lang::En, false) => format!("{count} in {place}"),
            (Lang::Zh, _) => format!("{place}{count}个"),
        }
    });
    let phrases: Vec<String> = phrases.collect();
    Some(match lang {
        Lang::En => format!(
            "Few clusters ({}): tests based on clustered errors reject too often there.",
            phrases.join("; ")
        ),
        Lang::Zh => format!(
            "聚类数过少（{}）：基于聚类标准误的检验容易过度拒绝原假设。",
            phrases.join("，")
        ),
    })
}

/// How the constant of columns with effects is normalised.
fn constant(columns: &[RegressionColumn<'_>], style: &Style) -> Option<String> {
    let lang = style.lang;
    let values = columns.iter().map(|column| {
        let fit = column.fit;
        if fit.fixed_effects.is_empty() || fit.coefficient("_cons").is_none() {
            return None;
        }
        let note = fit.notes.iter().find(|note| note.kind == "constant");
        Some(constant_words(note, lang))
    });
    let words = by_column(values.collect(), lang)?;
    Some(match lang {
        Lang::En => sentence("Constant beside fixed effects", &words, lang),
        Lang::Zh => sentence("含固定效应时的常数项", &words, lang),
    })
}

fn constant_words(note: Option<&Note>, lang: Lang) -> String {
    let about = note.and_then(|note| note.about.first()).map(String::as_str);
    let words = match (about, lang) {
        (Some("mean-preserving"), Lang::En) => {
            "mean of the outcome less the means of the regressors times their coefficients"
        }
        (Some("mean-preserving"), Lang::Zh) => "被解释变量均值减去各解释变量均值与其系数之积",
        (Some("time-dummies"), Lang::En) => {
            "that of unit effects with time dummies, first period left out"
        }
        (Some("time-dummies"), Lang::Zh) => "个体效应加时间虚拟变量（以首期为基期）回归中的常数项",
        (_, Lang::En) => {
            return note.map_or_else(
                || "normalisation not stated".to_owned(),
                |note| note.text.trim_end_matches('.').to_owned(),
            );
        }
        (_, Lang::Zh) => {
            return note.map_or_else(|| "归一化方式未说明".to_owned(), |note| note.text.clone());
        }
    };
    words.to_owned()
}

/// The note of a fit as it is told outside a table: as it is in English, in Chinese where its kind is known.
pub fn note_words(note: &Note, fit: &Fit, lang: Lang) -> String {
    match lang {
        Lang::En => note.text.clone(),
        Lang::Zh if note.kind == "collinear" => dropped_words(&note.text, lang),
        Lang::Zh => said_below_tables(note, fit).unwrap_or_else(|| remark(note, fit, lang)),
    }
}

/// The Chinese sentences that a table of this fit alone has in the place of a note.
fn said_below_tables(note: &Note, fit: &Fit) -> Option<String> {
    let column = [RegressionColumn::new(fit)];
    let style = Style::new(Lang::Zh);
    match note.kind.as_str() {
        "convention" => {
            let sentences = [
                covariance(&column, &style),
                degrees_of_freedom(&column, &style),
                convention(&column, &style),
            ];
            Some(sentences.into_iter().flatten().collect())
        }
        "constant" => constant(&column, &style),
        "few-clusters" => Some(few_clusters(&column, Lang::Zh).unwrap_or_else(|| {
            let count = fewest_clusters(fit).unwrap_or(0);
            format!("聚类数过少（{count}个），聚类标准误平均偏小。")
        })),
        _ => None,
    }
}

/// The note of a fit as a sentence; in Chinese where its kind is known.
fn remark(note: &Note, fit: &Fit, lang: Lang) -> String {
    let random = fit.model.starts_with("random");
    let about = |at: usize| note.about.get(at).map_or("", String::as_str);
    let fixed = match note.kind.as_str() {
        "perfect-fit" => "残差接近舍入误差（R²为1），标准误与检验意义不大。",
        "variance-components" => "个体效应的方差估计为零，估计结果等同于混合最小二乘法。",
        "r2" if random => "R²、残差平方和与均方根误差均为准离差回归的结果。",
        "r2" => "模型不含常数项，R²以零而非均值为基准。",
        "between" => "观测为各个体的均值，各个体权重相同。",
        "first-difference" => "观测为同一个体对上一时期的差分。",
        "effects" => "公式未列出固定效应，按个体吸收固定效应。",
        "vcov" if note.text.contains("semidefinite") => {
            "系数协方差矩阵非半正定，其负特征值已设为零。"
        }
        "leverage" => "被固定效应完全拟合的观测（杠杆值为1）不影响系数，也不计入稳健标准误。",
        "conley" => "截断距离内没有相邻地点，空间标准误等同于按地点聚类的标准误。",
        "separation" => "使有限估计值不存在的观测（完全分离）已剔除。",
        "logit" => "固定效应以虚拟变量估计，每组观测较少时估计量有偏。",
        _ => "",
    };
    let chinese = match note.kind.as_str() {
        "weights" if fit.deviance.is_some() => format!("各观测的对数似然以{}加权。", about(0)),
        "weights" => format!("以{}为权重的加权最小二乘法。", about(0)),
        "vcov" if about(0) == "unasked" => {
            "未指定标准误类型：采用同方差标准误（iid，不聚类），参见--vcov。".to_owned()
        }
        "vcov" if fixed.is_empty() && !clusters(fit).is_empty() => {
            let names: Vec<String> = clusters(fit).into_iter().map(|(name, _)| name).collect();
            format!(
                "按{}的规则，稳健标准误按{}聚类。",
                fit.vcov.convention,
                list(&names, lang)
            )
        }
        "no-error" => format!(
            "{}没有标准误：残差与回归元剩余部分的乘积在求和中全部抵消（如双向固定效应下只有两个个体，或为聚类自身的虚拟变量），或其负方差已设为零；可改用同方差标准误（iid）。",
            list(&note.about, lang)
        ),
        "repeated" => format!(
            "有{}行的个体与时期和其他行重复（首例：第{}行与第{}行）。",
            about(0),
            about(1),
            about(2)
        ),
        "weak-instruments" => format!(
            "弱工具变量：第一阶段的{}F值为{}，小于10（Staiger和Stock，1997），估计值偏向最小二乘估计，t检验过度拒绝；应以Anderson-Rubin检验及其置信集为准，或寻找更强的工具变量。",
            if about(0) == "effective" {
                "有效"
            } else {
                about(0)
            },
            about(1)
        ),
        "streamed" => format!("数据分{}次扫描读入。", about(0)),
        "iterations" => format!("固定效应迭代{}次求解。", about(0)),
        _ if fixed.is_empty() => small_samples::chinese(note, fit).unwrap_or_default(),
        _ => fixed.to_owned(),
    };
    if lang == Lang::Zh && !chinese.is_empty() {
        return chinese;
    }
    format!("{}.", capital(note.text.trim_end_matches('.')))
}

/// Sentences of fits and columns that are not said above, each once, with its columns.
fn remarks(columns: &[RegressionColumn<'_>], lang: Lang) -> Vec<String> {
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let notes = column.fit.notes.iter();
        let notes = notes.filter(|note| !SAID_HERE.contains(&note.kind.as_str()));
        let texts = notes.map(|note| remark(note, column.fit, lang));
        for text in texts.chain(column.notes.iter().cloned()) {
            match found.iter_mut().find(|(known, _)| *known == text) {
                Some((_, places)) if places.contains(&place) => {}
                Some((_, places)) => places.push(place),
                None => found.push((text, vec![place])),
            }
        }
    }
    let said = found.into_iter().map(|(text, places)| {
        if places.len() == columns.len() {
            return text;
        }
        let place = column_words(&places, lang);
        match lang {
            Lang::En => format!("{}: {text}", capital(&place)),
            Lang::Zh => format!("{place}：{text}"),
        }
    });
    said.collect()
}
