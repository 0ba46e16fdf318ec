"""Layers of any geometry as layers of plain geometry, which every design runs, put together again.

Plain (``Layer.plain``): stride and padding the same on all sides, no dilation, one group. Each step
is exact, so that the answers are those of the layer as it was given:

groups      A bundle of neighbouring groups becomes one layer whose weights are block-diagonal.
dilation    Zeros between the taps of the kernel; or one layer for each phase: outputs that read the
            same positions modulo the dilation have a dense kernel on every DH-th row and DW-th
            column of the input.
stride      Along the axis with the larger one (over their greatest common divisor) pixels become
            channels (``space_to_depth``); an axis with one output pixel takes that of the other.
padding     What a side has more than the least of the four becomes zeros of the input.

Which bundle, and zeros or phases: what costs least by the cycle model of the design that shall run
it (``choose``). A design that has some of this of its own (``Design.geometry``) gets it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.layer import Layer, Pair
from models.program import PassCycles, Program

Ints = NDArray[np.int64]
Packets = Sequence[NDArray[np.uint64]]

#: What a design can have of its own beside plain geometry.
GEOMETRY = ("stride", "padding", "dilation")
#: Output pixels along an axis that an estimate looks at.
_LOOK = 16
#: A larger bundle is not tried behind one that costs so much more than the best so far, nor one
#: with more weights, zeros among them.
_WORSE, _MOST_WEIGHTS = 1.5, 1 << 22


class Runs(Protocol):
    """What ``choose`` asks of a design: a compiler and a cycle model of plain layers."""

    def compile(self, layer: Layer, config: Any) -> Program: ...
    def cycles(self, program: Program, config: Any) -> list[PassCycles]: ...


@dataclass(frozen=True, eq=False)
class Part:
    """A layer that computes some outputs of another one.

    k, rows, cols   of which outputs: tensor[:, k, rows, cols]
    """

    layer: Layer
    k: slice
    rows: slice
    cols: slice


@dataclass(frozen=True)
class Way:
    """How a layer is lowered: groups of a bundle, and whether phases stand for a dilation."""

    bundle: int = 1
    phases: bool = False


@dataclass(frozen=True, eq=False)
class Lowered:
    """``Program.outputs`` of a layer that was lowered.

    shape     (B, K, P, Q); parts, programs: what computes it, in order
    told      what was done, in words
    """

    shape: tuple[int, int, int, int]
    parts: tuple[Part, ...]
    programs: tuple[Program, ...]
    told: str


# ---------------------------------------------------------------- the steps


def bundles(layer: Layer, size: int) -> Iterator[tuple[slice, Layer]]:
    """Groups as layers of one group, ``size`` of them together: (outputs, layer).

    >>> layer = Layer([[1], [2], [3]], [4, 5, 6], groups=3)
    >>> [(mine, one.weights[:, :, 0, 0].tolist()) for mine, one in bundles(layer, 2)]
    [(slice(0, 2, None), [[1, 0], [0, 2]]), (slice(2, 3, None), [[3]])]
    """
    filters, depth, rows, cols = layer.weights.shape
    outs = filters // layer.groups
    for first in range(0, layer.groups, size):
        count = min(size, layer.groups - first)
        mine = slice(first * outs, (first + count) * outs)
        blocks = np.zeros((count, outs, count, depth, rows, cols), dtype=np.int64)
        each = np.arange(count)
        blocks[each, :, each] = layer.weights[mine].reshape(count, outs, depth, rows, cols)
        yield (
            mine,
            replace(
                layer,
                weights=blocks.reshape(count * outs, count * depth, rows, cols),
                activations=layer.inputs[:, first * depth : (first + count) * depth],
                bias=layer.bias[mine],
                groups=1,
            ),
        )


def unpadded(layer: Layer) -> Layer:
    """Padding as zeros of the input, and of the input no more than the windows read.

    >>> layer = Layer([[[[1, 1]]]], [[[1, 2, 3, 4]]], padding=(0, 0, 1, 0), stride=2)
    >>> unpadded(layer).inputs.ravel().tolist()
    [0, 1, 2, 3]
    """
    top, bottom, left, right = layer.padding
    acts = np.pad(layer.inputs, ((0, 0), (0, 0), (top, bottom), (left, right)))
    height, width = _needs(layer.out_shape[2:], layer.stride, layer.reach)
    return replace(layer, activations=acts[:, :, :height, :width], padding=(0, 0, 0, 0))


def _needs(outs: tuple[int, ...], stride: Pair, reach: Pair) -> tuple[int, ...]:
    """Rows and columns that so many outputs read."""
    return tuple((n - 1) * s + r for n, s, r in zip(outs, stride, reach, strict=True))


def stuffed(layer: Layer) -> Layer:
    """The dilation as zeros between the taps.

    >>> stuffed(Layer([[[[1, 2]]]], [[[1, 2, 3]]], dilation=2)).weights.ravel().tolist()
    [1, 0, 2]
    """
    filters, depth, _, _ = layer.weights.shape
    weights = np.zeros((filters, depth, *layer.reach), dtype=np.int64)
    weights[:, :, :: layer.dilation[0], :: layer.dilation[1]] = layer.weights
    return replace(layer, weights=weights, dilation=(1, 1))


def phases(layer: Layer) -> Iterator[tuple[slice, slice, Layer]]:
    """The dilation as dense kernels on parts of the input: (output rows, columns, layer).

    Output p reads rows p*S + r*D: those with p in steps of D / gcd(S, D) read the same rows
    modulo D.
    """
    whole = unpadded(layer)
    _, _, out_h, out_w = layer.out_shape
    common = [gcd(s, d) for s, d in zip(layer.stride, layer.dilation, strict=True)]
    apart = layer.dilation[0] // common[0], layer.dilation[1] // common[1]
    steps = layer.stride[0] // common[0], layer.stride[1] // common[1]
    for down in range(min(apart[0], out_h)):
        for right in range(min(apart[1], out_w)):
            rows, cols = slice(down, None, apart[0]), slice(right, None, apart[1])
            first = down * layer.stride[0], right * layer.stride[1]
            acts = whole.inputs[:, :, first[0] :: layer.dilation[0], first[1] :: layer.dilation[1]]
            outs = -(-(out_h - down) // apart[0]), -(-(out_w - right) // apart[1])
            taps = layer.weights.shape[2], layer.weights.shape[3]
            height, width = _needs(outs, steps, taps)
            acts = acts[:, :, :height, :width]
            yield rows, cols, replace(whole, activations=acts, stride=steps, dilation=(1, 1))


def space_to_depth(layer: Layer, factors: Pair) -> Layer:
    """Pixels as channels: pixel (y, x) of channel c is pixel (y // FH, x // FW) of channel
    (c, y mod FH, x mod FW), and the kernel likewise; the stride is divided by ``factors``. Channels
    that no tap reads are left out. For layers without padding, dilation and groups.

    >>> layer = Layer([[[[1, 2, 3]]]], [[[4, 5, 6, 7, 8]]], stride=(1, 2))
    >>> made = space_to_depth(layer, (1, 2))
    >>> made.weights[0, :, 0].tolist(), made.inputs[0, :, 0].tolist()
    ([[1, 3], [2, 0]], [[4, 6, 8], [5, 7, 0]])
    """
    filters, channels, *taps = layer.weights.shape
    stride = layer.stride[0] // factors[0], layer.stride[1] // factors[1]
    kernel = -(-taps[0] // factors[0]), -(-taps[1] // factors[1])
    size = _needs(layer.out_shape[2:], stride, kernel)
    weights = np.zeros((filters, channels, kernel[0] * factors[0], kernel[1] * factors[1]), int)
    weights[:, :, : taps[0], : taps[1]] = layer.weights
    acts = np.zeros((layer.batch, channels, size[0] * factors[0], size[1] * factors[1]), int)
    part = layer.inputs[:, :, : acts.shape[2], : acts.shape[3]]
    acts[:, :, : part.shape[2], : part.shape[3]] = part
    used = min(factors[0], taps[0]), min(factors[1], taps[1])
    return replace(
        layer,
        weights=_depth(weights, factors, used),
        activations=_depth(acts, factors, used),
        stride=stride,
    )


def _depth(values: Ints, factors: Pair, used: Pair) -> Ints:
    """[N, C, h*FH, w*FW] -> [N, C * used, h, w]."""
    number, channels, height, width = values.shape
    size = height // factors[0], width // factors[1]
    cut = values.reshape(number, channels, size[0], factors[0], size[1], factors[1])
    cut = cut[:, :, :, : used[0], :, : used[1]]
    return cut.transpose(0, 1, 3, 5, 2, 4).reshape(number, -1, *size)


def squared(layer: Layer) -> Layer:
    """The same stride along both axes; for layers without dilation and groups."""
    _, _, out_h, out_w = layer.out_shape
    whole = unpadded(layer)
    down, across = layer.stride
    if out_h == 1:  # its stride moves nothing
        return replace(whole, stride=(across, across))
    if out_w == 1:
        return replace(whole, stride=(down, down))
    common = gcd(down, across)
    return space_to_depth(whole, (down // common, across // common))


def evened(layer: Layer) -> Layer:
    """The same padding on all sides: what one has more as zeros of the input."""
    least = min(layer.padding)
    top, bottom, left, right = (one - least for one in layer.padding)
    acts = np.pad(layer.inputs, ((0, 0), (0, 0), (top, bottom), (left, right)))
    return replace(layer, activations=acts, padding=(least,) * 4)


# ---------------------------------------------------------------- all of them


def lower(layer: Layer, way: Way = Way(), own: Collection[str] = ()) -> list[Part]:
    """The layer as layers of plain geometry, or of plain geometry and what is in ``own``.

    Raises ValueError where it has no activations.
    """
    found = []
    for k, bundle in bundles(layer, way.bundle) if layer.groups > 1 else [(slice(None), layer)]:
        if _dilated(bundle) and "dilation" not in own:
            spread = (
                list(phases(bundle))
                if way.phases
                else [(slice(None), slice(None), stuffed(bundle))]
            )
        else:
            spread = [(slice(None), slice(None), bundle)]
        for rows, cols, one in spread:
            if one.stride[0] != one.stride[1] and "stride" not in own:
                one = squared(one)
            if len(set(one.padding)) > 1 and "padding" not in own:
                one = evened(one)
            found.append(Part(one, k, rows, cols))
    return found


def _dilated(layer: Layer) -> bool:
    return layer.reach != layer.weights.shape[2:]


def takes(layer: Layer, own: Collection[str]) -> bool:
    """Whether a design with ``own`` runs a layer as it is."""
    return layer.groups == 1 and (
        layer.plain
        or not (
            (_dilated(layer) and "dilation" not in own)
            or (layer.stride[0] != layer.stride[1] and "stride" not in own)
            or (len(set(layer.padding)) > 1 and "padding" not in own)
        )
    )


def told(layer: Layer, way: Way, own: Collection[str], parts: int) -> str:
    """What was done, in words."""
    done = []
    if layer.groups > 1:
        count = -(-layer.groups // way.bundle)
        how = "one by one" if way.bundle == 1 else f"block-diagonal, {way.bundle} at a time"
        done.append(f"{layer.groups} groups {how if count > 1 else 'as one block-diagonal layer'}")
    if _dilated(layer) and "dilation" not in own:
        what = "one layer for each phase" if way.phases else "zeros in the kernel"
        done.append(f"dilation {_shown(layer.dilation)} as {what}")
    if layer.stride[0] != layer.stride[1] and "stride" not in own:
        done.append(f"stride {_shown(layer.stride)} as pixels that become channels")
    if len(set(layer.padding)) > 1 and "padding" not in own:
        done.append(f"padding {_shown(layer.padding)} as zeros of the input")
    return f"{', '.join(done)}: {parts} layer{'s' * (parts > 1)} of plain geometry"


def _shown(sizes: Sequence[int]) -> str:
    return f"({', '.join(map(str, sizes))})"


# ---------------------------------------------------------------- which way


def ways(layer: Layer, own: Collection[str]) -> list[list[Way]]:
    """Ways that differ, in lists of bundles that grow."""
    sizes = [1 << at for at in range((layer.groups - 1).bit_length())] + [layer.groups]
    sizes = [one for one in sizes if one == 1 or one * layer.weights.size <= _MOST_WEIGHTS]
    spread = _dilated(layer) and "dilation" not in own
    if not spread:
        return [[Way(size) for size in sizes]]
    full = len(layer.weights) * layer.weights.shape[1] * layer.reach[0] * layer.reach[1]
    zeros = [Way(size) for size in sizes if full * size <= _MOST_WEIGHTS]
    return [one for one in (zeros, [Way(size, True) for size in sizes]) if one]


def choose(design: Runs, layer: Layer, config: Any, own: Collection[str] = ()) -> Way:
    """The way that costs least: cycles of computing, and a cycle for each word on the streams.

    Each is estimated by the cycle model on its first part, one sample and at most 16 x 16 output
    pixels, for all parts and all pixels; between equals more groups at a time. One that the build
    cannot compile is left out; if none can, groups go one by one.
    """
    best: tuple[float, Way] | None = None
    sample = _middle(layer)
    pixels = layer.batch * layer.out_shape[2] * layer.out_shape[3]
    scale = pixels / (sample.out_shape[2] * sample.out_shape[3])
    every = ways(layer, own)
    if len(every) == len(every[0]) == 1:
        return every[0][0]
    for some in every:
        for way in some:
            parts = lower(sample, way, own)
            try:
                program = design.compile(parts[0].layer, config)
                compute = sum(int(one.compute) for one in design.cycles(program, config))
            except ValueError:
                continue
            words = program.words
            # The last bundle may have fewer groups, and costs less.
            alike = len(parts) / -(-layer.groups // way.bundle) * layer.groups / way.bundle
            cost = alike * (words["wgt"] + scale * (compute + words["act"] + words["out"]))
            if best is not None and cost > _WORSE * best[0]:
                break
            if best is None or cost <= best[0]:
                best = cost, way
    return best[1] if best else every[0][0]


def _middle(layer: Layer) -> Layer:
    """One sample, and as many outputs as an estimate looks at, from the middle of the image."""
    outs = tuple(min(one, _LOOK) for one in layer.out_shape[2:])
    if outs == layer.out_shape[2:]:
        return replace(layer, activations=layer.inputs[:1])
    whole = unpadded(layer)
    height, width = _needs(outs, layer.stride, layer.reach)
    top, left = (
        (size - some) // 2 * stride
        for size, some, stride in zip(layer.out_shape[2:], outs, layer.stride, strict=True)
    )
    acts = whole.inputs[:1, :, top : top + height, left : left + width]
    return replace(whole, activations=acts)


# ---------------------------------------------------------------- around a design


@dataclass(frozen=True, eq=False)
class Lowering:
    """A compiler of plain layers, and what goes with it, for layers of any geometry.

    own     of ``GEOMETRY``: what the compiler takes as it is
    fitted  ``Design.fitted``: of the layer as it is given, so that all parts have the same numbers
    """

    plain_compile: Callable[[Layer, Any], Program]
    plain_unpack: Callable[[Program, Packets], list[Ints]]
    plain_cycles: Callable[[Program, Any], list[PassCycles]]
    plain_footprint: Callable[[Layer, Any, Program], dict[str, int]]
    plain_holding: Callable[[Sequence[Layer], Any], Any]
    own: Collection[str] = ()
    fitted: Callable[[Layer, Any], Layer] = lambda layer, config: layer

    def compile(self, layer: Layer, config: Any) -> Program:
        """The program of a layer; of one that is lowered the passes of all parts in order."""
        layer = self.fitted(layer, config)
        if layer.activations is None or takes(layer, self.own):
            return self.plain_compile(layer, config)
        way = choose(_Plain(self.plain_compile, self.plain_cycles), layer, config, self.own)
        parts = lower(layer, way, self.own)
        programs = tuple(self.plain_compile(one.layer, config) for one in parts)
        passes, vectors = [], 0
        for one in programs:
            passes += [
                replace(item, tag=(item.tag[0], vectors + item.tag[1], *item.tag[2:]))
                for item in one.passes
            ]
            vectors = passes[-1].tag[1] + 1
        words = told(layer, way, self.own, len(parts))
        outputs = Lowered(layer.out_shape, tuple(parts), programs, words)
        return Program(programs[0].design, tuple(passes), outputs)

    def unpack(self, program: Program, packets: Packets) -> list[Ints]:
        """Result packets to tensors int64 [B, K, P, Q]."""
        made = program.outputs
        if not isinstance(made, Lowered):
            return self.plain_unpack(program, packets)
        counts = [sum(item.out_words > 0 for item in one.passes) for one in made.programs]
        if len(packets) != sum(counts):
            raise ValueError(f"packets: found {len(packets)}, need {sum(counts)}")
        tensor, at = np.zeros(made.shape, dtype=np.int64), 0
        for part, program, count in zip(made.parts, made.programs, counts, strict=True):
            (found,) = self.plain_unpack(program, packets[at : at + count])
            tensor[:, part.k, part.rows, part.cols] = found
            at += count
        return [tensor]

    def footprint(self, layer: Layer, config: Any, program: Program) -> dict[str, int]:
        """Bits that a layer fills; of parts the sum, of accumulators the most."""
        made = program.outputs
        if not isinstance(made, Lowered):
            return self.plain_footprint(layer, config, program)
        each = [
            self.plain_footprint(part.layer, config, one)
            for part, one in zip(made.parts, made.programs, strict=True)
        ]
        return {
            name: (max if name == "accumulators" else sum)(one[name] for one in each)
            for name in each[0]
        }

    def holding(self, layers: Sequence[Layer], config: Any) -> Any:
        """The build that holds the numbers of layers with inputs."""
        plain = [
            part.layer
            for layer in layers
            for part in ([Part(layer, *(slice(None),) * 3)] if takes(layer, self.own) else
                         lower(layer, own=self.own))
        ]  # fmt: skip
        return self.plain_holding(plain, config)


@dataclass(frozen=True)
class _Plain:
    """A design without its lowering."""

    compile: Callable[[Layer, Any], Program]
    cycles: Callable[[Program, Any], list[PassCycles]]


def plain_layers(layer: Layer, program: Program) -> list[Layer]:
    """The layers that a program of ``layer`` runs: itself, or the parts of it."""
    made = program.outputs
    return [one.layer for one in made.parts] if isinstance(made, Lowered) else [layer]


def how(program: Program) -> str:
    """What was done to the layer of a program; "" for nothing."""
    return program.outputs.told if isinstance(program.outputs, Lowered) else ""
