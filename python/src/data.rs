//! Columns of data frames and files.

use crate::failure::Failure;
use crate::work::detached;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, NullArray, PrimitiveArray,
    RecordBatch, RecordBatchReader, StringArray, cast::AsArray, ffi_stream::ArrowArrayStreamReader,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use rayon::prelude::*;
use std::sync::Arc;

/// Values that one task looks through.
const CHUNK: usize = 65_536;

/// Columns by name, not copied where they came through the Arrow C interface in one piece.
#[pyclass(frozen, module = "panelyst._panelyst")]
pub(crate) struct Data {
    pub(crate) batch: RecordBatch,
}

#[pymethods]
impl Data {
    /// Columns of an object with `__arrow_c_stream__`; several batches are joined, which copies.
    #[staticmethod]
    fn from_stream(py: Python<'_>, stream: &Bound<'_, PyAny>) -> PyResult<Self> {
        let reader = ArrowArrayStreamReader::from_pyarrow_bound(stream)?;
        let schema = reader.schema();
        // The producer may need the lock while it works.
        let batches = py.detach(|| reader.collect::<Result<Vec<_>, ArrowError>>());
        let batches = batches.map_err(Failure::from)?;
        let batch = match <[RecordBatch; 1]>::try_from(batches) {
            Ok([batch]) => batch,
            Err(several) => {
                let joined = py.detach(|| arrow_select::concat::concat_batches(&schema, &several));
                joined.map_err(Failure::from)?
            }
        };
        Ok(Self {
            batch: distinct(batch)?,
        })
    }

    /// Columns one by one: an object with `__arrow_c_array__`, a list of texts, a pair of codes and categories, or `None`
    /// for a column of which only the name is needed. Values that are not a number are missing ones.
    #[staticmethod]
    fn from_columns(
        py: Python<'_>,
        names: Vec<String>,
        columns: &Bound<'_, PyList>,
        rows: usize,
    ) -> PyResult<Self> {
        let arrays = columns
            .iter()
            .map(|column| match column.is_none() {
                true => Ok(Arc::new(NullArray::new(rows)) as ArrayRef),
                false => array(&column),
            })
            .collect::<PyResult<Vec<_>>>()?;
        let given = names.into_iter().zip(arrays);
        let made = move || {
            let columns: Vec<(String, ArrayRef)> = given
                .map(|(name, array)| (name, without_nan(array)))
                .collect();
            let fields: Vec<Field> = columns
                .iter()
                .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
                .collect();
            let arrays = columns.into_iter().map(|(_, array)| array).collect();
            let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
            let schema = Arc::new(Schema::new(fields));
            let batch = RecordBatch::try_new_with_options(schema, arrays, &options)?;
            Ok(Self {
                batch: distinct(batch)?,
            })
        };
        match rows <= CHUNK {
            // Done before another thread has heard of it.
            true => made().map_err(PyErr::from),
            false => detached(py, move |_| made()),
        }
    }

    /// Reads files as the command line does; of one file only some columns if they are given. With the reader's notes.
    #[staticmethod]
    #[pyo3(signature = (files, columns=None))]
    fn read(
        py: Python<'_>,
        files: Vec<String>,
        columns: Option<Vec<String>>,
    ) -> PyResult<(Self, Vec<String>)> {
        detached(py, move |_| {
            let source = panelyst::files::read(&files, columns)?;
            let batch = source.batch;
            Ok((Self { batch }, source.notes))
        })
    }

    /// Names of the columns.
    fn names(&self) -> Vec<String> {
        let fields = self.batch.schema_ref().fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// Number of rows.
    fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Addresses of the first buffer of each column: equal to that of the frame where nothing was copied.
    fn addresses(&self) -> Vec<usize> {
        let columns = self.batch.columns().iter();
        let first = |data: ArrayRef| {
            let data = data.to_data();
            data.buffers()
                .first()
                .map_or(0, |buffer| buffer.as_ptr() as usize)
        };
        columns.map(|column| first(Arc::clone(column))).collect()
    }

    /// The columns as an Arrow stream in bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let batch = self.batch.clone();
        let bytes = detached(py, move |_| {
            let mut bytes = Vec::new();
            let mut writer = StreamWriter::try_new(&mut bytes, batch.schema_ref())?;
            writer.write(&batch)?;
            writer.finish()?;
            drop(writer);
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The columns of [`Data::to_bytes`].
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let bytes = bytes.to_vec();
        detached(py, move |_| {
            let mut reader = StreamReader::try_new(&bytes[..], None)?;
            let batch = reader.next().transpose()?;
            let batch =
                batch.ok_or_else(|| Failure::Data("a pickle without columns".to_owned()))?;
            Ok(Self { batch })
        })
    }
}

/// An array as it was handed in.
fn array(column: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    if let Ok(texts) = column.cast::<PyList>() {
        let texts: Vec<Option<String>> = texts.extract()?;
        return Ok(Arc::new(StringArray::from(texts)));
    }
    if let Ok(pair) = column.cast::<PyTuple>() {
        let (codes, categories) = (array(&pair.get_item(0)?)?, array(&pair.get_item(1)?)?);
        let codes = arrow_cast::cast(&codes, &DataType::Int32).map_err(Failure::from)?;
        let codes: Int32Array = codes
            .as_primitive::<Int32Type>()
            .iter()
            .map(|code| code.filter(|&code| code >= 0))
            .collect();
        let made = DictionaryArray::<Int32Type>::try_new(codes, categories);
        return Ok(Arc::new(made.map_err(Failure::from)?));
    }
    if !column.hasattr("__arrow_c_array__")? {
        let kind = column.get_type().qualname()?;
        return Err(PyTypeError::new_err(format!("no Arrow array: {kind}")));
    }
    let data = FromPyArrow::from_pyarrow_bound(column)?;
    Ok(arrow_array::make_array(data))
}

/// The same column with values that are not a number as missing ones; the values themselves are not copied.
fn without_nan(array: ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => {
            let column = array.as_primitive::<Float64Type>();
            let values = column.values();
            let any = |chunk: &[f64]| chunk.iter().fold(false, |any, v| any | v.is_nan());
            let lacks = match values.len() <= CHUNK {
                true => any(values),
                false => values.par_chunks(CHUNK).any(any),
            };
            if !lacks {
                return array;
            }
            let nulls = present(column, |v| !v.is_nan());
            Arc::new(Float64Array::new(column.values().clone(), Some(nulls)))
        }
        DataType::Float32 | DataType::Float16 => {
            match arrow_cast::cast(&array, &DataType::Float64) {
                Ok(wider) => without_nan(wider),
                Err(_) => array,
            }
        }
        _ => array,
    }
}

fn present(column: &PrimitiveArray<Float64Type>, keep: impl Fn(f64) -> bool) -> NullBuffer {
    let values = column.values();
    let kept = |row: usize| column.is_valid(row) && keep(values[row]);
    NullBuffer::new(BooleanBuffer::collect_bool(column.len(), kept))
}

/// That no name occurs twice.
fn distinct(batch: RecordBatch) -> Result<RecordBatch, Failure> {
    let mut names: Vec<&str> = Vec::new();
    for field in batch.schema_ref().fields() {
        if names.contains(&field.name().as_str()) {
            return Err(Failure::Data(format!(
                "column `{}` occurs twice in the data; rename one of them",
                field.name()
            )));
        }
        names.push(field.name());
    }
    Ok(batch)
}
