//! What the notes below a table say of its numbers.

use super::Grid;
use super::block::quoted;
use super::row::{cells, has_number, label, number};
use crate::file::words;
use crate::paper::{Below, Errors};

/// The key `brackets`: as the notes state it; else t where the signs below coefficients are theirs; else unknown.
pub(super) fn brackets(grid: &Grid) -> String {
    let depth = depth(grid);
    if depth == 0 {
        return String::new();
    }
    let mut kinds = stated(&grid.notes);
    kinds.truncate(depth);
    if kinds.is_empty() && depth == 1 && signs_agree(grid) {
        kinds.push(Below::T);
    }
    kinds.resize(depth, Below::Unknown);
    let caution = if kinds.contains(&Below::Unknown) {
        "# the notes do not say what stands below the coefficients: write t, se or p for unknown\n"
    } else {
        ""
    };
    let names: Vec<String> = kinds
        .iter()
        .map(|kind| format!("\"{}\"", kind.name()))
        .collect();
    match &names[..] {
        [one] => format!("{caution}brackets = {one}\n"),
        several => format!("{caution}brackets = [{}]\n", several.join(", ")),
    }
}

/// The numbers of a row's cells.
fn numbers(row: &[String]) -> impl Iterator<Item = Option<f64>> + '_ {
    cells(row).iter().map(|cell| number(cell))
}

fn is_below(row: &[String]) -> bool {
    !row.is_empty() && label(row).is_empty() && has_number(row)
}

/// Lines below coefficients at most.
fn depth(grid: &Grid) -> usize {
    // Heads have no name either, but stand below no row with one.
    let named = |row: &Vec<String>| !label(row).is_empty() && has_number(row);
    let named = grid.rows.iter().position(named);
    let body = &grid.rows[named.unwrap_or(grid.rows.len())..];
    let runs = body.split(|row| !is_below(row));
    runs.map(<[_]>::len).max().unwrap_or(0)
}

/// Whether some numbers below coefficients are negative, and all have the signs of these.
fn signs_agree(grid: &Grid) -> bool {
    let mut negative = 0;
    for pair in grid.rows.windows(2) {
        let [above, below] = pair else { continue };
        if !is_below(below) || is_below(above) {
            continue;
        }
        for (a, b) in numbers(above).zip(numbers(below)) {
            let (Some(a), Some(b)) = (a, b) else { continue };
            if a * b < 0.0 {
                return false;
            }
            negative += usize::from(b < 0.0);
        }
    }
    negative > 0
}

/// What the notes say of brackets, in order.
fn stated(notes: &str) -> Vec<Below> {
    const BRACKETS: [&str; 4] = [
        "parenthes",
        "bracket",
        "\u{62EC}\u{53F7}",
        "\u{62EC}\u{5F27}",
    ];
    let names = |text: &str| BRACKETS.iter().any(|word| text.contains(word));
    let notes = notes.to_lowercase();
    let notes = notes.replace("s.e.", "se").replace("std. err", "std err");
    let mut kinds = Vec::new();
    for sentence in notes.split(['.', ';', '\u{3002}', '\u{FF1B}', '\n']) {
        if !names(sentence) {
            continue;
        }
        let clauses: Vec<&str> = sentence
            .split([',', '\u{FF0C}'])
            .flat_map(|clause| match clause.split_once(" and ") {
                Some((a, b)) if names(a) && names(b) => vec![a, b],
                _ => vec![clause],
            })
            .filter(|clause| names(clause))
            .collect();
        let own: Vec<Below> = clauses
            .iter()
            .filter_map(|clause| kind_in(clause))
            .collect();
        if own.is_empty() {
            kinds.extend(kind_in(sentence));
        } else {
            kinds.extend(own);
        }
    }
    kinds
}

/// What a clause names: t and p before errors, which they are computed from.
fn kind_in(text: &str) -> Option<Below> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let chinese = |of: &[&str]| of.iter().any(|word| compact.contains(word));
    let starts = |word: &str, of: &[&str]| of.iter().any(|begin| word.starts_with(begin));
    let pair = |first: &[&str], second: &[&str]| {
        words
            .windows(2)
            .any(|two| first.contains(&two[0]) && starts(two[1], second))
    };
    let word = |of: &[&str]| words.iter().any(|word| starts(word, of));
    let statistic = ["stat", "value", "ratio", "score"];
    let t = pair(&["t", "z"], &statistic)
        || pair(&["statistiques", "statistics", "statistic"], &["t", "z"])
        || word(&["tstat", "tvalue", "tratio", "zstat", "zvalue"])
        || chinese(&[
            "t\u{503C}",
            "t\u{7EDF}\u{8BA1}",
            "z\u{503C}",
            "z\u{7EDF}\u{8BA1}",
            "t\u{68C0}\u{9A8C}",
        ]);
    if t && (word(&["absolute"]) || chinese(&["\u{7EDD}\u{5BF9}\u{503C}"])) {
        return Some(Below::Unknown);
    }
    if t {
        return Some(Below::T);
    }
    if pair(&["p"], &["value"]) || word(&["pvalue"]) || chinese(&["p\u{503C}"]) {
        return Some(Below::P);
    }
    let se = pair(&["standard", "std"], &["err", "dev"])
        || words
            .iter()
            .any(|word| matches!(*word, "se" | "ses" | "stderr"))
        || chinese(&["\u{6807}\u{51C6}\u{8BEF}", "\u{6807}\u{51C6}\u{5DEE}"]);
    se.then_some(Below::Se)
}

/// The sentence of title or notes that names another estimator than least squares on the variables as described.
pub(super) fn estimator(grid: &Grid) -> String {
    let notes = grid.notes.split(['.', ';', '\u{3002}', '\u{FF1B}']);
    let mut sentences = std::iter::once(grid.title.as_str()).chain(notes);
    match sentences.find(|sentence| words::names_estimator(sentence)) {
        Some(sentence) => format!("notes = {}\n", quoted(sentence.trim())),
        None => String::new(),
    }
}

/// The legend of the notes; as a comment where no cell has a star, since an audit would miss every one of them.
pub(super) fn legend(notes: &str, starred: bool) -> String {
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

/// What kind of errors the notes state.
pub(super) fn errors(notes: &str) -> String {
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
    use super::super::csv;
    use super::{brackets, estimator, stated};
    use crate::paper::Below;

    #[test]
    fn what_the_notes_say_of_brackets() {
        use Below::{P, Se, T, Unknown};
        let cases: [(&str, &[Below]); 19] = [
            ("Robust t-statistics in parentheses", &[T]),
            (
                "t-values in parentheses, standard errors clustered by state",
                &[T],
            ),
            (
                "t-statistics based on robust standard errors in parentheses",
                &[T],
            ),
            (
                "Standard errors are clustered by state; t statistics in parentheses",
                &[T],
            ),
            (
                "Note: In parentheses: t statistics. Standard errors: clustered",
                &[T],
            ),
            ("Absolute value of t statistics in parentheses", &[Unknown]),
            ("Clustered (state) standard-errors in parentheses", &[Se]),
            ("Standard errors, clustered by state, in parentheses", &[Se]),
            ("Heteroskedasticity-robust s.e. in parentheses", &[Se]),
            ("Robust SEs in brackets; stars from t tests", &[Se]),
            ("Standard deviations in parentheses", &[Se]),
            (
                "P-values computed from clustered standard errors in parentheses",
                &[P],
            ),
            (
                "Standard errors in parentheses, p-values in brackets",
                &[Se, P],
            ),
            (
                "Standard errors in parentheses and p-values in brackets",
                &[Se, P],
            ),
            ("Standard errors clustered at the state level", &[]),
            (
                "\u{62EC}\u{53F7}\u{5185}\u{4E3A}t\u{503C}\u{FF0C}\u{6807}\u{51C6}\u{8BEF}\u{805A}\u{7C7B}\u{5230}\u{7701}",
                &[T],
            ),
            ("\u{62EC}\u{53F7}\u{4E2D}\u{4E3A} t \u{503C}", &[T]),
            (
                "\u{62EC}\u{53F7}\u{5185}\u{4E3A}\u{7A33}\u{5065}\u{6807}\u{51C6}\u{8BEF}\u{FF0C}*\u{8868}\u{793A}",
                &[Se],
            ),
            ("\u{62EC}\u{53F7}\u{5185}\u{4E3A}p\u{503C}", &[P]),
        ];
        for (text, kinds) in cases {
            assert_eq!(stated(text), kinds, "{text}");
        }
    }

    #[test]
    fn without_a_statement_signs_decide_or_nothing_does() {
        let of = |text: &str| brackets(&csv(text).unwrap()[0]);
        assert_eq!(
            of(",(1)\nx,0.2\n,(1.3)\nz,-0.4\n,(-2.1)\n"),
            "brackets = \"t\"\n"
        );
        for text in [
            ",(1)\nx,0.2\n,(1.3)\nz,-0.4\n,(2.1)\n",
            ",(1)\nx,0.2\n,(-1.3)\nz,-0.4\n,(-2.1)\n",
            ",(1)\nx,0.2\n,(1.3)\n",
        ] {
            assert!(of(text).ends_with("brackets = \"unknown\"\n"), "{text}");
        }
        assert_eq!(of(",(1)\nx,0.2*\nN,40\n"), "");
        let two = of(
            ",(1)\nx,0.2\n,(0.1)\n,[0.05]\nN,40\nStandard errors in parentheses; p-values in brackets\n",
        );
        assert_eq!(two, "brackets = [\"se\", \"p\"]\n");
    }

    #[test]
    fn another_estimator_is_told() {
        let of = |text: &str| estimator(&csv(text).unwrap()[0]);
        let table = ",(1)\nx,0.2\nN,40\n";
        assert_eq!(of(table), "");
        assert_eq!(
            of(&format!("Table 3. Logit estimates\n{table}")),
            "notes = \"Table 3. Logit estimates\"\n"
        );
        assert_eq!(
            of(&format!("{table}By city. Weighted by population\n")),
            "notes = \"Weighted by population\"\n"
        );
        assert_eq!(
            of(&format!("Table 3. Differences between regions\n{table}")),
            ""
        );
    }
}
