//! `serve` as a browser meets it: the page follows the study and its data, mistakes stand above the last good report, and
//! nothing is told to others.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod binary;
mod chromium;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use binary::program;

const STUDY: &str = r#"[study]
title = "First title"
[panel]
unit = "state"
time = "yr"
[sources.m]
file = "m.csv"
[model]
outcome = "y"
core = "x"
vcov = "iid"
[[table]]
kind = "baseline"
"#;

const DATA: &str = "state,yr,y,x\na,1,1.5,1\na,2,2.5,3\na,3,4.0,4\nb,1,2.0,2\nb,2,2.5,2.5\nb,3,5.0,6\nc,1,1,2\nc,2,2,2.5\nc,3,3,1\n";

/// Far longer than a study of nine rows takes, also on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of a study in a folder; it ends with the test, whatever becomes of that.
struct Served {
    child: Child,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(folder: &Path, more: &[&str]) -> Served {
    let mut child = program()
        .arg("serve")
        .arg(folder.join("study.toml"))
        .args(["--port", "0"])
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let port = line.trim().strip_prefix("http://127.0.0.1:").unwrap();
    let port = port.strip_suffix('/').unwrap().parse().unwrap();
    Served { child, port }
}

impl Served {
    /// Status and the whole answer to a request typed in full.
    fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text)
    }

    fn get_as(&self, path: &str, host: &str) -> (u16, String) {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.get_as(path, &format!("127.0.0.1:{}", self.port))
    }

    /// The version that the page asks for.
    fn version(&self) -> u64 {
        let (status, text) = self.get("/version");
        assert_eq!(status, 200);
        text.split("\r\n\r\n")
            .nth(1)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    }

    /// The page once it is another than that of a version, and its version.
    fn after(&self, version: u64) -> (u64, String) {
        let begun = Instant::now();
        loop {
            let now = self.version();
            if now != version {
                let (status, page) = self.get("/");
                assert_eq!(status, 200);
                assert!(page.contains(&format!("const mine = '{now}'")), "{page}");
                return (now, page);
            }
            assert!(begun.elapsed() < PATIENCE, "the page stays as it was");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as Ctrl-C does: its exit code and what it had written to standard error.
    fn interrupt(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(done.success());
        let code = self.child.wait().unwrap().code();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        (code, said)
    }
}

/// An answer without its head, which holds the time of day.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn the_page_follows_the_study_and_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let (study, data) = (
        folder.path().join("study.toml"),
        folder.path().join("m.csv"),
    );
    std::fs::write(&study, STUDY).unwrap();
    std::fs::write(&data, DATA).unwrap();
    let served = serve(folder.path(), &[]);
    // The first page may still say that the study is being run; a version divides by a thousand before the first run.
    let first = served.version();
    let (first, page) = if first.is_multiple_of(1000) {
        served.after(first)
    } else {
        (first, served.get("/").1)
    };
    assert!(page.contains("First title") && !page.contains("id=\"trouble\""));
    assert!(page.contains("Content-Security-Policy: frame-ancestors 'none'"));
    // On disk the report has no script that asks for versions.
    let report = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(report.contains("First title") && !report.contains("/version"));
    let (_, results) = served.get("/results.json");
    assert!(results.contains("application/json") && results.contains("\"coefficients\""));

    std::fs::write(&study, STUDY.replace("First", "Second")).unwrap();
    let (second, page) = served.after(first);
    assert!(page.contains("Second title") && !page.contains("First title"));

    std::fs::write(&data, DATA.replace("5.0,6", "9.0,6")).unwrap();
    let (third, _) = served.after(second);
    let (_, other) = served.get("/results.json");
    assert_ne!(body(&results), body(&other));

    // All mistakes, each with its line, and the last report below them.
    let broken = STUDY
        .replace("outcome = \"y\"", "outcome = \"wrong\"")
        .replace("\"iid\"", "\"idd\"");
    std::fs::write(&study, &broken).unwrap();
    let (fourth, page) = served.after(third);
    assert!(page.contains("id=\"trouble\"") && page.contains("Second title"));
    assert!(page.contains("2 mistakes in"), "{page}");
    for place in ["study.toml:9:", "study.toml:11:"] {
        assert!(page.contains(place), "{place} in {page}");
    }
    // The files of the last good run stay where they are.
    assert_eq!(body(&served.get("/results.json").1), body(&other));

    // What the data cannot give is shown too, and goes when it is put right.
    std::fs::write(&study, STUDY).unwrap();
    let (fifth, page) = served.after(fourth);
    assert!(!page.contains("id=\"trouble\""));
    std::fs::write(&data, "state,yr,y,x\na,1,1.5,one\n").unwrap();
    let (sixth, page) = served.after(fifth);
    assert!(page.contains("id=\"trouble\"") && page.contains("First title"));
    std::fs::write(&data, DATA).unwrap();
    let (_, page) = served.after(sixth);
    assert!(!page.contains("id=\"trouble\""));

    let (code, said) = served.interrupt();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("2 mistakes in") && said.ends_with("note: ended\n"),
        "{said}"
    );
}

/// Hands a browser's requests on until it is over. Before the second question for the version the study is given another title,
/// and the answer waits until the server shows it.
fn between(listener: &TcpListener, served: &Served, study: &Path, over: &AtomicBool) {
    let shown = served.version();
    let questions = AtomicU32::new(0);
    let hand_on = |mut stream: TcpStream| {
        let mut first = String::new();
        let _ = BufReader::new(&stream).read_line(&mut first);
        let Some(path) = first.split(' ').nth(1) else {
            return; // A connection that the browser opened and did not use.
        };
        if path == "/version" && questions.fetch_add(1, Ordering::SeqCst) == 1 {
            std::fs::write(study, STUDY.replace("First", "Second")).unwrap();
            served.after(shown);
        }
        let _ = stream.write_all(served.get(path).1.as_bytes());
    };
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            if over.load(Ordering::SeqCst) {
                break;
            }
            scope.spawn(|| hand_on(stream.unwrap()));
        }
    });
}

#[test]
fn a_browser_shows_the_new_report_by_itself() {
    let Some(browser) = chromium::found() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study.toml");
    std::fs::write(&study, STUDY).unwrap();
    std::fs::write(folder.path().join("m.csv"), DATA).unwrap();
    let served = serve(folder.path(), &[]);
    let first = served.version();
    if first.is_multiple_of(1000) {
        served.after(first);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let over = AtomicBool::new(false);
    let address = format!("http://127.0.0.1:{port}/");
    let profile = folder.path().join("profile");
    let document = std::thread::scope(|scope| {
        scope.spawn(|| between(&listener, &served, &study, &over));
        let look = || chromium::document(&browser, &address, &profile, 5000);
        let seen = scope.spawn(look).join();
        over.store(true, Ordering::SeqCst);
        TcpStream::connect(("127.0.0.1", port)).unwrap();
        seen.unwrap()
    });
    assert!(document.contains("<h1>Second title</h1>"), "{document}");
    assert!(!document.contains("First title"), "{document}");
}

#[test]
fn a_study_with_mistakes_from_the_start_is_shown_with_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.csv"), DATA).unwrap();
    let broken = STUDY.replace("\"iid\"", "\"<b>\"");
    std::fs::write(folder.path().join("study.toml"), broken).unwrap();
    let served = serve(folder.path(), &["--lang", "zh"]);
    let first = served.version();
    let page = if first.is_multiple_of(1000) {
        served.after(first).1
    } else {
        served.get("/").1
    };
    assert!(page.contains("lang=\"zh-CN\"") && page.contains("研究文件目前无法运行"));
    assert!(page.contains("study.toml:11:"), "{page}");
    assert!(
        page.contains("&lt;b&gt;") && !page.contains("<b>"),
        "{page}"
    );
    assert!(!folder.path().join("out").exists());
    let (code, said) = served.interrupt();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn nothing_is_told_to_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.csv"), DATA).unwrap();
    std::fs::write(folder.path().join("study.toml"), STUDY).unwrap();
    let served = serve(folder.path(), &[]);
    let first = served.version();
    if first.is_multiple_of(1000) {
        served.after(first);
    }
    // Something in the output folder that no run wrote.
    std::fs::write(folder.path().join("out/own.txt"), "own notes").unwrap();
    let here = format!("localhost:{}", served.port);
    assert_eq!(served.get_as("/", &here).0, 200);
    for host in [
        "panelyst.example",
        "127.0.0.1.example:80",
        "localhost:1",
        "",
    ] {
        let (status, text) = served.get_as("/", host);
        assert_eq!(status, 403, "{host}");
        assert!(!text.contains("First title"), "{host}");
    }
    for request in [
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {here}\r\nHost: other\r\nConnection: close\r\n\r\n"),
    ] {
        assert_eq!(served.ask(&request).0, 403, "{request}");
    }
    for path in [
        "/../study.toml",
        "/%2e%2e/study.toml",
        "/..%2fstudy.toml",
        "/tables/../../study.toml",
        "//etc/passwd",
        "/tables",
        "/tables/",
        "/out",
        "/own.txt",
    ] {
        let (status, text) = served.get(path);
        assert_eq!(status, 404, "{path}");
        assert!(!text.contains("core ="), "{path}");
    }
    assert_eq!(served.get("/%ff").0, 400);
    let post = format!(
        "POST / HTTP/1.1\r\nHost: {here}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(served.ask(&post).0, 405);
    // The port is that of this machine alone.
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let listening = format!(":{:04X} 00000000:0000 0A", served.port);
    let line = table
        .lines()
        .find(|line| line.contains(&listening))
        .unwrap();
    assert!(line.contains("0100007F:"), "{line}");
}

#[test]
fn a_port_that_is_taken_and_a_study_that_is_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study.toml");
    let study = study.to_str().unwrap();
    let run = binary::run(&["serve", study, "--port", "0"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("cannot read the study file"),
        "{}",
        run.stderr
    );
    std::fs::write(study, STUDY).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = binary::run(&["serve", study, "--port", &port]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("give another --port"), "{}", run.stderr);
}
