//! Requests of the browser and their answers.

use std::path::Path;
use std::sync::Mutex;

use tiny_http::{Header, Method, Request, Response};

use super::shown::{Shown, locked};

/// Sent with every answer: nothing is kept, nothing is shown inside pages of others or read by them.
const ALWAYS: [(&str, &str); 5] = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
];

/// Kinds of files in the output folder.
const KINDS: [(&str, &str); 12] = [
    ("html", "text/html; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/plain; charset=utf-8"),
    ("tex", "text/plain; charset=utf-8"),
    ("lock", "text/plain; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("pdf", "application/pdf"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
];

/// An answer before it is sent.
struct Answer {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
}

/// Answers one request. Only those that name this machine and this port are heard: a page of another name that was made to
/// resolve to this machine learns nothing.
pub(super) fn answer(request: Request, port: u16, shown: &Mutex<Shown>) {
    let mut hosts = request.headers().iter().filter(|h| h.field.equiv("Host"));
    let host = hosts.next().map(|header| header.value.as_str().to_owned());
    let known = hosts.next().is_none() && host.is_some_and(|host| is_here(&host, port));
    let answer = if !known {
        plain(403, "this server answers to 127.0.0.1 and localhost only\n")
    } else if !matches!(request.method(), Method::Get | Method::Head) {
        plain(405, "only GET and HEAD are answered\n")
    } else {
        found(request.url(), shown)
    };
    // Whole, with its length.
    let mut response = Response::from_data(answer.body)
        .with_status_code(answer.status)
        .with_chunked_threshold(usize::MAX);
    for (name, value) in ALWAYS.into_iter().chain([("Content-Type", answer.kind)]) {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    // Nobody is left to tell when the browser went away.
    let _ = request.respond(response);
}

/// Whether a `Host` header names this machine, and this port where it names one (80 goes without saying).
fn is_here(host: &str, port: u16) -> bool {
    let (name, named) = match host.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => (name, digits.parse().ok()),
        _ => (host, Some(80)),
    };
    let loopback = ["127.0.0.1", "localhost", "[::1]"];
    named == Some(port)
        && loopback
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
}

/// What stands at an address: the page, its version, or a file that the last good run wrote.
fn found(url: &str, shown: &Mutex<Shown>) -> Answer {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let Some(name) = path.strip_prefix('/').and_then(decoded) else {
        return plain(400, "an address begins with / and is UTF-8\n");
    };
    let shown = locked(shown);
    match name.as_str() {
        "" | "report.html" => Answer {
            status: 200,
            kind: KINDS[0].1,
            body: shown.page().into_bytes(),
        },
        "version" => plain(200, &format!("{}\n", shown.version())),
        name => {
            let Some(file) = shown.file(name) else {
                return plain(404, "the study made no such file\n");
            };
            drop(shown);
            match std::fs::read(&file) {
                Ok(body) => Answer {
                    status: 200,
                    kind: kind(&file),
                    body,
                },
                Err(_) => plain(404, "the file is no longer there\n"),
            }
        }
    }
}

fn kind(file: &Path) -> &'static str {
    let ending = file.extension().and_then(|ending| ending.to_str());
    let known = KINDS.iter().find(|(known, _)| Some(*known) == ending);
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

fn plain(status: u16, text: &str) -> Answer {
    Answer {
        status,
        kind: KINDS[1].1,
        body: text.as_bytes().to_vec(),
    }
}

/// A path with its `%41` written out; none where that is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{decoded, is_here};

    #[test]
    fn only_names_of_this_machine_with_its_port_are_here() {
        for host in [
            "127.0.0.1:8917",
            "localhost:8917",
            "LOCALHOST:8917",
            "[::1]:8917",
        ] {
            assert!(is_here(host, 8917), "{host}");
        }
        for host in [
            "",
            "localhost",
            "127.0.0.1:80",
            "example.org:8917",
            "localhost.example.org:8917",
            "127.0.0.1.example.org:8917",
            "[::1]",
            "localhost:8917:8917",
            "localhost:",
        ] {
            assert!(!is_here(host, 8917), "{host}");
        }
        assert!(is_here("localhost", 80) && is_here("[::1]", 80));
    }

    #[test]
    fn paths_are_written_out_or_refused() {
        assert_eq!(decoded("tables/a%20b.md").as_deref(), Some("tables/a b.md"));
        assert_eq!(decoded("%E8%A1%A8").as_deref(), Some("表"));
        for broken in ["%", "%4", "%zz", "%+4", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }
}
