"""Quantized layers of a user's file: zero points and scales to ``models.quantized.Quantized``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fixed import fits
from models.layer import Layer
from models.quantized import Quantized, RealScale

#: What a quantized layer has beside the others; ``scale`` makes it one.
QUANTIZED_KEYS = {
    "scale": "real numbers above 0, one or [K]: input scale * weight scale / output scale",
    "input_zero": "one integer (optional)",
    "weight_zero": "one integer or [K] (optional)",
    "output_zero": "one integer of the type of the outputs, uint8 or int8 (optional: int8 0)",
}
#: Bits of weights and activations as they are stored.
_STORED = 8
_OUTPUTS = ("uint8", "int8")
_BIAS = 32


def quantized_of(
    arrays: Mapping[str, NDArray[Any]], name: str, geometry: Mapping[str, Any]
) -> Quantized:
    """The quantized layer of arrays by key, those of a plain layer checked before.

    Weights, activations and bias are integers as they are stored; ``relu`` (default off) clips at
    the zero point of the outputs. Raises ValueError that names the key, what was found and what is
    needed.
    """
    filters = len(arrays["weights"])
    if "scale" not in arrays:
        key = next(one for one in QUANTIZED_KEYS if one in arrays)
        raise ValueError(f"scale: found none beside {key}, need {QUANTIZED_KEYS['scale']}")
    if "shift" in arrays:
        raise ValueError("shift: found one beside scale, need one of them")
    for key in ("weights", "activations"):
        _stored(key, arrays[key])
    bias = arrays.get("bias", np.zeros(filters, dtype=np.int64))
    if bias.dtype.kind not in "iu" or not fits(bias, _BIAS):
        raise ValueError(f"bias: found {bias.dtype} beside scale, need integers of {_BIAS} bits")
    zero = arrays.get("output_zero", np.int8(0))
    if zero.size != 1 or zero.dtype.name not in _OUTPUTS:
        raise _fail("output_zero", f"{zero.dtype} of shape {list(zero.shape)}")
    limits, low = np.iinfo(zero.dtype), int(zero.reshape(-1)[0])
    rectified = bool(arrays.get("relu", np.array(0)).reshape(-1)[0])
    requant = RealScale(
        _scale(arrays["scale"], filters), low, low if rectified else int(limits.min), limits.max
    )
    layer = Layer(
        arrays["weights"].astype(np.int64),
        arrays["activations"].astype(np.int64),
        bias=bias.astype(np.int64),
        name=name,
        **geometry,
    )
    return Quantized.of(
        layer,
        requant,
        int(_integers(arrays, "input_zero", 1)[0]),
        np.resize(_integers(arrays, "weight_zero", filters), filters),
    )


def _fail(key: str, found: str) -> ValueError:
    return ValueError(f"{key}: found {found}, need {QUANTIZED_KEYS[key]}")


def _stored(key: str, array: NDArray[Any]) -> None:
    """ValueError unless the numbers are integers of 8 bits, with or without a sign."""
    whole = array.dtype.kind in "iu"
    low, high = (int(array.min()), int(array.max())) if whole else (0, 0)
    if not (whole and low >= -128 and high <= 255 and high - low <= 255):
        found = array.dtype if array.dtype.kind == "f" else f"integers {low}..{high}"
        raise ValueError(f"{key}: found {found} beside scale, need integers of {_STORED} bits")


def _integers(arrays: Mapping[str, NDArray[Any]], key: str, most: int) -> NDArray[np.int64]:
    """Zero points as int64, one or ``most``."""
    array = arrays.get(key, np.zeros(1, dtype=np.int64))
    if array.dtype.kind not in "iu" or array.size not in (1, most):
        raise _fail(key, f"{array.dtype} of shape {list(array.shape)}")
    if array.min() < -128 or array.max() > 255:
        raise _fail(key, f"{array.min()}..{array.max()}")
    return array.astype(np.int64).reshape(-1)


def _scale(array: NDArray[Any], filters: int) -> NDArray[np.float32]:
    """Scales as float32 [K]."""
    if array.dtype.kind != "f" or array.size not in (1, filters):
        raise _fail("scale", f"{array.dtype} of shape {list(array.shape)}")
    single = array.astype(np.float32).reshape(-1)
    if not (np.isfinite(single).all() and (single > 0).all()):
        raise _fail("scale", f"{array.min():g}..{array.max():g}")
    return np.resize(single, filters)
