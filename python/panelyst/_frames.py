"""Frames of any library as columns of the engine."""

from __future__ import annotations

import os
import sys
from typing import Any, Iterable, Optional

from . import _panelyst
from ._arrow import Lent
from ._errors import DataError, UsageError

Data = _panelyst.Data


def is_path(data: Any) -> bool:
    """Whether data are the name of a file, or several."""
    if isinstance(data, (str, os.PathLike)):
        return True
    return isinstance(data, (list, tuple)) and bool(data) and all(isinstance(d, (str, os.PathLike)) for d in data)


def _pandas(data: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def _polars(data: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(data, (polars.DataFrame, polars.LazyFrame))


def _pyarrow(data: Any) -> bool:
    pyarrow = sys.modules.get("pyarrow")
    return pyarrow is not None and isinstance(data, (pyarrow.Table, pyarrow.RecordBatch))


def kept(data: Any) -> Any:
    """The frame as it is now, for columns that are asked for later; what a stream gives is read at once."""
    if _pandas(data):
        # Shares the columns; pandas copies a column before it is written to.
        return data.copy(deep=False)
    if is_path(data) or _polars(data) or _pyarrow(data) or isinstance(data, (Data, dict)):
        return data
    return to_data(data, None)[0]


def to_data(data: Any, columns: Optional[Iterable[str]]) -> tuple[Data, list[str]]:
    """Columns (all of them with `None`) and the notes of the reader. Of a frame that lacks one, all names are told."""
    wanted = None if columns is None else list(dict.fromkeys(columns))
    if isinstance(data, Data):
        return data, []
    if is_path(data):
        files = [data] if isinstance(data, (str, os.PathLike)) else list(data)
        return Data.read([os.fspath(file) for file in files], wanted)
    if _pandas(data):
        return _from_pandas(data, wanted), []
    if _polars(data):
        return _from_polars(data, wanted), []
    if _pyarrow(data):
        names = data.schema.names
        if wanted is not None and set(wanted) <= set(names) and len(set(names)) == len(names):
            data = data.select(wanted)
        return Data.from_stream(data), []
    if isinstance(data, dict):
        import pandas

        return _from_pandas(pandas.DataFrame(data), wanted), []
    if hasattr(data, "__arrow_c_stream__"):
        return Data.from_stream(data), []
    for method in ("to_arrow_table", "fetch_arrow_table", "arrow"):
        if hasattr(data, method):
            return to_data(getattr(data, method)(), wanted)
    raise UsageError(
        f"data of type {type(data).__name__} cannot be read: give a frame of pandas, polars, pyarrow or DuckDB, "
        "anything with __arrow_c_stream__, or the path of a file"
    )


def _from_polars(data: Any, wanted: Optional[list[str]]) -> Data:
    import polars

    if isinstance(data, polars.LazyFrame):
        names = data.collect_schema().names()
    else:
        names = data.columns
    if wanted is not None and set(wanted) <= set(names):
        data = data.select(wanted)
    if isinstance(data, polars.LazyFrame):
        data = data.collect()
    return Data.from_stream(data)


def _from_pandas(frame: Any, wanted: Optional[list[str]]) -> Data:
    names = [name if isinstance(name, str) else str(name) for name in frame.columns]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        if wanted is None or twice in wanted:
            raise DataError(f"column `{twice}` occurs twice in the data; rename one of them")
    rows = len(frame)
    place = {name: position for position, name in enumerate(names)}
    lacks = wanted is not None and not set(wanted) <= set(names)
    used = list(dict.fromkeys(names)) if wanted is None or lacks else wanted
    columns = [
        None if lacks and name not in wanted else _column(frame.iloc[:, place[name]], name, strict=wanted is not None)
        for name in used
    ]
    return Data.from_columns(used, columns, rows)


def _column(series: Any, name: str, strict: bool) -> Any:
    """A column as something the engine takes; `strict`: one that cannot be one is an error, not a column without values."""
    try:
        return _converted(series, name)
    except DataError:
        if strict:
            raise
        return None


def _converted(series: Any, name: str) -> Any:
    import numpy
    import pandas

    dtype = series.dtype
    if isinstance(dtype, numpy.dtype):
        kind = dtype.kind
        if kind in "iufb" and dtype.itemsize <= 8:
            # The series is kept alive, so that pandas knows that its values are looked at.
            return Lent(series.to_numpy(), owner=series)
        if kind == "f":
            return Lent(series.to_numpy().astype("f8"))
        if kind == "M":
            return _dates(series)
        if kind == "O":
            return _objects(series, name)
        raise DataError(f"column `{name}` has the type {dtype}, which is neither number, text, truth value nor date")
    if isinstance(dtype, pandas.CategoricalDtype):
        codes = Lent(series.cat.codes.to_numpy())
        categories = series.cat.categories.to_series()
        return (codes, _converted(categories, name))
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return _dates(series.dt.tz_convert("UTC").dt.tz_localize(None))
    array = series.array
    if _is_arrow(dtype) and hasattr(array, "__arrow_array__"):
        chunked = array.__arrow_array__()
        chunks = getattr(chunked, "num_chunks", None)
        if chunks is None:
            return chunked
        return chunked.chunk(0) if chunks == 1 else chunked.combine_chunks()
    if pandas.api.types.is_bool_dtype(dtype) or pandas.api.types.is_numeric_dtype(dtype):
        missing = series.isna().to_numpy()
        if pandas.api.types.is_bool_dtype(dtype):
            values = series.to_numpy(dtype=bool, na_value=False)
        elif pandas.api.types.is_integer_dtype(dtype):
            values = series.to_numpy(dtype="i8", na_value=0)
        else:
            values = series.to_numpy(dtype="f8", na_value=numpy.nan)
        return Lent(values, present=~missing if missing.any() else None)
    if isinstance(dtype, pandas.StringDtype):
        return [None if value is pandas.NA or value != value else str(value) for value in series]
    if isinstance(dtype, pandas.PeriodDtype):
        return [None if pandas.isna(value) else str(value) for value in series]
    raise DataError(f"column `{name}` has the type {dtype}, which is neither number, text, truth value nor date")


def _is_arrow(dtype: Any) -> bool:
    return getattr(dtype, "storage", "") == "pyarrow" or type(dtype).__name__ == "ArrowDtype"


def _dates(series: Any) -> Any:
    import numpy

    values = series.to_numpy()
    unit = numpy.datetime_data(values.dtype)[0]
    format = {"s": b"tss:", "ms": b"tsm:", "us": b"tsu:", "ns": b"tsn:"}[unit]
    missing = numpy.isnat(values)
    return Lent(values.view("i8"), owner=series, present=~missing if missing.any() else None, format=format)


def _objects(series: Any, name: str) -> Any:
    """Python objects: texts, or numbers that lost their type; not both."""
    import pandas

    kind = pandas.api.types.infer_dtype(series, skipna=True)
    if kind == "empty":
        return None
    if kind == "string":
        return [value if isinstance(value, str) else None for value in series]
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return Lent(pandas.to_numeric(series).astype("f8").to_numpy())
    if kind == "boolean":
        missing = series.isna().to_numpy()
        return Lent(series.where(~missing, False).to_numpy().astype(bool), present=~missing if missing.any() else None)
    if kind in ("date", "datetime", "datetime64"):
        return [None if pandas.isna(value) else value.isoformat() for value in series]
    texts = [row for row, value in enumerate(series) if isinstance(value, str)]
    if texts:
        row = texts[0]
        value = series.iloc[row]
        raise DataError(
            f"column `{name}` mixes text and other values: row {row + 1} is {value!r}; "
            "make it numbers (pandas.to_numeric) or text throughout"
        )
    value = next(value for value in series if not pandas.isna(value))
    raise DataError(
        f"column `{name}` holds objects of type {type(value).__name__}, which are neither numbers nor texts"
    )
