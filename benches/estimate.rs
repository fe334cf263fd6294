//! The runner of `benches/` for Panelyst: estimates from columns in memory, once for every line on standard input.
//!
//! `panelyst-estimate TASK` where TASK is a JSON object: `data` (a Parquet file), `columns` (what to read of it), `formula`, `vcov`, `model`
//! (a name of the registry, or null), `inner` (estimations in one measurement) and `floor` (true: only add up the columns, which is
//! the time nothing that looks at every value can beat). The protocol is that of `benches/runners/protocol.py`: a line of JSON
//! when the columns are in memory, then one for each line read. The clock runs from the text of the formula to the results.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use panelyst_model::{Estimator, Fit, Request, Vcov};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

/// Values that one task of the floor adds up.
const CHUNK: usize = 1 << 16;

fn main() -> Result<(), Box<dyn Error>> {
    let text = std::env::args().nth(1).ok_or("one argument: the task")?;
    let task: Value = serde_json::from_str(&text)?;
    let batch = columns(&task)?;
    let inner = task["inner"].as_u64().unwrap_or(1).max(1);
    let floor = task["floor"].as_bool().unwrap_or(false);
    reset_peak();
    let base = memory("VmRSS:");
    say(&json!({
        "ready": true,
        "rows": batch.num_rows(),
        "threads": rayon::current_num_threads(),
        "versions": {"panelyst": env!("CARGO_PKG_VERSION")},
    }))?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let start = Instant::now();
        let models = if floor {
            for _ in 0..inner {
                black_box(sums(&batch));
            }
            Vec::new()
        } else {
            for _ in 1..inner {
                black_box(estimate(&batch, &task)?);
            }
            estimate(&batch, &task)?
        };
        let seconds = start.elapsed().as_secs_f64() / inner as f64;
        let models: Vec<Value> = models.iter().map(summary).collect();
        say(&json!({
            "seconds": seconds,
            "base_mb": base,
            "peak_mb": memory("VmHWM:"),
            "models": models,
        }))?;
    }
    Ok(())
}

/// The columns of the task as one batch.
fn columns(task: &Value) -> Result<RecordBatch, Box<dyn Error>> {
    let path = task["data"].as_str().ok_or("`data` names a Parquet file")?;
    let names: Vec<&str> = task["columns"]
        .as_array()
        .ok_or("`columns` is a list of names")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows())?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let mut reader = builder
        .with_projection(mask)
        .with_batch_size(rows)
        .build()?;
    let batch = reader.next().ok_or("the file has no row")??;
    if batch.num_rows() != rows {
        return Err(format!("{} of {rows} rows came in one batch", batch.num_rows()).into());
    }
    Ok(batch)
}

/// All that a user's call does, beginning with text.
fn estimate(batch: &RecordBatch, task: &Value) -> Result<Vec<Fit>, Box<dyn Error>> {
    let text = task["formula"].as_str().ok_or("`formula` is text")?;
    let formulas = panelyst_lang::parse_formula(text).map_err(|found| {
        found
            .iter()
            .map(|d| d.message.clone())
            .collect::<Vec<_>>()
            .join("; ")
    })?;
    let mut request = Request::new(formulas);
    if let Some(vcov) = task["vcov"].as_str() {
        request.vcov = Vcov::parse(vcov)?;
    }
    if let Some(model) = task["model"].as_str() {
        request.estimator = Some(Estimator::by_name(model)?);
    }
    Ok(panelyst_model::fit(batch, &request)?)
}

/// The numbers that are compared.
fn summary(fit: &Fit) -> Value {
    let mut coefficients = Map::new();
    let mut std_errors = Map::new();
    for c in &fit.coefficients {
        coefficients.insert(c.term.clone(), c.estimate.into());
        std_errors.insert(c.term.clone(), c.std_error.into());
    }
    json!({"nobs": fit.nobs, "coefficients": coefficients, "std_errors": std_errors})
}

/// The sum of every column: one pass over the values.
fn sums(batch: &RecordBatch) -> Vec<f64> {
    batch
        .columns()
        .iter()
        .map(|column| {
            if let Some(values) = column.as_primitive_opt::<Float64Type>() {
                let sum = |chunk: &[f64]| {
                    // Eight sums side by side, or the additions wait for each other.
                    let mut parts = [0.0; 8];
                    let eights = chunk.chunks_exact(8);
                    let rest: f64 = eights.remainder().iter().sum();
                    for eight in eights {
                        for (part, value) in parts.iter_mut().zip(eight) {
                            *part += value;
                        }
                    }
                    parts.iter().sum::<f64>() + rest
                };
                values.values().par_chunks(CHUNK).map(sum).sum()
            } else if let Some(values) = column.as_primitive_opt::<Int64Type>() {
                let sum = |chunk: &[i64]| chunk.iter().fold(0_i64, |a, &b| a.wrapping_add(b));
                let chunks = values.values().par_chunks(CHUNK).map(sum);
                chunks.reduce(|| 0, i64::wrapping_add) as f64
            } else {
                column.len() as f64
            }
        })
        .collect()
}

/// Forgets the peak of memory so far (Linux).
fn reset_peak() {
    // Elsewhere, or without the right to, the peak includes the reading of the file.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A line of the process's status in MB; null where there is none.
fn memory(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

fn say(value: &Value) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}
