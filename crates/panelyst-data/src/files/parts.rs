//! Parquet files in parts: row groups that are read one by one, again and again, without ever holding a whole file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::statistics::Statistics;

use super::columnar::{expect_head, expect_tail, not_finite, plain};
use super::{Format, unreadable};
use crate::error::{Error, Place};

/// Rows of a piece.
const PIECE: usize = 1 << 13;

/// Row groups of one or more Parquet files with the same columns.
pub struct Parts {
    files: Vec<PartFile>,
    /// File and row group of each part.
    parts: Vec<(usize, usize)>,
    schema: SchemaRef,
}

struct PartFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    length: u64,
}

impl Parts {
    /// Looks at files, of which only the ends are read.
    ///
    /// # Errors
    /// When a file is no Parquet file, or has other columns than the first.
    pub fn open(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut files: Vec<PartFile> = Vec::with_capacity(paths.len());
        let mut parts = Vec::new();
        let mut schema: Option<SchemaRef> = None;
        for path in paths {
            expect_head(path, b"PAR1", Format::Parquet)?;
            expect_tail(path)?;
            let file = open(path)?;
            let length = file
                .metadata()
                .map_err(|error| unreadable(path, &error))?
                .len();
            let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())
                .map_err(|error| unreadable(path, &error))?;
            let own = plain_schema(metadata.schema());
            match &schema {
                None => schema = Some(own),
                Some(first) => {
                    if let Some(difference) = difference(first, &own) {
                        return Err(Error::OtherColumns {
                            file: path.display().to_string(),
                            first: paths[0].display().to_string(),
                            difference,
                        });
                    }
                }
            }
            for group in 0..metadata.metadata().num_row_groups() {
                parts.push((files.len(), group));
            }
            files.push(PartFile {
                path: path.clone(),
                metadata,
                length,
            });
        }
        let schema = schema.ok_or_else(|| Error::Empty {
            at: Box::new(Place::file("(no files)")),
        })?;
        if parts.is_empty() {
            return Err(Error::NoDataRows {
                at: Box::new(Place::file(paths[0].display().to_string())),
            });
        }
        Ok(Self {
            files,
            parts,
            schema,
        })
    }

    /// Columns as they are given: numbers, whole numbers, text, truth values; others are left out.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Number of parts.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there is no part.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Rows of a part.
    pub fn rows(&self, part: usize) -> usize {
        let (file, group) = self.parts[part];
        let metadata = self.files[file].metadata.metadata();
        usize::try_from(metadata.row_group(group).num_rows()).unwrap_or(0)
    }

    /// Bytes that some columns take in memory once they are read, text as long as it is in the files.
    pub fn bytes(&self, columns: &[String]) -> u64 {
        let mut bytes = 0;
        for part in 0..self.len() {
            let rows = self.rows(part) as u64;
            let (file, group) = self.parts[part];
            for name in columns {
                bytes += match self.schema.field_with_name(name) {
                    Ok(field) if *field.data_type() == DataType::Utf8 => {
                        let column = self.column_of(file, name);
                        let group = self.files[file].metadata.metadata().row_group(group);
                        let text = column.map_or(0, |at| group.column(at).uncompressed_size());
                        4 * rows + u64::try_from(text).unwrap_or(0)
                    }
                    Ok(_) => 8 * rows,
                    Err(_) => 0,
                };
            }
        }
        bytes
    }

    /// The smallest and the largest value of a column of whole numbers, where all row groups say them.
    pub fn range(&self, name: &str) -> Option<(i64, i64)> {
        let mut range: Option<(i64, i64)> = None;
        for &(file, group) in &self.parts {
            let metadata = &self.files[file].metadata;
            let kind = metadata.schema().field_with_name(name).ok()?.data_type();
            if !kind.is_signed_integer() {
                return None;
            }
            let at = self.column_of(file, name)?;
            let group = metadata.metadata().row_group(group);
            let statistics = group.column(at).statistics()?;
            if statistics.null_count_opt() == Some(u64::try_from(group.num_rows()).ok()?) {
                continue;
            }
            let (least, greatest) = match statistics {
                Statistics::Int32(s) => (i64::from(*s.min_opt()?), i64::from(*s.max_opt()?)),
                Statistics::Int64(s) => (*s.min_opt()?, *s.max_opt()?),
                _ => return None,
            };
            range = Some(match range {
                None => (least, greatest),
                Some((a, b)) => (a.min(least), b.max(greatest)),
            });
        }
        range
    }

    /// The column of a Parquet file that holds a top-level column.
    fn column_of(&self, file: usize, name: &str) -> Option<usize> {
        let schema = self.files[file].metadata.parquet_schema();
        (0..schema.num_columns()).find(|&at| schema.column(at).path().parts() == [name])
    }

    /// Reads some columns of a part, piece by piece; what `visit` says ends the reading.
    ///
    /// # Errors
    /// As an inner result, what `visit` says; else when the file cannot be read to its end, or has changed.
    pub fn scan<E>(
        &self,
        part: usize,
        columns: &[String],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<Result<(), E>, Error> {
        let (at, group) = self.parts[part];
        let PartFile {
            path,
            metadata,
            length,
        } = &self.files[at];
        let failed = |error: &dyn std::fmt::Display| unreadable(path, error);
        let file = open(path)?;
        if file.metadata().map_err(|error| failed(&error))?.len() != *length {
            return Err(failed(&"the file has changed since it was first looked at"));
        }
        let wanted = metadata.schema().fields().iter().enumerate();
        let wanted = wanted
            .filter(|(_, field)| columns.contains(field.name()))
            .map(|(at, _)| at);
        let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(PIECE)
            .build()
            .map_err(|error| failed(&error))?;
        let mut rows = 0;
        for batch in reader {
            let batch = self.plain(path, batch.map_err(|error| failed(&error))?, rows)?;
            rows += batch.num_rows();
            if let Err(stop) = visit(&batch) {
                return Ok(Err(stop));
            }
        }
        if rows == self.rows(part) {
            Ok(Ok(()))
        } else {
            Err(failed(&format!(
                "row group {} ends after {rows} of its {} rows",
                group + 1,
                self.rows(part)
            )))
        }
    }

    /// The columns of a piece in the types of [`Parts::schema`]; numbers that are none are missing.
    fn plain(&self, path: &Path, batch: RecordBatch, before: usize) -> Result<RecordBatch, Error> {
        let mut fields = Vec::with_capacity(batch.num_columns());
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(batch.num_columns());
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let file = path.display().to_string();
            let array = match plain(array, false) {
                Ok(Some(array)) => array,
                Ok(None) => continue,
                Err(reason) => {
                    return Err(Error::UnsupportedType {
                        at: Box::new(Place::file(file).column(field.name())),
                        kind: format!("{} ({reason})", field.data_type()),
                    });
                }
            };
            let (nan, infinite, row) = not_finite(&array);
            if infinite > 0 {
                return Err(Error::NotFinite {
                    at: Box::new(Place::file(file).row(before + row + 1).column(field.name())),
                    count: infinite,
                });
            }
            let array = if nan > 0 {
                let values = array.as_primitive::<Float64Type>().iter();
                let kept: Float64Array = values.map(|v| v.filter(|v| !v.is_nan())).collect();
                Arc::new(kept) as ArrayRef
            } else {
                array
            };
            fields.push(Field::new(field.name(), array.data_type().clone(), true));
            arrays.push(array);
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|error| unreadable(path, &error))
}

/// What one file lacks or has beside the columns of another, or holds as another type, in words; columns may stand in any
/// order.
fn difference(first: &Schema, own: &Schema) -> Option<String> {
    let names = |of: &Schema, without: &Schema| -> Vec<String> {
        let fields = of.fields().iter().map(|field| field.name());
        fields
            .filter(|name| without.index_of(name).is_err())
            .cloned()
            .collect()
    };
    let mut words = Vec::new();
    for (which, names) in [
        ("lacks", names(first, own)),
        ("has beside them", names(own, first)),
    ] {
        if !names.is_empty() {
            words.push(format!("it {which} {}", names.join(", ")));
        }
    }
    for field in first.fields() {
        if let Ok(other) = own.field_with_name(field.name())
            && other.data_type() != field.data_type()
        {
            let [here, there] = [other, field].map(|field| match field.data_type() {
                DataType::Utf8 => "text",
                DataType::Boolean => "true or false",
                DataType::Int64 => "whole numbers",
                _ => "numbers",
            });
            words.push(format!(
                "{} holds {here} in it and {there} in the other",
                field.name()
            ));
        }
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// The columns that can be read, with the types they are given in.
fn plain_schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .filter_map(|field| {
            let empty = arrow_array::new_empty_array(field.data_type());
            let array = plain(&empty, false).ok().flatten()?;
            Some(Field::new(field.name(), array.data_type().clone(), true))
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// The Parquet files that a file, a folder or a pattern with `*` in its last part stands for, in the order of their names.
///
/// # Errors
/// A folder that cannot be read, or that holds no Parquet file.
pub fn parquet_files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let (folder, pattern) = if path.is_dir() {
        (path.to_path_buf(), None)
    } else if name.contains('*') && !path.exists() {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
        (parent.unwrap_or(Path::new(".")).to_path_buf(), Some(name))
    } else {
        return Ok(vec![path.to_path_buf()]);
    };
    let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(&folder, &error))?.path();
        let own = file.file_name().and_then(|name| name.to_str());
        let fits = match pattern {
            Some(pattern) => own.is_some_and(|own| matches(pattern, own)),
            None => true,
        };
        if fits && file.is_file() && Format::of(&file) == Some(Format::Parquet) {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::NotFound {
            file: format!("{} (no Parquet file there)", path.display()),
        });
    }
    Ok(files)
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|name| {
            (0..=name.len())
                .filter(|&at| name.is_char_boundary(at))
                .any(|at| matches(rest, &name[at..]))
        }),
    }
}
