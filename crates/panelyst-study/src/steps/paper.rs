//! The paper of a run, `report.pdf`: what the study is about at a glance, and then all that the page shows.

use super::estimates::Data;
use super::page::record;
use super::tables::{Made, Results};
use crate::error::Error;
use crate::output::Output;
use crate::plan::{Pdf, Study};
use panelyst_data::Ledger;
use panelyst_data::ledger::COLUMNS;
use panelyst_report::builders::Style;
use panelyst_report::figures::Figure;
use panelyst_report::paper::{Paper, typeset};
use panelyst_report::{Lang, Table, words};

/// Name of the paper in the output folder.
pub const PAPER: &str = "report.pdf";

/// The paper of a run, if it is wanted.
///
/// # Errors
/// What the typesetter reports.
pub fn paper(
    study: &Study,
    data: &Data,
    style: &Style,
    (made, reading, ledger): (&[Made], &str, &Ledger),
    figures: &[(Figure, String)],
) -> Result<Option<Output>, Error> {
    if study.settings.pdf == Pdf::No {
        return Ok(None);
    }
    let lang = study.settings.lang;
    let title = study.settings.title.as_ref();
    let tables: Vec<Table> = made.iter().flat_map(|m| m.tables.clone()).collect();
    let columns = COLUMNS.map(str::to_owned);
    let ledger: Vec<Vec<String>> = ledger.entries.iter().map(record).collect();
    let whole = Paper {
        title: title.map_or("Panelyst", |title| title.get(lang)),
        lang,
        facts: &facts(study, data, style, made),
        reading,
        tables: &tables,
        figures,
        notes: &data.notes,
        ledger_columns: &columns,
        ledger: &ledger,
    };
    let set = typeset(&whole).and_then(|set| set.pdf());
    let bytes = set.map_err(|error| Error::step(PAPER, error.to_string()))?;
    Ok(Some(Output::new(PAPER, bytes)))
}

/// Names and facts, those that the study has.
fn facts(study: &Study, data: &Data, style: &Style, made: &[Made]) -> Vec<(String, String)> {
    let lang = study.settings.lang;
    let mut facts = Vec::new();
    let mut say = |en: &str, zh: &str, fact: String| {
        if !fact.is_empty() {
            let name = match lang {
                Lang::En => en,
                Lang::Zh => zh,
            };
            facts.push((name.to_owned(), fact));
        }
    };
    let pick = |en: String, zh: String| match lang {
        Lang::En => en,
        Lang::Zh => zh,
    };
    let hypothesis = study.hypothesis.as_ref().and_then(|h| h.text.as_ref());
    let hypothesis = hypothesis.map_or("", |text| text.get(lang));
    say("Hypothesis", "研究假设", hypothesis.to_owned());
    let model = &study.model;
    say(
        "Explained variable",
        "被解释变量",
        style.label(&model.outcome),
    );
    say(
        "Core explanatory variable",
        "核心解释变量",
        style.label(&model.core),
    );
    let controls: Vec<String> = model.controls.iter().map(|c| style.label(c)).collect();
    say("Controls", "控制变量", words::list(&controls, lang));
    let panel = data.panel.report();
    let (unit, time) = (
        style.label(&study.panel.unit),
        style.label(&study.panel.time),
    );
    let (units, periods, rows) = (panel.units, panel.periods, panel.rows);
    let (first, last) = (panel.first, panel.last);
    let (en, zh) = match panel.balanced {
        true => ("balanced", "平衡面板"),
        false => ("unbalanced", "非平衡面板"),
    };
    say(
        "Panel",
        "面板",
        pick(
            format!(
                "{units} units ({unit}), {periods} periods ({time}, {first} to {last}), {rows} rows, {en}"
            ),
            format!(
                "{units}个个体（{unit}），{periods}个时期（{time}，{first}—{last}），{rows}个观测，{zh}"
            ),
        ),
    );
    let baseline = made.iter().find_map(|one| match &one.results {
        Results::Baseline(columns) => columns.last(),
        _ => None,
    });
    if let Some(column) = baseline {
        let (fit, v) = (&column.fit, &column.fit.vcov);
        say("Main model", "主模型", fit.formula.clone());
        say(
            "Standard errors",
            "标准误",
            pick(
                format!("{}, convention {}", v.kind, v.convention),
                format!("{}，惯例{}", v.kind, v.convention),
            ),
        );
    }
    let mut cited: Vec<&str> = Vec::new();
    for cite in study.sources.iter().filter_map(|s| s.cite.as_ref()) {
        let cite = cite.get(lang);
        if !cited.contains(&cite) {
            cited.push(cite);
        }
    }
    say(
        "Sources",
        "数据来源",
        cited.join(match lang {
            Lang::En => "; ",
            Lang::Zh => "；",
        }),
    );
    say(
        "Made with",
        "制作工具",
        format!("Panelyst {}", env!("CARGO_PKG_VERSION")),
    );
    facts
}
