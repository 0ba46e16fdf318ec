"""Bring your own layer: an ``.npz`` file to a ``Layer``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.golden import accumulate
from models.layer import Layer
from models.npz import read_npz
from models.pruning import prune, prune_outputs
from models.quantization import quantize_fixed, quantize_weights

_KEYS = {
    "weights": "numbers [K, C] or [K, C, R, S]",
    "activations": "numbers [C], [C, H, W] or a batch of them [B, C], [B, C, H, W]",
    "bias": "numbers [K] (optional)",
    "stride": "one integer from 1 (optional)",
    "padding": "one integer from 0, less than the filter (optional)",
    "shift": "one integer 0..61 (optional, only with integer weights and activations)",
    "relu": "0 or 1 (optional)",
}
_NDIM = {"weights": (2, 4), "activations": (1, 2, 3, 4), "bias": (1,)}
_MAX = {"shift": 61, "relu": 1}
_DEFAULT_DENSITY = 0.1
_DEFAULT_BITS = 4
_WIDTH = 16


def _fail(key: str, found: str, need: str | None = None) -> ValueError:
    return ValueError(f"{key}: found {found}, need {need or _KEYS[key]}")


def _numbers(arrays: dict[str, NDArray]) -> None:
    """Refuse arrays that are no numbers, have the wrong number of axes, or are empty; floats of
    any width become float64, a bool ``relu`` an integer.
    """
    for key, array in arrays.items():
        if key == "relu" and array.dtype.kind == "b":
            arrays[key] = array = array.astype(np.uint8)
        if array.dtype.kind not in "iuf":
            raise _fail(key, f"dtype {array.dtype}")
        if key in _NDIM and array.ndim not in _NDIM[key]:
            raise _fail(key, f"shape {array.shape}")
        if array.size == 0:
            raise _fail(key, f"an empty array of shape {array.shape}")
        if array.dtype.kind == "f":
            with np.errstate(all="ignore"):
                finite, wide = np.isfinite(array).all(), array.astype(np.float64)
            if not finite:
                raise _fail(key, "NaN or infinity", "finite numbers")
            if not np.isfinite(wide).all():
                raise _fail(key, f"a value beyond float64 ({array.dtype})", "float64 or narrower")
            arrays[key] = wide


def _checked(arrays: dict[str, NDArray]) -> None:
    """``_numbers``, and refuse arrays that do not fit together."""
    _numbers(arrays)
    weights, acts = arrays["weights"], arrays["activations"]
    if acts.ndim == 2 and weights.ndim != 2:
        raise _fail("activations", f"shape {acts.shape}", "[C, H, W] beside weights [K, C, R, S]")
    channels = acts.shape[{1: 0, 2: 1, 3: 0, 4: 1}[acts.ndim]]
    if channels != weights.shape[1]:
        raise _fail(
            "activations",
            f"{channels} channels in shape {acts.shape}",
            f"{weights.shape[1]} as in weights {weights.shape}",
        )
    if "bias" in arrays and arrays["bias"].shape != weights.shape[:1]:
        raise _fail("bias", f"shape {arrays['bias'].shape}", f"[{weights.shape[0]}]")


def _scalar(arrays: dict[str, NDArray], key: str, default: int) -> int:
    if key not in arrays:
        return default
    value = arrays[key]
    number = value.reshape(-1)[0]
    if value.size != 1 or int(number) != number or not 0 <= number <= _MAX.get(key, number):
        raise _fail(key, repr(value.tolist()))
    return int(number)


def _padding(arrays: dict[str, NDArray]) -> int:
    """Padding smaller than the filter: more adds outputs that see nothing but zeros."""
    padding = _scalar(arrays, "padding", 0)
    rows, cols = (*arrays["weights"].shape, 1, 1)[2:4]
    if padding and padding >= max(rows, cols):
        most = max(rows, cols) - 1
        raise _fail("padding", str(padding), f"0..{most}, less than the filter of {rows} x {cols}")
    return padding


def load_weights(path: str | Path) -> NDArray:
    """The weights of an ``.npz`` file as they are, numbers [K, C, R, S]; no other key is needed.

    Raises ValueError that names the key, what was found and what is needed.
    """
    arrays = {"weights": read_npz(path, _KEYS, ("weights",))["weights"]}
    _numbers(arrays)
    weights = arrays["weights"]
    return weights[:, :, None, None] if weights.ndim == 2 else weights


def load_npz(
    path: str | Path,
    density: float | None = None,
    bits: int | None = None,
    seed: int = 0,
    group: tuple[int, int] | None = None,
) -> Layer:
    """A layer from an ``.npz`` file, integers ready for any design.

    weights      [K, C] or [K, C, R, S]; activations [C], [C, H, W] or a batch; bias [K], stride,
                 padding, shift, relu optional
    density      share of weights kept by magnitude pruning (float weights: default 0.1)
    bits         codebook bits (float weights: default 4); integer weights are taken as they are
                 unless density or bits ask for pruning or a codebook
    group        (N, M): float weights keep N of every M neighbouring outputs; not with density

    Float numbers become 16-bit integers with a power-of-two scale of their own; a float bias takes
    the scale of the accumulator. Unless ``shift`` is given, the output shift brings the largest
    accumulator inside 16 bits.
    Raises ValueError that names the key, what was found and what is needed.
    """
    if density is not None and not 0 < density <= 1:
        raise ValueError(f"DENSITY: found {density}, need above 0 up to 1")
    if bits is not None and not 1 <= bits <= 8:
        raise ValueError(f"BITS: found {bits}, need 1..8")
    if density is not None and group is not None:
        raise ValueError(f"DENSITY: found {density} beside N:M {group[0]}:{group[1]}, need one")
    path = Path(path)
    arrays = read_npz(path, _KEYS, ("weights", "activations"))
    _checked(arrays)
    padding = _padding(arrays)
    weights, w_exp = _weights(arrays["weights"], density, bits, seed, group)
    acts, a_exp = _integers("activations", arrays["activations"])
    bias = None
    if "bias" in arrays:
        bias = arrays["bias"]
        if bias.dtype.kind == "f":
            scaled = np.ldexp(bias.astype(np.float64), w_exp + a_exp)
            if np.abs(scaled).max() >= 2.0**31:
                raise _fail(
                    "bias",
                    f"{np.abs(bias).max():g}, {np.abs(scaled).max():.3g} in accumulator scale",
                    "less than 2**31 there",
                )
            bias = np.rint(scaled).astype(np.int64)
    layer = Layer(
        weights,
        acts,
        stride=_scalar(arrays, "stride", 1),
        padding=padding,
        bias=bias,
        shift=_scalar(arrays, "shift", 0),
        relu=bool(_scalar(arrays, "relu", 1)),
        name=path.stem,
    )
    if "shift" in arrays:
        if any(arrays[key].dtype.kind == "f" for key in ("weights", "activations")):
            raise _fail("shift", "it beside float numbers, whose scale is chosen here")
        return layer
    peak = int(np.abs(accumulate(layer)).max())
    return replace(layer, shift=max(0, peak.bit_length() - (_WIDTH - 1)))


def _integers(key: str, array: NDArray) -> tuple[NDArray[np.int64], int]:
    """16-bit integers and their exponent (0 for integers)."""
    if array.dtype.kind == "f":
        return quantize_fixed(array, _WIDTH)
    low, high = int(array.min()), int(array.max())
    if low < -(1 << (_WIDTH - 1)) or high >= 1 << (_WIDTH - 1):
        raise _fail(key, f"integers {low}..{high}", f"{_WIDTH}-bit signed integers")
    return array.astype(np.int64), 0


def _weights(
    array: NDArray,
    density: float | None,
    bits: int | None,
    seed: int,
    group: tuple[int, int] | None,
) -> tuple[NDArray[np.int64], int]:
    """Pruned and codebook-quantized integers and their exponent."""
    floating = array.dtype.kind == "f"
    if floating:
        density = _DEFAULT_DENSITY if density is None else density
    else:
        _integers("weights", array)
    if floating and group is not None:
        pruned = prune_outputs(array, *group)
    else:
        pruned = array if density is None else prune(array, density)
    asked = floating or density is not None or bits is not None
    bits = _DEFAULT_BITS if bits is None else bits
    if asked:
        exponent = None if floating else 0
        result = quantize_weights(pruned, bits, _WIDTH, seed, exponent)
        return result.integers, result.exponent
    count = np.union1d(np.unique(pruned), [0]).size
    if count > 1 << bits:
        raise _fail(
            "weights",
            f"{count} different integers (zero counted)",
            f"at most {1 << bits}; give DENSITY= or BITS= to have them pruned or quantized",
        )
    return pruned.astype(np.int64), 0
