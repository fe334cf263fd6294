//! A specification curve: what all specifications say by choice, and the specifications themselves.

use super::print::{plain, significant};
use super::style::Style;
use super::{Numbered, body, head, header, integer, number, text};
use crate::curve::{CurveChoice, Specification, SpecificationCurve, Spread};
use crate::table::{Cell, Digits, Lang, Row, RowKind, Table};
use crate::words::{self, list};
use std::collections::BTreeSet;

/// Specifications that are printed; of more, the first, the last and the full model.
const PRINTED: usize = 24;

/// Two tables: the spread of the estimates over all specifications and by option, and the specifications by ascending
/// estimate, all of them where they are few.
pub fn specification_curve(
    id: &str,
    label: &str,
    title: &str,
    curve: &SpecificationCurve,
    style: &Style,
) -> Vec<Table> {
    let lang = style.lang;
    let levels = curve.summary.significant.iter();
    let mut heads = vec![head(words::CHOICE.say(lang))];
    heads.extend(
        [
            words::SPECIFICATIONS,
            words::MEDIAN,
            words::MIN,
            words::MAX,
            words::ABOVE_ZERO,
        ]
        .map(|w| head(w.say(lang))),
    );
    heads.extend(levels.map(|at| head(&format!("p < {}", plain(at.level)))));
    let count = heads.len();
    let all = words::ALL_SPECIFICATIONS.say(lang).to_owned();
    let mut rows = vec![spread(all, &curve.summary, style)];
    for (place, choice) in varied(curve) {
        rows.push(Row {
            kind: RowKind::Panel,
            cells: std::iter::once(text(choice_words(choice, style)))
                .chain(std::iter::repeat_n(Cell::Empty, count - 1))
                .collect(),
        });
        for option in 0..choice.options.len() {
            let mut name = option_words(choice, option, style);
            if choice.baseline == Some(option) {
                name.push_str(" †");
            }
            rows.push(spread(name, &curve.with_option(place, option), style));
        }
    }
    let summary = Table {
        id: id.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        header: vec![heads],
        rows,
        notes: notes(curve, style),
        lang,
    };
    let suffix = match lang {
        Lang::En => "b",
        Lang::Zh => "（续）",
    };
    let shown = printed(curve);
    let mut table = specifications(curve, &shown, false, style);
    table.id = format!("{id}-specifications");
    if !label.is_empty() {
        table.label = format!("{label}{suffix}");
    }
    table.title = match lang {
        Lang::En => "Specifications by estimate".to_owned(),
        Lang::Zh => "按系数排序的各模型".to_owned(),
    };
    let reasons = std::mem::take(&mut table.notes);
    table.notes = row_notes(curve, shown.len(), style);
    table.notes.extend(reasons);
    vec![summary, table]
}

/// All specifications with every digit, as a table of data: one row each, sorted, one column for each choice.
pub fn specification_rows(id: &str, curve: &SpecificationCurve, style: &Style) -> Table {
    let all: Vec<usize> = (0..curve.specifications.len()).collect();
    let mut table = specifications(curve, &all, true, style);
    table.id = format!("{id}-all-rows");
    table
}

/// Choices with several options, and their places.
fn varied(curve: &SpecificationCurve) -> impl Iterator<Item = (usize, &CurveChoice)> {
    let choices = curve.choices.iter().enumerate();
    choices.filter(|(_, choice)| choice.options.len() > 1)
}

fn spread(name: String, spread: &Spread, style: &Style) -> Row {
    let value = |x: Option<f64>| x.map_or(Cell::Empty, |x| number(x, style.digits));
    let mut cells = vec![
        text(name),
        text(if spread.distinct == spread.specifications {
            spread.distinct.to_string()
        } else {
            format!("{} / {}", spread.distinct, spread.specifications)
        }),
        value(spread.median),
        value(spread.min),
        value(spread.max),
        integer(spread.positive),
    ];
    let levels = spread.significant.iter();
    cells.extend(levels.map(|at| integer(at.positive + at.negative)));
    body(cells)
}

/// The places that are printed, one for each distinct model: that of the full model, else the first.
fn printed(curve: &SpecificationCurve) -> Vec<usize> {
    let rows = &curve.specifications;
    let mut models: Vec<usize> = Vec::new();
    let mut seen = BTreeSet::new();
    let own = curve.baseline.map(|place| (place, rows[place].rank));
    for (place, row) in rows.iter().enumerate() {
        if seen.insert(row.rank) {
            models.push(match own {
                Some((baseline, rank)) if rank == row.rank => baseline,
                _ => place,
            });
        }
    }
    let all = models.len();
    if all <= PRINTED {
        return models;
    }
    let (ends, refused) = (PRINTED / 2 - 2, 2);
    let estimated = curve.summary.distinct;
    let mut places: Vec<usize> = (0..ends.min(estimated)).collect();
    places.extend(estimated.saturating_sub(ends)..estimated);
    places.extend((estimated..all).take(refused));
    places.extend(own.map(|(_, rank)| rank - 1));
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| models[place]).collect()
}

/// Specifications as rows: as printed, or as data with machine words and full numbers.
fn specifications(
    curve: &SpecificationCurve,
    places: &[usize],
    data: bool,
    style: &Style,
) -> Table {
    let lang = style.lang;
    let choices: Vec<(usize, &CurveChoice)> = varied(curve).collect();
    let refused = places
        .iter()
        .any(|&place| curve.specifications[place].reason.is_some());
    let mut reasons = Numbered::default();
    let mut heads = vec![if data { "rank" } else { "" }.to_owned()];
    heads.extend(choices.iter().map(|(_, choice)| {
        if data {
            machine(choice)
        } else {
            choice_words(choice, style)
        }
    }));
    if data {
        heads.extend(
            [
                "term",
                "estimate",
                "std_error",
                "statistic",
                "p_value",
                "ci_low",
                "ci_high",
                "nobs",
                "baseline",
                "reason",
            ]
            .map(str::to_owned),
        );
    } else {
        let shown = [
            words::COEFFICIENT,
            words::STD_ERROR,
            words::P_VALUE,
            words::OBSERVATIONS,
        ];
        heads.extend(shown.map(|w| w.say(lang).to_owned()));
        if refused {
            heads.push(words::REASON.say(lang).to_owned());
        }
    }
    let mut rows = Vec::with_capacity(places.len());
    for &place in places {
        let row = &curve.specifications[place];
        let chosen = choices.iter().map(|&(choice, known)| {
            match row.options.get(choice).copied().flatten() {
                None if data => String::new(),
                None => "-".to_owned(),
                Some(option) if data => known.options.get(option).cloned().unwrap_or_default(),
                Some(option) => option_words(known, option, style),
            }
        });
        let mark = if row.baseline { " †" } else { "" };
        let rank = row.rank.to_string();
        let first = if data { rank } else { format!("{rank}{mark}") };
        let mut cells: Vec<Cell> = std::iter::once(first).chain(chosen).map(text).collect();
        if data {
            cells.extend(in_full(row));
        } else {
            cells.extend(as_printed(row, style));
            if refused {
                cells.push(text(reasons.mark(row.reason.as_deref().unwrap_or(""))));
            }
        }
        rows.push(body(cells));
    }
    Table {
        id: String::new(),
        label: String::new(),
        title: String::new(),
        header: vec![header(
            &heads.iter().map(String::as_str).collect::<Vec<_>>(),
        )],
        rows,
        notes: reasons.paragraphs(),
        lang,
    }
}

/// A specification with as many digits as its numbers have.
fn in_full(row: &Specification) -> Vec<Cell> {
    let value = |x: Option<f64>| {
        text(
            x.filter(|x| x.is_finite())
                .map_or(String::new(), |x| format!("{x}")),
        )
    };
    let mut cells = vec![text(row.term.clone())];
    cells.extend(
        [
            row.estimate,
            row.std_error,
            row.statistic,
            row.p_value,
            row.ci_low,
            row.ci_high,
        ]
        .map(value),
    );
    cells.push(row.nobs.map_or(Cell::Empty, integer));
    cells.push(integer(usize::from(row.baseline)));
    cells.push(text(row.reason.clone().unwrap_or_default()));
    cells
}

fn as_printed(row: &Specification, style: &Style) -> Vec<Cell> {
    let p_value = row.p_value.unwrap_or(f64::NAN);
    vec![
        row.estimate.map_or(Cell::Empty, |value| Cell::Estimate {
            value,
            digits: style.digits,
            stars: style.stars_of(p_value),
        }),
        row.std_error
            .map_or(Cell::Empty, |x| number(x, Digits::Significant(3))),
        super::p_cell(row.p_value),
        row.nobs.map_or(Cell::Empty, integer),
    ]
}

/// `fill highway`, `controls`.
fn machine(choice: &CurveChoice) -> String {
    match &choice.variable {
        Some(variable) => format!("{} {variable}", choice.choice),
        None => choice.choice.clone(),
    }
}

/// What a choice is about, in words.
pub fn choice_words(choice: &CurveChoice, style: &Style) -> String {
    let word = match choice.choice.as_str() {
        "fill" => words::FILLING,
        "log-base" => words::LOG_BASE,
        "formula" => words::FORMULA_OF,
        "where" => words::ROWS,
        "effects" => words::EFFECTS,
        "vcov" => words::COVARIANCE,
        "conventions" => words::CONVENTION,
        "outcome" => words::OUTCOME,
        "core" => words::CORE,
        _ => words::CONTROLS,
    };
    let word = word.say(style.lang);
    match (&choice.variable, style.lang) {
        (Some(variable), Lang::En) => format!("{word} {}", style.label(variable)),
        (Some(variable), Lang::Zh) => format!("{word}{}", style.label(variable)),
        (None, _) => word.to_owned(),
    }
}

/// An option of a choice in words.
pub fn option_words(choice: &CurveChoice, option: usize, style: &Style) -> String {
    let typed = choice.options.get(option).map_or("", String::as_str);
    let empty = match choice.choice.as_str() {
        "where" => words::ALL_ROWS,
        "vcov" => words::OF_MODEL,
        _ => words::NO_TERMS,
    };
    if typed.is_empty() {
        return empty.say(style.lang).to_owned();
    }
    match choice.choice.as_str() {
        "core" | "controls" | "outcome" | "effects" => {
            let terms = typed.split(" + ").map(|term| style.label(term));
            terms.collect::<Vec<_>>().join(" + ")
        }
        _ => typed.to_owned(),
    }
}

fn notes(curve: &SpecificationCurve, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let summary = &curve.summary;
    let mut notes = Vec::new();
    let levels: Vec<String> = summary
        .significant
        .iter()
        .map(|at| match lang {
            Lang::En => format!(
                "{} positive and {} negative at {} %",
                at.positive,
                at.negative,
                plain(at.level * 100.0)
            ),
            Lang::Zh => format!(
                "{}%水平上为正{}个、为负{}个",
                plain(at.level * 100.0),
                at.positive,
                at.negative
            ),
        })
        .collect();
    let levels = match lang {
        Lang::En => levels.join("; "),
        Lang::Zh => levels.join("；"),
    };
    notes.push(match lang {
        Lang::En => format!(
            "Note: every combination of the choices, once each where a choice plays no part in a model; coefficient of the core variable. Estimated are {} of {} specifications{}: {} positive, {} negative. Significant: {levels}.",
            summary.estimated,
            summary.specifications,
            coinciding(summary, lang),
            summary.positive,
            summary.negative
        ),
        Lang::Zh => format!(
            "注：对各项设定的所有组合逐一估计（与模型无关的设定不重复计数），表中为核心变量的系数。共{}个模型，其中{}个得到估计{}：系数为正{}个，为负{}个。显著情况：{levels}。",
            summary.specifications,
            summary.estimated,
            coinciding(summary, lang),
            summary.positive,
            summary.negative
        ),
    });
    notes.extend(baseline_note(curve, style));
    notes.extend(moved_note(curve, style));
    notes.push(match lang {
        Lang::En => "The p-values are those of each specification by itself. They are not corrected for the number of specifications, and the specifications are not independent of each other: neither the number of significant ones nor the smallest p-value is a test of all of them together, for which the null must be resampled (Simonsohn, Simmons and Nelson 2020).".to_owned(),
        Lang::Zh => "各p值仅就单个模型而言，未按模型个数校正，且各模型并不相互独立；显著模型的个数或最小的p值都不构成对全部模型的联合检验，联合检验需在原假设下重抽样（Simonsohn、Simmons和Nelson，2020）。".to_owned(),
    });
    notes
}

/// How many combinations are the same model as another.
fn coinciding(summary: &Spread, lang: Lang) -> String {
    let more = summary.estimated - summary.distinct;
    match (more, lang) {
        (0, _) => String::new(),
        (_, Lang::En) => format!(
            ", {more} of them the same model as another (a control that the effects take up, effects that are idle in a sample, an option that changes nothing), which is counted once; {} distinct models",
            summary.distinct
        ),
        (_, Lang::Zh) => format!(
            "；其中{more}个组合与其他组合是同一模型（控制变量被固定效应吸收、固定效应在子样本中不起作用或选项不改变模型），只计一次，不同的模型共{}个",
            summary.distinct
        ),
    }
}

/// Where the full model of the study stands.
fn baseline_note(curve: &SpecificationCurve, style: &Style) -> Option<String> {
    let lang = style.lang;
    let Some(place) = curve.baseline else {
        return Some(match lang {
            Lang::En => "The full model of the study is none of these specifications.".to_owned(),
            Lang::Zh => "研究的基准模型不在这些模型之中。".to_owned(),
        });
    };
    let row = &curve.specifications[place];
    let (Some(estimate), Some(p)) = (row.estimate, row.p_value) else {
        return Some(match lang {
            Lang::En => "† The full model of the study; it cannot be estimated.".to_owned(),
            Lang::Zh => "†为研究的基准模型，无法估计。".to_owned(),
        });
    };
    let (estimate, p) = (significant(estimate, 3), super::p_words(p));
    let (rank, all) = (row.rank, curve.summary.distinct);
    let flips = curve.summary.sign_flips.unwrap_or(0);
    Some(match lang {
        Lang::En => format!(
            "† The full model of the study: {estimate} ({p}), rank {rank} of {all}; {flips} specification{} the other sign.",
            if flips == 1 { " has" } else { "s have" }
        ),
        Lang::Zh => format!(
            "†为研究的基准模型：系数{estimate}（{p}），在{all}个模型中排第{rank}；{flips}个模型的符号与其相反。"
        ),
    })
}

/// Which choice moves the estimates most.
fn moved_note(curve: &SpecificationCurve, style: &Style) -> Option<String> {
    let lang = style.lang;
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "-".to_owned(), |s| plain((s * 1000.0).round() / 10.0))
    };
    let parts: Vec<String> = curve
        .summary
        .moved_by
        .iter()
        .filter(|moved| moved.share_of_estimates.is_some())
        .map(|moved| {
            let name = choice_words(&curve.choices[moved.choice], style);
            let (estimates, statistics) = (
                percent(moved.share_of_estimates),
                percent(moved.share_of_statistics),
            );
            match lang {
                Lang::En => format!("{name} {estimates} % ({statistics} %)"),
                Lang::Zh => format!("{name}{estimates}%（{statistics}%）"),
            }
        })
        .collect();
    if parts.is_empty() {
        return None;
    }
    let mut note = match lang {
        Lang::En => format!(
            "Share of the variance of the estimates (of the t statistics) that lies between the options of a choice: {}.",
            list(&parts, lang)
        ),
        Lang::Zh => format!(
            "各项设定的选项之间的差异占系数（t值）方差的比重：{}。",
            list(&parts, lang)
        ),
    };
    if curve.summary.balanced == Some(false) {
        note.push_str(match lang {
            Lang::En => " Each share is that of the choice by itself (correlation ratio; Fisher 1925). Not every combination of the options has an estimate or concerns every choice, so that the choices are not balanced against each other: the shares overlap and may add up to more than 100 %.",
            Lang::Zh => "每一比重均就单项设定而言（相关比；Fisher，1925）。并非所有选项组合都有估计或涉及每项设定，各项设定之间不平衡，因此比重相互重叠，其和可能超过100%。",
        });
    }
    let scales = ["core", "outcome", "log-base", "formula"];
    let scaled = varied(curve).any(|(_, choice)| scales.contains(&choice.choice.as_str()));
    if scaled {
        note.push_str(match lang {
            Lang::En => " Coefficients of other variables, bases and formulas are not in the same unit: compare the t statistics.",
            Lang::Zh => "更换变量、对数的底或公式后系数的单位不同，应比较t值。",
        });
    }
    Some(note)
}

fn row_notes(curve: &SpecificationCurve, shown: usize, style: &Style) -> Vec<String> {
    let lang = style.lang;
    let mut notes = Vec::new();
    let levels: Vec<String> = style
        .legend()
        .iter()
        .map(|(sign, level)| format!("{sign} p < {}", plain(*level)))
        .collect();
    if !levels.is_empty() {
        notes.push(match lang {
            Lang::En => format!("Note: {}.", levels.join(", ")),
            Lang::Zh => format!("注：{}。", levels.join("，")),
        });
    }
    let all = curve.specifications.last().map_or(0, |row| row.rank);
    if shown < all {
        notes.push(match lang {
            Lang::En => format!(
                "{shown} of {all} specifications; all of them stand in results.json and, with every digit, in the CSV file of all rows."
            ),
            Lang::Zh => format!("仅列出{all}个模型中的{shown}个；全部模型见results.json以及包含全部行的CSV文件。"),
        });
    }
    notes
}
