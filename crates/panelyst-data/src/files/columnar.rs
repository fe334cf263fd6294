//! Parquet and Arrow IPC files, with their columns brought to the four types of a [`Source`].

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader, new_null_array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::typed::{self, Typed};
use super::{Format, ReadOptions, Source, ipc_lengths, unreadable};
use crate::error::{Error, Place};

/// Reads a Parquet file.
pub(crate) fn parquet(path: &Path, options: &ReadOptions) -> Result<Source, Error> {
    expect_head(path, b"PAR1", Format::Parquet)?;
    expect_tail(path)?;
    let failed = |error: &dyn std::fmt::Display| unreadable(path, error);
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(open(path)?).map_err(|error| failed(&error))?;
    let wanted = options.wanted(builder.schema().fields().iter().map(|f| f.name().as_str()));
    let columns = wanted.iter().enumerate().filter(|(_, wanted)| **wanted);
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.map(|(at, _)| at));
    let reader = builder
        .with_projection(mask)
        .build()
        .map_err(|error| failed(&error))?;
    collect(path, options, reader, Format::Parquet)
}

/// Reads an Arrow IPC file or stream.
pub(crate) fn arrow(path: &Path, options: &ReadOptions) -> Result<Source, Error> {
    let failed = |error: ArrowError| unreadable(path, &error);
    if starts_with(path, b"ARROW1")? {
        ipc_lengths::check_file(path)?;
        let reader = FileReader::try_new(BufReader::new(open(path)?), None).map_err(failed)?;
        collect(path, options, reader, Format::Arrow)
    } else {
        // A stream begins with the length of its first message, behind a continuation mark in files of today.
        expect_head(path, &[0xff, 0xff, 0xff, 0xff], Format::Arrow)?;
        ipc_lengths::check_stream(path)?;
        let reader = StreamReader::try_new(BufReader::new(open(path)?), None).map_err(failed)?;
        collect(path, options, reader, Format::Arrow)
    }
}

fn collect(
    path: &Path,
    options: &ReadOptions,
    reader: impl RecordBatchReader,
    format: Format,
) -> Result<Source, Error> {
    typed::check_options(path, options, format)?;
    let schema = reader.schema();
    let batches = reader
        .collect::<Result<Vec<RecordBatch>, ArrowError>>()
        .map_err(|error| unreadable(path, &error))?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut typed = Typed::new(path, options, rows)?;
    let wanted = options.wanted(schema.fields().iter().map(|field| field.name().as_str()));
    for (at, field) in schema.fields().iter().enumerate() {
        if !wanted[at] {
            continue;
        }
        let pieces: Vec<&dyn Array> = batches
            .iter()
            .map(|batch| batch.column(at).as_ref())
            .collect();
        let whole = if pieces.is_empty() {
            new_null_array(field.data_type(), 0)
        } else {
            arrow_select::concat::concat(&pieces)?
        };
        match plain(&whole, typed.wants_text(field.name())) {
            Ok(Some(array)) => typed.add(field.name(), array)?,
            Ok(None) => typed.leave_out(field.name(), &spoken(field.data_type())),
            Err(reason) => {
                return Err(Error::UnsupportedType {
                    at: Box::new(Place::file(path.display().to_string()).column(field.name())),
                    kind: format!("{} ({reason})", field.data_type()),
                });
            }
        }
    }
    typed.finish()
}

/// A column as one of the four types; none when it holds neither numbers nor text nor truth values.
pub(super) fn plain(array: &ArrayRef, as_text: bool) -> Result<Option<ArrayRef>, ArrowError> {
    let target = match array.data_type() {
        DataType::Dictionary(_, value) => {
            let unpacked = cast_strictly(array, value)?;
            return plain(&unpacked, as_text);
        }
        DataType::RunEndEncoded(_, values) => {
            let unpacked = cast_strictly(array, values.data_type())?;
            return plain(&unpacked, as_text);
        }
        DataType::Null => return Ok(Some(new_null_array(&DataType::Float64, array.len()))),
        DataType::Boolean => DataType::Boolean,
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(_, _) => DataType::Utf8,
        kind if kind.is_integer() => DataType::Int64,
        kind if kind.is_floating() => DataType::Float64,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => DataType::Float64,
        _ => return Ok(None),
    };
    let target = if as_text { DataType::Utf8 } else { target };
    cast_strictly(array, &target).map(Some)
}

/// Casts, with an error instead of a null where a value does not fit.
fn cast_strictly(array: &ArrayRef, target: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, target, &options)
}

/// Types that are not read, by name; the inner names of nested types differ between formats.
fn spoken(kind: &DataType) -> String {
    if kind.is_nested() {
        let shown = kind.to_string();
        let end = shown.find('(').unwrap_or(shown.len());
        return shown[..end].to_string();
    }
    kind.to_string()
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn starts_with(path: &Path, head: &[u8]) -> Result<bool, Error> {
    let mut file = open(path)?;
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.take(head.len() as u64).read_to_end(&mut start))
        .map_err(|error| unreadable(path, &error))?;
    Ok(start == head)
}

pub(super) fn expect_head(path: &Path, head: &[u8], format: Format) -> Result<(), Error> {
    if starts_with(path, head)? {
        return Ok(());
    }
    Err(Error::WrongContent {
        file: path.display().to_string(),
        expected: format!("{} data", format.label()),
        found: "something else".into(),
        hint: "rename the file or say its format".into(),
    })
}

/// That the end of a Parquet file is there, without which nothing in it can be found.
pub(super) fn expect_tail(path: &Path) -> Result<(), Error> {
    let mut file = open(path)?;
    let mut end = [0; 4];
    file.seek(SeekFrom::End(-4))
        .and_then(|_| file.read_exact(&mut end))
        .map_err(|error| unreadable(path, &error))?;
    // Files whose footer is encrypted end otherwise; the reader refuses those.
    if end == *b"PAR1" || end == *b"PARE" {
        return Ok(());
    }
    Err(unreadable(
        path,
        &"its end is missing, where Parquet keeps the table of contents: it was cut short, or is still being written; copy or write it again",
    ))
}

/// Whether a number column holds anything that is not finite, as (not a number, infinite, first infinite row).
pub(crate) fn not_finite(array: &ArrayRef) -> (usize, usize, usize) {
    let Some(values) = array.as_primitive_opt::<Float64Type>() else {
        return (0, 0, 0);
    };
    // Nearly all columns hold nothing but numbers, of which all are looked at together.
    if values
        .values()
        .iter()
        .fold(true, |all, v| all & v.is_finite())
    {
        return (0, 0, 0);
    }
    let (mut nan, mut infinite, mut first) = (0, 0, 0);
    for (row, value) in values.iter().enumerate() {
        match value {
            Some(value) if value.is_nan() => nan += 1,
            Some(value) if value.is_infinite() => {
                if infinite == 0 {
                    first = row;
                }
                infinite += 1;
            }
            _ => {}
        }
    }
    (nan, infinite, first)
}

/// The schema of columns that were named and typed.
pub(crate) fn schema(names: &[String], arrays: &[ArrayRef]) -> Arc<Schema> {
    let fields: Vec<Field> = names
        .iter()
        .zip(arrays)
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    Arc::new(Schema::new(fields))
}
