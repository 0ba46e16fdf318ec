"""Which output and which channel goes where, and what patterns a layer then has.

Outputs of a tile must have one residue: they are sorted by it, each residue filled up to whole
tiles. Channels may stay as they are, each row then looks up its own residue; sorted by residue the
tiles with the long patterns are few. Where channels leave most rows empty they come several times,
each copy with a part of the positions.

The arrangement with the least cycles is taken, first by an estimate, among the best of these by the
plan of the passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import gcd

import numpy as np

from models.array.lowering import plan
from models.array.problem import Ints, Lowered
from models.array.timing import tile_interval
from models.packets import row_words
from models.sps.config import SpsConfig
from models.sps.patterns import Bools, Patterns, found

ORDERS = ("natural", "residue", "copies")
#: Arrangements whose passes are planned: so many, and not dearer than the cheapest by this much.
_FINALISTS, _NEAR = 4, 1.25


@dataclass(frozen=True)
class Options:
    """What the compiler may do.

    orders    of channels: as they come, by residue (what builds without ``RowOffsets`` need), with
              copies
    in_order  int64 [C'] places of channels as the layer before leaves them (``out_order``), -1
              where there is none; channels then stay so

    Raises ValueError naming the field, the value and what is allowed.
    """

    orders: tuple[str, ...] = ORDERS
    in_order: Ints | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.orders or not set(self.orders) <= set(ORDERS):
            raise ValueError(f"orders: found {self.orders}, allowed any of {', '.join(ORDERS)}")


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Places of outputs and channels, and the patterns.

    used      bool [P, R*S], positions by residue
    kres      int64 [KT], residue of an output tile; rres: int64 [CT, Rows], of rows
    outputs   int64 [KT*Cols], channels: int64 [CT*Rows], the layer's number or -1
    """

    used: Bools
    kres: Ints
    rres: Ints
    outputs: Ints
    channels: Ints

    @property
    def period(self) -> int:
        """P."""
        return len(self.used)

    @property
    def tiles(self) -> int:
        """T of the layer where its kernel is not cut."""
        return int(steps(self, self.used).sum())

    def applied(self, low: Lowered) -> Lowered:
        """The layer with outputs and channels in their places."""
        bias = None if low.bias is None else _placed(low.bias, self.outputs, 0)
        weights = _placed(_placed(low.weights, self.outputs, 0), self.channels, 1)
        return replace(low, weights=weights, acts=_placed(low.acts, self.channels, 1), bias=bias)


def _placed(values: Ints, order: Ints, axis: int) -> Ints:
    """``values`` in another order along an axis, zero where the order says -1."""
    if np.array_equal(order, np.arange(values.shape[axis])):
        return values
    moved = np.take(values, np.maximum(order, 0), axis=axis)
    moved[(slice(None),) * axis + (order < 0,)] = 0
    return moved


def steps(arranged: Arrangement, used: Bools) -> Ints:
    """Steps of each pair of an output tile and a channel tile, int64 [KT, CT]: of the patterns
    ``used`` bool [P, any], which may be a part of those of the arrangement.
    """
    period, sizes = arranged.period, used.sum(axis=1)
    each = np.stack([sizes[(a + arranged.rres) % period].max(axis=1) for a in range(period)])
    return np.maximum(each, 1)[arranged.kres]


def arrange(low: Lowered, config: SpsConfig, options: Options, tiles: type) -> Arrangement:
    """The arrangement of a layer that takes the fewest cycles, by the plan of its passes.

    tiles  class of the weight tiles: (layer, build, arrangement)

    Raises ValueError when ``in_order`` has not every channel once, or nothing of ``orders`` is
    possible.
    """
    scored: list[tuple[int, int, Arrangement]] = []
    for least, some in _all(low, config, options):
        if scored and least > _NEAR * min(one[0] for one in scored):
            continue  # not among the best, whatever its channels do
        scored += [(_cost(one, low, config), len(scored) + at, one) for at, one in enumerate(some)]
    if not scored:
        raise ValueError(
            f"orders: found {', '.join(options.orders)}, "
            f"need one that fits row_offsets {config.row_offsets}"
        )
    ranked = sorted(scored, key=lambda one: one[:2])
    best = [one for one in ranked[:_FINALISTS] if one[0] <= _NEAR * ranked[0][0]]
    if not _whole(ranked[0][2], low, config):  # its kernel is cut, which the estimate leaves out
        best += [one for one in ranked if one[2].period == 1][:1]
    if len(best) == 1:
        return best[0][2]
    costs = []
    for _, at, one in best:
        made = tiles(_shape(low, one), config, one)
        costs.append((plan(made.low, config, made).cost, at, one))
    return min(costs, key=lambda one: one[:2])[2]


def _whole(one: Arrangement, low: Lowered, config: SpsConfig) -> bool:
    """Whether a pass can have the whole kernel."""
    small = max(low.weights.shape[2:]) <= config.kernel_size
    return small and int(one.used.sum()) <= config.table_depth


def _shape(low: Lowered, one: Arrangement) -> Lowered:
    """The arranged layer as far as sizes go."""
    shape = one.outputs.size, one.channels.size, *low.weights.shape[2:]
    acts = low.acts.shape[0], one.channels.size, *low.acts.shape[2:]
    zero = np.int64(0)
    return replace(
        low, weights=np.broadcast_to(zero, shape), acts=np.broadcast_to(zero, acts), bias=None
    )


def _cost(one: Arrangement, low: Lowered, config: SpsConfig) -> int:
    """Cycles of a layer, about: its tiles, and the words on the streams."""
    return _cycles(one.tiles, len(one.kres), len(one.rres), low, config)


def _cycles(tiles: int, kt: int, ct: int, low: Lowered, config: SpsConfig) -> int:
    """The same of so many tiles, ``kt`` x ``ct`` pairs of them."""
    samples, _, height, width = low.acts.shape
    pixels = int(np.prod(low.out_size))
    run = tiles * tile_interval(min(pixels, config.acc_depth), config)
    run *= -(-pixels // config.acc_depth) * samples
    weights = tiles * config.rows * row_words(config.cols, config.wgt_width)
    acts = ct * height * width * row_words(config.rows, config.act_width)
    outs = kt * pixels * row_words(config.cols, config.act_width)
    return run + weights + samples * (acts + outs)


def _least(patterns: Patterns, low: Lowered, config: SpsConfig) -> int:
    """Cycles that a layer takes at least with these patterns, as ``_cost`` counts them: as if
    every output tile had its channels by the length of their patterns.
    """
    filters, channels = low.weights.shape[:2]
    of_k = np.bincount(patterns.residues(0, filters), minlength=patterns.period)
    tiles = -(-of_k // config.cols)  # by residue
    sums = np.flatnonzero(tiles)[:, None] + patterns.residues(1, channels)
    sizes = np.sort(patterns.sizes[sums % patterns.period], axis=1)[:, :: -config.rows]
    steps = np.maximum(sizes, 1).sum(axis=1)
    ct = -(-channels // config.rows)
    return _cycles(int(tiles[tiles > 0] @ steps), int(tiles.sum()), ct, low, config)


# ---------------------------------------------------------------- what there is to choose from


def _all(
    low: Lowered, config: SpsConfig, options: Options
) -> Iterator[tuple[int, Iterator[Arrangement]]]:
    """Arrangements by their patterns, with the least that any of them costs."""
    filters, channels, taps_r, taps_s = low.weights.shape
    arrives = _arrives(options.in_order, channels)
    live = (low.weights != 0).reshape(filters, channels, taps_r * taps_s)
    # A kernel of one position has no patterns worth an order of its own.
    most = 1 if taps_r * taps_s == 1 else min(config.max_period, config.table_depth)
    limit = None
    for patterns in found(live, range(1, most + 1)):
        sizes = patterns.sizes
        if patterns.period == 1:
            limit = int(sizes[0])
        elif limit is not None and sizes.min() >= limit:
            continue  # as long as without any patterns
        made = _of(patterns, arrives, low, config, options)
        yield _least(patterns, low, config), made
    if "copies" in options.orders and options.in_order is None and config.row_offsets:
        yield 0, iter(_copies(live, config, most))


def _of(
    patterns: Patterns, arrives: Ints, low: Lowered, config: SpsConfig, options: Options
) -> Iterator[Arrangement]:
    """Arrangements of some patterns."""
    filters, channels = low.weights.shape[:2]
    outputs, kres = _sorted_outputs(patterns.residues(0, filters), patterns.period, config.cols)
    phases = np.arange(patterns.period)
    sums = patterns.sizes[(kres[:, None] + phases) % patterns.period].sum(axis=0)
    spare = int(np.argmin(sums))
    for order in _channel_orders(patterns, arrives, config, options):
        rres = _rows(patterns.residues(1, channels), order, config.rows, spare)
        if config.row_offsets or (rres == rres[:, :1]).all():
            yield Arrangement(patterns.used, kres, rres, outputs, _filled(order, config.rows))


def _arrives(in_order: Ints | None, channels: int) -> Ints:
    if in_order is None:
        return np.arange(channels)
    order = np.asarray(in_order, dtype=np.int64)
    if not np.array_equal(np.sort(order[order >= 0]), np.arange(channels)):
        raise ValueError(
            f"in_order: found {order.size} places, need every of 0..{channels - 1} once"
        )
    return order


def _filled(order: Ints, lanes: int) -> Ints:
    """An order up to whole tiles of ``lanes``."""
    missing = -order.size % lanes
    return np.concatenate((order, np.full(missing, -1))) if missing else order


def _sorted_outputs(residues: Ints, period: int, cols: int) -> tuple[Ints, Ints]:
    """(places of outputs, residue of each tile)."""
    parts = [_filled(np.flatnonzero(residues == one), cols) for one in range(period)]
    kres = np.repeat(np.arange(period), [part.size // cols for part in parts])
    return np.concatenate(parts), kres


def _channel_orders(
    patterns: Patterns, arrives: Ints, config: SpsConfig, options: Options
) -> Iterator[Ints]:
    """Orders of channels, -1 for none."""
    if "natural" in options.orders:
        yield arrives
    if "residue" not in options.orders or options.in_order is not None:
        return
    residues, period = patterns.residues(1, arrives.size), patterns.period
    by = [np.flatnonzero(residues == one) for one in range(period)]
    yield np.concatenate([_filled(one, config.rows) for one in by])
    if config.row_offsets and len(set(patterns.sizes.tolist())) > 1:
        # Which residues share a tile: those that lie ``way`` apart.
        for way in (one for one in range(1, period) if gcd(one, period) == 1):
            yield np.concatenate([by[at * way % period] for at in range(period)])


def _rows(residues: Ints, order: Ints, lanes: int, spare: int) -> Ints:
    """Residues of rows int64 [CT, Rows]; a row without a channel has that of the one before it, or
    of the next where there is none in its tile; a tile without any has ``spare``.
    """
    tiles = _filled(order, lanes).reshape(-1, lanes)
    there = tiles >= 0
    last = np.maximum.accumulate(np.where(there, np.arange(lanes), -1), axis=1)
    first = np.argmax(there, axis=1)[:, None]
    source = np.where(last < 0, first, last)
    number = np.take_along_axis(tiles, source, axis=1)
    return np.where(number < 0, spare, residues[np.maximum(number, 0)])


def _copies(live: Bools, config: SpsConfig, most: int) -> Sequence[Arrangement]:
    """Few channels, each as often as rows allow."""
    filters, channels, taps = live.shape
    places = np.flatnonzero(live.any(axis=(0, 1)))
    number = min(config.rows // channels, most, places.size)
    if number < 2:
        return ()
    used = np.zeros((number, taps), dtype=bool)
    for at in range(number):
        used[at, places[at::number]] = True
    order = np.tile(np.arange(channels), number)
    copy = np.repeat(np.arange(number), channels)
    rres = np.pad(copy, (0, config.rows - copy.size), mode="edge")[None, :]
    outputs, kres = _sorted_outputs(np.zeros(filters, dtype=np.int64), 1, config.cols)
    return (Arrangement(used, kres, rres, outputs, _filled(order, config.rows)),)
