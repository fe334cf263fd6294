//! Estimations on Parquet files that are streamed because they do not fit into memory.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use panelyst_data::files::Parts;
use panelyst_model::streaming::{BatchSource, Limits, Progress, fit_streamed};
use panelyst_model::{Error, Fit, Request};

use crate::failure::{Failure, Message};
use crate::input::DataArgs;
use crate::signals::stopped_by_signals;

/// Copies of its columns that an estimation in memory holds at most.
const COPIES: u64 = 5;

/// Time between two looks of the progress at the clock.
const SHOWN: Duration = Duration::from_millis(200);

/// Reads a size such as `2GB`, `500 MB`, `1.5GiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    const SHAPE: &str = "give a size such as 2GB, 500MB or 1.5GiB";
    let text = text.trim();
    let cut = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..cut].parse().map_err(|_| SHAPE.to_owned())?;
    let factor = match text[cut..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => f64::from(1u32 << 10),
        "mib" => f64::from(1u32 << 20),
        "gib" => f64::from(1u32 << 30),
        _ => return Err(SHAPE.to_owned()),
    };
    let bytes = number * factor;
    if (1e6..1e18).contains(&bytes) {
        Ok(bytes as u64)
    } else {
        Err("at least 1MB is needed".to_owned())
    }
}

/// The files in parts, where they must be streamed.
pub(crate) fn parts(
    data: &DataArgs,
    request: &Request,
    memory: Option<u64>,
) -> Result<Option<Parts>, Failure> {
    let Some(files) = data.parquet_files()? else {
        return match memory {
            None => Ok(None),
            Some(_) => Err(Failure::usage(
                "--memory is for Parquet files, which can be streamed; write the data as Parquet first",
            )),
        };
    };
    let parts = match Parts::open(&files) {
        Ok(parts) => parts,
        // Whatever is wrong with the files is told by the reader of whole files.
        Err(_) if memory.is_none() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let needed = COPIES * parts.bytes(&request.columns());
    let budget = memory.or_else(available).unwrap_or(u64::MAX);
    Ok((needed > budget).then_some(parts))
}

/// Memory that other programs leave, in bytes, where the system says it.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(1024 * kilobytes)
}

/// Estimates on the parts, with a progress bar on a terminal; Ctrl-C ends it.
pub(crate) fn fit(
    parts: &Parts,
    request: &Request,
    memory: Option<u64>,
) -> Result<Vec<Fit>, Failure> {
    let stop = stopped_by_signals();
    // Drawn on standard error, and only where that is a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {msg}") {
        bar.set_style(style);
    }
    let state = Mutex::new((0, Instant::now(), Instant::now()));
    let progress = |progress: Progress| {
        if let Ok(mut state) = state.try_lock() {
            let (scan, begun, shown) = &mut *state;
            let now = Instant::now();
            if *scan != progress.scan {
                (*scan, *begun) = (progress.scan, now);
            }
            if now.duration_since(*shown) >= SHOWN {
                *shown = now;
                let left = progress.total.saturating_sub(progress.rows) as f64;
                let pace = now.duration_since(*begun).as_secs_f64() / progress.rows.max(1) as f64;
                bar.set_length(progress.total);
                bar.set_position(progress.rows);
                bar.set_message(format!(
                    "scan {}, {} of {} rows, {} left",
                    progress.scan,
                    HumanCount(progress.rows),
                    HumanCount(progress.total),
                    HumanDuration(Duration::from_secs_f64(pace * left)),
                ));
            }
        }
        !stop.load(Ordering::Relaxed)
    };
    let limits = Limits {
        memory: memory
            .or_else(|| available().map(|bytes| bytes / 2))
            .unwrap_or(4 << 30),
        progress: &progress,
    };
    let fitted = fit_streamed(&ScannedParts(parts), request, &limits);
    bar.finish_and_clear();
    // The temporary file has no name: it ends with the process.
    if matches!(fitted, Err(Error::Interrupted)) {
        let message = "stopped before the end; nothing was left behind".to_owned();
        return Err(Failure::Stopped(Message::Plain(message)));
    }
    Ok(fitted?)
}

/// Parts of files as the estimation sees them.
struct ScannedParts<'a>(&'a Parts);

impl BatchSource for ScannedParts<'_> {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn parts(&self) -> usize {
        self.0.len()
    }

    fn rows(&self, part: usize) -> usize {
        self.0.rows(part)
    }

    fn range(&self, column: &str) -> Option<(i64, i64)> {
        self.0.range(column)
    }

    fn scan(
        &self,
        part: usize,
        columns: &[String],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.0.scan(part, columns, visit) {
            Ok(visited) => visited,
            Err(error) => Err(Error::Source {
                reason: error.to_string(),
            }),
        }
    }
}
