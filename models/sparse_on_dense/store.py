"""How Sparse-on-Dense keeps its weights: parts in banks, and when they are decoded.

Unit u clears its rows in cycle ``f``, when the switch of the tile before has passed the last of
them, and starts to decode; a tile starts when the last row of all units is written::

    f(k, u) = t_{k-1} + Cols + (u + 1)*G - 2, CLEAR_0 for the first tile
    t_k     = max(t_{k-1} + N, f(k, u) + duration(k, u) + DECODE + START over all u)

No tile's time depends on another's, so ``t_k - t_{k-1}`` follows from tile k alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.array.config import ArrayConfig
from models.array.lowering import spans, weight_tiles
from models.array.packets import Kind
from models.array.problem import Ints, Lowered, Span
from models.array.store import Buffer, Tiles, WeightStore, written
from models.packets import Section
from models.sparse_on_dense.config import SparseOnDenseConfig, WgtFormat
from models.sparse_on_dense.decode import decode
from models.sparse_on_dense.pace import durations
from models.sparse_on_dense.parts import (
    Layout,
    Packed,
    encode,
    marked,
    payload,
    section_words,
)
from models.sparse_on_dense.registers import REGISTERS
from models.sparse_on_dense.timing import CLEAR_0, DECODE, START

#: Weights looked at together.
_CHUNK = 1 << 20


def _cut(tiles: Ints, config: SparseOnDenseConfig) -> Ints:
    """Weight tiles int64 [..., Rows, Cols] as parts int64 [tiles, units, G, Cols]."""
    return tiles.reshape(-1, config.num_units, *config.part)


def ready_after(taken: Ints, config: SparseOnDenseConfig) -> Ints:
    """Least ``t_k - t_{k-1}``, int64 [tiles], of units that take int64 [tiles, units] cycles."""
    units = np.arange(1, config.num_units + 1) * config.part[0] - 2
    decoded = (units + taken).max(axis=1, initial=0)
    return config.cols + decoded + DECODE[WgtFormat(config.wgt_format)] + START


class SparseTiles(Tiles):
    """The weights of a layer in parts.

    Raises ValueError where the build's format is N:M and a group of the layer is not.
    """

    unit = "64-bit words of its largest part"

    def __init__(self, low: Lowered, config: ArrayConfig) -> None:
        assert isinstance(config, SparseOnDenseConfig)
        super().__init__(low, config)
        self.config: SparseOnDenseConfig = config
        filters, channels, taps_r, taps_s = low.weights.shape
        if config.wgt_format == WgtFormat.NM:
            need_groups(low, config)
        whole = (0, -(-channels // config.rows)), (0, taps_r), (0, taps_s)
        each = whole[0][1] * taps_r * taps_s * config.multipliers
        found = [
            np.count_nonzero(_cut(weight_tiles(low, kt, *whole, config), config), axis=(2, 3))
            for kt in spans(-(-filters // config.cols), max(1, _CHUNK // each))
        ]
        nonzeros = np.concatenate(found)  # [tiles, units]
        words = Layout.of(config).words(nonzeros)
        self.tile_words = int(words.max())
        self.stream_words = section_words(int(words.sum()))
        # Words and non-zeros are what steps are about; good enough to choose a plan.
        steps = np.maximum(words, nonzeros // config.num_lanes)
        if config.wgt_format == WgtFormat.CSC:
            steps = nonzeros + 2
        self.ready = ready_after(steps, config)

    def interval(self, pixels: int) -> float:
        return float(np.maximum(self.ready, pixels).mean())

    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        parts = _cut(weight_tiles(self.low, kt, ct, r, s, self.config), self.config)
        made = []
        for unit in range(self.config.num_units):
            packed = encode(parts[:, unit], self.config)
            size = packed.words.size
            made.append(Section(Kind.WEIGHT, unit, base, size, payload(packed)))
        return made


def need_groups(low: Lowered, config: SparseOnDenseConfig) -> None:
    """Raise ValueError unless of every M outputs at most N have a weight, input by input."""
    filters = low.weights.shape[0]
    most, size = config.group_n, config.group_m
    for first in range(0, filters, size):
        group = low.weights[first : first + size]
        loads = np.count_nonzero(group, axis=0)
        if loads.max() > most:
            channel, r, s = np.unravel_index(int(np.argmax(loads > most)), loads.shape)
            raise ValueError(
                f"weights: layer '{low.name}' has {loads[channel, r, s]} non-zeros in group "
                f"{first // size} (outputs {first}..{first + len(group) - 1} of channel "
                f"{channel}, tap {r}, {s}), {most}:{size} allows {most}"
            )


@dataclass(frozen=True, eq=False)
class _Block:
    """Decoded parts: int64 tiles [tiles, Rows, Cols], bank words, durations [tiles, units]."""

    tiles: Ints
    words: int
    taken: Ints
    end: int  # last bank word + 1, of any unit


class SparseBuffer(Buffer):
    """The banks. Parts are decoded when a pass first needs them."""

    def __init__(self, config: ArrayConfig) -> None:
        assert isinstance(config, SparseOnDenseConfig)
        super().__init__(config)
        self.config: SparseOnDenseConfig = config
        self.words = [np.zeros(0, dtype=np.uint64) for _ in range(config.num_units)]
        self.marks = [np.zeros(0, dtype=bool) for _ in range(config.num_units)]
        self.blocks: dict[tuple[int, int], _Block] = {}

    def section_words(self, count: int) -> int:
        return section_words(count)

    def load(self, section: Section) -> None:
        words, marks = marked(section.payload, section.count)
        unit, base = section.pe, section.base
        self.words[unit] = written(self.words[unit], base, words)
        self.marks[unit] = written(self.marks[unit], base, marks)
        self.blocks = {
            key: block
            for key, block in self.blocks.items()
            if block.end <= base or base + section.count <= key[0]
        }

    def tiles(self, base: int, count: int) -> Ints:
        return self._block(base, count).tiles

    def reads(self, base: int, count: int) -> int:
        return self._block(base, count).words

    def last_start(self, base: int, count: int, pixels: int) -> int:
        config, taken = self.config, self._block(base, count).taken
        first = CLEAR_0 + taken[0].max() + DECODE[WgtFormat(config.wgt_format)] + START
        return int(first + np.maximum(ready_after(taken[1:], config), pixels).sum())

    def _block(self, base: int, count: int) -> _Block:
        if (base, count) not in self.blocks:
            self.blocks[base, count] = self._decode(base, count)
        return self.blocks[base, count]

    def _decode(self, base: int, count: int) -> _Block:
        config = self.config
        tiles = np.zeros((count, config.num_units, *config.part), dtype=np.int64)
        taken = np.zeros((count, config.num_units), dtype=np.int64)
        total, end = 0, base
        for unit in range(config.num_units):
            ends = np.flatnonzero(self.marks[unit][base:])[:count] + 1
            if ends.size < count:
                raise ValueError(f"bank {unit}: found {ends.size} parts from {base} on, of {count}")
            size = int(ends.max(initial=0))
            packed = Packed(self.words[unit][base : base + size], ends)
            found = decode(packed, config)
            tiles[:, unit] = found.parts
            taken[:, unit] = durations(found.parts, config, found.live)
            total, end = total + size, max(end, base + size)
        return _Block(tiles.reshape(count, config.rows, config.cols), total, taken, end)


SPARSE_ON_DENSE = WeightStore("sparse_on_dense", REGISTERS, SparseTiles, SparseBuffer)
