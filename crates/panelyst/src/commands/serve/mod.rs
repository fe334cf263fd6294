//! `panelyst serve`: the report of a study in the browser, made again whenever the study or its data change.

mod answer;
mod shown;
mod watch;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::Args;
use panelyst_report::Lang;
use panelyst_study::{Error, Finished, Overrides, Stop};
use tiny_http::Server;

use crate::commands::study::{StudyArgs, wrote};
use crate::failure::Failure;
use crate::output::Output;
use crate::signals::stopped_by_signals;
use shown::Shown;
use watch::Watch;

/// The port without `--port`, and how many after it are tried.
const PORT: u16 = 8917;
const TRIED: u16 = 20;

/// Threads that answer, so that a reader who does not read holds up nobody else.
const ANSWERING: usize = 4;

/// Between two looks at files and signals.
const PAUSE: Duration = Duration::from_millis(100);

/// Show the report of a study in a browser on this machine, and make it again when the study or its data change
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    study: StudyArgs,

    /// Port on 127.0.0.1, 0 for any; without it 8917 or the next that is free
    #[arg(long, value_name = "N")]
    port: Option<u16>,
}

/// What a run gave: its report, or what is wrong, in plain text for the page and as it is told at the terminal.
type Done = Result<(Finished, String), (String, Failure)>;

/// A run on its way.
struct Build {
    stop: Stop,
    thread: JoinHandle<Done>,
}

impl ServeArgs {
    pub(crate) fn run(&self, output: &Output) -> Result<(), Failure> {
        let overrides = self.study.overrides(output);
        let study = &self.study.study;
        // A file that is not there is told at once; its mistakes are for the page.
        std::fs::metadata(study).map_err(|source| Error::Study {
            path: study.clone(),
            source,
        })?;
        let signal = stopped_by_signals();
        let listener = self.listener()?;
        let port = listener.local_addr().map_err(no_port)?.port();
        let server = Server::from_listener(listener, None)
            .map_err(|error| Failure::data(format!("cannot listen on port {port}: {error}")))?;
        let mut watch = Watch::new(study.clone(), overrides.clone());
        let shown = Arc::new(Mutex::new(Shown::new(watch.lang())));
        answering(Arc::new(server), port, &shown);
        output.text(&format!("http://127.0.0.1:{port}/\n"))?;
        output.notes([match watch.lang() {
            Lang::En => "open this address in a browser; Ctrl-C ends it",
            Lang::Zh => "请在浏览器中打开此地址；按Ctrl-C结束",
        }]);
        let mut build = Some(self.build(&overrides));
        while !signal.load(Ordering::Relaxed) {
            if let Some(done) = build.take_if(|build| build.thread.is_finished()) {
                tell(done.end(), &shown, watch.lang(), output);
            }
            if watch.changed() {
                // What is being made is out of date.
                if let Some(old) = build.take() {
                    old.stop.set();
                    let _ = old.end();
                }
                build = Some(self.build(&overrides));
            }
            thread::sleep(PAUSE);
        }
        if let Some(build) = build {
            build.stop.set();
            // Files that are being written are written to their end.
            let _ = build.end();
        }
        output.notes([match watch.lang() {
            Lang::En => "ended",
            Lang::Zh => "已结束",
        }]);
        Ok(())
    }

    fn listener(&self) -> Result<TcpListener, Failure> {
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        if let Some(port) = self.port {
            return bind(port).map_err(|error| {
                Failure::data(format!(
                    "cannot listen on port {port}: {error}; give another --port"
                ))
            });
        }
        let free = (PORT..PORT + TRIED).find_map(|port| bind(port).ok());
        match free {
            Some(listener) => Ok(listener),
            None => bind(PORT).map_err(no_port),
        }
    }

    fn build(&self, overrides: &Overrides) -> Build {
        let stop = Stop::default();
        let options = self.study.options(overrides.clone(), stop.clone());
        let study = self.study.study.clone();
        let thread = thread::spawn(move || {
            let finished = panelyst_study::run(&study, &options, &mut |_, _, _| {});
            let finished = finished.map_err(|error| {
                let plain = match &error {
                    Error::Mistakes(mistakes) => mistakes.render(false),
                    other => other.to_string(),
                };
                (plain, Failure::from(error))
            })?;
            let path = finished.folder.join("report.html");
            let page = std::fs::read_to_string(&path)
                .map_err(|error| failed(format!("cannot read {}: {error}", path.display())))?;
            Ok((finished, page))
        });
        Build { stop, thread }
    }
}

impl Build {
    fn end(self) -> Done {
        let broken = |_| {
            Err(failed(
                "the run broke off; this is a defect of panelyst".to_owned(),
            ))
        };
        self.thread.join().unwrap_or_else(broken)
    }
}

fn failed(message: String) -> (String, Failure) {
    (message.clone(), Failure::data(message))
}

/// Shows what a run gave in the page and at the terminal.
fn tell(done: Done, shown: &Mutex<Shown>, lang: Lang, output: &Output) {
    let mut shown = shown::locked(shown);
    match done {
        Ok((finished, page)) => {
            output.notes([wrote(&finished)]);
            shown.made(finished, page);
        }
        Err((trouble, failure)) => {
            output.failure(&failure);
            shown.failed(trouble, lang);
        }
    }
}

fn answering(server: Arc<Server>, port: u16, shown: &Arc<Mutex<Shown>>) {
    for _ in 0..ANSWERING {
        let (server, shown) = (Arc::clone(&server), Arc::clone(shown));
        // They end with the program.
        thread::spawn(move || {
            while let Ok(request) = server.recv() {
                answer::answer(request, port, &shown);
            }
        });
    }
}

fn no_port(error: std::io::Error) -> Failure {
    let last = PORT + TRIED - 1;
    Failure::data(format!(
        "cannot listen on any port from {PORT} to {last}: {error}; give one with --port"
    ))
}
