"""What the front of SPS has to do, from its contract: tables, tiles, places in the window, cycles.

Nothing here is taken from ``models/sps``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tb.array.blocks.schedule import packed

#: Entries of a stream word, and bits of each.
DIR, POS, KRES = (4, 16), (8, 8), (16, 4)
Place = tuple[int, int] | None


@dataclass
class Tables:
    """The tables of the index unit.

    dirs   (base, size) by residue        pos    (dy, dx) by index
    kres   residues by word               rres   residues [rows] by word
    """

    period: int
    dirs: list[tuple[int, int]]
    pos: list[tuple[int, int]]
    kres: list[int]
    rres: list[list[int]]

    def words(self) -> dict[str, list[int]]:
        """What is loaded, by table, a stream word each (RRES: a word of its own)."""
        dirs = [base << 8 | size for base, size in self.dirs]
        pos = [dy << 4 | dx for dy, dx in self.pos]
        found = {}
        for name, values, (lanes, bits) in (
            ("dir", dirs, DIR),
            ("pos", pos, POS),
            ("kres", self.kres, KRES),
        ):
            starts = range(0, len(values), lanes)
            found[name] = [packed(values[at : at + lanes], bits) for at in starts]
        found["rres"] = [packed(word, 4) for word in self.rres]
        return found


@dataclass
class Shape:
    """Of a pass: the window, the tiles, where its residues begin, the input's width."""

    kernel: tuple[int, int]
    kt: int
    ct: int
    kres_base: int = 0
    rres_base: int = 0
    width: int = 5


@dataclass
class Tile:
    """One tile: who it is, the place of each row's weight, and the first fault of its scan."""

    kt: int
    ct: int
    step: int
    places: list[Place] = field(default_factory=list)
    fault: tuple[int, int, int] | None = None  # row, code, position


RESIDUE, POSITION = 33, 34
KIND_KRES, KIND_RRES = 5, 6


def scan(tables: Tables, shape: Shape, own: bool, depth: int) -> list[Tile]:
    """All tiles of a pass, up to the first with a fault."""
    found: list[Tile] = []
    for kt in range(shape.kt):
        for ct in range(shape.ct):
            step, more = 0, True
            while more:
                tile, more = _tile(tables, shape, own, depth, Tile(kt, ct, step))
                found.append(tile)
                if tile.fault:
                    return found
                step += 1
    return found


def _tile(tables: Tables, shape: Shape, own: bool, depth: int, tile: Tile) -> tuple[Tile, bool]:
    more = False
    word, row_word = shape.kres_base + tile.kt, shape.rres_base + tile.ct
    rres = tables.rres[row_word]
    for row in range(len(rres)):
        lane = row if own else 0
        kres, rest = tables.kres[word], rres[lane]
        if kres >= tables.period:
            tile.fault = tile.fault or (row, RESIDUE, word << 16 | KIND_KRES << 8)
        elif rest >= tables.period:
            tile.fault = tile.fault or (row, RESIDUE, row_word << 16 | KIND_RRES << 8 | lane)
        if tile.fault:
            return tile, False
        base, size = tables.dirs[(kres + rest) % tables.period]
        more |= size > tile.step + 1
        if size <= tile.step:
            tile.places.append(None)
            continue
        index = base + tile.step
        if index >= depth or not _fits(tables.pos[index], shape.kernel):
            tile.fault = (row, POSITION, index)
            return tile, False
        tile.places.append(tables.pos[index])
    return tile, more


def _fits(place: tuple[int, int], kernel: tuple[int, int]) -> bool:
    return place[0] < kernel[0] and place[1] < kernel[1]


class Sizes(NamedTuple):
    """Of the tables of a build."""

    max_period: int
    depth: int
    max_kt: int
    max_ct: int


def sizes_of(config: Mapping[str, int]) -> Sizes:
    """Those of a configuration."""
    names = (("MaxPeriod", 16), ("TableDepth", 144), ("MaxKt", 64), ("MaxCt", 128))
    return Sizes(*(config.get(name, value) for name, value in names))


def draw_tables(
    draw: np.random.Generator,
    shape: Shape,
    rows: int,
    sizes: Sizes,
    most: int = 4,
) -> Tables:
    """Tables with patterns of 0 to ``most`` weights."""
    max_period, depth, max_kt, max_ct = sizes
    period = int(draw.integers(1, max_period + 1))
    taps = shape.kernel[0] * shape.kernel[1]
    dirs: list[tuple[int, int]] = []
    pos: list[tuple[int, int]] = []
    for _ in range(period):
        size = int(draw.integers(0, min(most, taps, depth - len(pos)) + 1))
        dirs.append((len(pos), size))
        for tap in draw.permutation(taps)[:size]:
            pos.append(divmod(int(tap), shape.kernel[1]))
    pos += [(0, 0)] * (depth - len(pos))
    dirs += [(0, 0)] * (max_period - period)
    kres = [int(n) for n in draw.integers(0, period, max_kt)]
    rres = [[int(n) for n in word] for word in draw.integers(0, period, (max_ct, rows))]
    return Tables(period, dirs, pos, kres, rres)


@dataclass
class Times:
    """Cycles of the tiles of a pass, counted from start_i.

    scans   first row of each tile      begins   tile begins      reads   pixels [tile][n]
    """

    scans: list[int]
    begins: list[int]
    reads: list[list[int]]

    @property
    def end(self) -> int:
        """The last pixel's."""
        return self.reads[-1][-1]


def times(tiles: int, pixels: int, rows: int, cols: int) -> Times:
    """The cycle rule."""
    found = Times([], [], [])
    for k in range(tiles):
        first, begin = 2, 5
        if k:
            first = max(found.scans[-1] + rows, found.begins[-1] + cols - 2)
            begin = max(first + 3, found.begins[-1] + max(pixels, rows - 3))
        reads = [begin + 1 + n for n in range(pixels)]
        reads[-1] = begin + 1 + max(pixels - 1, rows - 4)
        found.scans.append(first)
        found.begins.append(begin)
        found.reads.append(reads)
    return found
