"""How the dense design keeps its weights: tiles as they are, or with what each weight chooses."""

from __future__ import annotations

import numpy as np

from models.array.config import ArrayConfig
from models.array.lowering import weight_tiles
from models.array.packets import Kind, weight_section
from models.array.problem import Ints, Lowered, Span
from models.array.store import Buffer, Tiles, WeightStore, written
from models.array.timing import last_start, tile_interval
from models.dense import select
from models.dense.registers import REGISTERS
from models.packets import Section, pack_rows_of_lanes, row_words, unpack_rows_of_lanes


class DenseTiles(Tiles):
    """Tiles as they are: ``rows`` words of ``cols`` weights."""

    unit = "rows"

    def __init__(self, low: Lowered, config: ArrayConfig) -> None:
        super().__init__(select.spread(low, *config.choice), config)
        self.tile_words = config.rows
        rows = self.total(*low.weights.shape[2:]) * config.rows
        self.stream_words = rows * row_words(config.cols, config.kept_width)

    def interval(self, pixels: int) -> float:
        return tile_interval(pixels, self.config)

    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        tiles = weight_tiles(self.low, kt, ct, r, s, self.config)
        config = self.config
        if config.choice == (1, 1):
            return [weight_section(base, tiles, config)]
        values, places = select.kept(tiles, *config.choice)
        low = values & ((1 << config.wgt_width) - 1)
        words = pack_rows_of_lanes(low | places << config.wgt_width, config.kept_width)
        return [Section(Kind.WEIGHT, 0, base, values.size // config.cols, words)]


def kept_of(section: Section, config: ArrayConfig) -> tuple[Ints, Ints]:
    """(weights, input of its group that each takes) of a weight section, int64 [count, Cols]."""
    kept = unpack_rows_of_lanes(section.payload, config.kept_width, config.cols)
    values = kept & ((1 << config.wgt_width) - 1)
    values -= values >> (config.wgt_width - 1) << config.wgt_width
    return values, kept >> config.wgt_width & (config.choice[1] - 1)


class DenseBuffer(Buffer):
    """A buffer of words of ``cols`` weights, and of the position of each where they choose."""

    def __init__(self, config: ArrayConfig) -> None:
        super().__init__(config)
        self.words = np.zeros((0, 2, config.cols), dtype=np.int64)

    def section_words(self, count: int) -> int:
        return count * row_words(self.config.cols, self.config.kept_width)

    def load(self, section: Section) -> None:
        values, places = kept_of(section, self.config)
        self.words = written(self.words, section.base, np.stack([values, places], axis=1))

    def tiles(self, base: int, count: int) -> Ints:
        config = self.config
        words = self.words[base : base + count * config.rows]
        values, places = np.moveaxis(words.reshape(count, config.rows, 2, config.cols), 2, 0)
        return select.chosen(values, places, *config.choice)

    def filled(self, tiles: Ints) -> Ints:
        n, m = self.config.choice
        if m == 1:
            return super().filled(tiles)
        rank = select.ranks(tiles, m, -2)
        there = [(tiles != 0) & (rank == row) for row in range(n)]
        return np.stack([np.count_nonzero(one, axis=0) for one in there])

    def reads(self, base: int, count: int) -> int:
        return count * self.config.rows

    def last_start(self, base: int, count: int, pixels: int) -> int:
        return last_start(pixels, count, self.config)


DENSE = WeightStore("dense", REGISTERS, DenseTiles, DenseBuffer)
