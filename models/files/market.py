"""Matrix Market files (Boisvert, Pozo, Remington, NISTIR 5935), sparse and dense.

``scipy.io.mmread`` ends the process on some damaged files, so numpy's reader of text takes the
numbers here, and everything that it gives is checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, check_size, reading
from models.npz import shown

_BANNER = "%%matrixmarket"
_LAYOUTS = ("coordinate", "array")
_FIELDS = ("real", "integer", "pattern")
_SYMMETRIES = ("general", "symmetric", "skew-symmetric")
#: Letters of the shortest entry: a coordinate, an array.
_ENTRY = {"coordinate": len("1 1\n"), "array": len("1\n")}
_DIGITS = 18  # of a size


def read_market(path: Path) -> NDArray[Any]:
    """Weights [K, C] of a Matrix Market file; int64 of integers, float64 otherwise.

    Raises FileError.
    """
    with reading(path, "Matrix Market"), path.open(encoding="ascii", errors="replace") as file:
        layout, field, symmetry = _head(file.readline())
        sizes = _sizes(file, layout)
        check_size("size", sizes[:2])
        _check_promise(layout, symmetry, sizes, path.stat().st_size)
        kind = np.float64 if field == "real" else np.int64
        if layout == "array":
            return _array(file, sizes, kind, symmetry)
        return _coordinates(file, sizes, kind, field, symmetry)


def _head(line: str) -> tuple[str, str, str]:
    """Layout, field and symmetry of the first line."""
    words = line.lower().split()
    if len(words) != 5 or words[0] != _BANNER or words[1] != "matrix":
        raise FileError(
            f"header: found {shown(line.strip())!r}, need '%%MatrixMarket matrix ...': no Matrix "
            "Market file, or damaged"
        )
    names, known = ("layout", "field", "symmetry"), (_LAYOUTS, _FIELDS, _SYMMETRIES)
    for name, word, allowed in zip(names, words[2:], known, strict=True):
        if word not in allowed:
            raise FileError(f"{name}: found {shown(word)!r}, need {', '.join(allowed)}")
    if words[2] == "array" and words[3] == "pattern":
        raise FileError("field: found 'pattern' of an array, need real or integer")
    return words[2], words[3], words[4]


def _sizes(file: TextIO, layout: str) -> tuple[int, ...]:
    """Rows, columns and, of coordinates, entries: the first line that is no comment."""
    line = ""
    for line in file:
        if line.strip() and not line.startswith("%"):
            break
    words = line.split()
    need = 3 if layout == "coordinate" else 2
    if len(words) != need or not all(w.isdecimal() and len(w) <= _DIGITS for w in words):
        raise FileError(f"size: found {shown(line.strip())!r}, need {need} integers")
    return tuple(int(word) for word in words)


def _check_promise(layout: str, symmetry: str, sizes: tuple[int, ...], size: int) -> None:
    """What the size line promises must be in the file."""
    if symmetry != "general" and sizes[0] != sizes[1]:
        raise FileError(f"size: found {sizes[0]} x {sizes[1]}, need as many rows as columns")
    entries = sizes[2] if layout == "coordinate" else _stored(sizes[0], sizes[1], symmetry)
    least = _ENTRY[layout]
    if entries * least > size:
        raise FileError(
            f"entries: found {entries:,} promised in {size:,} bytes, need {least} for each: cut "
            "off or damaged"
        )


def _stored(rows: int, cols: int, symmetry: str) -> int:
    """Numbers of an array that are in the file."""
    if symmetry == "general":
        return rows * cols
    return rows * (rows + 1) // 2 if symmetry == "symmetric" else rows * (rows - 1) // 2


def _numbers(file: TextIO, columns: int, kind: Any) -> NDArray[Any]:
    """What is left of the file, [lines, columns]."""
    text = [line for line in file if line.strip() and not line.startswith("%")]
    if not text:
        return np.zeros((0, columns), kind)
    found = np.loadtxt(text, dtype=kind, ndmin=2, comments=None)
    if found.shape[1] != columns:
        raise FileError(f"entries: found {found.shape[1]} numbers in a line, need {columns}")
    return found


def _array(file: TextIO, sizes: tuple[int, ...], kind: Any, symmetry: str) -> NDArray[Any]:
    """Columns one behind the other; of a symmetric one what is on and below the diagonal."""
    rows, cols = sizes
    values = _numbers(file, 1, kind)[:, 0]
    if values.size != _stored(rows, cols, symmetry):
        raise FileError(
            f"entries: found {values.size:,}, need {_stored(rows, cols, symmetry):,}: cut off or "
            "damaged"
        )
    if symmetry == "general":
        return values.reshape(cols, rows).T
    at = np.triu_indices(rows, int(symmetry != "symmetric"))  # of the transposed matrix
    made = np.zeros((rows, cols), kind)
    made[at] = values
    return made.T + (-1 if symmetry == "skew-symmetric" else 1) * np.triu(made, 1)


def _coordinates(
    file: TextIO, sizes: tuple[int, ...], kind: Any, field: str, symmetry: str
) -> NDArray[Any]:
    """Lines ``row column [value]``, counted from 1; what is there twice is added up."""
    rows, cols, entries = sizes
    found = _numbers(file, 2 if field == "pattern" else 3, kind)
    if len(found) != entries:
        raise FileError(f"entries: found {len(found):,}, need {entries:,}: cut off or damaged")
    places = found[:, :2]
    if not (np.isfinite(places).all() and (places == np.rint(places)).all()):
        raise FileError("entries: found rows or columns that are no integers")
    if len(places) and (places.min() < 1 or (places > [rows, cols]).any()):
        raise FileError(f"entries: found one outside of {rows} x {cols}, counted from 1")
    row, col = places.astype(np.int64).T - 1
    values = np.ones(entries, kind) if field == "pattern" else found[:, 2]
    made = np.zeros((rows, cols), kind)
    np.add.at(made, (row, col), values)
    if symmetry != "general":
        off = row != col
        sign = -1 if symmetry == "skew-symmetric" else 1
        np.add.at(made, (col[off], row[off]), sign * values[off])
    return made
