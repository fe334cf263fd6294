//! Chromium without a window. `PANELYST_BROWSER` names another program, and with `PANELYST_BROWSER=required` a missing one is a
//! failure.
#![allow(clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names under which Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The browser; none, with a word to the reader of the log, where there is none.
pub fn found() -> Option<PathBuf> {
    let asked = std::env::var("PANELYST_BROWSER").ok();
    let required = asked.as_deref() == Some("required");
    let named = asked.filter(|name| name != "required");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = match &named {
        Some(name) => Some(PathBuf::from(name)),
        None => std::env::split_paths(&path)
            .flat_map(|folder| NAMES.map(|name| folder.join(name)))
            .find(|file| file.is_file()),
    };
    assert!(found.is_some() || !required, "no Chromium on the path");
    if found.is_none() {
        eprintln!("skipped: no Chromium on the path");
    }
    found
}

/// The document at an address after some milliseconds of its own clock, which stands still while something is loaded.
/// Nothing may have been reported on the console.
pub fn document(browser: &Path, address: &str, profile: &Path, milliseconds: u32) -> String {
    let output = Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-extensions",
            "--disable-background-networking",
            "--dump-dom",
        ])
        .args(["--enable-logging=stderr", "--log-level=0"])
        .arg(format!("--virtual-time-budget={milliseconds}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--window-size=1500,950")
        .arg(address)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let console: Vec<&str> = said.lines().filter(|l| l.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:#?}");
    let document = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!document.is_empty(), "no document: {said}");
    document
}
