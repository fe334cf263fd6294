//! Ctrl-C ends a run with a message and leaves nothing behind.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod binary;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use binary::{program, root};

/// What the studies share; each goes on with a table that takes far longer than the test waits.
const MODEL: &str = r#"
[panel]
unit = "state"
time = "yr"
[sources.m]
file = "munnell.csv"
[model]
outcome = "log(gsp)"
core = "log(p_cap)"
vcov = "cluster:state"
"#;

/// Many more specifications than are estimated in the time that the test waits.
const CURVE: &str = r#"
[[table]]
kind = "specification-curve"
[table.choices]
limit = 100000
subsets-of = ["log(pc)", "log(emp)", "unemp", "log(hwy)", "log(water)", "log(util)", "emp", "pc", "hwy"]
where = ["", "yr > 1970", "yr > 1971", "yr > 1972", "yr > 1973", "yr > 1974", "yr > 1975", "yr > 1976"]
effects = [["state", "yr"], ["state"], ["yr"], []]
vcov = ["cluster:state", "hc0", "hc1", "iid", "cluster:yr", "cluster:state+yr"]
"#;

/// Many more reassignments of units than are made in that time.
const GROUPS: &str = r#"
[groups.half]
members = { first = ["CALIFORNIA", "TEXAS", "OHIO", "IOWA", "UTAH", "MAINE", "FLORIDA", "NEVADA", "OREGON", "IDAHO", "KANSAS", "GEORGIA"], second = ["INDIANA", "ALABAMA", "ARIZONA", "COLORADO", "ILLINOIS", "DELAWARE", "MISSOURI", "MONTANA", "NEBRASKA", "KENTUCKY", "LOUISIANA", "MARYLAND", "MICHIGAN", "VERMONT", "VIRGINIA", "WYOMING", "WISCONSIN", "WASHINGTON", "TENNESSE", "OKLAHOMA"] }
[[table]]
kind = "heterogeneity"
by = "half"
permutations = 50000000
"#;

/// The longest that ending may take: far less than the whole run.
const SOON: Duration = Duration::from_secs(10);

fn begun(folder: &std::path::Path, table: &str) -> Child {
    let study = folder.join("study.toml");
    std::fs::write(&study, format!("{MODEL}{table}")).unwrap();
    let child = program()
        .args(["run", study.to_str().unwrap(), "--data"])
        .arg(root().join("tests/canonical"))
        .arg("--out")
        .arg(folder.join("out"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program catches the signal from when its handlers are there.
    let begun = Instant::now();
    while !catches(child.id()) {
        assert!(begun.elapsed() < SOON, "no handler");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Then it is among the specifications or reassignments within a moment, and stays there for many seconds.
    std::thread::sleep(Duration::from_millis(500));
    child
}

/// Whether a process has a handler of SIGINT, the second bit of the mask that Linux shows.
fn catches(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() & 2 != 0
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let done = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(done.success());
}

#[test]
fn a_run_ends_at_the_next_specification_or_reassignment() {
    for table in [CURVE, GROUPS] {
        let folder = tempfile::tempdir().unwrap();
        let child = begun(folder.path(), table);
        let asked = Instant::now();
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
        assert_eq!(output.status.code(), Some(130));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "error: stopped before the end; nothing was written\n");
        assert!(output.stdout.is_empty());
        assert!(!folder.path().join("out").exists());
    }
}

/// A second Ctrl-C does not wait for the program to look: it ends within the handler, whatever is being done.
#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let child = begun(folder.path(), CURVE);
    let asked = Instant::now();
    interrupt(&child);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(output.status.code(), Some(130));
    assert!(!folder.path().join("out").exists());
}
