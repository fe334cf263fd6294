"""Numpy arrays through the Arrow C data interface, without a copy and without pyarrow.

The structures are those of https://arrow.apache.org/docs/format/CDataInterface.html; the capsules those of
https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html.
"""

from __future__ import annotations

import ctypes
import itertools
from typing import Any

_ALIVE: dict[int, tuple] = {}
_KEYS = itertools.count(1)


class _Schema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.c_void_p),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


@ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
def _release_schema(schema):
    schema.contents.release = None


@ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
def _release_array(array, alive=_ALIVE):
    # Whoever took the array over is done with it: its owner may go.
    alive.pop(array.contents.private_data, None)
    array.contents.release = None


_RELEASE_SCHEMA = ctypes.cast(_release_schema, ctypes.c_void_p).value
_RELEASE_ARRAY = ctypes.cast(_release_array, ctypes.c_void_p).value

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)

# Numpy's kind and size to Arrow's format.
_FORMATS = {
    "i1": b"c",
    "i2": b"s",
    "i4": b"i",
    "i8": b"l",
    "u1": b"C",
    "u2": b"S",
    "u4": b"I",
    "u8": b"L",
    "f2": b"e",
    "f4": b"f",
    "f8": b"g",
}


class Lent:
    """A numpy array that Arrow may look at. `owner` is kept alive with it; `present` are the values that are not missing."""

    def __init__(self, values: Any, owner: Any = None, present: Any = None, format: bytes | None = None):
        import numpy

        if format is None:
            if values.dtype.kind == "b":
                # Arrow has eight truth values in a byte.
                self.length, format = len(values), b"b"
                values = numpy.packbits(values, bitorder="little")
            else:
                format = _FORMATS[f"{values.dtype.kind}{values.dtype.itemsize}"]
                self.length = len(values)
        else:
            self.length = len(values)
        native = values.dtype.newbyteorder("=")
        values = numpy.require(values, dtype=native, requirements=["C", "A"])
        bits = None if present is None else numpy.packbits(present, bitorder="little")
        self.values, self.bits, self.owner, self.format = values, bits, owner, format

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        schema = _Schema(format=self.format, name=b"", flags=2, release=_RELEASE_SCHEMA)
        buffers = (ctypes.c_void_p * 2)()
        buffers[0] = None if self.bits is None else self.bits.ctypes.data
        buffers[1] = self.values.ctypes.data
        key = next(_KEYS)
        array = _Array(
            length=self.length,
            null_count=0 if self.bits is None else -1,
            n_buffers=2,
            buffers=ctypes.addressof(buffers),
            release=_RELEASE_ARRAY,
            private_data=key,
        )
        _ALIVE[key] = (array, buffers, self.values, self.bits, self.owner)
        self._schema = schema
        return (
            _new_capsule(ctypes.addressof(schema), b"arrow_schema", None),
            _new_capsule(ctypes.addressof(array), b"arrow_array", None),
        )
