//! Stars against t statistics.

use super::Found;
use super::conventions::{CONVENTIONS, Cell, Under, cells};
use super::shown::{count, digits, equals, plural, stars};
use crate::finding::Severity;
use crate::interval::Interval;
use crate::paper::{Column, Errors, Paper, Regression};

/// Degrees of freedom in words.
fn df_words(df: Interval) -> String {
    if df.low.is_infinite() {
        "normal".to_owned()
    } else if df.low == df.high {
        format!("df {}", count(df.low))
    } else {
        format!("df {} to {}", count(df.low), count(df.high))
    }
}

fn p_words(under: Under) -> String {
    let p = under.p;
    let (low, high) = (digits(p.low, 2), digits(p.high, 2));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// Stars that no convention gives.
pub(super) fn none_fits(paper: &Paper) -> Vec<Found> {
    let mut found = Vec::new();
    for cell in cells(paper) {
        let judged: Vec<usize> = (0..3).filter(|c| cell.fits(*c).is_some()).collect();
        if judged.is_empty() || judged.iter().any(|c| cell.fits(*c) == Some(true)) {
            continue;
        }
        let words: Vec<String> = judged
            .iter()
            .filter_map(|c| {
                let under = cell.under[*c]?;
                Some(format!(
                    "{} ({}): p = {}",
                    CONVENTIONS[*c].name,
                    df_words(under.df),
                    p_words(under)
                ))
            })
            .collect();
        let implied = judged
            .first()
            .and_then(|c| cell.under[*c])
            .map_or(0, |under| under.stars.1);
        let message = format!(
            "abs(t) {} gives {} under {}, but {} printed",
            equals(cell.t),
            stars(implied),
            words.join("; "),
            stars(cell.term.coefficient.stars)
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .at(cell.table, cell.column, &cell.term.row)
                .values(cell.term.coefficient.text.clone(), stars(implied)),
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

/// Names of the conventions with an answer.
fn named(fits: &[Option<bool>; 3]) -> Vec<&'static str> {
    (0..3)
        .filter(|c| fits[*c] == Some(true))
        .map(|c| CONVENTIONS[c].name)
        .collect()
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
        let words: Vec<String> = (0..3)
            .filter(|c| column.fits[*c].is_some())
            .map(|c| against(c, &column.cells, column.cells.len()))
            .collect();
        let message = format!(
            "no single convention gives all stars of the column: {}",
            words.join(", ")
        );
        found.push(
            Found::new(Severity::Inconsistent, message)
                .at(column.table, column.column, "")
                .values(
                    format!(
                        "stars of {}",
                        plural(column.cells.len() as f64, "coefficient")
                    ),
                    "one convention",
                ),
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
    let names = named(&all);
    let cells: Vec<&Cell<'_>> = columns.iter().flat_map(|column| &column.cells).collect();
    let (message, implied) = if names.is_empty() {
        let of: Vec<String> = columns
            .iter()
            .filter(|column| column.fits.contains(&Some(true)))
            .map(|column| {
                let names = named(&column.fits).join(" or ");
                format!("{} {}: {names}", column.table.name, column.column.number)
            })
            .collect();
        (
            format!(
                "no single convention gives all stars; by column: {}",
                of.join("; ")
            ),
            "by column".to_owned(),
        )
    } else {
        let used: Vec<&str> = (0..3)
            .filter(|c| all[*c] == Some(true))
            .map(|c| CONVENTIONS[c].used)
            .collect();
        let words: Vec<String> = (0..3)
            .filter(|c| all[*c].is_some())
            .map(|c| against(c, cells.iter().copied(), cells.len()))
            .collect();
        (
            format!(
                "all stars together are consistent with {} only, the rule of {}: {}",
                names.join(" or "),
                used.join(" or "),
                words.join(", ")
            ),
            names.join(" or "),
        )
    };
    found.push(
        Found::new(Severity::Note, message)
            .place(&tables.join("; "), "", "")
            .values(
                format!("stars of {}", plural(cells.len() as f64, "coefficient")),
                implied,
            ),
    );
    found
}

/// How many cells a convention contradicts, and which.
fn against<'a>(c: usize, cells: impl IntoIterator<Item = &'a Cell<'a>>, all: usize) -> String {
    let name = CONVENTIONS[c].name;
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
        format!("{name} fits all {}", plural(all as f64, "cell"))
    } else {
        let number = plural(contradicted.len() as f64, "cell");
        format!("{name} contradicts {number} ({})", contradicted.join("; "))
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
            let message = format!(
                "under {} ({}) abs(t) {} has p = {}: {} instead of {}; {} would go with {}",
                convention.name,
                df_words(under.df),
                equals(cell.t),
                p_words(under),
                stars(implied),
                stars(printed),
                convention.name,
                convention.used
            );
            found.push(
                Found::new(Severity::Note, message)
                    .at(cell.table, cell.column, &cell.term.row)
                    .values(
                        stars(printed),
                        format!("{} under {}", stars(implied), convention.name),
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
        let names: Vec<&str> = other.iter().map(|c| CONVENTIONS[*c].name).collect();
        let kind = match errors {
            Errors::Clustered => "clustered",
            Errors::Robust => "robust",
            Errors::Classical => "classical",
            Errors::Mixed => continue,
        };
        let message = format!(
            "the errors are stated as {kind}, which goes with {}, but {} of {} stars contradict it and all fit {}",
            CONVENTIONS[expected].name,
            against(expected),
            own.len(),
            names.join(" or ")
        );
        found.push(
            Found::new(Severity::Questionable, message)
                .place(&table.name, "", "")
                .values(kind, names.join(" or ")),
        );
    }
    if !silent.is_empty() {
        let message = format!(
            "no kind of standard errors is stated for {}; classical, robust and clustered errors give other t statistics from the same data",
            silent.join(", ")
        );
        found.push(
            Found::new(Severity::Note, message)
                .place(&silent.join("; "), "", "")
                .values("not stated", "classical, robust or clustered"),
        );
    }
    found
}
