"""Good files of every kind that a layer can come from, made by their libraries or by layout."""

from __future__ import annotations

import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from types import ModuleType
from typing import Any

import numpy as np
from scipy import sparse
from scipy.io import mmwrite

DRAW = np.random.default_rng(5)
#: [6, 5], a third of it not zero.
MATRIX = DRAW.integers(-9, 10, (6, 5)) * (DRAW.random((6, 5)) < 0.4)
FLOATS = DRAW.normal(size=(4, 3, 3, 3)).astype(np.float32)
BIAS = np.array([1, -2, 3, 4], np.float32)


def scipy_npz(kind: str = "csr", compressed: bool = True) -> bytes:
    """What ``scipy.sparse.save_npz`` writes of ``MATRIX``."""
    file = io.BytesIO()
    sparse.save_npz(file, getattr(sparse, f"{kind}_array")(MATRIX), compressed)
    return file.getvalue()


def market(dense: bool = False, field: str | None = None) -> bytes:
    """A Matrix Market file of ``MATRIX``."""
    file = io.BytesIO()
    mmwrite(file, MATRIX if dense else sparse.coo_array(MATRIX), field=field)
    return file.getvalue()


def safetensors() -> bytes:
    """Two tensors and a bias."""
    from safetensors.numpy import save

    return save({"conv.weight": FLOATS, "conv.bias": BIAS, "fc": MATRIX.astype(np.int8)})


class _Module(ModuleType):
    """A module whose functions and classes a pickle names, and nothing runs."""


def _put(module: str, name: str, value: Any) -> Any:
    made = sys.modules.setdefault(module, _Module(module))
    value.__module__, value.__qualname__, value.__name__ = module, name, name
    setattr(made, name, value)
    return value


class _Pickler(pickle.Pickler):
    """Writes storages as persistent ids, as ``torch.save`` does."""

    def persistent_id(self, obj: Any) -> Any:
        return obj.pid if isinstance(obj, _Stored) else None


class _Stored:
    def __init__(self, kind: Any, key: str, size: int) -> None:
        self.pid = ("storage", kind, key, "cpu", size)


class _Rebuilt:
    """Pickles as a call of ``torch._utils._rebuild_tensor_v2``."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


def _torch_names() -> dict[str, Any]:
    def rebuild(*arguments: Any) -> None: ...

    _put("torch._utils", "_rebuild_tensor_v2", rebuild)
    names = ("FloatStorage", "CharStorage", "BFloat16Storage")
    return {name: _put("torch", name, type(name, (), {})) for name in names}


def torch_parts(extra: dict[str, Any] | None = None) -> dict[str, bytes]:
    """Members of a state dict: a convolution, a transposed view, a bfloat16 tensor."""
    before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    try:
        kinds = _torch_names()

        def tensor(kind: str, key: str, shape: tuple[int, ...], stride: tuple[int, ...]) -> Any:
            size = int(np.prod(shape))
            stored = _Stored(kinds[kind], key, size)
            return _Rebuilt(stored, 0, shape, stride, False, OrderedDict())

        state = OrderedDict(
            {
                "conv.weight": tensor("FloatStorage", "0", (4, 3, 3, 3), (27, 9, 3, 1)),
                "conv.bias": tensor("FloatStorage", "1", (4,), (1,)),
                "turned": tensor("CharStorage", "2", (5, 6), (1, 5)),
                "half": tensor("BFloat16Storage", "3", (2, 2), (2, 1)),
                **(extra or {}),
            }
        )
        file = io.BytesIO()
        _Pickler(file, protocol=2).dump({"state_dict": state, "epoch": 3})
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
    half = (np.array([1, 2, -3, 0.5], np.float32).view(np.uint32) >> 16).astype("<u2")
    return {
        "net/data.pkl": file.getvalue(),
        "net/byteorder": b"little",
        "net/data/0": FLOATS.tobytes(),
        "net/data/1": BIAS.tobytes(),
        "net/data/2": MATRIX.astype(np.int8).tobytes(),
        "net/data/3": half.tobytes(),
        "net/version": b"3\n",
    }


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip file of members, stored."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()
