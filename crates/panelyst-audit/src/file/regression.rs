//! A block of regressions.

use super::block::{Cell, Line, lines};
use super::fields::{At, Mistakes};
use super::words::{self, EffectKind};
use crate::paper::{Below, Column, Regression, Term};
use crate::printed::Printed;

/// How the block is to be read.
pub(crate) struct Reading<'a> {
    /// Name of the table.
    pub name: &'a str,
    /// What the lines below a coefficient are.
    pub below: Vec<Below>,
    /// Dependent variable of all columns, where the file says.
    pub outcome: Option<String>,
    /// Names of variables that headings may hold.
    pub variables: Vec<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// The paper's word for a unit.
    pub unit: String,
    /// Row of the unit effects, where the file says.
    pub unit_row: Option<String>,
    /// Row of the time effects, where the file says.
    pub time_row: Option<String>,
    /// Row of the constant, where the file says.
    pub constant: Option<String>,
    /// Rows to leave out.
    pub ignore: Vec<String>,
    /// N of every column, where no row says it.
    pub n: Option<f64>,
}

/// Reads the block: heads, coefficients with the lines below them, effects, N.
pub(crate) fn regression(
    how: &Reading<'_>,
    block: &At<String>,
    source: &str,
    mistakes: &mut Mistakes,
) -> Regression {
    let lines = lines(block, source, mistakes);
    let mut table = Regression {
        name: how.name.to_owned(),
        below: how.below.clone(),
        ..Regression::default()
    };
    let body = lines.iter().position(begins_body).unwrap_or(lines.len());
    let width = lines.first().map_or(0, |line| line.cells.len());
    if body == lines.len() || width == 0 {
        mistakes.at(
            block.span,
            format!("{} has no line of coefficients", how.name),
            "write one line a row of the table: name | coefficient | coefficient, and the brackets on the next line",
        );
        return table;
    }
    table.columns = heads(how, &lines[..body], width);
    let mut rows: Vec<&str> = Vec::new();
    // Lines without a label belong to the coefficients above them, until another row comes.
    let mut below: Option<(&Line, usize)> = None;
    for line in &lines[body..] {
        let label = line.label.text.as_str();
        if label.is_empty() {
            let Some((row, depth)) = below else {
                mistakes.at(
                    line.span,
                    "this line has no name and stands below no coefficient",
                    "put the name of the row first",
                );
                continue;
            };
            below = Some((row, depth + 1));
            under(how, &mut table, line, (row, depth), mistakes);
            continue;
        }
        below = None;
        if how.ignore.iter().any(|row| row == label) || words::other_statistic(label) {
            for (column, cell) in table.columns.iter_mut().zip(&line.cells) {
                column.other_estimator |= words::other_estimator(&cell.text);
            }
            continue;
        }
        if words::counts_rows(label) || words::counts_clusters(label) || words::r2(label).is_some()
        {
            statistic(&mut table, line, mistakes);
        } else if !effects(how, &mut table, line) {
            if rows.contains(&label) {
                mistakes.at(
                    line.label.span,
                    format!("{} has two rows `{label}`", how.name),
                    "",
                );
                continue;
            }
            rows.push(label);
            below = Some((line, 0));
            coefficients(how, &mut table, line, mistakes);
        }
    }
    for column in &mut table.columns {
        column.n = column.n.or(how.n);
    }
    if table
        .columns
        .iter()
        .any(|c| c.n.is_none() && !c.terms.is_empty())
    {
        mistakes.at(
            block.span,
            format!("{} does not say N for every column", how.name),
            "add a line N | 434 | 434, or the key n = 434 where all columns have the same",
        );
    }
    table
}

/// Whether a line is the first below the heads: it has a name, and a number that is no column number, or a YES.
fn begins_body(line: &Line) -> bool {
    !line.label.text.is_empty()
        && line.cells.iter().any(|cell| {
            let head = column_number(&cell.text).is_some_and(|(_, rest)| rest.is_empty());
            !head
                && (matches!(Printed::parse(&cell.text), Ok(Some(_)))
                    || words::yes_or_no(&cell.text).is_some())
        })
}

/// `(3)` and what follows it, in a head.
pub(crate) fn column_number(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix('(')?;
    let (number, rest) = rest.split_once(')')?;
    let short =
        (1..=3).contains(&number.len()) && number.chars().all(|c| c.is_ascii_alphanumeric());
    short.then(|| (format!("({number})"), rest.trim().to_owned()))
}

/// Columns with number, heading, outcome and group.
fn heads(how: &Reading<'_>, lines: &[Line], width: usize) -> Vec<Column> {
    let mut pieces: Vec<Vec<String>> = vec![Vec::new(); width];
    let mut numbers: Vec<String> = (1..=width).map(|j| format!("({j})")).collect();
    for line in lines {
        let mut before = String::new();
        for (j, cell) in line.cells.iter().enumerate() {
            if let Some((number, rest)) = column_number(&cell.text) {
                numbers[j] = number;
                if !rest.is_empty() {
                    pieces[j].push(rest);
                }
            } else if !cell.text.is_empty() {
                before.clone_from(&cell.text);
                pieces[j].push(cell.text.clone());
            } else if !before.is_empty() && line.cells.len() > 1 {
                // A heading over several columns.
                pieces[j].push(before.clone());
            }
        }
    }
    let common = |piece: &String| pieces.iter().all(|column| column.contains(piece));
    let mut columns = Vec::with_capacity(width);
    for (j, number) in numbers.into_iter().enumerate() {
        let own: Vec<&String> = pieces[j].iter().filter(|piece| !common(piece)).collect();
        let shown: Vec<&str> = if own.is_empty() {
            pieces[j].iter().map(String::as_str).collect()
        } else {
            own.into_iter().map(String::as_str).collect()
        };
        let outcome = how.outcome.clone().or_else(|| {
            pieces[j]
                .iter()
                .rev()
                .find(|piece| how.variables.contains(piece))
                .cloned()
        });
        let group = how.groups.iter().position(|group| {
            pieces[j]
                .iter()
                .any(|piece| words::bare(piece) == words::bare(group))
        });
        columns.push(Column {
            label: format!("{number} {}", shown.join(" "))
                .trim_end()
                .to_owned(),
            number,
            outcome,
            group,
            other_estimator: pieces[j].iter().any(|piece| words::other_estimator(piece)),
            ..Column::default()
        });
    }
    columns
}

fn number(cell: &Cell, what: &str, mistakes: &mut Mistakes) -> Option<Printed> {
    match Printed::parse(&cell.text) {
        Ok(found) => found,
        Err(why) => {
            let message = format!("{why}, in {what}");
            mistakes.at(
                cell.span,
                message,
                "leave a cell without a number empty; name rows of words in `ignore`",
            );
            None
        }
    }
}

fn coefficients(how: &Reading<'_>, table: &mut Regression, line: &Line, mistakes: &mut Mistakes) {
    let row = &line.label.text;
    for (column, cell) in table.columns.iter_mut().zip(&line.cells) {
        let what = format!("row {row} of {}", how.name);
        if let Some(coefficient) = number(cell, &what, mistakes) {
            column.terms.push(Term {
                row: row.clone(),
                constant: how.constant.as_ref() == Some(row) || words::constant(row),
                coefficient,
                below: Vec::new(),
            });
        }
    }
}

/// A line below coefficients.
fn under(
    how: &Reading<'_>,
    table: &mut Regression,
    line: &Line,
    (above, depth): (&Line, usize),
    mistakes: &mut Mistakes,
) {
    let Some(&kind) = how.below.get(depth) else {
        mistakes.at(
            line.span,
            format!(
                "line {} below the coefficients; {} says what {} of them are",
                depth + 1,
                how.name,
                how.below.len()
            ),
            "name each line, for example brackets = [\"t\", \"se\"]",
        );
        return;
    };
    let row = above.label.text.as_str();
    for (j, (column, cell)) in table.columns.iter_mut().zip(&line.cells).enumerate() {
        let what = format!("the line below {row} of {}", how.name);
        let Some(printed) = number(cell, &what, mistakes) else {
            continue;
        };
        match column.terms.last_mut().filter(|term| term.row == row) {
            Some(term) => term.below.push((kind, printed)),
            // Above it stands what could not be read, which is said already.
            None if !matches!(Printed::parse(&above.cells[j].text), Ok(None)) => {}
            None => mistakes.at(
                cell.span,
                format!("`{}` stands below an empty cell of row {row}", cell.text),
                "check that every line has one separator for each column",
            ),
        }
    }
}

/// A row of YES and NO; false where it is none.
fn effects(how: &Reading<'_>, table: &mut Regression, line: &Line) -> bool {
    let label = line.label.text.as_str();
    let cells: Vec<Option<bool>> = line
        .cells
        .iter()
        .map(|cell| words::yes_or_no(&cell.text))
        .collect();
    let filled = line.cells.iter().filter(|c| !c.text.is_empty()).count();
    if filled == 0 || cells.iter().flatten().count() != filled {
        return false;
    }
    let kind = if how.unit_row.as_deref() == Some(label) {
        EffectKind::Unit
    } else if how.time_row.as_deref() == Some(label) {
        EffectKind::Time
    } else {
        words::effect_kind(label, &how.unit)
    };
    for (column, yes) in table.columns.iter_mut().zip(cells) {
        let yes = yes.unwrap_or(false);
        match kind {
            EffectKind::Unit => column.unit_effects |= yes,
            EffectKind::Time => column.time_effects |= yes,
            EffectKind::Other => column.other_effects += usize::from(yes),
        }
    }
    true
}

fn statistic(table: &mut Regression, line: &Line, mistakes: &mut Mistakes) {
    let label = line.label.text.as_str();
    let what = format!("row {label} of {}", table.name);
    for (column, cell) in table.columns.iter_mut().zip(&line.cells) {
        let Some(printed) = number(cell, &what, mistakes) else {
            continue;
        };
        if let Some(kind) = words::r2(label) {
            column.r2.push((kind, label.to_owned(), printed));
            continue;
        }
        if printed.value < 1.0 || printed.value.fract() != 0.0 {
            let message = format!("`{}` is no count, in {what}", cell.text);
            mistakes.at(cell.span, message, "");
        }
        // Kept all the same, so that nobody is told that it is missing.
        if words::counts_clusters(label) {
            column.clusters = Some(printed.value);
        } else {
            column.n = Some(printed.value);
        }
    }
}
