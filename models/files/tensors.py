"""Tensors of a ``.safetensors`` file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, Tensors
from models.npz import shown

#: Types that numpy or ml_dtypes have under another name than the file.
_TYPES = {"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "BF16": "bfloat16"}
_KNOWN = (
    "F64",
    "F32",
    "F16",
    "I64",
    "I32",
    "I16",
    "I8",
    "U64",
    "U32",
    "U16",
    "U8",
    "BOOL",
    *_TYPES,
)


def safetensors(path: Path) -> Tensors:
    """Name -> (shape, reader) of every tensor; nothing is read before it is asked for.

    Raises whatever the library does on a damaged file, and ImportError where it is not there.
    """
    from safetensors import safe_open

    with safe_open(str(path), framework="numpy") as file:
        names = list(file.keys())
        slices = {name: file.get_slice(name) for name in names}
        return {
            name: (tuple(one.get_shape()), partial(_read, path, name, one.get_dtype()))
            for name, one in slices.items()
        }


def _read(path: Path, name: str, kind: str) -> NDArray[Any]:
    import ml_dtypes  # registers bfloat16 and the 8-bit floats with numpy
    from safetensors import safe_open

    if kind not in _KNOWN:
        raise FileError(f"{shown(name)}: found type {shown(kind)}, need {', '.join(_KNOWN)}")
    if kind.startswith("F8"):  # the library reads them as an attribute of numpy, which has none
        from safetensors import deserialize

        stored: Any = dict(deserialize(path.read_bytes()))[name]  # type: ignore[no-untyped-call]
        return np.frombuffer(stored["data"], getattr(ml_dtypes, _TYPES[kind])).reshape(
            stored["shape"]
        )
    with safe_open(str(path), framework="numpy") as file:
        return np.asarray(file.get_tensor(name))
