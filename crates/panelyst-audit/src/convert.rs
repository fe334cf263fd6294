//! Tables of other formats into blocks that can be put into the file of a paper.
//!
//! A table is rows of cells first ([`fn@csv`], [`markdown`], [`latex`], or cells of a workbook), then text ([`block`]).

use crate::file::words;
use crate::paper::{Errors, Moment};

/// A table out of another format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Rows of cells, heads first.
    pub rows: Vec<Vec<String>>,
    /// The notes below it.
    pub notes: String,
}

impl Grid {
    /// A grid of cells; rows of one long cell at its end are the notes.
    pub fn new(rows: Vec<Vec<String>>) -> Self {
        split_notes(rows)
    }
}

/// A table of a CSV file; where its cells stand between semicolons, commas within numbers are decimal points.
///
/// # Errors
/// The reader's own message, with the line.
pub fn csv(text: &str) -> Result<Grid, String> {
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
        let cells = record.iter().map(str::trim);
        rows.push(match semicolons {
            true => cells.map(with_point).collect(),
            false => cells.map(str::to_owned).collect(),
        });
    }
    Ok(split_notes(rows))
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

/// The pipe tables of a Markdown text; text below a table are its notes.
pub fn markdown(text: &str) -> Vec<Grid> {
    let mut grids: Vec<Grid> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('|') {
            if !inside {
                grids.push(Grid::default());
            }
            inside = true;
            if line.chars().all(|c| "|-: ".contains(c)) {
                continue;
            }
            let cells = pipe_cells(line);
            if let Some(grid) = grids.last_mut() {
                grid.rows.extend(stacked(&cells));
            }
        } else {
            inside = false;
            if let Some(grid) = grids.last_mut() {
                grid.notes.push_str(&unescaped(line));
                grid.notes.push(' ');
            }
        }
    }
    grids
}

/// The cells of a pipe row, escapes undone.
fn pipe_cells(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let mut cells = vec![String::new()];
    let mut letters = inner.chars();
    while let Some(c) = letters.next() {
        match c {
            '|' => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                    if c == '\\' {
                        cell.extend(letters.next());
                    }
                }
            }
        }
    }
    cells.iter().map(|cell| unescaped(cell.trim())).collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        if c == '\\' {
            plain.extend(letters.next());
        } else {
            plain.push(c);
        }
    }
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// Cells with line breaks as several rows.
fn stacked(cells: &[String]) -> Vec<Vec<String>> {
    let parts: Vec<Vec<&str>> = cells
        .iter()
        .map(|cell| cell.split("<br>").map(str::trim).collect())
        .collect();
    let height = parts.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|row| {
            parts
                .iter()
                .map(|part| part.get(row).copied().unwrap_or_default().to_owned())
                .collect()
        })
        .collect()
}

/// The tabulars of a LaTeX text; text between one and the next are its notes.
pub fn latex(text: &str) -> Vec<Grid> {
    let mut grids = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("\\begin{tabular") {
        let from = &rest[begin..];
        let Some(end) = from.find("\\end{tabular") else {
            break;
        };
        let body = &from[..end];
        rest = &from[end..];
        let next = rest.find("\\begin{tabular").unwrap_or(rest.len());
        let mut grid = Grid::new(tabular(body));
        let below = latex_text(&rest[..next]);
        grid.notes = format!("{} {below}", grid.notes).trim().to_owned();
        grids.push(grid);
    }
    grids
}

fn tabular(body: &str) -> Vec<Vec<String>> {
    // The column specification is the last brace group on the first line.
    let start = body.find('\n').map_or(0, |line| line + 1);
    let mut rows = Vec::new();
    for row in body[start..].split("\\\\") {
        let mut cells = Vec::new();
        for cell in split_unescaped(row, '&') {
            let span = cell
                .split_once("\\multicolumn{")
                .and_then(|(_, rest)| rest.split_once('}'))
                .and_then(|(count, _)| count.parse::<usize>().ok())
                .unwrap_or(1);
            let plain = match cell.split_once("\\multicolumn{") {
                Some((before, rest)) => {
                    let content = rest.splitn(3, '{').nth(2).unwrap_or_default();
                    format!("{before}{content}")
                }
                None => cell,
            };
            cells.push(latex_text(&plain));
            cells.extend(std::iter::repeat_n(String::new(), span.saturating_sub(1)));
        }
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(cells);
        }
    }
    rows
}

fn split_unescaped(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == separator && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// LaTeX without commands: their arguments stay, rules and spacing go.
fn latex_text(text: &str) -> String {
    const DROPPED: [&str; 10] = [
        "cmidrule",
        "cline",
        "addlinespace",
        "vspace",
        "end",
        "begin",
        "label",
        "small",
        "footnotesize",
        "par",
    ];
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' => {
                let mut name = String::new();
                while let Some(letter) = letters.next_if(char::is_ascii_alphabetic) {
                    name.push(letter);
                }
                if name.is_empty() {
                    plain.extend(letters.next());
                    continue;
                }
                match name.as_str() {
                    "textless" => plain.push('<'),
                    "textgreater" => plain.push('>'),
                    "textasteriskcentered" | "ast" => plain.push('*'),
                    "textminus" => plain.push('-'),
                    "checkmark" => plain.push_str("YES"),
                    _ => {}
                }
                if DROPPED.contains(&name.as_str()) {
                    while letters
                        .peek()
                        .is_some_and(|next| matches!(next, '{' | '(' | '['))
                    {
                        for skipped in letters.by_ref() {
                            if matches!(skipped, '}' | ')' | ']') {
                                break;
                            }
                        }
                    }
                }
            }
            '{' | '}' | '$' | '^' => {}
            '~' | '\n' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Rows of one long cell at the end are notes; a first row of one cell is the title, which names the table already.
fn split_notes(mut rows: Vec<Vec<String>>) -> Grid {
    let mut notes = Vec::new();
    let filled = |row: &[String]| row.iter().filter(|cell| !cell.is_empty()).count();
    if let [title, next, ..] = &rows[..]
        && !title[0].is_empty()
        && filled(title) == 1
        && filled(next) > 1
    {
        rows.remove(0);
    }
    while let Some(last) = rows.last() {
        let filled: Vec<&String> = last.iter().filter(|cell| !cell.is_empty()).collect();
        let is_note =
            filled.is_empty() || (filled.len() == 1 && filled[0].len() > 30 && !last[0].is_empty());
        if !is_note {
            break;
        }
        notes.extend(filled.into_iter().cloned());
        rows.pop();
    }
    notes.reverse();
    Grid {
        rows,
        notes: notes.join(" "),
    }
}

/// Rows without stars or brackets above which a table is taken for data.
const DATA_ROWS: usize = 30;

/// What workbooks do not tell.
pub const WORKBOOK: &str = "# numbers as the workbook stores them: digits that its formats round or add, and stars or brackets that are part of\n# a format, are not in the cells; compare with the page\n";

/// The table as text for the file of a paper.
///
/// # Errors
/// One sentence where there is no table to write.
pub fn block(name: &str, grid: &Grid) -> Result<String, String> {
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    if width < 2 {
        return Err("no table with a column of names and a column of numbers".to_owned());
    }
    let description = grid
        .rows
        .iter()
        .take(4)
        .any(|row| row.iter().any(|cell| words::moment(cell) == Moment::Mean));
    let printed =
        grid.rows.iter().flatten().any(|cell| {
            cell.contains(['*', '\u{FF0A}']) || cell.starts_with(['(', '[', '\u{FF08}'])
        });
    if !printed && !description && grid.rows.len() > DATA_ROWS {
        return Err(format!(
            "{} rows without a star or a number in brackets: these look like data, not like a printed table",
            grid.rows.len()
        ));
    }
    let mut text = format!("[[table]]\nname = {}\n", quoted(name));
    if !printed && !description {
        text.push_str(
            "# no star and no number in brackets was found: is this a table of regressions?\n",
        );
    }
    if description {
        text.push_str("kind = \"description\"\n");
    } else {
        text.push_str("kind = \"regression\"\n");
        text.push_str(&brackets(&grid.notes));
        let starred = |cell: &String| cell.contains(['*', '\u{FF0A}']);
        text.push_str(&legend(
            &grid.notes,
            grid.rows.iter().flatten().any(starred),
        ));
        text.push_str(&errors(&grid.notes));
    }
    text.push_str("block = '''\n");
    let cells: Vec<Vec<String>> = grid
        .rows
        .iter()
        .map(|row| (0..width).map(|j| clean(row.get(j))).collect())
        .collect();
    let widths: Vec<usize> = (0..width)
        .map(|j| {
            cells
                .iter()
                .map(|row| row[j].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &cells {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
            .collect();
        text.push_str(padded.join(" | ").trim_end());
        text.push('\n');
    }
    text.push_str("'''\n");
    Ok(text)
}

/// A cell that cannot break out of its block.
fn clean(cell: Option<&String>) -> String {
    let cell = cell
        .map_or("", String::as_str)
        .replace(['|', '\n', '\r', '\t'], " ");
    cell.replace("'''", "").trim().to_owned()
}

fn quoted(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '\\'))
        .collect();
    format!("\"{plain}\"")
}

fn brackets(notes: &str) -> String {
    let lower = notes.to_lowercase();
    let after = ["parentheses", "brackets", "\u{62EC}\u{53F7}"]
        .iter()
        .find_map(|word| lower.find(word).map(|at| (at, &lower[at..])));
    let kind = match after {
        Some((at, rest)) => {
            let until: String = rest.chars().take(60).collect();
            let before: String = lower[..at]
                .chars()
                .rev()
                .take(40)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let near = format!("{before}{until}");
            if near.contains("standard error") || near.contains("\u{6807}\u{51C6}\u{8BEF}") {
                "se"
            } else if near.contains("p-value")
                || near.contains("p value")
                || near.contains("p\u{503C}")
            {
                "p"
            } else {
                "t"
            }
        }
        None => {
            return "# t, se or p, as the note below the table says\nbrackets = \"t\"\n".to_owned();
        }
    };
    format!("brackets = \"{kind}\"\n")
}

/// The legend of the notes; as a comment where no cell has a star, since an audit would miss every one of them.
fn legend(notes: &str, starred: bool) -> String {
    let levels = words::legend(notes);
    if levels.is_empty() {
        return "# stars = \"* p < 0.05, ** p < 0.01, *** p < 0.001\"\n".to_owned();
    }
    let start = if starred {
        ""
    } else {
        "# no cell has a star; with the stars of the page typed in, this is their legend\n# "
    };
    let parts: Vec<String> = levels
        .iter()
        .enumerate()
        .map(|(j, level)| format!("{} p < {level}", "*".repeat(j + 1)))
        .collect();
    format!("{start}stars = \"{}\"\n", parts.join(", "))
}

fn errors(notes: &str) -> String {
    let lower = notes.to_lowercase();
    let stated = ["standard errors:", "\u{6807}\u{51C6}\u{8BEF}\u{FF1A}"]
        .iter()
        .find_map(|word| lower.find(word).map(|at| &lower[at..]))
        .map(|text| text.split("distribution").next().unwrap_or(text));
    match stated.and_then(words::errors) {
        Some(Errors::Clustered) => "errors = \"clustered\"\n".to_owned(),
        Some(Errors::Robust) => "errors = \"robust\"\n".to_owned(),
        Some(Errors::Classical) => "errors = \"classical\"\n".to_owned(),
        Some(Errors::Mixed) => "errors = \"mixed\"\n".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Grid, block, csv, latex, markdown};

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
    fn data_are_no_table() {
        let line = |at: usize| format!("{at},{},{}\n", at * 7 % 5, at * 3);
        let data: String = (0..40).map(line).collect();
        let told = block("T", &csv(&format!("id,x,y\n{data}")).unwrap()).unwrap_err();
        assert!(told.contains("41 rows"), "{told}");
        let few: String = (0..5).map(line).collect();
        let text = block("T", &csv(&format!("id,x,y\n{few}")).unwrap()).unwrap();
        assert!(text.contains("is this a table of regressions?"), "{text}");
    }

    #[test]
    fn nothing_to_write_is_said() {
        assert!(block("T", &Grid::default()).is_err());
        assert!(block("T", &csv("one\ntwo\n").unwrap()).is_err());
    }
}
