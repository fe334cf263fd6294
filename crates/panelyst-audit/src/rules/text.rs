//! Definitions, symbols, tests and gaps as the text describes them.

use super::Found;
use super::shown::count;
use crate::finding::Severity;
use crate::paper::{ClaimKind, Paper};
use crate::said::{Bilingual, Said, said};

/// One symbol with several meanings.
pub(super) fn symbols(paper: &Paper) -> Vec<Found> {
    several(paper, true)
}

/// One thing described in several ways.
pub(super) fn described(paper: &Paper) -> Vec<Found> {
    several(paper, false)
}

fn several(paper: &Paper, symbol: bool) -> Vec<Found> {
    let mut found = Vec::new();
    for term in paper.terms.iter().filter(|term| term.symbol == symbol) {
        let mut meanings: Vec<&str> = Vec::new();
        for meaning in &term.meanings {
            if !meanings
                .iter()
                .any(|known| known.eq_ignore_ascii_case(meaning))
            {
                meanings.push(meaning);
            }
        }
        if meanings.len() < 2 {
            continue;
        }
        let listed: Vec<Said> = meanings.iter().map(|m| said!("\"{m}\"", "“{m}”")).collect();
        let all = Said::joined(&listed, "; ", "；");
        let (name, number) = (&term.name, meanings.len());
        let (message, one) = if symbol {
            (
                said!(
                    "the symbol {name} stands for {number} things: {}",
                    "符号{name}有{number}种含义：{}",
                    all
                ),
                ("one meaning", "一种含义"),
            )
        } else {
            (
                said!(
                    "the text describes {name} in {number} ways: {}",
                    "文中对{name}有{number}种表述：{}",
                    all
                ),
                ("one meaning", "一种表述"),
            )
        };
        found.push(
            Found::new(Severity::Questionable, message)
                .place("", "", &term.name)
                .values(all, one),
        );
    }
    found
}

/// Variables without a definition, and regressors without descriptive statistics.
pub(super) fn undefined(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for variable in paper.variables.iter().filter(|v| v.undefined) {
        let message = said!(
            "the table of definitions gives no calculation for {}",
            "变量定义表未给出{}的计算方法",
            variable.name
        );
        found.push(
            Found::new(Severity::Note, message)
                .place("", "", &variable.name)
                .values(("no definition", "无定义"), ("a definition", "定义")),
        );
    }
    if paper.descriptions.is_empty() {
        return found;
    }
    let described = |name: &str| {
        paper
            .descriptions
            .iter()
            .any(|t| t.rows.iter().any(|r| r.variable == name))
    };
    let mut seen: Vec<&str> = Vec::new();
    for table in &paper.regressions {
        for column in &table.columns {
            for term in column.slopes() {
                let known = paper.variable(&term.row).is_some();
                if known && !described(&term.row) && !seen.contains(&term.row.as_str()) {
                    seen.push(&term.row);
                    let message = said!(
                        "{} is a regressor, but the descriptive statistics leave it out, so its mean and deviation cannot be compared",
                        "{}是解释变量，但描述性统计未列出，其均值与标准差无从对照",
                        term.row
                    );
                    found.push(
                        Found::new(Severity::Note, message)
                            .at(table, column, &term.row)
                            .values(
                                ("not described", "未列出"),
                                ("a row of descriptive statistics", "描述性统计中的一行"),
                            ),
                    );
                }
            }
        }
    }
    found
}

/// What the name of a test leaves open.
fn open(test: &str, paper: &Paper) -> Said {
    let units = paper.sample.units.unwrap_or(0.0);
    let periods = paper.sample.periods.unwrap_or(0.0);
    let lower = test.to_lowercase();
    if lower.contains("lr") || lower.contains("likelihood") {
        let df = if units > 1.0 && periods > 1.0 {
            said!(
                " with df {} or {}",
                "（自由度{}或{}）",
                count(units - 1.0),
                count(units + periods - 2.0)
            )
        } else {
            Said::default()
        };
        said!(
            "three tests go by this name: n ln(RSS0/RSS1) of pooled against fixed effects{}, the chibar2(1) of pooled against random effects by maximum \
             likelihood, and that of groupwise heteroskedasticity",
            "这一名称可指三种检验：混合回归对固定效应的n ln(RSS0/RSS1){}、混合回归对随机效应的最大似然chibar2(1)，以及组间异方差的检验",
            df
        )
    } else if lower.contains("hausman") {
        (
            "its classical form can be negative or undefined, since V(FE) - V(RE) need not be positive definite; sigmamore and Mundlak forms differ",
            "其经典形式可能为负或无定义，因为V(FE) - V(RE)未必正定；sigmamore形式与Mundlak形式的结果不同",
        )
            .said()
    } else {
        (
            "the variant decides the statistic and its distribution",
            "统计量及其分布取决于检验的形式",
        )
            .said()
    }
}

/// Tests that decide the model, named without statistic, degrees of freedom and p-value.
pub(super) fn tests(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for claim in paper
        .claims
        .iter()
        .filter(|c| c.kind == ClaimKind::Test && c.value.is_none())
    {
        let message = said!(
            "the {} test is named without statistic, degrees of freedom and p-value; {}",
            "文中提到{}检验，但未给出统计量、自由度与p值；{}",
            claim.test,
            open(&claim.test, paper)
        );
        found.push(
            Found::new(Severity::Note, message)
                .place(&claim.table, "", &claim.test)
                .values(
                    ("no statistic", "无统计量"),
                    ("statistic, df, p", "统计量、自由度、p值"),
                ),
        );
    }
    found
}

/// Filled gaps without their number.
pub(super) fn interpolation(paper: &Paper) -> Vec<Found> {
    let Some(text) = &paper.sample.interpolation else {
        return Vec::new();
    };
    if paper.sample.interpolated_share.is_some() {
        return Vec::new();
    }
    let message = (
        "gaps were filled by interpolation, but neither their number nor the variables are stated; filled values count as rows in N and \
         in every standard error",
        "缺失值以插补填补，但未说明填补的个数与变量；填补值作为观测计入N与各标准误",
    );
    let implied = ("number of filled cells by variable", "各变量填补的个数");
    vec![Found::new(Severity::Note, message).values(text, implied)]
}
