"""Tensors of a PyTorch state dict, without PyTorch and without running its pickle.

``torch.save`` writes a zip file: ``data.pkl``, a pickle of the dictionaries, and the numbers of
each storage in a member of its own. A pickle is a program; here one is taken that calls nothing but
what makes tensors and ordered dictionaries (``_CALLS``), and its opcodes are looked at before it
runs (``_OPCODES``): no import of anything else, no object's ``__setstate__``, no size that is not
in the file.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.errors import FileError, Tensors, check_size
from models.npz import shown

#: Storage class -> type of its numbers; BFloat16 are the upper halves of float32.
_STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": "<u2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}
#: Bytes of ``data.pkl``: names and shapes of a hundred thousand tensors.
_MOST_PICKLE = 1 << 26
#: What a state dict is written with; a memo index is checked against the length besides.
_OPCODES = """
PROTO FRAME STOP MARK EMPTY_DICT EMPTY_TUPLE EMPTY_LIST TUPLE TUPLE1 TUPLE2 TUPLE3
SETITEM SETITEMS APPEND APPENDS BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET
BINUNICODE SHORT_BINUNICODE BINUNICODE8 SHORT_BINSTRING BINSTRING BININT BININT1 BININT2
LONG1 BINFLOAT NEWTRUE NEWFALSE NONE GLOBAL STACK_GLOBAL REDUCE BUILD BINPERSID POP
POP_MARK
"""
_MOST_DEEP = 8


@dataclass(frozen=True)
class _Storage:
    """Numbers in a member of the archive."""

    kind: str
    key: str


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage: offset, shape and stride in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class _Ordered(OrderedDict[Any, Any]):
    """An ordered dictionary whose attributes (``_metadata``) are left out."""

    def __setstate__(self, state: Any) -> None:
        pass


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, *rest: Any) -> _Tensor:
    good = (
        isinstance(storage, _Storage)
        and type(offset) is int
        and all(isinstance(one, tuple) and len(one) < 32 for one in (shape, stride))
        and all(type(one) is int for one in (*shape, *stride))
        and len(shape) == len(stride)
    )
    if not good:
        raise pickle.UnpicklingError("a tensor that is not one")
    return _Tensor(storage, offset, shape, stride)


def _parameter(data: Any, *rest: Any) -> Any:
    return data


def _ordered(*items: Any) -> _Ordered:
    return _Ordered(*items)


_CALLS = {
    ("collections", "OrderedDict"): _ordered,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
}


class _StateDict(pickle.Unpickler):
    """Makes tensors and ordered dictionaries, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the calls, or the name of a storage's class."""
        if module in ("torch", "torch.storage") and name in _STORAGES:
            return name
        if (module, name) not in _CALLS:
            raise FileError(
                f"file: found a call of {shown(f'{module}.{name}')}, need a state dict: tensors "
                "in dictionaries, nothing that runs (torch.save(model.state_dict(), ...))"
            )
        return _CALLS[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        """A storage by the key of its member."""
        if not isinstance(pid, tuple) or len(pid) != 5 or pid[0] != "storage":
            raise pickle.UnpicklingError("a persistent id that is no storage")
        _, kind, key, _, _ = pid
        if kind not in _STORAGES or not isinstance(key, str):
            raise pickle.UnpicklingError("a storage that is not known")
        return _Storage(kind, key)


def _check_opcodes(data: bytes) -> None:
    """Refuse what no state dict is written with, before anything runs."""
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name not in _OPCODES.split():
            raise FileError(f"file: found opcode {opcode.name} in data.pkl, need a state dict")
        if opcode.name.endswith("PUT") and (argument or 0) > len(data):
            raise FileError("file: found a memo beyond the length of data.pkl: damaged")


def state_dict(path: Path) -> Tensors:
    """Name -> (shape, reader) of every tensor; nested dictionaries by names with dots.

    Raises FileError, and whatever damage makes ``zipfile`` and ``pickle`` raise.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start != b"PK\x03\x04":
        raise FileError(
            f"file: {shown(str(path), 200)} is no zip file: PyTorch from before 1.6 or no PyTorch, "
            "need torch.save of today"
        )
    with zipfile.ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
        check_size("file", (sum(sizes.values()),), 1)
        found = [name for name in sizes if name.endswith("/data.pkl")]
        if len(found) != 1:
            raise FileError(
                f"file: found {len(found)} members data.pkl, need one as torch.save writes it"
            )
        if sizes[found[0]] > _MOST_PICKLE:
            raise FileError(f"data.pkl: found {sizes[found[0]]:,} bytes, need {_MOST_PICKLE:,}")
        data = archive.read(found[0])
        folder = found[0].removesuffix("data.pkl")
        order = archive.read(f"{folder}byteorder") if f"{folder}byteorder" in sizes else b"little"
    if order.strip() not in (b"little", b"big"):
        raise FileError(f"byteorder: found {shown(repr(order))}, need little or big")
    _check_opcodes(data)
    tree = _StateDict(io.BytesIO(data), encoding="utf-8").load()
    tensors = dict(_flat(tree, "", 0))
    return {
        name: (one.shape, partial(_read, path, folder, name, one, order.strip() == b"big"))
        for name, one in tensors.items()
    }


def _flat(tree: Any, name: str, depth: int) -> list[tuple[str, _Tensor]]:
    """Every tensor of nested dictionaries by its name."""
    if isinstance(tree, _Tensor):
        return [(name, tree)]
    if not isinstance(tree, Mapping) or depth > _MOST_DEEP:
        return []
    found = []
    for key, inside in tree.items():
        if isinstance(key, str):
            found += _flat(inside, f"{name}.{key}" if name else key, depth + 1)
    return found


def _read(path: Path, folder: str, name: str, one: _Tensor, big: bool) -> NDArray[Any]:
    """The numbers of a tensor: every element of its view lies in its storage."""
    kind = np.dtype(_STORAGES[one.storage.kind])
    check_size(shown(name), one.shape, kind.itemsize)
    if one.offset < 0 or any(step < 0 for step in one.stride):
        raise FileError(f"{shown(name)}: found offset {one.offset}, stride {one.stride}: damaged")
    with zipfile.ZipFile(path) as archive:
        data = archive.read(f"{folder}data/{one.storage.key}")
    empty = 0 in one.shape
    last = one.offset + sum(
        (length - 1) * step for length, step in zip(one.shape, one.stride, strict=True)
    )
    if not empty and (last + 1) * kind.itemsize > len(data):
        raise FileError(
            f"{shown(name)}: found {len(data):,} bytes of numbers, need "
            f"{(last + 1) * kind.itemsize:,} for shape {shown(str(one.shape))}: damaged"
        )
    if empty:
        return np.zeros(one.shape, kind)
    stored = np.frombuffer(data[: len(data) // kind.itemsize * kind.itemsize], kind)
    if big:
        stored = stored.byteswap()
    strides = tuple(step * kind.itemsize for step in one.stride)
    view = np.lib.stride_tricks.as_strided(stored[one.offset :], one.shape, strides).copy()
    if one.storage.kind == "BFloat16Storage":
        return (view.astype(np.uint32) << 16).view(np.float32)
    return view
