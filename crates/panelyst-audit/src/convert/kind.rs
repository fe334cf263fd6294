//! What kind of table a grid is, if an audit reads it at all.

use super::Grid;
use super::row::{cells, has_number, label, number};
use crate::file::{column_number, words};
use crate::paper::Moment;

/// Tables that an audit reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line a variable, with a column of means.
    Description,
    /// One column a regression.
    Regression,
}

/// Heads stand in the first rows.
const HEADS: usize = 4;

/// The kind of a grid: a column headed Mean makes a description; column numbers, lines below coefficients or a row of N make
/// regressions.
///
/// # Errors
/// One sentence for a grid that is neither.
pub(super) fn kind_of(grid: &Grid) -> Result<Kind, String> {
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    if width < 2 {
        return Err("no table with a column of names and a column of numbers".to_owned());
    }
    let heads = || {
        let rows = grid.rows.iter().take(HEADS);
        rows.flat_map(|row| cells(row))
    };
    if heads().any(|cell| words::moment(cell) == Moment::Mean) {
        return Ok(Kind::Description);
    }
    if has_unit_diagonal(&grid.rows) {
        return Err("a table of correlations, which no rule of an audit reads".to_owned());
    }
    let numbered = heads().any(|cell| column_number(cell).is_some());
    let counted = grid
        .rows
        .iter()
        .any(|row| words::counts_rows(label(row)) && has_number(row));
    if numbered || counted || has_lines_below(&grid.rows) {
        return match (1..width).find(|column| only_words(&grid.rows, *column)) {
            Some(column) => Err(format!(
                "column {} has words and no numbers, so it is no regression",
                column + 1
            )),
            None => Ok(Kind::Regression),
        };
    }
    Err(format!(
        "{} rows that are no table of regressions (no column numbers such as (1), no lines below coefficients, no row N) nor of descriptive \
         statistics (no column Mean)",
        grid.rows.len()
    ))
}

/// Whether a column has words in rows where others have numbers, and no number itself.
fn only_words(rows: &[Vec<String>], column: usize) -> bool {
    let own = |row: &&Vec<String>| row.get(column).is_some_and(|cell| !cell.is_empty());
    let mut body = rows
        .iter()
        .filter(|row| has_number(row))
        .filter(own)
        .peekable();
    body.peek().is_some() && body.all(|row| number(&row[column]).is_none())
}

/// Whether the rows with a name have 1 on their diagonal, and there are two at least.
fn has_unit_diagonal(rows: &[Vec<String>]) -> bool {
    let diagonal: Vec<Option<f64>> = rows
        .iter()
        .filter(|row| {
            let of_body = |cell: &String| number(cell).is_some() && column_number(cell).is_none();
            !label(row).is_empty() && cells(row).iter().any(of_body)
        })
        .take_while(|row| !words::counts_rows(label(row)))
        .enumerate()
        .map_while(|(at, row)| cells(row).get(at).map(|cell| number(cell)))
        .collect();
    diagonal.len() >= 2 && diagonal.iter().all(|cell| *cell == Some(1.0))
}

/// Whether a number stands in a row without a name below a number of a row with one.
fn has_lines_below(rows: &[Vec<String>]) -> bool {
    rows.windows(2).any(|pair| {
        let [above, below] = pair else { return false };
        let mut numbers = cells(above).iter().zip(cells(below));
        !label(above).is_empty()
            && label(below).is_empty()
            && numbers.any(|(a, b)| number(a).is_some() && number(b).is_some())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::csv;
    use super::{Kind, kind_of};

    fn of(text: &str) -> Result<Kind, String> {
        kind_of(&csv(text).unwrap()[0])
    }

    #[test]
    fn regressions_show_one_of_three_signs() {
        let signs = [
            ",(1)\n,y\nx,0.3*\n",
            "Variable,y\nx,0.3*\n,(2.1)\n",
            "Variable,y\nx,0.3*\nN,40\n",
            "\u{53D8}\u{91CF},y\nx,0.3*\n\u{89C2}\u{6D4B}\u{503C},40\n",
        ];
        for text in signs {
            assert_eq!(of(text), Ok(Kind::Regression), "{text}");
        }
        assert_eq!(of("Variable,Mean,SD\nx,1.2,0.3\n"), Ok(Kind::Description));
    }

    #[test]
    fn other_tables_are_named_or_refused() {
        let correlations = [
            "Variable,x,y\nx,1.000,\ny,0.31***,1.000\n",
            ",1,2,3\n1. x,1,0.2,0.1\n2. y,0.2,1,0.3\n3. z,0.1,0.3,1\nN,40,40,40\n",
            "Variable,x,y\nx,1.00,\ny,0.31,1.00\n,(0.02),\n",
        ];
        for text in correlations {
            assert!(of(text).unwrap_err().contains("correlations"), "{text}");
        }
        for text in [
            "Variable,VIF\nx,2.1\nz,2.1\nMean,2.1\n",
            "Test,Null,Statistic,p\nHausman,equal,12.1,0.002\n",
            "Variable,Published,Agreement\nx,2.1,same\nN,40,same\n",
            "one\ntwo\n",
            "",
        ] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
