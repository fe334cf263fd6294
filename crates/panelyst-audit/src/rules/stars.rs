//! Stars against t statistics.

use super::Found;
use super::conventions::{CONVENTIONS, Cell, Under, cells};
use super::shown::{at_least, at_most, count, digits, equals, or, plural, span, starred, stars};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Column, Errors, Paper, Regression};
use crate::said::{Bilingual, Said, said};

/// A convention with its degrees of freedom.
fn with_df(c: usize, df: Interval) -> Said {
    let name = CONVENTIONS[c].name;
    if df.low.is_infinite() {
        said!("{} (normal)", "{}", name)
    } else if df.low == df.high {
        said!("{} (df {})", "{}（自由度{}）", name, count(df.low))
    } else {
        let df = span(count(df.low), count(df.high));
        said!("{} (df {})", "{}（自由度{}）", name, df)
    }
}

fn p_words(under: Under) -> Said {
    let p = under.p;
    let (low, high) = (digits(p.low, 2), digits(p.high, 2));
    if low == high {
        low.said()
    } else {
        span(low, high)
    }
}

/// Names of conventions.
fn names(conventions: &[usize]) -> Said {
    let names: Vec<_> = conventions.iter().map(|c| CONVENTIONS[*c].name).collect();
    or(&names)
}

/// Stars that no convention gives.
pub(super) fn none_fits(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for cell in cells(paper) {
        let judged: Vec<usize> = (0..3).filter(|c| cell.fits(*c).is_some()).collect();
        if judged.is_empty() || judged.iter().any(|c| cell.fits(*c) == Some(true)) {
            continue;
        }
        let words: Vec<Said> = judged
            .iter()
            .filter_map(|c| {
                let under = cell.under[*c]?;
                Some(said!(
                    "{}: p = {}",
                    "{}：p = {}",
                    with_df(*c, under.df),
                    p_words(under)
                ))
            })
            .collect();
        let printed = cell.term.coefficient.stars;
        let ranges = judged.iter().filter_map(|c| Some(cell.under[*c]?.stars));
        let (least, most) = ranges.fold((usize::MAX, 0), |(a, b), (low, high)| {
            (a.min(low), b.max(high))
        });
        let (gives, implied) = match (least == most, printed < least) {
            (true, _) => (starred(most), stars(most)),
            (false, true) => (at_least(starred(least)), at_least(stars(least))),
            (false, false) => (at_most(starred(most)), at_most(stars(most))),
        };
        // Few clusters, of which the page does not tell the number, earn fewer stars.
        let errors = cell.table.errors.or(paper.sample.errors);
        let clusters_unknown =
            cell.under[1].is_none() && !matches!(errors, Some(Errors::Classical | Errors::Robust));
        let (severity, but) = if clusters_unknown && printed < least {
            let but = said!(
                ", unless errors are clustered with few clusters",
                "，除非标准误按为数不多的聚类计算"
            );
            (Severity::Questionable, but)
        } else {
            (Severity::Inconsistent, Said::default())
        };
        let message = said!(
            "abs(t) {0} gives {1} under {2}, but {3} printed{4}",
            "abs(t) {0}，{2}；应{1}，但表中{3}{4}",
            equals(cell.t),
            gives,
            Said::joined(&words, "; ", "；"),
            starred(printed),
            but
        );
        found.push(
            Found::new(severity, message)
                .at(cell.table, cell.column, &cell.term.row)
                .values(&cell.term.coefficient.text, implied),
        );
    }
    found
}

/// The cells of one column, the conventions that fit all of them, and whether a convention can be judged there.
struct Columns<'a> {
    table: &'a Regression,
    column: &'a Column,
    cells: Vec<Cell<'a>>,
    fits: [Option<bool>; 3],
}

/// Cells by column; those that fit no convention are findings of their own and are left out.
fn columns(paper: &Paper) -> Vec<Columns<'_>> {
    let mut columns: Vec<Columns<'_>> = Vec::new();
    for cell in cells(paper) {
        if !(0..3).any(|c| cell.fits(c) == Some(true)) {
            continue;
        }
        let fits = [0, 1, 2].map(|c| cell.fits(c));
        match columns.last_mut() {
            Some(last) if std::ptr::eq(last.column, cell.column) => {
                for (known, new) in last.fits.iter_mut().zip(fits) {
                    *known = match (*known, new) {
                        (Some(a), Some(b)) => Some(a && b),
                        (known, new) => known.or(new),
                    };
                }
                last.cells.push(cell);
            }
            _ => columns.push(Columns {
                table: cell.table,
                column: cell.column,
                cells: vec![cell],
                fits,
            }),
        }
    }
    columns
}

/// The conventions that fit.
fn fitting(fits: &[Option<bool>; 3]) -> Vec<usize> {
    (0..3).filter(|c| fits[*c] == Some(true)).collect()
}

/// The convention that all stars of the paper are consistent with, or those of its columns.
pub(super) fn convention(paper: &Paper) -> Vec<Found> {
    let columns = columns(paper);
    if columns.iter().all(|c| !c.fits.contains(&Some(false))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for column in &columns {
        if column.fits.contains(&Some(true)) {
            continue;
        }
        let words: Vec<Said> = (0..3)
            .filter(|c| column.fits[*c].is_some())
            .map(|c| against(c, &column.cells, column.cells.len()))
            .collect();
        let message = said!(
            "no single convention gives all stars of the column: {}",
            "没有一种规则能给出该列的全部星号：{}",
            Said::joined(&words, ", ", "，")
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .at(column.table, column.column, "")
                .values(stars_of(column.cells.len()), ("one convention", "同一规则")),
        );
    }
    let mut tables: Vec<&str> = Vec::new();
    for column in &columns {
        if tables.last() != Some(&column.table.name.as_str()) {
            tables.push(&column.table.name);
        }
    }
    let all = [0, 1, 2].map(|c| {
        let judged: Vec<bool> = columns.iter().filter_map(|column| column.fits[c]).collect();
        (!judged.is_empty()).then(|| judged.iter().all(|fits| *fits))
    });
    let fit = fitting(&all);
    let cells: Vec<&Cell<'_>> = columns.iter().flat_map(|column| &column.cells).collect();
    let (message, implied) = if fit.is_empty() {
        let of: Vec<Said> = columns
            .iter()
            .filter(|column| column.fits.contains(&Some(true)))
            .map(|column| {
                said!(
                    "{} {}: {}",
                    "{} {}：{}",
                    column.table.name,
                    column.column.number,
                    names(&fitting(&column.fits))
                )
            })
            .collect();
        (
            said!(
                "no single convention gives all stars; by column: {}",
                "没有一种规则能给出全部星号；各列为：{}",
                Said::joined(&of, "; ", "；")
            ),
            ("by column", "各列不同").said(),
        )
    } else {
        let used: Vec<_> = fit.iter().map(|c| CONVENTIONS[*c].used).collect();
        let words: Vec<Said> = (0..3)
            .filter(|c| all[*c].is_some())
            .map(|c| against(c, cells.iter().copied(), cells.len()))
            .collect();
        (
            said!(
                "all stars together are consistent with {} only, the rule of {}: {}",
                "全部星号合在一起仅与{}一致，该规则用于{}：{}",
                names(&fit),
                or(&used),
                Said::joined(&words, ", ", "，")
            ),
            names(&fit),
        )
    };
    found.push(
        Found::new(Severity::Note, message)
            .place(&tables.join("; "), "", "")
            .values(stars_of(cells.len()), implied),
    );
    found
}

fn stars_of(cells: usize) -> Said {
    let cells = plural(cells as f64, ("coefficient", "个系数"));
    said!("stars of {}", "{}的星号", cells)
}

/// How many cells a convention contradicts, and which.
fn against<'a>(c: usize, cells: impl IntoIterator<Item = &'a Cell<'a>>, all: usize) -> Said {
    let name = CONVENTIONS[c].name;
    let cells_of = |number: usize| plural(number as f64, ("cell", "个系数"));
    let contradicted: Vec<String> = cells
        .into_iter()
        .filter(|cell| cell.fits(c) == Some(false))
        .map(|cell| {
            format!(
                "{} {} {}",
                cell.table.name, cell.column.number, cell.term.row
            )
        })
        .collect();
    if contradicted.is_empty() {
        said!("{} fits all {}", "{}与全部{}相符", name, cells_of(all))
    } else {
        said!(
            "{} contradicts {} ({})",
            "{}与{}不符（{}）",
            name,
            cells_of(contradicted.len()),
            Said::joined(&contradicted, "; ", "；")
        )
    }
}

/// Stars that another convention would print, where one convention fits the column.
pub(super) fn flips(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    let columns = columns(paper);
    let judged = columns
        .iter()
        .filter(|column| column.fits.contains(&Some(true)));
    for cell in judged.flat_map(|column| &column.cells) {
        for (c, convention) in CONVENTIONS.iter().enumerate() {
            let (Some(false), Some(under)) = (cell.fits(c), cell.under[c]) else {
                continue;
            };
            let printed = cell.term.coefficient.stars;
            let implied = if printed > under.stars.1 {
                under.stars.1
            } else {
                under.stars.0
            };
            let message = said!(
                "under {} abs(t) {} has p = {}: {} instead of {}; {} would go with {}",
                "按{}，abs(t) {}的p = {}：应{}，而表中{}；{}用于{}",
                with_df(c, under.df),
                equals(cell.t),
                p_words(under),
                starred(implied),
                starred(printed),
                convention.name,
                convention.used
            );
            found.push(
                Found::new(Severity::Note, message)
                    .at(cell.table, cell.column, &cell.term.row)
                    .values(
                        stars(printed),
                        said!(
                            "{0} under {1}",
                            "按{1}{0}",
                            starred(implied),
                            convention.name
                        ),
                    ),
            );
        }
    }
    found
}

/// The errors that a table states against the convention of its stars, and errors that nobody states.
pub(super) fn stated_errors(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    let cells = cells(paper);
    let mut silent: Vec<&str> = Vec::new();
    for table in &paper.regressions {
        let Some(errors) = table.errors.or(paper.sample.errors) else {
            silent.push(&table.name);
            continue;
        };
        // Conventions that software joins to these errors: N-K or G-1 in small samples, the normal in large ones.
        let expected = match errors {
            Errors::Clustered => 1,
            Errors::Classical | Errors::Robust => 0,
            Errors::Mixed => continue,
        };
        let own: Vec<_> = cells
            .iter()
            .filter(|cell| std::ptr::eq(cell.table, table))
            .collect();
        let against = |c: usize| {
            own.iter()
                .filter(|cell| cell.fits(c) == Some(false))
                .count()
        };
        let other: Vec<usize> = (0..3)
            .filter(|c| {
                *c != expected && against(*c) == 0 && own.iter().any(|x| x.fits(*c).is_some())
            })
            .collect();
        if against(expected) == 0 || other.is_empty() {
            continue;
        }
        let others = names(&other);
        let kind = match errors {
            Errors::Clustered => ("clustered", "聚类"),
            Errors::Robust => ("robust", "稳健"),
            Errors::Classical => ("classical", "同方差"),
            Errors::Mixed => continue,
        };
        let (contrary, all) = (against(expected), own.len());
        let message = said!(
            "the errors are stated as {}, which goes with {}, but {contrary} of {all} stars contradict it and all fit {}",
            "文中称使用{}标准误，与之对应的是{}，但{all}处星号中有{contrary}处与其不符，而全部与{}相符",
            kind,
            CONVENTIONS[expected].name,
            others
        );
        found.push(
            Found::new(Severity::Questionable, message)
                .place(&table.name, "", "")
                .values(kind, others),
        );
    }
    if !silent.is_empty() {
        let message = said!(
            "no kind of standard errors is stated for {}; classical, robust and clustered errors give other t statistics from the same data",
            "{}未说明标准误的种类；对同一数据，同方差、稳健与聚类标准误给出不同的t值",
            Said::joined(&silent, ", ", "、")
        );
        found.push(
            Found::new(Severity::Note, message)
                .place(&silent.join("; "), "", "")
                .values(
                    ("not stated", "未说明"),
                    ("classical, robust or clustered", "同方差、稳健或聚类"),
                ),
        );
    }
    found
}
