//! Results to standard output, notes and errors to standard error.

use std::collections::BTreeSet;
use std::io::{ErrorKind, IsTerminal, Write};

use clap::{Args, ValueEnum};
use panelyst_report::{Lang, RenderOptions, Table, TextFormat};
use serde::Serialize;

use crate::failure::{Failure, Message};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Plain text for the terminal
    Text,
    /// JSON with full precision
    Json,
    /// Markdown
    Markdown,
    /// LaTeX with booktabs
    Latex,
    /// HTML
    Html,
    /// Comma-separated values
    Csv,
}

/// Languages of the words in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// Chinese
    Zh,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Zh => Self::Zh,
        }
    }
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Format of the results
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Language of the words in tables
    #[arg(long, global = true, value_enum)]
    lang: Option<Language>,
}

/// Where results and notes go.
pub(crate) struct Output {
    pub(crate) format: Format,
    lang: Option<Language>,
}

impl Output {
    pub(crate) fn new(args: &OutputArgs) -> Self {
        Self {
            format: args.format,
            lang: args.lang,
        }
    }

    /// The language asked for, English without one.
    pub(crate) fn lang(&self) -> Lang {
        self.asked_lang().unwrap_or_default()
    }

    /// The language asked for, if any.
    pub(crate) fn asked_lang(&self) -> Option<Lang> {
        self.lang.map(Lang::from)
    }

    /// Writes a text as it is.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::Unread,
            _ => Failure::data(format!("cannot write the results: {error}")),
        })
    }

    /// Writes a value as JSON; numbers that are not finite are `null`.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::data(format!("cannot write JSON: {error}")))?;
        text.push('\n');
        self.text(&text)
    }

    /// Writes tables in the format asked for, which is not JSON.
    pub(crate) fn tables(&self, tables: &[Table]) -> Result<(), Failure> {
        let format = match self.format {
            Format::Text | Format::Json => TextFormat::Text,
            Format::Markdown => TextFormat::Markdown,
            Format::Latex => TextFormat::Latex,
            Format::Html => TextFormat::Html,
            Format::Csv => TextFormat::Csv,
        };
        let options = RenderOptions {
            width: Some(width()),
            ..RenderOptions::default()
        };
        let mut text = panelyst_report::render_many(tables, format, &options);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.text(&text)
    }

    /// Whether a reader at a terminal sees the notes below the table anyway.
    pub(crate) fn shows_table_notes(&self) -> bool {
        self.format == Format::Text
            && std::io::stdout().is_terminal()
            && std::io::stderr().is_terminal()
    }

    /// Writes notes to standard error, each once.
    pub(crate) fn notes<S: AsRef<str>>(&self, notes: impl IntoIterator<Item = S>) {
        let mut seen = BTreeSet::new();
        let mut err = std::io::stderr().lock();
        for note in notes {
            if seen.insert(note.as_ref().to_owned()) {
                // Nobody is left to tell when standard error is closed.
                let _ = writeln!(err, "note: {}", note.as_ref());
            }
        }
    }

    /// Writes a failure to standard error.
    pub(crate) fn failure(&self, failure: &Failure) {
        let (Failure::Usage(message) | Failure::Data(message) | Failure::Stopped(message)) =
            failure
        else {
            return;
        };
        let mut err = std::io::stderr().lock();
        // Nobody is left to tell when standard error is closed.
        let _ = match message {
            Message::Plain(text) => writeln!(err, "error: {text}"),
            Message::Shown(text) => writeln!(err, "{text}"),
        };
    }
}

/// Width of the text where standard output is no terminal.
const WIDTH: u16 = 120;

/// Terminal cells of a line: as `COLUMNS` says where it is set, else as wide as the terminal is.
fn width() -> usize {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|text| text.trim().parse::<u16>().ok());
    let columns = told.unwrap_or_else(|| {
        let size = console::Term::stdout().size_checked();
        size.map_or(WIDTH, |(_, columns)| columns)
    });
    usize::from(columns).max(40)
}
