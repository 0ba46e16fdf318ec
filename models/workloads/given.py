"""What a layer is given: its file, and for weights alone a second file or numbers drawn here."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError
from models.files.read import Arrays, read_layer
from models.npz import read_npz, shown

#: Height and width of activations that are drawn for a convolution.
SIDE = 14
#: Largest integer drawn.
_PEAK = 127
_NPY = ".npy"


def read_inputs(path: str | Path, known: Collection[str] | None = None) -> Arrays:
    """Arrays by key of an ``.npz`` file, or of an ``.npy`` file as ``activations``.

    Raises NpzError or FileError, both ValueError, in one line.
    """
    path = Path(path)
    if path.suffix != _NPY:
        return read_npz(path, known)
    try:
        array = np.load(path, allow_pickle=False, mmap_mode="r")
        return {"activations": np.array(array)}
    except Exception as error:  # as in ``models.npz``: damaged bytes decide what is raised
        name, reason = shown(str(path), 200), shown(f"{type(error).__name__}: {error}", 120)
        raise FileError(f"file: {name} is no .npy file, or damaged ({reason})") from None


def layer_arrays(
    text: str | Path, known: Collection[str], inputs: str | Path | None = None, seed: int = 1
) -> tuple[Arrays, str, list[str]]:
    """(arrays by key, name of the layer, notes): ``weights`` and ``activations`` are among them.

    text     a file of ``models.files.read.read_layer``
    inputs   file of what else the layer has (``activations``, geometry, bias), which wins
    seed     of activations that are in none of the two

    Raises ValueError, in one line.
    """
    needed = ("weights", "activations") if inputs is None else ("weights",)
    arrays, source = read_layer(text, known, needed)
    if inputs is not None:
        arrays |= read_inputs(inputs, [key for key in known if key != "weights"])
    notes = []
    if "activations" not in arrays:
        arrays["activations"] = drawn(arrays["weights"], seed, _groups(arrays))
        notes.append(
            f"activations: none given, so drawn (seed {seed}), half of them zero, shape "
            f"{list(arrays['activations'].shape)}; INPUT=file.npz gives yours"
        )
    return arrays, source.name, notes


def _groups(arrays: Arrays) -> int:
    """Groups of a layer; 1 where they are no such number, which is refused where it is read."""
    found = arrays.get("groups", np.array(1))
    good = found.size == 1 and found.dtype.kind in "iu" and 1 <= found.item() <= 1 << 16
    return int(found.item()) if good else 1


def drawn(weights: NDArray[Any], seed: int, groups: int = 1) -> NDArray[Any]:
    """Activations [C], [C, W] or [C, H, W] for ``weights``, of their kind, about half zero.

    >>> drawn(np.ones((8, 4)), 1).shape, drawn(np.ones((8, 4, 3, 3), int), 1).shape
    ((4,), (4, 14, 14))
    """
    if weights.ndim < 2:
        return np.zeros(0)
    draw = np.random.default_rng(seed)
    size = (weights.shape[1] * groups, *(max(SIDE, side) for side in weights.shape[2:]))
    values = np.maximum(draw.normal(size=size), 0)
    if weights.dtype.kind == "f":
        return values
    return np.minimum(np.rint(values * (_PEAK / 4)), _PEAK).astype(np.int64)
