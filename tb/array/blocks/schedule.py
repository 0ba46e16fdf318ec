"""Stimulus of the array's blocks: weight tiles and pixels on a time line, as the feed would do it.

Cycles count from 0; pixel n of a tile that starts in cycle t is in lane i in cycle t + n + i, its
switch bit in cycle t - 1 + i.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from cocotb.triggers import RisingEdge
from numpy.typing import NDArray

from tb.common.bfm.block import Pins


@dataclass(frozen=True, eq=False)
class Tile:
    """A weight tile [rows, cols] and the pixels that pass it from cycle ``start`` on.

    pixels  [n, rows * choices]: each row sees ``choices`` activations of a pixel
    places  [rows, cols], which of them a weight takes
    waits   cycles before the start in which the rows wait for weights
    """

    start: int
    weights: NDArray[np.int64]
    pixels: NDArray[np.int64]
    places: NDArray[np.int64]
    waits: int = 0

    @property
    def choices(self) -> int:
        """Activations that a row sees."""
        return self.pixels.shape[1] // self.weights.shape[0]

    @property
    def taken(self) -> NDArray[np.int64]:
        """What each weight takes of each pixel: [n, rows, cols]."""
        rows = np.arange(len(self.weights))[:, None]
        return self.pixels[:, rows * self.choices + self.places]

    @property
    def sums(self) -> NDArray[np.int64]:
        """The truth: [n, cols]."""
        return (self.taken * self.weights).sum(axis=1)


def signed(value: int, width: int) -> int:
    """The lowest ``width`` bits as a two's complement number.

    >>> signed(0xFFFE, 16)
    -2
    """
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value


def packed(values, width: int) -> int:
    """Lanes of ``width`` bits as one number, the first lowest.

    >>> hex(packed([1, -1, 2], 8))
    '0x2ff01'
    """
    return sum((int(v) & ((1 << width) - 1)) << (width * i) for i, v in enumerate(values))


def lanes(value: int, width: int, count: int) -> list[int]:
    """The inverse of ``packed``."""
    return [signed(value >> (width * i), width) for i in range(count)]


def extreme(draw: np.random.Generator, shape, width: int, zeros: float = 0.2):
    """Random ``width``-bit integers; both ends and zero are frequent."""
    top = 1 << (width - 1)
    values = draw.integers(-top, top, shape)
    values = np.where(draw.random(shape) < 0.2, draw.choice([-top, top - 1], shape), values)
    return np.where(draw.random(shape) < zeros, 0, values)


class TimeLine:
    """Values of input signals by cycle; what is not set is 0."""

    def __init__(self) -> None:
        self.at: dict[int, dict[str, int]] = defaultdict(dict)

    def add(self, cycle: int, name: str, value: int) -> None:
        """OR a value into a signal."""
        self.at[cycle][name] = self.at[cycle].get(name, 0) | value

    @property
    def end(self) -> int:
        """First cycle after the last one with a value."""
        return max(self.at) + 1

    async def play(self, pins: Pins, names: tuple[str, ...], extra: int = 0) -> None:
        """Drive all cycles and ``extra`` idle ones; cycle 0 begins at the next edge."""
        for cycle in range(self.end + extra):
            pins.drive(**{name: self.at[cycle].get(name, 0) for name in names})
            await RisingEdge(pins.clock)


def put_weights(line: TimeLine, tile: Tile, width: int, feeds: int, scatter: bool) -> None:
    """Weights as late as they may come: whole rows, or (``scatter``) zeros into all rows of a bus,
    then the non-zeros of each row in two pieces."""
    rows, cols = tile.weights.shape
    lane_width = width + (tile.choices - 1).bit_length()
    per_bus, ones = rows // feeds, (1 << cols) - 1

    def put(when: int, select: int, columns: int, bus: int, values, places) -> None:
        line.add(when, "row", select)
        line.add(when, "col", columns << (bus * cols))
        low = np.asarray(values) & ((1 << width) - 1)
        kept = packed(low | np.asarray(places) << width, lane_width)
        line.add(when, "wgt", kept << (bus * cols * lane_width))

    for i, weights in enumerate(tile.weights):
        bus, lane = divmod(i, per_bus)
        if not scatter:
            put(tile.start + i - 2, 1 << i, ones, bus, weights, tile.places[i])
            continue
        first = tile.start - 2 * per_bus - 1
        if lane == 0:
            put(first - 1, ((1 << per_bus) - 1) << i, ones, bus, [0], [0])
        for half in range(2):
            piece = np.where(np.arange(cols) % 2 == half, weights, 0)
            columns = sum(1 << int(j) for j in np.flatnonzero(piece))
            places = np.where(piece != 0, tile.places[i], 0)
            put(first + 2 * lane + half, 1 << i, columns, bus, piece, places)


def put_tiles(
    line: TimeLine,
    tiles: list[Tile],
    act_width: int,
    wgt_width: int,
    feeds: int = 1,
    scatter: bool = False,
) -> None:
    """Weights (see ``put_weights``), pixels skewed, switch bits, rows that wait."""
    for tile in tiles:
        rows, choices = tile.weights.shape[0], tile.choices
        put_weights(line, tile, wgt_width, feeds, scatter)
        for i in range(rows):
            for early in range(tile.waits):
                line.add(tile.start - 1 - early + i, "waits", 1 << i)
        for n, pixel in enumerate(tile.pixels):
            for i in range(rows):
                when = tile.start + n + i
                line.add(when, "valid", 1 << i)
                seen = packed(pixel[i * choices : (i + 1) * choices], act_width)
                line.add(when, "act", seen << (act_width * choices * i))
                if n == 0:
                    line.add(when - 1, "switch", 1 << i)


def make_tiles(
    draw: np.random.Generator,
    rows: int,
    cols: int,
    widths: tuple[int, int],
    counts: list[int],
    slack: int = 0,
    scatter: int = 0,
    choices: int = 1,
) -> list[Tile]:
    """Tiles with ``counts`` pixels each, as close as they may be plus up to ``slack`` cycles.

    scatter  rows of a bus whose weights come in pieces, 0 if row by row
    choices  activations that each row sees, of which a weight takes any
    """
    tiles, start, waits = [], 2 + 2 * scatter, 0
    for count in counts:
        weights = extreme(draw, (rows, cols), widths[1])
        pixels = extreme(draw, (count, rows * choices), widths[0])
        places = np.zeros_like(weights)
        if choices > 1:
            places = draw.integers(0, choices, (rows, cols))
        tiles.append(Tile(start, weights, pixels, places, waits))
        # A shadow weight may be written in the cycle in which the one before it is taken.
        least = rows + cols + 2 * scatter if scatter else max(rows, cols)
        step = max(count, least) + int(draw.integers(0, slack + 1))
        waits = int(draw.integers(0, step - count + 1))
        start += step
    return tiles
