"""How the dense design keeps its weights: tiles as they are."""

from __future__ import annotations

import numpy as np

from models.array.config import ArrayConfig
from models.array.lowering import weight_tiles
from models.array.packets import weight_section
from models.array.problem import Ints, Lowered, Span
from models.array.store import Buffer, Tiles, WeightStore, written
from models.array.timing import last_start, tile_interval
from models.dense.registers import REGISTERS
from models.packets import Section, row_words, unpack_rows_of_lanes


class DenseTiles(Tiles):
    """Tiles as they are: ``rows`` words of ``cols`` weights."""

    unit = "rows"

    def __init__(self, low: Lowered, config: ArrayConfig) -> None:
        super().__init__(low, config)
        self.tile_words = config.rows
        rows = self.total(*low.weights.shape[2:]) * config.rows
        self.stream_words = rows * row_words(config.cols, config.wgt_width)

    def interval(self, pixels: int) -> float:
        return tile_interval(pixels, self.config)

    def sections(self, base: int, kt: Span, ct: Span, r: Span, s: Span) -> list[Section]:
        tiles = weight_tiles(self.low, kt, ct, r, s, self.config)
        return [weight_section(base, tiles, self.config)]


class DenseBuffer(Buffer):
    """A buffer of words of ``cols`` weights."""

    def __init__(self, config: ArrayConfig) -> None:
        super().__init__(config)
        self.words = np.zeros((0, config.cols), dtype=np.int64)

    def section_words(self, count: int) -> int:
        return count * row_words(self.config.cols, self.config.wgt_width)

    def load(self, section: Section) -> None:
        rows = unpack_rows_of_lanes(section.payload, self.config.wgt_width, self.config.cols)
        self.words = written(self.words, section.base, rows)

    def tiles(self, base: int, count: int) -> Ints:
        rows = self.config.rows
        return self.words[base : base + count * rows].reshape(count, rows, self.config.cols)

    def reads(self, base: int, count: int) -> int:
        return count * self.config.rows

    def last_start(self, base: int, count: int, pixels: int) -> int:
        return last_start(pixels, count, self.config)


DENSE = WeightStore("dense", REGISTERS, DenseTiles, DenseBuffer)
