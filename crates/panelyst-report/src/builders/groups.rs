//! Differences of a coefficient between groups: every pair, both tests, clusters and cautions.

use panelyst_model::results::GroupDifference;

use super::style::Style;
use super::{Numbered, body, header, number, p_cell, text};
use crate::table::{Cell, Digits, Lang, Table};
use crate::words;

/// Both tests of one pair of groups on one term.
pub(crate) struct Pair<'a> {
    /// Interaction test, if it was made.
    pub interaction: Option<&'a GroupDifference>,
    /// Permutation test, if it was made.
    pub permutation: Option<&'a GroupDifference>,
}

impl<'a> Pair<'a> {
    /// Whichever row there is; for what both share.
    pub fn any(&self) -> Option<&'a GroupDifference> {
        self.interaction.or(self.permutation)
    }
}

/// Rows on the same term and groups brought together, in order of first appearance.
pub(crate) fn pairs(rows: &[GroupDifference]) -> Vec<Pair<'_>> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for row in rows {
        // Stacked tests stand in the results and in a sentence below the table.
        if row.method == "suest" {
            continue;
        }
        let same = |pair: &&mut Pair<'_>| {
            pair.any()
                .is_some_and(|known| known.term == row.term && known.groups == row.groups)
        };
        let place = match pairs.iter_mut().find(same) {
            Some(pair) => pair,
            None => {
                pairs.push(Pair {
                    interaction: None,
                    permutation: None,
                });
                match pairs.last_mut() {
                    Some(pair) => pair,
                    None => continue,
                }
            }
        };
        if row.method == "permutation" {
            place.permutation = Some(row);
        } else {
            place.interaction = Some(row);
        }
    }
    pairs
}

/// Every pair of groups: coefficients, difference, t and p of the interaction, p of the permutation, clusters, caution.
pub fn group_differences(
    id: &str,
    label: &str,
    title: &str,
    rows: &[GroupDifference],
    style: &Style,
) -> Table {
    let lang = style.lang;
    let pairs = pairs(rows);
    let many_terms = rows.windows(2).any(|two| two[0].term != two[1].term);
    let mut notes = Numbered::default();
    let mut body_rows = Vec::new();
    for pair in &pairs {
        let Some(shared) = pair.any() else { continue };
        let mut cells = Vec::new();
        if many_terms {
            cells.push(text(style.label(&shared.term)));
        }
        let [first, second] = &shared.groups;
        let between = match lang {
            Lang::En => format!("{} - {}", style.label(first), style.label(second)),
            Lang::Zh => format!("{}—{}", style.label(first), style.label(second)),
        };
        let cautions = [pair.interaction, pair.permutation].into_iter().flatten();
        let marks: Vec<String> = cautions
            .map(|row| notes.mark(&caution(row, lang)))
            .collect();
        let mut marks: Vec<&str> = marks.iter().map(String::as_str).collect();
        marks.dedup();
        let p_value = pair.interaction.and_then(|row| row.p_value);
        cells.extend([
            text(between),
            number(shared.estimates[0], style.digits),
            number(shared.estimates[1], style.digits),
            difference(shared.difference, p_value, style),
            pair.interaction
                .and_then(|row| row.statistic)
                .map_or(Cell::Empty, |value| number(value, style.bracket_digits)),
            p_cell(p_value),
            p_cell(pair.permutation.and_then(|row| row.p_value)),
            text(format!("{} / {}", shared.clusters[0], shared.clusters[1])),
            text(marks.concat()),
        ]);
        body_rows.push(body(cells));
    }
    let mut heads = Vec::new();
    if many_terms {
        heads.push(words::TERM.say(lang));
    }
    heads.extend(
        [
            words::GROUPS,
            words::ESTIMATE_FIRST,
            words::ESTIMATE_SECOND,
            words::DIFFERENCE,
            words::T_INTERACTION,
            words::P_INTERACTION,
            words::P_PERMUTATION,
            words::CLUSTERS_EACH,
            words::CAUTION,
        ]
        .map(|word| word.say(lang)),
    );
    let mut paragraphs = how(rows, lang);
    paragraphs.extend(notes.paragraphs());
    Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![header(&heads)],
        rows: body_rows,
        notes: paragraphs,
        lang,
    }
}

/// The note of a test without what is said for all rows, in Chinese where its parts are known.
pub(crate) fn caution(row: &GroupDifference, lang: Lang) -> String {
    let parts = row
        .note
        .split("; ")
        .filter(|part| !part.is_empty() && !part.contains("random assignments of units, seed"));
    let parts: Vec<String> = parts
        .map(|part| match lang {
            Lang::En => part.to_owned(),
            Lang::Zh => chinese(part),
        })
        .collect();
    parts.join(match lang {
        Lang::En => "; ",
        Lang::Zh => "；",
    })
}

fn chinese(part: &str) -> String {
    let between = |start: &str, end: &str| part.strip_prefix(start)?.strip_suffix(end);
    if let Some(found) = between("covariance ", " convention")
        && let Some((vcov, convention)) = found.split_once(" of the pooled regression, ")
    {
        return format!("合并回归的协方差为{vcov}，采用{convention}惯例");
    }
    if let Some(count) = between("exact: all ", " assignments of units") {
        return format!("精确检验：穷举全部{count}种个体分配");
    }
    if let Some(groups) = between("few clusters (", "): take the p-value with caution") {
        let groups = groups.replace(" has ", "：").replace(", ", "，");
        return format!("聚类数过少（{groups}），p值应谨慎解读");
    }
    part.to_owned()
}

/// The difference, with stars only where the interaction test was made.
fn difference(value: f64, p_value: Option<f64>, style: &Style) -> Cell {
    match p_value {
        Some(p) if value.is_finite() => Cell::Estimate {
            value,
            digits: Digits::Significant(3),
            stars: style.stars_of(p),
        },
        _ => number(value, Digits::Significant(3)),
    }
}

/// What is left after a correction for the number of pairs: the smallest p-value of each method.
fn corrected(rows: &[GroupDifference], lang: Lang) -> Option<String> {
    let pairs = rows
        .iter()
        .filter(|r| r.method == rows[0].method && r.term == rows[0].term);
    let pairs = pairs.count();
    if pairs < 2 {
        return None;
    }
    let methods = [
        ("interaction", "interaction", "交互项"),
        ("suest", "stacked Wald (SUEST)", "似无相关Wald检验（SUEST）"),
        ("permutation", "permutation", "置换检验"),
    ];
    let each: Vec<String> = methods
        .iter()
        .filter_map(|(method, en, zh)| {
            let own = rows.iter().filter(|row| row.method == *method);
            let least = own.filter_map(|row| row.p_value_holm).reduce(f64::min)?;
            let p = if least < 0.0005 {
                "<0.001".to_owned()
            } else {
                format!("{least:.3}")
            };
            Some(match lang {
                Lang::En => format!("{en} {p}"),
                Lang::Zh => format!("{zh}{p}"),
            })
        })
        .collect();
    if each.is_empty() {
        return None;
    }
    Some(match lang {
        Lang::En => format!(
            "Smallest p-value corrected for {pairs} pairs (Holm): {}.",
            each.join(", ")
        ),
        Lang::Zh => format!(
            "经{pairs}对比较校正（Holm）的最小p值：{}。",
            each.join("，")
        ),
    })
}

/// How the tests were made, from the rows themselves.
fn how(rows: &[GroupDifference], lang: Lang) -> Vec<String> {
    let mut said = Vec::new();
    if rows.iter().any(|row| row.method == "interaction") {
        said.push(match lang {
            Lang::En => "stars and t refer to the interaction of the variable with the group in the pooled sample of both groups.".to_owned(),
            Lang::Zh => "星号与t值来自两组合并样本中变量与组别的交互项。".to_owned(),
        });
    }
    let mut drawn = Vec::new();
    for draw in rows.iter().filter_map(|row| row.permutations) {
        if !drawn.contains(&draw) {
            drawn.push(draw);
        }
    }
    for draw in drawn {
        said.push(match lang {
            Lang::En => format!(
                "Permutation of whole units between the groups: {} draws, seed {}.",
                draw.draws, draw.seed
            ),
            Lang::Zh => format!(
                "置换检验以个体为单位在组间重新分配：抽取{}次，种子{}。",
                draw.draws, draw.seed
            ),
        });
    }
    said.extend(corrected(rows, lang));
    if said.is_empty() {
        return Vec::new();
    }
    let (prefix, gap) = match lang {
        Lang::En => ("Note: ", " "),
        Lang::Zh => ("注：", ""),
    };
    vec![format!("{prefix}{}", said.join(gap))]
}
