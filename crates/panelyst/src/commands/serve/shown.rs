//! What the browser is shown: the last good report, and above it what is wrong now.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use panelyst_report::Lang;
use panelyst_study::Finished;

/// The state of the page. Every change gives it another version.
pub(super) struct Shown {
    version: u64,
    lang: Lang,
    report: Option<String>,
    trouble: Option<String>,
    folder: PathBuf,
    files: Vec<String>,
}

/// The state; a thread that broke off has left it whole, for no change of it is in two parts.
pub(super) fn locked(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks for the version, and loads the page again when it is another one. Where nobody answers it goes on asking.
const SCRIPT: &str = "<script>(() => { const mine = 'VERSION'; const ask = async () => { \
    try { const answer = await fetch('/version', { cache: 'no-store' }); \
    if (answer.ok && (await answer.text()).trim() !== mine) { location.reload(); return; } } catch { } \
    setTimeout(ask, 500); }; setTimeout(ask, 500); })();</script>";

/// Of the box above the report; colours of its own, so that it is read on a light and on a dark page.
const STYLE: &str = "margin:0;padding:1rem 1.25rem;background:#fff4f2;color:#2b0d09;border-bottom:4px solid #b3261e;\
    font:16px/1.5 system-ui,sans-serif;max-width:none";

impl Shown {
    /// Nothing yet.
    pub(super) fn new(lang: Lang) -> Self {
        // From the time of day, so that a page of an earlier server is another version.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let version = since.map_or(1, |since| since.as_secs().saturating_mul(1000));
        Self {
            version,
            lang,
            report: None,
            trouble: None,
            folder: PathBuf::new(),
            files: Vec::new(),
        }
    }

    /// A run has ended well.
    pub(super) fn made(&mut self, finished: Finished, report: String) {
        self.version += 1;
        self.lang = finished.lang;
        self.report = Some(report);
        self.trouble = None;
        self.folder = finished.folder;
        self.files = finished.files;
    }

    /// A run has failed; the last good report stays.
    pub(super) fn failed(&mut self, trouble: String, lang: Lang) {
        self.version += 1;
        self.lang = lang;
        self.trouble = Some(trouble);
    }

    /// Differs whenever the page does.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// A file of the last good run by its name below the output folder; only what that run wrote.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        let file = self.files.iter().find(|file| *file == name)?;
        Some(self.folder.join(file))
    }

    /// The page with the script that refreshes it.
    pub(super) fn page(&self) -> String {
        let script = SCRIPT.replace("VERSION", &self.version.to_string());
        let trouble = self.trouble.as_deref().map(|text| self.boxed(text));
        let trouble = trouble.unwrap_or_default();
        match &self.report {
            Some(report) => with(report, &trouble, &script),
            None => {
                let (code, waiting) = match self.lang {
                    Lang::En => ("en", "The study is being run."),
                    Lang::Zh => ("zh-CN", "正在运行研究。"),
                };
                let body = if trouble.is_empty() {
                    format!(
                        "<p role=\"status\" style=\"font:16px/1.5 system-ui,sans-serif;padding:1rem\">{waiting}</p>"
                    )
                } else {
                    trouble
                };
                format!(
                    "<!DOCTYPE html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
                     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Panelyst</title></head>\
                     <body style=\"margin:0\">{body}{script}</body></html>\n"
                )
            }
        }
    }

    fn boxed(&self, trouble: &str) -> String {
        let heading = match (self.lang, self.report.is_some()) {
            (Lang::En, true) => {
                "The study cannot be run as it stands. Below is the last report that could be made."
            }
            (Lang::En, false) => "The study cannot be run as it stands.",
            (Lang::Zh, true) => "研究文件目前无法运行。下面是最近一次成功的报告。",
            (Lang::Zh, false) => "研究文件目前无法运行。",
        };
        format!(
            "<section id=\"trouble\" role=\"alert\" style=\"{STYLE}\"><strong>{heading}</strong>\
             <pre style=\"overflow-wrap:anywhere;margin:.75rem 0 0;white-space:pre-wrap;background:none;color:inherit;\
             font:14px/1.4 ui-monospace,monospace\">{}</pre></section>",
            escaped(trouble)
        )
    }
}

/// A report with something at the head of its body and something at the end.
fn with(report: &str, first: &str, last: &str) -> String {
    let mut page = report.to_owned();
    let end = page.rfind("</body>").unwrap_or(page.len());
    page.insert_str(end, last);
    if let Some(body) = page.find("<body")
        && let Some(close) = page[body..].find('>')
    {
        page.insert_str(body + close + 1, first);
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
