//! The bundled paper: every finding, with its arithmetic done by hand in the comments.
#![allow(clippy::unwrap_used)]

use panelyst_audit::{Finding, Severity, audit, read};
use std::path::Path;

fn findings() -> Vec<Finding> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/audit-reference-paper");
    let files: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    assert_eq!(files.len(), 1);
    audit(&read(&std::fs::read_to_string(&files[0]).unwrap()).unwrap())
}

/// The one finding of a rule at a place.
fn one<'a>(found: &'a [Finding], rule: &str, table: &str, column: &str, row: &str) -> &'a Finding {
    let all: Vec<&Finding> = found
        .iter()
        .filter(|f| f.rule == rule && f.table == table && f.column == column && f.row == row)
        .collect();
    assert_eq!(all.len(), 1, "{rule} {table} {column} {row}: {all:?}");
    all[0]
}

fn holds(finding: &Finding, severity: Severity, words: &[&str]) {
    assert_eq!(finding.severity, severity, "{finding:?}");
    for word in words {
        let all = format!(
            "{} | {} | {}",
            finding.reported.en, finding.implied.en, finding.message.en
        );
        assert!(all.contains(word), "`{word}` is not in: {all}");
    }
}

#[test]
fn what_is_impossible() {
    let found = findings();
    let count = found
        .iter()
        .filter(|f| f.severity == Severity::Impossible)
        .count();
    assert_eq!(count, 4);

    // 0.29 > 0 and -0.81 < 0.
    let f = one(&found, "sign", "Table 3", "(3) agg", "gdp");
    holds(f, Severity::Impossible, &["0.29", "-0.81", "0.81"]);
    // 4.683 > 0 and -3.34 < 0.
    let f = one(&found, "sign", "Table 5", "(2) Central region", "_cons");
    holds(f, Severity::Impossible, &["4.683**", "-3.34"]);

    // 0.760 * 3.8043 = 2.891268, 0.454 * 0.234 = 0.106236, -2.047 * 3.9219 = -8.028129, 0.830 * 6.4861 = 5.383463;
    // with the constant -1.003 they add to -0.650162, against 0.7057. Roundings: 0.0005 for each coefficient times the means
    // (3.8043 + 0.234 + 3.9219 + 6.4861 + 1 = 15.4463 -> 0.00772) and those of the means times the coefficients (0.00005 * (0.76 +
    // 2.047 + 0.83) + 0.0005 * 0.454 -> 0.00041): at most 0.0082. The constant that fits is -1.003 + 0.7057 + 0.650162 = 0.352862.
    let f = one(&found, "mean-identity", "Table 3", "(2) agg", "_cons");
    holds(
        f,
        Severity::Impossible,
        &["-0.6502", "[-0.6583, -0.642]", "0.7057", "0.3529"],
    );
    // Column (1): (0.7057 + 1.608) / 0.390 = 5.9326. Column (2): 0.7057 + 2.949 - 0.537 * 0.234 + 2.126 * 3.9219 - 0.861 * 6.4861 =
    // 3.6547 - 0.125658 + 8.337959 - 5.584532 = 6.282469, over 0.788 is 7.9727.
    let f = one(&found, "mean-identity", "Table 4", "(2) agg", "rd");
    holds(f, Severity::Impossible, &["5.933", "7.973", "434"]);
    // Column (1) of Table 3 holds: -0.713 + 0.373 * 3.8043 = 0.7060, within 0.0005 * 4.8043 + 0.00002 of 0.7057.
    assert!(
        !found
            .iter()
            .any(|f| f.rule == "mean-identity" && f.column == "(1) agg")
    );
}

#[test]
fn what_is_inconsistent() {
    let found = findings();
    // 10^1.2041 = 15.9993 and 10^1.20415 = 16.0011, so 16 fits; e^1.2041 = 3.3337. No number of patents is 1.2041.
    let f = one(&found, "whole-numbers", "Table 2", "Min", "inv");
    holds(
        f,
        Severity::Inconsistent,
        &[
            "log10 of a count",
            "1.2041 is not",
            "holds 16",
            "[3.334, 3.334] holds no whole number",
        ],
    );
    // 0.2340 - 3.9219 = -3.6879: 10^ is 0.000205, e^ is 0.0250; neither is expenditure over product, but 0.0792 to 1.3792 can be.
    let f = one(&found, "transform", "Table 2", "Mean", "gov");
    holds(
        f,
        Severity::Inconsistent,
        &[
            "log10: 0.0002052",
            "ln: 0.02502",
            "0.0792 to 1.3792",
            "a ratio, no log",
        ],
    );
    // 168 / 14 = 12, and the list has 10 names.
    let f = one(&found, "members", "Table 5", "(3) Western region", "N");
    holds(
        f,
        Severity::Inconsistent,
        &["168", "12", "10 listed", "2 provinces not named"],
    );
    // 10 + 6 + 10 + 3 = 29.
    let f = one(&found, "members", "", "", "");
    holds(
        f,
        Severity::Inconsistent,
        &["29", "31", "Inner Mongolia, Guangxi"],
    );
    // 140 + 84 + 168 + 42 = 434, so the subsamples do add up.
    assert!(!found.iter().any(|f| f.rule == "subsample-sum"));
    let count = found
        .iter()
        .filter(|f| f.severity == Severity::Inconsistent)
        .count();
    assert_eq!(count, 4);
}

#[test]
fn differences_between_regions() {
    let found = findings();
    // se = 0.503 / 3.46 = 0.14538 and 0.138 / 0.92 = 0.15; sqrt of the sum of squares 0.20889; 0.365 / 0.20889 = 1.747, p = 0.081.
    let f = one(
        &found,
        "claim-greater",
        "Table 5",
        "(3) Western region",
        "inv",
    );
    holds(
        f,
        Severity::Questionable,
        &["z = 1.747", "p = 0.081", "2 pairs"],
    );
    // se = 0.0641 / 0.36 = 0.17806; sqrt(0.14538^2 + 0.17806^2) = 0.22987; 0.4389 / 0.22987 = 1.909, p = 0.056.
    let f = one(
        &found,
        "claim-greater",
        "Table 5",
        "(4) North-east region",
        "inv",
    );
    holds(f, Severity::Questionable, &["z = 1.909", "p = 0.056"]);
    // East against central: se 0.05745, 0.4737 / sqrt(0.14538^2 + 0.05745^2) = 3.03, p = 0.0024: the claim holds, nothing is said.
    assert!(
        !found
            .iter()
            .any(|f| f.rule == "claim-greater" && f.column == "(2) Central region")
    );
    // 0.138 +- 1.96 * 0.15 = -0.156 to 0.432.
    let f = one(
        &found,
        "claim-no-effect",
        "Table 5",
        "(3) Western region",
        "inv",
    );
    holds(f, Severity::Note, &["[-0.156, 0.432]"]);

    // 140, 84, 168 and 42 rows over 14 periods.
    for (column, units, critical) in [
        ("(1) Eastern region", "10", "2.262"),
        ("(2) Central region", "6", "2.571"),
        ("(3) Western region", "12", "2.201"),
        ("(4) North-east region", "3", "4.303"),
    ] {
        let f = one(&found, "few-clusters", "Table 5", column, "N");
        holds(f, Severity::Questionable, &[units, critical, "G-1"]);
    }
}

#[test]
fn the_convention_of_the_whole_paper() {
    let found = findings();
    // Two cells decide. abs(t) = 2.68 with ** has p = 0.0118 under t(30) and 0.0077 under t(386): G-1 contradicts. abs(t) = 3.34 with
    // ** has p = 0.0008 under the normal, which is ***, and 0.0014 under t(61): the normal contradicts. N-K fits every cell.
    let f = found.iter().find(|f| f.rule == "convention").unwrap();
    holds(
        f,
        Severity::Note,
        &[
            "N-K fits all 44 cells",
            "G-1 contradicts 9 cells",
            "normal contradicts 1 cell (Table 5 (2) _cons)",
        ],
    );
    assert_eq!(f.table, "Table 3; Table 4; Table 5");
    let f = one(&found, "star-flip", "Table 3", "(3) agg", "inv");
    holds(f, Severity::Note, &["* under G-1", "df 30", "0.012"]);
    // df 2: abs(t) = 2.90 has p = 2 (1 - F(2.9)) = 1 - 2.9 / sqrt(2 + 2.9^2) = 0.101.
    let f = one(
        &found,
        "star-flip",
        "Table 5",
        "(4) North-east region",
        "fdi",
    );
    holds(f, Severity::Note, &["no star under G-1", "0.10"]);
    // No star is wrong under every convention.
    assert!(!found.iter().any(|f| f.rule == "stars"));
    // r = 0.373 * 0.7779 / 0.5990 = 0.48440; 0.48440 * sqrt(432 / (1 - 0.23465)) = 11.51, against 9.39.
    let f = one(&found, "simple-regression", "Table 3", "(1) agg", "inv");
    holds(
        f,
        Severity::Note,
        &["0.4844", "11.51", "9.39", "not classical"],
    );
    one(&found, "stated-errors", "Table 3; Table 4; Table 5", "", "");
}

#[test]
fn the_page_and_the_text() {
    let found = findings();
    for (table, column, row, meant) in [
        ("Table 3", "(3) agg", "gdp", "(0.81)"),
        ("Table 5", "(2) Central region", "_cons", "(3.34)"),
    ] {
        holds(
            one(&found, "brackets", table, column, row),
            Severity::Questionable,
            &[meant],
        );
    }
    for (table, column, row, full) in [
        ("Table 3", "(3) agg", "gdp", "0.290"),
        ("Table 3", "(3) agg", "_cons", "-0.360"),
        ("Table 2", "Mean", "gov", "0.2340"),
    ] {
        holds(
            one(&found, "digits", table, column, row),
            Severity::Note,
            &[full],
        );
    }
    for (rule, count) in [
        ("symbol", 4),
        ("described", 5),
        // Six columns with both effects print a constant.
        ("constant", 6),
        // The logarithms of gdp and fdi.
        ("undefined", 2),
        ("test-without-statistic", 2),
        ("interpolation", 1),
        // The text says 1 % of two coefficients whose *** stands for 0.1 %.
        ("claim-significant", 2),
        ("claim-value", 0),
    ] {
        let all = found.iter().filter(|f| f.rule == rule).count();
        assert_eq!(all, count, "{rule}");
    }
    // Table 3 (3): 0.179 * 3.8043 - 0.0129 * 0.234 + 0.29 * 3.9219 + 0.108 * 6.4861 - 0.36 = 2.1558; 0.7057 less that is -1.4501.
    let f = one(&found, "constant", "Table 3", "(3) agg", "_cons");
    holds(f, Severity::Note, &["2.156", "-1.45"]);
    // 10^2.2659 = 184.5 and 10^4.9077 = 80 854 (100 million yuan); e^ gives 9.64 and 135.3.
    let f = one(&found, "transform", "Table 2", "Min", "gdp");
    holds(f, Severity::Note, &["log10", "184.5", "9.64"]);
    one(&found, "transform", "Table 2", "Min", "fdi");
}

#[test]
fn messages_are_plain() {
    for finding in findings() {
        let message = finding.message.en;
        assert!(message.is_ascii(), "{message}");
        assert!(!message.is_empty());
        for word in [
            "fraud",
            "fabricat",
            "mistake",
            "wrong",
            "error of the author",
        ] {
            assert!(!message.contains(word), "{message}");
        }
    }
}
