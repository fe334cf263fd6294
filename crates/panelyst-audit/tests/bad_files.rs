//! Files that cannot be read: each mistake said once, at its place.
#![allow(clippy::unwrap_used)]

use panelyst_audit::read;

/// Each mistake as `excerpt: message (hint)`.
fn mistakes(text: &str) -> Vec<String> {
    read(text)
        .unwrap_err()
        .iter()
        .map(|m| {
            let excerpt: String = text[m.span.start..m.span.end].chars().take(24).collect();
            format!("{excerpt}: {m}")
        })
        .collect()
}

/// The only mistake of a file.
fn only(text: &str) -> String {
    let found = mistakes(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].clone()
}

fn table(block: &str) -> String {
    format!("[[table]]\nname = \"Table 1\"\nkind = \"regression\"\nblock = \"\"\"\n{block}\"\"\"\n")
}

const GOOD: &str = "  | (1) | (2)\n  | y | y\nx | 0.5** | 0.4*\n  | (2.7) | (2.1)\nN | 100 | 100\n";

#[test]
fn a_good_table_is_read() {
    let paper = read(&table(GOOD)).unwrap();
    let column = &paper.regressions[0].columns[1];
    assert_eq!((column.label.as_str(), column.n), ("(2) y", Some(100.0)));
    assert_eq!(column.terms[0].coefficient.stars, 1);
    assert_eq!(column.terms[0].below.len(), 1);
}

#[test]
fn the_same_table_by_spaces_and_tabs() {
    let spaces = "              (1)        (2)\n              y          y\nx             0.5**      0.4*\n              (2.7)      (2.1)\nz                        0.1\n                         (1.0)\nN             100        100\n";
    let paper = read(&table(spaces)).unwrap();
    let columns = &paper.regressions[0].columns;
    assert_eq!(columns[0].terms.len(), 1);
    assert_eq!(columns[1].terms.len(), 2);
    assert_eq!(columns[1].terms[1].below[0].1.value, 1.0);
    let tabs = GOOD.replace(" | ", "\t").replace('|', "\t");
    assert_eq!(read(&table(&tabs)).unwrap().regressions[0].columns.len(), 2);
}

#[test]
fn empty_files_and_tables() {
    assert!(only("").contains("the file has no table"));
    assert!(only("[paper]\ntitle = \"x\"\n").contains("the file has no table"));
    assert!(only(&table("")).contains("the block of Table 1 is empty"));
    assert!(only(&table("only words here\n")).contains("no line of coefficients"));
    assert!(
        only("[[table]]\nname = \"A\"\nkind = \"description\"\nblock = \"x | 1\"\n")
            .contains("names a column Mean")
    );
}

#[test]
fn a_count_that_is_none_is_not_called_missing() {
    let found = only(&table(&GOOD.replace("N | 100 | 100", "N | 100 | 200.5")));
    assert!(
        found.starts_with("200.5: `200.5` is no count, in row N of Table 1"),
        "{found}"
    );
}

#[test]
fn cells_that_are_no_numbers() {
    let text = table(&GOOD.replace("0.4*", "abc"));
    let found = only(&text);
    assert!(
        found.starts_with("abc: `abc` is no number, in row x of Table 1"),
        "{found}"
    );
    let found = only(&table(&GOOD.replace("(2.1)", "(2.1")));
    assert!(
        found.starts_with("(2.1: `(2.1` opens a bracket that is not closed"),
        "{found}"
    );
    let found = only(&table(&GOOD.replace("(2.1)", "2.1)")));
    assert!(
        found.contains("closes a bracket that was not opened"),
        "{found}"
    );
}

#[test]
fn lines_that_do_not_fit() {
    let found = only(&table(&GOOD.replace("N | 100 | 100", "")));
    assert!(found.contains("does not say N for every column"), "{found}");
    let found = only(&table(&GOOD.replace("0.4*", "0.4* | 3")));
    assert!(found.contains("3 cells after its label"), "{found}");
    let found = only(&table(&GOOD.replace("| 0.4*", "|")));
    assert!(
        found.contains("stands below an empty cell of row x"),
        "{found}"
    );
    let found = only(&table(&GOOD.replace("N |", "  | (1) | (1)\nN |")));
    assert!(found.contains("line 2 below the coefficients"), "{found}");
    let found = only(&table(&GOOD.replace("N |", "x | 1 | 1\nN |")));
    assert!(found.contains("two rows `x`"), "{found}");
}

#[test]
fn keys_with_suggestions() {
    let found = only(&format!("{}outcom = \"y\"\n", table(GOOD)));
    assert!(
        found.contains("unknown key `outcom`") && found.contains("did you mean `outcome`?"),
        "{found}"
    );
    let found = only(&format!("[sampel]\nunits = 3\n{}", table(GOOD)));
    assert!(found.contains("did you mean `sample`?"), "{found}");
    let found = only(&format!("[sample]\nunits = \"three\"\n{}", table(GOOD)));
    assert!(
        found.contains("`units` must be a number, found string"),
        "{found}"
    );
    let found = only(&table(GOOD).replace("\"regression\"", "\"regresion\""));
    assert!(found.contains("did you mean `regression`?"), "{found}");
    let claim =
        "[[claim]]\nkind = \"significant\"\ntable = \"Table 2\"\nrow = \"x\"\ncolumn = \"(1)\"\n";
    let found = only(&format!("{}{claim}", table(GOOD)));
    assert!(found.contains("no table is called `Table 2`"), "{found}");
    let claim = claim.replace("Table 2", "Table 1").replace("(1)", "(7)");
    let found = only(&format!("{}{claim}", table(GOOD)));
    assert!(found.contains("Table 1 has no column `(7)`"), "{found}");
    let found = only(&format!("{}stars = \"nothing\"\n", table(GOOD)));
    assert!(found.contains("legend"), "{found}");
    // A legend may be a list of levels; one that does not fall is none.
    let levels = |list: &str| mistakes(&format!("{}stars = {list}\n", table(GOOD)));
    let paper = read(&format!("{}stars = [0.1, 0.05, 0.01]\n", table(GOOD))).unwrap();
    assert_eq!(paper.regressions[0].stars, [0.1, 0.05, 0.01]);
    assert_eq!(levels("[0.01, 0.05]").len(), 1);
    assert_eq!(levels("[0.1, \"5 %\"]").len(), 1);
}

#[test]
fn several_at_once_and_broken_toml() {
    let text = format!(
        "[sample]\nunits = 0\nfrist = 2003\n{}",
        table(&GOOD.replace("0.4*", "abc"))
    );
    assert_eq!(mistakes(&text).len(), 3);
    assert!(!mistakes("[[table]\nname = 3").is_empty());
    assert!(
        !mistakes("[[table]]\nname = \"T\"\nkind = \"regression\"\nblock = \"\"\"\nx | 1\n")
            .is_empty()
    );
}
