"""Bring your own layer: a file to a ``Layer``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.files.read import read_layer
from models.fixed import fitting_shift
from models.golden import accumulate
from models.layer import Layer, on_a_line, pair, sides
from models.pruning import prune, prune_outputs
from models.quantization import codebook, relative_error
from models.quantized import Quantized
from models.workloads.given import layer_arrays
from models.workloads.quantized import QUANTIZED_KEYS, quantized_of
from models.workloads.scales import DEFAULT_WIDTHS, Operand, Scaled, Widths, scale

_KEYS = {
    "weights": "numbers [K, C], [K, C/groups, S] or [K, C/groups, R, S]",
    "activations": "numbers [C], [C, W], [C, H, W] or a batch of them [B, ...]",
    "bias": "numbers [K], in units of weights times activations (optional)",
    "stride": "one integer from 1 or (height, width) (optional)",
    "padding": "one integer from 0 or (top, bottom, left, right), beside weights [K, C/groups, S] "
    "(left, right), each at most the filter (optional)",
    "dilation": "one integer from 1 or (height, width) (optional)",
    "groups": "one integer from 1, of which the outputs are a multiple (optional)",
    "shift": "one integer 0..61 (optional, only with integer weights and activations)",
    "relu": "0 or 1 (optional)",
    **QUANTIZED_KEYS,
}
_NDIM = {"weights": (2, 3, 4), "activations": (1, 2, 3, 4), "bias": (1,)}
#: Axes of activations without and with samples, by axes of the weights.
_ACT_NDIM = {2: (1, 2, 3, 4), 3: (2, 3), 4: (3, 4)}
_MAX = {"shift": 61, "relu": 1}
_DEFAULT_DENSITY = 0.1
_DEFAULT_BITS = 4
_WIDTH = 16
#: Inputs of a layer with their padding: what a damaged file says is not worth all memory.
_MOST_PADDED = 1 << 28


def _fail(key: str, found: str, need: str | None = None) -> ValueError:
    return ValueError(f"{key}: found {found}, need {need or _KEYS[key]}")


def _numbers(arrays: dict[str, NDArray[Any]]) -> None:
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


def _checked(arrays: dict[str, NDArray[Any]]) -> None:
    """``_numbers``, and refuse arrays that do not fit together."""
    _numbers(arrays)
    weights, acts = arrays["weights"], arrays["activations"]
    if acts.ndim not in _ACT_NDIM[weights.ndim]:
        need = {2: "[C], [B, C], [C, H, W]", 3: "[C, W], [B, C, W]", 4: "[C, H, W], [B, C, H, W]"}
        shape = f"{need[weights.ndim]} beside weights {weights.shape}"
        raise _fail("activations", f"shape {acts.shape}", shape)
    groups = _scalar(arrays, "groups", 1)
    if not groups or len(weights) % groups:
        raise _fail("groups", f"{groups} beside {len(weights)} outputs")
    pixels = weights.ndim - 2 if weights.ndim > 2 or acts.ndim < 3 else 2
    channels = acts.shape[acts.ndim - 1 - pixels]
    if channels != weights.shape[1] * groups:
        times = f" in {groups} groups" if groups > 1 else ""
        raise _fail(
            "activations",
            f"{channels} channels in shape {acts.shape}",
            f"{weights.shape[1] * groups} as in weights {weights.shape}{times}",
        )
    if "bias" in arrays and arrays["bias"].shape != weights.shape[:1]:
        raise _fail("bias", f"shape {arrays['bias'].shape}", f"[{weights.shape[0]}]")


def _scalar(arrays: dict[str, NDArray[Any]], key: str, default: int) -> int:
    if key not in arrays:
        return default
    value = arrays[key]
    number = value.reshape(-1)[0]
    if value.size != 1 or int(number) != number or not 0 <= number <= _MAX.get(key, number):
        raise _fail(key, repr(value.tolist()))
    return int(number)


def _sizes(
    arrays: dict[str, NDArray[Any]], key: str, counts: tuple[int, ...], low: int
) -> int | list[int]:
    """One integer from ``low``, or as many as ``counts`` allows, as ``Layer`` takes them."""
    value = arrays[key]
    if value.size != 1 and (value.ndim != 1 or value.size not in counts):
        raise _fail(key, repr(value.tolist()))
    if (value != np.rint(value)).any() or value.min() < low or value.max() > 1 << 16:
        raise _fail(key, repr(value.item() if value.size == 1 else value.tolist()))
    whole = [int(one) for one in value.reshape(-1)]
    return whole[0] if len(whole) == 1 else whole


def _geometry(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Stride, padding, dilation, groups. Padding of more than the filter is a mistake: it adds
    outputs that see nothing but zeros. Of a one-dimensional convolution the arrays get H = 1.
    """
    found: dict[str, Any] = {"groups": _scalar(arrays, "groups", 1)}
    line = arrays["weights"].ndim == 3
    for key, counts, low in (
        ("stride", (2,), 1),
        ("dilation", (2,), 1),
        ("padding", (2, 4) if line else (4,), 0),
    ):
        if key in arrays:
            found[key] = _sizes(arrays, key, counts, low)
    if line:
        arrays["weights"] = arrays["weights"][:, :, None, :]
        arrays["activations"] = arrays["activations"][..., None, :]
        found |= {key: on_a_line(key, one) for key, one in found.items() if key != "groups"}
    if "padding" in found:
        rows, cols = (*arrays["weights"].shape, 1, 1)[2:4]
        spread = pair("dilation", found.get("dilation", 1))
        most = max((rows - 1) * spread[0], (cols - 1) * spread[1]) + 1
        if np.max(found["padding"]) > most:
            need = f"0..{most}, at most the filter of {rows} x {cols}"
            raise _fail("padding", repr(arrays["padding"].tolist()), need)
        top, bottom, left, right = sides(found["padding"])
        acts = arrays["activations"]
        height, width = acts.shape[-2:] if acts.ndim > 2 else (1, 1)
        padded = acts.size // (height * width) * (height + top + bottom) * (width + left + right)
        if padded > _MOST_PADDED:
            raise _fail("padding", f"{padded} inputs with it", f"at most {_MOST_PADDED}")
    return found


def load_weights(path: str | Path) -> NDArray[Any]:
    """The weights of a file as they are, numbers [K, C/G, R, S]; no other key is needed.

    Raises ValueError that names the key, what was found and what is needed.
    """
    arrays = {"weights": read_layer(path, _KEYS, ("weights",))[0]["weights"]}
    _numbers(arrays)
    weights = arrays["weights"]
    if weights.ndim == 3:
        return weights[:, :, None, :]
    return weights[:, :, None, None] if weights.ndim == 2 else weights


@dataclass(frozen=True)
class Own:
    """A layer of a user's file, and what was done to its numbers, in words.

    quantized  where it has scales: ``layer`` answers accumulators, see ``models/quantized.py``
    """

    layer: Layer
    notes: tuple[str, ...]
    quantized: Quantized | None = None


def load_npz(path: str | Path, *args: Any, **kwargs: Any) -> Layer:
    """The layer of ``load_own``, which has the parameters."""
    return load_own(path, *args, **kwargs).layer


def load_own(
    path: str | Path,
    density: float | None = None,
    bits: int | None = None,
    seed: int = 0,
    group: tuple[int, int] | None = None,
    widths: Widths = DEFAULT_WIDTHS,
    inputs: str | Path | None = None,
    draw: int = 1,
) -> Own:
    """A layer from a file, integers ready for any design.

    weights      [K, C], [K, C/G, S] or [K, C/G, R, S]; activations [C], [C, W], [C, H, W] or a
                 batch; bias [K], stride, padding, dilation, groups G, shift, relu optional
    density      share of weights kept by magnitude pruning (float weights: default 0.1)
    bits         codebook bits (float weights: default 4; 0: none, each weight rounded by itself);
                 integer weights are taken as they are unless density or bits ask for pruning or a
                 codebook
    group        (N, M): float weights keep N of every M neighbouring outputs; not with density
    widths       of the build that shall run it
    path, inputs   files of ``models.workloads.given.layer_arrays``; draw: seed of what it draws

    Float numbers become integers with a power-of-two scale of their own (``scales``); integers
    have scale 1. The bias is in the units of weights times activations, whatever its type: beside
    two integers units of the accumulator, otherwise real numbers. A layer with ``scale`` is a
    quantized one (``models.workloads.quantized``), and runs as it is. Unless ``shift`` is given,
    it is the smallest with which no output saturates.
    Raises ValueError that names the key, what was found and what is needed.
    """
    if density is not None and not 0 < density <= 1:
        raise ValueError(f"DENSITY: found {density}, need above 0 up to 1")
    if bits is not None and not 0 <= bits <= 8:
        raise ValueError(f"BITS: found {bits}, need 1..8, or 0 for no codebook")
    if density is not None and group is not None:
        raise ValueError(f"DENSITY: found {density} beside N:M {group[0]}:{group[1]}, need one")
    arrays, name, given = layer_arrays(path, _KEYS, inputs, draw)
    _checked(arrays)
    floating = any(arrays[key].dtype.kind == "f" for key in ("weights", "activations"))
    if "shift" in arrays and floating:
        raise _fail("shift", "it beside float numbers, whose scale is chosen here")
    geometry = _geometry(arrays)
    if any(key in arrays for key in QUANTIZED_KEYS):
        for option, value in (("DENSITY", density), ("BITS", bits)):
            if value is not None:
                raise ValueError(f"{option}: found {value} beside a quantized layer, need none")
        found = quantized_of(arrays, name, geometry)
        return Own(found.layer, tuple(given), found)
    pruned, notes = _pruned(arrays["weights"], density, group)
    weights = _weights(pruned, density, bits, seed, widths)
    activations = _operand("activations", arrays["activations"], widths.act)
    bias = arrays.get("bias")
    scaled = scale(weights, activations, bias, widths, **geometry)
    layer = Layer(
        scaled.weights,
        scaled.activations,
        bias=scaled.bias,
        shift=_scalar(arrays, "shift", 0),
        relu=bool(_scalar(arrays, "relu", 1)),
        name=name,
        **geometry,
    )
    if "shift" not in arrays:
        layer = replace(layer, shift=fitting_shift(accumulate(layer), widths.act, layer.relu))
    if weights.codes is not None:
        notes += _codebook_notes(pruned, weights, scaled)
    notes = given + notes + _scale_notes(weights, activations, bias, scaled, widths)
    return Own(layer, tuple(notes))


def _operand(key: str, array: NDArray[Any], width: int) -> Operand:
    """Floats, or integers of at most 16 bits."""
    if array.dtype.kind == "f":
        return Operand(array, width)
    low, high = int(array.min()), int(array.max())
    if low < -(1 << (_WIDTH - 1)) or high >= 1 << (_WIDTH - 1):
        raise _fail(key, f"integers {low}..{high}", f"{_WIDTH}-bit signed integers")
    return Operand(array.astype(np.int64), _WIDTH, fixed=True)


def _pruned(
    array: NDArray[Any], density: float | None, group: tuple[int, int] | None
) -> tuple[NDArray[Any], list[str]]:
    """The weights that stay, and a note where none does."""
    floating = array.dtype.kind == "f"
    if floating and group is not None:
        return prune_outputs(array, *group), []
    share = _DEFAULT_DENSITY if floating and density is None else density
    if share is None:
        return array, []
    pruned = prune(array, share)
    if pruned.any() or not array.any():
        return pruned, []
    told = f"DENSITY={share:g}" + (", the default," if density is None else "")
    return pruned, [
        f"all weights are pruned away: {told} keeps {round(share * array.size)} of {array.size}; "
        "give a higher DENSITY="
    ]


def _weights(
    pruned: NDArray[Any], density: float | None, bits: int | None, seed: int, widths: Widths
) -> Operand:
    """Weights of a codebook if they are floats or it is asked for, else as they are."""
    plain = _operand("weights", pruned, widths.wgt)
    if bits == 0 or (plain.fixed and density is None and bits is None):
        return plain
    codes, entries = codebook(pruned, _DEFAULT_BITS if bits is None else bits, seed)
    return replace(plain, numbers=entries, codes=codes)


def _codebook_notes(pruned: NDArray[Any], weights: Operand, scaled: Scaled) -> list[str]:
    """How well the shared values fit the weights that stay."""
    live = pruned != 0
    if not live.any():
        return []
    used = np.unique(scaled.weights[live]).size
    units = np.ldexp(pruned.astype(np.float64), scaled.exponents[0])
    error = relative_error(units, scaled.weights)
    return [
        f"weights: {used} of {weights.numbers.size - 1} shared values used, relative error "
        f"{error:.3g} (root mean square, of the {int(live.sum()):,} weights kept)"
    ]


def _scale_notes(
    weights: Operand,
    activations: Operand,
    bias: NDArray[Any] | None,
    scaled: Scaled,
    widths: Widths,
) -> list[str]:
    """What was given up so that bias and sums fit."""
    if any(scaled.given_up):
        left = [
            f"{name} {max(0, one.width - cut)} of {one.width} bits"
            for name, one, cut in zip(
                ("weights", "activations"), (weights, activations), scaled.given_up, strict=True
            )
            if not one.fixed
        ]
        return [
            f"scales: {', '.join(left)}, so that bias and sums fit ({widths.bias}-bit bias, "
            f"{widths.acc}-bit accumulator)"
        ]
    fixed = weights.fixed and activations.fixed
    if fixed and bias is not None and (bias != np.rint(bias)).any():
        return ["bias: rounded to integers, since weights and activations are integers"]
    return []
