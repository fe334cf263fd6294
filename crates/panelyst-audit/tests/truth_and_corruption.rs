//! Truthful tables give no alarm; tables with one corrupted number give one, or cannot, for a reason written here.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod languages;
mod simulated;

use panelyst_audit::{Finding, Severity, audit, read};
use simulated::{Draws, Simulated, simulate};

const PAPERS: u64 = 400;

fn findings(paper: &Simulated) -> Vec<Finding> {
    let text = paper.toml();
    let read = read(&text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    audit(&read)
}

/// Findings that say that numbers contradict each other.
fn alarms(found: &[Finding]) -> Vec<&Finding> {
    found
        .iter()
        .filter(|f| f.severity <= Severity::Inconsistent)
        .collect()
}

#[test]
fn no_alarm_on_truthful_tables() {
    for seed in 0..PAPERS {
        let paper = simulate(seed);
        let found = findings(&paper);
        let alarms = alarms(&found);
        assert!(
            alarms.is_empty(),
            "seed {seed}: {alarms:#?}\n{}",
            paper.toml()
        );
        // What is questionable there is only the number of clusters of the groups, which is small in truth.
        let odd = found
            .iter()
            .find(|f| f.severity == Severity::Questionable && f.rule != "few-clusters");
        assert!(odd.is_none(), "seed {seed}: {odd:#?}");
    }
}

/// Another digit at a place of a number; the first nonzero digit is place 0.
fn other_digit(text: &str, place: usize, draws: &mut Draws) -> Option<String> {
    let first = text.find(|c: char| ('1'..='9').contains(&c))?;
    let at = text
        .char_indices()
        .filter(|(j, c)| *j >= first && c.is_ascii_digit())
        .nth(place)?
        .0;
    let old = text.as_bytes()[at];
    let shift = u8::try_from(draws.whole(2, 8)).unwrap();
    let new = b'0' + (old - b'0' + shift) % 10;
    let mut changed = text.to_owned();
    changed.replace_range(at..=at, &char::from(new).to_string());
    Some(changed)
}

fn negated(text: &str) -> String {
    let (open, rest) = match text.strip_prefix('(') {
        Some(rest) => ("(", rest),
        None => ("", text),
    };
    match rest.strip_prefix('-') {
        Some(rest) => format!("{open}{rest}"),
        None => format!("{open}-{rest}"),
    }
}

/// The decimal point one place to the right.
fn shifted(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.')?;
    let end = fraction
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(fraction.len());
    let (digits, tail) = fraction.split_at(end);
    (digits.len() > 1).then(|| format!("{whole}{}.{}{tail}", &digits[..1], &digits[1..]))
}

type Corrupt = fn(&mut Simulated, &mut Draws) -> Option<()>;

/// Kinds of corruption, with the least share that must be found.
const KINDS: &[(&str, f64, Corrupt)] = &[
    // The sign of one number of a pair; what rounds to zero has none.
    ("sign of a t statistic", 0.95, |p, d| {
        let column = d.whole(0, 2);
        let rows = p.columns[column].len() - usize::from(column == 2);
        let row = d.whole(0, rows - 1);
        (p.brackets == "t").then_some(())?;
        let cell = &mut p.columns[column][row];
        cell.2 = negated(&cell.2);
        Some(())
    }),
    // The mean identity sees every coefficient of a pooled column.
    ("leading digit of a pooled coefficient", 0.85, |p, d| {
        let column = d.whole(0, 1);
        let row = d.whole(0, p.columns[column].len() - 1);
        let cell = &mut p.columns[column][row];
        cell.1 = other_digit(&cell.1, 0, d)?;
        Some(())
    }),
    ("second digit of a pooled coefficient", 0.4, |p, d| {
        let column = d.whole(0, 1);
        let row = d.whole(0, p.columns[column].len() - 1);
        let cell = &mut p.columns[column][row];
        cell.1 = other_digit(&cell.1, 1, d)?;
        Some(())
    }),
    // Nothing ties a coefficient between two-way effects to another number of the page but its stars, where its error stands below.
    (
        "leading digit of a coefficient between two-way effects",
        0.0,
        |p, d| {
            let row = d.whole(0, p.columns[2].len() - 2);
            let cell = &mut p.columns[2][row];
            cell.1 = other_digit(&cell.1, 0, d)?;
            Some(())
        },
    ),
    ("leading digit of the mean of the outcome", 0.9, |p, d| {
        p.moments[0][2] = other_digit(&p.moments[0][2], 0, d)?;
        Some(())
    }),
    ("leading digit of the mean of a regressor", 0.8, |p, d| {
        let row = d.whole(1, p.moments.len() - 1);
        p.moments[row][2] = other_digit(&p.moments[row][2], 0, d)?;
        Some(())
    }),
    // R2 of the simple regression, and the bounds given the range.
    ("decimal point of a standard deviation", 0.5, |p, d| {
        let row = d.whole(0, p.moments.len() - 1);
        p.moments[row][3] = shifted(&p.moments[row][3])?;
        Some(())
    }),
    ("decimal point of R2 of a simple regression", 0.5, |p, _| {
        p.r2[0] = shifted(&p.r2[0])?;
        Some(())
    }),
    // One star more: seen unless t is within rounding or convention of the level.
    ("one star more", 0.6, |p, d| {
        let column = d.whole(0, 2);
        let row = d.whole(0, p.columns[column].len() - 1 - usize::from(column == 2));
        let cell = &mut p.columns[column][row];
        (cell.1.matches('*').count() < 3).then_some(())?;
        cell.1.push('*');
        Some(())
    }),
    ("decimal point of a t statistic or error", 0.25, |p, d| {
        let column = d.whole(0, 2);
        let row = d.whole(0, p.columns[column].len() - 1 - usize::from(column == 2));
        let cell = &mut p.columns[column][row];
        cell.2 = shifted(&cell.2)?;
        Some(())
    }),
    // Too many rows are seen; too few may be missing rows.
    ("leading digit of N", 0.3, |p, d| {
        let column = d.whole(0, 2);
        p.n[column] = other_digit(&p.n[column], 0, d)?;
        (p.n[column].parse::<f64>().ok()? >= 10.0).then_some(())
    }),
    ("a member left out of a list", 0.95, |p, d| {
        let group = d.whole(0, 1);
        (p.groups[group] > 1).then_some(())?;
        p.groups[group] -= 1;
        Some(())
    }),
    ("minimum and maximum exchanged", 1.0, |p, d| {
        let row = d.whole(0, p.moments.len() - 1);
        p.moments[row].swap(4, 5);
        Some(())
    }),
];

#[test]
fn corrupted_numbers_are_found_at_known_rates() {
    for (j, (kind, least, corrupt)) in KINDS.iter().enumerate() {
        let (mut tried, mut found) = (0u32, 0u32);
        for seed in 0..PAPERS {
            let mut paper = simulate(seed);
            let mut draws = Draws::new(seed * 31 + j as u64);
            if corrupt(&mut paper, &mut draws).is_none() {
                continue;
            }
            let text = paper.toml();
            let Ok(read) = read(&text) else {
                continue;
            };
            let all = audit(&read);
            languages::agree(languages::words(&all), &text);
            tried += 1;
            found += u32::from(!alarms(&all).is_empty());
        }
        let rate = f64::from(found) / f64::from(tried);
        println!("{kind}: {found} of {tried} found, {:.0} %", 100.0 * rate);
        assert!(tried > 50, "{kind}: only {tried} tried");
        assert!(
            rate >= *least,
            "{kind}: {rate:.2} found, at least {least} expected"
        );
    }
}

/// N against the coefficients and clusters of its own column, and an R2 above one whatever the estimator.
#[test]
fn counts_and_r2_that_a_column_itself_excludes() {
    let found = |heading: &str, n: &str, clusters: &str, r2: &str| -> Vec<String> {
        let block = format!(
            "  | (1) {heading}\n  | y\nx | 0.5\n  | (2.7)\nz | 0.1\n  | (0.7)\nN | {n}\nClusters | {clusters}\nR2 | {r2}\n"
        );
        let text = format!(
            "[[table]]\nname = \"Table 1\"\nkind = \"regression\"\nblock = \"\"\"\n{block}\"\"\"\n"
        );
        let rules = audit(&read(&text).unwrap());
        let rules = rules.iter().filter(|f| f.severity < Severity::Questionable);
        rules.map(|f| format!("{} {}", f.rule, f.row)).collect()
    };
    let none = Vec::<String>::new();
    assert_eq!(found("OLS", "100", "20", "0.5"), none);
    assert_eq!(found("OLS", "3", "3", "0.5"), none);
    assert_eq!(found("OLS", "2", "2", "0.5"), ["panel-size N"]);
    assert_eq!(found("OLS", "100", "101", "0.5"), ["panel-size clusters"]);
    assert_eq!(found("OLS", "100", "20", "1.2"), ["r2 R2"]);
    assert_eq!(found("winsorised", "100", "20", "1.2"), ["r2 R2"]);
    assert_eq!(found("2SLS", "100", "20", "-0.2"), none);
    assert_eq!(found("OLS", "100", "20", "-0.2"), ["r2 R2"]);
}

/// A column of one coefficient with its error and t below it.
fn error_and_t(b: &str, se: &str, t: &str) -> Vec<Finding> {
    let text = format!(
        "[[table]]\nname = \"T\"\nkind = \"regression\"\nbrackets = [\"se\", \"t\"]\n\
         block = '''\n | (1)\nx | {b}\n | ({se})\n | [{t}]\nN | 400\n'''\n"
    );
    let mut found = audit(&read(&text).unwrap());
    found.retain(|f| f.rule == "coefficient-error-t");
    found
}

#[test]
fn an_error_printed_as_zero_bounds_t_from_below() {
    // se < 0.005 and b > 0.495, so t > 99.
    let found = error_and_t("0.50", "0.00", "1.20");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].message.en.contains("is at least 99") && found[0].implied.en == "at least 99",
        "{:?}",
        found[0]
    );
    for (b, t) in [("0.50", "99.10"), ("0.00", "1.20"), ("-0.50", "-250.00")] {
        assert!(error_and_t(b, "0.00", t).is_empty(), "{b} {t}");
    }
    // Truthful columns with small errors, at two digits.
    let mut draws = Draws::new(11);
    for _ in 0..500 {
        let b = f64::from(u32::try_from(draws.whole(0, 4000)).unwrap()) / 4000.0 - 0.5;
        let se = f64::from(u32::try_from(draws.whole(1, 4000)).unwrap()) / 400_000.0;
        let found = error_and_t(
            &format!("{b:.2}"),
            &format!("{se:.2}"),
            &format!("{:.2}", b / se),
        );
        assert!(found.is_empty(), "{b} {se}: {found:#?}");
    }
}

#[test]
fn stars_are_judged_by_an_error_printed_as_zero() {
    let stars = |printed: &str| {
        let text = format!(
            "[[table]]\nname = \"T\"\nkind = \"regression\"\nbrackets = \"se\"\nstars = \"* p < 0.05, ** p < 0.01\"\n\
             block = '''\n | (1)\nx | 0.50{printed}\n | (0.00)\nN | 400\n'''\n"
        );
        audit(&read(&text).unwrap())
            .into_iter()
            .find(|f| f.rule == "stars")
    };
    assert!(stars("**").is_none());
    let found = stars("").unwrap();
    assert!(found.message.en.contains("abs(t) >= 99"), "{found:?}");
}

/// Of the rule on stars, the severities of findings.
fn stars_of(sample: &str, table: &str, cell: &str) -> Vec<Severity> {
    let text = format!(
        "[sample]\n{sample}\n[[table]]\nname = \"T\"\nkind = \"regression\"\n{table}\nstars = \"* p < 0.05, ** p < 0.01\"\n\
         block = '''\n | (1)\n{cell}N | 75\n'''\n"
    );
    let found = audit(&read(&text).unwrap());
    let stars = found.iter().filter(|f| f.rule == "stars");
    stars.map(|f| f.severity).collect()
}

#[test]
fn clusters_that_the_page_does_not_count_may_be_few() {
    let sample = "units = 30\nperiods = 5";
    // 2.77 earns two stars with 29 degrees of freedom and one with the 14 of the 15 units that 75 rows may be.
    assert!(stars_of(sample, "", "x | 0.5*\n | (2.77)\n").is_empty());
    assert_eq!(
        stars_of(sample, "", "x | 0.5\n | (2.77)\n"),
        [Severity::Inconsistent]
    );
    // Nobody says how many clusters there are.
    let clustered = "errors = \"clustered\"";
    assert_eq!(
        stars_of("", clustered, "x | 0.5*\n | (2.77)\n"),
        [Severity::Questionable]
    );
    assert_eq!(
        stars_of("", "errors = \"classical\"", "x | 0.5*\n | (2.77)\n"),
        [Severity::Inconsistent]
    );
    assert_eq!(
        stars_of("", clustered, "x | 0.5**\n | (1.20)\n"),
        [Severity::Inconsistent]
    );
    assert!(
        stars_of(
            "",
            clustered,
            "x | 0.5*\n | (2.77)\nIndustry clusters | 8\n"
        )
        .is_empty()
    );
}

#[test]
fn another_estimator_in_title_or_notes_is_passed_over() {
    let found = |name: &str, notes: &str| {
        let text = format!(
            "[[table]]\nname = \"{name}\"\nkind = \"regression\"\n{notes}\nblock = '''\n | (1)\nx | 0.5\n | (2.77)\nN | 75\nR2 | -0.35\n'''\n"
        );
        let found = audit(&read(&text).unwrap());
        found.iter().filter(|f| f.rule == "r2").count()
    };
    assert_eq!(found("Table 3", ""), 1);
    assert_eq!(found("Table 3. IV estimates", ""), 0);
    assert_eq!(found("Table 3", "notes = \"Two-stage least squares\""), 0);
}
