//! Findings of an audit as tables.

use panelyst_audit::{Finding, Paper, RULES, Rule, Said, Severity};
use panelyst_report::builders::records;
use panelyst_report::{Cell, Lang, Table};
use serde_json::{Value, json};

fn text(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text { text }
    }
}

/// English or Chinese.
fn say(lang: Lang, en: &str, zh: &str) -> String {
    match lang {
        Lang::En => en.to_owned(),
        Lang::Zh => zh.to_owned(),
    }
}

/// The words of a finding.
pub(crate) fn of(lang: Lang, said: &Said) -> &str {
    match lang {
        Lang::En => &said.en,
        Lang::Zh => &said.zh,
    }
}

fn heads(lang: Lang, words: &[(&str, &str)]) -> Vec<String> {
    words.iter().map(|(en, zh)| say(lang, en, zh)).collect()
}

fn severity(lang: Lang, severity: Severity) -> String {
    say(lang, severity.name(), severity.name_zh())
}

fn rule(finding: &Finding) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == finding.rule)
}

fn label(lang: Lang, finding: &Finding) -> String {
    rule(finding).map_or_else(
        || finding.rule.to_owned(),
        |rule| say(lang, rule.label, rule.label_zh),
    )
}

fn place(lang: Lang, finding: &Finding) -> String {
    let parts: Vec<&str> = [&finding.table, &finding.column, &finding.row]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(&say(lang, ", ", "，"))
}

/// The findings in short, and the arithmetic of each with what to check.
pub(crate) fn tables(paper: &Paper, findings: &[Finding], lang: Lang) -> Vec<Table> {
    let counts: Vec<String> = Severity::ALL
        .iter()
        .map(|level| {
            let count = findings.iter().filter(|f| f.severity == *level).count();
            format!("{} {count}", severity(lang, *level))
        })
        .collect();
    let columns: usize = paper
        .regressions
        .iter()
        .map(|table| table.columns.len())
        .sum();
    let counted = say(
        lang,
        &format!(
            "Read: {} tables of statistics, {} regressions; {} rules. Found: {}.",
            paper.descriptions.len(),
            columns,
            RULES.len(),
            counts.join(", ")
        ),
        &format!(
            "读入描述性统计表{}张、回归{}列；规则{}条。发现：{}。",
            paper.descriptions.len(),
            columns,
            RULES.len(),
            counts.join("，")
        ),
    );
    let caution = say(
        lang,
        "Every number stands for all that round to it. A finding is arithmetic; it does not say how a number came about.",
        "每个数字均视为可舍入成它的全部取值。所列均为算术结果，不涉及数字形成的原因。",
    );
    let short = findings.iter().enumerate().map(|(number, finding)| {
        vec![
            text((number + 1).to_string()),
            text(severity(lang, finding.severity)),
            text(place(lang, finding)),
            text(of(lang, &finding.reported)),
            text(of(lang, &finding.implied)),
        ]
    });
    let words = [
        ("No.", "序号"),
        ("Severity", "程度"),
        ("Where", "位置"),
        ("Reported", "报告值"),
        ("Implied", "推得值"),
    ];
    let title = if paper.title.is_empty() {
        say(lang, "Audit", "核查结果")
    } else {
        format!("{}{}", say(lang, "Audit: ", "核查结果："), paper.title)
    };
    let mut tables = vec![records(
        "audit",
        "",
        &title,
        &heads(lang, &words),
        short.collect(),
        vec![counted, caution],
        lang,
    )];
    if findings.is_empty() {
        return tables;
    }
    let long = findings.iter().enumerate().map(|(number, finding)| {
        let check =
            rule(finding).map_or(String::new(), |rule| say(lang, rule.check, rule.check_zh));
        vec![
            text((number + 1).to_string()),
            text(label(lang, finding)),
            text(of(lang, &finding.message)),
            text(check),
        ]
    });
    let words = [
        ("No.", "序号"),
        ("Rule", "规则"),
        ("Arithmetic", "算术"),
        ("To check", "应核对"),
    ];
    let title = say(lang, "Arithmetic of each finding", "各项的算术");
    tables.push(records(
        "audit-arithmetic",
        "",
        &title,
        &heads(lang, &words),
        long.collect(),
        Vec::new(),
        lang,
    ));
    tables
}

/// One record a finding, with the keys and the severities of the JSON output.
pub(crate) fn records_of(findings: &[Finding], lang: Lang) -> Table {
    let keys = [
        "rule", "severity", "table", "column", "row", "reported", "implied", "message",
    ];
    let rows = findings.iter().map(|finding| {
        let cells = [
            finding.rule,
            finding.severity.name(),
            &finding.table,
            &finding.column,
            &finding.row,
            of(lang, &finding.reported),
            of(lang, &finding.implied),
            of(lang, &finding.message),
        ];
        cells.into_iter().map(text).collect()
    });
    let heads = keys.map(str::to_owned);
    records("audit", "", "", &heads, rows.collect(), Vec::new(), lang)
}

/// The rules as a table.
pub(crate) fn rule_table(lang: Lang) -> Table {
    let rows = RULES.iter().map(|rule| {
        vec![
            text(rule.name),
            text(severity(lang, rule.severity)),
            text(say(lang, rule.label, rule.label_zh)),
            text(rule.needs),
            text(rule.doc),
        ]
    });
    let words = [
        ("Rule", "规则"),
        ("At most", "最高程度"),
        ("Label", "名称"),
        ("Needs", "所需"),
        ("Mathematics and source", "数学与出处"),
    ];
    let title = say(lang, "Rules of the audit", "核查规则");
    records(
        "audit-rules",
        "",
        &title,
        &heads(lang, &words),
        rows.collect(),
        Vec::new(),
        lang,
    )
}

/// The rules as JSON.
pub(crate) fn rule_values() -> Vec<Value> {
    RULES
        .iter()
        .map(|rule| {
            json!({
                "name": rule.name,
                "severity": rule.severity.name(),
                "label": rule.label,
                "needs": rule.needs,
                "doc": rule.doc,
                "check": rule.check,
            })
        })
        .collect()
}
