//! A block of descriptive statistics.

use super::block::lines;
use super::fields::{At, Mistakes};
use super::words::{counts_rows, moment};
use crate::paper::{Description, Moment, Moments};
use crate::printed::Printed;

/// Reads the block: a head with the names of the statistics, then one line a variable.
pub(crate) fn description(
    name: &str,
    block: &At<String>,
    source: &str,
    mistakes: &mut Mistakes,
) -> Description {
    let mut table = Description {
        name: name.to_owned(),
        rows: Vec::new(),
    };
    let lines = lines(block, source, mistakes);
    let Some(head) = lines.iter().position(|line| {
        line.cells
            .iter()
            .any(|cell| moment(&cell.text) == Moment::Mean)
    }) else {
        mistakes.at(
            block.span,
            format!("{name} has no line that names a column Mean"),
            "begin the block with a line such as: Variable | Obs | Mean | Std. Dev. | Min | Max",
        );
        return table;
    };
    let titles: Vec<&str> = lines[head].cells.iter().map(|c| c.text.as_str()).collect();
    for line in &lines[head + 1..] {
        // A heading over the lines that follow.
        if line.cells.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        if line.label.text.is_empty() {
            mistakes.at(line.span, "this line names no variable", "");
            continue;
        }
        let mut row = Moments {
            variable: line.label.text.clone(),
            obs: None,
            values: Vec::new(),
        };
        for (title, cell) in titles.iter().zip(&line.cells) {
            match Printed::parse(&cell.text) {
                Ok(None) => {}
                Ok(Some(number)) if counts_rows(title) => row.obs = Some(number.value),
                Ok(Some(number)) => {
                    row.values
                        .push((moment(title), (*title).to_owned(), number));
                }
                Err(_) if moment(title) == Moment::Other && !counts_rows(title) => {}
                Err(why) => mistakes.at(
                    cell.span,
                    format!("{why}, in column {title} of {name}"),
                    "leave a cell without a number empty",
                ),
            }
        }
        table.rows.push(row);
    }
    if table.rows.is_empty() {
        mistakes.at(block.span, format!("{name} has no line of numbers"), "");
    }
    table
}
