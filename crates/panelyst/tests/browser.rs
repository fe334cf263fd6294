//! The page of the bundled study in a browser, as a reader opens it: it renders, the switch changes stars, nothing is
//! reported on the console, the page is not wider than the screen, and everything to use has a name and can be reached
//! with the keyboard.
#![allow(clippy::unwrap_used)]

mod binary;
mod chromium;

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Looks at the page, changes the switch, and writes what it sees as JSON into the document.
const PROBE: &str = include_str!("browser/probe.js");

/// The report of the bundled study in a language, with the probe before the end of its body.
fn page(folder: &Path, lang: &str) -> PathBuf {
    let out = folder.join(lang);
    let study = "examples/us-states/study.toml";
    let run = binary::run(&["run", study, "--out", out.to_str().unwrap(), "--lang", lang]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("agg"), "the tables are printed");
    let text = std::fs::read_to_string(out.join("report.html")).unwrap();
    let early = "<script>window.problems = []; addEventListener('error', (e) => problems.push(String(e.message))); \
         for (const level of ['error', 'warn']) console[level] = (...all) => problems.push(all.join(' '));</script>";
    let probed = text
        .replacen("<head>", &format!("<head>{early}"), 1)
        .replacen("</body>", &format!("<script>{PROBE}</script></body>"), 1);
    assert!(probed.len() > text.len() + PROBE.len() + early.len());
    let path = out.join("probed.html");
    std::fs::write(&path, probed).unwrap();
    path
}

/// A page that holds the probed one in a frame of a width and keeps what the probe says: a browser makes no window as
/// narrow as a telephone.
const FRAME: &str = "<!DOCTYPE html><meta charset=\"utf-8\"><body><script>onmessage = (m) => { const p = document.createElement('pre'); \
     p.id = 'probe'; p.textContent = m.data; document.body.append(p); };</script>\
     <iframe src=\"probed.html\" style=\"border:0;height:900px;width:WIDTHpx\"></iframe></body>";

/// What the probe saw in a window of a width, and what the browser reported.
fn look(browser: &Path, page: &Path, profile: &Path, width: u32) -> Value {
    let frame = page.with_file_name(format!("frame{width}.html"));
    std::fs::write(&frame, FRAME.replace("WIDTH", &width.to_string())).unwrap();
    let address = format!("file://{}", frame.display());
    let dom = chromium::document(browser, &address, profile, 3000);
    let start = dom.find("<pre id=\"probe\">").map(|at| at + 16);
    let start = start.unwrap_or_else(|| panic!("the page did not run to its end: {dom}"));
    let text = &dom[start..start + dom[start..].find("</pre>").unwrap()];
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_page_of_the_bundled_study_is_read_and_used_in_a_browser() {
    let Some(browser) = chromium::found() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (lang, width) in [("en", 1400), ("en", 400), ("zh", 1400), ("zh", 400)] {
        let path = folder.path().join(lang).join("probed.html");
        let path = if path.exists() {
            path
        } else {
            page(folder.path(), lang)
        };
        let seen = look(&browser, &path, &folder.path().join("profile"), width);
        let at = format!("{lang} {width}: {seen:#}");
        assert_eq!(seen["problems"], serde_json::json!([]), "{at}");
        assert_eq!(
            seen["lang"],
            if lang == "en" { "en" } else { "zh-CN" },
            "{at}"
        );
        assert_eq!(seen["width"], width, "{at}");
        assert!(
            seen["scroll_width"].as_u64().unwrap() <= u64::from(width),
            "{at}"
        );
        // Tables and figures are there and have a size.
        assert!(seen["tables"].as_u64().unwrap() >= 10, "{at}");
        assert!(seen["figures"].as_u64().unwrap() >= 10, "{at}");
        assert_eq!(seen["empty"], serde_json::json!([]), "{at}");
        // The switch changes stars and back.
        assert_ne!(seen["stars"]["own"], seen["stars"]["iid"], "{at}");
        assert_ne!(seen["stars"]["own"], "", "{at}");
        assert_eq!(seen["stars"]["own"], seen["stars"]["back"], "{at}");
        assert_ne!(seen["errors"]["own"], seen["errors"]["plm"], "{at}");
        assert_eq!(seen["estimates"]["own"], seen["estimates"]["iid"], "{at}");
        // So do the tables of variants and of groups, each on the sample that it has.
        for kind in ["robustness", "heterogeneity"] {
            let table = &seen["others"][kind];
            assert_ne!(table["own"], table["iid"], "{kind} in {at}");
            assert_eq!(table["numbers"], table["numbers_iid"], "{kind} in {at}");
            assert_eq!(table["own"], table["back"], "{kind} in {at}");
        }
        assert!(seen["status"].as_str().unwrap().contains("iid"), "{at}");
        // Everything to use has a name; regions that scroll can be reached; anchors lead somewhere; no identifier twice.
        for list in [
            "unnamed",
            "unreachable",
            "broken",
            "twice",
            "loaded",
            "overlong",
            "cut",
        ] {
            assert_eq!(seen[list], serde_json::json!([]), "{list} in {at}");
        }
        // On focus a cell says where its number comes from, and Escape takes that away.
        assert!(seen["source"].as_str().unwrap().contains("agg"), "{at}");
        assert_eq!(seen["source_hidden"], true, "{at}");
    }
}
