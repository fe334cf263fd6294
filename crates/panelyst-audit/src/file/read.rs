//! A paper from the text of its file: every mistake at once, each with its place.

use super::description::description;
use super::fields::{At, Fields, Mistakes, advice, span_of};
use super::regression::{Reading, regression};
use super::words;
use crate::paper::{
    Below, Claim, ClaimKind, Described, Group, Paper, Regression, Sample, Variable,
};
use crate::printed::Printed;
use panelyst_lang::{Diagnostic, Span};
use toml::de::DeTable;

/// Reads the file of a paper.
///
/// # Errors
/// Every mistake with its place in the text and advice.
pub fn read(text: &str) -> Result<Paper, Vec<Diagnostic>> {
    let mut mistakes = Mistakes::default();
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error
            .span()
            .map_or(Span::new(0, 0), |s| Span::new(s.start, s.end));
        let message: Vec<&str> = error.message().split_whitespace().collect();
        let hint = if text[..span.start.min(text.len())].matches("\"\"\"").count() % 2 == 1 {
            "a block begins and ends with three quotes"
        } else {
            ""
        };
        mistakes.at(span, message.join(" "), hint);
    }
    if !mistakes.is_empty() {
        return Err(mistakes.finish());
    }
    let span = span_of(&root);
    let mut file = Fields::new("the file", span, root.into_inner());
    let paper = paper(&mut file, text, &mut mistakes);
    file.finish(&mut mistakes);
    if mistakes.is_empty() {
        Ok(paper)
    } else {
        Err(mistakes.finish())
    }
}

fn paper(file: &mut Fields<'_>, source: &str, mistakes: &mut Mistakes) -> Paper {
    let mut paper = Paper::default();
    if let Some(mut head) = file.table("paper", mistakes) {
        if let Some(title) = head.text("title", mistakes) {
            paper.title = title.value;
        }
        head.finish(mistakes);
    }
    if let Some(fields) = file.table("sample", mistakes) {
        paper.sample = sample(fields, mistakes);
    }
    for fields in file.listed("group", mistakes) {
        paper.groups.extend(group(fields, mistakes));
    }
    let mut links = Vec::new();
    for (name, fields) in file.named("variables", mistakes) {
        let made = variable(&name, fields, mistakes);
        links.extend(made.1);
        paper.variables.push(made.0);
    }
    for (link, name) in links {
        if paper.variable(&link).is_none() {
            let names: Vec<&str> = paper.variables.iter().map(|v| v.name.as_str()).collect();
            let message = format!(
                "`{name}` is part of `{}`, which is no variable of the file",
                link.value
            );
            mistakes.at(link.span, message, advice(&link, &names));
        }
    }
    tables(file, &mut paper, source, mistakes);
    for (symbol, key) in [(true, "symbol"), (false, "described")] {
        for fields in file.listed(key, mistakes) {
            paper.terms.extend(described(fields, symbol, mistakes));
        }
    }
    for fields in file.listed("claim", mistakes) {
        paper.claims.extend(claim(fields, &paper, mistakes));
    }
    paper
}

fn sample(mut fields: Fields<'_>, mistakes: &mut Mistakes) -> Sample {
    let mut sample = Sample {
        unit: fields
            .text("unit", mistakes)
            .map(|text| text.value)
            .unwrap_or_default(),
        members: fields
            .texts("members", true, mistakes)
            .into_iter()
            .map(|member| member.value)
            .collect(),
        units: fields.count("units", mistakes).map(|n| n.value),
        periods: fields.count("periods", mistakes).map(|n| n.value),
        rows: fields.count("rows", mistakes).map(|n| n.value),
        interpolation: fields.text("interpolation", mistakes).map(|t| t.value),
        interpolated_share: fields
            .number("interpolated-share", mistakes)
            .map(|n| n.value),
        errors: None,
    };
    let first = fields.count("first", mistakes);
    let last = fields.count("last", mistakes);
    if let (Some(first), Some(last)) = (first, last) {
        let spanned = last.value - first.value + 1.0;
        if spanned < 1.0 {
            mistakes.at(last.span, "`last` lies before `first`", "");
        } else if sample.periods.is_none() {
            sample.periods = Some(spanned);
        }
    }
    if let Some(text) = fields.text("errors", mistakes) {
        sample.errors = stated(&text, mistakes);
    }
    fields.finish(mistakes);
    sample
}

fn stated(text: &At<String>, mistakes: &mut Mistakes) -> Option<crate::paper::Errors> {
    let found = words::errors(text);
    if found.is_none() {
        mistakes.at(
            text.span,
            format!("`{}` names no kind of standard errors", text.value),
            "write classical, robust, clustered or mixed, or leave the key out where the paper does not say",
        );
    }
    found
}

fn group(mut fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<Group> {
    let name = fields.needed("name", mistakes);
    let members = fields.texts("members", true, mistakes);
    fields.finish(mistakes);
    Some(Group {
        name: name?.value,
        members: members.into_iter().map(|member| member.value).collect(),
    })
}

/// A variable, and the other variable that it names.
fn variable(
    name: &At<String>,
    mut fields: Fields<'_>,
    mistakes: &mut Mistakes,
) -> (Variable, Option<(At<String>, String)>) {
    let transform = fields.text("transform", mistakes).and_then(|typed| {
        let found = words::TRANSFORMS
            .iter()
            .find(|(word, _)| *word == typed.value);
        if found.is_none() {
            let known: Vec<&str> = words::TRANSFORMS.iter().map(|(word, _)| *word).collect();
            let message = format!("unknown transform `{}`", typed.value);
            mistakes.at(typed.span, message, advice(&typed, &known));
        }
        found.map(|(_, transform)| *transform)
    });
    let part_of = fields.text("part-of", mistakes);
    let made = Variable {
        name: name.value.clone(),
        transform,
        count: fields.flag("count", mistakes).unwrap_or(false),
        unit: fields
            .text("unit", mistakes)
            .map(|t| t.value)
            .unwrap_or_default(),
        part_of: part_of.as_ref().map(|t| t.value.clone()),
        share: fields.range("share", mistakes).map(|r| r.value),
        known: fields.range("known", mistakes).map(|r| r.value),
        undefined: fields.flag("undefined", mistakes).unwrap_or(false),
    };
    fields.finish(mistakes);
    (made, part_of.map(|link| (link, name.value.clone())))
}

fn tables(file: &mut Fields<'_>, paper: &mut Paper, source: &str, mistakes: &mut Mistakes) {
    let tables = file.listed("table", mistakes);
    if tables.is_empty() {
        mistakes.at(
            Span::new(0, 0),
            "the file has no table",
            "add [[table]] with name = \"Table 1\", kind = \"regression\" or \"description\", and the block",
        );
    }
    let mut names: Vec<String> = Vec::new();
    let mut regressions = Vec::new();
    for mut fields in tables {
        let name = fields.needed("name", mistakes);
        let kind = fields.needed("kind", mistakes);
        let block = fields.needed("block", mistakes);
        let (Some(name), Some(kind), Some(block)) = (name, kind, block) else {
            continue;
        };
        if names.contains(&name.value) {
            mistakes.at(
                name.span,
                format!("two tables are called `{}`", name.value),
                "",
            );
        }
        names.push(name.value.clone());
        if block.value.trim().is_empty() {
            mistakes.at(
                block.span,
                format!("the block of {} is empty", name.value),
                "",
            );
            continue;
        }
        match kind.value.as_str() {
            "description" => {
                let table = description(&name, &block, source, mistakes);
                paper.descriptions.push(table);
            }
            // Their headings may name variables of a description further down.
            "regression" => {
                regressions.push((fields, name, block));
                continue;
            }
            other => {
                let hint = advice(other, &["regression", "description"]);
                mistakes.at(kind.span, format!("unknown kind of table `{other}`"), hint);
                continue;
            }
        }
        fields.finish(mistakes);
    }
    for (mut fields, name, block) in regressions {
        let table = regression_table(&mut fields, &name, &block, source, paper, mistakes);
        paper.regressions.push(table);
        fields.finish(mistakes);
    }
}

fn regression_table(
    fields: &mut Fields<'_>,
    name: &str,
    block: &At<String>,
    source: &str,
    paper: &Paper,
    mistakes: &mut Mistakes,
) -> Regression {
    let mut below = Vec::new();
    for typed in fields.texts("brackets", false, mistakes) {
        let Some(kind) = Below::named(&typed.value) else {
            let (other, hint) = (&typed.value, "t, se or p, or unknown");
            mistakes.at(typed.span, format!("unknown brackets `{other}`"), hint);
            continue;
        };
        below.push(kind);
    }
    if below.is_empty() {
        below.push(Below::T);
    }
    let mut variables: Vec<String> = paper.variables.iter().map(|v| v.name.clone()).collect();
    variables.extend(
        paper
            .descriptions
            .iter()
            .flat_map(|table| table.rows.iter().map(|row| row.variable.clone())),
    );
    let how = Reading {
        name,
        below,
        outcome: fields.text("outcome", mistakes).map(|t| t.value),
        variables,
        groups: paper
            .groups
            .iter()
            .map(|group| group.name.clone())
            .collect(),
        unit: paper.sample.unit.clone(),
        unit_row: fields.text("unit-effects", mistakes).map(|t| t.value),
        time_row: fields.text("time-effects", mistakes).map(|t| t.value),
        constant: fields.text("constant", mistakes).map(|t| t.value),
        ignore: fields
            .texts("ignore", false, mistakes)
            .into_iter()
            .map(|t| t.value)
            .collect(),
        n: fields.count("n", mistakes).map(|n| n.value),
    };
    let mut table = regression(&how, block, source, mistakes);
    let notes = fields.text("notes", mistakes);
    table.stars = match fields.legend("stars", mistakes) {
        Some(typed) => {
            let levels = words::legend(&typed);
            if levels.is_empty() {
                mistakes.at(
                    typed.span,
                    "this legend gives no falling levels for one, two, three stars",
                    "write it as printed: * p < 0.05, ** p < 0.01, *** p < 0.001",
                );
            }
            levels
        }
        None => notes
            .as_ref()
            .map(|text| words::legend(text))
            .unwrap_or_default(),
    };
    table.errors = fields
        .text("errors", mistakes)
        .and_then(|text| stated(&text, mistakes));
    table.weighted = fields.flag("weighted", mistakes).unwrap_or(false);
    table.split = fields.flag("split", mistakes).unwrap_or(false);
    let lags = fields.number("lags", mistakes).map_or(0.0, |n| n.value);
    let said = notes.as_ref().map_or("", |text| text.value.as_str());
    let other = words::names_estimator(name) || words::names_estimator(said);
    for column in &mut table.columns {
        column.lags = lags;
        column.other_estimator |= other;
    }
    table
}

fn described(mut fields: Fields<'_>, symbol: bool, mistakes: &mut Mistakes) -> Option<Described> {
    let name = fields.needed("name", mistakes);
    let meanings = fields.texts("meanings", false, mistakes);
    fields.finish(mistakes);
    Some(Described {
        name: name?.value,
        symbol,
        meanings: meanings.into_iter().map(|m| m.value).collect(),
    })
}

fn claim(mut fields: Fields<'_>, paper: &Paper, mistakes: &mut Mistakes) -> Option<Claim> {
    let kind = fields.needed("kind", mistakes);
    let known: Vec<&str> = ClaimKind::NAMES.iter().map(|(name, _)| *name).collect();
    let found = kind.as_ref().and_then(|typed| {
        let found = ClaimKind::NAMES
            .iter()
            .find(|(name, _)| *name == typed.value);
        if found.is_none() {
            let message = format!("unknown kind of claim `{}`", typed.value);
            mistakes.at(typed.span, message, advice(typed, &known));
        }
        found.map(|(_, kind)| *kind)
    });
    let mut claim = Claim {
        kind: found.unwrap_or_default(),
        ..Claim::default()
    };
    let word = |t: Option<At<String>>| t.map(|t| t.value).unwrap_or_default();
    claim.text = word(fields.text("text", mistakes));
    claim.place = word(fields.text("where", mistakes));
    claim.test = word(fields.text("name", mistakes));
    claim.level = fields.number("level", mistakes).map(|n| n.value);
    claim.percent = fields.number("percent", mistakes).map(|n| n.value);
    claim.outcome_percent = fields.flag("outcome-percent", mistakes).unwrap_or(false);
    claim.value = fields.text("value", mistakes).and_then(|typed| {
        let number = Printed::parse(&typed);
        if let Err(why) = &number {
            mistakes.at(typed.span, why.clone(), "");
        }
        number.ok().flatten()
    });
    let table = fields.text("table", mistakes);
    let row = fields.text("row", mistakes);
    let columns = fields.texts("column", false, mistakes);
    let than = fields.texts("than", false, mistakes);
    fields.finish(mistakes);
    if found != Some(ClaimKind::Test) {
        place(paper, &table, &row, columns.iter().chain(&than), mistakes);
    }
    claim.table = word(table);
    claim.row = word(row);
    claim.columns = columns.into_iter().map(|c| c.value).collect();
    claim.than = than.into_iter().map(|c| c.value).collect();
    found.map(|_| claim)
}

/// Whether the table, the row and the columns of a claim are there.
fn place<'a>(
    paper: &Paper,
    table: &Option<At<String>>,
    row: &Option<At<String>>,
    columns: impl Iterator<Item = &'a At<String>>,
    mistakes: &mut Mistakes,
) {
    let Some(table) = table else {
        return;
    };
    let (rows, heads): (Vec<&str>, Vec<&str>) =
        if let Some(found) = paper.regressions.iter().find(|t| t.name == table.value) {
            (
                found
                    .columns
                    .iter()
                    .flat_map(|c| c.terms.iter().map(|t| t.row.as_str()))
                    .collect(),
                found.columns.iter().map(|c| c.number.as_str()).collect(),
            )
        } else if let Some(found) = paper.descriptions.iter().find(|t| t.name == table.value) {
            (
                found.rows.iter().map(|r| r.variable.as_str()).collect(),
                found
                    .rows
                    .iter()
                    .flat_map(|r| r.values.iter().map(|(_, heading, _)| heading.as_str()))
                    .collect(),
            )
        } else {
            let names: Vec<&str> = paper
                .regressions
                .iter()
                .map(|t| t.name.as_str())
                .chain(paper.descriptions.iter().map(|t| t.name.as_str()))
                .collect();
            let message = format!("no table is called `{}`", table.value);
            mistakes.at(table.span, message, advice(table, &names));
            return;
        };
    if let Some(row) = row
        && !rows.contains(&row.value.as_str())
    {
        let message = format!("{} has no row `{}`", table.value, row.value);
        mistakes.at(row.span, message, advice(row, &unique(rows)));
    }
    for column in columns {
        if !heads.contains(&column.value.as_str()) {
            let message = format!("{} has no column `{}`", table.value, column.value);
            mistakes.at(column.span, message, advice(column, &unique(heads.clone())));
        }
    }
}

fn unique(words: Vec<&str>) -> Vec<&str> {
    let mut list: Vec<&str> = Vec::new();
    for word in words {
        if !list.contains(&word) {
            list.push(word);
        }
    }
    list
}
