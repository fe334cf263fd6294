//! Tables of other formats into blocks that can be put into the file of a paper.
//!
//! A table is rows of cells first ([`fn@csv`], [`markdown`], [`latex`], or cells of a workbook), then text ([`block`]).

mod block;
mod kind;
mod latex;
mod markdown;
mod notes;
mod row;

pub use block::{WORKBOOK, block};
pub use latex::latex;
pub use markdown::markdown;

/// A table out of another format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The line above it; empty if there is none.
    pub title: String,
    /// Rows of cells, heads first.
    pub rows: Vec<Vec<String>>,
    /// The notes below it.
    pub notes: String,
}

impl Grid {
    /// A grid of cells; rows of one cell at its end are the notes.
    pub fn new(rows: Vec<Vec<String>>) -> Self {
        split_notes(rows)
    }

    /// The tables of a sheet on which several may stand below each other, each under its title.
    pub fn stacked(rows: Vec<Vec<String>>) -> Vec<Self> {
        let mut tables: Vec<Vec<Vec<String>>> = vec![Vec::new()];
        for row in rows {
            if begins_table(&row) && tables.last().is_some_and(|rows| !rows.is_empty()) {
                tables.push(Vec::new());
            }
            if let Some(rows) = tables.last_mut() {
                rows.push(row);
            }
        }
        tables.into_iter().map(Self::new).collect()
    }
}

/// Whether a row is nothing but `Table 3...` or `\u{8868}3...`.
fn begins_table(row: &[String]) -> bool {
    let Some((first, rest)) = row.split_first() else {
        return false;
    };
    let number = first
        .strip_prefix("Table")
        .or_else(|| first.strip_prefix('\u{8868}'))
        .map(str::trim_start);
    rest.iter().all(String::is_empty)
        && number.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}

/// The tables of a CSV file; where its cells stand between semicolons, commas within numbers are decimal points.
///
/// # Errors
/// The reader's own message, with the line.
pub fn csv(text: &str) -> Result<Vec<Grid>, String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let semicolons = by_semicolons(text);
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if semicolons { b';' } else { b',' })
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cells = record.iter().map(|cell| bare_of_formula(cell.trim()));
        rows.push(match semicolons {
            true => cells.map(with_point).collect(),
            false => cells.map(str::to_owned).collect(),
        });
    }
    Ok(Grid::stacked(rows))
}

/// `="-0.10"`, by which programs keep spreadsheets from reading a number, as -0.10.
fn bare_of_formula(cell: &str) -> &str {
    let inner = cell.strip_prefix("=\"");
    inner
        .and_then(|cell| cell.strip_suffix('"'))
        .unwrap_or(cell)
}

/// Whether most lines have as many semicolons as most others, and some: notes below a table may have any.
fn by_semicolons(text: &str) -> bool {
    let mut quoted = false;
    let mut counts = vec![0usize];
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '\n' if !quoted => counts.push(0),
            ';' if !quoted => {
                if let Some(last) = counts.last_mut() {
                    *last += 1;
                }
            }
            _ => {}
        }
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    counts
        .iter()
        .filter(|count| **count > 0)
        .any(|count| 2 * counts.iter().filter(|other| *other == count).count() > lines)
}

/// A cell whose one comma stands between digits, with a point.
fn with_point(cell: &str) -> String {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match cell.split_once(',') {
        Some((whole, part))
            if digit(whole.chars().next_back())
                && digit(part.chars().next())
                && !part.contains([',', '.'])
                && !whole.contains('.')
                && !cell.chars().any(char::is_alphabetic) =>
        {
            format!("{whole}.{part}")
        }
        _ => cell.to_owned(),
    }
}

/// Rows of one cell at the end are notes; a first row of one cell is the title, which names the table already.
fn split_notes(mut rows: Vec<Vec<String>>) -> Grid {
    let mut notes = Vec::new();
    let filled = |row: &[String]| row.iter().filter(|cell| !cell.is_empty()).count();
    let mut title = String::new();
    if let [above, next, ..] = &rows[..]
        && let Some(first) = above.first()
        && !first.is_empty()
        && filled(above) == 1
        && (begins_table(above) || filled(next) > 1)
    {
        title.clone_from(first);
        rows.remove(0);
    }
    while let Some(last) = rows.last() {
        let filled: Vec<&String> = last.iter().filter(|cell| !cell.is_empty()).collect();
        // A row of one name and no cell says nothing of a column.
        let is_note = filled.is_empty() || (filled.len() == 1 && !last[0].is_empty());
        if !is_note {
            break;
        }
        notes.extend(filled.into_iter().cloned());
        rows.pop();
    }
    notes.reverse();
    Grid {
        title,
        rows,
        notes: notes.join(" "),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Grid, block, latex, markdown};

    fn csv(text: &str) -> Result<Grid, String> {
        super::csv(text).map(|mut grids| grids.remove(0))
    }

    const BLOCK: &str = "   | (1)      | (2)\n   | y        | y\nx  | 0.373*** | -0.5\n   | (9.39)   | (-1.2)\nFE | NO       | YES\nN  | 434      | 434\n";

    fn rows(grid: &Grid) -> String {
        let text = block("T", grid).unwrap();
        let from = text.find("'''\n").unwrap() + 4;
        text[from..].trim_end_matches("'''\n").to_owned()
    }

    #[test]
    fn every_format_gives_the_same_block() {
        let comma =
            csv(",(1),(2)\n,y,y\nx,0.373***,-0.5\n,(9.39),(-1.2)\nFE,NO,YES\nN,434,434\n").unwrap();
        let pipes = markdown(
            "| | (1)<br>y | (2)<br>y |\n|:--|:-:|:-:|\n| x | 0.373\\*\\*\\* | -0.5 |\n| | (9.39) | (-1.2) |\n| FE | NO | YES |\n| N | 434 | 434 |\n\nNote: In parentheses: t statistics. \\* p \\< 0.05, \\*\\* p \\< 0.01\n",
        );
        let tex = latex(
            "\\begin{tabular}{lcc}\n\\toprule\n & (1) & (2) \\\\\n & \\multicolumn{1}{c}{y} & y \\\\ \\midrule\nx & 0.373\\textsuperscript{***} & $-$0.5 \\\\\n & (9.39) & ($-$1.2) \\\\\nFE & NO & YES \\\\\nN & 434 & 434 \\\\\n\\bottomrule\n\\end{tabular}\nIn parentheses: standard errors. * p \\textless{} 0.1\n",
        );
        assert_eq!(rows(&comma), BLOCK);
        assert_eq!(rows(&pipes[0]), BLOCK);
        assert_eq!(rows(&tex[0]), BLOCK);
        let text = block("T", &pipes[0]).unwrap();
        assert!(
            text.contains("brackets = \"t\"\nstars = \"* p < 0.05, ** p < 0.01\"\n"),
            "{text}"
        );
        let text = block("T", &tex[0]).unwrap();
        assert!(
            text.contains("brackets = \"se\"\nstars = \"* p < 0.1\"\n"),
            "{text}"
        );
    }

    #[test]
    fn semicolons_and_decimal_commas() {
        let semicolons = csv(
            ";(1);(2)\n;y;y\nx;0,373***;-0,5\n;(9,39);(-1,2)\nFE;NO;YES\nN;434;434\n\"In parentheses: t statistics; * p < 0.05, ** p < 0.01\"\n",
        )
        .unwrap();
        assert_eq!(rows(&semicolons), BLOCK);
        assert!(semicolons.notes.contains("0.05, ** p"));
    }

    #[test]
    fn a_title_is_no_row_and_a_legend_needs_stars() {
        let note = "\"In parentheses: t statistics; * p < 0.05, ** p < 0.01\",,\n";
        let stars = ",(1),(2)\n,y,y\nx,0.373***,-0.5\n,(9.39),(-1.2)\nFE,NO,YES\nN,434,434\n";
        let titled = csv(&format!("Table 1. Results,,\n{stars}{note}")).unwrap();
        assert_eq!(rows(&titled), BLOCK);
        assert!(
            block("T", &titled)
                .unwrap()
                .contains("\nstars = \"* p < 0.05")
        );
        let bare = csv(&format!("{}{note}", stars.replace('*', ""))).unwrap();
        let text = block("T", &bare).unwrap();
        assert!(
            text.contains("\n# no cell has a star") && text.contains("\n# stars = \"* p < 0.05"),
            "{text}"
        );
    }

    #[test]
    fn tables_below_each_other_are_told_apart() {
        let table = ",(1)\nx,0.5\n,(2.1)\nN,40\n";
        let text = format!(
            "Table 1. First,\n{table}\"A note that is long enough to be one.\",\n\n\u{8868}2 \u{56DE}\u{5F52}\n{table}"
        );
        let grids = super::csv(&text).unwrap();
        let titles: Vec<&str> = grids.iter().map(|grid| grid.title.as_str()).collect();
        assert_eq!(titles, ["Table 1. First", "\u{8868}2 \u{56DE}\u{5F52}"]);
        assert_eq!(grids[0].rows, grids[1].rows);
        assert_eq!(grids[0].notes, "A note that is long enough to be one.");
    }

    #[test]
    fn data_are_no_table() {
        let line = |at: usize| format!("{at},{},{}\n", at * 7 % 5, at * 3);
        let data: String = (0..40).map(line).collect();
        let told = block("T", &csv(&format!("id,x,y\n{data}")).unwrap()).unwrap_err();
        assert!(told.contains("41 rows"), "{told}");
        let few: String = (0..5).map(line).collect();
        let told = block("T", &csv(&format!("id,x,y\n{few}")).unwrap()).unwrap_err();
        assert!(told.contains("no table of regressions"), "{told}");
    }

    #[test]
    fn nothing_to_write_is_said() {
        assert!(block("T", &Grid::default()).is_err());
        assert!(block("T", &csv("one\ntwo\n").unwrap()).is_err());
    }
}
