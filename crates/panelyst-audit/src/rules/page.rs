//! Digits, brackets and legends: what a page betrays about how it was made.

use super::Found;
use crate::finding::Severity;
use crate::paper::{Paper, Regression};
use crate::printed::{Enclosure, Printed};
use crate::said::{Said, said};

/// Share of the cells of a table that must follow one style before another cell is held against it.
const STYLE: f64 = 0.8;
/// Fewest cells that make a style.
const FEWEST: usize = 8;

/// A number with the places where it stands.
struct Cell<'a> {
    column: String,
    row: &'a str,
    printed: &'a Printed,
}

/// Decimals that a style gives a number.
#[derive(Clone, Copy)]
enum Style {
    /// The same for all.
    Decimals(usize),
    /// That many significant digits, as esttab's a3.
    Significant(i32),
}

impl Style {
    fn decimals(self, value: f64) -> usize {
        match self {
            Self::Decimals(decimals) => decimals,
            Self::Significant(digits) => {
                let exponent = value.abs().log10().floor() as i32;
                let decimals = if exponent < 0 {
                    digits - 1 - exponent
                } else {
                    (digits - exponent).max(1)
                };
                usize::try_from(decimals).unwrap_or(0)
            }
        }
    }

    fn words(self) -> Said {
        match self {
            Self::Decimals(decimals) => said!("{decimals} decimals", "{decimals}位小数"),
            Self::Significant(digits) => {
                said!("{digits} significant digits", "{digits}位有效数字")
            }
        }
    }
}

/// Trailing zeros that a spreadsheet drops.
pub(super) fn digits(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        let cells: Vec<Cell<'_>> = table
            .columns
            .iter()
            .flat_map(|column| {
                column.terms.iter().map(|term| Cell {
                    column: column.label.clone(),
                    row: &term.row,
                    printed: &term.coefficient,
                })
            })
            .collect();
        found.extend(lost_zeros(&table.name, &cells));
    }
    for table in &paper.descriptions {
        let cells: Vec<Cell<'_>> = table
            .rows
            .iter()
            .flat_map(|row| {
                row.values.iter().map(|(_, heading, printed)| Cell {
                    column: heading.clone(),
                    row: &row.variable,
                    printed,
                })
            })
            .collect();
        found.extend(lost_zeros(&table.name, &cells));
    }
    found
}

fn lost_zeros(table: &str, cells: &[Cell<'_>]) -> Vec<Found> {
    let cells: Vec<&Cell<'_>> = cells
        .iter()
        .filter(|cell| cell.printed.decimals.is_some() && cell.printed.value != 0.0)
        .collect();
    if cells.len() < FEWEST {
        return Vec::new();
    }
    let follows = |style: Style, cell: &Cell<'_>| {
        cell.printed.decimals == Some(style.decimals(cell.printed.value))
    };
    let styles = (0..=6)
        .map(Style::Decimals)
        .chain((2..=6).map(Style::Significant));
    let best = styles
        .map(|style| {
            (
                cells.iter().filter(|cell| follows(style, cell)).count(),
                style,
            )
        })
        .max_by_key(|(count, _)| *count);
    let Some((count, style)) = best else {
        return Vec::new();
    };
    if (count as f64) < STYLE * cells.len() as f64 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for cell in &cells {
        let (printed, expected) = (cell.printed, style.decimals(cell.printed.value));
        let decimals = printed.decimals.unwrap_or(expected);
        // A whole row with fewer digits was meant to have them.
        let alone = cells
            .iter()
            .filter(|other| other.row == cell.row)
            .any(|other| follows(style, other))
            || cells.iter().filter(|other| other.row == cell.row).count() == 1;
        if decimals >= expected || !alone {
            continue;
        }
        let zeros = "0".repeat(expected - decimals);
        let point = if decimals == 0 { "." } else { "" };
        let bare = printed.text.trim_end_matches('*');
        let full = format!("{bare}{point}{zeros}");
        let all = cells.len();
        let message = said!(
            "{count} of {all} numbers of the table have {}; {} is {full} without its last zero, as a spreadsheet shows it",
            "全表{all}个数值中有{count}个为{}；{}即{full}省去末位零，如电子表格所显示",
            style.words(),
            printed.text
        );
        found.push(
            Found::new(Severity::Note, message)
                .place(table, &cell.column, cell.row)
                .values(&printed.text, full),
        );
    }
    found
}

/// Statistics without the brackets that all others of the table have.
pub(super) fn brackets(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for table in &paper.regressions {
        let all: Vec<&Printed> = table
            .columns
            .iter()
            .flat_map(|column| {
                column
                    .terms
                    .iter()
                    .flat_map(|term| term.below.iter().map(|(_, p)| p))
            })
            .collect();
        let closed = all
            .iter()
            .filter(|p| p.enclosure != Enclosure::Bare)
            .count();
        if all.len() < FEWEST || (closed as f64) < STYLE * all.len() as f64 {
            continue;
        }
        for column in &table.columns {
            for term in &column.terms {
                for (_, printed) in term
                    .below
                    .iter()
                    .filter(|(_, p)| p.enclosure == Enclosure::Bare)
                {
                    let size = printed
                        .text
                        .trim_start_matches(['-', '\u{2212}', '\u{2013}']);
                    let (all, bare) = (all.len(), &printed.text);
                    let message = if printed.value < 0.0 {
                        said!(
                            "{closed} of {all} statistics of the table stand in brackets, {bare} does not: a spreadsheet reads ({size}) as {bare}, so \
                             ({size}) may be meant",
                            "全表{all}个统计量中有{closed}个带括号，{bare}不带：电子表格会把({size})读成{bare}，原意可能为({size})"
                        )
                    } else {
                        said!(
                            "{closed} of {all} statistics of the table stand in brackets, {bare} does not",
                            "全表{all}个统计量中有{closed}个带括号，{bare}不带"
                        )
                    };
                    found.push(
                        Found::new(Severity::Questionable, message)
                            .at(table, column, &term.row)
                            .values(bare, format!("({size})")),
                    );
                }
            }
        }
    }
    found
}

fn has_stars(table: &Regression) -> bool {
    table
        .columns
        .iter()
        .any(|column| column.terms.iter().any(|term| term.coefficient.stars > 0))
}

/// Stars without a legend, more stars than the legend has, and legends that differ between tables.
pub(super) fn legend(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    let mut first: Option<&Regression> = None;
    for table in paper.regressions.iter().filter(|table| has_stars(table)) {
        if table.stars.is_empty() {
            let message = (
                "stars without a legend: the same star stands for 10, 5, 1 or 0.1 per cent in different journals",
                "有星号而无说明：同一星号在不同期刊可表示10%、5%、1%或0.1%水平",
            );
            found.push(
                Found::new(Severity::Note, message)
                    .place(&table.name, "", "")
                    .values(("stars", "星号"), ("a legend", "星号说明")),
            );
            continue;
        }
        for column in &table.columns {
            for term in &column.terms {
                let stars = term.coefficient.stars;
                if stars > table.stars.len() {
                    let most = table.stars.len();
                    let message = said!(
                        "{stars} stars, but the legend ends at {most}",
                        "标有{stars}个星号，但星号说明至多为{most}个"
                    );
                    found.push(
                        Found::new(Severity::Inconsistent, message)
                            .at(table, column, &term.row)
                            .values(
                                &term.coefficient.text,
                                said!("at most {most} stars", "至多{most}个星号"),
                            ),
                    );
                }
            }
        }
        match first {
            None => first = Some(table),
            Some(other) if other.stars != table.stars => {
                let message = said!(
                    "the legend differs from that of {}: the same stars stand for other levels",
                    "星号说明与{}不同：相同的星号表示不同的水平",
                    other.name
                );
                found.push(
                    Found::new(Severity::Note, message)
                        .place(&table.name, "", "")
                        .values(format!("{:?}", table.stars), format!("{:?}", other.stars)),
                );
            }
            Some(_) => {}
        }
    }
    found
}
