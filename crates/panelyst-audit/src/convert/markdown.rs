//! Pipe tables.

use super::Grid;

/// The pipe tables of a Markdown text; text below a table are its notes.
pub fn markdown(text: &str) -> Vec<Grid> {
    let mut grids: Vec<Grid> = Vec::new();
    let mut inside = false;
    // The last line of text, which is the title of a table that follows if it looks like one.
    let mut last = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('|') {
            if !inside {
                let title = as_title(&last);
                if let (Some(title), Some(above)) = (&title, grids.last_mut()) {
                    above.notes = above.notes.replace(title.as_str(), " ");
                }
                grids.push(Grid {
                    title: title.unwrap_or_default(),
                    ..Grid::default()
                });
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
            if !line.is_empty() {
                last = unescaped(line);
            }
            if let Some(grid) = grids.last_mut() {
                grid.notes.push_str(&unescaped(line));
                grid.notes.push(' ');
            }
        }
    }
    grids
}

/// A heading or strong line, or one that begins with Table, without its marks.
fn as_title(line: &str) -> Option<String> {
    let bare = line.trim_matches(['*', '#', ' ']);
    let marked = line.starts_with("**") || line.starts_with('#');
    let named = bare.starts_with("Table") || bare.starts_with('\u{8868}');
    (!bare.is_empty() && (marked || named)).then(|| bare.to_owned())
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
        .replace("<sup>", "")
        .replace("</sup>", "")
        .replace("&minus;", "-")
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
