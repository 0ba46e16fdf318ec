"""Arrays of a layer from any file that is known: one door, one kind of error.

The readers are libraries (scipy, safetensors), needed only where such a file is given. Whatever a
damaged file makes them raise, the error is ``FileError``, in one line.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, Tensors, check_size, reading
from models.files.source import NAMED, Source
from models.npz import read_npz, shown

Arrays = dict[str, NDArray[Any]]
#: Tensors named in a message.
_SHOWN = 8


def read_layer(
    text: str | Path, known: Collection[str], needed: Collection[str] = ()
) -> tuple[Arrays, Source]:
    """(arrays by key, where they are from) of a layer's file.

    text     a file, or ``file:tensor`` where a file holds tensors by name
    known    keys that an ``.npz`` file may have; needed: that it must have. Other files hold
             ``weights`` alone, and a ``bias`` beside them where its name says so
    Raises FileError or NpzError, both ValueError, in one line.
    """
    source = Source.of(text)
    if source.tensor and source.kind not in NAMED:
        raise FileError(
            f"tensor: found {shown(source.tensor)!r} behind {shown(str(source.path), 200)}, need "
            f"the file alone: only {' and '.join(NAMED)} files have tensors by name"
        )
    if source.path.exists() and not source.path.is_file():
        raise FileError(f"file: found a folder or device at {shown(str(source.path), 200)}")
    if source.kind == "Matrix Market":
        from models.files.market import read_market

        return {"weights": read_market(source.path)}, source
    if source.kind == "safetensors":
        from models.files.tensors import safetensors

        with reading(source.path, source.kind):
            return _chosen(safetensors(source.path), source)
    if source.kind == "PyTorch":
        from models.files.torch import state_dict

        with reading(source.path, source.kind):
            return _chosen(state_dict(source.path), source)
    from models.files.sparse import is_sparse, read_sparse

    if is_sparse(source.path):
        return {"weights": read_sparse(source.path)}, source
    return read_npz(source.path, known, needed), source


def _chosen(tensors: Tensors, source: Source) -> tuple[Arrays, Source]:
    """The tensor that is named, or the only one that can be weights, and the bias beside it."""
    name, where = source.tensor, shown(str(source.path), 200)
    able = [one for one, (shape, _) in tensors.items() if len(shape) >= 2]
    if not name:
        if len(able) != 1:
            raise FileError(
                f"tensor: found {len(able)} that can be weights in {where} ({_names(able)}), need "
                f"one by name: {source.path.name}:TENSOR"
            )
        source = Source(source.path, able[0])
        name = source.tensor
    if name not in tensors:
        raise FileError(f"tensor: found {shown(name)!r}, {where} has {_names(list(tensors))}")
    shape, read = tensors[name]
    check_size(shown(name), shape)
    arrays = {"weights": read()}
    beside = name.removesuffix(".weight") + ".bias"
    if name.endswith(".weight") and beside in tensors and tensors[beside][0] == shape[:1]:
        arrays["bias"] = tensors[beside][1]()
    return {key: plain(array) for key, array in arrays.items()}, source


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(shown(one) for one in names[:_SHOWN]) or "none") + more


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers of types that numpy does not have itself (bfloat16, 8-bit floats) as float32."""
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)
