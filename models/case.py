"""The inputs of a failing case in one file: what a bench or ``make run`` saves, what replays it.

A case is an ``.npz`` file. Its member ``meta`` is JSON, the others are arrays; docs/cases.md lists
them. Cases are never overwritten: each takes the first free number behind its name, and a failure
that was saved before, equal to the last bit, is not saved again.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer
from models.npz import read_npz
from models.program import Pass

VERSION = 1
#: what a case is: the test of a bench; a job of a test on a top level; a program of ``make run``
KINDS = ("test", "job", "run")
_LAYER_SCALARS = ("stride", "padding", "dilation", "groups", "shift", "relu", "name")
#: JSON types of the keys that every case has
_KEYS = {"kind": str, "message": str, "simulator": str, "seed": int}
_BENCH_KEYS = {"bench": str, "config": str, "test": str}


def as_array(values: Iterable[Any]) -> NDArray[Any]:
    """Values as an array that needs no pickle: 64-bit integers where they fit, else text.

    >>> as_array([1, -2]).dtype, as_array([1 << 63]).dtype, as_array([1 << 70]).tolist()
    (dtype('int64'), dtype('uint64'), ['0x400000000000000000'])
    >>> as_array([(1, 2), (3, 4)]).shape
    (2, 2)
    """
    values = list(values)
    for kind in (np.int64, np.uint64):
        try:
            array = np.array(values, dtype=kind)
        except (OverflowError, ValueError, TypeError):
            continue
        if array.ndim <= 2 and all(_whole(one) for one in values):
            return array
    return np.array([_text(one) for one in values], dtype=str)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return hex(value) if isinstance(value, int) else repr(value)


def _whole(value: Any) -> bool:
    parts = value if isinstance(value, (tuple, list)) else (value,)
    return all(isinstance(part, (int, np.integer)) for part in parts)


def from_text(value: Any) -> Any:
    """A value of :func:`as_array` as it was, as far as it was a number."""
    if isinstance(value, str):
        return int(value, 16) if re.fullmatch(r"-?0x[0-9a-f]+", value) else value
    return int(value)


@dataclass
class Case:
    """A failing case: ``meta`` as JSON has it, ``arrays`` by name."""

    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    # ------------------------------------------------------------ files

    def _bytes(self) -> io.BytesIO:
        buffer = io.BytesIO()
        meta = json.dumps({"case": VERSION, **self.meta}, sort_keys=True)
        np.savez_compressed(buffer, meta=np.array(meta), allow_pickle=False, **self.arrays)
        return buffer

    def write(self, path: Path) -> None:
        """Write over a file that is this case's own."""
        path.write_bytes(self._bytes().getvalue())

    def save(self, folder: Path, stem: str) -> Path:
        """Write ``<folder>/<stem>-<number>.npz``; the path of an equal one if there is one."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^A-Za-z0-9_.=-]+", "_", stem)[:120]
        buffer = self._bytes()
        number = 0
        while True:
            path = folder / f"{stem}-{number}.npz"
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
            except FileExistsError:
                if _same(path, buffer):
                    return path
                number += 1
                continue
            with os.fdopen(handle, "wb") as out:
                out.write(buffer.getvalue())
            return path

    @classmethod
    def load(cls, path: str | Path) -> Case:
        """Read a case; ValueError that names what is wrong with the file."""
        arrays = read_npz(path, needed=("meta",))
        text = arrays.pop("meta")
        try:
            meta = json.loads(str(text))
        except (ValueError, RecursionError):
            raise ValueError(f"meta: found no JSON in {path}, need a saved case") from None
        _check(path, meta)
        return cls(meta, arrays)

    # ------------------------------------------------------------ layers and passes

    def put_layers(self, layers: Sequence[Layer]) -> None:
        """Layers as ``weights<i>``, ``activations<i>``, ``bias<i>``, the rest in ``meta``."""
        scalars = [{n: getattr(one, n) for n in _LAYER_SCALARS} for one in layers]
        self.meta["layers"] = json.loads(json.dumps(scalars))  # as it is read: no tuples
        for index, layer in enumerate(layers):
            for name in ("weights", "activations", "bias"):
                if getattr(layer, name) is not None:
                    self.arrays[f"{name}{index}"] = getattr(layer, name)

    @property
    def layers(self) -> list[Layer]:
        """The layers; of a chain, those behind the first have no activations of their own."""
        found = []
        for index, scalars in enumerate(self.meta.get("layers", ())):
            try:
                acts, bias = (self.arrays.get(f"{n}{index}") for n in ("activations", "bias"))
                weights = self.arrays[f"weights{index}"]
                found.append(Layer(weights, activations=acts, bias=bias, **scalars))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"case: layer {index} is not a layer ({error})") from None
        return found

    def put_passes(self, passes: Sequence[Pass]) -> None:
        """Passes: packets as ``pass<i>/wgt`` and ``pass<i>/act``, the rest in ``meta``."""
        self.meta["passes"] = [
            {
                "cfg": {str(k): int(v) for k, v in one.cfg.items()},
                "out_words": int(one.out_words),
                "tag": list(map(int, one.tag)),
            }
            for one in passes
        ]
        for index, one in enumerate(passes):
            for name in ("wgt", "act"):
                if getattr(one, name) is not None:
                    self.arrays[f"pass{index}/{name}"] = getattr(one, name)

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The passes as they were driven."""
        return tuple(
            Pass(
                cfg={int(k): v for k, v in one["cfg"].items()},
                wgt=self.arrays.get(f"pass{index}/wgt"),
                act=self.arrays.get(f"pass{index}/act"),
                out_words=one["out_words"],
                tag=tuple(one["tag"]),
            )
            for index, one in enumerate(self.meta.get("passes", ()))
        )

    def numbered(self, name: str) -> list[NDArray[Any]]:
        """``<name>0``, ``<name>1``, ... as far as there are."""
        found: list[NDArray[Any]] = []
        while f"{name}{len(found)}" in self.arrays:
            found.append(self.arrays[f"{name}{len(found)}"])
        return found


def _same(path: Path, buffer: io.BytesIO) -> bool:
    """Whether a file holds what is in the buffer; the archives' dates do not count."""
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer) as new:
            return {i.filename: i.CRC for i in old.infolist()} == {
                i.filename: i.CRC for i in new.infolist()
            }
    except (zipfile.BadZipFile, OSError):  # being written by another process
        return False


def _check(path: str | Path, meta: Any) -> None:
    """ValueError unless ``meta`` has what every case has."""
    if not isinstance(meta, dict) or meta.get("case") != VERSION:
        raise ValueError(f"case: {path} is not a case of version {VERSION}")
    if meta.get("kind") not in KINDS:
        raise ValueError(f"kind: found {meta.get('kind')!r}, known: {', '.join(KINDS)}")
    needed = _KEYS | (_BENCH_KEYS if meta["kind"] != "run" else {"design": str})
    for key, kind in needed.items():
        if not isinstance(meta.get(key), kind):
            raise ValueError(f"{key}: found {meta.get(key)!r} in the case, need {kind.__name__}")


def is_case(path: str | Path) -> bool:
    """Whether a file is a saved case (and no plain layer)."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "meta.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return False


def case_layers(path: str | Path) -> list[Layer]:
    """The layers of a saved case, each with inputs: those of a chain get what the model gives.

    Raises ValueError when the case is of a block, which has no layer.
    """
    from models.golden import chain

    case = Case.load(path)
    layers = case.layers
    if not layers:
        raise ValueError(
            f"layer: {path} is a case of bench {case.meta.get('bench')!r} without a layer; "
            f"make replay CASE={path}"
        )
    return [layer for layer, _ in chain(layers, case.meta.get("act_width", 16))]
