//! What few clusters ask for: rows below the coefficients, and sentences.

use panelyst_model::Fit;
use panelyst_model::results::{Note, SmallSampleRow};

use super::print::significant;
use super::style::Style;
use super::{p_cell, text};
use crate::table::{Cell, Lang, Row, RowKind};
use crate::words::{self, Word};

/// How a p-value is read off a coefficient.
type PValue = fn(&SmallSampleRow) -> Option<f64>;

/// p-values of the jackknife and of the wild bootstrap of one term, where a fit has them.
pub(super) fn rows(term: &str, fits: &[&Fit], style: &Style) -> Vec<Row> {
    if !style.small_samples {
        return Vec::new();
    }
    let kinds: [(Word, PValue); 2] = [
        (words::P_CRV3, |row| row.p_value_crv3),
        (words::P_WILD, |row| {
            Some(row.p_value_wild).filter(|p| !p.is_nan())
        }),
    ];
    let row = |(word, value): (Word, PValue)| {
        let found = fits.iter().map(|fit| {
            let few = fit.small_samples.as_ref()?;
            few.coefficients.iter().find(|row| row.term == term)
        });
        let values: Vec<Cell> = found.map(|found| p_cell(found.and_then(value))).collect();
        if values.iter().all(|cell| *cell == Cell::Empty) {
            return None;
        }
        let mut cells = vec![text(format!("  {}", word.say(style.lang)))];
        cells.extend(values);
        Some(Row {
            kind: RowKind::Bracket,
            cells,
        })
    };
    kinds.into_iter().filter_map(row).collect()
}

/// A note about few clusters in Chinese, from the fit that it is about.
pub(super) fn chinese(note: &Note, fit: &Fit) -> Option<String> {
    match note.kind.as_str() {
        "small-samples" => {
            let few = fit.small_samples.as_ref()?;
            let each: Vec<String> = few
                .coefficients
                .iter()
                .filter(|row| note.about.contains(&row.term))
                .filter_map(|row| {
                    let printed = fit.coefficient(&row.term)?.p_value;
                    Some(format!(
                        "{}（表中p值{printed:.3}，CRV3刀切法{:.3}，wild聚类自助法{:.3}）",
                        row.term, row.p_value_crv3?, row.p_value_wild
                    ))
                })
                .collect();
            let limit = few.wild.least_p_value().map_or(String::new(), |least| {
                format!(
                    "仅有{}种符号组合，wild自助法的p值不会低于{least:.3}，因而无法拒绝原假设。",
                    few.wild.draws
                )
            });
            Some(format!(
                "按{}聚类，共{}个，以下系数在5%水平上的显著性因检验方法而异：{}。{limit}",
                few.cluster,
                few.clusters,
                each.join("；")
            ))
        }
        "satterthwaite" => {
            let each: Vec<String> = fit
                .coefficients
                .iter()
                .filter_map(|c| Some(format!("{}为{}", c.term, significant(c.df?, 3))))
                .collect();
            Some(format!(
                "各系数的自由度按Satterthwaite方法计算：{}。",
                each.join("，")
            ))
        }
        "wild" if note.about.is_empty() => {
            Some("p值与置信区间由施加原假设的wild聚类自助法得到。".to_owned())
        }
        "wild" => Some(format!(
            "{}的置信区间无界：自助法在5%水平上未能拒绝该侧的任何取值。",
            note.about.join("、")
        )),
        "pairs" => Some("部分自助样本无法识别全部系数，已剔除。".to_owned()),
        _ => None,
    }
}

/// The covariances by clusters in words.
pub(super) fn covariance_words(name: &str, by: &str, lang: Lang) -> Option<String> {
    Some(match (name, lang) {
        ("crv3", Lang::En) => format!("cluster jackknife (CRV3) by {by}"),
        ("crv3", Lang::Zh) => format!("按{by}聚类的刀切法标准误（CRV3）"),
        ("cr2", Lang::En) => format!("bias-reduced clustered (CR2) by {by}"),
        ("cr2", Lang::Zh) => format!("按{by}聚类的偏差修正标准误（CR2）"),
        ("wild", Lang::En) => {
            format!("clustered by {by}, p-values and intervals of the wild cluster bootstrap")
        }
        ("wild", Lang::Zh) => {
            format!("按{by}聚类的稳健标准误，p值与置信区间由wild聚类自助法得到")
        }
        ("pairs", Lang::En) => format!("bootstrap of whole clusters (pairs) by {by}"),
        ("pairs", Lang::Zh) => format!("按{by}整群抽样的自助法标准误"),
        _ => return None,
    })
}
