//! The ledger at a glance: what was done to which variable in which step, and to how many cells.

use crate::table::{Cell, HeaderCell, Lang, Row, RowKind, Table};

/// One row of the summary.
struct Group<'a> {
    action: &'a str,
    step: &'a str,
    variable: &'a str,
    rules: Vec<&'a str>,
    entries: i64,
    cells: i64,
}

/// Entries by action, step and variable, in the order in which each comes first.
pub(super) fn summary(columns: &[String], entries: &[Vec<String>], lang: Lang) -> Table {
    let place = |name: &str| columns.iter().position(|column| column == name);
    let [action, step, variable, rule, cells] =
        ["action", "step", "variable", "rule", "cells"].map(place);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for entry in entries {
        let text = |place: Option<usize>| {
            place
                .and_then(|place| entry.get(place))
                .map_or("", String::as_str)
        };
        let (action, step, variable, rule) = (text(action), text(step), text(variable), text(rule));
        let number = text(cells).parse().unwrap_or(0);
        let known = groups
            .iter()
            .position(|g| (g.action, g.step, g.variable) == (action, step, variable));
        let known = known.unwrap_or_else(|| {
            groups.push(Group {
                action,
                step,
                variable,
                rules: Vec::new(),
                entries: 0,
                cells: 0,
            });
            groups.len() - 1
        });
        let group = &mut groups[known];
        if !group.rules.contains(&rule) {
            group.rules.push(rule);
        }
        group.entries += 1;
        group.cells += number;
    }
    table(&groups, entries.len(), lang)
}

fn table(groups: &[Group<'_>], entries: usize, lang: Lang) -> Table {
    let (names, title, note) = match lang {
        Lang::En => (
            ["Action", "Step", "Variable", "Rule", "Entries", "Cells"],
            "Ledger by action, step and variable",
            format!("All {entries} entries stand in ledger.csv, each with its file and place."),
        ),
        Lang::Zh => (
            ["操作", "步骤", "变量", "规则", "记录数", "单元格数"],
            "台账汇总（按操作、步骤与变量）",
            format!("全部{entries}条记录及其文件与位置见ledger.csv。"),
        ),
    };
    let text = |text: &str| Cell::Text {
        text: text.to_owned(),
    };
    let rows = groups.iter().map(|group| Row {
        kind: RowKind::Body,
        cells: vec![
            text(group.action),
            text(group.step),
            text(group.variable),
            text(&rules(&group.rules, lang)),
            Cell::Integer {
                value: group.entries,
            },
            Cell::Integer { value: group.cells },
        ],
    });
    let header = names.map(|name| HeaderCell {
        text: name.to_owned(),
        span: 1,
    });
    Table {
        id: "ledger".to_owned(),
        label: String::new(),
        title: title.to_owned(),
        header: vec![header.to_vec()],
        rows: rows.collect(),
        notes: vec![note],
        lang,
    }
}

/// The rule, or the first of several.
fn rules(rules: &[&str], lang: Lang) -> String {
    match rules {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => match lang {
            Lang::En => format!("{first}, and {} more", rest.len()),
            Lang::Zh => format!("{first}等{}条规则", rest.len() + 1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::table::{Cell, Lang};

    #[test]
    fn entries_and_cells_are_counted_by_action_step_and_variable() {
        let columns = ["action", "step", "variable", "rule", "cells"].map(str::to_owned);
        let entry = |words: [&str; 5]| words.map(str::to_owned).to_vec();
        let entries = [
            entry(["filled", "variable x", "x", "linear between 1 and 3", "1"]),
            entry(["converted", "source a", "y", "x 0.01", "816"]),
            entry(["filled", "variable x", "x", "linear between 4 and 6", "2"]),
        ];
        let table = summary(&columns, &entries, Lang::En);
        assert_eq!(table.rows.len(), 2);
        let cells = &table.rows[0].cells;
        assert_eq!(
            cells[3],
            Cell::Text {
                text: "linear between 1 and 3, and 1 more".to_owned()
            }
        );
        assert_eq!(cells[4], Cell::Integer { value: 2 });
        assert_eq!(cells[5], Cell::Integer { value: 3 });
        assert!(table.notes[0].contains("All 3 entries"));
    }
}
