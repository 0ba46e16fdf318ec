"""Sparse matrices as ``scipy.sparse.save_npz`` writes them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, check_size, reading
from models.npz import read_npz, shown

#: Format -> arrays that it has beside ``data``.
_PARTS = {
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
    "dia": ("offsets",),
}
_PLAIN = ("format", "shape", "data", "_is_array")
_ALL = (*_PLAIN, "indices", "indptr", "row", "col", "offsets")


def is_sparse(path: Path) -> bool:
    """Whether an ``.npz`` file is a sparse matrix; what is no such file is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {"format.npy", "shape.npy", "data.npy"} <= set(archive.namelist())
    except Exception:  # damaged: the reader of .npz files says how
        return False


def read_sparse(path: Path) -> NDArray[Any]:
    """Weights [K, C] of a file of ``scipy.sparse.save_npz``. Raises FileError."""
    arrays = read_npz(path, _ALL, ("format", "shape", "data"))
    kind = arrays["format"]
    text = kind.item() if kind.size == 1 else kind.tolist()
    name = text.decode("latin1") if isinstance(text, bytes) else str(text)
    if name not in _PARTS:
        raise FileError(f"format: found {shown(name)!r}, need {', '.join(_PARTS)}")
    missing = [key for key in _PARTS[name] if key not in arrays]
    if missing:
        raise FileError(f"{missing[0]}: found no such key, which format {name} has")
    shape = tuple(arrays["shape"].ravel().tolist())
    if len(shape) != 2 or not all(type(length) is int for length in shape):
        raise FileError(f"shape: found {shown(str(shape))}, need two integers")
    check_size("shape", shape)
    for key in _PARTS[name]:
        if arrays[key].dtype.kind not in "iu" or arrays[key].ndim != 1:
            raise FileError(f"{key}: found {arrays[key].dtype} {arrays[key].shape}, need integers")
    _check_numbers("data", arrays["data"])
    with reading(path, "scipy sparse"):
        return _dense(name, arrays, shape)


def _dense(name: str, arrays: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> NDArray[Any]:
    from scipy import sparse

    data = arrays["data"]
    if data.dtype == np.float16:  # which scipy adds up in none of its formats
        data = data.astype(np.float32)
    if name == "coo":
        matrix = sparse.coo_array((data, (arrays["row"], arrays["col"])), shape=shape)
    elif name == "dia":
        matrix = sparse.dia_array((data, arrays["offsets"]), shape=shape)
    else:
        kind = getattr(sparse, f"{name}_array")
        matrix = kind((data, arrays["indices"], arrays["indptr"]), shape=shape)
        matrix.check_format(full_check=True)
    return np.asarray(matrix.toarray())


def _check_numbers(key: str, array: NDArray[Any]) -> None:
    if array.dtype.kind not in "biuf":
        raise FileError(f"{key}: found dtype {array.dtype}, need integers or floats")
