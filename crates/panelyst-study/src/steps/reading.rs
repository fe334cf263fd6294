//! The study in words: definitions, headings, and the facts that the reading is made from.

use super::estimates::Data;
use super::tables::{Made, Results};
use crate::plan::{ColumnPlan, Sign, Study, VariablePlan, VariableRule};
use panelyst_data::indices::INDICES;
use panelyst_lang::ast::{BinaryOp, ExprKind};
use panelyst_model::results::{GroupDifference, TestRow};
use panelyst_report::Lang;
use panelyst_report::builders::{Definition, Role, Style};
use panelyst_report::reading::{
    self, ColumnFacts, GroupFacts, Hypothesis, IndexFacts, LedgerCounts, PanelFacts, ReadingInput,
    Scale, SourceFacts, TableNames, VariableFacts, VariantFacts,
};

/// Rows of the table of definitions: variables with a role, in the order of roles and of the file.
pub fn definitions(study: &Study, data: &Data) -> Vec<Definition> {
    let lang = study.settings.lang;
    let mut rows: Vec<(usize, Definition)> = study
        .variables
        .iter()
        .filter_map(|v| {
            let (order, role) = role(&v.role)?;
            Some((
                order,
                Definition {
                    role,
                    name: v.name.clone(),
                    label: label(v, lang),
                    definition: definition(v, lang),
                    unit: v
                        .unit
                        .as_ref()
                        .map(|u| u.get(lang).to_owned())
                        .unwrap_or_default(),
                    source: source_of(study, data, v, lang),
                },
            ))
        })
        .collect();
    rows.sort_by_key(|(order, _)| *order);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn role(word: &str) -> Option<(usize, Role)> {
    match word {
        "outcome" => Some((0, Role::Outcome)),
        "core" => Some((1, Role::Core)),
        "control" => Some((2, Role::Control)),
        "alternative" => Some((3, Role::Substitute)),
        _ => None,
    }
}

fn label(variable: &VariablePlan, lang: Lang) -> String {
    variable
        .label
        .as_ref()
        .map_or_else(|| variable.name.clone(), |l| l.get(lang).to_owned())
}

/// The definition in words: the study's, or the formula.
fn definition(variable: &VariablePlan, lang: Lang) -> String {
    if let Some(text) = &variable.definition {
        return text.get(lang).to_owned();
    }
    match &variable.rule {
        VariableRule::Column => variable.name.clone(),
        VariableRule::Formula(_, typed) => typed.value.clone(),
        VariableRule::TwoSeries {
            index,
            activity,
            total,
            ..
        } => {
            format!(
                "{} ({} / {})",
                index_label(index, lang),
                activity.value,
                total.value
            )
        }
        VariableRule::Index { index, value, .. } => {
            format!("{} ({})", index_label(index, lang), value.value)
        }
    }
}

fn index_label(name: &str, lang: Lang) -> String {
    INDICES.iter().find(|row| row.name == name).map_or_else(
        || name.to_owned(),
        |row| match lang {
            Lang::En => row.label.to_owned(),
            Lang::Zh => row.label_zh.to_owned(),
        },
    )
}

/// Citations of the sources that a variable's columns come from.
pub(crate) fn source_of(study: &Study, data: &Data, variable: &VariablePlan, lang: Lang) -> String {
    let mut names = Vec::new();
    collect_columns(study, variable, &mut names, 0);
    let mut cited: Vec<String> = Vec::new();
    for plan in &study.sources {
        let from_here = match &variable.rule {
            VariableRule::Index { source, .. } => source.value == plan.name,
            _ => names.iter().any(|name| data.gives(&plan.name, name)),
        };
        if let (true, Some(cite)) = (from_here, &plan.cite) {
            let cite = cite.get(lang).to_owned();
            if !cited.contains(&cite) {
                cited.push(cite);
            }
        }
    }
    cited.join("; ")
}

/// Columns of sources behind a variable, through other variables.
fn collect_columns(study: &Study, variable: &VariablePlan, names: &mut Vec<String>, depth: usize) {
    let needs = match &variable.rule {
        VariableRule::Column => vec![variable.name.clone()],
        _ => variable.needs(),
    };
    for need in needs {
        match study.variable(&need) {
            Some(other) if need != variable.name && depth < 16 => {
                collect_columns(study, other, names, depth + 1);
            }
            _ => names.push(need),
        }
    }
}

/// Heading of a column: the study's, or what the variant changes.
pub fn heading(study: &Study, style: &Style, plan: &ColumnPlan) -> String {
    let lang = study.settings.lang;
    if let Some(text) = &plan.heading {
        return text.get(lang).to_owned();
    }
    changes(study, style, plan, true).join(", ")
}

/// What a variant changes, each as a short phrase.
fn changes(study: &Study, style: &Style, plan: &ColumnPlan, short: bool) -> Vec<String> {
    let lang = study.settings.lang;
    let variant = &plan.variant;
    let mut list = Vec::new();
    let mut say = |en: String, zh: String| {
        list.push(match lang {
            Lang::En => en,
            Lang::Zh => zh,
        });
    };
    if let (Some(core), false) = (&variant.replace, short) {
        let (new, old) = (style.label(core), style.label(&study.model.core));
        say(
            format!("{new} in place of {old}"),
            format!("以{new}替换{old}"),
        );
    }
    if let Some(outcome) = &variant.outcome {
        let new = style.label(outcome);
        say(format!("outcome {new}"), format!("被解释变量换为{new}"));
    }
    if let Some(lag) = variant.lag {
        say(
            format!("core variable lagged {lag}"),
            format!("核心变量滞后{lag}期"),
        );
    }
    if !variant.drop_units.is_empty() {
        let names: Vec<&str> = variant
            .drop_units
            .iter()
            .map(|u| u.value.as_str())
            .collect();
        let count = names.len();
        if short && count > 2 {
            say(
                format!(
                    "without {count} {}",
                    plural(&style.label(&study.panel.unit))
                ),
                format!("剔除{count}个{}", style.label(&study.panel.unit)),
            );
        } else {
            say(
                format!("without {}", names.join(", ")),
                format!("剔除{}", names.join("、")),
            );
        }
    }
    if !variant.drop_periods.is_empty() {
        let periods: Vec<String> = variant
            .drop_periods
            .iter()
            .map(|p| p.value.to_string())
            .collect();
        say(
            format!("without {}", periods.join(", ")),
            format!("剔除{}", periods.join("、")),
        );
    }
    if let Some(rule) = &variant.winsorise {
        say(
            format!("winsorised at {} and {} %", rule.lower, rule.upper),
            format!("{}%与{}%缩尾", rule.lower, rule.upper),
        );
    }
    if variant.drop_filled {
        say("without filled cells".to_owned(), "剔除插补值".to_owned());
    }
    if !variant.add.is_empty() {
        let names: Vec<String> = variant.add.iter().map(|a| style.label(a)).collect();
        say(
            format!("with {}", names.join(", ")),
            format!("加入{}", names.join("、")),
        );
    }
    if let Some(vcov) = &variant.vcov {
        say(format!("errors {vcov}"), format!("标准误{vcov}"));
    }
    if let Some(convention) = &variant.convention {
        say(
            format!("convention {convention}"),
            format!("惯例{convention}"),
        );
    }
    list
}

/// A plain English plural.
fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with('s') => word.to_owned(),
        _ => format!("{word}s"),
    }
}

/// The methods and results section.
pub fn reading(study: &Study, data: &Data, style: &Style, made: &[Made]) -> String {
    let lang = study.settings.lang;
    let report = data.panel.report();
    let mut input = ReadingInput {
        title: study
            .settings
            .title
            .as_ref()
            .map(|t| t.get(lang).to_owned())
            .unwrap_or_default(),
        style,
        core: study.model.core.clone(),
        hypothesis: study.hypothesis.as_ref().map(|h| Hypothesis {
            text: h
                .text
                .as_ref()
                .map(|t| t.get(lang).to_owned())
                .unwrap_or_default(),
            sign: match h.sign {
                Sign::Positive => reading::Sign::Positive,
                Sign::Negative => reading::Sign::Negative,
            },
        }),
        panel: PanelFacts {
            unit: study.panel.unit.clone(),
            time: study.panel.time.clone(),
            units: report.units,
            periods: report.periods,
            span: [report.first, report.last],
            rows: report.rows,
            balanced: report.balanced,
        },
        variables: facts(study, data),
        indices: indices(study, lang),
        sources: study
            .sources
            .iter()
            .filter_map(|s| {
                Some(SourceFacts {
                    name: s.cite.as_ref()?.get(lang).to_owned(),
                    content: String::new(),
                })
            })
            .collect(),
        baseline: Vec::new(),
        tests: &[],
        robustness: Vec::new(),
        groups: Vec::new(),
        differences: &[],
        ledger: ledger(study, data, lang),
        tables: TableNames::default(),
    };
    for one in made {
        add(study, style, one, &mut input);
    }
    reading::reading(&input, lang)
}

fn add<'a>(study: &Study, style: &Style, made: &'a Made, input: &mut ReadingInput<'a>) {
    match &made.results {
        Results::Baseline(columns) if input.baseline.is_empty() => {
            input.tables.baseline.clone_from(&made.label);
            input.baseline = columns
                .iter()
                .map(|c| ColumnFacts {
                    fit: &c.fit,
                    description: heading(study, style, &c.plan),
                })
                .collect();
        }
        Results::Choice(rows) => {
            let rows: &[TestRow] = rows;
            input.tests = rows;
            input.tables.tests.clone_from(&made.label);
        }
        Results::Robustness(columns) => {
            if input.tables.robustness.is_empty() {
                input.tables.robustness.clone_from(&made.label);
            }
            // Steps towards a replaced core variable are columns of the table; the full model is the variant.
            let full = columns.iter().filter(|c| !c.fit.fixed_effects.is_empty());
            input.robustness.extend(full.map(|c| VariantFacts {
                fit: &c.fit,
                description: changes(study, style, &c.plan, false).join(", "),
                term: c.plan.core.clone(),
            }));
        }
        Results::Heterogeneity {
            groups,
            differences,
            ..
        } => {
            let differences: &[GroupDifference] = differences;
            input.groups = groups
                .iter()
                .map(|(name, c)| GroupFacts {
                    name: name.clone(),
                    fit: &c.fit,
                })
                .collect();
            input.differences = differences;
            input.tables.groups.clone_from(&made.label);
            input.tables.differences = made
                .tables
                .get(1)
                .map(|t| t.label.clone())
                .unwrap_or_default();
        }
        _ => {}
    }
}

fn facts(study: &Study, data: &Data) -> Vec<VariableFacts> {
    let lang = study.settings.lang;
    study
        .variables
        .iter()
        .filter_map(|v| {
            let (_, role) = role(&v.role)?;
            let (scale, quantity) = scale(v);
            Some(VariableFacts {
                name: v.name.clone(),
                label: label(v, lang),
                quantity,
                unit: v
                    .unit
                    .as_ref()
                    .map(|u| u.get(lang).to_owned())
                    .unwrap_or_default(),
                scale,
                role,
                definition: definition(v, lang),
                source: source_of(study, data, v, lang),
            })
        })
        .collect()
}

/// How a variable stands to the quantity behind it, read off its formula.
fn scale(variable: &VariablePlan) -> (Scale, String) {
    let VariableRule::Formula(expr, _) = &variable.rule else {
        return (Scale::Level, String::new());
    };
    match &expr.kind {
        ExprKind::Call("log10", _) => (Scale::Log10, String::new()),
        ExprKind::Call("log", _) => (Scale::Ln, String::new()),
        ExprKind::Call(..) => (Scale::Other, String::new()),
        ExprKind::Binary(BinaryOp::Divide, ..) => (Scale::Ratio, String::new()),
        _ => (Scale::Level, String::new()),
    }
}

fn indices(study: &Study, lang: Lang) -> Vec<IndexFacts> {
    study
        .variables
        .iter()
        .filter_map(|v| {
            let name = match &v.rule {
                VariableRule::TwoSeries { index, .. } | VariableRule::Index { index, .. } => index,
                _ => return None,
            };
            let row = INDICES.iter().find(|row| row.name == name)?;
            let (latex, words) = match &v.rule {
                VariableRule::TwoSeries {
                    activity,
                    total,
                    national,
                    ..
                } => two_series(
                    study,
                    &activity.value,
                    &total.value,
                    national.is_some(),
                    lang,
                ),
                _ => (
                    row.latex.to_owned(),
                    match lang {
                        Lang::En => row.doc.to_owned(),
                        Lang::Zh => String::new(),
                    },
                ),
            };
            Some(IndexFacts {
                label: index_label(name, lang),
                variable: v.name.clone(),
                latex,
                words,
                citation: row.citation.to_owned(),
            })
        })
        .collect()
}

/// The location quotient of two series, in LaTeX and in words.
fn two_series(
    study: &Study,
    activity: &str,
    total: &str,
    national: bool,
    lang: Lang,
) -> (String, String) {
    let latex = if national {
        r"LQ_{it} = \frac{e_{it} / E_{it}}{e_{t} / E_{t}}"
    } else {
        r"LQ_{it} = \frac{e_{it} / E_{it}}{\sum_{j} e_{jt} / \sum_{j} E_{jt}}"
    };
    let unit = study
        .panel
        .unit_label
        .as_ref()
        .map_or(study.panel.unit.as_str(), |l| l.get(lang));
    let time = study
        .panel
        .time_label
        .as_ref()
        .map_or(study.panel.time.as_str(), |l| l.get(lang));
    let words = match (lang, national) {
        (Lang::En, false) => format!(
            "e is {activity} and E is {total} of {unit} i in {time} t; the sums run over all {}.",
            plural(unit)
        ),
        (Lang::En, true) => format!(
            "e is {activity} and E is {total} of {unit} i in {time} t; without i they are the national totals as published."
        ),
        (Lang::Zh, false) => {
            format!("其中e为{activity}，E为{total}，i为{unit}，t为{time}，求和遍及全部{unit}。")
        }
        (Lang::Zh, true) => {
            format!("其中e为{activity}，E为{total}，i为{unit}，t为{time}，分母为公布的全国合计。")
        }
    };
    (latex.to_owned(), words)
}

fn ledger(study: &Study, data: &Data, lang: Lang) -> LedgerCounts {
    let mut counts = LedgerCounts::default();
    for (action, variable, cells) in data.ledger.counts() {
        match action.as_str() {
            "filled" => counts.filled.push((variable, cells)),
            "winsorised" => counts.winsorised.push((variable, cells)),
            "converted" => counts.converted += cells,
            "unmatched" => counts.unmatched += cells,
            _ => {}
        }
    }
    let mut rules: Vec<&str> = study
        .variables
        .iter()
        .filter_map(|v| v.fill.as_ref())
        .map(|fill| match (fill.rule, lang) {
            (panelyst_data::transforms::FillRule::Linear, Lang::En) => {
                "linear interpolation within units"
            }
            (panelyst_data::transforms::FillRule::Linear, Lang::Zh) => "个体内线性插值",
            (panelyst_data::transforms::FillRule::LogLinear, Lang::En) => {
                "log-linear interpolation within units"
            }
            (panelyst_data::transforms::FillRule::LogLinear, Lang::Zh) => "个体内对数线性插值",
        })
        .collect();
    rules.sort_unstable();
    rules.dedup();
    counts.filling_rule = rules.join(", ");
    counts
}
