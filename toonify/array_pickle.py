"""Reading `.npy` files that hold a pickled dictionary of arrays, and nothing else.

DualStyleGAN publishes its style codes that way. A pickle can name any function of any module and have it called; this
reader knows a handful of names, none of which does more than build an array, and refuses the file at any other.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import NotReadyError
from castoon.words import Words

Arrays = dict[str, npt.NDArray[np.float32]]
MAX_BYTES = 1_000_000_000


class _ArrayType:
    """Stands for `numpy.ndarray` in a pickle; it can be named, not called."""

    def __new__(cls) -> _ArrayType:
        raise pickle.UnpicklingError("arrays may only be rebuilt, not constructed")


def _rebuild(kind: Any, shape: tuple[int, ...], code: Any) -> npt.NDArray[Any]:
    if kind is not _ArrayType or tuple(shape) != (0,):
        raise pickle.UnpicklingError("not the beginning of a plain array")
    return np.empty((0,), dtype=np.uint8)


def _from_buffer(buffer: bytes, kind: Any, shape: tuple[int, ...], order: str, *_: Any) -> npt.NDArray[Any]:
    if order not in {"C", "F"}:
        raise pickle.UnpicklingError(f"array order {order}")
    return np.frombuffer(buffer, dtype=kind).reshape(shape, order="C" if order == "C" else "F")


def _bytes(text: str, encoding: str) -> bytes:
    if encoding not in {"latin1", "latin-1"}:
        raise pickle.UnpicklingError(f"text encoding {encoding}")
    return text.encode("latin1")


_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _rebuild,
    ("numpy._core.multiarray", "_reconstruct"): _rebuild,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("numpy._core.numeric", "_frombuffer"): _from_buffer,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _bytes,
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None


def read_array_dictionary(path: Path) -> Arrays:
    """Name -> float32 array, in the file's order; anything but arrays by name is refused before it is built."""
    if not path.is_file():
        raise NotReadyError(str(path), "the file is not there.", "Run `castoon models pull research`, or put it there.")
    if path.stat().st_size > MAX_BYTES:
        raise NotReadyError(str(path), "it is larger than any file of style codes.", "Get it again from its source.")
    stream = io.BytesIO(path.read_bytes())
    try:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = header(stream)
        if kind != np.dtype(object) or shape != ():
            raise ValueError(f"an array {shape} of {kind} instead of a dictionary")
        held = _ArraysOnly(stream).load()
        content = held.item() if isinstance(held, np.ndarray) else held
        if not isinstance(content, dict):
            raise ValueError(f"a {type(content).__name__} instead of a dictionary")
        return {_name(name): _array(name, value) for name, value in content.items()}
    except pickle.UnpicklingError as error:
        raise NotReadyError(
            str(path),
            Words("it holds more than arrays ({why}) and was not opened.", why=error),
            "Get the official file of style codes.",
        ) from error
    except (ValueError, TypeError, EOFError, AttributeError, IndexError, KeyError, MemoryError, OverflowError) as error:
        raise NotReadyError(
            str(path),
            Words("it is damaged or not a dictionary of arrays ({why}).", why=error),
            "Get it again from its source.",
        ) from error


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise ValueError(f"a name that is a {type(name).__name__}")
    return name


def _array(name: str, value: Any) -> npt.NDArray[np.float32]:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise ValueError(f"`{name}` is no array of numbers")
    return np.ascontiguousarray(value, dtype=np.float32)
