"""From a layer to blocks that one pass of the dense array computes.

A layer is cut along six axes: bands of output rows (and columns), output tiles of ``cols``, channel
tiles of ``inputs``, and, if the kernel is too large, ranges of its rows and columns. ``plan`` takes
the cut with the least estimated cycles, loading included, among those that fit the build.

Axis names: P x Q output pixels, R x S taps, KT output tiles, CT channel tiles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Protocol

import numpy as np

from models.array.config import ArrayConfig
from models.array.packets import MAX_SIZE, MAX_STEP
from models.array.problem import Ints, Lowered, Span, problem_of
from models.array.store import Tiles
from models.array.timing import CHECKS, FIRST_RESULT, FIRST_TILE
from models.checks import (
    check_accumulator,
    check_activations,
    check_bias,
    check_shift,
    check_weights,
)
from models.layer import Layer
from models.packets import COUNT_BITS, row_words

#: Cycles of a pass beside its tiles, pixels and words: fill, checks, packet headers.
_PASS_CYCLES = FIRST_TILE + FIRST_RESULT + CHECKS + 8


class Widths(Protocol):
    """Bits of what a build holds."""

    @property
    def act_width(self) -> int: ...
    @property
    def wgt_width(self) -> int: ...
    @property
    def acc_width(self) -> int: ...
    @property
    def bias_width(self) -> int: ...


def lower(layer: Layer, config: Widths) -> Lowered:
    """The layer, checked against the widths of the build; ValueError on what they cannot hold."""
    low = problem_of(layer)
    check_shift(layer, config.acc_width)
    weights = layer.weights
    check_weights(layer.name, int(weights.min()), int(weights.max()), config.wgt_width)
    bias = check_bias(layer, config.bias_width)
    check_activations(layer, low.acts, config.act_width)
    check_accumulator(layer, config.acc_width)
    return replace(low, bias=bias)


# ---------------------------------------------------------------- one axis of the input


@dataclass(frozen=True, eq=False)
class Window:
    """The input rows (or columns) that a band of outputs needs for a range of taps.

    index  int64, buffer row -> input row; rows outside the input are to be loaded as zeros
    lead   rows of padding before the first one (PAD_TOP or PAD_LEFT)
    """

    index: Ints
    lead: int


def step(stride: int, taps: int) -> int:
    """STRIDE in the buffer: input that no tap reads is not loaded.

    >>> step(2, 3), step(4, 1)
    (2, 1)
    """
    return min(stride, taps)


def window(outs: Span, taps: Span, pitch: int, stride: int, padding: int, size: int) -> Window:
    """The input rows of outputs ``outs`` and kernel rows ``taps``, ``pitch`` rows per output.

    ``size`` is that of the input. Padding before the first row is left to PAD_TOP as far as it
    reaches, padding behind the last one costs nothing.

    >>> window((0, 2), (0, 3), 1, 1, 1, 9).index.tolist(), window((0, 2), (0, 3), 1, 1, 1, 9).lead
    ([0, 1, 2], 1)
    >>> window((0, 3), (0, 1), 1, 2, 0, 6).index.tolist()
    [0, 2, 4]
    """
    count = (outs[1] - outs[0] - 1) * pitch + taps[1] - taps[0]
    at = np.arange(count)
    out = np.minimum(at // pitch, outs[1] - outs[0] - 1)
    rows = (outs[0] + out) * stride + taps[0] - padding + at - out * pitch
    inside = np.flatnonzero((rows >= 0) & (rows < size))
    if inside.size == 0:
        return Window(rows[:1], 0)
    lead = min(int(inside[0]), MAX_STEP)
    return Window(rows[lead : int(inside[-1]) + 1], lead)


def spans(total: int, size: int) -> list[Span]:
    """``total`` in pieces of ``size``.

    >>> spans(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(at, min(at + size, total)) for at in range(0, total, size)]


def sizes(total: int, limit: int) -> list[int]:
    """The sizes of balanced cuts of ``total`` into 1, 2, 3 ... pieces, at most ``limit`` each.

    >>> sizes(10, 6)
    [5, 4, 3, 2, 1]
    """
    found = []
    pieces = -(-total // limit)
    while True:
        size = -(-total // pieces)
        found.append(size)
        if size == 1:
            return found
        pieces = -(-total // (size - 1))  # the least number that makes it smaller


# ---------------------------------------------------------------- the cut


@dataclass(frozen=True)
class Plan:
    """Sizes of the pieces and the order of the passes.

    p, q, kt, ct, r, s  size of a piece along each axis
    pixels_first        for each band: for each output range; otherwise the other way round
    act_words           buffer words of the largest activation block
    cost                estimated cycles, loading included
    """

    p: int
    q: int
    kt: int
    ct: int
    r: int
    s: int
    pixels_first: bool
    act_words: int
    cost: float

    def wgt_words(self, tiles: Tiles) -> int:
        """Buffer words of the largest weight block."""
        kt, ct = np.array(self.kt), np.array(self.ct)
        return int(tiles.block_words(kt, ct, self.r, self.s))


def plan(low: Lowered, config: ArrayConfig, tiles: Tiles) -> Plan:
    """The cheapest cut that fits; output columns and the kernel are cut only when they must be.

    Raises ValueError when the weight buffer cannot hold a single tile.
    """
    if config.wgt_depth < tiles.tile_words:
        raise ValueError(
            f"wgt_depth: found {config.wgt_depth}, "
            f"a weight tile needs {tiles.tile_words} ({tiles.unit})"
        )
    search = _Search(low, config, tiles)
    p, q = low.out_size
    r, s = low.weights.shape[2:]
    taps = tiles.most[2]
    whole_q, whole_r, whole_s = ([min(q, MAX_SIZE)], [min(r, taps)], [min(s, taps)])
    cut_q, cut_r, cut_s = sizes(q, MAX_SIZE), sizes(r, taps), sizes(s, taps)
    for q_sizes, r_sizes, s_sizes in (
        (whole_q, whole_r, whole_s),
        (cut_q, whole_r, whole_s),
        (cut_q, cut_r, whole_s),
        (cut_q, cut_r, cut_s),
    ):
        best = None
        for p_q_r_s in product(sizes(p, MAX_SIZE), q_sizes, r_sizes, s_sizes):
            found = search.best(*p_q_r_s)
            if found and (best is None or found.cost < best.cost):
                best = found
        if best:
            return best
    raise AssertionError("a single pixel, tap and tile fits every build")


class _Search:
    """Estimates of cuts of one layer."""

    def __init__(self, low: Lowered, config: ArrayConfig, stored: Tiles) -> None:
        self.low, self.config, self.stored = low, config, stored
        self.taps_r, self.taps_s = low.weights.shape[2:]
        self.kt, self.ct = stored.grid
        self.p, self.q = low.out_size
        self.samples = low.acts.shape[0]
        self.kt_sizes = np.array(sizes(self.kt, stored.most[0]))[:, None]
        self.ct_sizes = np.array(sizes(self.ct, stored.most[1]))[None, :]
        self.longest = cache(self._longest)
        self.interval = cache(stored.interval)

    def _longest(self, axis: int, out: int, tap: int, pitch: int) -> int:
        """Rows of the largest window of outputs in pieces of ``out``, taps in pieces of ``tap``."""
        low = self.low
        pieces = product(spans(low.out_size[axis], out), spans(low.weights.shape[2 + axis], tap))
        size = low.acts.shape[2 + axis]
        return max(
            window(outs, taps, pitch, low.stride, low.padding, size).index.size
            for outs, taps in pieces
        )

    def best(self, p: int, q: int, r: int, s: int) -> Plan | None:
        """The best plan with these sizes over all sizes of KT and CT, None if none fits."""
        config = self.config
        pitch = step(self.low.stride, max(r, s))
        if (pitch > MAX_STEP and (p, q) != (1, 1)) or p * q > config.acc_depth:
            return None
        if not self.stored.fits(r, s):
            return None
        height, width = self.longest(0, p, r, pitch), self.longest(1, q, s, pitch)
        if max(height, width) > MAX_SIZE:
            return None
        kt, ct = self.kt_sizes, self.ct_sizes
        act = ct * height * width + 0 * kt
        wgt = self.stored.block_words(kt, ct, r, s)
        fits = (act <= config.act_depth) & (wgt <= min(config.wgt_depth, (1 << COUNT_BITS) - 1))
        fits &= (kt * p * q <= config.acc_depth) & (kt <= config.bias_depth)
        if not fits.any():
            return None
        bands = self.samples * -(-self.p // p) * -(-self.q // q)
        outs = -(-self.kt // kt)
        sums = -(-self.ct // ct) * -(-self.taps_r // r) * -(-self.taps_s // s)
        tiles = self.stored.total(r, s)
        interval = self.interval(p * q)
        fill = _PASS_CYCLES + config.rows + config.cols
        run = bands * tiles * interval + bands * outs * sums * fill
        # Words on the streams, by the order of the passes (see Places in the compiler).
        act_once = bands * sums * act * row_words(config.inputs, config.act_width)
        wgt_once = self.stored.stream_words
        wgt_each = wgt_once * bands
        act_each = act_once * outs
        kept = {
            True: np.where(sums * act <= config.act_depth, act_once, act_each)
            + np.where(outs * sums * wgt <= config.wgt_depth, wgt_once, wgt_each),
            False: np.where(bands * sums * act <= config.act_depth, act_once, act_each)
            + np.where(sums * wgt <= config.wgt_depth, wgt_once, wgt_each),
        }
        plans = []
        for first, loads in kept.items():
            cost = np.where(fits, run + loads, np.inf)
            at = np.unravel_index(int(np.argmin(cost)), cost.shape)
            sizes_kt_ct = int(kt[at[0], 0]), int(ct[0, at[1]])
            plans.append(Plan(p, q, *sizes_kt_ct, r, s, first, int(act[at]), float(cost[at])))
        return min(plans, key=lambda one: one.cost)


# ---------------------------------------------------------------- blocks as buffer words


def weight_tiles(low: Lowered, kt: Span, ct: Span, r: Span, s: Span, config: ArrayConfig) -> Ints:
    """Weights of a block: int64 [KT, R, S, CT, Inputs, Cols], missing filters and channels zero."""
    rows, cols = config.inputs, config.cols
    part = low.weights[kt[0] * cols : kt[1] * cols, ct[0] * rows : ct[1] * rows]
    part = part[:, :, r[0] : r[1], s[0] : s[1]]
    full = _filled(_filled(part, 0, (kt[1] - kt[0]) * cols), 1, (ct[1] - ct[0]) * rows)
    shape = (kt[1] - kt[0], cols, ct[1] - ct[0], rows, r[1] - r[0], s[1] - s[0])
    return full.reshape(shape).transpose(0, 4, 5, 2, 3, 1)


def bias_words(bias: Ints, kt: Span, config: ArrayConfig) -> Ints:
    """Biases of a range of output tiles: int64 [KT, Cols]."""
    part = bias[kt[0] * config.cols : kt[1] * config.cols]
    return _filled(part, 0, (kt[1] - kt[0]) * config.cols).reshape(-1, config.cols)


def pixel_words(
    low: Lowered, sample: int, ct: Span, rows: Window, cols: Window, config: ArrayConfig
) -> Ints:
    """Activations of a block: int64 [CT, H, W, Inputs], missing channels and padding zero."""
    lanes = config.inputs
    image = low.acts[sample, ct[0] * lanes : ct[1] * lanes]
    height, width = image.shape[1:]
    ys, xs = rows.index, cols.index
    part = image[:, np.clip(ys, 0, height - 1)][:, :, np.clip(xs, 0, width - 1)]
    part[:, (ys < 0) | (ys >= height)] = 0
    part[:, :, (xs < 0) | (xs >= width)] = 0
    full = _filled(part, 0, (ct[1] - ct[0]) * lanes)
    return full.reshape(ct[1] - ct[0], lanes, ys.size, xs.size).transpose(0, 2, 3, 1)


def _filled(values: Ints, axis: int, size: int) -> Ints:
    """``values`` with zeros up to ``size`` along ``axis``."""
    missing = size - values.shape[axis]
    if missing == 0:
        return values
    widths = [(0, 0)] * values.ndim
    widths[axis] = (0, missing)
    return np.pad(values, widths)
