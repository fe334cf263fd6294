//! Tabulars.

use super::Grid;

/// The tabulars of a LaTeX text; text between one and the next are its notes.
pub fn latex(text: &str) -> Vec<Grid> {
    let mut grids = Vec::new();
    let mut rest = text;
    while let Some(begin) = begin_of(rest) {
        let (above, from) = rest.split_at(begin);
        let Some(end) = ["\\end{tabular", "\\end{longtable"]
            .iter()
            .filter_map(|word| from.find(word))
            .min()
        else {
            break;
        };
        let body = &from[..end];
        rest = &from[end..];
        let next = begin_of(rest).unwrap_or(rest.len());
        let mut grid = Grid::new(tabular(body));
        if let Some((_, caption)) = above.rsplit_once("\\caption") {
            grid.title = latex_text(caption.lines().next().unwrap_or_default());
        }
        // The caption of the next table is no note of this one.
        let below = &rest[..next];
        let below = below.split("\\begin{table").next().unwrap_or(below);
        let below = latex_text(below);
        grid.notes = format!("{} {below}", grid.notes).trim().to_owned();
        grids.push(grid);
    }
    grids
}

fn begin_of(text: &str) -> Option<usize> {
    let words = ["\\begin{tabular", "\\begin{longtable"];
    words.iter().filter_map(|word| text.find(word)).min()
}

/// A row without the space that `\\[1em]` asks for before it.
fn without_skip(row: &str) -> &str {
    let Some(inner) = row.trim_start().strip_prefix('[') else {
        return row;
    };
    match inner.split_once(']') {
        Some((skip, rest))
            if skip
                .trim_start_matches('-')
                .starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && skip.ends_with(char::is_alphabetic) =>
        {
            rest
        }
        _ => row,
    }
}

fn tabular(body: &str) -> Vec<Vec<String>> {
    // The column specification is the last brace group on the first line.
    let start = body.find('\n').map_or(0, |line| line + 1);
    let mut rows = Vec::new();
    for row in body[start..].split("\\\\") {
        let mut cells = Vec::new();
        for cell in split_unescaped(without_skip(row), '&') {
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
                    // The marks of a formula are no brackets.
                    plain.extend(
                        letters
                            .next()
                            .filter(|c| !matches!(c, '(' | ')' | '[' | ']')),
                    );
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
