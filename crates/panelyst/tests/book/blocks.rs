//! Code blocks of a page, run as a reader runs them.
//!
//! `sh` blocks hold commands: `panelyst`, `cat FILE` and `ls FOLDER`, a command that fails with `# exits with 2` behind it. A
//! `text` block right below is what they write; a line `...` in it stands for any number of lines. A `toml` block whose
//! first line is `# NAME.toml` is a file, which a command of the page uses; any other is laid over the bundled study, which
//! must then have no mistake.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::binary::root;

/// What a page's commands find: the folders that the book names, with the data.
const BUNDLED: [&str; 5] = [
    "examples/us-states",
    "examples/published-grunfeld",
    "examples/audit-reference-paper",
    "tests/canonical",
    "book/examples",
];

/// The study that fragments are laid over.
const STUDY: &str = "examples/us-states/study.toml";

/// A code block: its language, its text, and the lines of the page that it takes up, fences not counted.
pub struct Block {
    pub language: String,
    pub text: String,
    pub lines: std::ops::Range<usize>,
    /// Whether only one blank line stands between it and the block before.
    pub follows: bool,
}

/// All code blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<&str> = page.lines().collect();
    let mut found: Vec<Block> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(language) = lines[at].strip_prefix("```") {
            let start = at + 1;
            let length = lines[start..].iter().position(|line| *line == "```");
            let end = start + length.expect("a code block that does not end");
            let before = found.last().map_or(usize::MAX, |b| b.lines.end);
            found.push(Block {
                language: language.to_owned(),
                text: lines[start..end].join("\n"),
                lines: start..end,
                follows: before != usize::MAX && at - before == 2 && lines[at - 1].is_empty(),
            });
            at = end;
        }
        at += 1;
    }
    found
}

/// A folder as a reader has it who cloned the project.
pub fn bundled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in BUNDLED {
        copy(&root().join(name), &folder.path().join(name));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            // Outputs of runs by hand are not bundled.
            true if entry.file_name() == "out" => {}
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

/// What the commands of a block write; a command that does not end as it should is a failure of the test.
pub fn output_of(commands: &str, folder: &Path) -> String {
    let mut written = String::new();
    for line in commands.replace("\\\n", " ").lines() {
        let (line, code) = match line.rsplit_once("# exits with ") {
            Some((line, code)) => (line, code.trim().parse().unwrap()),
            None => (line, 0),
        };
        let mut words = words(line);
        assert!(!words.is_empty(), "an empty line among commands");
        let program = words.remove(0);
        match (program.as_str(), words.as_slice()) {
            ("panelyst", _) => {
                let output = Command::new(env!("CARGO_BIN_EXE_panelyst"))
                    .current_dir(folder)
                    .env_remove("COLUMNS")
                    .args(&words)
                    .output()
                    .unwrap();
                let said = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(code), "{line}: {said}");
                written.push_str(&String::from_utf8(output.stdout).unwrap());
                if code != 0 {
                    written.push_str(&said);
                }
            }
            ("cat", [file]) => {
                written.push_str(&fs::read_to_string(folder.join(file)).expect(line));
            }
            ("ls", [name]) => {
                let entries = fs::read_dir(folder.join(name)).expect(line);
                let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
                let mut names: Vec<String> = names.collect();
                names.sort();
                written.push_str(&names.join("\n"));
                written.push('\n');
            }
            _ => panic!("`{line}`: the book has commands of panelyst, cat FILE and ls FOLDER"),
        }
    }
    let lines = written.lines().map(str::trim_end).collect::<Vec<_>>();
    lines.join("\n").trim_end().to_owned()
}

/// The words of a command, with quotes as a shell has them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '|' | '>' | '<' | ';' | '&' | '$' | '*' | '`') => {
                panic!("`{line}`: only plain commands and words")
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert!(quote.is_none(), "`{line}`: an open quote");
    words.extend(word);
    words
}

/// Whether an output is what a page shows.
pub fn shows(shown: &str, output: &str) -> bool {
    fn lines(shown: &[&str], output: &[&str]) -> bool {
        match shown.split_first() {
            None => output.is_empty(),
            Some((&"...", rest)) => {
                (0..=output.len()).any(|skipped| lines(rest, &output[skipped..]))
            }
            Some((line, rest)) => output.first() == Some(line) && lines(rest, &output[1..]),
        }
    }
    let (shown, output): (Vec<_>, Vec<_>) = (shown.lines().collect(), output.lines().collect());
    lines(&shown, &output)
}

/// An output as a page has it that shows some of its lines: as many at the beginning as before.
fn shortened(shown: &str, output: &str) -> String {
    let Some(first) = shown.lines().position(|line| line == "...") else {
        return output.to_owned();
    };
    let mut lines: Vec<&str> = output.lines().take(first).collect();
    lines.push("...");
    lines.join("\n")
}

/// Runs the blocks of a page in order and gives the page with the outputs that were written.
pub fn replay(page: &str, place: &str) -> String {
    let folder = bundled();
    let blocks = blocks(page);
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    // From the end, so that places of earlier blocks stay.
    let mut changes: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for (j, block) in blocks.iter().enumerate() {
        match block.language.as_str() {
            "sh" => {
                let output = output_of(&block.text, folder.path());
                if let Some(below) = blocks.get(j + 1)
                    && below.language == "text"
                    && below.follows
                    && !shows(&below.text, &output)
                {
                    changes.push((below.lines.clone(), shortened(&below.text, &output)));
                }
            }
            "toml" => toml_block(&block.text, &blocks[j + 1..], folder.path(), place),
            // Of Python by the tests of the package.
            "python" | "text" => {}
            other => panic!("{place}: a block of `{other}`; there are sh, text, toml and python"),
        }
    }
    for (range, text) in changes.into_iter().rev() {
        drop(lines.splice(range, text.lines().map(str::to_owned)));
    }
    lines.join("\n") + "\n"
}

fn toml_block(text: &str, later: &[Block], folder: &Path, place: &str) {
    let first = text.lines().next().unwrap_or_default();
    let name = first
        .strip_prefix("# ")
        .filter(|name| name.ends_with(".toml"));
    if let Some(name) = name {
        fs::write(folder.join(name), text).unwrap();
        let used = later
            .iter()
            .any(|b| b.language == "sh" && b.text.contains(name));
        assert!(used, "{place}: no command uses {name}");
        return;
    }
    let mut study = fs::read_to_string(folder.join(STUDY))
        .unwrap()
        .parse::<toml::Table>()
        .unwrap();
    let fragment = text.parse::<toml::Table>();
    lay(
        &mut study,
        fragment.unwrap_or_else(|error| panic!("{place}: {error}\n{text}")),
    );
    let path = folder.join(STUDY).with_file_name("fragment.toml");
    fs::write(&path, toml::to_string(&study).unwrap()).unwrap();
    output_of("panelyst check examples/us-states/fragment.toml", folder);
}

/// Lays a fragment over a study: tables key by key, further tables of a list at its end, anything else in place.
fn lay(study: &mut toml::Table, fragment: toml::Table) {
    use toml::Value::{Array, Table};
    for (key, value) in fragment {
        let laid = match (study.remove(&key), value) {
            (Some(Table(mut old)), Table(new)) => {
                lay(&mut old, new);
                Table(old)
            }
            (Some(Array(mut old)), Array(new)) if key == "table" => {
                old.extend(new);
                Array(old)
            }
            (_, value) => value,
        };
        study.insert(key, laid);
    }
}

#[test]
fn dots_stand_for_any_lines_and_nothing_else_differs() {
    assert!(shows("a\n...\nc", "a\nb\nb\nc") && shows("...", "") && shows("a\n...", "a"));
    assert!(!shows("a\n...\nd", "a\nb\nc") && !shows("a", "a\nb") && !shows("a\nb", "a"));
    assert_eq!(
        words("fit a.csv \"y ~ x\" --vcov 'b c'"),
        ["fit", "a.csv", "y ~ x", "--vcov", "b c"]
    );
}
