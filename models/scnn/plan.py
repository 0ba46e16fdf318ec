"""How a layer runs: output channels of a group, operand shape, chip tiles, ranges of channels.

Every choice that fits the build is priced by its steps, counted from the layer's own zeros; the
cheapest is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.scnn.config import ScnnConfig
from models.scnn.geometry import LEAD, PAUSE, TAIL
from models.scnn.lowering import Lowered
from models.scnn.packets import IN_WINDOW
from models.scnn.runs import encode
from models.scnn.tiles import Axis, Cut, Span, pitch_of, spreads

Ints = NDArray[np.int64]

#: Cycles from the last step of a group to the first one of the next, and around a pass.
_BETWEEN, _PASS = 5, 80
#: Placeholders make activations more than there are non-zeros; what is tried first.
_TIGHT = 1.1
#: PEs drift apart as in a random walk: those that are in step after so many blocks, times the
#: square of the blocks that the FIFO holds. From the cycle model on blocks of 2 to 8 in the FIFO.
_DRIFT = 2.3
#: Steps take longer by this where rows of a tile share their banks.
_CONFLICT = 1.08
#: The same where a step has activations of more than one row: F x I multipliers, maps with zeros.
_SCATTER = 1.02
#: Largest kernel: its halos are fields of four bits.
_KERNEL = 16
#: Cuts that are priced for a size of the groups, and how many of them are too large for all
#: channels at once.
_TRIED, _LARGER = 6, 2


@dataclass(frozen=True)
class Segment:
    """Part of a reduction: ranges of input channels and of positions of the kernel."""

    channels: Span
    taps: Span

    def of(self, weights: Ints) -> Ints:
        """Its weights: [K, C, R, S] -> [K, channels, R, S], other positions zero."""
        part = weights[:, self.channels[0] : self.channels[1]]
        if self.taps == (0, weights.shape[2] * weights.shape[3]):
            return part
        flat = np.zeros((*part.shape[:2], weights.shape[2] * weights.shape[3]), dtype=np.int64)
        taps = slice(*self.taps)
        flat[:, :, taps] = part.reshape(flat.shape)[:, :, taps]
        return flat.reshape(part.shape)


@dataclass(frozen=True, eq=False)
class Plan:
    """A way to run a layer.

    kc, shape   output channels of a group, operand shape
    cut         chip tiles; pitches of them, in their order
    segments    parts of the reduction: more than one where memories force it, or where larger tiles
                are worth the sums that are handed on
    cost        predicted cycles of all samples
    """

    kc: int
    shape: int
    cut: Cut
    pitches: tuple[int, ...]
    segments: tuple[Segment, ...]
    cost: float


def plans(low: Lowered, config: ScnnConfig, whole: bool = False) -> Iterator[Plan]:
    """What fits, cheapest first, then what has more tiles than seem to be needed; ``whole``: only
    one chip tile and the whole reduction.

    Raises ValueError when nothing fits.
    """
    search = _Search(low, config)
    found = [plan for kc in config.kc_choices for plan in search.of(kc, whole)]
    if not found:
        raise ValueError(search.why(whole))
    yield from sorted(found, key=lambda plan: plan.cost)
    if not whole:
        for kc in config.kc_choices:
            yield from search.of(kc, whole, more=True)


class _Search:
    """Prices of one layer."""

    def __init__(self, low: Lowered, config: ScnnConfig) -> None:
        self.low, self.config = low, config
        self.samples = range(len(low.acts))
        self.counts = cache(self._counts)
        self.taps = int(np.prod(low.kernel))
        self.density = np.count_nonzero(low.acts) / low.acts.size

    def why(self, whole: bool) -> str:
        """What is wrong with a layer for which there is no plan."""
        config, low = self.config, self.low
        if self.taps > config.max_taps or max(low.kernel) > _KERNEL:
            return f"weights: found a kernel of {low.kernel}, allowed {config.max_taps} positions"
        need = "one chip tile" if whole else "tiles of a pixel"
        return (
            f"weights: found {low.weights.shape} on {low.acts.shape}, the build does not hold its "
            f"blocks or accumulators in {need} (kc {config.kc or 'any'})"
        )

    def _counts(self, tiles: tuple[int, int]) -> Ints:
        """Non-zeros of all samples: int64 [samples, tiles, PEs, C]."""
        cut = self.cut(tiles)
        return np.array([cut.counts(self.low, sample, self.config) for sample in self.samples])

    def cut(self, tiles: tuple[int, int]) -> Cut:
        """The cut into so many tiles down and across."""
        return Cut.of(self.low, self.config, tiles)

    def of(self, kc: int, whole: bool, more: bool = False) -> Iterator[Plan]:
        """Plans with groups of ``kc``; ``more``: with the cuts that come behind the first ones."""
        config, low = self.config, self.low
        if self.taps > config.max_taps or max(low.kernel) > _KERNEL:
            return
        parts = self._parts(kc)
        if parts is None or (whole and len(parts) > 1):
            return
        tried = 0
        for tiles in self._tilings(kc, whole):
            cut = self.cut(tiles)
            counts = self.counts(tiles)
            pitches = tuple(pitch_of(tile, config.lin_size(kc), config) for tile in cut.tiles())
            if not all(pitches):
                continue
            channels = self.channel_ranges(counts, [vectors for _, vectors in parts])
            if channels is None or (whole and len(channels) > 1):
                continue
            tried += 1
            if more and tried <= _TRIED:
                continue
            if not more and tried > _TRIED:
                return
            segments = tuple(Segment(span, taps) for span in channels for taps, _ in parts)
            for shape in config.shape_range if not more else (0,):
                cost = sum(
                    self._cost(cut, pitches, counts, vectors, kc, shape) for _, vectors in parts
                )
                cost += self._handed_on(cut, kc, len(channels), len(parts))
                yield Plan(kc, shape, cut, pitches, segments, cost)

    def _parts(self, kc: int) -> list[tuple[Span, Ints]] | None:
        """Ranges of kernel positions whose blocks fit the weight FIFO, each with the vectors of its
        blocks [groups, C]; None if those of one position do not."""
        config = self.config
        for number in range(1, self.taps + 1):
            ends = [self.taps * at // number for at in range(number + 1)]
            spans = list(pairwise(ends))
            found = [(span, -(-self._entries(kc, span) // config.f)) for span in spans]
            if max(int(vectors.max()) for _, vectors in found) <= config.max_block:
                return found
        return None

    def _tilings(self, kc: int, whole: bool) -> list[tuple[int, int]]:
        """Numbers of tiles (down, across) worth a try, the fewest tiles first."""
        if whole:
            return [(1, 1)]
        config, low = self.config, self.low
        room = config.lin_size(kc)
        most = [-(-low.domain[0] // config.pe_y), -(-low.domain[1] // config.pe_x)]
        found = []
        for down in range(1, most[0] + 1):
            for across in range(1, most[1] + 1):
                tall = -(-most[0] // down) + low.kernel[0] - 1
                wide = -(-most[1] // across) + low.kernel[1] - 1
                if (tall - 1) * wide + wide <= room:
                    found.append((down, across))
        # Of tilings with as many rows the one with the fewest columns is enough, and a few more.
        found.sort(key=lambda tiles: (tiles[0] * tiles[1], abs(tiles[0] - tiles[1])))
        fitting = [tiles for tiles in found if self._one_segment(tiles)]
        if not fitting:
            return found[::-1]
        larger = [one for one in found if one[0] * one[1] < fitting[0][0] * fitting[0][1]]
        return larger[-_LARGER:] + fitting

    def _one_segment(self, tiles: tuple[int, int]) -> bool:
        """Whether all channels of a tile seem to fit the activation memories."""
        domain = self.low.domain
        positions = 1
        for at, pes in enumerate((self.config.pe_y, self.config.pe_x)):
            columns = -(-domain[at] // pes)
            positions *= -(-columns // tiles[at])
        channels = self.low.acts.shape[1]
        rows = channels * max(1.0, positions * self.density / self.config.i)
        return channels <= self.config.max_c and rows <= self.config.iaram_rows

    def channel_ranges(self, counts: Ints, vectors: Sequence[Ints]) -> tuple[Span, ...] | None:
        """Ranges of channels whose activations fit a PE and whose weights of any group fit the
        weight buffer; None if a channel does not."""
        config = self.config
        filled = np.ceil(counts * _TIGHT)
        if filled.max(initial=0) > config.max_count:
            return None
        acts = np.ceil(filled / config.i).reshape(-1, counts.shape[-1]) / config.iaram_rows
        # A window begins with a row.
        per_row = config.filled
        loads = [acts]
        for each in vectors:
            rows = each / per_row + (1 - 1 / per_row) / IN_WINDOW
            loads.append((rows + 1 / counts.shape[-1]) / config.wgt_depth)
        return ranges(np.concatenate(loads), 1.0, config.max_c)

    def _entries(self, kc: int, taps: Span) -> Ints:
        """Entries of each block, placeholders among them: int64 [groups, C]."""
        weights = Segment((0, self.low.weights.shape[1]), taps).of(self.low.weights)
        filters, channels = weights.shape[:2]
        groups = -(-filters // kc)
        k, channel, row, col = np.nonzero(weights)
        block = k // kc * channels + channel
        place = (row * self.low.kernel[1] + col) * kc + k % kc
        order = np.lexsort((place, block))
        found = encode(block[order], place[order], np.ones(place.size, dtype=np.int64))
        return found.counts(groups * channels).reshape(groups, channels)

    def _handed_on(self, cut: Cut, kc: int, channels: int, taps: int) -> float:
        """Cycles of the passes of a reduction in parts that ``_cost`` does not have: each part
        hands on the sums of as many groups as the carry memory holds, in and out."""
        if channels * taps == 1:
            return 0.0
        groups = -(-len(self.low.weights) // kc)
        total = 0.0
        for down, right in cut.tiles():
            box = down.acc * right.acc if cut.rim else down.tile * right.tile
            at_once = max(1, self.config.carry_depth // (2 * box * kc))
            passes = channels * taps * -(-groups // at_once) - taps
            total += passes * (walk_cycles((down, right), kc, cut.rim) + _PASS)
        return total * len(self.samples)

    def _cost(
        self,
        cut: Cut,
        pitches: Sequence[int],
        counts: Ints,
        vectors: Ints,
        kc: int,
        shape: int,
    ) -> float:
        """Predicted cycles."""
        config = self.config
        wide = config.i >> shape
        walk = -(-vectors // (1 << shape))
        groups = len(walk)
        filled = vectors[vectors > 0]
        room = config.wgt_fifo - 2 * config.row_vectors
        blocks = room / (filled.mean() if filled.size else 1.0)
        window = int(np.clip(_DRIFT * max(0.0, blocks) ** 2, 1, counts.shape[-1]))
        # With less than two blocks in the FIFO PEs wait while the next one comes.
        apart = 1 - float(np.clip(blocks - 1, 0, 1))
        offered = vectors.sum(axis=1) / config.filled
        total = 0.0
        for at, tile in enumerate(cut.tiles()):
            drain = walk_cycles(tile, kc, cut.rim)
            crowded = tile[0].acc > 1 and not spreads(pitches[at], config)
            scattered = shape == 0 and self.density < 1
            slow = (_CONFLICT if crowded else 1.0) * (_SCATTER if scattered else 1.0)
            for sample in self.samples:
                subs = -(-counts[sample, at] // wide)  # [PEs, C]
                steps = slow * _windowed(subs, walk, window)
                busy = np.maximum(steps, offered) + apart * np.minimum(steps, offered)
                each = np.maximum(busy + _BETWEEN, drain)
                total += float(each.sum()) + drain + _PASS
        return total + groups


def _windowed(subs: Ints, walk: Ints, window: int) -> NDArray[np.float64]:
    """Steps of the slowest PE of each group, PEs being in step from window to window."""
    channels = subs.shape[1]
    number = -(-channels // window)
    size = number * window
    pes = np.zeros((len(subs), size))
    pes[:, :channels] = subs
    groups = np.zeros((len(walk), size))
    groups[:, :channels] = walk
    pes = pes.reshape(len(subs), number, window).transpose(1, 0, 2)
    groups = groups.reshape(len(walk), number, window).transpose(1, 2, 0)
    found: NDArray[np.float64] = (pes @ groups).max(axis=1).sum(axis=0)
    return found


def walk_cycles(tile: tuple[Axis, Axis], kc: int, rim: bool) -> int:
    """Cycles of the walker for a full group."""
    down, right = tile
    rows, cols = (down.acc, right.acc) if rim else (down.tile, right.tile)
    lines = (right.acc - right.tile) * (down.acc * kc + PAUSE)
    lines += (down.acc - down.tile) * (cols * kc + PAUSE)
    return LEAD + lines + kc * (rows * cols + 1) + TAIL


def ranges(loads: NDArray[np.float64], room: float, most: int) -> tuple[Span, ...] | None:
    """Columns of ``loads`` [any, items] in succession, as many as fit ``room`` in every row and are
    no more than ``most``; None if one alone does not fit.

    >>> ranges(np.array([[3.0, 3, 1, 5], [0, 0, 9, 0]]), 9, 8)
    ((0, 3), (3, 4))
    """
    found = []
    start = 0
    total = np.cumsum(loads, axis=1)
    items = loads.shape[1]
    while start < items:
        before = total[:, start - 1 : start] if start else 0
        fits = ((total[:, start:] - before) <= room).all(axis=0)
        number = int(fits.size if fits.all() else np.argmin(fits))
        if number == 0:
            return None
        stop = start + min(number, most)
        found.append((start, stop))
        start = stop
    return tuple(found)
